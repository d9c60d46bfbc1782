//! What holds for every household, home and set of rules.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::unknown::{few_rules, nearly_fitting};
use super::*;
use crate::domain::provision::UnitFacts;

prop_compose! {
    pub(super) fn any_caller()(needs in any_needs(), sent_by in prop::option::of(prop::sample::select(SOURCES))) -> Caller {
        Caller { needs, sent_by }
    }
}

pub(super) fn assessed(rules: &InForce, unit: &UnitFacts, place: Place, caller: &Caller) -> Assessment {
    assess(rules, unit, place.seen_by(&caller.needs), &caller.household())
}

/// The same rules, those about one thing left out.
fn but_about(rules: &InForce, obstacle: Obstacle) -> InForce {
    InForce(rules.0.iter().filter(|applied| about(&applied.rule.condition) != obstacle).cloned().collect())
}

/// The household or the home with what stands in the way taken away, in the words of [`Obstacle::change`].
fn taken_away(
    obstacle: Obstacle,
    rules: &InForce,
    mut unit: UnitFacts,
    mut near: Nearness,
    mut of: Household,
) -> Assessment {
    match obstacle {
        Obstacle::UnsafeArea => near.unsafe_area = None,
        Obstacle::TooFar => near.too_far = false,
        Obstacle::HouseholdSize => unit.bed_spaces = 99,
        Obstacle::Access => of.access_need = AccessNeed::None,
        Obstacle::SharedLiving => (of.shared_living, of.quiet_home) = (Answer::Yes, Answer::No),
        _ => {}
    }
    assess(&but_about(rules, obstacle), &unit, near, &of)
}

#[test]
fn rules_are_drawn_of_every_kind_and_strength() {
    let mut runner = TestRunner::deterministic();
    let drawn: Vec<_> = (0..3_000).map(|_| any_rule().new_tree(&mut runner).expect("a rule").current()).collect();
    let of_kinds: BTreeSet<_> = drawn.iter().map(|rule| (kind(&rule.condition), rule.strength)).collect();
    let all = kinds().into_iter().flat_map(|kind| Strength::ALL.iter().map(move |strength| (kind.clone(), *strength)));
    assert_eq!(of_kinds, all.collect());
    let asked: BTreeSet<_> = drawn.iter().map(|rule| about(&rule.condition)).collect();
    let always = [Obstacle::UnsafeArea, Obstacle::HouseholdSize, Obstacle::Access, Obstacle::TooFar, Obstacle::Travel];
    assert_eq!(asked.iter().chain(&always).copied().collect::<BTreeSet<_>>(), Obstacle::ALL.iter().copied().collect());
}

proptest! {
    #[test]
    fn the_order_of_the_rules_and_of_the_sets_plays_no_part(
        (sets, shuffled) in vec((prop::sample::select(Scope::ALL), any_rule()), 0..20)
            .prop_flat_map(|rules| (Just(rules.clone()), Just(rules).prop_shuffle())),
        caller in any_caller(), unit in any_unit(), place in any_place(),
    ) {
        let in_force = |rules: Vec<(Scope, Rule)>, scopes: &mut dyn Iterator<Item = &Scope>| {
            let of = |scope| rules.iter().filter(|(of, _)| *of == scope).map(|(_, rule)| rule.clone()).collect::<Vec<_>>();
            let sets: Vec<_> = scopes.map(|scope| (*scope, of(*scope))).collect();
            InForce::on(today(), sets.iter().map(|(scope, rules)| (*scope, &rules[..])))
        };
        let one = in_force(sets, &mut Scope::ALL.iter());
        let two = in_force(shuffled, &mut Scope::ALL.iter().rev());
        prop_assert_eq!(assessed(&one, &unit, place, &caller), assessed(&two, &unit, place, &caller));
    }

    #[test]
    fn the_verdict_is_the_worst_reason_and_only_what_is_missing_has_a_question(
        rules in any_rules(), caller in any_caller(), unit in any_unit(), place in any_place(),
    ) {
        let Assessment { verdict, reasons, .. } = assessed(&rules, &unit, place, &caller);
        prop_assert_eq!(verdict, reasons.iter().map(|reason| reason.effect).max().unwrap_or(Suitable));
        prop_assert!(verdict == Suitable || reasons.iter().any(|reason| reason.effect == verdict));
        prop_assert!(reasons.is_sorted_by(|one, two| one.effect >= two.effect));
        for reason in &reasons {
            prop_assert_ne!(reason.effect, Suitable);
            prop_assert_eq!(reason.effect == MissingInformation, reason.question.is_some());
        }
    }

    #[test]
    fn a_reason_is_told_in_words_that_name_no_place_and_no_code(
        rules in any_rules(), caller in any_caller(), unit in any_unit(), place in any_place(),
    ) {
        let assessment = assessed(&rules, &unit, place, &caller);
        let told = told(&assessment.reasons, &caller.household());
        prop_assert_eq!(told.is_empty(), assessment.verdict == Suitable);
        prop_assert_eq!(told.first().map_or(Suitable, |told| told.effect), assessment.verdict);
        for Told { rule, fact, text, resolve, .. } in told {
            for words in [rule, fact, text, resolve] {
                prop_assert!(!words.is_empty() && !words.contains('_') && !words.contains(PET), "{}", words);
                prop_assert!(!words.contains("E0") && !words.contains("E1"), "{}", words);
                prop_assert!(words.split_whitespace().count() <= 26, "too long to be read aloud: {}", words);
            }
        }
    }

    /// What a rule says is about one thing, and said by whom it belongs to.
    #[test]
    fn a_reason_rests_on_a_rule_about_it_or_on_no_rule(
        rules in any_rules(), caller in any_caller(), unit in any_unit(), place in any_place(),
    ) {
        for reason in assessed(&rules, &unit, place, &caller).reasons {
            let rests = |of: &Applied| Whose::from(of.scope) == reason.whose && of.instead_of == reason.instead_of
                && about(&of.rule.condition) == reason.obstacle && of.rule.strength != Strength::Prefer;
            let no_rule = matches!(reason.whose, Whose::Always | Whose::Household);
            prop_assert_eq!(rules.0.iter().any(rests), !no_rule);
        }
    }

    #[test]
    fn a_rule_about_something_new_never_makes_a_vacancy_fit_better(
        mut sets in any_sets(), more in any_condition(), scope in prop::sample::select(Scope::ALL),
        caller in any_caller(), unit in any_unit(), place in any_place(),
    ) {
        for rules in sets.values_mut() {
            rules.retain(|rule| !rule.condition.is_of_one_kind_with(&more));
        }
        let before = assessed(&merged(&sets), &unit, place, &caller);
        sets.entry(scope).or_default().push(more.into());
        let after = assessed(&merged(&sets), &unit, place, &caller);
        prop_assert!(after.verdict >= before.verdict);
    }

    #[test]
    fn a_preference_never_changes_a_verdict_or_a_reason(
        sets in any_sets(), wishes in vec(any_condition(), 1..4), caller in any_caller(), unit in any_unit(),
        place in any_place(),
    ) {
        let rules = merged(&sets);
        let wish = |condition| Applied { rule: preferred(condition), scope: Scope::Vacancy, instead_of: None };
        let wished = InForce(rules.0.iter().cloned().chain(wishes.into_iter().map(wish)).collect());
        let (before, after) = (assessed(&rules, &unit, place, &caller), assessed(&wished, &unit, place, &caller));
        prop_assert_eq!((before.verdict, before.reasons), (after.verdict, after.reasons));
    }

    #[test]
    fn a_household_is_preferred_that_fits_every_preference_and_some_there_must_be(
        conditions in vec(any_condition(), 0..4), caller in any_caller(), unit in any_unit(),
    ) {
        let of = |rule: &dyn Fn(Condition) -> Rule| {
            let rules: Vec<_> = conditions.iter().cloned().map(rule).collect();
            assess(&InForce::of_service(&rules, today()), &unit, Nearness::default(), &caller.household())
        };
        let fits = !of(&Rule::from).reasons.iter().any(|reason| reason.whose == Whose::Service);
        prop_assert_eq!(of(&preferred).preferred, fits && !conditions.is_empty());
        prop_assert!(!of(&Rule::from).preferred);
    }

    #[test]
    fn what_is_to_be_discussed_never_refuses(
        conditions in vec(any_condition(), 0..12), caller in any_caller(), unit in any_unit(), place in any_place(),
    ) {
        let of = |strength: Strength| {
            let rules: Vec<_> =
                conditions.iter().map(|condition| Rule { strength, ..condition.clone().into() }).collect();
            let found = assessed(&InForce::of_service(&rules, today()), &unit, place, &caller).reasons;
            found.into_iter().filter(|reason| reason.whose == Whose::Service).collect::<Vec<_>>()
        };
        let (strict, mild) = (of(Strength::Exclude), of(Strength::Discuss));
        prop_assert!(mild.iter().all(|reason| reason.effect < NotSuitable));
        prop_assert_eq!(strict.is_empty(), mild.is_empty());
    }

    #[test]
    fn what_would_be_without_an_obstacle_is_so_when_it_is_taken_away(
        rules in any_rules(), caller in any_caller(), unit in any_unit(), place in any_place(),
    ) {
        let (near, household) = (place.seen_by(&caller.needs), caller.household());
        let assessment = assess(&rules, &unit, near, &household);
        for obstacle in assessment.obstacles() {
            let again = taken_away(obstacle, &rules, unit.clone(), near, household.clone());
            prop_assert_eq!(assessment.without(obstacle), again.verdict, "{:?}", obstacle);
            prop_assert!(!again.obstacles().contains(&obstacle));
        }
    }

    #[test]
    fn so_it_is_where_little_stands_in_the_way(
        rules in few_rules(), caller in nearly_fitting(), unit in any_unit(), place in any_place(),
    ) {
        let (near, household) = (place.seen_by(&caller.needs), caller.household());
        let assessment = assess(&rules, &unit, near, &household);
        for obstacle in assessment.obstacles() {
            let again = taken_away(obstacle, &rules, unit.clone(), near, household.clone());
            prop_assert_eq!(assessment.without(obstacle), again.verdict, "{:?}", obstacle);
        }
    }

    #[test]
    fn where_a_narrower_rule_stands_the_wider_never_shows(
        wide in vec(any_rule(), 1..8), strength in prop::sample::select(Strength::ALL),
        caller in any_caller(), unit in any_unit(), place in any_place(),
    ) {
        let narrow: Vec<_> = wide.iter().map(|rule| Rule { strength, ..rule.condition.clone().into() }).collect();
        let rules = InForce::on(today(), [(Scope::Service, &wide[..]), (Scope::Unit, &narrow[..])]);
        prop_assert!(rules.0.iter().all(|applied| applied.scope == Scope::Unit));
        for reason in assessed(&rules, &unit, place, &caller).reasons {
            prop_assert_ne!(reason.whose, Whose::Service);
            prop_assert!(reason.instead_of.is_none_or(|scope| scope == Scope::Service));
        }
    }

    /// The rules in force say what the sets say, one thing at a time.
    #[test]
    fn of_each_subject_the_narrowest_set_that_counts_today_has_the_word(sets in any_sets()) {
        let rules = merged(&sets);
        let known = |(scope, of): (&Scope, &Vec<Rule>)| {
            of.iter().filter(|rule| rule.counts_on(today())).map(|rule| (*scope, rule.clone())).collect::<Vec<_>>()
        };
        let counting: Vec<_> = sets.iter().flat_map(known).collect();
        for Applied { rule, scope, instead_of } in &rules.0 {
            let alike = |(_, other): &&(Scope, Rule)| other.condition.is_of_one_kind_with(&rule.condition);
            let scopes: BTreeSet<_> = counting.iter().filter(alike).map(|(scope, _)| *scope).collect();
            prop_assert_eq!(scopes.last(), Some(scope));
            prop_assert!(instead_of.is_none_or(|wider| wider < *scope));
        }
        for (_, rule) in &counting {
            prop_assert!(rules.0.iter().any(|of| of.rule.condition.is_of_one_kind_with(&rule.condition)));
        }
    }

    #[test]
    fn the_facts_of_a_household_survive_a_round_trip_and_name_nobody(caller in any_caller()) {
        let household = caller.household();
        let written = serde_json::to_string(&household).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Household>(&written).unwrap(), &household);
        for secret in [LEICESTER, CHARNWOOD, LEICESTERSHIRE, RUTLAND, PET] {
            prop_assert!(!written.contains(secret));
        }
    }
}

/// Every word in a record is one of a list, but for the language of an interpreter.
#[test]
fn the_facts_of_a_household_hold_no_free_text_but_a_language() {
    let caller = woman()
        .boy(3)
        .dog()
        .with(DEPENDANT, None, Sex::Male)
        .with(OTHER_ADULT, Some(50), Sex::Female)
        .unsafe_in(LEICESTER, true)
        .need("told by the caller", Level::High)
        .harmed(HarmKind::Arson, Some(3))
        .interpreter("Free Text")
        .but(|needs| {
            needs.abuse_types = vec!["told by the caller".to_owned()];
            needs.wanted_types = vec![crate::domain::provision::AccommodationType::Refuge];
            (needs.school_area, needs.work_area) = (Some(LEICESTER.to_owned()), Some(LEICESTER.to_owned()));
            needs.monitoring.religion = Some("told by the caller".to_owned());
            needs.monitoring.impairments = Some(vec!["told by the caller".to_owned()]);
        });
    let mut texts = Vec::new();
    collect(&serde_json::to_value(caller.household()).unwrap(), &mut texts);
    let codes = ["british_or_irish", "unemployed", "local_helpline"];
    let free: Vec<_> = texts.iter().filter(|text| text.contains(' ') || text.contains("told")).collect();
    assert_eq!(free, ["free text"]);
    assert!(codes.iter().all(|code| texts.iter().any(|text| text == code)), "{texts:?}");
}

fn collect(value: &serde_json::Value, texts: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => texts.push(text.clone()),
        serde_json::Value::Array(values) => values.iter().for_each(|value| collect(value, texts)),
        serde_json::Value::Object(fields) => fields.values().for_each(|value| collect(value, texts)),
        _ => {}
    }
}
