//! What people of a household were given while they stayed: a table for each of them.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use uuid::Uuid;

use crate::actions;
use crate::actions::support::New;
use crate::api::input::Path;
use crate::db::exclusions::Reader;
use crate::db::{self, Conn, Tx};
use crate::domain::household::{Member, MemberRole};
use crate::domain::placement::{Command, transition};
use crate::domain::support::State;
use crate::ids::{OccupancyId, SupportId};
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong, missing};
use crate::web::household::person;
use crate::web::page::{Done, Page};
use crate::web::reasons::{label, options};
use crate::web::words::day;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(record).service(end).service(take_out);
}

/// Somebody, and what they were given.
struct Given {
    who: String,
    rows: Vec<Row>,
}

struct Row {
    id: Uuid,
    what: String,
    from: String,
    until: String,
    goes_on: bool,
    out: bool,
}

#[derive(Template)]
#[template(path = "placements/support.html")]
struct Shown<'a> {
    page: &'a Page,
    form: Form,
    id: Uuid,
    code: String,
    /// Whether anything can be recorded now.
    open: bool,
    given: Vec<Given>,
    people: Vec<(String, String)>,
    types: Vec<(String, String)>,
}

/// "The survivor", "Child 1 (girl, 6)": how people are told apart without a name.
fn named(members: &[Member], place: usize) -> String {
    let Some(member) = members.get(place) else { return format!("Person {}", place + 1) };
    let alike = members.iter().filter(|other| other.role == member.role).count();
    let number = members[..=place].iter().filter(|other| other.role == member.role).count();
    let role = match member.role {
        MemberRole::Survivor => "Survivor",
        MemberRole::Child => "Child",
        MemberRole::AdultDependant => "Adult who depends on the survivor",
        MemberRole::OtherAdult => "Other adult",
    };
    let number = if alike > 1 { format!(" {number}") } else { String::new() };
    format!("{role}{number} ({})", person(member).to_lowercase())
}

async fn shown(page: &Page, id: OccupancyId, form: Form) -> Answer {
    let reader = Reader::of(&page.actor);
    let read = move |conn: &mut Conn| {
        let seen = db::placements::find_of(conn, reader, id)?;
        let (unit, _) = db::units::find(conn, seen.unit)?;
        let members = db::cases::find(conn, seen.case)?.needs.members;
        let rows = db::support::of_referral(conn, seen.placement.referral_id)?;
        Ok((seen, unit.code, members, rows, db::reference::codes(conn, Some("support_type"))?))
    };
    let (seen, code, members, rows, codes) = page.app.db.read(&page.actor, read).await?;
    let most = rows.iter().filter_map(|row| usize::try_from(row.person).ok()).max().unwrap_or_default();
    let given = (0..members.len().max(most)).map(|place| {
        let theirs = rows.iter().filter(|row| usize::try_from(row.person) == Ok(place + 1));
        let rows = theirs.map(|row| Row {
            id: row.id.0,
            what: label(&codes, "support_type", &row.support_type),
            from: day(row.from_on),
            until: match (row.state, row.until_on) {
                (State::TakenOut, _) => "Taken out".into(),
                (_, Some(until)) => day(until),
                (_, None) => "Goes on".into(),
            },
            goes_on: row.state == State::Given,
            out: row.state == State::TakenOut,
        });
        Given { who: named(&members, place), rows: rows.collect() }
    });
    let shown = Shown {
        page,
        form: form.clone(),
        id: id.0,
        code,
        open: transition(seen.placement.state, Command::RecordSupport).is_ok(),
        given: given.collect(),
        people: (0..members.len()).map(|place| ((place + 1).to_string(), named(&members, place))).collect(),
        types: options(&codes, "support_type", page.now.date()),
    };
    page.show_form(&form, &shown)
}

fn path(id: OccupancyId) -> String {
    format!("/placements/{}/support", id.0)
}

#[get("/placements/{id}/support")]
async fn list(page: Page, Path(id): Path<OccupancyId>) -> Answer {
    shown(&page, id, Form::new()).await
}

#[post("/placements/{id}/support")]
async fn record(page: Page, Path(id): Path<OccupancyId>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let person = wrong.take(posted.parse("person", "Select who is given support"))?;
        let support_type = posted.get("support_type").to_owned();
        if support_type.is_empty() {
            wrong.note("support_type", "Select the kind of support");
        }
        let from_on = wrong.take(posted.date("from_on"))?.flatten();
        let until_on = wrong.take(posted.date("until_on"))?.flatten();
        wrong.check()?;
        let Some(person) = person else { return Err(missing("person", "Select who is given support")) };
        let new = New { person, support_type, from_on, until_on };
        let verb = move |tx: &mut Tx| Ok(actions::support::record(tx, id, &new)?.map(drop));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&path(id), Done::SupportRecorded),
        Err(form) => shown(&page, id, form).await,
    }
}

#[post("/placements/{id}/support/{support}/end")]
async fn end(page: Page, Path((id, support)): Path<(OccupancyId, SupportId)>, posted: Posted) -> Answer {
    let verb = move |tx: &mut Tx| Ok(actions::support::end(tx, id, support, None)?.map(drop));
    match page.act(&posted, page.app.db.write_once(&page.actor, page.once(&posted), verb)).await? {
        Ok(()) => page.go(&path(id), Done::SupportEnded),
        Err(form) => shown(&page, id, form).await,
    }
}

#[post("/placements/{id}/support/{support}/take-out")]
async fn take_out(page: Page, Path((id, support)): Path<(OccupancyId, SupportId)>, posted: Posted) -> Answer {
    let verb = move |tx: &mut Tx| Ok(actions::support::take_out(tx, id, support)?.map(drop));
    match page.act(&posted, page.app.db.write_once(&page.actor, page.once(&posted), verb)).await? {
        Ok(()) => page.go(&path(id), Done::SupportTakenOut),
        Err(form) => shown(&page, id, form).await,
    }
}
