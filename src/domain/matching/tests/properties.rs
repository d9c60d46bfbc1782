//! What holds for every search.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// A vacancy at random.
fn any_vacant() -> impl Strategy<Value = Vacant> {
    let when = (prop::bool::ANY, 0..3_i64, 0..3_i64);
    (any_rules(), any_unit(), any_place(), prop::sample::select(AccommodationType::ALL), when).prop_map(
        |(rules, unit, place, kind, (fresh, hour, days))| Vacant {
            rules,
            unit,
            place,
            kind,
            fresh,
            confirmed_at: at(hour),
            available_from: today() + TimeDelta::days(days),
        },
    )
}

/// The order as it is documented, word by word.
fn documented<K>(found: &Match<K>) -> impl Ord + use<K> {
    let Standing { nearness, wanted_type, wheelchair_spared, spare_beds, preferred, fresh, available_from } =
        found.standing;
    let wishes = (
        nearness.wanted.map_or(u32::MAX, u32::from),
        wanted_type.map_or(u32::MAX, u32::from),
        !nearness.keeps_school,
        !nearness.keeps_work,
    );
    let fit = (wheelchair_spared, spare_beds < 0, spare_beds.unsigned_abs(), !preferred);
    let far = found.verdict == Verdict::NotSuitable && !found.near_miss;
    ((found.verdict, far), wishes, fit, (!fresh, available_from))
}

proptest! {
    #[test]
    fn the_order_of_the_input_plays_no_part_and_it_is_the_documented_one(
        needs in any_needs(),
        (sorted, shuffled) in vec(any_vacant(), 0..10).prop_flat_map(|vacancies| {
            let numbered: Vec<_> = vacancies.into_iter().enumerate().collect();
            (Just(numbered.clone()), Just(numbered).prop_shuffle())
        }),
    ) {
        let seeker = Seeker::of(&needs, "self");
        let ranked = |of: &[(usize, Vacant)]| rank(&seeker, of.iter().map(|(key, vacant)| vacant.keyed(*key)));
        let (once, again) = (ranked(&sorted), ranked(&shuffled));
        prop_assert_eq!(&once, &again);
        let confirmed = |found: &Match<usize>| Reverse(sorted[found.key].1.confirmed_at);
        prop_assert!(once.is_sorted_by_key(|found| (documented(found), confirmed(found), found.key)));
        prop_assert_eq!(counts(&once).all(), sorted.len());
    }

    /// Of a case just opened, origin proposes an unsafe area. Once the worker and the survivor have removed it, nothing of
    /// it is left.
    #[test]
    fn what_origin_proposes_leaves_no_trace_once_it_is_removed(
        needs in any_needs(), vacancies in vec(any_vacant(), 0..8), one in 0..2_usize,
    ) {
        let from = |area: &str| {
            let mut needs = needs.clone();
            needs.unsafe_areas.push(crate::domain::household::UnsafeArea { area: area.to_owned(), confirmed: false });
            needs.unsafe_areas.pop();
            needs
        };
        let ranked = |needs: &Needs| {
            rank(&Seeker::of(needs, "self"), vacancies.iter().enumerate().map(|(key, vacant)| vacant.keyed(key)))
        };
        let here = ranked(&from([LEICESTER, CHARNWOOD][one]));
        prop_assert_eq!(&here, &ranked(&from(RUTLAND)));
        prop_assert_eq!(&here, &ranked(&needs));
    }

    #[test]
    fn both_directions_say_the_same_of_a_household_and_a_vacancy(
        households in vec(any_needs(), 0..6), vacant in any_vacant(),
    ) {
        let waiting = households.iter().zip(0..).map(|(needs, hour)| {
            Waiting { key: hour, seeker: Seeker::of(needs, "self"), since: at(hour) }
        });
        let ranked = rank_waiting(&vacant.keyed(()), waiting);
        prop_assert_eq!(ranked.len(), households.len());
        let order = |found: &Match<i64>| {
            let Standing { wheelchair_spared, nearness, .. } = found.standing;
            (found.verdict, !found.near_miss, wheelchair_spared, nearness.wanted.is_none(), found.key)
        };
        prop_assert!(ranked.is_sorted_by_key(order));
        for found in ranked {
            let place = usize::try_from(found.key).unwrap();
            let there = rank(&Seeker::of(&households[place], "self"), std::iter::once(vacant.keyed(()))).remove(0);
            prop_assert_eq!((found.verdict, found.reasons), (there.verdict, there.reasons));
        }
    }

    #[test]
    fn every_undecided_vacancy_waits_for_a_question_that_is_asked(
        needs in any_needs(), vacancies in vec(any_vacant(), 0..12),
    ) {
        let seeker = Seeker::of(&needs, "self");
        let ranked = rank(&seeker, vacancies.iter().enumerate().map(|(key, vacant)| vacant.keyed(key)));
        let asked = questions(&ranked);
        let undecided: Vec<_> =
            ranked.iter().filter(|found| found.verdict == Verdict::MissingInformation).collect();
        for found in &undecided {
            let mut open = found.reasons.iter().filter_map(|reason| reason.question);
            prop_assert!(open.any(|question| asked.iter().any(|asked| asked.question == question)));
        }
        prop_assert!(asked.iter().all(|asked| asked.alone <= asked.vacancies && asked.vacancies <= undecided.len()));
        prop_assert!(asked.is_sorted_by_key(|asked| Reverse(asked.vacancies + asked.alone)));
    }

    #[test]
    fn a_near_miss_has_one_thing_in_the_way(needs in any_needs(), vacant in any_vacant()) {
        let found = rank(&Seeker::of(&needs, "self"), std::iter::once(vacant.keyed(()))).remove(0);
        let in_the_way = found.reasons.iter().filter(|reason| reason.effect == Verdict::NotSuitable);
        let obstacles: std::collections::BTreeSet<_> = in_the_way.map(|reason| reason.obstacle).collect();
        prop_assert_eq!(found.obstacles(), obstacles.iter().copied().collect::<Vec<_>>());
        prop_assert_eq!(found.near_miss, obstacles.len() == 1);
        prop_assert_eq!(found.verdict == Verdict::NotSuitable, !obstacles.is_empty());
    }

    /// What is announced is what each vacancy says of itself, which is verified where a household is assessed.
    #[test]
    fn what_if_counts_each_near_miss_once(needs in any_needs(), vacancies in vec(any_vacant(), 0..12)) {
        let seeker = Seeker::of(&needs, "self");
        let ranked = rank(&seeker, vacancies.iter().enumerate().map(|(key, vacant)| vacant.keyed(key)));
        let announced = what_ifs(&ranked);
        let near: Vec<_> = ranked.iter().filter(|found| found.near_miss).collect();
        prop_assert_eq!(announced.iter().map(|what_if| what_if.counts.all()).sum::<usize>(), near.len());
        for WhatIf { obstacle, counts } in announced {
            let mut again = Counts::default();
            for found in near.iter().filter(|found| found.obstacles() == [obstacle]) {
                again.add(found.without(obstacle), 1);
            }
            prop_assert_eq!((counts, counts.not_suitable), (again, 0));
        }
    }
}
