//! Which reports there are, and everything that is measured: what it counts, from what, and what it does not say.

use actix_web::get;
use askama::Template;

use super::period::manages_both;
use crate::domain::measures::{Code, Definition, Side, Theme};
use crate::domain::permission::Role;
use crate::reports::names::{about, heading, unit};
use crate::web::Answer;
use crate::web::page::Page;

/// A report: its name, where it is, what it answers.
const REPORTS: [(&str, &str, &str); 6] = [
    (
        "Overview",
        "/reports/overview",
        "How are we doing? The figures that matter most, next to those of the time before.",
    ),
    (
        "Turned away",
        "/reports/denied-access",
        "Who did not get a place, and why? By reason, month, area, service and more.",
    ),
    ("What stood in the way", "/reports/barriers", "Which one change would have given the most households a place?"),
    (
        "Homes made safe",
        "/reports/sanctuary",
        "How far have the jobs come, what did they cost, and are people still safe?",
    ),
    ("All measures", "/reports/measures", "Everything below, for any time, with breakdowns."),
    ("Files", "/reports/files", "A report of everything, to keep or to print; and reports that come by themselves."),
];

/// What is measured about one theme.
struct Part {
    id: &'static str,
    heading: &'static str,
    about: &'static str,
    measures: Vec<Entry>,
    /// Whether the reader has any of it.
    own: bool,
}

struct Entry {
    definition: Definition,
    unit: &'static str,
    /// Who has it, when the reader has not.
    others: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "reports/catalogue.html")]
struct Catalogue<'a> {
    page: &'a Page,
    reports: [(&'static str, &'static str, &'static str); 6],
    parts: Vec<Part>,
}

#[get("/reports")]
pub(super) async fn show(page: Page) -> Answer {
    let has = |side: Side| {
        manages_both(&page.actor)
            || page.actor.has(match side {
                Side::Provider => Role::RefugeManager,
                Side::Referrer => Role::HelplineManager,
            })
    };
    let entry = |code: &Code| {
        let definition = code.definition();
        let own = definition.sides.iter().any(|side| has(*side));
        let others = (!own).then_some(match definition.sides {
            [Side::Provider] => "Only services have this",
            _ => "Only those who refer have this",
        });
        Entry { unit: unit(definition.unit), others, definition }
    };
    let part = |theme: &Theme| {
        let measures: Vec<Entry> =
            Code::ALL.iter().filter(|code| code.definition().theme == *theme).map(entry).collect();
        let own = measures.iter().any(|entry| entry.others.is_none());
        Part { id: theme.as_str(), heading: heading(*theme), about: about(*theme), measures, own }
    };
    let parts = Theme::ALL.iter().map(part).collect();
    page.show(&Catalogue { page: &page, reports: REPORTS, parts })
}
