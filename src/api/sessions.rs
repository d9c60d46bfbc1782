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
use crate::actions::sessions::{Attempt, Tokens, becoming};
use crate::app::App;
use crate::auth::{Actor, password};
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
    let attempt = Attempt::new(&app.keys.token, &email, &address(&app, &request));
    let now = app.clock.now();
    let (trying, wanted) = (attempt.clone(), email.clone());
    let found = app.db.read(&nobody, move |conn| actions::sessions::look_up(conn, &trying, &wanted, now)).await;
    if let Err(AppError::Throttled { .. }) = &found {
        app.db.write(&nobody, |_| Ok(actions::sessions::turned_away())).await?;
    }
    let found = found?;
    let hash = found.as_ref().filter(|(_, active)| *active).map(|(account, _)| account.password_hash.clone());
    let right = password::verify_aside(password, hash).await?;
    let account = found.map(|(account, _)| account);
    if let (true, Some(account)) = (right, account.clone()) {
        let actor = becoming(&account, &nobody);
        let tokens = app.db.write(&actor, move |tx| actions::sessions::start(tx, &attempt, &account)).await?;
        return Ok(HttpResponse::Created().json(Session::from(tokens)));
    }
    app.db.write(&nobody, move |tx| actions::sessions::fail(tx, &attempt, account.as_ref())).await?;
    Err(AppError::WrongCredentials)
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
    let (id, now) = (actor.account, app.clock.now());
    let account = app.db.read(&actor, move |conn| db::accounts::find(conn, None, id)).await?;
    let attempt = Attempt::new(&app.keys.token, &account.email, &address(&app, &request));
    let (trying, email) = (attempt.clone(), account.email.clone());
    app.db.read(&actor, move |conn| actions::sessions::look_up(conn, &trying, &email, now)).await?;
    if !password::verify_aside(password, Some(account.password_hash.clone())).await? {
        app.db.write(&actor, move |tx| actions::sessions::fail(tx, &attempt, Some(&account))).await?;
        return Err(AppError::WrongCredentials);
    }
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
    let (id, now) = (actor.account, app.clock.now());
    let account = app.db.read(&actor, move |conn| db::accounts::find(conn, None, id)).await?;
    let attempt = Attempt::new(&app.keys.token, &account.email, &address(&app, &request));
    let (trying, email) = (attempt.clone(), account.email.clone());
    app.db.read(&actor, move |conn| actions::sessions::look_up(conn, &trying, &email, now)).await?;
    actions::accounts::check_password(&password, &account.email, &account.name)?;
    if !password::verify_aside(current_password, Some(account.password_hash.clone())).await? {
        app.db.write(&actor, move |tx| actions::sessions::fail(tx, &attempt, Some(&account))).await?;
        return Err(AppError::WrongCredentials);
    }
    let hash = password::hash_aside(password).await?;
    app.db.write(&actor, move |tx| actions::accounts::change_password(tx, &hash)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Where a request comes from: the peer, or what a proxy in front of us says of it.
fn address(app: &App, request: &HttpRequest) -> String {
    let forwarded = request.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok());
    let last = forwarded.and_then(|value| value.rsplit(',').next()).map(|address| address.trim().to_owned());
    last.filter(|_| app.behind_proxy)
        .or_else(|| request.peer_addr().map(|address| address.ip().to_string()))
        .unwrap_or_default()
}
