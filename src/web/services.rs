//! What providers run: for everybody who finds places, and for managers to look after.

mod edit;
mod units;

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use chrono::NaiveDate;
use garde::Validate;
use serde::Deserialize;

use super::Answer;
use super::matching::accommodation_type;
use super::page::Page;
use super::rules;
use crate::actions::sanctuary::months;
use crate::api::input::{Path, Query};
use crate::api::page::{DEFAULT_LIMIT, Page as Rows, after, one_more, unknown_cursor};
use crate::api::services::Service;
use crate::db;
use crate::db::rules::Subject;
use crate::db::services::Named;
use crate::domain::eligibility::InForce;
use crate::domain::permission::Action;
use crate::domain::provision::{AccommodationType, UnitFacts};
use crate::domain::reference::Code;
use crate::ids::ServiceId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(index).configure(edit::routes).configure(units::routes).service(show);
}

/// At most this many units stand on the page of a service.
const UNITS: i64 = 200;

#[derive(Deserialize, Validate)]
struct Shown {
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

/// A service in the list.
struct Line {
    service: Service,
    own: bool,
    who: &'static str,
}

#[derive(Template)]
#[template(path = "services/index.html")]
struct List<'a> {
    page: &'a Page,
    lines: Vec<Line>,
    next: Option<String>,
    /// Whether these are the reader's own only.
    own: bool,
    manages: bool,
}

/// Those that somebody provides; for those who find places, everybody's.
#[get("/services")]
async fn index(page: Page, Query(shown): Query<Shown>) -> Answer {
    let own = page.actor.organisation;
    let of = page.may(Action::ManageVacancies).then_some(own);
    let (limit, begin) = (DEFAULT_LIMIT, after(shown.cursor.as_deref())?);
    let rows = page
        .app
        .db
        .read(&page.actor, move |conn| db::services::page(conn, of, begin, one_more(limit)))
        .await
        .map_err(unknown_cursor)?;
    let rows = Rows::of(rows, limit, |named| named.service.id)?;
    let line = |named: Named| {
        let service = Service::seen_by(own, named);
        Line { own: service.organisation_id == own, who: who(&service), service }
    };
    page.show(&List {
        page: &page,
        lines: rows.items.into_iter().map(line).collect(),
        next: rows.next.map(|cursor| format!("/services?cursor={cursor}")),
        own: of.is_some(),
        manages: page.may(Action::ManageServices),
    })
}

fn who(service: &Service) -> &'static str {
    match (service.takes_women, service.takes_men) {
        (true, true) => "Women and men",
        (true, false) => "Women",
        (false, true) => "Men",
        (false, false) => "Nobody",
    }
}

/// A unit as far as its service shows it.
struct Home {
    row: db::units::Unit,
    facts: UnitFacts,
}

impl Home {
    fn layout(&self) -> &'static str {
        if self.facts.self_contained() { "Self-contained" } else { "Shared rooms" }
    }

    fn access(&self) -> &'static str {
        units::access(&self.facts)
    }
}

#[derive(Template)]
#[template(path = "services/show.html")]
struct Show<'a> {
    page: &'a Page,
    service: Service,
    facts: Vec<(&'static str, String)>,
    rules: Vec<String>,
    own: bool,
    manages: bool,
    homes: Vec<Home>,
    more_homes: bool,
    /// What a sanctuary scheme has left, month by month; none for other services.
    months: Option<Vec<(String, String)>>,
}

#[get("/services/{id}")]
async fn show(page: Page, Path(id): Path<ServiceId>) -> Answer {
    let owner = page.actor.organisation;
    let provides = page.may(Action::ManageVacancies);
    let months = months(page.now.date(), 3);
    let (named, sets, (units, left), codes) = page
        .app
        .db
        .read(&page.actor, move |conn| {
            let named = db::services::find(conn, id)?;
            let subjects = [Subject::Organisation(named.service.organisation_id), Subject::Service(id)];
            let sets = db::rules::newest(conn, Some(&subjects))?;
            let own = provides && named.service.organisation_id == owner;
            let units = if own { db::units::page(conn, owner, Some(id), None, one_more(UNITS))? } else { Vec::new() };
            let sanctuary = named.service.accommodation_type == AccommodationType::Sanctuary;
            let left = if sanctuary { Some(db::sanctuary::left(conn, id, &months)?) } else { None };
            Ok((named, sets, (units, left), db::reference::codes(conn, None)?))
        })
        .await?;
    let service = Service::seen_by(owner, named);
    let own = service.organisation_id == owner;
    let shown = usize::try_from(UNITS).unwrap_or(usize::MAX);
    let more_homes = units.len() > shown;
    let mut homes: Vec<Home> =
        units.into_iter().take(shown).map(|row| Home { facts: row.facts.clone().into(), row }).collect();
    homes.sort_by_cached_key(|home| counted(&home.row.code));
    page.show(&Show {
        page: &page,
        facts: facts(&service, &codes),
        rules: who_can_come(&sets, page.now.date(), &codes),
        own,
        manages: own && page.may(Action::ManageServices),
        homes,
        more_homes,
        months: left.map(|left| left.iter().map(super::sanctuary::left_of).collect()),
        service,
    })
}

/// What counts today: the rules of the service, and those of its provider for all its services.
fn who_can_come(sets: &db::rules::Sets, today: NaiveDate, codes: &[Code]) -> Vec<String> {
    let in_force = InForce::on(today, sets.values().map(|set| (set.scope, &set.rules.0[..])));
    rules::words::of_rules(in_force.rules().iter().map(|applied| &applied.rule), codes)
}

/// A code as people count: BH2 comes before BH10.
fn counted(code: &str) -> (String, u64, String) {
    let word = code.trim_end_matches(|letter: char| letter.is_ascii_digit());
    (word.to_owned(), code[word.len()..].parse().unwrap_or_default(), code.to_owned())
}

fn hours(hours: u16) -> String {
    if hours == 0 { String::new() } else { super::words::count(hours.into(), "hour") }
}

/// What is known of a service beside its rules, in words; what nobody has told is left out.
fn facts(service: &Service, codes: &[Code]) -> Vec<(&'static str, String)> {
    let attributes = &service.attributes;
    let label = |list: &str, code: &String| {
        let found = codes.iter().find(|known| known.list == list && known.code == *code);
        found.map_or_else(|| super::words::label(code), |known| known.label.clone())
    };
    let labels =
        |list: &str, codes: &[String]| codes.iter().map(|code| label(list, code)).collect::<Vec<_>>().join("; ");
    let yes = |holds: bool| if holds { "Yes".to_owned() } else { String::new() };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let all = [
        ("Area", service.area_name.clone()),
        ("Kind of place", accommodation_type(service.accommodation_type).to_owned()),
        ("Made for", attributes.specialism.iter().map(|code| label("specialism", code)).collect()),
        ("Run by and for the people it serves", yes(attributes.by_and_for)),
        ("Units", attributes.unit_type.iter().map(|code| label("unit_type", code)).collect()),
        ("Support comes from", text(&attributes.support_provider)),
        ("Support", labels("support_type", &attributes.support_types)),
        ("Languages", attributes.languages.join(", ")),
        ("Staff there at night", yes(attributes.overnight_security)),
        ("Quality marks", labels("quality_mark", &attributes.quality_marks)),
        ("Referrals come from", labels("referral_source", &attributes.referral_routes)),
        ("Commissioned by", text(&attributes.commissioner)),
        ("Paid for by", text(&attributes.funding)),
        ("A stay is meant to last at most", attributes.intended_stay_days.map(super::words::span).unwrap_or_default()),
        ("Getting a unit ready again takes", hours(attributes.turnaround_hours)),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}
