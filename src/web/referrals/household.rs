//! A household as a provider may know it before it answers: no names, no places.

use crate::api::referrals::Household;
use crate::domain::household::{Answer, Concession};
use crate::domain::reference::Code;
use crate::web::household::{
    UNKNOWN, access, answer, concession, described, funding, harms, interpreter, need, risk, stay,
};
use crate::web::reasons::label;
use crate::web::words::count;

/// What a provider reads of it: the people, and the other facts as (what, words).
pub struct Told {
    pub people: Vec<String>,
    pub facts: Vec<(&'static str, String)>,
    pub unsafe_area: bool,
}

impl Told {
    pub fn of(household: &Household, codes: &[Code]) -> Self {
        let pets = match household.pets.as_deref() {
            None => UNKNOWN.to_owned(),
            Some([]) => "None".into(),
            Some(pets) => {
                let each: Vec<_> = pets.iter().map(|pet| count(usize::from(pet.number), &pet.kind)).collect();
                each.join(", ")
            }
        };
        let needs = household.additional_needs.iter();
        let needs: Vec<_> =
            needs.map(|known| need(&label(codes, "additional_need", &known.need), known.level)).collect();
        let mut facts = vec![
            ("Is that everybody?", answer(household.complete).to_owned()),
            ("Pregnant", answer(household.pregnant).into()),
            ("Pets", pets),
            ("Access to the home", access(household.access_need).into()),
            ("Support needs", if needs.is_empty() { "None recorded".into() } else { needs.join("\n") }),
            ("Interpreter needed", interpreter(household.interpreter, household.interpreter_language.as_deref())),
            ("Harm to others in the past", harms(household.risk_to_others.as_deref())),
            ("Had to leave a refuge before", answer(household.asked_to_leave_before).into()),
            ("On bail or probation", answer(household.bail_or_probation).into()),
            ("Can get public funds", answer(household.recourse_to_public_funds).into()),
        ];
        if household.concession != Concession::None {
            facts.push(("Migrant victims' concession", concession(household.concession).into()));
        }
        facts.push(("Rent and charges", funding(household.funding).into()));
        facts.push(("Risk of serious harm", risk(household.risk).into()));
        facts.push(("How long they need a place", stay(household.stay_needed).into()));
        let wishes = [
            ("Would share a kitchen or bathroom", household.shared_living),
            ("Need a quiet home", household.quiet_home),
        ];
        let told = wishes.into_iter().filter(|(_, wish)| *wish != Answer::Unknown);
        facts.extend(told.map(|(what, wish)| (what, answer(wish).to_owned())));
        let people = household.members.iter().map(described).collect();
        Self { people, facts, unsafe_area: household.unsafe_area == Some(true) }
    }
}
