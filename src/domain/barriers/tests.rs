use chrono::DateTime;
use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::eligibility::Scope;
use crate::domain::eligibility::samples::*;
use crate::domain::matching::{Candidate, Seeker, rank};
use crate::domain::provision::AccommodationType;

/// The set of rules that stands in this place of a list.
fn versions(set: usize) -> Vec<Version> {
    vec![Version { scope: Scope::Service, id: Uuid::from_u128(set as u128), version: 1 }]
}

proptest! {
    /// A record keeps no needs and no reasons, and yet its verdicts and what stood in the way can be worked out again.
    #[test]
    fn a_record_says_the_same_when_it_is_worked_out_again(
        needs in any_needs(), sets in vec(any_rules(), 2), units in vec(any_unit(), 2),
        vacancies in vec((0..2_usize, 0..2_usize, any_place()), 0..12),
    ) {
        let seeker = Seeker::of(&needs, "self");
        let candidates = vacancies.iter().enumerate().map(|(key, (set, unit, place))| Candidate {
            key,
            rules: &sets[*set],
            unit: &units[*unit],
            kind: AccommodationType::Refuge,
            place: *place,
            fresh: true,
            confirmed_at: DateTime::UNIX_EPOCH.into(),
            available_from: today(),
        });
        let ranked = rank(&seeker, candidates);
        let mut homes = Vec::new();
        for found in &ranked {
            let (set, unit, _) = vacancies[found.key];
            add(&mut homes, found, &units[unit], &versions(set));
        }
        prop_assert_eq!(homes.iter().map(|alike| alike.number).sum::<usize>(), ranked.len());
        prop_assert!(homes.len() <= vacancies.len());
        prop_assert_eq!(counts(&homes), crate::domain::matching::counts(&ranked));

        let written = serde_json::to_string(&(&homes, &seeker.household)).unwrap();
        let (again, household): (Vec<Homes>, Household) = serde_json::from_str(&written).unwrap();
        prop_assert_eq!(&again, &homes);
        for alike in &again {
            let rules = &sets[usize::from(alike.rules == versions(1))];
            prop_assert_eq!(alike.again(&household, rules), alike.verdict);
            let afresh = assess(rules, &alike.unit, alike.nearness, &household);
            prop_assert_eq!(afresh.obstacles(), alike.obstacles.clone());
            if let [only] = alike.obstacles[..] {
                prop_assert_eq!(alike.without, Some(afresh.without(only)));
            }
        }

        let in_the_way = in_the_way(&again);
        let times = |found: &InTheWay| found.alone.all() + found.together;
        for (obstacle, found) in &in_the_way {
            prop_assert_eq!(times(found), ranked.iter().filter(|of| of.obstacles().contains(obstacle)).count());
        }
        let alone: usize = in_the_way.values().map(|found| found.alone.all()).sum();
        prop_assert_eq!(alone, ranked.iter().filter(|found| found.near_miss).count());
    }
}

/// Each search counts once before and once after, and a change is counted in the direction in which it goes.
#[test]
fn other_rules_open_and_close() {
    let mut effect = Effect::default();
    for before in Verdict::ALL {
        for after in Verdict::ALL {
            effect.add(*before, *after);
        }
    }
    let four = Counts { suitable: 4, discuss: 4, missing_information: 4, not_suitable: 4 };
    let expected =
        Effect { searches: 16, before: four, after: four, opened: 1, closed: 1, opened_to_talk: 2, closed_to_talk: 2 };
    assert_eq!(effect, expected);
    let mut milder = Effect::default();
    milder.add(Verdict::NotSuitable, Verdict::Suitable);
    assert_eq!((milder.opened, milder.closed, milder.before.not_suitable, milder.after.suitable), (1, 0, 1, 1));
}
