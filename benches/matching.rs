//! How long it takes to hold one household against every vacancy: `cargo bench --bench matching`.
//!
//! Each vacancy has a set of 20 rules of its own, as if no two were of one service: that is the worst there can be.
#![allow(clippy::expect_used, reason = "a benchmark may fail")]

use chrono::{DateTime, NaiveDate, TimeDelta};
use divan::Bencher;
use divan::counter::ItemsCount;
use safehold::domain::eligibility::{InForce, Place, Rule};
use safehold::domain::household::Needs;
use safehold::domain::matching::{Candidate, Match, Seeker, counts, rank};
use safehold::domain::provision::{AccommodationType, UnitFacts};
use serde_json::{Value, from_value, json};

const AREAS: [(&str, Option<&str>); 4] =
    [("E06000016", None), ("E07000130", Some("E10000018")), ("E07000132", Some("E10000018")), ("E06000017", None)];

struct Vacancy {
    rules: InForce,
    unit: UnitFacts,
    place: Place<'static>,
}

/// The same vacancies each time, and yet of many kinds.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }

    /// One in so many.
    fn rarely(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.roll(choices.len())]
    }
}

/// One of twenty refuses, three talk about it first.
fn policy(dice: &mut Dice) -> &'static str {
    match dice.roll(20) {
        0 => "not_accepted",
        1..4 => "discuss",
        _ => "accepted",
    }
}

fn rules(dice: &mut Dice) -> Vec<Rule> {
    let up_to = |dice: &mut Dice| dice.of(&["high", "high", "high", "medium", "low"]);
    let boys = 9 + dice.roll(8);
    let rules = json!([
        {"kind": "survivor_sex", "accepts": if dice.rarely(12) { ["male"] } else { ["female"] }, "trans_people": "discuss"},
        {"kind": "survivor_age", "min": 16, "max": if dice.rarely(12) { Some(24) } else { None }},
        {"kind": "single_sex", "sex": "female", "strength": "discuss"},
        {"kind": "largest_family", "people": 3 + dice.roll(3)},
        {"kind": "max_children", "children": 2 + dice.roll(4)},
        {"kind": "male_child_age", "shared": {"accepted_to": boys, "discuss_to": boys + 2}},
        {"kind": "school_age_children", "policy": policy(dice)},
        {"kind": "adult_dependants", "policy": policy(dice)},
        {"kind": "pregnancy", "policy": policy(dice)},
        {"kind": "pets", "policy": policy(dice)},
        {"kind": "support_need", "need": "mental_health", "up_to": up_to(dice)},
        {"kind": "support_need", "need": "drugs", "up_to": up_to(dice)},
        {"kind": "risk_to_others", "harm": "arson", "policy": "not_accepted", "within_years": 5},
        {"kind": "previous_eviction", "policy": policy(dice)},
        {"kind": "bail_or_probation", "policy": policy(dice)},
        {"kind": "languages", "spoken": ["Gujarati", "Punjabi"], "others": policy(dice)},
        {"kind": "referral_routes", "accepts": ["local_helpline", "national_helpline", "police"]},
        {"kind": "nrpf", "policy": dice.of(&["yes", "yes", "case_by_case", "no"])},
        {"kind": "funding", "not_accepted": ["cannot_fund"], "strength": "discuss"},
        {"kind": "stay_limit", "max_nights": dice.of(&[28, 180, 730, 730, 730])},
    ]);
    from_value(rules).expect("rules")
}

fn vacancy(dice: &mut Dice, today: NaiveDate) -> Vacancy {
    let wheelchair = dice.of(&["none", "none", "none", "full"]);
    let unit = json!({
        "bed_spaces": 3 + dice.roll(3), "cots": 1, "step_free": wheelchair == "full", "wheelchair": wheelchair,
        "bathroom": dice.of(&["own", "shared"]), "kitchen": dice.of(&["own", "shared"]),
        "floor": dice.roll(3), "pets": !dice.rarely(6),
    });
    let (area, county) = dice.of(&AREAS);
    Vacancy {
        rules: InForce::of_service(&rules(dice), today),
        unit: from_value(unit).expect("a unit"),
        place: Place { area, county },
    }
}

/// A mother with a son and a baby, and a cat; nobody has asked for everything yet.
fn needs() -> Needs {
    let needs: Value = json!({
        "members": [
            {"role": "survivor", "age": 31, "sex": "female"},
            {"role": "child", "age": 13, "sex": "male"},
            {"role": "child", "age": 1, "sex": "female"},
        ],
        "household_complete": "yes", "pregnant": "no", "pets": [{"kind": "cat", "number": 1}], "access_need": "none",
        "additional_needs": [{"need": "mental_health", "level": "medium"}], "support_needs_complete": "yes",
        "risk_to_others": [], "asked_to_leave_before": "no", "interpreter_language": "Polish",
        "recourse_to_public_funds": "yes", "funding": "universal_credit", "stay_needed": "weeks",
        "unsafe_areas": [{"area": "E07000132", "confirmed": true}], "wanted_areas": ["E06000016", "E10000018"],
        "wanted_types": ["refuge"], "school_area": "E06000016",
    });
    from_value(needs).expect("needs")
}

fn ranked(needs: &Needs, vacancies: &[Vacancy], today: NaiveDate) -> Vec<Match<usize>> {
    let candidates = vacancies.iter().enumerate().map(|(key, vacancy)| Candidate {
        key,
        rules: &vacancy.rules,
        unit: &vacancy.unit,
        kind: if key % 3 == 0 { AccommodationType::Refuge } else { AccommodationType::DispersedRefugeLevel },
        place: vacancy.place,
        fresh: key % 5 != 0,
        confirmed_at: (DateTime::UNIX_EPOCH + TimeDelta::minutes(i64::try_from(key).expect("few"))).into(),
        available_from: today,
    });
    rank(&Seeker::of(needs, "local_helpline"), candidates)
}

fn vacancies(number: usize) -> (Vec<Vacancy>, NaiveDate) {
    let (mut dice, today) = (Dice(7), NaiveDate::default());
    ((0..number).map(|_| vacancy(&mut dice, today)).collect(), today)
}

#[divan::bench(args = [50, 500, 1_000, 2_500, 5_000, 10_000])]
fn one_household_against(bencher: Bencher, number: usize) {
    let ((vacancies, today), needs) = (vacancies(number), needs());
    bencher.counter(ItemsCount::new(number)).bench_local(|| ranked(&needs, &vacancies, today));
}

fn main() {
    let (vacancies, today) = vacancies(5_000);
    let found = ranked(&needs(), &vacancies, today);
    let with = |reasons| found.iter().filter(|found| found.reasons.len() == reasons).count();
    println!("Of 5,000 vacancies: {:?}", counts(&found));
    println!("With 0 to 8 reasons: {:?}", (0..=8).map(with).collect::<Vec<_>>());
    divan::main();
}
