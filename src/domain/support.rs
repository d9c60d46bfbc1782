//! Support that people of a household are given while they stay: who by their place in the household, what, and from when
//! until when.

use std::fmt;

use super::machine::{Edge, step};
use super::{Refusal, words};

words! {
    /// How far a record of support has come. What was recorded by mistake is taken out, and is still there to be seen.
    #[schema(as = SupportState)]
    State { Given = "given", Ended = "ended", TakenOut = "taken_out" }
}

words! {
    /// What can be done to a record of support.
    Command { End = "end", TakeOut = "take_out" }
}

words! {
    /// The ages by which people are counted.
    AgeBand {
        UpTo5 = "0_5",
        UpTo11 = "6_11",
        UpTo15 = "12_15",
        UpTo17 = "16_17",
        UpTo24 = "18_24",
        UpTo34 = "25_34",
        UpTo44 = "35_44",
        UpTo54 = "45_54",
        UpTo64 = "55_64",
        From65 = "65_and_over",
        Unknown = "unknown",
    }
}

impl AgeBand {
    /// Of an age in whole years.
    pub fn of(age: Option<u8>) -> Self {
        match age {
            None => Self::Unknown,
            Some(0..=5) => Self::UpTo5,
            Some(6..=11) => Self::UpTo11,
            Some(12..=15) => Self::UpTo15,
            Some(16..=17) => Self::UpTo17,
            Some(18..=24) => Self::UpTo24,
            Some(25..=34) => Self::UpTo34,
            Some(35..=44) => Self::UpTo44,
            Some(45..=54) => Self::UpTo54,
            Some(55..=64) => Self::UpTo64,
            Some(65..) => Self::From65,
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::End => "end",
            Self::TakeOut => "be taken out",
        })
    }
}

/// Every edge there is.
pub const EDGES: &[Edge<State, Command>] = &[
    (State::Given, Command::End, State::Ended),
    (State::Given, Command::TakeOut, State::TakenOut),
    (State::Ended, Command::TakeOut, State::TakenOut),
];

/// The state that follows.
///
/// # Errors
/// [`Refusal::SupportState`] when there is none.
pub fn transition(state: State, command: Command) -> Result<State, Refusal> {
    step(EDGES, state, command).ok_or(Refusal::SupportState { state, command })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(None, "unknown")]
    #[case(Some(0), "0_5")]
    #[case(Some(5), "0_5")]
    #[case(Some(6), "6_11")]
    #[case(Some(15), "12_15")]
    #[case(Some(16), "16_17")]
    #[case(Some(18), "18_24")]
    #[case(Some(64), "55_64")]
    #[case(Some(65), "65_and_over")]
    #[case(Some(120), "65_and_over")]
    fn every_age_is_in_one_band(#[case] age: Option<u8>, #[case] band: &str) {
        assert_eq!(AgeBand::of(age).as_str(), band);
    }

    #[test]
    fn what_was_taken_out_stays_out() {
        assert!(Command::ALL.iter().all(|&command| transition(State::TakenOut, command).is_err()));
        assert!(transition(State::Ended, Command::End).is_err());
    }
}
