//! Whether the service is alive, and whether it can do its work.

use actix_web::{get, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::problem::Problems;
use crate::app::App;
use crate::error::AppError;

/// How the service is.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// `ok`
    pub status: String,
}

fn ok() -> web::Json<Health> {
    web::Json(Health { status: "ok".into() })
}

/// Is the process alive?
#[utoipa::path(tag = "health", responses((status = 200, body = Health), Problems))]
#[get("/healthz")]
pub async fn alive() -> web::Json<Health> {
    ok()
}

/// Does the database answer?
#[utoipa::path(tag = "health", responses((status = 200, body = Health), Problems))]
#[get("/readyz")]
pub async fn ready(app: web::Data<App>) -> Result<web::Json<Health>, AppError> {
    app.db.ping().await?;
    Ok(ok())
}
