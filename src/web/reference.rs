//! For administrators: the lists and areas that everything else refers to, and how they are grouped in reports.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use chrono::NaiveDate;
use serde_json::Value;

use super::page::Page;
use super::{Answer, words};
use crate::db;
use crate::domain::reference::{Area, Code};

pub fn routes(config: &mut ServiceConfig) {
    config.service(show);
}

/// One list, by the name that people know it by.
struct List {
    name: String,
    grouped: bool,
    entries: Vec<Entry>,
}

struct Entry {
    label: String,
    code: String,
    /// How reports group it.
    groups: Vec<String>,
    /// Since or until when it can be chosen, if that is not always.
    chosen: Option<String>,
}

#[derive(Template)]
#[template(path = "reference/index.html")]
struct Reference<'a> {
    page: &'a Page,
    lists: Vec<List>,
    areas: Vec<(Area, String)>,
}

#[get("/reference")]
async fn show(page: Page) -> Answer {
    let (codes, areas) = page
        .app
        .db
        .read(&page.actor, |conn| Ok((db::reference::codes(conn, None)?, db::reference::areas(conn)?)))
        .await?;
    let county = |area: &Area| {
        let found = areas.iter().find(|known| Some(&known.code) == area.county.as_ref());
        found.map(|county| county.name.clone()).unwrap_or_default()
    };
    let areas = areas.iter().map(|area| (area.clone(), county(area))).collect();
    page.show(&Reference { page: &page, lists: lists(codes, page.now.date()), areas })
}

fn lists(codes: Vec<Code>, today: NaiveDate) -> Vec<List> {
    let mut lists: Vec<(String, List)> = Vec::new();
    for code in codes {
        let entry = Entry { groups: groups(&code), chosen: chosen(&code, today), label: code.label, code: code.code };
        if let Some((_, list)) = lists.last_mut().filter(|(known, _)| *known == code.list) {
            list.entries.push(entry);
        } else {
            let list = List { name: name(&code.list), grouped: false, entries: vec![entry] };
            lists.push((code.list, list));
        }
    }
    let mut lists: Vec<List> = lists.into_iter().map(|(_, list)| list).collect();
    for list in &mut lists {
        list.grouped = list.entries.iter().any(|entry| !entry.groups.is_empty());
    }
    lists.sort_by(|one, two| one.name.cmp(&two.name));
    lists
}

fn name(list: &str) -> String {
    match list {
        "asked_to_leave_reason" => "Why somebody was asked to leave".into(),
        "contact_override_reason" => "Why somebody is reached outside the safe hours".into(),
        "information_topic" => "What a service asks more about".into(),
        "journey_reason" => "Why somebody opens a code".into(),
        "denial_reason" => "Why access was denied".into(),
        "departure_destination" => "Where people go when they leave".into(),
        "disclosure_reason" => "Why somebody reads a name or an address".into(),
        "population" => "How many people live in an area".into(),
        "move_reason" => "Why somebody moves to another unit".into(),
        "void_reason" => "Why a unit is out of use".into(),
        "what_happened_next" => "What happened next, without a place".into(),
        "prior_housing" => "Where people lived before".into(),
        "referral_source" => "Who asked for help".into(),
        "specialism" => "Whom a service is made for".into(),
        other => words::label(other),
    }
}

fn groups(code: &Code) -> Vec<String> {
    let Value::Object(attributes) = &code.attributes else { return Vec::new() };
    let text = |value: &Value| match value {
        Value::String(word) => words::label(word),
        Value::Array(all) => {
            let all: Vec<_> = all.iter().filter_map(Value::as_str).map(|word| word.replace('_', " ")).collect();
            all.join(" or ")
        }
        _ => String::new(),
    };
    let named = attributes.iter().map(|(name, value)| {
        let name = match name.as_str() {
            "decided_by" => "Decided by",
            "womens_aid" => "Women's Aid",
            "return_group" => "National return",
            "group" => "In reports",
            "section" => "Section",
            "level" => return "Asked with a level".into(),
            "language" => return "Asked with a language".into(),
            "needs_note" => return "Asked with a note".into(),
            "area" | "year" | "population" => return String::new(), // its label says them
            other => return format!("{}: {}", words::label(other), text(value)),
        };
        format!("{name}: {}", text(value))
    });
    named.filter(|group| !group.is_empty()).collect()
}

fn chosen(code: &Code, today: NaiveDate) -> Option<String> {
    match (code.active_from, code.active_to) {
        (_, Some(to)) if to < today => Some(format!("Retired. The last day was {}", words::day(to))),
        (_, Some(to)) => Some(format!("Until {}", words::day(to))),
        (Some(from), None) if from > today => Some(format!("From {}", words::day(from))),
        _ => None,
    }
}
