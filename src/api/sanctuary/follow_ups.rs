//! Whether a household is still safe at home.

use actix_web::{HttpResponse, post, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::view::FollowUp;
use crate::actions::sanctuary::{Answered, answer as record, open_again};
use crate::api::created;
use crate::api::input::{Body, Once, Path};
use crate::api::problem::Problems;
use crate::app::App;
use crate::auth::Actor;
use crate::domain::sanctuary::StillSafe;
use crate::error::AppError;
use crate::ids::{CaseId, SanctuaryFollowUpId, SanctuaryId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(answer).service(open_case);
}

/// What the household says, or that nobody was reached.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct FollowUpAnswer {
    answer: StillSafe,
    /// Of the list `sanctuary_need`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 60)))]
    #[schema(min_length = 1, max_length = 60)]
    needed: Option<String>,
    /// It is sealed, and stays within your organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 2000)))]
    #[schema(min_length = 1, max_length = 2000)]
    note: Option<String>,
}

/// Record whether they are still safe at home: also when the case is closed. Who is not safe, or has moved, is not asked
/// again.
#[utoipa::path(
    tag = "sanctuary",
    security(("token" = [])),
    params(("id" = SanctuaryId, Path), ("follow_up" = SanctuaryFollowUpId, Path), Once),
    request_body = FollowUpAnswer,
    responses((status = 200, body = FollowUp), Problems)
)]
#[post("/sanctuary-jobs/{id}/follow-ups/{follow_up}/answer")]
pub async fn answer(
    app: web::Data<App>,
    actor: Actor,
    Path((id, follow_up)): Path<(SanctuaryId, SanctuaryFollowUpId)>,
    once: Once,
    Body(body): Body<FollowUpAnswer>,
) -> Result<web::Json<FollowUp>, AppError> {
    let key = once.of(&body)?;
    let FollowUpAnswer { answer, needed, note } = body;
    let answered = Answered { answer, needed, note };
    let verb = move |tx: &mut crate::db::Tx| Ok(record(tx, id, follow_up, &answered)?.map(FollowUp::from));
    Ok(web::Json(app.db.write_once(&actor, key, verb).await?))
}

/// A case that was opened again.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct OpenedAgain {
    pub case_id: CaseId,
}

/// Open a new case for a household that is not safe at home any more and whose case is closed, with what is known of it.
#[utoipa::path(
    tag = "sanctuary",
    security(("token" = [])),
    params(("id" = SanctuaryId, Path), Once),
    responses((status = 201, body = OpenedAgain, headers(("Location" = String))), Problems)
)]
#[post("/sanctuary-jobs/{id}/cases")]
pub async fn open_case(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<SanctuaryId>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&())?;
    let case_id = app.db.write_once(&actor, key, move |tx| open_again(tx, id)).await?;
    Ok(created(format!("/api/v1/cases/{}", case_id.0), None, &OpenedAgain { case_id }))
}
