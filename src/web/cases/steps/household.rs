//! The people and animals of a household, between a form and the needs profile.

use serde_json::{Map, Value, json};

use crate::domain::household::{Member, MemberRole, Needs, Pet, SameAsBirth, Sex};
use crate::error::AppError;
use crate::web::form::{Form, Posted, Wrong};

/// No household has more people.
const MOST: usize = 20;
const PETS: usize = 10;

/// How many rows the form shows: those that are filled, and some to fill.
pub struct Rows {
    pub adults: usize,
    pub children: usize,
    pub pets: usize,
}

impl Rows {
    pub fn of(form: &Form) -> Self {
        let filled = |kind: &str, field: &str, most: usize| {
            (0..most).filter(|n| !form.value(&format!("{kind}/{n}/{field}")).is_empty()).count()
        };
        let more = if form.value("more").is_empty() { 0 } else { 3 };
        Self {
            adults: (filled("adult", "role", MOST).max(1) + 1).min(MOST),
            children: (filled("child", "sex", MOST).max(filled("child", "age", MOST)).max(2) + 1 + more).min(MOST),
            pets: (filled("pet", "kind", PETS) + 1).min(PETS),
        }
    }
}

/// The form with what is known.
pub fn form_of(needs: &Needs) -> Form {
    let mut form = Form::new()
        .with("household_complete", needs.household_complete.as_str())
        .with("pregnant", needs.pregnant.as_str());
    let (children, adults): (Vec<&Member>, Vec<&Member>) =
        needs.members.iter().partition(|member| member.role == MemberRole::Child);
    for (kind, members) in [("adult", adults), ("child", children)] {
        for (n, member) in members.iter().enumerate() {
            form = form
                .with(&format!("{kind}/{n}/role"), member.role.as_str())
                .with(&format!("{kind}/{n}/sex"), member.sex.as_str())
                .with(&format!("{kind}/{n}/gender"), member.gender_same_as_birth.as_str())
                .with_some(&format!("{kind}/{n}/age"), member.age);
        }
    }
    match &needs.pets {
        None => form,
        Some(pets) => {
            form = form.with("pets", if pets.is_empty() { "no" } else { "yes" });
            for (n, pet) in pets.iter().enumerate() {
                form = form.with(&format!("pet/{n}/kind"), &pet.kind).with(&format!("pet/{n}/number"), pet.number);
            }
            form
        }
    }
}

/// The fields of the needs profile that this form replaces.
///
/// # Errors
/// [`AppError::Invalid`] with everything that is wrong.
pub fn needs_of(posted: &Posted) -> Result<Map<String, Value>, AppError> {
    let mut wrong = Wrong::default();
    let mut members = people(posted, "adult", &mut wrong)?;
    members.extend(people(posted, "child", &mut wrong)?);
    if members.len() > MOST {
        wrong.note("adult/0/sex", "A household has at most 20 people here");
    }
    let pets = animals(posted, &mut wrong)?;
    wrong.check()?;
    let mut needs = Map::new();
    needs.insert("members".into(), serde_json::to_value(members).map_err(AppError::internal)?);
    needs.insert("pets".into(), serde_json::to_value(pets).map_err(AppError::internal)?);
    for field in ["household_complete", "pregnant"] {
        needs.insert(field.into(), posted.some(field).map_or(Value::Null, |answer| json!(answer)));
    }
    Ok(needs)
}

fn people(posted: &Posted, kind: &str, wrong: &mut Wrong) -> Result<Vec<Member>, AppError> {
    let mut people = Vec::new();
    for n in 0..MOST {
        let name = |field: &str| format!("{kind}/{n}/{field}");
        let first = kind == "adult" && n == 0;
        let (sex, age) = (posted.get(&name("sex")), posted.get(&name("age")));
        let chosen = posted.get(&name("role"));
        let empty = sex.is_empty() && age.is_empty() && (first || kind == "child" || chosen.is_empty());
        if empty {
            continue;
        }
        let role = match (kind, first, chosen.is_empty()) {
            ("child", ..) => Some(MemberRole::Child),
            (_, true, true) => Some(MemberRole::Survivor),
            _ => wrong.take(posted.parse(&name("role"), "Select who this adult is"))?,
        };
        let age: Option<Option<u8>> = wrong
            .take(posted.maybe(&name("age"), "Enter the age in years, like 6. Leave it empty if you do not know it"))?;
        if age.flatten().is_some_and(|age| age > 120) {
            wrong.note(&name("age"), "Enter an age of 120 or less");
        }
        let sex: Option<Option<Sex>> = wrong.take(posted.maybe(&name("sex"), "Select one of the answers"))?;
        let gender: Option<Option<SameAsBirth>> =
            wrong.take(posted.maybe(&name("gender"), "Select one of the answers"))?;
        if let (Some(role), Some(age), Some(sex), Some(gender)) = (role, age, sex, gender) {
            let (sex, gender_same_as_birth) = (sex.unwrap_or_default(), gender.unwrap_or_default());
            people.push(Member { role, age, sex, gender_same_as_birth });
        }
    }
    Ok(people)
}

/// `None` while nobody has asked.
fn animals(posted: &Posted, wrong: &mut Wrong) -> Result<Option<Vec<Pet>>, AppError> {
    match posted.get("pets") {
        "" => return Ok(None),
        "no" => return Ok(Some(Vec::new())),
        _ => {}
    }
    let mut pets = Vec::new();
    for n in 0..PETS {
        let name = |field: &str| format!("pet/{n}/{field}");
        let kind = posted.get(&name("kind"));
        if kind.is_empty() {
            continue;
        }
        let message = "Enter how many, like 1";
        let number: Option<Option<u8>> = wrong.take(posted.maybe(&name("number"), message))?;
        match number {
            Some(number) if (1..=50).contains(&number.unwrap_or(1)) => {
                pets.push(Pet { kind: kind.to_owned(), number: number.unwrap_or(1) });
            }
            Some(_) => wrong.note(&name("number"), message),
            None => {}
        }
    }
    if pets.is_empty() {
        wrong.note("pet/0/kind", "Select what kind of animal");
    }
    Ok(Some(pets))
}
