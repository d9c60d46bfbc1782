//! Where the household is not safe, where it would like to be, and how far it can go.

use serde_json::{Map, Value, json};

use super::super::lists::Lists;
use super::told;
use crate::actions::cases::Edit;
use crate::db::cases::Case;
use crate::domain::household::Needs;
use crate::error::AppError;
use crate::web::form::{Form, Posted, Wrong};

/// How many boxes for another area a form has.
pub const MORE: usize = 2;
/// No list of areas is longer.
const MOST: usize = 50;
/// Counties and authorities beyond this number are typed, not ticked.
const MOST_TICKED: usize = 24;

pub fn begun(needs: &Needs) -> bool {
    let lists = [&needs.wanted_areas, &needs.too_far, &needs.can_travel_to];
    needs.unsafe_areas.iter().any(|area| area.confirmed)
        || lists.into_iter().any(|areas| !areas.is_empty())
        || needs.school_area.is_some()
        || needs.work_area.is_some()
}

/// How many boxes for areas of this kind there are: those that are filled, and some to fill.
pub fn boxes(form: &Form, kind: &str) -> usize {
    (0..MOST).filter(|n| !form.value(&format!("{kind}/{n}")).is_empty()).count() + MORE
}

/// The areas that were named as unsafe before: place in the form, name, whether it is only proposed.
pub fn unsafe_before(form: &Form, needs: &Needs, lists: &Lists) -> Vec<(usize, String, bool)> {
    let rows = (0..MOST).map(|n| (n, form.value(&format!("unsafe/{n}/area"))));
    rows.take_while(|(_, code)| !code.is_empty())
        .map(|(n, code)| {
            let proposed = needs.unsafe_areas.iter().any(|area| area.area == code && !area.confirmed);
            (n, lists.area_name(code).to_owned(), proposed)
        })
        .collect()
}

/// Whether the counties and authorities are few enough to be ticked.
pub fn ticked(lists: &Lists) -> bool {
    lists.authorities().len() <= MOST_TICKED
}

/// Whether something is known of how far they can go.
pub fn distance_told(form: &Form) -> bool {
    told(form, &["too_far/0", "too_far/1", "can_travel_to", "travel/0", "travel/1"])
}

/// Whether something is known of what is to be kept.
pub fn kept_told(form: &Form) -> bool {
    told(form, &["school_area", "work_area"])
}

/// The form with what is known.
pub fn form_of(case: &Case, lists: &Lists) -> Form {
    let needs = &case.needs;
    let name = |code: &Option<String>| code.as_deref().map(|code| lists.area_name(code).to_owned());
    let mut form = Form::new()
        .with_some("origin_area", name(&case.origin_area))
        .with_some("school_area", name(&needs.school_area))
        .with_some("work_area", name(&needs.work_area));
    for (n, area) in needs.unsafe_areas.iter().enumerate() {
        let answer = if area.confirmed { "unsafe" } else { "" };
        form = form.with(&format!("unsafe/{n}/area"), &area.area).with(&format!("unsafe/{n}/is"), answer);
    }
    for (kind, codes) in
        [("wanted", &needs.wanted_areas), ("too_far", &needs.too_far), ("travel", &needs.can_travel_to)]
    {
        for (n, code) in codes.iter().enumerate() {
            form = form.with(&format!("{kind}/{n}"), lists.area_name(code));
        }
    }
    needs.can_travel_to.iter().fold(form, |form, code| form.with("can_travel_to", code))
}

/// What this form changes about the case.
///
/// # Errors
/// [`AppError::Invalid`] with everything that is wrong.
pub fn edit_of(posted: &Posted, lists: &Lists) -> Result<Edit, AppError> {
    let mut wrong = Wrong::default();
    let origin_area = one(posted, lists, "origin_area", &mut wrong)?;
    let kept = [
        ("school_area", one(posted, lists, "school_area", &mut wrong)?),
        ("work_area", one(posted, lists, "work_area", &mut wrong)?),
    ];
    let unsafe_areas = unsafe_areas(posted, lists, &mut wrong)?;
    let wanted = typed(posted, lists, "wanted", &mut wrong)?;
    let too_far = typed(posted, lists, "too_far", &mut wrong)?;
    for (name, code) in &too_far {
        if wanted.iter().any(|(_, wanted)| wanted == code) {
            let area = lists.area_name(code);
            wrong.note(name, &format!("{area} is where they would like to be. Take it out here or there"));
        }
    }
    let can_travel_to = can_travel_to(posted, lists, &mut wrong)?;
    wrong.check()?;
    let codes = |named: Vec<(String, String)>| json!(named.into_iter().map(|(_, code)| code).collect::<Vec<_>>());
    let mut needs = Map::from_iter([
        ("unsafe_areas".to_owned(), unsafe_areas),
        ("wanted_areas".to_owned(), codes(wanted)),
        ("too_far".to_owned(), codes(too_far)),
        ("can_travel_to".to_owned(), json!(can_travel_to)),
    ]);
    needs.extend(kept.map(|(field, area)| (field.to_owned(), json!(area))));
    Ok(Edit { origin_area, needs, ..Edit::default() })
}

/// The area in one box.
fn one(posted: &Posted, lists: &Lists, name: &str, wrong: &mut Wrong) -> Result<Option<String>, AppError> {
    let area = posted.some(name).map(|typed| lists.area(name, &typed)).transpose();
    Ok(wrong.take(area)?.flatten())
}

/// The areas in the boxes of one kind, none twice, each with the name of its box.
fn typed(posted: &Posted, lists: &Lists, kind: &str, wrong: &mut Wrong) -> Result<Vec<(String, String)>, AppError> {
    let mut areas: Vec<(String, String)> = Vec::new();
    for name in (0..MOST).map(|n| format!("{kind}/{n}")) {
        if let Some(code) = one(posted, lists, &name, wrong)?
            && !areas.iter().any(|(_, known)| *known == code)
        {
            areas.push((name, code));
        }
    }
    Ok(areas)
}

/// Those that were named before, and those that are new.
fn unsafe_areas(posted: &Posted, lists: &Lists, wrong: &mut Wrong) -> Result<Value, AppError> {
    let mut areas: Vec<(String, bool)> = Vec::new();
    for n in 0..MOST {
        let code = posted.get(&format!("unsafe/{n}/area"));
        match posted.get(&format!("unsafe/{n}/is")) {
            _ if code.is_empty() => break,
            "safe" => {}
            answer => areas.push((code.to_owned(), answer == "unsafe")),
        }
    }
    for n in 0..MORE {
        if let Some(code) = one(posted, lists, &format!("unsafe_new/{n}"), wrong)? {
            areas.retain(|(known, _)| *known != code);
            areas.push((code, true));
        }
    }
    Ok(areas.iter().map(|(area, confirmed)| json!({ "area": area, "confirmed": confirmed })).collect())
}

/// Those that were ticked, and those that were typed.
fn can_travel_to(posted: &Posted, lists: &Lists, wrong: &mut Wrong) -> Result<Vec<String>, AppError> {
    let mut areas = posted.all("can_travel_to");
    for (name, code) in typed(posted, lists, "travel", wrong)? {
        if !lists.authorities().iter().any(|(known, _)| *known == code) {
            wrong.note(&name, &format!("{} is part of a county. Choose the county", lists.area_name(&code)));
        } else if !areas.contains(&code) {
            areas.push(code);
        }
    }
    Ok(areas)
}
