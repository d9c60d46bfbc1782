//! A report as a workbook: what it is, a sheet for each table with its chart, and what the words mean. Text is written as
//! text, so that nothing in it is ever worked out (S30).

mod drawing;
mod looks;
mod sheet;

use std::collections::BTreeSet;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Url, Workbook, Worksheet, XlsxError};

use self::looks::{Looks, fit};
use super::book::{Book, Standing};
use super::{tidy, told};
use crate::error::AppError;

/// # Errors
/// Never in practice: it is written to memory.
pub fn workbook(book: &Book) -> Result<Vec<u8>, AppError> {
    made(book).map_err(AppError::internal)
}

fn made(book: &Book) -> Result<Vec<u8>, XlsxError> {
    let looks = Looks::new();
    let names = names(book);
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(book));
    contents(workbook.add_worksheet(), book, &names, &looks)?;
    for (table, name) in book.sheets.iter().zip(&names) {
        sheet::sheet(workbook.add_worksheet(), book, table, name, &looks)?;
    }
    definitions(workbook.add_worksheet(), book, &looks)?;
    workbook.save_to_buffer()
}

/// With the time at which it was computed, so that the same report is the same file.
fn properties(book: &Book) -> DocProperties {
    let (mark, _) = told::mark(book.standing);
    let properties = DocProperties::new()
        .set_title(&book.title)
        .set_subject(format!("{}, {}", book.whose, told::period(book)))
        .set_author("Safehold")
        .set_comment(format!("{mark}. Worked out on {}.", told::moment(book.computed_at)))
        .set_status(mark);
    match ExcelDateTime::from_timestamp(book.computed_at.unix_seconds()) {
        Ok(at) => properties.set_creation_datetime(&at),
        Err(_) => properties,
    }
}

const CONTENTS: &str = "Contents";
const DEFINITIONS: &str = "Definitions";

/// What each sheet is called: its number and its title, in what a workbook allows, and none twice.
fn names(book: &Book) -> Vec<String> {
    const LONGEST: usize = 31;
    let mut taken: BTreeSet<String> = [CONTENTS, DEFINITIONS].map(str::to_lowercase).into();
    let name = |(n, sheet): (usize, &super::book::Sheet)| {
        let legal = |letter: char| if "[]:*?/\\'".contains(letter) || letter.is_control() { ' ' } else { letter };
        let title: String = sheet.of.name.chars().map(legal).collect();
        let words = title.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut name = String::new();
        for letter in format!("{} {words}", n + 1).chars() {
            if name.encode_utf16().count() + letter.len_utf16() > LONGEST {
                break;
            }
            name.push(letter);
        }
        let name = name.trim_end().to_owned();
        if taken.insert(name.to_lowercase()) { name } else { (n + 1).to_string() }
    };
    book.sheets.iter().enumerate().map(name).collect()
}

/// The mark in a filled banner, on every sheet.
fn banner(sheet: &mut Worksheet, row: u32, columns: u16, book: &Book, looks: &Looks) -> Result<(), XlsxError> {
    let (word, meaning) = told::mark(book.standing);
    let look = if book.standing == Standing::NotForPublication { &looks.private } else { &looks.public };
    sheet.set_row_height(row, 32)?;
    sheet.merge_range(row, 0, row, columns.max(1), &format!("{word}. {meaning}"), look)?;
    Ok(())
}

fn contents(sheet: &mut Worksheet, book: &Book, names: &[String], looks: &Looks) -> Result<(), XlsxError> {
    const WIDTHS: [f64; 3] = [34.0, 62.0, 62.0];
    sheet.set_name(CONTENTS)?;
    for (column, width) in (0..).zip(WIDTHS) {
        sheet.set_column_width(column, width)?;
    }
    looks::title(sheet, &book.title, looks)?;
    banner(sheet, 1, 2, book, looks)?;
    let filters = if book.filters.is_empty() { "None".to_owned() } else { told::filters(book) };
    let facts = [
        ("Whose figures", book.whose.clone()),
        ("Period", told::period(book)),
        ("Filters", filters),
        ("Worked out on", told::moment(book.computed_at)),
    ];
    let mut row = 2;
    for (name, value) in facts {
        fit(sheet, row, &[(&value, WIDTHS[1])])?;
        looks::text_at(sheet, row, 0, name, &looks.bold)?;
        looks::text_at(sheet, row, 1, &value, &looks.wrapped)?;
        row += 1;
    }
    if !book.says.is_empty() {
        row = heading(sheet, row + 1, "What matters most", looks)?;
        for sentence in &book.says {
            row = looks.across(sheet, row, 2, 158.0, sentence)?;
        }
    }
    row = heading(sheet, row + 1, "The tables", looks)?;
    for (column, head) in (0..).zip(["Table", "What it counts", "Where it comes from"]) {
        looks::text_at(sheet, row, column, head, &looks.head_of_words)?;
    }
    for (table, name) in book.sheets.iter().zip(names) {
        row += 1;
        fit(sheet, row, &[(name, WIDTHS[0]), (&table.counts, WIDTHS[1]), (&table.source, WIDTHS[2])])?;
        let link = Url::new(format!("internal:'{name}'!A1")).set_text(name);
        sheet.write_url_with_format(row, 0, link, &looks.link)?;
        looks::text_at(sheet, row, 1, &table.counts, &looks.wrapped)?;
        looks::text_at(sheet, row, 2, &table.source, &looks.wrapped)?;
    }
    row = signs(sheet, row + 2, looks)?;
    if !book.caveats.is_empty() {
        row = heading(sheet, row + 1, "What to know of these figures", looks)?;
        for caveat in &book.caveats {
            row = looks.across(sheet, row, 2, 158.0, caveat)?;
        }
    }
    looks::print(sheet, book);
    Ok(())
}

fn heading(sheet: &mut Worksheet, row: u32, text: &str, looks: &Looks) -> Result<u32, XlsxError> {
    looks::text_at(sheet, row, 0, text, &looks.heading)?;
    Ok(row + 1)
}

/// What stands in a cell in place of a number.
fn signs(sheet: &mut Worksheet, row: u32, looks: &Looks) -> Result<u32, XlsxError> {
    let mut row = heading(sheet, row, "What stands in a cell", looks)?;
    for (word, _, meaning) in told::SIGNS {
        looks::text_at(sheet, row, 0, word, if word == "0" { &looks.bold } else { &looks.nothing_left })?;
        row = looks.beside(sheet, row, (1, 2), 124.0, meaning)?;
    }
    Ok(row)
}

/// The dictionary: every table, row and column with its code.
fn definitions(sheet: &mut Worksheet, book: &Book, looks: &Looks) -> Result<(), XlsxError> {
    const WIDTHS: [f64; 8] = [10.0, 18.0, 24.0, 40.0, 60.0, 12.0, 40.0, 60.0];
    sheet.set_name(DEFINITIONS)?;
    for (column, width) in (0..).zip(WIDTHS) {
        sheet.set_column_width(column, width)?;
    }
    looks::title(sheet, DEFINITIONS, looks)?;
    banner(sheet, 1, 7, book, looks)?;
    for (column, head) in (0..).zip(tidy::DICTIONARY) {
        let head = format!("{}{}", head[..1].to_uppercase(), &head[1..]);
        looks::text_at(sheet, 3, column, &head, &looks.head_of_words)?;
    }
    for (row, entry) in (4..).zip(tidy::entries(book)) {
        let texts: Vec<(&str, f64)> = entry.iter().map(String::as_str).zip(WIDTHS).collect();
        fit(sheet, row, &texts)?;
        let look = if entry[0] == "table" { &looks.bold_wrapped } else { &looks.wrapped };
        for (column, word) in (0..).zip(&entry).filter(|(_, word)| !word.is_empty()) {
            looks::text_at(sheet, row, column, word, look)?;
        }
    }
    sheet.set_freeze_panes(4, 0)?;
    sheet.set_repeat_rows(3, 3)?;
    looks::print(sheet, book);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader, Xlsx};
    use rstest::rstest;

    use super::super::book::{Cell, Drawn, Sheet};
    use super::super::sample;
    use super::*;

    fn opened(book: &Book) -> Xlsx<Cursor<Vec<u8>>> {
        Xlsx::new(Cursor::new(workbook(book).unwrap())).unwrap()
    }

    /// The row below the one that begins with this.
    fn below(range: &calamine::Range<Data>, head: &str) -> usize {
        1 + range.rows().position(|row| row.first() == Some(&Data::String(head.to_owned()))).unwrap()
    }

    #[test]
    fn every_table_has_a_sheet_with_its_heading_and_its_figures() {
        let book = sample::board_pack();
        let mut read = opened(&book);
        let names = read.sheet_names();
        assert_eq!((names.len(), names[0].as_str()), (book.sheets.len() + 2, CONTENTS));
        assert_eq!(names.last().map(String::as_str), Some(DEFINITIONS));
        for (sheet, name) in book.sheets.iter().zip(&names[1..]) {
            let range = read.worksheet_range(name).unwrap();
            assert_eq!(range.get((0, 0)), Some(&Data::String(sheet.of.name.clone())));
            let first = below(&range, &sheet.rows_are.name);
            for (n, row) in sheet.rows.iter().enumerate() {
                assert_eq!(range.get((first + n, 0)), Some(&Data::String(row.of.name.clone())));
                for (column, cell) in row.cells.iter().enumerate() {
                    let found = range.get((first + n, column + 1)).unwrap();
                    if let Some((word, _)) = cell.reason() {
                        assert_eq!(found, &Data::String(word.to_owned()));
                        continue;
                    }
                    let part = if let Cell::Percent(_) = cell { 100.0 } else { 1.0 };
                    let shown = match found {
                        Data::Float(shown) => *shown,
                        Data::Int(shown) => f64::from(i32::try_from(*shown).unwrap()),
                        other => unreachable!("{other:?} is no number"),
                    };
                    assert!((shown * part - cell.number().unwrap()).abs() < 1e-9, "{shown} {cell:?}");
                }
            }
        }
    }

    /// S30
    #[test]
    fn s30_no_cell_is_a_formula_or_an_error() {
        let mut book = sample::board_pack();
        for (sheet, sign) in book.sheets.iter_mut().zip(["=1+", "+", "-", "@", "\t=", "{=", "http://"]) {
            sheet.of.name.insert_str(0, sign);
            sheet.counts.insert_str(0, sign);
            sheet.rows.iter_mut().for_each(|row| row.of.name.insert_str(0, sign));
            sheet.columns.iter_mut().for_each(|column| column.name.insert_str(0, sign));
        }
        let mut read = opened(&book);
        for name in read.sheet_names() {
            assert!(read.worksheet_formula(&name).unwrap().is_empty(), "{name}");
            let range = read.worksheet_range(&name).unwrap();
            assert!(range.cells().all(|(.., cell)| !matches!(cell, Data::Error(_))), "{name}");
        }
    }

    #[test]
    fn the_mark_stands_on_every_sheet() {
        let mut read = opened(&Book { standing: Standing::NotForPublication, ..sample::board_pack() });
        for name in read.sheet_names() {
            let range = read.worksheet_range(&name).unwrap();
            let mark = range.get((1, 0)).unwrap().to_string();
            assert!(mark.starts_with("Not for publication"), "{mark}");
        }
    }

    #[test]
    fn names_of_sheets_are_legal_and_none_is_there_twice() {
        let long = "A/very [long]: *title* that? nobody\\reads to the end’s end";
        let named = |name: &str| Sheet { of: sample::named("x", name), ..sample::of_cells(&[]) };
        let sheets = vec![named(long), named(long), named(""), named("💡".repeat(40).as_str()), named("'")];
        let book = Book { sheets, ..sample::empty() };
        let names = names(&book);
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 5, "{names:?}");
        for name in &names {
            assert!(
                name.encode_utf16().count() <= 31 && !name.contains(['[', ']', ':', '*', '?', '/', '\\', '\'']),
                "{name}"
            );
        }
        assert_eq!(opened(&book).sheet_names().len(), 7);
    }

    #[rstest]
    #[case::bars(Drawn::Bars { column: 0 })]
    #[case::columns(Drawn::Columns { columns: vec![0] })]
    #[case::lines(Drawn::Lines { columns: vec![0] })]
    #[case::of_a_column_that_is_not_there(Drawn::Lines { columns: vec![7] })]
    fn each_kind_of_nothing_is_another_cell(#[case] drawn: Drawn) {
        let sheet = Sheet { chart: Some(drawn), ..sample::of_cells(&sample::EACH_NOTHING) };
        let mut read = opened(&sample::book_of(sheet));
        let range = read.worksheet_range("1 Each kind of cell").unwrap();
        let first = below(&range, "Row");
        let cells: BTreeSet<String> = (0..6).map(|n| range.get((first + n, 1)).unwrap().to_string()).collect();
        assert_eq!(cells.len(), 6, "{cells:?}");
        assert!(cells.contains("0"));
    }
}
