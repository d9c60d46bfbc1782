//! A household held against a unit, and against one rule of its service after the other.

use super::client_group::Belongs;
use super::rule::{AgeLimit, Nrpf, Policy, Rule, Strength};
use super::{Assessment, ClientGroup, Household, Place, Question, Reason, Verdict};
use crate::domain::household::{AccessNeed, Answer, Concession, Funding, MemberRole, SameAsBirth, Sex};
use crate::domain::provision::{UnitFacts, Wheelchair};

/// The reasons as they are found.
#[derive(Default)]
struct Reasons(Vec<Reason>);

impl Reasons {
    fn add(&mut self, code: &'static str, effect: Verdict, text: impl Into<String>) {
        debug_assert!(effect != Verdict::Suitable && Reason::CODES.contains(&code));
        self.0.push(Reason { code, effect, text: text.into(), question: None });
    }

    fn ask(&mut self, code: &'static str, question: Question, text: impl Into<String>) {
        self.0.push(Reason { code, effect: Verdict::MissingInformation, text: text.into(), question: Some(question) });
    }

    fn ask_for_more_people(&mut self, code: &'static str, more_people: Option<Question>) {
        if let Some(question) = more_people {
            let text = match question {
                Question::Household => "Nobody has said yet who needs the place",
                _ => "More people may need the place",
            };
            self.ask(code, question, text);
        }
    }
}

impl Household<'_> {
    pub(in crate::domain) fn assess(&self, rules: &[Rule], unit: &UnitFacts, place: &Place) -> Assessment {
        let mut found = Reasons::default();
        self.size(unit, &mut found);
        self.access(unit, &mut found);
        self.unsafe_areas(place, &mut found);
        for rule in rules {
            match rule {
                Rule::SurvivorSex { accepts, trans_people } => {
                    self.survivor_sex(accepts, *trans_people, &mut found);
                    self.other_adults(accepts, *trans_people, unit, &mut found);
                }
                Rule::SurvivorAge { min, max } => self.survivor_age(*min, *max, &mut found),
                Rule::LargestFamily { people } => self.largest_family(i32::from(*people), &mut found),
                Rule::MaxChildren { children } => self.max_children(i32::from(*children), &mut found),
                Rule::MaleChildAge { shared, self_contained } => {
                    self.male_child_age(if unit.self_contained() { *self_contained } else { *shared }, &mut found);
                }
                Rule::AdultDependants { policy } => self.dependants(*policy, &mut found),
                Rule::Pets { policy } => self.pets(*policy, unit, &mut found),
                Rule::Nrpf { policy } => self.nrpf(*policy, &mut found),
                Rule::ClientGroup { serves, strength } => self.client_group(*serves, *strength, &mut found),
                Rule::Funding { not_accepted, strength } => self.funding(not_accepted, *strength, &mut found),
            }
        }
        if !rules.iter().any(|rule| matches!(rule, Rule::Pets { .. })) {
            self.pets(Policy::Accepted, unit, &mut found);
        }
        Assessment::of(found.0)
    }

    pub(in crate::domain) fn assess_area(&self, place: &Place) -> Assessment {
        let mut found = Reasons::default();
        self.unsafe_areas(place, &mut found);
        Assessment::of(found.0)
    }

    fn size(&self, unit: &UnitFacts, found: &mut Reasons) {
        let (code, beds) = ("household_size", unit.bed_spaces);
        let at_least = self.people - (self.infants + self.children_of_unknown_age).min(unit.cots);
        if at_least > beds {
            let text = match beds {
                1 => format!("{at_least} people need a bed and this home has 1 bed"),
                _ => format!("{at_least} people need a bed and this home has {beds}"),
            };
            return found.add(code, Verdict::NotSuitable, text);
        }
        if self.spare_beds(unit) < 0 {
            found.ask(code, Question::ChildAge, "There are enough beds only if a child is under 2 and can use a cot");
        }
        found.ask_for_more_people(code, self.more_people);
    }

    fn access(&self, unit: &UnitFacts, found: &mut Reasons) {
        let code = "access";
        let ground_floor = unit.floor == 0;
        let needed = match self.needs.access_need {
            AccessNeed::None => return,
            AccessNeed::Unknown => {
                if !(ground_floor && unit.step_free && unit.wheelchair == Wheelchair::Full) {
                    found.ask(code, Question::AccessNeed, "Nobody has said yet what the home must allow for");
                }
                return;
            }
            AccessNeed::GroundFloor if ground_floor => return,
            AccessNeed::GroundFloor if unit.step_free => {
                let text = "This home is not on the ground floor; ask whether there is a lift";
                return found.add(code, Verdict::Discuss, text);
            }
            AccessNeed::GroundFloor => {
                return found.add(code, Verdict::NotSuitable, "This home is not on the ground floor");
            }
            AccessNeed::LevelAccess if unit.step_free => return,
            AccessNeed::LevelAccess => return found.add(code, Verdict::NotSuitable, "This home has steps"),
            AccessNeed::WheelchairToEssentialRooms => Wheelchair::EssentialRooms,
            AccessNeed::FullyWheelchairAccessible => Wheelchair::Full,
        };
        if unit.wheelchair >= needed {
            if !unit.step_free {
                let text = "This home has steps; ask whether a wheelchair can get in";
                found.add(code, Verdict::Discuss, text);
            }
            return;
        }
        let text = match unit.wheelchair {
            Wheelchair::None => "A wheelchair cannot be used in this home",
            _ => "A wheelchair can be used only in some rooms of this home",
        };
        found.add(code, Verdict::NotSuitable, text);
    }

    fn unsafe_areas(&self, place: &Place, found: &mut Reasons) {
        let named = self.needs.unsafe_areas.iter().filter(|named| place.lies_in(&named.area));
        match named.map(|named| named.confirmed).max() {
            Some(true) => found.add("unsafe_area", Verdict::NotSuitable, "This home is in an area named as not safe"),
            Some(false) => {
                found.ask("unsafe_area", Question::SafeArea, "Nobody has said yet whether this area is safe");
            }
            None => {}
        }
    }

    fn survivor_sex(&self, accepts: &[Sex], trans_people: Policy, found: &mut Reasons) {
        let code = "survivor_sex";
        let (women, men) = (accepts.contains(&Sex::Female), accepts.contains(&Sex::Male));
        let mut nobody = true;
        for survivor in self.needs.survivors() {
            nobody = false;
            if survivor.gender_same_as_birth == SameAsBirth::No {
                match trans_people {
                    Policy::Accepted => {}
                    Policy::Discuss => {
                        found.add(code, Verdict::Discuss, "Ask this service how it can support a trans survivor");
                    }
                    Policy::NotAccepted => {
                        found.add(
                            code,
                            Verdict::NotSuitable,
                            "This service says that it does not take trans survivors",
                        );
                    }
                }
                continue;
            }
            match survivor.sex {
                Sex::Female if !women => {
                    let text = "This service is for men and does not take a female survivor";
                    found.add(code, Verdict::NotSuitable, text);
                }
                Sex::Male if !men => {
                    let text = "This service is for women and does not take a male survivor";
                    found.add(code, Verdict::NotSuitable, text);
                }
                Sex::PreferNotToSay | Sex::Unknown if !(women && men) => {
                    found.ask(code, Question::SurvivorSex, "This service is for one sex; the survivor's is not known");
                }
                _ => {}
            }
        }
        if nobody && !(women && men && trans_people == Policy::Accepted) {
            found.ask(code, Question::Household, "Nobody has said yet who the survivor is");
        }
    }

    /// Adults beside the survivor, where a service for one sex has rooms that households share.
    fn other_adults(&self, accepts: &[Sex], trans_people: Policy, unit: &UnitFacts, found: &mut Reasons) {
        let code = "survivor_sex";
        let (women, men) = (accepts.contains(&Sex::Female), accepts.contains(&Sex::Male));
        if women == men || unit.self_contained() {
            return;
        }
        for adult in self.needs.of_role(MemberRole::OtherAdult) {
            match (adult.gender_same_as_birth, adult.sex) {
                (SameAsBirth::No, _) if trans_people == Policy::Accepted => {}
                (SameAsBirth::No, _) => {
                    found.add(code, Verdict::Discuss, "Ask this service how it can support a trans adult");
                }
                (_, Sex::Male) if women => {
                    found.add(code, Verdict::Discuss, "A man would share rooms in a service for women");
                }
                (_, Sex::Female) if men => {
                    found.add(code, Verdict::Discuss, "A woman would share rooms in a service for men");
                }
                (_, Sex::PreferNotToSay | Sex::Unknown) => {
                    let text = "Rooms here are shared by people of one sex; another adult's is not known";
                    found.ask(code, Question::OtherAdultSex, text);
                }
                _ => {}
            }
        }
    }

    fn survivor_age(&self, min: Option<u8>, max: Option<u8>, found: &mut Reasons) {
        let code = "survivor_age";
        if min.is_none() && max.is_none() {
            return;
        }
        let mut nobody = true;
        for survivor in self.needs.survivors() {
            nobody = false;
            match (survivor.age, min, max) {
                (None, _, _) => {
                    found.ask(
                        code,
                        Question::SurvivorAge,
                        "This service has an age limit; the survivor's age is not known",
                    );
                }
                (Some(age), Some(min), _) if age < min => {
                    let text = format!("Survivor aged {age} is below this service's lowest age of {min}");
                    found.add(code, Verdict::NotSuitable, text);
                }
                (Some(age), _, Some(max)) if age > max => {
                    let text = format!("Survivor aged {age} is above this service's highest age of {max}");
                    found.add(code, Verdict::NotSuitable, text);
                }
                _ => {}
            }
        }
        if nobody {
            found.ask(code, Question::Household, "Nobody has said yet who the survivor is");
        }
    }

    fn largest_family(&self, limit: i32, found: &mut Reasons) {
        let (code, people) = ("largest_family", self.people);
        if people > limit {
            let text = format!("A household of {people} is above this service's largest family of {limit}");
            return found.add(code, Verdict::NotSuitable, text);
        }
        found.ask_for_more_people(code, self.more_people);
    }

    fn max_children(&self, limit: i32, found: &mut Reasons) {
        let (code, children) = ("children", self.children);
        if children > limit {
            let text = match limit {
                0 => "This service does not take children".to_owned(),
                _ => format!("{children} children are above this service's limit of {limit}"),
            };
            return found.add(code, Verdict::NotSuitable, text);
        }
        found.ask_for_more_people(code, self.more_people);
    }

    fn male_child_age(&self, limit: Option<AgeLimit>, found: &mut Reasons) {
        let code = "male_child_age";
        let Some(limit) = limit else { return };
        let (accepted_to, highest) = (limit.accepted_to, limit.highest());
        if let Some(age) = self.trans_children.oldest.filter(|age| *age > accepted_to) {
            let text = format!("Boys are taken up to {accepted_to}; ask this service about a trans child of {age}");
            found.add(code, Verdict::Discuss, text);
        }
        let mut so_far = Verdict::Suitable;
        if let Some(age) = self.boys.oldest {
            so_far = limit.effect(age);
            match so_far {
                Verdict::Suitable => {}
                Verdict::NotSuitable => {
                    let text = format!("Male child {age} is above this service's limit of {highest}");
                    return found.add(code, so_far, text);
                }
                _ => {
                    let text = format!(
                        "Male child {age} is above this service's limit of {accepted_to}; it may agree up to {highest}"
                    );
                    found.add(code, so_far, text);
                }
            }
        }
        if let Some(age) = self.may_be_boys.oldest.filter(|age| limit.effect(*age) > so_far) {
            let text = format!("Boys are taken up to {accepted_to}; the sex of a child of {age} is not known");
            found.ask(code, Question::ChildSex, text);
        }
        if [&self.boys, &self.may_be_boys, &self.trans_children].iter().any(|sons| sons.some_of_unknown_age) {
            let text = format!("Boys are taken up to {accepted_to}; the age of a child is not known");
            found.ask(code, Question::ChildAge, text);
        }
        found.ask_for_more_people(code, self.more_people);
    }

    fn dependants(&self, policy: Policy, found: &mut Reasons) {
        let code = "adult_dependant";
        match (policy, self.adult_dependants) {
            (Policy::Accepted, _) => {}
            (_, false) => found.ask_for_more_people(code, self.more_people),
            (Policy::Discuss, true) => {
                found.add(code, policy.effect(), "Ask this service first about an adult dependant");
            }
            (Policy::NotAccepted, true) => {
                found.add(code, policy.effect(), "This service does not take adult dependants");
            }
        }
    }

    fn pets(&self, policy: Policy, unit: &UnitFacts, found: &mut Reasons) {
        let code = "pets";
        if policy == Policy::Accepted && unit.pets {
            return;
        }
        match &self.needs.pets {
            None => found.ask(code, Question::Pets, "Nobody has said yet whether there are pets"),
            Some(pets) if pets.is_empty() => {}
            Some(_) => match policy {
                Policy::Accepted => found.add(code, Verdict::Discuss, "This service takes pets, but not in this home"),
                Policy::Discuss => found.add(code, policy.effect(), "Ask this service first about pets"),
                Policy::NotAccepted => found.add(code, policy.effect(), "This service does not take pets"),
            },
        }
    }

    /// A household whose concession was granted has public funds for three months.
    fn nrpf(&self, policy: Nrpf, found: &mut Reasons) {
        let code = "nrpf";
        let needs = self.needs;
        match (policy, needs.recourse_to_public_funds, needs.concession) {
            (Nrpf::Yes, _, _) | (_, Answer::Yes, _) => {}
            (_, Answer::Unknown, _) => {
                found.ask(code, Question::Recourse, "Nobody has said yet whether there are public funds");
            }
            (Nrpf::CaseByCase, Answer::No, _) => {
                found.add(code, Verdict::Discuss, "Without public funds this service decides case by case");
            }
            (Nrpf::No, Answer::No, Concession::Granted) => {
                let text = "The concession for migrant victims is granted; ask whether this service takes it";
                found.add(code, Verdict::Discuss, text);
            }
            (Nrpf::No, Answer::No, Concession::Applied) => {
                let text = "The concession for migrant victims is applied for; ask whether this service can wait";
                found.add(code, Verdict::Discuss, text);
            }
            (Nrpf::No, Answer::No, Concession::None) => {
                found.add(code, Verdict::NotSuitable, "This service needs public funds and there are none");
            }
            (Nrpf::No, Answer::No, Concession::Unknown) => {
                let text = "This service needs public funds; a concession for migrant victims may help";
                found.ask(code, Question::Concession, text);
            }
        }
    }

    fn client_group(&self, serves: ClientGroup, strength: Strength, found: &mut Reasons) {
        let code = "client_group";
        let people = serves.people();
        match (serves.belongs(self.needs), strength) {
            (Belongs::Yes, _) => {}
            (Belongs::No, Strength::Exclude) => {
                found.add(code, strength.effect(), format!("This service is only for {people}"));
            }
            (Belongs::No, Strength::Discuss) | (Belongs::TheyDecide, _) => {
                found.add(code, Verdict::Discuss, format!("This service is for {people}; ask whether it fits"));
            }
            (Belongs::Unknown, _) => {
                let text = format!("This service is for {people}; it is not known whether it fits");
                found.ask(code, serves.question(), text);
            }
        }
    }

    fn funding(&self, not_accepted: &[Funding], strength: Strength, found: &mut Reasons) {
        let code = "funding";
        let paying = self.needs.funding;
        if paying == Funding::Unknown {
            if not_accepted.iter().any(|funding| *funding != Funding::Unknown) {
                found.ask(code, Question::Funding, "Nobody has said yet how the rent would be paid");
            }
            return;
        }
        if !not_accepted.contains(&paying) {
            return;
        }
        let whom = match paying {
            Funding::HousingBenefit => "people whose rent Housing Benefit pays",
            Funding::UniversalCredit => "people whose rent Universal Credit pays",
            Funding::SelfFunding => "people who pay the rent themselves",
            Funding::CannotFund | Funding::Unknown => "people who cannot pay the rent",
        };
        let text = match strength {
            Strength::Exclude => format!("This service does not take {whom}"),
            Strength::Discuss => format!("Ask this service first about {whom}"),
        };
        found.add(code, strength.effect(), text);
    }
}
