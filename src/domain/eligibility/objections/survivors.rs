//! Who the survivor and the other adults are.

use super::{Finding, Obstacle, Reasons};
use crate::domain::eligibility::client_group::{Belongs, ClientGroup};
use crate::domain::eligibility::rule::Policy;
use crate::domain::eligibility::{Household, Question};
use crate::domain::household::Sex;
use crate::domain::provision::UnitFacts;

impl Household {
    pub(super) fn survivor_sex(&self, accepts: &[Sex], trans_people: Policy, found: &mut Reasons) {
        let obstacle = Obstacle::SurvivorSex;
        let (women, men) = (accepts.contains(&Sex::Female), accepts.contains(&Sex::Male));
        for survivor in &self.survivors {
            if survivor.trans {
                found.by(trans_people, obstacle, |taken| Finding::TransSurvivor { taken });
                continue;
            }
            match survivor.sex {
                Sex::Female if !women => found.refuse(obstacle, Finding::ForMen),
                Sex::Male if !men => found.refuse(obstacle, Finding::ForWomen),
                Sex::PreferNotToSay | Sex::Unknown if !(women && men) => {
                    found.ask(obstacle, Question::SurvivorSex, Finding::SexNotTold);
                }
                _ => {}
            }
        }
        if self.survivors.is_empty() && !(women && men && trans_people == Policy::Accepted) {
            found.ask(obstacle, Question::Household, Finding::SurvivorNotTold);
        }
    }

    /// Adults beside the survivor, where a service for one sex has rooms that households share.
    pub(super) fn other_adults(&self, accepts: &[Sex], trans_people: Policy, unit: &UnitFacts, found: &mut Reasons) {
        let obstacle = Obstacle::SurvivorSex;
        let (women, men) = (accepts.contains(&Sex::Female), accepts.contains(&Sex::Male));
        if women == men || unit.self_contained() {
            return;
        }
        for adult in &self.other_adults {
            match (adult.trans, adult.sex) {
                (true, _) if trans_people == Policy::Accepted => {}
                (true, _) => found.discuss(obstacle, Finding::TransAdultSharing),
                (_, Sex::Male) if women => found.discuss(obstacle, Finding::ManSharing),
                (_, Sex::Female) if men => found.discuss(obstacle, Finding::WomanSharing),
                (_, Sex::PreferNotToSay | Sex::Unknown) => {
                    found.ask(obstacle, Question::OtherAdultSex, Finding::AdultSexNotTold);
                }
                _ => {}
            }
        }
    }

    /// Every adult, where anything is shared.
    pub(super) fn single_sex(&self, sex: Sex, unit: &UnitFacts, found: &mut Reasons) {
        let obstacle = Obstacle::SingleSex;
        if unit.self_contained() {
            return;
        }
        let shared = if sex == Sex::Female { Finding::SharedByWomen } else { Finding::SharedByMen };
        let survivors = self.survivors.iter().map(|adult| (adult, Question::SurvivorSex));
        let others = self.other_adults.iter().chain(&self.adult_dependants);
        let others = others.map(|adult| (adult, Question::OtherAdultSex));
        for (adult, question) in survivors.chain(others) {
            match (adult.trans, adult.sex) {
                (true, _) => found.discuss(obstacle, Finding::TransAdultSharing),
                (false, Sex::PreferNotToSay | Sex::Unknown) => {
                    found.ask(obstacle, question, Finding::AdultSexNotTold);
                }
                (false, of) if of == sex => {}
                (false, _) => found.refuse(obstacle, shared),
            }
        }
        if self.survivors.is_empty() {
            found.ask(obstacle, Question::Household, Finding::SurvivorNotTold);
        }
    }

    pub(super) fn survivor_age(&self, min: Option<u8>, max: Option<u8>, found: &mut Reasons) {
        let obstacle = Obstacle::SurvivorAge;
        if min.is_none() && max.is_none() {
            return;
        }
        for survivor in &self.survivors {
            match (survivor.age, min, max) {
                (None, _, _) => found.ask(obstacle, Question::SurvivorAge, Finding::AgeNotTold),
                (Some(age), Some(from), _) if age < from => found.refuse(obstacle, Finding::TooYoung { age, from }),
                (Some(age), _, Some(to)) if age > to => found.refuse(obstacle, Finding::TooOld { age, to }),
                _ => {}
            }
        }
        if self.survivors.is_empty() {
            found.ask(obstacle, Question::Household, Finding::SurvivorNotTold);
        }
    }

    pub(super) fn client_group(&self, serves: ClientGroup, found: &mut Reasons) {
        let obstacle = Obstacle::ClientGroup;
        match self.belongs[serves as usize] {
            Belongs::Yes => {}
            Belongs::No if found.strength == super::Strength::Discuss => {
                found.discuss(obstacle, Finding::MayBeOfTheGroup(serves));
            }
            Belongs::No => found.refuse(obstacle, Finding::NotOfTheGroup(serves)),
            Belongs::TheyDecide => found.discuss(obstacle, Finding::MayBeOfTheGroup(serves)),
            Belongs::Unknown => found.ask(obstacle, serves.question(), Finding::GroupNotTold(serves)),
        }
    }
}
