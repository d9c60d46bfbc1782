//! What somebody has to do.

mod due;
mod list;

use diesel::prelude::*;

pub use self::due::RAISED_AT_ONCE;
pub use self::list::{After, Filter, Listed, Owner, Scope, When, Whose, find_in, listed, needed, open_of, page};
pub(super) use self::list::{any_overdue, organisations_overdue};
use super::conn::{MultiBackend, native};
use super::schema::{account, case, task};
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::permission::Roles;
use crate::domain::task::{Kind, Outcome, State};
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, KeyId, OrganisationId, SubjectId, TaskId};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = task, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Task {
    pub id: TaskId,
    pub organisation_id: OrganisationId,
    pub kind: Kind,
    /// The household that it is about, if it is about one.
    pub case_id: Option<CaseId>,
    /// What it is about: a case, a referral, a stay, a vacancy, a follow-up; itself when a person wrote it.
    pub subject_id: SubjectId,
    /// When it arose: it is raised once for each kind, subject and occasion.
    pub occasion: At,
    /// Whose it is; anybody of the organisation's when it is nobody's.
    pub owner_id: Option<AccountId>,
    pub raised_at: At,
    pub due_at: At,
    pub ended_at: Option<At>,
    pub ended_by: Option<AccountId>,
    pub outcome: Option<Outcome>,
    pub key_id: Option<KeyId>,
    /// In whose own words, where it has any.
    pub sealed: Option<Vec<u8>>,
    pub version: i32,
}

impl Task {
    pub fn state(&self) -> State {
        State::of(self.outcome)
    }
}

/// A task that is raised by what happens.
#[derive(Debug, Clone, Copy)]
pub struct New {
    pub organisation: OrganisationId,
    pub kind: Kind,
    pub case: Option<CaseId>,
    pub subject: SubjectId,
    pub occasion: At,
    pub owner: Option<AccountId>,
    pub due_at: At,
}

/// Raises a task, unless it was raised for this occasion before; gives back whether it was not.
///
/// # Errors
/// When the database fails.
pub fn raise(tx: &mut Tx, new: New) -> Result<bool, AppError> {
    let now = tx.now();
    raise_at(tx.conn, now, new)
}

fn raise_at(conn: &mut Conn, now: At, new: New) -> Result<bool, AppError> {
    let row = Task {
        id: TaskId::new(),
        organisation_id: new.organisation,
        kind: new.kind,
        case_id: new.case,
        subject_id: new.subject,
        occasion: new.occasion,
        owner_id: new.owner,
        raised_at: now,
        due_at: new.due_at,
        ended_at: None,
        ended_by: None,
        outcome: None,
        key_id: None,
        sealed: None,
        version: 1,
    };
    let raised =
        native!(conn, conn => diesel::insert_into(task::table).values(&row).on_conflict_do_nothing().execute(conn))?;
    Ok(raised > 0)
}

/// Ends the tasks of a kind about something: done by whoever acts, or settled because what they were about is over.
/// Gives back how many there were.
///
/// # Errors
/// When the database fails.
pub fn end(tx: &mut Tx, kind: Kind, subject: SubjectId, outcome: Outcome) -> Result<usize, AppError> {
    let by = (outcome == Outcome::Done).then_some(tx.actor().account);
    let open =
        task::table.filter(task::kind.eq(kind)).filter(task::subject_id.eq(subject)).filter(task::ended_at.is_null());
    Ok(diesel::update(open)
        .set((
            task::ended_at.eq(tx.now()),
            task::ended_by.eq(by),
            task::outcome.eq(outcome),
            task::version.eq(task::version + 1),
        ))
        .execute(tx.conn)?)
}

/// Stores a task that a person wrote.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx, row: &Task) -> Result<(), AppError> {
    diesel::insert_into(task::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Writes a task that is still at the version before it.
///
/// # Errors
/// [`AppError::Contended`] when it is not.
pub fn update(tx: &mut Tx, row: &Task) -> Result<(), AppError> {
    let updated = diesel::update(task::table.find(row.id).filter(task::version.eq(row.version - 1)))
        .set((
            task::owner_id.eq(row.owner_id),
            task::due_at.eq(row.due_at),
            task::ended_at.eq(row.ended_at),
            task::ended_by.eq(row.ended_by),
            task::outcome.eq(row.outcome),
            task::version.eq(row.version),
        ))
        .execute(tx.conn)?;
    if updated == 1 { Ok(()) } else { Err(AppError::Contended) }
}

/// Ends, because the case is closed, what an organisation still had to do about it; gives back how much that was.
///
/// # Errors
/// When the database fails.
pub fn end_of_case(tx: &mut Tx, case: CaseId, of: OrganisationId) -> Result<usize, AppError> {
    let outliving: Vec<Kind> = Kind::ALL.iter().copied().filter(|kind| kind.outlives_case()).collect();
    let open = task::table
        .filter(task::case_id.eq(case))
        .filter(task::organisation_id.eq(of))
        .filter(task::kind.ne_all(outliving))
        .filter(task::ended_at.is_null());
    Ok(diesel::update(open)
        .set((
            task::ended_at.eq(Some(tx.now)),
            task::outcome.eq(Some(Outcome::Settled)),
            task::version.eq(task::version + 1),
        ))
        .execute(tx.conn)?)
}

/// Gives what somebody still has to do about a case to who works on it now; gives back how much that was.
///
/// # Errors
/// When the database fails.
pub fn hand_over(tx: &mut Tx, case: CaseId, from: AccountId, to: AccountId) -> Result<usize, AppError> {
    let open =
        task::table.filter(task::case_id.eq(case)).filter(task::owner_id.eq(from)).filter(task::ended_at.is_null());
    Ok(diesel::update(open).set((task::owner_id.eq(Some(to)), task::version.eq(task::version + 1))).execute(tx.conn)?)
}

/// Takes what somebody still has to do about a case from her, for it does not exist for her any more.
///
/// # Errors
/// When the database fails.
pub fn let_go(tx: &mut Tx, case: CaseId, from: AccountId) -> Result<usize, AppError> {
    let open =
        task::table.filter(task::case_id.eq(case)).filter(task::owner_id.eq(from)).filter(task::ended_at.is_null());
    Ok(diesel::update(open)
        .set((task::owner_id.eq(None::<AccountId>), task::version.eq(task::version + 1)))
        .execute(tx.conn)?)
}

/// Whose case it is: the organisation and the worker.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn whose_case(conn: &mut Conn, id: CaseId) -> Result<(OrganisationId, AccountId), AppError> {
    Ok(case::table.find(id).select((case::organisation_id, case::owner_id)).first(conn)?)
}

/// The people of an organisation who can work, by name: each with her roles.
///
/// # Errors
/// When the database fails.
pub fn people(conn: &mut Conn, of: OrganisationId) -> Result<Vec<(AccountId, String, Roles)>, AppError> {
    Ok(account::table
        .filter(account::organisation_id.eq(of))
        .filter(account::active.eq(true))
        .order((account::name, account::id))
        .select((account::id, account::name, account::roles))
        .load(conn)?)
}
