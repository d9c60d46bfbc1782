//! Passwords held against accounts, in the API and in the pages alike: every attempt is counted and recorded, and the
//! hashing is done aside.

use actix_web::HttpRequest;

use super::{Actor, password};
use crate::actions;
use crate::actions::sessions::Attempt;
use crate::app::App;
use crate::db;
use crate::db::accounts::Account;
use crate::error::AppError;
use crate::ids::AccountId;

/// The account of somebody who is not signed in. An unknown address takes as long as a wrong password.
///
/// # Errors
/// [`AppError::WrongCredentials`]; [`AppError::Throttled`].
pub async fn check(
    app: &App,
    nobody: &Actor,
    from: &str,
    email: &str,
    given: String,
) -> Result<(Account, Attempt), AppError> {
    let attempt = Attempt::new(&app.keys.token, email, from);
    let now = app.clock.now();
    let (trying, wanted) = (attempt.clone(), email.to_owned());
    let found = app.db.read(nobody, move |conn| actions::sessions::look_up(conn, &trying, &wanted, now)).await;
    if let Err(AppError::Throttled { .. }) = &found {
        app.db.write(nobody, |_| Ok(actions::sessions::turned_away())).await?;
    }
    let found = found?;
    let hash = found.as_ref().filter(|(_, active)| *active).map(|(account, _)| account.password_hash.clone());
    let right = password::verify_aside(given, hash).await?;
    let account = found.map(|(account, _)| account);
    if let (true, Some(account)) = (right, account.clone()) {
        return Ok((account, attempt));
    }
    app.db.write(nobody, move |tx| actions::sessions::fail(tx, &attempt, account.as_ref())).await?;
    Err(AppError::WrongCredentials)
}

/// The account of somebody who is signed in and gives the password again.
///
/// # Errors
/// [`AppError::WrongCredentials`]; [`AppError::Throttled`]; [`AppError::Unauthenticated`] when the session has ended.
pub async fn check_again(app: &App, actor: &Actor, from: &str, given: String) -> Result<Account, AppError> {
    let (account, attempt) = own(app, actor, from).await?;
    compare(app, actor, account, attempt, given).await
}

/// Changes one's own password.
///
/// # Errors
/// As [`check_again`]; [`AppError::Invalid`] when the new one will not do.
pub async fn change(
    app: &App,
    actor: &Actor,
    from: &str,
    current_password: String,
    new: String,
) -> Result<(), AppError> {
    let (account, attempt) = own(app, actor, from).await?;
    actions::accounts::check_password(&new, &account.email, &account.name)?;
    compare(app, actor, account, attempt, current_password).await?;
    let hash = password::hash_aside(new).await?;
    app.db.write(actor, move |tx| actions::accounts::change_password(tx, &hash)).await
}

/// Gives somebody else a new password.
///
/// # Errors
/// Those of [`actions::accounts::give_password`]; [`AppError::Invalid`] when the password will not do.
pub async fn give(app: &App, actor: &Actor, to: AccountId, new: String) -> Result<(), AppError> {
    let scope = actions::accounts::scope(actor);
    let account = app.db.read(actor, move |conn| db::accounts::find(conn, scope, to)).await?;
    actions::accounts::check_password(&new, &account.email, &account.name)?;
    let hash = password::hash_aside(new).await?;
    app.db.write(actor, move |tx| actions::accounts::give_password(tx, to, &hash)).await
}

async fn own(app: &App, actor: &Actor, from: &str) -> Result<(Account, Attempt), AppError> {
    let (id, now) = (actor.account, app.clock.now());
    let account = app.db.read(actor, move |conn| db::accounts::find(conn, None, id)).await?;
    let attempt = Attempt::new(&app.keys.token, &account.email, from);
    let (trying, email) = (attempt.clone(), account.email.clone());
    app.db.read(actor, move |conn| actions::sessions::look_up(conn, &trying, &email, now)).await?;
    Ok((account, attempt))
}

async fn compare(
    app: &App,
    actor: &Actor,
    account: Account,
    attempt: Attempt,
    given: String,
) -> Result<Account, AppError> {
    if password::verify_aside(given, Some(account.password_hash.clone())).await? {
        return Ok(account);
    }
    app.db.write(actor, move |tx| actions::sessions::fail(tx, &attempt, Some(&account))).await?;
    Err(AppError::WrongCredentials)
}

/// Where a request comes from: the peer, or what a proxy in front of us says of it.
pub fn address(app: &App, request: &HttpRequest) -> String {
    let forwarded = request.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok());
    let last = forwarded.and_then(|value| value.rsplit(',').next()).map(|address| address.trim().to_owned());
    last.filter(|_| app.behind_proxy)
        .or_else(|| request.peer_addr().map(|address| address.ip().to_string()))
        .unwrap_or_default()
}
