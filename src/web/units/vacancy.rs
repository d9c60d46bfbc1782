//! Posting the vacancy of a unit, standing by it, taking it back.

use actix_web::post;
use actix_web::web::ServiceConfig;

use super::{board, show};
use crate::actions;
use crate::api::input::Path;
use crate::ids::{UnitId, VacancyId};
use crate::web::Answer;
use crate::web::form::{Form, Posted, missing};
use crate::web::page::{Done, Page};

pub fn routes(config: &mut ServiceConfig) {
    config.service(offer).service(confirm).service(withdraw).service(moved);
}

/// Posts a vacancy from today, or from the day that is typed.
#[post("/units/{id}/vacancy")]
async fn offer(page: Page, Path(id): Path<UnitId>, posted: Posted) -> Answer {
    let deed = async {
        let from = posted.date("available_from")?;
        if from.is_none() && posted.has("available_from-day") {
            return Err(missing("available_from", "Enter the day it can be taken from"));
        }
        let verb = move |tx: &mut crate::db::Tx| Ok(actions::vacancies::post(tx, id, from)?.map(drop));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    let done = page.act(&posted, deed).await?;
    back(&page, &posted, Some(id), done, Done::Posted).await
}

#[post("/vacancies/{id}/confirm")]
async fn confirm(page: Page, Path(id): Path<VacancyId>, posted: Posted) -> Answer {
    let verb = move |tx: &mut crate::db::Tx| Ok(actions::vacancies::confirm(tx, id)?.map(drop));
    let done = page.act(&posted, page.app.db.write_once(&page.actor, page.once(&posted), verb)).await?;
    back(&page, &posted, None, done, Done::VacancyConfirmed).await
}

/// Nobody is sent there from now on. It is done at once, for it can be posted again as quickly.
#[post("/vacancies/{id}/withdraw")]
async fn withdraw(page: Page, Path(id): Path<VacancyId>, posted: Posted) -> Answer {
    let verb = move |tx: &mut crate::db::Tx| Ok(actions::vacancies::withdraw(tx, id)?.map(drop));
    let done = page.act(&posted, page.app.db.write_once(&page.actor, page.once(&posted), verb)).await?;
    back(&page, &posted, None, done, Done::Withdrawn).await
}

/// Moves the day from which a vacancy can be taken.
#[post("/vacancies/{id}/day")]
async fn moved(page: Page, Path(id): Path<VacancyId>, posted: Posted) -> Answer {
    let deed = async {
        let from = posted
            .date("available_from")?
            .ok_or_else(|| missing("available_from", "Enter the day it can be taken from"))?;
        let version = posted.parse("version", "Open this page again")?;
        page.app
            .db
            .write_once(&page.actor, page.once(&posted), move |tx| {
                Ok(actions::vacancies::edit(tx, id, version, from)?.map(drop))
            })
            .await
    };
    let done = page.act(&posted, deed).await?;
    back(&page, &posted, None, done, Done::VacancySaved).await
}

/// To the page that the button was on: the unit's own when it names it, the board otherwise.
async fn back(page: &Page, posted: &Posted, unit: Option<UnitId>, outcome: Result<(), Form>, done: Done) -> Answer {
    let named = posted.get("unit").parse().ok().map(UnitId);
    let from = named.or(unit.filter(|_| posted.has("available_from-day")));
    match (outcome, from) {
        (Ok(()), Some(unit)) => page.go(&format!("/units/{}", unit.0), done),
        (Ok(()), None) => page.go("/units", done),
        (Err(form), Some(unit)) => show::shown(page, unit, form).await,
        (Err(form), None) => board::shown(page, form).await,
    }
}
