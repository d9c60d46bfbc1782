//! Referrals, for both sides: the service that is asked to take a household, and the worker who asks.

mod answer;
mod household;
mod list;
mod released;
mod show;
pub mod waiting;
mod withdraw;

use actix_web::web::ServiceConfig;

use crate::domain::referral::State;

pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(list::routes)
        .configure(answer::routes)
        .configure(withdraw::routes)
        .configure(released::routes)
        .configure(show::routes);
}

/// How far a referral has come, in words.
pub fn state(state: State) -> &'static str {
    match state {
        State::Sent => "Waiting for an answer",
        State::InformationRequested => "More information asked for",
        State::Accepted => "Accepted",
        State::Placed => "Household arrived",
        State::DeclinedByProvider => "Declined by the service",
        State::DeclinedBySurvivor => "Declined by the survivor",
        State::Withdrawn => "Withdrawn",
        State::Lapsed => "Came to nothing",
    }
}

/// The last part of its class.
pub fn class(state: State) -> &'static str {
    match state {
        State::Sent => "held",
        State::InformationRequested => "lived",
        State::Accepted => "expected",
        State::Placed => "free",
        _ => "void",
    }
}
