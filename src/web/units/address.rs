//! Where a unit is: written by its manager, read for a reason, shown once.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use garde::Validate;
use uuid::Uuid;

use crate::actions;
use crate::api::input::Path;
use crate::db;
use crate::domain::identity::Address;
use crate::domain::permission::Action;
use crate::error::{AppError, Part};
use crate::ids::UnitId;
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong, missing};
use crate::web::page::{Done, Page};
use crate::web::reasons::options;

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask).service(disclose).service(write).service(save);
}

#[derive(Template)]
#[template(path = "units/ask_address.html")]
struct Ask<'a> {
    page: &'a Page,
    form: Form,
    id: Uuid,
    reasons: Vec<(String, String)>,
}

impl Ask<'_> {
    /// Where the reader came from: a provider from the unit, a referrer from the referral.
    fn back(&self) -> (String, &'static str) {
        if self.page.may(Action::ManageVacancies) {
            (format!("/units/{}", self.id), "The unit")
        } else {
            ("/referrals".into(), "Referrals")
        }
    }
}

async fn asked(page: &Page, id: UnitId, form: Form) -> Answer {
    let codes = page.app.db.read(&page.actor, |conn| db::reference::codes(conn, Some("disclosure_reason"))).await?;
    let reasons = options(&codes, "disclosure_reason", page.now.date());
    page.show_form(&form.clone(), &Ask { page, form, id: id.0, reasons })
}

#[get("/units/{id}/address")]
async fn ask(page: Page, Path(id): Path<UnitId>) -> Answer {
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
#[post("/units/{id}/address")]
async fn disclose(page: Page, Path(id): Path<UnitId>, posted: Posted) -> Answer {
    let deed = async {
        let reason = posted.some("reason").ok_or_else(|| missing("reason", "Select why you need the address"))?;
        page.app.db.write(&page.actor, move |tx| actions::units::disclose_address(tx, id, &reason)).await
    };
    match page.act(&posted, deed).await? {
        Ok(address) => {
            let back = Ask { page: &page, form: Form::new(), id: id.0, reasons: Vec::new() }.back();
            page.show(&Shown { page: &page, address, back })
        }
        Err(form) => asked(&page, id, form).await,
    }
}

#[derive(Template)]
#[template(path = "units/write_address.html")]
struct Write<'a> {
    page: &'a Page,
    form: Form,
    id: Uuid,
    code: String,
}

async fn writing(page: &Page, id: UnitId, form: Form) -> Answer {
    let owner = page.actor.organisation;
    let unit = page.app.db.read(&page.actor, move |conn| db::units::find_of(conn, owner, id)).await?;
    page.show_form(&form.clone(), &Write { page, form, id: id.0, code: unit.code })
}

#[get("/units/{id}/address/edit")]
async fn write(page: Page, Path(id): Path<UnitId>) -> Answer {
    writing(&page, id, Form::new()).await
}

#[post("/units/{id}/address/edit")]
async fn save(page: Page, Path(id): Path<UnitId>, posted: Posted) -> Answer {
    let deed = async {
        let address = read(&posted)?;
        page.app.db.write(&page.actor, move |tx| actions::units::write_address(tx, id, &address)).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&format!("/units/{}", id.0), Done::AddressSaved),
        Err(form) => writing(&page, id, form).await,
    }
}

/// An address as it was typed.
///
/// # Errors
/// [`AppError::Invalid`] with everything that is wrong about it.
pub fn read(posted: &Posted) -> Result<Address, AppError> {
    let mut wrong = Wrong::default();
    let lines: Vec<String> =
        posted.get("lines").lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() {
        wrong.note("lines", "Enter the address");
    } else if lines.len() > 6 || lines.iter().any(|line| line.chars().count() > 120) {
        wrong.note("lines", "Enter 6 lines at most, each of 120 letters at most");
    }
    let postcode = posted.get("postcode").to_uppercase();
    if !(5..=8).contains(&postcode.chars().count()) {
        wrong.note("postcode", "Enter the whole postcode, like LE1 1AA");
    }
    let directions = posted.some("directions");
    if directions.as_ref().is_some_and(|text| text.chars().count() > 500) {
        wrong.note("directions", "Say it in 500 letters at most");
    }
    wrong.check()?;
    let address = Address { lines, postcode, directions };
    address.validate().map_err(|report| AppError::out_of_range(Part::Body, "", &report))?;
    Ok(address)
}
