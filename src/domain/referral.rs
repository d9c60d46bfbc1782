//! The life of a referral: a request from a case to one service.
//!
//! `sent → (information_requested ↔ sent) → accepted → placed`, or it ends in one of four other ways, each with a coded
//! reason.

use std::fmt;

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
    /// What can be done to a referral.
    Command {
        RequestInformation = "request_information",
        GiveInformation = "give_information",
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
            Self::Accept => "be accepted",
            Self::Place => "become a stay",
            Self::EndByProvider => "be declined",
            Self::EndBySurvivor => "be declined by the survivor",
            Self::EndByReferrer => "be withdrawn",
            Self::EndBySystem => "lapse",
        })
    }
}

/// The state that follows.
///
/// # Errors
/// [`Refusal::ReferralState`] when there is none.
pub fn transition(state: State, command: Command) -> Result<State, Refusal> {
    use Command as C;
    use State as S;
    match (state, command) {
        (S::Sent, C::RequestInformation) => Ok(S::InformationRequested),
        (S::InformationRequested, C::GiveInformation) => Ok(S::Sent),
        (S::Sent | S::InformationRequested, C::Accept) => Ok(S::Accepted),
        (S::Accepted, C::Place) => Ok(S::Placed),
        (S::Sent | S::InformationRequested | S::Accepted, C::EndByProvider) => Ok(S::DeclinedByProvider),
        (S::Sent | S::InformationRequested | S::Accepted, C::EndBySurvivor) => Ok(S::DeclinedBySurvivor),
        (S::Sent | S::InformationRequested | S::Accepted, C::EndByReferrer) => Ok(S::Withdrawn),
        (S::Sent | S::InformationRequested, C::EndBySystem) => Ok(S::Lapsed),
        _ => Err(Refusal::ReferralState { state, command }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edge_that_is_not_drawn_is_refused() {
        let mut drawn = Vec::new();
        for &state in State::ALL {
            for &command in Command::ALL {
                match transition(state, command) {
                    Ok(next) => drawn.push(format!("{} {} {}", state.as_str(), command.as_str(), next.as_str())),
                    Err(refusal) => assert_eq!(refusal, Refusal::ReferralState { state, command }),
                }
            }
        }
        assert_eq!(
            drawn,
            [
                "sent request_information information_requested",
                "sent accept accepted",
                "sent end_by_provider declined_by_provider",
                "sent end_by_survivor declined_by_survivor",
                "sent end_by_referrer withdrawn",
                "sent end_by_system lapsed",
                "information_requested give_information sent",
                "information_requested accept accepted",
                "information_requested end_by_provider declined_by_provider",
                "information_requested end_by_survivor declined_by_survivor",
                "information_requested end_by_referrer withdrawn",
                "information_requested end_by_system lapsed",
                "accepted place placed",
                "accepted end_by_provider declined_by_provider",
                "accepted end_by_survivor declined_by_survivor",
                "accepted end_by_referrer withdrawn",
            ]
        );
    }
}
