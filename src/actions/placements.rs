//! A household's stay, from the day it is expected to the day it leaves.

use chrono::NaiveDate;

use super::occupancy::{end as end_occupancy, turn_around};
use super::{check_reasons, referrals};
use crate::audit::{Change, Did, Event};
use crate::clock::At;
use crate::db::exclusions::Reader;
use crate::db::placements::{self, Placement, Seen};
use crate::db::reference::{self, Choice};
use crate::db::referrals as stored_referrals;
use crate::db::{Tx, occupancy, tasks};
use crate::domain::occupancy::{Interval, claim};
use crate::domain::placement::{Command, DepartureKind, transition};
use crate::domain::reason::{DecidedBy, Reasons};
use crate::domain::{referral, task};
use crate::error::AppError;
use crate::ids::{OccupancyId, SubjectId, UnitId};

mod limit;
mod moves;

pub use limit::stays_over_limit;
pub(super) use moves::left_for;
pub use moves::{Moving, SecondStage, arrange_second_stage, move_to};

/// Records that a household has arrived. The referral has led to a place, and the home that the household leaves for this
/// one is free from that instant.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] in the wrong state, or when the household comes
/// early and the unit is still taken.
pub fn arrive(tx: &mut Tx, id: OccupancyId, arrived_at: Option<At>) -> Result<Change<Placement>, AppError> {
    let now = tx.now();
    let Seen { mut placement, unit, .. } = find(tx, id)?;
    advance(&mut placement, Command::Arrive)?;
    let arrived_at = past(arrived_at, now, "/arrived_at")?;
    let stay = occupancy::find(tx, unit, id)?;
    if arrived_at < stay.starts_at {
        let others: Vec<_> = occupancy::of_unit_after(tx, unit, arrived_at)?
            .iter()
            .filter(|other| other.id != id)
            .map(|other| (other.kind, other.during()))
            .collect();
        let during =
            claim(Interval { starts_at: arrived_at, ..stay.during() }, &others).map_err(AppError::refused(unit.0))?;
        occupancy::set_interval(tx, id, during)?;
    }
    let left = moves::leave_behind(tx, &placement, arrived_at)?;
    placement.arrived_at = Some(arrived_at);
    placement.resident_since = Some(arrived_at);
    let referral = stored_referrals::find(tx, placement.referral_id)?;
    let placed = if referral.state == referral::State::Placed {
        referrals::lives_in(tx, referral, unit)?; // it has led to a place before, of which this is the second stage
        None
    } else {
        Some(referrals::place(tx, placement.referral_id)?)
    };
    Ok(stored(tx, placement, Did::PlacementArrived)?.and_all(placed).and_all(left))
}

/// Records that an expected household did not come, and why: the referral has ended without a place. A household that lives
/// with the provider already goes on living there, and was not turned away.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] in the wrong state.
pub fn do_not_arrive(tx: &mut Tx, id: OccupancyId, reasons: &Reasons) -> Result<Change<Placement>, AppError> {
    let Seen { mut placement, unit, .. } = find(tx, id)?;
    advance(&mut placement, Command::DoNotArrive)?;
    let who = check_reasons(tx, reasons, DecidedBy::ALL)?;
    let referral = stored_referrals::find(tx, placement.referral_id)?;
    if referral.state == referral::State::Placed {
        let taken = occupancy::find(tx, unit, id)?;
        let event = end_occupancy(tx, &taken)?.because(&reasons.primary_reason);
        placement.missed_reason = Some(reasons.primary_reason.clone());
        placement.version += 1;
        placements::update(tx, &placement)?;
        return Ok(Change::new(placement, event));
    }
    let (_, events) = referrals::deny(tx, referral, reasons, who)?.into_parts();
    let placement = find(tx, id)?.placement;
    Change::of_all(placement, events).map_err(|_| AppError::internal("an ending is an event"))
}

/// Moves the day on which a stay is expected to end. The unit stays taken until the household has left.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] in the wrong state.
pub fn extend(tx: &mut Tx, id: OccupancyId, expected_end: NaiveDate) -> Result<Change<Placement>, AppError> {
    let Seen { mut placement, .. } = find(tx, id)?;
    advance(&mut placement, Command::Extend)?;
    let end = At::start_of(expected_end);
    if end <= placement.expected_at {
        return Err(AppError::body("/expected_end", "too_early", &"this is not after the day of arrival"));
    }
    placement.expected_end = Some(end);
    if end > tx.now() {
        tasks::end(tx, task::Kind::StayOverLimit, SubjectId(id.0), task::Outcome::Done)?;
    }
    stored(tx, placement, Did::PlacementExtended)
}

/// How a household leaves.
#[derive(Debug, Clone)]
pub struct Departure {
    pub departed_at: Option<At>,
    pub kind: DepartureKind,
    /// Of the list `departure_destination`.
    pub destination: String,
    /// Of the list `asked_to_leave_reason`, when they were asked to.
    pub asked_to_leave_reason: Option<String>,
    /// The day from which the household wished, and was ready, to move on.
    pub move_on_wish_on: Option<NaiveDate>,
    /// Whether it moved on when it was ready: of a planned departure.
    pub move_on_timely: Option<bool>,
}

/// Records that a household has left: from then on the unit is free, or out of use for cleaning for as long as its service
/// says.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] in the wrong state.
pub fn depart(tx: &mut Tx, id: OccupancyId, departure: &Departure) -> Result<Change<Placement>, AppError> {
    let now = tx.now();
    let Seen { mut placement, unit, .. } = find(tx, id)?;
    advance(&mut placement, Command::Depart)?;
    let mut choices = vec![Choice::of("departure_destination", &departure.destination, "/destination")];
    if let Some(reason) = &departure.asked_to_leave_reason {
        choices.push(Choice::of("asked_to_leave_reason", reason, "/asked_to_leave_reason"));
    }
    reference::must_be_active(tx, &choices, now.date())?;
    let departed_at = past(departure.departed_at, now, "/departed_at")?;
    if placement.arrived_at.is_some_and(|arrived| departed_at <= arrived) {
        return Err(AppError::body("/departed_at", "too_early", &"this is not after the arrival"));
    }
    if departed_at < occupancy::find(tx, unit, id)?.starts_at {
        return Err(AppError::body("/departed_at", "too_early", &"this is not after the arrival"));
    }
    if departure.move_on_timely.is_some() && departure.kind == DepartureKind::Unplanned {
        let message = "leave this out: only who leaves as planned moves on";
        return Err(AppError::body("/move_on_timely", "not_possible", &message));
    }
    if departure.move_on_wish_on.is_some_and(|day| day > departed_at.date()) {
        return Err(AppError::body("/move_on_wish_on", "too_late", &"this is after they left"));
    }
    placement.departed_at = Some(departed_at);
    placement.departure_kind = Some(departure.kind);
    placement.destination = Some(departure.destination.clone());
    placement.asked_to_leave_reason.clone_from(&departure.asked_to_leave_reason);
    placement.move_on_wish_on = departure.move_on_wish_on;
    placement.move_on_timely = departure.move_on_timely;
    referrals::end_release(tx, placement.referral_id)?;
    let ended = super::support::end_all(tx, &placement, departed_at.date())?;
    let cleaned = vacate(tx, id, unit, departed_at)?;
    Ok(stored(tx, placement, Did::PlacementDeparted)?.and_all(ended).and_all(cleaned))
}

/// Ends the occupancy of a unit that a household has left, with what waited for that; it is cleaned if its service says so.
fn vacate(tx: &mut Tx, id: OccupancyId, unit: UnitId, at: At) -> Result<Option<Event>, AppError> {
    let stay = occupancy::find(tx, unit, id)?;
    occupancy::set_interval(tx, id, stay.during().cut(at))?;
    tasks::end(tx, task::Kind::StayOverLimit, SubjectId(id.0), task::Outcome::Settled)?;
    turn_around(tx, unit, at)
}

pub(super) fn find(tx: &mut Tx, id: OccupancyId) -> Result<Seen, AppError> {
    let reader = Reader::of(tx.actor());
    placements::find_of(tx, reader, id)
}

pub(super) fn advance(placement: &mut Placement, command: Command) -> Result<(), AppError> {
    placement.state = transition(placement.state, command).map_err(AppError::refused(placement.id.0))?;
    Ok(())
}

fn stored(tx: &mut Tx, mut placement: Placement, did: Did) -> Result<Change<Placement>, AppError> {
    placement.version += 1;
    placements::update(tx, &placement)?;
    let event = Event::new(did, placement.id.0);
    Ok(Change::new(placement, event))
}

fn past(said: Option<At>, now: At, pointer: &str) -> Result<At, AppError> {
    match said {
        Some(instant) if instant > now => Err(AppError::body(pointer, "future", &"this has not happened yet")),
        said => Ok(said.unwrap_or(now)),
    }
}
