//! The queue of mail, for administrators: what waits, what could not be sent, and a button to try it again. Never an
//! address.

use actix_web::{get, post};
use askama::Template;
use garde::Validate;
use serde::Deserialize;

use super::super::Answer;
use super::super::form::{Form, Posted};
use super::super::page::{Done, Page};
use crate::actions;
use crate::api::input::{Path, Query};
use crate::api::page::{DEFAULT_LIMIT, Page as Rows, after, one_more};
use crate::db;
use crate::db::mail::{Listed, Summary};
use crate::domain::mail::State;
use crate::ids::MailId;

#[derive(Template)]
#[template(path = "mail/queue.html")]
struct Queue<'a> {
    page: &'a Page,
    form: Form,
    set_up: bool,
    summary: Summary,
    state: State,
    states: Vec<(&'static str, &'static str)>,
    mail: Vec<Listed>,
    next: Option<String>,
}

/// Which messages, and which page of them.
#[derive(Debug, Default, Deserialize, Validate)]
pub struct Shown {
    #[garde(length(max = 20))]
    state: Option<String>,
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

#[get("/mail")]
pub async fn show(page: Page, Query(shown): Query<Shown>) -> Answer {
    queue(&page, shown, Form::new()).await
}

async fn queue(page: &Page, shown: Shown, form: Form) -> Answer {
    let state: State = shown.state.and_then(|state| state.parse().ok()).unwrap_or(State::GivenUp);
    let begin = after(shown.cursor.as_deref())?;
    let read = move |conn: &mut db::Conn| {
        Ok((db::mail::summary(conn)?, db::mail::page(conn, Some(state), begin, one_more(DEFAULT_LIMIT))?))
    };
    let (summary, rows) = page.app.db.read(&page.actor, read).await?;
    let rows = Rows::of(rows, DEFAULT_LIMIT, |row| row.mail.id)?;
    let queue = Queue {
        page,
        form: form.clone().with("state", state.as_str()),
        set_up: page.app.mailer.is_set_up(),
        summary,
        state,
        states: State::ALL.iter().map(|state| (state.as_str(), super::state(*state))).collect(),
        mail: rows.items,
        next: rows.next.map(|cursor| format!("/mail?state={}&cursor={cursor}", state.as_str())),
    };
    page.show_form(&form, &queue)
}

#[post("/mail/{id}/retry")]
pub async fn retry(page: Page, Path(id): Path<MailId>, posted: Posted) -> Answer {
    let deed = move |tx: &mut db::Tx| Ok(actions::mail::retry(tx, id)?.map(drop));
    match page.act(&posted, page.app.db.write_once(&page.actor, page.once(&posted), deed)).await? {
        Ok(()) => page.go("/mail", Done::MailRetried),
        Err(form) => queue(&page, Shown::default(), form).await,
    }
}

#[post("/mail/retry")]
pub async fn retry_all(page: Page, posted: Posted) -> Answer {
    let deed = |tx: &mut db::Tx| Ok(actions::mail::retry_all(tx)?.map(drop));
    match page.act(&posted, page.app.db.write_once(&page.actor, page.once(&posted), deed)).await? {
        Ok(()) => page.go("/mail", Done::AllMailRetried),
        Err(form) => queue(&page, Shown::default(), form).await,
    }
}
