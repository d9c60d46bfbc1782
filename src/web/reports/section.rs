//! One way of counting on the page: its sentence, its charts, and the tables behind them.

use std::collections::BTreeMap;

use super::drawing::{Drawing, reason};
use super::figures::{BREAKDOWNS, Labels, Ranked, ranked};
use super::period::Asked;
use crate::domain::measures::{Access, Cell, Counts, Dimension, Tally};
use crate::web::chart::Chart;
use crate::web::words::percent;

/// The figures of one way of counting.
pub struct Section {
    pub id: &'static str,
    pub heading: &'static str,
    /// What is counted here.
    pub about: String,
    pub sentence: String,
    /// How it was in the period before.
    pub before: Option<String>,
    pub counts: Counts,
    /// To the records of those that were denied.
    pub records: String,
    /// What became of all of them, unless it is about one reason.
    pub numbers: Vec<(&'static str, Entry)>,
    pub figures: Vec<Figure>,
    /// Why there is no breakdown.
    pub no_breakdown: Option<String>,
    /// Reasons given beside the primary one.
    pub secondary: Vec<(String, Entry)>,
}

/// The denied, in few words.
pub const NO_PLACE: &str = "No place";

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
    pub sum: Vec<Entry>,
}

/// What stands in a cell, and where the records behind it are.
pub struct Entry {
    pub text: String,
    pub href: Option<String>,
}

impl Entry {
    /// A number that leads to its records: not when there are none.
    pub fn of(number: u64, href: impl FnOnce() -> String) -> Self {
        Self { text: number.to_string(), href: (number > 0).then(href) }
    }
}

impl From<String> for Entry {
    fn from(text: String) -> Self {
        Self { text, href: None }
    }
}

pub struct Row {
    pub name: String,
    /// Where to look closer.
    pub href: Option<String>,
    pub cells: Vec<Entry>,
}

/// The words of one way of counting.
#[derive(Clone, Copy)]
pub struct Words {
    pub id: &'static str,
    pub one: &'static str,
    pub many: &'static str,
    pub ended: &'static str,
    pub denied: &'static str,
    pub area: &'static str,
    pub nothing: &'static str,
}

pub const REFERRALS: Words = Words {
    id: "referrals",
    one: "referral",
    many: "referrals",
    ended: "that ended",
    denied: "did not lead to a place",
    area: "area of the service",
    nothing: "No referral was sent in this time.",
};

pub const HOUSEHOLDS: Words = Words {
    id: "households",
    one: "household",
    many: "households",
    ended: "whose case was closed",
    denied: "did not get a place",
    area: "area that the household comes from",
    nothing: "No case was closed in this time.",
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
        for cell in &cells {
            counts += cell.counts;
        }
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
            .map(|(code, n)| (labels.name(Dimension::Reason, Some(code)), code, *n));
        let mut secondary: Vec<_> = secondary.collect();
        secondary.sort_by(|(a, _, one), (b, _, two)| two.cmp(one).then_with(|| a.cmp(b)));
        let beside = |code: &str| asked.records(words.one, None, &[("secondary_reason", code)]);
        let secondary = secondary.into_iter().map(|(name, code, n)| (name, Entry::of(n, || beside(code))));
        let number = |name, number, access| (name, Entry::of(number, || asked.records(words.one, access, &[])));
        let Counts { total, placed, safe_at_home, denied, open } = counts;
        let mut numbers =
            vec![number(NO_PLACE, denied, Some(Access::Denied)), number("Placed", placed, Some(Access::Placed))];
        if safe_at_home > 0 {
            numbers.push(number("Made safe at home", safe_at_home, Some(Access::SafeAtHome)));
        }
        if open > 0 {
            numbers.push(number("Still open", open, Some(Access::Open)));
        }
        numbers.push(number("All together", total, None));
        let sentence = if asked.reason.is_some() {
            let all = tally.counts.denied;
            let (many, share) = (plural(words, all), percent(counts.denied, all));
            format!("{} of {all} {many} that {} had this main reason ({share}).", counts.denied, words.denied)
        } else {
            sentence(words, counts, &reasons)
        };
        Self {
            id: words.id,
            heading,
            about,
            sentence,
            before: before(words, tally, asked),
            counts,
            records: asked.records(words.one, Some(Access::Denied), &[]),
            numbers: if asked.reason.is_none() { numbers } else { Vec::new() },
            figures,
            no_breakdown,
            secondary: secondary.collect(),
        }
    }
}

/// "In the time before, 1 January 2026 to 31 March 2026: of 100 referrals that ended, 70 (70%) did not lead to a place. Now
/// that share is 10 points higher."
fn before(words: Words, tally: &Tally, asked: &Asked) -> Option<String> {
    let before = tally.before.as_ref().filter(|_| asked.reason.is_none())?;
    let days = asked.time.days_before()?;
    let (counts, ended) = (before.counts, before.counts.ended());
    if ended == 0 {
        return Some(format!("In the time before, {days}, no {} {}.", words.one, words.ended));
    }
    let many = plural(words, ended);
    let share = percent(counts.denied, ended);
    let said = format!(
        "In the time before, {days}: of {ended} {many} {}, {} ({share}) {}.",
        words.ended, counts.denied, words.denied
    );
    Some(match before.denied_points {
        Some(0.0) => format!("{said} The share has not changed."),
        Some(points) if points > 0.0 => format!("{said} The share is {points} points higher now."),
        Some(points) => format!("{said} The share is {} points lower now.", points.abs()),
        None => said,
    })
}

fn plural(words: Words, n: u64) -> &'static str {
    if n == 1 { words.one } else { words.many }
}

fn sentence(words: Words, counts: Counts, reasons: &Ranked) -> String {
    let Counts { total, placed, safe_at_home, denied, open } = counts;
    let ended = placed + safe_at_home + denied;
    let still = match open {
        0 => String::new(),
        1 => " 1 more is still open.".into(),
        _ => format!(" {open} more are still open."),
    };
    if total == 0 {
        return words.nothing.into();
    }
    if ended == 0 {
        return format!("None has ended yet.{still}");
    }
    let many = plural(words, ended);
    let first = format!("Of {ended} {many} {}, {denied} ({}) {}.", words.ended, percent(denied, ended), words.denied);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(placed: u64, denied: u64, open: u64) -> Counts {
        Counts { total: placed + denied + open, placed, safe_at_home: 0, denied, open }
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
    fn nothing_is_said_about_nothing() {
        assert_eq!(sentence(REFERRALS, counts(0, 0, 0), &[]), "No referral was sent in this time.");
        assert_eq!(sentence(REFERRALS, counts(0, 0, 1), &[]), "None has ended yet. 1 more is still open.");
        assert_eq!(
            sentence(REFERRALS, counts(5, 0, 0), &[]),
            "Of 5 referrals that ended, 0 (0%) did not lead to a place."
        );
    }
}
