//! The JSON API, version 1.

pub(crate) mod accounts;
mod alerts;
pub(crate) mod annual_return;
pub mod audit;
pub(crate) mod barriers;
mod cases;
mod contact;
pub(crate) mod emergency;
mod exclusions;
mod health;
mod identity;
pub(crate) mod input;
pub(crate) mod jobs;
pub(crate) mod journeys;
mod links;
pub(crate) mod looks;
mod mail;
pub(crate) mod matching;
mod measures;
mod merges;
pub(crate) mod notes;
mod occupancy;
pub mod openapi;
mod organisations;
mod outcomes;
pub(crate) mod page;
pub(crate) mod placements;
pub mod problem;
pub(crate) mod reassigning;
pub(crate) mod records;
mod reference;
pub(crate) mod referrals;
pub mod releases;
pub(crate) mod repeats;
pub(crate) mod report_files;
pub(crate) mod report_schedules;
pub(crate) mod reports;
pub(crate) mod risk;
pub(crate) mod rules;
pub(crate) mod safety_plan;
pub(crate) mod sanctuary;
pub(crate) mod searches;
mod second_factor;
pub(crate) mod services;
pub(crate) mod sessions;
mod sound;
mod support;
mod targets;
pub(crate) mod tasks;
pub(crate) mod timeline;
mod units;
pub(crate) mod vacancies;
pub(crate) mod waiting;
pub(crate) mod watches;

use actix_web::http::header::{ETAG, LOCATION};
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::SwaggerUi;

/// Every route of the API. Only `.service(handler)` is used: it does not accept a handler without its documentation.
pub fn routes(config: &mut ServiceConfig) {
    config.service(health::alive).service(health::ready).service(
        scope("/api/v1")
            .configure(sessions::routes)
            .configure(second_factor::routes)
            .configure(links::routes)
            .configure(organisations::routes)
            .configure(accounts::routes)
            .configure(reference::routes)
            .configure(services::routes)
            .configure(rules::routes)
            .configure(searches::routes)
            .configure(barriers::routes)
            .configure(watches::routes)
            .configure(units::routes)
            .configure(occupancy::routes)
            .configure(vacancies::routes)
            .configure(cases::routes)
            .configure(identity::routes)
            .configure(contact::routes)
            .configure(repeats::routes)
            .configure(merges::routes)
            .configure(waiting::routes)
            .configure(journeys::routes)
            .configure(matching::routes)
            .configure(referrals::routes)
            .configure(placements::routes)
            .configure(support::routes)
            .configure(outcomes::routes)
            .configure(sanctuary::routes)
            .configure(reports::routes)
            .configure(annual_return::routes)
            .configure(measures::routes)
            .configure(report_files::routes)
            .configure(report_schedules::routes)
            .configure(targets::routes)
            .configure(releases::routes)
            .configure(records::routes)
            .configure(audit::routes)
            .configure(looks::routes)
            .configure(timeline::routes)
            .configure(notes::routes)
            .configure(risk::routes)
            .configure(safety_plan::routes)
            .configure(mail::routes)
            .configure(exclusions::routes)
            .configure(emergency::routes)
            .configure(alerts::routes)
            .configure(tasks::routes)
            .configure(reassigning::routes)
            .configure(jobs::routes),
    );
}

/// The document of the API as it is handed out. A test holds it against the router.
const DOCUMENT: &str = include_str!("../../api-spec/openapi.json");

/// The document of the API, and pages to read it by: all of it from here, nothing from anywhere else.
pub fn documentation(config: &mut web::ServiceConfig) {
    // Unless told otherwise, Swagger UI would ask a validator on the internet what it thinks of the document.
    let reference = utoipa_swagger_ui::Config::from("/api/openapi.json").validator_url("none");
    config.service(document).service(SwaggerUi::new("/api/reference/{_:.*}").config(reference));
}

#[get("/api/openapi.json")]
async fn document() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(DOCUMENT)
}

/// An editable record, with the version that its reader has to name to change it.
fn tagged(version: i32, body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((ETAG, etag(version))).json(body)
}

/// A new record, and where it is.
fn created(location: String, version: Option<i32>, body: &impl Serialize) -> HttpResponse {
    let mut answer = HttpResponse::Created();
    answer.insert_header((LOCATION, location));
    if let Some(version) = version {
        answer.insert_header((ETAG, etag(version)));
    }
    answer.json(body)
}

fn etag(version: i32) -> String {
    format!("\"{version}\"")
}
