//! A telephone number and an e-mail address: after the rules were read, and in the hours that are safe.

use serde::{Deserialize, Serialize};

use super::alerts::{Disclosed, noticed};
use super::identity::Found;
use super::{check_disclosure, identity, referrals};
use crate::audit::{Change, Did, Event};
use crate::clock::At;
use crate::db::cases::{self, Scope};
use crate::db::contact::{self, Override};
use crate::db::reference::{self, Choice};
use crate::db::{Tx, tasks, vault};
use crate::domain::Refusal;
use crate::domain::contact::{May, may};
use crate::domain::identity::Contact;
use crate::domain::task::Kind;
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, OrganisationId, OverrideId, ReferralId, SubjectId};
use crate::vault::Place;

/// Why somebody wants to reach a household, and why now.
#[derive(Clone)]
pub struct Ask {
    /// Of the list `disclosure_reason`.
    pub reason: String,
    /// Whether they say that they have read the rules. Needed while nobody knows the safe hours.
    pub rules_read: bool,
    /// Of the list `contact_override_reason`: why it cannot wait for a safe hour.
    pub outside_hours_reason: Option<String>,
    /// In own words, with the reason `other`. Sealed.
    pub outside_hours_note: Option<String>,
}

/// Reads where the household of one's own case is reached.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Reauthenticate`]; [`AppError::Invalid`]; [`AppError::Refused`] outside the safe
/// hours, or when the key was destroyed.
pub fn disclose(tx: &mut Tx, id: CaseId, ask: &Ask) -> Result<Change<Contact>, AppError> {
    let scope = Scope::of(tx.actor());
    let case = cases::find_in(tx, scope, id)?;
    let found = Found { case: case.id, of: case.organisation_id, closed_at: case.closed_at, by: None };
    read(tx, &found, ask)
}

/// The same for the provider that has accepted the household, for as long as it is theirs.
///
/// # Errors
/// As [`disclose`]; [`AppError::Refused`] before acceptance and after the household has left.
pub fn disclose_accepted(tx: &mut Tx, id: ReferralId, ask: &Ask) -> Result<Change<Contact>, AppError> {
    let seen = referrals::released(tx, id)?;
    let found = Found { case: seen.referral.case_id, of: seen.referrer, closed_at: None, by: Some(("referral", id.0)) };
    read(tx, &found, ask)
}

/// Puts a call to the household of one's own case off until it is safe again: a task for its worker, once for each time. Where
/// it is safe now, or nobody knows when it is, it is due at once.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when the case is closed, no hour is safe, or the key was destroyed.
pub fn call_back(tx: &mut Tx, id: CaseId) -> Result<Change<CallBack>, AppError> {
    let case = super::occupancy::open_case(tx, id)?;
    let by = By { organisation: case.organisation_id, owner: Some(case.owner_id), subject: SubjectId(id.0) };
    put_off(tx, case.id, case.organisation_id, by)
}

/// The same for the provider that has accepted the household: for whoever asks.
///
/// # Errors
/// As [`call_back`], and [`AppError::Refused`] before acceptance.
pub fn call_back_accepted(tx: &mut Tx, id: ReferralId) -> Result<Change<CallBack>, AppError> {
    let seen = referrals::released(tx, id)?;
    let (organisation, owner) = (tx.actor().organisation, Some(tx.actor().account));
    put_off(tx, seen.referral.case_id, seen.referrer, By { organisation, owner, subject: SubjectId(id.0) })
}

/// When somebody is to be called.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct CallBack {
    pub due_at: At,
}

/// Whose task it is.
#[derive(Clone, Copy)]
struct By {
    organisation: OrganisationId,
    owner: Option<AccountId>,
    subject: SubjectId,
}

fn put_off(tx: &mut Tx, case: CaseId, of: OrganisationId, by: By) -> Result<Change<CallBack>, AppError> {
    let now = tx.now();
    let rules = identity::open(tx, case, of)?.contact().safe_contact;
    let due_at = match may(rules.safe_hours.as_deref(), now) {
        May::No { next_safe_at: None } => {
            return Err(AppError::refused(case.0)(Refusal::OutsideSafeHours { next_safe_at: None }));
        }
        May::No { next_safe_at: Some(at) } => at,
        May::Yes | May::Unknown => now,
    };
    let By { organisation, owner, subject } = by;
    let kind = Kind::CallBack;
    tasks::raise(tx, tasks::New { organisation, kind, case: Some(case), subject, occasion: due_at, owner, due_at })?;
    Ok(Change::new(CallBack { due_at }, Event::new(Did::CallBackRaised, case.0)))
}

/// Reads where a household is reached that the actor has been found to be allowed to know.
pub(super) fn read(tx: &mut Tx, found: &Found, ask: &Ask) -> Result<Change<Contact>, AppError> {
    check_disclosure(tx, &ask.reason)?;
    let (case, of) = (found.case, found.of);
    let known = identity::open(tx, case, of)?;
    let noticed = noticed(tx, &Disclosed::household(found, &known.people))?;
    let now = tx.now();
    let event = Event::new(Did::ContactDisclosed, case.0).fields(["telephone", "email"]).because(&ask.reason);
    let change = Change::new(known.contact(), event).and_all(noticed);
    match (may(known.safe_contact.safe_hours.as_deref(), now), &ask.outside_hours_reason) {
        (May::Yes, _) => Ok(change),
        (May::Unknown, _) if ask.rules_read => Ok(change),
        (May::Unknown, _) => {
            let message = "nobody has said when it is safe: read the rules first, then say that you have";
            Err(AppError::body("/rules_read", "required", &message))
        }
        (May::No { next_safe_at }, None) => Err(AppError::refused(case.0)(Refusal::OutsideSafeHours { next_safe_at })),
        (May::No { .. }, Some(reason)) => Ok(change.and(override_hours(tx, case, of, reason, ask)?)),
    }
}

/// Records why it could not wait.
fn override_hours(tx: &mut Tx, case: CaseId, of: OrganisationId, reason: &str, ask: &Ask) -> Result<Event, AppError> {
    let (id, now) = (OverrideId::new(), tx.now());
    let choice = Choice::of("contact_override_reason", reason, "/outside_hours_reason");
    reference::must_be_active(tx, &[choice], now.date())?;
    let note = match (reason, &ask.outside_hours_note) {
        ("other", None) => {
            return Err(AppError::body("/outside_hours_note", "required", &"say in a sentence why it cannot wait"));
        }
        (_, Some(note)) => {
            let place = Place { table: "contact_override", row: id.0, field: "note" };
            Some(vault::seal(tx, of, place, note.as_bytes())?)
        }
        (_, None) => None,
    };
    let (key_id, sealed) = note.map(|note| (note.key, note.bytes)).unzip();
    let (account_id, organisation_id) = (tx.actor().account, tx.actor().organisation);
    let reason = reason.to_owned();
    let row = Override { id, case_id: case, organisation_id, account_id, at: now, reason, key_id, sealed };
    contact::insert_override(tx, &row)?;
    Ok(Event::new(Did::ContactOutsideHours, case.0).because(&row.reason))
}
