//! For whom a case does not exist, and to whom it was opened in an emergency. Every query over cases on somebody's behalf
//! asks here. (S17)

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::conn::MultiBackend;
use super::schema::{case_exclusion, hidden_case};
use super::{Conn, Tx};
use crate::auth::Actor;
use crate::clock::At;
use crate::domain::exclusion::Kind;
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, ExclusionId, KeyId, OrganisationId};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = case_exclusion, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Exclusion {
    pub id: ExclusionId,
    pub case_id: CaseId,
    /// That of the person who must not see it.
    pub organisation_id: OrganisationId,
    pub account_id: AccountId,
    pub kind: Kind,
    pub by_account: AccountId,
    pub since: At,
    pub until: Option<At>,
    pub lifted_by: Option<AccountId>,
    pub key_id: KeyId,
    pub sealed: Vec<u8>,
}

/// Who reads, and when they asked.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    pub organisation: OrganisationId,
    pub account: AccountId,
    /// None when the system reads: nothing is opened to it.
    pub(super) at: Option<At>,
}

impl Reader {
    pub fn of(actor: &Actor) -> Self {
        let at = actor.session.map(|session| session.at);
        Self { organisation: actor.organisation, account: actor.account, at }
    }
}

/// The cases that are open to a reader in an emergency: for a filter with `eq_any`.
macro_rules! opened {
    ($reader:expr) => {{
        use $crate::db::schema::emergency_access as open;
        open::table
            .filter(open::account_id.eq($reader.account))
            .filter(open::state.eq($crate::domain::emergency::State::Granted))
            .filter(open::case_id.is_not_null())
            .filter(open::until.gt($reader.at)) // which nothing is when there is no time
            .select(open::case_id.assume_not_null())
    }};
}
pub(super) use opened;

/// The cases that do not exist for a reader: for a filter with `ne_all`. While cases are merged, who must not see one of
/// them sees none (the view says so).
macro_rules! hidden {
    ($reader:expr) => {{
        use $crate::db::schema::hidden_case as kept;
        kept::table
            .filter(kept::account_id.eq($reader.account))
            .filter(kept::case_id.ne_all($crate::db::exclusions::opened!($reader)))
            .select(kept::case_id)
    }};
}
pub(super) use hidden;

/// The cases that do not exist for a reader.
///
/// # Errors
/// When the database fails.
pub fn hidden_cases(conn: &mut Conn, reader: Reader) -> Result<Vec<CaseId>, AppError> {
    Ok(hidden!(reader).load(conn)?)
}

/// The cases that are open to a reader in an emergency.
///
/// # Errors
/// When the database fails.
pub fn opened_cases(conn: &mut Conn, reader: Reader) -> Result<Vec<CaseId>, AppError> {
    Ok(opened!(reader).load(conn)?)
}

/// The people of one organisation for whom a case does not exist now, the first excluded first.
///
/// # Errors
/// When the database fails.
pub fn of_case(conn: &mut Conn, case: CaseId, of: OrganisationId) -> Result<Vec<Exclusion>, AppError> {
    Ok(case_exclusion::table
        .filter(case_exclusion::case_id.eq(case))
        .filter(case_exclusion::organisation_id.eq(of))
        .filter(case_exclusion::until.is_null())
        .order((case_exclusion::since, case_exclusion::id))
        .select(Exclusion::as_select())
        .load(conn)?)
}

/// One that is still in force.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn find(conn: &mut Conn, case: CaseId, of: OrganisationId, id: ExclusionId) -> Result<Exclusion, AppError> {
    Ok(case_exclusion::table
        .filter(case_exclusion::id.eq(id))
        .filter(case_exclusion::case_id.eq(case))
        .filter(case_exclusion::organisation_id.eq(of))
        .filter(case_exclusion::until.is_null())
        .select(Exclusion::as_select())
        .first(conn)?)
}

/// Whether a case does not exist for somebody, emergency or not: for who is told of it, and who may take it over.
///
/// # Errors
/// When the database fails.
pub fn excluded(conn: &mut Conn, case: CaseId, account: AccountId) -> Result<bool, AppError> {
    let found: Option<CaseId> = hidden_case::table
        .filter(hidden_case::account_id.eq(account))
        .filter(hidden_case::case_id.eq(case))
        .select(hidden_case::case_id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Whether somebody was excluded from this very case, and not from another that it is merged with.
///
/// # Errors
/// When the database fails.
pub fn named(conn: &mut Conn, case: CaseId, account: AccountId) -> Result<bool, AppError> {
    let found: Option<ExclusionId> = case_exclusion::table
        .filter(case_exclusion::account_id.eq(account))
        .filter(case_exclusion::case_id.eq(case))
        .filter(case_exclusion::until.is_null())
        .select(case_exclusion::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// The cases that do not exist for these people, emergency or not: for who may be given what.
///
/// # Errors
/// When the database fails.
pub fn of_people(conn: &mut Conn, people: &[AccountId]) -> Result<BTreeSet<(CaseId, AccountId)>, AppError> {
    let rows: Vec<(CaseId, AccountId)> = case_exclusion::table
        .filter(case_exclusion::account_id.eq_any(people))
        .filter(case_exclusion::until.is_null())
        .select((case_exclusion::case_id, case_exclusion::account_id))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// # Errors
/// [`AppError::Contended`] when somebody else has just done the same.
pub fn insert(tx: &mut Tx, row: &Exclusion) -> Result<(), AppError> {
    super::contended_when_taken(diesel::insert_into(case_exclusion::table).values(row).execute(tx.conn))
}

/// # Errors
/// When the database fails.
pub fn lift(tx: &mut Tx, id: ExclusionId) -> Result<(), AppError> {
    diesel::update(case_exclusion::table.find(id).filter(case_exclusion::until.is_null()))
        .set((case_exclusion::until.eq(tx.now), case_exclusion::lifted_by.eq(tx.actor.account)))
        .execute(tx.conn)?;
    Ok(())
}
