//! Sealing and opening with the data key of an organisation. What may be opened, and for whom, is decided by the verbs.

use diesel::dsl::{count_star, not};
use diesel::prelude::*;
use uuid::Uuid;

use super::conn::MultiBackend;
use super::schema::data_key;
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::Refusal;
use crate::error::AppError;
use crate::ids::{KeyId, OrganisationId};
use crate::vault::{DataKey, Place, Sealed, Vault};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = data_key, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
struct Row {
    id: KeyId,
    organisation_id: OrganisationId,
    sealed: Vec<u8>,
    master: String,
    created_at: At,
    destroyed_at: Option<At>,
}

/// Gives an organisation a data key, which is the one it seals with from now on.
///
/// # Errors
/// When the database fails.
pub fn add_key(tx: &mut Tx, organisation: OrganisationId) -> Result<(), AppError> {
    let id = KeyId::new();
    let vault = &tx.keys.vault;
    let sealed = vault.new_data_key(id, organisation)?;
    let (master, created_at) = (vault.name().to_owned(), tx.now);
    let row = Row { id, organisation_id: organisation, sealed, master, created_at, destroyed_at: None };
    diesel::insert_into(data_key::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Seals a value with the newest data key of an organisation.
///
/// # Errors
/// [`AppError::Refused`] when its keys were destroyed and it has no new one.
pub fn seal(tx: &mut Tx, organisation: OrganisationId, place: Place, plain: &[u8]) -> Result<Sealed, AppError> {
    let newest = keys(tx, organisation)?.into_iter().next();
    newest.ok_or_else(|| destroyed(place.row))?.seal(plain, place)
}

/// Opens a value that an organisation has sealed.
///
/// # Errors
/// [`AppError::Refused`] when its key was destroyed. [`AppError::Internal`] when it does not open: it was sealed for
/// another place or by another organisation, or changed.
pub fn open(tx: &mut Tx, organisation: OrganisationId, place: Place, sealed: &Sealed) -> Result<Vec<u8>, AppError> {
    let key: Row = data_key::table
        .find(sealed.key)
        .filter(data_key::organisation_id.eq(organisation))
        .select(Row::as_select())
        .first(tx.conn)?;
    if key.destroyed_at.is_some() {
        return Err(destroyed(place.row));
    }
    unsealed(&tx.keys.vault, &key)?.open(&sealed.bytes, place)
}

/// Every data key of an organisation that still opens something, the newest first.
///
/// # Errors
/// When the database fails, or a key does not open.
pub fn keys(tx: &mut Tx, organisation: OrganisationId) -> Result<Vec<DataKey>, AppError> {
    let rows: Vec<Row> = data_key::table
        .filter(data_key::organisation_id.eq(organisation))
        .filter(data_key::destroyed_at.is_null())
        .order((data_key::created_at.desc(), data_key::id.desc()))
        .select(Row::as_select())
        .load(tx.conn)?;
    rows.iter().map(|row| unsealed(&tx.keys.vault, row)).collect()
}

/// Destroys every data key of an organisation: what they have sealed is unreadable for good. The rows stay, so that it can
/// be said why. Gives back how many there were.
///
/// # Errors
/// When the database fails.
pub fn destroy_keys(tx: &mut Tx, organisation: OrganisationId) -> Result<usize, AppError> {
    let living =
        data_key::table.filter(data_key::organisation_id.eq(organisation)).filter(data_key::destroyed_at.is_null());
    let gone = diesel::update(living)
        .set((data_key::sealed.eq(Vec::<u8>::new()), data_key::destroyed_at.eq(tx.now)))
        .execute(tx.conn)?;
    Ok(gone)
}

/// Seals data keys again that hang on an older master key, at most so many; gives back which.
///
/// # Errors
/// [`AppError::Internal`] when one does not open.
pub fn rewrap(tx: &mut Tx, limit: i64) -> Result<Vec<KeyId>, AppError> {
    let vault = tx.keys.vault.clone();
    let rows: Vec<Row> = data_key::table
        .filter(data_key::master.ne(vault.name()))
        .filter(data_key::destroyed_at.is_null())
        .order(data_key::id)
        .limit(limit)
        .select(Row::as_select())
        .load(tx.conn)?;
    for row in &rows {
        let sealed = vault.rewrap(row.id, row.organisation_id, &row.master, &row.sealed)?;
        diesel::update(data_key::table.find(row.id))
            .set((data_key::sealed.eq(sealed), data_key::master.eq(vault.name())))
            .execute(tx.conn)?;
    }
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// How many data keys hang on this master key.
///
/// # Errors
/// When the database fails.
pub fn hanging_on(conn: &mut Conn, master: &str) -> Result<i64, AppError> {
    let living = data_key::table.filter(data_key::destroyed_at.is_null());
    Ok(living.filter(data_key::master.eq(master.to_owned())).select(count_star()).first(conn)?)
}

/// How many data keys hang on another master key than this one.
///
/// # Errors
/// When the database fails.
pub fn not_hanging_on(conn: &mut Conn, master: &str) -> Result<i64, AppError> {
    let living = data_key::table.filter(data_key::destroyed_at.is_null());
    Ok(living.filter(not(data_key::master.eq(master.to_owned()))).select(count_star()).first(conn)?)
}

/// The names of the master keys on which data keys hang.
///
/// # Errors
/// When the database fails.
pub fn masters(conn: &mut Conn) -> Result<Vec<String>, AppError> {
    let living = data_key::table.filter(data_key::destroyed_at.is_null());
    Ok(living.select(data_key::master).distinct().order(data_key::master).load(conn)?)
}

fn destroyed(row: Uuid) -> AppError {
    AppError::refused(row)(Refusal::Destroyed)
}

fn unsealed(vault: &Vault, row: &Row) -> Result<DataKey, AppError> {
    vault.unseal(row.id, row.organisation_id, &row.master, &row.sealed)
}
