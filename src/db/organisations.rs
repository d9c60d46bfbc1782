//! Organisations.

use diesel::prelude::*;

use super::conn::MultiBackend;
use super::schema::organisation;
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::permission::Kinds;
use crate::error::AppError;
use crate::ids::OrganisationId;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = organisation, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Organisation {
    pub id: OrganisationId,
    pub name: String,
    pub kinds: Kinds,
    pub active: bool,
    pub version: i32,
    pub created_at: At,
}

/// What may be changed about an organisation; `None` leaves it as it is.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = organisation)]
pub struct Edit {
    pub name: Option<String>,
    pub kinds: Option<Kinds>,
    pub active: Option<bool>,
}

/// # Errors
/// When the database fails.
pub fn page(
    conn: &mut Conn,
    after: Option<(String, OrganisationId)>,
    limit: i64,
) -> Result<Vec<Organisation>, AppError> {
    let mut rows = organisation::table
        .order((organisation::name, organisation::id))
        .limit(limit)
        .select(Organisation::as_select())
        .into_boxed();
    if let Some((name, id)) = after {
        let same = organisation::name.eq(name.clone()).and(organisation::id.gt(id));
        rows = rows.filter(organisation::name.gt(name).or(same));
    }
    Ok(rows.load(conn)?)
}

/// # Errors
/// [`AppError::NotFound`].
pub fn find(conn: &mut Conn, id: OrganisationId) -> Result<Organisation, AppError> {
    Ok(organisation::table.find(id).select(Organisation::as_select()).first(conn)?)
}

/// # Errors
/// When the database fails.
pub fn with_name(conn: &mut Conn, name: &str) -> Result<Option<OrganisationId>, AppError> {
    Ok(organisation::table.filter(organisation::name.eq(name)).select(organisation::id).first(conn).optional()?)
}

/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx, row: &Organisation) -> Result<(), AppError> {
    diesel::insert_into(organisation::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Changes an organisation that is still at `version`.
///
/// # Errors
/// [`AppError::Stale`] when it is not.
pub fn update(tx: &mut Tx, current: &Organisation, version: i32, edit: &Edit) -> Result<Organisation, AppError> {
    diesel::update(organisation::table.find(current.id).filter(organisation::version.eq(version)))
        .set((edit, organisation::version.eq(version + 1)))
        .returning(organisation::all_columns)
        .get_result(tx.conn)
        .optional()?
        .ok_or(AppError::Stale { current_version: current.version })
}
