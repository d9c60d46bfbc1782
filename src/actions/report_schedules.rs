//! Reports that an organisation gets regularly, each once when its time is over.

use chrono::NaiveDate;

use super::report_files::{Wanted, new};
use crate::audit::{Change, Did, Event};
use crate::auth::Actor;
use crate::db::report_schedules::{self, Schedule};
use crate::db::{Db, Tx, report_files};
use crate::domain::measures::Side;
use crate::domain::report_file::{Every, Kind};
use crate::error::AppError;
use crate::ids::RequestId;

/// Says whether the organisation wants a report of this side each month or quarter. The first is of the one that is not
/// over yet.
///
/// # Errors
/// [`AppError::Stale`].
pub fn set(tx: &mut Tx, every: Every, side: Side, version: i32, active: bool) -> Result<Change<Schedule>, AppError> {
    let (actor, now) = (tx.actor().clone(), tx.now());
    let known = report_schedules::find(tx, actor.organisation, every, side)?;
    let current_version = known.as_ref().map_or(0, |known| known.version);
    if current_version != version {
        return Err(AppError::Stale { current_version });
    }
    let ended = ended(every, now.date())?;
    let asked_until = match known {
        Some(known) if known.active && active => known.asked_until,
        Some(known) => known.asked_until.max(ended),
        None => ended,
    };
    let row = Schedule {
        organisation_id: actor.organisation,
        every,
        side,
        active,
        asked_until,
        version: version + 1,
        updated_at: now,
        updated_by: actor.account,
    };
    report_schedules::put(tx, &row)?;
    let event = Event::new(Did::ReportScheduleSet, actor.organisation.0).fields([every.as_str(), side.as_str()]);
    Ok(Change::new(row, event.because(if active { "on" } else { "off" })))
}

fn ended(every: Every, today: NaiveDate) -> Result<NaiveDate, AppError> {
    every.ended(today).ok_or_else(|| AppError::internal("the calendar has ended"))
}

/// So many schedules are looked at in one go.
const AT_ONCE: i64 = 50;

/// Asks for every report whose time is over; gives back for how many. Any number of instances may do it at once, and each
/// report is asked for once. Where several months were missed, one after the other.
///
/// # Errors
/// [`AppError::Contended`]; when the database fails.
pub async fn ask(db: &Db) -> Result<usize, AppError> {
    let system = Actor::nobody(RequestId::new());
    let today = db.now().date();
    let (month, quarter) = (ended(Every::Month, today)?, ended(Every::Quarter, today)?);
    let due = db.read(&system, move |conn| report_schedules::due(conn, month, quarter, AT_ONCE));
    let mut asked = 0;
    for row in due.await? {
        match db.write(&system, move |tx| ask_for(tx, &row)).await {
            Ok(()) => asked += 1,
            Err(AppError::NotFound) => {} // another was faster, or nobody wants it any more
            Err(error) => return Err(error),
        }
    }
    Ok(asked)
}

fn ask_for(tx: &mut Tx, row: &Schedule) -> Result<Change<()>, AppError> {
    let (from, to) = row.every.due(row.asked_until, tx.now().date()).ok_or(AppError::NotFound)?;
    if !report_schedules::asked(tx, row, to)? {
        return Err(AppError::NotFound);
    }
    let wanted = Wanted { kind: Kind::OwnReport, from, to, side: Some(row.side) };
    let file = new(tx, row.organisation_id, wanted);
    report_files::insert(tx, &file)?;
    let event = Event::new(Did::ReportFileAsked, file.id.0).because("schedule").within(row.organisation_id);
    Ok(Change::new((), event))
}
