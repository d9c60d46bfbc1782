//! A table as it is printed: names to the left, numbers below each other, and a bar beside each where it is drawn so.

use super::super::book::{Cell, Drawn, Row, Sheet};
use super::super::chart::{Measure, barred, many};
use super::super::font::Letters;
use super::super::told;
use super::page::{BREADTH, Ink, LEFT, Line, Piece, Set, Tint};

const TEXT: Set = Set::plain(9.5);
const GAP: f64 = 10.0;
/// No bar is shorter than that room makes sense of.
const BAR: f64 = 90.0;
const LINES: usize = 4;

/// Where the columns lie.
struct Columns {
    names: f64,
    /// The right edge and the width of each that is shown.
    cells: Vec<(f64, f64)>,
    /// Where bars begin, and how long the longest may be.
    bars: Option<(f64, f64)>,
}

/// Its pieces from `top` down, its height, and how many columns there was no room for.
pub fn table(sheet: &Sheet, rows: &[&Row], letters: &Letters, top: f64) -> (Vec<Piece>, f64, usize) {
    let columns = columns(sheet, rows, letters);
    let (head, head_height) = head(sheet, &columns, letters, top);
    let mut decor = vec![
        Ink::Area { x: LEFT, y: top, width: BREADTH, height: head_height, fill: Tint::Wash, edge: None },
        Ink::Rule { x: LEFT, y: top + head_height, length: BREADTH, thick: 1.0, tint: Tint::Brand },
    ];
    let mut y = top + head_height;
    let mut lines = Vec::new();
    let bars = columns.bars.and_then(|place| Bars::of(sheet, rows, place));
    for row in rows {
        let set = Set { bold: row.whole, ..TEXT };
        let (name, height) = set.lines(letters, &row.of.name, (LEFT + 3.0, columns.names - 3.0), y + 2.0, LINES);
        let base = y + 2.0 + set.size;
        let cells = columns
            .cells
            .iter()
            .zip(&row.cells)
            .map(|((right, _), cell)| vec![told_at(*cell, set, *right, base, letters)]);
        lines.push(Line { name, cells: cells.collect() });
        decor.extend(bars.as_ref().and_then(|bars| bars.bar(row, y, base)));
        y += height + 4.0;
        decor.push(Ink::Rule { x: LEFT, y, length: BREADTH, thick: 0.4, tint: Tint::Line });
    }
    if let Some(bars) = &bars {
        decor.push(Ink::Area {
            x: bars.origin - 0.4,
            y: top + head_height + 2.0,
            width: 0.8,
            height: (y - top - head_height - 4.0).max(1.0),
            fill: Tint::Mute,
            edge: None,
        });
    }
    let summary = format!("{}, by {}", sheet.of.name, sheet.rows_are.name.to_lowercase());
    let left_out = sheet.columns.len() - columns.cells.len();
    (vec![Piece::Decor(decor), Piece::Table { summary, head, rows: lines }], y - top, left_out)
}

/// A number in ink, what is none in grey.
fn told_at(cell: Cell, set: Set, right: f64, base: f64, letters: &Letters) -> Ink {
    let words = told::cell(cell);
    let tint = if cell.reason().is_some() { Tint::Mute } else { Tint::Ink };
    set.tinted(tint).words(right - letters.width(&words, set.size, set.bold), base, words)
}

fn columns(sheet: &Sheet, rows: &[&Row], letters: &Letters) -> Columns {
    let longest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
    let name = |row: &&Row| letters.width(&row.of.name, TEXT.size, row.whole) + 6.0;
    let own = longest(&mut rows.iter().map(name)).max(letters.width(&sheet.rows_are.name, TEXT.size, true) + 6.0);
    let mut names = own.min(BREADTH * 0.45);
    let mut free = BREADTH - names;
    let mut widths = Vec::new();
    for (n, column) in sheet.columns.iter().enumerate() {
        let cells = rows.iter().filter_map(|row| row.cells.get(n).map(|cell| (row, cell)));
        let cells = longest(&mut cells.map(|(row, cell)| letters.width(&told::cell(*cell), TEXT.size, row.whole)));
        let words = longest(&mut column.name.split_whitespace().map(|word| letters.width(word, TEXT.size, true)));
        let whole = letters.width(&column.name, TEXT.size, true);
        // A heading of several words may take several lines.
        let width = (cells.max(words).max(whole.min(72.0)) + GAP).min(BREADTH * 0.5);
        if width > free {
            break;
        }
        free -= width;
        widths.push(width);
    }
    let bars = matches!(sheet.chart, Some(Drawn::Bars { column }) if column < widths.len()) && free >= BAR;
    if !bars {
        // What is left over goes to the names first, then between the columns.
        free -= (own - names).clamp(0.0, free);
        let each = (free / many(widths.len().max(1))).min(60.0);
        for width in &mut widths {
            *width += each;
        }
        names = BREADTH - widths.iter().sum::<f64>();
    }
    let mut right = LEFT + names;
    let cells = widths.into_iter().map(|width| {
        right += width;
        (right, width)
    });
    let cells: Vec<(f64, f64)> = cells.map(|(right, width)| (right - 3.0, width)).collect();
    let end = cells.last().map_or(LEFT + names, |(right, _)| *right);
    let bars = bars.then_some((end + GAP + 3.0, LEFT + BREADTH - end - GAP - 6.0));
    Columns { names, cells, bars }
}

/// The names of the columns, the last line of each just over the numbers.
fn head(sheet: &Sheet, columns: &Columns, letters: &Letters, top: f64) -> (Vec<Vec<Ink>>, f64) {
    let set = Set::bold(TEXT.size);
    let lines = |text: &str, width: f64| super::super::chart::wrapped(letters, text, set.size, true, width);
    let first = lines(&sheet.rows_are.name, columns.names - 6.0);
    let others: Vec<Vec<String>> = sheet
        .columns
        .iter()
        .zip(&columns.cells)
        .map(|(column, (_, width))| lines(&column.name, width - GAP + 0.5))
        .collect();
    let deepest = others.iter().map(Vec::len).chain([first.len()]).max().unwrap_or(1).min(LINES);
    let placed = |lines: Vec<String>, right: Option<f64>| -> Vec<Ink> {
        let kept = lines.len().min(LINES);
        let begin = top + 2.0 + set.size + set.line() * many(deepest - kept);
        let place = |(n, mut words): (usize, String)| {
            let x = right.map_or(LEFT + 3.0, |right| right - letters.width(&words, set.size, true));
            if n + 1 < kept {
                words.push(' ');
            }
            set.words(x, begin + set.line() * many(n), words)
        };
        lines.into_iter().take(kept).enumerate().map(place).collect()
    };
    let mut head = vec![placed(first, None)];
    head.extend(others.into_iter().zip(&columns.cells).map(|(lines, (right, _))| placed(lines, Some(*right))));
    (head, set.line() * many(deepest) + 4.0)
}

/// Bars beside the rows, of one column.
struct Bars<'a> {
    column: usize,
    rows: Vec<&'a Row>,
    origin: f64,
    /// Points for each one of what is counted.
    scale: f64,
}

impl<'a> Bars<'a> {
    fn of(sheet: &'a Sheet, shown: &[&Row], (left, room): (f64, f64)) -> Option<Self> {
        let Some(Drawn::Bars { column }) = sheet.chart else { return None };
        let rows = barred(sheet, column);
        let value = |row: &&Row| row.cells.get(column).and_then(|cell| cell.number()).filter(|value| value.is_finite());
        let of_shown = shown.iter().filter(|row| rows.iter().any(|barred| std::ptr::eq(*barred, **row)));
        let values: Vec<f64> = of_shown.filter_map(value).collect();
        let low = values.iter().copied().fold(0.0, f64::min);
        let high = values.iter().copied().fold(0.0, f64::max);
        let scale = if high > low { room / (high - low) } else { 0.0 };
        Some(Self { column, rows, origin: left - low * scale, scale })
    }

    /// The bar of a row that has a number other than nought; of what is no number the word for it.
    fn bar(&self, row: &Row, y: f64, base: f64) -> Option<Ink> {
        if !self.rows.iter().any(|barred| std::ptr::eq(*barred, row)) {
            return None;
        }
        let cell = row.cells.get(self.column)?;
        if let Some((word, _)) = cell.reason() {
            return Some(Set::plain(8.5).tinted(Tint::Mute).words(self.origin + 4.0, base, word.to_owned()));
        }
        let value = cell.number().filter(|value| value.is_finite() && *value != 0.0)?;
        let length = value * self.scale;
        let (x, width) = (self.origin.min(self.origin + length), length.abs().max(0.5));
        Some(Ink::Bar { x, y: y + 3.2, width, height: 9.0, series: usize::from(row.whole) })
    }
}
