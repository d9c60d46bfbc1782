//! What somebody has to do.

use diesel::prelude::*;

use super::Tx;
use super::conn::{MultiBackend, native};
use super::schema::task;
use crate::clock::At;
use crate::domain::task::{Kind, Outcome};
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
    let row = Task {
        id: TaskId::new(),
        organisation_id: new.organisation,
        kind: new.kind,
        case_id: new.case,
        subject_id: new.subject,
        occasion: new.occasion,
        owner_id: new.owner,
        raised_at: tx.now(),
        due_at: new.due_at,
        ended_at: None,
        ended_by: None,
        outcome: None,
        key_id: None,
        sealed: None,
        version: 1,
    };
    let conn = &mut *tx.conn;
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
