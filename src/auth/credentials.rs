//! Passwords held against accounts, in the API and in the pages alike: every attempt is counted and recorded, and the
//! hashing is done aside.

use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;

use super::{Actor, password};
use crate::actions;
use crate::actions::sessions::Attempt;
use crate::app::App;
use crate::clock::At;
use crate::db;
use crate::db::accounts::Account;
use crate::domain::device;
use crate::domain::link::Purpose;
use crate::error::AppError;

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

/// Gives the password again, and a code where the account has a second factor: an access token that says so.
///
/// # Errors
/// As [`check_again`]; [`AppError::Invalid`] without a code that is needed. Which of the two was wrong is not said.
pub async fn confirm(
    app: &App,
    actor: &Actor,
    from: &str,
    given: String,
    code: Option<String>,
) -> Result<(String, At), AppError> {
    let account = check_again(app, actor, from, given).await?;
    let from = from.to_owned();
    let confirm = move |tx: &mut db::Tx| actions::sessions::confirm(tx, &account, &from, code.as_deref());
    app.db.write(actor, confirm).await?.or(AppError::WrongCredentials)
}

/// Chooses a password by the secret of a link.
///
/// # Errors
/// Those of [`actions::links::choose_password`]; [`AppError::Invalid`] when the password will not do.
pub async fn choose(app: &App, caller: &Actor, purpose: Purpose, secret: &str, new: String) -> Result<(), AppError> {
    let nobody = Actor::nobody(caller.request);
    let now = app.clock.now();
    let key = secret.to_owned();
    let account = app.db.read(&nobody, move |conn| actions::links::holder(conn, purpose, &key, now)).await?;
    actions::accounts::check_password(&new, &account.email, &account.name)?;
    let hash = password::hash_aside(new).await?;
    let (actor, secret) = (actions::sessions::becoming(&account, &nobody), secret.to_owned());
    app.db.write(&actor, move |tx| actions::links::choose_password(tx, purpose, &secret, &hash)).await
}

/// What somebody signs in with, in our own words.
pub fn device(request: &HttpRequest) -> String {
    let says = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
    device::describe(says.unwrap_or_default())
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
