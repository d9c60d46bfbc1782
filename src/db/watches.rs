//! Cases under watch, what is still to be matched again, and what was found.

use std::collections::BTreeSet;

use diesel::dsl::exists;
use diesel::prelude::*;

use super::cases::{Case, Scope, within};
use super::conn::MultiBackend;
use super::exclusions;
use super::schema::{case, watch, watch_due, watch_match};
use super::waiting::waits;
use super::{Conn, Tx, merges};
use crate::clock::At;
use crate::domain::eligibility::Verdict;
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, DueId, OrganisationId, VacancyId};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = watch, check_for_backend(MultiBackend))]
pub struct Watch {
    pub case_id: CaseId,
    /// Who put it under watch.
    pub account_id: AccountId,
    pub since: At,
}

/// What is to be matched again: one vacancy, or every vacancy of a provider.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = watch_due, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Due {
    pub id: DueId,
    pub organisation_id: OrganisationId,
    pub vacancy_id: Option<VacancyId>,
    pub due_at: At,
}

/// A place that was found for a case under watch.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = watch_match, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Found {
    pub case_id: CaseId,
    pub vacancy_id: VacancyId,
    pub verdict: Verdict,
    pub found_at: At,
    pub seen_at: Option<At>,
}

/// The watch of a case; `None` when it has none.
///
/// # Errors
/// When the database fails.
pub fn find(conn: &mut Conn, id: CaseId) -> Result<Option<Watch>, AppError> {
    Ok(watch::table.find(id).select(Watch::as_select()).first(conn).optional()?)
}

/// # Errors
/// [`AppError::Contended`] when somebody else has just begun it.
pub fn insert(tx: &mut Tx, row: &Watch) -> Result<(), AppError> {
    super::contended_when_taken(diesel::insert_into(watch::table).values(row).execute(tx.conn))
}

/// Ends the watch of a case; gives back whether there was one.
///
/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx, id: CaseId) -> Result<bool, AppError> {
    diesel::delete(watch_match::table.filter(watch_match::case_id.eq(id))).execute(tx.conn)?;
    Ok(diesel::delete(watch::table.find(id)).execute(tx.conn)? > 0)
}

/// Whether anybody watches at all.
///
/// # Errors
/// When the database fails.
pub fn any(conn: &mut Conn) -> Result<bool, AppError> {
    Ok(diesel::select(exists(watch::table.select(watch::case_id))).get_result(conn)?)
}

/// # Errors
/// When the database fails.
pub fn insert_due(tx: &mut Tx, of: OrganisationId, vacancy: Option<VacancyId>) -> Result<(), AppError> {
    let row = Due { id: DueId::new(), organisation_id: of, vacancy_id: vacancy, due_at: tx.now() };
    diesel::insert_into(watch_due::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// What is to be matched again, the oldest first.
///
/// # Errors
/// When the database fails.
pub fn due(conn: &mut Conn, limit: i64) -> Result<Vec<Due>, AppError> {
    Ok(watch_due::table.order(watch_due::id).limit(limit).select(Due::as_select()).load(conn)?)
}

/// Crosses off what was matched again.
///
/// # Errors
/// When the database fails.
pub fn forget(conn: &mut Conn, done: &[DueId]) -> Result<(), AppError> {
    diesel::delete(watch_due::table.filter(watch_due::id.eq_any(done))).execute(conn)?;
    Ok(())
}

/// The open cases under watch that have no place.
///
/// # Errors
/// When the database fails.
pub fn cases(conn: &mut Conn) -> Result<Vec<Case>, AppError> {
    Ok(waits!(case::table.inner_join(watch::table)).select(Case::as_select()).load(conn)?)
}

/// The pairs of case and vacancy that were found before.
///
/// # Errors
/// When the database fails.
pub fn known(conn: &mut Conn, vacancies: &[VacancyId]) -> Result<BTreeSet<(CaseId, VacancyId)>, AppError> {
    let rows: Vec<(CaseId, VacancyId)> = watch_match::table
        .filter(watch_match::vacancy_id.eq_any(vacancies))
        .select((watch_match::case_id, watch_match::vacancy_id))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// # Errors
/// [`AppError::Contended`] when it has just been found by somebody else.
pub fn insert_found(tx: &mut Tx, row: &Found) -> Result<(), AppError> {
    super::contended_when_taken(diesel::insert_into(watch_match::table).values(row).execute(tx.conn))
}

/// What was found for a case, the newest first.
///
/// # Errors
/// When the database fails.
pub fn found(conn: &mut Conn, id: CaseId) -> Result<Vec<Found>, AppError> {
    Ok(watch_match::table
        .filter(watch_match::case_id.eq(id))
        .order((watch_match::found_at.desc(), watch_match::vacancy_id))
        .select(Found::as_select())
        .load(conn)?)
}

/// Cases under watch within a scope, the oldest watch first.
///
/// # Errors
/// When the database fails.
pub fn watched(conn: &mut Conn, scope: Scope, limit: i64) -> Result<Vec<(Watch, Case)>, AppError> {
    let rows = watch::table
        .inner_join(case::table)
        .filter(case::id.ne_all(merges::folded!()))
        .order((watch::since, watch::case_id))
        .limit(limit)
        .select((Watch::as_select(), Case::as_select()))
        .into_boxed();
    Ok(within!(rows, scope).load(conn)?)
}

/// Marks everything found for a case as seen; gives back how much was new.
///
/// # Errors
/// When the database fails.
pub fn see(tx: &mut Tx, id: CaseId) -> Result<usize, AppError> {
    let new = watch_match::table.filter(watch_match::case_id.eq(id)).filter(watch_match::seen_at.is_null());
    Ok(diesel::update(new).set(watch_match::seen_at.eq(tx.now())).execute(tx.conn)?)
}
