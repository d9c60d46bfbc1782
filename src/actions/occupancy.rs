//! Holding a unit, and taking it out of use for a while.

use chrono::TimeDelta;

use crate::audit::{Change, Did, Event};
use crate::clock::At;
use crate::db::cases::{Case, Scope};
use crate::db::occupancy::{self, Cause, Occupancy};
use crate::db::reference::{self, Choice};
use crate::db::{Tx, cases, services, units, vacancies};
use crate::domain::occupancy::{Interval, Kind, claim};
use crate::domain::{Refusal, case};
use crate::error::AppError;
use crate::ids::{CaseId, OccupancyId, UnitId, VacancyId};

/// Holds the unit of a vacancy for a case from now on, for as long as a referral takes to be decided.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when the case is closed, the vacancy is not current, the place is not
/// suitable, or the unit is taken.
pub fn hold(tx: &mut Tx, case: CaseId, vacancy: VacancyId, agreed: bool) -> Result<Change<Occupancy>, AppError> {
    let case = open_case(tx, case)?;
    let now = tx.now();
    let vacancy = vacancies::find(tx, vacancy)?;
    vacancy.standing().current(tx.policy().freshness, now).map_err(AppError::refused(vacancy.id.0))?;
    super::matching::must_suit(tx, &case, vacancy.unit_id, Some(vacancy.id), agreed)?;
    hold_unit(tx, case.id, vacancy.unit_id)
}

pub(super) fn hold_unit(tx: &mut Tx, case: CaseId, unit: UnitId) -> Result<Change<Occupancy>, AppError> {
    let now = tx.now();
    let taken = occupancy::intervals_after(tx, unit, now)?;
    let during = claim(Interval::lasting(now, tx.policy().hold), &taken).map_err(AppError::refused(unit.0))?;
    let id = occupancy::insert(tx, unit, Cause::Hold(case), during)?;
    let held = occupancy::find(tx, unit, id)?;
    Ok(Change::new(held, Event::new(Did::HoldTaken, id.0)))
}

/// Gives a hold up before it ends by itself.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when it has ended.
pub fn release(tx: &mut Tx, case: CaseId, hold: OccupancyId) -> Result<Change<Occupancy>, AppError> {
    let scope = Scope::of(tx.actor());
    let case = cases::find_in(tx, scope, case)?;
    let mut hold = occupancy::find_hold(tx, case.id, hold)?;
    let now = tx.now();
    if let Some(ended_at) = hold.ends_at.filter(|end| *end <= now) {
        return Err(AppError::refused(hold.id.0)(Refusal::AlreadyEnded { ended_at }));
    }
    let event = end(tx, &hold)?;
    hold.ends_at = hold.during().cut(now).ends_at;
    Ok(Change::new(hold, event))
}

/// Ends an occupancy now.
pub(super) fn end(tx: &mut Tx, occupancy: &Occupancy) -> Result<Event, AppError> {
    let now = tx.now();
    occupancy::set_interval(tx, occupancy.id, occupancy.during().cut(now))?;
    let did = match occupancy.kind {
        Kind::Hold => Did::HoldEnded,
        Kind::Void => Did::VoidEnded,
        Kind::Placement => Did::PlacementDidNotArrive,
    };
    Ok(Event::new(did, occupancy.id.0))
}

/// Ends the holds of a case that are still running: all of them, or those on one unit.
pub(super) fn end_holds(tx: &mut Tx, case: CaseId, on: Option<UnitId>) -> Result<Vec<Event>, AppError> {
    let now = tx.now();
    let running: Vec<_> = occupancy::of_case(tx, case)?
        .into_iter()
        .filter(|held| {
            held.kind == Kind::Hold && held.during().contains(now) && on.is_none_or(|unit| unit == held.unit_id)
        })
        .collect();
    running.iter().map(|held| end(tx, held)).collect()
}

/// A unit out of use.
#[derive(Debug, Clone)]
pub struct NewVoid {
    /// Of the list `void_reason`.
    pub reason: String,
    pub starts_at: Option<At>,
    pub ends_at: Option<At>,
    /// Ends a hold that stands in the way. A placement is never ended so.
    pub end_holds: bool,
}

/// Takes a unit of one's own organisation out of use. A referral that waits for it goes on waiting.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] when the unit is taken in that time.
pub fn void(tx: &mut Tx, unit: UnitId, new: &NewVoid) -> Result<Change<Occupancy>, AppError> {
    let (owner, now) = (tx.actor().organisation, tx.now());
    let unit = units::find_of(tx, owner, unit)?;
    reference::must_be_active(tx, &[Choice::of("void_reason", &new.reason, "/reason")], now.date())?;
    let during = Interval { starts_at: new.starts_at.unwrap_or(now), ends_at: new.ends_at };
    if during.ends_at.is_some_and(|end| end <= during.starts_at) {
        return Err(AppError::body("/ends_at", "too_early", &"this is not after the start"));
    }
    let mut ended = Vec::new();
    if new.end_holds {
        for held in occupancy::of_unit_after(tx, unit.id, now)? {
            if held.kind == Kind::Hold && held.during().overlaps(during) {
                ended.push(end(tx, &held)?);
            }
        }
    }
    let taken = occupancy::intervals_after(tx, unit.id, during.starts_at)?;
    claim(during, &taken).map_err(AppError::refused(unit.id.0))?;
    let id = occupancy::insert(tx, unit.id, Cause::Void(new.reason.clone()), during)?;
    let recorded = occupancy::find(tx, unit.id, id)?;
    Ok(Change::new(recorded, Event::new(Did::VoidRecorded, id.0).because(&new.reason)).and_all(ended))
}

/// Takes a unit that a household has just left out of use for cleaning, for as long as its service says; never what somebody
/// else has taken meanwhile.
pub(super) fn turn_around(tx: &mut Tx, unit: UnitId, left_at: At) -> Result<Option<Event>, AppError> {
    let (unit, owner) = units::find(tx, unit)?;
    let hours = services::find(tx, unit.service_id)?.service.attributes.turnaround_hours;
    let taken = occupancy::intervals_after(tx, unit.id, left_at)?;
    let Ok(during) = claim(Interval::lasting(left_at, TimeDelta::hours(hours.into())), &taken) else { return Ok(None) };
    if hours == 0 {
        return Ok(None);
    }
    let id = occupancy::insert(tx, unit.id, Cause::Void(CLEANING.into()), during)?;
    let event = Event::new(Did::VoidRecorded, id.0).because(CLEANING);
    Ok(Some(if owner == tx.actor().organisation { event } else { event.within(owner) }))
}

/// Of the list `void_reason`.
const CLEANING: &str = "cleaning";

/// Puts a unit back into use before its void would have ended.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when it is no void or is over.
pub fn end_void(tx: &mut Tx, unit: UnitId, void: OccupancyId) -> Result<Change<Occupancy>, AppError> {
    let (owner, now) = (tx.actor().organisation, tx.now());
    let unit = units::find_of(tx, owner, unit)?;
    let mut void = occupancy::find(tx, unit.id, void)?;
    let refused = AppError::refused(void.id.0);
    if void.kind != Kind::Void {
        return Err(refused(Refusal::NotAVoid { kind: void.kind }));
    }
    if let Some(ended_at) = void.ends_at.filter(|end| *end <= now) {
        return Err(refused(Refusal::AlreadyEnded { ended_at }));
    }
    let event = end(tx, &void)?;
    void.ends_at = void.during().cut(now).ends_at;
    Ok(Change::new(void, event))
}

/// A case within the actor's scope that is still open.
pub(super) fn open_case(tx: &mut Tx, id: CaseId) -> Result<Case, AppError> {
    let scope = Scope::of(tx.actor());
    let case = cases::find_in(tx, scope, id)?;
    case::transition(case.state, case::Command::Work).map_err(AppError::refused(id.0))?;
    super::merges::must_stand_alone(tx, id)?;
    Ok(case)
}
