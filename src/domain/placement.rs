//! A household's stay: `expected → arrived → departed`, or `did_not_arrive`.

use std::fmt;

use super::machine::{Edge, step};
use super::{Refusal, words};

words! {
    /// How far a stay has come.
    #[schema(as = PlacementState)]
    State { Expected = "expected", Arrived = "arrived", Departed = "departed", DidNotArrive = "did_not_arrive" }
}

words! {
    /// What can be recorded of a stay.
    Command { Arrive = "arrive", DoNotArrive = "do_not_arrive", Extend = "extend", Depart = "depart" }
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
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Arrive => "begin",
            Self::DoNotArrive => "be marked as not taken up",
            Self::Extend => "be extended",
            Self::Depart => "end with a departure",
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
];

/// The state that follows.
///
/// # Errors
/// [`Refusal::PlacementState`] when there is none.
pub fn transition(state: State, command: Command) -> Result<State, Refusal> {
    step(EDGES, state, command).ok_or(Refusal::PlacementState { state, command })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_taken_for_as_long_as_the_stay_goes_on() {
        for &state in State::ALL {
            let goes_on = Command::ALL.iter().any(|&command| transition(state, command).is_ok());
            assert_eq!(goes_on, state.current(), "{}", state.as_str());
        }
    }
}
