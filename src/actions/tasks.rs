//! What somebody has to do: writing it down, taking it, giving it to a colleague, doing it.

use crate::audit::{Change, Did, Event};
use crate::clock::At;
use crate::db::tasks::{self, Scope, Task};
use crate::db::{Conn, Tx, exclusions, vault};
use crate::domain::task::{About, Command, Kind, Outcome, can_have, transition};
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, OrganisationId, SubjectId, TaskId};
use crate::vault::{Place, Sealed};

/// Who is to do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    Me,
    /// Whoever of the organisation takes it.
    Anybody,
    Person(AccountId),
}

/// A task in somebody's own words.
#[derive(Clone)]
pub struct New {
    pub text: String,
    pub due_at: At,
    /// The household that it is about, of a case of one's own organisation.
    pub case: Option<CaseId>,
    pub owner: For,
}

/// Without what was written.
impl std::fmt::Debug for New {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("New").field("due_at", &self.due_at).finish_non_exhaustive()
    }
}

/// Writes down what is to be done. The words are sealed.
///
/// # Errors
/// [`AppError::NotFound`] for a case that is not one's own; [`AppError::Invalid`] for a time that is over and a person who
/// cannot do it; [`AppError::Refused`] when the case is closed.
pub fn add(tx: &mut Tx, new: &New) -> Result<Change<Task>, AppError> {
    let (now, actor) = (tx.now(), tx.actor().clone());
    let case = new.case.map(|case| super::occupancy::open_case(tx, case)).transpose()?;
    must_be_ahead(new.due_at, now)?;
    let owner_id = match new.owner {
        For::Me => Some(actor.account),
        For::Anybody => None,
        For::Person(id) => Some(id),
    };
    let id = TaskId::new();
    let Sealed { key, bytes } = vault::seal(tx, actor.organisation, text_of(id), new.text.as_bytes())?;
    let row = Task {
        id,
        organisation_id: actor.organisation,
        kind: Kind::ToDo,
        case_id: case.map(|case| case.id),
        subject_id: SubjectId(id.0),
        occasion: now,
        owner_id,
        raised_at: now,
        due_at: new.due_at,
        ended_at: None,
        ended_by: None,
        outcome: None,
        key_id: Some(key),
        sealed: Some(bytes),
        version: 1,
    };
    if let For::Person(id) = new.owner {
        must_be_able(tx, &row, id)?;
    }
    tasks::insert(tx, &row)?;
    Ok(Change::new(row, Event::new(Did::TaskAdded, id.0)))
}

/// Reads what somebody wrote about a task.
///
/// # Errors
/// [`AppError::NotFound`], also when nobody wrote anything; [`AppError::Refused`] when its key was destroyed.
pub fn read(tx: &mut Tx, id: TaskId) -> Result<Change<String>, AppError> {
    let scope = Scope::of(tx.actor());
    let task = tasks::find_in(tx, scope, id)?;
    let (Some(key), Some(bytes)) = (task.key_id, task.sealed) else { return Err(AppError::NotFound) };
    let text = vault::open(tx, task.organisation_id, text_of(id), &Sealed { key, bytes })?;
    Ok(Change::new(String::from_utf8(text).map_err(AppError::internal)?, Event::new(Did::TaskRead, id.0)))
}

/// What to change about a task; what is absent stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct Edit {
    pub owner: Option<AccountId>,
    pub due_at: Option<At>,
}

/// Takes a task, gives it to a colleague who can do it, or moves its time: one that is as it was when it was read.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Stale`]; [`AppError::Invalid`]; [`AppError::Refused`] when it has ended.
pub fn edit(tx: &mut Tx, id: TaskId, version: i32, edit: Edit) -> Result<Change<Task>, AppError> {
    let (now, scope) = (tx.now(), Scope::of(tx.actor()));
    let mut task = tasks::find_in(tx, scope, id)?;
    if task.version != version {
        return Err(AppError::Stale { current_version: task.version });
    }
    transition(task.state(), Command::Change).map_err(AppError::refused(id.0))?;
    let before = task.clone();
    if let Some(owner) = edit.owner {
        must_be_able(tx, &task, owner)?;
        task.owner_id = Some(owner);
    }
    if let Some(due_at) = edit.due_at {
        must_be_ahead(due_at, now)?;
        task.due_at = due_at;
    }
    task.version += 1;
    tasks::update(tx, &task)?;
    let fields =
        super::changed([("owner_id", task.owner_id != before.owner_id), ("due_at", task.due_at != before.due_at)]);
    let event = Event::new(Did::TaskEdited, id.0).fields(fields);
    Ok(Change::new(task, event))
}

/// Says that a task is done.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when it has ended.
pub fn finish(tx: &mut Tx, id: TaskId) -> Result<Change<Task>, AppError> {
    let scope = Scope::of(tx.actor());
    let mut task = tasks::find_in(tx, scope, id)?;
    transition(task.state(), Command::Finish).map_err(AppError::refused(id.0))?;
    task.ended_at = Some(tx.now());
    task.ended_by = Some(tx.actor().account);
    task.outcome = Some(Outcome::Done);
    task.version += 1;
    tasks::update(tx, &task)?;
    Ok(Change::new(task, Event::new(Did::TaskDone, id.0)))
}

/// Those of the organisation who can do a task, by name.
///
/// # Errors
/// When the database fails.
pub fn able(conn: &mut Conn, task: &Task) -> Result<Vec<(AccountId, String)>, AppError> {
    who_can(conn, task.organisation_id, task.case_id, task.kind)
}

/// Those of an organisation who can do something about a case, or about none, by name.
///
/// # Errors
/// When the database fails.
pub fn able_for(
    conn: &mut Conn,
    of: OrganisationId,
    case: Option<CaseId>,
) -> Result<Vec<(AccountId, String)>, AppError> {
    who_can(conn, of, case, Kind::ToDo)
}

fn who_can(
    conn: &mut Conn,
    of: OrganisationId,
    case: Option<CaseId>,
    kind: Kind,
) -> Result<Vec<(AccountId, String)>, AppError> {
    let mut able = Vec::new();
    for (id, name, roles) in tasks::people(conn, of)? {
        let (kept_from, about) = match case {
            None => (false, About::Nothing),
            Some(case) => (exclusions::excluded(conn, case, id)?, of_case(conn, of, case, kind, id)?),
        };
        if !kept_from && can_have(&roles.0, about) {
            able.push((id, name));
        }
    }
    Ok(able)
}

fn of_case(
    conn: &mut Conn,
    ours: OrganisationId,
    case: CaseId,
    kind: Kind,
    person: AccountId,
) -> Result<About, AppError> {
    let (of, owner) = tasks::whose_case(conn, case)?;
    let own = of == ours && !kind.of_provider();
    Ok(if own { About::OwnCase { hers: owner == person } } else { About::Elsewhere })
}

/// What a task is about, as it decides whether this person can do it.
pub(super) fn about(conn: &mut Conn, task: &Task, person: AccountId) -> Result<About, AppError> {
    match task.case_id {
        None => Ok(About::Nothing),
        Some(case) => of_case(conn, task.organisation_id, case, task.kind, person),
    }
}

fn must_be_able(tx: &mut Tx, task: &Task, person: AccountId) -> Result<(), AppError> {
    if able(tx, task)?.iter().any(|(id, _)| *id == person) {
        return Ok(());
    }
    Err(AppError::body("/owner_id", "not_possible", &"choose somebody of your organisation who can do this"))
}

fn must_be_ahead(due_at: At, now: At) -> Result<(), AppError> {
    if due_at < now { Err(AppError::body("/due_at", "past", &"choose a time that is still ahead")) } else { Ok(()) }
}

fn text_of(id: TaskId) -> Place {
    Place { table: "task", row: id.0, field: "text" }
}
