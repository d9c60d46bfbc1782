//! `/accounts`

use actix_web::{HttpResponse, get, patch, post, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, IfMatch, Once, Path, Query};
use super::page::{Page, Paging, after, one_more, unknown_cursor};
use super::problem::Problems;
use super::{created, tagged};
use crate::actions;
use crate::actions::accounts::{Invited, scope};
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::db::accounts::Edit;
use crate::domain::permission::Roles;
use crate::error::AppError;
use crate::ids::{AccountId, OrganisationId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(add).service(find).service(edit);
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
    /// Whether the invitation has not been accepted yet: until then nobody can sign in.
    pub invited: bool,
    /// Whether a second factor is in use.
    pub second_factor: bool,
    pub version: i32,
    pub created_at: At,
}

impl Account {
    pub(crate) fn of(row: db::accounts::Account, second_factor: bool) -> Self {
        let invited = row.invited();
        let db::accounts::Account { id, organisation_id, email, name, roles, active, version, created_at, .. } = row;
        Self { id, organisation_id, email, name, roles, active, invited, second_factor, version, created_at }
    }

    /// An account, of this organisation if one is given.
    pub(crate) fn read(conn: &mut db::Conn, of: Option<OrganisationId>, id: AccountId) -> Result<Self, AppError> {
        let row = db::accounts::find(conn, of, id)?;
        let second_factor = db::second_factors::confirmed(conn, id)?.is_some();
        Ok(Self::of(row, second_factor))
    }

    /// Accounts as they come, each with whether a second factor is in use.
    fn all(conn: &mut db::Conn, rows: Vec<db::accounts::Account>) -> Result<Vec<Self>, AppError> {
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let enrolled = db::second_factors::enrolled(conn, &ids)?;
        Ok(rows
            .into_iter()
            .map(|row| (enrolled.contains(&row.id), row))
            .map(|(with, row)| Self::of(row, with))
            .collect())
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
        .read(&actor, move |conn| {
            let rows = db::accounts::page(conn, scope, after, one_more(limit))?;
            Account::all(conn, rows)
        })
        .await
        .map_err(unknown_cursor)?;
    Ok(web::Json(Page::of(rows, limit, |row| row.id)?))
}

/// A new account. Who it belongs to follows from who adds it; its password is chosen by its owner, from an invitation that
/// is sent to the e-mail address.
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

/// Add an account, and send its owner an invitation.
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
    let key = once.of(&new)?;
    let NewAccount { email, name, roles, organisation } = new;
    let new = Invited { organisation, email, name, roles };
    let add = move |tx: &mut db::Tx| Ok(actions::accounts::invite(tx, &new)?.map(|row| Account::of(row, false)));
    let added: Account = app.db.write_once(&actor, key, add).await?;
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
    let found = app.db.read(&actor, move |conn| Account::read(conn, scope, id)).await?;
    Ok(tagged(found.version, &found))
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
    let edit = move |tx: &mut db::Tx| {
        let second_factor = db::second_factors::confirmed(tx, id)?.is_some();
        Ok(actions::accounts::edit(tx, id, version, &edit)?.map(|row| Account::of(row, second_factor)))
    };
    let edited = app.db.write(&actor, edit).await?;
    Ok(tagged(edited.version, &edited))
}
