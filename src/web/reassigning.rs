//! Giving the cases and tasks of somebody who is away or gone to others.

use std::collections::BTreeMap;

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;

use super::Answer;
use super::form::{Form, Posted, missing};
use super::page::Page;
use crate::actions;
use crate::actions::reassigning::{Work, work_of};
use crate::api::input::Path;
use crate::api::reassigning::Reassigned;
use crate::db;
use crate::db::accounts::Account;
use crate::domain::permission::{Action, may};
use crate::ids::AccountId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask).service(reassign);
}

#[derive(Template)]
#[template(path = "accounts/reassign.html")]
struct Ask<'a> {
    page: &'a Page,
    form: Form,
    account: Account,
    work: Work,
    /// Those who could take it over.
    people: Vec<(String, String)>,
}

/// "2 open cases and 1 task".
pub fn waiting(work: &Work) -> String {
    let count = |number: i64, one: &str| super::words::count(usize::try_from(number).unwrap_or_default(), one);
    match (work.cases, work.tasks) {
        (0, tasks) => count(tasks, "task"),
        (cases, 0) => count(cases, "open case"),
        (cases, tasks) => format!("{} and {}", count(cases, "open case"), count(tasks, "task")),
    }
}

impl Ask<'_> {
    fn waiting(&self) -> String {
        waiting(&self.work)
    }

    fn nothing(&self) -> bool {
        self.work.cases + self.work.tasks == 0
    }
}

#[get("/accounts/{id}/reassign")]
async fn ask(page: Page, Path(id): Path<AccountId>) -> Answer {
    show(&page, id, Form::new()).await
}

async fn show(page: &Page, id: AccountId, form: Form) -> Answer {
    let actor = page.actor.clone();
    let read = move |conn: &mut db::Conn| {
        let account = db::accounts::find(conn, Some(actor.organisation), id)?;
        let work = work_of(conn, &actor, id)?;
        Ok((account, work, db::tasks::people(conn, actor.organisation)?))
    };
    let (account, work, people) = page.app.db.read(&page.actor, read).await?;
    let needed = if work.cases > 0 { Action::WorkCases } else { Action::WorkTasks };
    let able = people.into_iter().filter(|(other, _, roles)| *other != id && may(&roles.0, needed));
    let people = able.map(|(id, name, _)| (id.0.to_string(), name)).collect();
    page.show_form(&form.clone(), &Ask { page, form, account, work, people })
}

#[derive(Template)]
#[template(path = "accounts/reassigned.html")]
struct Done<'a> {
    page: &'a Page,
    account: Account,
    moved: Reassigned,
    names: BTreeMap<AccountId, String>,
}

impl Done<'_> {
    fn name(&self, id: &AccountId) -> &str {
        self.names.get(id).map_or("", String::as_str)
    }
}

/// What was moved is said in the answer: sent again, the same form is answered the same and moves nothing.
#[post("/accounts/{id}/reassign")]
async fn reassign(page: Page, Path(id): Path<AccountId>, posted: Posted) -> Answer {
    let deed = async {
        let chosen = posted.all("to");
        let to: Vec<AccountId> = chosen.iter().filter_map(|id| id.parse().ok()).map(AccountId).collect();
        if to.is_empty() || to.len() > 20 {
            return Err(missing("to", "Choose who takes the work over: at least one person"));
        }
        let reassign = move |tx: &mut db::Tx| Ok(actions::reassigning::reassign(tx, id, &to)?.map(Reassigned::from));
        page.app.db.write_once(&page.actor, page.once(&posted), reassign).await
    };
    match page.act(&posted, deed).await? {
        Ok(moved) => {
            let own = page.actor.organisation;
            let read = move |conn: &mut db::Conn| {
                Ok((db::accounts::find(conn, Some(own), id)?, db::tasks::people(conn, own)?))
            };
            let (account, people) = page.app.db.read(&page.actor, read).await?;
            let names = people.into_iter().map(|(id, name, _)| (id, name)).collect();
            page.show(&Done { page: &page, account, moved, names })
        }
        Err(form) => show(&page, id, form).await,
    }
}
