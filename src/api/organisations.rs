//! `/organisations`

use actix_web::{HttpResponse, get, patch, post, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, IfMatch, Once, Path, Query};
use super::page::{Page, Paging, after, one_more};
use super::problem::Problems;
use super::{created, tagged};
use crate::actions;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::db::organisations::Edit;
use crate::domain::permission::Kinds;
use crate::error::AppError;
use crate::ids::OrganisationId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(add).service(find).service(edit);
}

/// A provider, a referrer, a commissioner, the operator, or several of these.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Organisation {
    pub id: OrganisationId,
    pub name: String,
    pub kinds: Kinds,
    pub active: bool,
    pub version: i32,
    pub created_at: At,
}

impl From<db::organisations::Organisation> for Organisation {
    fn from(row: db::organisations::Organisation) -> Self {
        let db::organisations::Organisation { id, name, kinds, active, version, created_at } = row;
        Self { id, name, kinds, active, version, created_at }
    }
}

/// List organisations in the order of their names.
#[utoipa::path(
    tag = "organisations",
    security(("token" = [])),
    params(Paging),
    responses((status = 200, body = Page<Organisation>), Problems)
)]
#[get("/organisations")]
pub async fn list(
    app: web::Data<App>,
    actor: Actor,
    Query(paging): Query<Paging>,
) -> Result<web::Json<Page<Organisation>>, AppError> {
    let (limit, after) = (paging.limit(), after(paging.cursor())?);
    let rows = app.db.read(&actor, move |conn| db::organisations::page(conn, after, one_more(limit))).await?;
    let rows = rows.into_iter().map(Organisation::from).collect();
    Ok(web::Json(Page::of(rows, limit, |row| (row.name.clone(), row.id))?))
}

/// A new organisation.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrganisation {
    #[garde(length(chars, min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    #[garde(dive)]
    kinds: Kinds,
}

/// Add an organisation.
#[utoipa::path(
    tag = "organisations",
    security(("token" = [])),
    params(Once),
    request_body = NewOrganisation,
    responses((status = 201, body = Organisation, headers(("Location" = String), ("ETag" = String))), Problems)
)]
#[post("/organisations")]
pub async fn add(
    app: web::Data<App>,
    actor: Actor,
    once: Once,
    Body(new): Body<NewOrganisation>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let NewOrganisation { name, kinds } = new;
    let added: Organisation = app
        .db
        .write_once(&actor, key, move |tx| {
            Ok(actions::organisations::add(tx, &name, kinds.clone())?.map(Organisation::from))
        })
        .await?;
    Ok(created(format!("/api/v1/organisations/{}", added.id.0), Some(added.version), &added))
}

/// Read an organisation.
#[utoipa::path(
    tag = "organisations",
    security(("token" = [])),
    params(("id" = OrganisationId, Path)),
    responses((status = 200, body = Organisation, headers(("ETag" = String))), Problems)
)]
#[get("/organisations/{id}")]
pub async fn find(app: web::Data<App>, actor: Actor, Path(id): Path<OrganisationId>) -> Result<HttpResponse, AppError> {
    let found = app.db.read(&actor, move |conn| db::organisations::find(conn, id)).await?;
    Ok(tagged(found.version, &Organisation::from(found)))
}

/// What to change about an organisation; what is absent stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganisationEdit {
    #[garde(length(chars, min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120)]
    name: Option<String>,
    #[garde(dive)]
    kinds: Option<Kinds>,
    /// The accounts of an inactive organisation cannot sign in.
    #[garde(skip)]
    active: Option<bool>,
}

/// Change an organisation.
#[utoipa::path(
    tag = "organisations",
    security(("token" = [])),
    params(("id" = OrganisationId, Path), IfMatch),
    request_body = OrganisationEdit,
    responses((status = 200, body = Organisation, headers(("ETag" = String))), Problems)
)]
#[patch("/organisations/{id}")]
pub async fn edit(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<OrganisationId>,
    IfMatch(version): IfMatch,
    Body(OrganisationEdit { name, kinds, active }): Body<OrganisationEdit>,
) -> Result<HttpResponse, AppError> {
    let edit = Edit { name, kinds, active };
    let edited = app.db.write(&actor, move |tx| actions::organisations::edit(tx, id, version, &edit)).await?;
    Ok(tagged(edited.version, &Organisation::from(edited)))
}
