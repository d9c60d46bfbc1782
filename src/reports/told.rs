//! How people read what a report says: the same words in every format.

use chrono::NaiveDate;

use super::book::{Book, Cell, Drawn, Row, Sheet, Standing};
use crate::clock::At;
use crate::domain::measures::Kind;
use crate::domain::measures::figure::thousands;

/// What stands in a cell: "1,234", "79.2%", "12.5 days", "fewer than 5".
pub fn cell(cell: Cell) -> String {
    let tenths = |value: f64| format!("{value:.1}");
    match cell {
        Cell::Count(number) => thousands(number),
        Cell::Percent(value) => format!("{}%", tenths(value)),
        Cell::Days(value) => counted(&tenths(value), "day"),
        Cell::Minutes(value) => counted(&tenths(value), "minute"),
        Cell::Money(value) => pounds(value),
        Cell::Per10000(value) => format!("{value:.2}"),
        Cell::Few | Cell::Held | Cell::NoBase | Cell::NotCollected | Cell::NotApplicable => {
            cell.reason().map_or("", |(word, _)| word).to_owned()
        }
    }
}

fn counted(number: &str, unit: &str) -> String {
    if number == "1.0" { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

/// "£1,234.50".
fn pounds(value: f64) -> String {
    let pence = format!("{:.2}", value.abs());
    let (whole, rest) = pence.split_once('.').unwrap_or((&pence, "00"));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), thousands);
    format!("{}£{whole}.{rest}", if value < 0.0 { "-" } else { "" })
}

/// A number as programs read it.
pub fn number(cell: Cell) -> Option<String> {
    match cell {
        Cell::Count(number) => Some(number.to_string()),
        other => other.number().map(|value| value.to_string()),
    }
}

/// For files: `shown`, or why there is no number.
pub fn status(cell: Cell) -> &'static str {
    cell.reason().map_or(SHOWN, |(_, code)| code)
}

pub const SHOWN: &str = "shown";

/// What the number in a cell is; nothing where there is none.
fn kind_of(cell: Cell) -> Option<Kind> {
    match cell {
        Cell::Percent(_) => Some(Kind::Percent),
        Cell::Days(_) => Some(Kind::Days),
        Cell::Minutes(_) => Some(Kind::Minutes),
        Cell::Money(_) => Some(Kind::Money),
        Cell::Per10000(_) => Some(Kind::Per10000),
        // Only how many there are is ever a number from 1 to 4 that is not said.
        Cell::Count(_) | Cell::Few => Some(Kind::Count),
        Cell::Held | Cell::NoBase | Cell::NotCollected | Cell::NotApplicable => None,
    }
}

/// What the number in a cell of a table is, or would be: that of its column, or else of its row, where they have but one.
pub fn kind(sheet: &Sheet, row: &Row, column: usize) -> Option<Kind> {
    let own = row.cells.get(column).copied().and_then(kind_of);
    own.or_else(|| only(sheet.rows.iter().filter_map(|row| row.cells.get(column)))).or_else(|| only(row.cells.iter()))
}

fn only<'a>(cells: impl Iterator<Item = &'a Cell>) -> Option<Kind> {
    let mut kinds = cells.copied().filter_map(kind_of);
    let first = kinds.next()?;
    kinds.all(|kind| kind == first).then_some(first)
}

/// The number that decides which rows are the largest: of the column that is drawn, or of the first.
pub fn weight(sheet: &Sheet, row: &Row) -> f64 {
    let column = match &sheet.chart {
        Some(Drawn::Bars { column }) => *column,
        _ => 0,
    };
    // What is not shown comes last, whatever it is: its place must not tell.
    row.cells.get(column).and_then(|cell| cell.number()).unwrap_or(f64::NEG_INFINITY)
}

/// Whether the rows are times.
pub fn over_time(sheet: &Sheet) -> bool {
    matches!(sheet.chart, Some(Drawn::Columns { .. } | Drawn::Lines { .. }))
}

/// What a word or a nought in place of a number means: the word, its code, the meaning.
pub const SIGNS: [(&str, &str, &str); 6] = [
    ("0", SHOWN, "None: it is counted, and there was none."),
    ("fewer than 5", "fewer_than_5", "From 1 to 4. Which of them is not said, so that nobody can be recognised."),
    (
        "held back",
        "held_back",
        "A number that is not shown, because a number from 1 to 4 elsewhere could be worked out from it.",
    ),
    ("no base", "no_base", "There is nothing to work it out from, or too little."),
    ("not collected", "not_collected", "Nobody records it, or not yet."),
    ("not applicable", "not_applicable", "The question does not arise."),
];

/// The mark that stands on every sheet and page, and what it means.
pub fn mark(standing: Standing) -> (&'static str, &'static str) {
    match standing {
        Standing::Published => (
            "For publication",
            "Small numbers are not shown and the others are rounded, so that nobody can be recognised.",
        ),
        Standing::NotForPublication => (
            "Not for publication",
            "These are true figures of an organisation's own records. A small number can point to a person.",
        ),
    }
}

/// For files.
pub fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Published => "published",
        Standing::NotForPublication => "not_for_publication",
    }
}

/// "1 July 2026 to 30 September 2026".
pub fn period(book: &Book) -> String {
    if book.from == book.to { day(book.from) } else { format!("{} to {}", day(book.from), day(book.to)) }
}

/// "2 October 2026 at 09:05", as a clock in England shows it.
pub fn moment(at: At) -> String {
    format!("{} at {}", day(at.date()), at.time().format("%H:%M"))
}

fn day(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

/// "Area: Leicester; Service type: refuge".
pub fn filters(book: &Book) -> String {
    book.filters.iter().map(|filter| format!("{}: {}", begun(&filter.code), filter.name)).collect::<Vec<_>>().join("; ")
}

/// `what_happened_next` as "What happened next".
fn begun(code: &str) -> String {
    let plain = code.replace('_', " ");
    let mut letters = plain.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// "A table of 12 rows. The three largest …": what a picture says to those who cannot see it. The table says the rest.
pub fn picture(sheet: &Sheet, columns: &[usize]) -> String {
    let names: Vec<&str> =
        columns.iter().filter_map(|column| sheet.columns.get(*column)).map(|column| column.name.as_str()).collect();
    let line = |row: &Row| {
        let cells: Vec<String> =
            columns.iter().filter_map(|column| row.cells.get(*column)).map(|one| cell(*one)).collect();
        format!("{}: {}", row.of.name, cells.join(", "))
    };
    let rows: Vec<String> = sheet.rows.iter().take(TOLD_OF_A_PICTURE).map(line).collect();
    let more = sheet.rows.len().saturating_sub(TOLD_OF_A_PICTURE);
    let more = if more > 0 { format!("; and {more} more in the table") } else { String::new() };
    format!("{}, by {}. {}{more}.", names.join(", "), sheet.rows_are.name.to_lowercase(), rows.join("; "))
}

/// A listener has had enough by then; everything stands in the table.
const TOLD_OF_A_PICTURE: usize = 14;

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Cell::Count(0), "0")]
    #[case(Cell::Count(1_234_567), "1,234,567")]
    #[case(Cell::Percent(79.25), "79.2%")]
    #[case(Cell::Percent(-10.3), "-10.3%")]
    #[case(Cell::Days(1.0), "1 day")]
    #[case(Cell::Days(0.0), "0.0 days")]
    #[case(Cell::Minutes(35.5), "35.5 minutes")]
    #[case(Cell::Money(1_234.5), "£1,234.50")]
    #[case(Cell::Money(-0.25), "-£0.25")]
    #[case(Cell::Per10000(2.66), "2.66")]
    #[case(Cell::Few, "fewer than 5")]
    fn a_cell_is_read_as_people_write(#[case] shown: Cell, #[case] words: &str) {
        assert_eq!(cell(shown), words);
    }

    #[test]
    fn each_kind_of_nothing_is_explained_under_its_own_word() {
        for nothing in [Cell::Few, Cell::Held, Cell::NoBase, Cell::NotCollected, Cell::NotApplicable] {
            let (word, code) = nothing.reason().unwrap();
            assert_eq!(SIGNS.iter().filter(|sign| sign.0 == word && sign.1 == code).count(), 1, "{word}");
        }
    }
}
