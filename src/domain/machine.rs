//! State machines as tables: what may follow what is data, so that the code that decides and the pictures in the
//! documentation cannot differ. (S35)

use std::fmt::Write;

/// One edge: from a state, by a command, to a state.
pub type Edge<S, C> = (S, C, S);

/// One of a closed list of words.
pub trait Word: Copy + PartialEq {
    fn word(self) -> &'static str;
}

/// The state that follows; `None` where no edge is drawn.
pub fn step<S: Word, C: Word>(edges: &[Edge<S, C>], state: S, command: C) -> Option<S> {
    edges.iter().find(|(from, by, _)| *from == state && *by == command).map(|(_, _, to)| *to)
}

/// A machine as Mermaid draws it: it begins where its first edge does, and ends where no edge leads on.
pub fn draw<S: Word, C: Word>(edges: &[Edge<S, C>]) -> String {
    let mut drawn = String::from("stateDiagram-v2\n");
    let mut line = |from: &str, to: &str, by: &str| {
        let by = if by.is_empty() { String::new() } else { format!(": {}", by.replace('_', " ")) };
        let _ = writeln!(drawn, "    {from} --> {to}{by}");
    };
    if let Some((first, _, _)) = edges.first() {
        line("[*]", first.word(), "");
    }
    for (from, by, to) in edges {
        line(from.word(), to.word(), by.word());
    }
    let mut ended = Vec::new();
    for (_, _, to) in edges {
        if !ended.contains(to) && edges.iter().all(|(from, _, _)| from != to) {
            line(to.word(), "[*]", "");
            ended.push(*to);
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, PartialEq, Debug)]
    struct Said(&'static str);

    impl Word for Said {
        fn word(self) -> &'static str {
            self.0
        }
    }

    const EDGES: &[Edge<Said, Said>] = &[
        (Said("shut"), Said("push"), Said("open")),
        (Said("open"), Said("push"), Said("shut")),
        (Said("shut"), Said("kick_in"), Said("broken")),
    ];

    #[test]
    fn what_is_not_drawn_does_not_follow() {
        assert_eq!(step(EDGES, Said("shut"), Said("kick_in")), Some(Said("broken")));
        assert_eq!(step(EDGES, Said("open"), Said("kick_in")), None);
        assert_eq!(step(EDGES, Said("broken"), Said("push")), None);
    }

    #[test]
    fn it_is_drawn_from_where_it_begins_to_where_it_ends() {
        let drawn = "stateDiagram-v2\n    [*] --> shut\n    shut --> open: push\n    open --> shut: push\n    \
                     shut --> broken: kick in\n    broken --> [*]\n";
        assert_eq!(draw(EDGES), drawn);
    }
}
