//! `/placements`: households' stays.

use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, Once, Path, Query};
use super::page::{DEFAULT_LIMIT, Page, after, one_more};
use super::problem::Problems;
use super::tagged;
use crate::actions;
use crate::actions::placements::Departure;
use crate::app::App;
use crate::audit::Change;
use crate::auth::Actor;
use crate::clock::{At, within_reach};
use crate::db;
use crate::db::exclusions::Reader;
use crate::db::placements::{After, Seen};
use crate::domain::placement::{DepartureKind, State, limit};
use crate::domain::reason::Reasons;
use crate::error::AppError;
use crate::ids::{OccupancyId, ReferralId, UnitId};

pub mod chain;
mod moves;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(find).service(arrive).service(do_not_arrive).service(extend).service(depart);
    config.configure(chain::routes).configure(moves::routes);
}

/// A household's stay in a unit of your organisation.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Placement {
    pub id: OccupancyId,
    pub unit_id: UnitId,
    pub referral_id: ReferralId,
    /// That of the referral.
    pub reference: String,
    pub state: State,
    pub expected_at: At,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrived_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_end: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub departed_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub departure_kind: Option<DepartureKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_to_leave_reason: Option<String>,
    /// The stay that this one goes on from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows_id: Option<OccupancyId>,
    /// When the household came to this service, whichever of its units it lived in first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resident_since: Option<At>,
    /// When it went on to another of your homes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_at: Option<At>,
    /// Of the list `move_reason`; absent when it went on to second stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub move_reason: Option<String>,
    /// Of the list `denial_reason`: why a household that lives with you already did not come to this home.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missed_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub move_on_wish_on: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub move_on_timely: Option<bool>,
    /// The day on which it has lasted for as long as the service is meant for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_on: Option<NaiveDate>,
    pub version: i32,
}

impl From<Seen> for Placement {
    fn from(seen: Seen) -> Self {
        let Seen { placement: row, unit, reference, intended_days, .. } = seen;
        let limit_on = row.resident_since.zip(intended_days).map(|(since, days)| limit(since, days));
        Self {
            id: row.id,
            unit_id: unit,
            referral_id: row.referral_id,
            reference,
            state: row.state,
            expected_at: row.expected_at,
            arrived_at: row.arrived_at,
            expected_end: row.expected_end.map(At::date),
            departed_at: row.departed_at,
            departure_kind: row.departure_kind,
            destination: row.destination,
            asked_to_leave_reason: row.asked_to_leave_reason,
            follows_id: row.follows_id,
            resident_since: row.resident_since,
            moved_at: row.moved_at,
            move_reason: row.move_reason,
            missed_reason: row.missed_reason,
            move_on_wish_on: row.move_on_wish_on,
            move_on_timely: row.move_on_timely,
            limit_on,
            version: row.version,
        }
    }
}

/// A change of a placement, with the placement as its reader sees it.
fn told(
    tx: &mut db::Tx,
    id: OccupancyId,
    change: Change<db::placements::Placement>,
) -> Result<Change<Placement>, AppError> {
    let reader = Reader::of(tx.actor());
    let seen = db::placements::find_of(tx, reader, id)?;
    Ok(change.map(|_| Placement::from(seen)))
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct Filter {
    state: Option<State>,
    /// At most this many; 50 unless said.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the page before.
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

/// List the stays in the units of your organisation, the newest first.
#[utoipa::path(
    tag = "placements",
    security(("token" = [])),
    params(Filter),
    responses((status = 200, body = Page<Placement>), Problems)
)]
#[get("/placements")]
pub async fn list(
    app: web::Data<App>,
    actor: Actor,
    Query(filter): Query<Filter>,
) -> Result<web::Json<Page<Placement>>, AppError> {
    let limit = filter.limit.unwrap_or(DEFAULT_LIMIT);
    let after: Option<After> = after(filter.cursor.as_deref())?;
    let reader = Reader::of(&actor);
    let rows = app
        .db
        .read(&actor, move |conn| db::placements::page(conn, reader, filter.state, after, one_more(limit)))
        .await?;
    let rows = rows.into_iter().map(Placement::from).collect();
    Ok(web::Json(Page::of(rows, limit, |placement: &Placement| (placement.expected_at, placement.id))?))
}

/// Read a stay.
#[utoipa::path(
    tag = "placements",
    security(("token" = [])),
    params(("id" = OccupancyId, Path)),
    responses((status = 200, body = Placement, headers(("ETag" = String))), Problems)
)]
#[get("/placements/{id}")]
pub async fn find(app: web::Data<App>, actor: Actor, Path(id): Path<OccupancyId>) -> Result<HttpResponse, AppError> {
    let reader = Reader::of(&actor);
    let seen = app.db.read(&actor, move |conn| db::placements::find_of(conn, reader, id)).await?;
    Ok(tagged(seen.placement.version, &Placement::from(seen)))
}

/// When a household arrived.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Arrival {
    /// Now unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    arrived_at: Option<At>,
}

/// Record that a household has arrived.
#[utoipa::path(
    tag = "placements",
    security(("token" = [])),
    params(("id" = OccupancyId, Path), Once),
    request_body = Arrival,
    responses((status = 200, body = Placement, headers(("ETag" = String))), Problems)
)]
#[post("/placements/{id}/arrive")]
pub async fn arrive(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<OccupancyId>,
    once: Once,
    Body(arrival): Body<Arrival>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&arrival)?;
    let placement: Placement = app
        .db
        .write_once(&actor, key, move |tx| {
            let change = actions::placements::arrive(tx, id, arrival.arrived_at)?;
            told(tx, id, change)
        })
        .await?;
    Ok(tagged(placement.version, &placement))
}

/// Record that an expected household did not come, and why.
#[utoipa::path(
    tag = "placements",
    security(("token" = [])),
    params(("id" = OccupancyId, Path), Once),
    request_body = Reasons,
    responses((status = 200, body = Placement, headers(("ETag" = String))), Problems)
)]
#[post("/placements/{id}/did-not-arrive")]
pub async fn do_not_arrive(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<OccupancyId>,
    once: Once,
    Body(reasons): Body<Reasons>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&reasons)?;
    let placement: Placement = app
        .db
        .write_once(&actor, key, move |tx| {
            let change = actions::placements::do_not_arrive(tx, id, &reasons)?;
            told(tx, id, change)
        })
        .await?;
    Ok(tagged(placement.version, &placement))
}

/// The day on which a stay is now expected to end.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Extension {
    #[garde(custom(within_reach))]
    expected_end: NaiveDate,
}

/// Move the day on which a stay is expected to end. The unit stays taken until the household has left.
#[utoipa::path(
    tag = "placements",
    security(("token" = [])),
    params(("id" = OccupancyId, Path), Once),
    request_body = Extension,
    responses((status = 200, body = Placement, headers(("ETag" = String))), Problems)
)]
#[post("/placements/{id}/extend")]
pub async fn extend(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<OccupancyId>,
    once: Once,
    Body(extension): Body<Extension>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&extension)?;
    let placement: Placement = app
        .db
        .write_once(&actor, key, move |tx| {
            let change = actions::placements::extend(tx, id, extension.expected_end)?;
            told(tx, id, change)
        })
        .await?;
    Ok(tagged(placement.version, &placement))
}

/// How a household left.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Leaving {
    /// Now unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    departed_at: Option<At>,
    kind: DepartureKind,
    /// Of the list `departure_destination`.
    #[garde(length(chars, min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    destination: String,
    /// Of the list `asked_to_leave_reason`, when they were asked to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 60)))]
    #[schema(min_length = 1, max_length = 60)]
    asked_to_leave_reason: Option<String>,
    /// The day from which the household wished, and was ready, to move on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(within_reach)))]
    move_on_wish_on: Option<NaiveDate>,
    /// Whether it moved on when it was ready: only for a planned departure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    move_on_timely: Option<bool>,
}

/// Record that a household has left: from then on the unit is free, or out of use for cleaning for as long as its
/// service says.
#[utoipa::path(
    tag = "placements",
    security(("token" = [])),
    params(("id" = OccupancyId, Path), Once),
    request_body = Leaving,
    responses((status = 200, body = Placement, headers(("ETag" = String))), Problems)
)]
#[post("/placements/{id}/depart")]
pub async fn depart(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<OccupancyId>,
    once: Once,
    Body(leaving): Body<Leaving>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&leaving)?;
    let Leaving { departed_at, kind, destination, asked_to_leave_reason, move_on_wish_on, move_on_timely } = leaving;
    let departure =
        Departure { departed_at, kind, destination, asked_to_leave_reason, move_on_wish_on, move_on_timely };
    let placement: Placement = app
        .db
        .write_once(&actor, key, move |tx| {
            let change = actions::placements::depart(tx, id, &departure)?;
            told(tx, id, change)
        })
        .await?;
    Ok(tagged(placement.version, &placement))
}
