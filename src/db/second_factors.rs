//! Second factors, each sealed with the data key of its owner's organisation, and recovery codes as digests.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::conn::MultiBackend;
use super::schema::{recovery_code, second_factor};
use super::{Conn, Tx};
use crate::clock::At;
use crate::error::AppError;
use crate::ids::{AccountId, FactorId, KeyId};

#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = second_factor, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Factor {
    pub id: FactorId,
    pub account_id: AccountId,
    pub key_id: KeyId,
    pub sealed: Vec<u8>,
    pub created_at: At,
    pub confirmed_at: Option<At>,
    pub last_step: Option<i64>,
}

#[derive(Insertable)]
#[diesel(table_name = recovery_code, treat_none_as_default_value = false)]
struct RecoveryCode<'a> {
    hash: &'a [u8],
    account_id: AccountId,
    created_at: At,
    used_at: Option<At>,
}

/// The one that is in use.
///
/// # Errors
/// When the database fails.
pub fn confirmed(conn: &mut Conn, of: AccountId) -> Result<Option<Factor>, AppError> {
    let factor = second_factor::table.filter(second_factor::account_id.eq(of));
    Ok(factor.filter(second_factor::confirmed_at.is_not_null()).select(Factor::as_select()).first(conn).optional()?)
}

/// The one whose first code has not come yet.
///
/// # Errors
/// When the database fails.
pub fn pending(conn: &mut Conn, of: AccountId) -> Result<Option<Factor>, AppError> {
    let factor = second_factor::table.filter(second_factor::account_id.eq(of));
    Ok(factor.filter(second_factor::confirmed_at.is_null()).select(Factor::as_select()).first(conn).optional()?)
}

/// Those of these accounts that have one.
///
/// # Errors
/// When the database fails.
pub fn enrolled(conn: &mut Conn, of: &[AccountId]) -> Result<BTreeSet<AccountId>, AppError> {
    let with: Vec<AccountId> = second_factor::table
        .filter(second_factor::account_id.eq_any(of.to_vec()))
        .filter(second_factor::confirmed_at.is_not_null())
        .select(second_factor::account_id)
        .load(conn)?;
    Ok(with.into_iter().collect())
}

/// Stores one in place of any other that waits for its first code.
///
/// # Errors
/// When the database fails.
pub fn begin(tx: &mut Tx, row: &Factor) -> Result<(), AppError> {
    let others = second_factor::table.filter(second_factor::account_id.eq(row.account_id));
    diesel::delete(others.filter(second_factor::confirmed_at.is_null())).execute(tx.conn)?;
    diesel::insert_into(second_factor::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Puts one in use, in place of any other.
///
/// # Errors
/// When the database fails.
pub fn confirm(tx: &mut Tx, factor: &Factor, step: i64) -> Result<(), AppError> {
    let others = second_factor::table.filter(second_factor::account_id.eq(factor.account_id));
    diesel::delete(others.filter(second_factor::id.ne(factor.id))).execute(tx.conn)?;
    diesel::update(second_factor::table.find(factor.id))
        .set((second_factor::confirmed_at.eq(tx.now), second_factor::last_step.eq(step)))
        .execute(tx.conn)?;
    Ok(())
}

/// Notes that the code of this time step was taken.
///
/// # Errors
/// When the database fails.
pub fn use_step(tx: &mut Tx, id: FactorId, step: i64) -> Result<(), AppError> {
    diesel::update(second_factor::table.find(id)).set(second_factor::last_step.eq(step)).execute(tx.conn)?;
    Ok(())
}

/// Removes what an account has of this, recovery codes too; gives back whether there was any.
///
/// # Errors
/// When the database fails.
pub fn remove(tx: &mut Tx, of: AccountId) -> Result<bool, AppError> {
    diesel::delete(recovery_code::table.filter(recovery_code::account_id.eq(of))).execute(tx.conn)?;
    let had = confirmed(tx, of)?.is_some();
    diesel::delete(second_factor::table.filter(second_factor::account_id.eq(of))).execute(tx.conn)?;
    Ok(had)
}

/// Gives an account new recovery codes; the old ones are void.
///
/// # Errors
/// When the database fails.
pub fn replace_codes(tx: &mut Tx, of: AccountId, hashes: &[Vec<u8>]) -> Result<(), AppError> {
    diesel::delete(recovery_code::table.filter(recovery_code::account_id.eq(of))).execute(tx.conn)?;
    for hash in hashes {
        let row = RecoveryCode { hash, account_id: of, created_at: tx.now, used_at: None };
        diesel::insert_into(recovery_code::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}

/// Uses a recovery code up; gives back whether it was good.
///
/// # Errors
/// When the database fails.
pub fn use_code(tx: &mut Tx, of: AccountId, hash: &[u8]) -> Result<bool, AppError> {
    let good = recovery_code::table.filter(recovery_code::hash.eq(hash)).filter(recovery_code::account_id.eq(of));
    let used = diesel::update(good.filter(recovery_code::used_at.is_null()))
        .set(recovery_code::used_at.eq(tx.now))
        .execute(tx.conn)?;
    Ok(used > 0)
}

/// How many recovery codes are left.
///
/// # Errors
/// When the database fails.
pub fn codes_left(conn: &mut Conn, of: AccountId) -> Result<i64, AppError> {
    let left = recovery_code::table.filter(recovery_code::account_id.eq(of));
    Ok(left.filter(recovery_code::used_at.is_null()).count().get_result(conn)?)
}
