//! Charts over time: a group of columns for each time, or a line for each series.

use super::super::book::{Cell, Row, Sheet};
use super::super::told;
use super::{Anchor, Ground, Look, Mark, Picture, Scale, Text, many, tick};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Columns,
    Lines,
}

/// The axes, and what lies in them.
struct Frame<'a> {
    ground: &'a Ground<'a>,
    scale: Scale,
    left: f64,
    top: f64,
    base: f64,
    /// What one time has to itself.
    slot: f64,
    /// What one series has of it.
    share: f64,
}

pub fn picture(sheet: &Sheet, columns: &[usize], kind: Kind, ground: &Ground) -> Option<Picture> {
    let size = ground.size;
    let cell = |row: &Row, column: usize| row.cells.get(column).copied().unwrap_or(Cell::NotApplicable);
    let times: Vec<&Row> = sheet.rows.iter().filter(|row| !row.whole).collect();
    if times.is_empty() || columns.is_empty() {
        return None;
    }
    let all = || times.iter().flat_map(|row| columns.iter().map(|column| cell(row, *column)));
    let first = all().find(|cell| cell.number().is_some()).unwrap_or(Cell::NotApplicable);
    let scale = Scale::of(all(), matches!(first, Cell::Count(_)));
    let ticks: Vec<(f64, String)> = scale.ticks().into_iter().map(|value| (value, tick(first, value))).collect();
    let left = ticks.iter().map(|(_, words)| ground.text(words, false)).fold(0.0, f64::max) + size * 0.8;

    // A word that stands upright needs a line of its own: of more times than that, the latest are drawn.
    let most = (ground.width - left) / (size * 1.15 * many(columns.len()) + size * 0.4);
    let kept = times.iter().enumerate().filter(|(n, _)| many(times.len() - n) <= most.max(1.0));
    let drawn: Vec<&Row> = kept.map(|(_, row)| *row).collect();
    let slot = (ground.width - left) / many(drawn.len().max(1));

    let mut marks = Vec::new();
    let top = key(sheet, columns, kind, ground, &mut marks) + size * 1.6;
    let base = top + size * 13.0;
    let share = (slot - size * 0.4) / many(columns.len());
    let frame = Frame { ground, scale, left, top, base, slot, share: share.min(size * 5.0) };
    for (value, words) in ticks {
        let y = frame.y(value);
        let axis = value.abs() < 1e-9;
        marks.push(Mark::Rule { from: (left, y), to: (ground.width, y), axis });
        let text = Text {
            x: left - size * 0.5,
            y: y + size * 0.35,
            words,
            anchor: Anchor::End,
            look: Look::Faint,
            upright: false,
        };
        marks.push(Mark::Text(text));
    }
    for (series, column) in columns.iter().enumerate() {
        let cells: Vec<Cell> = drawn.iter().map(|row| cell(row, *column)).collect();
        match kind {
            Kind::Columns => frame.columns(&cells, series, columns.len(), &mut marks),
            Kind::Lines => frame.line(&cells, series, columns.len(), &mut marks),
        }
    }
    let names: Vec<&str> = drawn.iter().map(|row| row.of.name.as_str()).collect();
    let bottom = frame.names(&names, &mut marks);
    let note = (drawn.len() < times.len()).then(|| format!("The latest {} of {} are drawn.", drawn.len(), times.len()));
    Some(Picture { width: ground.width, height: bottom, size, marks, note })
}

/// Which look is which column of the table, in as many lines as it needs; gives back where it ends.
fn key(sheet: &Sheet, columns: &[usize], kind: Kind, ground: &Ground, marks: &mut Vec<Mark>) -> f64 {
    let size = ground.size;
    let (mut x, mut y) = (0.0, 0.0);
    for (series, column) in columns.iter().enumerate() {
        let name = sheet.columns.get(*column).map_or("", |named| named.name.as_str());
        let lines = ground.wrapped(name, ground.width - size * 3.0);
        let length = size * 4.5 + lines.iter().map(|line| ground.text(line, false)).fold(0.0, f64::max);
        if x > 0.0 && x + length > ground.width + size * 2.0 {
            (x, y) = (0.0, y + size * 1.6);
        }
        match kind {
            Kind::Columns => marks.push(Mark::Block { x, y: y + size * 0.1, width: size * 2.0, height: size, series }),
            Kind::Lines => {
                let middle = y + size * 0.6;
                marks.push(Mark::Line { points: vec![(x, middle), (x + size * 2.0, middle)], series });
                marks.push(Mark::Point { x: x + size, y: middle, series });
            }
        }
        let more = many(lines.len().saturating_sub(1));
        for (n, words) in lines.into_iter().enumerate() {
            let y = y + size * (0.95 + 1.3 * many(n));
            let text = Text { x: x + size * 2.6, y, words, anchor: Anchor::Start, look: Look::Plain, upright: false };
            marks.push(Mark::Text(text));
        }
        x += length;
        y += more * size * 1.3;
    }
    y + size * 1.3
}

impl Frame<'_> {
    fn y(&self, value: f64) -> f64 {
        self.base - (self.base - self.top) * self.scale.part(value)
    }

    fn middle(&self, n: usize) -> f64 {
        self.left + self.slot * (many(n) + 0.5)
    }

    /// The middle of what a series has of the place of a time.
    fn lane(&self, n: usize, series: usize, of: usize) -> f64 {
        self.middle(n) + self.share * (many(series) + 0.5 - many(of) / 2.0)
    }

    fn columns(&self, cells: &[Cell], series: usize, of: usize, marks: &mut Vec<Mark>) {
        let size = self.ground.size;
        let width = (self.share - size * 0.15).max(size * 0.5);
        // Numbers stand over their columns if all of them find room there; the table has them in any case.
        let fit = cells
            .iter()
            .all(|cell| self.ground.text(&told::cell(*cell), true) <= self.share || cell.number().is_none());
        for (n, cell) in cells.iter().enumerate() {
            let x = self.lane(n, series, of);
            let Some(value) = cell.number().filter(|value| value.is_finite()) else {
                marks.push(self.word(x, *cell));
                continue;
            };
            let (zero, tip) = (self.y(0.0), self.y(value));
            if value != 0.0 {
                let height = (zero - tip).abs().max(0.5);
                marks.push(Mark::Block { x: x - width / 2.0, y: zero.min(tip), width, height, series });
            }
            if fit || value == 0.0 {
                let words = told::cell(*cell);
                let y = zero.min(tip) - size * 0.35;
                marks.push(Mark::Text(Text { x, y, words, anchor: Anchor::Middle, look: Look::Bold, upright: false }));
            }
        }
    }

    fn line(&self, cells: &[Cell], series: usize, of: usize, marks: &mut Vec<Mark>) {
        let size = self.ground.size;
        let fit = of == 1 && cells.iter().all(|cell| self.ground.text(&told::cell(*cell), true) <= self.slot);
        let mut run: Vec<(f64, f64)> = Vec::new();
        let mut points = Vec::new();
        for (n, cell) in cells.iter().enumerate() {
            if let Some(value) = cell.number().filter(|value| value.is_finite()) {
                let (x, y) = (self.middle(n), self.y(value));
                run.push((x, y));
                points.push(Mark::Point { x, y, series });
                if fit {
                    let text = Text {
                        x,
                        y: y - size * 0.7,
                        words: told::cell(*cell),
                        anchor: Anchor::Middle,
                        look: Look::Bold,
                        upright: false,
                    };
                    points.push(Mark::Text(text));
                }
            } else {
                // The line is broken, so that nobody reads a value between two others.
                marks.push(Mark::Line { points: std::mem::take(&mut run), series });
                let x = self.lane(n, series, of);
                marks.push(self.word(x, *cell));
                if of > 1 {
                    marks.push(Mark::Point { x, y: self.y(0.0) + size * 0.1, series });
                }
            }
        }
        marks.push(Mark::Line { points: run, series });
        marks.retain(|mark| !matches!(mark, Mark::Line { points, .. } if points.len() < 2));
        marks.extend(points);
    }

    /// In place of a number, from the base line upwards.
    fn word(&self, x: f64, cell: Cell) -> Mark {
        let size = self.ground.size;
        let y = self.y(0.0) - size * 0.8;
        let words = told::cell(cell);
        Mark::Text(Text { x: x + size * 0.35, y, words, anchor: Anchor::Start, look: Look::Nothing, upright: true })
    }

    /// The names of the times under the axis; gives back where they end.
    fn names(&self, names: &[&str], marks: &mut Vec<Mark>) -> f64 {
        let (size, measure) = (self.ground.size, |text: &str| self.ground.text(text, false));
        let room = self.slot - size * 0.3;
        let words = || names.iter().flat_map(|name| name.split_whitespace());
        let longest = words().map(measure).fold(0.0, f64::max);
        let under = self.base + size * 1.3;
        if longest <= room {
            let mut deepest = 0;
            for (n, name) in names.iter().enumerate() {
                let lines = self.ground.wrapped(name, room);
                deepest = deepest.max(lines.len());
                for (line, words) in lines.into_iter().enumerate() {
                    let (x, y) = (self.middle(n), under + size * 1.2 * many(line));
                    marks.push(Mark::Text(Text {
                        x,
                        y,
                        words,
                        anchor: Anchor::Middle,
                        look: Look::Plain,
                        upright: false,
                    }));
                }
            }
            return under + size * 1.2 * (many(deepest) - 1.0).max(0.0) + size * 0.4;
        }
        // Upright, so that they do not lie on each other; of very many every second one, or third.
        let every = (1..=names.len()).find(|every| self.slot * many(*every) >= size * 1.1).unwrap_or(1);
        let longest = names.iter().map(|name| measure(name)).fold(0.0, f64::max).min(size * 12.0);
        for (n, name) in names.iter().enumerate().filter(|(n, _)| n % every == 0) {
            let words = self.ground.wrapped(name, size * 12.0).into_iter().next().unwrap_or_default();
            let (x, y) = (self.middle(n) + size * 0.35, self.base + size * 0.6);
            marks.push(Mark::Text(Text { x, y, words, anchor: Anchor::End, look: Look::Plain, upright: true }));
        }
        self.base + size * 0.8 + longest
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Measure, picture};
    use super::*;
    use crate::reports::book::Drawn;
    use crate::reports::sample;

    struct Even;

    impl Measure for Even {
        fn width(&self, text: &str, size: f64, _: bool) -> f64 {
            many(text.chars().count()) * size / 2.0
        }
    }

    fn drawn(cells: &[Cell], chart: Drawn) -> Picture {
        let sheet = Sheet { chart: Some(chart), ..sample::of_cells(cells) };
        picture(&sheet, &Ground { width: 400.0, size: 10.0, measure: &Even, rows: 14 }).unwrap()
    }

    #[test]
    fn a_line_is_broken_where_there_is_no_number() {
        let cells = [Cell::Count(10), Cell::Count(20), Cell::Few, Cell::Count(0), Cell::Count(5)];
        let marks = drawn(&cells, Drawn::Lines { columns: vec![0] }).marks;
        let key = 1;
        let lines = marks.iter().filter(|mark| matches!(mark, Mark::Line { points, .. } if points.len() == 2)).count();
        let points = marks.iter().filter(|mark| matches!(mark, Mark::Point { .. })).count();
        assert_eq!((lines, points), (2 + key, 4 + key));
        assert!(
            marks.iter().any(|mark| matches!(mark, Mark::Text(text) if text.words == "fewer than 5" && text.upright))
        );
    }

    #[test]
    fn a_nought_has_its_number_and_each_nothing_its_word() {
        let marks = drawn(&sample::EACH_NOTHING, Drawn::Columns { columns: vec![0] }).marks;
        let blocks = marks.iter().filter(|mark| matches!(mark, Mark::Block { .. })).count();
        assert_eq!(blocks, 1, "only the key");
        for cell in sample::EACH_NOTHING {
            let words = told::cell(cell);
            let found =
                |mark: &&Mark| matches!(mark, Mark::Text(text) if text.words == words && text.look != Look::Faint);
            assert_eq!(marks.iter().filter(found).count(), 1, "{words}");
        }
    }

    #[test]
    fn of_too_many_times_the_latest_are_drawn_and_it_says_so() {
        let picture = drawn(&[Cell::Count(7); 60], Drawn::Columns { columns: vec![0] });
        assert_eq!(picture.note.as_deref(), Some("The latest 24 of 60 are drawn."));
    }

    #[test]
    fn nothing_lies_outside_the_picture() {
        let picture = drawn(&[Cell::Count(7), Cell::Few, Cell::Count(1_000)], Drawn::Columns { columns: vec![0] });
        for mark in &picture.marks {
            if let Mark::Block { x, y, width, height, .. } = mark {
                assert!(
                    *x >= 0.0 && *y >= 0.0 && x + width <= picture.width && y + height <= picture.height,
                    "{mark:?}"
                );
            }
        }
    }
}
