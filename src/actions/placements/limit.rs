//! Stays that have lasted for as long as their service is meant for.

use crate::audit::{Change, Did, Event};
use crate::auth::Actor;
use crate::clock::At;
use crate::db::placements::{self, Over};
use crate::db::tasks::{self, New};
use crate::db::{Db, Tx};
use crate::domain::placement::State;
use crate::domain::task::Kind;
use crate::error::AppError;
use crate::ids::{RequestId, SubjectId};

/// So many are gone through in one go.
const AT_ONCE: i64 = 100;

/// Asks the provider of each stay that has reached its limit to look at it, once for each limit and each later end that is
/// agreed; gives back how many there were. Any number of instances may do it at once.
///
/// # Errors
/// [`AppError::Contended`]; when the database fails.
pub async fn stays_over_limit(db: &Db, now: At) -> Result<usize, AppError> {
    let system = Actor::nobody(RequestId::new());
    let found = db.read(&system, move |conn| placements::over_limit(conn, now, AT_ONCE)).await?;
    if found.is_empty() {
        return Ok(0);
    }
    match db.write(&system, move |tx| raise(tx, &found)).await {
        Err(AppError::NotFound) => Ok(0), // another instance has raised them all meanwhile
        outcome => outcome,
    }
}

fn raise(tx: &mut Tx, found: &[Over]) -> Result<Change<usize>, AppError> {
    let mut events = Vec::new();
    for Over { stay, case, provider, since } in found {
        if placements::find(tx, *stay)?.state != State::Arrived {
            continue;
        }
        let subject = SubjectId(stay.0);
        let (kind, organisation) = (Kind::StayOverLimit, *provider);
        let new = New { organisation, kind, case: Some(*case), subject, occasion: *since, owner: None, due_at: *since };
        if tasks::raise(tx, new)? {
            events.push(Event::new(Did::PlacementOverLimit, stay.0).within(organisation));
        }
    }
    Change::of_all(events.len(), events).map_err(|_| AppError::NotFound)
}
