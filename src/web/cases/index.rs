//! Where a caseworker's day begins, and lists of cases.

use std::collections::BTreeMap;

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use chrono::TimeDelta;
use garde::Validate;
use serde::Deserialize;

use crate::actions;
use crate::actions::public_name;
use crate::actions::watches::Watched;
use crate::api::input::Query;
use crate::api::page::{DEFAULT_LIMIT, Page as Rows, after, one_more};
use crate::clock::At;
use crate::db;
use crate::db::accounts::Account;
use crate::db::cases::{After, Case, Held, Scope};
use crate::db::referrals::{Filter, Seen, Side};
use crate::domain::case::State;
use crate::domain::permission::Action;
use crate::domain::referral::State as Referral;
use crate::domain::task::Kind;
use crate::error::AppError;
use crate::ids::{AccountId, is_reference};
use crate::web::Answer;
use crate::web::alerts::Waiting;
use crate::web::form::{Form, missing};
use crate::web::page::{Page, see_other};
use crate::web::tasks::Needs;
use crate::web::watches::{new_places, unseen};
use crate::web::words;

pub fn routes(config: &mut ServiceConfig) {
    config.service(find_place).service(list_cases);
}

/// How many open cases the first page shows.
const OPEN: i64 = 12;
/// A referral that nobody has answered for so long needs a call.
const LONG: TimeDelta = TimeDelta::hours(2);
/// A hold that ends so soon needs a decision.
const SOON: TimeDelta = TimeDelta::minutes(30);

/// Something that waits for the worker.
struct Task {
    text: String,
    href: String,
}

#[derive(Template)]
#[template(path = "cases/find.html")]
struct Find<'a> {
    page: &'a Page,
    form: Form,
    tasks: Vec<Task>,
    needs: Needs,
    cases: Vec<Case>,
    /// How many households are under watch.
    watched: usize,
    waiting: Waiting,
}

#[derive(Debug, Deserialize, Validate)]
#[garde(allow_unvalidated)]
struct Wanted {
    reference: Option<String>,
}

#[get("/find")]
async fn find_place(page: Page, Query(Wanted { reference }): Query<Wanted>) -> Answer {
    let mut form = Form::new();
    if let Some(typed) = reference {
        let typed = typed.trim().to_uppercase();
        match named(&page, &typed).await {
            Ok(path) => return Ok(see_other(&path)),
            Err(AppError::Invalid(fields)) => form = form.with("reference", &typed).wrong(fields),
            Err(error) => return Err(error),
        }
    }
    let (actor, now) = (page.actor.clone(), page.now);
    let policy = page.app.policy;
    let (cases, referrals, held, watched, waiting, needs) = page
        .app
        .db
        .read(&page.actor, move |conn| {
            let scope = Scope::of(&actor);
            let filter = Filter { side: Some(Side::Referrer), ..Filter::default() };
            Ok((
                db::cases::page(conn, scope, Some(State::Open), None, OPEN)?,
                db::referrals::page(conn, &actor, filter, None, 100)?,
                db::cases::held(conn, scope, now)?,
                actions::watches::list(conn, &actor, now, policy)?,
                Waiting::of(conn, &actor, now)?,
                Needs::of(conn, &actor, now)?,
            ))
        })
        .await?;
    let mut tasks = tasks(&referrals, &held, &needs, now);
    if let Some(task) = found(&watched) {
        tasks.insert(0, task);
    }
    page.show_form(&form.clone(), &Find { page: &page, form, tasks, needs, cases, watched: watched.len(), waiting })
}

/// Where the case with this reference is.
async fn named(page: &Page, reference: &str) -> Result<String, AppError> {
    let message = "No case of yours has this reference. It looks like C-7K4M-P2XD: check each letter";
    if !is_reference(reference) {
        return Err(missing("reference", message));
    }
    let (scope, wanted) = (Scope::of(&page.actor), reference.to_owned());
    let found = page.app.db.read(&page.actor, move |conn| db::cases::with_reference(conn, scope, &wanted)).await;
    match found {
        Ok(id) => Ok(format!("/cases/{}", id.0)),
        Err(AppError::NotFound) => Err(missing("reference", message)),
        Err(error) => Err(error),
    }
}

/// What was found for those under watch.
fn found(watched: &[Watched]) -> Option<Task> {
    let (places, households) = unseen(watched);
    let whose = if households == 1 { "a household" } else { "households" };
    let text = format!("{} for {whose} under watch", new_places(places));
    (places > 0).then(|| Task { text, href: "/watches".into() })
}

/// What needs somebody now, the most pressing first.
/// Without what stands among the tasks already.
fn tasks(referrals: &[Seen], held: &[Held], needs: &Needs, now: At) -> Vec<Task> {
    let mut tasks = Vec::new();
    for hold in held {
        let told = needs.has(Kind::HoldLapsing, hold.case.0);
        if let Some(ends_at) = hold.ends_at.filter(|end| !told && *end - now < SOON) {
            let left = words::length(ends_at - now);
            let text = format!("The place held for {} is let go in {left}", hold.reference);
            tasks.push(Task { text, href: format!("/cases/{}", hold.case.0) });
        }
    }
    for seen in referrals {
        let referral = &seen.referral;
        let accepted = referral.state == Referral::Accepted;
        let service = public_name(&seen.service_name.name, seen.service_name.confidential && !accepted, false);
        let told = |kind| needs.has(kind, referral.id.0);
        let text = match referral.state {
            Referral::InformationRequested | Referral::Sent
                if told(Kind::InformationRequested) || told(Kind::ReferralUnanswered) =>
            {
                continue;
            }
            Referral::InformationRequested => format!("{service} asks you something"),
            Referral::Accepted => format!("{service} has said yes: tell the household, and how to get there"),
            Referral::Sent if now - referral.sent_at > LONG => {
                format!("{service} has not answered for {}: ring them", words::length(now - referral.sent_at))
            }
            _ => continue,
        };
        tasks.push(Task { text, href: format!("/referrals/{}", referral.id.0) });
    }
    tasks
}

/// Which cases a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Which {
    #[default]
    Open,
    /// A page of its own, once here.
    Waiting,
    Closed,
}

#[derive(Debug, Deserialize, Validate)]
#[garde(allow_unvalidated)]
struct Listed {
    #[serde(default)]
    which: Which,
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "cases/list.html")]
struct List<'a> {
    page: &'a Page,
    which: Which,
    cases: Vec<Case>,
    /// Of the whole organisation's workers, for a manager.
    workers: BTreeMap<AccountId, String>,
    next: Option<String>,
}

#[get("/cases")]
async fn list_cases(page: Page, Query(Listed { which, cursor }): Query<Listed>) -> Answer {
    if which == Which::Waiting {
        return Ok(see_other("/waiting"));
    }
    let start: Option<After> = after(cursor.as_deref())?;
    let (actor, all) = (page.actor.clone(), page.may(Action::SeeEveryCase));
    let (rows, workers) = page
        .app
        .db
        .read(&page.actor, move |conn| {
            let scope = Scope::of(&actor);
            let limit = one_more(DEFAULT_LIMIT);
            let state = if which == Which::Closed { State::Closed } else { State::Open };
            let rows = db::cases::page(conn, scope, Some(state), start, limit)?;
            let workers = if all { db::accounts::page(conn, Some(actor.organisation), None, 200)? } else { Vec::new() };
            let named = |account: Account| {
                let gone = if account.active { "" } else { " (gone)" };
                (account.id, format!("{}{gone}", account.name))
            };
            Ok((rows, workers.into_iter().map(named).collect()))
        })
        .await?;
    let Rows { items: cases, next } = Rows::of(rows, DEFAULT_LIMIT, |case: &Case| (case.opened_at, case.id))?;
    page.show(&List { page: &page, which, cases, workers, next })
}

impl List<'_> {
    fn worker(&self, case: &Case) -> &str {
        self.workers.get(&case.owner_id).map_or("", String::as_str)
    }

    fn which(&self) -> &'static str {
        match self.which {
            Which::Open | Which::Waiting => "open",
            Which::Closed => "closed",
        }
    }
}
