//! What becomes of a job.

use actix_web::{post, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::view::{Job, told};
use crate::actions::sanctuary as verbs;
use crate::api::input::{Body, Once, Path};
use crate::api::problem::Problems;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::within_reach;
use crate::error::AppError;
use crate::ids::SanctuaryId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(book).service(survey).service(install).service(sign_off).service(end);
}

/// The day of a survey.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct SurveyBooking {
    #[garde(custom(within_reach))]
    survey_on: NaiveDate,
}

/// Give the survey a day, or another one. From the first time on you may read who and where they are.
#[utoipa::path(
    tag = "sanctuary",
    security(("token" = [])),
    params(("id" = SanctuaryId, Path), Once),
    request_body = SurveyBooking,
    responses((status = 200, body = Job), Problems)
)]
#[post("/sanctuary-jobs/{id}/book")]
pub async fn book(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<SanctuaryId>,
    once: Once,
    Body(body): Body<SurveyBooking>,
) -> Result<web::Json<Job>, AppError> {
    let (key, day) = (once.of(&body)?, body.survey_on);
    let verb = move |tx: &mut crate::db::Tx| {
        let change = verbs::book(tx, id, day)?;
        told(tx, id, change)
    };
    Ok(web::Json(app.db.write_once(&actor, key, verb).await?))
}

/// When a step was done.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct StepDone {
    /// Today unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(within_reach)))]
    on: Option<NaiveDate>,
}

/// Record that the home was looked at. The survey must have been given a day.
#[utoipa::path(
    tag = "sanctuary",
    security(("token" = [])),
    params(("id" = SanctuaryId, Path), Once),
    request_body = StepDone,
    responses((status = 200, body = Job), Problems)
)]
#[post("/sanctuary-jobs/{id}/survey")]
pub async fn survey(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<SanctuaryId>,
    once: Once,
    Body(body): Body<StepDone>,
) -> Result<web::Json<Job>, AppError> {
    let (key, day) = (once.of(&body)?, body.on);
    let verb = move |tx: &mut crate::db::Tx| {
        let change = verbs::survey(tx, id, day)?;
        told(tx, id, change)
    };
    Ok(web::Json(app.db.write_once(&actor, key, verb).await?))
}

/// Record that everything is fitted: what was planned is there. Refused while the landlord of a rented home has not agreed.
#[utoipa::path(
    tag = "sanctuary",
    security(("token" = [])),
    params(("id" = SanctuaryId, Path), Once),
    request_body = StepDone,
    responses((status = 200, body = Job), Problems)
)]
#[post("/sanctuary-jobs/{id}/install")]
pub async fn install(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<SanctuaryId>,
    once: Once,
    Body(body): Body<StepDone>,
) -> Result<web::Json<Job>, AppError> {
    let (key, day) = (once.of(&body)?, body.on);
    let verb = move |tx: &mut crate::db::Tx| {
        let change = verbs::install(tx, id, day)?;
        told(tx, id, change)
    };
    Ok(web::Json(app.db.write_once(&actor, key, verb).await?))
}

/// Record that the home is safe. The referrer is asked to follow up after 1, 3, 6 and 12 months.
#[utoipa::path(
    tag = "sanctuary",
    security(("token" = [])),
    params(("id" = SanctuaryId, Path), Once),
    request_body = StepDone,
    responses((status = 200, body = Job), Problems)
)]
#[post("/sanctuary-jobs/{id}/sign-off")]
pub async fn sign_off(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<SanctuaryId>,
    once: Once,
    Body(body): Body<StepDone>,
) -> Result<web::Json<Job>, AppError> {
    let (key, day) = (once.of(&body)?, body.on);
    let verb = move |tx: &mut crate::db::Tx| {
        let change = verbs::sign_off(tx, id, day)?;
        told(tx, id, change)
    };
    Ok(web::Json(app.db.write_once(&actor, key, verb).await?))
}

/// Why a job ends without a sign-off.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct JobEnding {
    /// Of the list `sanctuary_ending`: the reason says whether it is declined, not feasible or withdrawn, and who decides.
    #[garde(length(chars, min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    reason: String,
}

/// End a job without a sign-off: the scheme declines it or finds it not feasible, the referrer withdraws it, or the
/// survivor has decided against it.
#[utoipa::path(
    tag = "sanctuary",
    security(("token" = [])),
    params(("id" = SanctuaryId, Path), Once),
    request_body = JobEnding,
    responses((status = 200, body = Job), Problems)
)]
#[post("/sanctuary-jobs/{id}/end")]
pub async fn end(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<SanctuaryId>,
    once: Once,
    Body(body): Body<JobEnding>,
) -> Result<web::Json<Job>, AppError> {
    let (key, reason) = (once.of(&body)?, body.reason);
    let verb = move |tx: &mut crate::db::Tx| {
        let change = verbs::end(tx, id, &reason)?;
        told(tx, id, change)
    };
    Ok(web::Json(app.db.write_once(&actor, key, verb).await?))
}
