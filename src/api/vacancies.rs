//! `/vacancies`: posting them, standing by them, finding them.

use actix_web::{HttpResponse, get, patch, post, web};
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
use crate::actions::public_name;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::{At, within_reach};
use crate::db;
use crate::db::vacancies::{self, Listed};
use crate::domain::eligibility::Nrpf;
use crate::domain::provision::{AccommodationType, UnitFacts};
use crate::domain::vacancy::{Age, State};
use crate::error::{AppError, Part};
use crate::ids::{OrganisationId, ServiceId, UnitId, VacancyId};
use crate::settings::Policy;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(search)
        .service(post)
        .service(confirm_all)
        .service(find)
        .service(edit)
        .service(confirm)
        .service(withdraw);
}

/// A provider's word that a home can take a household from a day on.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Vacancy {
    pub id: VacancyId,
    pub state: State,
    /// How far the provider's word can still be relied on.
    pub age: Age,
    pub confirmed_at: At,
    pub available_from: NaiveDate,
    pub service_id: ServiceId,
    /// Masked in full for other organisations when the name is confidential.
    pub service: String,
    pub organisation: String,
    pub accommodation_type: AccommodationType,
    /// GSS code.
    pub area: String,
    pub area_name: String,
    pub facts: UnitFacts,
    pub self_contained: bool,
    pub takes_women: bool,
    pub takes_men: bool,
    pub takes_pets: bool,
    pub nrpf: Nrpf,
    /// Said to the provider itself only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_id: Option<UnitId>,
    pub version: i32,
}

impl Vacancy {
    pub(crate) fn seen_by(organisation: OrganisationId, listed: Listed, policy: Policy, now: At) -> Self {
        let Listed { vacancy, facts, service, organisation: provider, area } = listed;
        let own = service.organisation_id == organisation;
        let facts = UnitFacts::from(facts);
        Self {
            id: vacancy.id,
            state: vacancy.state,
            age: policy.freshness.age(vacancy.confirmed_at, now),
            confirmed_at: vacancy.confirmed_at,
            available_from: vacancy.available_from.date(),
            service_id: service.id,
            service: public_name(&service.name, service.name_confidential, own).to_owned(),
            organisation: provider.name,
            accommodation_type: service.accommodation_type,
            area: area.code,
            area_name: area.name,
            self_contained: facts.self_contained(),
            facts,
            takes_women: service.takes_women,
            takes_men: service.takes_men,
            takes_pets: service.takes_pets,
            nrpf: service.nrpf,
            unit_id: own.then_some(vacancy.unit_id),
            version: vacancy.version,
        }
    }
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct Filter {
    accommodation_type: Option<AccommodationType>,
    /// GSS code of a district, or of a county with all its districts.
    #[garde(length(chars, min = 9, max = 9))]
    #[param(min_length = 9, max_length = 9)]
    area: Option<String>,
    /// At least this many bed spaces.
    #[garde(range(min = 1, max = 20))]
    #[param(minimum = 1, maximum = 20)]
    bed_spaces: Option<i32>,
    /// Room and rules for one adult with this many children.
    #[garde(range(min = 0, max = 15))]
    #[param(minimum = 0, maximum = 15)]
    children: Option<i32>,
    /// No steps on the way in.
    step_free: Option<bool>,
    /// Usable with a wheelchair, at least the essential rooms.
    wheelchair: Option<bool>,
    /// Own bathroom and own kitchen.
    self_contained: Option<bool>,
    /// Takes pets, and this home can.
    pets: Option<bool>,
    /// Takes, or may take, people without recourse to public funds.
    nrpf: Option<bool>,
    /// Takes men.
    men: Option<bool>,
    /// Can be taken on or before this day.
    #[garde(inner(custom(within_reach)))]
    available_by: Option<NaiveDate>,
    /// At most this many; 50 unless said.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the page before.
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

/// Find vacancies that a household can be sent to, the most recently confirmed first. (`true` filters; `false` is no
/// filter.)
#[utoipa::path(
    tag = "vacancies",
    security(("token" = [])),
    params(Filter),
    responses((status = 200, body = Page<Vacancy>), Problems)
)]
#[get("/vacancies")]
pub async fn search(
    app: web::Data<App>,
    actor: Actor,
    Query(asked): Query<Filter>,
) -> Result<web::Json<Page<Vacancy>>, AppError> {
    let limit = asked.limit.unwrap_or(DEFAULT_LIMIT);
    let after: Option<vacancies::After> = after(asked.cursor.as_deref())?;
    let (now, policy, own) = (app.clock.now(), app.policy, actor.organisation);
    let filter = vacancies::Filter {
        accommodation_type: asked.accommodation_type,
        area: asked.area,
        bed_spaces: asked.bed_spaces,
        children: asked.children,
        step_free: asked.step_free.unwrap_or(false),
        wheelchair: asked.wheelchair.unwrap_or(false),
        self_contained: asked.self_contained.unwrap_or(false),
        pets: asked.pets.unwrap_or(false),
        nrpf: asked.nrpf.unwrap_or(false),
        men: asked.men.unwrap_or(false),
        available_by: asked.available_by.map(At::start_of),
    };
    let rows = app
        .db
        .read(&actor, move |conn| {
            if let Some(area) = &filter.area {
                db::reference::must_be_areas(conn, Part::Query, &[(area, "/area".into())])?;
            }
            let since = policy.freshness.in_search_since(now);
            vacancies::search(conn, filter, now, since, after, one_more(limit))
        })
        .await?;
    let rows = rows.into_iter().map(|row| Vacancy::seen_by(own, row, policy, now)).collect();
    Ok(web::Json(Page::of(rows, limit, |vacancy: &Vacancy| (vacancy.confirmed_at, vacancy.id))?))
}

/// A new vacancy.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewVacancy {
    unit_id: UnitId,
    /// Today unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(within_reach)))]
    available_from: Option<NaiveDate>,
}

/// Post a vacancy of a unit of your organisation.
#[utoipa::path(
    tag = "vacancies",
    security(("token" = [])),
    params(Once),
    request_body = NewVacancy,
    responses((status = 201, body = Vacancy, headers(("Location" = String), ("ETag" = String))), Problems)
)]
#[post("/vacancies")]
pub async fn post(
    app: web::Data<App>,
    actor: Actor,
    once: Once,
    Body(new): Body<NewVacancy>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let NewVacancy { unit_id, available_from } = new;
    let own = actor.organisation;
    let posted: Vacancy = app
        .db
        .write_once(&actor, key, move |tx| {
            let change = actions::vacancies::post(tx, unit_id, available_from)?;
            told(tx, own, change)
        })
        .await?;
    Ok(created(format!("/api/v1/vacancies/{}", posted.id.0), Some(posted.version), &posted))
}

/// A change of a vacancy, with the vacancy as its reader sees it.
fn told(
    tx: &mut db::Tx,
    own: OrganisationId,
    change: crate::audit::Change<vacancies::Vacancy>,
) -> Result<crate::audit::Change<Vacancy>, AppError> {
    let (now, policy) = (tx.now(), tx.policy());
    let (row, events) = change.into_parts();
    let listed = vacancies::listed(tx, row.id)?;
    let seen = Vacancy::seen_by(own, listed, policy, now);
    crate::audit::Change::of_all(seen, events).map_err(|_| AppError::internal("a change has its event"))
}

/// How many vacancies were confirmed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ConfirmedVacancies {
    pub confirmed: usize,
}

/// Stand by every open vacancy of your organisation.
#[utoipa::path(
    tag = "vacancies",
    security(("token" = [])),
    params(Once),
    responses((status = 200, body = ConfirmedVacancies), Problems)
)]
#[post("/vacancies/confirm")]
pub async fn confirm_all(
    app: web::Data<App>,
    actor: Actor,
    once: Once,
) -> Result<web::Json<ConfirmedVacancies>, AppError> {
    let confirmed = app.db.write_once(&actor, once.of(&())?, actions::vacancies::confirm_all).await?;
    Ok(web::Json(ConfirmedVacancies { confirmed }))
}

/// Read a vacancy, whatever its state.
#[utoipa::path(
    tag = "vacancies",
    security(("token" = [])),
    params(("id" = VacancyId, Path)),
    responses((status = 200, body = Vacancy, headers(("ETag" = String))), Problems)
)]
#[get("/vacancies/{id}")]
pub async fn find(app: web::Data<App>, actor: Actor, Path(id): Path<VacancyId>) -> Result<HttpResponse, AppError> {
    let (now, policy) = (app.clock.now(), app.policy);
    let listed = app.db.read(&actor, move |conn| vacancies::listed(conn, id)).await?;
    let vacancy = Vacancy::seen_by(actor.organisation, listed, policy, now);
    Ok(tagged(vacancy.version, &vacancy))
}

/// What to change about a vacancy.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct VacancyEdit {
    /// Today or a later day.
    #[garde(custom(within_reach))]
    available_from: NaiveDate,
}

/// Move the day from which a vacancy of your organisation can be taken. That confirms it too.
#[utoipa::path(
    tag = "vacancies",
    security(("token" = [])),
    params(("id" = VacancyId, Path), IfMatch),
    request_body = VacancyEdit,
    responses((status = 200, body = Vacancy, headers(("ETag" = String))), Problems)
)]
#[patch("/vacancies/{id}")]
pub async fn edit(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<VacancyId>,
    IfMatch(version): IfMatch,
    Body(VacancyEdit { available_from }): Body<VacancyEdit>,
) -> Result<HttpResponse, AppError> {
    let own = actor.organisation;
    let edited = app
        .db
        .write(&actor, move |tx| {
            let change = actions::vacancies::edit(tx, id, version, available_from)?;
            told(tx, own, change)
        })
        .await?;
    Ok(tagged(edited.version, &edited))
}

/// Stand by a vacancy of your organisation: it is as fresh as if it were posted now.
#[utoipa::path(
    tag = "vacancies",
    security(("token" = [])),
    params(("id" = VacancyId, Path), Once),
    responses((status = 200, body = Vacancy, headers(("ETag" = String))), Problems)
)]
#[post("/vacancies/{id}/confirm")]
pub async fn confirm(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<VacancyId>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let own = actor.organisation;
    let confirmed: Vacancy = app
        .db
        .write_once(&actor, once.of(&())?, move |tx| {
            let change = actions::vacancies::confirm(tx, id)?;
            told(tx, own, change)
        })
        .await?;
    Ok(tagged(confirmed.version, &confirmed))
}

/// Take a vacancy of your organisation back.
#[utoipa::path(
    tag = "vacancies",
    security(("token" = [])),
    params(("id" = VacancyId, Path), Once),
    responses((status = 200, body = Vacancy, headers(("ETag" = String))), Problems)
)]
#[post("/vacancies/{id}/withdraw")]
pub async fn withdraw(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<VacancyId>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let own = actor.organisation;
    let withdrawn: Vacancy = app
        .db
        .write_once(&actor, once.of(&())?, move |tx| {
            let change = actions::vacancies::withdraw(tx, id)?;
            told(tx, own, change)
        })
        .await?;
    Ok(tagged(withdrawn.version, &withdrawn))
}
