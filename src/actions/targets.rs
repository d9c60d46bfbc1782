//! What an organisation wants its measures to be: for its managers.

use std::collections::BTreeMap;

use crate::audit::{Change, Did, Event};
use crate::db::targets::{self, Target};
use crate::db::{Conn, Tx};
use crate::domain::measures::target::{self, Better};
use crate::domain::measures::{Code, Measure};
use crate::error::AppError;
use crate::ids::OrganisationId;

/// Says what a measure is wanted to be: for the first time (version 0), or in place of the version that was read.
///
/// # Errors
/// [`AppError::NotFound`] for a measure that can have none; [`AppError::Stale`]; [`AppError::Invalid`] for a value that it
/// cannot have.
pub fn set(tx: &mut Tx, measure: Code, version: i32, better: Better, value: f64) -> Result<Change<Target>, AppError> {
    if !target::possible(measure) {
        return Err(AppError::NotFound);
    }
    let tenths = target::tenths(measure, value).ok_or_else(|| {
        let message = "give a value that the measure can have, with at most one decimal";
        AppError::body("/value", "out_of_range", &message)
    })?;
    let (organisation_id, updated_at, updated_by) = (tx.actor().organisation, tx.now(), tx.actor().account);
    let known = targets::find(tx, organisation_id, measure)?.map_or(0, |known| known.version);
    if known != version {
        return Err(AppError::Stale { current_version: known });
    }
    let row = Target { organisation_id, measure, better, tenths, version: version + 1, updated_at, updated_by };
    targets::put(tx, &row)?;
    let event = Event::new(Did::TargetSet, organisation_id.0).fields([measure.as_str()]);
    Ok(Change::new(row, event))
}

/// Takes a target away.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Stale`].
pub fn remove(tx: &mut Tx, measure: Code, version: i32) -> Result<Change<()>, AppError> {
    let organisation = tx.actor().organisation;
    let known = targets::find(tx, organisation, measure)?.ok_or(AppError::NotFound)?;
    if known.version != version {
        return Err(AppError::Stale { current_version: known.version });
    }
    targets::delete(tx, organisation, measure)?;
    Ok(Change::new((), Event::new(Did::TargetRemoved, organisation.0).fields([measure.as_str()])))
}

/// Measures beside what the organisation wants them to be.
///
/// # Errors
/// When the database fails.
pub fn beside(conn: &mut Conn, of: OrganisationId, measures: Vec<Measure>) -> Result<Vec<Measure>, AppError> {
    let targets: BTreeMap<Code, Target> =
        targets::of(conn, of)?.into_iter().map(|target| (target.measure, target)).collect();
    let wanted = |measure: Measure| match targets.get(&measure.code) {
        Some(wanted) => {
            let target = target::Target::of(wanted.better, wanted.tenths, &measure.figure);
            Measure { target: Some(target), ..measure }
        }
        None => measure,
    };
    Ok(measures.into_iter().map(wanted).collect())
}
