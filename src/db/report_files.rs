//! Reports that are made once and kept. Who makes one has it alone for a while, and loses it when that is over.

use chrono::NaiveDate;
use diesel::dsl::{count_star, exists};
use diesel::prelude::*;

use super::conn::MultiBackend;
use super::schema::report_file;
use super::{Conn, Db, Tx};
use crate::clock::At;
use crate::domain::job::Problem;
use crate::domain::measures::Side;
use crate::domain::report_file::{Kind, LEASE, State};
use crate::error::AppError;
use crate::ids::{AccountId, OrganisationId, ReportFileId};
use crate::reports::book::Book;

/// A report and how far it has come: everything but what is in it.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = report_file, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct ReportFile {
    pub id: ReportFileId,
    pub organisation_id: OrganisationId,
    pub kind: Kind,
    pub from_on: NaiveDate,
    /// The last day, included.
    pub to_on: NaiveDate,
    pub side: Option<Side>,
    pub area_code: Option<String>,
    /// `None` when a schedule asked for it.
    pub asked_by: Option<AccountId>,
    pub asked_at: At,
    pub state: State,
    /// Nobody takes it up before then.
    pub due_at: At,
    /// How often it was taken up.
    pub attempts: i32,
    pub done_steps: i32,
    pub all_steps: i32,
    pub ready_at: Option<At>,
    pub problem: Option<Problem>,
    pub kept_until: At,
}

/// # Errors
/// [`AppError::Contended`] when a schedule has just asked for the same.
pub fn insert(tx: &mut Tx, row: &ReportFile) -> Result<(), AppError> {
    super::contended_when_taken(diesel::insert_into(report_file::table).values(row).execute(tx.conn))
}

/// # Errors
/// [`AppError::NotFound`], also when it is another organisation's.
pub fn find(conn: &mut Conn, of: OrganisationId, id: ReportFileId) -> Result<ReportFile, AppError> {
    let own = report_file::table.find(id).filter(report_file::organisation_id.eq(of));
    Ok(own.select(ReportFile::as_select()).first(conn)?)
}

/// Whosever it is: for the system.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn find_any(conn: &mut Conn, id: ReportFileId) -> Result<ReportFile, AppError> {
    Ok(report_file::table.find(id).select(ReportFile::as_select()).first(conn)?)
}

/// Those of an organisation, the last one asked for first.
///
/// # Errors
/// When the database fails.
pub fn page(
    conn: &mut Conn,
    of: OrganisationId,
    after: Option<ReportFileId>,
    limit: i64,
) -> Result<Vec<ReportFile>, AppError> {
    let mut rows = report_file::table
        .filter(report_file::organisation_id.eq(of))
        .order(report_file::id.desc())
        .limit(limit)
        .select(ReportFile::as_select())
        .into_boxed();
    if let Some(after) = after {
        rows = rows.filter(report_file::id.lt(after));
    }
    Ok(rows.load(conn)?)
}

/// How many of an organisation are still to be made.
///
/// # Errors
/// When the database fails.
pub fn under_way(conn: &mut Conn, of: OrganisationId) -> Result<i64, AppError> {
    Ok(report_file::table
        .filter(report_file::organisation_id.eq(of))
        .filter(report_file::state.eq_any([State::Waiting, State::Working]))
        .select(count_star())
        .first(conn)?)
}

/// What is in one that is ready.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn book(conn: &mut Conn, id: ReportFileId) -> Result<Book, AppError> {
    let book: Option<Book> = report_file::table.find(id).select(report_file::book).first(conn)?;
    book.ok_or(AppError::NotFound)
}

/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx, id: ReportFileId) -> Result<(), AppError> {
    diesel::delete(report_file::table.find(id)).execute(tx.conn)?;
    Ok(())
}

/// Keeps what was made, if it is still in the hands of who took it up for the time of this number; gives back whether it
/// was.
///
/// # Errors
/// When the database fails.
pub fn keep(tx: &mut Tx, id: ReportFileId, attempt: i32, book: &Book) -> Result<bool, AppError> {
    let ready_at = Some(tx.now);
    let kept = diesel::update(report_file::table.find(id).filter(report_file::attempts.eq(attempt)))
        .filter(report_file::state.eq(State::Working))
        .set((
            report_file::state.eq(State::Ready),
            report_file::done_steps.eq(report_file::all_steps),
            report_file::ready_at.eq(ready_at),
            report_file::book.eq(Some(book)),
        ))
        .execute(tx.conn)?;
    Ok(kept > 0)
}

/// Gives it up, in the same way.
///
/// # Errors
/// When the database fails.
pub fn give_up(tx: &mut Tx, id: ReportFileId, attempt: i32, problem: Problem) -> Result<bool, AppError> {
    let given_up = diesel::update(report_file::table.find(id).filter(report_file::attempts.eq(attempt)))
        .filter(report_file::state.eq(State::Working))
        .set((report_file::state.eq(State::Failed), report_file::problem.eq(Some(problem))))
        .execute(tx.conn)?;
    Ok(given_up > 0)
}

macro_rules! due {
    ($now:expr) => {
        report_file::table
            .filter(report_file::state.eq_any([State::Waiting, State::Working]))
            .filter(report_file::due_at.le($now))
    };
}

/// Takes up the one that has waited longest: new ones, those whose time to be tried again has come, and those whose maker
/// has died.
fn lease(conn: &mut Conn, now: At) -> Result<Option<ReportFile>, AppError> {
    let first = due!(now).order((report_file::due_at, report_file::id)).limit(1);
    let taken: Option<ReportFile> = match conn {
        Conn::Postgres(conn) => {
            first.select(ReportFile::as_select()).for_update().skip_locked().first(conn).optional()?
        }
        Conn::Sqlite(conn) => first.select(ReportFile::as_select()).first(conn).optional()?, // nobody else writes meanwhile
    };
    let Some(mut file) = taken else { return Ok(None) };
    file.state = State::Working;
    file.attempts += 1;
    diesel::update(report_file::table.find(file.id))
        .set((
            report_file::state.eq(file.state),
            report_file::attempts.eq(file.attempts),
            report_file::due_at.eq(now + LEASE),
            report_file::done_steps.eq(0),
        ))
        .execute(conn)?;
    Ok(Some(file))
}

/// Forgets reports whose time is over; gives back how many.
pub(super) fn forget(conn: &mut Conn, now: At, limit: i64) -> Result<usize, AppError> {
    let over: Vec<ReportFileId> =
        report_file::table.filter(report_file::kept_until.le(now)).limit(limit).select(report_file::id).load(conn)?;
    Ok(diesel::delete(report_file::table.filter(report_file::id.eq_any(over))).execute(conn)?)
}

impl Db {
    /// Takes up one report that is to be made: nobody else does for a while. None when there is none.
    ///
    /// # Errors
    /// [`AppError::Contended`]; when the database fails.
    pub async fn lease_report_file(&self) -> Result<Option<ReportFile>, AppError> {
        let now = self.clock.now();
        self.with_connection(move |conn| {
            let any: bool = diesel::select(exists(due!(now))).get_result(conn)?;
            if any { conn.beside_others(|conn| lease(conn, now)) } else { Ok(None) }
        })
        .await
    }

    /// Notes how far the making of a report has come, and that whoever makes it still lives.
    ///
    /// # Errors
    /// [`AppError::Contended`]; when the database fails.
    pub async fn note_report_progress(
        &self,
        id: ReportFileId,
        attempt: i32,
        (done, all): (i32, i32),
    ) -> Result<(), AppError> {
        let due_at = self.clock.now() + LEASE;
        let note = move |conn: &mut Conn| {
            diesel::update(report_file::table.find(id).filter(report_file::attempts.eq(attempt)))
                .filter(report_file::state.eq(State::Working))
                .set((report_file::done_steps.eq(done), report_file::all_steps.eq(all), report_file::due_at.eq(due_at)))
                .execute(conn)?;
            Ok(())
        };
        self.with_connection(move |conn| conn.beside_others(note)).await
    }

    /// Lays a report aside whose making failed, to be tried again then.
    ///
    /// # Errors
    /// [`AppError::Contended`]; when the database fails.
    pub async fn put_off_report(&self, id: ReportFileId, attempt: i32, until: At) -> Result<(), AppError> {
        let put_off = move |conn: &mut Conn| {
            diesel::update(report_file::table.find(id).filter(report_file::attempts.eq(attempt)))
                .filter(report_file::state.eq(State::Working))
                .set((report_file::state.eq(State::Waiting), report_file::due_at.eq(until)))
                .execute(conn)?;
            Ok(())
        };
        self.with_connection(move |conn| conn.beside_others(put_off)).await
    }
}
