//! How a survivor says that she fares when she leaves.

use chrono::NaiveDate;

use super::changed;
use super::placements::{advance, find};
use crate::audit::{Change, Did, Event};
use crate::db::Tx;
use crate::db::outcomes::{self, Outcomes};
use crate::domain::outcomes::{Answer, AskedHow, fixed_at, wrong};
use crate::domain::{Refusal, placement};
use crate::error::AppError;
use crate::ids::OccupancyId;

/// What she said, and when and how she was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    pub safety: Answer,
    pub wellbeing: Answer,
    pub stability: Answer,
    pub asked_on: Option<NaiveDate>,
    pub asked_how: Option<AskedHow>,
}

/// Records the outcomes of a stay, or puts them right within 28 days. `version` is 0 when there are none yet.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Stale`]; [`AppError::Invalid`]; [`AppError::Refused`] before the household has come,
/// when it has moved on, and when they are fixed.
pub fn put(tx: &mut Tx, stay: OccupancyId, version: i32, said: Said) -> Result<Change<Outcomes>, AppError> {
    let mut placement = find(tx, stay)?.placement;
    advance(&mut placement, placement::Command::RecordOutcomes)?;
    let current = outcomes::find(tx, stay)?;
    let now = tx.now();
    let current_version = current.as_ref().map_or(0, |row| row.version);
    if version != current_version {
        return Err(AppError::Stale { current_version });
    }
    let Said { safety, wellbeing, stability, asked_on, asked_how } = said;
    let came = super::support::came(tx, placement.referral_id, now)?;
    let answers = [safety, wellbeing, stability];
    if let Some((field, message)) = wrong(answers, (asked_on, asked_how), (came.date(), now.date())) {
        return Err(AppError::body(field, "not_possible", &message));
    }
    let row = Outcomes {
        placement_id: stay,
        safety,
        wellbeing,
        stability,
        asked_on,
        asked_how,
        recorded_at: current.as_ref().map_or(now, |row| row.recorded_at),
        recorded_by: current.as_ref().map_or(tx.actor().account, |row| row.recorded_by),
        version: version + 1,
    };
    match &current {
        Some(row) if fixed_at(row.recorded_at) <= now => {
            return Err(AppError::refused(stay.0)(Refusal::OutcomesFixed { fixed_at: fixed_at(row.recorded_at) }));
        }
        Some(_) => outcomes::update(tx, &row)?,
        None => outcomes::insert(tx, &row)?,
    }
    let differs = |of: fn(&Outcomes) -> Answer| current.as_ref().map_or(Answer::NotAsked, of) != of(&row);
    let fields = changed([
        ("safety", differs(|row| row.safety)),
        ("wellbeing", differs(|row| row.wellbeing)),
        ("stability", differs(|row| row.stability)),
        ("asked_on", current.as_ref().and_then(|row| row.asked_on) != asked_on),
        ("asked_how", current.as_ref().and_then(|row| row.asked_how) != asked_how),
    ]);
    let event = Event::new(Did::OutcomesRecorded, stay.0).fields(fields);
    Ok(Change::new(row, event))
}
