//! Sealing and opening with the data key of an organisation. What may be opened, and for whom, is decided by the verbs.

use diesel::prelude::*;

use super::Tx;
use super::schema::data_key;
use crate::clock::At;
use crate::error::AppError;
use crate::ids::{KeyId, OrganisationId};
use crate::vault::{DataKey, Place, Sealed};

#[derive(Insertable)]
#[diesel(table_name = data_key, treat_none_as_default_value = false)]
struct Row<'a> {
    id: KeyId,
    organisation_id: OrganisationId,
    sealed: Vec<u8>,
    master: &'a str,
    created_at: At,
}

/// Gives an organisation its data key.
///
/// # Errors
/// When the database fails.
pub fn add_key(tx: &mut Tx, organisation: OrganisationId) -> Result<(), AppError> {
    let id = KeyId::new();
    let vault = &tx.keys.vault;
    let sealed = vault.new_data_key(id, organisation)?;
    let row = Row { id, organisation_id: organisation, sealed, master: &vault.name, created_at: tx.now };
    diesel::insert_into(data_key::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Seals a value with the newest data key of an organisation.
///
/// # Errors
/// When the database fails.
pub fn seal(tx: &mut Tx, organisation: OrganisationId, place: Place, plain: &[u8]) -> Result<Sealed, AppError> {
    let (id, sealed): (KeyId, Vec<u8>) = data_key::table
        .filter(data_key::organisation_id.eq(organisation))
        .order((data_key::created_at.desc(), data_key::id.desc()))
        .select((data_key::id, data_key::sealed))
        .first(tx.conn)?;
    unsealed(tx, id, organisation, &sealed)?.seal(plain, place)
}

/// Opens a value that an organisation has sealed.
///
/// # Errors
/// [`AppError::Internal`] when it does not open: it was sealed for another place or by another organisation, or changed.
pub fn open(tx: &mut Tx, organisation: OrganisationId, place: Place, sealed: &Sealed) -> Result<Vec<u8>, AppError> {
    let key: Vec<u8> = data_key::table
        .find(sealed.key)
        .filter(data_key::organisation_id.eq(organisation))
        .select(data_key::sealed)
        .first(tx.conn)?;
    unsealed(tx, sealed.key, organisation, &key)?.open(&sealed.bytes, place)
}

fn unsealed(tx: &Tx, id: KeyId, organisation: OrganisationId, sealed: &[u8]) -> Result<DataKey, AppError> {
    tx.keys.vault.unseal(id, organisation, sealed)
}
