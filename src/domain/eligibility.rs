//! Whether a household can be housed in a unit of a service, and every reason why not.
//!
//! The answer has three values: a fact that nobody has told never counts as a yes, and it is asked for only where it
//! could change the answer. Where a household comes from plays no part: there is no local connection test.

use serde::Serialize;
use utoipa::ToSchema;

use super::household::Needs;
use super::provision::UnitFacts;
use super::words;

mod client_group;
mod household;
mod objections;
mod rule;
#[cfg(test)]
pub(super) mod samples;
#[cfg(test)]
mod tests;

pub use client_group::ClientGroup;
pub(super) use household::Household;
pub use rule::{AgeLimit, Nrpf, Policy, Rule, Rules, Strength, Summary, contradictions};

words! {
    /// What a vacancy is for a household, from best to worst: the worst reason decides.
    Verdict {
        Suitable = "suitable",
        Discuss = "discuss",
        MissingInformation = "missing_information",
        NotSuitable = "not_suitable",
    }
}

words! {
    /// Something to ask the caller, because the answer could decide a vacancy.
    Question {
        /// Who is in the household at all, or who of them is the survivor.
        Household = "household",
        /// Whether the members told so far are everybody.
        Everybody = "everybody",
        SurvivorSex = "survivor_sex",
        SurvivorAge = "survivor_age",
        ChildAge = "child_age",
        ChildSex = "child_sex",
        OtherAdultSex = "other_adult_sex",
        AccessNeed = "access_need",
        Pets = "pets",
        Recourse = "recourse_to_public_funds",
        Concession = "concession",
        Funding = "funding",
        EthnicGroup = "ethnic_group",
        SexualOrientation = "sexual_orientation",
        Impairments = "impairments",
        AdditionalNeeds = "additional_needs",
        /// Whether an area that was proposed as unsafe is safe.
        SafeArea = "safe_area",
    }
}

impl Question {
    /// The words to ask it in.
    pub fn text(self) -> &'static str {
        match self {
            Self::Household => "Who needs a place to stay?",
            Self::Everybody => "Is that everybody who needs a place to stay?",
            Self::SurvivorSex => "What is the survivor's sex?",
            Self::SurvivorAge => "How old is the survivor?",
            Self::ChildAge => "How old is each child?",
            Self::ChildSex => "Is each child a girl or a boy?",
            Self::OtherAdultSex => "Is each other adult a woman or a man?",
            Self::AccessNeed => "Does anybody need a home with no steps, or room for a wheelchair?",
            Self::Pets => "Are there any pets to bring?",
            Self::Recourse => "Can the survivor get public funds, such as benefits?",
            Self::Concession => "Has the survivor asked for the concession for migrant victims of domestic abuse?",
            Self::Funding => "How would the rent be paid?",
            Self::EthnicGroup => "What is the survivor's ethnic group? It is fine not to say.",
            Self::SexualOrientation => "What is the survivor's sexual orientation? It is fine not to say.",
            Self::Impairments => "Is the survivor disabled, or ill for a long time?",
            Self::AdditionalNeeds => "What other support would help, and how much of it?",
            Self::SafeArea => "Would everybody be safe in this area?",
        }
    }
}

/// Where a unit is, for unsafe and wanted areas only. GSS codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The district, the unitary authority or, where no more is known, the county.
    pub area: &'a str,
    /// The county of a district.
    pub county: Option<&'a str>,
}

impl Place<'_> {
    /// Whether it lies in the district or the county with this code.
    pub fn lies_in(&self, code: &str) -> bool {
        self.area == code || self.county == Some(code)
    }
}

/// One thing that stands, or may stand, between a household and a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reason {
    /// One of [`Reason::CODES`]; stays the same from release to release.
    pub code: &'static str,
    /// What this alone makes of the vacancy.
    pub effect: Verdict,
    /// A short sentence that may be read aloud: it names the fact, and no place.
    pub text: String,
    /// What to ask, when information is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
}

impl Reason {
    /// Every code, in the order in which reasons of the same effect are shown.
    pub const CODES: &[&str] = &[
        "unsafe_area",
        "household_size",
        "survivor_sex",
        "survivor_age",
        "client_group",
        "male_child_age",
        "adult_dependant",
        "largest_family",
        "children",
        "access",
        "pets",
        "nrpf",
        "funding",
    ];
}

/// The verdict on one unit for one household, with everything that led to it: the worst reason first, and each question
/// once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Assessment {
    pub verdict: Verdict,
    pub reasons: Vec<Reason>,
}

impl Assessment {
    fn of(mut reasons: Vec<Reason>) -> Self {
        if reasons.len() > 1 {
            reasons.sort_unstable_by(|a, b| {
                let key = |reason: &Reason| (std::cmp::Reverse(reason.effect), place_in_codes(reason.code));
                key(a).cmp(&key(b)).then_with(|| a.text.cmp(&b.text))
            });
            reasons.dedup();
            let mut asked = 0_u32;
            reasons.retain(|reason| {
                let Some(question) = reason.question else { return true };
                let before = asked;
                asked |= 1 << question as u32;
                asked != before
            });
        }
        let verdict = reasons.first().map_or(Verdict::Suitable, |worst| worst.effect);
        Self { verdict, reasons }
    }
}

fn place_in_codes(code: &str) -> usize {
    Reason::CODES.iter().position(|known| *known == code).unwrap_or(Reason::CODES.len())
}

/// Holds a unit and every rule of its service against the needs of a household; never stops at the first that fails.
///
/// Beside the rules it always looks at beds, access and unsafe areas. A service without a rule about pets takes them
/// where the unit does.
pub fn assess(rules: &[Rule], unit: &UnitFacts, place: &Place, needs: &Needs) -> Assessment {
    Household::of(needs).assess(rules, unit, place)
}

/// What unsafe areas alone say about a place, while no unit there is chosen.
pub fn assess_area(place: &Place, needs: &Needs) -> Assessment {
    Household::of(needs).assess_area(place)
}
