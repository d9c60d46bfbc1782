//! A shared part of a needs profile in the words of the field.

use crate::domain::household::{Answer, Needs};
use crate::domain::journey::Share;
use crate::web::cases::Lists;
use crate::web::household::{
    UNKNOWN, access, answer, concession, funding, harms, interpreter, need, risk, stay, summary,
};
use crate::web::matching::accommodation_type;

/// What is called what, and what was told.
type Told = Vec<(&'static str, String)>;

/// One part, in words.
pub fn told(share: Share, needs: &Needs, lists: &Lists) -> Told {
    match share {
        Share::Household => vec![
            ("Household", summary(needs)),
            ("Is that everybody", answer(needs.household_complete).into()),
            ("Pregnant", answer(needs.pregnant).into()),
        ],
        Share::Pets => vec![("Animals", pets(needs))],
        Share::AccessNeeds => vec![
            ("Access", access(needs.access_need).into()),
            ("Interpreter", interpreter(needs.interpreter, needs.interpreter_language.as_deref())),
            ("How long they need a place", stay(needs.stay_needed).into()),
            ("Would share a kitchen or bathroom", answer(needs.shared_living).into()),
            ("Need a quiet home", answer(needs.quiet_home).into()),
        ],
        Share::SupportNeeds => vec![("Support", support(needs, lists))],
        Share::Money => vec![
            ("Public funds", answer(needs.recourse_to_public_funds).into()),
            ("Immigration status", code(lists, needs.immigration_status.as_deref())),
            ("Concession for migrant victims", concession(needs.concession).into()),
            ("Paying the rent", funding(needs.funding).into()),
        ],
        Share::AreasWanted => wanted(needs, lists),
        Share::UnsafeAreas => {
            let areas = |confirmed: bool| needs.unsafe_areas.iter().filter(move |area| area.confirmed == confirmed);
            let names = |confirmed: bool| areas(confirmed).map(|area| lists.area_name(&area.area)).collect::<Vec<_>>();
            vec![("Not safe in", listed(&names(true))), ("To check with them", listed(&names(false)))]
        }
        Share::Risk => {
            let kinds: Vec<&str> = needs.abuse_types.iter().map(|code| lists.label("abuse_type", code)).collect();
            vec![
                ("Risk", risk(needs.risk.band()).into()),
                ("What happened", if kinds.is_empty() { UNKNOWN.into() } else { kinds.join(", ") }),
                ("Harm to others in the past", harms(needs.risk_to_others.as_deref())),
                ("Had to leave a refuge before", answer(needs.asked_to_leave_before).into()),
                ("On bail or probation", answer(needs.bail_or_probation).into()),
            ]
        }
    }
}

fn pets(needs: &Needs) -> String {
    match &needs.pets {
        None => UNKNOWN.into(),
        Some(pets) if pets.is_empty() => "None".into(),
        Some(pets) => pets.iter().map(|pet| format!("{} {}", pet.number, pet.kind)).collect::<Vec<_>>().join(", "),
    }
}

fn support(needs: &Needs, lists: &Lists) -> String {
    let known = needs.additional_needs.iter();
    let known: Vec<_> = known.map(|one| need(lists.label("additional_need", &one.need), one.level)).collect();
    match (known.is_empty(), needs.support_needs_complete) {
        (true, Answer::Yes) => "None".into(),
        (true, _) => UNKNOWN.into(),
        (false, _) => known.join("; "),
    }
}

fn wanted(needs: &Needs, lists: &Lists) -> Told {
    let names = |codes: &[String]| listed(&codes.iter().map(|code| lists.area_name(code)).collect::<Vec<_>>());
    let keep = |code: &Option<String>| listed(&code.iter().map(|code| lists.area_name(code)).collect::<Vec<_>>());
    let kinds: Vec<&str> = needs.wanted_types.iter().map(|kind| accommodation_type(*kind)).collect();
    vec![
        ("Would like", names(&needs.wanted_areas)),
        ("Too far", names(&needs.too_far)),
        ("Can travel to", names(&needs.can_travel_to)),
        ("Kind of place, best first", listed(&kinds)),
        ("School to keep in", keep(&needs.school_area)),
        ("Work to keep in", keep(&needs.work_area)),
    ]
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "None named".into() } else { names.join(", ") }
}

fn code(lists: &Lists, code: Option<&str>) -> String {
    code.map_or(UNKNOWN, |code| lists.label("immigration_status", code)).to_owned()
}
