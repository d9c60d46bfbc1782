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
use crate::domain::identity::{Identity, Person, SafeContact};
use crate::error::{AppError, Part};
use crate::ids::CaseId;
use crate::web::Answer;
use crate::web::form::{Form, Posted, missing};
use crate::web::page::{Done, Page};

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask_contact).service(write_contact).service(disclose_identity);
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
        page.app.db.write(&page.actor, move |tx| actions::cases::write_identity(tx, id, &identity)).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&format!("/cases/{}", id.0), Done::IdentitySaved),
        Err(form) => show(&page, id, form).await,
    }
}

/// Shown once, in the answer to the request for it; the browser keeps nothing.
#[derive(Template)]
#[template(path = "cases/identity.html")]
struct Disclosed<'a> {
    page: &'a Page,
    case: Case,
    identity: Identity,
}

#[post("/cases/{id}/identity")]
async fn disclose_identity(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    let scope = Scope::of(&page.actor);
    let deed = async {
        let reason = posted.some("reason").ok_or_else(|| missing("reason", "Select why you need to see this"))?;
        page.app.db.write(&page.actor, move |tx| actions::cases::disclose_identity(tx, id, &reason)).await
    };
    match page.act(&posted, deed).await? {
        Ok(identity) => {
            let case = page.app.db.read(&page.actor, move |conn| db::cases::find_in(conn, scope, id)).await?;
            page.show(&Disclosed { page: &page, case, identity })
        }
        Err(form) => show(&page, id, form).await,
    }
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
