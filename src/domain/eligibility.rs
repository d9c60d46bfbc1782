//! Whether a household can be housed in a unit of a service, and every reason why not.
//!
//! The answer has three values: a fact that nobody has told never counts as a yes, and it is asked for only where it
//! could change the answer. Where a household comes from plays no part: there is no local connection test.

use super::provision::UnitFacts;
use super::words;

#[cfg(test)]
mod arbitrary;
mod client_group;
mod household;
mod in_force;
mod objections;
mod place;
mod reason;
mod rule;
#[cfg(test)]
pub(super) mod samples;
mod sentences;
#[cfg(test)]
mod tests;

pub use client_group::ClientGroup;
pub use household::Household;
pub use in_force::{Applied, InForce, Scope, Version};
pub use place::{Nearness, Place};
pub use reason::{Obstacle, Reason, Told, Whose, told};
pub use rule::{AgeLimit, Condition, Nrpf, Policy, Rule, Rules, Strength, Summary, SupportNeed, contradictions};
pub use sentences::harm;

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
        Pregnant = "pregnant",
        RiskToOthers = "risk_to_others",
        AskedToLeave = "asked_to_leave_before",
        BailOrProbation = "bail_or_probation",
        /// Whether an interpreter is needed, and for which language.
        Interpreter = "interpreter",
        ImmigrationStatus = "immigration_status",
        Employment = "employment",
        StayNeeded = "stay_needed",
        ReferralSource = "referral_source",
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
            Self::Impairments => "Is the survivor disabled, or have they been ill for a long time?",
            Self::AdditionalNeeds => "What other support would help, and how much of it?",
            Self::SafeArea => "Would everybody be safe in this area?",
            Self::Pregnant => "Is the survivor pregnant?",
            Self::RiskToOthers => "Has anybody in the household ever harmed others, or set a fire? How long ago?",
            Self::AskedToLeave => "Did they ever have to leave a refuge?",
            Self::BailOrProbation => "Is anybody in the household on bail or probation?",
            Self::Interpreter => "Is an interpreter needed, and for which language?",
            Self::ImmigrationStatus => "What is the survivor's immigration status? It is fine not to say.",
            Self::Employment => "Does the survivor work or study?",
            Self::StayNeeded => "How long do they need a place for?",
            Self::ReferralSource => "Who sends the household?",
        }
    }

    /// Why it is asked, to be said when somebody wants to know.
    pub fn why(self) -> &'static str {
        match self {
            Self::Household | Self::Everybody => {
                "Homes have only so many beds, and some services take only small families"
            }
            Self::SurvivorSex | Self::OtherAdultSex => "Some services are for women only, and some for men",
            Self::SurvivorAge => "Some services are for one age, such as young women",
            Self::ChildAge => "Small children can sleep in a cot, and some services take boys only up to an age",
            Self::ChildSex => "Some services take boys only up to an age",
            Self::AccessNeed => "Not every home is on the ground floor or without steps",
            Self::Pets => "Only some homes take pets",
            Self::Recourse | Self::Concession => {
                "Some services can take only people whose rent can be paid with public funds"
            }
            Self::Funding | Self::Employment => "What can be paid, and how, differs from service to service",
            Self::EthnicGroup | Self::SexualOrientation | Self::Impairments => {
                "There are services for the people who belong to a group"
            }
            Self::AdditionalNeeds => "A service can give only so much support, and has to plan for it",
            Self::SafeArea => "Nobody should be sent where they could be found",
            Self::Pregnant => "A service has to plan for the birth",
            Self::RiskToOthers | Self::AskedToLeave | Self::BailOrProbation => {
                "Families live close together, and a service has to keep everybody safe"
            }
            Self::Interpreter => "A service has to find somebody who speaks the language",
            Self::ImmigrationStatus => "A few services may take only some statuses. It is not passed on",
            Self::StayNeeded => "Some places are only for some nights or weeks",
            Self::ReferralSource => "Some services take referrals only from some organisations",
        }
    }
}

/// The verdict on one unit for one household, with everything that led to it: the worst reason first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    pub verdict: Verdict,
    pub reasons: Vec<Reason>,
    /// The household is one of those whom the provider prefers.
    pub preferred: bool,
}

impl Assessment {
    fn of(mut reasons: Vec<Reason>, preferred: bool) -> Self {
        if reasons.len() > 1 {
            reasons.sort_unstable_by(|a, b| b.effect.cmp(&a.effect).then_with(|| a.cmp(b)));
            reasons.dedup();
        }
        let verdict = worst(&reasons);
        Self { verdict, reasons, preferred }
    }

    /// What stands in the way: each obstacle once.
    pub fn obstacles(&self) -> Vec<Obstacle> {
        obstacles(&self.reasons)
    }

    /// The verdict if one thing that stands in the way did not: as if there were no rule about it.
    pub fn without(&self, obstacle: Obstacle) -> Verdict {
        without(&self.reasons, obstacle)
    }
}

fn worst<'a>(reasons: impl IntoIterator<Item = &'a Reason>) -> Verdict {
    reasons.into_iter().map(|reason| reason.effect).max().unwrap_or(Verdict::Suitable)
}

/// What stands in the way, each obstacle once.
pub(super) fn obstacles(reasons: &[Reason]) -> Vec<Obstacle> {
    let mut found: Vec<_> = reasons
        .iter()
        .take_while(|reason| reason.effect == Verdict::NotSuitable)
        .map(|reason| reason.obstacle)
        .collect();
    found.dedup();
    found
}

pub(super) fn without(reasons: &[Reason], obstacle: Obstacle) -> Verdict {
    let effect = |reason: &Reason| if reason.obstacle == obstacle { reason.else_effect() } else { reason.effect };
    reasons.iter().map(effect).max().unwrap_or(Verdict::Suitable)
}

/// Holds a unit and every rule in force for it against a household; never stops at the first that fails.
///
/// Beside the rules it always looks at beds, access, unsafe areas and what the household said that it wants. A service
/// without a rule about pets takes them where the unit does.
pub fn assess(rules: &InForce, unit: &UnitFacts, nearness: Nearness, household: &Household) -> Assessment {
    household.assess(rules, unit, nearness)
}

/// What unsafe areas alone say about a place, while no unit there is chosen.
pub fn assess_area(nearness: Nearness) -> Assessment {
    Household::assess_area(nearness)
}
