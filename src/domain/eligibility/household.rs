//! What the rules ask of a household.

use super::Question;
use crate::domain::household::{Answer, Member, MemberRole, Needs, SameAsBirth, Sex};
use crate::domain::provision::UnitFacts;

/// Below this age a child may sleep in a cot.
const COT_BELOW: u8 = 2;

/// What is true of a household whatever the vacancy, worked out once.
pub(in crate::domain) struct Household<'a> {
    pub(super) needs: &'a Needs,
    pub(super) people: i32,
    pub(super) children: i32,
    pub(super) infants: i32,
    /// Each of them may be an infant.
    pub(super) children_of_unknown_age: i32,
    pub(super) adult_dependants: bool,
    pub(super) boys: Sons,
    /// Children whose sex is not known.
    pub(super) may_be_boys: Sons,
    /// A limit for boys says nothing clear about them.
    pub(super) trans_children: Sons,
    /// What to ask because more people may come; absent when everybody is known.
    pub(super) more_people: Option<Question>,
}

/// The children that a limit for male children is, or may be, about.
#[derive(Default)]
pub(super) struct Sons {
    pub(super) oldest: Option<u8>,
    pub(super) some_of_unknown_age: bool,
}

impl Sons {
    fn add(&mut self, age: Option<u8>) {
        self.oldest = self.oldest.max(age);
        self.some_of_unknown_age |= age.is_none();
    }
}

impl<'a> Household<'a> {
    pub(in crate::domain) fn of(needs: &'a Needs) -> Self {
        let mut household = Self {
            needs,
            people: 0,
            children: 0,
            infants: 0,
            children_of_unknown_age: 0,
            adult_dependants: false,
            boys: Sons::default(),
            may_be_boys: Sons::default(),
            trans_children: Sons::default(),
            more_people: match (needs.members.is_empty(), needs.household_complete) {
                (true, _) => Some(Question::Household),
                (false, Answer::Yes) => None,
                (false, Answer::No | Answer::Unknown) => Some(Question::Everybody),
            },
        };
        for member in &needs.members {
            household.people += 1;
            match member.role {
                MemberRole::Child => household.add_child(member),
                MemberRole::AdultDependant => household.adult_dependants = true,
                MemberRole::Survivor | MemberRole::OtherAdult => {}
            }
        }
        household
    }

    fn add_child(&mut self, child: &Member) {
        self.children += 1;
        self.infants += i32::from(child.age.is_some_and(|age| age < COT_BELOW));
        self.children_of_unknown_age += i32::from(child.age.is_none());
        match (child.gender_same_as_birth, child.sex) {
            (SameAsBirth::No, _) => self.trans_children.add(child.age),
            (_, Sex::Male) => self.boys.add(child.age),
            (_, Sex::PreferNotToSay | Sex::Unknown) => self.may_be_boys.add(child.age),
            (_, Sex::Female) => {}
        }
    }

    pub(in crate::domain) fn needs(&self) -> &'a Needs {
        self.needs
    }

    /// Beds that stay empty, below zero when there are too few. A child of unknown age is given a bed.
    pub(in crate::domain) fn spare_beds(&self, unit: &UnitFacts) -> i32 {
        unit.bed_spaces - (self.people - self.infants.min(unit.cots))
    }
}
