//! Reading the audit. Whoever reads it leaves a trace in it: which filters were used, never what was looked for. (S18)
//!
//! It is read before the trace is written, so that a long search keeps no other writer waiting; and it is shown after, so
//! that nobody reads without a trace.

use crate::audit::{Change, Did, Event, Head};
use crate::auth::Actor;
use crate::db::audit::reading::{self, After, Filter, Recorded};
use crate::db::{Db, Tx, Verification};
use crate::error::{AppError, Part};

/// At most so many events leave as one file.
pub const LONGEST: i64 = 50_000;

/// What was asked for: the filter, and the names of what it goes by.
#[derive(Debug, Clone)]
pub struct Ask {
    pub filter: Filter,
    pub named: Vec<&'static str>,
}

/// A page of events, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn search(
    db: &Db,
    actor: &Actor,
    ask: Ask,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Recorded>, AppError> {
    let Ask { filter, mut named } = ask;
    named.extend(after.map(|_| "cursor"));
    let found = db.read(actor, move |conn| reading::page(conn, &filter, after, limit)).await?;
    db.write(actor, move |tx| Ok(read(tx, Did::AuditSearched, &named))).await?;
    Ok(found)
}

/// The same on its way out of the system, all of it.
///
/// # Errors
/// [`AppError::Invalid`] when it is more than [`LONGEST`].
pub async fn export(db: &Db, actor: &Actor, ask: Ask) -> Result<Vec<Recorded>, AppError> {
    let Ask { filter, named } = ask;
    let found = db.read(actor, move |conn| reading::page(conn, &filter, None, LONGEST + 1)).await?;
    if i64::try_from(found.len()).unwrap_or(i64::MAX) > LONGEST {
        let message = format!("these are more than {LONGEST} events: choose fewer days");
        return Err(AppError::field(Part::Query, "/until", "too_many", &message));
    }
    let taken_out = move |tx: &mut Tx| {
        let change = read(tx, Did::AuditExported, &named);
        Ok(change.and_all(super::readings::export(tx)?))
    };
    db.write(actor, taken_out).await?;
    Ok(found)
}

fn read(tx: &Tx, did: Did, named: &[&'static str]) -> Change<()> {
    Change::new((), Event::new(did, tx.actor().organisation.0).fields(named.iter().copied()))
}

/// Records what a check of the whole audit found.
pub fn verified(tx: &Tx, found: &Verification) -> Change<()> {
    let (object, reason) = match found {
        Verification::Intact { .. } => (tx.actor().organisation.0, "intact"),
        Verification::Broken { event, .. } => (event.0, "broken"),
    };
    Change::new((), Event::new(Did::AuditVerified, object).because(reason))
}

/// Records that the end of the chain was handed out.
pub fn head_exported(head: &Head) -> Change<()> {
    Change::new((), Event::new(Did::AuditHeadExported, head.event_id.0))
}
