//! Real services with their published limits (Leicester 2021), invented households, and arbitrary ones, for tests.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{AgeLimit, ClientGroup, Nrpf, Place, Policy, Rule, Strength};
use crate::domain::household::{
    AccessNeed, AdditionalNeed, Answer, Concession, Funding, Level, Member, MemberRole, Monitoring, Needs, Pet,
    SameAsBirth, Sex, UnsafeArea,
};
use crate::domain::provision::{Room, UnitFacts, Wheelchair};

pub(in crate::domain) const LEICESTER: &str = "E06000016";
pub(in crate::domain) const CHARNWOOD: &str = "E07000130";
pub(in crate::domain) const LEICESTERSHIRE: &str = "E10000018";

/// One unit of a service.
#[derive(Debug, Clone)]
pub(in crate::domain) struct Sample {
    pub rules: Vec<Rule>,
    pub unit: UnitFacts,
}

impl Sample {
    fn new(bed_spaces: i32, rules: Vec<Rule>) -> Self {
        let unit = UnitFacts {
            bed_spaces,
            cots: 1,
            step_free: false,
            wheelchair: Wheelchair::None,
            bathroom: Room::Shared,
            kitchen: Room::Shared,
            floor: 1,
            pets: false,
        };
        Self { rules, unit }
    }

    /// The same service in a unit that differs.
    pub fn unit(mut self, change: impl FnOnce(&mut UnitFacts)) -> Self {
        change(&mut self.unit);
        self
    }

    pub fn self_contained(self) -> Self {
        self.unit(|unit| (unit.bathroom, unit.kitchen) = (Room::Own, Room::Own))
    }

    /// The same service with one more rule.
    pub fn and(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }
}

pub(in crate::domain) fn women(trans_people: Policy) -> Rule {
    Rule::SurvivorSex { accepts: vec![Sex::Female], trans_people }
}

fn boys_to(accepted_to: u8, discuss_to: Option<u8>) -> Rule {
    let limit = Some(AgeLimit { accepted_to, discuss_to });
    Rule::MaleChildAge { shared: limit, self_contained: limit }
}

fn no_pets() -> Rule {
    Rule::Pets { policy: Policy::NotAccepted }
}

pub(in crate::domain) fn brookes_house() -> Sample {
    Sample::new(
        4,
        vec![
            women(Policy::Discuss),
            Rule::SurvivorAge { min: Some(16), max: None },
            Rule::LargestFamily { people: 4 },
            boys_to(14, Some(16)),
            Rule::AdultDependants { policy: Policy::Discuss },
            no_pets(),
            Rule::Nrpf { policy: Nrpf::Yes },
        ],
    )
}

pub(in crate::domain) fn leicester_refuge() -> Sample {
    Sample::new(
        4,
        vec![
            women(Policy::Discuss),
            Rule::LargestFamily { people: 4 },
            boys_to(12, None),
            Rule::AdultDependants { policy: Policy::NotAccepted },
            no_pets(),
            Rule::Nrpf { policy: Nrpf::CaseByCase },
            Rule::Funding { not_accepted: vec![Funding::CannotFund], strength: Strength::Discuss },
        ],
    )
}

/// For young women.
pub(in crate::domain) fn juno_house() -> Sample {
    Sample::new(
        2,
        vec![
            women(Policy::NotAccepted),
            Rule::SurvivorAge { min: Some(16), max: Some(24) },
            Rule::LargestFamily { people: 2 },
            Rule::MaxChildren { children: 1 },
            boys_to(12, None),
            no_pets(),
            Rule::Nrpf { policy: Nrpf::CaseByCase },
        ],
    )
}

/// Homes of their own that take men, and pets in two of three.
pub(in crate::domain) fn dispersed() -> Sample {
    let rules = vec![
        Rule::SurvivorSex { accepts: vec![Sex::Female, Sex::Male], trans_people: Policy::Accepted },
        Rule::LargestFamily { people: 5 },
        Rule::MaleChildAge { shared: None, self_contained: None },
        Rule::AdultDependants { policy: Policy::Accepted },
        Rule::Pets { policy: Policy::Accepted },
        Rule::Nrpf { policy: Nrpf::CaseByCase },
    ];
    Sample::new(5, rules).self_contained().unit(|unit| unit.pets = true)
}

/// For Black, Asian and racially minoritised women; more is possible in its self-contained units.
pub(in crate::domain) fn panahghar() -> Sample {
    let limit = |accepted_to| Some(AgeLimit { accepted_to, discuss_to: None });
    Sample::new(
        5,
        vec![
            women(Policy::Discuss),
            Rule::LargestFamily { people: 5 },
            Rule::MaleChildAge { shared: limit(14), self_contained: limit(16) },
            no_pets(),
            Rule::Nrpf { policy: Nrpf::Yes },
            Rule::ClientGroup { serves: ClientGroup::RaciallyMinoritised, strength: Strength::Exclude },
        ],
    )
}

pub(in crate::domain) fn action_homeless() -> Sample {
    Sample::new(4, vec![women(Policy::Accepted), Rule::LargestFamily { people: 4 }, boys_to(11, None), no_pets()])
        .unit(|unit| (unit.step_free, unit.wheelchair, unit.floor) = (true, Wheelchair::EssentialRooms, 0))
}

pub(in crate::domain) fn zinthiya() -> Sample {
    Sample::new(
        3,
        vec![
            women(Policy::Discuss),
            Rule::LargestFamily { people: 3 },
            boys_to(9, None),
            no_pets(),
            Rule::Nrpf { policy: Nrpf::No },
        ],
    )
    .unit(|unit| (unit.step_free, unit.wheelchair, unit.floor) = (true, Wheelchair::Full, 0))
}

/// A household that somebody told about on the telephone.
#[derive(Debug, Clone)]
pub(in crate::domain) struct Caller(pub Needs);

pub(in crate::domain) fn member(role: MemberRole, age: Option<u8>, sex: Sex) -> Member {
    Member { role, age, sex, gender_same_as_birth: SameAsBirth::Unknown }
}

/// A survivor alone, with every question answered.
pub(in crate::domain) fn survivor(sex: Sex, age: u8) -> Caller {
    Caller(Needs {
        members: vec![member(MemberRole::Survivor, Some(age), sex)],
        household_complete: Answer::Yes,
        pets: Some(Vec::new()),
        access_need: AccessNeed::None,
        recourse_to_public_funds: Answer::Yes,
        concession: Concession::None,
        funding: Funding::HousingBenefit,
        monitoring: Monitoring { ethnic_group: Some("asian_indian".to_owned()), ..Monitoring::default() },
        ..Needs::default()
    })
}

pub(in crate::domain) fn woman() -> Caller {
    survivor(Sex::Female, 30)
}

pub(in crate::domain) fn man() -> Caller {
    survivor(Sex::Male, 30)
}

impl Caller {
    pub fn but(mut self, change: impl FnOnce(&mut Needs)) -> Self {
        change(&mut self.0);
        self
    }

    pub fn with(self, role: MemberRole, age: Option<u8>, sex: Sex) -> Self {
        self.but(|needs| needs.members.push(member(role, age, sex)))
    }

    pub fn boy(self, age: u8) -> Self {
        self.with(MemberRole::Child, Some(age), Sex::Male)
    }

    pub fn girl(self, age: u8) -> Self {
        self.with(MemberRole::Child, Some(age), Sex::Female)
    }

    /// Says that the member told last is trans.
    pub fn trans(self) -> Self {
        self.but(|needs| {
            needs.members.last_mut().expect("somebody").gender_same_as_birth = SameAsBirth::No;
        })
    }

    pub fn dog(self) -> Self {
        self.but(|needs| needs.pets = Some(vec![Pet { kind: "dog".to_owned(), number: 1 }]))
    }

    pub fn unsafe_in(self, area: &str, confirmed: bool) -> Self {
        self.but(|needs| needs.unsafe_areas.push(UnsafeArea { area: area.to_owned(), confirmed }))
    }
}

const CODES: &[&str] = &["white_british", "white_other", "roma", "other", "bisexual", "prefer_not_to_say", "not_asked"];

fn code() -> impl Strategy<Value = Option<String>> {
    option::of(select(CODES).prop_map(str::to_owned))
}

prop_compose! {
    fn any_member()(
        role in select(MemberRole::ALL),
        age in option::of(0..=90_u8),
        sex in select(Sex::ALL),
        gender_same_as_birth in select(SameAsBirth::ALL),
    ) -> Member {
        Member { role, age, sex, gender_same_as_birth }
    }
}

prop_compose! {
    fn any_area()(area in select(&[LEICESTER, CHARNWOOD, LEICESTERSHIRE][..]), confirmed: bool) -> UnsafeArea {
        UnsafeArea { area: area.to_owned(), confirmed }
    }
}

prop_compose! {
    fn any_need()(
        need in select(&["alcohol", "drugs", "street_homeless", "legal"][..]),
        level in select(Level::ALL),
    ) -> AdditionalNeed {
        AdditionalNeed { need: need.to_owned(), level }
    }
}

prop_compose! {
    pub(in crate::domain) fn any_needs()(
        members in vec(any_member(), 0..6),
        household_complete in select(Answer::ALL),
        pets in option::of(vec(Just(Pet { kind: "cat".to_owned(), number: 1 }), 0..2)),
        access_need in select(AccessNeed::ALL),
        recourse_to_public_funds in select(Answer::ALL),
        concession in select(Concession::ALL),
        funding in select(Funding::ALL),
        unsafe_areas in vec(any_area(), 0..2),
        wanted_areas in vec(select(&[LEICESTER, CHARNWOOD, LEICESTERSHIRE][..]).prop_map(str::to_owned), 0..3),
        additional_needs in vec(any_need(), 0..4),
        (ethnic_group, sexual_orientation) in (code(), code()),
        impairments in option::of(vec(Just("vision".to_owned()), 0..2)),
    ) -> Needs {
        let monitoring = Monitoring { ethnic_group, sexual_orientation, impairments, ..Monitoring::default() };
        Needs {
            members, household_complete, pets, access_need, additional_needs, recourse_to_public_funds, concession,
            funding, unsafe_areas, wanted_areas, monitoring, ..Needs::default()
        }
    }
}

prop_compose! {
    pub(in crate::domain) fn any_unit()(
        bed_spaces in 1..6,
        cots in 0..3,
        (step_free, pets) in any::<(bool, bool)>(),
        wheelchair in select(Wheelchair::ALL),
        (bathroom, kitchen) in (select(Room::ALL), select(Room::ALL)),
        floor in -1..4,
    ) -> UnitFacts {
        UnitFacts { bed_spaces, cots, step_free, wheelchair, bathroom, kitchen, floor, pets }
    }
}

pub(in crate::domain) fn any_place() -> impl Strategy<Value = Place<'static>> {
    select(
        &[
            Place { area: LEICESTER, county: None },
            Place { area: CHARNWOOD, county: Some(LEICESTERSHIRE) },
            Place { area: LEICESTERSHIRE, county: None },
        ][..],
    )
}

pub(in crate::domain) fn any_rule() -> impl Strategy<Value = Rule> {
    let policy = || select(Policy::ALL);
    let strength = || select(Strength::ALL);
    let limit = || {
        option::of(
            (0..=18_u8, option::of(0..=18_u8))
                .prop_map(|(accepted_to, discuss_to)| AgeLimit { accepted_to, discuss_to }),
        )
    };
    prop_oneof![
        (vec(select(&[Sex::Female, Sex::Male][..]), 1..3), policy())
            .prop_map(|(accepts, trans_people)| Rule::SurvivorSex { accepts, trans_people }),
        (option::of(10..=40_u8), option::of(20..=80_u8)).prop_map(|(min, max)| Rule::SurvivorAge { min, max }),
        (1..=6_u8).prop_map(|people| Rule::LargestFamily { people }),
        (0..=4_u8).prop_map(|children| Rule::MaxChildren { children }),
        (limit(), limit()).prop_map(|(shared, self_contained)| Rule::MaleChildAge { shared, self_contained }),
        policy().prop_map(|policy| Rule::AdultDependants { policy }),
        policy().prop_map(|policy| Rule::Pets { policy }),
        select(Nrpf::ALL).prop_map(|policy| Rule::Nrpf { policy }),
        (select(ClientGroup::ALL), strength()).prop_map(|(serves, strength)| Rule::ClientGroup { serves, strength }),
        (vec(select(Funding::ALL), 1..3), strength())
            .prop_map(|(not_accepted, strength)| Rule::Funding { not_accepted, strength }),
    ]
}
