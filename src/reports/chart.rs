//! Charts of a report's tables: where every mark and word of them lies. A page draws them as SVG and a document with its
//! own pen, so that both show the same.
//!
//! No chart speaks by colour alone: names and numbers stand at the marks, and series differ by pattern, dash and shape. A
//! place that has no number has the word for it, and no mark that could be read as nought. (S40)

mod bars;
mod times;

use super::book::{Cell, Drawn, Row, Sheet};
use super::told;

/// How wide a text is, set in letters of this size.
pub trait Measure {
    fn width(&self, text: &str, size: f64, bold: bool) -> f64;
}

/// What is drawn, in points from the upper left corner.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    pub width: f64,
    pub height: f64,
    /// How large its letters are.
    pub size: f64,
    pub marks: Vec<Mark>,
    /// What it leaves out of its table.
    pub note: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// A bar, a column or the key to one.
    Block {
        x: f64,
        y: f64,
        width: f64,
        height: f64,
        series: usize,
    },
    /// A line of the frame: the axis, or a faint one to read values by.
    Rule {
        from: (f64, f64),
        to: (f64, f64),
        axis: bool,
    },
    /// A series, from point to point.
    Line {
        points: Vec<(f64, f64)>,
        series: usize,
    },
    /// A point of a series: a disc, a square, a triangle, a diamond.
    Point {
        x: f64,
        y: f64,
        series: usize,
    },
    Text(Text),
}

/// Words at a place: `x` and `y` are where their base line begins, has its middle, or ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    pub x: f64,
    pub y: f64,
    pub words: String,
    pub anchor: Anchor,
    pub look: Look,
    /// Read from below.
    pub upright: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    Plain,
    Bold,
    /// Of the axis.
    Faint,
    /// In place of a number.
    Nothing,
}

/// How many series can be told apart.
pub const SERIES: usize = 4;

/// Where a picture is drawn.
pub struct Ground<'a> {
    pub width: f64,
    pub size: f64,
    pub measure: &'a dyn Measure,
    /// The most bars.
    pub rows: usize,
}

impl Ground<'_> {
    fn text(&self, text: &str, bold: bool) -> f64 {
        self.measure.width(text, self.size, bold)
    }

    /// Broken between words so that no line is wider; a word that is too wide itself is broken where it must be.
    fn wrapped(&self, text: &str, width: f64) -> Vec<String> {
        wrapped(self.measure, text, self.size, false, width)
    }
}

/// The chart of a table, if it has one and there is anything to draw.
pub fn picture(sheet: &Sheet, ground: &Ground) -> Option<Picture> {
    if sheet.rows.is_empty() {
        return None;
    }
    match sheet.chart.as_ref()? {
        Drawn::Bars { column } => bars::picture(sheet, *column, ground),
        Drawn::Columns { columns } => times::picture(sheet, &known(sheet, columns), times::Kind::Columns, ground),
        Drawn::Lines { columns } => times::picture(sheet, &known(sheet, columns), times::Kind::Lines, ground),
    }
}

/// The columns that a chart shows: those that there are, and no more than can be told apart.
pub fn known(sheet: &Sheet, columns: &[usize]) -> Vec<usize> {
    columns.iter().copied().filter(|column| *column < sheet.columns.len()).take(SERIES).collect()
}

/// The rows that bars stand for: a whole would make its parts small. A whole of shares is one more share.
pub fn barred(sheet: &Sheet, column: usize) -> Vec<&Row> {
    let counted = |row: &Row| {
        matches!(row.cells.get(column), Some(Cell::Percent(_) | Cell::Days(_) | Cell::Minutes(_) | Cell::Per10000(_)))
    };
    sheet.rows.iter().filter(|row| !row.whole || counted(row)).collect()
}

/// The largest so many of some rows, in the order that they had.
pub fn largest<'a>(sheet: &Sheet, rows: &[&'a Row], most: usize) -> Vec<&'a Row> {
    let mut by_weight: Vec<(usize, f64)> =
        rows.iter().enumerate().map(|(n, row)| (n, told::weight(sheet, row))).collect();
    by_weight.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut kept: Vec<usize> = by_weight.into_iter().take(most).map(|(n, _)| n).collect();
    kept.sort_unstable();
    kept.into_iter().filter_map(|n| rows.get(n).copied()).collect()
}

/// Lines of words that are no wider than this.
pub fn wrapped(measure: &dyn Measure, text: &str, size: f64, bold: bool, width: f64) -> Vec<String> {
    let space = measure.width(" ", size, bold);
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0.0;
    let pieces = text.split_whitespace().flat_map(|word| broken(measure, word, size, bold, width));
    for (piece, begins) in pieces {
        let length = measure.width(&piece, size, bold);
        match lines.last_mut() {
            Some(line) if begins && used + space + length <= width => {
                line.push(' ');
                line.push_str(&piece);
                used += space + length;
            }
            _ => {
                lines.push(piece);
                used = length;
            }
        }
    }
    lines
}

/// A word, or the pieces of one that is too wide, each with whether it begins a word.
fn broken(measure: &dyn Measure, word: &str, size: f64, bold: bool, width: f64) -> Vec<(String, bool)> {
    if measure.width(word, size, bold) <= width {
        return vec![(word.to_owned(), true)];
    }
    let mut pieces: Vec<(String, bool)> = Vec::new();
    for letter in word.chars() {
        match pieces.last_mut() {
            Some((piece, _)) if measure.width(&format!("{piece}{letter}"), size, bold) <= width => piece.push(letter),
            _ => pieces.push((letter.to_string(), pieces.is_empty())),
        }
    }
    pieces
}

/// An axis with round steps, at most five of them, that begins at nought or below.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Scale {
    low: f64,
    high: f64,
    step: f64,
}

impl Scale {
    fn of(cells: impl Iterator<Item = Cell>, whole_steps: bool) -> Self {
        let (mut low, mut high) = (0.0_f64, 0.0_f64);
        for value in cells.filter_map(Cell::number).filter(|value| value.is_finite()) {
            (low, high) = (low.min(value), high.max(value));
        }
        let step = step((high - low).max(if whole_steps { 1.0 } else { 0.01 }), whole_steps);
        let high = (high / step).ceil() * step;
        Self { low: (low / step).floor() * step, high: if high > low { high } else { low + step }, step }
    }

    /// Which part of the way from its low end to its high end a value lies.
    fn part(self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    fn ticks(self) -> Vec<f64> {
        let mut ticks = vec![self.low];
        let mut n = 1.0;
        while self.low + n * self.step <= self.high + self.step / 2.0 && ticks.len() < 12 {
            ticks.push(self.low + n * self.step);
            n += 1.0;
        }
        ticks
    }
}

/// The smallest of 1, 2, 5 times a power of ten that spans this in at most five steps.
fn step(span: f64, whole: bool) -> f64 {
    let mut ten = 10.0_f64.powi(if whole { 0 } else { -3 });
    loop {
        if let Some(step) = [1.0, 2.0, 5.0].into_iter().map(|n| n * ten).find(|step| span <= step * 5.0) {
            return step;
        }
        ten *= 10.0;
        if !ten.is_finite() {
            return span;
        }
    }
}

/// A value of the axis: "20", "20%", "£500".
fn tick(kind: Cell, value: f64) -> String {
    // Steps have few digits; what arithmetic leaves behind them is cut off.
    let value = (value * 1_000.0).round() / 1_000.0;
    match kind {
        Cell::Percent(_) => format!("{value}%"),
        Cell::Money(_) => told::cell(Cell::Money(value)).trim_end_matches(".00").to_owned(),
        _ if value >= 1_000.0 => told::cell(Cell::Days(value)).trim_end_matches(".0 days").to_owned(),
        _ => value.to_string(),
    }
}

/// How many, as lengths count.
pub fn many(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Every letter half as wide as it is high.
    struct Even;

    impl Measure for Even {
        fn width(&self, text: &str, size: f64, _: bool) -> f64 {
            many(text.chars().count()) * size / 2.0
        }
    }

    #[rstest]
    #[case(0.0, true, 1.0)]
    #[case(5.0, true, 1.0)]
    #[case(6.0, true, 2.0)]
    #[case(499.0, true, 100.0)]
    #[case(0.35, false, 0.1)]
    fn an_axis_has_round_steps_and_at_most_five(#[case] top: f64, #[case] whole: bool, #[case] expected: f64) {
        assert!((step(top, whole) - expected).abs() < 1e-9, "{}", step(top, whole));
    }

    #[test]
    fn an_axis_holds_what_is_below_nought() {
        let scale = Scale::of([Cell::Percent(-10.3), Cell::Percent(30.0), Cell::Few].into_iter(), false);
        assert_eq!(scale, Scale { low: -20.0, high: 30.0, step: 10.0 });
        assert_eq!(scale.ticks(), [-20.0, -10.0, 0.0, 10.0, 20.0, 30.0]);
    }

    #[test]
    fn no_line_of_words_is_too_wide() {
        let lines = wrapped(&Even, "Disability or access needs incomprehensibilities", 10.0, false, 60.0);
        assert_eq!(lines, ["Disability", "or access", "needs", "incomprehens", "ibilities"]);
    }
}
