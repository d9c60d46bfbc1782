//! The page about matching says what the code does.

use std::collections::BTreeSet;

use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::properties::{any_caller, assessed};
use super::*;

const PAGE: &str = include_str!("../../../../docs/matching.md");

/// The codes of a cell.
fn codes(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The cells of the row about a kind.
fn row(kind: &str) -> [BTreeSet<String>; 3] {
    let row = PAGE.lines().find(|line| line.starts_with(&format!("| `{kind}` |")));
    assert!(row.is_some(), "there is no row about {kind}");
    let cells: Vec<_> = row.unwrap_or_default().split('|').map(codes).collect();
    [cells[2].clone(), cells[3].clone(), cells[4].clone()]
}

/// Rules at random, many of them.
fn drawn<T>(strategy: impl Strategy<Value = T>, number: usize) -> Vec<T> {
    let mut runner = TestRunner::deterministic();
    (0..number).map(|_| strategy.new_tree(&mut runner).expect("something").current()).collect()
}

#[test]
fn every_kind_has_its_row_and_every_row_its_kind() {
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(rows.map(str::to_owned).collect::<Vec<_>>().len(), kinds().len());
    for kind in kinds() {
        let of_kind: Vec<_> =
            drawn(any_condition(), 2_000).into_iter().filter(|drawn| samples::kind(drawn) == kind).collect();
        let [parameters, about, _] = row(&kind);
        let written: BTreeSet<_> = of_kind.iter().flat_map(fields).collect();
        assert_eq!(parameters, written, "{kind}");
        let obstacles = of_kind.iter().map(|drawn| samples::about(drawn).as_str().to_owned());
        assert_eq!(about, obstacles.collect(), "{kind}");
    }
}

fn fields(condition: &Condition) -> Vec<String> {
    let written = serde_json::to_value(condition).unwrap();
    written.as_object().unwrap().keys().filter(|key| *key != "kind").cloned().collect()
}

#[test]
fn every_kind_asks_what_its_row_says() {
    let callers = drawn(any_caller(), 250);
    let homes = drawn(any_unit(), 8);
    let conditions = drawn(any_condition(), 1_200);
    for kind in kinds() {
        let mut asked = BTreeSet::new();
        for condition in conditions.iter().filter(|drawn| samples::kind(drawn) == kind).take(16) {
            let rules = InForce::of_service(&[condition.clone().into()], today());
            for (caller, unit) in callers.iter().flat_map(|caller| homes.iter().map(move |unit| (caller, unit))) {
                let reasons = assessed(&rules, unit, HERE, caller).reasons;
                let by_rule = reasons.iter().filter(|reason| reason.whose == Whose::Service);
                asked.extend(by_rule.filter_map(|reason| reason.question).map(|question| question.as_str().to_owned()));
            }
        }
        assert_eq!(row(&kind)[2], asked, "{kind}");
    }
}

#[test]
fn every_obstacle_strength_scope_and_verdict_is_named() {
    let named = codes(PAGE);
    let all = Obstacle::ALL.iter().map(|word| word.as_str());
    let all = all.chain(Strength::ALL.iter().map(|word| word.as_str()));
    let all = all.chain(Scope::ALL.iter().map(|word| word.as_str()));
    let all = all.chain(Verdict::ALL.iter().map(|word| word.as_str()));
    assert_eq!(all.filter(|word| !named.contains(*word)).collect::<Vec<_>>(), [""; 0]);

    let ruled: BTreeSet<_> = drawn(any_condition(), 2_000).iter().map(|condition| about(condition).as_str()).collect();
    let without = Obstacle::ALL.iter().map(|obstacle| obstacle.as_str()).filter(|obstacle| !ruled.contains(obstacle));
    let line = PAGE.lines().find_map(|line| line.strip_prefix("Obstacles without a rule: ")).expect("the line");
    let (line, _) = line.split_once('.').expect("a full stop");
    assert_eq!(codes(line), without.map(str::to_owned).collect());
}
