//! The charts of one way of counting, and the tables behind them.

use std::collections::BTreeMap;

use super::figures::{BREAKDOWNS, Labels, Ranked, of_denials, ranked, sums};
use super::period::Asked;
use super::section::{Figure, HOUSEHOLDS, REFERRALS, Row, Table, Words};
use crate::domain::measures::{Cell, Counts, Dimension};
use crate::web::chart::{self, Bar, Chart, SERIES};
use crate::web::words::percent;

/// Above this many months, the columns are financial years.
const MONTHS: usize = 24;

/// So many bars stand in one chart.
const BARS: usize = 10;

/// Why what is counted in this cell was denied.
pub fn reason(cell: &Cell) -> Option<&String> {
    cell.by.get(Dimension::Reason.as_str()).and_then(Option::as_ref)
}

/// What the figures of one section are drawn from.
pub struct Drawing<'a> {
    pub words: Words,
    pub cells: &'a [&'a Cell],
    pub counts: Counts,
    pub asked: &'a Asked,
    pub labels: &'a Labels,
}

impl Drawing<'_> {
    fn figure(&self, part: &str, heading: &str, says: String, chart: Chart, table: Table) -> Figure {
        let id = format!("{}-{part}", self.words.id);
        Figure { id, heading: heading.into(), says, chart, table, closer: Vec::new() }
    }

    fn id(&self, part: &str) -> String {
        format!("{}-{part}-chart", self.words.id)
    }

    pub fn reasons(&self, reasons: &Ranked) -> Figure {
        let denied = self.counts.denied;
        let says = reasons.first().map_or_else(String::new, |(_, name, counts)| {
            format!("{name}: {} of the {denied} that {}.", counts.denied, self.words.denied)
        });
        let title = format!("Main reasons why {} {}", self.words.many, self.words.denied);
        let text = |n: u64| format!("{n} ({})", percent(n, denied));
        let bars = reasons.iter().map(|(_, name, counts)| bar(name, counts.denied, text(counts.denied)));
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

    pub fn months(&self) -> Figure {
        let (names, place, each) = self.time();
        let counts = in_time(self.cells, names.len(), &place);
        let all = self.asked.reason.is_none();
        let mut series = vec![series_of("No place", &counts, |c| c.denied)];
        if all {
            series.push(series_of("Placed", &counts, |c| c.placed));
            if self.counts.open > 0 {
                series.push(series_of("Still open", &counts, |c| c.open));
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
        let rows =
            names.iter().zip(&counts).map(|(name, c)| Row { name: spoken(name), href: None, cells: self.row(*c) });
        let table =
            Table { caption: title, head: self.head(&capital(each)), rows: rows.collect(), sum: self.row(self.counts) };
        self.figure("months", &format!("By {each}"), says, chart, table)
    }

    /// The commonest reasons as they come and go.
    pub fn lines(&self, reasons: &Ranked) -> Option<Figure> {
        let (names, place, each) = self.time();
        if names.len() < 3 || reasons.len() < 2 || self.asked.reason.is_some() {
            return None;
        }
        let of_reason = |code: &Option<String>| {
            let cells: Vec<&Cell> = self.cells.iter().copied().filter(|cell| reason(cell) == code.as_ref()).collect();
            in_time(&cells, names.len(), &place)
        };
        let shown: Vec<_> = reasons.iter().take(SERIES).collect();
        let series: Vec<_> =
            shown.iter().map(|(code, name, _)| series_of(name, &of_reason(code), |c| c.denied)).collect();
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
    pub fn applies(&self) -> bool {
        match self.asked.by {
            Dimension::Service | Dimension::AccommodationType => self.words.id == REFERRALS.id,
            Dimension::WhatHappenedNext => self.words.id == HOUSEHOLDS.id,
            _ => true,
        }
    }

    pub fn breakdown(&self) -> Option<Figure> {
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
                format!("{} of {} ({})", c.denied, c.ended(), percent(c.denied, c.ended()))
            }
        };
        let bars = rows.iter().map(|(_, name, c)| bar(name, c.denied, text(c))).collect();
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
            (None, false) => &["All", "Placed", "Made safe at home", "No place", "Share without a place"],
        };
        std::iter::once(first).chain(names.iter().copied()).map(str::to_owned).collect()
    }

    fn row(&self, c: Counts) -> Vec<String> {
        let share = percent(c.denied, c.ended());
        let open = self.words.id == REFERRALS.id;
        match (&self.asked.reason, open) {
            (Some(_), _) => vec![c.denied.to_string()],
            (None, true) => {
                vec![c.total.to_string(), c.placed.to_string(), c.denied.to_string(), c.open.to_string(), share]
            }
            (None, false) => {
                let [all, placed, safe, denied] = [c.total, c.placed, c.safe_at_home, c.denied].map(|n| n.to_string());
                vec![all, placed, safe, denied, share]
            }
        }
    }
}

fn bar(name: &str, value: u64, text: String) -> Bar {
    Bar { name: name.to_owned(), value, text, together: false }
}

/// The first of many bars, and one for the rest: what is rare is for the table.
fn shortened(mut bars: Vec<Bar>, rest: &str, text: impl Fn(u64) -> String) -> Vec<Bar> {
    if bars.len() <= BARS {
        return bars;
    }
    let others = bars.split_off(BARS - 1);
    let value = others.iter().map(|bar| bar.value).sum();
    if value > 0 {
        bars.push(Bar { name: format!("{} {rest}", others.len()), value, text: text(value), together: true });
    }
    bars
}

const MONTH_NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// "Sep".
fn short(month: u32) -> &'static str {
    let place = usize::try_from(month).unwrap_or_default().wrapping_sub(1);
    MONTH_NAMES.get(place).and_then(|name| name.get(..3)).unwrap_or_default()
}

/// The counts of each column of the time.
fn in_time(cells: &[&Cell], columns: usize, place: &BTreeMap<String, usize>) -> Vec<Counts> {
    let mut counts = vec![Counts::default(); columns];
    for (month, sum) in sums(cells.iter().copied(), Dimension::Month) {
        let column = month.and_then(|month| place.get(&month)).and_then(|column| counts.get_mut(*column));
        if let Some(column) = column {
            *column += sum;
        }
    }
    counts
}

fn series_of(name: &str, counts: &[Counts], of: fn(&Counts) -> u64) -> chart::Series {
    chart::Series { name: name.into(), values: counts.iter().map(of).collect() }
}

/// The name of a column in a sentence: "September 2026".
fn spoken(name: &str) -> String {
    let Some((first, second)) = name.split_once('\n') else { return name.to_owned() };
    let whole = MONTH_NAMES.iter().find(|month| month.starts_with(first));
    format!("{} {second}", whole.copied().unwrap_or(first))
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

    #[test]
    fn what_is_rare_is_drawn_together_and_lost_nowhere() {
        let bars: Vec<_> = (0..14).map(|n: u64| bar(&n.to_string(), 20 - n, String::new())).collect();
        let all: u64 = bars.iter().map(|bar| bar.value).sum();
        let drawn = shortened(bars, "others", |n| n.to_string());
        assert_eq!(drawn.len(), BARS);
        assert_eq!(drawn.iter().map(|bar| bar.value).sum::<u64>(), all);
        assert_eq!(drawn.last().map(|bar| bar.name.as_str()), Some("5 others"));
    }
}
