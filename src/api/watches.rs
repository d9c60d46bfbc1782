//! `/watches`: cases that are matched again whenever a vacancy is posted or a rule changes.

use actix_web::{HttpResponse, delete, get, post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Once, Path};
use super::problem::Problems;
use crate::actions;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::db::cases::Scope;
use crate::domain::eligibility::Verdict;
use crate::error::AppError;
use crate::ids::{CaseId, VacancyId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(find).service(start).service(end).service(see);
}

/// A place that was found while a case was under watch, and that can still be had.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FoundPlace {
    pub vacancy_id: VacancyId,
    pub verdict: Verdict,
    pub found_at: At,
    /// Absent while nobody has said that they have seen it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<At>,
}

impl From<db::watches::Found> for FoundPlace {
    fn from(found: db::watches::Found) -> Self {
        let db::watches::Found { vacancy_id, verdict, found_at, seen_at, .. } = found;
        Self { vacancy_id, verdict, found_at, seen_at }
    }
}

/// A case under watch.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Watch {
    pub case_id: CaseId,
    /// To be read over the telephone.
    pub reference: String,
    pub since: At,
    /// The newest first.
    pub found: Vec<FoundPlace>,
}

impl From<actions::watches::Watched> for Watch {
    fn from(watched: actions::watches::Watched) -> Self {
        let actions::watches::Watched { watch, case, found } = watched;
        let found = found.into_iter().map(FoundPlace::from).collect();
        Self { case_id: case.id, reference: case.reference, since: watch.since, found }
    }
}

/// The cases under watch.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Watches {
    /// Those first for which something was found that nobody has seen.
    pub items: Vec<Watch>,
}

/// List your cases under watch (a manager: all of the organisation), at most 200.
#[utoipa::path(tag = "matching", security(("token" = [])), responses((status = 200, body = Watches), Problems))]
#[get("/watches")]
pub async fn list(app: web::Data<App>, actor: Actor) -> Result<web::Json<Watches>, AppError> {
    let (now, policy, who) = (app.clock.now(), app.policy, actor.clone());
    let watched = app.db.read(&actor, move |conn| actions::watches::list(conn, &who, now, policy)).await?;
    Ok(web::Json(Watches { items: watched.into_iter().map(Watch::from).collect() }))
}

/// Read the watch of a case.
#[utoipa::path(
    tag = "matching",
    security(("token" = [])),
    params(("id" = CaseId, Path)),
    responses((status = 200, body = Watch), Problems)
)]
#[get("/cases/{id}/watch")]
pub async fn find(app: web::Data<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<web::Json<Watch>, AppError> {
    let (now, policy, who) = (app.clock.now(), app.policy, actor.clone());
    let read = move |conn: &mut db::Conn| {
        let case = db::cases::find_in(conn, Scope::of(&who), id)?;
        let watch = db::watches::find(conn, id)?.ok_or(AppError::NotFound)?;
        let found = actions::watches::current(conn, id, now, policy)?;
        Ok(actions::watches::Watched { watch, case, found })
    };
    Ok(web::Json(app.db.read(&actor, read).await?.into()))
}

/// Put a case under watch: whenever a vacancy is posted or a rule changes it is matched again, and its worker is told.
#[utoipa::path(
    tag = "matching",
    security(("token" = [])),
    params(("id" = CaseId, Path)),
    responses((status = 204), Problems)
)]
#[put("/cases/{id}/watch")]
pub async fn start(app: web::Data<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<HttpResponse, AppError> {
    let (now, policy, worker) = (app.clock.now(), app.policy, actor.clone());
    let look = move |conn: &mut db::Conn| actions::searches::look(conn, &worker, id, None, now, policy);
    let looked = app.db.read(&actor, look).await?;
    app.db.write(&actor, move |tx| actions::watches::start(tx, id, &looked)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// End the watch of a case.
#[utoipa::path(
    tag = "matching",
    security(("token" = [])),
    params(("id" = CaseId, Path)),
    responses((status = 204), Problems)
)]
#[delete("/cases/{id}/watch")]
pub async fn end(app: web::Data<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<HttpResponse, AppError> {
    app.db.write(&actor, move |tx| actions::watches::end(tx, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// How much of what was found had not been seen before.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SeenPlaces {
    pub seen: usize,
}

/// Say that what was found for a case has been seen.
#[utoipa::path(
    tag = "matching",
    security(("token" = [])),
    params(("id" = CaseId, Path), Once),
    responses((status = 200, body = SeenPlaces), Problems)
)]
#[post("/cases/{id}/watch/seen")]
pub async fn see(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    once: Once,
) -> Result<web::Json<SeenPlaces>, AppError> {
    let seen = app.db.write_once(&actor, once.of(&())?, move |tx| actions::watches::see(tx, id)).await?;
    Ok(web::Json(SeenPlaces { seen }))
}
