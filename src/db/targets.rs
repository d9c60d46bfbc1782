//! What organisations want their measures to be.

use diesel::prelude::*;

use super::conn::MultiBackend;
use super::schema::target;
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::measures::Code;
use crate::domain::measures::target::Better;
use crate::error::AppError;
use crate::ids::{AccountId, OrganisationId};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = target, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Target {
    pub organisation_id: OrganisationId,
    pub measure: Code,
    pub better: Better,
    pub tenths: i32,
    pub version: i32,
    pub updated_at: At,
    pub updated_by: AccountId,
}

/// All of an organisation.
///
/// # Errors
/// When the database fails.
pub fn of(conn: &mut Conn, organisation: OrganisationId) -> Result<Vec<Target>, AppError> {
    Ok(target::table
        .filter(target::organisation_id.eq(organisation))
        .order(target::measure)
        .select(Target::as_select())
        .load(conn)?)
}

/// That of a measure, if there is one.
///
/// # Errors
/// When the database fails.
pub fn find(conn: &mut Conn, organisation: OrganisationId, measure: Code) -> Result<Option<Target>, AppError> {
    Ok(target::table.find((organisation, measure)).select(Target::as_select()).first(conn).optional()?)
}

/// Sets it for the first time, or in place of the version before.
///
/// # Errors
/// [`AppError::Contended`] when somebody else has just done the same.
pub fn put(tx: &mut Tx, row: &Target) -> Result<(), AppError> {
    if row.version == 1 {
        return super::contended_when_taken(diesel::insert_into(target::table).values(row).execute(tx.conn));
    }
    let before = target::table.find((row.organisation_id, row.measure)).filter(target::version.eq(row.version - 1));
    let updated = diesel::update(before)
        .set((
            target::better.eq(row.better),
            target::tenths.eq(row.tenths),
            target::version.eq(row.version),
            target::updated_at.eq(row.updated_at),
            target::updated_by.eq(row.updated_by),
        ))
        .execute(tx.conn)?;
    if updated == 1 { Ok(()) } else { Err(AppError::Contended) }
}

/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx, organisation: OrganisationId, measure: Code) -> Result<(), AppError> {
    diesel::delete(target::table.find((organisation, measure))).execute(tx.conn)?;
    Ok(())
}
