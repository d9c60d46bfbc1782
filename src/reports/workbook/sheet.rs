//! One table on its sheet: what it is, what it says, its figures, its chart, and what has to be known of it.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::super::book::{Book, Sheet};
use super::super::told;
use super::looks::{self, Looks};
use super::{banner, drawing};

/// How many rows find room on a page with their chart.
const ONE_PAGE: usize = 20;
/// How wide sentences run at least.
const WIDTH: f64 = 100.0;

pub fn sheet(sheet: &mut Worksheet, book: &Book, table: &Sheet, name: &str, looks: &Looks) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    let Widths { first, columns, last, all: width } = widths(sheet, table)?;
    looks::title(sheet, &table.of.name, looks)?;
    banner(sheet, 1, last, book, looks)?;
    let about = format!("{}, {}. Worked out on {}.", book.whose, told::period(book), told::moment(book.computed_at));
    let mut row = looks::across_as(sheet, 2, last, width, &about, &looks.faint)?;
    row = looks::across_as(
        sheet,
        row,
        last,
        width,
        &format!("{} One is one {}.", table.counts, table.unit),
        &looks.faint,
    )?;
    for sentence in &table.says {
        row = looks::across_as(sheet, row, last, width, sentence, &looks.sentence)?;
    }
    let head = row + 1;
    let heads: Vec<(&str, f64)> = table
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .zip(columns)
        .chain([(table.rows_are.name.as_str(), first)])
        .collect();
    looks::fit(sheet, head, &heads)?;
    looks::text_at(sheet, head, 0, &table.rows_are.name, &looks.head_of_words)?;
    for (column, named) in (1..).zip(&table.columns) {
        looks::text_at(sheet, head, column, &named.name, &looks.head)?;
    }
    row = head + 1;
    for line in &table.rows {
        looks::fit(sheet, row, &[(&line.of.name, first)])?;
        looks::text_at(sheet, row, 0, &line.of.name, if line.whole { &looks.name_of_whole } else { &looks.name })?;
        for (column, cell) in (1..).zip(&line.cells) {
            looks.cell(sheet, row, column, *cell, line.whole)?;
        }
        row += 1;
    }
    if table.rows.is_empty() {
        row = looks::across_as(sheet, row, last, width, "The table has no rows.", &looks.faint)?;
    }
    let below = row + 1;
    let chart = drawing::chart(sheet, table, name, head, (below, 0))?;
    row = chart.map_or(row, |rows| below + rows);
    if !table.caveats.is_empty() {
        looks::text_at(sheet, row + 1, 0, "What to know of these figures", &looks.heading)?;
        row += 2;
        for caveat in &table.caveats {
            row = looks.across(sheet, row, last, width, caveat)?;
        }
    }
    row = looks::across_as(sheet, row + 1, last, width, &format!("Source: {}", table.source), &looks.faint)?;
    sheet.set_freeze_panes(head + 1, 1)?;
    sheet.set_repeat_rows(head, head)?;
    let widest = u16::try_from(table.columns.len()).unwrap_or(u16::MAX).max(last);
    sheet.set_print_area(0, 0, row, widest)?;
    looks::print(sheet, book);
    if table.rows.len() <= ONE_PAGE {
        sheet.set_print_fit_to_pages(1, 1);
    } else if chart.is_some() {
        sheet.set_page_breaks(&[below])?; // so that no chart lies on two pages
    }
    Ok(())
}

/// How wide the columns of a sheet are, in letters.
struct Widths {
    /// Of the names.
    first: f64,
    /// Of the others.
    columns: Vec<f64>,
    /// The last column that sentences run across.
    last: u16,
    /// How wide it is as far as there.
    all: f64,
}

fn widths(sheet: &mut Worksheet, table: &Sheet) -> Result<Widths, XlsxError> {
    /// Where the table is narrow, sentences run on over columns that are empty.
    const EMPTY: f64 = 11.0;
    let letters = |text: &str| f64::from(u32::try_from(text.chars().count()).unwrap_or(u32::MAX));
    let longest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
    let names = longest(&mut table.rows.iter().map(|row| letters(&row.of.name))).max(letters(&table.rows_are.name));
    let first = (names * 1.1 + 2.0).clamp(16.0, 52.0);
    sheet.set_column_width(0, first)?;
    let mut widths = Widths { first, columns: Vec::new(), last: 0, all: first };
    for (n, (column, named)) in (1..).zip(&table.columns).enumerate() {
        let cells =
            longest(&mut table.rows.iter().filter_map(|row| row.cells.get(n)).map(|cell| letters(&told::cell(*cell))));
        let words = longest(&mut named.name.split_whitespace().map(letters));
        let own = (cells.max(words).max(letters(&named.name).min(18.0)) * 1.15 + 2.0).clamp(11.0, 40.0);
        sheet.set_column_width(column, own)?;
        widths.columns.push(own);
        if widths.all < WIDTH {
            (widths.last, widths.all) = (column, widths.all + own);
        }
    }
    while widths.all < WIDTH {
        widths.last += 1;
        sheet.set_column_width(widths.last, EMPTY)?;
        widths.all += EMPTY;
    }
    Ok(widths)
}
