//! What is planned and fitted in a home, and what it costs.

use super::{Side, find};
use crate::actions::changed;
use crate::audit::{Change, Did, Event};
use crate::db::Tx;
use crate::db::reference::{self, Choice};
use crate::db::sanctuary::{self, Measure, Seen};
use crate::domain::Refusal;
use crate::domain::sanctuary::{Fitting, Installer, State};
use crate::error::AppError;
use crate::ids::{SanctuaryId, SanctuaryMeasureId};

/// A new measure.
#[derive(Debug, Clone)]
pub struct NewMeasure {
    /// Of the list `sanctuary_measure`.
    pub kind: String,
    pub number: i32,
    /// Of all of them together.
    pub cost_pence: i32,
    pub installer: Option<Installer>,
}

/// Plans a measure: by the scheme, while nothing is signed off.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] when the job has ended.
pub fn add_measure(tx: &mut Tx, id: SanctuaryId, new: &NewMeasure) -> Result<Change<Measure>, AppError> {
    let seen = going_on(tx, id)?;
    let today = tx.now().date();
    reference::must_be_active(tx, &[Choice::of("sanctuary_measure", &new.kind, "/kind")], today)?;
    let state = if seen.job.state == State::Installed { Fitting::Fitted } else { Fitting::Planned };
    let row = Measure {
        id: SanctuaryMeasureId::new(),
        job_id: id,
        kind: new.kind.clone(),
        number: new.number,
        cost_pence: new.cost_pence,
        installer: new.installer,
        state,
        version: 1,
    };
    sanctuary::insert_measure(tx, &row)?;
    Ok(Change::new(row, Event::new(Did::SanctuaryMeasureAdded, id.0)))
}

/// What to change about a measure; what is absent stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct MeasureEdit {
    pub number: Option<i32>,
    pub cost_pence: Option<i32>,
    pub installer: Option<Installer>,
    pub state: Option<Fitting>,
}

/// Changes a measure: by the scheme, while nothing is signed off.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Stale`]; [`AppError::Refused`] when the job has ended.
pub fn edit_measure(
    tx: &mut Tx,
    id: SanctuaryId,
    measure: SanctuaryMeasureId,
    version: i32,
    edit: MeasureEdit,
) -> Result<Change<Measure>, AppError> {
    going_on(tx, id)?;
    let current = sanctuary::find_measure(tx, id, measure)?;
    if current.version != version {
        return Err(AppError::Stale { current_version: current.version });
    }
    let row = Measure {
        number: edit.number.unwrap_or(current.number),
        cost_pence: edit.cost_pence.unwrap_or(current.cost_pence),
        installer: edit.installer.or(current.installer),
        state: edit.state.unwrap_or(current.state),
        version: current.version + 1,
        ..current.clone()
    };
    sanctuary::update_measure(tx, &row)?;
    let event = Event::new(Did::SanctuaryMeasureEdited, id.0).fields(changed([
        ("number", row.number != current.number),
        ("cost_pence", row.cost_pence != current.cost_pence),
        ("installer", row.installer != current.installer),
        ("state", row.state != current.state),
    ]));
    Ok(Change::new(row, event))
}

fn going_on(tx: &mut Tx, id: SanctuaryId) -> Result<Seen, AppError> {
    let seen = find(tx, id, Side::Provider)?;
    match seen.job.ended_at {
        Some(ended_at) => Err(AppError::refused(id.0)(Refusal::AlreadyEnded { ended_at })),
        None => Ok(seen),
    }
}

/// What is asked for with a new job: what it costs, the survey will tell.
pub(super) fn ask_for(tx: &mut Tx, id: SanctuaryId, asked: &[(String, i32)]) -> Result<(), AppError> {
    let today = tx.now().date();
    let mut choices = Vec::new();
    for (n, (kind, _)) in asked.iter().enumerate() {
        if asked[..n].iter().any(|(known, _)| known == kind) {
            let pointer = format!("/measures/{n}/kind");
            return Err(AppError::body(&pointer, "repeated", &"name each kind once, and how many"));
        }
        choices.push(Choice::of("sanctuary_measure", kind, format!("/measures/{n}/kind")));
    }
    reference::must_be_active(tx, &choices, today)?;
    for (kind, number) in asked {
        let row = Measure {
            id: SanctuaryMeasureId::new(),
            job_id: id,
            kind: kind.clone(),
            number: *number,
            cost_pence: 0,
            installer: None,
            state: Fitting::Planned,
            version: 1,
        };
        sanctuary::insert_measure(tx, &row)?;
    }
    Ok(())
}
