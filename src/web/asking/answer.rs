//! What an answer that was given in place says about a household.

use serde_json::{Map, Value, json};

use super::control::{about, name, open, unknown};
use crate::domain::eligibility::Question;
use crate::domain::household::{Answer, Needs, Sex, UnsafeArea};
use crate::error::AppError;
use crate::web::form::{Posted, Wrong, missing};
use crate::web::household::person;

const SELECT: &str = "Select one of the answers";
const AGE: &str = "Enter the age in whole years, like 6. A baby is 0";

/// The fields of the needs profile that the answer fills in; none when somebody has answered meanwhile. `meanwhile` says
/// that something was changed since it was asked: what was known then may be replaced, what was told since may not.
///
/// # Errors
/// [`AppError::Invalid`] when there is no answer, or none that can be read.
pub fn needs_of(
    question: Question,
    posted: &Posted,
    needs: &Needs,
    meanwhile: bool,
) -> Result<Option<Map<String, Value>>, AppError> {
    if !open(question, needs) || (meanwhile && told_since(question, needs)) {
        return Ok(None);
    }
    let field = name(question);
    let one = |known: &str, value: Value| match posted.get(&field) {
        answer if answer == known => Ok(value),
        _ => Err(missing(&field, SELECT)),
    };
    let word = || posted.some(&field).map(Value::from).ok_or_else(|| missing(&field, SELECT));
    let (name, value) = match question {
        Question::Household | Question::ReferralSource => return Err(AppError::NotFound),
        Question::SurvivorSex | Question::SurvivorAge => return survivor(question, posted, needs, meanwhile),
        Question::ChildAge | Question::ChildSex | Question::OtherAdultSex => {
            return members(question, posted, needs, meanwhile);
        }
        Question::SafeArea => return safe_areas(&field, posted, needs),
        Question::Everybody => ("household_complete", one("yes", json!("yes"))?),
        Question::AdditionalNeeds => match (posted.get(&field), needs.additional_needs.is_empty()) {
            ("none", true) | ("all", false) => ("support_needs_complete", json!("yes")),
            ("none" | "all", _) => return Ok(None),
            _ => return Err(missing(&field, SELECT)),
        },
        Question::Pets => ("pets", one("none", json!([]))?),
        Question::RiskToOthers => ("risk_to_others", one("none", json!([]))?),
        Question::Interpreter => ("interpreter", one("no", json!("no"))?),
        Question::Impairments => return monitoring(needs, "impairments", one("no", json!([]))?),
        Question::EthnicGroup => return monitoring(needs, "ethnic_group", word()?),
        Question::SexualOrientation => return monitoring(needs, "sexual_orientation", word()?),
        Question::Employment => return monitoring(needs, "employment", word()?),
        Question::AccessNeed => ("access_need", word()?),
        Question::Recourse => ("recourse_to_public_funds", word()?),
        Question::Concession => ("concession", word()?),
        Question::Funding => ("funding", word()?),
        Question::Pregnant => ("pregnant", word()?),
        Question::AskedToLeave => ("asked_to_leave_before", word()?),
        Question::BailOrProbation => ("bail_or_probation", word()?),
        Question::ImmigrationStatus => ("immigration_status", word()?),
        Question::StayNeeded => ("stay_needed", word()?),
    };
    filled(name, value)
}

/// Whether there is an answer, though one that leaves the question open.
fn told_since(question: Question, needs: &Needs) -> bool {
    match question {
        Question::Everybody => needs.household_complete != Answer::Unknown,
        Question::AdditionalNeeds => needs.support_needs_complete != Answer::Unknown,
        _ => false,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the end of each way through `needs_of`")]
fn filled(field: &str, value: Value) -> Result<Option<Map<String, Value>>, AppError> {
    Ok(Some(Map::from_iter([(field.to_owned(), value)])))
}

/// One answer of the monitoring beside those that are known.
fn monitoring(needs: &Needs, field: &str, value: Value) -> Result<Option<Map<String, Value>>, AppError> {
    let mut known = serde_json::to_value(&needs.monitoring).map_err(AppError::internal)?;
    known[field] = value;
    filled("monitoring", known)
}

fn age(posted: &Posted, field: &str) -> Result<u8, AppError> {
    let age: u8 = posted.parse(field, AGE)?;
    if age > 120 { Err(missing(field, "Enter an age of 120 or less")) } else { Ok(age) }
}

fn sex(posted: &Posted, field: &str) -> Result<Sex, AppError> {
    let sex: Sex = posted.parse(field, SELECT)?;
    if matches!(sex, Sex::Female | Sex::Male) { Ok(sex) } else { Err(missing(field, SELECT)) }
}

/// The only survivor.
fn survivor(
    question: Question,
    posted: &Posted,
    needs: &Needs,
    meanwhile: bool,
) -> Result<Option<Map<String, Value>>, AppError> {
    let [(at, _)] = unknown(question, needs, meanwhile)[..] else { return Ok(None) };
    let (mut told, field) = (needs.members.clone(), name(question));
    let survivor = told.get_mut(at).ok_or(AppError::NotFound)?;
    match question {
        Question::SurvivorAge => survivor.age = Some(age(posted, &field)?),
        _ => survivor.sex = sex(posted, &field)?,
    }
    filled("members", json!(told))
}

/// Those that were answered; who is somebody else by now is left as they are.
fn members(
    question: Question,
    posted: &Posted,
    needs: &Needs,
    meanwhile: bool,
) -> Result<Option<Map<String, Value>>, AppError> {
    let (mut told, mut wrong) = (needs.members.clone(), Wrong::default());
    let (mut any, mut meant) = (false, 0_usize);
    for (at, member) in unknown(question, needs, meanwhile) {
        let field = format!("{}/{at}", name(question));
        if posted.get(&about(question, at)) != person(member) {
            continue;
        }
        meant += 1;
        let Some(told) = told.get_mut(at).filter(|_| !posted.get(&field).is_empty()) else { continue };
        match question {
            Question::ChildAge => told.age = wrong.take(age(posted, &field))?,
            _ => told.sex = wrong.take(sex(posted, &field))?.unwrap_or_default(),
        }
        any = true;
    }
    wrong.check()?;
    match (any, meant) {
        (true, _) => filled("members", json!(told)),
        (false, 0) => Ok(None),
        (false, _) => {
            let (at, _) = unknown(question, needs, meanwhile).remove(0);
            let message = if question == Question::ChildAge { AGE } else { SELECT };
            Err(missing(&format!("{}/{at}", name(question)), message))
        }
    }
}

/// Areas that were only proposed: safe ones go, others stay for good.
fn safe_areas(field: &str, posted: &Posted, needs: &Needs) -> Result<Option<Map<String, Value>>, AppError> {
    let answer = |area: &UnsafeArea| match posted.get(&format!("{field}/{}", area.area)) {
        "safe" if !area.confirmed => Some(false),
        "unsafe" if !area.confirmed => Some(true),
        _ => None,
    };
    let Some(first) = needs.unsafe_areas.iter().find(|area| !area.confirmed) else { return Ok(None) };
    if !needs.unsafe_areas.iter().any(|area| answer(area).is_some()) {
        return Err(missing(&format!("{field}/{}", first.area), "Select safe or not safe"));
    }
    let left = needs.unsafe_areas.iter().filter(|area| answer(area) != Some(false));
    let areas =
        left.map(|area| json!({ "area": area.area, "confirmed": area.confirmed || answer(area) == Some(true) }));
    filled("unsafe_areas", areas.collect())
}
