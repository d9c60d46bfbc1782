//! Moving a household to another unit, or on to second stage.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use uuid::Uuid;

use crate::actions::placements::{Moving, SecondStage, arrange_second_stage, move_to};
use crate::api::input::Path;
use crate::db::exclusions::Reader;
use crate::db::occupancy::Occupancy;
use crate::db::units::Unit;
use crate::db::{self, Conn, Tx};
use crate::domain::occupancy::Kind;
use crate::domain::placement::State;
use crate::domain::provision::AccommodationType;
use crate::error::AppError;
use crate::ids::{OccupancyId, OrganisationId, ServiceId, UnitId};
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong, missing};
use crate::web::instant;
use crate::web::page::{Done, Page};
use crate::web::reasons::options;
use crate::web::units::told::natural;
use crate::web::words::day;

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask_move).service(record_move).service(ask_second_stage).service(record_second_stage);
}

/// So many units of a service are offered.
const MOST: i64 = 200;

#[derive(Template)]
#[template(path = "placements/move.html")]
struct Move<'a> {
    page: &'a Page,
    form: Form,
    id: Uuid,
    code: String,
    service: String,
    /// Whether they live there now.
    here: bool,
    units: Vec<(String, String)>,
    reasons: Vec<(String, String)>,
}

async fn show_move(page: &Page, id: OccupancyId, form: Form) -> Answer {
    let (reader, now) = (Reader::of(&page.actor), page.now);
    let read = move |conn: &mut Conn| {
        let seen = db::placements::find_of(conn, reader, id)?;
        let (unit, _) = db::units::find(conn, seen.unit)?;
        let service = db::services::find(conn, unit.service_id)?.service;
        let taken = db::occupancy::of_organisation_after(conn, reader.organisation, now)?;
        let units = free_units(conn, reader.organisation, service.id, &taken)?;
        Ok((seen, unit, service, units, db::reference::codes(conn, Some("move_reason"))?))
    };
    let (seen, unit, service, units, codes) = page.app.db.read(&page.actor, read).await?;
    let units = units.into_iter().filter(|other| other.id != unit.id && nothing(&other.taken));
    let shown = Move {
        page,
        form: form.clone(),
        id: id.0,
        code: unit.code,
        service: service.name,
        here: seen.placement.state == State::Arrived,
        units: units.map(|unit| (unit.id.0.to_string(), unit.code)).collect(),
        reasons: options(&codes, "move_reason", now.date()),
    };
    page.show_form(&form, &shown)
}

/// A unit that is in use, and what it is taken by from now on.
struct Home {
    id: UnitId,
    code: String,
    taken: Vec<Occupancy>,
}

fn nothing(taken: &[Occupancy]) -> bool {
    taken.iter().all(|taken| taken.ends_at == Some(taken.starts_at))
}

fn free_units(
    conn: &mut Conn,
    owner: OrganisationId,
    service: ServiceId,
    taken: &[Occupancy],
) -> Result<Vec<Home>, AppError> {
    let units = db::units::page(conn, owner, Some(service), None, MOST)?.into_iter();
    let mut homes: Vec<Home> = units
        .filter(|unit| unit.online_until.is_none())
        .map(|Unit { id, code, .. }| {
            let taken = taken.iter().filter(|taken| taken.unit_id == id).cloned().collect();
            Home { id, code, taken }
        })
        .collect();
    homes.sort_by_cached_key(|home| natural(&home.code));
    Ok(homes)
}

#[get("/placements/{id}/move")]
async fn ask_move(page: Page, Path(id): Path<OccupancyId>) -> Answer {
    show_move(&page, id, Form::new()).await
}

#[post("/placements/{id}/move")]
async fn record_move(page: Page, Path(id): Path<OccupancyId>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let unit = wrong.take(posted.parse("unit_id", "Select the unit that they move to"))?.map(UnitId);
        let moved_at = wrong.take(instant::read(&posted, "moved_at", page.now))?.flatten();
        let reason = posted.get("reason").to_owned();
        if reason.is_empty() {
            wrong.note("reason", "Select why they move");
        }
        wrong.check()?;
        let Some(unit) = unit else { return Err(missing("unit_id", "Select the unit that they move to")) };
        let moving = Moving { unit, moved_at, reason };
        let verb = move |tx: &mut Tx| Ok(move_to(tx, id, &moving)?.map(|next| next.id));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(next) => page.go(&format!("/placements/{}", next.0), Done::MovedUnit),
        Err(form) => show_move(&page, id, form).await,
    }
}

#[derive(Template)]
#[template(path = "placements/second_stage.html")]
struct Second<'a> {
    page: &'a Page,
    form: Form,
    id: Uuid,
    code: String,
    here: bool,
    units: Vec<(String, String)>,
    referral: Uuid,
}

async fn show_second_stage(page: &Page, id: OccupancyId, form: Form) -> Answer {
    let (reader, now) = (Reader::of(&page.actor), page.now);
    let read = move |conn: &mut Conn| {
        let seen = db::placements::find_of(conn, reader, id)?;
        let (unit, _) = db::units::find(conn, seen.unit)?;
        let taken = db::occupancy::of_organisation_after(conn, reader.organisation, now)?;
        let mut homes = Vec::new();
        for named in db::services::page(conn, Some(reader.organisation), None, MOST)? {
            let service = named.service;
            let second = service.accommodation_type == AccommodationType::SecondStage;
            if second && service.active && service.id != unit.service_id {
                let free = free_units(conn, reader.organisation, service.id, &taken)?;
                homes.extend(free.into_iter().map(|home| (home, service.name.clone())));
            }
        }
        Ok((seen, unit, homes))
    };
    let (seen, unit, homes) = page.app.db.read(&page.actor, read).await?;
    let only_void = |home: &Home| home.taken.iter().all(|taken| taken.kind == Kind::Void);
    let units = homes.into_iter().filter(|(home, _)| only_void(home)).map(|(home, service)| {
        let until = home.taken.iter().filter_map(|void| void.ends_at).max();
        let text = match until {
            _ if nothing(&home.taken) => format!("{}, {service}", home.code),
            Some(until) => format!("{}, {service} (out of use until {})", home.code, day(until.date())),
            None => format!("{}, {service} (out of use)", home.code),
        };
        (home.id.0.to_string(), text)
    });
    let shown = Second {
        page,
        form: form.clone(),
        id: id.0,
        code: unit.code,
        here: seen.placement.state == State::Arrived,
        units: units.collect(),
        referral: seen.placement.referral_id.0,
    };
    page.show_form(&form, &shown)
}

#[get("/placements/{id}/second-stage")]
async fn ask_second_stage(page: Page, Path(id): Path<OccupancyId>) -> Answer {
    show_second_stage(&page, id, Form::new()).await
}

#[post("/placements/{id}/second-stage")]
async fn record_second_stage(page: Page, Path(id): Path<OccupancyId>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let unit = wrong.take(posted.parse("unit_id", "Select the home that they go on to"))?.map(UnitId);
        let empty = || missing("expected_on", "Enter the day on which they are to move there");
        let expected_on = wrong.take(posted.date("expected_on").and_then(|day| day.ok_or_else(empty)))?;
        let expected_end = wrong.take(posted.date("expected_end"))?.flatten();
        wrong.check()?;
        let (Some(unit), Some(expected_on)) = (unit, expected_on) else { return Err(empty()) };
        let to = SecondStage { unit, expected_on, expected_end };
        let verb = move |tx: &mut Tx| Ok(arrange_second_stage(tx, id, &to)?.map(|next| next.id));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(next) => page.go(&format!("/placements/{}", next.0), Done::SecondStage),
        Err(form) => show_second_stage(&page, id, form).await,
    }
}
