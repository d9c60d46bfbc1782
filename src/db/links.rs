//! Links that people were sent by mail.

use diesel::prelude::*;

use super::conn::MultiBackend;
use super::schema::account_link;
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::link::Purpose;
use crate::error::AppError;
use crate::ids::{AccountId, LinkId};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = account_link, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Link {
    pub id: LinkId,
    pub account_id: AccountId,
    pub purpose: Purpose,
    /// A digest of its secret.
    pub hash: Vec<u8>,
    pub created_at: At,
    pub expires_at: At,
    pub used_at: Option<At>,
}

/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx, row: &Link) -> Result<(), AppError> {
    diesel::insert_into(account_link::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// # Errors
/// [`AppError::NotFound`].
pub fn find(conn: &mut Conn, id: LinkId) -> Result<Link, AppError> {
    Ok(account_link::table.find(id).select(Link::as_select()).first(conn)?)
}

/// # Errors
/// [`AppError::NotFound`].
pub fn with_hash(conn: &mut Conn, hash: &[u8]) -> Result<Link, AppError> {
    Ok(account_link::table.filter(account_link::hash.eq(hash)).select(Link::as_select()).first(conn)?)
}

/// Voids every link that an account was sent.
///
/// # Errors
/// When the database fails.
pub fn use_all(tx: &mut Tx, of: AccountId) -> Result<(), AppError> {
    diesel::update(account_link::table.filter(account_link::account_id.eq(of)).filter(account_link::used_at.is_null()))
        .set(account_link::used_at.eq(tx.now))
        .execute(tx.conn)?;
    Ok(())
}
