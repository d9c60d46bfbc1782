//! `/cases/{id}/safety-plan`: what is done so that a household is safer.

use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::created;
use super::input::{Body, Once, Path};
use super::problem::Problems;
use crate::actions;
use crate::actions::safety_plan::{New, Plan};
use crate::app::App;
use crate::auth::Actor;
use crate::clock::{At, within_reach};
use crate::db;
use crate::domain::safety_plan::{Command, Doer, State};
use crate::error::AppError;
use crate::ids::{CaseId, SafetyActionId, SafetyReviewId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(find).service(add).service(finish).service(leave).service(review);
}

/// What is done so that a household is safer.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SafetyPlan {
    /// What is open first, then by the day on which it is due.
    pub actions: Vec<SafetyAction>,
    /// When it was gone through, the newest first.
    pub reviews: Vec<SafetyReview>,
}

/// One action of a plan.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SafetyAction {
    pub id: SafetyActionId,
    /// Who does it.
    pub doer: Doer,
    pub due_on: NaiveDate,
    pub state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_on: Option<NaiveDate>,
    pub added_at: At,
    /// Not in the answer to a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Somebody went through the plan.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SafetyReview {
    pub id: SafetyReviewId,
    pub reviewed_at: At,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_review_on: Option<NaiveDate>,
}

impl From<db::safety_plan::Action> for SafetyAction {
    fn from(row: db::safety_plan::Action) -> Self {
        Self {
            id: row.id,
            doer: row.doer,
            due_on: row.due_on,
            state: row.state,
            ended_on: row.ended_on,
            added_at: row.added_at,
            text: None,
        }
    }
}

impl From<db::safety_plan::Review> for SafetyReview {
    fn from(row: db::safety_plan::Review) -> Self {
        Self { id: row.id, reviewed_at: row.reviewed_at, next_review_on: row.next_review_on }
    }
}

/// Read the safety plan of the household of your case. That you read it is recorded.
#[utoipa::path(
    tag = "risk",
    operation_id = "read_safety_plan",
    security(("token" = [])),
    params(("id" = CaseId, Path)),
    responses((status = 200, body = SafetyPlan), Problems)
)]
#[get("/cases/{id}/safety-plan")]
pub async fn find(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<web::Json<SafetyPlan>, AppError> {
    let Plan { actions, reviews, .. } = app.db.write(&actor, move |tx| actions::safety_plan::read(tx, id)).await?;
    let actions = actions.into_iter().map(|(row, text)| SafetyAction { text: Some(text), ..row.into() }).collect();
    Ok(web::Json(SafetyPlan { actions, reviews: reviews.into_iter().map(|(row, _)| row.into()).collect() }))
}

/// Something to do.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewSafetyAction {
    /// It is sealed.
    #[garde(length(chars, min = 1, max = 1000))]
    #[schema(min_length = 1, max_length = 1000)]
    text: String,
    doer: Doer,
    #[garde(custom(within_reach))]
    due_on: NaiveDate,
}

/// Add an action to the safety plan of an open case.
#[utoipa::path(
    tag = "risk",
    operation_id = "add_safety_action",
    security(("token" = [])),
    params(("id" = CaseId, Path), Once),
    request_body = NewSafetyAction,
    responses((status = 201, body = SafetyAction, headers(("Location" = String))), Problems)
)]
#[post("/cases/{id}/safety-plan/actions")]
pub async fn add(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    once: Once,
    Body(new): Body<NewSafetyAction>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let NewSafetyAction { text, doer, due_on } = new;
    let new = New { text, doer, due_on };
    let verb = move |tx: &mut db::Tx| Ok(actions::safety_plan::add(tx, id, &new)?.map(SafetyAction::from));
    let added: SafetyAction = app.db.write_once(&actor, key, verb).await?;
    Ok(created(format!("/api/v1/cases/{}/safety-plan", id.0), None, &added))
}

/// When an action ended.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct EndedOn {
    /// Today unless it was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(within_reach)))]
    on: Option<NaiveDate>,
}

async fn end(
    app: &App,
    actor: &Actor,
    (id, action): (CaseId, SafetyActionId),
    command: Command,
    once: Once,
    ended: EndedOn,
) -> Result<web::Json<SafetyAction>, AppError> {
    let key = once.of(&ended)?;
    let verb = move |tx: &mut db::Tx| {
        Ok(actions::safety_plan::end(tx, id, action, command, ended.on)?.map(SafetyAction::from))
    };
    Ok(web::Json(app.db.write_once(actor, key, verb).await?))
}

/// Record that an action of the plan was done.
#[utoipa::path(
    tag = "risk",
    operation_id = "finish_safety_action",
    security(("token" = [])),
    params(("id" = CaseId, Path), ("action" = SafetyActionId, Path), Once),
    request_body = EndedOn,
    responses((status = 200, body = SafetyAction), Problems)
)]
#[post("/cases/{id}/safety-plan/actions/{action}/finish")]
pub async fn finish(
    app: web::Data<App>,
    actor: Actor,
    Path(of): Path<(CaseId, SafetyActionId)>,
    once: Once,
    Body(ended): Body<EndedOn>,
) -> Result<web::Json<SafetyAction>, AppError> {
    end(&app, &actor, of, Command::Finish, once, ended).await
}

/// Record that an action of the plan is not needed.
#[utoipa::path(
    tag = "risk",
    operation_id = "drop_safety_action",
    security(("token" = [])),
    params(("id" = CaseId, Path), ("action" = SafetyActionId, Path), Once),
    request_body = EndedOn,
    responses((status = 200, body = SafetyAction), Problems)
)]
#[post("/cases/{id}/safety-plan/actions/{action}/drop")]
pub async fn leave(
    app: web::Data<App>,
    actor: Actor,
    Path(of): Path<(CaseId, SafetyActionId)>,
    once: Once,
    Body(ended): Body<EndedOn>,
) -> Result<web::Json<SafetyAction>, AppError> {
    end(&app, &actor, of, Command::Drop, once, ended).await
}

/// When a plan is to be gone through again.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewSafetyReview {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(within_reach)))]
    next_review_on: Option<NaiveDate>,
}

/// Record that you went through the plan with the survivor.
#[utoipa::path(
    tag = "risk",
    operation_id = "review_safety_plan",
    security(("token" = [])),
    params(("id" = CaseId, Path), Once),
    request_body = NewSafetyReview,
    responses((status = 201, body = SafetyReview, headers(("Location" = String))), Problems)
)]
#[post("/cases/{id}/safety-plan/reviews")]
pub async fn review(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    once: Once,
    Body(new): Body<NewSafetyReview>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let next = new.next_review_on;
    let verb = move |tx: &mut db::Tx| Ok(actions::safety_plan::review(tx, id, next)?.map(SafetyReview::from));
    let reviewed: SafetyReview = app.db.write_once(&actor, key, verb).await?;
    Ok(created(format!("/api/v1/cases/{}/safety-plan", id.0), None, &reviewed))
}
