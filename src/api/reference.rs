//! `/reference`, `/areas`: the code lists and areas that everything else refers to.

use actix_web::{get, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::Path;
use super::problem::Problems;
use crate::app::App;
use crate::auth::Actor;
use crate::db;
use crate::domain::reference::{Area, Code};
use crate::error::AppError;

pub fn routes(config: &mut ServiceConfig) {
    config.service(all).service(one).service(areas);
}

/// Codes in the order in which people see them. Retired ones are there too, with the last day on which they could be
/// chosen.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Codes {
    pub items: Vec<Code>,
}

/// Read every code list.
#[utoipa::path(tag = "reference", security(("token" = [])), responses((status = 200, body = Codes), Problems))]
#[get("/reference")]
pub async fn all(app: web::Data<App>, actor: Actor) -> Result<web::Json<Codes>, AppError> {
    let items = app.db.read(&actor, |conn| db::reference::codes(conn, None)).await?;
    Ok(web::Json(Codes { items }))
}

/// Read one code list.
#[utoipa::path(
    tag = "reference",
    security(("token" = [])),
    params(("list" = String, Path, description = "`denial_reason`, `void_reason`, …")),
    responses((status = 200, body = Codes), Problems)
)]
#[get("/reference/{list}")]
pub async fn one(app: web::Data<App>, actor: Actor, Path(list): Path<String>) -> Result<web::Json<Codes>, AppError> {
    let items = app.db.read(&actor, move |conn| db::reference::codes(conn, Some(&list))).await?;
    if items.is_empty() { Err(AppError::NotFound) } else { Ok(web::Json(Codes { items })) }
}

/// Areas in the order of their names.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Areas {
    pub items: Vec<Area>,
}

/// Read the areas.
#[utoipa::path(tag = "reference", security(("token" = [])), responses((status = 200, body = Areas), Problems))]
#[get("/areas")]
pub async fn areas(app: web::Data<App>, actor: Actor) -> Result<web::Json<Areas>, AppError> {
    let items = app.db.read(&actor, db::reference::areas).await?;
    Ok(web::Json(Areas { items }))
}
