//! Changing what is known of a unit.

use std::ops::RangeInclusive;

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use garde::Validate;
use uuid::Uuid;

use crate::actions;
use crate::api::input::Path;
use crate::clock::At;
use crate::db;
use crate::db::units::Edit;
use crate::domain::provision::{Room, UnitFacts, Wheelchair};
use crate::error::{AppError, Part};
use crate::ids::UnitId;
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong, missing};
use crate::web::page::{Done, Page};

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask).service(save);
}

#[derive(Template)]
#[template(path = "units/edit.html")]
struct EditUnit<'a> {
    page: &'a Page,
    form: Form,
    id: Uuid,
    code: String,
}

#[get("/units/{id}/edit")]
async fn ask(page: Page, Path(id): Path<UnitId>) -> Answer {
    let owner = page.actor.organisation;
    let unit = page.app.db.read(&page.actor, move |conn| db::units::find_of(conn, owner, id)).await?;
    let facts = UnitFacts::from(unit.facts);
    let form = Form::new()
        .with("version", unit.version)
        .with("code", &unit.code)
        .with("facts/bed_spaces", facts.bed_spaces)
        .with("facts/cots", facts.cots)
        .with("facts/floor", facts.floor)
        .with("facts/step_free", yes(facts.step_free))
        .with("facts/wheelchair", facts.wheelchair.as_str())
        .with("facts/bathroom", facts.bathroom.as_str())
        .with("facts/kitchen", facts.kitchen.as_str())
        .with("facts/pets", yes(facts.pets))
        .with_date("online_until", unit.online_until.map(At::date));
    page.show(&EditUnit { page: &page, form, id: id.0, code: unit.code })
}

fn yes(it: bool) -> &'static str {
    if it { "yes" } else { "no" }
}

/// What is typed about a unit.
fn read(posted: &Posted) -> Result<(String, UnitFacts), AppError> {
    let mut wrong = Wrong::default();
    let code = posted.get("code").to_owned();
    if code.is_empty() || code.chars().count() > 40 {
        wrong.note("code", "Enter what you call this unit, in 40 letters at most");
    }
    let is = |name: &str| posted.get(name) == "yes";
    let number = |name: &str, range: RangeInclusive<i32>, message: &str| {
        let number = posted.parse::<i32>(name, message)?;
        if range.contains(&number) { Ok(number) } else { Err(missing(name, message)) }
    };
    let bed_spaces = number("facts/bed_spaces", 1..=20, "Enter how many beds there are, from 1 to 20");
    let cots = match posted.get("facts/cots") {
        "" => Ok(0),
        _ => number("facts/cots", 0..=5, "Enter how many cots there are, from 0 to 5"),
    };
    let floor = number("facts/floor", -2..=50, "Enter the floor, from -2 to 50. 0 is the ground floor");
    let facts = UnitFacts {
        bed_spaces: wrong.take(bed_spaces)?.unwrap_or(1),
        cots: wrong.take(cots)?.unwrap_or_default(),
        floor: wrong.take(floor)?.unwrap_or_default(),
        step_free: is("facts/step_free"),
        wheelchair: wrong
            .take(posted.parse("facts/wheelchair", "Select how far a wheelchair can be used"))?
            .unwrap_or(Wheelchair::None),
        bathroom: wrong.take(posted.parse("facts/bathroom", "Select whose the bathroom is"))?.unwrap_or(Room::Shared),
        kitchen: wrong.take(posted.parse("facts/kitchen", "Select whose the kitchen is"))?.unwrap_or(Room::Shared),
        pets: is("facts/pets"),
    };
    wrong.check()?;
    facts.validate().map_err(|report| AppError::out_of_range(Part::Body, "/facts", &report))?;
    Ok((code, facts))
}

#[post("/units/{id}/edit")]
async fn save(page: Page, Path(id): Path<UnitId>, posted: Posted) -> Answer {
    let deed = async {
        let version = posted.parse("version", "Open this page again")?;
        let (code, facts) = read(&posted)?;
        let online_until = posted.date("online_until")?.map(At::start_of);
        let edit = Edit { code: Some(code), facts: Some(facts.into()), online_until };
        let verb = move |tx: &mut db::Tx| Ok(actions::units::edit(tx, id, version, &edit)?.map(drop));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&format!("/units/{}", id.0), Done::UnitSaved),
        Err(form) => {
            let owner = page.actor.organisation;
            let unit = page.app.db.read(&page.actor, move |conn| db::units::find_of(conn, owner, id)).await?;
            page.show_form(&form.clone(), &EditUnit { page: &page, form, id: id.0, code: unit.code })
        }
    }
}
