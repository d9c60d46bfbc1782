//! Where the home is, and who lives there: written by the worker on the case, read for a reason, shown once.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;

use super::show::{Sent, shown};
use crate::actions::sanctuary as verbs;
use crate::api::input::Path;
use crate::api::sanctuary::view::Job;
use crate::db;
use crate::domain::identity::Address;
use crate::error::AppError;
use crate::ids::SanctuaryId;
use crate::web::Answer;
use crate::web::contact::{self, Place};
use crate::web::form::{Form, Posted, missing};
use crate::web::page::{Done, Page};
use crate::web::reasons::options;
use crate::web::units::read_address;

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask).service(disclose).service(write).service(save).service(identity).service(telephone);
}

fn back(id: SanctuaryId) -> String {
    format!("/sanctuary/{}", id.0)
}

#[derive(Template)]
#[template(path = "sanctuary/ask_address.html")]
struct Ask<'a> {
    page: &'a Page,
    form: Form,
    back: String,
    reference: String,
    reasons: Vec<(String, String)>,
}

async fn job(page: &Page, id: SanctuaryId) -> Result<Job, AppError> {
    let (reader, now) = (page.actor.clone(), page.now);
    page.app.db.read(&page.actor, move |conn| Job::whole(conn, &reader, id, now)).await
}

async fn asked(page: &Page, id: SanctuaryId, form: Form) -> Answer {
    let job = job(page, id).await?;
    let codes = page.app.db.read(&page.actor, |conn| db::reference::codes(conn, Some("disclosure_reason"))).await?;
    let reasons = options(&codes, "disclosure_reason", page.now.date());
    page.show_form(&form.clone(), &Ask { page, form, back: back(id), reference: job.reference, reasons })
}

#[get("/sanctuary/{id}/address")]
async fn ask(page: Page, Path(id): Path<SanctuaryId>) -> Answer {
    asked(&page, id, Form::new()).await
}

#[derive(Template)]
#[template(path = "units/address.html")]
struct Shown<'a> {
    page: &'a Page,
    address: Address,
    back: (String, &'static str),
}

/// Shows the address, once, and records who read it and why.
#[post("/sanctuary/{id}/address")]
async fn disclose(page: Page, Path(id): Path<SanctuaryId>, posted: Posted) -> Answer {
    let deed = async {
        let reason = posted.some("reason").ok_or_else(|| missing("reason", "Select why you need the address"))?;
        page.app.db.write(&page.actor, move |tx| verbs::disclose_address(tx, id, &reason)).await
    };
    match page.act(&posted, deed).await? {
        Ok(address) => page.show(&Shown { page: &page, address, back: (back(id), "The job") }),
        Err(form) => asked(&page, id, form).await,
    }
}

#[derive(Template)]
#[template(path = "sanctuary/write_address.html")]
struct Write<'a> {
    page: &'a Page,
    form: Form,
    back: String,
    reference: String,
}

async fn writing(page: &Page, id: SanctuaryId, form: Form) -> Answer {
    let job = job(page, id).await?;
    if job.case_id.is_none() {
        return Err(AppError::NotFound);
    }
    page.show_form(&form.clone(), &Write { page, form, back: back(id), reference: job.reference })
}

#[get("/sanctuary/{id}/address/edit")]
async fn write(page: Page, Path(id): Path<SanctuaryId>) -> Answer {
    writing(&page, id, Form::new()).await
}

#[post("/sanctuary/{id}/address/edit")]
async fn save(page: Page, Path(id): Path<SanctuaryId>, posted: Posted) -> Answer {
    let deed = async {
        let address = read_address(&posted)?;
        page.app.db.write(&page.actor, move |tx| verbs::write_address(tx, id, &address)).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&back(id), Done::AddressSaved),
        Err(form) => writing(&page, id, form).await,
    }
}

fn place(id: SanctuaryId) -> Place {
    Place {
        telephone: Some(format!("{}/telephone", back(id))),
        back: back(id),
        back_text: "The job".into(),
        call_back: None,
    }
}

#[post("/sanctuary/{id}/identity")]
async fn identity(page: Page, Path(id): Path<SanctuaryId>, posted: Posted) -> Answer {
    let given = posted.get("reason").to_owned();
    let deed = async {
        let reason = posted.some("reason").ok_or_else(|| missing("reason", "Select why you need to know"))?;
        page.app.db.write(&page.actor, move |tx| verbs::disclose_identity(tx, id, &reason)).await
    };
    match page.act(&posted, deed).await? {
        Ok(who) => contact::show_who(&page, place(id), who, &given, Form::new()).await,
        Err(form) => shown(&page, id, &Sent { which: "identity".into(), form }).await,
    }
}

/// The number, or the rules again with what stands in its way.
#[post("/sanctuary/{id}/telephone")]
async fn telephone(page: Page, Path(id): Path<SanctuaryId>, posted: Posted) -> Answer {
    let deed = async {
        let wanted = contact::ask(&posted)?;
        page.app.db.write(&page.actor, move |tx| verbs::disclose_contact(tx, id, &wanted)).await
    };
    match page.act(&posted, deed).await? {
        Ok(reached) => contact::show_reached(&page, place(id), reached),
        Err(form) => {
            let (given, again) = (posted.get("reason").to_owned(), posted.get("reason").to_owned());
            let verb = move |tx: &mut db::Tx| verbs::disclose_identity(tx, id, &again);
            let who = page.app.db.write(&page.actor, verb).await?;
            contact::show_who(&page, place(id), who, &given, form).await
        }
    }
}
