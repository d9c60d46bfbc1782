//! What a provider sees of a household, and when: the one table by which every answer, page and verb decides.
//! `docs/what-a-provider-sees.md` is written from it. (S5, S15)

use chrono::TimeDelta;

use super::{State, words};
use crate::clock::At;

/// How long a provider sees the household of a referral that it declined or let lapse, and of one that has left: long enough
/// to put right what it wrote and to finish its own figures. What is withdrawn is hidden at once, for there is nothing left
/// to decide.
pub const KEPT: TimeDelta = TimeDelta::days(28);

words! {
    /// How far a referral has come, as it decides what its provider sees.
    Stage {
        Sent = "sent",
        InformationRequested = "information_requested",
        Accepted = "accepted",
        Arrived = "arrived",
        Departed = "departed",
        /// Declined, lapsed, or the household did not come: within 28 days.
        EndedWithoutPlace = "ended_without_place",
        Withdrawn = "withdrawn",
        /// 28 days after it ended without a place, or the household left.
        Past = "past",
    }
}

words! {
    /// A group of fields.
    Group {
        /// The reference of the referral, its service and unit, when it was sent, decided and ended.
        Referral = "referral",
        Members = "members",
        Needs = "needs",
        Pets = "pets",
        Risk = "risk",
        UnsafeArea = "unsafe_area",
        Messages = "messages",
        Identity = "identity",
        Contact = "contact",
        OriginArea = "origin_area",
        CaseReference = "case_reference",
        WhyEnded = "why_ended",
    }
}

/// Whether a provider sees a group of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    Yes,
    /// Only as much as [`Group::masked`] says.
    Masked,
    No,
}

impl Stage {
    /// The stage of a referral in this state, that ended then, whose household left then.
    pub fn of(state: State, ended_at: Option<At>, left_at: Option<At>, now: At) -> Self {
        let past = |at: Option<At>| at.is_some_and(|at| now - at >= KEPT);
        match state {
            State::Sent => Self::Sent,
            State::InformationRequested => Self::InformationRequested,
            State::Accepted => Self::Accepted,
            State::Placed if past(left_at) => Self::Past,
            State::Placed if left_at.is_some() => Self::Departed,
            State::Placed => Self::Arrived,
            State::Withdrawn if past(ended_at) => Self::Past,
            State::Withdrawn => Self::Withdrawn,
            _ if past(ended_at) => Self::Past,
            State::DeclinedByProvider | State::DeclinedBySurvivor | State::Lapsed => Self::EndedWithoutPlace,
        }
    }

    /// What the provider sees of a group at this stage. What is not in the table is not seen.
    pub fn sight(self, group: Group) -> Sight {
        let row = TABLE.iter().find(|(known, _)| *known == group);
        let at = Self::ALL.iter().position(|stage| *stage == self);
        row.zip(at).and_then(|((_, row), at)| row.get(at)).copied().unwrap_or(Sight::No)
    }

    /// Whether the provider sees anything of it.
    pub fn shows(self, group: Group) -> bool {
        self.sight(group) != Sight::No
    }

    /// As people read it.
    pub fn told(self) -> &'static str {
        match self {
            Self::Sent => "Sent",
            Self::InformationRequested => "More was asked",
            Self::Accepted => "Accepted",
            Self::Arrived => "Lives there",
            Self::Departed => "Has left",
            Self::EndedWithoutPlace => "Ended without a place",
            Self::Withdrawn => "Withdrawn",
            Self::Past => "28 days later",
        }
    }
}

impl Group {
    /// As people read it.
    pub fn told(self) -> &'static str {
        match self {
            Self::Referral => "The referral: its reference, service, unit, days and state",
            Self::Members => "Members: role, age, sex, gender; whether somebody is pregnant",
            Self::Needs => "What they need: access, support, language, funding, wishes, harm to others",
            Self::Pets => "Pets",
            Self::Risk => "Risk of serious harm",
            Self::UnsafeArea => "Whether this area is unsafe for them",
            Self::Messages => "What the two sides wrote to each other",
            Self::Identity => "Who they are",
            Self::Contact => "How they are reached",
            Self::OriginArea => "Where they come from, and every other place that they have told of",
            Self::CaseReference => "The reference of the case",
            Self::WhyEnded => "Why it ended, and who decided",
        }
    }

    /// How much is seen of it where it is masked.
    pub fn masked(self) -> &'static str {
        match self {
            Self::Risk => "only the band: high, medium or standard",
            Self::UnsafeArea => "only yes or no, never which area or why",
            Self::Messages => "only its own",
            Self::Identity | Self::Contact => "only when it is asked for, with a reason, and recorded",
            _ => "",
        }
    }
}

const Y: Sight = Sight::Yes;
const M: Sight = Sight::Masked;
const N: Sight = Sight::No;

/// Each group, at each stage in the order of [`Stage::ALL`].
pub const TABLE: &[(Group, [Sight; 8])] = &[
    // sent, asked, accepted, arrived, departed, ended, withdrawn, past
    (Group::Referral, [Y, Y, Y, Y, Y, Y, Y, Y]),
    (Group::Members, [Y, Y, Y, Y, Y, Y, N, N]),
    (Group::Needs, [Y, Y, Y, Y, Y, Y, N, N]),
    (Group::Pets, [Y, Y, Y, Y, Y, Y, N, N]),
    (Group::Risk, [M, M, M, M, M, M, N, N]),
    (Group::UnsafeArea, [M, M, M, M, M, M, N, N]),
    (Group::Messages, [Y, Y, Y, Y, Y, Y, M, M]),
    (Group::Identity, [N, N, M, M, N, N, N, N]),
    (Group::Contact, [N, N, M, M, N, N, N, N]),
    (Group::OriginArea, [N, N, N, N, N, N, N, N]),
    (Group::CaseReference, [N, N, N, N, N, N, N, N]),
    (Group::WhyEnded, [N, N, N, N, N, Y, Y, Y]),
];

/// The table as people read it, in Markdown.
pub fn document() -> String {
    use std::fmt::Write;

    let mut text = String::from(
        "# What a provider sees, and when\n\n\
         This is the rule by which the program decides, written out from it (`src/domain/referral/sight.rs`). Lists, pages,\n\
         answers of the API and files all go by it. A referrer sees all of its own case.\n\n\
         “Part” is explained below the table.\n\n| |",
    );
    for stage in Stage::ALL {
        let _ = write!(text, " {} |", stage.told());
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(Stage::ALL.len()));
    for (group, row) in TABLE {
        let _ = write!(text, "\n| {} |", group.told());
        for sight in row {
            let word = match sight {
                Sight::Yes => "yes",
                Sight::Masked => "part",
                Sight::No => "no",
            };
            let _ = write!(text, " {word} |");
        }
    }
    text.push_str("\n\n## Part\n\n");
    for (group, _) in TABLE.iter().filter(|(_, row)| row.contains(&Sight::Masked)) {
        let _ = writeln!(text, "- {}: {}.", group.told(), group.masked());
    }
    let _ = write!(
        text,
        "\n## After it is over\n\n\
         What ended without a place keeps its reference, its days, its reason and what the provider itself wrote. The household\n\
         is shown for {days} days after an ending by the provider, by the survivor, or because time ran out: long enough to put\n\
         right what was written. A referral that the referrer took back shows it no more at once. {days} days after a household\n\
         has left, it is shown no more either. What the provider's reports count is counted all the same.\n",
        days = KEPT.num_days()
    );
    text
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use rstest::rstest;

    use super::*;

    #[test]
    fn every_group_is_decided_at_every_stage() {
        let groups: Vec<_> = TABLE.iter().map(|(group, _)| *group).collect();
        assert_eq!(groups, Group::ALL);
        for (group, row) in TABLE {
            assert_eq!(row.contains(&Sight::Masked), !group.masked().is_empty(), "{group:?}");
        }
    }

    /// S5, S15
    #[test]
    fn s05_s15_where_they_come_from_is_never_seen_and_who_they_are_only_while_they_are_theirs() {
        for stage in Stage::ALL.iter().copied() {
            assert!(!stage.shows(Group::OriginArea) && !stage.shows(Group::CaseReference), "{stage:?}");
            assert_ne!(stage.sight(Group::UnsafeArea), Sight::Yes, "{stage:?}");
            let theirs = matches!(stage, Stage::Accepted | Stage::Arrived);
            assert_eq!(stage.shows(Group::Identity), theirs, "{stage:?}");
            assert_eq!(stage.shows(Group::Contact), theirs, "{stage:?}");
        }
    }

    #[rstest]
    #[case::waits(State::Sent, None, None, Stage::Sent)]
    #[case::lives_there(State::Placed, Some(0), None, Stage::Arrived)]
    #[case::has_left(State::Placed, Some(0), Some(99), Stage::Departed)]
    #[case::left_28_days_ago(State::Placed, Some(0), Some(72), Stage::Past)]
    #[case::declined(State::DeclinedByProvider, Some(73), None, Stage::EndedWithoutPlace)]
    #[case::declined_28_days_ago(State::DeclinedByProvider, Some(72), None, Stage::Past)]
    #[case::lapsed(State::Lapsed, Some(99), None, Stage::EndedWithoutPlace)]
    #[case::withdrawn(State::Withdrawn, Some(99), None, Stage::Withdrawn)]
    #[case::withdrawn_long_ago(State::Withdrawn, Some(0), None, Stage::Past)]
    fn the_stage_follows_from_the_state_and_the_days(
        #[case] state: State,
        #[case] ended: Option<i64>,
        #[case] left: Option<i64>,
        #[case] stage: Stage,
    ) {
        let day = |day: i64| At::from(DateTime::from_timestamp(1_775_034_000, 0).unwrap()) + TimeDelta::days(day);
        assert_eq!(Stage::of(state, ended.map(day), left.map(day), day(100)), stage);
    }
}
