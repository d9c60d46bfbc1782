//! `/cases/{id}/merge`: two cases of one household, brought together and taken apart again.

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
use crate::domain::merge::Reason;
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, MergeId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(merge).service(undo);
}

/// Two cases that were brought together: one is kept, the other is folded into it and only there to be read.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Merge {
    pub id: MergeId,
    pub kept_id: CaseId,
    pub folded_id: CaseId,
    pub reason: Reason,
    pub merged_at: At,
    pub merged_by: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone_by: Option<AccountId>,
}

impl From<db::merges::Merge> for Merge {
    fn from(row: db::merges::Merge) -> Self {
        let db::merges::Merge { id, kept_id, folded_id, reason, merged_at, merged_by, undone_at, undone_by } = row;
        Self { id, kept_id, folded_id, reason, merged_at, merged_by, undone_at, undone_by }
    }
}

/// Every time that a case was brought together with another.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Merges {
    /// The oldest first.
    pub items: Vec<Merge>,
}

/// List with which cases this one was brought together, and whether it was undone.
#[utoipa::path(
    tag = "cases",
    operation_id = "merges",
    security(("token" = [])),
    params(("id" = CaseId, Path)),
    responses((status = 200, body = Merges), Problems)
)]
#[get("/cases/{id}/merges")]
pub async fn list(app: web::Data<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<web::Json<Merges>, AppError> {
    let scope = Scope::of(&actor);
    let read = move |conn: &mut db::Conn| {
        db::cases::find_in(conn, scope, id)?;
        db::merges::of_case(conn, id)
    };
    let rows = app.db.read(&actor, read).await?;
    Ok(web::Json(Merges { items: rows.into_iter().map(Merge::from).collect() }))
}

/// The case to fold into this one, and how there came to be two.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewMerge {
    folded_id: CaseId,
    reason: Reason,
}

/// Fold another case of the same household into this one. Its history stays as it is; it is no longer listed or counted,
/// and nothing can be changed there until it is undone.
#[utoipa::path(
    tag = "cases",
    operation_id = "merge",
    security(("token" = [])),
    params(("id" = CaseId, Path), Once),
    request_body = NewMerge,
    responses((status = 200, body = Merge), Problems)
)]
#[post("/cases/{id}/merge")]
pub async fn merge(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    once: Once,
    Body(new): Body<NewMerge>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let NewMerge { folded_id, reason } = new;
    let merge = move |tx: &mut db::Tx| Ok(actions::merges::merge(tx, id, folded_id, reason)?.map(Merge::from));
    Ok(HttpResponse::Ok().json(app.db.write_once(&actor, key, merge).await?))
}

/// Take this folded case out of the one that it is folded into. It is as it was before.
#[utoipa::path(
    tag = "cases",
    operation_id = "undo_merge",
    security(("token" = [])),
    params(("id" = CaseId, Path), Once),
    responses((status = 200, body = Merge), Problems)
)]
#[post("/cases/{id}/merge/undo")]
pub async fn undo(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let undo = move |tx: &mut db::Tx| Ok(actions::merges::undo(tx, id)?.map(Merge::from));
    Ok(HttpResponse::Ok().json(app.db.write_once(&actor, once.of(&())?, undo).await?))
}
