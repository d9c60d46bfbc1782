//! Which records a figure counts: told of each record alone, so that a figure can be gone through one by one.

use super::Code;
use super::catalogue::Theme;
use crate::domain::words;

words! {
    /// Which records of a figure: of a share its part, or its whole. What is counted is both.
    #[schema(as = FigurePart)]
    Part { Numerator = "numerator", Denominator = "denominator" }
}

words! {
    /// What a record is.
    #[schema(as = RecordKind)]
    Kind { Case = "case", Referral = "referral", Stay = "stay", Unit = "unit" }
}

/// What the records of a measure are. `None` where it cannot be traced to records one by one: days of homes and answers are
/// added up from parts of them, and what was least or most is of one day among many.
pub fn kind(code: Code) -> Option<Kind> {
    use Code::{
        CasesClosed, CasesOpened, HouseholdsUnable, SecondaryReasons, UnitsOnline, WaitingListLeast, WaitingListMean,
        WaitingListMost,
    };
    match (code, code.definition().theme) {
        (SecondaryReasons | WaitingListLeast | WaitingListMean | WaitingListMost, _) => None,
        (CasesOpened | CasesClosed | HouseholdsUnable, _) | (_, Theme::Waiting | Theme::People) => Some(Kind::Case),
        (UnitsOnline, _) => Some(Kind::Unit),
        (_, Theme::Referrals | Theme::DeniedAccess) => Some(Kind::Referral),
        (_, Theme::Stays) => Some(Kind::Stay),
        (_, Theme::Homes | Theme::Completeness | Theme::Sanctuary) => None,
    }
}

/// Whether a record that is in the whole of a figure, and maybe in its part, is asked for.
pub fn asked(part: Part, counted: Option<bool>) -> bool {
    match part {
        Part::Numerator => counted == Some(true),
        Part::Denominator => counted.is_some(),
    }
}
