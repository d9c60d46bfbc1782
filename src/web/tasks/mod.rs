//! What somebody has to do: the first thing of her day, the list, one task, a new one.

mod list;
mod one;

use actix_web::web::ServiceConfig;
use chrono::Days;

use super::form::{Posted, Wrong};
use crate::api::tasks::Task;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::db::tasks::Scope;
use crate::domain::permission::Action;
use crate::domain::task::{Kind, Place, State};
use crate::error::AppError;
use crate::ids::AccountId;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list::list)
        .service(one::ask_new)
        .service(one::add)
        .service(one::find)
        .service(one::change)
        .service(one::take)
        .service(one::finish);
}

/// A task as it stands in a list.
pub struct Row {
    pub task: Task,
    /// Where something is done about it.
    pub href: String,
}

impl Row {
    fn of(task: Task) -> Self {
        Self { href: href(&task), task }
    }

    pub fn is_of(&self, account: &AccountId) -> bool {
        self.task.owner_id == Some(*account)
    }

    pub fn open(&self) -> bool {
        self.task.state == State::Open
    }

    /// For a button whose text says only what it does.
    pub fn named(&self) -> String {
        format!("{} {}", self.task.what, self.task.about.as_deref().unwrap_or_default())
    }
}

/// The page on which something is done about a task.
pub fn href(task: &Task) -> String {
    let subject = task.subject_id.0;
    match (task.place, task.case_id) {
        (Place::Board, _) => "/units".into(),
        (Place::Case, Some(case)) => format!("/cases/{}", case.0),
        (Place::CaseWorker, Some(case)) => format!("/cases/{}/worker", case.0),
        (Place::Referral, _) => format!("/referrals/{subject}"),
        (Place::Sanctuary, _) => format!("/sanctuary/{subject}"),
        (Place::Stay, _) => format!("/placements/{subject}"),
        (Place::Task | Place::Case | Place::CaseWorker, _) => format!("/tasks/{}", task.id.0),
    }
}

/// So many tasks stand where the day begins.
const FIRST: i64 = 10;

/// What needs somebody now: overdue first, then today.
#[derive(Default)]
pub struct Needs {
    pub rows: Vec<Row>,
    /// How many more there are today.
    pub more: i64,
}

impl Needs {
    /// # Errors
    /// When the database fails.
    pub fn of(conn: &mut db::Conn, actor: &Actor, now: At) -> Result<Self, AppError> {
        if !actor.may(Action::WorkTasks) {
            return Ok(Self::default());
        }
        let tomorrow = At::start_of(now.date() + Days::new(1));
        let (tasks, all) = db::tasks::needed(conn, Scope::of(actor), tomorrow, FIRST)?;
        let listed = db::tasks::listed(conn, tasks)?;
        let rows: Vec<Row> = listed.into_iter().map(|listed| Row::of(Task::of(listed, now))).collect();
        let shown = i64::try_from(rows.len()).unwrap_or(FIRST);
        Ok(Self { rows, more: all - shown })
    }

    /// Whether a task of this kind about this stands here already.
    pub fn has(&self, kind: Kind, about: uuid::Uuid) -> bool {
        self.rows.iter().any(|row| {
            let case = row.task.case_id.is_some_and(|case| case.0 == about);
            row.task.kind == kind && (row.task.subject_id.0 == about || case)
        })
    }
}

/// The time that was typed: a day in three boxes, and a time of that day.
fn due_at(posted: &Posted, wrong: &mut Wrong) -> Result<Option<At>, AppError> {
    let day = wrong.take(posted.date("due_at"))?.flatten();
    let typed = posted.get("due_time");
    let time = super::cases::time(typed).and_then(|time| time.parse::<crate::domain::mail::TimeOfDay>().ok());
    if !typed.is_empty() && time.is_none() {
        wrong.note("due_time", "Enter a time, like 9:30 or 17:00");
    }
    match (day, time) {
        (Some(day), Some(time)) => {
            let at = At::on(day, time.0);
            if at.is_none() {
                wrong.note("due_time", "There is no such time on that day: the clocks change");
            }
            Ok(at)
        }
        (None, _) | (_, None) => Ok(None),
    }
}
