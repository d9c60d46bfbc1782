//! A report as JSON: what a program reads. Every cell says whether it is a number, and if not, why.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::book::{Book, Drawn, Named, Row, Sheet};
use super::told;
use crate::clock::At;
use crate::domain::measures::Kind;
use crate::error::AppError;

/// A report: tables with everything that has to be known to read them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportBook)]
pub struct Written<'a> {
    title: &'a str,
    /// Whose figures they are.
    whose: &'a str,
    from: NaiveDate,
    /// The last day, included.
    to: NaiveDate,
    filters: Vec<Word<'a>>,
    computed_at: At,
    /// `published`: disclosure is controlled; `not_for_publication`: true figures of an organisation's own records.
    standing: &'static str,
    /// The sentences that matter most.
    says: &'a [String],
    tables: Vec<Table<'a>>,
    caveats: &'a [String],
    /// What each status of a cell means.
    statuses: Vec<Sign>,
}

/// A code and its name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportWord)]
struct Word<'a> {
    code: &'a str,
    name: &'a str,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportTable)]
struct Table<'a> {
    code: &'a str,
    title: &'a str,
    /// What it counts, in plain words.
    counts: &'a str,
    unit: &'a str,
    source: &'a str,
    caveats: &'a [String],
    says: &'a [String],
    rows_are: Word<'a>,
    columns: Vec<Word<'a>>,
    rows: Vec<Line<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chart: Option<Chart<'a>>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportRow)]
struct Line<'a> {
    code: &'a str,
    name: &'a str,
    /// Whether it is the whole of the others.
    whole: bool,
    cells: Vec<Figure<'a>>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportCell)]
struct Figure<'a> {
    /// The code of its column.
    column: &'a str,
    /// Null where there is no number: the status says why.
    #[schema(value_type = Option<f64>)]
    value: Option<serde_json::Number>,
    /// `shown`, or why there is no number.
    status: &'static str,
    /// What the number is, or would be; null where that is not known.
    kind: Option<Kind>,
}

/// How it is drawn: `bars`, `columns` or `lines`, of these columns.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportChart)]
struct Chart<'a> {
    drawn: &'static str,
    columns: Vec<&'a str>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportStatus)]
struct Sign {
    status: &'static str,
    shown_as: &'static str,
    meaning: &'static str,
}

impl<'a> From<&'a Book> for Written<'a> {
    fn from(book: &'a Book) -> Self {
        let status = |(shown_as, status, meaning)| Sign { status, shown_as, meaning };
        Self {
            title: &book.title,
            whose: &book.whose,
            from: book.from,
            to: book.to,
            filters: book.filters.iter().map(word).collect(),
            computed_at: book.computed_at,
            standing: told::standing(book.standing),
            says: &book.says,
            tables: book.sheets.iter().map(table).collect(),
            caveats: &book.caveats,
            statuses: told::SIGNS.into_iter().map(status).collect(),
        }
    }
}

fn word(named: &Named) -> Word<'_> {
    Word { code: &named.code, name: &named.name }
}

fn table(sheet: &Sheet) -> Table<'_> {
    let of = |columns: &[usize]| {
        columns.iter().filter_map(|column| sheet.columns.get(*column)).map(|column| column.code.as_str()).collect()
    };
    let chart = sheet.chart.as_ref().map(|drawn| match drawn {
        Drawn::Bars { column } => Chart { drawn: "bars", columns: of(&[*column]) },
        Drawn::Columns { columns } => Chart { drawn: "columns", columns: of(columns) },
        Drawn::Lines { columns } => Chart { drawn: "lines", columns: of(columns) },
    });
    Table {
        code: &sheet.of.code,
        title: &sheet.of.name,
        counts: &sheet.counts,
        unit: &sheet.unit,
        source: &sheet.source,
        caveats: &sheet.caveats,
        says: &sheet.says,
        rows_are: word(&sheet.rows_are),
        columns: sheet.columns.iter().map(word).collect(),
        rows: sheet.rows.iter().map(|row| line(sheet, row)).collect(),
        chart,
    }
}

fn line<'a>(sheet: &'a Sheet, row: &'a Row) -> Line<'a> {
    let value = |(n, column): (usize, &'a Named)| {
        let cell = row.cells.get(n).copied()?;
        let value = told::number(cell).and_then(|number| number.parse().ok());
        Some(Figure { column: &column.code, value, status: told::status(cell), kind: told::kind(sheet, row, n) })
    };
    let cells = sheet.columns.iter().enumerate().filter_map(value).collect();
    Line { code: &row.of.code, name: &row.of.name, whole: row.whole, cells }
}

/// # Errors
/// Never in practice: it is written to memory.
pub fn json(book: &Book) -> Result<Vec<u8>, AppError> {
    serde_json::to_vec(&Written::from(book)).map_err(AppError::internal)
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn every_cell_is_a_number_or_says_why_not() {
        let book = sample::board_pack();
        let read: serde_json::Value = serde_json::from_slice(&json(&book).unwrap()).unwrap();
        assert_eq!((&read["standing"], &read["to"]), (&"published".into(), &"2026-09-30".into()));
        for (sheet, table) in book.sheets.iter().zip(read["tables"].as_array().unwrap()) {
            assert_eq!(table["code"], *sheet.of.code);
            for (row, line) in sheet.rows.iter().zip(table["rows"].as_array().unwrap()) {
                for (cell, value) in row.cells.iter().zip(line["cells"].as_array().unwrap()) {
                    assert_eq!(value["value"].as_f64(), cell.number(), "{value}");
                    assert_eq!(value["status"], told::status(*cell));
                }
            }
        }
    }

    #[test]
    fn each_kind_of_nothing_is_another() {
        let sheet = sample::of_cells(&sample::EACH_NOTHING);
        let read = serde_json::to_value(Written::from(&sample::book_of(sheet))).unwrap();
        let rows = read["tables"][0]["rows"].as_array().unwrap();
        let seen: std::collections::BTreeSet<String> = rows.iter().map(|row| row["cells"][0].to_string()).collect();
        assert_eq!(seen.len(), sample::EACH_NOTHING.len());
    }
}
