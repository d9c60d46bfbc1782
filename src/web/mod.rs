//! The pages: for people with a browser, over the same actions as the API.
//!
//! A page is rendered on the server and works without a script. A form is a `POST` that answers with a redirect when it
//! was done, and with the same form, as it was typed, when it was not.

mod account;
mod accounts;
mod alerts;
mod asking;
mod assets;
mod audit;
mod cases;
mod chart;
mod contact;
mod emergency;
pub mod errors;
mod exclusions;
mod form;
mod free_text;
mod health;
mod home;
mod household;
mod instant;
mod journeys;
mod keep;
mod links;
mod live;
mod looks;
mod mail;
mod matching;
mod merges;
mod notes;
mod occupancy;
mod organisations;
mod page;
mod placements;
mod reasons;
mod reassigning;
mod reference;
mod referrals;
mod releases;
mod reports;
mod risk;
mod rules;
mod safety_plan;
mod sanctuary;
mod second_factor;
mod services;
pub mod sessions;
mod targets;
mod tasks;
mod timeline;
mod units;
mod vacancies;
mod waiting;
mod watches;
mod words;

pub use form::{CSRF, Form, Posted};
pub use page::PART;

use actix_web::HttpResponse;
use actix_web::web::ServiceConfig;

use crate::error::AppError;

/// What a handler of a page gives back. An error becomes a page in the gate.
type Answer = Result<HttpResponse, AppError>;

pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(assets::routes)
        .configure(home::routes)
        .configure(sessions::routes)
        .configure(second_factor::routes)
        .configure(account::routes)
        .configure(links::routes)
        .configure(audit::routes)
        .configure(live::routes)
        .configure(looks::routes)
        .configure(matching::routes)
        .configure(asking::routes)
        .configure(watches::routes)
        .configure(cases::routes)
        .configure(journeys::routes)
        .configure(merges::routes)
        .configure(waiting::routes)
        .configure(referrals::routes)
        .configure(units::routes);
    config
        .configure(reports::routes)
        .configure(releases::routes)
        .configure(accounts::routes)
        .configure(organisations::routes)
        .configure(services::routes)
        .configure(rules::routes)
        .configure(reference::routes)
        .configure(health::routes)
        .configure(mail::routes)
        .configure(occupancy::routes)
        .configure(placements::routes)
        .configure(sanctuary::routes)
        .configure(vacancies::routes)
        .configure(exclusions::routes)
        .configure(emergency::routes)
        .configure(alerts::routes)
        .configure(targets::routes)
        .configure(tasks::routes)
        .configure(reassigning::routes)
        .configure(timeline::routes)
        .configure(notes::routes)
        .configure(risk::routes)
        .configure(safety_plan::routes);
}

/// Whether people see this, and not programs.
pub fn is_page(path: &str) -> bool {
    !(path.starts_with("/api/") || path == "/healthz" || path == "/readyz")
}
