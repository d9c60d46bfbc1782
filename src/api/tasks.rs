//! `/tasks`: what somebody has to do, and by when.

use actix_web::{HttpResponse, get, patch, post, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, IfMatch, Once, Path, Query};
use super::page::{DEFAULT_LIMIT, Page, after, one_more};
use super::problem::Problems;
use super::{created, tagged};
use crate::actions;
use crate::actions::tasks::{Edit, For, New};
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::db::tasks::{After, Filter, Listed, Scope};
use crate::domain::task::{Kind, Place, State};
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, SubjectId, TaskId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(add).service(find).service(edit).service(finish);
}

/// Something that somebody has to do.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Task {
    pub id: TaskId,
    pub kind: Kind,
    /// What there is to do, in plain words.
    pub what: String,
    pub state: State,
    /// Where it is done.
    pub place: Place,
    /// What it is about: a referral, a stay, a service, a case; itself when a person wrote it.
    pub subject_id: SubjectId,
    /// What its reader knows it by: the reference of a case or a referral, the code of a unit, the name of a service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The case of one's own organisation that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_id: Option<CaseId>,
    /// Whose it is; absent when it is anybody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Whether its owner does not work here any more.
    pub owner_gone: bool,
    pub raised_at: At,
    pub due_at: At,
    /// Whether it is open and its time has come.
    pub due: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<At>,
    /// What somebody wrote. Only where one task is read: lists hold no free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    pub version: i32,
}

impl Task {
    pub(crate) fn of(listed: Listed, now: At) -> Self {
        let Listed { task, owner, own_case, about } = listed;
        Self {
            what: task.kind.words(own_case).to_owned(),
            state: task.state(),
            place: task.kind.place(own_case),
            owner_gone: owner.as_ref().is_some_and(|owner| !owner.active),
            owner: owner.map(|owner| owner.name),
            case_id: task.case_id.filter(|_| own_case),
            due: task.ended_at.is_none() && task.due_at <= now,
            id: task.id,
            kind: task.kind,
            subject_id: task.subject_id,
            about,
            owner_id: task.owner_id,
            raised_at: task.raised_at,
            due_at: task.due_at,
            ended_at: task.ended_at,
            text: None,
            version: task.version,
        }
    }

    /// One task, with what is told of it.
    pub(crate) fn one(conn: &mut db::Conn, task: db::tasks::Task, now: At) -> Result<Self, AppError> {
        let listed = db::tasks::listed(conn, vec![task])?.into_iter().next();
        listed.map(|listed| Self::of(listed, now)).ok_or_else(|| AppError::internal("a task is told of as one"))
    }
}

/// Whose tasks.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    Mine,
    /// Nobody's, or of somebody who does not work here any more.
    Nobody,
    #[default]
    All,
}

/// Which of them: `due` by now, `upcoming`, all that are `open`, or those that have `ended`.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum When {
    Due,
    Upcoming,
    #[default]
    Open,
    Ended,
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct Search {
    /// `mine`, `nobody` or `all` that you may see; `all` unless said.
    #[param(inline)]
    whose: Option<Whose>,
    /// `due`, `upcoming`, `open` or `ended`; `open` unless said.
    #[param(inline)]
    when: Option<When>,
    /// Only those about this case.
    case_id: Option<CaseId>,
    /// At most this many; 50 unless said.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the page before.
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

impl Search {
    fn filter(&self) -> Filter {
        let whose = match self.whose.unwrap_or_default() {
            Whose::Mine => db::tasks::Whose::Mine,
            Whose::Nobody => db::tasks::Whose::Nobody,
            Whose::All => db::tasks::Whose::All,
        };
        let when = match self.when.unwrap_or_default() {
            When::Due => db::tasks::When::Due,
            When::Upcoming => db::tasks::When::Upcoming,
            When::Open => db::tasks::When::Open,
            When::Ended => db::tasks::When::Ended,
        };
        Filter { whose, when, case: self.case_id }
    }
}

/// List tasks, the next one due first; those that have ended, the last one due first. About cases you see those of the cases
/// that you see; beside them what is yours and what is nobody's. A manager sees all of the organisation.
#[utoipa::path(
    tag = "tasks",
    security(("token" = [])),
    params(Search),
    responses((status = 200, body = Page<Task>), Problems)
)]
#[get("/tasks")]
pub async fn list(
    app: web::Data<App>,
    actor: Actor,
    Query(search): Query<Search>,
) -> Result<web::Json<Page<Task>>, AppError> {
    let (limit, filter) = (search.limit.unwrap_or(DEFAULT_LIMIT), search.filter());
    let begin: Option<After> = after(search.cursor.as_deref())?;
    let (scope, now) = (Scope::of(&actor), app.clock.now());
    let read = move |conn: &mut db::Conn| {
        let rows = db::tasks::page(conn, scope, filter, now, begin, one_more(limit))?;
        db::tasks::listed(conn, rows)
    };
    let rows = app.db.read(&actor, read).await?;
    let rows = rows.into_iter().map(|listed| Task::of(listed, now)).collect();
    Ok(web::Json(Page::of(rows, limit, |task: &Task| (task.due_at, task.id))?))
}

/// A task in your own words.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewTask {
    /// What is to be done. It is sealed, and stands in no list.
    #[garde(length(chars, min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000)]
    text: String,
    due_at: At,
    /// The case of your organisation that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    case_id: Option<CaseId>,
    /// Who is to do it: a colleague who can. You, unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner_id: Option<AccountId>,
    /// Whoever takes it is to do it.
    #[serde(default)]
    for_anybody: bool,
}

/// Add a task.
#[utoipa::path(
    tag = "tasks",
    security(("token" = [])),
    params(Once),
    request_body = NewTask,
    responses((status = 201, body = Task, headers(("Location" = String), ("ETag" = String))), Problems)
)]
#[post("/tasks")]
pub async fn add(
    app: web::Data<App>,
    actor: Actor,
    once: Once,
    Body(new): Body<NewTask>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let NewTask { text, due_at, case_id, owner_id, for_anybody } = new;
    let owner = match (owner_id, for_anybody) {
        (Some(_), true) => {
            let message = "a task is for one person or for anybody";
            return Err(AppError::body("/for_anybody", "contradiction", &message));
        }
        (Some(id), false) => For::Person(id),
        (None, true) => For::Anybody,
        (None, false) => For::Me,
    };
    let new = New { text, due_at, case: case_id, owner };
    let add = move |tx: &mut db::Tx| {
        let (now, added) = (tx.now(), actions::tasks::add(tx, &new)?);
        let told = Task::one(tx, added.value().clone(), now)?;
        Ok(added.map(|_| told))
    };
    let added: Task = app.db.write_once(&actor, key, add).await?;
    Ok(created(format!("/api/v1/tasks/{}", added.id.0), Some(added.version), &added))
}

/// Read a task, with what somebody wrote. That you read it is recorded.
#[utoipa::path(
    tag = "tasks",
    security(("token" = [])),
    params(("id" = TaskId, Path)),
    responses((status = 200, body = Task, headers(("ETag" = String))), Problems)
)]
#[get("/tasks/{id}")]
pub async fn find(app: web::Data<App>, actor: Actor, Path(id): Path<TaskId>) -> Result<HttpResponse, AppError> {
    let (scope, now) = (Scope::of(&actor), app.clock.now());
    let read = move |conn: &mut db::Conn| {
        let task = db::tasks::find_in(conn, scope, id)?;
        Ok((task.sealed.is_some(), Task::one(conn, task, now)?))
    };
    let (written, mut task) = app.db.read(&actor, read).await?;
    if written {
        task.text = Some(app.db.write(&actor, move |tx| actions::tasks::read(tx, id)).await?);
    }
    Ok(tagged(task.version, &task))
}

/// What to change about a task; what is absent stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct TaskEdit {
    /// Who is to do it: you, or a colleague who can.
    owner_id: Option<AccountId>,
    due_at: Option<At>,
}

/// Take a task, give it to a colleague, or move its time.
#[utoipa::path(
    tag = "tasks",
    security(("token" = [])),
    params(("id" = TaskId, Path), IfMatch),
    request_body = TaskEdit,
    responses((status = 200, body = Task, headers(("ETag" = String))), Problems)
)]
#[patch("/tasks/{id}")]
pub async fn edit(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<TaskId>,
    IfMatch(version): IfMatch,
    Body(TaskEdit { owner_id, due_at }): Body<TaskEdit>,
) -> Result<HttpResponse, AppError> {
    let edit = Edit { owner: owner_id, due_at };
    let edit = move |tx: &mut db::Tx| {
        let (now, edited) = (tx.now(), actions::tasks::edit(tx, id, version, edit)?);
        let told = Task::one(tx, edited.value().clone(), now)?;
        Ok(edited.map(|_| told))
    };
    let edited = app.db.write(&actor, edit).await?;
    Ok(tagged(edited.version, &edited))
}

/// Say that a task is done.
#[utoipa::path(
    tag = "tasks",
    security(("token" = [])),
    params(("id" = TaskId, Path), Once),
    responses((status = 200, body = Task, headers(("ETag" = String))), Problems)
)]
#[post("/tasks/{id}/done")]
pub async fn finish(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<TaskId>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&())?;
    let finish = move |tx: &mut db::Tx| {
        let (now, done) = (tx.now(), actions::tasks::finish(tx, id)?);
        let told = Task::one(tx, done.value().clone(), now)?;
        Ok(done.map(|_| told))
    };
    let done: Task = app.db.write_once(&actor, key, finish).await?;
    Ok(tagged(done.version, &done))
}
