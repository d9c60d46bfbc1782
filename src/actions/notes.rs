//! What people write about a household: for their own organisation, or shared between who sent the household and who has
//! taken it. A note is never changed: a correction is another note.

use super::free_text::Outgoing;
use crate::audit::{Change, Did, Event};
use crate::auth::Actor;
use crate::clock::At;
use crate::db::cases::{self, Scope};
use crate::db::exclusions::Reader;
use crate::db::notes::{self, Asked, Note, Reading, Seen};
use crate::db::{Conn, Tx, placements, vault};
use crate::domain::Refusal;
use crate::domain::note::{Kind, Visibility};
use crate::domain::permission::Action;
use crate::error::AppError;
use crate::ids::{CaseId, CaseNoteId, OccupancyId, ReferralId};
use crate::vault::Place;

/// A note that somebody writes.
#[derive(Clone)]
pub struct New {
    pub visibility: Visibility,
    pub content: Content,
}

/// What a note says.
#[derive(Clone)]
pub struct Content {
    pub kind: Kind,
    /// Now, unless it was before.
    pub happened_at: Option<At>,
    /// Of a call, a visit or a meeting: whether the survivor was spoken to.
    pub reached: Option<bool>,
    pub text: Outgoing,
}

/// A note with its text.
#[derive(Clone)]
pub struct Written {
    pub seen: Seen,
    pub text: String,
}

/// Where somebody stands who writes or reads.
struct Stand {
    case: CaseId,
    reading: Reading,
    /// The referral under which it is shared; none while nobody has the household.
    shared: Option<ReferralId>,
    /// What may be said of who reads it.
    may: &'static [Visibility],
    /// Whether somebody else's note may be corrected.
    manager: bool,
}

/// By whom a note is written or read: by those whose case it is, or by the provider of a stay.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    Case(CaseId),
    Stay(OccupancyId),
}

fn stand(conn: &mut Conn, actor: &Actor, of: Of) -> Result<Stand, AppError> {
    match of {
        Of::Case(id) => {
            let case = cases::find_in(conn, Scope::of(actor), id)?;
            let stays = placements::of_case(conn, id)?;
            Ok(Stand {
                case: id,
                reading: Reading::Referrer { case: id, organisation: case.organisation_id },
                shared: stays.iter().find(|stay| stay.state.current()).map(|stay| stay.referral_id),
                may: &[Visibility::OwnOrganisation, Visibility::PlacingProvider],
                manager: actor.may(Action::SeeEveryCase),
            })
        }
        Of::Stay(id) => {
            let seen = placements::find_of(conn, Reader::of(actor), id)?;
            let referral = seen.placement.referral_id;
            let theirs = seen.placement.state.current();
            Ok(Stand {
                case: seen.case,
                reading: Reading::Provider { referral, organisation: actor.organisation, theirs },
                shared: Some(referral),
                may: &[Visibility::OwnOrganisation, Visibility::Referrer],
                manager: actor.may(Action::RestrictReferrals),
            })
        }
    }
}

/// Writes a note.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] when it is to be shared and nobody has the
/// household.
pub fn write(tx: &mut Tx, of: Of, new: &New) -> Result<Change<Note>, AppError> {
    let actor = tx.actor().clone();
    let stand = stand(tx, &actor, of)?;
    if !stand.may.contains(&new.visibility) {
        return Err(AppError::body("/visibility", "not_possible", &"choose who may read it"));
    }
    let of_stay = matches!(of, Of::Stay(_));
    let shared = new.visibility != Visibility::OwnOrganisation;
    let referral = stand.shared.filter(|_| shared || of_stay);
    if shared && referral.is_none() {
        return Err(AppError::refused(stand.case.0)(Refusal::NobodyToShareWith));
    }
    stored(tx, &stand, &new.content, (new.visibility, referral, None), Did::CaseNoteWritten)
}

/// Corrects a note: its author does, or a manager. Who may read it stays as it was.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`]; [`AppError::Invalid`]; [`AppError::Refused`] when it was corrected
/// before.
pub fn correct(tx: &mut Tx, of: Of, id: CaseNoteId, content: &Content) -> Result<Change<Note>, AppError> {
    let actor = tx.actor().clone();
    let stand = stand(tx, &actor, of)?;
    let note = notes::find(tx, stand.reading, id)?;
    // What the other side wrote is theirs to correct.
    let ours = note.organisation_id == actor.organisation;
    if !ours || (note.account_id != actor.account && !stand.manager) {
        return Err(AppError::Forbidden);
    }
    if notes::corrected(tx, id)? {
        return Err(AppError::refused(id.0)(Refusal::NoteCorrected));
    }
    stored(tx, &stand, content, (note.visibility, note.referral_id, Some(id)), Did::CaseNoteCorrected)
}

fn stored(
    tx: &mut Tx,
    stand: &Stand,
    content: &Content,
    (visibility, referral_id, corrects): (Visibility, Option<ReferralId>, Option<CaseNoteId>),
    did: Did,
) -> Result<Change<Note>, AppError> {
    let (now, organisation) = (tx.now(), tx.actor().organisation);
    let Content { kind, happened_at, reached, text } = content;
    if happened_at.is_some_and(|at| at > now) {
        return Err(AppError::body("/happened_at", "future", &"this has not happened yet"));
    }
    match (kind.may_reach(), reached) {
        (true, None) => return Err(AppError::body("/reached", "required", &"say whether you spoke with the survivor")),
        (false, Some(_)) => {
            return Err(AppError::body("/reached", "not_possible", &"only of a call, a visit or a meeting"));
        }
        _ => {}
    }
    let confirmed = match referral_id.filter(|_| visibility != Visibility::OwnOrganisation) {
        Some(referral) => text.checked(referral)?,
        None => None,
    };
    let id = CaseNoteId::new();
    let sealed = vault::seal(tx, organisation, place(id), text.text.as_bytes())?;
    let row = Note {
        id,
        case_id: stand.case,
        organisation_id: organisation,
        account_id: tx.actor().account,
        referral_id,
        kind: *kind,
        visibility,
        happened_at: happened_at.unwrap_or(now),
        written_at: now,
        reached: *reached,
        corrects,
        key_id: sealed.key,
        sealed: sealed.bytes,
    };
    notes::insert(tx, &row)?;
    Ok(Change::new(row, Event::new(did, id.0).because(visibility.as_str())).and_all(confirmed))
}

/// Whether there is any note to read: that nothing was read is not recorded.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn any(conn: &mut Conn, actor: &Actor, of: Of) -> Result<bool, AppError> {
    let reading = stand(conn, actor, of)?.reading;
    let asked = Asked { kinds: &[], oldest_first: false, after: None, limit: 1 };
    Ok(!notes::page(conn, reading, asked)?.is_empty())
}

/// Reads notes with their text. That they were read is recorded.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when a key was destroyed.
pub fn read(tx: &mut Tx, of: Of, asked: Asked) -> Result<Change<Vec<Written>>, AppError> {
    let actor = tx.actor().clone();
    let Stand { case, reading, .. } = stand(tx, &actor, of)?;
    let mut written = Vec::new();
    for seen in notes::page(tx, reading, asked)? {
        let text = vault::open(tx, seen.note.organisation_id, place(seen.note.id), &seen.note.sealed())?;
        written.push(Written { text: String::from_utf8(text).map_err(AppError::internal)?, seen });
    }
    Ok(Change::new(written, Event::new(Did::CaseNotesRead, case.0)))
}

fn place(id: CaseNoteId) -> Place {
    Place { table: "case_note", row: id.0, field: "text" }
}
