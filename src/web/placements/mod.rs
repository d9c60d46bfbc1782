//! Stays: who is expected, who lives here, who has left lately.

mod deeds;
mod list;
mod moves;
mod outcomes;
mod show;
mod support;

pub use show::with_notes;

use actix_web::web::ServiceConfig;

use crate::domain::placement::State;

pub fn routes(config: &mut ServiceConfig) {
    config.configure(list::routes).configure(deeds::routes).configure(show::routes);
    config.configure(moves::routes).configure(support::routes).configure(outcomes::routes);
}

/// How far a stay has come, in words, with the last part of its class.
pub fn state(state: State) -> (&'static str, &'static str) {
    match state {
        State::Expected => ("Expected", "expected"),
        State::Arrived => ("Living here", "lived"),
        State::Departed => ("Left", "void"),
        State::DidNotArrive => ("Did not arrive", "void"),
        State::Moved => ("Moved on", "void"),
    }
}
