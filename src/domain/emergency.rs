//! Access to a case that is not one's own, in an emergency: asked for, granted by a second person, over by itself. (S17)

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::machine::{Edge, step};
use super::{Refusal, words};
use crate::clock::At;

words! {
    /// How far a request has come, for those who decide on it.
    #[schema(as = EmergencyState)]
    State { Asked = "asked", Granted = "granted", Refused = "refused", Ended = "ended" }
}

words! {
    /// What can be done to a request.
    Command { Grant = "grant", Refuse = "refuse", End = "end" }
}

/// Every edge there is. Beside them, what nobody decides and what nobody ends is over by itself.
pub const EDGES: &[Edge<State, Command>] = &[
    (State::Asked, Command::Grant, State::Granted),
    (State::Asked, Command::Refuse, State::Refused),
    (State::Granted, Command::End, State::Ended),
];

/// What the person who asked is told. A refusal looks like a request that nobody can answer, for there may be no such
/// case: both wait until the same time, and then are over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    Waiting,
    NotGranted,
    Open,
    Over,
}

/// What the person who asked is told at `now` of a request that lapses then, with access until then.
pub fn told(state: State, lapses_at: At, until: Option<At>, now: At) -> Told {
    match state {
        State::Granted if until.is_some_and(|until| until > now) => Told::Open,
        State::Granted | State::Ended => Told::Over,
        State::Asked | State::Refused if lapses_at > now => Told::Waiting,
        State::Asked | State::Refused => Told::NotGranted,
    }
}

/// Whether a request can still be decided at `now`.
pub fn undecided(state: State, lapses_at: At, now: At) -> bool {
    state == State::Asked && lapses_at > now
}

/// The state that follows at `now`, of a request that lapses then, with access until then.
///
/// # Errors
/// [`Refusal::AlreadyDecided`] when there is none, or its time is over.
pub fn transition(state: State, command: Command, lapses_at: At, until: Option<At>, now: At) -> Result<State, Refusal> {
    let in_time = match command {
        Command::Grant | Command::Refuse => lapses_at > now,
        Command::End => until.is_some_and(|until| until > now),
    };
    step(EDGES, state, command).filter(|_| in_time).ok_or(Refusal::AlreadyDecided)
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone, Utc};
    use rstest::rstest;

    use super::*;

    fn at(minute: i64) -> At {
        At::from(Utc.with_ymd_and_hms(2026, 4, 1, 9, 0, 0).unwrap()) + TimeDelta::minutes(minute)
    }

    /// S17: a request that was refused and one for nothing are told alike at every moment.
    #[rstest]
    fn s17_a_refusal_is_told_like_a_request_for_nothing(#[values(0, 59, 60, 61, 900)] now: i64) {
        assert_eq!(told(State::Refused, at(60), None, at(now)), told(State::Asked, at(60), None, at(now)));
    }

    #[rstest]
    #[case(State::Asked, None, 59, Told::Waiting)]
    #[case(State::Asked, None, 60, Told::NotGranted)]
    #[case(State::Granted, Some(300), 299, Told::Open)]
    #[case(State::Granted, Some(300), 300, Told::Over)]
    #[case(State::Ended, Some(100), 99, Told::Over)]
    fn what_is_told(#[case] state: State, #[case] until: Option<i64>, #[case] now: i64, #[case] expected: Told) {
        assert_eq!(told(state, at(60), until.map(at), at(now)), expected);
    }
}
