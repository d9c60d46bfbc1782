//! Which records a figure counts: told of each record alone, so that a figure can be gone through one by one.

use super::Code;
use super::catalogue::{Side, Theme, Unit};
use super::figure;
use crate::domain::words;

words! {
    /// Which records of a figure: of a share its part, or its whole. What is counted is both.
    #[schema(as = FigurePart)]
    Part { Numerator = "numerator", Denominator = "denominator" }
}

words! {
    /// What a record is.
    #[schema(as = RecordKind)]
    Kind {
        Case = "case",
        Referral = "referral",
        Stay = "stay",
        Unit = "unit",
        Vacancy = "vacancy",
        SanctuaryJob = "sanctuary_job",
    }
}

words! {
    /// What a record adds to a figure, where it does not only count as one.
    #[schema(as = RecordAmount)]
    Amount {
        Seconds = "seconds",
        /// Calendar days, or days at whose ends a household waited.
        Days = "days",
        Pence = "pence",
        People = "people",
        Answers = "answers",
        Reasons = "reasons",
    }
}

/// What the records of a measure are from a side. A provider has no cases: what it has of a household is its stay.
pub fn kind_from(code: Code, side: Side) -> Kind {
    match kind(code) {
        Kind::Case if side == Side::Provider => Kind::Stay,
        kind => kind,
    }
}

/// What the records of a measure are.
pub fn kind(code: Code) -> Kind {
    match (code, code.definition().theme) {
        (Code::TurnaroundMedian, _) | (_, Theme::Stays) => Kind::Stay,
        (Code::VacancyFreshness, _) => Kind::Vacancy,
        (Code::CasesClosed | Code::HouseholdsUnable, _) | (_, Theme::Waiting | Theme::People | Theme::Completeness) => {
            Kind::Case
        }
        (_, Theme::Referrals | Theme::DeniedAccess) => Kind::Referral,
        (_, Theme::Homes) => Kind::Unit,
        (_, Theme::Sanctuary) => Kind::SanctuaryJob,
    }
}

/// In what the records of a measure add to it: `None` where each counts as one, and for who is not told.
///
/// A provider is not told of single households how they are made up, how much is known of them, or what they answered
/// later: then it has all the records among which that was counted. (S15)
pub fn amount(code: Code, side: Side) -> Option<Amount> {
    let definition = code.definition();
    let amount = match (code, definition.unit, definition.kind) {
        (Code::SecondaryReasons, ..) => Amount::Reasons,
        (Code::WaitingListMean | Code::SanctuaryDaysMedian, ..) => Amount::Days,
        (_, Unit::Person, _) => Amount::People,
        (_, Unit::Answer, _) => Amount::Answers,
        (_, Unit::UnitDay, _) | (.., figure::Kind::Days | figure::Kind::Minutes) => Amount::Seconds,
        (.., figure::Kind::Money) => Amount::Pence,
        _ => return None,
    };
    Some(amount).filter(|amount| side == Side::Referrer || !of_households(*amount))
}

/// Whether the amounts of a measure are kept from a provider, who then has all the records that could have some. (S15)
pub fn kept_back(code: Code, side: Side) -> bool {
    side == Side::Provider && amount(code, Side::Referrer).is_some_and(of_households)
}

fn of_households(amount: Amount) -> bool {
    matches!(amount, Amount::People | Amount::Answers)
}

/// What a provider may choose the records of a measure by. How a household that was sent to it is made up is told for a while
/// only, what it answered later is not, and where it comes from never. (S15)
const OF_PROVIDERS: [&str; 13] = [
    "service",
    "area",
    "accommodation_type",
    "month",
    "reason",
    "decided_by",
    "womens_aid_group",
    "return_group",
    "departure",
    "destination",
    "stage",
    "void_group",
    "void_reason",
];

/// Whether the records behind a breakdown may be chosen from a side. (S15)
pub fn chosen_by(by: &str, side: Side) -> bool {
    side == Side::Referrer || OF_PROVIDERS.contains(&by)
}

/// Whether a record that is in the whole of a figure, and maybe in its part, is asked for.
pub fn asked(part: Part, counted: Option<bool>) -> bool {
    match part {
        Part::Numerator => counted == Some(true),
        Part::Denominator => counted.is_some(),
    }
}
