//! The keys of the vault: another master key, a new data key, the end of one. At the command line, by the operator.

use crate::audit::{Change, Did, Event};
use crate::db::{Tx, installation, organisations, repeats, vault};
use crate::error::AppError;
use crate::ids::OrganisationId;

/// How many data keys are sealed again in one transaction.
const AT_ONCE: i64 = 50;

fn named(tx: &mut Tx, organisation: &str) -> Result<OrganisationId, AppError> {
    organisations::with_name(tx, organisation)?
        .ok_or_else(|| AppError::body("/organisation", "unknown", &"there is no organisation of this name"))
}

/// Gives an organisation a new data key: it seals what is written from now on, the older ones still open the rest.
///
/// # Errors
/// [`AppError::Invalid`] when there is no organisation of this name.
pub fn renew(tx: &mut Tx, organisation: &str) -> Result<Change<()>, AppError> {
    let id = named(tx, organisation)?;
    vault::add_key(tx, id)?;
    Ok(Change::new((), Event::new(Did::OrganisationKeyRenewed, id.0)))
}

/// Destroys the data keys of an organisation: its identities, addresses and notes are unreadable for good, for everybody.
/// Gives back how many keys there were. (S8)
///
/// # Errors
/// [`AppError::Invalid`] when there is no organisation of this name.
pub fn destroy(tx: &mut Tx, organisation: &str) -> Result<Change<usize>, AppError> {
    let id = named(tx, organisation)?;
    let gone = vault::destroy_keys(tx, id)?;
    repeats::forget(tx, id)?;
    Ok(Change::new(gone, Event::new(Did::OrganisationKeysDestroyed, id.0)))
}

/// Seals some of the data keys again that hang on an older master key. Gives back how many; `None` when none were left.
/// What the data keys have sealed is not touched. It can be stopped and begun again at any time. (S8)
///
/// # Errors
/// [`AppError::Internal`] when one does not open.
pub fn rewrap(tx: &mut Tx) -> Result<Change<usize>, AppError> {
    let again = vault::rewrap(tx, AT_ONCE)?;
    let events = again.iter().map(|id| Event::new(Did::KeyRewrapped, id.0)).collect();
    Change::of_all(again.len(), events).or_else(|none| {
        // Nothing was left: that it was looked for is worth a record too.
        Ok(Change::new(none, Event::new(Did::KeyRewrapped, uuid::Uuid::nil())))
    })
}

/// Makes sure that nothing needs an older master key any more.
///
/// # Errors
/// [`AppError::Invalid`] while a data key hangs on it.
pub fn let_go(tx: &mut Tx, master: &str) -> Result<Change<()>, AppError> {
    let hanging = vault::hanging_on(tx, master)?;
    if hanging > 0 {
        let message = format!("{hanging} data keys still hang on {master}; `safehold keys rewrap` seals them again");
        return Err(AppError::body("/master", "in_use", &message));
    }
    if master == tx.keys().vault.name() {
        return Err(AppError::body("/master", "in_use", &"this is the newest master key"));
    }
    installation::renew_key_check(tx)?;
    Ok(Change::new((), Event::new(Did::MasterKeyDropped, uuid::Uuid::nil()).because(master)))
}
