//! `/cases/{id}/possible-repeats`: other cases of the organisation that may be about the same person.

use actix_web::{HttpResponse, get, post, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, Once, Path};
use super::problem::Problems;
use crate::actions;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::db::cases::Scope;
use crate::domain::case::State;
use crate::domain::repeat::Why;
use crate::error::AppError;
use crate::ids::CaseId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(decide);
}

/// Another case of yours that may be about the same person.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PossibleRepeat {
    pub case_id: CaseId,
    pub reference: String,
    pub state: State,
    pub opened_at: At,
    /// What is alike. Nobody learns what it says.
    pub why: Vec<Why>,
    /// Whether somebody has said that it is the same person; those that are different are not listed.
    pub same: bool,
}

/// What may be about the same person.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PossibleRepeats {
    pub items: Vec<PossibleRepeat>,
}

impl From<db::repeats::Repeat> for PossibleRepeat {
    fn from(row: db::repeats::Repeat) -> Self {
        let db::repeats::Repeat { case, why, same } = row;
        Self { case_id: case.id, reference: case.reference, state: case.state, opened_at: case.opened_at, why, same }
    }
}

/// List the cases that may be about the same person: of your organisation, and only those that you may see.
#[utoipa::path(
    tag = "cases",
    operation_id = "possible_repeats",
    security(("token" = [])),
    params(("id" = CaseId, Path)),
    responses((status = 200, body = PossibleRepeats), Problems)
)]
#[get("/cases/{id}/possible-repeats")]
pub async fn list(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<web::Json<PossibleRepeats>, AppError> {
    let scope = Scope::of(&actor);
    let rows = app.db.read(&actor, move |conn| db::repeats::of_case(conn, scope, id)).await?;
    Ok(web::Json(PossibleRepeats { items: rows.into_iter().map(PossibleRepeat::from).collect() }))
}

/// Whether it is the same person.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Sameness {
    same: bool,
}

/// Say whether another case is about the same person. It is remembered, and nobody is asked again.
#[utoipa::path(
    tag = "cases",
    operation_id = "decide_repeat",
    security(("token" = [])),
    params(("id" = CaseId, Path), ("other" = CaseId, Path), Once),
    request_body = Sameness,
    responses((status = 204), Problems)
)]
#[post("/cases/{id}/possible-repeats/{other}")]
pub async fn decide(
    app: web::Data<App>,
    actor: Actor,
    Path((id, other)): Path<(CaseId, CaseId)>,
    once: Once,
    Body(said): Body<Sameness>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&said)?;
    app.db.write_once(&actor, key, move |tx| actions::repeats::decide(tx, id, other, said.same)).await?;
    Ok(HttpResponse::NoContent().finish())
}
