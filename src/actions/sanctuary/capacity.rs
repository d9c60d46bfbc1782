//! What a scheme can do in a month.

use chrono::NaiveDate;

use crate::audit::{Change, Did, Event};
use crate::db::sanctuary::{self, Capacity};
use crate::db::{Tx, services};
use crate::domain::provision::AccommodationType;
use crate::domain::sanctuary::{Left, month_of, next_month};
use crate::error::AppError;
use crate::ids::ServiceId;

/// The first days of some months.
pub type Months = Vec<NaiveDate>;

/// So many months, from the one that a day is in.
pub fn months(day: NaiveDate, number: usize) -> Months {
    std::iter::successors(Some(month_of(day)), |month| Some(next_month(*month))).take(number).collect()
}

/// Says what a scheme of one's own organisation can do in a month: so many jobs, so much money, either or both.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Stale`]; [`AppError::Invalid`] for a service that is none, or a month that is over.
pub fn set_capacity(
    tx: &mut Tx,
    id: ServiceId,
    month: NaiveDate,
    version: i32,
    jobs: Option<i32>,
    budget_pence: Option<i32>,
) -> Result<Change<Left>, AppError> {
    let (owner, now) = (tx.actor().organisation, tx.now());
    let service = services::find_of(tx, owner, id)?;
    if service.accommodation_type != AccommodationType::Sanctuary || month != month_of(month) {
        return Err(AppError::NotFound);
    }
    if month < month_of(now.date()) {
        return Err(AppError::body("", "past", &"this month is over"));
    }
    let known = sanctuary::capacities(tx, id, &[month])?.remove(&month).map_or(0, |known| known.version);
    if known != version {
        return Err(AppError::Stale { current_version: known });
    }
    let row = Capacity { service_id: id, month, jobs, budget_pence, version: version + 1, updated_at: now };
    sanctuary::put_capacity(tx, &row)?;
    let left = sanctuary::left(tx, id, &[month])?.pop().ok_or_else(|| AppError::internal("a month is a month"))?;
    Ok(Change::new(left, Event::new(Did::SanctuaryCapacitySet, id.0).fields(["jobs", "budget_pence"])))
}
