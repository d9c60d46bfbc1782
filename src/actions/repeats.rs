//! Saying whether two cases are about the same person. Bringing them together is another matter.

use crate::audit::{Change, Did, Event};
use crate::db::cases::Scope;
use crate::db::{Tx, repeats};
use crate::error::AppError;
use crate::ids::CaseId;

/// Remembers whether another case is about the same person as this one, so that nobody is asked again.
///
/// # Errors
/// [`AppError::NotFound`] unless both are the actor's to see, and alike.
pub fn decide(tx: &mut Tx, id: CaseId, other: CaseId, same: bool) -> Result<Change<()>, AppError> {
    let scope = Scope::of(tx.actor());
    if !repeats::of_case(tx, scope, id)?.iter().any(|repeat| repeat.case.id == other) {
        return Err(AppError::NotFound);
    }
    repeats::decide(tx, id, other, same)?;
    let said = if same { "same" } else { "different" };
    let event = |id: CaseId| Event::new(Did::RepeatDecided, id.0).because(said);
    Ok(Change::new((), event(id)).and(event(other)))
}
