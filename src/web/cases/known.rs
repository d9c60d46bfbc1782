//! What is known of a household, for its own worker: by question, with the step that asks it.

use super::lists::Lists;
use super::steps::Step;
use crate::domain::household::{Answer, Needs};
use crate::web::household::{
    UNKNOWN, access, answer, concession, funding, harms, interpreter, need, risk, stay, summary,
};
use crate::web::matching::accommodation_type;

/// The step that asks it, the words, the answer.
pub type Known = (Step, &'static str, String);

/// In the order of a call. A wish or a reach that nobody has told is no gap, and is left out.
pub fn known(needs: &Needs, lists: &Lists) -> Vec<Known> {
    let mut known = household(needs);
    known.extend(home(needs));
    known.extend(support(needs, lists));
    known.extend(areas(needs, lists));
    known.extend(money(needs, lists));
    known.push((Step::About, "Ethnic group", code(lists, "ethnic_group", needs.monitoring.ethnic_group.as_deref())));
    known
}

fn household(needs: &Needs) -> Vec<Known> {
    let pets = match &needs.pets {
        None => UNKNOWN.into(),
        Some(pets) if pets.is_empty() => "None".into(),
        Some(pets) => pets.iter().map(|pet| format!("{} {}", pet.number, pet.kind)).collect::<Vec<_>>().join(", "),
    };
    vec![
        (Step::Household, "Household", summary(needs)),
        (Step::Household, "Is that everybody", answer(needs.household_complete).into()),
        (Step::Household, "Pregnant", answer(needs.pregnant).into()),
        (Step::Household, "Animals", pets),
    ]
}

fn home(needs: &Needs) -> Vec<Known> {
    let mut known = vec![
        (Step::Needs, "Access", access(needs.access_need).into()),
        (Step::Needs, "How long they need a place", stay(needs.stay_needed).into()),
    ];
    if !needs.wanted_types.is_empty() {
        let kinds: Vec<_> = needs.wanted_types.iter().map(|kind| accommodation_type(*kind)).collect();
        known.push((Step::Needs, "Kind of place, best first", kinds.join("; ")));
    }
    let wishes = [("Would share a kitchen or bathroom", needs.shared_living), ("Need a quiet home", needs.quiet_home)];
    let told = wishes.into_iter().filter(|(_, wish)| *wish != Answer::Unknown);
    known.extend(told.map(|(what, wish)| (Step::Needs, what, answer(wish).into())));
    known
}

fn support(needs: &Needs, lists: &Lists) -> Vec<Known> {
    let told = needs.additional_needs.iter();
    let told: Vec<_> = told.map(|known| need(lists.label("additional_need", &known.need), known.level)).collect();
    let told = match (told.is_empty(), needs.support_needs_complete) {
        (true, Answer::Yes) => "None".into(),
        (true, _) => UNKNOWN.into(),
        (false, _) => told.join("; "),
    };
    vec![
        (Step::Needs, "Other support", told),
        (Step::Needs, "Is that all the support", answer(needs.support_needs_complete).into()),
        (Step::Needs, "Interpreter", interpreter(needs.interpreter, needs.interpreter_language.as_deref())),
        (Step::Needs, "Harm to others in the past", harms(needs.risk_to_others.as_deref())),
        (Step::Needs, "Had to leave a refuge before", answer(needs.asked_to_leave_before).into()),
        (Step::Needs, "On bail or probation", answer(needs.bail_or_probation).into()),
        (Step::Needs, "Risk", risk(needs.risk.band()).into()),
    ]
}

fn areas(needs: &Needs, lists: &Lists) -> Vec<Known> {
    let names = |codes: &[&str]| codes.iter().map(|code| lists.area_name(code)).collect::<Vec<_>>().join(", ");
    let named = |codes: &[&str]| if codes.is_empty() { "None named".into() } else { names(codes) };
    let is_unsafe = |confirmed: bool| -> Vec<&str> {
        let areas = needs.unsafe_areas.iter().filter(|area| area.confirmed == confirmed);
        areas.map(|area| area.area.as_str()).collect()
    };
    let mut not_safe = named(&is_unsafe(true));
    let proposed = is_unsafe(false);
    if !proposed.is_empty() {
        not_safe = format!("{not_safe}. To check with the survivor: {}", names(&proposed));
    }
    let wanted: Vec<&str> = needs.wanted_areas.iter().map(String::as_str).collect();
    let mut known = vec![(Step::Areas, "Not safe in", not_safe), (Step::Areas, "Would like", named(&wanted))];
    let others: [(_, Vec<&str>); 4] = [
        ("Too far", needs.too_far.iter().map(String::as_str).collect()),
        ("Can travel to", needs.can_travel_to.iter().map(String::as_str).collect()),
        ("School to keep in", needs.school_area.as_deref().into_iter().collect()),
        ("Work to keep in", needs.work_area.as_deref().into_iter().collect()),
    ];
    let told = others.into_iter().filter(|(_, codes)| !codes.is_empty());
    known.extend(told.map(|(what, codes)| (Step::Areas, what, names(&codes))));
    known
}

fn money(needs: &Needs, lists: &Lists) -> Vec<Known> {
    let immigration = code(lists, "immigration_status", needs.immigration_status.as_deref());
    vec![
        (Step::Money, "Public funds", answer(needs.recourse_to_public_funds).into()),
        (Step::Money, "Immigration status", immigration),
        (Step::Money, "Concession for migrant victims", concession(needs.concession).into()),
        (Step::Money, "Paying the rent", funding(needs.funding).into()),
    ]
}

fn code(lists: &Lists, list: &str, code: Option<&str>) -> String {
    code.map_or(UNKNOWN, |code| lists.label(list, code)).to_owned()
}
