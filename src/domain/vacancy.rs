//! A provider's word that a unit can take a household from a day on.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::machine::{Edge, step};
use super::{Refusal, words};
use crate::clock::At;

words! {
    /// How far a vacancy has come.
    #[schema(as = VacancyState)]
    State { Open = "open", Filled = "filled", Withdrawn = "withdrawn" }
}

words! {
    /// What can be done to a vacancy.
    Command { Confirm = "confirm", MoveDay = "move_day", Fill = "fill", Withdraw = "withdraw" }
}

/// Every edge there is.
pub const EDGES: &[Edge<State, Command>] = &[
    (State::Open, Command::Confirm, State::Open),
    (State::Open, Command::MoveDay, State::Open),
    (State::Open, Command::Fill, State::Filled),
    (State::Open, Command::Withdraw, State::Withdrawn),
];

/// The state that follows.
///
/// # Errors
/// [`Refusal::VacancyClosed`] when there is none.
pub fn transition(state: State, command: Command) -> Result<State, Refusal> {
    step(EDGES, state, command).ok_or(Refusal::VacancyClosed { state })
}

/// How long a provider's word is good for. Counted from `confirmed_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// After this it is flagged as stale: 24 hours unless configured otherwise.
    pub stale_after: TimeDelta,
    /// After this it is out of search until it is confirmed again: 72 hours unless configured otherwise.
    pub out_after: TimeDelta,
}

impl Default for Freshness {
    fn default() -> Self {
        Self { stale_after: TimeDelta::hours(24), out_after: TimeDelta::hours(72) }
    }
}

words! {
    /// How far the provider's word can still be relied on.
    Age { Fresh = "fresh", Stale = "stale", OutOfDate = "out_of_date" }
}

impl Freshness {
    /// How old a confirmation is at `now`. On the very limit it is already the older of the two.
    pub fn age(self, confirmed_at: At, now: At) -> Age {
        if now >= confirmed_at + self.out_after {
            Age::OutOfDate
        } else if now >= confirmed_at + self.stale_after {
            Age::Stale
        } else {
            Age::Fresh
        }
    }

    /// A vacancy is in search when it was confirmed after this instant.
    pub fn in_search_since(self, now: At) -> At {
        now - self.out_after
    }
}

/// The state of a vacancy, and since when its provider stands by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Standing {
    pub state: State,
    pub confirmed_at: At,
}

impl Standing {
    /// Whether somebody may be sent there at `now`.
    ///
    /// # Errors
    /// [`Refusal::VacancyClosed`]; [`Refusal::VacancyOutOfDate`].
    pub fn current(self, freshness: Freshness, now: At) -> Result<(), Refusal> {
        match (self.state, freshness.age(self.confirmed_at, now)) {
            (State::Open, Age::OutOfDate) => Err(Refusal::VacancyOutOfDate { confirmed_at: self.confirmed_at }),
            (State::Open, Age::Fresh | Age::Stale) => Ok(()),
            (state, _) => Err(Refusal::VacancyClosed { state }),
        }
    }
}

impl Standing {
    /// Whether it is still offered at all.
    ///
    /// # Errors
    /// [`Refusal::VacancyClosed`].
    pub fn open(self) -> Result<(), Refusal> {
        match self.state {
            State::Open => Ok(()),
            state => Err(Refusal::VacancyClosed { state }),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0, Age::Fresh)]
    #[case(24 * 60 - 1, Age::Fresh)]
    #[case(24 * 60, Age::Stale)]
    #[case(72 * 60 - 1, Age::Stale)]
    #[case(72 * 60, Age::OutOfDate)]
    fn a_confirmation_grows_old(#[case] minutes: i64, #[case] age: Age) {
        let confirmed = At::from(DateTime::UNIX_EPOCH);
        let now = confirmed + TimeDelta::minutes(minutes);
        assert_eq!(Freshness::default().age(confirmed, now), age);
        assert_eq!(confirmed > Freshness::default().in_search_since(now), age != Age::OutOfDate);
    }
}
