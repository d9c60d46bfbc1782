//! One task, and a new one.

use actix_web::{get, post};
use askama::Template;
use garde::Validate;
use serde::Deserialize;

use super::{Row, due_at};
use crate::actions;
use crate::actions::tasks::{Edit, For, New};
use crate::api::input::{Path, Query};
use crate::api::tasks::Task;
use crate::db;
use crate::db::tasks::Scope;
use crate::ids::{AccountId, CaseId, TaskId};
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong, missing};
use crate::web::page::{Done, Page};

#[derive(Template)]
#[template(path = "tasks/show.html")]
struct Shown<'a> {
    page: &'a Page,
    form: Form,
    row: Row,
    /// What somebody wrote.
    text: Option<String>,
    /// Those who can do it.
    people: Vec<(String, String)>,
    own: bool,
}

#[get("/tasks/{id}")]
pub(super) async fn find(page: Page, Path(id): Path<TaskId>) -> Answer {
    shown(&page, id, None).await
}

async fn shown(page: &Page, id: TaskId, form: Option<Form>) -> Answer {
    let (scope, now) = (Scope::of(&page.actor), page.now);
    let read = move |conn: &mut db::Conn| {
        let task = db::tasks::find_in(conn, scope, id)?;
        let people = actions::tasks::able(conn, &task)?;
        Ok((task.sealed.is_some(), people, Task::one(conn, task, now)?))
    };
    let (written, people, task) = page.app.db.read(&page.actor, read).await?;
    let text = if written {
        Some(page.app.db.write(&page.actor, move |tx| actions::tasks::read(tx, id)).await?)
    } else {
        None
    };
    let stored = Form::new()
        .with("version", task.version)
        .with_some("owner_id", task.owner_id.map(|id| id.0))
        .with_date("due_at", Some(task.due_at.date()))
        .with("due_time", task.due_at.time().format("%H:%M"));
    let form = form.map_or(stored, |form| form.renewed(task.version));
    let people = people.into_iter().map(|(id, name)| (id.0.to_string(), name)).collect();
    let own = task.owner_id == Some(page.actor.account);
    page.show_form(&form.clone(), &Shown { page, form, row: Row::of(task), text, people, own })
}

#[post("/tasks/{id}")]
pub(super) async fn change(page: Page, Path(id): Path<TaskId>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let version: i32 = wrong.take(posted.parse("version", "Reload the page"))?.unwrap_or_default();
        let owner = wrong.take(posted.maybe::<uuid::Uuid>("owner_id", "Choose who does it"))?.flatten();
        let due = due_at(&posted, &mut wrong)?;
        wrong.check()?;
        // A time that was left as it was may be over.
        let scope = Scope::of(&page.actor);
        let known = page.app.db.read(&page.actor, move |conn| db::tasks::find_in(conn, scope, id)).await?;
        let to_the_minute = |at: crate::clock::At| at.unix_seconds() / 60;
        let moved = due.filter(|due| to_the_minute(*due) != to_the_minute(known.due_at));
        let owner = owner.map(AccountId).filter(|owner| Some(*owner) != known.owner_id);
        let edit = Edit { owner, due_at: moved };
        page.app.db.write(&page.actor, move |tx| Ok(actions::tasks::edit(tx, id, version, edit)?.map(drop))).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go("/tasks", Done::TaskSaved),
        Err(form) => shown(&page, id, Some(form)).await,
    }
}

#[post("/tasks/{id}/take")]
pub(super) async fn take(page: Page, Path(id): Path<TaskId>, posted: Posted) -> Answer {
    let me = page.actor.account;
    let deed = async {
        let version: i32 = posted.parse("version", "Reload the page")?;
        let edit = Edit { owner: Some(me), due_at: None };
        page.app.db.write(&page.actor, move |tx| Ok(actions::tasks::edit(tx, id, version, edit)?.map(drop))).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go("/tasks", Done::TaskTaken),
        Err(form) => shown(&page, id, Some(form)).await,
    }
}

#[post("/tasks/{id}/done")]
pub(super) async fn finish(page: Page, Path(id): Path<TaskId>, posted: Posted) -> Answer {
    let end = move |tx: &mut db::Tx| Ok(actions::tasks::finish(tx, id)?.map(drop));
    let deed = page.app.db.write_once(&page.actor, page.once(&posted), end);
    match page.act(&posted, deed).await? {
        Ok(()) => page.go("/tasks", Done::TaskFinished),
        Err(form) => shown(&page, id, Some(form)).await,
    }
}

#[derive(Debug, Deserialize, Validate)]
#[garde(allow_unvalidated)]
pub(super) struct About {
    #[garde(length(max = 36))]
    case: Option<String>,
}

#[derive(Template)]
#[template(path = "tasks/new.html")]
struct AskNew<'a> {
    page: &'a Page,
    form: Form,
    case: Option<(String, CaseId)>,
    people: Vec<(String, String)>,
}

async fn asking(page: &Page, case: Option<CaseId>, form: Form) -> Answer {
    let (scope, actor) = (db::cases::Scope::of(&page.actor), page.actor.clone());
    let read = move |conn: &mut db::Conn| {
        let case = case.map(|id| db::cases::find_in(conn, scope, id)).transpose()?;
        let people = actions::tasks::able_for(conn, actor.organisation, case.as_ref().map(|case| case.id))?;
        Ok((case.map(|case| (case.reference, case.id)), people))
    };
    let (case, people) = page.app.db.read(&page.actor, read).await?;
    let mut choices = vec![("me".to_owned(), "Me".to_owned()), ("anybody".to_owned(), "Whoever takes it".to_owned())];
    let colleagues = people.into_iter().filter(|(id, _)| *id != page.actor.account);
    choices.extend(colleagues.map(|(id, name)| (id.0.to_string(), name)));
    page.show_form(&form.clone(), &AskNew { page, form, case, people: choices })
}

#[get("/tasks/new")]
pub(super) async fn ask_new(page: Page, Query(about): Query<About>) -> Answer {
    let case = about.case.as_deref().and_then(|id| id.parse().ok()).map(CaseId);
    let form = Form::new()
        .with("owner_id", "me")
        .with_date("due_at", Some(page.now.date()))
        .with_some("case", case.map(|case| case.0));
    asking(&page, case, form).await
}

#[post("/tasks/new")]
pub(super) async fn add(page: Page, posted: Posted) -> Answer {
    let case = posted.get("case").parse().ok().map(CaseId);
    let deed = async {
        let mut wrong = Wrong::default();
        let text = posted.get("text").to_owned();
        match text.chars().count() {
            0 => wrong.note("text", "Enter what is to be done"),
            1..=2000 => {}
            _ => wrong.note("text", "Write less: 2000 letters at most"),
        }
        if ["day", "month", "year"].iter().all(|part| posted.get(&format!("due_at-{part}")).is_empty()) {
            wrong.note("due_at", "Enter the day by which it is to be done");
        }
        if posted.get("due_time").is_empty() {
            wrong.note("due_time", "Enter the time by which it is to be done, like 16:00");
        }
        let due = due_at(&posted, &mut wrong)?;
        let owner = match posted.get("owner_id") {
            "me" => Some(For::Me),
            "anybody" => Some(For::Anybody),
            _ => {
                let id = posted.parse::<uuid::Uuid>("owner_id", "Choose who does it");
                wrong.take(id)?.map(|id| For::Person(AccountId(id)))
            }
        };
        wrong.check()?;
        let (Some(due_at), Some(owner)) = (due, owner) else { return Err(missing("due_at", "Enter a day and a time")) };
        let new = New { text, due_at, case, owner };
        let add = move |tx: &mut db::Tx| Ok(actions::tasks::add(tx, &new)?.map(drop));
        page.app.db.write_once::<(), _>(&page.actor, page.once(&posted), add).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => {
            let back = case.map_or_else(|| "/tasks".to_owned(), |case| format!("/tasks?case={}", case.0));
            page.go(&back, Done::TaskAdded)
        }
        Err(form) => asking(&page, case, form).await,
    }
}
