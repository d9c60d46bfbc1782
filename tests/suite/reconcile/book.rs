//! What was acknowledged in a history, written down and counted without the code that measures it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use safehold::clock::At;
use safehold::domain::measures::Dimension;
use serde_json::Value;

/// The first and the last day, in England.
pub type Days = (NaiveDate, NaiveDate);
/// By the values of a cell: the total, and then as in [`BECAME`].
pub type Cells = BTreeMap<BTreeMap<String, Option<String>>, [u64; 5]>;

/// What can become of a referral or a household, by its place among the counts.
pub const BECAME: [&str; 5] = ["total", "placed", "safe_at_home", "denied", "open"];
const PLACED: usize = 1;
const SAFE_AT_HOME: usize = 2;
const DENIED: usize = 3;
const OPEN: usize = 4;

/// Name, area, type, and whether the name is only for its own people.
pub const SERVICES: [(&str, &str, &str, bool); 3] = [
    ("Copper House", "E06000016", "refuge", false),
    ("Heron Homes", "E07000130", "dispersed_refuge_level", true),
    ("Later Homes", "E06000018", "second_stage", false),
];
pub const SECOND_STAGE: usize = 2;

/// Who reads reports: of their cases, or of these services.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    pub who: &'static str,
    pub services: Option<&'static [usize]>,
    /// Whether the sanctuary scheme is theirs.
    pub scheme: bool,
}

pub const READERS: [Reader; 3] = [
    Reader { who: "helpline_manager", services: None, scheme: false },
    Reader { who: "refuge_manager", services: Some(&[0]), scheme: true },
    Reader { who: "other_refuge_manager", services: Some(&[1, 2]), scheme: false },
];

/// Whose cases the first reader has.
pub const OUR_CASEWORKER: &str = "caseworker";

/// Why somebody was turned away.
#[derive(Debug, Clone)]
pub struct Why {
    pub reason: String,
    pub decided_by: String,
    pub beside: Vec<String>,
}

#[derive(Debug)]
pub struct Case {
    pub by: &'static str,
    pub opened: At,
    pub source: &'static str,
    pub origin: Option<&'static str>,
    pub household: &'static str,
    pub closed: Option<Closed>,
}

#[derive(Debug)]
pub struct Closed {
    pub at: At,
    /// As in [`BECAME`].
    pub became: usize,
    pub why: Option<Why>,
    pub next: Option<&'static str>,
}

#[derive(Debug)]
pub struct Referral {
    pub case: usize,
    pub service: usize,
    pub sent: At,
    pub end: End,
}

#[derive(Debug)]
pub enum End {
    Open,
    Placed,
    Denied(Why),
}

/// The time of a household in one home.
#[derive(Debug)]
pub struct Stay {
    pub referral: usize,
    /// The service of the home.
    pub service: usize,
    pub follows: Option<usize>,
    /// They did not come.
    pub missed: bool,
    pub arrived: Option<At>,
    pub left: Option<At>,
    /// How they left for good, and where to.
    pub departed: Option<(&'static str, &'static str)>,
}

#[derive(Debug)]
pub struct Merge {
    pub kept: usize,
    pub folded: usize,
    pub from: At,
    pub until: Option<At>,
}

/// That a case does not exist for somebody.
#[derive(Debug)]
pub struct Secret {
    pub case: usize,
    pub who: &'static str,
    pub since: At,
    pub lifted: bool,
}

#[derive(Debug, Default)]
pub struct Book {
    pub cases: Vec<Case>,
    pub referrals: Vec<Referral>,
    pub stays: Vec<Stay>,
    pub merges: Vec<Merge>,
    pub secrets: Vec<Secret>,
    /// Jobs that make a home safe: of which case, and when they were asked for.
    pub jobs: Vec<(usize, At)>,
}

/// A referral or a household, as one reader counts it.
#[derive(Debug)]
pub struct Counted {
    at: At,
    became: usize,
    values: BTreeMap<Dimension, String>,
    beside: Vec<String>,
}

impl Book {
    /// Whether a case exists for a reader, and is one that she may know of at all.
    fn sees(&self, reader: Reader, case: usize) -> bool {
        let ours = reader.services.is_some() || self.cases[case].by == OUR_CASEWORKER;
        ours && !self.secrets.iter().any(|secret| {
            !secret.lifted && secret.who == reader.who && self.one_household(secret.case, case, secret.since)
        })
    }

    /// Whether two cases are one household now, or were when something was said of one of them.
    fn one_household(&self, one: usize, other: usize, said: At) -> bool {
        let kept = |case: usize| self.merges.iter().find(|merge| merge.folded == case && merge.until.is_none());
        let whole = |case: usize| kept(case).map_or(case, |merge| merge.kept);
        let then = |merge: &Merge| merge.until.is_none_or(|until| merge.from <= said && said <= until);
        let joins = |merge: &&Merge| [(one, other), (other, one)].contains(&(merge.kept, merge.folded));
        whole(one) == whole(other) || self.merges.iter().filter(joins).any(then)
    }

    fn folded(&self, case: usize) -> bool {
        self.merges.iter().any(|merge| merge.folded == case && merge.until.is_none())
    }

    fn of_case(&self, case: usize) -> BTreeMap<Dimension, String> {
        let case = &self.cases[case];
        BTreeMap::from([(Dimension::Source, case.source.to_owned()), (Dimension::Household, case.household.to_owned())])
    }

    pub fn referrals(&self, reader: Reader) -> Vec<Counted> {
        let theirs = |one: &&Referral| {
            self.sees(reader, one.case) && reader.services.is_none_or(|services| services.contains(&one.service))
        };
        let counted = |one: &Referral| {
            let (name, area, kind, confidential) = SERVICES[one.service];
            let name = if confidential && reader.services.is_none() { "A confidential service" } else { name };
            let mut values = self.of_case(one.case);
            values.insert(Dimension::Service, name.to_owned());
            values.insert(Dimension::Area, area.to_owned());
            values.insert(Dimension::AccommodationType, kind.to_owned());
            let (became, why) = match &one.end {
                End::Open => (OPEN, None),
                End::Placed => (PLACED, None),
                End::Denied(why) => (DENIED, Some(why)),
            };
            Counted::new(one.sent, became, why, values)
        };
        self.referrals.iter().filter(theirs).map(counted).collect()
    }

    /// Closed cases, for those whose cases they are.
    pub fn households(&self, reader: Reader) -> Vec<Counted> {
        let counted = |(id, case): (usize, &Case)| {
            let closed = case.closed.as_ref().filter(|_| !self.folded(id) && self.sees(reader, id))?;
            let mut values = self.of_case(id);
            values.extend(case.origin.map(|area| (Dimension::Area, area.to_owned())));
            values.extend(closed.next.map(|next| (Dimension::WhatHappenedNext, next.to_owned())));
            Some(Counted::new(closed.at, closed.became, closed.why.as_ref(), values))
        };
        self.cases.iter().enumerate().filter_map(counted).collect()
    }

    /// From the first arrival to leaving the last home: when, and the time in the home that it ended with.
    fn stays(&self, reader: Reader) -> Vec<(At, &Stay)> {
        let theirs = |stay: &Stay| {
            let services = reader.services.is_none_or(|services| services.contains(&stay.service));
            services && stay.arrived.is_some() && self.sees(reader, self.referrals[stay.referral].case)
        };
        // Whoever had left before she came has begun another stay.
        let before = |stay: &Stay| {
            let goes_on = |before: &usize| self.stays[*before].left.is_none_or(|left| stay.arrived <= Some(left));
            stay.follows.filter(|before| theirs(&self.stays[*before])).filter(goes_on)
        };
        let next = |id: usize| self.stays.iter().position(|stay| theirs(stay) && before(stay) == Some(id));
        let begun = self.stays.iter().enumerate().filter(|(_, stay)| theirs(stay) && before(stay).is_none());
        let whole = |(id, stay): (usize, &Stay)| {
            let last = std::iter::successors(Some(id), |id| next(*id)).last().unwrap_or(id);
            stay.arrived.map(|arrived| (arrived, &self.stays[last]))
        };
        begun.filter_map(whole).collect()
    }

    /// What a reader's measures must say of a period: the values of counts, and the seconds of stays.
    pub fn measured(&self, reader: Reader, days: Days, now: At) -> BTreeMap<&'static str, u64> {
        let within = |at: At| within(days, at);
        let number = |count: usize| count as u64;
        let sent: Vec<Counted> = self.referrals(reader).into_iter().filter(|one| within(one.at)).collect();
        let became = |of: &[Counted], what: usize| number(of.iter().filter(|one| one.became == what).count());
        let stays = self.stays(reader);
        let ended: Vec<(At, At)> = (stays.iter())
            .filter_map(|(arrived, last)| Some((*arrived, last.left?)))
            .filter(|(_, left)| within(*left))
            .collect();
        let planned = stays.iter().filter(|(_, last)| {
            last.left.is_some_and(within) && last.departed.is_some_and(|(kind, _)| kind == "planned")
        });
        let theirs = |case: usize| self.sees(reader, case) && (reader.services.is_none() || reader.scheme);
        let jobs = self.jobs.iter().filter(|(case, at)| theirs(*case) && within(*at)).count();
        let last = midnight(days.1 + TimeDelta::days(1)).min(now + TimeDelta::microseconds(1));
        let there =
            stays.iter().filter(|(arrived, stay)| *arrived < last && stay.left.is_none_or(|left| last <= left)).count();
        let mut told = BTreeMap::from([
            ("referrals", number(sent.len())),
            ("referrals_placed", became(&sent, PLACED)),
            ("referrals_denied", became(&sent, DENIED)),
            ("referrals_open", became(&sent, OPEN)),
            ("secondary_reasons", sent.iter().map(|one| number(one.beside.len())).sum()),
            ("stays_ended", number(ended.len())),
            ("stays_open", number(if midnight(days.0) <= now { there } else { 0 })),
            ("move_on_planned", number(planned.count())),
            ("length_of_stay_mean", ended.iter().map(|(from, left)| seconds(*from, *left)).sum()),
            ("sanctuary_jobs", number(jobs)),
        ]);
        if reader.services.is_none() {
            let closed: Vec<Counted> = self.households(reader).into_iter().filter(|one| within(one.at)).collect();
            let opened =
                |(id, case): &(usize, &Case)| self.sees(reader, *id) && !self.folded(*id) && within(case.opened);
            told.insert("cases_opened", number(self.cases.iter().enumerate().filter(opened).count()));
            told.insert("cases_closed", number(closed.len()));
            told.insert("households_unable", became(&closed, DENIED));
        }
        told
    }
}

impl Counted {
    fn new(at: At, became: usize, why: Option<&Why>, mut values: BTreeMap<Dimension, String>) -> Self {
        values.insert(Dimension::Month, day(at).format("%Y-%m").to_string());
        if let Some(why) = why {
            let (womens_aid, of_return) = &GROUPS[&why.reason];
            values.insert(Dimension::Reason, why.reason.clone());
            values.insert(Dimension::DecidedBy, why.decided_by.clone());
            values.insert(Dimension::WomensAidGroup, womens_aid.clone());
            values.insert(Dimension::ReturnGroup, of_return.clone());
        }
        Self { at, became, values, beside: why.map(|why| why.beside.clone()).unwrap_or_default() }
    }
}

/// How many there were of each.
pub fn cells(all: &[Counted], days: Days, by: &[Dimension]) -> Cells {
    let mut cells = Cells::new();
    for one in all.iter().filter(|one| within(days, one.at)) {
        let named = by.iter().map(|dimension| (dimension.as_str().to_owned(), one.values.get(dimension).cloned()));
        let counts = cells.entry(named.collect()).or_default();
        counts[0] += 1;
        counts[one.became] += 1;
    }
    cells
}

/// How often each reason was given beside the main one.
pub fn beside(all: &[Counted], days: Days) -> BTreeMap<String, u64> {
    let mut given = BTreeMap::new();
    for reason in all.iter().filter(|one| within(days, one.at)).flat_map(|one| &one.beside) {
        *given.entry(reason.clone()).or_default() += 1;
    }
    given
}

/// All days on which something that can be counted happened.
pub fn eventful(all: &[Counted]) -> BTreeSet<NaiveDate> {
    all.iter().map(|one| day(one.at)).collect()
}

/// When clocks in England show summer time, as the law says it.
const SUMMERS: [(&str, &str); 2] =
    [("2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"), ("2027-03-28T01:00:00Z", "2027-10-31T01:00:00Z")];

/// When the clocks change.
pub fn changes() -> impl Iterator<Item = DateTime<Utc>> {
    SUMMERS.into_iter().flat_map(|(from, until)| [from, until]).map(|at| at.parse().unwrap())
}

fn summer(at: DateTime<Utc>) -> bool {
    changes().filter(|change| *change <= at).count() % 2 == 1
}

/// The day that it is in England.
pub fn day(at: At) -> NaiveDate {
    (at.utc() + TimeDelta::hours(summer(at.utc()).into())).date_naive()
}

/// When a day begins in England.
pub fn midnight(day: NaiveDate) -> At {
    let by_winter_time = day.and_time(NaiveTime::MIN).and_utc();
    let by_summer_time = by_winter_time - TimeDelta::hours(1);
    At::from(if summer(by_summer_time) { by_summer_time } else { by_winter_time })
}

fn within(days: Days, at: At) -> bool {
    (days.0..=days.1).contains(&day(at))
}

/// Whole seconds, of instants that were cut to the second.
pub fn seconds(from: At, until: At) -> u64 {
    u64::try_from(until.utc().timestamp() - from.utc().timestamp()).unwrap_or(0)
}

/// The groups of each reason: Women's Aid's, and that of the national return.
static GROUPS: LazyLock<BTreeMap<String, (String, String)>> = LazyLock::new(|| {
    let codes: Vec<Value> = serde_json::from_str(include_str!("../../../data/codes.json")).unwrap();
    let reasons = codes.iter().filter(|code| code["list"] == "denial_reason");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let groups = |of: &Value| (text(&of["womens_aid"]), text(&of["return_group"]));
    reasons.map(|code| (text(&code["code"]), groups(&code["attributes"]))).collect()
});

pub const fn closed_as(outcome: &str) -> usize {
    match outcome.as_bytes() {
        b"placed" => PLACED,
        b"sanctuary" => SAFE_AT_HOME,
        _ => DENIED,
    }
}
