//! Households that look for a place: how many, how long, and those for whom there was none.

use std::ops::Range;

use super::catalogue::Code;
use super::figure::{Figure, Kind, Measure, Times, number, seconds};
use super::period::Period;
use super::referrals::{Denial, by_reason, value_of_denial};
use crate::clock::At;
use crate::domain::reason::Outcome;

/// A case that was open in the period.
#[derive(Debug, Clone)]
pub struct Case {
    pub opened_at: At,
    pub closed_at: Option<At>,
    pub outcome: Option<Outcome>,
    /// Why it was closed without a place.
    pub denial: Option<Denial>,
    pub what_happened_next: Option<String>,
    pub source: String,
    pub origin_area: Option<String>,
    pub places: Vec<Place>,
}

/// A place that a household had, or was to have.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// When it was agreed.
    pub from: At,
    /// When they had left, or it was clear that they would not come.
    pub until: Option<At>,
    pub arrived_at: Option<At>,
}

/// When a household waited: from each of these instants up to the other.
pub fn spells(case: &Case) -> Vec<(At, Option<At>)> {
    let mut places: Vec<&Place> = case.places.iter().collect();
    places.sort_by_key(|place| place.from);
    let (mut spells, mut since) = (Vec::new(), case.opened_at);
    for place in places {
        if since < place.from {
            spells.push((since, Some(place.from)));
        }
        match place.until {
            Some(until) => since = since.max(until),
            None => return spells,
        }
    }
    if case.closed_at.is_none_or(|closed| since < closed) {
        spells.push((since, case.closed_at));
    }
    spells
}

/// The days at whose ends a spell lasted: from the one up to the other.
fn days_of((since, until): (At, Option<At>), days: &[At]) -> Range<usize> {
    let first = days.partition_point(|day| *day < since);
    first..until.map_or(days.len(), |until| days.partition_point(|day| *day < until)).max(first)
}

/// How many waited at the end of each day.
fn daily(cases: &[Case], days: &[At]) -> Vec<u64> {
    let mut changes = vec![0_i64; days.len() + 1];
    for spell in cases.iter().flat_map(spells) {
        let during = days_of(spell, days);
        changes[during.start] += 1;
        changes[during.end] -= 1;
    }
    let waiting = changes[..days.len()].iter().scan(0_i64, |waiting, change| {
        *waiting += change;
        Some(u64::try_from(*waiting).unwrap_or(0))
    });
    waiting.collect()
}

/// Since when a household has waited that waits at an instant.
fn waits_since(case: &Case, at: At) -> Option<At> {
    let waits = |(since, until): &(At, Option<At>)| *since <= at && until.is_none_or(|until| at < until);
    spells(case).into_iter().find(waits).map(|(since, _)| since)
}

/// The moment at which those are counted who wait: the end of the period, or of the first day on which the fewest or the
/// most did. `None` for what is not counted at one moment.
pub fn moment(code: Code, cases: &[Case], period: Period) -> Option<At> {
    let days = period.days();
    let daily = daily(cases, &days);
    let first = |number: Option<&u64>| days.get(daily.iter().position(|waiting| Some(waiting) == number)?).copied();
    match code {
        Code::WaitingList | Code::WaitingListMedian => period.last(),
        Code::WaitingListLeast => first(daily.iter().min()),
        Code::WaitingListMost => first(daily.iter().max()),
        _ => None,
    }
}

pub fn list(cases: &[Case], period: Period) -> Vec<Measure> {
    let daily = daily(cases, &period.days());
    let some = |number: Option<&u64>| number.map_or_else(Figure::default, |number| Figure::count(*number));
    let times = period
        .last()
        .into_iter()
        .flat_map(|last| cases.iter().filter_map(move |case| Some(seconds(waits_since(case, last)?, last))));
    let times: Times = times.collect();
    vec![
        Measure::new(Code::WaitingList, some(daily.last())),
        Measure::new(Code::WaitingListLeast, some(daily.iter().min())),
        Measure::new(Code::WaitingListMean, Figure::mean(daily.iter().sum(), number(daily.len()))),
        Measure::new(Code::WaitingListMost, some(daily.iter().max())),
        Measure::new(Code::WaitingListMedian, times.median(Kind::Days)),
    ]
}

/// From opening a case to the first arrival.
pub fn time(cases: &[Case], period: Period) -> Vec<Measure> {
    let arrivals = cases.iter().filter_map(|case| {
        let arrived = case.places.iter().filter_map(|place| place.arrived_at).min()?;
        period.contains(arrived).then(|| seconds(case.opened_at, arrived))
    });
    let times: Times = arrivals.collect();
    vec![
        Measure::new(Code::WaitingTimeMedian, times.median(Kind::Days)),
        Measure::new(Code::WaitingTimeNinetieth, times.ninetieth(Kind::Days)),
    ]
}

/// Cases opened and closed, and households unable to be supported.
pub fn closed(cases: &[Case], period: Period) -> Vec<Measure> {
    let opened: Vec<&Case> = cases.iter().filter(|case| period.contains(case.opened_at)).collect();
    let closed: Vec<&Case> =
        cases.iter().filter(|case| case.closed_at.is_some_and(|closed| period.contains(closed))).collect();
    let unable: Vec<&&Case> = closed.iter().filter(|case| case.outcome == Some(Outcome::NotPlaced)).collect();
    let measure = Measure::count(Code::HouseholdsUnable, number(unable.len()));
    vec![
        Measure::count(Code::CasesOpened, number(opened.len()))
            .counted("source", opened.iter().map(|case| Some(case.source.clone())))
            .counted("origin_area", opened.iter().map(|case| case.origin_area.clone())),
        Measure::count(Code::CasesClosed, number(closed.len()))
            .counted("outcome", closed.iter().map(|case| case.outcome.map(|outcome| outcome.as_str().to_owned()))),
        by_reason(measure, &unable.iter().map(|case| case.denial.as_ref()))
            .counted("what_happened_next", unable.iter().map(|case| case.what_happened_next.clone())),
    ]
}

/// When a case counted in a figure, if it does. `moment` is that of the figure.
pub fn counted(code: Code, case: &Case, period: Period, moment: Option<At>) -> Option<At> {
    let closed = || case.closed_at.filter(|closed| period.contains(*closed));
    match code {
        Code::CasesOpened => Some(case.opened_at).filter(|opened| period.contains(*opened)),
        Code::CasesClosed => closed(),
        Code::HouseholdsUnable => closed().filter(|_| case.outcome == Some(Outcome::NotPlaced)),
        Code::WaitingList | Code::WaitingListMedian | Code::WaitingListLeast | Code::WaitingListMost => {
            waits_since(case, moment?)
        }
        Code::WaitingListMean => {
            let days = period.days();
            let spell = spells(case).into_iter().find(|spell| !days_of(*spell, &days).is_empty());
            spell.map(|(since, _)| since)
        }
        Code::WaitingTimeMedian | Code::WaitingTimeNinetieth => {
            let arrived = case.places.iter().filter_map(|place| place.arrived_at).min();
            arrived.filter(|arrived| period.contains(*arrived))
        }
        _ => None,
    }
}

/// What a case that is counted adds to a figure: the seconds that it has waited or did wait, the days at whose ends it
/// waited, or itself.
pub fn amount(code: Code, case: &Case, period: Period) -> u64 {
    match code {
        Code::WaitingListMedian => {
            let waited = period.last().and_then(|last| Some(seconds(waits_since(case, last)?, last)));
            waited.unwrap_or(0)
        }
        Code::WaitingListMean => {
            let days = period.days();
            number(spells(case).into_iter().map(|spell| days_of(spell, &days).len()).sum())
        }
        Code::WaitingTimeMedian | Code::WaitingTimeNinetieth => {
            let arrived = case.places.iter().filter_map(|place| place.arrived_at).min();
            arrived.map_or(0, |arrived| seconds(case.opened_at, arrived))
        }
        _ => 1,
    }
}

/// Its value in a breakdown; `None` where cases are not broken down like that.
pub fn value(by: &str, case: &Case) -> Option<Option<String>> {
    Some(match by {
        "source" => Some(case.source.clone()),
        "origin_area" => case.origin_area.clone(),
        "outcome" => case.outcome.map(|outcome| outcome.as_str().to_owned()),
        "what_happened_next" => case.what_happened_next.clone(),
        _ => return value_of_denial(by, case.denial.as_ref()),
    })
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate, TimeDelta};
    use proptest::prelude::*;

    use super::*;

    /// Noon of a day of January 2026, when the days of England are those of UTC.
    fn noon(day: i64) -> At {
        "2025-12-31T12:00:00Z".parse::<DateTime<chrono::Utc>>().map(At::from).unwrap() + TimeDelta::days(day)
    }

    fn january(from: u32, to: u32) -> Period {
        let day = |day| NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
        Period { from: day(from), to: day(to), now: noon(400) }
    }

    fn case(opened: i64, closed: Option<i64>, places: &[(i64, Option<i64>, Option<i64>)]) -> Case {
        let place = |(from, until, arrived): &(i64, Option<i64>, Option<i64>)| Place {
            from: noon(*from),
            until: until.map(noon),
            arrived_at: arrived.map(noon),
        };
        Case {
            opened_at: noon(opened),
            closed_at: closed.map(noon),
            outcome: closed.map(|_| if places.is_empty() { Outcome::NotPlaced } else { Outcome::Placed }),
            denial: None,
            what_happened_next: None,
            source: "self".into(),
            origin_area: None,
            places: places.iter().map(place).collect(),
        }
    }

    fn values(measures: &[Measure]) -> Vec<Option<f64>> {
        measures.iter().map(|measure| measure.figure.value).collect()
    }

    #[test]
    fn a_household_waits_whenever_it_has_no_place() {
        let twice = case(1, Some(20), &[(8, Some(10), Some(9)), (3, Some(5), None)]);
        let waited = [(noon(1), Some(noon(3))), (noon(5), Some(noon(8))), (noon(10), Some(noon(20)))];
        assert_eq!(spells(&twice), waited);
        assert_eq!(spells(&case(1, None, &[(4, None, None)])), [(noon(1), Some(noon(4)))]);
        assert_eq!(spells(&case(1, Some(5), &[(1, Some(5), Some(1))])), []);
    }

    #[test]
    fn the_list_is_counted_at_the_end_of_each_day() {
        let cases = [
            case(-3, None, &[]),                     // waits on all five days
            case(2, Some(4), &[]),                   // on the 2nd and 3rd
            case(1, None, &[(3, Some(5), Some(4))]), // on the 1st, 2nd and 5th
            case(6, None, &[]),                      // not yet
        ];
        // 1st: 2, 2nd: 3, 3rd: 2, 4th: 1, 5th: 2. Mean 10/5. At the end: 8.5 days and half a day.
        let expected = [2.0, 1.0, 2.0, 3.0, 4.5].map(Some);
        assert_eq!(values(&list(&cases, january(1, 5))), expected);
        assert_eq!(values(&list(&[], january(1, 5))), [Some(0.0), Some(0.0), Some(0.0), Some(0.0), None]);
    }

    #[test]
    fn the_wait_for_a_place_ends_with_the_first_arrival() {
        let cases = [
            case(1, None, &[(2, Some(3), None), (4, None, Some(5))]), // 4 days
            case(2, None, &[(2, Some(4), Some(3)), (5, None, Some(6))]), // 1 day: the first time
            case(1, None, &[(2, None, Some(12))]),                    // not in the period
            case(1, None, &[(2, None, None)]),                        // expected
        ];
        assert_eq!(values(&time(&cases, january(1, 10))), [Some(2.5), Some(4.0)]);
    }

    #[test]
    fn who_left_the_list_without_a_place_was_unable_to_be_supported() {
        let placed = case(2, Some(9), &[(3, Some(9), Some(4))]);
        let cases =
            [case(-5, Some(3), &[]), placed, case(4, None, &[]), case(-9, Some(-1), &[]), case(3, Some(11), &[])];
        let measures = closed(&cases, january(1, 10));
        assert_eq!(values(&measures), [Some(3.0), Some(2.0), Some(1.0)]);
        assert_eq!(measures[2].breakdowns[0].rows[0].of, None, "its reason is not recorded");
    }

    proptest! {
        #[test]
        fn the_days_of_the_list_are_those_of_each_day_alone(
            all in prop::collection::vec((-5..12_i64, 0..9_i64, 0..5_i64, 0..4_i64, any::<bool>()), 0..20),
        ) {
            let cases: Vec<Case> = all
                .iter()
                .map(|(opened, to_place, stay, to_close, closed)| {
                    let left = opened + to_place + stay;
                    let place = (opened + to_place, Some(left), Some(opened + to_place));
                    case(*opened, closed.then_some(left + to_close), &[place])
                })
                .collect();
            let days: Vec<f64> = (1..=10).map(|day| values(&list(&cases, january(day, day)))[0].unwrap()).collect();
            let whole = list(&cases, january(1, 10));
            let sum: f64 = days.iter().sum();
            prop_assert_eq!(whole[2].figure.numerator.map(|sum| f64::from(u32::try_from(sum).unwrap())), Some(sum));
            prop_assert_eq!(whole[0].figure.value, days.last().copied());
            prop_assert_eq!(whole[3].figure.value, days.iter().copied().reduce(f64::max));
            prop_assert_eq!(whole[1].figure.value, days.iter().copied().reduce(f64::min));
            for measure in &whole[..4] {
                let (code, period) = (measure.code, january(1, 10));
                let moment = moment(code, &cases, period);
                let there = cases.iter().filter(|case| counted(code, case, period, moment).is_some());
                let sum: u64 = there.map(|case| amount(code, case, period)).sum();
                let told = measure.figure.numerator.or_else(|| measure.figure.value.map(|value| format!("{value}").parse().unwrap()));
                prop_assert_eq!(Some(sum), told, "{:?}", code);
            }
        }

        /// S41
        #[test]
        fn s41_what_is_counted_when_it_happens_adds_up_from_parts(
            all in prop::collection::vec((-9..25_i64, 0..25_i64), 0..30),
            cut in 1..20_u32,
        ) {
            let cases: Vec<Case> = all.iter().map(|(opened, open)| case(*opened, Some(opened + open), &[])).collect();
            let (first, second) = (closed(&cases, january(1, cut)), closed(&cases, january(cut + 1, 21)));
            let whole = closed(&cases, january(1, 21));
            for ((one, other), all) in values(&first).into_iter().zip(values(&second)).zip(values(&whole)) {
                prop_assert_eq!(one.zip(other).map(|(one, other)| one + other), all);
            }
        }
    }
}
