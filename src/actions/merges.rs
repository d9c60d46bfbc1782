//! Bringing two cases of one household together, and taking them apart again. Both histories stay where they are: only how
//! they are listed and counted changes, so that taking apart restores everything.

use crate::audit::{Change, Did, Event};
use crate::clock::At;
use crate::db::cases::{self, Case, Scope};
use crate::db::merges::{self, Merge};
use crate::db::{Conn, Tx, emergency, exclusions, occupancy, placements, referrals, sanctuary};
use crate::domain::merge::{Reason, Running, Side, may_fold};
use crate::domain::permission::Action;
use crate::domain::{Refusal, case, occupancy as unit, placement};
use crate::error::AppError;
use crate::ids::{CaseId, MergeId};

/// Folds one case of the organisation into another.
///
/// # Errors
/// [`AppError::NotFound`] unless both are the actor's to see; [`AppError::Forbidden`] for who was let in for an emergency;
/// [`AppError::Invalid`] when it is one case; [`AppError::Refused`] when either is folded already, something goes on under
/// the one that would be folded, or somebody would lose a case of their own by it.
pub fn merge(tx: &mut Tx, kept: CaseId, folded: CaseId, reason: Reason) -> Result<Change<Merge>, AppError> {
    let scope = Scope::of(tx.actor());
    let kept = cases::find_in(tx, scope, kept)?;
    let folded = cases::find_in(tx, scope, folded)?;
    if kept.id == folded.id {
        return Err(AppError::body("/folded_id", "not_possible", &"choose another case"));
    }
    answers_for(tx, kept.id)?;
    answers_for(tx, folded.id)?;
    let now = tx.now();
    let sides = (side(tx, &kept, now)?, side(tx, &folded, now)?);
    may_fold(sides.0, sides.1).map_err(AppError::refused(folded.id.0))?;
    keep_their_own(tx, &kept, &folded)?;
    let row = Merge {
        id: MergeId::new(),
        kept_id: kept.id,
        folded_id: folded.id,
        reason,
        merged_at: now,
        merged_by: tx.actor().account,
        undone_at: None,
        undone_by: None,
    };
    merges::insert(tx, &row)?;
    let event = |id: CaseId| Event::new(Did::CaseMerged, id.0).because(reason.as_str());
    Ok(Change::new(row, event(kept.id)).and(event(folded.id)))
}

/// Takes a folded case out again: it is as it was. What was done since to the kept one stays with that.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`] for who neither merged them nor is a manager; [`AppError::Refused`] when
/// the case is not folded.
pub fn undo(tx: &mut Tx, folded: CaseId) -> Result<Change<Merge>, AppError> {
    let actor = tx.actor().clone();
    let folded = cases::find_in(tx, Scope::of(&actor), folded)?;
    answers_for(tx, folded.id)?;
    let Some(mut row) = merges::of_folded(tx, folded.id)? else {
        return Err(AppError::refused(folded.id.0)(Refusal::NotMerged));
    };
    if row.merged_by != actor.account && !actor.may(Action::SeeEveryCase) {
        return Err(AppError::Forbidden);
    }
    merges::undo(tx, row.id)?;
    (row.undone_at, row.undone_by) = (Some(tx.now()), Some(actor.account));
    let event = |id: CaseId| Event::new(Did::CaseMergeUndone, id.0);
    Ok(Change::new(row.clone(), event(row.kept_id)).and(event(row.folded_id)))
}

/// Refuses to change a case that is folded into another: it is only there to be read.
///
/// # Errors
/// [`AppError::Refused`].
pub(super) fn must_stand_alone(tx: &mut Tx, id: CaseId) -> Result<(), AppError> {
    match merges::of_folded(tx, id)? {
        None => Ok(()),
        Some(_) => Err(AppError::refused(id.0)(Refusal::CaseMerged)),
    }
}

/// What goes on for a household under one case. An open case with a stay that is over waits to be closed as placed.
fn running(conn: &mut Conn, case: &Case, now: At) -> Result<Running, AppError> {
    let open_referrals = referrals::of_case(conn, case.id)?.iter().filter(|referral| referral.state.open()).count();
    let held = occupancy::of_case(conn, case.id)?;
    let holds = held.iter().filter(|held| held.kind == unit::Kind::Hold && held.during().contains(now)).count();
    let open = case.state == case::State::Open;
    let counts = |state: placement::State| state.current() || (open && state == placement::State::Departed);
    let stays = placements::of_case(conn, case.id)?.iter().filter(|stay| counts(stay.state)).count();
    Ok(Running { open_referrals, holds, stays, sanctuary: sanctuary::going_on(conn, case.id)? })
}

/// A case, as far as bringing it together with another asks.
///
/// # Errors
/// When the database fails.
pub fn side(conn: &mut Conn, case: &Case, now: At) -> Result<Side, AppError> {
    Ok(Side {
        folded: merges::of_folded(conn, case.id)?.is_some(),
        keeps_others: !merges::of_kept(conn, case.id)?.is_empty(),
        closed: case.state == case::State::Closed,
        running: running(conn, case, now)?,
    })
}

/// Not somebody who was let in for an emergency.
fn answers_for(tx: &mut Tx, id: CaseId) -> Result<(), AppError> {
    let actor = tx.actor().clone();
    if emergency::sees_anyway(tx, &actor, id)? { Ok(()) } else { Err(AppError::Forbidden) }
}

/// Whoever must not see one of two cases sees neither while they are merged (S17). Nobody loses a case of her own by that:
/// it is given to somebody else first.
fn keep_their_own(tx: &mut Tx, kept: &Case, folded: &Case) -> Result<(), AppError> {
    for (of, other) in [(kept, folded), (folded, kept)] {
        for (_, owner) in merges::group(tx, of.id)? {
            if exclusions::excluded(tx, other.id, owner)? {
                return Err(AppError::refused(other.id.0)(Refusal::OwnsCase));
            }
        }
    }
    Ok(())
}
