//! The second factor: setting it up, completing a sign-in with it. What it answers is shown once and never stored, so none
//! of these requests takes an `Idempotency-Key`.

use actix_web::{HttpRequest, HttpResponse, delete, post, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, Path};
use super::problem::Problems;
use super::sessions::Session;
use crate::actions;
use crate::actions::sessions::issue;
use crate::app::App;
use crate::auth::Actor;
use crate::auth::credentials::address;
use crate::db::Tx;
use crate::error::AppError;
use crate::ids::AccountId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(give).service(enrol).service(confirm).service(renew_codes).service(remove);
}

/// A code.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Six digits from the phone. (A recovery code where that is said.)
    #[garde(length(chars, min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40)]
    code: String,
}

/// Complete a sign-in: a code from the phone, or a recovery code, brings tokens that open everything. Each is good once.
#[utoipa::path(
    tag = "sessions",
    security(("token" = [])),
    request_body = Code,
    responses((status = 201, body = Session), Problems)
)]
#[post("/sessions/current/second-factor")]
pub async fn give(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    Body(Code { code }): Body<Code>,
) -> Result<HttpResponse, AppError> {
    let from = address(&app, &request);
    let give = move |tx: &mut Tx| actions::second_factor::give(tx, &from, &code, issue);
    let tokens = app.db.write(&actor, give).await?.or(AppError::WrongCode)?;
    Ok(HttpResponse::Created().json(Session::from(tokens)))
}

/// What a phone has to know. It is shown once.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Enrolment {
    /// In Base32, to type.
    pub secret: String,
    /// The same as a QR code carries it.
    pub otpauth_url: String,
}

/// Set a second factor up: a secret for an authenticator app (RFC 6238, six digits, 30 seconds). It counts from its first
/// code on. To replace one that is in use, give the password again first.
#[utoipa::path(tag = "sessions", security(("token" = [])), responses((status = 201, body = Enrolment), Problems))]
#[post("/me/second-factor")]
pub async fn enrol(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, AppError> {
    let made = app.db.write(&actor, actions::second_factor::enrol).await?;
    Ok(HttpResponse::Created().json(Enrolment { secret: made.secret.text(), otpauth_url: made.url }))
}

/// A second factor in use. Every other session of the account has ended.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Enrolled {
    /// For the day when the phone is lost: ten codes, each good once. They are shown once.
    pub recovery_codes: Vec<String>,
    pub session: Session,
}

/// Put the new second factor in use by its first code.
#[utoipa::path(
    tag = "sessions",
    security(("token" = [])),
    request_body = Code,
    responses((status = 201, body = Enrolled), Problems)
)]
#[post("/me/second-factor/confirm")]
pub async fn confirm(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    Body(Code { code }): Body<Code>,
) -> Result<HttpResponse, AppError> {
    let from = address(&app, &request);
    let confirm = move |tx: &mut Tx| actions::second_factor::confirm(tx, &from, &code, issue);
    let done = app.db.write(&actor, confirm).await?.or(AppError::WrongCode)?;
    Ok(HttpResponse::Created().json(Enrolled { recovery_codes: done.recovery_codes, session: done.kept.into() }))
}

/// Recovery codes. They are shown once.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct RecoveryCodes {
    pub recovery_codes: Vec<String>,
}

/// A new set of recovery codes, soon after giving the password again. The old ones are void.
#[utoipa::path(tag = "sessions", security(("token" = [])), responses((status = 201, body = RecoveryCodes), Problems))]
#[post("/me/recovery-codes")]
pub async fn renew_codes(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, AppError> {
    let recovery_codes = app.db.write(&actor, actions::second_factor::renew_codes).await?;
    Ok(HttpResponse::Created().json(RecoveryCodes { recovery_codes }))
}

/// Take away the second factor of somebody who has lost the phone, soon after giving your own password again. Every
/// session that they have ends, they are told, and they set up another at their next sign-in.
#[utoipa::path(
    tag = "accounts",
    security(("token" = [])),
    params(("id" = AccountId, Path)),
    responses((status = 204), Problems)
)]
#[delete("/accounts/{id}/second-factor")]
pub async fn remove(app: web::Data<App>, actor: Actor, Path(id): Path<AccountId>) -> Result<HttpResponse, AppError> {
    app.db.write(&actor, move |tx| actions::second_factor::remove(tx, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
