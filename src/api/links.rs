//! `/invitations`, `/password-resets`: links that people are sent by mail.

use actix_web::{HttpRequest, HttpResponse, post, web};
use garde::Validate;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, Once, Path};
use super::problem::Problems;
use crate::actions;
use crate::app::App;
use crate::auth::Actor;
use crate::auth::credentials::{self, address};
use crate::db::Tx;
use crate::domain::link::Purpose;
use crate::error::AppError;
use crate::ids::AccountId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(accept).service(ask_reset).service(complete).service(invite_again).service(send_reset);
}

/// A password, by the secret of a link.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The last part of the link.
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    secret: String,
    /// At least 12 characters, and hard to guess.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    password: String,
}

/// Accept an invitation: choose the first password. The link is good once, for three days.
#[utoipa::path(tag = "accounts", request_body = Choice, responses((status = 204), Problems))]
#[post("/invitations/accept")]
pub async fn accept(
    app: web::Data<App>,
    caller: Actor,
    Body(Choice { secret, password }): Body<Choice>,
) -> Result<HttpResponse, AppError> {
    credentials::choose(&app, &caller, Purpose::Invitation, &secret, password).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Who has forgotten the password.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Forgotten {
    #[garde(length(chars, min = 3, max = 254))]
    #[schema(min_length = 3, max_length = 254)]
    email: String,
}

/// Ask for a link to a new password. The answer is the same whether or not there is such an account; the link goes to its
/// e-mail address.
#[utoipa::path(tag = "accounts", request_body = Forgotten, responses((status = 202), Problems))]
#[post("/password-resets")]
pub async fn ask_reset(
    app: web::Data<App>,
    caller: Actor,
    request: HttpRequest,
    Body(Forgotten { email }): Body<Forgotten>,
) -> Result<HttpResponse, AppError> {
    let (nobody, from) = (Actor::nobody(caller.request), address(&app, &request));
    app.db.write(&nobody, move |tx| actions::links::ask_reset(tx, &email, &from)).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Choose a new password by a link. It is good once, for an hour; every session of the account ends.
#[utoipa::path(tag = "accounts", request_body = Choice, responses((status = 204), Problems))]
#[post("/password-resets/complete")]
pub async fn complete(
    app: web::Data<App>,
    caller: Actor,
    Body(Choice { secret, password }): Body<Choice>,
) -> Result<HttpResponse, AppError> {
    credentials::choose(&app, &caller, Purpose::PasswordReset, &secret, password).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Send somebody the invitation again.
#[utoipa::path(
    tag = "accounts",
    security(("token" = [])),
    params(("id" = AccountId, Path), Once),
    responses((status = 202), Problems)
)]
#[post("/accounts/{id}/invitations")]
pub async fn invite_again(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<AccountId>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let invite = move |tx: &mut Tx| actions::links::invite_again(tx, id);
    app.db.write_once(&actor, once.of(&())?, invite).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Send somebody who has forgotten the password a link to a new one.
#[utoipa::path(
    tag = "accounts",
    security(("token" = [])),
    params(("id" = AccountId, Path), Once),
    responses((status = 202), Problems)
)]
#[post("/accounts/{id}/password-resets")]
pub async fn send_reset(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<AccountId>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let send = move |tx: &mut Tx| actions::links::send_reset(tx, id);
    app.db.write_once(&actor, once.of(&())?, send).await?;
    Ok(HttpResponse::Accepted().finish())
}
