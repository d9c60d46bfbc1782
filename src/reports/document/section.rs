//! One table with its words and its chart; and, at the end, what has to be known of all of them.

use std::collections::BTreeSet;

use super::super::book::{Book, Drawn, Row, Sheet};
use super::super::chart::{self, Ground, largest, many};
use super::super::font::Letters;
use super::super::told;
use super::cover::{heading, list};
use super::page::{BREADTH, Block, DEPTH, Ink, LEFT, Piece, Set, Tint};
use super::table::table;

/// So that two find room on a page.
const HALF: f64 = DEPTH / 2.0;
const SENTENCES: usize = 2;
const FEWEST_ROWS: usize = 4;

/// The table, and as many of its rows as there is room for.
pub fn section(n: usize, sheet: &Sheet, letters: &Letters, rows: usize) -> Block {
    let mut rows = rows;
    loop {
        let block = with_rows(n, sheet, letters, rows);
        if block.height <= HALF || rows <= FEWEST_ROWS {
            return block;
        }
        rows -= 1;
    }
}

fn with_rows(n: usize, sheet: &Sheet, letters: &Letters, most: usize) -> Block {
    let edges = (LEFT, BREADTH);
    let title = format!("{}. {}", n + 1, sheet.of.name);
    let (ink, mut y) = Set::bold(13.0).tinted(Tint::Brand).lines(letters, &title, edges, 2.0, 3);
    y += 3.0;
    let mut pieces = vec![Piece::Heading { level: 2, title: title.clone(), ink }];
    for sentence in sheet.says.iter().take(SENTENCES) {
        let (ink, height) = Set::bold(10.0).lines(letters, sentence, edges, y, 4);
        y += height + 1.0;
        pieces.push(Piece::Paragraph(ink));
    }
    let (ink, height) = Set::plain(9.0).tinted(Tint::Mute).lines(letters, &sheet.counts, edges, y, 4);
    y += height + 4.0;
    pieces.push(Piece::Paragraph(ink));

    let rows = shown(sheet, most);
    let mut notes = Vec::new();
    if sheet.rows.is_empty() {
        notes.push("The table has no rows.".to_owned());
    } else {
        if told::over_time(sheet) {
            y = over_time(sheet, &rows, letters, y, &mut pieces);
        }
        let (mut drawn, height, left_out) = table(sheet, &rows, letters, y);
        pieces.append(&mut drawn);
        y += height;
        notes.extend(rows_left_out(sheet, rows.len()));
        notes.extend(columns_left_out(left_out));
    }
    for note in notes {
        let (ink, height) = Set::plain(9.0).tinted(Tint::Mute).lines(letters, &note, edges, y + 2.0, 2);
        y += height + 2.0;
        pieces.push(Piece::Paragraph(ink));
    }
    Block { height: y + 20.0, pieces, entry: Some(title), leads: false }
}

/// A chart of the rows that are shown.
fn over_time(sheet: &Sheet, rows: &[&Row], letters: &Letters, y: f64, pieces: &mut Vec<Piece>) -> f64 {
    let some = Sheet { rows: rows.iter().map(|row| (*row).clone()).collect(), ..sheet.clone() };
    let ground = Ground { width: BREADTH, size: 8.5, measure: letters, rows: 14 };
    let Some(picture) = chart::picture(&some, &ground) else { return y };
    let columns = match &sheet.chart {
        Some(Drawn::Columns { columns } | Drawn::Lines { columns }) => chart::known(sheet, columns),
        _ => Vec::new(),
    };
    let height = picture.height;
    let ink = vec![Ink::Picture { x: LEFT, y, picture }];
    pieces.push(Piece::Figure { says: format!("Chart: {}", told::picture(&some, &columns)), ink });
    y + height + 8.0
}

/// The latest of times, or else the largest, and every whole.
fn shown(sheet: &Sheet, most: usize) -> Vec<&Row> {
    let wholes = sheet.rows.iter().filter(|row| row.whole).count();
    let room = most.saturating_sub(wholes).max(FEWEST_ROWS);
    let parts: Vec<&Row> = sheet.rows.iter().filter(|row| !row.whole).collect();
    let kept = if told::over_time(sheet) {
        parts[parts.len().saturating_sub(room)..].to_vec()
    } else {
        largest(sheet, &parts, room)
    };
    let of_kept = |row: &&Row| row.whole || kept.iter().any(|kept| std::ptr::eq(*kept, *row));
    sheet.rows.iter().filter(of_kept).collect()
}

fn rows_left_out(sheet: &Sheet, shown: usize) -> Option<String> {
    let which = if told::over_time(sheet) { "latest" } else { "largest" };
    match sheet.rows.len() - shown {
        0 => None,
        1 => Some(format!("These are the {which}. The other row is in the workbook.")),
        more => Some(format!("These are the {which}. The other {more} rows are in the workbook.")),
    }
}

fn columns_left_out(more: usize) -> Option<String> {
    match more {
        0 => None,
        1 => Some("The other column is in the workbook.".to_owned()),
        more => Some(format!("The other {more} columns are in the workbook.")),
    }
}

/// What has to be known of the figures: of all, then of single tables, then where they come from.
pub fn caveats(book: &Book, letters: &Letters) -> Vec<Block> {
    let text = Set::plain(9.5);
    let mut blocks = Vec::new();
    let of_tables = book
        .sheets
        .iter()
        .enumerate()
        .flat_map(|(n, sheet)| sheet.caveats.iter().map(move |caveat| format!("Table {}: {caveat}", n + 1)));
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let sources = book.sheets.iter().map(|sheet| sheet.source.as_str()).filter(|source| seen.insert(source));
    let sources: Vec<String> = sources.map(str::to_owned).collect();
    let all: Vec<String> = book.caveats.iter().cloned().chain(of_tables).collect();
    for (title, items) in [("What to know of these figures", all), ("Where they come from", sources)] {
        if items.is_empty() {
            continue;
        }
        let mut block = heading(title, letters);
        block.entry = Some(title.to_owned());
        blocks.push(block);
        blocks.extend(list(&items, text, letters));
        blocks.push(Block { height: many(1) * 6.0, ..Block::default() });
    }
    blocks
}
