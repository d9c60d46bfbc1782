//! What homes were doing, day by day, and how many there are. Days of homes are added up by instants, to the second, so
//! that days of 23 or 25 hours count as what they are.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use chrono::TimeDelta;

use super::catalogue::Code;
use super::figure::{Figure, Kind, Measure, Row, Times, grouped, number, seconds, thousands};
use super::period::Period;
use super::records::{Part, asked};
use crate::clock::At;
use crate::domain::occupancy::{self, Interval};
use crate::ids::{OccupancyId, VacancyId};

/// A home, and all that it was and will be doing from the period on.
#[derive(Debug, Clone)]
pub struct Home {
    pub online_from: At,
    pub online_until: Option<At>,
    pub service: String,
    /// The county or unitary authority where it is.
    pub authority: String,
    /// In the order of time, without overlaps.
    pub taken: Vec<Taken>,
}

/// What a home was doing for a while.
#[derive(Debug, Clone)]
pub struct Taken {
    pub kind: occupancy::Kind,
    pub during: Interval,
    /// Why it was out of use.
    pub void: Option<Void>,
    /// Of a household that was there and has left: its stay.
    pub left: Option<OccupancyId>,
}

/// Why a home was out of use.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Void {
    pub reason: String,
    /// `cleaning_or_maintenance` or `other`.
    pub group: String,
}

/// A vacancy that was posted.
#[derive(Debug, Clone, Copy)]
pub struct Posted {
    pub id: VacancyId,
    pub posted_at: At,
    /// The last time.
    pub confirmed_at: At,
    pub closed_at: Option<At>,
}

/// How many people live in an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Population {
    pub area: String,
    pub year: i32,
    pub people: u64,
}

/// Seconds of homes. `online = placed + held + void + free`, always.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnitTime {
    pub online: u64,
    pub placed: u64,
    pub held: u64,
    pub void: u64,
    pub voids: BTreeMap<Option<Void>, u64>,
}

impl UnitTime {
    pub fn free(&self) -> u64 {
        self.online.saturating_sub(self.placed + self.held + self.void)
    }
}

impl AddAssign for UnitTime {
    fn add_assign(&mut self, other: Self) {
        self.online += other.online;
        self.placed += other.placed;
        self.held += other.held;
        self.void += other.void;
        for (why, seconds) in other.voids {
            *self.voids.entry(why).or_default() += seconds;
        }
    }
}

/// What one home was doing in a period, as far as it has passed.
pub fn unit_time(home: &Home, period: Period) -> UnitTime {
    let from = home.online_from.max(period.starts());
    let until = home.online_until.map_or(period.until(), |until| until.min(period.until()));
    let mut time = UnitTime { online: seconds(from, until), ..UnitTime::default() };
    for taken in &home.taken {
        let end = taken.during.ends_at.map_or(until, |end| end.min(until));
        let length = seconds(taken.during.starts_at.max(from), end);
        match taken.kind {
            occupancy::Kind::Placement => time.placed += length,
            occupancy::Kind::Hold => time.held += length,
            occupancy::Kind::Void => {
                time.void += length;
                *time.voids.entry(taken.void.clone()).or_default() += length;
            }
        }
    }
    time
}

/// What a home adds to a figure of days, in seconds. `None` when it had none of that. Of voids only those that are asked
/// for; the whole that they are a share of is the whole for all.
pub fn amount(code: Code, part: Part, time: &UnitTime, asked: &dyn Fn(Option<&Void>) -> bool) -> Option<u64> {
    let available = time.online.saturating_sub(time.void);
    let seconds = match (code, part) {
        (Code::UtilisationAvailable, Part::Denominator) | (Code::AvailabilityRate, Part::Numerator) => available,
        (_, Part::Denominator) | (Code::UnitDaysOnline, _) => time.online,
        (Code::UnitDaysPlaced | Code::Utilisation | Code::UtilisationAvailable, _) => time.placed,
        (Code::UnitDaysHeld, _) => time.held,
        (Code::UnitDaysVoid | Code::VoidRate, _) => {
            time.voids.iter().filter(|(why, _)| asked(why.as_ref())).map(|(_, seconds)| *seconds).sum()
        }
        (Code::UnitDaysFree, _) => time.free(),
        _ => return None,
    };
    Some(seconds).filter(|seconds| *seconds > 0)
}

fn all<'a>(homes: impl IntoIterator<Item = &'a Home>, period: Period) -> UnitTime {
    let mut sum = UnitTime::default();
    for home in homes {
        sum += unit_time(home, period);
    }
    sum
}

/// What all homes were doing, and the rates that follow from it.
pub fn days(homes: &[Home], period: Period) -> Vec<Measure> {
    let services: Vec<(String, UnitTime)> = grouped(homes, |home| home.service.clone())
        .into_iter()
        .map(|(service, homes)| (service, all(homes, period)))
        .collect();
    let whole = all(homes, period);
    let told = |code: Code, of: fn(&UnitTime) -> Figure| {
        let row = |(service, time): &(String, UnitTime)| Row::new(Some(service.clone()), of(time));
        Measure::new(code, of(&whole)).by("service", services.iter().map(row).collect())
    };
    let voids = |value: fn(&Void) -> &String, figure: &dyn Fn(u64) -> Figure| {
        let mut sums: BTreeMap<Option<String>, u64> = BTreeMap::new();
        for (why, seconds) in whole.voids.iter().filter(|(_, seconds)| **seconds > 0) {
            *sums.entry(why.as_ref().map(|why| value(why).clone())).or_default() += seconds;
        }
        sums.into_iter().map(|(of, seconds)| Row::new(of, figure(seconds))).collect::<Vec<_>>()
    };
    vec![
        Measure::count(Code::UnitsOnline, number(homes.iter().filter(|home| in_use(home, period)).count())),
        told(Code::UnitDaysOnline, |time| Figure::days(time.online)),
        told(Code::UnitDaysPlaced, |time| Figure::days(time.placed)),
        told(Code::UnitDaysHeld, |time| Figure::days(time.held)),
        told(Code::UnitDaysVoid, |time| Figure::days(time.void))
            .by("void_group", voids(|why| &why.group, &Figure::days))
            .by("void_reason", voids(|why| &why.reason, &Figure::days)),
        told(Code::UnitDaysFree, |time| Figure::days(time.free())),
        told(Code::VoidRate, |time| Figure::share(time.void, time.online))
            .by("void_group", voids(|why| &why.group, &|seconds| Figure::share(seconds, whole.online))),
        told(Code::AvailabilityRate, |time| Figure::share(time.online.saturating_sub(time.void), time.online)),
        told(Code::Utilisation, |time| Figure::share(time.placed, time.online)),
        told(Code::UtilisationAvailable, |time| Figure::share(time.placed, time.online.saturating_sub(time.void))),
    ]
}

/// Whether it is in use at the end of a period.
pub fn in_use(home: &Home, period: Period) -> bool {
    period.last().is_some_and(|last| online(home, last))
}

fn online(home: &Home, at: At) -> bool {
    Interval { starts_at: home.online_from, ends_at: home.online_until }.contains(at)
}

/// When a home that a household left could take another: at once, or when the last void that follows without a gap has
/// ended. `None` when nobody knows when that will be.
fn able_again(home: &Home, left: At) -> Option<At> {
    let mut able = left;
    for taken in &home.taken {
        if taken.kind == occupancy::Kind::Void && taken.during.contains(able) {
            able = taken.during.ends_at?;
        }
    }
    Some(able)
}

/// Each stay in a home that ended in the period, when it did, and how many seconds later the home could take another.
pub fn turnarounds(home: &Home, period: Period) -> impl Iterator<Item = (OccupancyId, At, Option<u64>)> {
    let left = home.taken.iter().filter_map(|taken| Some((taken.left?, taken.during.ends_at?)));
    left.filter(move |(_, left)| period.contains(*left)).map(move |(stay, left)| {
        let able = able_again(home, left).filter(|able| *able <= period.now);
        (stay, left, able.map(|able| seconds(left, able)))
    })
}

pub fn turnaround(homes: &[Home], period: Period) -> Measure {
    let all: Vec<Option<u64>> =
        homes.iter().flat_map(|home| turnarounds(home, period)).map(|(.., seconds)| seconds).collect();
    let times: Times = all.iter().copied().flatten().collect();
    Measure::new(Code::TurnaroundMedian, times.median(Kind::Days)).unknown(number(all.len()) - times.number())
}

/// Within this of its confirmation a vacancy is fresh.
const FRESH: TimeDelta = TimeDelta::hours(24);

/// Whether a vacancy that was open at the end of the period was fresh then, as far as that is known. `None` of one that was
/// not open.
pub fn fresh(one: &Posted, period: Period) -> Option<Option<bool>> {
    let last = period.last()?;
    if one.posted_at > last || one.closed_at.is_some_and(|closed| closed <= last) {
        return None;
    }
    let fresh = |since: At| last - since < FRESH;
    if one.confirmed_at <= last {
        return Some(Some(fresh(one.confirmed_at)));
    }
    Some(fresh(one.posted_at).then_some(true))
}

pub fn freshness(posted: &[Posted], period: Period) -> Measure {
    let open: Vec<Option<bool>> = posted.iter().filter_map(|one| fresh(one, period)).collect();
    let of = |part: Part| number(open.iter().filter(|fresh| asked(part, **fresh)).count());
    let (part, known) = (of(Part::Numerator), of(Part::Denominator));
    Measure::new(Code::VacancyFreshness, Figure::share(part, known)).unknown(number(open.len()) - known)
}

/// The newest known population that is not of a later year; if there is none, the oldest.
pub fn population<'a>(all: &'a [Population], area: &str, year: i32) -> Option<&'a Population> {
    let of_area = || all.iter().filter(|population| population.area == area);
    let earlier = of_area().filter(|population| population.year <= year).max_by_key(|population| population.year);
    earlier.or_else(|| of_area().min_by_key(|population| population.year))
}

pub fn places(homes: &[Home], populations: &[Population], period: Period) -> Measure {
    let in_use: Vec<&Home> = homes.iter().filter(|home| in_use(home, period)).collect();
    let (mut rows, mut sums, mut unknown, mut years) = (Vec::new(), (0, 0), 0, Vec::new());
    for (area, homes) in grouped(&in_use, |home| home.authority.clone()) {
        let places = number(homes.len());
        let Some(known) = population(populations, &area, period.year()) else {
            unknown += places;
            continue;
        };
        sums = (sums.0 + places, sums.1 + known.people);
        years.push(format!("{area} {} ({})", thousands(known.people), known.year));
        rows.push(Row::new(Some(area), Figure::per_10_000(places, known.people)));
    }
    let measure = Measure::new(Code::PlacesPer10000, Figure::per_10_000(sums.0, sums.1)).unknown(unknown);
    let measure = measure.by("area", rows);
    if years.is_empty() { measure } else { measure.note(&format!("Population: {}.", years.join("; "))) }
}

#[cfg(test)]
mod tests;
