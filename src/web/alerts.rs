//! What somebody should look at: what happened, and what to do.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use garde::Validate;
use serde::Deserialize;
use uuid::Uuid;

use super::Answer;
use super::form::{Form, Posted};
use super::page::{Done, Page};
use crate::actions;
use crate::api::input::{Path, Query};
use crate::api::page::{DEFAULT_LIMIT, Page as Rows, after, one_more};
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::db::alerts::{After, Alert};
use crate::domain::alert::{Kind, Stage};
use crate::domain::permission::{Action, Role};
use crate::error::AppError;
use crate::ids::AlertId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(see);
}

/// What waits for somebody: said where their day begins.
#[derive(Debug, Clone, Copy, Default)]
pub struct Waiting {
    pub alerts: i64,
    pub requests: usize,
}

impl Waiting {
    /// # Errors
    /// When the database fails.
    pub fn of(conn: &mut db::Conn, actor: &Actor, now: At) -> Result<Self, AppError> {
        let alerts = if actor.may(Action::ReadAlerts) { db::alerts::unseen(conn, actor)? } else { 0 };
        let decides = actor.may(Action::ReadReferrals);
        let requests = if decides { db::emergency::waiting(conn, actor, now)? } else { 0 };
        Ok(Self { alerts, requests })
    }
}

/// What happened, and what to do about it.
fn words(kind: Kind, stage: Option<Stage>) -> (&'static str, &'static str) {
    match kind {
        Kind::OwnSurname => (
            "looked at the names of a household with their own surname",
            "Ask them if they are related. If they are, they must step back from this household.",
        ),
        Kind::ManyAddresses => (
            "looked at more than 5 addresses within an hour",
            "Ask them why. If it was not them, stop their account and change their password.",
        ),
        Kind::ManyIdentities => (
            "looked at the names of more than 20 households within an hour",
            "Ask them why. If it was not them, stop their account and change their password.",
        ),
        Kind::ClosedCaseRead => (
            "looked at the names in a case that was closed more than 30 days ago",
            "Ask them what they needed. Nobody should look at old cases without a reason.",
        ),
        Kind::BulkReading => (
            "opened or took out very much within an hour",
            "They have been slowed down. Ask them why. If it was not them, stop their account.",
        ),
        Kind::EmergencyAccess => (
            match stage {
                None | Some(Stage::Asked) => "asked for a household that is not theirs",
                Some(Stage::Granted) => "was let in to a household that is not theirs",
                Some(Stage::Refused) => "asked for a household that is not theirs, and somebody said no",
                Some(Stage::Used) => "has looked at a household that is not theirs, in an emergency",
            },
            "See what was asked. End it if it is no longer needed.",
        ),
    }
}

struct Row {
    id: Uuid,
    who: String,
    what: &'static str,
    todo: &'static str,
    at: At,
    /// Where to go on: the words, the page.
    next: Option<(&'static str, String)>,
    /// Who has looked.
    seen: Option<String>,
    own: bool,
}

#[derive(Template)]
#[template(path = "alerts/index.html")]
struct List<'a> {
    page: &'a Page,
    form: Form,
    rows: Vec<Row>,
    unseen: usize,
    next: Option<String>,
    auditor: bool,
}

#[derive(Debug, Default, Deserialize, Validate)]
#[garde(allow_unvalidated)]
struct Asked {
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

async fn show(page: &Page, form: Form, asked: Asked) -> Answer {
    let begin: Option<After> = after(asked.cursor.as_deref())?;
    let actor = page.actor.clone();
    let read = move |conn: &mut db::Conn| {
        let rows = db::alerts::page(conn, &actor, false, begin, one_more(DEFAULT_LIMIT))?;
        let mut told = Vec::new();
        for row in rows {
            let who = db::accounts::find(conn, None, row.account_id)?.name;
            let seen = row.seen_by.map(|by| db::accounts::find(conn, None, by)).transpose()?.map(|by| by.name);
            told.push((row, who, seen));
        }
        Ok(told)
    };
    let rows = page.app.db.read(&page.actor, read).await?;
    let Rows { items, next } =
        Rows::of(rows, DEFAULT_LIMIT, |(row, ..): &(Alert, String, Option<String>)| (row.at, row.id))?;
    let rows: Vec<Row> = items.into_iter().map(|(row, who, seen)| told(page, &row, who, seen)).collect();
    let template = List {
        page,
        form: form.clone(),
        unseen: rows.iter().filter(|row| row.seen.is_none()).count(),
        rows,
        next: next.map(|cursor| format!("/alerts?cursor={cursor}")),
        auditor: page.actor.has(Role::Auditor),
    };
    page.show_form(&form, &template)
}

fn told(page: &Page, row: &Alert, who: String, seen: Option<String>) -> Row {
    let (what, todo) = words(row.kind, row.stage);
    let own = row.account_id == page.actor.account;
    let next = match row.object_kind.as_str() {
        "case" if page.may(Action::SeeEveryCase) => Some(("See the case", format!("/cases/{}", row.object_id.0))),
        "referral" if page.may(Action::RestrictReferrals) => {
            Some(("See the referral", format!("/referrals/{}", row.object_id.0)))
        }
        "emergency_access" if page.may(Action::ReadReferrals) && !own => {
            Some(("See what was asked", "/emergency".to_owned()))
        }
        "account" if page.may(Action::ManageAccounts) => {
            Some(("See their account", format!("/accounts/{}", row.account_id.0)))
        }
        _ => None,
    };
    Row { id: row.id.0, who, what, todo, at: row.at, next, seen, own }
}

#[get("/alerts")]
async fn list(page: Page, Query(asked): Query<Asked>) -> Answer {
    show(&page, Form::new(), asked).await
}

#[post("/alerts/{id}/seen")]
async fn see(page: Page, Path(id): Path<AlertId>, posted: Posted) -> Answer {
    let see = move |tx: &mut db::Tx| Ok(actions::alerts::see(tx, id)?.map(drop));
    let deed = page.app.db.write_once(&page.actor, page.once(&posted), see);
    match page.act(&posted, deed).await? {
        Ok(()) => page.go("/alerts", Done::AlertSeen),
        Err(form) => show(&page, form, Asked::default()).await,
    }
}
