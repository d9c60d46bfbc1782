//! Where a household lives that wants to stay, and who it is: sealed, and read for a reason while there is one.

use super::find;
use crate::actions::alerts::{Disclosed, noticed};
use crate::actions::contact::{self, Ask};
use crate::actions::identity::{Found, disclose_found};
use crate::actions::{check_disclosure, json};
use crate::audit::{Change, Did, Event};
use crate::db::cases::{self, Scope};
use crate::db::referrals::Side;
use crate::db::sanctuary::{self, Seen};
use crate::db::{Tx, vault};
use crate::domain::Refusal;
use crate::domain::identity::{Address, Contact, Who};
use crate::error::AppError;
use crate::ids::SanctuaryId;
use crate::vault::Place;

/// Writes down where the home is, in place of what was known before: by a worker on its case, while the job goes on.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when the job has ended, or the keys of the organisation were destroyed.
pub fn write_address(tx: &mut Tx, id: SanctuaryId, address: &Address) -> Result<Change<()>, AppError> {
    let seen = find(tx, id, Side::Referrer)?;
    if let Some(ended_at) = seen.job.ended_at {
        return Err(AppError::refused(id.0)(Refusal::AlreadyEnded { ended_at }));
    }
    let sealed = vault::seal(tx, seen.referrer, address_of(id), &json(address)?)?;
    sanctuary::put_address(tx, id, sealed)?;
    Ok(Change::new((), Event::new(Did::HomeWritten, id.0)))
}

/// Reads where the home is, for a reason: for the scheme from the booking of the survey until 28 days after the sign-off,
/// for those who work on the case until the same end, and never after another ending. (S2, S3)
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] while it is not released; [`AppError::Reauthenticate`];
/// [`AppError::Invalid`] for an unknown reason.
pub fn disclose_address(tx: &mut Tx, id: SanctuaryId, reason: &str) -> Result<Change<Address>, AppError> {
    let actor = tx.actor().clone();
    let (seen, sides) = sanctuary::find_for(tx, &actor, id)?;
    released(tx, &seen, &sides)?;
    check_disclosure(tx, reason)?;
    let sealed = sanctuary::address(tx, id)?;
    let address = vault::open(tx, seen.referrer, address_of(id), &sealed)?;
    let address = serde_json::from_slice(&address).map_err(AppError::internal)?;
    let event = Event::new(Did::HomeDisclosed, id.0).fields(["lines", "postcode", "directions"]).because(reason);
    let noticed = noticed(tx, &Disclosed::Home { job: id, case: seen.job.case_id })?;
    Ok(Change::new(address, event).and_all(noticed))
}

/// Reads who the household is, with the rules for reaching them first: for the scheme, for as long as it may know where.
///
/// # Errors
/// As [`disclose_address`].
pub fn disclose_identity(tx: &mut Tx, id: SanctuaryId, reason: &str) -> Result<Change<Who>, AppError> {
    let found = found(tx, id)?;
    check_disclosure(tx, reason)?;
    disclose_found(tx, &found, reason)
}

/// Reads where they are reached, after the rules and in the hours that are safe.
///
/// # Errors
/// As [`disclose_address`]; [`AppError::Refused`] outside the safe hours.
pub fn disclose_contact(tx: &mut Tx, id: SanctuaryId, ask: &Ask) -> Result<Change<Contact>, AppError> {
    let found = found(tx, id)?;
    contact::read(tx, &found, ask)
}

fn found(tx: &mut Tx, id: SanctuaryId) -> Result<Found, AppError> {
    let seen = find(tx, id, Side::Provider)?;
    released(tx, &seen, &[Side::Provider])?;
    // The referrer may have closed its case: the scheme still comes to the same home.
    Ok(Found { case: seen.job.case_id, of: seen.referrer, closed_at: None, by: Some(("sanctuary", id.0)) })
}

fn released(tx: &mut Tx, seen: &Seen, sides: &[Side]) -> Result<(), AppError> {
    let now = tx.now();
    let by_scheme = !sides.contains(&Side::Referrer);
    let released = seen.job.released(now, by_scheme);
    if released { Ok(()) } else { Err(AppError::refused(seen.job.id.0)(Refusal::HomeNotReleased)) }
}

/// Whether somebody sees the case of a job still: for a new one that is opened from it.
pub(super) fn case_of_own(tx: &mut Tx, seen: &Seen) -> Result<cases::Case, AppError> {
    let scope = Scope::of(tx.actor());
    cases::find_in(tx, scope, seen.job.case_id)
}

fn address_of(id: SanctuaryId) -> Place {
    Place { table: "sanctuary_address", row: id.0, field: "address" }
}
