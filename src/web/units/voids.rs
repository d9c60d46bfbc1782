//! Taking a unit out of use for a while, and back.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use uuid::Uuid;

use super::{board, show};
use crate::actions;
use crate::actions::occupancy::NewVoid;
use crate::api::input::Path;
use crate::clock::At;
use crate::db;
use crate::ids::{OccupancyId, UnitId};
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong};
use crate::web::page::{Done, Page};
use crate::web::reasons::options;

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask).service(record).service(end_void);
}

#[derive(Template)]
#[template(path = "units/void.html")]
struct Void<'a> {
    page: &'a Page,
    form: Form,
    id: Uuid,
    code: String,
    reasons: Vec<(String, String)>,
    /// Whether somebody holds it now.
    held: bool,
}

async fn shown(page: &Page, id: UnitId, form: Form) -> Answer {
    let (owner, now) = (page.actor.organisation, page.now);
    let (unit, codes, taken) = page
        .app
        .db
        .read(&page.actor, move |conn| {
            let unit = db::units::find_of(conn, owner, id)?;
            let codes = db::reference::codes(conn, Some("void_reason"))?;
            Ok((unit, codes, db::occupancy::intervals_after(conn, id, now)?))
        })
        .await?;
    let reasons = options(&codes, "void_reason", now.date());
    let held = taken.iter().any(|(kind, during)| *kind == crate::domain::occupancy::Kind::Hold && during.contains(now));
    page.show_form(&form.clone(), &Void { page, form, id: id.0, code: unit.code, reasons, held })
}

#[get("/units/{id}/void")]
async fn ask(page: Page, Path(id): Path<UnitId>) -> Answer {
    shown(&page, id, Form::new()).await
}

#[post("/units/{id}/void")]
async fn record(page: Page, Path(id): Path<UnitId>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let reason = posted.get("reason").to_owned();
        if reason.is_empty() {
            wrong.note("reason", "Select why it is out of use");
        }
        // From today means from now: this morning somebody may still have lived there.
        let starts_at = wrong.take(posted.date("starts_at"))?.flatten();
        let starts_at = starts_at.filter(|day| *day != page.now.date()).map(At::start_of);
        let ends_at = wrong.take(posted.date("ends_at"))?.flatten().map(At::start_of);
        if ends_at.is_some_and(|end| end <= starts_at.unwrap_or(page.now)) {
            wrong.note("ends_at", "Enter a day after the first day out of use, or leave it empty");
        }
        wrong.check()?;
        let new = NewVoid { reason, starts_at, ends_at, end_holds: posted.get("end_holds") == "yes" };
        let verb = move |tx: &mut db::Tx| Ok(actions::occupancy::void(tx, id, &new)?.map(drop));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&format!("/units/{}", id.0), Done::VoidRecorded),
        Err(form) => shown(&page, id, form).await,
    }
}

#[post("/units/{id}/voids/{void}/end")]
async fn end_void(page: Page, Path((id, void)): Path<(UnitId, OccupancyId)>, posted: Posted) -> Answer {
    let verb = move |tx: &mut db::Tx| Ok(actions::occupancy::end_void(tx, id, void)?.map(drop));
    let done = page.act(&posted, page.app.db.write_once(&page.actor, page.once(&posted), verb)).await?;
    let from_unit = !posted.get("unit").is_empty();
    match done {
        Ok(()) if from_unit => page.go(&format!("/units/{}", id.0), Done::VoidEnded),
        Ok(()) => page.go("/units", Done::VoidEnded),
        Err(form) if from_unit => show::shown(&page, id, form).await,
        Err(form) => board::shown(&page, form).await,
    }
}
