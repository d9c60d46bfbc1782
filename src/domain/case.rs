//! One household's search for safety.

use super::words;

words! {
    /// Whether it goes on.
    #[schema(as = CaseState)]
    State { Open = "open", Closed = "closed" }
}
