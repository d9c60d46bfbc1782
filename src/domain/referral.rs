//! The life of a referral: a request from a case to one service.
//!
//! `sent → (information_requested ↔ sent) → accepted → placed`, or it ends in one of four other ways, each with a coded
//! reason.

pub mod clock;
pub mod sight;

use std::fmt;

use super::machine::{Edge, step};
use super::reason::DecidedBy;
use super::{Refusal, words};

words! {
    /// How far a referral has come.
    #[schema(as = ReferralState)]
    State {
        Sent = "sent",
        InformationRequested = "information_requested",
        Accepted = "accepted",
        Placed = "placed",
        DeclinedByProvider = "declined_by_provider",
        DeclinedBySurvivor = "declined_by_survivor",
        Withdrawn = "withdrawn",
        Lapsed = "lapsed",
    }
}

words! {
    /// The end of a referral that somebody stands at.
    #[schema(as = ReferralSide)]
    Side { Referrer = "referrer", Provider = "provider" }
}

words! {
    /// What somebody wrote to the other side.
    MessageKind {
        /// The provider asks for information: the referral waits for the answer.
        Question = "question",
        Answer = "answer",
        /// Said, and nothing else changes.
        Message = "message",
    }
}

words! {
    /// What can be done to a referral.
    Command {
        RequestInformation = "request_information",
        GiveInformation = "give_information",
        /// Say something to the other side.
        Write = "write",
        Accept = "accept",
        Place = "place",
        /// End it without a place, for a reason that somebody decided.
        EndByProvider = "end_by_provider",
        EndBySurvivor = "end_by_survivor",
        EndByReferrer = "end_by_referrer",
        EndBySystem = "end_by_system",
    }
}

impl State {
    /// Whether it waits for somebody.
    pub fn open(self) -> bool {
        matches!(self, Self::Sent | Self::InformationRequested | Self::Accepted)
    }

    /// Whether access was denied: it ended, and not in a place.
    pub fn denied(self) -> bool {
        !self.open() && self != Self::Placed
    }
}

impl Command {
    /// The command that ends a referral for a reason which these people decided.
    pub fn ending(decided_by: DecidedBy) -> Self {
        match decided_by {
            DecidedBy::Provider => Self::EndByProvider,
            DecidedBy::Survivor => Self::EndBySurvivor,
            DecidedBy::Referrer => Self::EndByReferrer,
            DecidedBy::System => Self::EndBySystem,
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RequestInformation => "be asked about",
            Self::GiveInformation => "be answered with more information",
            Self::Write => "take more messages",
            Self::Accept => "be accepted",
            Self::Place => "become a stay",
            Self::EndByProvider => "be declined",
            Self::EndBySurvivor => "be declined by the survivor",
            Self::EndByReferrer => "be withdrawn",
            Self::EndBySystem => "lapse",
        })
    }
}

/// Every edge there is.
pub const EDGES: &[Edge<State, Command>] = {
    use Command as C;
    use State as S;
    &[
        (S::Sent, C::RequestInformation, S::InformationRequested),
        (S::Sent, C::Write, S::Sent),
        (S::Sent, C::Accept, S::Accepted),
        (S::Sent, C::EndByProvider, S::DeclinedByProvider),
        (S::Sent, C::EndBySurvivor, S::DeclinedBySurvivor),
        (S::Sent, C::EndByReferrer, S::Withdrawn),
        (S::Sent, C::EndBySystem, S::Lapsed),
        (S::InformationRequested, C::GiveInformation, S::Sent),
        (S::InformationRequested, C::Write, S::InformationRequested),
        (S::InformationRequested, C::Accept, S::Accepted),
        (S::InformationRequested, C::EndByProvider, S::DeclinedByProvider),
        (S::InformationRequested, C::EndBySurvivor, S::DeclinedBySurvivor),
        (S::InformationRequested, C::EndByReferrer, S::Withdrawn),
        (S::InformationRequested, C::EndBySystem, S::Lapsed),
        (S::Accepted, C::Write, S::Accepted),
        (S::Accepted, C::Place, S::Placed),
        (S::Accepted, C::EndByProvider, S::DeclinedByProvider),
        (S::Accepted, C::EndBySurvivor, S::DeclinedBySurvivor),
        (S::Accepted, C::EndByReferrer, S::Withdrawn),
        (S::Placed, C::Write, S::Placed), // for as long as the stay lasts
    ]
};

/// The state that follows.
///
/// # Errors
/// [`Refusal::ReferralState`] when there is none.
pub fn transition(state: State, command: Command) -> Result<State, Refusal> {
    step(EDGES, state, command).ok_or(Refusal::ReferralState { state, command })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_ended_stays_ended() {
        for &state in State::ALL {
            let moves = Command::ALL.iter().filter(|command| **command != Command::Write);
            let goes_on = moves.copied().any(|command| transition(state, command).is_ok());
            assert_eq!(goes_on, state.open(), "{}", state.as_str());
            let spoken = transition(state, Command::Write);
            assert_eq!(spoken.is_ok(), !state.denied(), "{}", state.as_str());
            assert!(spoken.is_err() || spoken == Ok(state), "a message changes nothing");
        }
    }
}
