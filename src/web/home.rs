//! The way in: on to the page that somebody's day begins with.

use actix_web::get;
use actix_web::web::ServiceConfig;

use super::page::{Page, see_other};
use super::{Answer, second_factor};
use crate::domain::permission::{Action, Role};

pub fn routes(config: &mut ServiceConfig) {
    config.service(home);
}

#[get("/")]
async fn home(page: Page) -> Answer {
    if !page.signed_in() {
        return Ok(see_other("/sign-in"));
    }
    if page.actor.is_half_in() {
        return Ok(see_other(second_factor::next_step(&page)));
    }
    let manager = page.actor.has(Role::RefugeManager) || page.actor.has(Role::HelplineManager);
    let landing = [
        (manager, "/reports/denied-access"),
        (page.may(Action::WorkCases), "/find"),
        (page.may(Action::ManageVacancies), "/units"),
        (page.may(Action::ManageOrganisations), "/organisations"),
        (page.may(Action::ReadAudit), "/audit"),
        (page.may(Action::ReadReleases), "/figures"),
    ];
    Ok(see_other(landing.iter().find(|(theirs, _)| *theirs).map_or("/account", |(_, path)| *path)))
}
