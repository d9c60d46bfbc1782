//! What is to be found at the end: the units that are not taken, and the cases that go on.

use chrono::TimeDelta;

use super::people::{Household, member};
use super::plan::{Goal, Planner, Step, Target};
use super::reasons::because;
use crate::domain::household::{
    AccessNeed, AdditionalNeed, Answer, Concession, Funding, Level, MemberRole, Monitoring, Needs, Pet, Risk, Sex,
    StayNeeded, UnsafeArea,
};
use crate::domain::reason::DecidedBy;
use crate::error::AppError;

/// How many cases [`tell`] adds.
pub(super) const TOLD: usize = 3;

/// Service, number of the unit, and what it does at the end. All others have a household.
const GOALS: &[(&str, usize, Goal)] = &[
    ("Brookes House", 2, Goal::Vacant),
    ("Brookes House", 11, Goal::Vacant),
    ("Brookes House", 18, Goal::Vacant),
    ("Brookes House", 7, Goal::Held),
    ("Brookes House", 5, Goal::Expected),
    ("Brookes House", 14, Goal::Void("cleaning", Some(TimeDelta::hours(9)))),
    ("Leicester Refuge", 3, Goal::Vacant),
    ("Leicester Refuge", 8, Goal::Vacant),
    ("Leicester Refuge", 6, Goal::Void("repairs_after_damage", Some(TimeDelta::days(3)))),
    ("Juno House", 4, Goal::Vacant),
    ("Juno House", 1, Goal::Void("safety_works", Some(TimeDelta::days(5)))),
    ("Leicester Dispersed", 2, Goal::Vacant),
    ("Panahghar Refuge", 3, Goal::Vacant),
    ("Panahghar Refuge", 13, Goal::Vacant),
    ("Panahghar Refuge", 6, Goal::Held),
    ("Panahghar Refuge", 11, Goal::Expected),
    ("Panahghar Refuge", 8, Goal::Void("refurbishment", None)),
    ("Respite Rooms", 2, Goal::Vacant),
    ("Second Stage", 4, Goal::Void("awaiting_furniture", Some(TimeDelta::days(4)))),
    ("Action Homeless Refuge", 5, Goal::Vacant),
    ("Action Homeless Refuge", 2, Goal::Void("routine_maintenance", Some(TimeDelta::hours(30)))),
    ("Zinthiya Trust Refuge", 3, Goal::Vacant),
    ("Zinthiya Trust Refuge", 9, Goal::Vacant),
    ("Zinthiya Trust Refuge", 15, Goal::Void("repairs_after_damage", Some(TimeDelta::days(9)))),
    ("Charnwood Dispersed", 5, Goal::Vacant),
    ("Charnwood Dispersed", 9, Goal::Void("cleaning", Some(TimeDelta::hours(15)))),
    ("Rutland Dispersed", 4, Goal::Vacant),
];

/// What a unit is to be doing at the end.
pub(super) fn goal(scheme: &str, number: usize) -> Goal {
    let known = GOALS.iter().find(|(name, unit, _)| *name == scheme && *unit == number);
    known.map_or(Goal::Placed, |(_, _, goal)| *goal)
}

fn home(planner: &Planner, scheme: &str, number: usize) -> Result<usize, AppError> {
    let provided = planner.provided;
    let mut homes = provided.homes.iter().enumerate().filter(|(_, home)| provided.schemes[home.scheme].name == scheme);
    homes
        .nth(number - 1)
        .map(|(home, _)| home)
        .ok_or_else(|| AppError::internal(format!("no unit {number} of {scheme}")))
}

/// Three referrals that wait: two units held a short while ago, and one service that has asked for more.
pub(super) fn waiting(planner: &mut Planner) -> Result<(), AppError> {
    let ago = |minutes| planner.now - TimeDelta::minutes(minutes);
    let (opened, asked) = ((ago(170), ago(118)), (ago(400), ago(300), ago(130)));
    for ((scheme, number), opened, sent) in
        [(("Brookes House", 7), opened.0, ago(24)), (("Panahghar Refuge", 6), opened.1, ago(41))]
    {
        let home = home(planner, scheme, number)?;
        let household = planner.household_for(home)?;
        let case = planner.case(household, opened);
        let referral = planner.refer(case, Target::Home(home), sent, None);
        planner.step(sent + TimeDelta::minutes(9), Step::Say(case, referral));
    }
    let home = home(planner, "Leicester Refuge", 3)?;
    let household = planner.household_for(home)?;
    let case = planner.case(household, asked.0);
    let scheme = planner.provided.homes[home].scheme;
    let referral = planner.refer(case, Target::Scheme(scheme), asked.1, None);
    planner.step(asked.2, Step::Ask(case, referral));
    Ok(())
}

/// The cases of the first caseworker: a mother with two children, of whom the eldest is a boy of 15; a woman without
/// public funds; and a man with a dog.
pub(super) fn tell(planner: &mut Planner) -> Result<(), AppError> {
    let now = planner.now;
    let mother = tell_one(planner, mother(), now - TimeDelta::hours(29));
    let zinthiya = home(planner, "Zinthiya Trust Refuge", 1)?;
    let homeless = home(planner, "Action Homeless Refuge", 1)?;
    for (home, sent, answered) in [(zinthiya, 27, 25), (homeless, 26, 23)] {
        let (sent, answered) = (now - TimeDelta::hours(sent), now - TimeDelta::hours(answered));
        let ending = because("male_child_over_age", DecidedBy::Provider);
        let scheme = planner.provided.homes[home].scheme;
        planner.refer(mother, Target::Scheme(scheme), sent, Some((answered, ending)));
    }
    planner.step(now - TimeDelta::hours(22), Step::Watch(mother));
    tell_one(planner, without_public_funds(), now - TimeDelta::hours(8));
    tell_one(planner, man_with_a_dog(), now - TimeDelta::hours(3));
    Ok(())
}

fn tell_one(planner: &mut Planner, household: Household, opened: crate::clock::At) -> usize {
    let case = planner.case(household, opened);
    planner.cases[case].worker = 0;
    case
}

fn need(need: &str, level: Level) -> AdditionalNeed {
    AdditionalNeed { need: need.into(), level }
}

fn monitoring(ethnic_group: &str) -> Monitoring {
    Monitoring {
        ethnic_group: Some(ethnic_group.into()),
        sexual_orientation: Some("straight_or_heterosexual".into()),
        impairments: Some(Vec::new()),
        ..Monitoring::default()
    }
}

/// With the answers to what some services have to know: there is nothing to tell.
fn asked() -> Needs {
    Needs {
        support_needs_complete: Answer::Yes,
        risk_to_others: Some(Vec::new()),
        asked_to_leave_before: Answer::No,
        bail_or_probation: Answer::No,
        interpreter: Answer::No,
        stay_needed: StayNeeded::AsLongAsItTakes,
        ..Needs::default()
    }
}

fn mother() -> Household {
    let needs = Needs {
        members: vec![
            member(MemberRole::Survivor, 37, Sex::Female),
            member(MemberRole::Child, 15, Sex::Male),
            member(MemberRole::Child, 6, Sex::Female),
        ],
        household_complete: Answer::Yes,
        pregnant: Answer::No,
        pets: Some(Vec::new()),
        access_need: AccessNeed::None,
        additional_needs: vec![need("legal", Level::Medium), need("child_contact", Level::Low)],
        immigration_status: Some("british_or_irish".into()),
        recourse_to_public_funds: Answer::Yes,
        concession: Concession::None,
        funding: Funding::UniversalCredit,
        unsafe_areas: vec![UnsafeArea { area: "E06000018".into(), confirmed: true }],
        abuse_types: vec!["physical".into(), "controlling_or_coercive".into()],
        risk: Risk { dash_score: Some(17), judgement: None, marac_referred: Answer::Yes },
        monitoring: monitoring("asian_indian"),
        ..asked()
    };
    Household { needs, origin: Some("E06000018"), source: "national_helpline", settled: true }
}

fn without_public_funds() -> Household {
    let needs = Needs {
        members: vec![member(MemberRole::Survivor, 29, Sex::Female)],
        household_complete: Answer::Yes,
        pregnant: Answer::No,
        pets: Some(Vec::new()),
        access_need: AccessNeed::None,
        additional_needs: vec![need("immigration_advice", Level::High), need("interpreter", Level::Medium)],
        interpreter_language: Some("Punjabi".into()),
        immigration_status: Some("family_visa".into()),
        recourse_to_public_funds: Answer::No,
        concession: Concession::Applied,
        funding: Funding::CannotFund,
        unsafe_areas: vec![UnsafeArea { area: "E08000025".into(), confirmed: true }],
        wanted_areas: vec!["E06000016".into()],
        abuse_types: vec!["honour_based".into(), "economic".into(), "psychological_or_emotional".into()],
        risk: Risk { dash_score: Some(14), judgement: None, marac_referred: Answer::Yes },
        monitoring: monitoring("asian_pakistani"),
        interpreter: Answer::Yes,
        ..asked()
    };
    Household { needs, origin: Some("E08000025"), source: "specialist_helpline", settled: true }
}

fn man_with_a_dog() -> Household {
    let needs = Needs {
        members: vec![member(MemberRole::Survivor, 44, Sex::Male)],
        household_complete: Answer::Yes,
        pregnant: Answer::No,
        pets: Some(vec![Pet { kind: "dog".into(), number: 1 }]),
        access_need: AccessNeed::None,
        additional_needs: vec![need("mental_health", Level::Low)],
        immigration_status: Some("british_or_irish".into()),
        recourse_to_public_funds: Answer::Yes,
        concession: Concession::None,
        funding: Funding::HousingBenefit,
        unsafe_areas: vec![UnsafeArea { area: "E07000132".into(), confirmed: false }],
        abuse_types: vec!["violent_or_threatening".into()],
        risk: Risk { dash_score: Some(11), judgement: None, marac_referred: Answer::No },
        monitoring: monitoring("white_british"),
        ..asked()
    };
    Household { needs, origin: Some("E07000132"), source: "police", settled: false }
}
