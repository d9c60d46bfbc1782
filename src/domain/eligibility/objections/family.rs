//! How many they are, and the children.

use super::{Finding, Obstacle, Reasons, small};
use crate::domain::eligibility::rule::{AgeLimit, Policy};
use crate::domain::eligibility::{Household, Question, Verdict};
use crate::domain::household::Answer;

impl Household {
    pub(super) fn largest_family(&self, most: u8, found: &mut Reasons) {
        let obstacle = Obstacle::LargestFamily;
        if self.people > i32::from(most) {
            return found.refuse(obstacle, Finding::FamilyTooLarge { people: small(self.people), most });
        }
        found.ask_for_more_people(obstacle, self.more_people);
    }

    pub(super) fn max_children(&self, most: u8, found: &mut Reasons) {
        let obstacle = Obstacle::Children;
        if self.children > i32::from(most) {
            return found.refuse(obstacle, Finding::TooManyChildren { children: small(self.children), most });
        }
        found.ask_for_more_people(obstacle, self.more_people);
    }

    pub(super) fn male_child_age(&self, limit: Option<AgeLimit>, found: &mut Reasons) {
        let obstacle = Obstacle::MaleChildAge;
        let Some(limit) = limit else { return };
        let (to, highest) = (limit.accepted_to, limit.highest());
        if let Some(age) = self.trans_children.oldest.filter(|age| *age > to) {
            found.discuss(obstacle, Finding::TransChild { age, to });
        }
        let mut so_far = Verdict::Suitable;
        if let Some(age) = self.boys.oldest {
            so_far = limit.effect(age);
            match so_far {
                Verdict::Suitable => {}
                Verdict::NotSuitable => return found.refuse(obstacle, Finding::BoyTooOld { age, to: highest }),
                _ => found.discuss(obstacle, Finding::BoyDiscussed { age, to, highest }),
            }
        }
        if let Some(age) = self.may_be_boys.oldest.filter(|age| limit.effect(*age) > so_far) {
            found.ask(obstacle, Question::ChildSex, Finding::MayBeABoy { age, to });
        }
        if [&self.boys, &self.may_be_boys, &self.trans_children].iter().any(|sons| sons.some_of_unknown_age) {
            found.ask(obstacle, Question::ChildAge, Finding::BoysAgeNotTold { to });
        }
        found.ask_for_more_people(obstacle, self.more_people);
    }

    pub(super) fn school_age(&self, policy: Policy, found: &mut Reasons) {
        let obstacle = Obstacle::SchoolAgeChildren;
        if policy == Policy::Accepted {
            return;
        }
        if self.school_children > 0 {
            return found.by(policy, obstacle, |taken| Finding::SchoolChildren { taken });
        }
        if self.children_of_unknown_age > 0 {
            found.ask(obstacle, Question::ChildAge, Finding::SchoolAgeNotTold);
        }
        found.ask_for_more_people(obstacle, self.more_people);
    }

    pub(super) fn dependants(&self, policy: Policy, found: &mut Reasons) {
        let obstacle = Obstacle::AdultDependant;
        match (policy, !self.adult_dependants.is_empty()) {
            (Policy::Accepted, _) => {}
            (_, false) => found.ask_for_more_people(obstacle, self.more_people),
            (_, true) => found.by(policy, obstacle, |taken| Finding::Dependant { taken }),
        }
    }

    pub(super) fn pregnancy(&self, policy: Policy, found: &mut Reasons) {
        let obstacle = Obstacle::Pregnancy;
        match (policy, self.pregnant) {
            (Policy::Accepted, _) | (_, Answer::No) => {}
            (_, Answer::Yes) => found.by(policy, obstacle, |taken| Finding::Pregnant { taken }),
            (_, Answer::Unknown) => found.ask(obstacle, Question::Pregnant, Finding::PregnancyNotTold),
        }
    }
}
