//! Tables of figures: one for each theme, one for each breakdown, and the months.

use std::cmp::Reverse;

use chrono::{Datelike, NaiveDate};

use super::of;
use crate::domain::measures::catalogue::Unit;
use crate::domain::measures::{
    Breakdown, Code, Counts, Dimension, Figure, Kind, Measure, Side, Tally, Theme, change, percent,
};
use crate::reports::book::{Cell, Drawn, Named, Row, Sheet};
use crate::reports::figures::{hundredths, sentence};
use crate::reports::names::{Names, about, by, heading, unit};

/// What the tables are made from.
pub(super) struct Told<'a> {
    pub side: Side,
    pub measured: &'a [Measure],
    pub before: &'a [Measure],
    pub names: &'a Names<'a>,
}

fn named(code: &str, name: impl Into<String>) -> Named {
    Named { code: code.to_owned(), name: name.into() }
}

impl Told<'_> {
    /// Those of each theme that this side has: the key figures first, then what they are broken down into.
    pub fn sheets(&self) -> Vec<Sheet> {
        let mut sheets = Vec::new();
        for theme in Theme::ALL {
            let codes: Vec<Code> = Code::ALL.iter().copied().filter(|code| code.definition().theme == *theme).collect();
            if !codes.iter().any(|code| self.has(*code)) {
                continue;
            }
            sheets.push(self.theme(*theme, &codes));
            for measure in codes.iter().filter_map(|code| of(self.measured, *code)) {
                let filled = measure.breakdowns.iter().filter(|breakdown| !breakdown.rows.is_empty());
                sheets.extend(filled.map(|breakdown| self.breakdown(measure, breakdown)));
            }
        }
        sheets
    }

    fn has(&self, code: Code) -> bool {
        code.definition().sides.contains(&self.side)
    }

    pub fn sentence(&self, code: Code) -> Option<String> {
        sentence(of(self.measured, code)?, of(self.before, code))
    }

    /// "The commonest main reason was …".
    pub fn commonest(&self, code: Code, dimension: &str) -> Option<String> {
        let measure = of(self.measured, code)?;
        let breakdown = measure.breakdowns.iter().find(|breakdown| breakdown.by == dimension)?;
        self.most(measure, breakdown)
    }

    fn theme(&self, theme: Theme, codes: &[Code]) -> Sheet {
        let definitions: Vec<_> = codes.iter().map(|code| code.definition()).collect();
        let mut caveats: Vec<String> = Vec::new();
        let mut add = |caveat: String| {
            if !caveats.contains(&caveat) {
                caveats.push(caveat);
            }
        };
        for (code, definition) in codes.iter().zip(&definitions).filter(|(code, _)| self.has(**code)) {
            definition.caveats.iter().for_each(|caveat| add((*caveat).to_owned()));
            let note = of(self.measured, *code).and_then(|measure| measure.note.as_ref());
            note.map(|note| self.names.in_words(note)).into_iter().for_each(&mut add);
        }
        add("“Change” is said of numbers, in every hundred of the period before. “Difference” is said of shares and times: in percentage points, days or minutes.".to_owned());
        let distinct = |words: Vec<String>| {
            let mut seen: Vec<String> = Vec::new();
            for word in words {
                if !seen.contains(&word) {
                    seen.push(word);
                }
            }
            seen.join("; ")
        };
        Sheet {
            of: named(theme.as_str(), heading(theme)),
            counts: about(theme).to_owned(),
            unit: distinct(definitions.iter().map(|definition| unit(definition.unit).to_owned()).collect()),
            source: distinct(definitions.iter().map(|definition| definition.source.to_owned()).collect()),
            caveats,
            says: codes.iter().filter_map(|code| self.sentence(*code)).take(4).collect(),
            rows_are: named("measure", "Measure"),
            columns: vec![
                named("this_period", "This period"),
                named("period_before", "Period before"),
                named("change", "Change (%)"),
                named("difference", "Difference"),
                named("not_known", "Not known of"),
            ],
            rows: codes.iter().map(|code| self.row(*code)).collect(),
            chart: None,
        }
    }

    fn row(&self, code: Code) -> Row {
        let definition = code.definition();
        let cells = match (self.has(code), of(self.measured, code)) {
            (false, _) => vec![Cell::NotApplicable; 5],
            (true, None) => vec![Cell::NotCollected; 5],
            (true, Some(measure)) => {
                let before = of(self.before, code).map_or(Figure::default(), |before| before.figure);
                let (change, difference) = compared(measure.kind, &measure.figure, &before);
                let unknown = measure.unknown.map_or(Cell::NotApplicable, Cell::Count);
                vec![cell(measure.kind, &measure.figure), cell(measure.kind, &before), change, difference, unknown]
            }
        };
        Row { of: named(code.as_str(), definition.title), cells, whole: false }
    }

    fn breakdown(&self, measure: &Measure, breakdown: &Breakdown) -> Sheet {
        let definition = measure.code.definition();
        let name = by(&breakdown.by);
        let whole = measure.figure.value.map_or(0, |value| hundredths(value) / 100);
        let sum: u64 = breakdown.rows.iter().map(|row| number(&row.figure)).sum();
        let divided = measure.kind == Kind::Count && whole > 0 && sum == whole;
        let mut columns = vec![named("value", if measure.kind == Kind::Count { "Number" } else { "Value" })];
        if divided {
            columns.push(named("share", "Share"));
        } else if measure.kind == Kind::Percent {
            columns.extend([named("part", "Part"), named("of", "Of")]);
        }
        let mut rows: Vec<Row> = breakdown
            .rows
            .iter()
            .map(|row| {
                let mut cells = vec![cell(measure.kind, &row.figure)];
                if divided {
                    cells.push(percent(number(&row.figure), whole).map_or(Cell::NoBase, Cell::Percent));
                } else if measure.kind == Kind::Percent {
                    cells.extend([row.figure.numerator, row.figure.denominator].map(|n| base(definition.unit, n)));
                }
                let name = self.names.name(&breakdown.by, row.of.as_deref());
                Row { of: named(row.of.as_deref().unwrap_or("not_known"), name), cells, whole: false }
            })
            .collect();
        if !IN_ORDER.contains(&breakdown.by.as_str()) {
            rows.sort_by_key(|row| Reverse(row.cells[0].number().map_or(0, hundredths)));
        }
        let drawn = DRAWN.contains(&breakdown.by.as_str()) && rows.len() > 1;
        if divided {
            let cells = vec![Cell::Count(whole), Cell::Percent(100.0)];
            rows.push(Row { of: named("all", "All"), cells, whole: true });
        }
        Sheet {
            of: named(
                &format!("{}_by_{}", measure.code.as_str(), breakdown.by),
                format!("{}: {}", definition.title, name.to_lowercase()),
            ),
            counts: definition.counts.to_owned(),
            unit: unit(definition.unit).to_owned(),
            source: definition.source.to_owned(),
            caveats: definition.caveats.iter().map(|caveat| (*caveat).to_owned()).collect(),
            says: self.most(measure, breakdown).into_iter().collect(),
            rows_are: named(&breakdown.by, name),
            columns,
            rows,
            chart: drawn.then_some(Drawn::Bars { column: 0 }),
        }
    }

    /// Which is the most, if that is one.
    fn most(&self, measure: &Measure, breakdown: &Breakdown) -> Option<String> {
        let most = breakdown.rows.iter().map(|row| number(&row.figure)).max().filter(|most| *most > 0)?;
        let mut commonest = breakdown.rows.iter().filter(|row| number(&row.figure) == most);
        let (one, other) = (commonest.next()?, commonest.next());
        if measure.kind != Kind::Count || other.is_some() {
            return None;
        }
        let name = self.names.name(&breakdown.by, one.of.as_deref());
        let title = measure.code.definition().title;
        Some(format!("{title}: the most were “{name}”, {most}."))
    }
}

/// Values that have an order of their own.
const IN_ORDER: [&str; 4] = ["age", "months", "stage", "risk_band"];
/// What is told better by a picture.
const DRAWN: [&str; 7] =
    ["reason", "what_happened_next", "destination", "outcome", "void_reason", "origin_area", "stage"];

/// How many, of a figure that is a number.
fn number(figure: &Figure) -> u64 {
    figure.value.map_or(0, |value| (hundredths(value) + 50) / 100)
}

fn cell(kind: Kind, figure: &Figure) -> Cell {
    let Some(value) = figure.value else { return Cell::NoBase };
    match kind {
        Kind::Count => Cell::Count(number(figure)),
        Kind::Percent => Cell::Percent(value),
        Kind::Days => Cell::Days(value),
        Kind::Minutes => Cell::Minutes(value),
        Kind::Money => Cell::Money(value),
        Kind::Per10000 => Cell::Per10000(value),
    }
}

/// What a share was worked out from: days of homes are counted in seconds.
fn base(unit: Unit, of: Option<u64>) -> Cell {
    match (unit, of) {
        (_, None) => Cell::NoBase,
        (Unit::UnitDay, Some(seconds)) => cell(Kind::Days, &Figure::days(seconds)),
        (_, Some(number)) => Cell::Count(number),
    }
}

/// How a figure stands to that of the period before: the change of a number in every hundred, the difference of anything
/// else.
fn compared(kind: Kind, now: &Figure, before: &Figure) -> (Cell, Cell) {
    let both = now.value.zip(before.value);
    match kind {
        Kind::Count | Kind::Money => {
            let change = both.and_then(|(now, before)| change(hundredths(before), hundredths(now)));
            (change.map_or(Cell::NoBase, Cell::Percent), Cell::NotApplicable)
        }
        _ => {
            let difference = both.map(|(now, before)| ((now - before) * 100.0).round() / 100.0);
            let figure = Figure { value: difference, ..Figure::default() };
            (Cell::NotApplicable, cell(kind, &figure))
        }
    }
}

/// What is counted by month.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Months {
    Referrals,
    Households,
}

impl Months {
    /// What became of them in each month from one day to another; none where there is one month only, which the other
    /// tables tell.
    pub fn sheet(self, tally: &Tally, from: NaiveDate, to: NaiveDate) -> Option<Sheet> {
        let counts = |month: &str| {
            let of_month = |cell: &&crate::domain::measures::Cell| {
                cell.by.get(Dimension::Month.as_str()).and_then(Option::as_deref) == Some(month)
            };
            tally.cells.iter().find(of_month).map(|cell| cell.counts).unwrap_or_default()
        };
        let firsts = from.with_day(1)?.iter_days().take_while(|day| *day <= to).filter(|day| day.day() == 1);
        let mut rows: Vec<Row> = firsts
            .map(|first| {
                let month = first.format("%Y-%m").to_string();
                let cells = self.cells(counts(&month));
                Row { of: named(&month, first.format("%B %Y").to_string()), cells, whole: false }
            })
            .collect();
        if rows.len() < 2 {
            return None;
        }
        rows.push(Row { of: named("all", "All"), cells: self.cells(tally.counts), whole: true });
        let (code, name, definition) = match self {
            Self::Referrals => ("referrals_by_month", "Referrals by month", Code::ReferralsDenied.definition()),
            Self::Households => ("households_by_month", "Households by month", Code::HouseholdsUnable.definition()),
        };
        let what = if self == Self::Referrals { "referrals sent" } else { "cases closed" };
        Some(Sheet {
            of: named(code, name),
            counts: format!("What became of {what} in each month."),
            unit: unit(definition.unit).to_owned(),
            source: definition.source.to_owned(),
            caveats: definition.caveats.iter().map(|caveat| (*caveat).to_owned()).collect(),
            says: Vec::new(),
            rows_are: named("month", "Month"),
            columns: vec![
                named("denied", "No place"),
                named("placed", "Placed"),
                named("safe_at_home", "Made safe at home"),
                named("open", "Still open"),
                named("denied_percent", "Share without a place"),
            ],
            rows,
            chart: Some(Drawn::Columns { columns: vec![0, 1] }),
        })
    }

    fn cells(self, counts: Counts) -> Vec<Cell> {
        let Counts { placed, safe_at_home, denied, open, .. } = counts;
        let safe = if self == Self::Households { Cell::Count(safe_at_home) } else { Cell::NotApplicable };
        let share = counts.denied_percent().map_or(Cell::NoBase, Cell::Percent);
        vec![Cell::Count(denied), Cell::Count(placed), safe, Cell::Count(open), share]
    }
}
