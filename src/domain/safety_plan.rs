//! What is done so that a household is safer: `open → done`, or `not_needed`.

use std::fmt;

use super::machine::{Edge, step};
use super::{Refusal, words};

words! {
    /// How far an action of a safety plan has come.
    #[schema(as = SafetyActionState)]
    State { Open = "open", Done = "done", NotNeeded = "not_needed" }
}

words! {
    /// What can become of an action.
    #[schema(as = SafetyActionCommand)]
    Command { Finish = "finish", Drop = "drop" }
}

words! {
    /// Who does it.
    #[schema(as = SafetyActionDoer)]
    Doer { Survivor = "survivor", Worker = "worker", Other = "other" }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finish => "be done",
            Self::Drop => "be marked as not needed",
        })
    }
}

/// Every edge there is.
pub const EDGES: &[Edge<State, Command>] =
    &[(State::Open, Command::Finish, State::Done), (State::Open, Command::Drop, State::NotNeeded)];

/// The state that follows.
///
/// # Errors
/// [`Refusal::SafetyActionState`] when there is none.
pub fn transition(state: State, command: Command) -> Result<State, Refusal> {
    step(EDGES, state, command).ok_or(Refusal::SafetyActionState { state, command })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_ended_stays_ended() {
        for &state in State::ALL {
            let goes_on = Command::ALL.iter().any(|&command| transition(state, command).is_ok());
            assert_eq!(goes_on, state == State::Open, "{}", state.as_str());
        }
    }
}
