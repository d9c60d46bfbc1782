//! Cases of one household that were brought together: which is kept, which is folded into it, and for how long.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::conn::MultiBackend;
use super::schema::{account, case, case_merge, folded_case};
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::merge::Reason;
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, MergeId};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = case_merge, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Merge {
    pub id: MergeId,
    pub kept_id: CaseId,
    pub folded_id: CaseId,
    pub reason: Reason,
    pub merged_at: At,
    pub merged_by: AccountId,
    pub undone_at: Option<At>,
    pub undone_by: Option<AccountId>,
}

/// The cases that are folded into another now: for a filter with `ne_all`, so that a household is counted, listed and
/// reminded of once. (S41)
macro_rules! folded {
    () => {{
        use $crate::db::schema::case_merge as merged;
        merged::table.filter(merged::undone_at.is_null()).select(merged::folded_id)
    }};
}
pub(super) use folded;

/// The cases that are folded now into one of this worker's: for a filter with `eq_any`.
macro_rules! folded_into_own {
    ($owner:expr) => {{
        use $crate::db::schema::folded_case as inside;
        inside::table.filter(inside::kept_owner_id.eq($owner)).select(inside::case_id)
    }};
}
pub(super) use folded_into_own;

/// The same, as a list.
///
/// # Errors
/// When the database fails.
pub fn folded_into_own_of(conn: &mut Conn, owner: AccountId) -> Result<Vec<CaseId>, AppError> {
    Ok(folded_into_own!(owner).load(conn)?)
}

/// # Errors
/// [`AppError::Contended`] when it was folded at the same time.
pub fn insert(tx: &mut Tx, row: &Merge) -> Result<(), AppError> {
    super::contended_when_taken(diesel::insert_into(case_merge::table).values(row).execute(tx.conn))
}

/// Notes that somebody has undone it.
///
/// # Errors
/// [`AppError::Contended`] when somebody else has just done so.
pub fn undo(tx: &mut Tx, id: MergeId) -> Result<(), AppError> {
    let updated = diesel::update(case_merge::table.find(id).filter(case_merge::undone_at.is_null()))
        .set((case_merge::undone_at.eq(tx.now), case_merge::undone_by.eq(tx.actor.account)))
        .execute(tx.conn)?;
    if updated == 1 { Ok(()) } else { Err(AppError::Contended) }
}

/// What a case is folded into now.
///
/// # Errors
/// When the database fails.
pub fn of_folded(conn: &mut Conn, id: CaseId) -> Result<Option<Merge>, AppError> {
    Ok(case_merge::table
        .filter(case_merge::folded_id.eq(id))
        .filter(case_merge::undone_at.is_null())
        .select(Merge::as_select())
        .first(conn)
        .optional()?)
}

/// What is folded into a case now, the oldest first.
///
/// # Errors
/// When the database fails.
pub fn of_kept(conn: &mut Conn, id: CaseId) -> Result<Vec<Merge>, AppError> {
    Ok(case_merge::table
        .filter(case_merge::kept_id.eq(id))
        .filter(case_merge::undone_at.is_null())
        .order((case_merge::merged_at, case_merge::id))
        .select(Merge::as_select())
        .load(conn)?)
}

/// Every merge that a case was part of, undone or not, the oldest first.
///
/// # Errors
/// When the database fails.
pub fn of_case(conn: &mut Conn, id: CaseId) -> Result<Vec<Merge>, AppError> {
    Ok(case_merge::table
        .filter(case_merge::kept_id.eq(id).or(case_merge::folded_id.eq(id)))
        .order((case_merge::merged_at, case_merge::id))
        .select(Merge::as_select())
        .load(conn)?)
}

/// All cases of a household, and whose they are: this one, what it is folded into, and what is folded with it.
///
/// # Errors
/// When the database fails.
pub fn group(conn: &mut Conn, id: CaseId) -> Result<Vec<(CaseId, AccountId)>, AppError> {
    let kept = of_folded(conn, id)?.map_or(id, |merge| merge.kept_id);
    let folded = folded_case::table.filter(folded_case::kept_id.eq(kept)).select(folded_case::case_id);
    let found = case::table.filter(case::id.eq_any(folded).or(case::id.eq(kept))).select((case::id, case::owner_id));
    Ok(found.load(conn)?)
}

/// The references of cases: only for those that were found to be somebody's to see.
///
/// # Errors
/// When the database fails.
pub fn references(conn: &mut Conn, ids: &[CaseId]) -> Result<BTreeMap<CaseId, String>, AppError> {
    let rows: Vec<(CaseId, String)> =
        case::table.filter(case::id.eq_any(ids)).select((case::id, case::reference)).load(conn)?;
    Ok(rows.into_iter().collect())
}

/// The name of an account, as it is now.
///
/// # Errors
/// When the database fails.
pub fn name(conn: &mut Conn, of: AccountId) -> Result<String, AppError> {
    Ok(account::table.find(of).select(account::name).first(conn).optional()?.unwrap_or_default())
}
