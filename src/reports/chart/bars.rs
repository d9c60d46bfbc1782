//! Bars that lie, one for each row.

use super::super::book::{Cell, Sheet};
use super::super::told;
use super::{Anchor, Ground, Look, Mark, Picture, Scale, Text, barred, largest, many};

/// Each bar beside its whole name, with its number at the end.
pub fn picture(sheet: &Sheet, column: usize, ground: &Ground) -> Option<Picture> {
    let all = barred(sheet, column);
    let rows = largest(sheet, &all, ground.rows);
    let cell = |row: &super::Row| row.cells.get(column).copied().unwrap_or(Cell::NotApplicable);
    let scale = Scale::of(rows.iter().map(|row| cell(row)), false);
    let (size, line) = (ground.size, ground.size * 1.25);
    let widest = |widths: &mut dyn Iterator<Item = f64>| widths.fold(0.0, f64::max);
    let names = widest(&mut rows.iter().map(|row| ground.text(&row.of.name, false))).min(ground.width * 0.4);
    let values = widest(&mut rows.iter().map(|row| ground.text(&told::cell(cell(row)), true)));
    let left = names + size;
    let room = ground.width - left - values - size;
    if room < size * 4.0 {
        return None; // a bar of no length says nothing: the table does
    }
    let origin = left + room * scale.part(0.0);
    let mut marks = Vec::new();
    let mut y = 0.0;
    for row in &rows {
        let lines = ground.wrapped(&row.of.name, names + 0.1);
        let height = (line * many(lines.len())).max(size * 1.5);
        let first = y + (height - line * many(lines.len())) / 2.0;
        for (n, words) in lines.into_iter().enumerate() {
            let y = first + line * many(n) + size;
            let look = if row.whole { Look::Bold } else { Look::Plain };
            marks.push(Mark::Text(Text { x: names, y, words, anchor: Anchor::End, look, upright: false }));
        }
        let (middle, shown) = (y + height / 2.0, cell(row));
        let mut end = origin;
        if let Some(value) = shown.number().filter(|value| value.is_finite() && *value != 0.0) {
            let tip = left + room * scale.part(value);
            let (x, width) = (origin.min(tip), (tip - origin).abs().max(0.5));
            marks.push(Mark::Block {
                x,
                y: middle - size * 0.6,
                width,
                height: size * 1.2,
                series: usize::from(row.whole),
            });
            end = origin.max(tip);
        }
        let look = if shown.number().is_some() { Look::Bold } else { Look::Nothing };
        let (x, y_of_text) = (end + size * 0.4, middle + size * 0.35);
        let words = told::cell(shown);
        marks.push(Mark::Text(Text { x, y: y_of_text, words, anchor: Anchor::Start, look, upright: false }));
        y += height + size * 0.45;
    }
    let height = (y - size * 0.45).max(size);
    marks.push(Mark::Rule { from: (origin, 0.0), to: (origin, height), axis: true });
    let left_out = all.len() - rows.len();
    let note = (left_out > 0).then(|| format!("The largest {} of {} are drawn.", rows.len(), all.len()));
    Some(Picture { width: ground.width, height, size, marks, note })
}

#[cfg(test)]
mod tests {
    use super::super::Measure;
    use super::*;
    use crate::reports::sample;

    struct Even;

    impl Measure for Even {
        fn width(&self, text: &str, size: f64, _: bool) -> f64 {
            many(text.chars().count()) * size / 2.0
        }
    }

    fn drawn(cells: &[Cell]) -> Vec<Mark> {
        let sheet = sample::of_cells(cells);
        let ground = Ground { width: 400.0, size: 10.0, measure: &Even, rows: 14 };
        picture(&sheet, 0, &ground).unwrap().marks
    }

    #[test]
    fn bars_are_as_long_as_what_they_show_and_nothing_has_none() {
        let marks = drawn(&[Cell::Count(40), Cell::Count(20), Cell::Count(0), Cell::Few, Cell::Held]);
        let bars: Vec<f64> = marks
            .iter()
            .filter_map(|mark| if let Mark::Block { width, .. } = mark { Some(*width) } else { None })
            .collect();
        assert_eq!(bars.len(), 2);
        assert!((bars[0] - bars[1] * 2.0).abs() < 0.01, "{bars:?}");
    }

    #[test]
    fn what_is_not_a_number_has_its_own_word_where_its_bar_would_be() {
        let marks = drawn(&sample::EACH_NOTHING);
        let words: Vec<(&str, Look)> = marks
            .iter()
            .filter_map(|mark| match mark {
                Mark::Text(text) if text.anchor == Anchor::Start => Some((text.words.as_str(), text.look)),
                _ => None,
            })
            .collect();
        let expected = ["fewer than 5", "held back", "no base", "not collected", "not applicable"];
        let mut all = vec![("0", Look::Bold)];
        all.extend(expected.map(|word| (word, Look::Nothing)));
        assert_eq!(words, all);
    }
}
