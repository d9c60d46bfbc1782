//! Which rules count for one home on one day: those of its provider, its service, the unit and the vacancy, where the
//! narrower stands in place of the wider.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Rule;
use crate::domain::words;

words! {
    /// What a set of rules is about, from the widest to the narrowest.
    Scope { Organisation = "organisation", Service = "service", Unit = "unit", Vacancy = "vacancy" }
}

/// A set of rules as it is stored, so that an old verdict can be worked out again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Version {
    pub scope: Scope,
    /// Of whatever the scope says.
    pub id: Uuid,
    pub version: i32,
}

/// A rule with whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    pub rule: Rule,
    pub scope: Scope,
    /// The widest rule that it stands in place of.
    pub instead_of: Option<Scope>,
}

impl Applied {
    /// What is left of a rule where narrower ones stand in its place; none, mostly.
    fn among(rules: &[(Scope, &Rule)], scope: Scope, rule: &Rule) -> Option<Self> {
        let mut narrower = rules.iter().filter(|(other, _)| *other > scope);
        let condition = narrower.try_fold(rule.condition.clone(), |left, (_, other)| left.beside(&other.condition))?;
        let replaces =
            |(other, wider): &&(Scope, &Rule)| *other < scope && wider.condition.is_of_one_kind_with(&rule.condition);
        let instead_of = rules.iter().filter(replaces).map(|(other, _)| *other).min();
        Some(Self { rule: Rule { condition, ..rule.clone() }, scope, instead_of })
    }
}

/// The rules that count together, each about something else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InForce(pub(super) Vec<Applied>);

impl InForce {
    /// Of sets of rules in any order, at most one of each scope.
    pub fn on<'a>(day: NaiveDate, sets: impl IntoIterator<Item = (Scope, &'a [Rule])>) -> Self {
        let counting = |(scope, rules): (Scope, &'a [Rule])| {
            rules.iter().filter(|rule| rule.counts_on(day)).map(move |rule| (scope, rule))
        };
        let rules: Vec<_> = sets.into_iter().flat_map(counting).collect();
        let mut applied: Vec<_> =
            rules.iter().filter_map(|&(scope, rule)| Applied::among(&rules, scope, rule)).collect();
        applied.sort_by_key(|applied| applied.scope);
        Self(applied)
    }

    /// The rules of one service alone.
    pub fn of_service(rules: &[Rule], day: NaiveDate) -> Self {
        Self::on(day, [(Scope::Service, rules)])
    }

    pub fn rules(&self) -> &[Applied] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::eligibility::{Condition, Policy, Strength};
    use crate::domain::household::Funding;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
    }

    fn pets(policy: Policy) -> Rule {
        Condition::Pets { policy }.into()
    }

    fn told(rules: &InForce) -> Vec<(&Condition, Scope, Option<Scope>)> {
        rules.0.iter().map(|applied| (&applied.rule.condition, applied.scope, applied.instead_of)).collect()
    }

    #[test]
    fn the_narrower_rule_stands_in_place_of_the_wider_and_says_so() {
        let (no, ask, yes) = (pets(Policy::NotAccepted), pets(Policy::Discuss), pets(Policy::Accepted));
        let people = Rule::from(Condition::LargestFamily { people: 4 });
        let (provider, service) = ([no], [ask, people.clone()]);
        let (unit, vacancy) = ([yes.clone()], [people.clone()]);
        let sets = [(Scope::Unit, &unit[..]), (Scope::Organisation, &provider[..]), (Scope::Service, &service[..])];
        let rules = InForce::on(day(1), sets.into_iter().chain([(Scope::Vacancy, &vacancy[..])]));
        let expected = [
            (&yes.condition, Scope::Unit, Some(Scope::Organisation)),
            (&people.condition, Scope::Vacancy, Some(Scope::Service)),
        ];
        assert_eq!(told(&rules), expected);
    }

    #[test]
    fn a_rule_counts_from_its_first_day_to_its_last() {
        let rule = Rule { effective_from: Some(day(10)), effective_to: Some(day(20)), ..pets(Policy::NotAccepted) };
        let counts = |on| !InForce::of_service(std::slice::from_ref(&rule), on).0.is_empty();
        assert_eq!([9, 10, 20, 21].map(|on| counts(day(on))), [false, true, true, false]);
    }

    #[test]
    fn one_way_of_paying_may_differ_and_the_others_stay() {
        let ways = |ways: &[Funding]| Condition::Funding { not_accepted: ways.to_vec() };
        let service = [Rule::from(ways(&[Funding::CannotFund, Funding::SelfFunding]))];
        let unit = [Rule { strength: Strength::Discuss, ..ways(&[Funding::SelfFunding]).into() }];
        let rules = InForce::on(day(1), [(Scope::Service, &service[..]), (Scope::Unit, &unit[..])]);
        let expected = [
            (&ways(&[Funding::CannotFund]), Scope::Service, None),
            (&ways(&[Funding::SelfFunding]), Scope::Unit, Some(Scope::Service)),
        ];
        assert_eq!(told(&rules), expected);
    }

    #[test]
    fn the_widest_of_several_is_named() {
        let ways = |ways: &[Funding]| [Rule::from(Condition::Funding { not_accepted: ways.to_vec() })];
        let (one, two) = (Funding::CannotFund, Funding::SelfFunding);
        let (provider, service, unit) = (ways(&[one]), ways(&[two]), ways(&[one, two]));
        let sets = [(Scope::Organisation, &provider[..]), (Scope::Service, &service[..]), (Scope::Unit, &unit[..])];
        let expected = [(&unit[0].condition, Scope::Unit, Some(Scope::Organisation))];
        assert_eq!(told(&InForce::on(day(1), sets)), expected);
    }
}
