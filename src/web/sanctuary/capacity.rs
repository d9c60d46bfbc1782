//! What a scheme can do in a month: for its manager.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use chrono::NaiveDate;
use garde::Validate;
use serde::Deserialize;

use super::{left_of, pence, pounds};
use crate::actions::sanctuary::{months, set_capacity};
use crate::api::input::{Path, Query};
use crate::db;
use crate::domain::sanctuary::{Left, month_of};
use crate::error::AppError;
use crate::ids::ServiceId;
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong, missing};
use crate::web::page::{Done, Page};

pub fn routes(config: &mut ServiceConfig) {
    config.service(show).service(save);
}

/// So many months can be planned ahead.
const MONTHS: usize = 12;

#[derive(Debug, Deserialize, Validate)]
#[garde(allow_unvalidated)]
struct Chosen {
    month: Option<NaiveDate>,
}

/// A month in the list.
struct Month {
    first: NaiveDate,
    name: String,
    left: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "sanctuary/capacity.html")]
struct Show<'a> {
    page: &'a Page,
    form: Form,
    id: ServiceId,
    service: String,
    months: Vec<Month>,
    first: NaiveDate,
    name: String,
}

async fn shown(page: &Page, id: ServiceId, month: NaiveDate, sent: Option<Form>) -> Answer {
    let (owner, today) = (page.actor.organisation, page.now.date());
    let read = move |conn: &mut db::Conn| {
        let service = db::services::find_of(conn, owner, id)?;
        Ok((service, db::sanctuary::left(conn, id, &months(today, MONTHS))?))
    };
    let (service, left) = page.app.db.read(&page.actor, read).await?;
    let chosen: &Left = left.iter().find(|left| left.month == month).ok_or(AppError::NotFound)?;
    let form = match sent {
        Some(form) => form.renewed(chosen.version),
        None => Form::new().with("version", chosen.version).with_some("jobs", chosen.jobs).with_some(
            "budget_pence",
            chosen.budget_pence.map(|pence| pounds(i64::from(pence)).trim_start_matches('£').to_owned()),
        ),
    };
    let name = left_of(chosen).0;
    let months = left.iter().map(|left| {
        let (name, text) = left_of(left);
        Month { first: left.month, name, left: text, chosen: left.month == month }
    });
    let template =
        Show { page, form: form.clone(), id, service: service.name, months: months.collect(), first: month, name };
    page.show_form(&form, &template)
}

#[get("/services/{id}/sanctuary-capacity")]
async fn show(page: Page, Path(id): Path<ServiceId>, Query(Chosen { month }): Query<Chosen>) -> Answer {
    let month = month_of(month.unwrap_or(page.now.date()));
    shown(&page, id, month, None).await
}

#[post("/services/{id}/sanctuary-capacity/{month}")]
async fn save(page: Page, Path((id, month)): Path<(ServiceId, NaiveDate)>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let version: i32 = posted.parse("version", "Open the page again")?;
        let message = "Enter how many jobs, from 0 to 10000";
        let jobs: Option<i32> = wrong.take(posted.maybe("jobs", message))?.flatten();
        if jobs.is_some_and(|jobs| !(0..=10_000).contains(&jobs)) {
            wrong.take::<()>(Err(missing("jobs", message)))?;
        }
        let budget = wrong.take(pence(&posted, "budget_pence"))?.flatten();
        wrong.check()?;
        page.app.db.write(&page.actor, move |tx| set_capacity(tx, id, month, version, jobs, budget)).await
    };
    match page.act(&posted, deed).await? {
        Ok(_) => page.go(&format!("/services/{}/sanctuary-capacity?month={month}", id.0), Done::CapacitySaved),
        Err(form) => shown(&page, id, month, Some(form)).await,
    }
}
