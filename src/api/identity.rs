//! `/cases/{id}/identity`: who a household is, sealed apart from its case.

use actix_web::{HttpResponse, post, put, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, Path};
use super::problem::Problems;
use super::units::Disclosure;
use crate::actions;
use crate::app::App;
use crate::auth::Actor;
use crate::domain::identity::{Identity, Who};
use crate::error::AppError;
use crate::ids::{CaseId, ReferralId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(write).service(disclose).service(disclose_accepted);
}

/// Record who they are, in place of what was known before. It is sealed at once.
#[utoipa::path(
    tag = "cases",
    operation_id = "write_identity",
    security(("token" = [])),
    params(("id" = CaseId, Path)),
    request_body = Identity,
    responses((status = 204), Problems)
)]
#[put("/cases/{id}/identity")]
pub async fn write(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Body(identity): Body<Identity>,
) -> Result<HttpResponse, AppError> {
    app.db.write(&actor, move |tx| actions::identity::write(tx, id, &identity)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Read who they are and the rules for reaching them, for a reason that is recorded; the password must have been given
/// within the last five minutes. Where they are reached is read apart: `POST /cases/{id}/contact-disclosures`.
#[utoipa::path(
    tag = "cases",
    operation_id = "disclose_identity",
    security(("token" = [])),
    params(("id" = CaseId, Path)),
    request_body = Disclosure,
    responses((status = 200, body = Who), Problems)
)]
#[post("/cases/{id}/identity-disclosures")]
pub async fn disclose(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Body(Disclosure { reason }): Body<Disclosure>,
) -> Result<web::Json<Who>, AppError> {
    let who = app.db.write(&actor, move |tx| actions::identity::disclose(tx, id, &reason)).await?;
    Ok(web::Json(who))
}

/// Read who the household is that your service has accepted, and the rules for reaching them, for a reason that is
/// recorded; the password must have been given within the last five minutes.
#[utoipa::path(
    tag = "referrals",
    operation_id = "disclose_accepted_identity",
    security(("token" = [])),
    params(("id" = ReferralId, Path)),
    request_body = Disclosure,
    responses((status = 200, body = Who), Problems)
)]
#[post("/referrals/{id}/identity-disclosures")]
pub async fn disclose_accepted(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    Body(Disclosure { reason }): Body<Disclosure>,
) -> Result<web::Json<Who>, AppError> {
    let who = app.db.write(&actor, move |tx| actions::referrals::disclose_identity(tx, id, &reason)).await?;
    Ok(web::Json(who))
}
