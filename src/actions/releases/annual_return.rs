//! The yearly return of an authority, from what was published of a financial year: for who plans for an area and has no
//! cases. (S40)

use chrono::NaiveDate;

use super::last_day;
use super::pack::{CAVEATS, cell, named};
use crate::audit::{Change, Did, Event};
use crate::db::releases::{self, Made};
use crate::db::{Conn, Tx};
use crate::domain::measures::annual_return::{Line, mapping};
use crate::domain::measures::published::{ALL, Area, Definition, Kind, ReleasedTable, Row as Published, Table};
use crate::error::{AppError, Part};
use crate::reports::book::{Book, Cell, Row, Sheet, Standing};

/// The published tables that answer the questions of the return, in its order.
const ANSWERS: &[Table] = &[
    Table::Supported,
    Table::People,
    Table::PeopleByAge,
    Table::SupportedByType,
    Table::SupportGiven,
    Table::UnableByGroup,
    Table::UnableByReason,
    Table::StaysEnded,
    Table::AskedToLeave,
    Table::Destinations,
    Table::Homes,
    Table::Sanctuary,
];

const NOT_BY_AREA: &str =
    "This is published for all areas together only: the numbers of one area could point to a person.";

/// A return, and the authorities that have one.
#[derive(Debug, Clone)]
pub struct Return {
    pub book: Book,
    pub areas: Vec<Area>,
}

/// The return of an authority; without a code that of the first.
///
/// # Errors
/// [`AppError::NotFound`] when nothing was published of that year, or of no area; [`AppError::Invalid`] when nothing was for that area.
pub fn annual_return(conn: &mut Conn, year: NaiveDate, area: Option<&str>) -> Result<Return, AppError> {
    Ok(made(conn, year, area)?.1)
}

/// The return on its way out of the system.
///
/// # Errors
/// As [`annual_return`]; [`AppError::Slowed`] when too much was taken out.
pub fn export_annual_return(tx: &mut Tx, year: NaiveDate, area: &str) -> Result<Change<Book>, AppError> {
    let (made, Return { book, .. }) = made(tx, year, Some(area))?;
    let event = Event::new(Did::ReportExported, made.id.0).because("annual_return");
    Ok(Change::new(book, event).and_all(super::super::readings::export(tx)?))
}

fn made(conn: &mut Conn, year: NaiveDate, code: Option<&str>) -> Result<(Made, Return), AppError> {
    let (made, released) = releases::find(conn, Kind::Year, year)?;
    // An authority is told by the people supported there.
    let areas: Vec<Area> = released
        .table(Table::People)
        .map(|people| people.areas.iter().filter(|area| area.code != ALL).cloned().collect())
        .unwrap_or_default();
    let unknown = || AppError::field(Part::Query, "/area", "unknown", &"choose an area that this release has");
    let area = match code {
        Some(code) => areas.iter().find(|area| area.code == code).ok_or_else(unknown)?,
        None => areas.first().ok_or(AppError::NotFound)?,
    };
    let answers: Vec<&ReleasedTable> = ANSWERS.iter().filter_map(|table| released.table(*table)).collect();
    let mut sheets: Vec<Sheet> = answers.iter().map(|table| sheet(table, area)).collect();
    let counts = "Each line with its code, and where it stands among the published figures.";
    sheets.push(mapping(counts, "The published figures of this year", lines(&answers)));
    let book = Book {
        title: format!("Yearly return for {}", area.name),
        whose: area.name.clone(),
        from: year,
        to: last_day(Kind::Year, year),
        filters: vec![named("area", &area.name)],
        computed_at: made.made_at,
        standing: Standing::Published,
        says: Vec::new(),
        sheets,
        caveats: CAVEATS.iter().map(|caveat| (*caveat).to_owned()).collect(),
    };
    Ok((made, Return { book, areas }))
}

/// An answer: for the authority, where the table has it, and for all areas together.
fn sheet(table: &ReleasedTable, area: &Area) -> Sheet {
    let Definition { title, counts, unit, source, rows_are, caveats, .. } = table.table.definition();
    let of = |code: &str| table.areas.iter().position(|known| known.code == code);
    let columns: Vec<(&str, &str, usize)> = [(area.code.as_str(), area.name.as_str()), (ALL, "All areas")]
        .into_iter()
        .filter_map(|(code, name)| Some((code, name, of(code)?)))
        .collect();
    let row = |row: &Published| Row {
        of: named(&line(table, &row.code), &row.name),
        cells: columns
            .iter()
            .map(|(.., column)| row.values.get(*column).map_or(Cell::NotCollected, |value| cell(*value)))
            .collect(),
        whole: row.whole,
    };
    let mut caveats: Vec<String> = caveats.iter().map(|caveat| (*caveat).to_owned()).collect();
    caveats.extend(of(&area.code).is_none().then(|| NOT_BY_AREA.to_owned()));
    Sheet {
        of: named(table.table.as_str(), title),
        counts: counts.to_owned(),
        unit: unit.plain(),
        source: source.to_owned(),
        caveats,
        says: Vec::new(),
        rows_are: named("line", rows_are),
        columns: columns.iter().map(|(code, name, _)| named(code, name)).collect(),
        rows: table.rows.iter().map(row).collect(),
        chart: None,
    }
}

fn line(table: &ReleasedTable, row: &str) -> String {
    format!("{}.{row}", table.table.as_str())
}

/// Where every line stands among the published figures.
fn lines(answers: &[&ReleasedTable]) -> Vec<Line> {
    let of_table = |table: &&ReleasedTable| {
        let title = table.table.definition().title;
        let line = |row: &Published| Line {
            of: named(&line(table, &row.code), &row.name),
            made_of: format!("published table “{title}”, {}", row.code),
        };
        table.rows.iter().map(line).collect::<Vec<_>>()
    };
    answers.iter().flat_map(of_table).collect()
}
