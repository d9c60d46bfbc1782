//! The rules of a service in plain words.

use crate::domain::eligibility::{AgeLimit, Condition, Nrpf, Policy, Rule, Strength};
use crate::domain::household::{Funding, Sex};

/// What each rule says, in the order of the rules. Nothing to say is no limit.
pub fn of_rules(rules: &[Rule]) -> Vec<String> {
    rules.iter().flat_map(of_rule).collect()
}

fn of_rule(rule: &Rule) -> Vec<String> {
    let one = |text: &str| vec![text.to_owned()];
    match &rule.condition {
        Condition::SurvivorSex { accepts, trans_people } => {
            let both = (accepts.contains(&Sex::Female), accepts.contains(&Sex::Male));
            let who = match both {
                (true, true) => "Takes women and men",
                (true, false) => "Takes women",
                (false, true) => "Takes men",
                (false, false) => "Takes nobody: no sex is chosen",
            };
            vec![who.into(), policy(*trans_people, "trans survivors")]
        }
        Condition::SurvivorAge { min, max } => match (min, max) {
            (Some(min), Some(max)) => vec![format!("The survivor is from {min} to {max} years old")],
            (Some(min), None) => vec![format!("The survivor is {min} or older")],
            (None, Some(max)) => vec![format!("The survivor is {max} or younger")],
            (None, None) => Vec::new(),
        },
        Condition::LargestFamily { people: 1 } => one("For one person alone"),
        Condition::LargestFamily { people } => {
            vec![format!("At most {people} people in a household, children included")]
        }
        Condition::MaxChildren { children: 0 } => one("No children"),
        Condition::MaxChildren { children: 1 } => one("At most 1 child"),
        Condition::MaxChildren { children } => vec![format!("At most {children} children")],
        Condition::MaleChildAge { shared, self_contained } if shared == self_contained => {
            shared.iter().map(|limit| capital(&boys(Some(*limit)))).collect()
        }
        Condition::MaleChildAge { shared, self_contained } => vec![
            format!("Where rooms are shared: {}", boys(*shared)),
            format!("In a self-contained home: {}", boys(*self_contained)),
        ],
        Condition::AdultDependants { policy: what } => vec![policy(*what, "adults who depend on the survivor")],
        Condition::Pets { policy: Policy::Accepted } => one("Takes pets, in the units that take them"),
        Condition::Pets { policy: what } => vec![policy(*what, "pets")],
        Condition::Nrpf { policy } => one(match policy {
            Nrpf::Yes => "Takes people with no recourse to public funds",
            Nrpf::CaseByCase => "Decides case by case about people with no recourse to public funds",
            Nrpf::No => "Does not take people with no recourse to public funds",
        }),
        Condition::ClientGroup { serves } => vec![match rule.strength {
            Strength::Exclude => format!("Only for {}", serves.people()),
            Strength::Discuss | Strength::Prefer => format!("For {}. Others ask first", serves.people()),
        }],
        Condition::Funding { not_accepted } => {
            let whom = not_accepted.iter().filter_map(|funding| payers(*funding));
            let text = |whom| match rule.strength {
                Strength::Exclude => format!("Does not take {whom}"),
                Strength::Discuss | Strength::Prefer => format!("Ask first about {whom}"),
            };
            whom.map(text).collect()
        }
        _ => Vec::new(),
    }
}

fn policy(policy: Policy, what: &str) -> String {
    match policy {
        Policy::Accepted => format!("Takes {what}"),
        Policy::Discuss => format!("Ask first about {what}"),
        Policy::NotAccepted => format!("Does not take {what}"),
    }
}

fn boys(limit: Option<AgeLimit>) -> String {
    match limit {
        None => "boys of any age".into(),
        Some(AgeLimit { accepted_to, discuss_to: Some(discuss_to) }) if discuss_to > accepted_to => {
            format!("boys up to {accepted_to}. Ask first about boys up to {discuss_to}")
        }
        Some(AgeLimit { accepted_to, .. }) => format!("boys up to {accepted_to}"),
    }
}

/// Those who pay in this way; nobody is meant by a way that is not known.
pub fn payers(funding: Funding) -> Option<&'static str> {
    match funding {
        Funding::HousingBenefit => Some("people whose rent Housing Benefit pays"),
        Funding::UniversalCredit => Some("people whose rent Universal Credit pays"),
        Funding::SelfFunding => Some("people who pay the rent themselves"),
        Funding::CannotFund => Some("people who cannot pay the rent"),
        Funding::Unknown => None,
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_a_refuge_can_be_read_aloud() {
        let limit = |accepted_to, discuss_to| Some(AgeLimit { accepted_to, discuss_to });
        let rules = [
            Condition::SurvivorSex { accepts: vec![Sex::Female], trans_people: Policy::Discuss },
            Condition::SurvivorAge { min: Some(16), max: None },
            Condition::LargestFamily { people: 4 },
            Condition::MaleChildAge { shared: limit(14, Some(16)), self_contained: limit(14, Some(16)) },
            Condition::Pets { policy: Policy::NotAccepted },
            Condition::Nrpf { policy: Nrpf::CaseByCase },
            Condition::Funding { not_accepted: vec![Funding::CannotFund], strength: Strength::Discuss },
        ];
        let expected = [
            "Takes women",
            "Ask first about trans survivors",
            "The survivor is 16 or older",
            "At most 4 people in a household, children included",
            "Boys up to 14. Ask first about boys up to 16",
            "Does not take pets",
            "Decides case by case about people with no recourse to public funds",
            "Ask first about people who cannot pay the rent",
        ];
        assert_eq!(of_rules(&rules), expected);
    }

    #[test]
    fn limits_that_differ_by_layout_are_both_said() {
        let shared = Some(AgeLimit { accepted_to: 14, discuss_to: None });
        let said = of_rules(&[Condition::MaleChildAge { shared, self_contained: None }]);
        assert_eq!(said, ["Where rooms are shared: boys up to 14", "In a self-contained home: boys of any age"]);
    }
}
