//! Asking a service to take a household, and the answer.

mod conversation;
mod lapse;
mod parallel;

use chrono::NaiveDate;

use self::conversation::{Kind as Said, send_note};
pub use self::conversation::{Read, give_information, read_notes, request_information, write};
pub use self::lapse::lapse;
use super::free_text::Outgoing;
use super::identity::Found;
use super::occupancy::{end, end_holds, hold_unit, open_case};
use super::searches::{Looked, record};
use super::{check_disclosure, check_reasons, vacancies};
use crate::audit::{Change, Did, Event};
use crate::clock::At;
use crate::db::occupancy::{self, Cause};
use crate::db::placements::Placement;
use crate::db::referrals::{self, Referral, Seen, Side};
use crate::db::{Tx, cases, placements, services, tasks, units, vacancies as posted};
use crate::domain::barriers::Occasion;
use crate::domain::identity::Who;
use crate::domain::occupancy::{Kind, claim_stay};
use crate::domain::reason::{DecidedBy, Reasons};
use crate::domain::referral::sight::{Group, Stage};
use crate::domain::referral::{Command, State, transition};
use crate::domain::{Refusal, placement, task};
use crate::error::AppError;
use crate::ids::{CaseId, ReferralId, ServiceId, SubjectId, UnitId, VacancyId, reference};

/// What a household is referred to.
#[derive(Debug, Clone, Copy)]
pub enum To {
    Vacancy(VacancyId),
    /// A service without a posted vacancy.
    Service(ServiceId),
}

/// A new referral.
#[derive(Debug, Clone)]
pub struct New {
    pub to: To,
    /// Holds the unit too, unless the case already does.
    pub hold: bool,
    /// The provider has agreed to an exception from its own rules.
    pub agreed_with_provider: bool,
    pub note: Option<Outgoing>,
}

/// Sends a referral from an open case, and keeps what the household found when it was sent.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when the case is closed, the vacancy is not current or its unit taken by
/// others, the place not suitable, or the household already referred there.
pub fn send(tx: &mut Tx, case: CaseId, new: &New, looked: &Looked) -> Result<Change<Referral>, AppError> {
    let now = tx.now();
    let case = open_case(tx, case)?;
    let id = ReferralId::new();
    let (service, vacancy, unit) = match new.to {
        To::Service(service) => {
            super::matching::must_be_safe(tx, &case, service)?;
            (service, None, None)
        }
        To::Vacancy(vacancy) => {
            let vacancy = posted::find(tx, vacancy)?;
            vacancy.standing().current(tx.policy().freshness, now).map_err(AppError::refused(vacancy.id.0))?;
            super::matching::must_suit(tx, &case, vacancy.unit_id, Some(vacancy.id), new.agreed_with_provider)?;
            let (unit, _) = units::find(tx, vacancy.unit_id)?;
            (unit.service_id, Some(vacancy), Some(unit.id))
        }
    };
    if !services::find(tx, service)?.service.active {
        return Err(AppError::refused(service.0)(Refusal::ServiceInactive));
    }
    let open = |referral: &Referral| referral.service_id == service && referral.state.open();
    if referrals::of_case(tx, case.id)?.iter().any(open) {
        return Err(AppError::refused(case.id.0)(Refusal::AlreadyReferred));
    }

    let mut events = vec![Event::new(Did::ReferralSent, id.0)];
    let mut hold_id = None;
    if let (Some(vacancy), Some(unit)) = (&vacancy, unit) {
        let taken = occupancy::of_unit_after(tx, unit, now)?;
        hold_id = taken
            .iter()
            .find(|taken| taken.kind == Kind::Hold && taken.case_id == Some(case.id) && taken.during().contains(now))
            .map(|hold| hold.id);
        let others: Vec<_> =
            taken.iter().filter(|taken| Some(taken.id) != hold_id).map(|taken| (taken.kind, taken.during())).collect();
        claim_stay(vacancy.available_from.max(now), now, &others).map_err(AppError::refused(unit.0))?;
        if new.hold && hold_id.is_none() {
            let (held, happened) = hold_unit(tx, case.id, unit)?.into_parts();
            hold_id = Some(held.id);
            events.extend(happened);
        }
    }
    let row = Referral {
        id,
        reference: reference('R'),
        case_id: case.id,
        service_id: service,
        vacancy_id: vacancy.map(|vacancy| vacancy.id),
        unit_id: unit,
        hold_id,
        state: State::Sent,
        sent_at: now,
        sent_by: tx.actor().account,
        decided_at: None,
        ended_at: None,
        primary_reason: None,
        decided_by: None,
        address_from: None,
        address_until: None,
        version: 1,
    };
    referrals::insert(tx, &row)?;
    if let Some(note) = &new.note {
        events.extend(send_note(tx, (id, case.organisation_id), Side::Referrer, Said::Message, note)?);
    }
    record(tx, case.id, Occasion::Referred, looked)?;
    Change::of_all(row, events).map_err(|_| AppError::internal("a referral is an event"))
}

/// How a provider takes a household.
#[derive(Debug, Clone, Default)]
pub struct Acceptance {
    /// Another unit of the same service than the one referred to.
    pub unit: Option<UnitId>,
    /// The day on which the household is expected; today unless said, and never before the unit can be taken.
    pub expected_on: Option<NaiveDate>,
    pub expected_end: Option<NaiveDate>,
}

/// Takes the household: the unit is theirs from the day they are expected, its vacancy is filled, and the two sides may
/// read each other's address and identity. What else waits for this household is not needed any more, and is withdrawn.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] in the wrong state, when the unit is taken by
/// others, when the household has a place (but for one in a refuge, from which it goes on to second stage), or when it would
/// not be safe there.
pub fn accept(tx: &mut Tx, id: ReferralId, acceptance: &Acceptance) -> Result<Change<(Referral, Placement)>, AppError> {
    let now = tx.now();
    let Seen { mut referral, provider, .. } = seen_from(tx, id, Side::Provider)?;
    advance(&mut referral, Command::Accept)?;
    let case = cases::find(tx, referral.case_id)?;
    super::matching::must_be_safe(tx, &case, referral.service_id)?;
    let unit = acceptance.unit.or(referral.unit_id).ok_or_else(|| {
        AppError::body("/unit_id", "required", &"this referral names no unit: choose one of the service")
    })?;
    let unit = units::find_of(tx, provider, unit)
        .ok()
        .filter(|unit| unit.service_id == referral.service_id)
        .ok_or_else(|| AppError::body("/unit_id", "unknown", &"choose a unit of the service referred to"))?;
    if unit.online_until.is_some() || unit.online_from > now {
        return Err(AppError::refused(unit.id.0)(Refusal::UnitOffline));
    }
    let day = |day: NaiveDate, pointer: &str| {
        if day < now.date() {
            return Err(AppError::body(pointer, "past", &"choose today or a later day"));
        }
        Ok(At::start_of(day))
    };
    let available_from = posted::open_of_unit(tx, unit.id)?.map_or(now, |vacancy| vacancy.available_from);
    let expected_on = acceptance.expected_on.map(|date| day(date, "/expected_on")).transpose()?;
    let starts_at = expected_on.unwrap_or(now).max(available_from).max(now);
    let expected_end = acceptance.expected_end.map(|date| day(date, "/expected_end")).transpose()?;
    if expected_end.is_some_and(|end| end <= starts_at) {
        return Err(AppError::body("/expected_end", "too_early", &"this is not after the day of arrival"));
    }
    let leaves = super::placements::left_for(tx, referral.case_id, referral.service_id)?;

    let mut events = end_holds(tx, referral.case_id, None)?;
    let taken = occupancy::intervals_after(tx, unit.id, now)?;
    let during = claim_stay(starts_at, now, &taken).map_err(AppError::refused(unit.id.0))?;
    let stay = occupancy::insert(tx, unit.id, Cause::Placement(referral.case_id), during)?;
    let placement = Placement { follows_id: leaves, ..Placement::expected(stay, id, starts_at, expected_end) };
    placements::insert(tx, &placement)?;
    events.extend(vacancies::fill(tx, unit.id)?);
    events.push(Event::new(Did::PlacementExpected, stay.0));
    referral.unit_id = Some(unit.id);
    referral.decided_at = Some(now);
    referral.address_from = Some(now);
    referral.address_until = Some(starts_at.max(now) + tx.policy().address_release);
    events.extend(parallel::withdraw_others(tx, &referral)?);
    settle(tx, id)?;
    let change = stored(tx, referral, Event::new(Did::ReferralAccepted, id.0))?;
    Ok(change.and_all(events).map(|referral| (referral, placement)))
}

/// Ends a referral without a place, for coded reasons: by the provider (declined, by whoever decided it) or by the
/// referrer (the survivor said no, it was withdrawn, or it lapsed).
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] in the wrong state.
pub fn end_without_place(
    tx: &mut Tx,
    id: ReferralId,
    by: Side,
    reasons: &Reasons,
    note: Option<&Outgoing>,
) -> Result<Change<Referral>, AppError> {
    let Seen { referral, referrer, .. } = seen_from(tx, id, by)?;
    let of = (id, referrer);
    let allowed: &[DecidedBy] = match by {
        Side::Provider => &[DecidedBy::Provider, DecidedBy::Survivor],
        Side::Referrer => &[DecidedBy::Survivor, DecidedBy::Referrer, DecidedBy::System],
    };
    let who = check_reasons(tx, reasons, allowed)?;
    let change = deny(tx, referral, reasons, who)?;
    let confirmed = note.map(|note| send_note(tx, of, by, Said::Message, note)).transpose()?.flatten();
    Ok(change.and_all(confirmed))
}

/// Ends a referral for reasons that have been checked: what was taken for it is given up.
pub(super) fn deny(
    tx: &mut Tx,
    mut referral: Referral,
    reasons: &Reasons,
    who: DecidedBy,
) -> Result<Change<Referral>, AppError> {
    let (id, now) = (referral.id, tx.now());
    advance(&mut referral, Command::ending(who))?;
    referral.decided_at = referral.decided_at.or(Some(now));
    referral.ended_at = Some(now);
    referral.primary_reason = Some(reasons.primary_reason.clone());
    referral.decided_by = Some(who);
    referral.address_until = referral.address_until.map(|until| until.min(now));
    for reason in &reasons.secondary_reasons {
        referrals::add_secondary_reason(tx, id, reason)?;
    }
    settle(tx, id)?;
    let mut events = Vec::new();
    if let Some(unit) = referral.unit_id {
        events.extend(end_holds(tx, referral.case_id, Some(unit))?);
    }
    if let Some(mut stay) = placements::of_referral(tx, id)?
        && stay.state == placement::State::Expected
        && let Some(unit) = referral.unit_id
    {
        stay.state =
            placement::transition(stay.state, placement::Command::DoNotArrive).map_err(AppError::refused(stay.id.0))?;
        stay.version += 1;
        placements::update(tx, &stay)?;
        let taken = occupancy::find(tx, unit, stay.id)?;
        events.push(end(tx, &taken)?);
    }
    let event = Event::new(Did::ReferralEnded, id.0).because(&reasons.primary_reason);
    Ok(stored(tx, referral, event)?.and_all(events))
}

/// Reads who the household is, for a reason: for the provider that has accepted it, for as long as it is theirs.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] before acceptance, after the referral has ended without a place, and after
/// the household has left.
pub fn disclose_identity(tx: &mut Tx, id: ReferralId, reason: &str) -> Result<Change<Who>, AppError> {
    let Seen { referral, referrer, .. } = released(tx, id)?;
    check_disclosure(tx, reason)?;
    // The referrer may have closed its case long ago: the household still lives here, and is looked after.
    let found = Found { case: referral.case_id, of: referrer, closed_at: None, by: Some(("referral", id.0)) };
    super::identity::disclose_found(tx, &found, reason)
}

/// A referral that the actor's service has accepted, while the household is theirs.
pub(super) fn released(tx: &mut Tx, id: ReferralId) -> Result<Seen, AppError> {
    let seen = seen_from(tx, id, Side::Provider)?;
    let stage = stage(tx, &seen.referral)?;
    if stage.shows(Group::Identity) { Ok(seen) } else { Err(AppError::refused(id.0)(Refusal::IdentityNotReleased)) }
}

/// Ends the referrer's right to read the address.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn revoke_address(tx: &mut Tx, id: ReferralId) -> Result<Change<Referral>, AppError> {
    let mut seen = seen_from(tx, id, Side::Provider)?;
    let now = tx.now();
    seen.referral.address_until = seen.referral.address_until.map(|until| until.min(now));
    seen.referral.version += 1;
    referrals::update(tx, &seen.referral)?;
    Ok(Change::new(seen.referral, Event::new(Did::AddressReleaseRevoked, id.0)))
}

/// A referral as one who stands at this end of it.
fn seen_from(tx: &mut Tx, id: ReferralId, side: Side) -> Result<Seen, AppError> {
    let actor = tx.actor().clone();
    let (seen, sides) = referrals::find_for(tx, &actor, id)?;
    if sides.contains(&side) { Ok(seen) } else { Err(AppError::Forbidden) }
}

/// How far a referral has come, as it decides what its provider sees.
///
/// # Errors
/// When the database fails.
pub fn stage_at(conn: &mut crate::db::Conn, referral: &Referral, now: At) -> Result<Stage, AppError> {
    let left = referrals::left_at(conn, &[referral.id])?.get(&referral.id).copied();
    Ok(Stage::of(referral.state, referral.ended_at, left, now))
}

fn stage(tx: &mut Tx, referral: &Referral) -> Result<Stage, AppError> {
    let now = tx.now();
    stage_at(tx, referral, now)
}

/// Nobody has to answer any more.
fn settle(tx: &mut Tx, id: ReferralId) -> Result<(), AppError> {
    for kind in [task::Kind::ReferralUnanswered, task::Kind::InformationRequested] {
        tasks::end(tx, kind, SubjectId(id.0), task::Outcome::Settled)?;
    }
    Ok(())
}

fn advance(referral: &mut Referral, command: Command) -> Result<(), AppError> {
    referral.state = transition(referral.state, command).map_err(AppError::refused(referral.id.0))?;
    Ok(())
}

fn stored(tx: &mut Tx, mut referral: Referral, event: Event) -> Result<Change<Referral>, AppError> {
    referral.version += 1;
    referrals::update(tx, &referral)?;
    Ok(Change::new(referral, event))
}

/// Marks a referral as having led to a place.
pub(super) fn place(tx: &mut Tx, id: ReferralId) -> Result<Event, AppError> {
    let mut referral = referrals::find(tx, id)?;
    advance(&mut referral, Command::Place)?;
    referral.ended_at = Some(tx.now());
    referral.version += 1;
    referrals::update(tx, &referral)?;
    Ok(Event::new(Did::ReferralPlaced, id.0))
}

/// Notes in which unit the household of a referral lives now: what is left of the right to read an address is for that one.
pub(super) fn lives_in(tx: &mut Tx, mut referral: Referral, unit: UnitId) -> Result<(), AppError> {
    referral.unit_id = Some(unit);
    referral.version += 1;
    referrals::update(tx, &referral)
}

/// Ends the release of the address when a household has left.
pub(super) fn end_release(tx: &mut Tx, id: ReferralId) -> Result<(), AppError> {
    let mut referral = referrals::find(tx, id)?;
    let now = tx.now();
    referral.address_until = referral.address_until.map(|until| until.min(now));
    referral.version += 1;
    referrals::update(tx, &referral)
}

/// The case of a referral, for what a provider may see of it.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn case_of(conn: &mut crate::db::Conn, seen: &Seen) -> Result<cases::Case, AppError> {
    cases::find(conn, seen.referral.case_id)
}
