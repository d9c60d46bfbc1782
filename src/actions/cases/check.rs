//! What a needs profile may say: codes and areas that exist, nothing twice, and nothing that says the opposite.

use std::collections::BTreeSet;

use crate::actions::free_text::stray;
use crate::db::Tx;
use crate::db::reference::{self, Choice, ChosenArea};
use crate::domain::household::Needs;
use crate::error::{AppError, FieldError, Part};

/// Checks every code and every area of a case.
pub(super) fn check(tx: &mut Tx, needs: &Needs, source: Option<&str>, origin: Option<&str>) -> Result<(), AppError> {
    let today = tx.now().date();
    reference::must_be_active(tx, &codes(needs, source), today)?;
    let mut wrong = repeated(needs);
    wrong.extend(contradictions(needs));
    wrong.extend(strays(needs));
    if !wrong.is_empty() {
        return Err(AppError::Invalid(wrong));
    }
    reference::must_be_areas(tx, Part::Body, &areas(needs, origin))?;
    reference::must_be_authorities(tx, Part::Body, &listed("can_travel_to", &needs.can_travel_to))
}

fn codes(needs: &Needs, source: Option<&str>) -> Vec<Choice> {
    let monitoring = &needs.monitoring;
    let mut choices = Vec::new();
    choices.extend(source.map(|code| Choice::of("referral_source", code, "/referral_source")));
    for (n, need) in needs.additional_needs.iter().enumerate() {
        choices.push(Choice::of("additional_need", &need.need, format!("/needs/additional_needs/{n}/need")));
    }
    for (n, code) in needs.abuse_types.iter().enumerate() {
        choices.push(Choice::of("abuse_type", code, format!("/needs/abuse_types/{n}")));
    }
    if let Some(code) = &needs.immigration_status {
        choices.push(Choice::of("immigration_status", code, "/needs/immigration_status"));
    }
    let single = [
        ("ethnic_group", &monitoring.ethnic_group),
        ("sexual_orientation", &monitoring.sexual_orientation),
        ("religion", &monitoring.religion),
        ("employment", &monitoring.employment),
        ("prior_housing", &monitoring.prior_housing),
    ];
    for (list, code) in single {
        choices.extend(code.iter().map(|code| Choice::of(list, code, format!("/needs/monitoring/{list}"))));
    }
    for (n, code) in monitoring.impairments.iter().flatten().enumerate() {
        choices.push(Choice::of("impairment", code, format!("/needs/monitoring/impairments/{n}")));
    }
    choices
}

fn areas<'a>(needs: &'a Needs, origin: Option<&'a str>) -> Vec<ChosenArea<'a>> {
    let single = [
        (origin, "/origin_area"),
        (needs.school_area.as_deref(), "/needs/school_area"),
        (needs.work_area.as_deref(), "/needs/work_area"),
    ];
    let mut areas: Vec<ChosenArea> =
        single.into_iter().filter_map(|(code, pointer)| Some((code?, pointer.to_owned()))).collect();
    for (n, unsafe_area) in needs.unsafe_areas.iter().enumerate() {
        areas.push((&unsafe_area.area, format!("/needs/unsafe_areas/{n}/area")));
    }
    for (field, codes) in
        [("wanted_areas", &needs.wanted_areas), ("too_far", &needs.too_far), ("can_travel_to", &needs.can_travel_to)]
    {
        areas.extend(listed(field, codes));
    }
    areas
}

fn listed<'a>(field: &str, codes: &'a [String]) -> Vec<ChosenArea<'a>> {
    codes.iter().enumerate().map(|(n, code)| (code.as_str(), format!("/needs/{field}/{n}"))).collect()
}

/// What is in a list for the second time.
fn repeated(needs: &Needs) -> Vec<FieldError> {
    let areas = "each area is named once";
    let unsafe_areas = needs.unsafe_areas.iter().map(|one| &one.area);
    let additional = needs.additional_needs.iter().map(|one| &one.need);
    let harms = needs.risk_to_others.iter().flatten().map(|one| one.kind);
    [
        again(unsafe_areas, "unsafe_areas", "/area", areas),
        again(&needs.too_far, "too_far", "", areas),
        again(&needs.can_travel_to, "can_travel_to", "", areas),
        again(&needs.wanted_types, "wanted_types", "", "each kind of place is named once"),
        again(additional, "additional_needs", "/need", "each need is named once"),
        again(harms, "risk_to_others", "/kind", "each kind of harm is named once"),
    ]
    .concat()
}

fn again<T: Ord + Copy>(all: impl IntoIterator<Item = T>, list: &str, field: &str, message: &str) -> Vec<FieldError> {
    let mut seen = BTreeSet::new();
    let repeated = all.into_iter().enumerate().filter(|(_, one)| !seen.insert(*one));
    repeated.map(|(n, _)| wrong(format!("/needs/{list}/{n}{field}"), "repeated", message)).collect()
}

/// An area cannot be wished for and be too far.
fn contradictions(needs: &Needs) -> Vec<FieldError> {
    let both = needs.too_far.iter().enumerate().filter(|(_, area)| needs.wanted_areas.contains(area));
    both.map(|(n, _)| wrong(format!("/needs/too_far/{n}"), "contradiction", "this area is wanted too")).collect()
}

/// Words of a provider's reading in which something stands that could tell who or where they are. (S11)
fn strays(needs: &Needs) -> Vec<FieldError> {
    let language = needs.interpreter_language.as_ref();
    let language = language.and_then(|text| stray("/needs/interpreter_language".into(), text));
    let pets = needs.pets.iter().flatten().enumerate();
    let pets = pets.filter_map(|(n, pet)| stray(format!("/needs/pets/{n}/kind"), &pet.kind));
    language.into_iter().chain(pets).collect()
}

fn wrong(pointer: String, code: &str, message: &str) -> FieldError {
    FieldError { pointer, r#in: Part::Body, code: code.into(), message: message.into(), found: Vec::new() }
}
