//! The stays of the organisation: first those for which something has to be done.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;
use uuid::Uuid;

use crate::api::input::Query;
use crate::api::page::{Page as Paged, after, one_more};
use crate::clock::At;
use crate::db;
use crate::db::exclusions::Reader;
use crate::db::placements::{After, Seen};
use crate::domain::placement::{DepartureKind, State, days_over};
use crate::web::Answer;
use crate::web::page::Page;
use crate::web::reasons::label;
use crate::web::words::{day, day_from, length, over};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list);
}

/// So many departures stand on a page.
const DEPARTURES: i64 = 20;

#[derive(Deserialize, garde::Validate)]
#[garde(allow_unvalidated)]
struct Asked {
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

struct Row {
    id: Uuid,
    reference: String,
    unit: String,
    service: String,
    /// What is to be known about its time.
    first: String,
    second: String,
    /// Whether somebody should look at it now.
    late: bool,
}

#[derive(Template)]
#[template(path = "placements/list.html")]
struct List<'a> {
    page: &'a Page,
    expected: Vec<Row>,
    here: Vec<Row>,
    left: Vec<Row>,
    /// Whether this is a later page of departures.
    later: bool,
    next: Option<String>,
}

#[get("/placements")]
async fn list(page: Page, Query(asked): Query<Asked>) -> Answer {
    let begin: Option<After> = after(asked.cursor.as_deref())?;
    let later = begin.is_some();
    let (reader, today) = (Reader::of(&page.actor), page.now.date());
    let (mut current, departed, names, codes) = page
        .app
        .db
        .read(&page.actor, move |conn| {
            let current = if later { Vec::new() } else { db::placements::current(conn, reader)? };
            let departed = db::placements::departed(conn, reader, begin, one_more(DEPARTURES))?;
            let codes = db::reference::codes(conn, Some("departure_destination"))?;
            Ok((current, departed, db::units::names(conn, reader.organisation)?, codes))
        })
        .await?;
    let key = |seen: &Seen| (seen.placement.departed_at.unwrap_or(seen.placement.expected_at), seen.placement.id);
    let departed = Paged::of(departed, DEPARTURES, key)?;
    let row = |seen: &Seen, first: String, second: String, late: bool| {
        let (unit, service) = names.get(&seen.unit).cloned().unwrap_or_default();
        Row { id: seen.placement.id.0, reference: seen.reference.clone(), unit, service, first, second, late }
    };
    // Those who should have left come first, then those who leave next; who has no day comes last.
    current.sort_by_key(|seen| match seen.placement.state {
        State::Expected => seen.placement.expected_at.date(),
        _ => seen.placement.expected_end.map_or(NaiveDate::MAX, At::date),
    });
    let (expected, here): (Vec<_>, Vec<_>) = current.iter().partition(|seen| seen.placement.state == State::Expected);
    let list = List {
        page: &page,
        expected: expected
            .into_iter()
            .map(|seen| {
                let day = seen.placement.expected_at.date();
                let (first, late) = expected_words(day, today);
                row(seen, first, String::new(), late)
            })
            .collect(),
        here: here
            .into_iter()
            .map(|seen| {
                let since = seen.placement.arrived_at.unwrap_or(seen.placement.expected_at);
                let (until, late) = match over_limit(seen, today) {
                    Some(over) => (over, true),
                    None => leaving_words(seen.placement.expected_end.map(At::date), today),
                };
                row(seen, length(page.now - since), until, late)
            })
            .collect(),
        left: departed
            .items
            .iter()
            .map(|seen| {
                let stay = &seen.placement;
                let left = stay.departed_at.map(|at| day_from(at.date(), today)).unwrap_or_default();
                let to = stay.destination.as_deref().map(|code| label(&codes, "departure_destination", code));
                let planned = match stay.departure_kind {
                    Some(DepartureKind::Planned) => "planned",
                    Some(DepartureKind::Unplanned) => "not planned",
                    None => "",
                };
                row(seen, left, format!("{} ({planned})", to.unwrap_or_default()), false)
            })
            .collect(),
        later,
        next: departed.next.map(|cursor| format!("/placements?cursor={cursor}")),
    };
    page.show(&list)
}

/// "today", "Was expected yesterday: did they come?".
pub(super) fn expected_words(day: NaiveDate, today: NaiveDate) -> (String, bool) {
    if day >= today {
        return (day_from(day, today), false);
    }
    (format!("Was expected {}: did they come?", day_from(day, today)), true)
}

/// How far a stay is beyond what its service is meant for; nothing before that.
pub(super) fn over_limit(seen: &Seen, today: NaiveDate) -> Option<String> {
    let (since, intended) = (seen.placement.resident_since?, seen.intended_days?);
    days_over(since, intended, today).map(|days| over(days, intended))
}

/// "3 January 2027", "was to leave on 3 November 2026".
pub(super) fn leaving_words(day_of: Option<NaiveDate>, today: NaiveDate) -> (String, bool) {
    match day_of {
        None => ("No day yet".into(), false),
        Some(end) if end < today => (format!("Was to leave on {}", day(end)), true),
        Some(end) => (day_from(end, today), false),
    }
}
