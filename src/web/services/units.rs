//! Adding a unit to a service.

use std::ops::RangeInclusive;

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use garde::Validate;

use crate::actions;
use crate::api::input::Path;
use crate::clock::At;
use crate::db;
use crate::domain::provision::{Room, UnitFacts, Wheelchair};
use crate::error::{AppError, Part};
use crate::ids::ServiceId;
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong, missing};
use crate::web::page::{Done, Page};

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask).service(add);
}

/// How somebody gets into a unit and around in it.
pub fn access(facts: &UnitFacts) -> &'static str {
    match (facts.wheelchair, facts.step_free) {
        (Wheelchair::Full, _) => "Wheelchair: everywhere",
        (Wheelchair::EssentialRooms, _) => "Wheelchair: the rooms one needs most",
        (Wheelchair::None, true) => "No steps",
        (Wheelchair::None, false) => "Steps",
    }
}

#[derive(Template)]
#[template(path = "services/unit.html")]
struct Ask<'a> {
    page: &'a Page,
    form: &'a Form,
    id: ServiceId,
    service: String,
}

async fn asking(page: &Page, form: &Form, id: ServiceId) -> Answer {
    let owner = page.actor.organisation;
    let service = page.app.db.read(&page.actor, move |conn| db::services::find_of(conn, owner, id)).await?;
    page.show_form(form, &Ask { page, form, id, service: service.name })
}

#[get("/services/{id}/units/new")]
async fn ask(page: Page, Path(id): Path<ServiceId>) -> Answer {
    let form = Form::new().with("facts/cots", 0).with("facts/floor", 0).with_date("online_from", Some(page.now.date()));
    asking(&page, &form, id).await
}

#[post("/services/{id}/units/new")]
async fn add(page: Page, Path(id): Path<ServiceId>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let code = posted.get("code").to_owned();
        match code.chars().count() {
            0 => wrong.note("code", "Enter what you call the unit"),
            1..=40 => {}
            _ => wrong.note("code", "Enter at most 40 letters and numbers"),
        }
        let facts = wrong.take(read(&posted))?;
        let online_from = wrong.take(posted.date("online_from"))?.flatten().map(At::start_of);
        wrong.check()?;
        let facts = facts.ok_or_else(|| AppError::internal("facts that are not there were not noticed"))?;
        let once = page.once(&posted);
        page.app
            .db
            .write_once(&page.actor, once, move |tx| {
                Ok(actions::units::add(tx, id, &code, &facts, online_from)?.map(|unit| unit.id))
            })
            .await
    };
    match page.act(&posted, deed).await? {
        Ok(_) => page.go(&format!("/services/{}#units", id.0), Done::UnitAdded),
        Err(form) => asking(&page, &form, id).await,
    }
}

fn read(posted: &Posted) -> Result<UnitFacts, AppError> {
    let mut wrong = Wrong::default();
    let yes = |name: &str, message: &str| match posted.get(name) {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(missing(name, message)),
    };
    let number = |name: &str, range: RangeInclusive<i32>, message: &str| {
        let number = posted.parse::<i32>(name, message)?;
        if range.contains(&number) { Ok(number) } else { Err(missing(name, message)) }
    };
    let bed_spaces = wrong.take(number("facts/bed_spaces", 1..=20, "Enter how many can sleep there, from 1 to 20"))?;
    let cots = wrong.take(number("facts/cots", 0..=5, "Enter how many cots there are, from 0 to 5"))?;
    let floor = wrong.take(number("facts/floor", -2..=50, "Enter the floor, from -2 to 50. 0 is the ground floor"))?;
    let step_free = wrong.take(yes("facts/step_free", "Say whether there are steps"))?;
    let pets = wrong.take(yes("facts/pets", "Say whether pets can come"))?;
    let wheelchair: Option<Wheelchair> =
        wrong.take(posted.parse("facts/wheelchair", "Say where somebody in a wheelchair can go"))?;
    let bathroom: Option<Room> = wrong.take(posted.parse("facts/bathroom", "Say whether the bathroom is shared"))?;
    let kitchen: Option<Room> = wrong.take(posted.parse("facts/kitchen", "Say whether the kitchen is shared"))?;
    wrong.check()?;
    let (Some(bed_spaces), Some(cots), Some(floor), Some(step_free), Some(pets)) =
        (bed_spaces, cots, floor, step_free, pets)
    else {
        return Err(AppError::internal("a fact that is not there was not noticed"));
    };
    let (Some(wheelchair), Some(bathroom), Some(kitchen)) = (wheelchair, bathroom, kitchen) else {
        return Err(AppError::internal("a fact that is not there was not noticed"));
    };
    let facts = UnitFacts { bed_spaces, cots, step_free, wheelchair, bathroom, kitchen, floor, pets };
    facts.validate().map_err(|report| AppError::out_of_range(Part::Body, "/facts", &report))?;
    Ok(facts)
}
