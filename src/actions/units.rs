//! Looking after units and their addresses.

use super::alerts::{Disclosed, noticed};
use super::{changed, check_disclosure, json};
use crate::audit::{Change, Did, Event};
use crate::clock::At;
use crate::db::units::{self, Edit, Unit};
use crate::db::{Tx, referrals, services, vault};
use crate::domain::Refusal;
use crate::domain::identity::Address;
use crate::domain::provision::UnitFacts;
use crate::error::AppError;
use crate::ids::{ServiceId, UnitId};
use crate::vault::Place;

/// Adds a unit to a service of one's own organisation.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when the code is taken.
pub fn add(
    tx: &mut Tx,
    service: ServiceId,
    code: &str,
    facts: &UnitFacts,
    online_from: Option<At>,
) -> Result<Change<Unit>, AppError> {
    let owner = tx.actor().organisation;
    let service = services::find_of(tx, owner, service)?;
    let id = UnitId::new();
    if units::code_taken(tx, service.id, code, None)? {
        return Err(AppError::refused(id.0)(Refusal::NameTaken));
    }
    let row = Unit {
        id,
        service_id: service.id,
        code: code.into(),
        facts: facts.clone().into(),
        online_from: online_from.unwrap_or(tx.now()),
        online_until: None,
        version: 1,
        updated_at: tx.now(),
    };
    units::insert(tx, &row)?;
    Ok(Change::new(row, Event::new(Did::UnitAdded, id.0)))
}

/// Changes a unit of one's own organisation that is still as it was when it was read.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Stale`]; [`AppError::Refused`] when the code is taken.
pub fn edit(tx: &mut Tx, id: UnitId, version: i32, edit: &Edit) -> Result<Change<Unit>, AppError> {
    let owner = tx.actor().organisation;
    let current = units::find_of(tx, owner, id)?;
    if let Some(code) = &edit.code
        && units::code_taken(tx, current.service_id, code, Some(id))?
    {
        return Err(AppError::refused(id.0)(Refusal::NameTaken));
    }
    if edit.online_until.is_some_and(|until| until <= current.online_from) {
        return Err(AppError::body("/online_until", "too_early", &"this is before the unit came into use"));
    }
    let edited = units::update(tx, &current, version, edit)?;
    let fields = changed([
        ("code", edited.code != current.code),
        ("facts", edited.facts != current.facts),
        ("online_until", edited.online_until != current.online_until),
    ]);
    let event = Event::new(Did::UnitEdited, id.0).fields(fields);
    Ok(Change::new(edited, event))
}

/// Records where a unit of one's own organisation is, in place of what was known before.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn write_address(tx: &mut Tx, id: UnitId, address: &Address) -> Result<Change<()>, AppError> {
    let owner = tx.actor().organisation;
    units::find_of(tx, owner, id)?;
    let sealed = vault::seal(tx, owner, address_of(id), &json(address)?)?;
    units::put_address(tx, id, sealed)?;
    Ok(Change::new((), Event::new(Did::AddressWritten, id.0)))
}

/// Reads where a unit is, for a reason: for its own provider, and for the worker whose accepted referral it is, while
/// the release lasts. For everybody else it looks as if there were no such unit. (S2, S3)
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Reauthenticate`]; [`AppError::Invalid`] for an unknown reason.
pub fn disclose_address(tx: &mut Tx, id: UnitId, reason: &str) -> Result<Change<Address>, AppError> {
    let (actor, now) = (tx.actor().clone(), tx.now());
    let (_, owner) = units::find(tx, id)?;
    if owner != actor.organisation && !referrals::address_released(tx, &actor, id, now)? {
        return Err(AppError::NotFound);
    }
    check_disclosure(tx, reason)?;
    let sealed = units::address(tx, id)?;
    let address = vault::open(tx, owner, address_of(id), &sealed)?;
    let address = serde_json::from_slice(&address).map_err(AppError::internal)?;
    let event = Event::new(Did::AddressDisclosed, id.0).fields(["lines", "postcode", "directions"]).because(reason);
    let noticed = noticed(tx, &Disclosed::Address(id))?;
    Ok(Change::new(address, event).and_all(noticed))
}

fn address_of(id: UnitId) -> Place {
    Place { table: "unit_address", row: id.0, field: "address" }
}
