//! The charts of one way of counting, and the tables behind them.

use std::collections::BTreeMap;

use super::figures::{BREAKDOWNS, Labels, Ranked, of_denials, ranked, sums};
use super::period::{Asked, YEAR};
use super::section::{Entry, Figure, HOUSEHOLDS, NO_PLACE, REFERRALS, Row, Table, Words};
use crate::domain::measures::records::chosen_by;
use crate::domain::measures::{Access, Cell, Counts, Dimension, Side};
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
            cells: self.share(counts.denied, Some(&[(Dimension::Reason.as_str(), known(code.as_ref()))])),
        });
        let table = Table {
            caption: title.clone(),
            head: vec!["Main reason".into(), "How many".into(), "Share".into()],
            rows: rows.collect(),
            sum: self.share(denied, Some(&[])),
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

    /// The columns of the time: their names, by what the records of each are asked for, and which one a month is in.
    fn time(&self) -> Columns {
        let months = self.asked.months();
        let yearly = months.len() > MONTHS;
        let each = if yearly { "financial year" } else { "month" };
        let mut columns = Columns { names: Vec::new(), keys: Vec::new(), place: BTreeMap::new(), each };
        for (year, month) in months {
            let written = format!("{year}-{month:02}");
            let (name, key) = if yearly {
                let first = if month < 4 { year - 1 } else { year };
                (format!("{first}\nto {}", first + 1), (YEAR, first.to_string()))
            } else {
                (format!("{}\n{year}", short(month)), (Dimension::Month.as_str(), written.clone()))
            };
            if columns.names.last() != Some(&name) {
                columns.names.push(name);
                columns.keys.push(key);
            }
            columns.place.insert(written, columns.names.len() - 1);
        }
        columns
    }

    pub fn months(&self) -> Figure {
        let Columns { names, keys, place, each } = self.time();
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
        let rows = names.iter().zip(&keys).zip(&counts).map(|((name, (key, value)), c)| Row {
            name: spoken(name),
            href: None,
            cells: self.row(*c, Some(&[(key, value)])),
        });
        let sum = self.row(self.counts, Some(&[]));
        let table = Table { caption: title, head: self.head(&capital(each)), rows: rows.collect(), sum };
        self.figure("months", &format!("By {each}"), says, chart, table)
    }

    /// The commonest reasons as they come and go.
    pub fn lines(&self, reasons: &Ranked) -> Option<Figure> {
        let Columns { names, keys, place, each } = self.time();
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
        let reason = Dimension::Reason.as_str();
        let entries = |number: &dyn Fn(&chart::Series) -> u64, more: Option<(&str, &str)>| -> Vec<Entry> {
            let entry = |((code, ..), one): (&&(Option<String>, String, Counts), &chart::Series)| {
                let of: Vec<(&str, &str)> = [(reason, known(code.as_ref()))].into_iter().chain(more).collect();
                self.entry(number(one), Some(Access::Denied), Some(&of))
            };
            shown.iter().zip(&series).map(entry).collect()
        };
        let rows = names.iter().zip(&keys).enumerate().map(|(n, (name, (key, value)))| Row {
            name: spoken(name),
            href: None,
            cells: entries(&|one| one.values[n], Some((key, value))),
        });
        let head = std::iter::once(capital(each)).chain(series.iter().map(|one| one.name.clone())).collect();
        let sum = entries(&|one| one.values.iter().sum(), None);
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
        let keys: BTreeMap<&String, &String> = self.cells.iter().filter_map(|cell| named(cell)).collect();
        let chosen = chosen_by(by.as_str(), if self.asked.provides { Side::Provider } else { Side::Referrer });
        let row = |c: Counts, of: Option<&[(&str, &str)]>| {
            if denials { self.share(c.denied, of) } else { self.row(c, of) }
        };
        let head =
            if denials { vec![capital(&name), "How many".into(), "Share".into()] } else { self.head(&capital(&name)) };
        let listed = rows.iter().map(|(value, name, c)| {
            let key = value.as_ref().and_then(|value| keys.get(value).copied().or(Some(value)));
            let of = [(by.as_str(), key.map_or("", String::as_str))];
            Row { name: name.clone(), href: None, cells: row(*c, Some(&of[..]).filter(|_| chosen)) }
        });
        let table = Table { caption: title.clone(), head, rows: listed.collect(), sum: row(self.counts, Some(&[])) };
        let chart = chart::bars(&self.id("breakdown"), &title, &says, &bars);
        Some(self.figure("breakdown", &format!("By {name}"), says, chart, table))
    }

    fn head(&self, first: &str) -> Vec<String> {
        let open = self.words.id == REFERRALS.id && self.asked.reason.is_none();
        let names: &[&str] = match (&self.asked.reason, open) {
            (Some(_), _) => &[NO_PLACE],
            (None, true) => &["All", "Placed", "No place", "Still open", "No place, of those that ended"],
            (None, false) => &["All", "Placed", "Made safe at home", "No place", "Share without a place"],
        };
        std::iter::once(first).chain(names.iter().copied()).map(str::to_owned).collect()
    }

    fn row(&self, c: Counts, of: Option<&[(&str, &str)]>) -> Vec<Entry> {
        let [all, placed, safe, denied, open] = [
            (c.total, None),
            (c.placed, Some(Access::Placed)),
            (c.safe_at_home, Some(Access::SafeAtHome)),
            (c.denied, Some(Access::Denied)),
            (c.open, Some(Access::Open)),
        ]
        .map(|(number, access)| self.entry(number, access, of));
        let share = percent(c.denied, c.ended()).into();
        match (&self.asked.reason, self.words.id == REFERRALS.id) {
            (Some(_), _) => vec![denied],
            (None, true) => vec![all, placed, denied, open, share],
            (None, false) => vec![all, placed, safe, denied, share],
        }
    }

    /// So many denied, and their share of all of them.
    fn share(&self, denied: u64, of: Option<&[(&str, &str)]>) -> Vec<Entry> {
        vec![self.entry(denied, Some(Access::Denied), of), percent(denied, self.counts.denied).into()]
    }

    /// A number, and where its records are: those of these values. None where they may not be chosen like that.
    fn entry(&self, number: u64, access: Option<Access>, of: Option<&[(&str, &str)]>) -> Entry {
        match of {
            Some(of) => Entry::of(number, || self.asked.records(self.words.one, access, of)),
            None => number.to_string().into(),
        }
    }
}

/// The columns of the time.
struct Columns {
    names: Vec<String>,
    keys: Vec<(&'static str, String)>,
    place: BTreeMap<String, usize>,
    each: &'static str,
}

/// As it stands in an address: nothing for what is not known.
fn known(value: Option<&String>) -> &str {
    value.map_or("", String::as_str)
}

/// The name of the service of a cell, and its key.
fn named(cell: &Cell) -> Option<(&String, &String)> {
    cell.by.get(Dimension::Service.as_str())?.as_ref().zip(cell.service_key.as_ref())
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
