//! Charts as SVG, from templates. The geometry is here; all paint is in the style sheet, by class, so that a chart needs
//! no style of its own and changes with the page: in print, and where people choose their own colours.
//!
//! No chart speaks by colour alone: numbers and names stand at the marks, and series differ by pattern, dash and shape.

use askama::Template;

/// One kind of thing that is counted, with a value for each column.
#[derive(Debug, Clone)]
pub struct Series {
    pub name: String,
    pub values: Vec<u64>,
}

/// A drawing with its words.
#[derive(Debug, Template)]
#[template(path = "ui/chart.html")]
pub struct Chart {
    /// One of its kind on the page.
    id: String,
    title: String,
    /// What a reader takes away from it, in one sentence.
    says: String,
    width: f64,
    height: f64,
    /// Where the axis begins and ends, and how high it lies; none for bars that lie.
    axis: Option<(f64, f64, f64)>,
    ticks: Vec<Text>,
    texts: Vec<Text>,
    boxes: Vec<Block>,
    lines: Vec<Line>,
}

/// Words at a place.
#[derive(Debug)]
struct Text {
    x: f64,
    y: f64,
    words: String,
    class: &'static str,
}

/// A bar, a part of a column, a key to one of them. The series decides how it is painted.
#[derive(Debug)]
struct Block {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    series: usize,
}

/// A line through its marks, which have a shape for each series.
#[derive(Debug)]
struct Line {
    points: String,
    marks: String,
    series: usize,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 300.0;
/// Room for the numbers of the axis.
const LEFT: f64 = 52.0;
/// Room for the names of the columns, in two lines.
const BOTTOM: f64 = 44.0;
/// Room above: for the key, and for the sum over the highest column.
const TOP: f64 = 50.0;
/// How wide a letter is, about.
const LETTER: f64 = 7.0;
/// How many series can be told apart.
pub const SERIES: usize = 3;

/// A bar that lies: its name, its value, the text at its end.
#[derive(Debug, Clone)]
pub struct Bar {
    pub name: String,
    pub value: u64,
    pub text: String,
    /// Whether it stands for several others together: it is painted in another way.
    pub together: bool,
}

/// Bars that lie, one below the other, each under its whole name.
pub fn bars(id: &str, title: &str, says: &str, rows: &[Bar]) -> Chart {
    const ROW: f64 = 48.0;
    const ROOM_FOR_TEXT: f64 = 150.0;
    let longest = rows.iter().map(|bar| bar.value).max().unwrap_or_default().max(1);
    let mut chart = Chart::empty(id, title, says, WIDTH, ROW * number(rows.len()));
    for (n, Bar { name, value, text, together }) in rows.iter().enumerate() {
        let top = ROW * number(n);
        let width = rounded(count(*value) / count(longest) * (WIDTH - ROOM_FOR_TEXT));
        chart.texts.push(Text::new(0.0, top + 16.0, name, "c-text"));
        chart.boxes.push(Block { x: 0.0, y: top + 22.0, width, height: 18.0, series: usize::from(*together) });
        chart.texts.push(Text::new(width + 8.0, top + 36.0, text, "c-text c-bold"));
    }
    chart
}

/// Columns, each of them the series one on the other. A name may have a second line, after a line break.
pub fn columns(id: &str, title: &str, says: &str, names: &[String], series: &[Series]) -> Chart {
    let sums: Vec<u64> = (0..names.len()).map(|n| series.iter().map(|one| one.value(n)).sum()).collect();
    let frame = Frame::new(names.len(), 10.0, TOP, sums.iter().copied().max().unwrap_or_default());
    let mut chart = frame.draw(id, title, says, names);
    if series.len() > 1 {
        chart.add_key(series);
    }
    let width = (frame.slot * 0.62).min(56.0);
    for (n, sum) in sums.iter().enumerate() {
        let middle = frame.middle(n);
        let mut below = 0;
        for (which, one) in series.iter().enumerate() {
            let value = one.value(n);
            if value == 0 {
                continue;
            }
            let (top, bottom) = (frame.y(below + value), frame.y(below));
            below += value;
            let part = Block { x: middle - width / 2.0, y: top, width, height: bottom - top, series: which };
            if part.height >= 18.0 && series.len() > 1 {
                let class = if which == 0 { "c-text c-mid c-in" } else { "c-text c-mid c-halo" };
                chart.texts.push(Text::new(middle, part.y + part.height / 2.0 + 5.0, &value.to_string(), class));
            }
            chart.boxes.push(part.rounded());
        }
        if *sum > 0 {
            chart.texts.push(Text::new(middle, frame.y(*sum) - 6.0, &sum.to_string(), "c-text c-mid c-halo"));
        }
    }
    chart
}

/// Bars that lie, each of them a whole that the series divide: small enough for a phone.
pub fn divided(id: &str, title: &str, says: &str, names: &[String], series: &[Series]) -> Chart {
    const ROW: f64 = 58.0;
    const NARROW: f64 = 320.0;
    let mut chart = Chart::empty(id, title, says, NARROW, 0.0);
    let below = chart.add_key_within(series, NARROW);
    for (n, name) in names.iter().enumerate() {
        let top = below + ROW * number(n);
        let sum: u64 = series.iter().map(|one| one.value(n)).sum();
        chart.texts.push(Text::new(0.0, top + 16.0, name, "c-text"));
        let mut x = 0.0;
        for (which, one) in series.iter().enumerate().filter(|(_, one)| one.value(n) > 0) {
            let width = count(one.value(n)) / count(sum.max(1)) * NARROW;
            let text = one.value(n).to_string();
            if width > LETTER * 2.0 + LETTER * number(text.len()) {
                let class = if which == 0 { "c-text c-mid c-in" } else { "c-text c-mid c-halo" };
                chart.texts.push(Text::new(x + width / 2.0, top + 40.0, &text, class));
            }
            chart.boxes.push(Block { x, y: top + 22.0, width, height: 26.0, series: which }.rounded());
            x += width;
        }
    }
    chart.height = below + ROW * number(names.len());
    chart
}

/// A line for each series, with its name where it ends.
pub fn lines(id: &str, title: &str, says: &str, names: &[String], series: &[Series]) -> Chart {
    const ROOM_FOR_NAMES: f64 = 210.0;
    let highest = series.iter().flat_map(|one| one.values.iter().copied()).max().unwrap_or_default();
    let frame = Frame::new(names.len(), ROOM_FOR_NAMES, 14.0, highest);
    let mut chart = frame.draw(id, title, says, names);
    let mut ends = Vec::new();
    for (which, one) in series.iter().enumerate() {
        let at: Vec<_> = (0..names.len()).map(|n| (frame.middle(n), frame.y(one.value(n)))).collect();
        let points: Vec<_> = at.iter().map(|(x, y)| format!("{},{}", rounded(*x), rounded(*y))).collect();
        let marks = at.iter().map(|(x, y)| mark(*x, *y, which)).collect();
        chart.lines.push(Line { points: points.join(" "), marks, series: which });
        if let Some((x, y)) = at.last() {
            ends.push((*x + 12.0, *y, wrapped(&one.name, 26)));
        }
    }
    chart.add_names(ends);
    chart
}

impl Series {
    fn value(&self, n: usize) -> u64 {
        self.values.get(n).copied().unwrap_or_default()
    }
}

impl Text {
    fn new(x: f64, y: f64, words: &str, class: &'static str) -> Self {
        Self { x: rounded(x), y: rounded(y), words: words.to_owned(), class }
    }
}

impl Block {
    fn rounded(self) -> Self {
        let Self { x, y, width, height, series } = self;
        Self { x: rounded(x), y: rounded(y), width: rounded(width), height: rounded(height), series }
    }
}

impl Chart {
    fn empty(id: &str, title: &str, says: &str, width: f64, height: f64) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            says: says.to_owned(),
            width,
            height,
            axis: None,
            ticks: Vec::new(),
            texts: Vec::new(),
            boxes: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// Whether it is wider than a page: it is then moved sideways, not made smaller than can be read.
    fn wide(&self) -> bool {
        self.width > WIDTH
    }

    fn add_key(&mut self, series: &[Series]) {
        self.add_key_within(series, WIDTH);
    }

    /// In as many lines as it needs; gives back where it ends.
    fn add_key_within(&mut self, series: &[Series], width: f64) -> f64 {
        let (mut x, mut y) = (0.0, 2.0);
        for (which, one) in series.iter().enumerate() {
            let length = 46.0 + LETTER * number(one.name.chars().count());
            if x > 0.0 && x + length > width + 24.0 {
                (x, y) = (0.0, y + 24.0);
            }
            self.boxes.push(Block { x, y, width: 16.0, height: 16.0, series: which });
            self.texts.push(Text::new(x + 22.0, y + 13.0, &one.name, "c-text"));
            x += length;
        }
        y + 28.0
    }

    /// Names where lines end, moved apart where they would lie on each other.
    fn add_names(&mut self, mut ends: Vec<(f64, f64, Vec<String>)>) {
        const LINE: f64 = 16.0;
        ends.sort_by(|a, b| a.1.total_cmp(&b.1));
        let needed = |from: usize, ends: &[(f64, f64, Vec<String>)]| -> f64 {
            ends[from..].iter().map(|(.., text)| LINE * number(text.len()) + 4.0).sum()
        };
        let mut free = 4.0;
        for n in 0..ends.len() {
            let latest = HEIGHT - BOTTOM + 10.0 - needed(n, &ends);
            let (x, y, text) = &ends[n];
            let mut top = (y - LINE * number(text.len()) / 2.0).min(latest).max(free);
            for line in text {
                self.texts.push(Text::new(*x, top + 13.0, line, "c-text c-bold"));
                top += LINE;
            }
            free = top + 4.0;
        }
    }
}

/// The axes of a chart with columns.
struct Frame {
    width: f64,
    right: f64,
    room_above: f64,
    /// What one column has to itself.
    slot: f64,
    step: u64,
    top: u64,
}

impl Frame {
    fn new(columns: usize, room_at_right: f64, room_above: f64, highest: u64) -> Self {
        let columns = number(columns.max(1));
        let width = WIDTH.max(LEFT + columns * 44.0 + room_at_right);
        let right = width - room_at_right;
        let step = step(highest);
        let slot = (right - LEFT) / columns;
        Self { width, right, room_above, slot, step, top: highest.max(1).div_ceil(step) * step }
    }

    fn y(&self, value: u64) -> f64 {
        let base = HEIGHT - BOTTOM;
        base - count(value) / count(self.top) * (base - self.room_above)
    }

    fn middle(&self, n: usize) -> f64 {
        LEFT + self.slot * (number(n) + 0.5)
    }

    fn draw(&self, id: &str, title: &str, says: &str, names: &[String]) -> Chart {
        let mut chart = Chart::empty(id, title, says, self.width, HEIGHT);
        let base = HEIGHT - BOTTOM;
        chart.axis = Some((LEFT, self.right, base));
        for n in 0..=self.top / self.step {
            let value = n * self.step;
            chart.ticks.push(Text::new(LEFT, self.y(value), &value.to_string(), ""));
        }
        for (n, name) in names.iter().enumerate() {
            for (line, text) in name.lines().enumerate() {
                let y = base + 18.0 + 16.0 * number(line);
                chart.texts.push(Text::new(self.middle(n), y, text, "c-text c-mid"));
            }
        }
        chart
    }
}

/// The smallest of 1, 2, 5 times a power of ten that reaches the top in at most five steps.
fn step(top: u64) -> u64 {
    let mut ten = 1;
    loop {
        if let Some(step) = [1, 2, 5].into_iter().map(|n| n * ten).find(|step| top <= step * 5) {
            return step;
        }
        ten *= 10;
    }
}

/// The mark of a series: a disc, a square, a triangle. As a path, for they are drawn alike.
fn mark(x: f64, y: f64, series: usize) -> String {
    let (x, y) = (rounded(x), rounded(y));
    match series {
        0 => format!("M{x} {y}m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z"),
        1 => format!("M{x} {y}m-4 -4h8v8h-8z"),
        _ => format!("M{x} {y}m0 -5.5l5.5 9.5h-11z"),
    }
}

/// Broken between words into lines of about that many letters.
fn wrapped(text: &str, letters: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < letters => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn count(n: u64) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

fn number(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

/// A tenth of a point is finer than anybody sees.
fn rounded(length: f64) -> f64 {
    (length * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn series(name: &str, values: &[u64]) -> Series {
        Series { name: name.to_owned(), values: values.to_vec() }
    }

    fn names(n: usize) -> Vec<String> {
        (1..=n).map(|n| format!("M{n}\n2026")).collect()
    }

    #[rstest]
    #[case(0, 1)]
    #[case(5, 1)]
    #[case(6, 2)]
    #[case(11, 5)]
    #[case(26, 10)]
    #[case(499, 100)]
    #[case(501, 200)]
    fn an_axis_has_round_steps_and_at_most_five(#[case] top: u64, #[case] expected: u64) {
        assert_eq!(step(top), expected);
    }

    #[test]
    fn bars_are_as_long_as_what_they_show() {
        let row = |name: &str, value: u64| Bar { name: name.into(), value, text: value.to_string(), together: false };
        let chart = bars("x", "t", "s", &[row("all", 40), row("half", 20), row("none", 0)]);
        let widths: Vec<f64> = chart.boxes.iter().map(|bar| bar.width).collect();
        assert_eq!(widths, [570.0, 285.0, 0.0]);
    }

    #[test]
    fn the_parts_of_a_column_lie_on_each_other_without_a_gap() {
        let chart = columns("x", "t", "s", &names(2), &[series("a", &[3, 0]), series("b", &[2, 4])]);
        let parts: Vec<_> = chart.boxes.iter().filter(|part| part.y > TOP - 1.0).collect();
        assert_eq!(parts.len(), 3);
        assert!((parts[0].y + parts[0].height - (HEIGHT - BOTTOM)).abs() < 0.2);
        assert!((parts[1].y + parts[1].height - parts[0].y).abs() < 0.2);
    }

    #[test]
    fn the_parts_of_a_whole_fill_it() {
        let chart =
            divided("x", "t", "s", &names(2), &[series("a", &[3, 0]), series("b", &[1, 4]), series("c", &[0, 0])]);
        let parts: Vec<_> =
            chart.boxes.iter().filter(|part| part.height > 20.0).map(|part| (part.x, part.width)).collect();
        assert_eq!(parts, [(0.0, 240.0), (240.0, 80.0), (0.0, 320.0)]);
    }

    #[test]
    fn every_number_can_be_read_without_colour() {
        let chart = columns("x", "t", "s", &names(1), &[series("a", &[30]), series("b", &[20])]).render().unwrap();
        for text in [">30<", ">20<", ">50<", ">a<", ">b<"] {
            assert!(chart.contains(text), "{text} is not in {chart}");
        }
    }

    #[test]
    fn names_at_the_ends_of_lines_do_not_lie_on_each_other() {
        let long = "Disability or access needs cannot be met";
        let all: Vec<_> = (0..3).map(|_| series(long, &[1, 1, 1])).collect();
        let chart = lines("x", "t", "s", &names(3), &all);
        let mut ys: Vec<f64> =
            chart.texts.iter().filter(|text| text.class == "c-text c-bold").map(|text| text.y).collect();
        ys.sort_by(f64::total_cmp);
        assert_eq!(ys.len(), 6);
        assert!(ys.windows(2).all(|pair| pair[1] - pair[0] >= 16.0), "{ys:?}");
        assert!(ys.last().is_some_and(|y| *y <= HEIGHT - BOTTOM + 10.0), "{ys:?}");
    }

    #[test]
    fn a_chart_has_a_name_and_a_sentence_for_who_cannot_see_it() {
        let chart = bars("why", "Why <b>", "Forty of 96.", &[]).render().unwrap();
        assert!(chart.contains("role=\"img\" aria-labelledby=\"why-title why-says\""), "{chart}");
        assert!(chart.contains("<desc id=\"why-says\">Forty of 96.</desc>") && !chart.contains("<b>"), "{chart}");
        assert!(!chart.contains("style="), "{chart}");
    }
}
