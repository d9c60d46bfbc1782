//! What is recorded of a stay: they came, they did not come, they stay longer, they left.

use actix_web::post;
use actix_web::web::ServiceConfig;

use super::show::{Forms, shown};
use crate::actions;
use crate::actions::placements::Departure;
use crate::api::input::Path;
use crate::db::Tx;
use crate::ids::OccupancyId;
use crate::web::Answer;
use crate::web::form::{Posted, Wrong, missing};
use crate::web::page::{Done, Page};
use crate::web::{instant, reasons};

pub fn routes(config: &mut ServiceConfig) {
    config.service(arrive).service(do_not_arrive).service(extend).service(depart);
}

fn path(id: OccupancyId) -> String {
    format!("/placements/{}", id.0)
}

#[post("/placements/{id}/arrive")]
async fn arrive(page: Page, Path(id): Path<OccupancyId>, posted: Posted) -> Answer {
    let deed = async {
        let at = instant::read(&posted, "arrived_at", page.now)?;
        let verb = move |tx: &mut Tx| Ok(actions::placements::arrive(tx, id, at)?.map(drop));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&path(id), Done::Arrived),
        Err(form) => shown(&page, id, Forms { arrive: Some(form), ..Forms::default() }).await,
    }
}

#[post("/placements/{id}/did-not-arrive")]
async fn do_not_arrive(page: Page, Path(id): Path<OccupancyId>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let reasons = reasons::read(&posted, &mut wrong);
        wrong.check()?;
        let verb = move |tx: &mut Tx| Ok(actions::placements::do_not_arrive(tx, id, &reasons)?.map(drop));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&path(id), Done::DidNotArrive),
        Err(form) => shown(&page, id, Forms { none: Some(form), ..Forms::default() }).await,
    }
}

#[post("/placements/{id}/extend")]
async fn extend(page: Page, Path(id): Path<OccupancyId>, posted: Posted) -> Answer {
    let deed = async {
        let empty = || missing("expected_end", "Enter the day that they are now to leave");
        let end = posted.date("expected_end")?.ok_or_else(empty)?;
        let verb = move |tx: &mut Tx| Ok(actions::placements::extend(tx, id, end)?.map(drop));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&path(id), Done::Extended),
        Err(form) => shown(&page, id, Forms { extend: Some(form), ..Forms::default() }).await,
    }
}

#[post("/placements/{id}/depart")]
async fn depart(page: Page, Path(id): Path<OccupancyId>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let departed_at = wrong.take(instant::read(&posted, "departed_at", page.now))?.flatten();
        let kind = wrong.take(posted.parse("kind", "Select whether it was planned"))?;
        let move_on_wish_on = wrong.take(posted.date("move_on_wish_on"))?.flatten();
        let move_on_timely = match posted.get("move_on_timely") {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        let destination = posted.get("destination").to_owned();
        if destination.is_empty() {
            wrong.note("destination", "Select where they went");
        }
        wrong.check()?;
        let Some(kind) = kind else { return Err(missing("kind", "Select whether it was planned")) };
        let asked_to_leave_reason = posted.some("asked_to_leave_reason");
        let departure =
            Departure { departed_at, kind, destination, asked_to_leave_reason, move_on_wish_on, move_on_timely };
        let verb = move |tx: &mut Tx| Ok(actions::placements::depart(tx, id, &departure)?.map(drop));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&path(id), Done::Departed),
        Err(form) => shown(&page, id, Forms { depart: Some(form), ..Forms::default() }).await,
    }
}
