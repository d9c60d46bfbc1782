//! Signing in, staying signed in, signing out.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::second_factor::{self, Proof};
use crate::audit::{Change, Did, Event};
use crate::auth::token::{ABSOLUTE, ACCESS, Claims, IDLE, INCOMPLETE, PAGE_IDLE, Ticket, refresh_hash, refresh_token};
use crate::auth::{Actor, TokenKey};
use crate::clock::At;
use crate::db::accounts::{self, Account};
use crate::db::sessions::{self, Failures, RefreshToken, Session};
use crate::db::{Conn, Tx, second_factors};
use crate::domain::second_factor::SecondFactor;
use crate::error::AppError;
use crate::ids::SessionId;

/// How far back failed attempts count.
pub(super) const WINDOW: TimeDelta = TimeDelta::minutes(15);
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
    pub second_factor: SecondFactor,
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

/// Starts a session for somebody whose password was right, on this device (see [`crate::domain::device`]). It opens
/// nothing yet where a second factor is still to come.
///
/// # Errors
/// When the database fails.
pub fn start(tx: &mut Tx, attempt: &Attempt, account: &Account, device: &str) -> Result<Change<Tokens>, AppError> {
    let (session, event) = begin(tx, attempt, account, device)?;
    Ok(Change::new(issue(tx, account, &session)?, event))
}

/// The same for somebody at a browser, which keeps a ticket and no tokens.
///
/// # Errors
/// When the database fails.
pub fn start_pages(
    tx: &mut Tx,
    attempt: &Attempt,
    account: &Account,
    device: &str,
) -> Result<Change<Ticket>, AppError> {
    let (session, event) = begin(tx, attempt, account, device)?;
    Ok(Change::new(ticket(tx, account, &session)?, event))
}

/// What a browser keeps of a session.
///
/// # Errors
/// None: it stands beside [`issue`].
pub fn ticket(tx: &mut Tx, account: &Account, session: &Session) -> Result<Ticket, AppError> {
    let page = claims(account, session, tx.now() + PAGE_IDLE);
    Ok(Ticket { page, ends: session.expires_at.unix_seconds() })
}

fn begin(tx: &mut Tx, attempt: &Attempt, account: &Account, device: &str) -> Result<(Session, Event), AppError> {
    let now = tx.now();
    let enrolled = second_factors::confirmed(tx, account.id)?.is_some();
    let second_factor = SecondFactor::at_first(tx.policy().second_factor, enrolled);
    let session = Session {
        id: SessionId::new(),
        account_id: account.id,
        authenticated_at: now,
        expires_at: now + if second_factor.finished() { ABSOLUTE } else { INCOMPLETE },
        revoked_at: None,
        started_at: now,
        device: device.to_owned(),
        second_factor,
    };
    sessions::insert(tx, &session)?;
    let event = if second_factor.finished() {
        arrive(tx, attempt, session.id)?
    } else {
        Event::new(Did::SessionBegun, session.id.0)
    };
    Ok((session, event))
}

/// A sign-in is complete: its place is familiar from now on, and its owner is told if it was not before.
fn arrive(tx: &mut Tx, attempt: &Attempt, session: SessionId) -> Result<Event, AppError> {
    let now = tx.now();
    let familiar = sessions::is_familiar(tx, &attempt.account, &attempt.address, now)?;
    sessions::record_attempt(tx, &attempt.account, &attempt.address, true)?;
    let event = Event::new(Did::SignedIn, session.0);
    Ok(if familiar { event } else { event.telling("new_sign_in", session.0) })
}

/// Completes a session whose second factor has just been given; one that was complete is only told so.
pub(super) fn complete(
    tx: &mut Tx,
    account: &Account,
    session: SessionId,
    from: &str,
) -> Result<(Session, Option<Event>), AppError> {
    let before = sessions::find(tx, session)?;
    let expires_at = before.started_at + ABSOLUTE;
    sessions::set_given(tx, session, expires_at)?;
    let arrived = if before.second_factor.finished() {
        None
    } else {
        let attempt = Attempt::new(&tx.keys().token, &account.email, from);
        Some(arrive(tx, &attempt, session)?)
    };
    Ok((Session { second_factor: SecondFactor::Given, expires_at, ..before }, arrived))
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

/// Notes that somebody gave the password again, and a code where the account has a second factor; gives an access token
/// that says so.
///
/// # Errors
/// [`AppError::Unauthenticated`] without a session; [`AppError::Invalid`] without a code that is needed.
pub fn confirm(
    tx: &mut Tx,
    account: &Account,
    from: &str,
    code: Option<&str>,
) -> Result<Change<Proof<(String, At)>>, AppError> {
    let id = tx.actor().session.ok_or(AppError::Unauthenticated)?.id;
    let mut events = Vec::new();
    if second_factors::confirmed(tx, account.id)?.is_some() {
        let code = code.ok_or_else(|| AppError::body("/code", "required", &"enter the code from your phone"))?;
        let (proof, event) = second_factor::prove(tx, account, id, from, code)?;
        match proof {
            Proof::Right(()) => events.push(event),
            Proof::Wrong => return Ok(Change::new(Proof::Wrong, event)),
            Proof::Throttled => return Ok(Change::new(Proof::Throttled, event)),
        }
    }
    sessions::set_authenticated(tx, id)?;
    let session = sessions::find(tx, id)?;
    let token = access_token(tx, account, &session)?;
    Ok(Change::new(Proof::Right(token), Event::new(Did::PasswordConfirmed, id.0)).and_all(events))
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

/// Ends one of one's own sessions.
///
/// # Errors
/// [`AppError::NotFound`] for one that is over, or somebody else's.
pub fn end_one(tx: &mut Tx, id: SessionId) -> Result<Change<()>, AppError> {
    let (own, now) = (tx.actor().account, tx.now());
    if !sessions::of_account(tx, own, now)?.iter().any(|session| session.id == id) {
        return Err(AppError::NotFound);
    }
    sessions::revoke(tx, id)?;
    Ok(Change::new((), Event::new(Did::SessionEnded, id.0)))
}

/// Ends all of one's own sessions but this one.
///
/// # Errors
/// [`AppError::Unauthenticated`] without one.
pub fn end_others(tx: &mut Tx) -> Result<Change<()>, AppError> {
    let id = tx.actor().session.ok_or(AppError::Unauthenticated)?.id;
    let own = tx.actor().account;
    sessions::revoke_others(tx, own, id)?;
    Ok(Change::new((), Event::new(Did::SessionsEnded, id.0)))
}

/// Tokens of a session.
///
/// # Errors
/// When the database fails.
pub fn issue(tx: &mut Tx, account: &Account, session: &Session) -> Result<Tokens, AppError> {
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
    let (access_token, access_expires_at) = access_token(tx, account, session)?;
    let second_factor = session.second_factor;
    Ok(Tokens { access_token, access_expires_at, refresh_token: refresh, refresh_expires_at, second_factor })
}

fn access_token(tx: &Tx, account: &Account, session: &Session) -> Result<(String, At), AppError> {
    let expires_at = (tx.now() + ACCESS).min(session.expires_at);
    let claims = claims(account, session, expires_at);
    Ok((tx.keys().token.issue(&claims)?, expires_at))
}

fn claims(account: &Account, session: &Session, expires_at: At) -> Claims {
    Claims {
        sub: account.id,
        org: account.organisation_id,
        roles: account.roles.0.clone(),
        session: session.id,
        stamp: account.stamp,
        auth_time: session.authenticated_at.unix_seconds(),
        second_factor: session.second_factor,
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
    fn s24_guessing_is_slowed_and_nobody_is_locked_out(
        #[case] (of_pair, on_account, from_address, familiar): (i64, i64, i64, bool),
        #[case] slowed: bool,
    ) {
        assert_eq!(throttled(Failures { of_pair, on_account, from_address, familiar }), slowed);
    }
}
