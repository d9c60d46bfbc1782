//! What happened to a household: everything that was done, and what was written, in one order.

use super::looks::{Reason, names, seen};
use crate::auth::Actor;
use crate::clock::At;
use crate::db::audit::looks::About;
use crate::db::cases::{self, Case, Scope};
use crate::db::notes::{self, Reading};
use crate::db::reference;
use crate::db::timeline::{self, Happened, Subject};
use crate::db::{Conn, audit, merges};
use crate::domain::note;
use crate::domain::reference::Code;
use crate::domain::timeline::{Kind, actions, note_kind, of, of_note};
use crate::error::AppError;
use crate::ids::{CaseId, CaseNoteId, EventId};

/// Something that happened, as those may know it whose case it is.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Of the event, or of the note.
    pub id: EventId,
    pub at: At,
    pub kind: Kind,
    pub text: String,
    pub reason: Option<Reason>,
    /// Whether somebody of one's own organisation did it.
    pub own: bool,
    pub organisation: String,
    /// Only of one's own organisation.
    pub person: Option<String>,
    pub subject: Subject,
    pub note: Option<Noted>,
}

/// A note in a timeline, without its text.
#[derive(Debug, Clone)]
pub struct Noted {
    pub id: CaseNoteId,
    pub kind: note::Kind,
    pub visibility: note::Visibility,
    pub written_at: At,
    pub corrects: Option<CaseNoteId>,
    pub corrected_by: Option<CaseNoteId>,
}

/// Where a page begins.
pub type After = (At, EventId);

/// Which part of a timeline, and in which order.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Only these kinds; all, if none is named.
    pub kinds: Vec<Kind>,
    pub oldest_first: bool,
    pub after: Option<After>,
    pub limit: i64,
}

/// The timeline of a case.
#[derive(Debug, Clone)]
pub struct Timeline {
    pub case: Case,
    pub entries: Vec<Entry>,
}

/// What happened to the household of one's own case. Nothing of it says who they are or where, and no note is opened: to
/// read it is no disclosure.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn of_case(conn: &mut Conn, actor: &Actor, id: CaseId, asked: &Asked) -> Result<Timeline, AppError> {
    let case = cases::find_in(conn, Scope::of(actor), id)?;
    let owner = case.organisation_id;
    let codes = reference::codes(conn, None)?;
    let Asked { kinds, oldest_first, after, limit } = asked.clone();
    // With those that were folded into it: one household has one history.
    let mut household = vec![id];
    household.extend(merges::of_kept(conn, id)?.into_iter().map(|merge| merge.folded_id));
    let mut entries: Vec<Entry> = Vec::new();
    let told = actions(&kinds);
    if !told.is_empty() {
        for id in household.iter().copied() {
            let asked = timeline::Asked { case: id, owner, actions: &told, oldest_first, after, limit };
            let found = timeline::page(conn, asked)?;
            entries.extend(found.into_iter().filter_map(|one| happened(&case, one, &codes)));
        }
    }
    let written: Vec<note::Kind> =
        note::Kind::ALL.iter().copied().filter(|kind| kinds.is_empty() || kinds.contains(&note_kind(*kind))).collect();
    if !written.is_empty() {
        let after = after.map(|(at, id)| (at, CaseNoteId(id.0)));
        let asked = notes::Asked { kinds: &written, oldest_first, after, limit };
        for id in household {
            let services = audit::looks::of_case(conn, id)?;
            let found = notes::page(conn, Reading::Referrer { case: id, organisation: owner }, asked)?;
            entries.extend(found.into_iter().map(|one| noted(&case, one, &services)));
        }
    }
    entries.sort_by_key(|entry| (entry.at, entry.id));
    entries.dedup_by_key(|entry| entry.id);
    if !oldest_first {
        entries.reverse();
    }
    entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(Timeline { case, entries })
}

fn happened(case: &Case, one: Happened, codes: &[Code]) -> Option<Entry> {
    let told = of(&one.action)?;
    // What nobody did, time did.
    let name = one.organisation_name.unwrap_or_else(|| "Safehold".to_owned());
    let side = seen(case.organisation_id, one.organisation, &name, one.about.as_ref());
    let service = one.about.as_ref().map(service_of);
    let known = codes.iter().find(|code| Some(code.list.as_str()) == told.reasons && code.code == one.reason);
    let reason = known.map(|code| Reason { code: code.code.clone(), label: code.label.clone() });
    Some(Entry {
        id: one.id,
        at: one.at,
        kind: told.kind,
        text: told.text(service.as_deref()),
        reason,
        own: side.own,
        organisation: side.shown,
        person: one.name.filter(|_| side.own),
        subject: one.subject,
        note: None,
    })
}

/// What a service is called to those who referred to it.
fn service_of(about: &About) -> String {
    names(Some(about)).0.unwrap_or_else(|| "a confidential service".to_owned())
}

fn noted(case: &Case, one: notes::Seen, services: &[About]) -> Entry {
    let notes::Seen { note, person, organisation, corrected_by } = one;
    let about = services.iter().find(|about| about.provider == note.organisation_id);
    let side = seen(case.organisation_id, note.organisation_id, &organisation, about);
    Entry {
        id: EventId(note.id.0),
        at: note.happened_at,
        kind: note_kind(note.kind),
        text: of_note(note.kind, note.reached, note.corrects.is_some()),
        reason: None,
        own: side.own,
        organisation: side.shown,
        person: side.own.then_some(person),
        subject: Subject::Case,
        note: Some(Noted {
            id: note.id,
            kind: note.kind,
            visibility: note.visibility,
            written_at: note.written_at,
            corrects: note.corrects,
            corrected_by,
        }),
    }
}

/// What the organisation is called that wrote a note, to those whose case it is.
///
/// # Errors
/// When the database fails.
pub fn writer(conn: &mut Conn, case: &Case, seen_note: &notes::Seen) -> Result<String, AppError> {
    let services = audit::looks::of_case(conn, case.id)?;
    let of = seen_note.note.organisation_id;
    let about = services.iter().filter(|about| about.provider == of).max_by_key(|about| about.confidential);
    Ok(seen(case.organisation_id, of, &seen_note.organisation, about).shown)
}
