use chrono::{DateTime, TimeDelta};
use rstest::rstest;

use super::*;
use crate::domain::eligibility::samples::*;
use crate::domain::eligibility::{Condition, Policy};
use crate::domain::household::{AccessNeed, Answer};

mod properties;

const ELSEWHERE: Place = IN_A_COUNTY;
const KIND: AccommodationType = AccommodationType::Refuge;

fn at(hour: i64) -> At {
    At::from(DateTime::UNIX_EPOCH) + TimeDelta::hours(hour)
}

fn seeker(caller: &Caller) -> Seeker<'_> {
    Seeker { needs: &caller.needs, household: caller.household() }
}

/// A vacancy as it may be looked at, with the rules that it keeps.
#[derive(Debug, Clone)]
struct Vacant {
    rules: InForce,
    unit: UnitFacts,
    place: Place<'static>,
    kind: AccommodationType,
    fresh: bool,
    confirmed_at: At,
    available_from: NaiveDate,
}

impl From<Sample> for Vacant {
    fn from(sample: Sample) -> Self {
        Self {
            rules: sample.in_force(),
            unit: sample.unit,
            place: sample.place,
            kind: KIND,
            fresh: true,
            confirmed_at: at(0),
            available_from: today(),
        }
    }
}

impl Vacant {
    fn keyed<K>(&self, key: K) -> Candidate<'_, K> {
        let Self { rules, unit, place, kind, fresh, confirmed_at, available_from } = self;
        Candidate {
            key,
            rules,
            unit,
            kind: *kind,
            place: *place,
            fresh: *fresh,
            confirmed_at: *confirmed_at,
            available_from: *available_from,
        }
    }

    fn but(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut vacant = self.clone();
        change(&mut vacant);
        vacant
    }
}

fn ranked<'v>(
    caller: &Caller,
    vacancies: impl IntoIterator<Item = (&'static str, &'v Vacant)>,
) -> Vec<Match<&'static str>> {
    rank(&seeker(caller), vacancies.into_iter().map(|(key, vacant)| vacant.keyed(key)))
}

fn keys<K: Copy>(matches: &[Match<K>]) -> Vec<K> {
    matches.iter().map(|found| found.key).collect()
}

fn spare_beds<K>(matches: &[Match<K>]) -> Vec<i32> {
    matches.iter().map(|found| found.standing.spare_beds).collect()
}

#[test]
fn the_verdict_comes_first_and_near_misses_before_the_rest() {
    let (refuge, juno) = (Vacant::from(leicester_refuge()), juno_house().into());
    let (homes, unasked, shared) = (dispersed().into(), brookes_house().beds(3).into(), zinthiya().into());
    let caller = woman().boy(13).but(|needs| needs.pets = None);
    let ranked = ranked(
        &caller,
        [
            ("far", &juno),
            ("near", &refuge),
            ("asks", &unasked),
            ("near, and closer in beds", &shared),
            ("fits", &homes),
        ],
    );
    // A home for a wheelchair comes after the others, however well its beds fit.
    assert_eq!(keys(&ranked), ["fits", "asks", "near", "near, and closer in beds", "far"]);
    assert_eq!(ranked.iter().map(|found| found.near_miss).collect::<Vec<_>>(), [false, false, true, true, false]);
    let expected = Counts { suitable: 1, discuss: 0, missing_information: 1, not_suitable: 3 };
    assert_eq!(counts(&ranked), expected);
}

#[test]
fn wanted_areas_come_first_in_the_order_in_which_they_are_wanted() {
    let first = Vacant::from(dispersed());
    let second = first.but(|vacant| vacant.place = ELSEWHERE);
    let other = first.but(|vacant| vacant.place = Place { area: RUTLAND, county: None });
    let all = || [("not wanted", &other), ("second", &second), ("first", &first)];
    let wants =
        |areas: &[&str]| woman().but(|needs| needs.wanted_areas = areas.iter().map(|&area| area.to_owned()).collect());
    let wanted = |found: &[Match<&str>]| found.iter().map(|found| found.standing.nearness.wanted).collect::<Vec<_>>();

    let found = ranked(&wants(&[LEICESTER, LEICESTERSHIRE]), all());
    assert_eq!(keys(&found), ["first", "second", "not wanted"]);
    assert_eq!(wanted(&found), [Some(0), Some(1), None]);

    let found = ranked(&wants(&[]), all());
    assert_eq!(keys(&found), ["first", "not wanted", "second"]);
    assert_eq!(wanted(&found), [None; 3]);
}

#[test]
fn a_wheelchair_unit_is_kept_for_who_needs_it() {
    let usual = Vacant::from(dispersed());
    let accessible =
        usual.but(|vacant| (vacant.unit.step_free, vacant.unit.wheelchair) = (true, Wheelchair::Full)).but(|vacant| {
            vacant.unit.floor = 0;
        });
    let all = || [("accessible", &accessible), ("usual", &usual)];
    assert_eq!(keys(&ranked(&woman(), all())), ["usual", "accessible"]);
    let caller = woman().access(AccessNeed::WheelchairToEssentialRooms);
    assert_eq!(keys(&ranked(&caller, all())), ["accessible", "usual"]);
}

#[test]
fn the_question_comes_first_that_is_expected_to_decide_the_most() {
    let (any_status, by_case) = (Vacant::from(brookes_house()), leicester_refuge().into());
    let caller = woman().but(|needs| {
        needs.pets = None;
        needs.recourse_to_public_funds = Answer::Unknown;
    });
    let found = ranked(&caller, [("any status", &any_status), ("by case", &by_case)]);
    let pets = Asked { question: Question::Pets, vacancies: 2, alone: 1 };
    let recourse = Asked { question: Question::Recourse, vacancies: 1, alone: 0 };
    assert_eq!(questions(&found), [pets, recourse]);
    assert_eq!(questions(&ranked(&woman(), [("known", &any_status)])), []);
}

#[test]
fn then_beds_then_the_day_then_the_hour_of_confirmation_then_the_key() {
    let (small, large) = (Vacant::from(dispersed().beds(2)), dispersed().into());
    let found = ranked(
        &woman().boy(1).girl(8),
        [
            ("d roomy", &large),
            ("c tomorrow", &small.but(|vacant| vacant.available_from = today() + TimeDelta::days(1))),
            ("b", &small),
            ("a", &small),
            ("e fresh", &small.but(|vacant| vacant.confirmed_at = at(1))),
        ],
    );
    assert_eq!(keys(&found), ["e fresh", "a", "b", "c tomorrow", "d roomy"]);
    assert_eq!(spare_beds(&found), [0, 0, 0, 0, 3]);
}

#[test]
fn beds_are_counted_with_the_cots_that_there_are_and_too_few_come_last() {
    let (small, no_pets) = (Vacant::from(dispersed().beds(2)), panahghar().into());
    let caller = woman().boy(1).boy(0).girl(4).dog();
    let found = ranked(&caller, [("too few", &small), ("two to spare", &no_pets)]);
    assert_eq!(keys(&found), ["two to spare", "too few"]);
    assert_eq!(spare_beds(&found), [2, -1]);
    assert!(found.iter().all(|found| found.near_miss));
}

/// Each vacancy is better than the next in one thing, and worse in all that count less.
#[test]
fn what_counts_more_comes_before_all_that_counts_less() {
    let caller = woman().but(|needs| {
        needs.wanted_areas = vec![LEICESTER.to_owned()];
        needs.wanted_types = vec![AccommodationType::SecondStage, AccommodationType::Refuge];
        needs.school_area = Some(LEICESTER.to_owned());
        needs.work_area = Some(CHARNWOOD.to_owned());
    });
    let wish = preferred(Condition::Pets { policy: Policy::NotAccepted });
    let best = Vacant::from(Sample::with_rules([wish]).beds(1)).but(|vacant| {
        vacant.kind = AccommodationType::SecondStage;
        vacant.unit.wheelchair = Wheelchair::None;
        vacant.confirmed_at = at(9);
    });
    // From what counts least to what counts most: each step spoils one thing more.
    let spoils: [fn(&mut Vacant); 8] = [
        |vacant| vacant.confirmed_at = at(8),
        |vacant| vacant.available_from = today() + TimeDelta::days(1),
        |vacant| vacant.fresh = false,
        |vacant| vacant.rules = InForce::default(),
        |vacant| vacant.unit.bed_spaces = 2,
        |vacant| vacant.unit.wheelchair = Wheelchair::Full,
        |vacant| vacant.kind = AccommodationType::Refuge,
        |vacant| vacant.place = ELSEWHERE,
    ];
    for (spoiled, spoil) in spoils.iter().enumerate() {
        // Worse in this one thing alone, against worse in everything that counts less.
        let (one, less) = (best.but(spoil), spoils[..spoiled].iter().fold(best.clone(), |less, spoil| less.but(spoil)));
        assert_eq!(keys(&ranked(&caller, [("a", &one), ("b", &less)])), ["b", "a"], "{spoiled}");
    }
}

#[rstest]
#[case::school_before_work(&[("a work", LEICESTER), ("b school", CHARNWOOD)], ["b school", "a work"])]
#[case::work_before_neither(&[("a neither", RUTLAND), ("b work", LEICESTER)], ["b work", "a neither"])]
fn keeping_school_and_then_work_counts(#[case] places: &[(&'static str, &'static str)], #[case] expected: [&str; 2]) {
    let caller = woman().but(|needs| {
        needs.school_area = Some(LEICESTERSHIRE.to_owned());
        needs.work_area = Some(LEICESTER.to_owned());
    });
    let county = |area| (area == CHARNWOOD).then_some(LEICESTERSHIRE);
    let there =
        |(key, area): &(_, &'static str)| (*key, Vacant::from(dispersed().at(Place { area, county: county(*area) })));
    let vacancies: Vec<_> = places.iter().map(there).collect();
    assert_eq!(keys(&ranked(&caller, vacancies.iter().map(|(key, vacant)| (*key, vacant)))), expected);
}

#[test]
fn a_standing_is_told_in_the_order_in_which_it_counts() {
    let caller = woman().but(|needs| {
        needs.wanted_areas = vec![RUTLAND.to_owned(), LEICESTER.to_owned()];
        needs.wanted_types = vec![KIND];
        (needs.school_area, needs.work_area) = (Some(LEICESTER.to_owned()), Some(LEICESTER.to_owned()));
    });
    let wish = preferred(Condition::Pets { policy: Policy::NotAccepted });
    let vacant = Vacant::from(Sample::with_rules([wish])).but(|vacant| {
        (vacant.fresh, vacant.available_from) = (false, today() + TimeDelta::days(2));
    });
    let expected = [
        "In an area that they want",
        "The kind of place that they want most",
        "School and work can be kept",
        "Lower down: it is kept for somebody who needs its wheelchair access",
        "4 beds would stay empty",
        "The provider is looking for a household like this",
        "Lower down: not confirmed lately",
        "Lower down: not free yet",
    ];
    assert_eq!(ranked(&caller, [("", &vacant)])[0].standing.told(today()), expected);
}

#[test]
fn what_would_change_most_is_told_first() {
    let (fits_but_for_pets, boys_too) = (Vacant::from(brookes_house()), Vacant::from(zinthiya()));
    let asks = Vacant::from(action_homeless().and(Condition::Pregnancy { policy: Policy::Discuss }));
    let caller = woman().boy(10).dog().but(|needs| needs.pregnant = Answer::Unknown);
    let found = ranked(&caller, [("a", &fits_but_for_pets), ("b", &boys_too), ("c", &asks)]);
    // Without pets the first would be talked about no more than now, and the third would still ask.
    let counts = Counts { suitable: 0, discuss: 1, missing_information: 1, not_suitable: 0 };
    assert_eq!(what_ifs(&found), [WhatIf { obstacle: Obstacle::Pets, counts }]);
}

#[test]
fn while_nothing_suits_other_ways_are_named() {
    let no_dogs = Vacant::from(brookes_house());
    let unsure = Vacant::from(dispersed()).but(|vacant| vacant.place = ELSEWHERE);
    let second = Vacant::from(dispersed()).but(|vacant| vacant.kind = AccommodationType::SecondStage);
    let caller = woman().dog().unsafe_in(CHARNWOOD, false);
    let kind = |key: &&str| Some(if *key == "second" { AccommodationType::SecondStage } else { KIND });
    let ways =
        |vacancies: &[(&'static str, &Vacant)]| alternatives(&ranked(&caller, vacancies.iter().copied()), kind, 2);
    let places = |found: Vec<Alternative>| found.iter().map(|way| (way.route, way.places)).collect::<Vec<_>>();
    let expected = [
        (Route::Exception, 1),
        (Route::AnotherArea, 1),
        (Route::SecondStage, 0),
        (Route::Sanctuary, 2),
        (Route::WaitingList, 0),
    ];
    assert_eq!(places(ways(&[("no dogs", &no_dogs), ("unsure", &unsure)])), expected);
    assert_eq!(ways(&[("no dogs", &no_dogs), ("second", &second)]), [], "something suits");
    let ask = second.but(|vacant| vacant.unit.pets = false);
    assert_eq!(places(ways(&[("second", &ask)]))[2], (Route::SecondStage, 1));
}

/// There is no local connection test: nothing that a search looks at says where a household comes from. A field that is
/// added to either has to be thought about here.
#[test]
fn origin_is_nothing_that_a_search_looks_at() {
    let caller = woman();
    let Seeker { needs, household: _ } = seeker(&caller);
    let crate::domain::household::Needs {
        members: _,
        household_complete: _,
        pregnant: _,
        pets: _,
        access_need: _,
        additional_needs: _,
        support_needs_complete: _,
        risk_to_others: _,
        asked_to_leave_before: _,
        bail_or_probation: _,
        interpreter: _,
        interpreter_language: _,
        immigration_status: _,
        recourse_to_public_funds: _,
        concession: _,
        funding: _,
        unsafe_areas: _,
        wanted_areas: _,
        too_far: _,
        can_travel_to: _,
        wanted_types: _,
        school_area: _,
        work_area: _,
        shared_living: _,
        quiet_home: _,
        stay_needed: _,
        abuse_types: _,
        risk: _,
        monitoring: _,
    } = needs;
    let facts = serde_json::to_string(&(&caller.needs, caller.household())).unwrap();
    assert!(!facts.contains("origin") && !facts.contains("home_area") && !facts.contains("comes_from"));
}
