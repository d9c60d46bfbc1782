//! Signing in, staying signed in, signing out.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::audit::{Change, Did, Event};
use crate::auth::token::{ABSOLUTE, ACCESS, Claims, IDLE, PAGE_IDLE, Ticket, refresh_hash, refresh_token};
use crate::auth::{Actor, TokenKey};
use crate::clock::At;
use crate::db::accounts::{self, Account};
use crate::db::sessions::{self, Failures, RefreshToken, Session};
use crate::db::{Conn, Tx};
use crate::error::AppError;
use crate::ids::SessionId;

/// How far back failed attempts count.
const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// Failures after which an account can no longer be tried from the same address for a while.
const PAIR_LIMIT: i64 = 10;
/// Failures, on any account, after which an address has to wait; and on one account, from anywhere.
const WIDE_LIMIT: i64 = 60;

/// What somebody is given who signs in or stays signed in.
#[derive(Clone, Serialize, Deserialize)]
pub struct Tokens {
    pub access_token: String,
    pub access_expires_at: At,
    pub refresh_token: String,
    pub refresh_expires_at: At,
}

/// Who tries, and from where, as digests.
#[derive(Clone)]
pub struct Attempt {
    pub account: Vec<u8>,
    pub address: Vec<u8>,
}

impl Attempt {
    pub fn new(key: &TokenKey, email: &str, address: &str) -> Self {
        Self { account: key.digest("account", &email.to_lowercase()), address: key.digest("address", address) }
    }
}

/// The account to try, unless there were too many failures lately.
///
/// Guessing is slowed by address, and on one account from everywhere; but an address from which the account has signed in
/// within the last 30 days is only ever slowed by its own failures, so that nobody can lock a helpline worker out.
///
/// # Errors
/// [`AppError::Throttled`].
pub fn look_up(conn: &mut Conn, attempt: &Attempt, email: &str, now: At) -> Result<Option<(Account, bool)>, AppError> {
    let failures = sessions::failures(conn, &attempt.account, &attempt.address, now - WINDOW)?;
    if throttled(failures) {
        return Err(AppError::Throttled { seconds: WINDOW.num_seconds() });
    }
    accounts::with_email(conn, &email.to_lowercase())
}

fn throttled(failures: Failures) -> bool {
    let Failures { of_pair, on_account, from_address, familiar } = failures;
    of_pair >= PAIR_LIMIT || (!familiar && (on_account >= WIDE_LIMIT || from_address >= WIDE_LIMIT))
}

/// Records a failed attempt on an account, if there is one.
///
/// # Errors
/// When the database fails.
pub fn fail(tx: &mut Tx, attempt: &Attempt, account: Option<&Account>) -> Result<Change<()>, AppError> {
    sessions::record_attempt(tx, &attempt.account, &attempt.address, false)?;
    let object = account.map_or(uuid::Uuid::nil(), |account| account.id.0);
    Ok(Change::new((), Event::new(Did::SignInFailed, object)))
}

/// An attempt that was not even looked at, after too many before it. It does not count as one more, or it would never end.
pub fn turned_away() -> Change<()> {
    Change::new((), Event::new(Did::SignInFailed, uuid::Uuid::nil()).because("throttled"))
}

/// Starts a session for somebody whose password was right.
///
/// # Errors
/// When the database fails.
pub fn start(tx: &mut Tx, attempt: &Attempt, account: &Account) -> Result<Change<Tokens>, AppError> {
    let session = begin(tx, attempt, account)?;
    let tokens = issue(tx, account, &session)?;
    Ok(Change::new(tokens, Event::new(Did::SignedIn, session.id.0)))
}

/// The same for somebody at a browser, which keeps a ticket and no tokens.
///
/// # Errors
/// When the database fails.
pub fn start_pages(tx: &mut Tx, attempt: &Attempt, account: &Account) -> Result<Change<Ticket>, AppError> {
    let session = begin(tx, attempt, account)?;
    Ok(Change::new(ticket(tx, account, &session), Event::new(Did::SignedIn, session.id.0)))
}

fn ticket(tx: &Tx, account: &Account, session: &Session) -> Ticket {
    let page = claims(account, session.id, session.authenticated_at, tx.now() + PAGE_IDLE);
    Ticket { page, ends: session.expires_at.unix_seconds() }
}

fn begin(tx: &mut Tx, attempt: &Attempt, account: &Account) -> Result<Session, AppError> {
    sessions::record_attempt(tx, &attempt.account, &attempt.address, true)?;
    let now = tx.now();
    let session = Session {
        id: SessionId::new(),
        account_id: account.id,
        authenticated_at: now,
        expires_at: now + ABSOLUTE,
        revoked_at: None,
    };
    sessions::insert(tx, &session)?;
    Ok(session)
}

/// Gives new tokens for a refresh token that was never used. One that was used before ends its whole session: it has
/// been stolen, or its heir has.
///
/// # Errors
/// When the database fails. The value is `None` where the answer is that there is no such session.
pub fn refresh(tx: &mut Tx, token: &str) -> Result<Option<Change<Option<Tokens>>>, AppError> {
    let now = tx.now();
    let hash = refresh_hash(token);
    let Some((found, session)) = sessions::find_refresh(tx, &hash)? else { return Ok(None) };
    if found.used_at.is_some() {
        sessions::revoke(tx, session.id)?;
        return Ok(Some(Change::new(None, Event::new(Did::TokenReused, session.id.0))));
    }
    let account = accounts::find(tx, None, session.account_id)?;
    let active = accounts::with_email(tx, &account.email)?.is_some_and(|(_, active)| active);
    if session.revoked_at.is_some() || session.expires_at <= now || found.expires_at <= now || !active {
        return Ok(None);
    }
    sessions::use_refresh(tx, &hash)?;
    let tokens = issue(tx, &account, &session)?;
    Ok(Some(Change::new(Some(tokens), Event::new(Did::SessionRefreshed, session.id.0))))
}

/// Notes that somebody gave the password again; gives an access token that says so.
///
/// # Errors
/// [`AppError::Unauthenticated`] without a session.
pub fn confirm(tx: &mut Tx, account: &Account) -> Result<Change<(String, At)>, AppError> {
    let id = tx.actor().session.ok_or(AppError::Unauthenticated)?.id;
    sessions::set_authenticated(tx, id)?;
    let token = access_token(tx, account, id, tx.now())?;
    Ok(Change::new(token, Event::new(Did::PasswordConfirmed, id.0)))
}

/// Ends the session of this request.
///
/// # Errors
/// [`AppError::Unauthenticated`] without one.
pub fn end(tx: &mut Tx) -> Result<Change<()>, AppError> {
    let id = tx.actor().session.ok_or(AppError::Unauthenticated)?.id;
    sessions::revoke(tx, id)?;
    Ok(Change::new((), Event::new(Did::SessionEnded, id.0)))
}

fn issue(tx: &mut Tx, account: &Account, session: &Session) -> Result<Tokens, AppError> {
    let now = tx.now();
    let refresh = refresh_token();
    let refresh_expires_at = (now + IDLE).min(session.expires_at);
    let row = RefreshToken {
        hash: refresh_hash(&refresh),
        session_id: session.id,
        issued_at: now,
        expires_at: refresh_expires_at,
        used_at: None,
    };
    sessions::insert_refresh(tx, &row)?;
    let (access_token, access_expires_at) = access_token(tx, account, session.id, session.authenticated_at)?;
    Ok(Tokens { access_token, access_expires_at, refresh_token: refresh, refresh_expires_at })
}

fn access_token(
    tx: &Tx,
    account: &Account,
    session: SessionId,
    authenticated_at: At,
) -> Result<(String, At), AppError> {
    let expires_at = tx.now() + ACCESS;
    let claims = claims(account, session, authenticated_at, expires_at);
    Ok((tx.keys().token.issue(&claims)?, expires_at))
}

fn claims(account: &Account, session: SessionId, authenticated_at: At, expires_at: At) -> Claims {
    Claims {
        sub: account.id,
        org: account.organisation_id,
        roles: account.roles.0.clone(),
        session,
        stamp: account.stamp,
        auth_time: authenticated_at.unix_seconds(),
        exp: expires_at.unix_seconds(),
    }
}

/// Somebody whose password was right, before there is a session.
pub fn becoming(account: &Account, nobody: &Actor) -> Actor {
    Actor {
        account: account.id,
        organisation: account.organisation_id,
        roles: account.roles.0.clone(),
        request: nobody.request,
        session: None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// S24
    #[rstest]
    #[case::a_few_slips((9, 9, 9, false), false)]
    #[case::the_same_pair((10, 10, 10, true), true)]
    #[case::an_account_tried_from_everywhere((0, 60, 0, false), true)]
    #[case::its_own_worker_gets_in((0, 60, 0, true), false)]
    #[case::an_address_that_tries_everybody((0, 0, 60, false), true)]
    #[case::a_colleague_beside_it_gets_in((0, 0, 60, true), false)]
    fn guessing_is_slowed_and_nobody_is_locked_out(
        #[case] (of_pair, on_account, from_address, familiar): (i64, i64, i64, bool),
        #[case] slowed: bool,
    ) {
        assert_eq!(throttled(Failures { of_pair, on_account, from_address, familiar }), slowed);
    }
}
