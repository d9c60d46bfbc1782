//! `/services`: what providers run.

use actix_web::{HttpResponse, get, patch, post, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, IfMatch, Once, Path, Query};
use super::page::{DEFAULT_LIMIT, Page, after, one_more, unknown_cursor};
use super::problem::Problems;
use super::{created, tagged};
use crate::actions;
use crate::actions::public_name;
use crate::actions::services::New;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::db::services::Edit;
use crate::domain::eligibility::{Nrpf, Rules};
use crate::domain::provision::{AccommodationType, ServiceAttributes};
use crate::error::AppError;
use crate::ids::{OrganisationId, ServiceId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(add).service(find).service(edit);
}

/// A scheme that a provider runs in one area. Where it is, is not said here.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Service {
    pub id: ServiceId,
    pub organisation_id: OrganisationId,
    pub organisation: String,
    /// Masked in full for other organisations when the name is confidential.
    pub name: String,
    pub name_confidential: bool,
    pub accommodation_type: AccommodationType,
    /// GSS code.
    pub area: String,
    pub area_name: String,
    pub attributes: ServiceAttributes,
    /// What follows from the rules in force.
    pub takes_women: bool,
    pub takes_men: bool,
    pub takes_pets: bool,
    pub nrpf: Nrpf,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub largest_family: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_children: Option<i32>,
    pub rules_version: i32,
    pub active: bool,
    pub version: i32,
    pub updated_at: At,
}

impl Service {
    pub fn seen_by(organisation: OrganisationId, named: db::services::Named) -> Self {
        let db::services::Named { service: row, organisation: organisation_name, area: area_name } = named;
        let own = row.organisation_id == organisation;
        let mut attributes = row.attributes;
        if row.name_confidential && !own {
            attributes.support_provider = None; // a name by another name
        }
        Self {
            id: row.id,
            organisation_id: row.organisation_id,
            organisation: organisation_name,
            name: public_name(&row.name, row.name_confidential, own).to_owned(),
            name_confidential: row.name_confidential,
            accommodation_type: row.accommodation_type,
            area: row.area_code,
            area_name,
            attributes,
            takes_women: row.takes_women,
            takes_men: row.takes_men,
            takes_pets: row.takes_pets,
            nrpf: row.nrpf,
            largest_family: row.largest_family,
            max_children: row.max_children,
            rules_version: row.rules_version,
            active: row.active,
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
    /// Only the services of your own organisation.
    own: Option<bool>,
    /// At most this many; 50 unless said.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the page before.
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

/// List services in the order of their names.
#[utoipa::path(
    tag = "services",
    security(("token" = [])),
    params(Filter),
    responses((status = 200, body = Page<Service>), Problems)
)]
#[get("/services")]
pub async fn list(
    app: web::Data<App>,
    actor: Actor,
    Query(filter): Query<Filter>,
) -> Result<web::Json<Page<Service>>, AppError> {
    let (limit, after) = (filter.limit.unwrap_or(DEFAULT_LIMIT), after(filter.cursor.as_deref())?);
    let own = actor.organisation;
    let of = filter.own.unwrap_or(false).then_some(own);
    let rows = app
        .db
        .read(&actor, move |conn| db::services::page(conn, of, after, one_more(limit)))
        .await
        .map_err(unknown_cursor)?;
    let page = Page::of(rows, limit, |named| named.service.id)?;
    let items = page.items.into_iter().map(|named| Service::seen_by(own, named)).collect();
    Ok(web::Json(Page { items, next: page.next }))
}

/// A new service of your organisation, with the first version of its rules.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewService {
    #[garde(length(chars, min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    #[serde(default)]
    name_confidential: bool,
    accommodation_type: AccommodationType,
    /// GSS code of a district or a unitary authority.
    #[garde(length(chars, min = 9, max = 9))]
    #[schema(min_length = 9, max_length = 9)]
    area: String,
    #[serde(default)]
    #[garde(dive)]
    attributes: ServiceAttributes,
    #[serde(default)]
    #[garde(dive)]
    rules: Rules,
}

/// Add a service to your organisation.
#[utoipa::path(
    tag = "services",
    security(("token" = [])),
    params(Once),
    request_body = NewService,
    responses((status = 201, body = Service, headers(("Location" = String), ("ETag" = String))), Problems)
)]
#[post("/services")]
pub async fn add(
    app: web::Data<App>,
    actor: Actor,
    once: Once,
    Body(new): Body<NewService>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let own = actor.organisation;
    let NewService { name, name_confidential, accommodation_type, area, attributes, rules } = new;
    let new = New { name, name_confidential, accommodation_type, area, attributes, rules };
    let added: Service = app
        .db
        .write_once(&actor, key, move |tx| {
            Ok(actions::services::add(tx, &new)?.map(|named| Service::seen_by(own, named)))
        })
        .await?;
    Ok(created(format!("/api/v1/services/{}", added.id.0), Some(added.version), &added))
}

/// Read a service.
#[utoipa::path(
    tag = "services",
    security(("token" = [])),
    params(("id" = ServiceId, Path)),
    responses((status = 200, body = Service, headers(("ETag" = String))), Problems)
)]
#[get("/services/{id}")]
pub async fn find(app: web::Data<App>, actor: Actor, Path(id): Path<ServiceId>) -> Result<HttpResponse, AppError> {
    let found = app.db.read(&actor, move |conn| db::services::find(conn, id)).await?;
    Ok(tagged(found.service.version, &Service::seen_by(actor.organisation, found)))
}

/// What to change about a service; what is absent stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct ServiceEdit {
    #[garde(length(chars, min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120)]
    name: Option<String>,
    name_confidential: Option<bool>,
    /// In place of all attributes before.
    #[garde(dive)]
    attributes: Option<ServiceAttributes>,
    /// An inactive service is in no search and takes no referrals.
    active: Option<bool>,
}

/// Change a service of your organisation.
#[utoipa::path(
    tag = "services",
    security(("token" = [])),
    params(("id" = ServiceId, Path), IfMatch),
    request_body = ServiceEdit,
    responses((status = 200, body = Service, headers(("ETag" = String))), Problems)
)]
#[patch("/services/{id}")]
pub async fn edit(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ServiceId>,
    IfMatch(version): IfMatch,
    Body(ServiceEdit { name, name_confidential, attributes, active }): Body<ServiceEdit>,
) -> Result<HttpResponse, AppError> {
    let edit = Edit { name, name_confidential, attributes, active };
    let edited = app.db.write(&actor, move |tx| actions::services::edit(tx, id, version, &edit)).await?;
    Ok(tagged(edited.service.version, &Service::seen_by(actor.organisation, edited)))
}
