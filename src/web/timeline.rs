//! What happened to a household, on one page.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use chrono::TimeDelta;
use garde::Validate;
use serde::Deserialize;

use super::Answer;
use super::form::Form;
use super::page::Page;
use super::words;
use crate::actions;
use crate::actions::timeline::{After, Asked, Entry, Timeline};
use crate::api::input::{Path, Query};
use crate::api::page::{after, cursor, one_more};
use crate::api::timeline::next;
use crate::db::Conn;
use crate::db::timeline::Subject;
use crate::domain::timeline::Kind;
use crate::error::AppError;
use crate::ids::{CaseId, CaseNoteId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(of_case);
}

const ON_A_PAGE: i64 = 100;

/// Which part of it. A word that is none is as if it were not there.
#[derive(Deserialize, Validate)]
struct Wanted {
    #[garde(length(max = 40))]
    kind: Option<String>,
    #[garde(length(max = 10))]
    order: Option<String>,
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "timeline/show.html")]
struct Show<'a> {
    page: &'a Page,
    form: Form,
    found: Timeline,
    next: Option<String>,
    /// Whether this is not the first page.
    later: bool,
}

#[get("/cases/{id}/timeline")]
async fn of_case(page: Page, Path(id): Path<CaseId>, Query(wanted): Query<Wanted>) -> Answer {
    let kind: Option<Kind> = wanted.kind.as_deref().and_then(|word| word.parse().ok());
    let oldest_first = wanted.order.as_deref() == Some("oldest");
    let begin = after::<After>(wanted.cursor.as_deref())?;
    let asked = Asked { kinds: kind.into_iter().collect(), oldest_first, after: begin, limit: one_more(ON_A_PAGE) };
    let actor = page.actor.clone();
    let read = move |conn: &mut Conn| actions::timeline::of_case(conn, &actor, id, &asked);
    let mut found = page.app.db.read(&page.actor, read).await?;
    let order = if oldest_first { "oldest" } else { "newest" };
    let form = Form::new().with("order", order).with_some("kind", kind.map(Kind::as_str));
    let same = kind.map_or_else(String::new, |kind| format!("&kind={}", kind.as_str()));
    let link = |cursor| format!("/cases/{}/timeline?order={order}{same}&cursor={cursor}", id.0);
    let next = next(&mut found, ON_A_PAGE)?.map(link);
    page.show(&Show { page: &page, form, found, next, later: begin.is_some() })
}

/// What a kind of entry is called.
fn named(kind: Kind) -> &'static str {
    match kind {
        Kind::StateChange => "Step",
        Kind::Note => "Note",
        Kind::Contact => "Contact",
        Kind::Task => "Task",
        Kind::Message => "Message",
        Kind::Disclosure => "Seen",
        Kind::Risk => "Risk",
        Kind::SafetyPlan => "Safety plan",
        Kind::Stay => "Stay",
        Kind::Sanctuary => "Sanctuary",
    }
}

/// Where the notes begin that this one is among.
pub fn note_link(case: CaseId, entry: &Entry) -> Result<Option<String>, AppError> {
    let Some(note) = &entry.note else { return Ok(None) };
    let cursor = cursor(&(entry.at, CaseNoteId(uuid::Uuid::max())))?;
    Ok(Some(format!("/cases/{}/notes?cursor={cursor}#note-{}", case.0, note.id.0)))
}

impl Show<'_> {
    fn kinds() -> Vec<(&'static str, &'static str)> {
        Kind::ALL.iter().map(|kind| (kind.as_str(), named(*kind))).collect()
    }

    /// The entries of each day, in order.
    fn days(&self) -> Vec<(String, Vec<&Entry>)> {
        let mut days: Vec<(String, Vec<&Entry>)> = Vec::new();
        for entry in &self.found.entries {
            let day = words::day(entry.at.date());
            match days.last_mut() {
                Some((last, entries)) if *last == day => entries.push(entry),
                _ => days.push((day, vec![entry])),
            }
        }
        days
    }

    fn kind(entry: &Entry) -> &'static str {
        named(entry.kind)
    }

    fn who(entry: &Entry) -> &str {
        entry.person.as_deref().unwrap_or(&entry.organisation)
    }

    /// Where somebody can read on: (where, in words).
    fn on(&self, entry: &Entry) -> Option<(String, &'static str)> {
        let case = self.found.case.id;
        if let Ok(Some(link)) = note_link(case, entry) {
            return Some((link, "Read the note"));
        }
        match entry.subject {
            Subject::Referral(id) => Some((format!("/referrals/{}", id.0), "The referral")),
            Subject::Risk => Some((format!("/cases/{}/risk", case.0), "The risk")),
            Subject::SafetyPlan => Some((format!("/cases/{}/safety-plan", case.0), "The safety plan")),
            Subject::Case | Subject::Task => None,
        }
    }

    fn corrected(entry: &Entry) -> bool {
        entry.note.as_ref().is_some_and(|note| note.corrected_by.is_some())
    }

    /// When a note was written, if that was later than what it is about.
    fn written(&self, entry: &Entry) -> Option<String> {
        let note = entry.note.as_ref().filter(|note| note.written_at >= entry.at + TimeDelta::minutes(1))?;
        Some(words::moment_from(note.written_at, self.page.now))
    }
}
