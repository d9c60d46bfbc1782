//! The chain of a household's stays: where it lived, one home after the other. Its provider sees those in its own homes, its
//! worker all of them, and neither an address.

use actix_web::{get, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::actions::public_name;
use crate::api::input::Path;
use crate::api::problem::Problems;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db::cases::Scope;
use crate::db::exclusions::Reader;
use crate::db::{self, Conn};
use crate::domain::placement::{State, days_over, length, limit};
use crate::domain::provision::AccommodationType;
use crate::error::AppError;
use crate::ids::{CaseId, OccupancyId, OrganisationId, UnitId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(of_stay).service(of_case);
}

/// One home in which a household lived, or is expected.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Stay {
    pub id: OccupancyId,
    /// For the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_id: Option<UnitId>,
    /// For the provider: what it calls the unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Masked in full where it is confidential and the reader has not been told.
    pub service: String,
    pub accommodation_type: AccommodationType,
    pub state: State,
    pub expected_at: At,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrived_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_end: Option<NaiveDate>,
    /// With a departure, or because the household went on to the next home.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<At>,
    /// Of the list `move_reason`: why it went on to the next home.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub move_reason: Option<String>,
    /// For so many days a stay at the service is meant to last at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intended_stay_days: Option<u16>,
    /// The day on which it has lasted for as long as that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_on: Option<NaiveDate>,
    /// So many days it is beyond that now: absent before, and when it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_over_limit: Option<i64>,
}

/// A household's stays, the first first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Stays {
    pub items: Vec<Stay>,
    /// For so many whole days they lasted together, up to now. What lies between two is not counted.
    pub days: i64,
}

impl Stays {
    /// The stays of a case: of one provider when one is given, and then as that provider sees them.
    pub fn of(conn: &mut Conn, case: CaseId, provider: Option<OrganisationId>, now: At) -> Result<Self, AppError> {
        let chain = db::placements::chain(conn, case)?;
        let seen = chain.into_iter().filter(|stay| provider.is_none_or(|own| stay.service.organisation_id == own));
        let seen: Vec<_> = seen.collect();
        let lengths = seen.iter().map(|stay| (stay.placement.arrived_at, stay.placement.ended_at()));
        let days = length(lengths, now).num_days();
        let items =
            seen.into_iter().map(|db::placements::Stay { placement: row, unit, code, service, referred_to }| {
                let own = provider.is_some();
                let told = own || referred_to == service.id;
                let intended = service.attributes.intended_stay_days;
                let limited = row.resident_since.zip(intended);
                let here = limited.filter(|_| row.state == State::Arrived);
                Stay {
                    id: row.id,
                    unit_id: own.then_some(unit),
                    unit: own.then_some(code),
                    service: public_name(&service.name, service.name_confidential, told).to_owned(),
                    accommodation_type: service.accommodation_type,
                    state: row.state,
                    expected_at: row.expected_at,
                    arrived_at: row.arrived_at,
                    expected_end: row.expected_end.map(At::date),
                    ended_at: row.ended_at(),
                    intended_stay_days: intended,
                    limit_on: limited.map(|(since, days)| limit(since, days)),
                    days_over_limit: here.and_then(|(since, days)| days_over(since, days, now.date())),
                    move_reason: row.move_reason,
                }
            });
        Ok(Self { items: items.collect(), days })
    }
}

/// Read the chain of stays that this one belongs to, in the homes of your organisation.
#[utoipa::path(
    tag = "placements",
    security(("token" = [])),
    params(("id" = OccupancyId, Path)),
    responses((status = 200, body = Stays), Problems)
)]
#[get("/placements/{id}/chain")]
pub async fn of_stay(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<OccupancyId>,
) -> Result<web::Json<Stays>, AppError> {
    let (reader, own, now) = (Reader::of(&actor), actor.organisation, app.clock.now());
    let read = move |conn: &mut Conn| {
        let seen = db::placements::find_of(conn, reader, id)?;
        Stays::of(conn, seen.case, Some(own), now)
    };
    Ok(web::Json(app.db.read(&actor, read).await?))
}

/// Read where the household of a case lived: when, and in what kind of place.
#[utoipa::path(
    tag = "cases",
    security(("token" = [])),
    params(("id" = CaseId, Path)),
    responses((status = 200, body = Stays), Problems)
)]
#[get("/cases/{id}/stays")]
pub async fn of_case(app: web::Data<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<web::Json<Stays>, AppError> {
    let (scope, now) = (Scope::of(&actor), app.clock.now());
    let read = move |conn: &mut Conn| {
        let case = db::cases::find_in(conn, scope, id)?;
        Stays::of(conn, case.id, None, now)
    };
    Ok(web::Json(app.db.read(&actor, read).await?))
}
