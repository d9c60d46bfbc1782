use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::domain::eligibility::samples::*;

#[test]
fn a_rule_is_written_flat_and_refuses_unknown_words() {
    let rule: Rule =
        serde_json::from_value(json!({"kind": "male_child_age", "shared": {"accepted_to": 14, "discuss_to": 16}}))
            .unwrap();
    let limit = AgeLimit { accepted_to: 14, discuss_to: Some(16) };
    assert_eq!(rule, Rule::from(Condition::MaleChildAge { shared: Some(limit), self_contained: None }));
    assert!(serde_json::from_value::<Rule>(json!({"kind": "pets", "policy": "accepted", "cats": true})).is_err());
    assert!(
        serde_json::from_value::<Rule>(json!({"kind": "pets", "policy": "accepted", "strenght": "prefer"})).is_err()
    );
    assert!(serde_json::from_value::<Rule>(json!({"kind": "local_connection"})).is_err());
}

#[rstest]
#[case::sensible(Condition::LargestFamily { people: 5 }, true)]
#[case::nobody(Condition::LargestFamily { people: 0 }, false)]
#[case::no_sex(Condition::SurvivorSex { accepts: vec![], trans_people: Policy::Discuss }, false)]
#[case::boy_of_thirty(
    Condition::MaleChildAge { shared: Some(AgeLimit { accepted_to: 30, discuss_to: None }), self_contained: None }, false)]
#[case::boy_discussed_to_thirty(
    Condition::MaleChildAge { shared: None, self_contained: Some(AgeLimit { accepted_to: 9, discuss_to: Some(30) }) }, false)]
#[case::age_over_any(Condition::SurvivorAge { min: None, max: Some(130) }, false)]
fn limits_are_within_reason(#[case] condition: Condition, #[case] valid: bool) {
    let rule = Rule::from(condition);
    assert_eq!(rule.validate().is_ok(), valid);
    assert_eq!(Rules(vec![rule]).validate().is_ok(), valid);
}

fn rule(condition: Condition) -> Vec<Rule> {
    vec![condition.into()]
}

fn day(day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2026, 3, day)
}

#[rstest]
#[case::none(brookes_house().rules, &[])]
#[case::two_of_a_kind(brookes_house().and(Condition::Nrpf { policy: Nrpf::No }).rules, &[
    (7, "There is already a rule about no recourse to public funds")])]
#[case::ages_upside_down(rule(Condition::SurvivorAge { min: Some(25), max: Some(18) }), &[
    (0, "The lowest age is above the highest age")])]
#[case::discussed_below_taken(
    rule(Condition::MaleChildAge { shared: None, self_contained: Some(AgeLimit { accepted_to: 14, discuss_to: Some(12) }) }),
    &[(0, "The age up to which people talk first is below the age that is taken")])]
#[case::nobody_taken(rule(Condition::SurvivorSex { accepts: vec![], trans_people: Policy::Accepted }), &[
    (0, "Say at least one sex that is taken")])]
#[case::nobody_taken_who_says_their_sex(
    rule(Condition::SurvivorSex { accepts: vec![Sex::Unknown], trans_people: Policy::Accepted }), &[
    (0, "Say at least one sex that is taken")])]
#[case::shared_by_nobody(rule(Condition::SingleSex { sex: Sex::Unknown }), &[(0, "Say women or men")])]
#[case::a_need_met_up_to_nobody_knows(
    rule(Condition::SupportNeed { need: SupportNeed::Drugs, up_to: Level::Unknown }), &[
    (0, "Say up to which level the need can be met")])]
#[case::over_before_it_begins(
    vec![Rule { effective_from: day(9), effective_to: day(8), ..Condition::CommunalLiving {}.into() }], &[
    (0, "The last day is before the first")])]
#[case::one_after_the_other(
    vec![
        Rule { effective_to: day(8), ..Condition::LargestFamily { people: 4 }.into() },
        Rule { effective_from: day(9), ..Condition::LargestFamily { people: 5 }.into() },
    ], &[])]
#[case::both_on_one_day(
    vec![
        Rule { effective_from: day(9), ..Condition::LargestFamily { people: 5 }.into() },
        Rule { effective_to: day(9), ..Condition::LargestFamily { people: 4 }.into() },
    ], &[(1, "There is already a rule about the largest family")])]
#[case::two_kinds_of_harm(
    vec![
        after(HarmKind::Arson, Policy::NotAccepted, None).into(), after(HarmKind::Violence, Policy::Discuss, None).into(),
        after(HarmKind::Arson, Policy::Discuss, Some(5)).into(),
    ], &[(2, "There is already a rule about the same harm to others")])]
#[case::two_groups_are_no_contradiction(
    panahghar().and(discussed(Condition::ClientGroup { serves: ClientGroup::Disabled })).rules, &[])]
#[case::one_way_of_paying_twice(
    leicester_refuge().and(Condition::Funding { not_accepted: vec![Funding::CannotFund] }).rules,
    &[(7, "There is already a rule about the same way of paying")])]
fn contradictions_are_named(#[case] rules: Vec<Rule>, #[case] expected: &[(usize, &str)]) {
    let found = contradictions(&rules);
    assert_eq!(found.iter().map(|(index, message)| (*index, message.as_str())).collect::<Vec<_>>(), expected);
}

#[test]
fn a_summary_says_what_a_search_can_filter_by() {
    let none = Summary::of(&[], today());
    assert!(none.takes_men && none.takes_women && none.takes_pets && none.nrpf == Nrpf::Yes);
    assert_eq!((none.largest_family, none.max_children), (None, None));

    let juno = Summary::of(&juno_house().rules, today());
    assert!(!juno.takes_men && juno.takes_women && !juno.takes_pets && juno.nrpf == Nrpf::CaseByCase);
    assert_eq!((juno.largest_family, juno.max_children), (Some(2), Some(1)));

    assert!(Summary::of(&dispersed().rules, today()).takes_men);
    let milder = leicester_refuge().rules.into_iter().map(|rule| discussed(rule.condition)).collect::<Vec<_>>();
    assert_eq!(Summary::of(&milder, today()), none);
    assert_eq!(
        Summary::of(&dispersed().and(Condition::LargestFamily { people: 3 }).rules, today()).largest_family,
        Some(3)
    );
}

proptest! {
    #[test]
    fn a_rule_survives_a_round_trip(rule in any_rule()) {
        let written = serde_json::to_value(&rule).unwrap();
        prop_assert_eq!(serde_json::from_value::<Rule>(written).unwrap(), rule);
    }
}
