//! For the auditor: what happened, whether the record of it is whole, and the end of the chain to keep elsewhere.

use std::collections::BTreeMap;
use std::str::FromStr;

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse, get, post};
use askama::Template;
use form_urlencoded::Serializer;

use super::Answer;
use super::alerts::Waiting;
use super::form::{Form, Posted, Wrong, missing};
use super::page::Page;
use super::words;
use crate::actions;
use crate::api::audit::{Search, exported, newest_head, verified};
use crate::api::page::{DEFAULT_LIMIT, Page as Rows, after, one_more};
use crate::audit::{Did, Head};
use crate::db::audit::reading::{After, Recorded};
use crate::db::{Conn, Verification, accounts, organisations, reference};
use crate::error::AppError;
use crate::ids::{AccountId, OrganisationId, RequestId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(show).service(file).service(head).service(verify);
}

/// So many organisations, and so many people of one, are offered to choose from.
const CHOICES: i64 = 500;

#[derive(Template)]
#[template(path = "audit/index.html")]
struct Audit<'a> {
    page: &'a Page,
    form: Form,
    /// To choose one of them.
    organisations: Vec<(String, String)>,
    /// Those of the organisation that was chosen.
    people: Vec<(String, String)>,
    actions: Vec<(String, String)>,
    /// None where nothing was asked for yet.
    found: Option<Found>,
    verification: Option<(Verification, usize)>,
    /// Alerts that nobody has looked at.
    waiting: Waiting,
}

/// What was found.
struct Found {
    events: Vec<Recorded>,
    next: Option<String>,
    file: String,
    /// What the codes of reasons mean.
    labels: BTreeMap<String, String>,
}

impl Audit<'_> {
    fn who(event: &Recorded) -> String {
        event.account.clone().unwrap_or_else(|| {
            if event.account_id == AccountId::NOBODY { "Nobody who was signed in, or the system" } else { "Somebody" }
                .to_owned()
        })
    }

    fn person(event: &Recorded) -> Option<String> {
        (event.account_id != AccountId::NOBODY).then(|| format!("/audit?search=yes&account_id={}", event.account_id.0))
    }

    fn record(event: &Recorded) -> Option<String> {
        let id = event.object_id.0;
        (!id.is_nil()).then(|| format!("/audit?search=yes&object_id={id}"))
    }

    /// The end of a number: enough to tell two apart by eye.
    fn short(id: &uuid::Uuid) -> String {
        let id = id.simple().to_string();
        format!("…{}", &id[id.len() - 8..])
    }

    fn did(event: &Recorded) -> String {
        told(&event.action)
    }

    fn fields(event: &Recorded) -> String {
        event.fields.split_whitespace().map(|name| name.replace(['.', '_'], " ")).collect::<Vec<_>>().join(", ")
    }

    fn reason(found: &Found, event: &Recorded) -> String {
        found.labels.get(&event.reason).cloned().unwrap_or_else(|| words::label(&event.reason))
    }
}

/// "referral.sent": "Referral: sent".
fn told(action: &str) -> String {
    let (kind, what) = action.split_once('.').unwrap_or((action, "everything"));
    let what = if what.is_empty() { "everything" } else { what };
    format!("{}: {}", words::label(kind), what.replace('_', " "))
}

/// Every action to choose from: of each kind first all.
fn actions() -> Vec<(String, String)> {
    let mut words: Vec<String> = Did::ALL.iter().map(|did| did.as_str().to_owned()).collect();
    words.extend(["refused.forbidden", "refused.not_found", "refused.reauthenticate"].map(str::to_owned));
    let kinds: Vec<String> = words.iter().filter_map(|word| Some(format!("{}.", word.split('.').next()?))).collect();
    words.extend(kinds);
    words.sort();
    words.dedup();
    words.into_iter().map(|word| (word.clone(), told(&word))).collect()
}

/// What a page is asked for; none where it is only opened.
struct Asked {
    search: Option<Search>,
    form: Form,
}

fn asked(request: &HttpRequest) -> Result<Asked, AppError> {
    let query = Posted::new(request.path(), request.query_string().to_owned());
    let form = Form::of(&query);
    if !query.has("search") {
        return Ok(Asked { search: None, form });
    }
    let mut wrong = Wrong::default();
    let number = "Enter a number as it stands in the list: letters, digits and four dashes";
    let ids = ["account_id", "organisation_id", "object_id", "request_id"];
    let [account, organisation, object, request] = ids.map(|name| wrong.take(query.maybe::<uuid::Uuid>(name, number)));
    let search = Search {
        account_id: account?.flatten().map(AccountId),
        organisation_id: organisation?.flatten().map(OrganisationId),
        object_id: object?.flatten(),
        request_id: request?.flatten().map(RequestId),
        action: query.some("action"),
        from: wrong.take(query.date("from"))?.flatten(),
        until: wrong.take(query.date("until"))?.flatten(),
        cursor: query.some("cursor"),
        ..Search::default()
    };
    wrong.take(search.ask().map_err(|error| match error {
        AppError::Invalid(_) => missing("until", "Choose a last day that is not before the first"),
        error => error,
    }))?;
    match wrong.check() {
        Ok(()) => Ok(Asked { search: Some(search), form }),
        Err(AppError::Invalid(fields)) => Ok(Asked { search: None, form: form.wrong(fields) }),
        Err(error) => Err(error),
    }
}

/// The address of the same search, without the page of it.
fn link(path: &str, request: &HttpRequest, more: &[(&str, &str)]) -> String {
    let given = form_urlencoded::parse(request.query_string().as_bytes());
    let given = given.filter(|(name, value)| !["cursor", "done"].contains(&name.as_ref()) && !value.is_empty());
    Serializer::for_suffix(format!("{path}?"), path.len() + 1).extend_pairs(given).extend_pairs(more).finish()
}

#[get("/audit")]
async fn show(page: Page, request: HttpRequest) -> Answer {
    let Asked { search, form } = asked(&request)?;
    let Some(search) = search else { return shown(&page, form).await };
    let (ask, begin) = (search.ask()?, after::<After>(search.cursor.as_deref())?);
    let events = actions::audit::search(&page.app.db, &page.actor, ask, begin, one_more(DEFAULT_LIMIT)).await?;
    let rows = Rows::of(events, DEFAULT_LIMIT, |event| (event.at, event.id))?;
    let labels = page.app.db.read(&page.actor, |conn| reference::codes(conn, None)).await?;
    let found = Found {
        events: rows.items,
        next: rows.next.map(|cursor| link("/audit", &request, &[("cursor", &cursor)])),
        file: link("/audit/events.csv", &request, &[]),
        labels: labels.into_iter().map(|code| (code.code, code.label)).collect(),
    };
    whole(&page, form, Some(found), None).await
}

/// The page without anything found, with what is wrong about something that was typed on it.
///
/// # Errors
/// When the database fails.
pub async fn shown(page: &Page, form: Form) -> Answer {
    whole(page, form, None, None).await
}

async fn whole(page: &Page, form: Form, found: Option<Found>, verification: Option<(Verification, usize)>) -> Answer {
    let chosen = uuid::Uuid::from_str(form.value("organisation_id")).ok().map(OrganisationId);
    let (actor, now) = (page.actor.clone(), page.now);
    let choices = move |conn: &mut Conn| {
        let people = match chosen {
            Some(id) => accounts::page(conn, Some(id), None, CHOICES)?,
            None => Vec::new(),
        };
        Ok((organisations::page(conn, None, CHOICES)?, people, Waiting::of(conn, &actor, now)?))
    };
    let (organisations, people, waiting) = page.app.db.read(&page.actor, choices).await?;
    let organisations = organisations.into_iter().map(|row| (row.id.0.to_string(), row.name)).collect();
    let people = people.into_iter().map(|row| (row.id.0.to_string(), row.name)).collect();
    let template =
        Audit { page, form: form.clone(), organisations, people, actions: actions(), found, verification, waiting };
    page.show_form(&form, &template)
}

/// What was found as a file. That it was taken out is recorded.
#[get("/audit/events.csv")]
async fn file(page: Page, request: HttpRequest) -> Answer {
    let Asked { search, form } = asked(&request)?;
    match (search, form.any_wrong()) {
        (None, true) => shown(&page, form).await,
        (search, _) => exported(&page.app, &page.actor, search.unwrap_or_default().ask()?).await,
    }
}

/// The end of the chain as a file of one line.
#[get("/audit/head")]
async fn head(page: Page) -> Answer {
    let line = newest_head(&page.app, &page.actor).await?.line().map_err(AppError::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/jsonl; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"audit-head.jsonl\""))
        .body(line + "\n"))
}

/// Reads every event and the whole chain.
#[post("/audit/verification")]
async fn verify(page: Page, posted: Posted) -> Answer {
    let deed = async {
        let heads = Head::read(posted.get("heads")).map_err(|(line, _)| {
            missing("heads", &format!("Line {line} is no kept end of the audit. Paste each line whole, just as it was"))
        })?;
        verified(&page.app, &page.actor, heads).await
    };
    match page.act(&posted, deed).await? {
        Ok(found) => whole(&page, Form::new(), None, Some(found)).await,
        Err(form) => shown(&page, form).await,
    }
}
