//! A household in one line, for lists: no names, no places.

use crate::domain::household::{Member, MemberRole, Needs, Sex};
use crate::web::words::count;

/// "Woman, 34, with 2 children (girl 6, boy 3)".
pub fn of(needs: &Needs) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::household::SameAsBirth;

    #[test]
    fn a_household_is_told_in_one_line() {
        let member = |role, age, sex| Member { role, age, sex, gender_same_as_birth: SameAsBirth::default() };
        let mut needs = Needs::default();
        assert_eq!(of(&needs), "Household not known yet");
        needs.members = vec![
            member(MemberRole::Survivor, Some(34), Sex::Female),
            member(MemberRole::Child, Some(6), Sex::Female),
            member(MemberRole::Child, None, Sex::Male),
        ];
        assert_eq!(of(&needs), "Woman, 34, with 2 children (girl 6, boy age not known)");
    }
}
