//! Any household, any home and any rules, for property tests.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::samples::{CHARNWOOD, HERE, IN_A_COUNTY, LEICESTER, LEICESTERSHIRE, RUTLAND, today};
use super::{AgeLimit, ClientGroup, Condition, InForce, Nrpf, Place, Policy, Rule, Scope, Strength, SupportNeed};
use crate::domain::household::{
    AccessNeed, AdditionalNeed, Answer, Concession, Funding, HarmKind, Level, Member, MemberRole, Monitoring, Needs,
    PastHarm, Pet, SameAsBirth, Sex, StayNeeded, UnsafeArea,
};
use crate::domain::provision::{AccommodationType, Room, UnitFacts, Wheelchair};

const AREAS: &[&str] = &[LEICESTER, CHARNWOOD, LEICESTERSHIRE, RUTLAND];
const MONITORED: &[&str] = &["white_british", "white_other", "roma", "bisexual", "prefer_not_to_say", "not_asked"];
const NEEDS: &[&str] = &[
    "mental_health",
    "drugs",
    "alcohol",
    "physical_health",
    "learning_disability",
    "street_homeless",
    "offending_history",
    "legal",
];
const STATUSES: &[&str] = &["british_or_irish", "eu_pre_settled", "asylum_seeker", "prefer_not_to_say", "unknown"];
const EMPLOYMENTS: &[&str] = &["employed_or_self_employed", "unemployed", "student", "unknown"];
/// As people write them.
const LANGUAGES: &[&str] = &["Gujarati", " gujarati ", "Polish"];
pub(in crate::domain) const SOURCES: &[&str] = &["local_helpline", "police", "self"];
/// Nothing in a record may name a pet.
pub(in crate::domain) const PET: &str = "Bonzo the whippet";

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(words).prop_map(str::to_owned)
}

fn some_of(words: &'static [&'static str], least: usize) -> impl Strategy<Value = Vec<String>> {
    subsequence(words, least..=words.len()).prop_map(|words| words.into_iter().map(str::to_owned).collect())
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
    fn any_unsafe_area()(area in one_of(AREAS), confirmed: bool) -> UnsafeArea {
        UnsafeArea { area, confirmed }
    }
}

prop_compose! {
    fn any_need()(need in one_of(NEEDS), level in select(Level::ALL)) -> AdditionalNeed {
        AdditionalNeed { need, level }
    }
}

prop_compose! {
    fn any_harm()(kind in select(HarmKind::ALL), years_ago in option::of(0..=20_u8)) -> PastHarm {
        PastHarm { kind, years_ago }
    }
}

prop_compose! {
    fn any_monitoring()(
        ethnic_group in option::of(one_of(MONITORED)),
        sexual_orientation in option::of(one_of(MONITORED)),
        employment in option::of(one_of(EMPLOYMENTS)),
        impairments in option::of(vec(Just("vision".to_owned()), 0..2)),
    ) -> Monitoring {
        Monitoring { ethnic_group, sexual_orientation, employment, impairments, ..Monitoring::default() }
    }
}

prop_compose! {
    /// Who they are and what they need.
    fn any_people()(
        members in vec(any_member(), 0..6),
        [household_complete, pregnant, support_needs_complete] in proptest::array::uniform3(select(Answer::ALL)),
        pets in option::of(vec(Just(Pet { kind: PET.to_owned(), number: 1 }), 0..2)),
        access_need in select(AccessNeed::ALL),
        additional_needs in vec(any_need(), 0..5),
        risk_to_others in option::of(vec(any_harm(), 0..3)),
        [asked_to_leave_before, bail_or_probation, interpreter] in proptest::array::uniform3(select(Answer::ALL)),
        interpreter_language in option::of(one_of(LANGUAGES)),
        monitoring in any_monitoring(),
    ) -> Needs {
        Needs {
            members, household_complete, pregnant, pets, access_need, additional_needs, support_needs_complete,
            risk_to_others, asked_to_leave_before, bail_or_probation, interpreter, interpreter_language, monitoring,
            ..Needs::default()
        }
    }
}

prop_compose! {
    pub(in crate::domain) fn any_needs()(
        people in any_people(),
        immigration_status in option::of(one_of(STATUSES)),
        (concession, funding) in (select(Concession::ALL), select(Funding::ALL)),
        unsafe_areas in vec(any_unsafe_area(), 0..2),
        [wanted_areas, too_far, can_travel_to] in proptest::array::uniform3(some_of(AREAS, 0)),
        wanted_types in subsequence(AccommodationType::ALL, 0..3),
        (school_area, work_area) in (option::of(one_of(AREAS)), option::of(one_of(AREAS))),
        [recourse_to_public_funds, shared_living, quiet_home] in proptest::array::uniform3(select(Answer::ALL)),
        stay_needed in select(StayNeeded::ALL),
    ) -> Needs {
        Needs {
            immigration_status, recourse_to_public_funds, concession, funding, unsafe_areas, wanted_areas, too_far,
            can_travel_to, wanted_types, school_area, work_area, shared_living, quiet_home, stay_needed, ..people
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
    select(&[HERE, IN_A_COUNTY, Place { area: LEICESTERSHIRE, county: None }][..])
}

fn policy() -> impl Strategy<Value = Policy> {
    select(Policy::ALL)
}

fn any_limit() -> impl Strategy<Value = Option<AgeLimit>> {
    let ages = (0..=18_u8, option::of(0..=18_u8));
    option::of(ages.prop_map(|(accepted_to, discuss_to)| AgeLimit { accepted_to, discuss_to }))
}

fn of_people() -> impl Strategy<Value = Condition> {
    prop_oneof![
        (subsequence(&[Sex::Female, Sex::Male][..], 1..=2), policy())
            .prop_map(|(accepts, trans_people)| Condition::SurvivorSex { accepts, trans_people }),
        (option::of(10..=40_u8), option::of(20..=80_u8)).prop_map(|(min, max)| Condition::SurvivorAge { min, max }),
        select(&[Sex::Female, Sex::Male][..]).prop_map(|sex| Condition::SingleSex { sex }),
        (1..=6_u8).prop_map(|people| Condition::LargestFamily { people }),
        (0..=4_u8).prop_map(|children| Condition::MaxChildren { children }),
        (any_limit(), any_limit())
            .prop_map(|(shared, self_contained)| Condition::MaleChildAge { shared, self_contained }),
        select(ClientGroup::ALL).prop_map(|serves| Condition::ClientGroup { serves }),
        (select(SupportNeed::ALL), select(&[Level::None, Level::Low, Level::Medium, Level::High][..]))
            .prop_map(|(need, up_to)| Condition::SupportNeed { need, up_to }),
        (select(HarmKind::ALL), policy(), option::of(1..=10_u8))
            .prop_map(|(harm, policy, within_years)| Condition::RiskToOthers { harm, policy, within_years }),
    ]
}

fn of_policy() -> impl Strategy<Value = Condition> {
    prop_oneof![
        policy().prop_map(|policy| Condition::SchoolAgeChildren { policy }),
        policy().prop_map(|policy| Condition::AdultDependants { policy }),
        policy().prop_map(|policy| Condition::Pregnancy { policy }),
        policy().prop_map(|policy| Condition::Pets { policy }),
        policy().prop_map(|policy| Condition::PreviousEviction { policy }),
        policy().prop_map(|policy| Condition::BailOrProbation { policy }),
        select(Nrpf::ALL).prop_map(|policy| Condition::Nrpf { policy }),
        Just(Condition::CommunalLiving {}),
    ]
}

fn of_lists() -> impl Strategy<Value = Condition> {
    prop_oneof![
        (some_of(LANGUAGES, 0), policy()).prop_map(|(spoken, others)| Condition::Languages { spoken, others }),
        some_of(SOURCES, 1).prop_map(|accepts| Condition::ReferralRoutes { accepts }),
        some_of(STATUSES, 1).prop_map(|accepts| Condition::ImmigrationStatus { accepts }),
        some_of(EMPLOYMENTS, 1).prop_map(|not_accepted| Condition::Employment { not_accepted }),
        subsequence(Funding::ALL, 1..4).prop_map(|not_accepted| Condition::Funding { not_accepted }),
        (1..=400_u16).prop_map(|max_nights| Condition::StayLimit { max_nights }),
    ]
}

pub(in crate::domain) fn any_condition() -> impl Strategy<Value = Condition> {
    prop_oneof![9 => of_people(), 8 => of_policy(), 6 => of_lists()]
}

fn any_day() -> impl Strategy<Value = Option<NaiveDate>> {
    prop_oneof![4 => Just(None), 1 => (-3..=3_i64).prop_map(|days| Some(today() + TimeDelta::days(days)))]
}

prop_compose! {
    pub(in crate::domain) fn any_rule()(
        condition in any_condition(),
        strength in select(Strength::ALL),
        (effective_from, effective_to) in (any_day(), any_day()),
    ) -> Rule {
        Rule { condition, strength, effective_from, effective_to }
    }
}

/// Sets of rules as they could be stored: in none of them stand two rules about the same thing.
pub(in crate::domain) fn any_sets() -> impl Strategy<Value = BTreeMap<Scope, Vec<Rule>>> {
    btree_map(select(Scope::ALL), vec(any_rule(), 0..8).prop_map(without_contradictions), 1..=4)
}

fn without_contradictions(mut rules: Vec<Rule>) -> Vec<Rule> {
    while let Some((index, _)) = super::contradictions(&rules).first() {
        rules.remove(*index);
    }
    rules
}

pub(in crate::domain) fn merged(sets: &BTreeMap<Scope, Vec<Rule>>) -> InForce {
    InForce::on(today(), sets.iter().map(|(scope, rules)| (*scope, &rules[..])))
}

prop_compose! {
    pub(in crate::domain) fn any_rules()(sets in any_sets()) -> InForce {
        merged(&sets)
    }
}
