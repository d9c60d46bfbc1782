//! Who must not see a case: `/cases/{id}/exclusions` for its own organisation, `/referrals/{id}/exclusions` for a provider.

use actix_web::{HttpResponse, get, post, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, Once, Path};
use super::problem::Problems;
use crate::actions::exclusions::{self, Of};
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::domain::exclusion::Kind;
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, ExclusionId, ReferralId};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_of_case)
        .service(name_for_case)
        .service(lift_for_case)
        .service(declare_for_case)
        .service(list_of_referral)
        .service(name_for_referral)
        .service(lift_for_referral)
        .service(declare_for_referral);
}

/// Somebody of your organisation for whom the case does not exist.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Exclusion {
    pub id: ExclusionId,
    pub account_id: AccountId,
    pub kind: Kind,
    /// Who wrote it down: the person herself when she declared it.
    pub by_account_id: AccountId,
    pub since: At,
    /// Said in the list, where reading it is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Exclusion {
    fn of(row: &db::exclusions::Exclusion, reason: Option<String>) -> Self {
        let (id, account_id, by_account_id) = (row.id, row.account_id, row.by_account);
        Self { id, account_id, kind: row.kind, by_account_id, since: row.since, reason }
    }
}

/// Those of your organisation for whom the case does not exist.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Exclusions {
    /// The first excluded first.
    pub items: Vec<Exclusion>,
}

/// Somebody who must not see a case, and why.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewExclusion {
    /// Of your organisation.
    account_id: AccountId,
    #[garde(length(chars, min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// That you know somebody involved.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Conflict {
    #[garde(length(chars, min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
    /// For a case of your own: the colleague who takes it over; a manager unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account_id: Option<AccountId>,
}

async fn list(app: &App, actor: &Actor, of: Of) -> Result<web::Json<Exclusions>, AppError> {
    let found = app.db.write(actor, move |tx| exclusions::list(tx, of)).await?;
    let items = found.into_iter().map(|(row, reason)| Exclusion::of(&row, Some(reason))).collect();
    Ok(web::Json(Exclusions { items }))
}

async fn name(app: &App, actor: &Actor, of: Of, once: Once, new: NewExclusion) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let NewExclusion { account_id, reason } = new;
    let named =
        move |tx: &mut db::Tx| Ok(exclusions::name(tx, of, account_id, &reason)?.map(|row| Exclusion::of(&row, None)));
    let named: Exclusion = app.db.write_once(actor, key, named).await?;
    Ok(HttpResponse::Created().json(named))
}

async fn lift(app: &App, actor: &Actor, of: Of, id: ExclusionId, once: Once) -> Result<HttpResponse, AppError> {
    app.db.write_once(actor, once.of(&())?, move |tx| exclusions::lift(tx, of, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn declare(app: &App, actor: &Actor, of: Of, once: Once, conflict: Conflict) -> Result<HttpResponse, AppError> {
    let key = once.of(&conflict)?;
    let Conflict { reason, account_id } = conflict;
    app.db.write_once(actor, key, move |tx| exclusions::declare(tx, of, &reason, account_id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// List those of your organisation for whom a case does not exist, and why. That it was read is recorded.
#[utoipa::path(
    tag = "restricted",
    security(("token" = [])),
    params(("id" = CaseId, Path)),
    responses((status = 200, body = Exclusions), Problems)
)]
#[get("/cases/{id}/exclusions")]
pub async fn list_of_case(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<web::Json<Exclusions>, AppError> {
    list(&app, &actor, Of::Case(id)).await
}

/// Name somebody of your organisation who must not see a case: from now on it does not exist for her.
#[utoipa::path(
    tag = "restricted",
    security(("token" = [])),
    params(("id" = CaseId, Path), Once),
    request_body = NewExclusion,
    responses((status = 201, body = Exclusion), Problems)
)]
#[post("/cases/{id}/exclusions")]
pub async fn name_for_case(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    once: Once,
    Body(new): Body<NewExclusion>,
) -> Result<HttpResponse, AppError> {
    name(&app, &actor, Of::Case(id), once, new).await
}

/// Let somebody see a case again. What she declared herself only a manager lifts.
#[utoipa::path(
    tag = "restricted",
    security(("token" = [])),
    params(("id" = CaseId, Path), ("exclusion" = ExclusionId, Path), Once),
    responses((status = 204), Problems)
)]
#[post("/cases/{id}/exclusions/{exclusion}/lift")]
pub async fn lift_for_case(
    app: web::Data<App>,
    actor: Actor,
    Path((id, exclusion)): Path<(CaseId, ExclusionId)>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    lift(&app, &actor, Of::Case(id), exclusion, once).await
}

/// Say that you know somebody involved: from now on the case does not exist for you. Your own goes to a colleague.
#[utoipa::path(
    tag = "restricted",
    security(("token" = [])),
    params(("id" = CaseId, Path), Once),
    request_body = Conflict,
    responses((status = 204), Problems)
)]
#[post("/cases/{id}/conflicts")]
pub async fn declare_for_case(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    once: Once,
    Body(conflict): Body<Conflict>,
) -> Result<HttpResponse, AppError> {
    declare(&app, &actor, Of::Case(id), once, conflict).await
}

/// List those of your organisation for whom a referral does not exist, and why. That it was read is recorded.
#[utoipa::path(
    tag = "restricted",
    security(("token" = [])),
    params(("id" = ReferralId, Path)),
    responses((status = 200, body = Exclusions), Problems)
)]
#[get("/referrals/{id}/exclusions")]
pub async fn list_of_referral(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
) -> Result<web::Json<Exclusions>, AppError> {
    list(&app, &actor, Of::Referral(id)).await
}

/// Name somebody of your organisation who must not see the household of a referral: its referrals and stays do not exist
/// for her.
#[utoipa::path(
    tag = "restricted",
    security(("token" = [])),
    params(("id" = ReferralId, Path), Once),
    request_body = NewExclusion,
    responses((status = 201, body = Exclusion), Problems)
)]
#[post("/referrals/{id}/exclusions")]
pub async fn name_for_referral(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    once: Once,
    Body(new): Body<NewExclusion>,
) -> Result<HttpResponse, AppError> {
    name(&app, &actor, Of::Referral(id), once, new).await
}

/// Let somebody see the household of a referral again.
#[utoipa::path(
    tag = "restricted",
    security(("token" = [])),
    params(("id" = ReferralId, Path), ("exclusion" = ExclusionId, Path), Once),
    responses((status = 204), Problems)
)]
#[post("/referrals/{id}/exclusions/{exclusion}/lift")]
pub async fn lift_for_referral(
    app: web::Data<App>,
    actor: Actor,
    Path((id, exclusion)): Path<(ReferralId, ExclusionId)>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    lift(&app, &actor, Of::Referral(id), exclusion, once).await
}

/// Say that you know somebody of the household of a referral: from now on it does not exist for you.
#[utoipa::path(
    tag = "restricted",
    security(("token" = [])),
    params(("id" = ReferralId, Path), Once),
    request_body = Conflict,
    responses((status = 204), Problems)
)]
#[post("/referrals/{id}/conflicts")]
pub async fn declare_for_referral(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    once: Once,
    Body(conflict): Body<Conflict>,
) -> Result<HttpResponse, AppError> {
    declare(&app, &actor, Of::Referral(id), once, conflict).await
}
