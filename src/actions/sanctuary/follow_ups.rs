//! Whether a household is still safe at home: asked by whoever works on its case, also when that is closed.

use super::{Side, find, home};
use crate::actions::{cases, identity};
use crate::audit::{Change, Did, Event};
use crate::db::reference::{self, Choice};
use crate::db::sanctuary::{self, FollowUp};
use crate::db::{Tx, tasks, vault};
use crate::domain::Refusal;
use crate::domain::case::State as CaseState;
use crate::domain::sanctuary::StillSafe;
use crate::domain::task::{Kind, Outcome};
use crate::error::AppError;
use crate::ids::{CaseId, SanctuaryFollowUpId, SanctuaryId, SubjectId};
use crate::vault::{Place, Sealed};

/// What the household says, or that nobody was reached.
#[derive(Clone)]
pub struct Answered {
    pub answer: StillSafe,
    /// Of the list `sanctuary_need`.
    pub needed: Option<String>,
    /// In own words. Sealed; it stays within the organisation.
    pub note: Option<String>,
}

/// Records the answer. Who is not safe any more, or has moved, is not asked again.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] when it was answered, or nobody has to ask.
pub fn answer(
    tx: &mut Tx,
    id: SanctuaryId,
    follow_up: SanctuaryFollowUpId,
    answered: &Answered,
) -> Result<Change<FollowUp>, AppError> {
    let (account, now) = (tx.actor().account, tx.now());
    let seen = find(tx, id, Side::Referrer)?;
    let mut row = sanctuary::find_follow_up(tx, id, follow_up)?;
    if row.answer.is_some() || row.settled_at.is_some() {
        return Err(AppError::refused(follow_up.0)(Refusal::AlreadyDecided));
    }
    let choices: Vec<_> = answered.needed.iter().map(|need| Choice::of("sanctuary_need", need, "/needed")).collect();
    reference::must_be_active(tx, &choices, now.date())?;
    if let Some(note) = &answered.note {
        let sealed = vault::seal(tx, seen.referrer, note_of(follow_up), note.as_bytes())?;
        (row.key_id, row.sealed) = (Some(sealed.key), Some(sealed.bytes));
    }
    row.asked_on = Some(now.date());
    row.answer = Some(answered.answer);
    row.needed.clone_from(&answered.needed);
    row.answered_by = Some(account);
    row.version += 1;
    sanctuary::update_follow_up(tx, &row)?;
    tasks::end(tx, Kind::SanctuaryFollowUp, SubjectId(follow_up.0), Outcome::Done)?;
    if matches!(answered.answer, StillSafe::NotSafe | StillSafe::Moved) {
        for settled in sanctuary::settle_follow_ups(tx, id)? {
            tasks::end(tx, Kind::SanctuaryFollowUp, SubjectId(settled.0), Outcome::Settled)?;
        }
    }
    let event = Event::new(Did::SanctuaryFollowedUp, id.0).because(answered.answer.as_str());
    Ok(Change::new(row, event))
}

/// What was noted with an answer, for those who work on the case.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when its key was destroyed.
pub fn read_note(
    tx: &mut Tx,
    id: SanctuaryId,
    follow_up: SanctuaryFollowUpId,
) -> Result<Change<Option<String>>, AppError> {
    let seen = find(tx, id, Side::Referrer)?;
    let row = sanctuary::find_follow_up(tx, id, follow_up)?;
    let note = match (row.key_id, row.sealed) {
        (Some(key), Some(bytes)) => {
            let text = vault::open(tx, seen.referrer, note_of(follow_up), &Sealed { key, bytes })?;
            Some(String::from_utf8(text).map_err(AppError::internal)?)
        }
        _ => None,
    };
    Ok(Change::new(note, Event::new(Did::NotesRead, id.0)))
}

/// Opens a new case for a household that is not safe at home any more and whose case is closed, with what is known of it,
/// so that nobody has to tell it again.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] while the case is open, or nobody has said that they are not safe.
pub fn open_again(tx: &mut Tx, id: SanctuaryId) -> Result<Change<CaseId>, AppError> {
    let seen = find(tx, id, Side::Referrer)?;
    let case = home::case_of_own(tx, &seen)?;
    let said = sanctuary::answers_of(tx, &[id])?.remove(&id).unwrap_or_default();
    if case.state == CaseState::Open || !said.contains(&StillSafe::NotSafe) {
        return Err(AppError::refused(id.0)(Refusal::AlreadyDecided));
    }
    let identity = match identity::open(tx, case.id, case.organisation_id) {
        Ok(identity) => Some(identity),
        Err(AppError::NotFound) => None,
        Err(error) => return Err(error),
    };
    let new = cases::New {
        referral_source: case.referral_source,
        origin_area: case.origin_area,
        needs: case.needs,
        identity,
    };
    Ok(cases::open(tx, &new)?.map(|case| case.id))
}

fn note_of(id: SanctuaryFollowUpId) -> Place {
    Place { table: "sanctuary_follow_up", row: id.0, field: "note" }
}
