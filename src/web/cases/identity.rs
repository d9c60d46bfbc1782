//! Who the household is, and how to reach them safely: written down, locked away, and read only for a reason.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use garde::Validate;

use super::lists::Lists;
use crate::actions;
use crate::api::input::Path;
use crate::db;
use crate::db::cases::{Case, Scope};
use crate::domain::contact::{Day, SafeHours};
use crate::domain::identity::{Identity, Person, SafeContact};
use crate::error::{AppError, Part};
use crate::ids::CaseId;
use crate::web::Answer;
use crate::web::contact::{self, Place};
use crate::web::form::{Form, Posted, missing};
use crate::web::page::{Done, Page};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(ask_contact)
        .service(write_contact)
        .service(disclose_identity)
        .service(disclose_contact)
        .service(call_back);
}

#[derive(Template)]
#[template(path = "cases/contact.html")]
struct Contact<'a> {
    page: &'a Page,
    form: Form,
    case: Case,
    lists: Lists,
    has_identity: bool,
}

#[get("/cases/{id}/contact")]
async fn ask_contact(page: Page, Path(id): Path<CaseId>) -> Answer {
    show(&page, id, Form::new()).await
}

async fn show(page: &Page, id: CaseId, form: Form) -> Answer {
    let scope = Scope::of(&page.actor);
    let read = move |conn: &mut db::Conn| {
        let case = db::cases::find_in(conn, scope, id)?;
        Ok((case, Lists::load(conn)?, db::cases::has_identity(conn, id)?))
    };
    let (case, lists, has_identity) = page.app.db.read(&page.actor, read).await?;
    page.show_form(&form.clone(), &Contact { page, form, case, lists, has_identity })
}

#[post("/cases/{id}/contact")]
async fn write_contact(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    let deed = async {
        let message = "Enter a name, or what to call them";
        let identity = identity_of(&posted)?.ok_or_else(|| missing("people/0/name", message))?;
        page.app.db.write(&page.actor, move |tx| actions::identity::write(tx, id, &identity)).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&format!("/cases/{}", id.0), Done::IdentitySaved),
        Err(form) => show(&page, id, form).await,
    }
}

fn place(id: CaseId) -> Place {
    let back = format!("/cases/{}", id.0);
    let later = Some(format!("{back}/call-back"));
    Place { telephone: Some(format!("{back}/telephone")), call_back: later, back, back_text: "The case".into() }
}

#[post("/cases/{id}/identity")]
async fn disclose_identity(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    let reason = posted.get("reason").to_owned();
    let deed = async {
        let reason = posted.some("reason").ok_or_else(|| missing("reason", "Select why you need to see this"))?;
        page.app.db.write(&page.actor, move |tx| actions::identity::disclose(tx, id, &reason)).await
    };
    match page.act(&posted, deed).await? {
        Ok(who) => contact::show_who(&page, place(id), who, &reason, Form::new()).await,
        Err(form) => show(&page, id, form).await,
    }
}

/// The number, or the rules again with what stands in its way.
#[post("/cases/{id}/telephone")]
async fn disclose_contact(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    let deed = async {
        let ask = contact::ask(&posted)?;
        page.app.db.write(&page.actor, move |tx| actions::contact::disclose(tx, id, &ask)).await
    };
    match page.act(&posted, deed).await? {
        Ok(reached) => contact::show_reached(&page, place(id), reached),
        Err(form) => {
            let (reason, again) = (posted.get("reason").to_owned(), posted.get("reason").to_owned());
            let who = page.app.db.write(&page.actor, move |tx| actions::identity::disclose(tx, id, &again)).await?;
            contact::show_who(&page, place(id), who, &reason, form).await
        }
    }
}

/// Puts the call off until it is safe.
#[post("/cases/{id}/call-back")]
async fn call_back(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    let put_off = move |tx: &mut db::Tx| actions::contact::call_back(tx, id);
    match page.act(&posted, page.app.db.write_once(&page.actor, page.once(&posted), put_off)).await? {
        Ok(_) => page.go(&format!("/cases/{}", id.0), Done::CallBackRaised),
        Err(form) => show(&page, id, form).await,
    }
}

/// How many rows of safe hours the form has.
pub const HOURS: usize = 3;

/// The safe hours that were typed: a row counts as soon as anything stands in it.
fn safe_hours(posted: &Posted) -> Result<Option<Vec<SafeHours>>, AppError> {
    let mut rows = Vec::new();
    for n in 0..HOURS {
        let name = |part: &str| format!("safe_contact/safe_hours/{n}/{part}");
        let (days, from, until) = (posted.all(&name("days")), posted.get(&name("from")), posted.get(&name("until")));
        if days.is_empty() && from.is_empty() && until.is_empty() {
            continue;
        }
        let days: Vec<Day> = days.iter().filter_map(|day| day.parse().ok()).collect();
        if days.is_empty() {
            return Err(missing(&name("days"), "Tick the days on which these hours are safe"));
        }
        let from =
            time(from).ok_or_else(|| missing(&name("from"), "Enter the time from which it is safe, like 9:00"))?;
        let until =
            time(until).ok_or_else(|| missing(&name("until"), "Enter the time until which it is safe, like 17:30"))?;
        if until <= from {
            return Err(missing(&name("until"), "Enter a time that is later than the first"));
        }
        rows.push(SafeHours { days, from, until });
    }
    Ok(if rows.is_empty() { None } else { Some(rows) })
}

/// "9", "9:30", "09.30", "17:30" as `09:30`.
pub fn time(typed: &str) -> Option<String> {
    let (hour, minute) = typed.split_once([':', '.']).unwrap_or((typed, "00"));
    let (hour, minute): (u8, u8) = (hour.trim().parse().ok()?, minute.trim().parse().ok()?);
    (hour < 24 && minute < 60).then(|| format!("{hour:02}:{minute:02}"))
}

/// Names and contact details, if any were typed.
///
/// # Errors
/// [`AppError::Invalid`] when they are too long, or there is no name.
pub(super) fn identity_of(posted: &Posted) -> Result<Option<Identity>, AppError> {
    let safe_contact = SafeContact {
        telephone: posted.some("safe_contact/telephone"),
        voicemail_safe: posted.has("safe_contact/voicemail_safe"),
        text_message_safe: posted.has("safe_contact/text_message_safe"),
        email: posted.some("safe_contact/email"),
        email_safe: posted.has("safe_contact/email_safe"),
        safe_hours: safe_hours(posted)?,
        safe_times: posted.some("safe_contact/safe_times"),
        code_word: posted.some("safe_contact/code_word"),
        interpreter_language: posted.some("safe_contact/interpreter_language"),
    };
    let mut people = Vec::new();
    for n in 0..20 {
        let date_of_birth = posted.date(&format!("people/{n}/date_of_birth"))?;
        match (posted.some(&format!("people/{n}/name")), date_of_birth) {
            (Some(name), date_of_birth) => people.push(Person { name, date_of_birth }),
            (None, Some(_)) => return Err(missing(&format!("people/{n}/name"), "Enter the name too")),
            (None, None) => {}
        }
    }
    if people.is_empty() {
        let nothing = safe_contact == SafeContact::default();
        let message = "Enter a name, or what to call them. Without one the contact details cannot be kept";
        return if nothing { Ok(None) } else { Err(missing("people/0/name", message)) };
    }
    let identity = Identity { people, safe_contact };
    identity.validate().map_err(|report| AppError::out_of_range(Part::Body, "", &report))?;
    Ok(Some(identity))
}
