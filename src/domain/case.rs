//! One household's search for safety.

use super::machine::{Edge, step};
use super::{Refusal, words};

words! {
    /// Whether it goes on.
    #[schema(as = CaseState)]
    State { Open = "open", Closed = "closed" }
}

words! {
    /// What can be done to a case as a whole.
    Command { Work = "work", Close = "close" }
}

/// Every edge there is.
pub const EDGES: &[Edge<State, Command>] =
    &[(State::Open, Command::Work, State::Open), (State::Open, Command::Close, State::Closed)];

/// The state that follows.
///
/// # Errors
/// [`Refusal::CaseClosed`] when there is none.
pub fn transition(state: State, command: Command) -> Result<State, Refusal> {
    step(EDGES, state, command).ok_or(Refusal::CaseClosed)
}
