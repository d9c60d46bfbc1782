//! A household in words, for whoever may read of it: no names, no places.

use super::words::count;
use crate::domain::household::{
    AccessNeed, Answer, Concession, Funding, HarmKind, Level, Member, MemberRole, Needs, PastHarm, RiskBand,
    SameAsBirth, Sex, StayNeeded,
};

/// What stands where nobody has asked, or nobody knows.
pub const UNKNOWN: &str = "Not known yet";

/// In one line: "Woman, 34, with 2 children (girl 6, boy 3)".
pub fn summary(needs: &Needs) -> String {
    let adults: Vec<String> =
        needs.members.iter().filter(|member| member.role != MemberRole::Child).map(person).collect();
    let children: Vec<&Member> = needs.children().collect();
    let mut text = match adults.as_slice() {
        [] if children.is_empty() => return "Household not known yet".into(),
        [] => "Adult not known yet".into(),
        adults => adults.join(" and "),
    };
    if !children.is_empty() {
        let each: Vec<String> = children.iter().map(|child| person(child).replace(',', "").to_lowercase()).collect();
        let many = if children.len() == 1 { "1 child".into() } else { format!("{} children", children.len()) };
        text = format!("{text}, with {many} ({})", each.join(", "));
    }
    let pets: usize = needs.pets.iter().flatten().map(|pet| usize::from(pet.number)).sum();
    if pets > 0 {
        text = format!("{text}, {}", count(pets, "pet"));
    }
    text
}

/// "Woman, 34"; "Boy, 6"; "Child, age not known".
pub fn person(member: &Member) -> String {
    let young = member.role == MemberRole::Child;
    let who = match (member.sex, young) {
        (Sex::Female, false) => "Woman",
        (Sex::Male, false) => "Man",
        (_, false) => "Adult",
        (Sex::Female, true) => "Girl",
        (Sex::Male, true) => "Boy",
        (_, true) => "Child",
    };
    match member.age {
        Some(age) => format!("{who}, {age}"),
        None => format!("{who}, age not known"),
    }
}

/// With what a provider has to know: "Man, 24 (an adult who depends on the survivor)".
pub fn described(member: &Member) -> String {
    let mut more = Vec::new();
    if !matches!(member.sex, Sex::Female | Sex::Male) {
        more.push("sex not known");
    }
    match member.role {
        MemberRole::Survivor if member.age.is_some_and(|age| age < 18) => more.push("the survivor"),
        MemberRole::Survivor | MemberRole::Child => {}
        MemberRole::AdultDependant => more.push("an adult who depends on the survivor"),
        MemberRole::OtherAdult => more.push("another adult"),
    }
    if member.gender_same_as_birth == SameAsBirth::No {
        more.push("gender is not the sex registered at birth");
    }
    let person = person(member);
    if more.is_empty() { person } else { format!("{person} ({})", more.join("; ")) }
}

pub fn answer(told: Answer) -> &'static str {
    match told {
        Answer::Yes => "Yes",
        Answer::No => "No",
        Answer::Unknown => UNKNOWN,
    }
}

pub fn access(need: AccessNeed) -> &'static str {
    match need {
        AccessNeed::FullyWheelchairAccessible => "Wheelchair accessible all through",
        AccessNeed::WheelchairToEssentialRooms => "Room for a wheelchair in the main rooms",
        AccessNeed::LevelAccess => "No steps",
        AccessNeed::GroundFloor => "Ground floor",
        AccessNeed::None => "No special access",
        AccessNeed::Unknown => UNKNOWN,
    }
}

/// How much support; none where only the need is known.
pub fn level(level: Level) -> Option<&'static str> {
    match level {
        Level::None => Some("no"),
        Level::Low => Some("a little"),
        Level::Medium => Some("some"),
        Level::High => Some("a lot"),
        Level::Unknown => None,
    }
}

/// "Mental health: some"; "Street homeless".
pub fn need(what: &str, how_much: Level) -> String {
    level(how_much).map_or_else(|| what.to_owned(), |level| format!("{what}: {level}"))
}

pub fn risk(band: Option<RiskBand>) -> &'static str {
    match band {
        Some(RiskBand::High) => "High",
        Some(RiskBand::Medium) => "Medium",
        Some(RiskBand::Standard) => "Standard",
        None => UNKNOWN,
    }
}

pub fn concession(concession: Concession) -> &'static str {
    match concession {
        Concession::None => "Not applied for",
        Concession::Applied => "Applied for",
        Concession::Granted => "Granted",
        Concession::Unknown => UNKNOWN,
    }
}

pub fn funding(funding: Funding) -> &'static str {
    match funding {
        Funding::HousingBenefit => "Housing Benefit",
        Funding::UniversalCredit => "Universal Credit",
        Funding::SelfFunding => "Own money",
        Funding::CannotFund => "Cannot pay",
        Funding::Unknown => UNKNOWN,
    }
}

/// "Yes: Punjabi". Where a language is named, an interpreter is needed.
pub fn interpreter(needed: Answer, language: Option<&str>) -> String {
    match (needed, language) {
        (_, Some(language)) => format!("Yes: {language}"),
        (Answer::Yes, None) => "Yes. The language is not known yet".into(),
        (needed, None) => answer(needed).into(),
    }
}

pub fn harm(kind: HarmKind) -> &'static str {
    match kind {
        HarmKind::Violence => "Violence",
        HarmKind::AssaultOnStaff => "Assault on staff",
        HarmKind::Arson => "Setting fires",
        HarmKind::OffenceAgainstChildren => "Offence against a child",
    }
}

/// "Violence (3 years ago); Setting fires (not known when)".
pub fn harms(told: Option<&[PastHarm]>) -> String {
    let when = |years: Option<u8>| match years {
        None => "not known when".into(),
        Some(0) => "less than a year ago".into(),
        Some(years) => format!("{} ago", count(usize::from(years), "year")),
    };
    match told {
        None => UNKNOWN.into(),
        Some([]) => "None".into(),
        Some(told) => {
            let each: Vec<_> =
                told.iter().map(|past| format!("{} ({})", harm(past.kind), when(past.years_ago))).collect();
            each.join("; ")
        }
    }
}

pub fn stay(needed: StayNeeded) -> &'static str {
    match needed {
        StayNeeded::Days => "Up to two weeks",
        StayNeeded::Weeks => "Up to three months",
        StayNeeded::Months => "Up to a year",
        StayNeeded::AsLongAsItTakes => "As long as it takes",
        StayNeeded::Unknown => UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn member(role: MemberRole, age: Option<u8>, sex: Sex) -> Member {
        Member { role, age, sex, gender_same_as_birth: SameAsBirth::Yes }
    }

    #[test]
    fn a_household_is_told_in_one_line() {
        let mut needs = Needs::default();
        assert_eq!(summary(&needs), "Household not known yet");
        needs.members = vec![
            member(MemberRole::Survivor, Some(34), Sex::Female),
            member(MemberRole::Child, Some(6), Sex::Female),
            member(MemberRole::Child, None, Sex::Male),
        ];
        assert_eq!(summary(&needs), "Woman, 34, with 2 children (girl 6, boy age not known)");
    }

    #[rstest]
    #[case(MemberRole::Survivor, Some(34), Sex::Female, "Woman, 34")]
    #[case(MemberRole::Survivor, Some(17), Sex::Female, "Woman, 17 (the survivor)")]
    #[case(MemberRole::Child, Some(6), Sex::Male, "Boy, 6")]
    #[case(MemberRole::Child, None, Sex::Unknown, "Child, age not known (sex not known)")]
    #[case(MemberRole::AdultDependant, Some(24), Sex::Male, "Man, 24 (an adult who depends on the survivor)")]
    fn a_person_is_told_without_a_name(
        #[case] role: MemberRole,
        #[case] age: Option<u8>,
        #[case] sex: Sex,
        #[case] text: &str,
    ) {
        assert_eq!(described(&member(role, age, sex)), text);
    }

    #[rstest]
    #[case(Answer::Unknown, None, "Not known yet")]
    #[case(Answer::No, None, "No")]
    #[case(Answer::Yes, None, "Yes. The language is not known yet")]
    #[case(Answer::Unknown, Some("Punjabi"), "Yes: Punjabi")]
    fn a_language_says_that_an_interpreter_is_needed(
        #[case] needed: Answer,
        #[case] language: Option<&str>,
        #[case] text: &str,
    ) {
        assert_eq!(interpreter(needed, language), text);
    }

    #[test]
    fn nothing_to_tell_is_not_the_same_as_nothing_asked() {
        let past = |kind, years_ago| PastHarm { kind, years_ago };
        assert_eq!((harms(None).as_str(), harms(Some(&[])).as_str()), ("Not known yet", "None"));
        let told =
            [past(HarmKind::Violence, Some(1)), past(HarmKind::Arson, None), past(HarmKind::AssaultOnStaff, Some(0))];
        let text = "Violence (1 year ago); Setting fires (not known when); Assault on staff (less than a year ago)";
        assert_eq!(harms(Some(&told)), text);
    }
}
