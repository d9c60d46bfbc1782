//! `/sessions`, `/me`: signing in and out, and one's own account.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::accounts::Account;
use super::input::Body;
use super::problem::Problems;
use crate::actions;
use crate::actions::sessions::{Tokens, becoming};
use crate::app::App;
use crate::auth::Actor;
use crate::auth::credentials::{self, address};
use crate::clock::At;
use crate::db;
use crate::error::AppError;

pub fn routes(config: &mut ServiceConfig) {
    config.service(sign_in).service(refresh).service(sign_out).service(confirm).service(me).service(change_password);
}

/// Who signs in.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    #[garde(length(chars, min = 3, max = 254))]
    #[schema(min_length = 3, max_length = 254)]
    email: String,
    #[garde(length(chars, min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    password: String,
}

/// Tokens of a session: the access token goes into the header `Authorization: Bearer …`.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Session {
    pub access_token: String,
    pub access_expires_at: At,
    /// Good for one use: it brings new tokens.
    pub refresh_token: String,
    pub refresh_expires_at: At,
}

impl From<Tokens> for Session {
    fn from(tokens: Tokens) -> Self {
        let Tokens { access_token, access_expires_at, refresh_token, refresh_expires_at } = tokens;
        Self { access_token, access_expires_at, refresh_token, refresh_expires_at }
    }
}

/// Sign in.
#[utoipa::path(tag = "sessions", request_body = SignIn, responses((status = 201, body = Session), Problems))]
#[post("/sessions")]
pub async fn sign_in(
    app: web::Data<App>,
    caller: Actor,
    request: HttpRequest,
    Body(SignIn { email, password }): Body<SignIn>,
) -> Result<HttpResponse, AppError> {
    let nobody = Actor::nobody(caller.request);
    let from = address(&app, &request);
    let (account, attempt) = credentials::check(&app, &nobody, &from, &email, password).await?;
    let actor = becoming(&account, &nobody);
    let tokens = app.db.write(&actor, move |tx| actions::sessions::start(tx, &attempt, &account)).await?;
    Ok(HttpResponse::Created().json(Session::from(tokens)))
}

/// A refresh token.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    refresh_token: String,
}

/// Stay signed in: new tokens for a refresh token. Used a second time it ends the session.
#[utoipa::path(tag = "sessions", request_body = Refresh, responses((status = 201, body = Session), Problems))]
#[post("/sessions/refresh")]
pub async fn refresh(
    app: web::Data<App>,
    caller: Actor,
    Body(Refresh { refresh_token }): Body<Refresh>,
) -> Result<HttpResponse, AppError> {
    let nobody = Actor::nobody(caller.request);
    let tokens = app
        .db
        .write(&nobody, move |tx| actions::sessions::refresh(tx, &refresh_token)?.ok_or(AppError::Unauthenticated))
        .await?;
    let tokens = tokens.ok_or(AppError::Unauthenticated)?;
    Ok(HttpResponse::Created().json(Session::from(tokens)))
}

/// Sign out.
#[utoipa::path(tag = "sessions", security(("token" = [])), responses((status = 204), Problems))]
#[delete("/sessions/current")]
pub async fn sign_out(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, AppError> {
    app.db.write(&actor, actions::sessions::end).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// One's password, given again.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    #[garde(length(chars, min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    password: String,
}

/// An access token that says that the password was given just now.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Confirmed {
    pub access_token: String,
    pub access_expires_at: At,
}

/// Give the password again: addresses and identities are read within five minutes of it.
#[utoipa::path(
    tag = "sessions",
    security(("token" = [])),
    request_body = Confirmation,
    responses((status = 201, body = Confirmed), Problems)
)]
#[post("/sessions/current/confirmations")]
pub async fn confirm(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    Body(Confirmation { password }): Body<Confirmation>,
) -> Result<HttpResponse, AppError> {
    let account = credentials::check_again(&app, &actor, &address(&app, &request), password).await?;
    let (access_token, access_expires_at) =
        app.db.write(&actor, move |tx| actions::sessions::confirm(tx, &account)).await?;
    Ok(HttpResponse::Created().json(Confirmed { access_token, access_expires_at }))
}

/// Who am I?
#[utoipa::path(tag = "sessions", security(("token" = [])), responses((status = 200, body = Account), Problems))]
#[get("/me")]
pub async fn me(app: web::Data<App>, actor: Actor) -> Result<web::Json<Account>, AppError> {
    let id = actor.account;
    let account = app.db.read(&actor, move |conn| db::accounts::find(conn, None, id)).await?;
    Ok(web::Json(account.into()))
}

/// The old password and the new one.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    #[garde(length(chars, min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    current_password: String,
    /// At least 12 characters, and hard to guess.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    password: String,
}

/// Change one's own password. Every session ends.
#[utoipa::path(
    tag = "sessions",
    security(("token" = [])),
    request_body = NewPassword,
    responses((status = 204), Problems)
)]
#[put("/me/password")]
pub async fn change_password(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    Body(NewPassword { current_password, password }): Body<NewPassword>,
) -> Result<HttpResponse, AppError> {
    credentials::change(&app, &actor, &address(&app, &request), current_password, password).await?;
    Ok(HttpResponse::NoContent().finish())
}
