//! Which reports an organisation wants without asking.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::conn::MultiBackend;
use super::schema::{organisation, report_schedule};
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::measures::Side;
use crate::domain::report_file::Every;
use crate::error::AppError;
use crate::ids::{AccountId, OrganisationId};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = report_schedule, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Schedule {
    pub organisation_id: OrganisationId,
    pub every: Every,
    pub side: Side,
    pub active: bool,
    /// The last day of the last report that was asked for, or that nobody wanted.
    pub asked_until: NaiveDate,
    pub version: i32,
    pub updated_at: At,
    pub updated_by: AccountId,
}

/// Those of an organisation.
///
/// # Errors
/// When the database fails.
pub fn of(conn: &mut Conn, of: OrganisationId) -> Result<Vec<Schedule>, AppError> {
    Ok(report_schedule::table
        .filter(report_schedule::organisation_id.eq(of))
        .order((report_schedule::every, report_schedule::side))
        .select(Schedule::as_select())
        .load(conn)?)
}

/// # Errors
/// When the database fails.
pub fn find(conn: &mut Conn, of: OrganisationId, every: Every, side: Side) -> Result<Option<Schedule>, AppError> {
    Ok(report_schedule::table.find((of, every, side)).select(Schedule::as_select()).first(conn).optional()?)
}

/// Those of open organisations that have not asked for the month that ended on this day, or for the quarter that ended on
/// that one; those first that have asked for nothing longest.
///
/// # Errors
/// When the database fails.
pub fn due(conn: &mut Conn, month: NaiveDate, quarter: NaiveDate, limit: i64) -> Result<Vec<Schedule>, AppError> {
    let not_since =
        |every: Every, day: NaiveDate| report_schedule::every.eq(every).and(report_schedule::asked_until.lt(day));
    Ok(report_schedule::table
        .inner_join(organisation::table.on(organisation::id.eq(report_schedule::organisation_id)))
        .filter(organisation::active.eq(true))
        .filter(report_schedule::active.eq(true))
        .filter(not_since(Every::Month, month).or(not_since(Every::Quarter, quarter)))
        .order((report_schedule::asked_until, report_schedule::organisation_id))
        .limit(limit)
        .select(Schedule::as_select())
        .load(conn)?)
}

/// Sets one: for the first time, or in place of the version before.
///
/// # Errors
/// [`AppError::Contended`] when somebody else has just done the same.
pub fn put(tx: &mut Tx, row: &Schedule) -> Result<(), AppError> {
    if row.version == 1 {
        return super::contended_when_taken(diesel::insert_into(report_schedule::table).values(row).execute(tx.conn));
    }
    let before = report_schedule::table
        .find((row.organisation_id, row.every, row.side))
        .filter(report_schedule::version.eq(row.version - 1));
    let updated = diesel::update(before)
        .set((
            report_schedule::active.eq(row.active),
            report_schedule::asked_until.eq(row.asked_until),
            report_schedule::version.eq(row.version),
            report_schedule::updated_at.eq(row.updated_at),
            report_schedule::updated_by.eq(row.updated_by),
        ))
        .execute(tx.conn)?;
    if updated == 1 { Ok(()) } else { Err(AppError::Contended) }
}

/// Notes up to which day reports were asked for; gives back whether that was new.
///
/// # Errors
/// When the database fails.
pub fn asked(tx: &mut Tx, row: &Schedule, until: NaiveDate) -> Result<bool, AppError> {
    let row = report_schedule::table
        .find((row.organisation_id, row.every, row.side))
        .filter(report_schedule::active.eq(true))
        .filter(report_schedule::asked_until.eq(row.asked_until));
    Ok(diesel::update(row).set(report_schedule::asked_until.eq(until)).execute(tx.conn)? > 0)
}
