//! What either side does with a job.

use actix_web::post;
use actix_web::web::ServiceConfig;
use chrono::NaiveDate;
use uuid::Uuid;

use super::pence;
use super::show::{Sent, shown};
use crate::actions::sanctuary as verbs;
use crate::actions::sanctuary::{Edit, MeasureEdit, NewMeasure};
use crate::api::input::Path;
use crate::audit::Change;
use crate::db::Tx;
use crate::db::sanctuary::Job;
use crate::error::AppError;
use crate::ids::{SanctuaryId, SanctuaryMeasureId};
use crate::web::Answer;
use crate::web::form::{Posted, Wrong, missing};
use crate::web::page::{Done, Page};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(book)
        .service(survey)
        .service(install)
        .service(sign_off)
        .service(end)
        .service(home)
        .service(add_measure)
        .service(edit_measure)
        .service(open_again);
}

/// Takes a step, and shows the job again.
async fn step<V>(
    page: &Page,
    id: SanctuaryId,
    posted: &Posted,
    which: &str,
    done: Done,
    read: impl FnOnce(&Posted) -> Result<V, AppError>,
    verb: impl Fn(&mut Tx, &V) -> Result<Change<Job>, AppError> + Send + Sync + 'static,
) -> Answer
where
    V: Send + Sync + 'static,
{
    let deed = async {
        let value = read(posted)?;
        let verb = move |tx: &mut Tx| Ok(verb(tx, &value)?.map(|_| ()));
        page.app.db.write_once(&page.actor, page.once(posted), verb).await
    };
    match page.act(posted, deed).await? {
        Ok(()) => page.go(&format!("/sanctuary/{}", id.0), done),
        Err(form) => shown(page, id, &Sent { which: which.to_owned(), form }).await,
    }
}

fn on(posted: &Posted) -> Result<Option<NaiveDate>, AppError> {
    posted.date("on")
}

#[post("/sanctuary/{id}/book")]
async fn book(page: Page, Path(id): Path<SanctuaryId>, posted: Posted) -> Answer {
    let read =
        |posted: &Posted| posted.date("survey_on")?.ok_or_else(|| missing("survey_on", "Enter the day of the survey"));
    step(&page, id, &posted, "book", Done::SanctuaryBooked, read, move |tx, day| verbs::book(tx, id, *day)).await
}

#[post("/sanctuary/{id}/survey")]
async fn survey(page: Page, Path(id): Path<SanctuaryId>, posted: Posted) -> Answer {
    step(&page, id, &posted, "survey", Done::SanctuarySaved, on, move |tx, day| verbs::survey(tx, id, *day)).await
}

#[post("/sanctuary/{id}/install")]
async fn install(page: Page, Path(id): Path<SanctuaryId>, posted: Posted) -> Answer {
    step(&page, id, &posted, "install", Done::SanctuarySaved, on, move |tx, day| verbs::install(tx, id, *day)).await
}

#[post("/sanctuary/{id}/sign-off")]
async fn sign_off(page: Page, Path(id): Path<SanctuaryId>, posted: Posted) -> Answer {
    let verb = move |tx: &mut Tx, day: &Option<NaiveDate>| verbs::sign_off(tx, id, *day);
    step(&page, id, &posted, "sign-off", Done::SanctuarySignedOff, on, verb).await
}

#[post("/sanctuary/{id}/end")]
async fn end(page: Page, Path(id): Path<SanctuaryId>, posted: Posted) -> Answer {
    let read = |posted: &Posted| posted.some("reason").ok_or_else(|| missing("reason", "Select why the job ends"));
    let verb = move |tx: &mut Tx, reason: &String| verbs::end(tx, id, reason);
    step(&page, id, &posted, "end", Done::SanctuaryEnded, read, verb).await
}

/// The version that somebody has read, in a hidden field.
fn version(posted: &Posted) -> Result<i32, AppError> {
    posted.parse("version", "Open the page again")
}

#[post("/sanctuary/{id}/home")]
async fn home(page: Page, Path(id): Path<SanctuaryId>, posted: Posted) -> Answer {
    let read = |posted: &Posted| {
        let mut wrong = Wrong::default();
        let version = version(posted)?;
        let tenure = wrong.take(posted.maybe("tenure", "Select how they have their home"))?.flatten();
        let landlord_consent = wrong.take(posted.maybe("landlord_consent", "Select what they say"))?.flatten();
        let consent_on = wrong.take(posted.date("consent_on"))?.flatten();
        let perpetrator_keys = wrong.take(posted.maybe("perpetrator_keys", "Select an answer"))?.flatten();
        let joint_tenancy = wrong.take(posted.maybe("joint_tenancy", "Select an answer"))?.flatten();
        let wanted_month = wrong.take(posted.maybe("wanted_month", "Select a month"))?.flatten();
        wrong.check()?;
        let edit = Edit { wanted_month, tenure, landlord_consent, consent_on, perpetrator_keys, joint_tenancy };
        Ok((version, edit))
    };
    let verb = move |tx: &mut Tx, (version, edit): &(i32, Edit)| verbs::edit(tx, id, *version, edit);
    step(&page, id, &posted, "home", Done::SanctuarySaved, read, verb).await
}

/// How many, as it was typed.
fn number(posted: &Posted) -> Result<i32, AppError> {
    let message = "Enter how many, from 1 to 100";
    let number = posted.parse::<i32>("number", message)?;
    if (1..=100).contains(&number) { Ok(number) } else { Err(missing("number", message)) }
}

#[post("/sanctuary/{id}/measures")]
async fn add_measure(page: Page, Path(id): Path<SanctuaryId>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let kind = posted.get("kind").to_owned();
        if kind.is_empty() {
            wrong.note("kind", "Select what is fitted");
        }
        let number = wrong.take(number(&posted))?;
        let cost = wrong.take(pence(&posted, "cost_pence"))?.flatten();
        let installer = wrong.take(posted.maybe("installer", "Select who fits it"))?.flatten();
        wrong.check()?;
        let number = number.ok_or_else(|| AppError::internal("a number that is not there was not noticed"))?;
        let new = NewMeasure { kind, number, cost_pence: cost.unwrap_or_default(), installer };
        let verb = move |tx: &mut Tx| Ok(verbs::add_measure(tx, id, &new)?.map(|_| ()));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&format!("/sanctuary/{}#measures", id.0), Done::SanctuarySaved),
        Err(form) => shown(&page, id, &Sent { which: "measure".into(), form }).await,
    }
}

#[post("/sanctuary/{id}/measures/{measure}")]
async fn edit_measure(page: Page, Path((id, measure)): Path<(SanctuaryId, Uuid)>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let version = version(&posted)?;
        let number = wrong.take(number(&posted))?;
        let cost_pence = wrong.take(pence(&posted, "cost"))?.flatten();
        let installer = wrong.take(posted.maybe("installer", "Select who fits it"))?.flatten();
        let state = wrong.take(posted.maybe("state", "Select if it is there"))?.flatten();
        wrong.check()?;
        let edit = MeasureEdit { number, cost_pence, installer, state };
        let measure = SanctuaryMeasureId(measure);
        let verb = move |tx: &mut Tx| verbs::edit_measure(tx, id, measure, version, edit);
        page.app.db.write(&page.actor, verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(_) => page.go(&format!("/sanctuary/{}#measures", id.0), Done::SanctuarySaved),
        Err(form) => shown(&page, id, &Sent { which: measure.to_string(), form }).await,
    }
}

/// A new case for a household that is not safe at home any more, with what is known of it.
#[post("/sanctuary/{id}/case")]
async fn open_again(page: Page, Path(id): Path<SanctuaryId>, posted: Posted) -> Answer {
    let deed = page.app.db.write_once(&page.actor, page.once(&posted), move |tx| verbs::open_again(tx, id));
    match page.act(&posted, deed).await? {
        Ok(case) => page.go(&format!("/cases/{}", case.0), Done::CaseSaved),
        Err(form) => shown(&page, id, &Sent { which: "case".into(), form }).await,
    }
}
