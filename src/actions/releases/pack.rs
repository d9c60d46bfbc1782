//! The board pack: what a partnership board reads of a quarter or a year, in an order that tells a story. It is made from
//! what was published alone, so that it says nothing more, and always the same.

use chrono::{Datelike, Months, NaiveDate};

use super::{last_day, name};
use crate::audit::{Change, Did, Event};
use crate::db::releases::{self, Made};
use crate::db::{Conn, Tx};
use crate::domain::measures::change;
use crate::domain::measures::published::figures::BASE;
use crate::domain::measures::published::{ALL, Area, Definition, Family, Kind, Released, Shows, Table, Value};
use crate::domain::measures::sentences::{commonest_of, count_changed, rate_changed, time_changed};
use crate::error::AppError;
use crate::reports::book::{Book, Cell, Drawn, Named, Row, Sheet, Standing};

/// So many quarters, or years, stand in a trend.
const TREND: u32 = 8;
/// So many lines of a long list.
const LINES: usize = 15;

/// What the signs mean, and what has to be known of all of it.
pub const CAVEATS: &[&str] = &[
    "Every number of people, households, referrals and stays is rounded to 5. 5 stands for 5 to 7, 10 for 8 to 12.",
    "“fewer than 5” stands for 1, 2, 3 or 4. 0 is 0.",
    "“held back” is a number that is not shown, so that nobody can work out a small one.",
    "“no base” means that there was too little to work out a share or a time.",
    "Because of rounding, parts need not add up to their whole.",
    "Shares are worked out from the rounded numbers.",
    "The figures were made once, some time after the end of their time. Records that were corrected later do not change them.",
    "They tell what organisations recorded that use this service. What nobody recorded is not in them.",
];

/// The pack of a quarter.
///
/// # Errors
/// [`AppError::NotFound`] when it was not published.
pub fn pack(conn: &mut Conn, quarter_first_day: NaiveDate) -> Result<Book, AppError> {
    pack_of(conn, Kind::Quarter, quarter_first_day)
}

/// The pack, on its way out of the system.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Slowed`] when too much was taken out.
pub fn export(tx: &mut Tx, kind: Kind, first_day: NaiveDate) -> Result<Change<Book>, AppError> {
    let (made, _) = releases::find(tx, kind, first_day)?;
    let book = pack_of(tx, kind, first_day)?;
    let event = Event::new(Did::ReportExported, made.id.0).because("pack");
    Ok(Change::new(book, event).and_all(super::super::readings::export(tx)?))
}

/// The pack of a quarter or a financial year.
///
/// # Errors
/// [`AppError::NotFound`] when it was not published.
pub fn pack_of(conn: &mut Conn, kind: Kind, first_day: NaiveDate) -> Result<Book, AppError> {
    Ok(story(conn, kind, first_day)?.book())
}

fn story(conn: &mut Conn, kind: Kind, first_day: NaiveDate) -> Result<Story, AppError> {
    let (made, now) = releases::find(conn, kind, first_day)?;
    let mut earlier = Vec::new();
    for back in 1..TREND {
        let months = back * if kind == Kind::Quarter { 3 } else { 12 };
        let day = first_day.checked_sub_months(Months::new(months));
        let found = day.map(|day| Ok::<_, AppError>((day, found(conn, kind, day)?))).transpose()?;
        earlier.extend(found);
    }
    Ok(Story { kind, made, now, earlier })
}

/// What a page tells of an area at a glance: all tables, the sentences and the figures that matter most.
#[derive(Debug, Clone)]
pub struct Glance {
    pub made: Made,
    pub released: Released,
    pub says: Vec<String>,
    pub headlines: Sheet,
    /// The shares over time, where there is more than one time.
    pub trend: Option<Sheet>,
}

/// # Errors
/// [`AppError::NotFound`] when it was not published, or has no such area.
pub fn glance(conn: &mut Conn, kind: Kind, first_day: NaiveDate, area: &str) -> Result<Glance, AppError> {
    let story = story(conn, kind, first_day)?;
    if !story.now.tables.iter().any(|table| table.areas.iter().any(|known| known.code == area)) {
        return Err(AppError::NotFound);
    }
    let (says, mut headlines, trend) = (story.says(area), story.headlines(area), story.trend(area));
    headlines.rows.retain(|row| row.cells.first() != Some(&Cell::NotApplicable));
    Ok(Glance { made: story.made, released: story.now, says, headlines, trend })
}

fn found(conn: &mut Conn, kind: Kind, day: NaiveDate) -> Result<Option<Released>, AppError> {
    match releases::find(conn, kind, day) {
        Ok((_, released)) => Ok(Some(released)),
        Err(AppError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a pack is told from.
struct Story {
    kind: Kind,
    made: Made,
    now: Released,
    /// The times before it, the newest first.
    earlier: Vec<(NaiveDate, Option<Released>)>,
}

pub(super) fn named(code: &str, name: &str) -> Named {
    Named { code: code.to_owned(), name: name.to_owned() }
}

/// A published value as a cell of a report.
pub fn cell(value: Value) -> Cell {
    match (value.shows, value.number) {
        (Shows::Count | Shows::Number, Some(number)) => {
            Cell::Count(crate::domain::measures::published::figures::whole(number))
        }
        (Shows::Percent, Some(number)) => Cell::Percent(number),
        (Shows::Days, Some(number)) => Cell::Days(number),
        (Shows::Minutes, Some(number)) => Cell::Minutes(number),
        (Shows::Per10000, Some(number)) => Cell::Per10000(number),
        (Shows::Few, _) => Cell::Few,
        (Shows::Held, _) => Cell::Held,
        (Shows::NotCollected, _) => Cell::NotCollected,
        (Shows::NotApplicable, _) => Cell::NotApplicable,
        _ => Cell::NoBase,
    }
}

/// What a released table says of a line; of a line that it does not have, that there was nothing.
fn value_of(released: &Released, table: Table, row: &str, area: &str) -> Value {
    let counts = table.definition().family != Family::Figures;
    let none = if counts { Value::of(Shows::Count, 0.0) } else { Value::none(Shows::NotCollected) };
    match released.table(table) {
        None => Value::none(Shows::NotCollected),
        Some(found) if !found.areas.iter().any(|known| known.code == area) => Value::none(Shows::NotApplicable),
        Some(found) => found.value(row, area).unwrap_or(none),
    }
}

/// How much more or less than before: of counts in percent, of shares in points.
fn changed(before: Value, now: Value) -> Cell {
    match (before.shows, now.shows, before.number, now.number) {
        (Shows::Percent, Shows::Percent, Some(before), Some(now)) => Cell::Percent(now - before),
        (Shows::Count, Shows::Count, ..) | (Shows::Number, Shows::Number, ..) => {
            let number = |value: Value| value.number.map(crate::domain::measures::published::figures::whole);
            let before = number(before).filter(|before| *before >= BASE);
            let percent = before.zip(number(now)).and_then(|(before, now)| change(before, now));
            percent.map_or(Cell::NoBase, |percent| Cell::Percent(percent.round()))
        }
        _ => Cell::NoBase,
    }
}

/// The figures that matter most: table, line, name.
pub const HEADLINES: &[(Table, &str, &str)] = &[
    (Table::Referrals, ALL, "Referrals"),
    (Table::Rates, "success_rate", "Referrals that led to a place"),
    (Table::Rates, "denied_rate", "Referrals without a place"),
    (Table::Rates, "no_space_rate", "No space, of the referrals without a place"),
    (Table::Households, ALL, "Households whose case was closed"),
    (Table::Households, "not_placed", "Households that could not be supported"),
    (Table::Rates, "unable_rate", "Share of households that could not be supported"),
    (Table::People, ALL, "People supported"),
    (Table::People, "children", "Of them children"),
    (Table::Supported, ALL, "Households supported"),
    (Table::StaysEnded, ALL, "Stays that ended"),
    (Table::Rates, "planned_rate", "Planned moves, of the stays that ended"),
    (Table::Homes, ALL, "Homes in use"),
    (Table::HomeUse, "utilisation", "Homes lived in, of all days"),
    (Table::Times, "response_minutes", "Half of the answers came within"),
    (Table::Times, "waiting_days", "Half of those who arrived had waited up to"),
];

impl Story {
    /// What it is compared with: code, name, and what was published then. A time of which nothing was is left out.
    fn columns(&self) -> Vec<(Named, &Released)> {
        let before = |n: usize| self.earlier.get(n).and_then(|(_, released)| released.as_ref());
        let columns = match self.kind {
            Kind::Quarter => vec![
                (named("this_quarter", "This quarter"), Some(&self.now)),
                (named("quarter_before", "Quarter before"), before(0)),
                (named("same_quarter_last_year", "Same quarter last year"), before(3)),
            ],
            Kind::Year => vec![
                (named("this_year", "This year"), Some(&self.now)),
                (named("year_before", "Year before"), before(0)),
            ],
        };
        columns.into_iter().filter_map(|(name, released)| Some((name, released?))).collect()
    }

    fn before(&self) -> Option<&Released> {
        self.earlier.first().and_then(|(_, released)| released.as_ref())
    }

    /// A line of a table in all columns, and the change from the time before.
    fn cells(&self, table: Table, row: &str, area: &str) -> Vec<Cell> {
        let value = |released: &Released| value_of(released, table, row, area);
        let mut cells: Vec<Cell> = self.columns().iter().map(|(_, released)| cell(value(released))).collect();
        cells.extend(self.before().map(|before| changed(value(before), value(&self.now))));
        cells
    }

    fn names(&self) -> Vec<Named> {
        let mut names: Vec<Named> = self.columns().into_iter().map(|(name, _)| name).collect();
        names.extend(self.before().map(|_| named("change", "Change")));
        names
    }

    fn sheet(&self, table: Table) -> Sheet {
        let Definition { title, counts, unit, source, rows_are, caveats, .. } = table.definition();
        Sheet {
            of: named(table.as_str(), title),
            counts: counts.to_owned(),
            unit: unit.plain(),
            source: source.to_owned(),
            caveats: caveats.iter().map(|caveat| (*caveat).to_owned()).collect(),
            says: Vec::new(),
            rows_are: named("line", rows_are),
            columns: self.names(),
            rows: Vec::new(),
            chart: Some(Drawn::Bars { column: 0 }),
        }
    }

    /// A table for all areas together. Of a long one the commonest lines, and nowhere a line with nothing in it.
    fn table(&self, table: Table, long: bool) -> Sheet {
        let mut sheet = self.sheet(table);
        let Some(released) = self.now.table(table) else { return sheet };
        let mut rows: Vec<Row> = Vec::new();
        for row in &released.rows {
            let of = Named { code: row.code.clone(), name: row.name.clone() };
            rows.push(Row { of, cells: self.cells(table, &row.code, ALL), whole: row.whole });
        }
        let told: Vec<(String, Option<u64>)> =
            rows.iter().filter(|row| !row.whole).map(|row| (row.of.name.clone(), count(row.cells.first()))).collect();
        let whole = rows.iter().find(|row| row.whole).and_then(|row| count(row.cells.first()));
        let something = |row: &Row| {
            row.cells.iter().any(|cell| !matches!(cell, Cell::Count(0) | Cell::NotCollected | Cell::NoBase))
        };
        rows.retain(|row| row.whole || something(row));
        if long {
            rows.sort_by_key(|row| (row.whole, std::cmp::Reverse(rank(row.cells.first()))));
            let lines = rows.iter().filter(|row| !row.whole).count();
            if lines > LINES {
                rows = rows.iter().take(LINES).chain(rows.iter().filter(|row| row.whole)).cloned().collect();
                sheet.caveats.push(format!("The {LINES} commonest of {lines} lines. All are in the published tables."));
            }
            sheet.says.extend(
                commonest_of("line", &told, whole)
                    .map(|says| says.replace(" line", &format!(" {}", sheet.rows_are.name.to_lowercase()))),
            );
        }
        if table.definition().family != Family::Figures {
            sheet.caveats.push("Lines with 0 throughout are left out.".to_owned());
        }
        sheet.rows = rows;
        sheet
    }

    fn headlines(&self, area: &str) -> Sheet {
        let rows = HEADLINES.iter().map(|(table, row, name)| {
            let code = format!("{}.{row}", table.as_str());
            Row { of: named(&code, name), cells: self.cells(*table, row, area), whole: false }
        });
        Sheet {
            of: named("headlines", "At a glance"),
            counts: "The figures that matter most. Each stands again in a table of its own.".to_owned(),
            unit: "various".to_owned(),
            source: "All records of this release".to_owned(),
            caveats: vec!["Change: of numbers in percent, of shares in points.".to_owned()],
            says: Vec::new(),
            rows_are: named("figure", "Figure"),
            columns: self.names(),
            rows: rows.collect(),
            chart: None,
        }
    }

    /// The shares over time, the oldest first.
    fn trend(&self, area: &str) -> Option<Sheet> {
        let shown = [
            ("denied_rate", "Referrals without a place"),
            ("unable_rate", "Households that could not be supported"),
            ("planned_rate", "Planned moves"),
        ];
        let mut times: Vec<(NaiveDate, &Released)> = vec![(self.made.first_day, &self.now)];
        times.extend(self.earlier.iter().filter_map(|(day, released)| Some((*day, released.as_ref()?))));
        times.reverse();
        if times.len() < 2 {
            return None;
        }
        let row = |(day, released): &(NaiveDate, &Released)| Row {
            of: named(&day.to_string(), &short(self.kind, *day)),
            cells: shown.iter().map(|(row, _)| cell(value_of(released, Table::Rates, row, area))).collect(),
            whole: false,
        };
        Some(Sheet {
            of: named("trend", "Over time"),
            columns: shown.iter().map(|(code, name)| named(code, name)).collect(),
            rows: times.iter().map(row).collect(),
            rows_are: named("time", if self.kind == Kind::Quarter { "Quarter" } else { "Year" }),
            chart: Some(Drawn::Lines { columns: vec![0, 1, 2] }),
            ..self.sheet(Table::Rates)
        })
    }

    /// Referrals by area: a line for each, and what became of them.
    fn areas(&self) -> Option<Sheet> {
        let released = self.now.table(Table::Referrals)?;
        let lines =
            [("all", "Referrals"), ("placed", "Given a place"), ("denied", "No place"), ("not_settled", "Not settled")];
        let row = |area: &Area| {
            let mut cells: Vec<Cell> =
                lines.iter().map(|(row, _)| cell(value_of(&self.now, Table::Referrals, row, &area.code))).collect();
            cells.push(cell(value_of(&self.now, Table::Rates, "denied_rate", &area.code)));
            Row { of: named(&area.code, &area.name), cells, whole: area.code == ALL }
        };
        let mut rows: Vec<Row> = released.areas.iter().map(row).collect();
        rows.sort_by_key(|row| row.whole);
        let mut columns: Vec<Named> = lines.iter().map(|(code, name)| named(code, name)).collect();
        columns.push(named("denied_rate", "Share without a place"));
        Some(Sheet {
            of: named("referrals_by_area", "Referrals, by area of the service"),
            rows_are: named("area", "Area"),
            columns,
            rows,
            chart: None,
            ..self.sheet(Table::Referrals)
        })
    }

    /// The few sentences that matter most.
    fn says(&self, area: &str) -> Vec<String> {
        let value = |released: &Released, table: Table, row: &str| value_of(released, table, row, area);
        let now = |table: Table, row: &str| value(&self.now, table, row);
        let before = |table: Table, row: &str| self.before().map(|released| value(released, table, row));
        let counted = |one: &str, many: &str, table: Table, row: &str| {
            count_changed(one, many, before(table, row).and_then(Value::count), now(table, row).count())
        };
        let rate = |what: &str, row: &str| {
            let number = |value: Value| value.number;
            rate_changed(what, before(Table::Rates, row).and_then(number), number(now(Table::Rates, row)))
        };
        let reasons = self.now.table(Table::DeniedByReason).filter(|_| area == ALL).map(|table| {
            let lines = table.rows.iter().filter(|row| !row.whole);
            let told: Vec<_> =
                lines.map(|row| (row.name.clone(), row.values.first().and_then(|value| value.count()))).collect();
            commonest_of("main reason", &told, now(Table::DeniedByReason, ALL).count())
        });
        let wait = |row: &str| now(Table::Times, row).number;
        let waited = before(Table::Times, "waiting_days").and_then(|value| value.number);
        let sentences = [
            counted("referral", "referrals", Table::Referrals, ALL),
            rate("The share of referrals without a place", "denied_rate"),
            reasons.flatten(),
            counted(
                "household that could not be supported",
                "households that could not be supported",
                Table::Households,
                "not_placed",
            ),
            counted("person supported", "people supported", Table::People, ALL),
            rate("The share of planned moves", "planned_rate"),
            time_changed(
                "The middle wait from the opened case to the arrival",
                ("day", "days"),
                waited,
                wait("waiting_days"),
            ),
        ];
        sentences.into_iter().flatten().collect()
    }

    fn book(&self) -> Book {
        let mut sheets = vec![self.headlines(ALL)];
        sheets.extend(self.trend(ALL));
        sheets.push(self.table(Table::Referrals, false));
        sheets.extend(self.areas());
        for (table, long) in [
            (Table::DeniedByReason, true),
            (Table::DeniedByDecider, false),
            (Table::Households, false),
            (Table::UnableByReason, true),
            (Table::HappenedNext, true),
            (Table::Origins, true),
            (Table::People, false),
            (Table::Ethnicity, false),
            (Table::HomeUse, false),
            (Table::Destinations, true),
        ] {
            sheets.push(self.table(table, long));
        }
        let Made { first_day, made_at, .. } = self.made;
        Book {
            title: format!("Safe accommodation, {}", name(self.kind, first_day)),
            whose: "All areas".to_owned(),
            from: first_day,
            to: last_day(self.kind, first_day),
            filters: Vec::new(),
            computed_at: made_at,
            standing: Standing::Published,
            says: self.says(ALL),
            sheets,
            caveats: CAVEATS.iter().map(|caveat| (*caveat).to_owned()).collect(),
        }
    }
}

/// "Jul–Sep 2026", "2026/27".
pub fn short(kind: Kind, first_day: NaiveDate) -> String {
    let last = last_day(kind, first_day);
    match kind {
        Kind::Quarter => format!("{}–{}", first_day.format("%b"), last.format("%b %Y")),
        Kind::Year => format!("{}/{:02}", first_day.year(), last.year() % 100),
    }
}

fn count(cell: Option<&Cell>) -> Option<u64> {
    match cell {
        Some(Cell::Count(number)) => Some(*number),
        _ => None,
    }
}

/// Where a line stands among the others: the largest first; what is fewer than 5 before nothing.
fn rank(cell: Option<&Cell>) -> (u64, u8) {
    match cell {
        Some(Cell::Count(number)) => (*number, 0),
        Some(Cell::Held) => (4, 2),
        Some(Cell::Few) => (4, 1),
        _ => (0, 0),
    }
}
