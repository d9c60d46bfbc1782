//! Asking for a case that is not one's own, and deciding on what colleagues ask.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use uuid::Uuid;

use super::Answer;
use super::form::{Form, Posted, Wrong, missing};
use super::page::{Done, Page};
use super::reasons::{label, options};
use crate::actions::emergency::{self, Ask};
use crate::api::emergency::{MOST, message};
use crate::api::input::Path;
use crate::clock::At;
use crate::db;
use crate::db::emergency::Emergency;
use crate::domain::emergency::{State, Told, told, undecided};
use crate::domain::reference::Code;
use crate::error::AppError;
use crate::ids::{AccountId, EmergencyId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(index).service(ask).service(look).service(grant).service(refuse).service(end);
}

/// The list of reasons.
const REASONS: &str = "emergency_access_reason";

/// A request of one's own.
struct Own {
    id: Uuid,
    reference: String,
    asked_at: At,
    state: Told,
    text: &'static str,
    /// Until when it waits or is open.
    until: At,
    /// Where to look, while it is open.
    place: String,
}

/// A colleague's request.
struct Theirs {
    id: Uuid,
    who: String,
    reference: String,
    reason: String,
    asked_at: At,
    open: bool,
    state: &'static str,
}

#[derive(Template)]
#[template(path = "emergency/index.html")]
struct Index<'a> {
    page: &'a Page,
    form: Form,
    reasons: Vec<(String, String)>,
    own: Vec<Own>,
    waiting: Vec<Theirs>,
    decided: Vec<Theirs>,
    hours: String,
}

fn state(row: &Emergency, now: At) -> &'static str {
    match row.state {
        State::Asked if undecided(row.state, row.lapses_at, now) => "Waits for you",
        State::Asked => "Nobody decided in time",
        State::Granted if row.until.is_some_and(|until| until > now) => "Can see it now",
        State::Granted | State::Ended => "Over",
        State::Refused => "Refused",
    }
}

fn theirs(row: Emergency, names: &[(AccountId, String)], codes: &[Code], now: At) -> Theirs {
    Theirs {
        id: row.id.0,
        who: name(names, row.account_id),
        state: state(&row, now),
        open: row.state == State::Granted && row.until.is_some_and(|until| until > now),
        reason: label(codes, REASONS, &row.reason),
        reference: row.reference,
        asked_at: row.asked_at,
    }
}

fn name(names: &[(AccountId, String)], id: AccountId) -> String {
    names.iter().find(|(known, _)| *known == id).map_or_else(|| "A colleague".into(), |(_, name)| name.clone())
}

fn names(conn: &mut db::Conn, page: &crate::auth::Actor) -> Result<Vec<(AccountId, String)>, AppError> {
    let all = db::accounts::page(conn, Some(page.organisation), None, 1000)?;
    Ok(all.into_iter().map(|account| (account.id, account.name)).collect())
}

async fn show(page: &Page, form: Form) -> Answer {
    let (actor, now) = (page.actor.clone(), page.now);
    let read = move |conn: &mut db::Conn| {
        let own = db::emergency::asked_by(conn, &actor, MOST)?;
        let others = db::emergency::to_decide(conn, &actor, None, MOST)?;
        Ok((own, others, names(conn, &actor)?, db::reference::codes(conn, Some(REASONS))?))
    };
    let (own, others, names, codes) = page.app.db.read(&page.actor, read).await?;
    let own = own.into_iter().map(|row| {
        let state = told(row.state, row.lapses_at, row.until, now);
        Own {
            id: row.id.0,
            place: if row.reference.starts_with('R') { "/referrals".into() } else { "/cases".into() },
            reference: row.reference,
            asked_at: row.asked_at,
            state,
            text: message(state),
            until: row.until.filter(|_| state == Told::Open).unwrap_or(row.lapses_at),
        }
    });
    let own = own.collect();
    let (waiting, decided): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|row| undecided(row.state, row.lapses_at, now));
    let row = |row| theirs(row, &names, &codes, now);
    page.show_form(
        &form.clone(),
        &Index {
            page,
            form,
            reasons: options(&codes, REASONS, now.date()),
            own,
            waiting: waiting.into_iter().map(row).collect(),
            decided: decided.into_iter().map(row).collect(),
            hours: super::words::length(page.app.policy.emergency_access),
        },
    )
}

#[get("/emergency")]
async fn index(page: Page) -> Answer {
    show(&page, Form::new()).await
}

#[post("/emergency")]
async fn ask(page: Page, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let wanted = |name: &str, message: &str| posted.some(name).ok_or_else(|| missing(name, message));
        let reference = wrong.take(wanted("reference", "Enter the reference that you were told"))?;
        let reason = wrong.take(wanted("reason", "Select a reason"))?;
        let explanation = wrong.take(wanted("explanation", "Say in a sentence what has happened"))?;
        if explanation.as_ref().is_some_and(|text| text.chars().count() > 500) {
            wrong.note("explanation", "Write 500 letters or fewer");
        }
        wrong.check()?;
        let (Some(reference), Some(reason), Some(explanation)) = (reference, reason, explanation) else {
            return Err(AppError::NotFound);
        };
        let asked = Ask { reference, reason, explanation };
        let ask = move |tx: &mut db::Tx| Ok(emergency::ask(tx, &asked)?.map(drop));
        page.app.db.write_once(&page.actor, page.once(&posted), ask).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go("/emergency", Done::EmergencyAsked),
        Err(form) => show(&page, form).await,
    }
}

#[derive(Template)]
#[template(path = "emergency/decide.html")]
struct Decide<'a> {
    page: &'a Page,
    form: Form,
    request: Theirs,
    explanation: String,
    waits: bool,
    lapses_at: At,
    hours: String,
}

async fn show_one(page: &Page, id: EmergencyId, form: Form) -> Answer {
    let now = page.now;
    let (row, explanation) = page.app.db.write(&page.actor, move |tx| emergency::read(tx, id)).await?;
    let actor = page.actor.clone();
    let read = move |conn: &mut db::Conn| Ok((names(conn, &actor)?, db::reference::codes(conn, Some(REASONS))?));
    let (names, codes) = page.app.db.read(&page.actor, read).await?;
    let (waits, lapses_at) = (undecided(row.state, row.lapses_at, now), row.lapses_at);
    let hours = super::words::length(page.app.policy.emergency_access);
    let request = theirs(row, &names, &codes, now);
    page.show_form(&form.clone(), &Decide { page, form, request, explanation, waits, lapses_at, hours })
}

#[get("/emergency/{id}")]
async fn look(page: Page, Path(id): Path<EmergencyId>) -> Answer {
    show_one(&page, id, Form::new()).await
}

#[post("/emergency/{id}/grant")]
async fn grant(page: Page, Path(id): Path<EmergencyId>, posted: Posted) -> Answer {
    let grant = move |tx: &mut db::Tx| Ok(emergency::grant(tx, id)?.map(drop));
    let deed = page.app.db.write_once(&page.actor, page.once(&posted), grant);
    match page.act(&posted, deed).await? {
        Ok(()) => page.go("/emergency", Done::EmergencyGranted),
        Err(form) => show_one(&page, id, form).await,
    }
}

#[post("/emergency/{id}/refuse")]
async fn refuse(page: Page, Path(id): Path<EmergencyId>, posted: Posted) -> Answer {
    let deed = async {
        let reason = posted.some("reason").ok_or_else(|| missing("reason", "Say why, for the record"))?;
        if reason.chars().count() > 500 {
            return Err(missing("reason", "Write 500 letters or fewer"));
        }
        let refuse = move |tx: &mut db::Tx| Ok(emergency::refuse(tx, id, &reason)?.map(drop));
        page.app.db.write_once(&page.actor, page.once(&posted), refuse).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go("/emergency", Done::EmergencyRefused),
        Err(form) => show_one(&page, id, form).await,
    }
}

#[post("/emergency/{id}/end")]
async fn end(page: Page, Path(id): Path<EmergencyId>, posted: Posted) -> Answer {
    let end = move |tx: &mut db::Tx| Ok(emergency::end(tx, id)?.map(drop));
    let deed = page.app.db.write_once(&page.actor, page.once(&posted), end);
    match page.act(&posted, deed).await? {
        Ok(()) => page.go("/emergency", Done::EmergencyEnded),
        Err(form) => show(&page, form).await,
    }
}
