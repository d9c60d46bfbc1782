//! A household as a provider may know it before it answers: no names, no places.

use crate::api::referrals::Household;
use crate::domain::household::{
    AccessNeed, Answer, Concession, Funding, Level, Member, MemberRole, RiskBand, SameAsBirth, Sex,
};
use crate::domain::reference::Code;
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
        let mut facts = Vec::new();
        facts.push(("Is that everybody?", answer(household.complete)));
        facts.push(("Pregnant", answer(household.pregnant)));
        facts.push((
            "Pets",
            match household.pets.as_deref() {
                None => "Not known".into(),
                Some([]) => "None".into(),
                Some(pets) => {
                    let each: Vec<_> = pets.iter().map(|pet| count(usize::from(pet.number), &pet.kind)).collect();
                    each.join(", ")
                }
            },
        ));
        facts.push(("Access to the home", access(household.access_need).into()));
        let needs: Vec<_> = household
            .additional_needs
            .iter()
            .map(|need| {
                let what = label(codes, "additional_need", &need.need);
                level(need.level).map_or_else(|| what.clone(), |level| format!("{what}: {level}"))
            })
            .collect();
        facts.push(("Support needs", if needs.is_empty() { "None recorded".into() } else { needs.join("\n") }));
        if let Some(language) = &household.interpreter_language {
            facts.push(("Interpreter", language.clone()));
        }
        facts.push(("Can get public funds", answer(household.recourse_to_public_funds)));
        if household.concession != Concession::None {
            facts.push(("Migrant victims' concession", concession(household.concession).into()));
        }
        facts.push(("Rent and charges", funding(household.funding).into()));
        facts.push(("Risk of serious harm", household.risk.map_or("Not known", risk).into()));
        let people = household.members.iter().map(person).collect();
        Self { people, facts, unsafe_area: household.unsafe_area }
    }
}

/// "Woman, 34"; "Boy, 6"; "Man, 24 (an adult who depends on the survivor)".
fn person(member: &Member) -> String {
    let young = member.role == MemberRole::Child;
    let who = match (member.sex, young) {
        (Sex::Female, false) => "Woman",
        (Sex::Male, false) => "Man",
        (_, false) => "Adult, sex not known",
        (Sex::Female, true) => "Girl",
        (Sex::Male, true) => "Boy",
        (_, true) => "Child, sex not known",
    };
    let age = member.age.map_or_else(|| "age not known".to_owned(), |age| age.to_string());
    let mut more = Vec::new();
    match member.role {
        MemberRole::Survivor if member.age.is_some_and(|age| age < 18) => more.push("the survivor"),
        MemberRole::Survivor | MemberRole::Child => {}
        MemberRole::AdultDependant => more.push("an adult who depends on the survivor"),
        MemberRole::OtherAdult => more.push("another adult"),
    }
    if member.gender_same_as_birth == SameAsBirth::No {
        more.push("gender is not the sex registered at birth");
    }
    if more.is_empty() { format!("{who}, {age}") } else { format!("{who}, {age} ({})", more.join("; ")) }
}

fn answer(answer: Answer) -> String {
    match answer {
        Answer::Yes => "Yes",
        Answer::No => "No",
        Answer::Unknown => "Not known",
    }
    .into()
}

fn access(need: AccessNeed) -> &'static str {
    match need {
        AccessNeed::FullyWheelchairAccessible => "Wheelchair, everywhere",
        AccessNeed::WheelchairToEssentialRooms => "Wheelchair, to the main rooms",
        AccessNeed::LevelAccess => "No steps on the way in",
        AccessNeed::GroundFloor => "Ground floor",
        AccessNeed::None => "No need",
        AccessNeed::Unknown => "Not known",
    }
}

fn concession(concession: Concession) -> &'static str {
    match concession {
        Concession::None => "None",
        Concession::Applied => "Applied for",
        Concession::Granted => "Granted",
        Concession::Unknown => "Not known",
    }
}

fn funding(funding: Funding) -> &'static str {
    match funding {
        Funding::HousingBenefit => "Housing Benefit",
        Funding::UniversalCredit => "Universal Credit",
        Funding::SelfFunding => "Pays herself or himself",
        Funding::CannotFund => "Cannot pay",
        Funding::Unknown => "Not known",
    }
}

fn level(level: Level) -> Option<&'static str> {
    match level {
        Level::None => Some("no support"),
        Level::Low => Some("low"),
        Level::Medium => Some("medium"),
        Level::High => Some("high"),
        Level::Unknown => None,
    }
}

fn risk(band: RiskBand) -> &'static str {
    match band {
        RiskBand::Standard => "Standard",
        RiskBand::Medium => "Medium",
        RiskBand::High => "High",
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(MemberRole::Survivor, Some(34), Sex::Female, "Woman, 34")]
    #[case(MemberRole::Survivor, Some(17), Sex::Female, "Woman, 17 (the survivor)")]
    #[case(MemberRole::Child, Some(6), Sex::Male, "Boy, 6")]
    #[case(MemberRole::Child, None, Sex::Unknown, "Child, sex not known, age not known")]
    #[case(MemberRole::AdultDependant, Some(24), Sex::Male, "Man, 24 (an adult who depends on the survivor)")]
    fn a_person_is_told_without_a_name(
        #[case] role: MemberRole,
        #[case] age: Option<u8>,
        #[case] sex: Sex,
        #[case] text: &str,
    ) {
        assert_eq!(person(&Member { role, age, sex, gender_same_as_birth: SameAsBirth::Yes }), text);
    }
}
