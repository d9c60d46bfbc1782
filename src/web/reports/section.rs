//! One way of counting on the page: its sentence, its charts, and the tables behind them.

use std::collections::BTreeMap;

use super::figures::{BREAKDOWNS, Labels, of_denials, ranked, sums};
use super::period::Asked;
use crate::domain::measures::{Cell, Counts, Dimension, Tally};
use crate::web::chart::{self, Chart, SERIES};
use crate::web::words::percent;

/// Above this many months, the columns are financial years.
const MONTHS: usize = 24;

/// So many bars stand in one chart.
const BARS: usize = 10;

/// The figures of one way of counting.
pub struct Section {
    pub id: &'static str,
    pub heading: &'static str,
    /// What is counted here.
    pub about: String,
    pub sentence: String,
    pub counts: Counts,
    pub figures: Vec<Figure>,
    /// Why there is no breakdown.
    pub no_breakdown: Option<String>,
    /// Reasons given beside the primary one.
    pub secondary: Vec<(String, u64)>,
}

/// A chart, the sentence over it, and the table behind it.
pub struct Figure {
    pub id: String,
    pub heading: String,
    pub says: String,
    pub chart: Chart,
    pub table: Table,
    /// Where to look closer.
    pub closer: Vec<(String, String)>,
}

/// Numbers that add up to the last row.
pub struct Table {
    pub caption: String,
    pub head: Vec<String>,
    pub rows: Vec<Row>,
    pub sum: Vec<String>,
}

pub struct Row {
    pub name: String,
    /// Where to look closer.
    pub href: Option<String>,
    pub cells: Vec<String>,
}

/// The words of one way of counting.
#[derive(Clone, Copy)]
struct Words {
    id: &'static str,
    one: &'static str,
    many: &'static str,
    ended: &'static str,
    denied: &'static str,
    area: &'static str,
}

const REFERRALS: Words = Words {
    id: "referrals",
    one: "referral",
    many: "referrals",
    ended: "that ended",
    denied: "did not lead to a place",
    area: "area of the service",
};

const HOUSEHOLDS: Words = Words {
    id: "households",
    one: "household",
    many: "households",
    ended: "whose case was closed",
    denied: "did not get a place",
    area: "area that the household comes from",
};

impl Section {
    pub fn referrals(
        whose: &str,
        tally: &Tally,
        secondary: &BTreeMap<String, u64>,
        asked: &Asked,
        labels: &Labels,
    ) -> Self {
        let about = format!("This counts {whose} that were sent in this time. One household can have several.");
        Self::new(REFERRALS, "Counted by referral", about, tally, secondary, asked, labels)
    }

    pub fn households(tally: &Tally, secondary: &BTreeMap<String, u64>, asked: &Asked, labels: &Labels) -> Self {
        let about = "This counts each household once, in the month when its case was closed. One without a place is a \
                     “household unable to be supported” in the national return.";
        Self::new(HOUSEHOLDS, "Counted by household", about.into(), tally, secondary, asked, labels)
    }

    fn new(
        words: Words,
        heading: &'static str,
        about: String,
        tally: &Tally,
        secondary: &BTreeMap<String, u64>,
        asked: &Asked,
        labels: &Labels,
    ) -> Self {
        let cells: Vec<&Cell> = match &asked.reason {
            None => tally.cells.iter().collect(),
            Some(only) => tally.cells.iter().filter(|cell| reason(cell) == Some(only)).collect(),
        };
        let mut counts = Counts::default();
        cells.iter().for_each(|cell| counts += cell.counts);
        let drawing = Drawing { words, cells: &cells, counts, asked, labels };
        let reasons = ranked(cells.iter().copied().filter(|cell| cell.counts.denied > 0), Dimension::Reason, labels);
        let mut figures = Vec::new();
        if counts.denied > 0 && asked.reason.is_none() {
            figures.push(drawing.reasons(&reasons));
        }
        if counts.total > 0 {
            figures.push(drawing.months());
            figures.extend(drawing.lines(&reasons));
            figures.extend(drawing.breakdown());
        }
        let name = BREAKDOWNS.iter().find(|(by, _)| *by == asked.by).map_or("", |(_, name)| name);
        let no_breakdown = (!drawing.applies() && counts.total > 0)
            .then(|| format!("“{name}” cannot be said of {}: it is left out here.", words.many));
        let secondary = secondary
            .iter()
            .filter(|_| asked.reason.is_none())
            .map(|(code, n)| (labels.name(Dimension::Reason, Some(code)), *n));
        let mut secondary: Vec<_> = secondary.collect();
        secondary.sort_by(|(a, one), (b, two)| two.cmp(one).then_with(|| a.cmp(b)));
        let sentence = match &asked.reason {
            None => sentence(words, counts, &reasons),
            Some(_) => {
                let all = tally.counts.denied;
                let many = plural(words, all);
                format!(
                    "{} of {all} {many} that {} had this main reason ({}).",
                    counts.denied,
                    words.denied,
                    percent(counts.denied, all)
                )
            }
        };
        Self { id: words.id, heading, about, sentence, counts, figures, no_breakdown, secondary }
    }
}

fn reason(cell: &Cell) -> Option<&String> {
    cell.by.get(Dimension::Reason.as_str()).and_then(Option::as_ref)
}

fn plural(words: Words, n: u64) -> &'static str {
    if n == 1 { words.one } else { words.many }
}

type Ranked = [(Option<String>, String, Counts)];

fn sentence(words: Words, counts: Counts, reasons: &Ranked) -> String {
    let Counts { total, placed, denied, open } = counts;
    let ended = placed + denied;
    let still = match open {
        0 => String::new(),
        1 => " 1 more is still open.".into(),
        _ => format!(" {open} more are still open."),
    };
    if total == 0 {
        return format!("There were no {} in this time.", words.many);
    }
    if ended == 0 {
        return format!("None has ended yet.{still}");
    }
    let many = plural(words, ended);
    let first = format!(
        "Of {ended} {many} {}, {denied} ({}) {}.",
        words.ended,
        percent(denied, ended),
        words.denied
    );
    let most = reasons.first().map_or(0, |(.., counts)| counts.denied);
    let commonest: Vec<_> = reasons.iter().filter(|(.., counts)| counts.denied == most).collect();
    let why = match commonest.as_slice() {
        [] => String::new(),
        [(_, name, _)] => format!(" The commonest main reason was “{name}”: {most} of {denied}."),
        [(_, one, _), (_, two, _)] => {
            format!(" The commonest main reasons were “{one}” and “{two}”: {most} of {denied} each.")
        }
        several => format!(" {} main reasons were equally common: {most} of {denied} each.", several.len()),
    };
    format!("{first}{why}{still}")
}

/// What the figures of one section are drawn from.
struct Drawing<'a> {
    words: Words,
    cells: &'a [&'a Cell],
    counts: Counts,
    asked: &'a Asked,
    labels: &'a Labels,
}

impl Drawing<'_> {
    fn figure(&self, part: &str, heading: &str, says: String, chart: Chart, table: Table) -> Figure {
        let id = format!("{}-{part}", self.words.id);
        Figure { id, heading: heading.into(), says, chart, table, closer: Vec::new() }
    }

    fn id(&self, part: &str) -> String {
        format!("{}-{part}-chart", self.words.id)
    }

    fn reasons(&self, reasons: &Ranked) -> Figure {
        let denied = self.counts.denied;
        let says = reasons.first().map_or_else(String::new, |(_, name, counts)| {
            format!("{name}: {} of the {denied} that {}.", counts.denied, self.words.denied)
        });
        let title = format!("Main reasons why {} {}", self.words.many, self.words.denied);
        let text = |n: u64| format!("{n} ({})", percent(n, denied));
        let bars = reasons.iter().map(|(_, name, counts)| (name.clone(), counts.denied, text(counts.denied)));
        let bars = shortened(bars.collect(), "other reasons together: see the table", text);
        let closer = |code: &Option<String>| code.as_ref().map(|code| self.closer(code));
        let rows = reasons.iter().map(|(code, name, counts)| Row {
            name: name.clone(),
            href: closer(code),
            cells: vec![counts.denied.to_string(), percent(counts.denied, denied)],
        });
        let table = Table {
            caption: title.clone(),
            head: vec!["Main reason".into(), "How many".into(), "Share".into()],
            rows: rows.collect(),
            sum: vec![denied.to_string(), percent(denied, denied)],
        };
        let chart = chart::bars(&self.id("reasons"), &title, &says, &bars);
        let mut figure = self.figure("reasons", "By main reason", says, chart, table);
        let links = reasons.iter().filter_map(|(code, name, _)| Some((name.clone(), closer(code)?)));
        figure.closer = links.take(5).collect();
        figure
    }

    fn closer(&self, reason: &str) -> String {
        Asked { reason: Some(reason.to_owned()), ..self.asked.clone() }.link()
    }

    /// The columns of the time: their names, and which one a month is in.
    fn time(&self) -> (Vec<String>, BTreeMap<String, usize>, &'static str) {
        let months = self.asked.months();
        let yearly = months.len() > MONTHS;
        let (mut names, mut place): (Vec<String>, _) = (Vec::new(), BTreeMap::new());
        for (year, month) in months {
            let name = if yearly {
                let first = if month < 4 { year - 1 } else { year };
                format!("{first}\nto {}", first + 1)
            } else {
                format!("{}\n{year}", short(month))
            };
            if names.last() != Some(&name) {
                names.push(name);
            }
            place.insert(format!("{year}-{month:02}"), names.len() - 1);
        }
        (names, place, if yearly { "financial year" } else { "month" })
    }

    /// The counts of each column of the time.
    fn in_time(&self, cells: &[&Cell], columns: usize, place: &BTreeMap<String, usize>) -> Vec<Counts> {
        let mut counts = vec![Counts::default(); columns];
        for (month, sum) in sums(cells.iter().copied(), Dimension::Month) {
            let column = month.and_then(|month| place.get(&month)).and_then(|column| counts.get_mut(*column));
            if let Some(column) = column {
                *column += sum;
            }
        }
        counts
    }

    fn months(&self) -> Figure {
        let (names, place, each) = self.time();
        let counts = self.in_time(self.cells, names.len(), &place);
        let all = self.asked.reason.is_none();
        let mut series = vec![self.series("No place", &counts, |c| c.denied)];
        if all {
            series.push(self.series("Placed", &counts, |c| c.placed));
            if self.counts.open > 0 {
                series.push(self.series("Still open", &counts, |c| c.open));
            }
        }
        let title = format!("What became of {}, by {each}", self.words.many);
        let most = counts.iter().zip(&names).rev().max_by_key(|(c, _)| c.denied);
        let says = match most {
            Some((c, name)) if c.denied > 0 && names.len() > 1 => {
                format!("The highest number without a place was {} in {}.", c.denied, spoken(name))
            }
            _ => format!("{} without a place in this time.", self.counts.denied),
        };
        let chart = chart::columns(&self.id("months"), &title, &says, &names, &series);
        let rows = names.iter().zip(&counts).map(|(name, c)| Row { name: spoken(name), href: None, cells: self.row(*c) });
        let table =
            Table { caption: title, head: self.head(&capital(each)), rows: rows.collect(), sum: self.row(self.counts) };
        self.figure("months", &format!("By {each}"), says, chart, table)
    }

    fn series(&self, name: &str, counts: &[Counts], of: fn(&Counts) -> u64) -> chart::Series {
        chart::Series { name: name.into(), values: counts.iter().map(of).collect() }
    }

    /// The commonest reasons as they come and go.
    fn lines(&self, reasons: &Ranked) -> Option<Figure> {
        let (names, place, each) = self.time();
        if names.len() < 3 || reasons.len() < 2 || self.asked.reason.is_some() {
            return None;
        }
        let of_reason = |code: &Option<String>| {
            let cells: Vec<&Cell> = self.cells.iter().copied().filter(|cell| reason(cell) == code.as_ref()).collect();
            self.in_time(&cells, names.len(), &place)
        };
        let shown: Vec<_> = reasons.iter().take(SERIES).collect();
        let series: Vec<_> =
            shown.iter().map(|(code, name, _)| self.series(name, &of_reason(code), |c| c.denied)).collect();
        let title = format!("The commonest main reasons why {} {}, by {each}", self.words.many, self.words.denied);
        let says = format!("How often the {} commonest main reasons were given in each {each}.", words_of(shown.len()));
        let chart = chart::lines(&self.id("lines"), &title, &says, &names, &series);
        let rows = names.iter().enumerate().map(|(n, name)| Row {
            name: spoken(name),
            href: None,
            cells: series.iter().map(|one| one.values[n].to_string()).collect(),
        });
        let head = std::iter::once(capital(each)).chain(series.iter().map(|one| one.name.clone())).collect();
        let sum = series.iter().map(|one| one.values.iter().sum::<u64>().to_string()).collect();
        let table = Table { caption: title, head, rows: rows.collect(), sum };
        Some(self.figure("lines", "How reasons changed", says, chart, table))
    }

    /// Whether what is counted here has a value in the dimension that was chosen.
    fn applies(&self) -> bool {
        match self.asked.by {
            Dimension::Service | Dimension::AccommodationType => self.words.id == REFERRALS.id,
            Dimension::WhatHappenedNext => self.words.id == HOUSEHOLDS.id,
            _ => true,
        }
    }

    fn breakdown(&self) -> Option<Figure> {
        let by = self.asked.by;
        if !self.applies() || (of_denials(by) && self.counts.denied == 0) {
            return None;
        }
        // Of a dimension that only denials have, what was placed is no part.
        let denials = of_denials(by) || self.asked.reason.is_some();
        let cells = self.cells.iter().copied().filter(|cell| !denials || cell.counts.denied > 0);
        let rows = ranked(cells, by, self.labels);
        let denied = self.counts.denied;
        let name = match by {
            Dimension::Area => self.words.area.to_owned(),
            _ => BREAKDOWNS.iter().find(|(known, _)| *known == by).map_or_else(String::new, |(_, name)| spelled(name)),
        };
        let title = format!("How many {} that {}, by {name}", self.words.many, self.words.denied);
        let says = match rows.first() {
            Some((_, first, counts)) if counts.denied > 0 => {
                format!("The highest number is for {first}: {} of {denied}.", counts.denied)
            }
            _ => "Everything that ended led to a place.".into(),
        };
        let text = |c: &Counts| {
            if denials {
                format!("{} ({})", c.denied, percent(c.denied, denied))
            } else {
                format!("{} of {} ({})", c.denied, c.placed + c.denied, percent(c.denied, c.placed + c.denied))
            }
        };
        let bars: Vec<_> = rows.iter().map(|(_, name, c)| (name.clone(), c.denied, text(c))).collect();
        let bars = shortened(bars, "others together: see the table", |n| format!("{n} ({})", percent(n, denied)));
        let row = |c: Counts| {
            if denials { vec![c.denied.to_string(), percent(c.denied, denied)] } else { self.row(c) }
        };
        let head =
            if denials { vec![capital(&name), "How many".into(), "Share".into()] } else { self.head(&capital(&name)) };
        let listed = rows.iter().map(|(_, name, c)| Row { name: name.clone(), href: None, cells: row(*c) });
        let table = Table { caption: title.clone(), head, rows: listed.collect(), sum: row(self.counts) };
        let chart = chart::bars(&self.id("breakdown"), &title, &says, &bars);
        Some(self.figure("breakdown", &format!("By {name}"), says, chart, table))
    }

    fn head(&self, first: &str) -> Vec<String> {
        let open = self.words.id == REFERRALS.id && self.asked.reason.is_none();
        let names: &[&str] = match (&self.asked.reason, open) {
            (Some(_), _) => &["No place"],
            (None, true) => &["All", "Placed", "No place", "Still open", "No place, of those that ended"],
            (None, false) => &["All", "Placed", "No place", "Share without a place"],
        };
        std::iter::once(first).chain(names.iter().copied()).map(str::to_owned).collect()
    }

    fn row(&self, c: Counts) -> Vec<String> {
        let share = percent(c.denied, c.placed + c.denied);
        let open = self.words.id == REFERRALS.id;
        match (&self.asked.reason, open) {
            (Some(_), _) => vec![c.denied.to_string()],
            (None, true) => {
                vec![c.total.to_string(), c.placed.to_string(), c.denied.to_string(), c.open.to_string(), share]
            }
            (None, false) => vec![c.total.to_string(), c.placed.to_string(), c.denied.to_string(), share],
        }
    }
}

/// The first of many bars, and one for the rest: what is rare is for the table.
fn shortened(
    mut bars: Vec<(String, u64, String)>,
    rest: &str,
    text: impl Fn(u64) -> String,
) -> Vec<(String, u64, String)> {
    if bars.len() <= BARS {
        return bars;
    }
    let others = bars.split_off(BARS - 1);
    let sum = others.iter().map(|(_, value, _)| value).sum();
    if sum > 0 {
        bars.push((format!("{} {rest}", others.len()), sum, text(sum)));
    }
    bars
}

fn short(month: u32) -> &'static str {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let place = usize::try_from(month).unwrap_or_default().wrapping_sub(1);
    MONTHS.get(place).copied().unwrap_or_default()
}

/// The name of a column in one line.
fn spoken(name: &str) -> String {
    name.replace('\n', " ")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// As it stands inside a sentence; names keep their capital letters.
fn spelled(name: &str) -> String {
    if name.starts_with("Women") { name.to_owned() } else { name.to_lowercase() }
}

fn words_of(n: usize) -> &'static str {
    match n {
        2 => "two",
        _ => "three",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(placed: u64, denied: u64, open: u64) -> Counts {
        Counts { total: placed + denied + open, placed, denied, open }
    }

    fn reasons(of: &[(&str, u64)]) -> Vec<(Option<String>, String, Counts)> {
        of.iter().map(|(name, n)| (None, (*name).to_owned(), counts(0, *n, 0))).collect()
    }

    #[test]
    fn a_layperson_reads_one_sentence() {
        let said = sentence(REFERRALS, counts(24, 96, 3), &reasons(&[("No space", 40), ("No pets", 12)]));
        let expected = "Of 120 referrals that ended, 96 (80%) did not lead to a place. The commonest main reason was “No \
                        space”: 40 of 96. 3 more are still open.";
        assert_eq!(said, expected);
        let tie = sentence(HOUSEHOLDS, counts(1, 4, 0), &reasons(&[("A", 2), ("B", 2)]));
        assert_eq!(
            tie,
            "Of 5 households whose case was closed, 4 (80%) did not get a place. The commonest main reasons were “A” and \
             “B”: 2 of 4 each."
        );
    }

    #[test]
    fn what_is_rare_is_drawn_together_and_lost_nowhere() {
        let bars: Vec<_> = (0..14).map(|n: u64| (n.to_string(), 20 - n, String::new())).collect();
        let all: u64 = bars.iter().map(|(_, value, _)| value).sum();
        let drawn = shortened(bars, "others", |n| n.to_string());
        assert_eq!(drawn.len(), BARS);
        assert_eq!(drawn.iter().map(|(_, value, _)| value).sum::<u64>(), all);
        assert_eq!(drawn.last().map(|(name, ..)| name.as_str()), Some("5 others"));
    }

    #[test]
    fn nothing_is_said_about_nothing() {
        assert_eq!(sentence(REFERRALS, counts(0, 0, 0), &[]), "There were no referrals in this time.");
        assert_eq!(sentence(REFERRALS, counts(0, 0, 1), &[]), "None has ended yet. 1 more is still open.");
        assert_eq!(
            sentence(REFERRALS, counts(5, 0, 0), &[]),
            "Of 5 referrals that ended, 0 (0%) did not lead to a place."
        );
    }
}
