//! A rule of every kind, with every policy, every strength and every pair of days, for tests.

use chrono::NaiveDate;

use crate::domain::eligibility::{AgeLimit, ClientGroup, Condition, Nrpf, Policy, Rule, Strength, SupportNeed};
use crate::domain::household::{Funding, HarmKind, Level, Sex};
use crate::domain::reference::Code;

pub fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 4, day).unwrap()
}

/// The day of the tests: rules that begin or end on it count.
pub fn today() -> NaiveDate {
    day(10)
}

pub fn codes() -> Vec<Code> {
    let code = |list: &str, code: &str, label: &str| Code {
        list: list.into(),
        code: code.into(),
        label: label.into(),
        attributes: serde_json::Value::Null,
        active_from: None,
        active_to: None,
    };
    vec![
        code("referral_source", "police", "Police"),
        code("referral_source", "marac", "MARAC"),
        code("immigration_status", "eu_settled", "EU settled status"),
        code("employment", "student", "Student"),
        code("employment", "employed_or_self_employed", "Employed or self-employed"),
    ]
}

/// Conditions of every kind: no two of them about the same thing stand beside each other.
pub fn conditions() -> Vec<Condition> {
    let limit = |accepted_to, discuss_to| Some(AgeLimit { accepted_to, discuss_to });
    let mut all = vec![
        Condition::SurvivorSex { accepts: vec![Sex::Male, Sex::Female], trans_people: Policy::NotAccepted },
        Condition::SurvivorSex { accepts: vec![Sex::Female, Sex::PreferNotToSay], trans_people: Policy::Discuss },
        Condition::SurvivorAge { min: Some(16), max: Some(24) },
        Condition::SurvivorAge { min: None, max: Some(24) },
        Condition::SurvivorAge { min: None, max: None },
        Condition::SingleSex { sex: Sex::Female },
        Condition::SingleSex { sex: Sex::Male },
        Condition::LargestFamily { people: 1 },
        Condition::LargestFamily { people: 5 },
        Condition::MaxChildren { children: 0 },
        Condition::MaxChildren { children: 2 },
        Condition::MaleChildAge { shared: limit(14, Some(16)), self_contained: None },
        Condition::MaleChildAge { shared: None, self_contained: limit(9, None) },
        Condition::MaleChildAge { shared: None, self_contained: None },
        Condition::Languages { spoken: vec!["Punjabi".into(), "Urdu".into()], others: Policy::Discuss },
        Condition::Languages { spoken: vec![], others: Policy::NotAccepted },
        Condition::Languages { spoken: vec!["Kurdish (Sorani, Kurmanji)".into()], others: Policy::Accepted },
        Condition::ReferralRoutes { accepts: vec!["police".into(), "marac".into()] },
        Condition::ImmigrationStatus { accepts: vec!["eu_settled".into()] },
        Condition::Employment { not_accepted: vec!["student".into()] },
        Condition::Employment { not_accepted: vec!["employed_or_self_employed".into(), "retired".into()] },
        Condition::Funding { not_accepted: vec![Funding::CannotFund] },
        Condition::Funding { not_accepted: vec![Funding::SelfFunding, Funding::Unknown] },
        Condition::StayLimit { max_nights: 28 },
        Condition::StayLimit { max_nights: 1 },
        Condition::CommunalLiving {},
    ];
    for policy in Policy::ALL.iter().copied() {
        all.push(Condition::SchoolAgeChildren { policy });
        all.push(Condition::AdultDependants { policy });
        all.push(Condition::Pregnancy { policy });
        all.push(Condition::Pets { policy });
        all.push(Condition::PreviousEviction { policy });
        all.push(Condition::BailOrProbation { policy });
        for harm in HarmKind::ALL.iter().copied() {
            all.push(Condition::RiskToOthers { harm, policy, within_years: None });
            all.push(Condition::RiskToOthers { harm, policy, within_years: Some(5) });
        }
    }
    all.extend(Nrpf::ALL.iter().map(|policy| Condition::Nrpf { policy: *policy }));
    all.extend(ClientGroup::ALL.iter().map(|serves| Condition::ClientGroup { serves: *serves }));
    for need in SupportNeed::ALL.iter().copied() {
        let levels = [Level::None, Level::Low, Level::Medium, Level::High];
        all.extend(levels.map(|up_to| Condition::SupportNeed { need, up_to }));
    }
    all
}

/// Every condition with every strength: always, until today, from today, over, to come.
pub fn every_kind() -> Vec<Rule> {
    let days = [
        (None, None),
        (None, Some(today())),
        (Some(today()), None),
        (Some(day(1)), Some(day(20))),
        (None, Some(day(9))),
        (Some(day(11)), Some(day(12))),
    ];
    let mut all = Vec::new();
    for condition in conditions() {
        for strength in Strength::ALL.iter().copied() {
            all.extend(days.map(|(effective_from, effective_to)| Rule {
                condition: condition.clone(),
                strength,
                effective_from,
                effective_to,
            }));
        }
    }
    all
}
