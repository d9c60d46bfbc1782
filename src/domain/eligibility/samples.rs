//! Real services with their published limits (Leicester 2021) and invented households, for tests.

use chrono::NaiveDate;

use super::{
    AgeLimit, Assessment, ClientGroup, Condition, Household, InForce, Nearness, Nrpf, Obstacle, Place, Policy, Rule,
    Scope, Strength, assess,
};
use crate::domain::household::{
    AccessNeed, AdditionalNeed, Answer, Concession, Funding, HarmKind, Level, Member, MemberRole, Monitoring, Needs,
    PastHarm, Pet, SameAsBirth, Sex, StayNeeded, UnsafeArea,
};
use crate::domain::provision::{Room, UnitFacts, Wheelchair};

pub(in crate::domain) use super::arbitrary::*;

pub(in crate::domain) const LEICESTER: &str = "E06000016";
pub(in crate::domain) const CHARNWOOD: &str = "E07000130";
pub(in crate::domain) const LEICESTERSHIRE: &str = "E10000018";
pub(in crate::domain) const RUTLAND: &str = "E06000017";

pub(in crate::domain) const HERE: Place = Place { area: LEICESTER, county: None };
pub(in crate::domain) const IN_A_COUNTY: Place = Place { area: CHARNWOOD, county: Some(LEICESTERSHIRE) };

pub(in crate::domain) fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 2).expect("a day")
}

/// One unit of a service.
#[derive(Debug, Clone)]
pub(in crate::domain) struct Sample {
    pub rules: Vec<Rule>,
    /// Rules of the provider, the unit or the vacancy.
    pub others: Vec<(Scope, Rule)>,
    pub unit: UnitFacts,
    pub place: Place<'static>,
}

impl Sample {
    fn new(bed_spaces: i32, rules: Vec<Condition>) -> Self {
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
        Self { rules: rules.into_iter().map(Rule::from).collect(), others: vec![], unit, place: HERE }
    }

    /// A home of its own for five that allows for everything, with these rules.
    pub fn with_rules(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self { rules: rules.into_iter().collect(), ..dispersed().floor(0) }
            .unit(|unit| (unit.step_free, unit.wheelchair) = (true, Wheelchair::Full))
    }

    /// The same service in a unit that differs.
    pub fn unit(mut self, change: impl FnOnce(&mut UnitFacts)) -> Self {
        change(&mut self.unit);
        self
    }

    pub fn beds(self, beds: i32) -> Self {
        self.unit(|unit| unit.bed_spaces = beds)
    }

    pub fn floor(self, floor: i32) -> Self {
        self.unit(|unit| unit.floor = floor)
    }

    pub fn self_contained(self) -> Self {
        self.unit(|unit| (unit.bathroom, unit.kitchen) = (Room::Own, Room::Own))
    }

    pub fn at(self, place: Place<'static>) -> Self {
        Self { place, ..self }
    }

    /// The same service with one more rule.
    pub fn and(mut self, rule: impl Into<Rule>) -> Self {
        self.rules.push(rule.into());
        self
    }

    /// With a rule of its provider, its unit or the vacancy.
    pub fn under(mut self, scope: Scope, rule: impl Into<Rule>) -> Self {
        self.others.push((scope, rule.into()));
        self
    }

    pub fn in_force(&self) -> InForce {
        let of = |scope| self.others.iter().filter(move |(of, _)| *of == scope).map(|(_, rule)| rule.clone());
        let others =
            [Scope::Organisation, Scope::Unit, Scope::Vacancy].map(|scope| (scope, of(scope).collect::<Vec<_>>()));
        let others = others.iter().map(|(scope, rules)| (*scope, &rules[..]));
        InForce::on(today(), others.chain([(Scope::Service, &self.rules[..])]))
    }

    pub fn assess(&self, caller: &Caller) -> Assessment {
        assess(&self.in_force(), &self.unit, self.nearness(caller), &caller.household())
    }

    pub fn nearness(&self, caller: &Caller) -> Nearness {
        self.place.seen_by(&caller.needs)
    }
}

/// The service wants to talk about it instead.
pub(in crate::domain) fn discussed(condition: Condition) -> Rule {
    Rule { strength: Strength::Discuss, ..condition.into() }
}

/// Those who fit only come first.
pub(in crate::domain) fn preferred(condition: Condition) -> Rule {
    Rule { strength: Strength::Prefer, ..condition.into() }
}

pub(in crate::domain) fn women(trans_people: Policy) -> Condition {
    Condition::SurvivorSex { accepts: vec![Sex::Female], trans_people }
}

pub(in crate::domain) fn boys_to(accepted_to: u8, discuss_to: Option<u8>) -> Condition {
    let limit = Some(AgeLimit { accepted_to, discuss_to });
    Condition::MaleChildAge { shared: limit, self_contained: limit }
}

fn no_pets() -> Condition {
    Condition::Pets { policy: Policy::NotAccepted }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

pub(in crate::domain) fn spoken(languages: &[&str], others: Policy) -> Condition {
    Condition::Languages { spoken: words(languages), others }
}

pub(in crate::domain) fn sent_only_by(sources: &[&str]) -> Condition {
    Condition::ReferralRoutes { accepts: words(sources) }
}

pub(in crate::domain) fn statuses(statuses: &[&str]) -> Condition {
    Condition::ImmigrationStatus { accepts: words(statuses) }
}

pub(in crate::domain) fn no_employment(employments: &[&str]) -> Condition {
    Condition::Employment { not_accepted: words(employments) }
}

pub(in crate::domain) fn after(harm: HarmKind, policy: Policy, within_years: Option<u8>) -> Condition {
    Condition::RiskToOthers { harm, policy, within_years }
}

pub(in crate::domain) fn brookes_house() -> Sample {
    Sample::new(
        4,
        vec![
            women(Policy::Discuss),
            Condition::SurvivorAge { min: Some(16), max: None },
            Condition::LargestFamily { people: 4 },
            boys_to(14, Some(16)),
            Condition::AdultDependants { policy: Policy::Discuss },
            no_pets(),
            Condition::Nrpf { policy: Nrpf::Yes },
        ],
    )
}

pub(in crate::domain) fn leicester_refuge() -> Sample {
    let rules = vec![
        women(Policy::Discuss),
        Condition::LargestFamily { people: 4 },
        boys_to(12, None),
        Condition::AdultDependants { policy: Policy::NotAccepted },
        no_pets(),
        Condition::Nrpf { policy: Nrpf::CaseByCase },
    ];
    Sample::new(4, rules).and(discussed(Condition::Funding { not_accepted: vec![Funding::CannotFund] }))
}

/// For young women.
pub(in crate::domain) fn juno_house() -> Sample {
    Sample::new(
        2,
        vec![
            women(Policy::NotAccepted),
            Condition::SurvivorAge { min: Some(16), max: Some(24) },
            Condition::LargestFamily { people: 2 },
            Condition::MaxChildren { children: 1 },
            boys_to(12, None),
            no_pets(),
            Condition::Nrpf { policy: Nrpf::CaseByCase },
        ],
    )
}

/// Homes of their own that take men, and pets in two of three.
pub(in crate::domain) fn dispersed() -> Sample {
    let rules = vec![
        Condition::SurvivorSex { accepts: vec![Sex::Female, Sex::Male], trans_people: Policy::Accepted },
        Condition::LargestFamily { people: 5 },
        Condition::MaleChildAge { shared: None, self_contained: None },
        Condition::AdultDependants { policy: Policy::Accepted },
        Condition::Pets { policy: Policy::Accepted },
        Condition::Nrpf { policy: Nrpf::CaseByCase },
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
            Condition::LargestFamily { people: 5 },
            Condition::MaleChildAge { shared: limit(14), self_contained: limit(16) },
            no_pets(),
            Condition::Nrpf { policy: Nrpf::Yes },
            Condition::ClientGroup { serves: ClientGroup::RaciallyMinoritised },
        ],
    )
}

/// For an emergency: small, with night security, and for as many nights as are agreed.
pub(in crate::domain) fn respite_rooms() -> Sample {
    let rules = vec![
        women(Policy::Discuss),
        Condition::LargestFamily { people: 3 },
        boys_to(16, None),
        Condition::Pets { policy: Policy::Accepted },
        Condition::Nrpf { policy: Nrpf::Yes },
    ];
    Sample::new(3, rules)
        .and(discussed(Condition::ClientGroup { serves: ClientGroup::RaciallyMinoritised }))
        .unit(|unit| (unit.step_free, unit.wheelchair, unit.floor) = (true, Wheelchair::Full, 0))
        .unit(|unit| (unit.bathroom, unit.pets) = (Room::Own, true))
}

pub(in crate::domain) fn action_homeless() -> Sample {
    let rules = vec![women(Policy::Accepted), Condition::LargestFamily { people: 4 }, boys_to(11, None), no_pets()];
    Sample::new(4, rules)
        .unit(|unit| (unit.step_free, unit.wheelchair, unit.floor) = (true, Wheelchair::EssentialRooms, 0))
}

pub(in crate::domain) fn zinthiya() -> Sample {
    Sample::new(
        3,
        vec![
            women(Policy::Discuss),
            Condition::LargestFamily { people: 3 },
            boys_to(9, None),
            no_pets(),
            Condition::Nrpf { policy: Nrpf::Yes },
        ],
    )
    .unit(|unit| (unit.step_free, unit.wheelchair, unit.floor) = (true, Wheelchair::Full, 0))
}

/// A household that somebody told about on the telephone, and who sends it.
#[derive(Debug, Clone)]
pub(in crate::domain) struct Caller {
    pub needs: Needs,
    pub sent_by: Option<&'static str>,
}

pub(in crate::domain) fn member(role: MemberRole, age: Option<u8>, sex: Sex) -> Member {
    Member { role, age, sex, gender_same_as_birth: SameAsBirth::Unknown }
}

/// A survivor alone, with every question answered.
pub(in crate::domain) fn survivor(sex: Sex, age: u8) -> Caller {
    let monitoring = Monitoring {
        ethnic_group: Some("asian_indian".to_owned()),
        sexual_orientation: Some("straight_or_heterosexual".to_owned()),
        employment: Some("unemployed".to_owned()),
        impairments: Some(Vec::new()),
        ..Monitoring::default()
    };
    let needs = Needs {
        members: vec![member(MemberRole::Survivor, Some(age), sex)],
        household_complete: Answer::Yes,
        pregnant: Answer::No,
        pets: Some(Vec::new()),
        access_need: AccessNeed::None,
        support_needs_complete: Answer::Yes,
        risk_to_others: Some(Vec::new()),
        asked_to_leave_before: Answer::No,
        bail_or_probation: Answer::No,
        interpreter: Answer::No,
        immigration_status: Some("british_or_irish".to_owned()),
        recourse_to_public_funds: Answer::Yes,
        concession: Concession::None,
        funding: Funding::HousingBenefit,
        shared_living: Answer::Yes,
        quiet_home: Answer::No,
        stay_needed: StayNeeded::Weeks,
        monitoring,
        ..Needs::default()
    };
    Caller { needs, sent_by: Some("local_helpline") }
}

pub(in crate::domain) fn woman() -> Caller {
    survivor(Sex::Female, 30)
}

pub(in crate::domain) fn man() -> Caller {
    survivor(Sex::Male, 30)
}

impl Caller {
    pub fn household(&self) -> Household {
        Household::of(&self.needs, self.sent_by)
    }

    pub fn but(mut self, change: impl FnOnce(&mut Needs)) -> Self {
        change(&mut self.needs);
        self
    }

    pub fn sent_by(self, sent_by: &'static str) -> Self {
        Self { sent_by: Some(sent_by), ..self }
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

    pub fn access(self, need: AccessNeed) -> Self {
        self.but(|needs| needs.access_need = need)
    }

    pub fn need(self, need: &str, level: Level) -> Self {
        self.but(|needs| needs.additional_needs.push(AdditionalNeed { need: need.to_owned(), level }))
    }

    pub fn harmed(self, kind: HarmKind, years_ago: Option<u8>) -> Self {
        self.but(|needs| needs.risk_to_others.get_or_insert_default().push(PastHarm { kind, years_ago }))
    }

    pub fn interpreter(self, language: &str) -> Self {
        self.but(|needs| needs.interpreter_language = Some(language.to_owned()))
    }

    pub fn paying_by(self, funding: Funding) -> Self {
        self.but(|needs| needs.funding = funding)
    }

    pub fn working(self, employment: &str) -> Self {
        self.but(|needs| needs.monitoring.employment = Some(employment.to_owned()))
    }

    pub fn status(self, status: &str) -> Self {
        self.but(|needs| needs.immigration_status = Some(status.to_owned()))
    }

    pub fn ethnic_group(self, code: &str) -> Self {
        self.but(|needs| needs.monitoring.ethnic_group = Some(code.to_owned()))
    }

    pub fn no_public_funds(self, concession: Concession) -> Self {
        self.but(|needs| (needs.recourse_to_public_funds, needs.concession) = (Answer::No, concession))
    }

    pub fn needs_place_for(self, stay: StayNeeded) -> Self {
        self.but(|needs| needs.stay_needed = stay)
    }
}

/// What a condition is about; no two of a set are about the same thing.
pub(in crate::domain) fn about(condition: &Condition) -> Obstacle {
    match condition {
        Condition::SurvivorSex { .. } => Obstacle::SurvivorSex,
        Condition::SurvivorAge { .. } => Obstacle::SurvivorAge,
        Condition::SingleSex { .. } => Obstacle::SingleSex,
        Condition::LargestFamily { .. } => Obstacle::LargestFamily,
        Condition::MaxChildren { .. } => Obstacle::Children,
        Condition::MaleChildAge { .. } => Obstacle::MaleChildAge,
        Condition::SchoolAgeChildren { .. } => Obstacle::SchoolAgeChildren,
        Condition::AdultDependants { .. } => Obstacle::AdultDependant,
        Condition::Pregnancy { .. } => Obstacle::Pregnancy,
        Condition::Pets { .. } => Obstacle::Pets,
        Condition::SupportNeed { need, .. } => Obstacle::of_need(*need),
        Condition::RiskToOthers { harm, .. } => Obstacle::of_harm(*harm),
        Condition::PreviousEviction { .. } => Obstacle::PreviousEviction,
        Condition::BailOrProbation { .. } => Obstacle::BailOrProbation,
        Condition::Languages { .. } => Obstacle::Language,
        Condition::ReferralRoutes { .. } => Obstacle::ReferralRoute,
        Condition::Nrpf { .. } => Obstacle::Nrpf,
        Condition::ImmigrationStatus { .. } => Obstacle::ImmigrationStatus,
        Condition::Employment { .. } => Obstacle::Employment,
        Condition::Funding { .. } => Obstacle::Funding,
        Condition::ClientGroup { .. } => Obstacle::ClientGroup,
        Condition::StayLimit { .. } => Obstacle::StayLimit,
        Condition::CommunalLiving {} => Obstacle::SharedLiving,
    }
}

/// Every kind of condition, as it is written.
pub(in crate::domain) fn kinds() -> Vec<String> {
    let unknown = serde_json::from_value::<Condition>(serde_json::json!({"kind": "?"})).expect_err("no kind");
    let kinds: Vec<_> = unknown.to_string().split('`').skip(1).step_by(2).skip(1).map(str::to_owned).collect();
    assert!(kinds.len() > 20, "{unknown}");
    kinds
}

pub(in crate::domain) fn kind(condition: &Condition) -> String {
    let written = serde_json::to_value(condition).expect("a condition");
    written["kind"].as_str().expect("a kind").to_owned()
}
