//! A household held against a unit, against what it said itself, and against one rule after the other.

mod family;
mod home;
mod means;
mod support;
mod survivors;

use super::in_force::{Applied, InForce};
use super::reason::{Finding, Obstacle, Reason, Whose};
use super::rule::{Condition, Policy, Strength};
use super::{Assessment, Household, Nearness, Question, Scope, Verdict};
use crate::domain::provision::UnitFacts;

/// The reasons as they are found, and on whose word.
struct Reasons {
    found: Vec<Reason>,
    whose: Whose,
    instead_of: Option<Scope>,
    strength: Strength,
    /// Preferences that the household does not meet, or that nobody can tell.
    unmet: bool,
    /// Preferences there are.
    preferences: bool,
}

impl Reasons {
    fn new() -> Self {
        Self {
            found: Vec::new(),
            whose: Whose::Always,
            instead_of: None,
            strength: Strength::Exclude,
            unmet: false,
            preferences: false,
        }
    }

    fn begin(&mut self, whose: Whose, instead_of: Option<Scope>, strength: Strength) {
        (self.whose, self.instead_of, self.strength) = (whose, instead_of, strength);
        self.preferences |= strength == Strength::Prefer;
    }

    fn push(&mut self, obstacle: Obstacle, effect: Verdict, finding: Finding, question: Option<Question>) {
        if self.strength == Strength::Prefer {
            self.unmet = true;
            return;
        }
        let softened = effect == Verdict::NotSuitable && self.strength == Strength::Discuss;
        let effect = if softened { Verdict::Discuss } else { effect };
        let (whose, instead_of) = (self.whose, self.instead_of);
        self.found.push(Reason { obstacle, effect, whose, instead_of, question, finding, softened });
    }

    fn refuse(&mut self, obstacle: Obstacle, finding: Finding) {
        self.push(obstacle, Verdict::NotSuitable, finding, None);
    }

    fn discuss(&mut self, obstacle: Obstacle, finding: Finding) {
        self.push(obstacle, Verdict::Discuss, finding, None);
    }

    fn ask(&mut self, obstacle: Obstacle, question: Question, finding: Finding) {
        self.push(obstacle, Verdict::MissingInformation, finding, Some(question));
    }

    /// What a policy makes of something that is so; `finding` is told whether it may be taken. Of the policy and the
    /// strength of the rule, the milder counts.
    fn by(&mut self, policy: Policy, obstacle: Obstacle, finding: impl FnOnce(bool) -> Finding) {
        match (policy, self.strength) {
            (Policy::Accepted, _) => {}
            (Policy::Discuss, _) | (Policy::NotAccepted, Strength::Discuss) => self.discuss(obstacle, finding(true)),
            (Policy::NotAccepted, _) => self.refuse(obstacle, finding(false)),
        }
    }

    fn ask_for_more_people(&mut self, obstacle: Obstacle, more_people: Option<Question>) {
        if let Some(question) = more_people {
            let finding = if question == Question::Household { Finding::NobodyTold } else { Finding::MoreMayCome };
            self.ask(obstacle, question, finding);
        }
    }
}

impl Household {
    pub(super) fn assess(&self, rules: &InForce, unit: &UnitFacts, nearness: Nearness) -> Assessment {
        let mut found = Reasons::new();
        self.size(unit, &mut found);
        self.access(unit, &mut found);
        safety(nearness, &mut found);
        found.begin(Whose::Household, None, Strength::Exclude);
        self.wishes(unit, nearness, &mut found);
        let mut pets = false;
        for Applied { rule, scope, instead_of } in rules.rules() {
            found.begin(Whose::from(*scope), *instead_of, rule.strength);
            pets |= matches!(rule.condition, Condition::Pets { .. }) && rule.strength != Strength::Prefer;
            self.hold_against(&rule.condition, unit, &mut found);
        }
        if !pets {
            found.begin(Whose::Always, None, Strength::Exclude);
            self.pets(Policy::Accepted, unit, &mut found);
        }
        let preferred = found.preferences && !found.unmet;
        Assessment::of(found.found, preferred)
    }

    pub(super) fn assess_area(nearness: Nearness) -> Assessment {
        let mut found = Reasons::new();
        safety(nearness, &mut found);
        Assessment::of(found.found, false)
    }

    fn hold_against(&self, condition: &Condition, unit: &UnitFacts, found: &mut Reasons) {
        match condition {
            Condition::SurvivorSex { accepts, trans_people } => {
                self.survivor_sex(accepts, *trans_people, found);
                self.other_adults(accepts, *trans_people, unit, found);
            }
            Condition::SurvivorAge { min, max } => self.survivor_age(*min, *max, found),
            Condition::SingleSex { sex } => self.single_sex(*sex, unit, found),
            Condition::ClientGroup { serves } => self.client_group(*serves, found),
            Condition::LargestFamily { people } => self.largest_family(*people, found),
            Condition::MaxChildren { children } => self.max_children(*children, found),
            Condition::MaleChildAge { shared, self_contained } => {
                self.male_child_age(if unit.self_contained() { *self_contained } else { *shared }, found);
            }
            Condition::SchoolAgeChildren { policy } => self.school_age(*policy, found),
            Condition::AdultDependants { policy } => self.dependants(*policy, found),
            Condition::Pregnancy { policy } => self.pregnancy(*policy, found),
            Condition::Pets { policy } => self.pets(*policy, unit, found),
            Condition::SupportNeed { need, up_to } => self.support_need(*need, *up_to, found),
            Condition::RiskToOthers { harm, policy, within_years } => self.harm(*harm, *policy, *within_years, found),
            Condition::PreviousEviction { policy } => self.previous_eviction(*policy, found),
            Condition::BailOrProbation { policy } => self.bail(*policy, found),
            Condition::Languages { spoken, others } => self.languages(spoken, *others, found),
            Condition::ReferralRoutes { accepts } => self.route(accepts, found),
            Condition::Nrpf { policy } => self.nrpf(*policy, found),
            Condition::ImmigrationStatus { accepts } => self.immigration_status(accepts, found),
            Condition::Employment { not_accepted } => self.employment(not_accepted, found),
            Condition::Funding { not_accepted } => self.funding(not_accepted, found),
            Condition::StayLimit { max_nights } => self.stay(*max_nights, found),
            Condition::CommunalLiving {} => self.communal(found),
        }
    }
}

/// Unsafe areas, which nobody overrides.
fn safety(nearness: Nearness, found: &mut Reasons) {
    match nearness.unsafe_area {
        Some(true) => found.refuse(Obstacle::UnsafeArea, Finding::UnsafeArea),
        Some(false) => found.ask(Obstacle::UnsafeArea, Question::SafeArea, Finding::AreaNotTold),
        None => {}
    }
}

/// A number of people as it is said: none is more than a few dozen.
fn small(number: i32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}
