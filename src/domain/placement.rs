//! A household's stay: `expected → arrived → departed`, or `did_not_arrive`.

use std::fmt;

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

/// The state that follows.
///
/// # Errors
/// [`Refusal::PlacementState`] when there is none.
pub fn transition(state: State, command: Command) -> Result<State, Refusal> {
    match (state, command) {
        (State::Expected, Command::Arrive) | (State::Arrived, Command::Extend) => Ok(State::Arrived),
        (State::Expected, Command::DoNotArrive) => Ok(State::DidNotArrive),
        (State::Expected, Command::Extend) => Ok(State::Expected),
        (State::Arrived, Command::Depart) => Ok(State::Departed),
        _ => Err(Refusal::PlacementState { state, command }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_departs_who_has_not_arrived() {
        let allowed: Vec<_> = State::ALL
            .iter()
            .flat_map(|&state| Command::ALL.iter().map(move |&command| (state, command)))
            .filter(|&(state, command)| transition(state, command).is_ok())
            .collect();
        assert_eq!(
            allowed,
            [
                (State::Expected, Command::Arrive),
                (State::Expected, Command::DoNotArrive),
                (State::Expected, Command::Extend),
                (State::Arrived, Command::Extend),
                (State::Arrived, Command::Depart),
            ]
        );
    }
}
