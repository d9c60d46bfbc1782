//! A report as files of values: tidy (one row for each cell), wide (one row for each row of a table), and the dictionary
//! that explains the codes of both.

use super::book::{Book, Named, Sheet};
use super::harmless::harmless;
use super::told;
use crate::domain::measures::Kind;
use crate::error::AppError;

type Table = csv::Writer<Vec<u8>>;

/// One row for each cell. Where there is no number, `value` is empty and `status` says why.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn tidy(book: &Book) -> Result<Vec<u8>, AppError> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let head = [
        "table",
        "table_title",
        "row_of",
        "row",
        "row_name",
        "column",
        "column_name",
        "value",
        "status",
        "kind",
        "unit",
        "from",
        "to",
        "computed_at",
        "standing",
    ];
    table.write_record(head).map_err(AppError::internal)?;
    let [from, to, computed_at, standing] = provenance(book);
    for sheet in &book.sheets {
        for row in &sheet.rows {
            for (n, (column, cell)) in sheet.columns.iter().zip(&row.cells).enumerate() {
                let words = [
                    &sheet.of.code,
                    &sheet.of.name,
                    &sheet.rows_are.code,
                    &row.of.code,
                    &row.of.name,
                    &column.code,
                    &column.name,
                ];
                let mut record: Vec<String> = words.map(|word| harmless(word)).to_vec();
                record.push(told::number(*cell).unwrap_or_default());
                record.push(told::status(*cell).to_owned());
                record.push(told::kind(sheet, row, n).map_or("", Kind::as_str).to_owned());
                record.push(harmless(&sheet.unit));
                record.extend([&from, &to, &computed_at, &standing].map(Clone::clone));
                table.write_record(record).map_err(AppError::internal)?;
            }
        }
    }
    whole(table)
}

/// One row for each row of a table, under the names of its columns. Where there is no number stands the word for it.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn wide(book: &Book) -> Result<Vec<u8>, AppError> {
    let mut table = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for sheet in &book.sheets {
        let mut head: Vec<String> =
            ["table", "table_title", "from", "to", "computed_at", "standing", "row"].map(str::to_owned).to_vec();
        head.push(harmless(&sheet.rows_are.name));
        head.extend(sheet.columns.iter().map(|column| harmless(&column.name)));
        table.write_record(head).map_err(AppError::internal)?;
        for row in &sheet.rows {
            let mut record = vec![harmless(&sheet.of.code), harmless(&sheet.of.name)];
            record.extend(provenance(book));
            record.extend([harmless(&row.of.code), harmless(&row.of.name)]);
            let value = |cell: &super::book::Cell| told::number(*cell).unwrap_or_else(|| told::cell(*cell));
            record.extend(row.cells.iter().map(value));
            table.write_record(record).map_err(AppError::internal)?;
        }
    }
    whole(table)
}

/// Every code of the other two, in words.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn dictionary(book: &Book) -> Result<Vec<u8>, AppError> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(DICTIONARY).map_err(AppError::internal)?;
    for entry in entries(book) {
        table.write_record(entry.map(|word| harmless(&word))).map_err(AppError::internal)?;
    }
    whole(table)
}

/// What the dictionary says of each code.
pub const DICTIONARY: [&str; 8] = ["what", "table", "code", "name", "meaning", "unit", "source", "caveats"];

/// The tables, rows and columns in their order, then each status.
pub fn entries(book: &Book) -> Vec<[String; 8]> {
    let empty = String::new;
    let of = |what: &str, sheet: &Sheet, named: &Named, meaning: String| {
        let [table, code, name] = [&sheet.of.code, &named.code, &named.name].map(Clone::clone);
        [what.to_owned(), table, code, name, meaning, empty(), empty(), empty()]
    };
    let mut entries = Vec::new();
    for sheet in &book.sheets {
        let mut table = of("table", sheet, &sheet.of, sheet.counts.clone());
        table[5].clone_from(&sheet.unit);
        table[6].clone_from(&sheet.source);
        table[7] = sheet.caveats.join(" ");
        entries.push(table);
        entries.push(of("rows", sheet, &sheet.rows_are, empty()));
        entries.extend(sheet.rows.iter().map(|row| {
            let meaning = if row.whole { "The whole of the others." } else { "" };
            of("row", sheet, &row.of, meaning.to_owned())
        }));
        entries.extend(sheet.columns.iter().map(|column| of("column", sheet, column, empty())));
    }
    let shown =
        (told::SHOWN, "a number", "The number is in the column “value”. A nought means: counted, and there was none.");
    let signs = told::SIGNS
        .into_iter()
        .filter(|(_, code, _)| *code != told::SHOWN)
        .map(|(word, code, text)| (code, word, text));
    for (code, word, meaning) in [shown].into_iter().chain(signs) {
        let [what, code, word, meaning] = ["status", code, word, meaning].map(str::to_owned);
        entries.push([what, empty(), code, word, meaning, empty(), empty(), empty()]);
    }
    entries
}

/// Of which days, when it was computed, and who may read it.
fn provenance(book: &Book) -> [String; 4] {
    let computed_at = book.computed_at.utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    [book.from.to_string(), book.to.to_string(), computed_at, told::standing(book.standing).to_owned()]
}

fn whole(table: Table) -> Result<Vec<u8>, AppError> {
    table.into_inner().map_err(|error| AppError::internal(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::book::Cell;
    use super::super::sample;
    use super::*;

    fn records(file: &[u8]) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(file);
        reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    /// The cell that a row of the tidy file speaks of.
    fn cell(kind: &str, value: &str, status: &str) -> Cell {
        let number = || value.parse::<f64>().unwrap();
        match (status, kind) {
            ("fewer_than_5", _) => Cell::Few,
            ("held_back", _) => Cell::Held,
            ("no_base", _) => Cell::NoBase,
            ("not_collected", _) => Cell::NotCollected,
            ("not_applicable", _) => Cell::NotApplicable,
            ("shown", "count") => Cell::Count(value.parse().unwrap()),
            ("shown", "percent") => Cell::Percent(number()),
            ("shown", "days") => Cell::Days(number()),
            ("shown", "minutes") => Cell::Minutes(number()),
            ("shown", "money") => Cell::Money(number()),
            ("shown", "per_10_000") => Cell::Per10000(number()),
            (other, _) => unreachable!("{other}"),
        }
    }

    #[test]
    fn every_cell_comes_back_from_the_tidy_file() {
        let book = sample::board_pack();
        let read = records(&tidy(&book).unwrap());
        let mut rows = read.iter().skip(1);
        for sheet in &book.sheets {
            for row in &sheet.rows {
                for (column, expected) in sheet.columns.iter().zip(&row.cells) {
                    let read = rows.next().unwrap();
                    assert_eq!([&read[0], &read[3], &read[5]], [&sheet.of.code, &row.of.code, &column.code]);
                    assert_eq!(cell(&read[9], &read[7], &read[8]), *expected);
                    assert_eq!(read[7].is_empty(), expected.reason().is_some());
                    assert_eq!(&read[11..], ["2026-07-01", "2026-09-30", "2026-10-02T08:05:00Z", "published"]);
                }
            }
        }
        assert_eq!(rows.next(), None);
    }

    #[test]
    fn the_wide_file_has_one_row_for_each_row_and_words_where_there_is_no_number() {
        let book = sample::book_of(sample::of_cells(&sample::EACH_NOTHING));
        let read = records(&wide(&book).unwrap());
        let values: Vec<&str> = read.iter().skip(1).map(|record| record[8].as_str()).collect();
        assert_eq!(values, ["0", "fewer than 5", "held back", "no base", "not collected", "not applicable"]);
        let pack = sample::board_pack();
        let rows: usize = pack.sheets.iter().map(|sheet| sheet.rows.len() + 1).sum();
        assert_eq!(records(&wide(&pack).unwrap()).len(), rows);
    }

    /// S30
    #[test]
    fn s30_no_text_of_a_file_starts_a_formula() {
        let mut book = sample::board_pack();
        for (sheet, sign) in book.sheets.iter_mut().zip(["=", "+", "-", "@", "\t"]) {
            sheet.of.name.insert_str(0, sign);
            sheet.unit.insert_str(0, sign);
            sheet.counts.insert_str(0, sign);
            sheet.columns.iter_mut().for_each(|column| column.name.insert_str(0, sign));
            sheet.rows.iter_mut().for_each(|row| row.of.name.insert_str(0, sign));
        }
        for file in [tidy(&book), wide(&book), dictionary(&book)] {
            for cell in records(&file.unwrap()).iter().flatten().filter(|cell| cell.parse::<f64>().is_err()) {
                assert!(!super::super::harmless::starts_a_formula(cell), "{cell}");
            }
        }
    }

    #[test]
    fn the_dictionary_explains_every_code_of_the_tidy_file() {
        let book = sample::board_pack();
        let explained: BTreeSet<(String, String)> =
            entries(&book).into_iter().map(|[_, table, code, ..]| (table, code)).collect();
        for record in records(&tidy(&book).unwrap()).iter().skip(1) {
            for code in [&record[0], &record[3], &record[5]] {
                assert!(explained.contains(&(record[0].clone(), code.clone())), "{code}");
            }
            assert!(explained.contains(&(String::new(), record[8].clone())), "{}", record[8]);
        }
    }
}
