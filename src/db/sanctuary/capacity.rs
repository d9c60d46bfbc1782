//! What a scheme can do in a month. What is left of it is never kept: it follows from the jobs.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{Job, cost, measures};
use crate::clock::At;
use crate::db::conn::MultiBackend;
use crate::db::schema::{sanctuary_capacity, sanctuary_job};
use crate::db::{Conn, Tx};
use crate::domain::sanctuary::{Left, State, counts_in};
use crate::error::AppError;
use crate::ids::ServiceId;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sanctuary_capacity, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Capacity {
    pub service_id: ServiceId,
    /// Its first day.
    pub month: NaiveDate,
    pub jobs: Option<i32>,
    pub budget_pence: Option<i32>,
    pub version: i32,
    pub updated_at: At,
}

/// What a scheme has said of some months.
///
/// # Errors
/// When the database fails.
pub fn capacities(
    conn: &mut Conn,
    of: ServiceId,
    months: &[NaiveDate],
) -> Result<BTreeMap<NaiveDate, Capacity>, AppError> {
    let rows: Vec<Capacity> = sanctuary_capacity::table
        .filter(sanctuary_capacity::service_id.eq(of))
        .filter(sanctuary_capacity::month.eq_any(months.to_vec()))
        .select(Capacity::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.month, row)).collect())
}

/// What is left of some months, in their order.
///
/// # Errors
/// When the database fails.
pub fn left(conn: &mut Conn, of: ServiceId, months: &[NaiveDate]) -> Result<Vec<Left>, AppError> {
    let said = capacities(conn, of, months)?;
    let jobs: Vec<Job> = sanctuary_job::table
        .filter(sanctuary_job::service_id.eq(of))
        .filter(sanctuary_job::ended_at.is_null().or(sanctuary_job::state.eq(State::SignedOff)))
        .select(Job::as_select())
        .load(conn)?;
    let ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
    let fitted = measures(conn, &ids)?;
    let small = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
    let of_month = |month: &NaiveDate| {
        let taken: Vec<&Job> =
            jobs.iter().filter(|job| counts_in(job.state, job.survey_on, job.signed_off_on) == Some(*month)).collect();
        let spent: i64 = taken.iter().filter_map(|job| fitted.get(&job.id)).map(|measures| cost(measures)).sum();
        let waiting = jobs.iter().filter(|job| job.state == State::Requested && job.survey_on.is_none());
        let waiting = waiting.filter(|job| job.wanted_month <= *month).count();
        let capacity = said.get(month);
        let (count, pence) = (capacity.and_then(|said| said.jobs), capacity.and_then(|said| said.budget_pence));
        let number = i64::try_from(taken.len()).unwrap_or(i64::MAX);
        Left {
            month: *month,
            jobs: count,
            jobs_left: count.map(|count| small((i64::from(count) - number).max(0))),
            budget_pence: pence,
            budget_left_pence: pence.map(|pence| small((i64::from(pence) - spent).max(0))),
            waiting: small(i64::try_from(waiting).unwrap_or(i64::MAX)),
            version: capacity.map_or(0, |said| said.version),
        }
    };
    Ok(months.iter().map(of_month).collect())
}

/// Says what a scheme can do in a month: for the first time, or in place of the version before.
///
/// # Errors
/// [`AppError::Contended`] when somebody else has just done the same.
pub fn put_capacity(tx: &mut Tx, row: &Capacity) -> Result<(), AppError> {
    if row.version == 1 {
        return crate::db::contended_when_taken(
            diesel::insert_into(sanctuary_capacity::table).values(row).execute(tx.conn),
        );
    }
    let before = sanctuary_capacity::table
        .find((row.service_id, row.month))
        .filter(sanctuary_capacity::version.eq(row.version - 1));
    let updated = diesel::update(before)
        .set((
            sanctuary_capacity::jobs.eq(row.jobs),
            sanctuary_capacity::budget_pence.eq(row.budget_pence),
            sanctuary_capacity::version.eq(row.version),
            sanctuary_capacity::updated_at.eq(row.updated_at),
        ))
        .execute(tx.conn)?;
    if updated == 1 { Ok(()) } else { Err(AppError::Contended) }
}
