//! Posting vacancies and standing by them.

use chrono::NaiveDate;

use crate::audit::{Change, Did, Event};
use crate::clock::At;
use crate::db::vacancies::{self, Vacancy};
use crate::db::{Tx, occupancy, services, units};
use crate::domain::Refusal;
use crate::domain::occupancy::{Interval, claim};
use crate::domain::vacancy::{Command, State, transition};
use crate::error::AppError;
use crate::ids::{UnitId, VacancyId};

/// Posts that a unit of one's own organisation can take a household from a day on (today unless said).
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when the unit has an open vacancy, is taken from that day on, or is not
/// in use.
pub fn post(tx: &mut Tx, unit: UnitId, available_from: Option<NaiveDate>) -> Result<Change<Vacancy>, AppError> {
    let (owner, now) = (tx.actor().organisation, tx.now());
    let unit = units::find_of(tx, owner, unit)?;
    let refused = AppError::refused(unit.id.0);
    let available_from = start(available_from, now)?;
    if vacancies::open_of_unit(tx, unit.id)?.is_some() {
        return Err(refused(Refusal::VacancyAlreadyOpen));
    }
    if !services::find_of(tx, owner, unit.service_id)?.active {
        return Err(refused(Refusal::ServiceInactive));
    }
    if unit.online_until.is_some() || unit.online_from > available_from.max(now) {
        return Err(refused(Refusal::UnitOffline));
    }
    free_from(tx, unit.id, available_from.max(now))?;
    let row = Vacancy {
        id: VacancyId::new(),
        unit_id: unit.id,
        state: State::Open,
        available_from,
        posted_at: now,
        confirmed_at: now,
        closed_at: None,
        version: 1,
    };
    vacancies::insert(tx, &row)?;
    super::watches::posted(tx, owner, row.id)?;
    let event = Event::new(Did::VacancyPosted, row.id.0);
    Ok(Change::new(row, event))
}

/// Moves the day from which a vacancy can be taken, and so confirms it.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Stale`]; [`AppError::Refused`] when it is closed or the unit is taken from that
/// day on.
pub fn edit(tx: &mut Tx, id: VacancyId, version: i32, available_from: NaiveDate) -> Result<Change<Vacancy>, AppError> {
    let now = tx.now();
    let mut vacancy = stepped(tx, id, Command::MoveDay)?;
    if vacancy.version != version {
        return Err(AppError::Stale { current_version: vacancy.version });
    }
    vacancy.available_from = start(Some(available_from), now)?;
    free_from(tx, vacancy.unit_id, vacancy.available_from.max(now))?;
    confirmed(tx, vacancy, Did::VacancyEdited)
}

/// Stands by a vacancy: it is as fresh as if it were posted now.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when it is closed.
pub fn confirm(tx: &mut Tx, id: VacancyId) -> Result<Change<Vacancy>, AppError> {
    let vacancy = stepped(tx, id, Command::Confirm)?;
    confirmed(tx, vacancy, Did::VacancyConfirmed)
}

/// Stands by every open vacancy of one's own organisation; gives back how many there are.
///
/// # Errors
/// When the database fails.
pub fn confirm_all(tx: &mut Tx) -> Result<Change<usize>, AppError> {
    let owner = tx.actor().organisation;
    let mut events = Vec::new();
    for vacancy in vacancies::open_of_organisation(tx, owner)? {
        let (_, happened) = confirmed(tx, vacancy, Did::VacancyConfirmed)?.into_parts();
        events.extend(happened);
    }
    Ok(Change::new(events.len(), Event::new(Did::VacanciesConfirmed, owner.0)).and_all(events))
}

/// Takes a vacancy back.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when it is closed.
pub fn withdraw(tx: &mut Tx, id: VacancyId) -> Result<Change<Vacancy>, AppError> {
    let vacancy = stepped(tx, id, Command::Withdraw)?;
    close(tx, vacancy, Did::VacancyWithdrawn)
}

/// Closes the open vacancy of a unit that a household takes, if it has one.
///
/// # Errors
/// When the database fails.
pub(super) fn fill(tx: &mut Tx, unit: UnitId) -> Result<Vec<Event>, AppError> {
    let Some(mut vacancy) = vacancies::open_of_unit(tx, unit)? else { return Ok(Vec::new()) };
    vacancy.state = transition(vacancy.state, Command::Fill).map_err(AppError::refused(vacancy.id.0))?;
    Ok(close(tx, vacancy, Did::VacancyFilled)?.into_parts().1)
}

/// A vacancy of the actor's, in the state that follows.
fn stepped(tx: &mut Tx, id: VacancyId, command: Command) -> Result<Vacancy, AppError> {
    let owner = tx.actor().organisation;
    let mut vacancy = vacancies::find_of(tx, owner, id)?;
    vacancy.state = transition(vacancy.state, command).map_err(AppError::refused(id.0))?;
    Ok(vacancy)
}

fn confirmed(tx: &mut Tx, mut vacancy: Vacancy, did: Did) -> Result<Change<Vacancy>, AppError> {
    vacancy.confirmed_at = tx.now();
    vacancy.version += 1;
    vacancies::update(tx, &vacancy)?;
    let event = Event::new(did, vacancy.id.0);
    Ok(Change::new(vacancy, event))
}

fn close(tx: &mut Tx, mut vacancy: Vacancy, did: Did) -> Result<Change<Vacancy>, AppError> {
    vacancy.closed_at = Some(tx.now());
    vacancy.version += 1;
    vacancies::update(tx, &vacancy)?;
    let event = Event::new(did, vacancy.id.0);
    Ok(Change::new(vacancy, event))
}

/// The first instant of the day that is meant, which must not be over.
fn start(day: Option<NaiveDate>, now: At) -> Result<At, AppError> {
    let day = day.unwrap_or(now.date());
    if day < now.date() {
        return Err(AppError::body("/available_from", "past", &"choose today or a later day"));
    }
    Ok(At::start_of(day))
}

fn free_from(tx: &mut Tx, unit: UnitId, instant: At) -> Result<(), AppError> {
    let taken = occupancy::intervals_after(tx, unit, instant)?;
    claim(Interval::from(instant), &taken).map_err(AppError::refused(unit.0)).map(drop)
}
