//! What the two sides of a referral write to each other: questions, answers, and what is only said.

use super::{advance, seen_from, stage, stored};
use crate::actions::free_text::Outgoing;
use crate::audit::{Change, Did, Event};
use crate::clock::At;
use crate::db::reference::{self, Choice};
use crate::db::referrals::{self, Note, Referral, Side};
use crate::db::{Tx, placements, tasks, vault};
use crate::domain::Refusal;
pub(super) use crate::domain::referral::MessageKind as Kind;
use crate::domain::referral::sight::{Group, Sight};
use crate::domain::referral::{Command, State, transition};
use crate::domain::task;
use crate::error::AppError;
use crate::ids::{NoteId, OrganisationId, ReferralId, SubjectId};
use crate::vault::Place;

/// So many topics a question may have.
const TOPICS: usize = 8;

/// Asks the referrer for more information, on topics of the list `information_topic`.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] in the wrong state.
pub fn request_information(
    tx: &mut Tx,
    id: ReferralId,
    question: &Outgoing,
    topics: &[String],
) -> Result<Change<Referral>, AppError> {
    let mut seen = seen_from(tx, id, Side::Provider)?;
    advance(&mut seen.referral, Command::RequestInformation)?;
    check_topics(tx, topics)?;
    let (note, confirmed) = write_down(tx, (id, seen.referrer), Side::Provider, Kind::Question, question)?;
    for topic in topics {
        referrals::add_topic(tx, note, topic)?;
    }
    tasks::end(tx, task::Kind::ReferralUnanswered, SubjectId(id.0), task::Outcome::Done)?;
    Ok(stored(tx, seen.referral, Event::new(Did::ReferralInformationRequested, id.0))?.and_all(confirmed))
}

fn check_topics(tx: &mut Tx, topics: &[String]) -> Result<(), AppError> {
    if topics.len() > TOPICS {
        return Err(AppError::body("/topics", "too_many", &"choose 8 topics or fewer"));
    }
    let mut choices = Vec::new();
    for (n, topic) in topics.iter().enumerate() {
        let pointer = format!("/topics/{n}");
        if topics[..n].contains(topic) {
            return Err(AppError::body(&pointer, "repeated", &"each topic is chosen once"));
        }
        choices.push(Choice::of("information_topic", topic, pointer));
    }
    let today = tx.now().date();
    reference::must_be_active(tx, &choices, today)
}

/// Gives the provider what it asked for.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] in the wrong state.
pub fn give_information(tx: &mut Tx, id: ReferralId, answer: &Outgoing) -> Result<Change<Referral>, AppError> {
    let mut seen = seen_from(tx, id, Side::Referrer)?;
    advance(&mut seen.referral, Command::GiveInformation)?;
    let confirmed = send_note(tx, (id, seen.referrer), Side::Referrer, Kind::Answer, answer)?;
    tasks::end(tx, task::Kind::InformationRequested, SubjectId(id.0), task::Outcome::Done)?;
    Ok(stored(tx, seen.referral, Event::new(Did::ReferralInformationGiven, id.0))?.and_all(confirmed))
}

/// Says something to the other side, while the referral is open or the stay that it led to goes on. Nothing else changes.
/// Who stands on both sides says on which she writes.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Forbidden`] on the other side; [`AppError::Refused`] when it
/// is over.
pub fn write(tx: &mut Tx, id: ReferralId, side: Option<Side>, message: &Outgoing) -> Result<Change<NoteId>, AppError> {
    let actor = tx.actor().clone();
    let (seen, sides) = referrals::find_for(tx, &actor, id)?;
    let side = match (side, sides.as_slice()) {
        (Some(side), sides) if sides.contains(&side) => side,
        (Some(_), _) => return Err(AppError::Forbidden),
        (None, [only]) => *only,
        (None, _) => return Err(AppError::body("/side", "required", &"say on which side you write")),
    };
    let state = seen.referral.state;
    transition(state, Command::Write).map_err(AppError::refused(id.0))?;
    let lasts = state != State::Placed || placements::of_referral(tx, id)?.is_some_and(|stay| stay.state.current());
    if !lasts {
        return Err(AppError::refused(id.0)(Refusal::ReferralState { state, command: Command::Write }));
    }
    let (note, confirmed) = write_down(tx, (id, seen.referrer), side, Kind::Message, message)?;
    Ok(Change::new(note, Event::new(Did::ReferralMessageSent, id.0)).and_all(confirmed))
}

/// A message as its reader sees it.
#[derive(Debug, Clone)]
pub struct Read {
    pub note: Note,
    pub text: String,
    /// What a question is about: of the list `information_topic`.
    pub topics: Vec<String>,
    /// When somebody of the other side first read it.
    pub read_at: Option<At>,
}

/// What the two sides wrote to each other, oldest first, as far as the reader may see it. What the other side wrote is
/// read from now on.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn read_notes(tx: &mut Tx, id: ReferralId) -> Result<Change<Vec<Read>>, AppError> {
    let actor = tx.actor().clone();
    let (seen, sides) = referrals::find_for(tx, &actor, id)?;
    let sight = stage(tx, &seen.referral)?.sight(Group::Messages);
    let all = sides.contains(&Side::Referrer) || sight == Sight::Yes;
    let mut notes = referrals::notes(tx, id)?;
    notes.retain(|(note, _)| all || sight == Sight::Masked && note.side == Side::Provider);
    let ids: Vec<NoteId> = notes.iter().map(|(note, _)| note.id).collect();
    let mut topics = referrals::topics(tx, &ids)?;
    let theirs = |(note, read): &&(Note, Option<At>)| read.is_none() && sides.iter().any(|side| *side != note.side);
    let new: Vec<NoteId> = notes.iter().filter(theirs).map(|(note, _)| note.id).collect();
    referrals::mark_read(tx, &new)?;
    let now = tx.now();
    let mut read = Vec::new();
    for (note, read_at) in notes {
        let sealed = crate::vault::Sealed { key: note.key_id, bytes: note.sealed.clone() };
        let text = vault::open(tx, seen.referrer, note_of(note.id), &sealed)?;
        let text = String::from_utf8(text).map_err(AppError::internal)?;
        let topics = topics.remove(&note.id).unwrap_or_default();
        let read_at = read_at.or(new.contains(&note.id).then_some(now));
        read.push(Read { note, text, topics, read_at });
    }
    Ok(Change::new(read, Event::new(Did::NotesRead, id.0)))
}

/// Writes to the other side what has been looked through; gives back that its sender confirmed something, if so. (S11)
pub(super) fn send_note(
    tx: &mut Tx,
    of: (ReferralId, OrganisationId),
    side: Side,
    kind: Kind,
    note: &Outgoing,
) -> Result<Option<Event>, AppError> {
    Ok(write_down(tx, of, side, kind, note)?.1)
}

/// As [`send_note`], with the id of what was written: within a referral of a case of that organisation.
fn write_down(
    tx: &mut Tx,
    (of, referrer): (ReferralId, OrganisationId),
    side: Side,
    kind: Kind,
    note: &Outgoing,
) -> Result<(NoteId, Option<Event>), AppError> {
    let confirmed = note.checked(of)?;
    let id = NoteId::new();
    let sealed = vault::seal(tx, referrer, note_of(id), note.text.as_bytes())?;
    let row = Note {
        id,
        referral_id: of,
        organisation_id: tx.actor().organisation,
        account_id: tx.actor().account,
        written_at: tx.now(),
        key_id: sealed.key,
        sealed: sealed.bytes,
        side,
        kind,
    };
    referrals::insert_note(tx, &row)?;
    Ok((id, confirmed))
}

fn note_of(id: NoteId) -> Place {
    Place { table: "referral_note", row: id.0, field: "text" }
}
