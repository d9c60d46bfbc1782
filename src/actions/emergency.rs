//! Access to a case that is not one's own: asked for by its reference, granted by a second person, over after a while.
//! (S17)

use super::alerts::{self, About};
use crate::audit::{Change, Did, Event};
use crate::db::emergency::{self, Emergency};
use crate::db::reference::{self, Choice};
use crate::db::{Tx, vault};
use crate::domain::alert::{Kind, Stage};
use crate::domain::emergency::{Command, State, transition};
use crate::error::AppError;
use crate::ids::{CaseId, EmergencyId, is_reference};
use crate::vault::{Place, Sealed};

/// What somebody asks for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Of a case or of a referral.
    pub reference: String,
    /// Of the list `emergency_access_reason`.
    pub reason: String,
    pub explanation: String,
}

/// Asks for a case. The answer is the same whether there is one or not.
///
/// # Errors
/// [`AppError::Invalid`] when it does not look like a reference, or for an unknown reason.
pub fn ask(tx: &mut Tx, ask: &Ask) -> Result<Change<Emergency>, AppError> {
    let (now, actor) = (tx.now(), tx.actor().clone());
    let typed = ask.reference.trim().to_uppercase();
    if !is_reference(&typed) || !typed.starts_with(['C', 'R']) {
        let message = "a reference looks like C-7K4M-P2XD or R-7K4M-P2XD: check each letter";
        return Err(AppError::body("/reference", "malformed", &message));
    }
    let choice = Choice::of("emergency_access_reason", &ask.reason, "/reason");
    reference::must_be_active(tx, &[choice], now.date())?;
    let id = EmergencyId::new();
    let Sealed { key, bytes } = vault::seal(tx, actor.organisation, explanation_of(id), ask.explanation.as_bytes())?;
    let row = Emergency {
        id,
        organisation_id: actor.organisation,
        account_id: actor.account,
        case_id: emergency::case_named(tx, actor.organisation, &typed)?,
        reference: typed,
        reason: ask.reason.clone(),
        key_id: key,
        sealed: bytes,
        asked_at: now,
        lapses_at: now + tx.policy().emergency_access,
        state: State::Asked,
        decided_at: None,
        decided_by: None,
        until: None,
        used_at: None,
        refusal_key_id: None,
        refusal_sealed: None,
    };
    emergency::insert(tx, &row)?;
    let change = Change::new(row.clone(), Event::new(Did::EmergencyAsked, id.0).because(&ask.reason));
    Ok(if row.case_id.is_some() { change.and_all(alert(tx, &row, Stage::Asked)?) } else { change })
}

/// A request as somebody who may decide on it reads it, with what the person who asked wrote.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn read(tx: &mut Tx, id: EmergencyId) -> Result<Change<(Emergency, String)>, AppError> {
    let row = decidable(tx, id)?;
    let sealed = Sealed { key: row.key_id, bytes: row.sealed.clone() };
    let text = vault::open(tx, row.organisation_id, explanation_of(id), &sealed)?;
    let text = String::from_utf8(text).map_err(AppError::internal)?;
    Ok(Change::new((row, text), Event::new(Did::EmergencyRead, id.0)))
}

fn decidable(tx: &mut Tx, id: EmergencyId) -> Result<Emergency, AppError> {
    let actor = tx.actor().clone();
    emergency::to_decide(tx, &actor, Some(id), 1)?.pop().ok_or(AppError::NotFound)
}

/// Lets the person who asked see the case for a while.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Reauthenticate`]; [`AppError::Refused`] when it is decided or has lapsed.
pub fn grant(tx: &mut Tx, id: EmergencyId) -> Result<Change<Emergency>, AppError> {
    let row = decidable(tx, id)?;
    let now = tx.now();
    tx.actor().freshly_authenticated(now)?;
    let mut row = decided(tx, row, Command::Grant)?;
    row.until = Some(now + tx.policy().emergency_access);
    emergency::update(tx, &row)?;
    let alerts = alert(tx, &row, Stage::Granted)?;
    Ok(Change::new(row, Event::new(Did::EmergencyGranted, id.0).because("emergency")).and_all(alerts))
}

/// Says no, and why. The person who asked is told nothing but that nobody has granted it in time.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when it is decided or has lapsed.
pub fn refuse(tx: &mut Tx, id: EmergencyId, reason: &str) -> Result<Change<Emergency>, AppError> {
    let row = decidable(tx, id)?;
    let mut row = decided(tx, row, Command::Refuse)?;
    let Sealed { key, bytes } = vault::seal(tx, row.organisation_id, refusal_of(id), reason.as_bytes())?;
    (row.refusal_key_id, row.refusal_sealed) = (Some(key), Some(bytes));
    emergency::update(tx, &row)?;
    let alerts = alert(tx, &row, Stage::Refused)?;
    Ok(Change::new(row, Event::new(Did::EmergencyRefused, id.0)).and_all(alerts))
}

fn decided(tx: &Tx, row: Emergency, command: Command) -> Result<Emergency, AppError> {
    let mut row = stepped(tx, row, command)?;
    (row.decided_at, row.decided_by) = (Some(tx.now()), Some(tx.actor().account));
    Ok(row)
}

fn stepped(tx: &Tx, mut row: Emergency, command: Command) -> Result<Emergency, AppError> {
    row.state =
        transition(row.state, command, row.lapses_at, row.until, tx.now()).map_err(AppError::refused(row.id.0))?;
    Ok(row)
}

/// Ends an access before its time: by the person who has it, or by one who could have granted it.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when nothing is open.
pub fn end(tx: &mut Tx, id: EmergencyId) -> Result<Change<Emergency>, AppError> {
    let (actor, now) = (tx.actor().clone(), tx.now());
    let row = match emergency::find_own(tx, &actor, id) {
        Err(AppError::NotFound) => decidable(tx, id)?,
        own => own?,
    };
    let mut row = stepped(tx, row, Command::End)?;
    row.until = Some(now);
    emergency::update(tx, &row)?;
    Ok(Change::new(row, Event::new(Did::EmergencyEnded, id.0)))
}

/// Records that the actor has read something of a case that is open to her in an emergency; none when it is not.
///
/// # Errors
/// When the database fails.
pub fn used(tx: &mut Tx, case: CaseId) -> Result<Vec<Event>, AppError> {
    let Some(mut row) = emergency::open(tx, case)? else { return Ok(Vec::new()) };
    let mut events = vec![Event::new(Did::CaseReadInEmergency, case.0).because("emergency")];
    if row.used_at.is_none() {
        row.used_at = Some(tx.now());
        emergency::update(tx, &row)?;
        events.extend(alert(tx, &row, Stage::Used)?);
    }
    Ok(events)
}

/// As [`used`], in a write of its own.
///
/// # Errors
/// [`AppError::NotFound`] when it is no longer open.
pub fn record_use(tx: &mut Tx, case: CaseId) -> Result<Change<()>, AppError> {
    Change::of_all((), used(tx, case)?).map_err(|()| AppError::NotFound)
}

/// Tells those who look after alerts, at once.
fn alert(tx: &mut Tx, row: &Emergency, stage: Stage) -> Result<Vec<Event>, AppError> {
    let about = About { account: row.account_id, organisation: row.organisation_id };
    alerts::raise(tx, Kind::EmergencyAccess, about, ("emergency_access", row.id.0), row.case_id, Some(stage))
}

fn explanation_of(id: EmergencyId) -> Place {
    Place { table: "emergency_access", row: id.0, field: "explanation" }
}

fn refusal_of(id: EmergencyId) -> Place {
    Place { table: "emergency_access", row: id.0, field: "refusal" }
}
