//! What sanctuary schemes have done, for the managers of either side: their own records.

use chrono::{Days, NaiveDate};

use crate::actions::readings;
use crate::audit::{Change, Did, Event};
use crate::auth::Actor;
use crate::clock::At;
use crate::db::exclusions::Reader;
use crate::db::reports::Perspective;
use crate::db::{Conn, Tx, sanctuary};
use crate::domain::sanctuary::report::{SanctuaryFigures, figures};
use crate::error::AppError;

/// What the report is asked for: the jobs requested from the first day to the last, included.
#[derive(Debug, Clone)]
pub struct Ask {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub perspective: Perspective,
}

/// # Errors
/// When the database fails.
pub fn report(conn: &mut Conn, actor: &Actor, ask: &Ask) -> Result<SanctuaryFigures, AppError> {
    let (from, to) = (At::start_of(ask.from), At::start_of(ask.to.checked_add_days(Days::new(1)).unwrap_or(ask.to)));
    Ok(figures(&sanctuary::reported(conn, ask.perspective, Reader::of(actor), from, to)?))
}

/// As [`report`], on its way out of the system.
///
/// # Errors
/// [`AppError::Slowed`] when too much was taken out.
pub fn export(tx: &mut Tx, ask: &Ask) -> Result<Change<SanctuaryFigures>, AppError> {
    let actor = tx.actor().clone();
    let figures = report(tx, &actor, ask)?;
    let event = Event::new(Did::ReportExported, actor.organisation.0).because("sanctuary");
    Ok(Change::new(figures, event).and_all(readings::export(tx)?))
}
