//! A household's stay: `expected → arrived → departed`, or `did_not_arrive`. Stays form a chain: one that ends because the
//! household moves to another unit, or on to second stage, is `moved`, and another goes on from it.

use std::fmt;

use chrono::{NaiveDate, TimeDelta};

use super::machine::{Edge, step};
use super::provision::AccommodationType;
use super::{Refusal, words};
use crate::clock::At;

words! {
    /// How far a stay has come.
    #[schema(as = PlacementState)]
    State {
        Expected = "expected",
        Arrived = "arrived",
        Departed = "departed",
        DidNotArrive = "did_not_arrive",
        /// It goes on in another home of the same provider.
        Moved = "moved",
    }
}

words! {
    /// What can be recorded of a stay.
    Command {
        Arrive = "arrive",
        DoNotArrive = "do_not_arrive",
        Extend = "extend",
        Depart = "depart",
        Move = "move",
        /// A home of the second stage is taken for the household, which lives here until it goes there.
        ArrangeSecondStage = "arrange_second_stage",
        RecordSupport = "record_support",
        RecordOutcomes = "record_outcomes",
    }
}

words! {
    /// Whether a departure was planned.
    DepartureKind { Planned = "planned", Unplanned = "unplanned" }
}

impl State {
    /// Whether the unit is taken for it.
    pub fn current(self) -> bool {
        matches!(self, Self::Expected | Self::Arrived)
    }

    /// Which of the stays of a referral says where the household is: the one with the most.
    pub fn weight(self) -> u8 {
        match self {
            Self::Arrived => 3,
            Self::Expected => 2,
            Self::Departed | Self::Moved => 1,
            Self::DidNotArrive => 0,
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Arrive => "begin",
            Self::DoNotArrive => "be marked as not taken up",
            Self::Extend => "be extended",
            Self::Depart => "end with a departure",
            Self::Move => "be moved to another unit",
            Self::ArrangeSecondStage => "lead on to second stage",
            Self::RecordSupport => "have support recorded",
            Self::RecordOutcomes => "have outcomes recorded",
        })
    }
}

/// Every edge there is.
pub const EDGES: &[Edge<State, Command>] = &[
    (State::Expected, Command::Arrive, State::Arrived),
    (State::Expected, Command::DoNotArrive, State::DidNotArrive),
    (State::Expected, Command::Extend, State::Expected),
    (State::Arrived, Command::Extend, State::Arrived),
    (State::Arrived, Command::Depart, State::Departed),
    (State::Arrived, Command::Move, State::Moved),
    (State::Arrived, Command::ArrangeSecondStage, State::Arrived),
    (State::Arrived, Command::RecordSupport, State::Arrived),
    (State::Departed, Command::RecordSupport, State::Departed),
    (State::Arrived, Command::RecordOutcomes, State::Arrived),
    (State::Departed, Command::RecordOutcomes, State::Departed),
];

/// The state that follows.
///
/// # Errors
/// [`Refusal::PlacementState`] when there is none.
pub fn transition(state: State, command: Command) -> Result<State, Refusal> {
    step(EDGES, state, command).ok_or(Refusal::PlacementState { state, command })
}

/// Whether a household with these stays that are not over may be taken by another service, and leaves one of them for it:
/// it has one place at a time, but for the second stage that it goes on to from a refuge.
///
/// # Errors
/// [`Refusal::AlreadyPlaced`].
pub fn leaves(current: &[State], service: AccommodationType) -> Result<bool, Refusal> {
    match current {
        [] => Ok(false),
        [State::Arrived] if service == AccommodationType::SecondStage => Ok(true),
        _ => Err(Refusal::AlreadyPlaced),
    }
}

/// The day on which a household that came at `since` has been at a service for as long as that is meant for.
pub fn limit(since: At, intended_days: u16) -> NaiveDate {
    let came = since.date();
    came.checked_add_signed(TimeDelta::days(intended_days.into())).unwrap_or(NaiveDate::MAX)
}

/// How many whole days a stay is beyond that: none before that day, 0 on it.
pub fn days_over(since: At, intended_days: u16, today: NaiveDate) -> Option<i64> {
    Some((today - limit(since, intended_days)).num_days()).filter(|days| *days >= 0)
}

/// When somebody has to look at a stay that has no end in sight: at the limit, or later if a later end was agreed.
pub fn look_again(since: At, intended_days: u16, expected_end: Option<At>) -> At {
    let limit = At::start_of(limit(since, intended_days));
    expected_end.map_or(limit, |end| end.max(limit))
}

/// For how long a household stayed, by its stays from arrival to end: what lies between two of them is no stay.
pub fn length(stays: impl IntoIterator<Item = (Option<At>, Option<At>)>, now: At) -> TimeDelta {
    let lengths = stays.into_iter().filter_map(|(from, to)| from.map(|from| to.unwrap_or(now) - from));
    lengths.fold(TimeDelta::zero(), |sum, length| sum + length)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn at(text: &str) -> At {
        At::from(text.parse::<chrono::DateTime<chrono::Utc>>().unwrap())
    }

    #[test]
    fn a_unit_is_taken_for_as_long_as_the_stay_goes_on() {
        for &state in State::ALL {
            let changes = EDGES.iter().any(|(from, _, to)| *from == state && to != from);
            assert_eq!(changes, state.current(), "{}", state.as_str());
        }
    }

    #[test]
    fn a_stay_that_is_over_stays_over() {
        for (from, command, to) in EDGES {
            assert!(from.current() || from == to, "{command}");
        }
        for &command in Command::ALL {
            assert!(transition(State::Moved, command).is_err() && transition(State::DidNotArrive, command).is_err());
        }
    }

    #[rstest]
    #[case::no_place(&[], AccommodationType::Refuge, Ok(false))]
    #[case::on_to_second_stage(&[State::Arrived], AccommodationType::SecondStage, Ok(true))]
    #[case::not_before_they_came(&[State::Expected], AccommodationType::SecondStage, Err(Refusal::AlreadyPlaced))]
    #[case::not_to_another_refuge(&[State::Arrived], AccommodationType::Refuge, Err(Refusal::AlreadyPlaced))]
    #[case::not_twice(&[State::Arrived, State::Expected], AccommodationType::SecondStage, Err(Refusal::AlreadyPlaced))]
    fn a_household_has_one_place_and_may_go_on_to_second_stage(
        #[case] current: &[State],
        #[case] service: AccommodationType,
        #[case] leaves_one: Result<bool, Refusal>,
    ) {
        assert_eq!(leaves(current, service), leaves_one);
    }

    #[test]
    fn a_limit_is_counted_in_days_of_england() {
        let since = at("2026-03-20T23:30:00Z"); // still the 20th: summer time begins on the 29th
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(limit(since, 28), day("2026-04-17"));
        assert_eq!(days_over(since, 28, day("2026-04-16")), None);
        assert_eq!(days_over(since, 28, day("2026-04-17")), Some(0));
        assert_eq!(days_over(since, 28, day("2026-04-20")), Some(3));
        assert_eq!(look_again(since, 28, None), at("2026-04-16T23:00:00Z"));
        let agreed = at("2026-05-01T09:00:00Z");
        assert_eq!(look_again(since, 28, Some(agreed)), agreed);
        assert_eq!(look_again(since, 28, Some(at("2026-04-01T09:00:00Z"))), at("2026-04-16T23:00:00Z"));
    }

    #[test]
    fn a_chain_is_as_long_as_its_stays_together() {
        let (a, b, c) = (at("2026-04-01T12:00:00Z"), at("2026-04-11T12:00:00Z"), at("2026-04-13T12:00:00Z"));
        let now = at("2026-04-20T12:00:00Z");
        assert_eq!(length([(Some(a), Some(b)), (Some(b), None)], now), now - a);
        assert_eq!(length([(Some(a), Some(b)), (Some(c), Some(now)), (None, None)], now), TimeDelta::days(17));
    }
}
