//! `/accounts`

use actix_web::{HttpResponse, get, patch, post, put, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, IfMatch, Once, Path, Query};
use super::page::{Page, Paging, after, one_more, unknown_cursor};
use super::problem::Problems;
use super::{created, tagged};
use crate::actions;
use crate::actions::accounts::{New, scope};
use crate::app::App;
use crate::auth::{Actor, credentials, password};
use crate::clock::At;
use crate::db;
use crate::db::accounts::Edit;
use crate::domain::permission::Roles;
use crate::error::AppError;
use crate::ids::{AccountId, OrganisationId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(add).service(find).service(edit).service(give_password);
}

/// Somebody who works with Safehold.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Account {
    pub id: AccountId,
    pub organisation_id: OrganisationId,
    pub email: String,
    pub name: String,
    pub roles: Roles,
    pub active: bool,
    pub version: i32,
    pub created_at: At,
}

impl From<db::accounts::Account> for Account {
    fn from(row: db::accounts::Account) -> Self {
        let db::accounts::Account { id, organisation_id, email, name, roles, active, version, created_at, .. } = row;
        Self { id, organisation_id, email, name, roles, active, version, created_at }
    }
}

/// List accounts in the order of their names: those of your organisation, or all for an administrator.
#[utoipa::path(
    tag = "accounts",
    security(("token" = [])),
    params(Paging),
    responses((status = 200, body = Page<Account>), Problems)
)]
#[get("/accounts")]
pub async fn list(
    app: web::Data<App>,
    actor: Actor,
    Query(paging): Query<Paging>,
) -> Result<web::Json<Page<Account>>, AppError> {
    let (limit, after, scope) = (paging.limit(), after(paging.cursor())?, scope(&actor));
    let rows = app
        .db
        .read(&actor, move |conn| db::accounts::page(conn, scope, after, one_more(limit)))
        .await
        .map_err(unknown_cursor)?;
    let rows = rows.into_iter().map(Account::from).collect();
    Ok(web::Json(Page::of(rows, limit, |row| row.id)?))
}

/// A new account. Who it belongs to follows from who adds it.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewAccount {
    #[garde(length(chars, min = 3, max = 254), custom(looks_like_email))]
    #[schema(min_length = 3, max_length = 254)]
    email: String,
    #[garde(length(chars, min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    #[garde(dive)]
    roles: Roles,
    /// At least 12 characters, and hard to guess.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    password: String,
    /// For an administrator: the organisation of the account. Managers add to their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organisation: Option<OrganisationId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "garde gives it so")]
pub(crate) fn looks_like_email(email: &str, (): &()) -> garde::Result {
    let fine = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !email.chars().any(|c| c.is_whitespace() || c.is_control())
    });
    if fine { Ok(()) } else { Err(garde::Error::new("this does not look like an e-mail address")) }
}

/// Add an account.
#[utoipa::path(
    tag = "accounts",
    security(("token" = [])),
    params(Once),
    request_body = NewAccount,
    responses((status = 201, body = Account, headers(("Location" = String), ("ETag" = String))), Problems)
)]
#[post("/accounts")]
pub async fn add(
    app: web::Data<App>,
    actor: Actor,
    once: Once,
    Body(new): Body<NewAccount>,
) -> Result<HttpResponse, AppError> {
    actions::accounts::check_password(&new.password, &new.email, &new.name)?;
    let key = once.of(&new)?;
    let NewAccount { email, name, roles, password, organisation } = new;
    let password_hash = password::hash_aside(password).await?;
    let new = New { organisation, email, name, roles, password_hash };
    let added: Account =
        app.db.write_once(&actor, key, move |tx| Ok(actions::accounts::add(tx, &new)?.map(Account::from))).await?;
    Ok(created(format!("/api/v1/accounts/{}", added.id.0), Some(added.version), &added))
}

/// Read an account.
#[utoipa::path(
    tag = "accounts",
    security(("token" = [])),
    params(("id" = AccountId, Path)),
    responses((status = 200, body = Account, headers(("ETag" = String))), Problems)
)]
#[get("/accounts/{id}")]
pub async fn find(app: web::Data<App>, actor: Actor, Path(id): Path<AccountId>) -> Result<HttpResponse, AppError> {
    let scope = scope(&actor);
    let found = app.db.read(&actor, move |conn| db::accounts::find(conn, scope, id)).await?;
    Ok(tagged(found.version, &Account::from(found)))
}

/// What to change about an account; what is absent stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountEdit {
    #[garde(length(chars, min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120)]
    name: Option<String>,
    #[garde(dive)]
    roles: Option<Roles>,
    #[garde(skip)]
    active: Option<bool>,
}

/// Change an account. New roles and a deactivation count from its next request on.
#[utoipa::path(
    tag = "accounts",
    security(("token" = [])),
    params(("id" = AccountId, Path), IfMatch),
    request_body = AccountEdit,
    responses((status = 200, body = Account, headers(("ETag" = String))), Problems)
)]
#[patch("/accounts/{id}")]
pub async fn edit(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<AccountId>,
    IfMatch(version): IfMatch,
    Body(AccountEdit { name, roles, active }): Body<AccountEdit>,
) -> Result<HttpResponse, AppError> {
    let edit = Edit { name, roles, active };
    let edited = app.db.write(&actor, move |tx| actions::accounts::edit(tx, id, version, &edit)).await?;
    Ok(tagged(edited.version, &Account::from(edited)))
}

/// A new password for somebody else.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenPassword {
    /// At least 12 characters, and hard to guess.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    password: String,
}

/// Give somebody who has forgotten it a new password. Every session that they have ends.
#[utoipa::path(
    tag = "accounts",
    security(("token" = [])),
    params(("id" = AccountId, Path)),
    request_body = GivenPassword,
    responses((status = 204), Problems)
)]
#[put("/accounts/{id}/password")]
pub async fn give_password(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<AccountId>,
    Body(GivenPassword { password }): Body<GivenPassword>,
) -> Result<HttpResponse, AppError> {
    credentials::give(&app, &actor, id, password).await?;
    Ok(HttpResponse::NoContent().finish())
}
