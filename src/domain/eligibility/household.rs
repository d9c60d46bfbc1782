//! What the rules ask of a household: its facts without a name, a date, a place or a word of free text.

use serde::{Deserialize, Serialize};

use super::client_group::Belongs;
use super::{ClientGroup, Question, SupportNeed};
use crate::domain::household::{
    AccessNeed, Answer, Concession, Funding, Level, Member, MemberRole, Needs, PastHarm, SameAsBirth, Sex, StayNeeded,
};
use crate::domain::provision::{AccommodationType, UnitFacts};

/// Below this age a child may sleep in a cot.
const COT_BELOW: u8 = 2;
/// Compulsory school age, in whole years, both ends included (section 8 of the Education Act 1996).
const SCHOOL_AGE: std::ops::RangeInclusive<u8> = 5..=15;

/// What is true of a household whatever the vacancy, worked out once. It is what a record of a search keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Household {
    pub(super) people: i32,
    pub(super) children: i32,
    pub(super) infants: i32,
    /// Each of them may be an infant.
    pub(super) children_of_unknown_age: i32,
    pub(super) survivors: Vec<Adult>,
    /// Adults beside the survivors.
    pub(super) other_adults: Vec<Adult>,
    pub(super) adult_dependants: Vec<Adult>,
    pub(super) boys: Sons,
    /// Children whose sex is not known.
    pub(super) may_be_boys: Sons,
    /// A limit for boys says nothing clear about them.
    pub(super) trans_children: Sons,
    pub(super) school_children: i32,
    /// What to ask because more people may come; absent when everybody is known.
    pub(super) more_people: Option<Question>,
    pub(super) pregnant: Answer,
    pub(super) pets: Answer,
    pub(super) access_need: AccessNeed,
    /// In the order of [`SupportNeed::ALL`].
    pub(super) support: [Level; 5],
    pub(super) risk_to_others: Option<Vec<PastHarm>>,
    pub(super) asked_to_leave_before: Answer,
    pub(super) bail_or_probation: Answer,
    pub(super) interpreter: Answer,
    /// In small letters.
    pub(super) language: Option<String>,
    pub(super) referral_source: Option<String>,
    pub(super) recourse_to_public_funds: Answer,
    pub(super) concession: Concession,
    pub(super) immigration_status: Option<String>,
    pub(super) employment: Option<String>,
    pub(super) funding: Funding,
    /// In the order of [`ClientGroup::ALL`].
    pub(super) belongs: [Belongs; 4],
    pub(super) shared_living: Answer,
    pub(super) quiet_home: Answer,
    pub(super) stay_needed: StayNeeded,
    /// Best first.
    pub(super) wanted_types: Vec<AccommodationType>,
}

/// An adult as far as rules about sex and age are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Adult {
    pub(super) age: Option<u8>,
    pub(super) sex: Sex,
    pub(super) trans: bool,
}

impl From<&Member> for Adult {
    fn from(member: &Member) -> Self {
        Self { age: member.age, sex: member.sex, trans: member.gender_same_as_birth == SameAsBirth::No }
    }
}

/// The children that a limit for male children is, or may be, about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

impl Household {
    /// A household as a case tells it, and who sent it (of the list `referral_source`), where that is known.
    pub fn of(needs: &Needs, referral_source: Option<&str>) -> Self {
        let language = needs.interpreter_language.as_deref().map(str::trim).filter(|language| !language.is_empty());
        let mut household = Self {
            people: 0,
            children: 0,
            infants: 0,
            children_of_unknown_age: 0,
            survivors: needs.survivors().map(Adult::from).collect(),
            other_adults: needs.of_role(MemberRole::OtherAdult).map(Adult::from).collect(),
            adult_dependants: needs.of_role(MemberRole::AdultDependant).map(Adult::from).collect(),
            boys: Sons::default(),
            may_be_boys: Sons::default(),
            trans_children: Sons::default(),
            school_children: 0,
            more_people: match (needs.members.is_empty(), needs.household_complete) {
                (true, _) => Some(Question::Household),
                (false, Answer::Yes) => None,
                (false, Answer::No | Answer::Unknown) => Some(Question::Everybody),
            },
            pregnant: needs.pregnant,
            pets: needs.pets.as_ref().map_or(Answer::Unknown, |pets| yes_or_no(!pets.is_empty())),
            access_need: needs.access_need,
            support: [Level::Unknown; 5],
            risk_to_others: needs.risk_to_others.clone(),
            asked_to_leave_before: needs.asked_to_leave_before,
            bail_or_probation: needs.bail_or_probation,
            interpreter: if language.is_some() { Answer::Yes } else { needs.interpreter },
            language: language.map(str::to_lowercase),
            referral_source: referral_source.map(str::to_owned),
            recourse_to_public_funds: needs.recourse_to_public_funds,
            concession: needs.concession,
            immigration_status: told(needs.immigration_status.as_deref()),
            employment: told(needs.monitoring.employment.as_deref()),
            funding: needs.funding,
            belongs: [Belongs::Unknown; 4],
            shared_living: needs.shared_living,
            quiet_home: needs.quiet_home,
            stay_needed: needs.stay_needed,
            wanted_types: needs.wanted_types.clone(),
        };
        for (need, level) in SupportNeed::ALL.iter().zip(&mut household.support) {
            *level = level_of(needs, need.as_str());
        }
        for (group, belongs) in ClientGroup::ALL.iter().zip(&mut household.belongs) {
            *belongs = group.belongs(needs);
        }
        for member in &needs.members {
            household.people += 1;
            if member.role == MemberRole::Child {
                household.add_child(member);
            }
        }
        household
    }

    fn add_child(&mut self, child: &Member) {
        self.children += 1;
        self.infants += i32::from(child.age.is_some_and(|age| age < COT_BELOW));
        self.children_of_unknown_age += i32::from(child.age.is_none());
        self.school_children += i32::from(child.age.is_some_and(|age| SCHOOL_AGE.contains(&age)));
        match (child.gender_same_as_birth, child.sex) {
            (SameAsBirth::No, _) => self.trans_children.add(child.age),
            (_, Sex::Male) => self.boys.add(child.age),
            (_, Sex::PreferNotToSay | Sex::Unknown) => self.may_be_boys.add(child.age),
            (_, Sex::Female) => {}
        }
    }

    /// Beds that stay empty, below zero when there are too few. A child of unknown age is given a bed.
    pub fn spare_beds(&self, unit: &UnitFacts) -> i32 {
        unit.bed_spaces - (self.people - self.infants.min(unit.cots))
    }

    /// While it is not known, somebody may need one.
    pub fn needs_no_wheelchair(&self) -> bool {
        matches!(self.access_need, AccessNeed::None | AccessNeed::LevelAccess | AccessNeed::GroundFloor)
    }

    /// The place of a kind of accommodation in the list of those that the household would like.
    pub fn would_like(&self, kind: AccommodationType) -> Option<u8> {
        self.wanted_types.iter().position(|wanted| *wanted == kind).and_then(|place| u8::try_from(place).ok())
    }
}

/// How much support is needed with something. What nobody has named is not known, until the list is said to be complete.
pub(super) fn level_of(needs: &Needs, need: &str) -> Level {
    let named = needs.additional_needs.iter().find(|named| named.need == need);
    match (named, needs.support_needs_complete) {
        (Some(named), _) => named.level,
        (None, Answer::Yes) => Level::None,
        (None, Answer::No | Answer::Unknown) => Level::Unknown,
    }
}

fn yes_or_no(yes: bool) -> Answer {
    if yes { Answer::Yes } else { Answer::No }
}

/// A code that says something.
fn told(code: Option<&str>) -> Option<String> {
    code.filter(|code| !matches!(*code, "unknown" | "not_asked")).map(str::to_owned)
}
