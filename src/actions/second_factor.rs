//! The second factor: setting it up, giving its code, losing the phone. (S23)

use super::accounts::looked_after;
use super::sessions::{Attempt, WINDOW, complete};
use crate::audit::{Change, Did, Event};
use crate::auth::totp::{RECOVERY_CODES, Secret, Typed, recovery_codes};
use crate::db::accounts::{self, Account};
use crate::db::second_factors::{self, Factor};
use crate::db::sessions::{self, Session};
use crate::db::{Tx, vault};
use crate::domain::Refusal;
use crate::error::AppError;
use crate::ids::{AccountId, FactorId, SessionId};
use crate::vault::{Place, Sealed};

/// Wrong codes in 15 minutes after which an account waits: from one address, and from anywhere that it does not know.
/// Three of a million codes are good at any time, so that guessing takes months, with the password known.
const PAIR_LIMIT: i64 = 5;
const WIDE_LIMIT: i64 = 10;

/// Whether a code was right. Each outcome is stored: a wrong one counts.
#[derive(Clone)]
pub enum Proof<T> {
    Right(T),
    Wrong,
    Throttled,
}

impl<T> Proof<T> {
    /// What was proved.
    ///
    /// # Errors
    /// `wrong`; [`AppError::Throttled`].
    pub fn or(self, wrong: AppError) -> Result<T, AppError> {
        match self {
            Self::Right(value) => Ok(value),
            Self::Wrong => Err(wrong),
            Self::Throttled => Err(AppError::Throttled { seconds: WINDOW.num_seconds() }),
        }
    }
}

/// What a phone is told: shown once.
pub struct Enrolment {
    pub secret: Secret,
    pub url: String,
}

/// What comes of the first code: recovery codes, shown once, and the session as it goes on.
pub struct Enrolled<T> {
    pub recovery_codes: Vec<String>,
    pub kept: T,
}

/// How a session goes on when its code was right: what its owner keeps of it.
pub type Keep<T> = fn(&mut Tx, &Account, &Session) -> Result<T, AppError>;

/// Checks a code from the phone, or a recovery code. Either is good once. A right one also makes its place familiar, so
/// that nobody's guessing elsewhere keeps its owner out.
pub(super) fn prove(
    tx: &mut Tx,
    account: &Account,
    session: SessionId,
    from: &str,
    code: &str,
) -> Result<(Proof<()>, Event), AppError> {
    let attempt = attempt(tx, account.id, from);
    let now = tx.now();
    let failures = sessions::failures(tx, &attempt.account, &attempt.address, now - WINDOW)?;
    if failures.of_pair >= PAIR_LIMIT || (!failures.familiar && failures.on_account >= WIDE_LIMIT) {
        return Ok((Proof::Throttled, Event::new(Did::SecondFactorFailed, session.0).because("throttled")));
    }
    let kind = match Typed::of(code) {
        Typed::Code(code) => take_code(tx, account, &code)?.then_some("code"),
        Typed::Recovery(code) => {
            let hash = recovery_hash(tx, account.id, &code);
            second_factors::use_code(tx, account.id, &hash)?.then_some("recovery_code")
        }
    };
    sessions::record_attempt(tx, &attempt.account, &attempt.address, kind.is_some())?;
    Ok(match kind {
        Some(kind) => (Proof::Right(()), Event::new(Did::SecondFactorGiven, session.0).fields([kind])),
        None => (Proof::Wrong, Event::new(Did::SecondFactorFailed, session.0)),
    })
}

/// Who gives codes, and from where, as digests: counted apart from passwords.
fn attempt(tx: &Tx, account: AccountId, from: &str) -> Attempt {
    let key = &tx.keys().token;
    Attempt { account: key.digest("code of", &account.0.to_string()), address: key.digest("code from", from) }
}

fn take_code(tx: &mut Tx, account: &Account, code: &str) -> Result<bool, AppError> {
    let Some(factor) = second_factors::confirmed(tx, account.id)? else { return Ok(false) };
    let (secret, now) = (open(tx, account, &factor)?, tx.now());
    let step = secret.step_of(code, now, factor.last_step)?;
    if let Some(step) = step {
        second_factors::use_step(tx, factor.id, step)?;
    }
    Ok(step.is_some())
}

fn place(id: FactorId) -> Place {
    Place { table: "second_factor", row: id.0, field: "sealed" }
}

fn open(tx: &mut Tx, account: &Account, factor: &Factor) -> Result<Secret, AppError> {
    let sealed = Sealed { key: factor.key_id, bytes: factor.sealed.clone() };
    vault::open(tx, account.organisation_id, place(factor.id), &sealed).map(Secret::of)
}

fn recovery_hash(tx: &Tx, account: AccountId, code: &str) -> Vec<u8> {
    tx.keys().token.digest("recovery code", &format!("{}/{code}", account.0))
}

/// The account and the session of whoever asks.
fn own(tx: &mut Tx) -> Result<(Account, Session), AppError> {
    let id = tx.actor().session.ok_or(AppError::Unauthenticated)?.id;
    let account = tx.actor().account;
    Ok((accounts::find(tx, None, account)?, sessions::find(tx, id)?))
}

/// Completes a sign-in by a code from the phone, or a recovery code.
///
/// # Errors
/// [`AppError::Refused`] when the session does not wait for one.
pub fn give<T>(tx: &mut Tx, from: &str, code: &str, keep: Keep<T>) -> Result<Change<Proof<T>>, AppError> {
    use crate::domain::second_factor::SecondFactor::ToGive;
    let (account, session) = own(tx)?;
    if session.second_factor != ToGive {
        return Err(AppError::refused(session.id.0)(Refusal::NoCodeNeeded));
    }
    let (proof, event) = prove(tx, &account, session.id, from, code)?;
    Ok(match proof {
        Proof::Right(()) => {
            let (session, arrived) = complete(tx, &account, session.id, from)?;
            Change::new(Proof::Right(keep(tx, &account, &session)?), event).and_all(arrived)
        }
        Proof::Wrong => Change::new(Proof::Wrong, event),
        Proof::Throttled => Change::new(Proof::Throttled, event),
    })
}

/// Makes a secret for a phone. It counts from its first code on: until then what there was before is good.
///
/// # Errors
/// [`AppError::SecondFactorRequired`] where there is one that this session has not shown; [`AppError::Reauthenticate`].
pub fn enrol(tx: &mut Tx) -> Result<Change<Enrolment>, AppError> {
    let (account, session) = own(tx)?;
    may_enrol(tx, &session)?;
    let now = tx.now();
    if session.second_factor.finished() {
        tx.actor().freshly_authenticated(now)?;
    }
    let (id, secret) = (FactorId::new(), Secret::fresh());
    let Sealed { key, bytes } = vault::seal(tx, account.organisation_id, place(id), secret.bytes())?;
    let row = Factor {
        id,
        account_id: account.id,
        key_id: key,
        sealed: bytes,
        created_at: now,
        confirmed_at: None,
        last_step: None,
    };
    second_factors::begin(tx, &row)?;
    let url = secret.url(&account.email);
    Ok(Change::new(Enrolment { secret, url }, Event::new(Did::SecondFactorBegun, account.id.0)))
}

fn may_enrol(tx: &mut Tx, session: &Session) -> Result<(), AppError> {
    let enrolled = second_factors::confirmed(tx, session.account_id)?.is_some();
    if session.second_factor.may_enrol(enrolled) { Ok(()) } else { Err(AppError::SecondFactorRequired) }
}

/// Puts the new second factor in use by its first code; gives recovery codes, which are shown once. Every other session
/// of the account ends.
///
/// # Errors
/// [`AppError::Refused`] when there is none that waits; as [`enrol`].
pub fn confirm<T>(tx: &mut Tx, from: &str, code: &str, keep: Keep<T>) -> Result<Change<Proof<Enrolled<T>>>, AppError> {
    let (account, session) = own(tx)?;
    may_enrol(tx, &session)?;
    let Some(factor) = second_factors::pending(tx, account.id)? else {
        return Err(AppError::refused(account.id.0)(Refusal::NoSecondFactor));
    };
    let (attempt, now) = (attempt(tx, account.id, from), tx.now());
    let failures = sessions::failures(tx, &attempt.account, &attempt.address, now - WINDOW)?;
    let failed = Event::new(Did::SecondFactorFailed, session.id.0);
    if failures.of_pair >= PAIR_LIMIT {
        return Ok(Change::new(Proof::Throttled, failed.because("throttled")));
    }
    let step = match Typed::of(code) {
        Typed::Code(code) => open(tx, &account, &factor)?.step_of(&code, now, None)?,
        Typed::Recovery(_) => None,
    };
    sessions::record_attempt(tx, &attempt.account, &attempt.address, step.is_some())?;
    let Some(step) = step else { return Ok(Change::new(Proof::Wrong, failed)) };
    second_factors::confirm(tx, &factor, step)?;
    let recovery_codes = new_codes(tx, account.id)?;
    sessions::revoke_others(tx, account.id, session.id)?;
    let (session, arrived) = complete(tx, &account, session.id, from)?;
    let kept = keep(tx, &account, &session)?;
    let event = Event::new(Did::SecondFactorConfirmed, account.id.0);
    Ok(Change::new(Proof::Right(Enrolled { recovery_codes, kept }), event).and_all(arrived))
}

fn new_codes(tx: &mut Tx, of: AccountId) -> Result<Vec<String>, AppError> {
    let codes = recovery_codes();
    let mut hashes = Vec::with_capacity(RECOVERY_CODES);
    for code in &codes {
        if let Typed::Recovery(code) = Typed::of(code) {
            hashes.push(recovery_hash(tx, of, &code));
        }
    }
    second_factors::replace_codes(tx, of, &hashes)?;
    Ok(codes)
}

/// A new set of recovery codes, shown once; the old ones are void.
///
/// # Errors
/// [`AppError::Reauthenticate`]; [`AppError::Refused`] without a second factor.
pub fn renew_codes(tx: &mut Tx) -> Result<Change<Vec<String>>, AppError> {
    let now = tx.now();
    tx.actor().freshly_authenticated(now)?;
    let id = tx.actor().account;
    if second_factors::confirmed(tx, id)?.is_none() {
        return Err(AppError::refused(id.0)(Refusal::NoSecondFactor));
    }
    Ok(Change::new(new_codes(tx, id)?, Event::new(Did::RecoveryCodesMade, id.0)))
}

/// Takes the second factor of somebody who has lost the phone away: they set up another at their next sign-in. Every
/// session that they have ends, and they are told.
///
/// # Errors
/// [`AppError::Reauthenticate`]; [`AppError::NotFound`]; [`AppError::Forbidden`] where the roles are not one's to give;
/// [`AppError::Refused`] for one's own, or where there is none.
pub fn remove(tx: &mut Tx, id: AccountId) -> Result<Change<()>, AppError> {
    let account = looked_after(tx, id)?;
    if id == tx.actor().account {
        return Err(AppError::refused(id.0)(Refusal::OwnAccount));
    }
    let now = tx.now();
    tx.actor().freshly_authenticated(now)?;
    if !second_factors::remove(tx, account.id)? {
        return Err(AppError::refused(id.0)(Refusal::NoSecondFactor));
    }
    sessions::revoke_all(tx, id)?;
    Ok(Change::new((), Event::new(Did::SecondFactorRemoved, id.0)))
}
