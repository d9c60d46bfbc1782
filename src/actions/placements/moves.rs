//! From one home to another: within a service, and on to second stage. A household that moves is placed once.

use chrono::NaiveDate;

use super::{advance, find, vacate};
use crate::actions::{matching, referrals, support, vacancies};
use crate::audit::{Change, Did, Event};
use crate::clock::At;
use crate::db::occupancy::{self, Cause};
use crate::db::placements::{self, Placement, Seen};
use crate::db::reference::{self, Choice};
use crate::db::units::{self, Unit};
use crate::db::{Tx, cases, referrals as stored_referrals, services, vacancies as posted};
use crate::domain::Refusal;
use crate::domain::occupancy::claim_stay;
use crate::domain::placement::{Command, DepartureKind, State, leaves};
use crate::domain::provision::AccommodationType;
use crate::error::AppError;
use crate::ids::{CaseId, OccupancyId, ServiceId, UnitId};

/// Where to, when and why a household moves.
#[derive(Debug, Clone)]
pub struct Moving {
    /// Another unit of the same service.
    pub unit: UnitId,
    pub moved_at: Option<At>,
    /// Of the list `move_reason`.
    pub reason: String,
}

/// Moves a household to another unit of its service: the one is free, and the other taken, from the same instant. Gives back
/// the stay that goes on from the one before.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] in the wrong state, or when the other unit is taken
/// or not in use.
pub fn move_to(tx: &mut Tx, id: OccupancyId, moving: &Moving) -> Result<Change<Placement>, AppError> {
    let now = tx.now();
    let Seen { placement: mut before, unit: left, case, .. } = find(tx, id)?;
    advance(&mut before, Command::Move)?;
    reference::must_be_active(tx, &[Choice::of("move_reason", &moving.reason, "/reason")], now.date())?;
    let at = super::past(moving.moved_at, now, "/moved_at")?;
    if before.arrived_at.is_some_and(|arrived| at <= arrived) || at < occupancy::find(tx, left, id)?.starts_at {
        return Err(AppError::body("/moved_at", "too_early", &"this is not after they came to where they live now"));
    }
    let unit = own_unit(tx, moving.unit)?.filter(|unit| unit.id != left);
    let (here, _) = units::find(tx, left)?;
    let unit = unit
        .filter(|unit| unit.service_id == here.service_id)
        .ok_or_else(|| AppError::body("/unit_id", "unknown", &"choose another unit of the same service"))?;
    in_use(&unit, at)?;
    let taken = occupancy::intervals_after(tx, unit.id, at)?;
    let during = claim_stay(at, now, &taken).map_err(AppError::refused(unit.id.0))?;

    before.moved_at = Some(at);
    before.move_reason = Some(moving.reason.clone());
    before.version += 1;
    placements::update(tx, &before)?;
    let cleaned = vacate(tx, id, left, at)?;
    let next = occupancy::insert(tx, unit.id, Cause::Placement(case), during)?;
    let next = Placement {
        state: State::Arrived,
        arrived_at: Some(at),
        follows_id: Some(id),
        resident_since: before.resident_since,
        ..Placement::expected(next, before.referral_id, at, before.expected_end)
    };
    placements::insert(tx, &next)?;
    placements::follow_instead(tx, id, next.id)?;
    let referral = stored_referrals::find(tx, before.referral_id)?;
    referrals::lives_in(tx, referral, unit.id)?;
    let filled = vacancies::fill(tx, unit.id)?;
    let moved = Event::new(Did::PlacementMoved, id.0).because(&moving.reason);
    let goes_on = Event::new(Did::PlacementContinued, next.id.0);
    Ok(Change::new(next, moved).and(goes_on).and_all(filled).and_all(cleaned))
}

/// A home of the second stage that a household is to go on to.
#[derive(Debug, Clone)]
pub struct SecondStage {
    /// Of a second-stage service of the same provider.
    pub unit: UnitId,
    pub expected_on: NaiveDate,
    pub expected_end: Option<NaiveDate>,
}

/// Takes a home of the second stage for a household, on the same referral. It lives where it does until it arrives there.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] in the wrong state, when one is taken for it already,
/// when the unit is taken, or when it would not be safe there.
pub fn arrange_second_stage(tx: &mut Tx, id: OccupancyId, to: &SecondStage) -> Result<Change<Placement>, AppError> {
    let now = tx.now();
    let Seen { mut placement, unit: here, case, .. } = find(tx, id)?;
    advance(&mut placement, Command::ArrangeSecondStage)?;
    let message = "choose a unit of a second-stage service of your organisation";
    let unknown = || AppError::body("/unit_id", "unknown", &message);
    let unit = own_unit(tx, to.unit)?.filter(|unit| unit.id != here).ok_or_else(unknown)?;
    let service = services::find(tx, unit.service_id)?.service;
    if service.accommodation_type != AccommodationType::SecondStage || units::find(tx, here)?.0.service_id == service.id
    {
        return Err(unknown());
    }
    if !service.active {
        return Err(AppError::refused(service.id.0)(Refusal::ServiceInactive));
    }
    for (day, pointer) in [(Some(to.expected_on), "/expected_on"), (to.expected_end, "/expected_end")] {
        if day.is_some_and(|day| day < now.date()) {
            return Err(AppError::body(pointer, "past", &"choose today or a later day"));
        }
    }
    let available_from = posted::open_of_unit(tx, unit.id)?.map_or(now, |vacancy| vacancy.available_from);
    let starts_at = At::start_of(to.expected_on).max(available_from).max(now);
    let expected_end = to.expected_end.map(At::start_of);
    if expected_end.is_some_and(|end| end <= starts_at) {
        return Err(AppError::body("/expected_end", "too_early", &"this is not after the day of arrival"));
    }
    in_use(&unit, now)?;
    let whole = cases::find(tx, case)?;
    matching::must_be_safe(tx, &whole, service.id)?;
    if placements::of_case(tx, case)?.iter().any(|stay| stay.state == State::Expected) {
        return Err(AppError::refused(id.0)(Refusal::AlreadyPlaced));
    }
    let taken = occupancy::intervals_after(tx, unit.id, now)?;
    let during = claim_stay(starts_at, now, &taken).map_err(AppError::refused(unit.id.0))?;
    let next = occupancy::insert(tx, unit.id, Cause::Placement(case), during)?;
    let next =
        Placement { follows_id: Some(id), ..Placement::expected(next, placement.referral_id, starts_at, expected_end) };
    placements::insert(tx, &next)?;
    let filled = vacancies::fill(tx, unit.id)?;
    let event = Event::new(Did::PlacementSecondStage, next.id.0);
    Ok(Change::new(next, event).and_all(filled))
}

/// The stay that a household with a place leaves for this service; none when it has no place.
///
/// # Errors
/// [`AppError::Refused`] when it has one, and the service is not the second stage to that.
pub(crate) fn left_for(tx: &mut Tx, case: CaseId, service: ServiceId) -> Result<Option<OccupancyId>, AppError> {
    let stays = placements::of_case(tx, case)?;
    let current: Vec<&Placement> = stays.iter().filter(|stay| stay.state.current()).collect();
    let states: Vec<State> = current.iter().map(|stay| stay.state).collect();
    let kind = services::find(tx, service)?.service.accommodation_type;
    let leaves = leaves(&states, kind).map_err(AppError::refused(case.0))?;
    Ok(current.first().filter(|_| leaves).map(|stay| stay.id))
}

/// Ends the stay that this one goes on from, at the instant of arrival: it moved on, when it was on the same referral; it
/// departed to second stage, when another provider took the household, and then its own provider is told.
pub(super) fn leave_behind(tx: &mut Tx, next: &Placement, at: At) -> Result<Vec<Event>, AppError> {
    let Some(before) = next.follows_id else { return Ok(Vec::new()) };
    let mut before = placements::find(tx, before)?;
    if before.state != State::Arrived {
        return Ok(Vec::new()); // it has left already
    }
    let taken = occupancy::of_stay(tx, before.id)?;
    if before.arrived_at.is_some_and(|arrived| at <= arrived) || at < taken.starts_at {
        return Err(AppError::body("/arrived_at", "too_early", &"this is not after they came to where they live now"));
    }
    let (_, owner) = units::find(tx, taken.unit_id)?;
    let mut events = Vec::new();
    if before.referral_id == next.referral_id {
        advance(&mut before, Command::Move)?;
        before.moved_at = Some(at);
        events.push(Event::new(Did::PlacementMoved, before.id.0).because("second_stage"));
    } else {
        advance(&mut before, Command::Depart)?;
        before.departed_at = Some(at);
        before.departure_kind = Some(DepartureKind::Planned);
        before.destination = Some("second_stage".into());
        referrals::end_release(tx, before.referral_id)?;
        events.extend(support::end_all(tx, &before, at.date())?.into_iter().map(|event| event.within(owner)));
        let departed = Event::new(Did::PlacementDeparted, before.id.0).because("second_stage").within(owner);
        events.push(departed.telling("referral_decided", before.referral_id.0));
    }
    before.version += 1;
    placements::update(tx, &before)?;
    events.extend(vacate(tx, before.id, taken.unit_id, at)?);
    Ok(events)
}

/// A unit of one's own organisation, if it is one.
fn own_unit(tx: &mut Tx, id: UnitId) -> Result<Option<Unit>, AppError> {
    let owner = tx.actor().organisation;
    match units::find_of(tx, owner, id) {
        Ok(unit) => Ok(Some(unit)),
        Err(AppError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

fn in_use(unit: &Unit, at: At) -> Result<(), AppError> {
    if unit.online_until.is_some() || unit.online_from > at {
        return Err(AppError::refused(unit.id.0)(Refusal::UnitOffline));
    }
    Ok(())
}
