//! `/reports/targets`: what one's own organisation wants its measures to be.

use actix_web::{HttpResponse, delete, get, put, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, IfMatch, Path};
use super::problem::Problems;
use super::tagged;
use crate::actions;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db::targets;
use crate::domain::measures::Code;
use crate::domain::measures::target::Better;
use crate::error::AppError;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(read).service(set).service(remove);
}

/// What a measure is wanted to be.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Target {
    pub measure: Code,
    pub better: Better,
    /// In the unit of the measure.
    pub value: f64,
    pub version: i32,
    pub updated_at: At,
}

impl From<targets::Target> for Target {
    fn from(row: targets::Target) -> Self {
        let targets::Target { measure, better, tenths, version, updated_at, .. } = row;
        Self { measure, better, value: f64::from(tenths) / 10.0, version, updated_at }
    }
}

/// All targets of one's own organisation: at most one for each measure.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Targets {
    pub items: Vec<Target>,
}

/// What your organisation wants its measures to be.
#[utoipa::path(
    tag = "reports",
    security(("token" = [])),
    responses((status = 200, body = Targets), Problems)
)]
#[get("/reports/targets")]
pub async fn list(app: web::Data<App>, actor: Actor) -> Result<web::Json<Targets>, AppError> {
    let of = actor.organisation;
    let rows = app.db.read(&actor, move |conn| targets::of(conn, of)).await?;
    Ok(web::Json(Targets { items: rows.into_iter().map(Target::from).collect() }))
}

/// What your organisation wants a measure to be.
#[utoipa::path(
    tag = "reports",
    security(("token" = [])),
    params(("measure" = Code, Path)),
    responses((status = 200, body = Target, headers(("ETag" = String))), Problems)
)]
#[get("/reports/targets/{measure}")]
pub async fn read(app: web::Data<App>, actor: Actor, Path(measure): Path<Code>) -> Result<HttpResponse, AppError> {
    let of = actor.organisation;
    let row = app.db.read(&actor, move |conn| targets::find(conn, of, measure)).await?.ok_or(AppError::NotFound)?;
    Ok(tagged(row.version, &Target::from(row)))
}

/// What a measure is to be.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewTarget {
    better: Better,
    /// In the unit of the measure, with at most one decimal.
    #[garde(range(min = 0.0, max = 1_000_000.0))]
    #[schema(minimum = 0, maximum = 1_000_000)]
    value: f64,
}

/// Say what a measure is to be: one that is a number, a percentage, days or minutes. `If-Match: "0"` for the first time.
#[utoipa::path(
    tag = "reports",
    security(("token" = [])),
    params(("measure" = Code, Path), IfMatch),
    request_body = NewTarget,
    responses((status = 200, body = Target, headers(("ETag" = String))), Problems)
)]
#[put("/reports/targets/{measure}")]
pub async fn set(
    app: web::Data<App>,
    actor: Actor,
    Path(measure): Path<Code>,
    IfMatch(version): IfMatch,
    Body(NewTarget { better, value }): Body<NewTarget>,
) -> Result<HttpResponse, AppError> {
    let row = app.db.write(&actor, move |tx| actions::targets::set(tx, measure, version, better, value)).await?;
    Ok(tagged(row.version, &Target::from(row)))
}

/// Take a target away.
#[utoipa::path(
    tag = "reports",
    security(("token" = [])),
    params(("measure" = Code, Path), IfMatch),
    responses((status = 204), Problems)
)]
#[delete("/reports/targets/{measure}")]
pub async fn remove(
    app: web::Data<App>,
    actor: Actor,
    Path(measure): Path<Code>,
    IfMatch(version): IfMatch,
) -> Result<HttpResponse, AppError> {
    app.db.write(&actor, move |tx| actions::targets::remove(tx, measure, version)).await?;
    Ok(HttpResponse::NoContent().finish())
}
