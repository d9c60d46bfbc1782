//! Notes about a household: on a page of the case, and on the page of a stay.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use chrono::TimeDelta;
use garde::Validate;
use serde::Deserialize;
use uuid::Uuid;

use super::Answer;
use super::form::{Form, Posted, Wrong};
use super::page::{Done, Page};
use super::{free_text, instant, words};
use crate::actions;
use crate::actions::free_text::Outgoing;
use crate::actions::notes::{Content, New, Of, Written};
use crate::api::input::{Path, Query};
use crate::api::page::{after, cursor, one_more};
use crate::db;
use crate::db::cases::{Case, Scope};
use crate::db::notes::{After, Asked as Rows};
use crate::domain::Refusal;
use crate::domain::note::{Kind, Visibility};
use crate::domain::permission::Action;
use crate::error::AppError;
use crate::ids::{CaseId, CaseNoteId, OccupancyId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(show).service(write).service(correct).service(write_of_stay).service(correct_of_stay);
}

const ON_A_PAGE: i64 = 50;

/// Which notes, and which one is being corrected.
#[derive(Default, Deserialize, Validate)]
pub struct Asked {
    #[garde(length(max = 500))]
    cursor: Option<String>,
    #[garde(skip)]
    correct: Option<CaseNoteId>,
}

/// One note as its reader sees it.
pub struct Line {
    id: Uuid,
    kind: &'static str,
    happened: String,
    written: Option<String>,
    who: String,
    /// Who else may read it.
    shared: Option<&'static str>,
    reached: Option<bool>,
    corrects: bool,
    corrected: bool,
    text: String,
    /// Where it is corrected, by who may.
    correct: Option<String>,
}

/// The notes of a page, and the form to write one or to correct one.
#[derive(Template)]
#[template(path = "notes/part.html")]
pub struct Part<'a> {
    page: &'a Page,
    pub form: Form,
    /// Where the page is.
    base: String,
    /// Where a note is sent.
    action: String,
    cursor: String,
    correcting: bool,
    lines: Vec<Line>,
    next: Option<String>,
    /// Whether the key that sealed them was destroyed.
    unreadable: bool,
    visibilities: Vec<(&'static str, &'static str)>,
}

impl Part<'_> {
    fn kinds() -> Vec<(&'static str, &'static str)> {
        Kind::ALL.iter().map(|kind| (kind.as_str(), named(*kind))).collect()
    }
}

fn named(kind: Kind) -> &'static str {
    match kind {
        Kind::Call => "Call",
        Kind::Visit => "Visit",
        Kind::Meeting => "Meeting",
        Kind::Message => "Message",
        Kind::Note => "Note",
        Kind::Information => "Information from another agency",
    }
}

/// The pages on which notes stand: (where the page is, where notes go).
fn places(of: Of) -> (String, String) {
    match of {
        Of::Case(id) => (format!("/cases/{}/notes", id.0), format!("/cases/{}/notes", id.0)),
        Of::Stay(id) => (format!("/placements/{}", id.0), format!("/placements/{}/notes", id.0)),
    }
}

/// The notes that may be read, with what went wrong with the form. That they were read is recorded, if there are any.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn part(page: &Page, of: Of, asked: Asked, form: Form) -> Result<Part<'_>, AppError> {
    let begin = after::<After>(asked.cursor.as_deref())?;
    let read = move |tx: &mut db::Tx| {
        let rows = Rows { kinds: &[], oldest_first: false, after: begin, limit: one_more(ON_A_PAGE) };
        let change = actions::notes::read(tx, of, rows)?;
        let mut named = Vec::new();
        if let Of::Case(id) = of {
            let scope = Scope::of(tx.actor());
            let case = db::cases::find_in(tx, scope, id)?;
            for written in change.value() {
                named.push(actions::timeline::writer(tx, &case, &written.seen)?);
            }
        }
        Ok(change.map(|notes| (notes, named)))
    };
    let reader = page.actor.clone();
    let any = page.app.db.read(&page.actor, move |conn| actions::notes::any(conn, &reader, of)).await?;
    let (found, unreadable) = match if any { page.app.db.write(&page.actor, read).await } else { Ok((vec![], vec![])) }
    {
        Err(AppError::Refused { refusal: Refusal::Destroyed, .. }) => ((Vec::new(), Vec::new()), true),
        found => (found?, false),
    };
    let (mut notes, named) = found;
    let more = notes.len() > usize::try_from(ON_A_PAGE).map_err(AppError::internal)?;
    notes.truncate(usize::try_from(ON_A_PAGE).map_err(AppError::internal)?);
    let (base, action) = places(of);
    let next = match notes.last().filter(|_| more) {
        Some(last) => Some(format!("{base}?cursor={}", cursor(&(last.seen.note.happened_at, last.seen.note.id))?)),
        None => None,
    };
    let manager = match of {
        Of::Case(_) => page.may(Action::SeeEveryCase),
        Of::Stay(_) => page.may(Action::RestrictReferrals),
    };
    let (mut form, mut action, mut from) = (form, action, String::new());
    if let Some(id) = asked.correct {
        let note = notes.iter().find(|written| written.seen.note.id == id).ok_or(AppError::NotFound)?;
        if form.sent().is_empty() {
            form = filled(note);
        }
        action = format!("{action}/{}/correct", id.0);
        from = asked.cursor.clone().unwrap_or_default();
    }
    let mut lines = Vec::new();
    for (n, written) in notes.into_iter().enumerate() {
        lines.push(line(page, &base, written, named.get(n).cloned(), manager)?);
    }
    let visibilities = match of {
        Of::Case(_) => vec![
            ("own_organisation", "Only our organisation"),
            ("placing_provider", "The service where they stay too, for as long as they are theirs"),
        ],
        Of::Stay(_) => vec![("own_organisation", "Only our organisation"), ("referrer", "Who sent them to us too")],
    };
    let correcting = asked.correct.is_some();
    Ok(Part { page, form, base, action, cursor: from, correcting, lines, next, unreadable, visibilities })
}

/// The form with what a note says now.
fn filled(written: &Written) -> Form {
    let note = &written.seen.note;
    let time = note.happened_at.time().format("%H:%M");
    Form::new()
        .with("about", note.kind.as_str())
        .with_date("happened_at", Some(note.happened_at.date()))
        .with("happened_at-time", time)
        .with_some("reached", note.reached.map(|reached| words::either(reached, "yes", "no")))
        .with("text", &written.text)
}

fn line(page: &Page, base: &str, written: Written, named_as: Option<String>, manager: bool) -> Result<Line, AppError> {
    let Written { seen, text } = written;
    let note = &seen.note;
    let ours = note.organisation_id == page.actor.organisation;
    let may = ours && seen.corrected_by.is_none() && (manager || note.account_id == page.actor.account);
    let cursor = cursor(&(note.happened_at, CaseNoteId(Uuid::max())))?;
    Ok(Line {
        id: note.id.0,
        kind: named(note.kind),
        happened: words::moment_from(note.happened_at, page.now),
        written: (note.written_at >= note.happened_at + TimeDelta::minutes(1))
            .then(|| words::moment_from(note.written_at, page.now)),
        who: if ours { seen.person.clone() } else { named_as.unwrap_or(seen.organisation.clone()) },
        shared: match (note.visibility, ours) {
            (Visibility::OwnOrganisation, _) => None,
            (_, false) => Some("Shared with you"),
            (Visibility::PlacingProvider, true) => Some("Shared with the service"),
            (Visibility::Referrer, true) => Some("Shared with who sent them"),
        },
        reached: note.reached,
        corrects: note.corrects.is_some(),
        corrected: seen.corrected_by.is_some(),
        text,
        correct: may.then(|| format!("{base}?correct={}&cursor={cursor}#write", note.id.0)),
    })
}

#[derive(Template)]
#[template(path = "notes/show.html")]
struct Show<'a> {
    page: &'a Page,
    case: Case,
    part: Part<'a>,
}

#[get("/cases/{id}/notes")]
async fn show(page: Page, Path(id): Path<CaseId>, Query(asked): Query<Asked>) -> Answer {
    shown(&page, id, asked, Form::new()).await
}

async fn shown(page: &Page, id: CaseId, asked: Asked, form: Form) -> Answer {
    let scope = Scope::of(&page.actor);
    let case = page.app.db.read(&page.actor, move |conn| db::cases::find_in(conn, scope, id)).await?;
    let part = part(page, Of::Case(id), asked, form).await?;
    let form = part.form.clone();
    page.show_form(&form, &Show { page, case, part })
}

/// What was typed into the form.
fn content(page: &Page, posted: &Posted, wrong: &mut Wrong) -> Result<Option<Content>, AppError> {
    let kind: Option<Kind> = wrong.take(posted.parse("about", "Select what it is about"))?;
    let happened_at = wrong.take(instant::read(posted, "happened_at", page.now))?.flatten();
    let text = posted.get("text").to_owned();
    if text.is_empty() || text.chars().count() > 4000 {
        wrong.note("text", "Write the note, in 4,000 letters at most");
    }
    let reached = match posted.get("reached") {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let Some(kind) = kind else { return Ok(None) };
    if kind.may_reach() && reached.is_none() {
        wrong.note("reached", "Select whether you spoke with the survivor");
    }
    let reached = reached.filter(|_| kind.may_reach());
    let text = Outgoing { field: "/text", text, confirmed: free_text::confirmed(posted) };
    Ok(Some(Content { kind, happened_at, reached, text }))
}

async fn store(page: &Page, of: Of, posted: &Posted) -> Result<(), AppError> {
    let mut wrong = Wrong::default();
    let content = content(page, posted, &mut wrong)?;
    let visibility = wrong.take(posted.parse::<Visibility>("visibility", "Select who may read it"))?;
    wrong.check()?;
    let (Some(content), Some(visibility)) = (content, visibility) else { return Ok(()) };
    let new = New { visibility, content };
    let verb = move |tx: &mut db::Tx| Ok(actions::notes::write(tx, of, &new)?.map(drop));
    page.app.db.write_once(&page.actor, page.once(posted), verb).await
}

async fn store_correction(page: &Page, of: Of, id: CaseNoteId, posted: &Posted) -> Result<(), AppError> {
    let mut wrong = Wrong::default();
    let content = content(page, posted, &mut wrong)?;
    wrong.check()?;
    let Some(content) = content else { return Ok(()) };
    let verb = move |tx: &mut db::Tx| Ok(actions::notes::correct(tx, of, id, &content)?.map(drop));
    page.app.db.write_once(&page.actor, page.once(posted), verb).await
}

fn again(posted: &Posted, id: CaseNoteId) -> Asked {
    Asked { cursor: posted.some("cursor"), correct: Some(id) }
}

#[post("/cases/{id}/notes")]
async fn write(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    match page.act(&posted, store(&page, Of::Case(id), &posted)).await? {
        Ok(()) => page.go(&places(Of::Case(id)).0, Done::NoteWritten),
        Err(form) => shown(&page, id, Asked::default(), form).await,
    }
}

#[post("/cases/{id}/notes/{note}/correct")]
async fn correct(page: Page, Path((id, note)): Path<(CaseId, CaseNoteId)>, posted: Posted) -> Answer {
    match page.act(&posted, store_correction(&page, Of::Case(id), note, &posted)).await? {
        Ok(()) => page.go(&places(Of::Case(id)).0, Done::NoteCorrected),
        Err(form) => shown(&page, id, again(&posted, note), form).await,
    }
}

#[post("/placements/{id}/notes")]
async fn write_of_stay(page: Page, Path(id): Path<OccupancyId>, posted: Posted) -> Answer {
    match page.act(&posted, store(&page, Of::Stay(id), &posted)).await? {
        Ok(()) => page.go(&format!("{}#notes", places(Of::Stay(id)).0), Done::NoteWritten),
        Err(form) => super::placements::with_notes(&page, id, Asked::default(), form).await,
    }
}

#[post("/placements/{id}/notes/{note}/correct")]
async fn correct_of_stay(page: Page, Path((id, note)): Path<(OccupancyId, CaseNoteId)>, posted: Posted) -> Answer {
    match page.act(&posted, store_correction(&page, Of::Stay(id), note, &posted)).await? {
        Ok(()) => page.go(&format!("{}#notes", places(Of::Stay(id)).0), Done::NoteCorrected),
        Err(form) => super::placements::with_notes(&page, id, again(&posted, note), form).await,
    }
}
