//! `/sessions`, `/me`: signing in and out, and one's own account. The second factor: see [`super::second_factor`].

use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::accounts::Account;
use super::input::{Body, Path};
use super::problem::Problems;
use crate::actions;
use crate::actions::sessions::{Tokens, becoming};
use crate::app::App;
use crate::auth::Actor;
use crate::auth::credentials::{self, address};
use crate::clock::At;
use crate::db;
use crate::domain::second_factor::SecondFactor;
use crate::error::AppError;
use crate::ids::SessionId;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(sign_in)
        .service(refresh)
        .service(sign_out)
        .service(confirm)
        .service(me)
        .service(change_password)
        .service(list)
        .service(end_others)
        .service(end_one);
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
    /// With `to_give` and `to_enrol`, these tokens are good for nothing but what completes the sign-in.
    pub second_factor: SecondFactor,
}

impl From<Tokens> for Session {
    fn from(tokens: Tokens) -> Self {
        let Tokens { access_token, access_expires_at, refresh_token, refresh_expires_at, second_factor } = tokens;
        Self { access_token, access_expires_at, refresh_token, refresh_expires_at, second_factor }
    }
}

/// Sign in. Where a second factor is needed, this is its first step: `second_factor` says how it goes on.
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
    let device = credentials::device(&request);
    let start = move |tx: &mut db::Tx| actions::sessions::start(tx, &attempt, &account, &device);
    let tokens = app.db.write(&actor, start).await?;
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

/// One's password, given again, and a code.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    #[garde(length(chars, min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    password: String,
    /// For an account with a second factor: a code from the phone, or a recovery code.
    #[garde(inner(length(chars, min = 1, max = 40)))]
    #[schema(min_length = 1, max_length = 40)]
    code: Option<String>,
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
    Body(Confirmation { password, code }): Body<Confirmation>,
) -> Result<HttpResponse, AppError> {
    let from = address(&app, &request);
    let (access_token, access_expires_at) = credentials::confirm(&app, &actor, &from, password, code).await?;
    Ok(HttpResponse::Created().json(Confirmed { access_token, access_expires_at }))
}

/// Who am I?
#[utoipa::path(tag = "sessions", security(("token" = [])), responses((status = 200, body = Account), Problems))]
#[get("/me")]
pub async fn me(app: web::Data<App>, actor: Actor) -> Result<web::Json<Account>, AppError> {
    let id = actor.account;
    Ok(web::Json(app.db.read(&actor, move |conn| Account::read(conn, None, id)).await?))
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

/// A place where one is signed in.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct OpenSession {
    pub id: SessionId,
    pub started_at: At,
    /// Until then at most; it ends earlier when it is left alone.
    pub expires_at: At,
    /// What was signed in with, in words: `Firefox on Windows`. Nothing else is kept of it.
    pub device: String,
    /// Whether the second factor is still to come.
    pub complete: bool,
    /// Whether it is the one of this request.
    pub current: bool,
}

impl OpenSession {
    pub(crate) fn of(row: db::sessions::Session, actor: &Actor) -> Self {
        let db::sessions::Session { id, started_at, expires_at, device, second_factor, .. } = row;
        let current = actor.session.is_some_and(|session| session.id == id);
        Self { id, started_at, expires_at, device, complete: second_factor.finished(), current }
    }
}

/// The places where one is signed in.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct OpenSessions {
    /// The newest first.
    pub items: Vec<OpenSession>,
}

/// Where am I signed in?
#[utoipa::path(tag = "sessions", security(("token" = [])), responses((status = 200, body = OpenSessions), Problems))]
#[get("/me/sessions")]
pub async fn list(app: web::Data<App>, actor: Actor) -> Result<web::Json<OpenSessions>, AppError> {
    let (id, now) = (actor.account, app.clock.now());
    let rows = app.db.read(&actor, move |conn| db::sessions::of_account(conn, id, now)).await?;
    Ok(web::Json(OpenSessions { items: rows.into_iter().map(|row| OpenSession::of(row, &actor)).collect() }))
}

/// Sign out everywhere else.
#[utoipa::path(tag = "sessions", security(("token" = [])), responses((status = 204), Problems))]
#[delete("/me/sessions")]
pub async fn end_others(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, AppError> {
    app.db.write(&actor, actions::sessions::end_others).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Sign out in one place.
#[utoipa::path(
    tag = "sessions",
    security(("token" = [])),
    params(("id" = SessionId, Path)),
    responses((status = 204), Problems)
)]
#[delete("/me/sessions/{id}")]
pub async fn end_one(app: web::Data<App>, actor: Actor, Path(id): Path<SessionId>) -> Result<HttpResponse, AppError> {
    app.db.write(&actor, move |tx| actions::sessions::end_one(tx, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
