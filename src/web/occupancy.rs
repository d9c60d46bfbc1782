//! The calendar: what every unit was, is and will be doing on each day of four weeks.

use std::collections::BTreeMap;

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use chrono::{Datelike, Days, NaiveDate};
use serde::Deserialize;
use uuid::Uuid;

use super::Answer;
use super::page::Page;
use super::units::told::natural;
use super::words::day;
use crate::api::input::Query;
use crate::clock::{At, within_reach};
use crate::db;
use crate::db::occupancy::Occupancy;
use crate::domain::occupancy::Kind;
use crate::domain::placement::State as Stay;
use crate::ids::UnitId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(calendar);
}

/// So many days stand beside each other.
const DAYS: u64 = 28;

#[derive(Deserialize, garde::Validate)]
#[garde(allow_unvalidated)]
struct Asked {
    #[garde(inner(custom(within_reach)))]
    from: Option<NaiveDate>,
}

/// What a unit is doing on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Free,
    Held,
    Expected,
    LivedIn,
    Void,
}

impl Cell {
    const SHOWN: [Self; 4] = [Self::LivedIn, Self::Expected, Self::Held, Self::Void];

    fn letter(self) -> &'static str {
        match self {
            Self::Free => "",
            Self::Held => "H",
            Self::Expected => "E",
            Self::LivedIn => "L",
            Self::Void => "V",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Free => "Free",
            Self::Held => "Held for a referral",
            Self::Expected => "A household is expected",
            Self::LivedIn => "Lived in",
            Self::Void => "Out of use",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Held => "held",
            Self::Expected => "expected",
            Self::LivedIn => "lived",
            Self::Void => "void",
        }
    }

    fn of(taken: &Occupancy, stay: Option<Stay>) -> Self {
        match (taken.kind, stay) {
            (Kind::Hold, _) => Self::Held,
            (Kind::Void, _) => Self::Void,
            (Kind::Placement, Some(Stay::Expected | Stay::DidNotArrive)) => Self::Expected,
            (Kind::Placement, _) => Self::LivedIn,
        }
    }
}

struct Day {
    /// "Mon".
    weekday: String,
    number: u32,
    /// "Nov", on the first day and where a month begins.
    month: Option<String>,
    /// For those who hear it: "Monday 23 November".
    whole: String,
    today: bool,
    weekend: bool,
}

struct Row {
    id: Uuid,
    code: String,
    cells: Vec<Cell>,
}

#[derive(Template)]
#[template(path = "occupancy/calendar.html")]
struct Calendar<'a> {
    page: &'a Page,
    /// "23 Nov to 20 Dec".
    span: String,
    days: Vec<Day>,
    groups: Vec<(String, Vec<Row>)>,
    previous: String,
    next: String,
    /// The way back to today, when this is another time.
    today: Option<&'static str>,
}

#[get("/calendar")]
async fn calendar(page: Page, Query(asked): Query<Asked>) -> Answer {
    let (owner, today) = (page.actor.organisation, page.now.date());
    let monday = today - Days::new(u64::from(today.weekday().num_days_from_monday()));
    let first = asked.from.unwrap_or(monday);
    let days: Vec<NaiveDate> = first.iter_days().take(28).collect();
    let (from, to) = (At::start_of(first), At::start_of(first + Days::new(DAYS)));
    let (names, taken) = page
        .app
        .db
        .read(&page.actor, move |conn| {
            Ok((db::units::names(conn, owner)?, db::occupancy::of_organisation_within(conn, owner, from, to)?))
        })
        .await?;
    let mut of_unit: BTreeMap<UnitId, Vec<(Occupancy, Option<Stay>)>> = BTreeMap::new();
    // A hold that is over was short, and says nothing about the day.
    for (taken, stay) in
        taken.into_iter().filter(|(taken, _)| taken.kind != Kind::Hold || taken.ends_at > Some(page.now))
    {
        of_unit.entry(taken.unit_id).or_default().push((taken, stay));
    }
    let mut groups: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for (id, (code, service)) in names {
        let own = of_unit.remove(&id).unwrap_or_default();
        let cells = days.iter().map(|day| cell(&own, *day)).collect();
        groups.entry(service).or_default().push(Row { id: id.0, code, cells });
    }
    for rows in groups.values_mut() {
        rows.sort_by_cached_key(|row| natural(&row.code));
    }
    let last = first + Days::new(DAYS - 1);
    page.show(&Calendar {
        page: &page,
        span: format!("{} to {}", day(first), day(last)),
        days: days.iter().map(|day| head(*day, first, today)).collect(),
        groups: groups.into_iter().collect(),
        previous: format!("/calendar?from={}", first - Days::new(DAYS)),
        next: format!("/calendar?from={}", first + Days::new(DAYS)),
        today: (first != monday).then_some("/calendar"),
    })
}

/// What begins last on a day stands for it.
fn cell(own: &[(Occupancy, Option<Stay>)], day: NaiveDate) -> Cell {
    let (from, to) = (At::start_of(day), At::start_of(day + Days::new(1)));
    let on = own.iter().rev().find(|(taken, _)| {
        let real = taken.ends_at != Some(taken.starts_at);
        real && taken.starts_at < to && taken.ends_at.is_none_or(|end| end > from)
    });
    on.map_or(Cell::Free, |(taken, stay)| Cell::of(taken, *stay))
}

fn head(day: NaiveDate, first: NaiveDate, today: NaiveDate) -> Day {
    Day {
        weekday: day.format("%a").to_string(),
        number: day.day(),
        month: (day == first || day.day() == 1).then(|| day.format("%b").to_string()),
        whole: day.format("%A %-d %B").to_string(),
        today: day == today,
        weekend: day.weekday().num_days_from_monday() >= 5,
    }
}
