//! The list of tasks.

use actix_web::get;
use askama::Template;
use garde::Validate;
use serde::Deserialize;

use super::Row;
use crate::api::input::Query;
use crate::api::page::{DEFAULT_LIMIT, Page as Rows, after, one_more};
use crate::api::tasks::Task;
use crate::db;
use crate::db::tasks::{After, Filter, Scope, When, Whose};
use crate::domain::permission::Action;
use crate::ids::CaseId;
use crate::web::Answer;
use crate::web::page::Page;

#[derive(Debug, Deserialize, Validate)]
#[garde(allow_unvalidated)]
pub(super) struct Asked {
    #[garde(length(max = 20))]
    whose: Option<String>,
    #[garde(length(max = 20))]
    when: Option<String>,
    #[garde(length(max = 36))]
    case: Option<String>,
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

/// One choice above the list: its text, where it leads, whether it is chosen.
struct Choice {
    text: &'static str,
    href: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "tasks/list.html")]
struct List<'a> {
    page: &'a Page,
    rows: Vec<Row>,
    whose: Vec<Choice>,
    when: Vec<Choice>,
    /// The reference of the only case that is shown, and its id.
    case: Option<(String, CaseId)>,
    next: Option<String>,
}

const WHOSE: [(&str, &str, Whose); 4] = [
    ("ours", "Mine and nobody’s", Whose::MineOrNobody),
    ("mine", "Mine", Whose::Mine),
    ("nobody", "Nobody’s", Whose::Nobody),
    ("all", "All that I can see", Whose::All),
];
const WHEN: [(&str, &str, When); 4] = [
    ("open", "To do", When::Open),
    ("due", "Due now", When::Due),
    ("upcoming", "Later", When::Upcoming),
    ("ended", "Ended", When::Ended),
];

#[get("/tasks")]
pub(super) async fn list(page: Page, Query(asked): Query<Asked>) -> Answer {
    let case: Option<CaseId> = asked.case.as_deref().and_then(|id| id.parse().ok()).map(CaseId);
    // Of one case, all that there is.
    let (usual, case) =
        (if case.is_some() { WHOSE[3] } else { WHOSE[0] }, case.filter(|_| page.may(Action::WorkCases)));
    let whose = WHOSE.into_iter().find(|(word, ..)| Some(*word) == asked.whose.as_deref()).unwrap_or(usual);
    let when = WHEN.into_iter().find(|(word, ..)| Some(*word) == asked.when.as_deref()).unwrap_or(WHEN[0]);
    let begin: Option<After> = after(asked.cursor.as_deref())?;
    let (scope, now, limit) = (Scope::of(&page.actor), page.now, DEFAULT_LIMIT);
    let (cases, filter) = (db::cases::Scope::of(&page.actor), Filter { whose: whose.2, when: when.2, case });
    let read = move |conn: &mut db::Conn| {
        let case = case.map(|id| db::cases::find_in(conn, cases, id)).transpose()?;
        let rows = db::tasks::page(conn, scope, filter, now, begin, one_more(limit))?;
        Ok((db::tasks::listed(conn, rows)?, case.map(|case| (case.reference, case.id))))
    };
    let (listed, case) = page.app.db.read(&page.actor, read).await?;
    let tasks: Vec<Task> = listed.into_iter().map(|listed| Task::of(listed, now)).collect();
    let Rows { items, next } = Rows::of(tasks, limit, |task: &Task| (task.due_at, task.id))?;
    let of = case.as_ref().map(|(_, id)| format!("&case={}", id.0)).unwrap_or_default();
    let link = |whose: &str, when: &str| format!("/tasks?whose={whose}&when={when}{of}");
    let choice = |text, href, chosen| Choice { text, href, chosen };
    page.show(&List {
        page: &page,
        rows: items.into_iter().map(Row::of).collect(),
        whose: WHOSE.map(|(word, text, _)| choice(text, link(word, when.0), word == whose.0)).into(),
        when: WHEN.map(|(word, text, _)| choice(text, link(whose.0, word), word == when.0)).into(),
        next: next.map(|cursor| format!("{}&cursor={cursor}", link(whose.0, when.0))),
        case,
    })
}
