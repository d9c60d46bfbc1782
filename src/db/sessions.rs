//! Sessions, the refresh tokens that keep them alive, and attempts to start one.

use chrono::TimeDelta;
use diesel::dsl::count_star;
use diesel::prelude::*;

use super::conn::MultiBackend;
use super::schema::{account, organisation, refresh_token, session, sign_in_attempt};
use super::{Conn, Tx};
use crate::auth::Actor;
use crate::clock::At;
use crate::domain::second_factor::SecondFactor;
use crate::error::AppError;
use crate::ids::{AccountId, AttemptId, SessionId};

/// One sign-in.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = session, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Session {
    pub id: SessionId,
    pub account_id: AccountId,
    pub authenticated_at: At,
    pub expires_at: At,
    pub revoked_at: Option<At>,
    pub started_at: At,
    /// "Firefox on Windows".
    pub device: String,
    pub second_factor: SecondFactor,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_token, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct RefreshToken {
    pub hash: Vec<u8>,
    pub session_id: SessionId,
    pub issued_at: At,
    pub expires_at: At,
    pub used_at: Option<At>,
}

#[derive(Insertable)]
#[diesel(table_name = sign_in_attempt, treat_none_as_default_value = false)]
struct Attempt<'a> {
    id: AttemptId,
    at: At,
    account: &'a [u8],
    address: &'a [u8],
    succeeded: bool,
}

/// Lets nobody on whose session was ended, whose account or organisation was deactivated, or whose roles or password
/// have changed since the token was issued (S16); nobody who has not given the second factor, but for what completes the
/// sign-in (S23); and for a while not those who have read too much (S31). The token's own expiry is checked where it is
/// read.
pub(super) fn must_last(conn: &mut Conn, actor: &Actor) -> Result<(), AppError> {
    let Some(claimed) = actor.session else { return Ok(()) };
    let lasts: Option<(SecondFactor, Option<At>)> = session::table
        .inner_join(account::table.inner_join(organisation::table))
        .filter(session::id.eq(claimed.id))
        .filter(session::account_id.eq(actor.account))
        .filter(session::revoked_at.is_null())
        .filter(account::stamp.eq(claimed.stamp))
        .filter(account::active.eq(true))
        .filter(organisation::active.eq(true))
        .select((session::second_factor, session::slowed_until))
        .first(conn)
        .optional()?;
    let (second_factor, slowed_until) = lasts.ok_or(AppError::Unauthenticated)?;
    if !second_factor.finished() && !claimed.completing {
        return Err(AppError::SecondFactorRequired);
    }
    match slowed_until {
        Some(until) if until > claimed.at => {
            Err(AppError::Slowed { seconds: (until - claimed.at).num_seconds().max(1) })
        }
        _ => Ok(()),
    }
}

/// Slows every session of an account down until then: nothing is answered before. (S31)
///
/// # Errors
/// When the database fails.
pub fn slow(tx: &mut Tx, of: AccountId, until: At) -> Result<(), AppError> {
    diesel::update(session::table.filter(session::account_id.eq(of)).filter(session::revoked_at.is_null()))
        .set(session::slowed_until.eq(until))
        .execute(tx.conn)?;
    Ok(())
}

/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx, row: &Session) -> Result<(), AppError> {
    diesel::insert_into(session::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// # Errors
/// [`AppError::NotFound`].
pub fn find(conn: &mut Conn, id: SessionId) -> Result<Session, AppError> {
    Ok(session::table.find(id).select(Session::as_select()).first(conn)?)
}

/// The sessions of an account that have not ended, newest first.
///
/// # Errors
/// When the database fails.
pub fn of_account(conn: &mut Conn, of: AccountId, now: At) -> Result<Vec<Session>, AppError> {
    Ok(session::table
        .filter(session::account_id.eq(of))
        .filter(session::revoked_at.is_null())
        .filter(session::expires_at.gt(now))
        .order((session::started_at.desc(), session::id.desc()))
        .select(Session::as_select())
        .load(conn)?)
}

/// Notes that the second factor was given; from then on the session lasts until `expires_at`. Its refresh tokens are
/// void: they came from a password alone.
///
/// # Errors
/// When the database fails.
pub fn set_given(tx: &mut Tx, id: SessionId, expires_at: At) -> Result<(), AppError> {
    diesel::update(session::table.find(id))
        .set((session::second_factor.eq(SecondFactor::Given), session::expires_at.eq(expires_at)))
        .execute(tx.conn)?;
    diesel::update(refresh_token::table.filter(refresh_token::session_id.eq(id)))
        .filter(refresh_token::used_at.is_null())
        .set(refresh_token::used_at.eq(tx.now))
        .execute(tx.conn)?;
    Ok(())
}

/// Ends a session; one that is over stays over.
///
/// # Errors
/// When the database fails.
pub fn revoke(tx: &mut Tx, id: SessionId) -> Result<(), AppError> {
    diesel::update(session::table.find(id).filter(session::revoked_at.is_null()))
        .set(session::revoked_at.eq(tx.now))
        .execute(tx.conn)?;
    Ok(())
}

/// Ends every session of an account.
///
/// # Errors
/// When the database fails.
pub fn revoke_all(tx: &mut Tx, of: AccountId) -> Result<(), AppError> {
    diesel::update(session::table.filter(session::account_id.eq(of)).filter(session::revoked_at.is_null()))
        .set(session::revoked_at.eq(tx.now))
        .execute(tx.conn)?;
    Ok(())
}

/// Ends every session of an account but one; gives back how many.
///
/// # Errors
/// When the database fails.
pub fn revoke_others(tx: &mut Tx, of: AccountId, but: SessionId) -> Result<usize, AppError> {
    let others = session::table.filter(session::account_id.eq(of)).filter(session::id.ne(but));
    Ok(diesel::update(others.filter(session::revoked_at.is_null()))
        .set(session::revoked_at.eq(tx.now))
        .execute(tx.conn)?)
}

/// Notes that the password was given again.
///
/// # Errors
/// When the database fails.
pub fn set_authenticated(tx: &mut Tx, id: SessionId) -> Result<(), AppError> {
    diesel::update(session::table.find(id)).set(session::authenticated_at.eq(tx.now)).execute(tx.conn)?;
    Ok(())
}

/// # Errors
/// When the database fails.
pub fn insert_refresh(tx: &mut Tx, row: &RefreshToken) -> Result<(), AppError> {
    diesel::insert_into(refresh_token::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// A refresh token and its session.
///
/// # Errors
/// When the database fails.
pub fn find_refresh(conn: &mut Conn, hash: &[u8]) -> Result<Option<(RefreshToken, Session)>, AppError> {
    Ok(refresh_token::table
        .inner_join(session::table)
        .filter(refresh_token::hash.eq(hash))
        .select((RefreshToken::as_select(), Session::as_select()))
        .first(conn)
        .optional()?)
}

/// # Errors
/// When the database fails.
pub fn use_refresh(tx: &mut Tx, hash: &[u8]) -> Result<(), AppError> {
    diesel::update(refresh_token::table.find(hash)).set(refresh_token::used_at.eq(tx.now)).execute(tx.conn)?;
    Ok(())
}

/// How often signing in has failed lately.
#[derive(Debug, Clone, Copy)]
pub struct Failures {
    /// On this account from this address.
    pub of_pair: i64,
    pub on_account: i64,
    pub from_address: i64,
    /// Whether this account has signed in from this address within the last 30 days: an old friend.
    pub familiar: bool,
}

/// # Errors
/// When the database fails.
pub fn failures(conn: &mut Conn, on: &[u8], from: &[u8], since: At) -> Result<Failures, AppError> {
    use super::schema::sign_in_attempt::dsl::{account, address, at, sign_in_attempt, succeeded};
    let failed = || sign_in_attempt.filter(at.gt(since)).filter(succeeded.eq(false)).select(count_star()).into_boxed();
    let familiar = is_familiar(conn, on, from, since)?;
    Ok(Failures {
        of_pair: failed().filter(account.eq(on.to_vec())).filter(address.eq(from.to_vec())).first(conn)?,
        on_account: failed().filter(account.eq(on.to_vec())).first(conn)?,
        from_address: failed().filter(address.eq(from.to_vec())).first(conn)?,
        familiar,
    })
}

/// Whether this account has signed in from this address within the 30 days before `now`.
///
/// # Errors
/// When the database fails.
pub fn is_familiar(conn: &mut Conn, on: &[u8], from: &[u8], now: At) -> Result<bool, AppError> {
    use super::schema::sign_in_attempt::dsl::{account, address, at, sign_in_attempt, succeeded};
    let known: i64 = sign_in_attempt
        .filter(account.eq(on))
        .filter(address.eq(from))
        .filter(succeeded.eq(true))
        .filter(at.gt(now - TimeDelta::days(30)))
        .select(count_star())
        .first(conn)?;
    Ok(known > 0)
}

/// # Errors
/// When the database fails.
pub fn record_attempt(tx: &mut Tx, on: &[u8], from: &[u8], succeeded: bool) -> Result<(), AppError> {
    let row = Attempt { id: AttemptId::new(), at: tx.now, account: on, address: from, succeeded };
    diesel::insert_into(sign_in_attempt::table).values(row).execute(tx.conn)?;
    Ok(())
}
