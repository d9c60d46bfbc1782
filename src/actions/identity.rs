//! Who a household is: sealed apart from its case, and read without the means to reach them.

use uuid::Uuid;

use super::alerts::{Disclosed, noticed};
use super::{check_disclosure, json};
use crate::audit::{Change, Did, Event};
use crate::clock::At;
use crate::db::cases::{self, Case, Scope};
use crate::db::{Tx, repeats, vault};
use crate::domain::identity::{Identity, Who};
use crate::error::AppError;
use crate::ids::{CaseId, OrganisationId};
use crate::vault::Place;

/// Records who the household is, in place of what was known before.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when the keys of the organisation were destroyed.
pub fn write(tx: &mut Tx, id: CaseId, identity: &Identity) -> Result<Change<()>, AppError> {
    let scope = Scope::of(tx.actor());
    let case = cases::find_in(tx, scope, id)?;
    super::merges::must_stand_alone(tx, id)?;
    Ok(Change::new((), put(tx, &case, identity)?))
}

/// Seals who the household is, and notes what tells the organisation that it may have met them before.
pub(super) fn put(tx: &mut Tx, case: &Case, identity: &Identity) -> Result<Event, AppError> {
    let sealed = vault::seal(tx, case.organisation_id, place(case.id), &json(identity)?)?;
    cases::put_identity(tx, case.id, sealed)?;
    repeats::put_traces(tx, case.id, case.organisation_id, identity)?;
    Ok(Event::new(Did::IdentityWritten, case.id.0))
}

/// Reads who the household of one's own case is, for a reason.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Reauthenticate`]; [`AppError::Invalid`] for an unknown reason;
/// [`AppError::Refused`] when its key was destroyed.
pub fn disclose(tx: &mut Tx, id: CaseId, reason: &str) -> Result<Change<Who>, AppError> {
    let scope = Scope::of(tx.actor());
    let case = cases::find_in(tx, scope, id)?;
    check_disclosure(tx, reason)?;
    let found = Found { case: case.id, of: case.organisation_id, closed_at: case.closed_at, by: None };
    disclose_found(tx, &found, reason)
}

/// A household that the actor has been found to be allowed to know.
pub(super) struct Found {
    pub case: CaseId,
    pub of: OrganisationId,
    /// Of a case of the actor's own organisation.
    pub closed_at: Option<At>,
    /// By which the actor sees it, when it is not her organisation's case: a referral, or a code.
    pub by: Option<(&'static str, Uuid)>,
}

/// Reads who it is, and notices what is worth a second look.
pub(super) fn disclose_found(tx: &mut Tx, found: &Found, reason: &str) -> Result<Change<Who>, AppError> {
    let who = open(tx, found.case, found.of)?.who();
    let noticed = noticed(tx, &Disclosed::household(found, &who.people))?;
    let event = Event::new(Did::IdentityDisclosed, found.case.0).fields(["people", "safe_contact"]).because(reason);
    Ok(Change::new(who, event).and_all(noticed))
}

/// Opens an identity. Whoever calls it records why.
pub(super) fn open(tx: &mut Tx, id: CaseId, of: OrganisationId) -> Result<Identity, AppError> {
    let sealed = cases::identity(tx, id)?;
    let identity = vault::open(tx, of, place(id), &sealed)?;
    serde_json::from_slice(&identity).map_err(AppError::internal)
}

fn place(id: CaseId) -> Place {
    Place { table: "case_identity", row: id.0, field: "identity" }
}
