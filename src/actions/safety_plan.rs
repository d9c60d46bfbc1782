//! What is done so that a household is safer: who does what, until when, and whether it was done.

use chrono::NaiveDate;

use super::occupancy::open_case;
use crate::audit::{Change, Did, Event};
use crate::clock::At;
use crate::db::cases::{self, Case, Scope};
use crate::db::safety_plan::{self, Action, Review};
use crate::db::tasks::{self, New as Task};
use crate::db::{Tx, vault};
use crate::domain::safety_plan::{Command, Doer, State, transition};
use crate::domain::task::{Kind, Outcome};
use crate::error::AppError;
use crate::ids::{CaseId, SafetyActionId, SafetyReviewId, SubjectId};
use crate::vault::Place;

/// Something to do.
#[derive(Clone)]
pub struct New {
    /// In own words. Sealed.
    pub text: String,
    pub doer: Doer,
    pub due_on: NaiveDate,
}

/// Adds an action to the plan of an open case.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] when the case is closed.
pub fn add(tx: &mut Tx, case: CaseId, new: &New) -> Result<Change<Action>, AppError> {
    let case = open_case(tx, case)?;
    let (id, now) = (SafetyActionId::new(), tx.now());
    if new.due_on < now.date() {
        return Err(AppError::body("/due_on", "past", &"choose today or a later day"));
    }
    let sealed = vault::seal(tx, case.organisation_id, place(id), new.text.as_bytes())?;
    let row = Action {
        id,
        case_id: case.id,
        organisation_id: case.organisation_id,
        added_by: tx.actor().account,
        added_at: now,
        doer: new.doer,
        due_on: new.due_on,
        state: State::Open,
        ended_on: None,
        ended_by: None,
        key_id: sealed.key,
        sealed: sealed.bytes,
        version: 1,
    };
    safety_plan::insert(tx, &row)?;
    raise(tx, &case, SubjectId(id.0), new.due_on)?;
    Ok(Change::new(row, Event::new(Did::SafetyActionAdded, id.0)))
}

fn raise(tx: &mut Tx, case: &Case, subject: SubjectId, due_on: NaiveDate) -> Result<bool, AppError> {
    let (organisation, owner, occasion) = (case.organisation_id, Some(case.owner_id), tx.now());
    let (kind, due_at) = (Kind::SafetyAction, At::start_of(due_on));
    tasks::raise(tx, Task { organisation, kind, case: Some(case.id), subject, occasion, owner, due_at })
}

/// Ends an action: it was done, or it is not needed.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] when it has ended.
pub fn end(
    tx: &mut Tx,
    case: CaseId,
    id: SafetyActionId,
    command: Command,
    on: Option<NaiveDate>,
) -> Result<Change<Action>, AppError> {
    let scope = Scope::of(tx.actor());
    let case = cases::find_in(tx, scope, case)?;
    let mut action = safety_plan::find(tx, case.id, id)?;
    action.state = transition(action.state, command).map_err(AppError::refused(id.0))?;
    let today = tx.now().date();
    if on.is_some_and(|day| day > today) {
        return Err(AppError::body("/on", "future", &"this has not happened yet"));
    }
    action.ended_on = Some(on.unwrap_or(today));
    action.ended_by = Some(tx.actor().account);
    action.version += 1;
    safety_plan::update(tx, &action)?;
    let outcome = if command == Command::Finish { Outcome::Done } else { Outcome::Settled };
    tasks::end(tx, Kind::SafetyAction, SubjectId(id.0), outcome)?;
    let event = Event::new(Did::SafetyActionEnded, id.0).because(action.state.as_str());
    Ok(Change::new(action, event))
}

/// Records that somebody went through the plan with the survivor, and when it is to be gone through again.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] when the case is closed.
pub fn review(tx: &mut Tx, case: CaseId, next_review_on: Option<NaiveDate>) -> Result<Change<Review>, AppError> {
    let case = open_case(tx, case)?;
    let (id, now) = (SafetyReviewId::new(), tx.now());
    if next_review_on.is_some_and(|day| day <= now.date()) {
        return Err(AppError::body("/next_review_on", "too_early", &"choose a day after today"));
    }
    let row = Review {
        id,
        case_id: case.id,
        organisation_id: case.organisation_id,
        account_id: tx.actor().account,
        reviewed_at: now,
        next_review_on,
    };
    safety_plan::insert_review(tx, &row)?;
    tasks::end(tx, Kind::SafetyAction, SubjectId(case.id.0), Outcome::Done)?;
    if let Some(day) = next_review_on {
        raise(tx, &case, SubjectId(case.id.0), day)?;
    }
    Ok(Change::new(row, Event::new(Did::SafetyPlanReviewed, id.0)))
}

/// The plan of a household, with its words.
#[derive(Clone)]
pub struct Plan {
    pub case: Case,
    pub actions: Vec<(Action, String)>,
    /// Who went through it, and when: the newest first.
    pub reviews: Vec<(Review, String)>,
}

/// Reads a plan. That it was read is recorded.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when a key was destroyed.
pub fn read(tx: &mut Tx, case: CaseId) -> Result<Change<Plan>, AppError> {
    let scope = Scope::of(tx.actor());
    let case = cases::find_in(tx, scope, case)?;
    let mut actions = Vec::new();
    for action in safety_plan::actions(tx, case.id)? {
        let text = vault::open(tx, case.organisation_id, place(action.id), &action.sealed())?;
        actions.push((action, String::from_utf8(text).map_err(AppError::internal)?));
    }
    let event = Event::new(Did::SafetyPlanRead, case.id.0);
    let reviews = safety_plan::reviews(tx, case.id)?;
    Ok(Change::new(Plan { case, actions, reviews }, event))
}

/// A case is closed: nobody is reminded of what is still open.
pub(super) fn settle(tx: &mut Tx, id: CaseId) -> Result<(), AppError> {
    let mut subjects = vec![SubjectId(id.0)];
    let open = safety_plan::actions(tx, id)?.into_iter().filter(|action| action.state == State::Open);
    subjects.extend(open.map(|action| SubjectId(action.id.0)));
    for subject in subjects {
        tasks::end(tx, Kind::SafetyAction, subject, Outcome::Settled)?;
    }
    Ok(())
}

fn place(id: SafetyActionId) -> Place {
    Place { table: "safety_action", row: id.0, field: "text" }
}
