//! Who does what the program does by itself, and what came of it: the bookkeeping of the system, which leaves no audit
//! event.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::conn::{MultiBackend, native};
use super::schema::{idempotency, job, journey_attempt, sign_in_attempt};
use super::{Conn, Db};
use crate::clock::At;
use crate::domain::job::{Problem, Standing, wait_after};
use crate::error::AppError;
use crate::ids::{AccountId, AttemptId, InstanceId};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = job, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Job {
    pub name: String,
    pub due_at: At,
    /// The process that runs it.
    pub leased_by: Option<InstanceId>,
    /// Until when nobody else runs it.
    pub leased_until: Option<At>,
    /// Runs that were begun since one last succeeded.
    pub attempts: i32,
    pub last_started_at: Option<At>,
    pub last_finished_at: Option<At>,
    /// Milliseconds.
    pub last_took_ms: Option<i64>,
    pub last_problem: Option<Problem>,
    /// Runs that succeeded, runs that failed, and of how much they made an end: in all, by all instances.
    pub runs: i64,
    pub failures: i64,
    pub handled: i64,
}

impl Job {
    pub fn standing(&self) -> Standing {
        Standing { due_at: self.due_at, leased_until: self.leased_until, problem: self.last_problem }
    }
}

/// What came of a run.
#[derive(Debug, Clone, Copy)]
pub enum Ran {
    /// It made an end of so much; it is due again after this time.
    Well {
        handled: i64,
        next_in: TimeDelta,
    },
    Badly(Problem),
}

/// Every job, by name.
///
/// # Errors
/// When the database fails.
pub fn all(conn: &mut Conn) -> Result<Vec<Job>, AppError> {
    Ok(job::table.order(job::name).select(Job::as_select()).load(conn)?)
}

/// Lets a process run a job that is due and that nobody else runs; gives back whether it may.
fn lease(conn: &mut Conn, name: &str, by: InstanceId, now: At, until: At) -> Result<bool, AppError> {
    let free = job::table
        .find(name.to_owned())
        .filter(job::due_at.le(now))
        .filter(job::leased_until.is_null().or(job::leased_until.le(now)));
    let leased = diesel::update(free)
        .set((
            job::leased_by.eq(Some(by)),
            job::leased_until.eq(Some(until)),
            job::attempts.eq(job::attempts + 1),
            job::last_started_at.eq(Some(now)),
        ))
        .execute(conn)?;
    Ok(leased > 0)
}

/// Notes what came of a run, if the job is still in the hands of who ran it.
fn finish(conn: &mut Conn, name: &str, by: InstanceId, now: At, took: i64, ran: Ran) -> Result<bool, AppError> {
    let held = job::table.find(name.to_owned()).filter(job::leased_by.eq(Some(by)));
    let free = (job::leased_by.eq(None::<InstanceId>), job::leased_until.eq(None::<At>));
    let over = (job::last_finished_at.eq(Some(now)), job::last_took_ms.eq(Some(took)));
    let noted = match ran {
        Ran::Well { handled, next_in } => diesel::update(held)
            .set((
                free,
                over,
                job::attempts.eq(0),
                job::last_problem.eq(None::<Problem>),
                job::due_at.eq(now + next_in),
                job::runs.eq(job::runs + 1),
                job::handled.eq(job::handled + handled),
            ))
            .execute(conn)?,
        Ran::Badly(problem) => {
            let attempts: Option<i32> = held.clone().select(job::attempts).first(conn).optional()?;
            diesel::update(held)
                .set((
                    free,
                    over,
                    job::last_problem.eq(Some(problem)),
                    job::due_at.eq(now + wait_after(attempts.unwrap_or(1))),
                    job::failures.eq(job::failures + 1),
                ))
                .execute(conn)?
        }
    };
    Ok(noted > 0)
}

/// How long attempts to sign in and to open a code, and the answers to requests that may come again, are kept: longer than
/// anything looks back.
const KEPT: TimeDelta = TimeDelta::days(40);
/// So much is forgotten in one transaction, of each kind.
pub const FORGOTTEN_AT_ONCE: i64 = 500;

fn forget_old_rows(conn: &mut Conn, now: At) -> Result<usize, AppError> {
    let before = now - KEPT;
    let mut gone = 0;
    let old: Vec<AttemptId> = sign_in_attempt::table
        .filter(sign_in_attempt::at.lt(before))
        .limit(FORGOTTEN_AT_ONCE)
        .select(sign_in_attempt::id)
        .load(conn)?;
    gone += diesel::delete(sign_in_attempt::table.filter(sign_in_attempt::id.eq_any(old))).execute(conn)?;
    let old: Vec<AttemptId> = journey_attempt::table
        .filter(journey_attempt::at.lt(before))
        .limit(FORGOTTEN_AT_ONCE)
        .select(journey_attempt::id)
        .load(conn)?;
    gone += diesel::delete(journey_attempt::table.filter(journey_attempt::id.eq_any(old))).execute(conn)?;
    let old: Vec<(AccountId, String)> = idempotency::table
        .filter(idempotency::created_at.lt(before))
        .limit(FORGOTTEN_AT_ONCE)
        .select((idempotency::account_id, idempotency::key))
        .load(conn)?;
    for (account, key) in old {
        gone += diesel::delete(idempotency::table.find((account, key))).execute(conn)?;
    }
    gone += super::report_files::forget(conn, now, FORGOTTEN_AT_ONCE)?;
    Ok(gone)
}

impl Db {
    /// The jobs of these names that are due and that nobody runs, the longest due first. A job that has no row yet is given
    /// one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_jobs(&self, names: Vec<&'static str>) -> Result<Vec<&'static str>, AppError> {
        let now = self.clock.now();
        self.with_connection(move |conn| {
            let mut known = all(conn)?;
            for name in &names {
                if !known.iter().any(|job| job.name == *name) {
                    let row = Job {
                        name: (*name).to_owned(),
                        due_at: now,
                        leased_by: None,
                        leased_until: None,
                        attempts: 0,
                        last_started_at: None,
                        last_finished_at: None,
                        last_took_ms: None,
                        last_problem: None,
                        runs: 0,
                        failures: 0,
                        handled: 0,
                    };
                    native!(&mut *conn, conn => diesel::insert_into(job::table)
                        .values(&row).on_conflict_do_nothing().execute(conn))?;
                    known.push(row);
                }
            }
            known.retain(|job| job.due_at <= now && job.leased_until.is_none_or(|until| until <= now));
            known.sort_by_key(|job| job.due_at);
            let ours = |job: Job| names.iter().copied().find(|name| *name == job.name);
            Ok(known.into_iter().filter_map(ours).collect())
        })
        .await
    }

    /// Takes a job that is due, so that no other process runs it until the lease runs out; gives back whether it was to be
    /// had. The row decides: of any number of processes that ask at once, one is told yes.
    ///
    /// # Errors
    /// [`AppError::Contended`]; when the database fails.
    pub async fn lease_job(&self, name: &'static str, by: InstanceId) -> Result<bool, AppError> {
        let (now, length) = (self.clock.now(), self.policy.job_lease);
        self.with_connection(move |conn| conn.beside_others(|conn| lease(conn, name, by, now, now + length))).await
    }

    /// Notes what came of a run; gives back whether the job was still in these hands. Whose lease ran out, and whose job
    /// another process has taken, notes nothing.
    ///
    /// # Errors
    /// [`AppError::Contended`]; when the database fails.
    pub async fn finish_job(
        &self,
        name: &'static str,
        by: InstanceId,
        took_ms: i64,
        ran: Ran,
    ) -> Result<bool, AppError> {
        let now = self.clock.now();
        self.with_connection(move |conn| conn.beside_others(|conn| finish(conn, name, by, now, took_ms, ran))).await
    }

    /// Forgets what nothing looks at any more: old attempts to sign in and to open a code, old answers, reports that were
    /// kept long enough. Gives back how much.
    ///
    /// # Errors
    /// [`AppError::Contended`]; when the database fails.
    pub async fn forget_old_rows(&self) -> Result<usize, AppError> {
        let now = self.clock.now();
        self.with_connection(move |conn| conn.beside_others(|conn| forget_old_rows(conn, now))).await
    }
}
