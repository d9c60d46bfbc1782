//! People for whom a case does not exist. (S17)

use super::words;

words! {
    /// Why somebody must not see a case.
    #[schema(as = ExclusionKind)]
    Kind {
        /// She said so herself: she knows somebody involved.
        Declared = "declared",
        /// Somebody who answers for the case named her.
        Named = "named",
    }
}
