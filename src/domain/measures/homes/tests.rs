//! Days of homes by hand and at random.

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
    let handed_back =
        Taken { void: Some(Void { reason: "being_handed_back".into(), group: "other".into() }), ..taken(Out, 5, None) };
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
        for measure in days(&homes, ten_days()).iter().filter(|measure| measure.code != Code::UnitsOnline) {
            for part in [Part::Numerator, Part::Denominator] {
                let amounts = homes.iter().filter_map(|home| {
                    amount(measure.code, part, &unit_time(home, ten_days()), &|_| true)
                });
                let told = match part {
                    Part::Numerator => measure.figure.numerator,
                    Part::Denominator => measure.figure.denominator.or(Some(whole.online)),
                };
                prop_assert_eq!(Some(amounts.sum::<u64>()), told, "{:?} {:?}", measure.code, part);
            }
        }
        let always = homes.iter().filter(|home| home.online_from <= day(1) && home.online_until.is_none());
        let always: Vec<_> = always.cloned().collect();
        prop_assert_eq!(all(&always, ten_days()).online, number(always.len()) * 10 * 86_400);
    }
}
