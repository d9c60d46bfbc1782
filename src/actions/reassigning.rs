//! Giving the cases and tasks of one worker to others: because she is ill, on leave, or gone.

use std::collections::BTreeSet;

use super::tasks::about;
use crate::audit::{Change, Did, Event};
use crate::auth::Actor;
use crate::db::cases::{self, Case, Scope};
use crate::db::tasks::{self, Task};
use crate::db::{Conn, Tx, accounts, exclusions};
use crate::domain::permission::{Action, Roles, may};
use crate::domain::task::{Kind, Outcome, can_have, share};
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, SubjectId, TaskId};

/// So many cases, and so many tasks, are moved in one act; whoever had more has the rest moved in another.
pub const AT_ONCE: i64 = 500;

/// What waits for somebody, as far as who asks may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    pub cases: i64,
    pub tasks: i64,
}

/// A case that has a new worker.
#[derive(Debug, Clone)]
pub struct MovedCase {
    pub id: CaseId,
    pub reference: String,
    pub to: AccountId,
    /// None of those who were chosen may see it: a manager keeps it.
    pub kept: bool,
}

/// What was moved.
#[derive(Debug, Clone, Default)]
pub struct Moved {
    pub cases: Vec<MovedCase>,
    /// Tasks beside those that went with their case.
    pub tasks: Vec<(TaskId, AccountId)>,
    /// Tasks that nobody of those who were chosen can do: they stay where they are.
    pub tasks_left: usize,
}

/// How much waits for somebody of one's own organisation.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn work_of(conn: &mut Conn, actor: &Actor, id: AccountId) -> Result<Work, AppError> {
    accounts::find(conn, Some(actor.organisation), id)?;
    let cases = if actor.may(Action::SeeEveryCase) { cases::count_of(conn, Scope::of(actor), id)? } else { 0 };
    let open = tasks::open_of(conn, tasks::Scope::of(actor), id, AT_ONCE)?;
    Ok(Work { cases, tasks: i64::try_from(open.len()).unwrap_or(i64::MAX) })
}

/// Gives every open case and task of somebody to others, evenly. Nobody is given a case that does not exist for her: one that
/// none of them may see is kept by the manager who does this. Cases that she herself must not see stay where they are, and
/// nothing is said of them. (S17)
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`] for people who cannot take work over.
pub fn reassign(tx: &mut Tx, from: AccountId, to: &[AccountId]) -> Result<Change<Moved>, AppError> {
    let actor = tx.actor().clone();
    accounts::find(tx, Some(actor.organisation), from)?;
    let takers = takers(tx, &actor, from, to)?;
    let excluded = exclusions::of_people(tx, to)?;
    let mut events = vec![Event::new(Did::WorkReassigned, from.0)];
    let mut moved = Moved::default();
    if actor.may(Action::SeeEveryCase) {
        for case in move_cases(tx, from, &takers, &excluded)? {
            events.push(Event::new(Did::CaseReallocated, case.id.0).fields(["owner_id"]).because("reassigned"));
            moved.cases.push(case);
        }
    }
    let open = tasks::open_of(tx, tasks::Scope::of(&actor), from, AT_ONCE)?;
    let mut can: Vec<Vec<bool>> = Vec::with_capacity(open.len());
    for task in &open {
        let mut each = Vec::with_capacity(takers.len());
        for (id, roles) in &takers {
            let kept_from = task.case_id.is_some_and(|case| excluded.contains(&(case, *id)));
            each.push(!kept_from && can_have(&roles.0, about(tx, task, *id)?));
        }
        can.push(each);
    }
    let numbers: Vec<usize> = (0..open.len()).collect();
    let shared = share(&numbers, takers.len(), |task, who| can[*task][who]);
    for (task, who) in open.into_iter().zip(shared) {
        let Some(who) = who else {
            moved.tasks_left += 1;
            continue;
        };
        let to = takers[who].0;
        let id = task.id;
        let row = Task { owner_id: Some(to), version: task.version + 1, ..task };
        tasks::update(tx, &row)?;
        moved.tasks.push((id, to));
        events.push(Event::new(Did::TaskReassigned, id.0).fields(["owner_id"]));
    }
    Change::of_all(moved, events).map_err(|_| AppError::internal("to reassign is an event"))
}

/// Those who take the work over, each with her roles.
fn takers(tx: &mut Tx, actor: &Actor, from: AccountId, to: &[AccountId]) -> Result<Vec<(AccountId, Roles)>, AppError> {
    let people = tasks::people(tx, actor.organisation)?;
    let mut takers: Vec<(AccountId, Roles)> = Vec::new();
    for (n, id) in to.iter().enumerate() {
        let wrong = |code: &str, message: &str| AppError::body(&format!("/to/{n}"), code, &message);
        if takers.iter().any(|(known, _)| known == id) {
            return Err(wrong("repeated", "this person is named already"));
        }
        let found = people.iter().find(|(known, ..)| known == id && *id != from);
        match found.filter(|(.., roles)| may(&roles.0, Action::WorkTasks)) {
            Some((_, _, roles)) => takers.push((*id, roles.clone())),
            None => return Err(wrong("not_possible", "choose other people of your organisation who can work")),
        }
    }
    Ok(takers)
}

fn move_cases(
    tx: &mut Tx,
    from: AccountId,
    takers: &[(AccountId, Roles)],
    excluded: &BTreeSet<(CaseId, AccountId)>,
) -> Result<Vec<MovedCase>, AppError> {
    let (scope, actor) = (Scope::of(tx.actor()), tx.actor().account);
    let open: Vec<Case> = cases::open_of(tx, scope, from, AT_ONCE)?;
    let may_have = |case: &Case, who: usize| {
        let (id, roles) = &takers[who];
        may(&roles.0, Action::WorkCases) && !excluded.contains(&(case.id, *id))
    };
    let shared = share(&open, takers.len(), may_have);
    let mut moved = Vec::with_capacity(open.len());
    for (mut case, who) in open.into_iter().zip(shared) {
        let to = who.map_or(actor, |who| takers[who].0);
        let one = MovedCase { id: case.id, reference: case.reference.clone(), to, kept: who.is_none() };
        if to != from {
            case.owner_id = to;
            case.version += 1;
            cases::update(tx, &case)?;
            handed_over(tx, case.id, from, to)?;
        }
        moved.push(one);
    }
    Ok(moved)
}

/// A case has a new worker: what the one before had to do about it is hers now.
pub(super) fn handed_over(tx: &mut Tx, case: CaseId, from: AccountId, to: AccountId) -> Result<(), AppError> {
    tasks::hand_over(tx, case, from, to)?;
    tasks::end(tx, Kind::CaseUnowned, SubjectId(case.0), Outcome::Settled)?;
    Ok(())
}

/// Somebody does not work here any more: each case of hers is to be given to a worker, now.
pub(super) fn left_behind(tx: &mut Tx, of: AccountId) -> Result<(), AppError> {
    let now = tx.now();
    for (case, organisation) in cases::open_owned(tx, of)? {
        let new = tasks::New {
            organisation,
            kind: Kind::CaseUnowned,
            case: Some(case),
            subject: SubjectId(case.0),
            occasion: now,
            owner: None,
            due_at: now,
        };
        tasks::raise(tx, new)?;
    }
    Ok(())
}
