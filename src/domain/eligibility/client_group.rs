//! The groups that specialist services are for, and who says to be of them.

use serde::{Deserialize, Serialize};

use super::Question;
use super::household::level_of;
use crate::domain::household::{AccessNeed, Answer, Level, Needs, SameAsBirth};
use crate::domain::words;

words! {
    /// A group that a specialist service is for.
    ClientGroup {
        RaciallyMinoritised = "racially_minoritised",
        Lgbt = "lgbt",
        Disabled = "disabled",
        /// Two or more of alcohol, drugs, offending, sleeping rough and mental health.
        ComplexNeeds = "complex_needs",
    }
}

/// Whether somebody is of a group, as far as they wished to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Belongs {
    Yes,
    No,
    /// It is for them and the service to say; nobody is asked again.
    TheyDecide,
    /// Nobody has asked yet.
    Unknown,
}

impl ClientGroup {
    /// As in "a service for …".
    pub fn people(self) -> &'static str {
        match self {
            Self::RaciallyMinoritised => "Black, Asian and racially minoritised people",
            Self::Lgbt => "LGBT+ people",
            Self::Disabled => "disabled people",
            Self::ComplexNeeds => "people with several support needs",
        }
    }

    pub(super) fn question(self) -> Question {
        match self {
            Self::RaciallyMinoritised => Question::EthnicGroup,
            Self::Lgbt => Question::SexualOrientation,
            Self::Disabled => Question::Impairments,
            Self::ComplexNeeds => Question::AdditionalNeeds,
        }
    }

    pub(super) fn belongs(self, needs: &Needs) -> Belongs {
        match self {
            Self::RaciallyMinoritised => racially_minoritised(needs.monitoring.ethnic_group.as_deref()),
            Self::Lgbt => lgbt(needs),
            Self::Disabled => disabled(needs),
            Self::ComplexNeeds => complex_needs(needs),
        }
    }
}

/// White minorities may count themselves in, which is for them to say; Gypsy, Roma and Traveller people are in.
fn racially_minoritised(ethnic_group: Option<&str>) -> Belongs {
    match ethnic_group {
        None | Some("not_asked" | "unknown") => Belongs::Unknown,
        Some("prefer_not_to_say" | "white_irish" | "white_other") => Belongs::TheyDecide,
        Some("white_british") => Belongs::No,
        Some(_) => Belongs::Yes,
    }
}

fn lgbt(needs: &Needs) -> Belongs {
    if needs.survivors().any(|survivor| survivor.gender_same_as_birth == SameAsBirth::No) {
        return Belongs::Yes;
    }
    match needs.monitoring.sexual_orientation.as_deref() {
        None | Some("not_asked" | "unknown") => Belongs::Unknown,
        Some("prefer_not_to_say") => Belongs::TheyDecide,
        Some("straight_or_heterosexual") => Belongs::No,
        Some(_) => Belongs::Yes,
    }
}

fn disabled(needs: &Needs) -> Belongs {
    match (&needs.monitoring.impairments, needs.access_need) {
        (Some(impairments), _) if !impairments.is_empty() => Belongs::Yes,
        (_, AccessNeed::None | AccessNeed::Unknown) if needs.monitoring.impairments.is_some() => Belongs::No,
        (_, AccessNeed::None | AccessNeed::Unknown) => Belongs::Unknown,
        _ => Belongs::TheyDecide, // the need may be another member's
    }
}

fn complex_needs(needs: &Needs) -> Belongs {
    let (mut told, mut untold) = (0, 0);
    for need in ["alcohol", "drugs", "offending_history", "mental_health"] {
        match level_of(needs, need) {
            Level::None => {}
            Level::Unknown => untold += 1,
            Level::Low | Level::Medium | Level::High => told += 1,
        }
    }
    // Sleeping rough has no level: to name it is enough.
    match needs.additional_needs.iter().find(|named| named.need == "street_homeless") {
        Some(named) => told += i32::from(named.level != Level::None),
        None => untold += i32::from(needs.support_needs_complete != Answer::Yes),
    }
    match (told, untold) {
        (2.., _) => Belongs::Yes,
        (_, 1..) => Belongs::Unknown,
        (1, 0) => Belongs::TheyDecide,
        _ => Belongs::No,
    }
}
