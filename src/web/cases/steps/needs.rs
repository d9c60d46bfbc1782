//! What the home must be like, what support would help, and what some services have to know.

use serde_json::{Map, Value, json};

use super::super::lists::Lists;
use super::{told, word};
use crate::domain::household::{Answer, HarmKind, Level, Needs, PastHarm, RiskBand, StayNeeded};
use crate::domain::provision::AccommodationType;
use crate::error::AppError;
use crate::web::form::{Form, Posted, Wrong};
use crate::web::household::{harm, stay};
use crate::web::matching::accommodation_type;

const SELECT: &str = "Select one of the answers";

/// The answers that are a word each, and are kept as they are given.
const WORDS: [&str; 7] = [
    "access_need",
    "stay_needed",
    "shared_living",
    "quiet_home",
    "support_needs_complete",
    "asked_to_leave_before",
    "bail_or_probation",
];

pub fn begun(needs: &Needs) -> bool {
    let fresh = Needs::default();
    let answers = [
        needs.shared_living,
        needs.quiet_home,
        needs.support_needs_complete,
        needs.asked_to_leave_before,
        needs.bail_or_probation,
        needs.interpreter,
    ];
    needs.access_need != fresh.access_need
        || needs.stay_needed != fresh.stay_needed
        || answers.iter().any(|answer| *answer != Answer::Unknown)
        || !needs.wanted_types.is_empty()
        || !needs.additional_needs.is_empty()
        || needs.interpreter_language.is_some()
        || needs.risk_to_others.is_some()
        || needs.risk != fresh.risk
}

/// How long a place may be needed, to choose from.
pub fn stays() -> Vec<(&'static str, &'static str)> {
    let known = StayNeeded::ALL.iter().filter(|needed| **needed != StayNeeded::Unknown);
    known.map(|needed| (needed.as_str(), stay(*needed))).collect()
}

/// The kinds of harm that are asked for.
pub fn harm_kinds() -> Vec<(&'static str, &'static str)> {
    HarmKind::ALL.iter().map(|kind| (kind.as_str(), harm(*kind))).collect()
}

/// The kinds of place, to choose from.
pub fn kinds() -> Vec<(&'static str, &'static str)> {
    AccommodationType::ALL.iter().map(|kind| (kind.as_str(), accommodation_type(*kind))).collect()
}

/// How many choices of a kind of place there are: those that are made, and one to make.
pub fn kind_boxes(form: &Form) -> usize {
    let most = AccommodationType::ALL.len();
    let made = (0..most).filter(|n| !form.value(&format!("wanted_types/{n}")).is_empty()).count();
    (made + 1).clamp(2, most)
}

/// Whether a wish about the place is known.
pub fn wishes_told(form: &Form) -> bool {
    told(form, &["wanted_types/0", "wanted_types/1", "shared_living", "quiet_home"])
}

/// The form with what is known.
pub fn form_of(needs: &Needs) -> Form {
    let interpreter = if needs.interpreter_language.is_some() { Answer::Yes } else { needs.interpreter };
    let mut form = Form::new()
        .with("access_need", needs.access_need.as_str())
        .with("stay_needed", if needs.stay_needed == StayNeeded::Unknown { "" } else { needs.stay_needed.as_str() })
        .with("shared_living", needs.shared_living.as_str())
        .with("quiet_home", needs.quiet_home.as_str())
        .with("support_needs_complete", needs.support_needs_complete.as_str())
        .with("interpreter", interpreter.as_str())
        .with_some("interpreter_language", needs.interpreter_language.as_ref())
        .with("asked_to_leave_before", needs.asked_to_leave_before.as_str())
        .with("bail_or_probation", needs.bail_or_probation.as_str())
        .with_some("risk/dash_score", needs.risk.dash_score)
        .with_some("risk/judgement", needs.risk.judgement.map(RiskBand::as_str))
        .with("risk/marac_referred", needs.risk.marac_referred.as_str());
    for (n, kind) in needs.wanted_types.iter().enumerate() {
        form = form.with(&format!("wanted_types/{n}"), kind.as_str());
    }
    for need in &needs.additional_needs {
        form = form.with(&format!("need/{}", need.need), need.level.as_str());
    }
    for kind in HarmKind::ALL.iter().filter(|_| needs.risk_to_others.is_some()) {
        let past = needs.risk_to_others.iter().flatten().find(|past| past.kind == *kind);
        let name = format!("harm/{}", kind.as_str());
        form = form
            .with(&name, if past.is_some() { "yes" } else { "no" })
            .with_some(&format!("{name}/years"), past.and_then(|past| past.years_ago));
    }
    needs.abuse_types.iter().fold(form, |form, code| form.with("abuse_types", code))
}

/// The fields of the needs profile that this form replaces.
///
/// # Errors
/// [`AppError::Invalid`] with everything that is wrong.
pub fn needs_of(posted: &Posted, lists: &Lists) -> Result<Map<String, Value>, AppError> {
    let mut wrong = Wrong::default();
    let additional_needs = additional_needs(posted, lists, &mut wrong)?;
    let wanted_types = wanted_types(posted, &mut wrong)?;
    let interpreter = interpreter(posted, &mut wrong);
    let harms = harms(posted, &mut wrong)?;
    let risk = risk(posted, &mut wrong)?;
    wrong.check()?;
    let mut needs = Map::from_iter([
        ("wanted_types".to_owned(), json!(wanted_types)),
        ("additional_needs".to_owned(), additional_needs),
        ("interpreter".to_owned(), interpreter),
        ("interpreter_language".to_owned(), word(posted, "interpreter_language")),
        ("risk_to_others".to_owned(), json!(harms)),
        ("risk".to_owned(), risk),
        ("abuse_types".to_owned(), json!(posted.all("abuse_types"))),
    ]);
    needs.extend(WORDS.map(|name| (name.to_owned(), word(posted, name))));
    Ok(needs)
}

fn additional_needs(posted: &Posted, lists: &Lists, wrong: &mut Wrong) -> Result<Value, AppError> {
    let mut additional = Vec::new();
    for (code, _) in lists.of("additional_need") {
        let level: Option<Option<Level>> = wrong.take(posted.maybe(&format!("need/{code}"), SELECT))?;
        if let Some(Some(level)) = level {
            additional.push(json!({ "need": code, "level": level }));
        }
    }
    Ok(Value::Array(additional))
}

/// Best first, none twice.
fn wanted_types(posted: &Posted, wrong: &mut Wrong) -> Result<Vec<AccommodationType>, AppError> {
    let mut wanted = Vec::new();
    for n in 0..AccommodationType::ALL.len() {
        let kind: Option<Option<AccommodationType>> =
            wrong.take(posted.maybe(&format!("wanted_types/{n}"), "Select a kind of place"))?;
        if let Some(kind) = kind.flatten()
            && !wanted.contains(&kind)
        {
            wanted.push(kind);
        }
    }
    Ok(wanted)
}

/// Where a language is named, an interpreter is needed.
fn interpreter(posted: &Posted, wrong: &mut Wrong) -> Value {
    let language = posted.get("interpreter_language");
    if language.chars().count() > 60 {
        wrong.note("interpreter_language", "Enter a language in 60 letters or fewer");
    }
    match posted.get("interpreter") {
        _ if language.is_empty() => word(posted, "interpreter"),
        "no" => {
            wrong.note("interpreter_language", "Take out the language, or select that an interpreter is needed");
            Value::Null
        }
        _ => json!(Answer::Yes),
    }
}

/// `None` while nobody has asked. Half an answer would say of the other half what nobody has told.
fn harms(posted: &Posted, wrong: &mut Wrong) -> Result<Option<Vec<PastHarm>>, AppError> {
    let mut harms = Vec::new();
    let (mut asked, mut not_asked) = (false, Vec::new());
    for kind in HarmKind::ALL {
        let name = format!("harm/{}", kind.as_str());
        let years = format!("{name}/years");
        let message = "Enter whole years, like 3. Leave it empty if you do not know";
        let ago: Option<Option<u8>> = wrong.take(posted.maybe(&years, message))?;
        if ago.flatten().is_some_and(|ago| ago > 80) {
            wrong.note(&years, "Enter 80 years or less");
        }
        match posted.get(&name) {
            "yes" => harms.push(PastHarm { kind: *kind, years_ago: ago.flatten() }),
            _ if !posted.get(&years).is_empty() => wrong.note(&name, "Select yes, or take out the years"),
            _ => {}
        }
        if posted.get(&name).is_empty() { not_asked.push((name, *kind)) } else { asked = true }
    }
    for (name, kind) in not_asked.iter().filter(|_| asked) {
        wrong.note(name, &format!("{}: select no or yes, or “Not asked” for all four", harm(*kind)));
    }
    Ok(asked.then_some(harms))
}

fn risk(posted: &Posted, wrong: &mut Wrong) -> Result<Value, AppError> {
    let message = "Enter a score from 0 to 24";
    let score: Option<Option<u8>> = wrong.take(posted.maybe("risk/dash_score", message))?;
    let score = score.flatten();
    if score.is_some_and(|score| score > 24) {
        wrong.note("risk/dash_score", message);
    }
    let judgement: Option<Option<RiskBand>> = wrong.take(posted.maybe("risk/judgement", SELECT))?;
    let mut risk = Map::new();
    risk.extend(score.map(|score| ("dash_score".to_owned(), json!(score))));
    risk.extend(judgement.flatten().map(|judgement| ("judgement".to_owned(), json!(judgement))));
    risk.extend(posted.some("risk/marac_referred").map(|answer| ("marac_referred".to_owned(), json!(answer))));
    Ok(Value::Object(risk))
}
