use proptest::prelude::*;
use proptest::sample::subsequence;

use super::*;
use crate::domain::eligibility::{AgeLimit, ClientGroup, Nrpf, Policy};
use crate::domain::household::{Funding, Sex};
use crate::web::rules::samples::{conditions, day, every_kind, today};

fn posted(pairs: &[(&str, &str)]) -> Posted {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(pairs);
    Posted::new("/x", body.finish())
}

/// What is stored when the form for these rules is saved as it is.
fn saved_unchanged(rules: &[Rule], plain: &[&str]) -> Vec<Rule> {
    let form = filled(rules, today(), plain).unwrap();
    let answers = Answers::read(&Posted::new("/x", form.sent())).unwrap();
    answers.like_stored(rules).rules().0
}

fn wrong_fields(pairs: &[(&str, &str)]) -> Vec<String> {
    let checked = Answers::read(&posted(pairs)).and_then(|answers| answers.check());
    match checked {
        Err(AppError::Invalid(fields)) => fields.into_iter().map(|field| field.pointer).collect(),
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn every_kind_of_rule_is_as_it_was_when_it_is_saved_unchanged() {
    for rule in every_kind() {
        for plain in [&[][..], &PLAIN[..]] {
            assert_eq!(saved_unchanged(std::slice::from_ref(&rule), plain), std::slice::from_ref(&rule));
        }
    }
}

#[test]
fn every_condition_but_a_strange_language_has_a_question() {
    for condition in conditions() {
        let strange =
            matches!(&condition, Condition::Languages { spoken, .. } if spoken.iter().any(|one| one.contains(',')));
        let sorted = sorted(&condition.clone().into());
        assert_eq!(can_be_answered(&sorted), !strange, "{condition:?}");
    }
}

/// What stands in no other order and is in no other rule than before: rules about several ways of paying are one.
fn alone(rules: &[Rule]) -> Vec<String> {
    let mut alone: Vec<String> = rules
        .iter()
        .flat_map(|rule| match &rule.condition {
            Condition::Funding { not_accepted } => {
                let one = |way: &Funding| Condition::Funding { not_accepted: vec![*way] };
                not_accepted.iter().map(one).map(|condition| Rule { condition, ..rule.clone() }).collect()
            }
            Condition::Employment { not_accepted } => {
                let one = |code: &String| Condition::Employment { not_accepted: vec![code.clone()] };
                not_accepted.iter().map(one).map(|condition| Rule { condition, ..rule.clone() }).collect()
            }
            _ => vec![sorted(rule)],
        })
        .map(|rule| serde_json::to_string(&rule).unwrap())
        .collect();
    alone.sort();
    alone
}

proptest! {
    #[test]
    fn nothing_is_lost_or_added_when_rules_are_saved_unchanged(rules in subsequence(every_kind(), 0..40)) {
        let mut together: Vec<Rule> = Vec::new();
        for rule in rules {
            together.push(rule);
            if !contradictions(&together).is_empty() {
                together.pop();
            }
        }
        prop_assert_eq!(alone(&saved_unchanged(&together, &[])), alone(&together));
        prop_assert_eq!(alone(&saved_unchanged(&together, &PLAIN)), alone(&together));
    }
}

#[test]
fn no_rule_is_shown_as_the_answer_that_comes_to_the_same_and_makes_none() {
    let form = filled(&[], today(), &PLAIN).unwrap();
    assert!(form.has("survivor_sex/accepts", "female") && form.has("survivor_sex/accepts", "male"));
    assert_eq!((form.value("pets"), form.value("nrpf"), form.value("largest_family")), ("accepted", "yes", ""));
    assert_eq!(saved_unchanged(&[], &PLAIN), []);
    // Where the answer was chosen, it is a rule: it stands in place of a wider one.
    let said = Answers::read(&posted(&[("pets", "accepted")])).unwrap();
    assert_eq!(said.rules().0, [Condition::Pets { policy: Policy::Accepted }.into()]);
}

#[test]
fn answers_are_rules() {
    let answers = [
        ("survivor_sex/accepts", "female"),
        ("survivor_sex/trans_people", "discuss"),
        ("survivor_age/min", "16"),
        ("male_child_age/shared/accepted_to", "14"),
        ("male_child_age/shared/discuss_to", "16"),
        ("pets", "not_accepted"),
        ("nrpf", "case_by_case"),
        ("client_group/disabled", "prefer"),
        ("funding/cannot_fund", "discuss"),
        ("stay_limit", "28"),
        ("stay_limit/strength", "discuss"),
    ];
    let limit = AgeLimit { accepted_to: 14, discuss_to: Some(16) };
    let milder = |strength, condition: Condition| Rule { strength, ..condition.into() };
    let expected: Vec<Rule> = vec![
        Condition::SurvivorSex { accepts: vec![Sex::Female], trans_people: Policy::Discuss }.into(),
        Condition::SurvivorAge { min: Some(16), max: None }.into(),
        Condition::MaleChildAge { shared: Some(limit), self_contained: None }.into(),
        Condition::Pets { policy: Policy::NotAccepted }.into(),
        Condition::Nrpf { policy: Nrpf::CaseByCase }.into(),
        milder(Strength::Discuss, Condition::Funding { not_accepted: vec![Funding::CannotFund] }),
        milder(Strength::Prefer, Condition::ClientGroup { serves: ClientGroup::Disabled }),
        milder(Strength::Discuss, Condition::StayLimit { max_nights: 28 }),
    ];
    assert_eq!(Answers::read(&posted(&answers)).unwrap().rules().0, expected);
}

#[test]
fn an_answer_can_count_for_some_days() {
    let pets = [("pets", "not_accepted"), ("days-new-about", "pets")];
    let until = [("days-new-until-day", "20"), ("days-new-until-month", "4"), ("days-new-until-year", "2026")];
    let said = Answers::read(&posted(&[&pets[..], &until[..]].concat())).unwrap();
    let rule = Rule { effective_to: Some(day(20)), ..Condition::Pets { policy: Policy::NotAccepted }.into() };
    assert_eq!(said.rules().0, [rule]);
    assert_eq!(wrong_fields(&[&[("days-new-about", "pets")], &until[..]].concat()), ["/days-new-about"]);
    assert_eq!(wrong_fields(&[&pets[..1], &until[..]].concat()), ["/days-new-about"]);
    assert_eq!(wrong_fields(&pets), ["/days-new-from"]);
    assert_eq!(wrong_fields(&[&pets[..], &[("days-new-from-day", "40")]].concat())[0], "/days-new-from");
}

#[test]
fn what_counts_on_other_days_is_kept_beside_the_questions_until_it_is_let_go() {
    let later = Rule { effective_from: Some(day(20)), ..Condition::Pets { policy: Policy::NotAccepted }.into() };
    let form = filled(std::slice::from_ref(&later), today(), &PLAIN).unwrap();
    assert_eq!((form.value("pets"), form.has(UNSAID, "pets")), ("accepted", true));
    let kept = form.value(KEPT).to_owned();
    let also = [(KEPT, kept.as_str()), ("pets", "discuss")];
    assert_eq!(wrong_fields(&also), ["/pets"], "both count from the 20th on");
    assert_eq!(wrong_fields(&[(KEPT, "{}")]), ["/kept"]);
    assert_eq!(Answers::read(&posted(&[])).unwrap().rules().0, []);
}

#[test]
fn a_contradiction_is_shown_at_the_field_that_it_comes_from() {
    assert_eq!(wrong_fields(&[("survivor_age/min", "25"), ("survivor_age/max", "18")]), ["/survivor_age/min"]);
    let boys = [("male_child_age/shared/accepted_to", "14"), ("male_child_age/shared/discuss_to", "12")];
    assert_eq!(wrong_fields(&boys), ["/male_child_age/shared/discuss_to"]);
    assert_eq!(wrong_fields(&[("male_child_age/shared/discuss_to", "12")]), ["/male_child_age/shared/accepted_to"]);
    for (name, value) in [
        ("largest_family", "many"),
        ("largest_family", "0"),
        ("survivor_sex/trans_people", "maybe"),
        ("risk_to_others/arson", "not_accepted+perhaps"),
        ("stay_limit", "3661"),
        ("funding/cannot_fund", "never"),
        ("languages/spoken", &"x".repeat(61)),
    ] {
        assert_eq!(wrong_fields(&[(name, value)]), [format!("/{name}")]);
    }
    assert_eq!(wrong_fields(&[("survivor_sex/trans_people", "accepted")]), ["/survivor_sex/accepts"]);
    assert_eq!(wrong_fields(&[("survivor_sex/accepts", "female")]), ["/survivor_sex/trans_people"]);
    assert_eq!(wrong_fields(&[("risk_to_others/arson/within_years", "3")]), ["/risk_to_others/arson"]);
    assert_eq!(wrong_fields(&[("languages/spoken", "Urdu")]), ["/languages/others"]);
    assert_eq!(wrong_fields(&[("survivor_age/any", "yes"), ("survivor_age/max", "18")]), ["/survivor_age/any"]);
}

#[test]
fn an_error_of_the_action_finds_its_field() {
    let said = Answers::read(&posted(&[("pets", "discuss"), ("referral_routes", "pigeon")])).unwrap();
    let AppError::Invalid(fields) = said.at_fields(AppError::body("/rules/1/accepts/0", "unknown_code", &"x")) else {
        unreachable!("another error");
    };
    assert_eq!(fields[0].pointer, "/referral_routes");
}
