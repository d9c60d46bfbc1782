//! `/units`: the homes of a provider, what each is doing, and where it is.

use actix_web::{HttpResponse, get, patch, post, put, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, IfMatch, Once, Path, Query};
use super::page::{DEFAULT_LIMIT, Page, after, one_more};
use super::problem::Problems;
use super::{created, tagged};
use crate::actions;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::{At, within_reach};
use crate::db;
use crate::db::occupancy::Occupancy;
use crate::db::units::{After, Edit};
use crate::db::vacancies::Vacancy;
use crate::domain::identity::Address;
use crate::domain::occupancy::{Doing, doing};
use crate::domain::provision::UnitFacts;
use crate::error::AppError;
use crate::ids::{ServiceId, UnitId, VacancyId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(add).service(list).service(find).service(edit).service(write_address).service(disclose_address);
}

/// A home for one household. Where it is, is not said here.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Unit {
    pub id: UnitId,
    pub service_id: ServiceId,
    pub code: String,
    pub facts: UnitFacts,
    pub self_contained: bool,
    /// The day from which it is in use.
    pub online_from: NaiveDate,
    /// The first day on which it is no longer in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub online_until: Option<NaiveDate>,
    /// What it is doing now, derived from what is recorded of it.
    pub doing: Doing,
    /// Until when, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<At>,
    /// The open vacancy, if one is posted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vacancy_id: Option<VacancyId>,
    pub version: i32,
    pub updated_at: At,
}

impl Unit {
    fn at(row: db::units::Unit, occupancies: &[Occupancy], vacancies: &[Vacancy], now: At) -> Self {
        let own: Vec<_> = occupancies.iter().filter(|occupancy| occupancy.unit_id == row.id).collect();
        let intervals: Vec<_> = own.iter().map(|occupancy| (occupancy.kind, occupancy.during())).collect();
        let current = intervals.iter().find(|(_, during)| during.contains(now));
        let facts = UnitFacts::from(row.facts);
        Self {
            id: row.id,
            service_id: row.service_id,
            code: row.code,
            self_contained: facts.self_contained(),
            facts,
            online_from: row.online_from.date(),
            online_until: row.online_until.map(At::date),
            doing: doing(&intervals, now),
            until: current.and_then(|(_, during)| during.ends_at),
            vacancy_id: vacancies.iter().find(|vacancy| vacancy.unit_id == row.id).map(|vacancy| vacancy.id),
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct Filter {
    /// Only the units of this service.
    service_id: Option<ServiceId>,
    /// At most this many; 50 unless said.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the page before.
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

/// List the units of your organisation in the order of their codes, and what each is doing now.
#[utoipa::path(
    tag = "units",
    security(("token" = [])),
    params(Filter),
    responses((status = 200, body = Page<Unit>), Problems)
)]
#[get("/units")]
pub async fn list(
    app: web::Data<App>,
    actor: Actor,
    Query(filter): Query<Filter>,
) -> Result<web::Json<Page<Unit>>, AppError> {
    let limit = filter.limit.unwrap_or(DEFAULT_LIMIT);
    let after: Option<After> = after(filter.cursor.as_deref())?;
    let (owner, of, now) = (actor.organisation, filter.service_id, app.clock.now());
    let (rows, occupancies, vacancies) = app
        .db
        .read(&actor, move |conn| {
            let rows = db::units::page(conn, owner, of, after, one_more(limit))?;
            let occupancies = db::occupancy::of_organisation_after(conn, owner, now)?;
            Ok((rows, occupancies, db::vacancies::open_of_organisation(conn, owner)?))
        })
        .await?;
    let rows = rows.into_iter().map(|row| Unit::at(row, &occupancies, &vacancies, now)).collect();
    Ok(web::Json(Page::of(rows, limit, |unit: &Unit| (unit.code.clone(), unit.id))?))
}

/// A new unit.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct NewUnit {
    /// What the service calls it.
    #[garde(length(chars, min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40)]
    code: String,
    #[garde(dive)]
    facts: UnitFacts,
    /// The day from which it is in use; today unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(within_reach)))]
    online_from: Option<NaiveDate>,
}

/// Add a unit to a service of your organisation.
#[utoipa::path(
    tag = "units",
    security(("token" = [])),
    params(("id" = ServiceId, Path), Once),
    request_body = NewUnit,
    responses((status = 201, body = Unit, headers(("Location" = String), ("ETag" = String))), Problems)
)]
#[post("/services/{id}/units")]
pub async fn add(
    app: web::Data<App>,
    actor: Actor,
    Path(service): Path<ServiceId>,
    once: Once,
    Body(new): Body<NewUnit>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let NewUnit { code, facts, online_from } = new;
    let online_from = online_from.map(At::start_of);
    let added: Unit = app
        .db
        .write_once(&actor, key, move |tx| {
            let now = tx.now();
            let change = actions::units::add(tx, service, &code, &facts, online_from)?;
            Ok(change.map(|row| Unit::at(row, &[], &[], now)))
        })
        .await?;
    Ok(created(format!("/api/v1/units/{}", added.id.0), Some(added.version), &added))
}

/// Read a unit of your organisation.
#[utoipa::path(
    tag = "units",
    security(("token" = [])),
    params(("id" = UnitId, Path)),
    responses((status = 200, body = Unit, headers(("ETag" = String))), Problems)
)]
#[get("/units/{id}")]
pub async fn find(app: web::Data<App>, actor: Actor, Path(id): Path<UnitId>) -> Result<HttpResponse, AppError> {
    let (owner, now) = (actor.organisation, app.clock.now());
    let unit = app
        .db
        .read(&actor, move |conn| {
            let row = db::units::find_of(conn, owner, id)?;
            seen(conn, row, now)
        })
        .await?;
    Ok(tagged(unit.version, &unit))
}

fn seen(conn: &mut db::Conn, row: db::units::Unit, now: At) -> Result<Unit, AppError> {
    let occupancies = db::occupancy::of_unit_after(conn, row.id, now)?;
    let vacancies: Vec<_> = db::vacancies::open_of_unit(conn, row.id)?.into_iter().collect();
    Ok(Unit::at(row, &occupancies, &vacancies, now))
}

/// What to change about a unit; what is absent stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct UnitEdit {
    #[garde(length(chars, min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40)]
    code: Option<String>,
    /// In place of all facts before.
    #[garde(dive)]
    facts: Option<UnitFacts>,
    /// The first day on which it is no longer in use: no household is sent there from now on.
    #[garde(inner(custom(within_reach)))]
    online_until: Option<NaiveDate>,
}

/// Change a unit of your organisation.
#[utoipa::path(
    tag = "units",
    security(("token" = [])),
    params(("id" = UnitId, Path), IfMatch),
    request_body = UnitEdit,
    responses((status = 200, body = Unit, headers(("ETag" = String))), Problems)
)]
#[patch("/units/{id}")]
pub async fn edit(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<UnitId>,
    IfMatch(version): IfMatch,
    Body(body): Body<UnitEdit>,
) -> Result<HttpResponse, AppError> {
    let UnitEdit { code, facts, online_until } = body;
    let edit = Edit { code, facts: facts.map(Into::into), online_until: online_until.map(At::start_of) };
    let unit = app
        .db
        .write(&actor, move |tx| {
            let now = tx.now();
            let (row, events) = actions::units::edit(tx, id, version, &edit)?.into_parts();
            let unit = seen(tx, row, now)?;
            crate::audit::Change::of_all(unit, events).map_err(|_| AppError::internal("an edit is an event"))
        })
        .await?;
    Ok(tagged(unit.version, &unit))
}

/// Record where a unit of your organisation is. It is sealed at once and read only by its own release.
#[utoipa::path(
    tag = "units",
    security(("token" = [])),
    params(("id" = UnitId, Path)),
    request_body = Address,
    responses((status = 204), Problems)
)]
#[put("/units/{id}/address")]
pub async fn write_address(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<UnitId>,
    Body(address): Body<Address>,
) -> Result<HttpResponse, AppError> {
    app.db.write(&actor, move |tx| actions::units::write_address(tx, id, &address)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Why an identity or an address is read.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// Of the list `disclosure_reason`.
    #[garde(length(chars, min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    pub reason: String,
}

/// Read where a unit is, for a reason that is recorded. For its own provider, and after acceptance for the referrer while
/// the release lasts; the password must have been given within the last five minutes.
#[utoipa::path(
    tag = "units",
    security(("token" = [])),
    params(("id" = UnitId, Path)),
    request_body = Disclosure,
    responses((status = 200, body = Address), Problems)
)]
#[post("/units/{id}/address-disclosures")]
pub async fn disclose_address(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<UnitId>,
    Body(Disclosure { reason }): Body<Disclosure>,
) -> Result<web::Json<Address>, AppError> {
    let address = app.db.write(&actor, move |tx| actions::units::disclose_address(tx, id, &reason)).await?;
    Ok(web::Json(address))
}
