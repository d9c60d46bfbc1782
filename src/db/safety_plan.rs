//! What is done so that a household is safer.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::conn::MultiBackend;
use super::schema::{account, safety_action, safety_review};
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::safety_plan::{Doer, State};
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, KeyId, OrganisationId, SafetyActionId, SafetyReviewId};
use crate::vault::Sealed;

/// One action; its words are sealed.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = safety_action, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Action {
    pub id: SafetyActionId,
    pub case_id: CaseId,
    pub organisation_id: OrganisationId,
    pub added_by: AccountId,
    pub added_at: At,
    pub doer: Doer,
    pub due_on: NaiveDate,
    pub state: State,
    pub ended_on: Option<NaiveDate>,
    pub ended_by: Option<AccountId>,
    pub key_id: KeyId,
    pub sealed: Vec<u8>,
    pub version: i32,
}

impl std::fmt::Debug for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Action({})", self.id.0)
    }
}

impl Action {
    pub fn sealed(&self) -> Sealed {
        Sealed { key: self.key_id, bytes: self.sealed.clone() }
    }
}

/// Somebody went through the plan.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = safety_review, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Review {
    pub id: SafetyReviewId,
    pub case_id: CaseId,
    pub organisation_id: OrganisationId,
    pub account_id: AccountId,
    pub reviewed_at: At,
    pub next_review_on: Option<NaiveDate>,
}

/// The actions of a case, what is open first, then by the day on which they are due: only for who has found the case within
/// their scope.
///
/// # Errors
/// When the database fails.
pub fn actions(conn: &mut Conn, of: CaseId) -> Result<Vec<Action>, AppError> {
    let mut actions: Vec<Action> = safety_action::table
        .filter(safety_action::case_id.eq(of))
        .order((safety_action::due_on, safety_action::id))
        .select(Action::as_select())
        .load(conn)?;
    actions.sort_by_key(|action| action.state != State::Open);
    Ok(actions)
}

/// # Errors
/// [`AppError::NotFound`] unless it is one of this case.
pub fn find(conn: &mut Conn, of: CaseId, id: SafetyActionId) -> Result<Action, AppError> {
    Ok(safety_action::table.find(id).filter(safety_action::case_id.eq(of)).select(Action::as_select()).first(conn)?)
}

/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx, row: &Action) -> Result<(), AppError> {
    diesel::insert_into(safety_action::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Writes an action that is still at the version before it.
///
/// # Errors
/// [`AppError::Contended`] when it is not.
pub fn update(tx: &mut Tx, row: &Action) -> Result<(), AppError> {
    let updated = diesel::update(safety_action::table.find(row.id).filter(safety_action::version.eq(row.version - 1)))
        .set((
            safety_action::state.eq(row.state),
            safety_action::ended_on.eq(row.ended_on),
            safety_action::ended_by.eq(row.ended_by),
            safety_action::version.eq(row.version),
        ))
        .execute(tx.conn)?;
    if updated == 1 { Ok(()) } else { Err(AppError::Contended) }
}

/// Who went through the plan of a case, and when: the newest first.
///
/// # Errors
/// When the database fails.
pub fn reviews(conn: &mut Conn, of: CaseId) -> Result<Vec<(Review, String)>, AppError> {
    Ok(safety_review::table
        .inner_join(account::table)
        .filter(safety_review::case_id.eq(of))
        .order((safety_review::reviewed_at.desc(), safety_review::id.desc()))
        .limit(100)
        .select((Review::as_select(), account::name))
        .load(conn)?)
}

/// # Errors
/// When the database fails.
pub fn insert_review(tx: &mut Tx, row: &Review) -> Result<(), AppError> {
    diesel::insert_into(safety_review::table).values(row).execute(tx.conn)?;
    Ok(())
}
