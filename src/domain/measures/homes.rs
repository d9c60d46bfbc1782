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
mod tests {
    use chrono::{DateTime, NaiveDate};
    use occupancy::Kind::{Hold, Placement, Void as Out};
    use proptest::prelude::*;
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    fn at(instant: &str) -> At {
        instant.parse::<DateTime<chrono::Utc>>().unwrap().into()
    }

    /// Midnight at the start of a day of January 2026, when the days of England are those of UTC.
    fn day(day: i64) -> At {
        at("2025-12-31T00:00:00Z") + TimeDelta::days(day)
    }

    fn period(from: &str, to: &str) -> Period {
        Period { from: from.parse().unwrap(), to: to.parse().unwrap(), now: at("2026-12-01T00:00:00Z") }
    }

    fn ten_days() -> Period {
        period("2026-01-01", "2026-01-10")
    }

    fn taken(kind: occupancy::Kind, from: i64, until: Option<i64>) -> Taken {
        let during = Interval { starts_at: day(from), ends_at: until.map(day) };
        let void = (kind == Out).then(|| Void { reason: "cleaning".into(), group: "cleaning_or_maintenance".into() });
        Taken { kind, during, void, left: (kind == Placement && until.is_some()).then_some(OccupancyId(Uuid::nil())) }
    }

    fn home(online: i64, until: Option<i64>, taken: Vec<Taken>) -> Home {
        Home {
            online_from: day(online),
            online_until: until.map(day),
            service: "Copper House".into(),
            authority: "E06000016".into(),
            taken,
        }
    }

    fn value(measures: &[Measure], code: Code) -> Option<f64> {
        measures.iter().find(|measure| measure.code == code).unwrap().figure.value
    }

    #[test]
    fn days_of_homes_add_up_by_hand() {
        let handed_back = Taken {
            void: Some(Void { reason: "being_handed_back".into(), group: "other".into() }),
            ..taken(Out, 5, None)
        };
        let homes = [
            // Ten days: placed 3, void 2, held half a day, free 4.5.
            home(
                -30,
                None,
                vec![
                    taken(Placement, -9, Some(4)),
                    taken(Out, 4, Some(6)),
                    Taken { during: Interval::lasting(day(8), TimeDelta::hours(12)), ..taken(Hold, 8, None) },
                ],
            ),
            // Five days, from the 3rd until it is given up on the 8th: placed 2, void 3.
            home(3, Some(8), vec![taken(Placement, 3, Some(5)), handed_back]),
        ];
        let measures = days(&homes, ten_days());
        for (code, expected) in [
            (Code::UnitsOnline, 1.0),
            (Code::UnitDaysOnline, 15.0),
            (Code::UnitDaysPlaced, 5.0),
            (Code::UnitDaysVoid, 5.0),
            (Code::UnitDaysHeld, 0.5),
            (Code::UnitDaysFree, 4.5),
            (Code::VoidRate, 33.3),             // 5 of 15
            (Code::AvailabilityRate, 66.7),     // 10 of 15
            (Code::Utilisation, 33.3),          // 5 of 15
            (Code::UtilisationAvailable, 50.0), // 5 of 10
        ] {
            assert_eq!(value(&measures, code), Some(expected), "{code:?}");
        }
        let void = measures.iter().find(|measure| measure.code == Code::UnitDaysVoid).unwrap();
        let rows: Vec<_> = void.breakdowns.iter().flat_map(|one| &one.rows).collect();
        let rows: Vec<_> = rows.iter().map(|row| (row.of.as_deref().unwrap(), row.figure.value.unwrap())).collect();
        let expected = [
            ("Copper House", 5.0),
            ("cleaning_or_maintenance", 2.0),
            ("other", 3.0),
            ("being_handed_back", 3.0),
            ("cleaning", 2.0),
        ];
        assert_eq!(rows, expected);
    }

    #[rstest]
    #[case::spring_leaves_an_hour_out("2026-03-29", 23)]
    #[case::autumn_has_one_twice("2026-10-25", 25)]
    #[case::a_day_in_june("2026-06-10", 24)]
    fn a_day_counts_as_long_as_it_is(#[case] date: &str, #[case] hours: u64) {
        let time = unit_time(&home(-30, None, vec![]), period(date, date));
        assert_eq!((time.online, time.free()), (hours * 3_600, hours * 3_600));
    }

    #[test]
    fn what_lies_ahead_is_not_counted() {
        let today = Period { now: day(4), ..ten_days() };
        let homes = [home(-5, None, vec![taken(Out, 2, None)])];
        let time = unit_time(&homes[0], today);
        assert_eq!((time.online, time.void), (3 * 86_400, 2 * 86_400));
        assert_eq!(value(&days(&homes, Period { now: day(-1), ..today }), Code::Utilisation), None);
    }

    #[test]
    fn a_home_is_ready_when_the_last_void_after_a_stay_has_ended() {
        let homes = [
            home(-9, None, vec![taken(Placement, 1, Some(2)), taken(Out, 2, Some(4)), taken(Out, 4, Some(5))]), // 3 days
            home(-9, None, vec![taken(Placement, 1, Some(2)), taken(Out, 3, Some(9))]), // a gap: at once
            home(-9, None, vec![taken(Placement, 1, Some(3)), taken(Placement, 3, Some(30))]), // taken at once
            home(-9, None, vec![taken(Placement, 1, Some(2)), taken(Out, 2, None)]),    // nobody knows
            home(-9, None, vec![taken(Placement, 1, Some(20))]),                        // left later
            home(-9, None, vec![Taken { left: None, ..taken(Placement, 1, Some(2)) }]), // never came
        ];
        let measure = turnaround(&homes[..5], ten_days());
        assert_eq!((measure.figure.value, measure.unknown), (Some(0.0), Some(1)));
        assert_eq!(turnaround(&homes[..1], ten_days()).figure.value, Some(3.0));
        assert_eq!(turnaround(&homes[5..], ten_days()).figure.denominator, Some(0));
        let before = Period { now: day(4), ..ten_days() };
        assert_eq!(turnaround(&homes[..1], before).unknown, Some(1), "it is not ready yet");
    }

    #[test]
    fn a_vacancy_is_fresh_for_a_day() {
        let posted = |from: i64, confirmed: i64, closed: Option<i64>| Posted {
            id: VacancyId(Uuid::nil()),
            posted_at: day(from),
            confirmed_at: day(confirmed),
            closed_at: closed.map(day),
        };
        let all = [
            posted(1, 10, None),    // confirmed on the morning of the last day
            posted(1, 9, None),     // more than a day before
            posted(10, 15, None),   // confirmed later, but posted that day
            posted(2, 15, None),    // confirmed later: nobody knows when before
            posted(2, 9, Some(10)), // closed by then
            posted(12, 12, None),   // not yet
        ];
        let measure = freshness(&all, ten_days());
        assert_eq!((measure.figure, measure.unknown), (Figure::share(2, 3), Some(1)));
    }

    #[test]
    fn places_are_measured_against_the_population_of_the_year() {
        let of = |area: &str, year, people| Population { area: area.into(), year, people };
        let known = [of("E10000018", 2019, 706_155), of("E10000018", 2021, 712_300), of("E06000016", 2020, 354_036)];
        for (year, expected) in [(2018, 706_155), (2019, 706_155), (2020, 706_155), (2021, 712_300), (2026, 712_300)] {
            assert_eq!(population(&known, "E10000018", year).unwrap().people, expected, "{year}");
        }
        let mut homes = vec![home(-9, None, vec![]); 94];
        homes.push(Home { authority: "E06000017".into(), ..home(-9, None, vec![]) });
        homes.push(home(-9, Some(5), vec![]));
        let measure = places(&homes, &known, ten_days());
        assert_eq!(measure.figure, Figure::per_10_000(94, 354_036));
        assert_eq!((measure.figure.value, measure.unknown), (Some(2.66), Some(1)));
        assert_eq!(measure.note.as_deref(), Some("Population: E06000016 354,036 (2020)."));
    }

    /// A home with things following each other: how long each takes, in hours, and how long nothing happens before.
    fn some_home() -> impl Strategy<Value = Home> {
        let kind = prop_oneof![Just(Hold), Just(Placement), Just(Out)];
        let things = prop::collection::vec((kind, 0..72_i64, 0..200_i64), 0..8);
        (-200..300_i64, prop::option::of(0..400_i64), things).prop_map(|(online, length, things)| {
            let online = day(1) + TimeDelta::hours(online);
            let mut end = online;
            let taken = things.into_iter().map(|(kind, gap, length)| {
                let during = Interval::lasting(end + TimeDelta::hours(gap), TimeDelta::hours(length));
                end = during.ends_at.unwrap();
                Taken { during, ..taken(kind, 0, None) }
            });
            let taken = taken.collect();
            let until = length.map(|length| online + TimeDelta::hours(length));
            Home { online_from: online, online_until: until, ..home(0, None, taken) }
        })
    }

    proptest! {
        /// S41
        #[test]
        fn s41_days_of_homes_are_homes_times_days(homes in prop::collection::vec(some_home(), 0..6), cut in 1..10_u32) {
            let date = |day| NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
            let whole = all(&homes, ten_days());
            prop_assert_eq!(whole.online, whole.placed + whole.held + whole.void + whole.free());
            prop_assert_eq!(whole.void, whole.voids.values().sum::<u64>());
            let first = all(&homes, Period { to: date(cut), ..ten_days() });
            let mut parts = first.clone();
            parts += all(&homes, Period { from: date(cut + 1), ..ten_days() });
            prop_assert_eq!(&parts, &whole, "the parts of a period are the whole");
            let always = homes.iter().filter(|home| home.online_from <= day(1) && home.online_until.is_none());
            let always: Vec<_> = always.cloned().collect();
            prop_assert_eq!(all(&always, ten_days()).online, number(always.len()) * 10 * 86_400);
        }
    }
}
