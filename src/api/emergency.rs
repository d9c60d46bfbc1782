//! `/emergency-access`: a case that is not one's own, with a second person's consent, for a few hours.

use actix_web::{HttpResponse, get, post, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::created;
use super::input::{Body, Once, Path};
use super::problem::Problems;
use crate::actions::emergency::{self, Ask};
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::domain::emergency::{State, Told, told};
use crate::error::AppError;
use crate::ids::{AccountId, EmergencyId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask).service(list).service(find).service(grant).service(refuse).service(end);
}

/// A request of your own. It says nothing about whether there is such a case, until somebody has granted it.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct OwnRequest {
    pub id: EmergencyId,
    /// As you gave it.
    pub reference: String,
    /// Of the list `emergency_access_reason`.
    pub reason: String,
    pub asked_at: At,
    /// If nobody has granted it by then, the answer is no.
    pub lapses_at: At,
    pub state: Told,
    /// Until when the case is open to you.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<At>,
    pub message: String,
}

impl OwnRequest {
    fn of(row: db::emergency::Emergency, now: At) -> Self {
        let state = told(row.state, row.lapses_at, row.until, now);
        Self {
            id: row.id,
            reference: row.reference,
            reason: row.reason,
            asked_at: row.asked_at,
            lapses_at: row.lapses_at,
            state,
            until: row.until,
            message: message(state).into(),
        }
    }
}

/// What is said to the person who asked.
pub(crate) fn message(state: Told) -> &'static str {
    match state {
        Told::Waiting => "If there is such a case, a second person has been asked.",
        Told::NotGranted => "Nobody has granted this in time.",
        Told::Open => "You can see the case for now. Every look at it is recorded.",
        Told::Over => "This access is over.",
    }
}

/// A colleague's request that you may decide on.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct ToDecide {
    pub id: EmergencyId,
    /// Who asks.
    pub account_id: AccountId,
    pub reference: String,
    /// Of the list `emergency_access_reason`.
    pub reason: String,
    pub asked_at: At,
    pub lapses_at: At,
    pub state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<At>,
    /// What they wrote: said of one request, where reading it is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
}

impl ToDecide {
    fn of(row: db::emergency::Emergency, explanation: Option<String>) -> Self {
        Self {
            id: row.id,
            account_id: row.account_id,
            reference: row.reference,
            reason: row.reason,
            asked_at: row.asked_at,
            lapses_at: row.lapses_at,
            state: row.state,
            until: row.until,
            explanation,
        }
    }
}

/// Requests, the newest first.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct EmergencyRequests {
    /// Your own.
    pub asked: Vec<OwnRequest>,
    /// Those of colleagues that you may decide on.
    pub to_decide: Vec<ToDecide>,
}

/// A case that you need and that is not yours.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmergencyRequest {
    /// Of the case or of a referral, as it was told to you.
    #[garde(length(chars, min = 1, max = 20))]
    #[schema(min_length = 1, max_length = 20)]
    reference: String,
    /// Of the list `emergency_access_reason`.
    #[garde(length(chars, min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    reason: String,
    /// In a sentence: what has happened.
    #[garde(length(chars, min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    explanation: String,
}

/// Ask for a case. The answer is the same whether there is such a case or not.
#[utoipa::path(
    tag = "restricted",
    security(("token" = [])),
    params(Once),
    request_body = EmergencyRequest,
    responses((status = 201, body = OwnRequest, headers(("Location" = String))), Problems)
)]
#[post("/emergency-access")]
pub async fn ask(
    app: web::Data<App>,
    actor: Actor,
    once: Once,
    Body(request): Body<EmergencyRequest>,
) -> Result<HttpResponse, AppError> {
    let (key, now) = (once.of(&request)?, app.clock.now());
    let EmergencyRequest { reference, reason, explanation } = request;
    let asked = Ask { reference, reason, explanation };
    let ask = move |tx: &mut db::Tx| Ok(emergency::ask(tx, &asked)?.map(|row| OwnRequest::of(row, now)));
    let asked: OwnRequest = app.db.write_once(&actor, key, ask).await?;
    Ok(created(format!("/api/v1/emergency-access/{}", asked.id.0), None, &asked))
}

/// So many of each are listed.
pub(crate) const MOST: i64 = 100;

/// List your own requests, and those of colleagues that you may decide on; at most 100 of each.
#[utoipa::path(tag = "restricted", security(("token" = [])), responses((status = 200, body = EmergencyRequests), Problems))]
#[get("/emergency-access")]
pub async fn list(app: web::Data<App>, actor: Actor) -> Result<web::Json<EmergencyRequests>, AppError> {
    let (who, now) = (actor.clone(), app.clock.now());
    let read = move |conn: &mut db::Conn| {
        Ok((db::emergency::asked_by(conn, &who, MOST)?, db::emergency::to_decide(conn, &who, None, MOST)?))
    };
    let (own, others) = app.db.read(&actor, read).await?;
    Ok(web::Json(EmergencyRequests {
        asked: own.into_iter().map(|row| OwnRequest::of(row, now)).collect(),
        to_decide: others.into_iter().map(|row| ToDecide::of(row, None)).collect(),
    }))
}

/// Read a colleague's request, with what they wrote. That it was read is recorded.
#[utoipa::path(
    tag = "restricted",
    security(("token" = [])),
    params(("id" = EmergencyId, Path)),
    responses((status = 200, body = ToDecide), Problems)
)]
#[get("/emergency-access/{id}")]
pub async fn find(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<EmergencyId>,
) -> Result<web::Json<ToDecide>, AppError> {
    let (row, explanation) = app.db.write(&actor, move |tx| emergency::read(tx, id)).await?;
    Ok(web::Json(ToDecide::of(row, Some(explanation))))
}

/// Let a colleague see the case for a few hours; the password must have been given within the last five minutes.
#[utoipa::path(
    tag = "restricted",
    security(("token" = [])),
    params(("id" = EmergencyId, Path), Once),
    responses((status = 200, body = ToDecide), Problems)
)]
#[post("/emergency-access/{id}/grant")]
pub async fn grant(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<EmergencyId>,
    once: Once,
) -> Result<web::Json<ToDecide>, AppError> {
    let grant = move |tx: &mut db::Tx| Ok(emergency::grant(tx, id)?.map(|row| ToDecide::of(row, None)));
    Ok(web::Json(app.db.write_once(&actor, once.of(&())?, grant).await?))
}

/// Why a request is refused.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmergencyRefusal {
    /// For the record: the person who asked is not told.
    #[garde(length(chars, min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Refuse a colleague's request. They are told no more than that nobody has granted it in time.
#[utoipa::path(
    tag = "restricted",
    security(("token" = [])),
    params(("id" = EmergencyId, Path), Once),
    request_body = EmergencyRefusal,
    responses((status = 200, body = ToDecide), Problems)
)]
#[post("/emergency-access/{id}/refuse")]
pub async fn refuse(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<EmergencyId>,
    once: Once,
    Body(refusal): Body<EmergencyRefusal>,
) -> Result<web::Json<ToDecide>, AppError> {
    let key = once.of(&refusal)?;
    let refuse =
        move |tx: &mut db::Tx| Ok(emergency::refuse(tx, id, &refusal.reason)?.map(|row| ToDecide::of(row, None)));
    Ok(web::Json(app.db.write_once(&actor, key, refuse).await?))
}

/// End an access before its time: your own, or one that you could have granted.
#[utoipa::path(
    tag = "restricted",
    security(("token" = [])),
    params(("id" = EmergencyId, Path), Once),
    responses((status = 204), Problems)
)]
#[post("/emergency-access/{id}/end")]
pub async fn end(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<EmergencyId>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    app.db.write_once(&actor, once.of(&())?, move |tx| Ok(emergency::end(tx, id)?.map(drop))).await?;
    Ok(HttpResponse::NoContent().finish())
}
