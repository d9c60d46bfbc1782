//! The tasks that somebody may see, and what they are about.

use std::collections::BTreeMap;

use diesel::dsl::exists;
use diesel::prelude::*;

use super::Task;
use crate::auth::Actor;
use crate::clock::At;
use crate::db::Conn;
use crate::db::exclusions::{self, Reader};
use crate::db::merges;
use crate::db::schema::{account, case, occupancy, organisation, referral, service, task, unit};
use crate::domain::permission::Action;
use crate::domain::task::Kind;
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, OrganisationId, SubjectId, TaskId};

/// The tasks that somebody may see. About a case of her organisation: as she sees the case itself. About a household that a
/// service of hers answers for, or about none: as one of those who work there. Never about a case from which she is
/// excluded. (S17)
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    reader: Reader,
    /// Works on cases; sees all of them.
    cases: bool,
    every: bool,
    /// Answers for services.
    provides: bool,
}

impl Scope {
    pub fn of(actor: &Actor) -> Self {
        Self {
            reader: Reader::of(actor),
            cases: actor.may(Action::WorkCases),
            every: actor.may(Action::SeeEveryCase),
            provides: actor.may(Action::AnswerReferrals),
        }
    }
}

/// Whose tasks a list is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Whose {
    Mine,
    /// Nobody's, or of somebody who does not work here any more.
    Nobody,
    /// What is mine or nobody's.
    MineOrNobody,
    #[default]
    All,
}

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum When {
    /// Open, and due by now.
    Due,
    /// Open, and due later.
    Upcoming,
    #[default]
    Open,
    Ended,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    pub whose: Whose,
    pub when: When,
    pub case: Option<CaseId>,
}

/// Where a page begins: after the task due then, with this id.
pub type After = (At, TaskId);

/// Those whose owner is nobody, or somebody who does not work here any more.
macro_rules! ownerless {
    () => {
        task::owner_id.is_null().or(task::owner_id
            .assume_not_null()
            .ne_all(account::table.filter(account::active.eq(true)).select(account::id)))
    };
}

/// The cases of the reader's organisation.
macro_rules! own_cases {
    ($reader:expr) => {
        case::table.filter(case::organisation_id.eq($reader.organisation)).select(case::id)
    };
}

/// Selects, from tasks, those within a scope. Every query over the tasks of somebody goes through here.
macro_rules! seen {
    ($query:expr, $scope:expr) => {{
        let Scope { reader, cases, every, provides } = $scope;
        let provider: Vec<Kind> = Kind::ALL.iter().copied().filter(|kind| kind.of_provider()).collect();
        let mut answered = provider.clone();
        answered.push(Kind::ReferralUnanswered);
        let found = $query
            .filter(task::organisation_id.eq(reader.organisation))
            .filter(task::case_id.is_null().or(task::case_id.assume_not_null().ne_all(exclusions::hidden!(reader))))
            .filter(task::case_id.is_null().or(task::case_id.assume_not_null().ne_all(merges::folded!())));
        let ours = || task::case_id.assume_not_null();
        let served =
            || task::case_id.is_null().or(task::kind.eq_any(answered.clone())).or(ours().ne_all(own_cases!(reader)));
        let worked = || {
            let hers = own_cases!(reader).filter(case::owner_id.eq(reader.account));
            task::owner_id
                .eq(reader.account)
                .or(task::case_id.is_null().and(ownerless!()))
                .or(task::case_id.is_not_null().and(ours().eq_any(hers)))
                .or(task::case_id.is_not_null().and(ours().eq_any(exclusions::opened!(reader))))
        };
        match (cases, every, provides) {
            (_, true, true) => found,
            (_, true, false) => found.filter(task::kind.ne_all(provider)),
            (true, false, false) => found.filter(task::kind.ne_all(provider)).filter(worked()),
            (true, false, true) => found.filter(worked().or(served())),
            (false, false, true) => found.filter(served()),
            (false, false, false) => found.filter(task::kind.eq_any(Vec::<Kind>::new())),
        }
    }};
}

/// Tasks within a scope: the next one due first, the last one ended first.
///
/// # Errors
/// When the database fails.
pub fn page(
    conn: &mut Conn,
    scope: Scope,
    filter: Filter,
    now: At,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Task>, AppError> {
    let tasks = task::table.select(Task::as_select()).limit(limit).into_boxed();
    let mut tasks = seen!(tasks, scope);
    tasks = match filter.whose {
        Whose::Mine => tasks.filter(task::owner_id.eq(scope.reader.account)),
        Whose::Nobody => tasks.filter(ownerless!()),
        Whose::MineOrNobody => tasks.filter(task::owner_id.eq(scope.reader.account).or(ownerless!())),
        Whose::All => tasks,
    };
    tasks = match filter.when {
        When::Due => tasks.filter(task::ended_at.is_null()).filter(task::due_at.le(now)),
        When::Upcoming => tasks.filter(task::ended_at.is_null()).filter(task::due_at.gt(now)),
        When::Open => tasks.filter(task::ended_at.is_null()),
        When::Ended => tasks.filter(task::ended_at.is_not_null()),
    };
    if let Some(case) = filter.case {
        tasks = tasks.filter(task::case_id.eq(case));
    }
    tasks = match (filter.when, after) {
        (When::Ended, None) => tasks.order((task::due_at.desc(), task::id.desc())),
        (When::Ended, Some((at, id))) => tasks
            .filter(task::due_at.lt(at).or(task::due_at.eq(at).and(task::id.lt(id))))
            .order((task::due_at.desc(), task::id.desc())),
        (_, None) => tasks.order((task::due_at, task::id)),
        (_, Some((at, id))) => tasks
            .filter(task::due_at.gt(at).or(task::due_at.eq(at).and(task::id.gt(id))))
            .order((task::due_at, task::id)),
    };
    Ok(tasks.load(conn)?)
}

/// What needs somebody by then: hers and nobody's, the longest due first; and how many there are.
///
/// # Errors
/// When the database fails.
pub fn needed(conn: &mut Conn, scope: Scope, by: At, most: i64) -> Result<(Vec<Task>, i64), AppError> {
    let open = || {
        let tasks = task::table.into_boxed();
        seen!(tasks, scope)
            .filter(task::ended_at.is_null())
            .filter(task::due_at.lt(by))
            .filter(task::owner_id.eq(scope.reader.account).or(ownerless!()))
    };
    let first = open().order((task::due_at, task::id)).limit(most).select(Task::as_select()).load(conn)?;
    Ok((first, open().count().get_result(conn)?))
}

/// A task within a scope.
///
/// # Errors
/// [`AppError::NotFound`], whether it does not exist or is not theirs to see.
pub fn find_in(conn: &mut Conn, scope: Scope, id: TaskId) -> Result<Task, AppError> {
    let found = task::table.filter(task::id.eq(id)).select(Task::as_select()).into_boxed();
    Ok(seen!(found, scope).first(conn)?)
}

/// The open tasks of somebody, within the scope of who asks, the next one due first.
///
/// # Errors
/// When the database fails.
pub fn open_of(conn: &mut Conn, scope: Scope, owner: AccountId, most: i64) -> Result<Vec<Task>, AppError> {
    let tasks = task::table.select(Task::as_select()).order((task::due_at, task::id)).limit(most).into_boxed();
    Ok(seen!(tasks, scope).filter(task::owner_id.eq(owner)).filter(task::ended_at.is_null()).load(conn)?)
}

/// Whether somebody has an open task that was due by then, and that she may see: her own, or for who looks after the
/// organisation nobody's.
///
/// # Errors
/// When the database fails.
pub(in crate::db) fn any_overdue(conn: &mut Conn, scope: Scope, nobodys: bool, by: At) -> Result<bool, AppError> {
    let tasks = task::table.select(task::id).limit(1).into_boxed();
    let tasks = seen!(tasks, scope).filter(task::ended_at.is_null()).filter(task::due_at.lt(by));
    let found: Option<TaskId> = if nobodys {
        tasks.filter(task::owner_id.eq(scope.reader.account).or(ownerless!())).first(conn).optional()?
    } else {
        tasks.filter(task::owner_id.eq(scope.reader.account)).first(conn).optional()?
    };
    Ok(found.is_some())
}

/// Whose a task is.
#[derive(Debug, Clone)]
pub struct Owner {
    pub name: String,
    /// Whether she works here.
    pub active: bool,
}

/// A task, and what is told of it in a list: never what somebody wrote.
#[derive(Debug, Clone)]
pub struct Listed {
    pub task: Task,
    pub owner: Option<Owner>,
    /// Whether it is about a case of the organisation whose task it is.
    pub own_case: bool,
    /// The reference of that case or of the referral, the code of the unit, the name of the service: what its reader knows
    /// it by.
    pub about: Option<String>,
}

/// The same tasks, with what is told of them.
///
/// # Errors
/// When the database fails.
pub fn listed(conn: &mut Conn, tasks: Vec<Task>) -> Result<Vec<Listed>, AppError> {
    let owners: Vec<AccountId> = tasks.iter().filter_map(|task| task.owner_id).collect();
    let owners: Vec<(AccountId, String, bool)> = account::table
        .filter(account::id.eq_any(owners))
        .select((account::id, account::name, account::active))
        .load(conn)?;
    let cases: Vec<CaseId> = tasks.iter().filter_map(|task| task.case_id).collect();
    let cases: Vec<(CaseId, OrganisationId, String)> = case::table
        .filter(case::id.eq_any(cases))
        .select((case::id, case::organisation_id, case::reference))
        .load(conn)?;
    let subjects: Vec<SubjectId> = tasks.iter().map(|task| task.subject_id).collect();
    let mut names: BTreeMap<SubjectId, String> = BTreeMap::new();
    let referrals: Vec<(SubjectId, String)> = referral::table
        .filter(referral::id.eq_any(subjects.clone()))
        .select((referral::id, referral::reference))
        .load(conn)?;
    let services: Vec<(SubjectId, String)> =
        service::table.filter(service::id.eq_any(subjects.clone())).select((service::id, service::name)).load(conn)?;
    let units: Vec<(SubjectId, String)> = occupancy::table
        .inner_join(unit::table)
        .filter(occupancy::id.eq_any(subjects))
        .select((occupancy::id, unit::code))
        .load(conn)?;
    names.extend(referrals.into_iter().chain(services).chain(units));
    let told = |task: Task| {
        let owner = owners.iter().find(|(id, ..)| Some(*id) == task.owner_id);
        let owner = owner.map(|(_, name, active)| Owner { name: name.clone(), active: *active });
        let case = cases.iter().find(|(id, of, _)| Some(*id) == task.case_id && *of == task.organisation_id);
        let own_case = case.is_some() && !task.kind.of_provider();
        let about =
            if own_case { case.map(|(.., reference)| reference.clone()) } else { names.get(&task.subject_id).cloned() };
        Listed { task, owner, own_case, about }
    };
    Ok(tasks.into_iter().map(told).collect())
}

/// The organisations that have an open task which was due by then.
pub(in crate::db) fn organisations_overdue(conn: &mut Conn, by: At) -> Result<Vec<OrganisationId>, AppError> {
    let overdue = task::table
        .filter(task::organisation_id.eq(organisation::id))
        .filter(task::ended_at.is_null())
        .filter(task::due_at.lt(by));
    Ok(organisation::table
        .filter(organisation::active.eq(true))
        .filter(exists(overdue))
        .select(organisation::id)
        .load(conn)?)
}
