//! Holds and voids: what a unit is doing beside being lived in.

use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::created;
use super::input::{Body, Once, Path, Query};
use super::problem::Problems;
use crate::actions;
use crate::actions::occupancy::NewVoid;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::{At, within_reach};
use crate::db;
use crate::db::cases::Scope;
use crate::db::exclusions::Reader;
use crate::domain::occupancy::{Interval, Kind};
use crate::error::{AppError, Part};
use crate::ids::{CaseId, OccupancyId, UnitId, VacancyId};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(of_unit)
        .service(record_void)
        .service(end_void)
        .service(holds)
        .service(take_hold)
        .service(release_hold);
}

/// What a unit is doing in an interval of time.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Occupancy {
    /// Absent when the reader may know no more than that the unit is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<OccupancyId>,
    pub unit_id: UnitId,
    pub kind: Kind,
    pub during: Interval,
    /// Of the list `void_reason`, for a void.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub void_reason: Option<String>,
}

impl From<db::occupancy::Occupancy> for Occupancy {
    fn from(row: db::occupancy::Occupancy) -> Self {
        let during = row.during();
        Self { id: Some(row.id), unit_id: row.unit_id, kind: row.kind, during, void_reason: row.void_reason }
    }
}

/// Occupancies in the order of time.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Occupancies {
    pub items: Vec<Occupancy>,
}

/// At most this many days at once.
const LONGEST: i64 = 400;

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct Days {
    /// The first day.
    #[garde(custom(within_reach))]
    from: NaiveDate,
    /// The last day, included; at most 400 days after the first.
    #[garde(custom(within_reach))]
    to: NaiveDate,
}

/// Read what a unit of your organisation was, is and will be doing on these days. Where there is no entry, it is free.
#[utoipa::path(
    tag = "occupancy",
    security(("token" = [])),
    params(("id" = UnitId, Path), Days),
    responses((status = 200, body = Occupancies), Problems)
)]
#[get("/units/{id}/occupancies")]
pub async fn of_unit(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<UnitId>,
    Query(Days { from, to }): Query<Days>,
) -> Result<web::Json<Occupancies>, AppError> {
    if to < from || (to - from).num_days() > LONGEST {
        let message = format!("choose a day from the first to {LONGEST} days after it");
        return Err(AppError::field(Part::Query, "/to", "out_of_range", &message));
    }
    let (owner, reader) = (actor.organisation, Reader::of(&actor));
    let (from, to) = (At::start_of(from), At::start_of(to.succ_opt().unwrap_or(to)));
    let rows = app
        .db
        .read(&actor, move |conn| {
            let unit = db::units::find_of(conn, owner, id)?;
            let hidden = db::exclusions::hidden_cases(conn, reader)?;
            Ok((db::occupancy::of_unit_within(conn, unit.id, from, to)?, hidden))
        })
        .await?;
    let (rows, hidden) = rows;
    let items = rows.into_iter().map(|row| {
        let secret = row.case_id.is_some_and(|case| hidden.contains(&case));
        let seen = Occupancy::from(row);
        Occupancy { id: seen.id.filter(|_| !secret), ..seen }
    });
    Ok(web::Json(Occupancies { items: items.collect() }))
}

/// A unit out of use.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct VoidRecord {
    /// Of the list `void_reason`.
    #[garde(length(chars, min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    reason: String,
    /// Now unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    starts_at: Option<At>,
    /// Until it is ended, unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ends_at: Option<At>,
    /// Ends a hold that stands in the way: for a flood, a fire, a broken boiler.
    #[serde(default)]
    end_holds: bool,
}

/// Take a unit of your organisation out of use.
#[utoipa::path(
    tag = "occupancy",
    security(("token" = [])),
    params(("id" = UnitId, Path), Once),
    request_body = VoidRecord,
    responses((status = 201, body = Occupancy, headers(("Location" = String))), Problems)
)]
#[post("/units/{id}/voids")]
pub async fn record_void(
    app: web::Data<App>,
    actor: Actor,
    Path(unit): Path<UnitId>,
    once: Once,
    Body(new): Body<VoidRecord>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let VoidRecord { reason, starts_at, ends_at, end_holds } = new;
    let new = NewVoid { reason, starts_at, ends_at, end_holds };
    let added: Occupancy = app
        .db
        .write_once(&actor, key, move |tx| Ok(actions::occupancy::void(tx, unit, &new)?.map(Occupancy::from)))
        .await?;
    Ok(created(format!("/api/v1/units/{}", unit.0), None, &added))
}

/// Put a unit back into use.
#[utoipa::path(
    tag = "occupancy",
    security(("token" = [])),
    params(("id" = UnitId, Path), ("void" = OccupancyId, Path), Once),
    responses((status = 200, body = Occupancy), Problems)
)]
#[post("/units/{id}/voids/{void}/end")]
pub async fn end_void(
    app: web::Data<App>,
    actor: Actor,
    Path((unit, void)): Path<(UnitId, OccupancyId)>,
    once: Once,
) -> Result<web::Json<Occupancy>, AppError> {
    let ended = app
        .db
        .write_once(&actor, once.of(&())?, move |tx| {
            Ok(actions::occupancy::end_void(tx, unit, void)?.map(Occupancy::from))
        })
        .await?;
    Ok(web::Json(ended))
}

/// A claim on a unit that ends by itself.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Hold {
    pub id: OccupancyId,
    pub during: Interval,
}

impl From<db::occupancy::Occupancy> for Hold {
    fn from(row: db::occupancy::Occupancy) -> Self {
        Self { id: row.id, during: row.during() }
    }
}

/// The holds of a case, the newest first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Holds {
    pub items: Vec<Hold>,
}

/// Read the holds of a case, those that have ended too.
#[utoipa::path(
    tag = "occupancy",
    security(("token" = [])),
    params(("id" = CaseId, Path)),
    responses((status = 200, body = Holds), Problems)
)]
#[get("/cases/{id}/holds")]
pub async fn holds(app: web::Data<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<web::Json<Holds>, AppError> {
    let scope = Scope::of(&actor);
    let rows = app
        .db
        .read(&actor, move |conn| {
            let case = db::cases::find_in(conn, scope, id)?;
            db::occupancy::of_case(conn, case.id)
        })
        .await?;
    let items = rows.into_iter().filter(|row| row.kind == Kind::Hold).map(Hold::from).collect();
    Ok(web::Json(Holds { items }))
}

/// What to hold.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewHold {
    vacancy_id: VacancyId,
    /// The provider has agreed to an exception from its own rules. There is none from an area that is not safe.
    #[serde(default)]
    agreed_with_provider: bool,
}

/// Hold the unit of a vacancy for a case, for 90 minutes from now (or as configured).
#[utoipa::path(
    tag = "occupancy",
    security(("token" = [])),
    params(("id" = CaseId, Path), Once),
    request_body = NewHold,
    responses((status = 201, body = Hold, headers(("Location" = String))), Problems)
)]
#[post("/cases/{id}/holds")]
pub async fn take_hold(
    app: web::Data<App>,
    actor: Actor,
    Path(case): Path<CaseId>,
    once: Once,
    Body(new): Body<NewHold>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let NewHold { vacancy_id, agreed_with_provider } = new;
    let held: Hold = app
        .db
        .write_once(&actor, key, move |tx| {
            Ok(actions::occupancy::hold(tx, case, vacancy_id, agreed_with_provider)?.map(Hold::from))
        })
        .await?;
    Ok(created(format!("/api/v1/cases/{}/holds", case.0), None, &held))
}

/// Give a hold up before it ends by itself.
#[utoipa::path(
    tag = "occupancy",
    security(("token" = [])),
    params(("id" = CaseId, Path), ("hold" = OccupancyId, Path), Once),
    responses((status = 200, body = Hold), Problems)
)]
#[post("/cases/{id}/holds/{hold}/release")]
pub async fn release_hold(
    app: web::Data<App>,
    actor: Actor,
    Path((case, hold)): Path<(CaseId, OccupancyId)>,
    once: Once,
) -> Result<web::Json<Hold>, AppError> {
    let released = app
        .db
        .write_once(&actor, once.of(&())?, move |tx| Ok(actions::occupancy::release(tx, case, hold)?.map(Hold::from)))
        .await?;
    Ok(web::Json(released))
}
