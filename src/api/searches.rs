//! `/cases/{id}/searches`: keeping what a household can find now, because it matters.

use actix_web::{HttpResponse, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Once, Path};
use super::problem::Problems;
use crate::actions;
use crate::app::App;
use crate::auth::Actor;
use crate::db;
use crate::error::AppError;
use crate::ids::CaseId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(mark);
}

/// Keep what this household can find now: for the report on barriers, without anything that tells who they are. It is
/// done without asking when a case is referred, put under watch, or closed without a place.
#[utoipa::path(
    tag = "matching",
    security(("token" = [])),
    params(("id" = CaseId, Path), Once),
    responses((status = 204), Problems)
)]
#[post("/cases/{id}/searches")]
pub async fn mark(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let (now, policy, worker, key) = (app.clock.now(), app.policy, actor.clone(), once.of(&())?);
    let look = move |conn: &mut db::Conn| actions::searches::look(conn, &worker, id, None, now, policy);
    let looked = app.db.read(&actor, look).await?;
    app.db.write_once(&actor, key, move |tx| actions::searches::mark(tx, id, &looked)).await?;
    Ok(HttpResponse::NoContent().finish())
}
