//! Looking after organisations.

use super::changed;
use crate::audit::{Change, Did, Event};
use crate::db::organisations::{self, Edit, Organisation};
use crate::db::{Tx, vault};
use crate::domain::Refusal;
use crate::domain::permission::Kinds;
use crate::error::AppError;
use crate::ids::OrganisationId;

/// Adds an organisation and gives it its data key.
///
/// # Errors
/// [`AppError::Refused`] when the name is taken.
pub fn add(tx: &mut Tx, name: &str, kinds: Kinds) -> Result<Change<Organisation>, AppError> {
    let id = OrganisationId::new();
    name_is_free(tx, name, id)?;
    let row = Organisation { id, name: name.into(), kinds, active: true, version: 1, created_at: tx.now() };
    organisations::insert(tx, &row)?;
    vault::add_key(tx, id)?;
    Ok(Change::new(row, Event::new(Did::OrganisationAdded, id.0)))
}

/// Changes an organisation that is still as it was when it was read.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Stale`]; [`AppError::Refused`] when the name is taken.
pub fn edit(tx: &mut Tx, id: OrganisationId, version: i32, edit: &Edit) -> Result<Change<Organisation>, AppError> {
    let current = organisations::find(tx, id)?;
    if let Some(name) = &edit.name {
        name_is_free(tx, name, id)?;
    }
    if edit.active == Some(false) && id == tx.actor().organisation {
        return Err(AppError::refused(id.0)(Refusal::OwnAccount));
    }
    let edited = organisations::update(tx, &current, version, edit)?;
    let fields = changed([
        ("name", edited.name != current.name),
        ("kinds", edited.kinds != current.kinds),
        ("active", edited.active != current.active),
    ]);
    let event = Event::new(Did::OrganisationEdited, id.0).fields(fields);
    Ok(Change::new(edited, event))
}

fn name_is_free(tx: &mut Tx, name: &str, id: OrganisationId) -> Result<(), AppError> {
    match organisations::with_name(tx, name)? {
        Some(other) if other != id => Err(AppError::refused(id.0)(Refusal::NameTaken)),
        _ => Ok(()),
    }
}
