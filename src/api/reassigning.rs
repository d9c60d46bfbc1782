//! `/accounts/{id}/work` and `/accounts/{id}/reassign`: the work of somebody who is away or gone.

use actix_web::{get, post, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, Once, Path};
use super::problem::Problems;
use crate::actions;
use crate::actions::reassigning;
use crate::app::App;
use crate::auth::Actor;
use crate::db;
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, TaskId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(work).service(reassign);
}

/// How much waits for somebody, of what you may see.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Work {
    pub open_cases: i64,
    pub open_tasks: i64,
}

/// See how many open cases and tasks somebody of your organisation has.
#[utoipa::path(
    tag = "accounts",
    security(("token" = [])),
    params(("id" = AccountId, Path)),
    responses((status = 200, body = Work), Problems)
)]
#[get("/accounts/{id}/work")]
pub async fn work(app: web::Data<App>, actor: Actor, Path(id): Path<AccountId>) -> Result<web::Json<Work>, AppError> {
    let reader = actor.clone();
    let work = app.db.read(&actor, move |conn| reassigning::work_of(conn, &reader, id)).await?;
    Ok(web::Json(Work { open_cases: work.cases, open_tasks: work.tasks }))
}

/// Who takes the work over.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reassignment {
    /// One or several people of your organisation. Between several it is shared out evenly.
    #[garde(length(min = 1, max = 20))]
    #[schema(min_items = 1, max_items = 20)]
    to: Vec<AccountId>,
}

/// A case that has a new worker.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ReassignedCase {
    pub case_id: CaseId,
    pub reference: String,
    pub owner_id: AccountId,
    /// None of those you chose may have it: you keep it.
    pub kept: bool,
}

/// A task that has a new owner.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ReassignedTask {
    pub task_id: TaskId,
    pub owner_id: AccountId,
}

/// What was moved.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Reassigned {
    pub moved_cases: usize,
    /// Those that you keep, because none of those you chose may have them.
    pub kept_cases: usize,
    pub cases: Vec<ReassignedCase>,
    /// Beside those that went with their case.
    pub moved_tasks: usize,
    pub tasks: Vec<ReassignedTask>,
    /// Tasks that none of those you chose can do: they stay.
    pub left_tasks: usize,
}

impl From<reassigning::Moved> for Reassigned {
    fn from(moved: reassigning::Moved) -> Self {
        let kept = moved.cases.iter().filter(|case| case.kept).count();
        let case = |case: reassigning::MovedCase| ReassignedCase {
            case_id: case.id,
            reference: case.reference,
            owner_id: case.to,
            kept: case.kept,
        };
        Self {
            moved_cases: moved.cases.len() - kept,
            kept_cases: kept,
            cases: moved.cases.into_iter().map(case).collect(),
            moved_tasks: moved.tasks.len(),
            tasks: moved.tasks.into_iter().map(|(task_id, owner_id)| ReassignedTask { task_id, owner_id }).collect(),
            left_tasks: moved.tasks_left,
        }
    }
}

/// Give all open cases and tasks of somebody to others, at most 500 of each at once.
#[utoipa::path(
    tag = "accounts",
    security(("token" = [])),
    params(("id" = AccountId, Path), Once),
    request_body = Reassignment,
    responses((status = 200, body = Reassigned), Problems)
)]
#[post("/accounts/{id}/reassign")]
pub async fn reassign(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<AccountId>,
    once: Once,
    Body(body): Body<Reassignment>,
) -> Result<web::Json<Reassigned>, AppError> {
    let key = once.of(&body)?;
    let to = body.to;
    let reassign = move |tx: &mut db::Tx| Ok(actions::reassigning::reassign(tx, id, &to)?.map(Reassigned::from));
    Ok(web::Json(app.db.write_once(&actor, key, reassign).await?))
}
