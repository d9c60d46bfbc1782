//! What is published: made once for each quarter of the financial year, and for the year with its last quarter, some time
//! after it has ended. Nothing changes it afterwards. (S40)

mod annual_return;
pub mod gather;
mod pack;

use std::sync::Arc;

use chrono::{Datelike, Days, Months, NaiveDate, TimeDelta};

pub use self::annual_return::{Return, annual_return, export_annual_return};
use self::gather::Time;
pub use self::pack::{CAVEATS, Glance, HEADLINES, cell, export, glance, pack, pack_of, short};
use crate::audit::{Change, Did, Event};
use crate::auth::Actor;
use crate::clock::At;
use crate::db::releases::{self, Made, New};
use crate::db::{Conn, Db, Tx};
use crate::domain::disclosure::{self, Grid, Shown};
use crate::domain::measures::published::grid::{Part, columns, lay};
use crate::domain::measures::published::{
    Facts, Family, Kind, Released, ReleasedTable, Row, Shows, Table, Value, facts, figures, grid,
};
use crate::domain::measures::{financial_year, quarter};
use crate::error::AppError;
use crate::ids::{ReleaseId, RequestId};
use crate::reports::Format;

/// Publishes the earliest quarter that is due and was not published, if there is one; gives back how many.
///
/// # Errors
/// When the database fails, or what would be shown is not safe.
pub async fn make_due(db: &Db) -> Result<usize, AppError> {
    let system = Actor::nobody(RequestId::new());
    let (now, settle) = (db.now(), db.policy().figures_settle);
    let prepare = move |conn: &mut Conn| conn.at_one_moment(|conn| prepare(conn, now, settle));
    let new = Arc::new(db.read(&system, prepare).await?);
    if new.is_empty() {
        return Ok(0);
    }
    match db.write(&system, move |tx| keep(tx, &new)).await {
        Ok(()) => Ok(1),
        Err(AppError::NotFound) => Ok(0), // another was faster
        Err(error) => Err(error),
    }
}

/// # Errors
/// [`AppError::NotFound`] when one of them was published meanwhile.
fn keep(tx: &mut Tx, new: &[New]) -> Result<Change<()>, AppError> {
    let mut events = Vec::new();
    for release in new {
        if releases::facts(tx, release.kind, release.first_day)?.is_some() {
            return Err(AppError::NotFound);
        }
        releases::insert(tx, release)?;
        events.push(Event::new(Did::ReleaseMade, release.id.0).because(release.kind.as_str()));
    }
    Change::of_all((), events).map_err(|()| AppError::NotFound)
}

/// The first day of the quarter that is published next.
///
/// # Errors
/// When the database fails.
pub fn next(conn: &mut Conn) -> Result<Option<NaiveDate>, AppError> {
    let Some(first) = releases::first_record(conn)? else { return Ok(None) };
    let made = releases::all(conn)?;
    let mut next = quarter(first.date()).map(|(first, _)| first);
    while let Some(first) = next {
        if !made.iter().any(|made| made.kind == Kind::Quarter && made.first_day == first) {
            break;
        }
        next = first.checked_add_months(Months::new(3));
    }
    Ok(next)
}

/// The day on which a quarter is published.
pub fn published_on(first_day: NaiveDate, settle: TimeDelta) -> Option<NaiveDate> {
    let (_, last) = quarter(first_day)?;
    last.checked_add_days(Days::new(u64::try_from(settle.num_days()).ok()?.checked_add(1)?))
}

/// What is due: a quarter, and a year with its last quarter; nothing when nothing is.
fn prepare(conn: &mut Conn, now: At, settle: TimeDelta) -> Result<Vec<New>, AppError> {
    let Some(first) = next(conn)? else { return Ok(Vec::new()) };
    if published_on(first, settle).is_none_or(|day| now.date() < day) {
        return Ok(Vec::new());
    }
    let out_of_reach = || AppError::internal("a day without a quarter");
    let (_, last) = quarter(first).ok_or_else(out_of_reach)?;
    let (year_first, year_last) = financial_year(first).ok_or_else(out_of_reach)?;

    let mut earlier = Vec::new();
    let mut before = year_first;
    while before < first {
        earlier.extend(releases::facts(conn, Kind::Quarter, before)?);
        before = before.checked_add_months(Months::new(3)).ok_or_else(out_of_reach)?;
    }
    let apart = earlier.first().map(|(facts, _)| facts.told_apart.clone());
    let facts = gather::facts(conn, Time { first, last, now }, apart)?;
    let new = |kind, first_day, facts: Facts, shown| New {
        id: ReleaseId::new(),
        kind,
        first_day,
        made_at: now,
        facts,
        shown,
    };
    if last != year_last {
        let mut shown = shown(&[Part { facts: &facts, published: None }], false)?;
        return Ok(shown.pop().map(|shown| new(Kind::Quarter, first, facts, shown)).into_iter().collect());
    }
    let anew = gather::facts(conn, Time { first: year_first, last, now }, Some(facts.told_apart.clone()))?;
    let mut quarters: Vec<Facts> = earlier.iter().map(|(facts, _)| facts.clone()).collect();
    quarters.push(facts);
    let year = facts::year(&quarters, anew);
    let mut parts: Vec<Part> = earlier.iter().map(|(facts, shown)| Part { facts, published: Some(shown) }).collect();
    let last_quarter = quarters.pop().ok_or_else(out_of_reach)?;
    parts.extend([&last_quarter, &year].map(|facts| Part { facts, published: None }));
    let mut shown = shown(&parts, true)?.into_iter();
    let (of_quarter, of_year) = shown.next().zip(shown.next()).ok_or_else(out_of_reach)?;
    Ok(vec![new(Kind::Quarter, first, last_quarter, of_quarter), new(Kind::Year, year_first, year, of_year)])
}

const COUNTED: &[Family] =
    &[Family::Referrals, Family::Households, Family::People, Family::Supported, Family::Stays, Family::Sanctuary];

/// What is shown of the parts that were not published before, in their order.
fn shown(parts: &[Part], year: bool) -> Result<Vec<Released>, AppError> {
    let new = || parts.iter().enumerate().filter(|(_, part)| part.published.is_none());
    let mut released: Vec<Released> = new().map(|_| Released { tables: Vec::new() }).collect();
    for family in COUNTED {
        let laid = lay(*family, parts, year).map_err(AppError::internal)?;
        let shown = disclosure::protect(&laid.grid);
        safe(&laid.grid, &shown)?;
        for ((n, part), released) in new().zip(&mut released) {
            released.tables.extend(laid.released(n, part.facts, *family, &shown));
        }
    }
    for ((_, part), released) in new().zip(&mut released) {
        let figures = figures_of(part.facts, released);
        released.tables.extend(figures);
    }
    Ok(released)
}

/// The check before anything is kept, apart from what decided it: whether somebody could work out a number from 1 to 4.
fn safe(grid: &Grid, shown: &[Shown]) -> Result<(), AppError> {
    disclosure::check(grid, shown)
        .map_err(|cells| AppError::internal(format!("{} published figures could be worked out", cells.len())))
}

/// The tables beside the counts.
fn figures_of(facts: &Facts, released: &Released) -> Vec<ReleasedTable> {
    let tables = Table::ALL.iter().copied().filter(|table| table.definition().family == Family::Figures);
    let table = |table: Table| {
        let columns = columns(facts, table.definition().spread);
        let value = |row: &str, area: &str| {
            let kept = facts.figures.get(&table).and_then(|lines| lines.get(row)?.get(area)).copied();
            match table {
                Table::Rates => figures::rate(released, row, area),
                Table::Homes => kept.unwrap_or(Value::of(Shows::Number, 0.0)),
                _ => kept.unwrap_or(Value::none(Shows::NotApplicable)),
            }
        };
        let rows = facts.rows(table).iter().map(|row| Row {
            code: row.code.clone(),
            name: row.name.clone(),
            whole: row.code == crate::domain::measures::published::ALL,
            values: columns.iter().map(|area| value(&row.code, area)).collect(),
        });
        ReleasedTable {
            table,
            areas: columns.iter().map(|code| grid::area(facts, code)).collect(),
            rows: rows.collect(),
        }
    };
    tables.map(table).collect()
}

/// The last day of what was published.
pub fn last_day(kind: Kind, first_day: NaiveDate) -> NaiveDate {
    let time = match kind {
        Kind::Quarter => quarter(first_day),
        Kind::Year => financial_year(first_day),
    };
    time.map_or(first_day, |(_, last)| last)
}

/// "July to September 2026", "April 2026 to March 2027".
pub fn name(kind: Kind, first_day: NaiveDate) -> String {
    let last = last_day(kind, first_day);
    if first_day.year() == last.year() {
        format!("{} to {}", first_day.format("%B"), last.format("%B %Y"))
    } else {
        format!("{} to {}", first_day.format("%B %Y"), last.format("%B %Y"))
    }
}

/// The name of a pack as a file.
pub fn file_name(kind: Kind, first_day: NaiveDate, format: Format) -> String {
    let what = if format == Format::DictionaryCsv { "names" } else { "figures" };
    let wide = if format == Format::WideCsv { "-tables" } else { "" };
    format!("{what}-{}-{first_day}{wide}.{}", kind.as_str(), format.extension())
}

/// Everything that was published, the newest first, and the day on which the next figures come.
///
/// # Errors
/// When the database fails.
pub fn all(conn: &mut Conn, settle: TimeDelta) -> Result<(Vec<Made>, Option<NaiveDate>), AppError> {
    let next = next(conn)?.and_then(|first| published_on(first, settle));
    Ok((releases::all(conn)?, next))
}
