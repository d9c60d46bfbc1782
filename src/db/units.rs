//! Units, and their addresses: apart, and sealed.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::conn::MultiBackend;
use super::schema::{service, unit, unit_address};
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::provision::{Room, UnitFacts, Wheelchair};
use crate::error::AppError;
use crate::ids::{KeyId, OrganisationId, ServiceId, UnitId};
use crate::vault::Sealed;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = unit, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Unit {
    pub id: UnitId,
    pub service_id: ServiceId,
    pub code: String,
    #[diesel(embed)]
    pub facts: Facts,
    pub online_from: At,
    pub online_until: Option<At>,
    pub version: i32,
    pub updated_at: At,
}

/// [`UnitFacts`] as columns.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = unit, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Facts {
    pub bed_spaces: i32,
    pub cots: i32,
    pub step_free: bool,
    pub wheelchair: Wheelchair,
    pub bathroom: Room,
    pub kitchen: Room,
    pub floor: i32,
    pub pets: bool,
}

impl From<Facts> for UnitFacts {
    fn from(row: Facts) -> Self {
        let Facts { bed_spaces, cots, step_free, wheelchair, bathroom, kitchen, floor, pets } = row;
        Self { bed_spaces, cots, step_free, wheelchair, bathroom, kitchen, floor, pets }
    }
}

impl From<UnitFacts> for Facts {
    fn from(facts: UnitFacts) -> Self {
        let UnitFacts { bed_spaces, cots, step_free, wheelchair, bathroom, kitchen, floor, pets } = facts;
        Self { bed_spaces, cots, step_free, wheelchair, bathroom, kitchen, floor, pets }
    }
}

/// What may be changed about a unit; `None` leaves it as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = unit)]
pub struct Edit {
    pub code: Option<String>,
    #[diesel(embed)]
    pub facts: Option<Facts>,
    pub online_until: Option<At>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = unit_address, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
struct AddressRow {
    unit_id: UnitId,
    key_id: KeyId,
    sealed: Vec<u8>,
    version: i32,
    updated_at: At,
}

/// Where a page of units begins: after this code and id.
pub type After = (String, UnitId);

/// The units of an organisation, of one of its services if one is given, in the order of their codes.
///
/// # Errors
/// When the database fails.
pub fn page(
    conn: &mut Conn,
    owner: OrganisationId,
    of: Option<ServiceId>,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Unit>, AppError> {
    let mut units = unit::table
        .inner_join(service::table)
        .filter(service::organisation_id.eq(owner))
        .order((unit::code, unit::id))
        .limit(limit)
        .select(Unit::as_select())
        .into_boxed();
    if let Some(of) = of {
        units = units.filter(unit::service_id.eq(of));
    }
    if let Some((code, id)) = after {
        units = units.filter(unit::code.gt(code.clone()).or(unit::code.eq(code).and(unit::id.gt(id))));
    }
    Ok(units.load(conn)?)
}

/// What people call the units of an organisation: the code, and the service.
///
/// # Errors
/// When the database fails.
pub fn names(conn: &mut Conn, owner: OrganisationId) -> Result<BTreeMap<UnitId, (String, String)>, AppError> {
    let rows: Vec<(UnitId, String, String)> = unit::table
        .inner_join(service::table)
        .filter(service::organisation_id.eq(owner))
        .select((unit::id, unit::code, service::name))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, code, service)| (id, (code, service))).collect())
}

/// A unit, and the organisation that runs it.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn find(conn: &mut Conn, id: UnitId) -> Result<(Unit, OrganisationId), AppError> {
    Ok(unit::table
        .inner_join(service::table)
        .filter(unit::id.eq(id))
        .select((Unit::as_select(), service::organisation_id))
        .first(conn)?)
}

/// A unit, if it belongs to this organisation.
///
/// # Errors
/// [`AppError::NotFound`], whether it does not exist or is somebody else's.
pub fn find_of(conn: &mut Conn, owner: OrganisationId, id: UnitId) -> Result<Unit, AppError> {
    let (unit, of) = find(conn, id)?;
    if of == owner { Ok(unit) } else { Err(AppError::NotFound) }
}

/// Whether a service has another unit with this code.
///
/// # Errors
/// When the database fails.
pub fn code_taken(conn: &mut Conn, of: ServiceId, code: &str, but: Option<UnitId>) -> Result<bool, AppError> {
    let found: Option<UnitId> = unit::table
        .filter(unit::service_id.eq(of))
        .filter(unit::code.eq(code))
        .select(unit::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some() && found != but)
}

/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx, row: &Unit) -> Result<(), AppError> {
    diesel::insert_into(unit::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Changes a unit that is still at `version`.
///
/// # Errors
/// [`AppError::Stale`] when it is not.
pub fn update(tx: &mut Tx, current: &Unit, version: i32, edit: &Edit) -> Result<Unit, AppError> {
    let updated = diesel::update(unit::table.find(current.id).filter(unit::version.eq(version)))
        .set((edit, unit::version.eq(version + 1), unit::updated_at.eq(tx.now)))
        .execute(tx.conn)?;
    if updated == 0 {
        return Err(AppError::Stale { current_version: current.version });
    }
    Ok(find(tx, current.id)?.0)
}

/// The sealed address of a unit.
///
/// # Errors
/// [`AppError::NotFound`] when nobody has recorded one.
pub fn address(conn: &mut Conn, id: UnitId) -> Result<Sealed, AppError> {
    let row = unit_address::table.find(id).select(AddressRow::as_select()).first(conn)?;
    Ok(Sealed { key: row.key_id, bytes: row.sealed })
}

/// Records the sealed address of a unit in place of any before.
///
/// # Errors
/// When the database fails.
pub fn put_address(tx: &mut Tx, id: UnitId, sealed: Sealed) -> Result<(), AppError> {
    let Sealed { key, bytes } = sealed;
    let updated = diesel::update(unit_address::table.find(id))
        .set((
            unit_address::key_id.eq(key),
            unit_address::sealed.eq(&bytes),
            unit_address::version.eq(unit_address::version + 1),
            unit_address::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    if updated == 0 {
        let row = AddressRow { unit_id: id, key_id: key, sealed: bytes, version: 1, updated_at: tx.now };
        diesel::insert_into(unit_address::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}
