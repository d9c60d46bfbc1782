//! Links that are sent by mail: invitations, and ways to a new password. Good once, and not for long; whoever asks for one
//! is never told whether there is such an account. (S26)

use chrono::TimeDelta;

use super::accounts::looked_after;
use super::sessions::Attempt;
use crate::audit::{Change, Did, Event};
use crate::auth::token::refresh_hash;
use crate::clock::At;
use crate::db::accounts::{self, Account};
use crate::db::links::{self, Link};
use crate::db::{Conn, Tx, sessions};
use crate::domain::Refusal;
use crate::domain::link::Purpose;
use crate::error::AppError;
use crate::ids::{AccountId, LinkId};

/// How far back requests for a new password count.
const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// How many are answered from one address in that time: many people share one.
const FROM_ADDRESS: i64 = 20;
/// How many reach one account: nobody's letter box is to be filled.
const ON_ACCOUNT: i64 = 3;

/// Makes a link for an account; the event tells the mail to send it.
pub(super) fn send(tx: &mut Tx, account: &Account, purpose: Purpose) -> Result<Event, AppError> {
    let (id, now) = (LinkId::new(), tx.now());
    let link = Link {
        id,
        account_id: account.id,
        purpose,
        hash: refresh_hash(&tx.keys().token.link(id)),
        created_at: now,
        expires_at: now + purpose.lasts(),
        used_at: None,
    };
    links::insert(tx, &link)?;
    Ok(match purpose {
        Purpose::Invitation => Event::new(Did::InvitationSent, account.id.0).telling("invitation", id.0),
        Purpose::PasswordReset => Event::new(Did::PasswordLinkSent, account.id.0).telling("password_reset", id.0),
    })
}

/// Sends somebody the invitation again.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`] where the roles are not one's to give; [`AppError::Refused`] when it
/// was accepted, or the account is closed.
pub fn invite_again(tx: &mut Tx, id: AccountId) -> Result<Change<()>, AppError> {
    let account = open_account(tx, id)?;
    if !account.invited() {
        return Err(AppError::refused(id.0)(Refusal::InvitationAccepted));
    }
    Ok(Change::new((), send(tx, &account, Purpose::Invitation)?))
}

/// Sends somebody a link for a new password.
///
/// # Errors
/// As [`invite_again`], but refused when the invitation was not accepted.
pub fn send_reset(tx: &mut Tx, id: AccountId) -> Result<Change<()>, AppError> {
    let account = open_account(tx, id)?;
    if account.invited() {
        return Err(AppError::refused(id.0)(Refusal::InvitationOpen));
    }
    Ok(Change::new((), send(tx, &account, Purpose::PasswordReset)?))
}

fn open_account(tx: &mut Tx, id: AccountId) -> Result<Account, AppError> {
    let account = looked_after(tx, id)?;
    if account.active { Ok(account) } else { Err(AppError::refused(id.0)(Refusal::AccountClosed)) }
}

/// Whoever has forgotten the password asks for a link. The answer is the same whether or not there is such an account, and
/// so is the work: where no link is stored, as many rows are.
///
/// # Errors
/// [`AppError::Throttled`] after too many requests from one address, whoever they were about.
pub fn ask_reset(tx: &mut Tx, email: &str, from: &str) -> Result<Change<()>, AppError> {
    let key = &tx.keys().token;
    let attempt =
        Attempt { account: key.digest("reset of", &email.to_lowercase()), address: key.digest("reset from", from) };
    let now = tx.now();
    let asked = sessions::failures(tx, &attempt.account, &attempt.address, now - WINDOW)?;
    if asked.from_address >= FROM_ADDRESS {
        return Err(AppError::Throttled { seconds: WINDOW.num_seconds() });
    }
    sessions::record_attempt(tx, &attempt.account, &attempt.address, false)?;
    let found = accounts::with_email(tx, &email.to_lowercase())?;
    let account = found.filter(|(_, active)| *active && asked.on_account < ON_ACCOUNT).map(|(account, _)| account);
    let event = if let Some(account) = account {
        let purpose = if account.invited() { Purpose::Invitation } else { Purpose::PasswordReset };
        send(tx, &account, purpose)?
    } else {
        for _ in ["a link", "its notice"] {
            sessions::record_attempt(tx, &key_of_nobody(tx), &attempt.address, true)?;
        }
        Event::new(Did::PasswordLinkAsked, uuid::Uuid::nil())
    };
    Ok(Change::new((), event))
}

fn key_of_nobody(tx: &Tx) -> Vec<u8> {
    tx.keys().token.digest("reset of", "")
}

/// The account that a link is for, while it is good.
///
/// # Errors
/// [`AppError::Invalid`] at `/secret` for one that is unknown, used, too old or for something else: nobody is told which.
pub fn holder(conn: &mut Conn, purpose: Purpose, secret: &str, now: At) -> Result<Account, AppError> {
    let link = match links::with_hash(conn, &refresh_hash(secret)) {
        Err(AppError::NotFound) => return Err(not_good()),
        other => other?,
    };
    let account = accounts::find(conn, None, link.account_id)?;
    let active = accounts::with_email(conn, &account.email)?.is_some_and(|(_, active)| active);
    let good = link.purpose == purpose && link.used_at.is_none() && link.expires_at > now && active;
    // An invitation is for whoever has no password yet.
    if good && (purpose != Purpose::Invitation || account.invited()) { Ok(account) } else { Err(not_good()) }
}

fn not_good() -> AppError {
    AppError::body("/secret", "not_good", &"this link is not good any more; ask for a new one")
}

/// Chooses a password by a link. Every other link of the account is void, and every session ends.
///
/// # Errors
/// As [`holder`].
pub fn choose_password(tx: &mut Tx, purpose: Purpose, secret: &str, hash: &str) -> Result<Change<()>, AppError> {
    let now = tx.now();
    let account = holder(tx, purpose, secret, now)?;
    accounts::set_password(tx, account.id, hash)?;
    links::use_all(tx, account.id)?;
    sessions::revoke_all(tx, account.id)?;
    let did = match purpose {
        Purpose::Invitation => Did::InvitationAccepted,
        Purpose::PasswordReset => Did::PasswordReset,
    };
    Ok(Change::new((), Event::new(did, account.id.0)))
}
