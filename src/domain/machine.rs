//! State machines as tables: what may follow what is data, so that the code that decides and the pictures in the
//! documentation cannot differ. (S35)

/// One edge: from a state, by a command, to a state.
pub type Edge<S, C> = (S, C, S);

/// The state that follows; `None` where no edge is drawn.
pub fn step<S: Copy + PartialEq, C: Copy + PartialEq>(edges: &[Edge<S, C>], state: S, command: C) -> Option<S> {
    edges.iter().find(|(from, by, _)| *from == state && *by == command).map(|(_, _, to)| *to)
}
