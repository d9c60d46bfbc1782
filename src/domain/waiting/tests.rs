use chrono::{DateTime, Utc};
use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn at(text: &str) -> At {
    text.parse::<DateTime<Utc>>().unwrap().into()
}

fn noon() -> At {
    at("2026-04-20T11:00:00Z")
}

fn waits(key: u8, opened: &str) -> Facts<u8> {
    Facts { key, opened_at: at(opened), last_contact: None, place_since: None, asked_since: None, call_due: None }
}

fn order(mut facts: Vec<Facts<u8>>) -> Vec<u8> {
    facts.sort_by_key(|facts| facts.position(noon()));
    facts.into_iter().map(|facts| facts.key).collect()
}

fn told(facts: &Facts<u8>) -> Vec<String> {
    facts.reasons(noon()).into_iter().map(|because| because.told(noon())).collect()
}

#[test]
fn what_can_be_done_now_comes_first_then_silence_then_the_longest_wait() {
    let today = waits(1, "2026-04-20T08:00:00Z");
    let spoken = Facts { last_contact: Some(at("2026-04-18T09:00:00Z")), ..waits(2, "2026-03-01T09:00:00Z") };
    let silent = waits(3, "2026-04-05T09:00:00Z");
    let more_silent = Facts { last_contact: Some(at("2026-04-03T09:00:00Z")), ..waits(4, "2026-02-01T09:00:00Z") };
    let place = Facts { place_since: Some(at("2026-04-20T09:20:00Z")), ..waits(5, "2026-04-19T08:00:00Z") };
    let asked = Facts { asked_since: Some(at("2026-04-19T12:00:00Z")), ..waits(6, "2026-04-19T08:00:00Z") };
    let promised = Facts { call_due: Some(at("2026-04-20T10:30:00Z")), ..waits(7, "2026-04-19T09:00:00Z") };
    let later = Facts { call_due: Some(at("2026-04-20T15:00:00Z")), ..waits(8, "2026-04-19T10:00:00Z") };
    assert_eq!(
        order(vec![today, spoken, silent, more_silent, place, asked, promised, later]),
        [6, 5, 7, 4, 3, 2, 8, 1]
    );
}

#[rstest]
#[case(waits(1, "2026-04-20T08:00:00Z"), &["Waiting since today"])]
#[case(waits(1, "2026-04-19T22:59:00Z"), &["Waiting 1 day"])]
#[case(waits(1, "2026-04-19T23:01:00Z"), &["Waiting since today"])] // it is past midnight in England
#[case(waits(1, "2026-03-28T09:00:00Z"), &["No contact is recorded for 23 days", "Waiting 23 days"])]
#[case(Facts { place_since: Some(at("2026-04-20T09:20:00Z")), ..waits(1, "2026-04-19T08:00:00Z") },
    &["A suitable place has been free since 10:20", "Waiting 1 day"])]
#[case(Facts { asked_since: Some(at("2026-04-18T09:20:00Z")), call_due: Some(at("2026-04-19T09:20:00Z")), ..waits(1, "2026-04-17T08:00:00Z") },
    &["A provider asks something about the referral of 18 April", "A call was promised for 19 April", "Waiting 3 days"])]
fn every_place_in_the_order_is_told_in_words(#[case] facts: Facts<u8>, #[case] words: &[&str]) {
    assert_eq!(told(&facts), words);
}

#[test]
fn how_long_they_wait_is_counted_in_days_and_weeks() {
    let opened = ["2026-04-20T08:00:00Z", "2026-04-14T08:00:00Z", "2026-04-13T08:00:00Z", "2025-12-01T08:00:00Z"];
    let found = summary(opened.into_iter().map(at), noon());
    assert_eq!((found.households, found.median_days, found.longest_days), (4, Some(7), Some(140)));
    assert_eq!(found.by_weeks, [2, 1, 0, 0, 0, 1]);
    assert_eq!(summary(std::iter::empty(), noon()), Summary { by_weeks: vec![0; 6], ..Summary::default() });
}

#[test]
fn longer_than_some_days_counts_from_midnight_in_england() {
    assert_eq!(opened_before(noon().date(), 0), Some(at("2026-04-19T23:00:00Z")));
    assert_eq!(opened_before(noon().date(), i64::MAX), None);
}

fn instant() -> impl Strategy<Value = At> {
    (0_i64..10_000).prop_map(|minutes| noon() - TimeDelta::minutes(minutes * 7))
}

prop_compose! {
    fn any_facts()(
        opened_at in instant(),
        last_contact in proptest::option::of(instant()),
        place_since in proptest::option::of(instant()),
        asked_since in proptest::option::of(instant()),
        call_due in proptest::option::of(instant()),
    ) -> Facts<u8> {
        Facts { key: 0, opened_at, last_contact, place_since, asked_since, call_due }
    }
}

proptest! {
    /// The input holds instants alone, so neither origin nor any protected characteristic can count.
    #[test]
    fn the_order_is_total_and_does_not_depend_on_the_order_of_the_input(
        found in proptest::collection::vec(any_facts(), 0..30),
        turn in any::<prop::sample::Index>(),
    ) {
        let mut facts: Vec<Facts<u8>> =
            found.into_iter().zip(0..).map(|(facts, key)| Facts { key, ..facts }).collect();
        let once = order(facts.clone());
        if !facts.is_empty() {
            let by = turn.index(facts.len());
            facts.rotate_left(by);
        }
        facts.reverse();
        prop_assert_eq!(&order(facts.clone()), &once);
        let mut positions: Vec<_> = facts.iter().map(|facts| facts.position(noon())).collect();
        positions.sort();
        prop_assert!(positions.windows(2).all(|two| two[0] < two[1]));
    }

    #[test]
    fn nobody_overtakes_who_waits_longer_for_the_same_reasons(one in any_facts(), longer in 1_i64..500) {
        let other = Facts { key: 1, opened_at: one.opened_at - TimeDelta::minutes(longer), ..one };
        prop_assert!(other.position(noon()) < one.position(noon()));
        prop_assert_eq!(one.reasons(noon()).last().map(|because| because.why), Some(Why::Waits));
    }
}
