//! Rules in plain words, whoever reads them.

use chrono::NaiveDate;

use crate::domain::eligibility::{AgeLimit, Condition, Nrpf, Policy, Rule, Scope, Strength, SupportNeed, harm};
use crate::domain::household::{Funding, HarmKind, Level, Sex};
use crate::domain::reference::Code;
use crate::web::words::{day, label};

/// What each rule says, in the order of the rules. Nothing to say is no limit.
pub fn of_rules<'a>(rules: impl IntoIterator<Item = &'a Rule>, codes: &[Code]) -> Vec<String> {
    rules.into_iter().flat_map(|rule| of_rule(rule, codes)).collect()
}

/// What one rule says, and on which days.
pub fn of_rule(rule: &Rule, codes: &[Code]) -> Vec<String> {
    let days = days(rule.effective_from, rule.effective_to);
    let says = sentences(&rule.condition, rule.strength, codes);
    says.into_iter().map(|sentence| if days.is_empty() { sentence } else { format!("{sentence} ({days})") }).collect()
}

/// "from 1 July 2026 until 3 September 2026"; nothing where it always counts.
pub fn days(from: Option<NaiveDate>, until: Option<NaiveDate>) -> String {
    let from = from.map(|from| format!("from {}", day(from)));
    let until = until.map(|until| format!("until {}", day(until)));
    from.into_iter().chain(until).collect::<Vec<_>>().join(" ")
}

/// A sentence as its strength has it: `first` are those who come first where it only prefers, `others` those to ask about.
fn by(strength: Strength, sentence: String, others: &str, first: &str) -> Vec<String> {
    vec![match strength {
        Strength::Exclude => sentence,
        Strength::Discuss => format!("{sentence}. Ask first about {others}"),
        Strength::Prefer => format!("{} come first", capital(first)),
    }]
}

/// Whether something is taken; `without` it a household comes first where that is preferred.
fn policy(policy: Policy, strength: Strength, what: &str, without: &str) -> Vec<String> {
    vec![match (policy, strength) {
        (Policy::Accepted, _) => format!("Takes {what}"),
        (_, Strength::Prefer) => format!("{} come first", capital(without)),
        (Policy::Discuss, _) | (_, Strength::Discuss) => format!("Ask first about {what}"),
        (Policy::NotAccepted, Strength::Exclude) => format!("Does not take {what}"),
    }]
}

fn sentences(condition: &Condition, strength: Strength, codes: &[Code]) -> Vec<String> {
    match condition {
        Condition::SurvivorSex { accepts, trans_people } => sexes(accepts, *trans_people, strength),
        Condition::SurvivorAge { min, max } => ages(*min, *max, strength),
        Condition::SingleSex { sex } => {
            let (one, many) = if *sex == Sex::Male { ("man", "men") } else { ("woman", "women") };
            let sentence = format!("Where rooms are shared, every adult is a {one}");
            by(strength, sentence, "other adults", &format!("households without adults other than {many}"))
        }
        Condition::LargestFamily { people: 1 } => {
            by(strength, "For one person alone".into(), "families", "people who come alone")
        }
        Condition::LargestFamily { people } => {
            let sentence = format!("At most {people} people in a household, children included");
            by(strength, sentence, "larger families", &format!("households of at most {people} people"))
        }
        Condition::MaxChildren { children } => {
            let (sentence, first) = match children {
                0 => ("No children".to_owned(), "households without children".to_owned()),
                1 => ("At most 1 child".to_owned(), "households with at most 1 child".to_owned()),
                many => (format!("At most {many} children"), format!("households with at most {many} children")),
            };
            by(strength, sentence, if *children == 0 { "children" } else { "more children" }, &first)
        }
        Condition::MaleChildAge { shared, self_contained } => boys(*shared, *self_contained, strength),
        Condition::SchoolAgeChildren { policy: what } => {
            policy(*what, strength, "children of school age", "households without children of school age")
        }
        Condition::AdultDependants { policy: what } => {
            policy(*what, strength, "adults who depend on the survivor", "households without adults who depend on them")
        }
        Condition::Pregnancy { policy: what } => {
            policy(*what, strength, "people who are pregnant", "people who are not pregnant")
        }
        Condition::Pets { policy: Policy::Accepted } => vec!["Takes pets, in the units that take them".into()],
        Condition::Pets { policy: what } => policy(*what, strength, "pets", "households without pets"),
        Condition::SupportNeed { need, up_to } => support(*need, *up_to, strength),
        Condition::RiskToOthers { harm, policy, within_years } => past(*harm, *policy, *within_years, strength),
        Condition::PreviousEviction { policy: what } => {
            policy(*what, strength, "people who had to leave a refuge before", "people who never had to leave a refuge")
        }
        Condition::BailOrProbation { policy: what } => {
            policy(*what, strength, "people on bail or probation", "people who are not on bail or probation")
        }
        Condition::Languages { spoken, others } => languages(spoken, *others, strength),
        Condition::ReferralRoutes { accepts } => {
            let names = names("referral_source", accepts, codes);
            let sentence = format!("Takes referrals only from: {names}");
            by(strength, sentence, "other referrals", &format!("referrals from these: {names},"))
        }
        Condition::Nrpf { policy } => no_public_funds(*policy, strength),
        Condition::ImmigrationStatus { accepts } => {
            let names = names("immigration_status", accepts, codes);
            let sentence = format!("Takes people only with one of these immigration statuses: {names}");
            by(strength, sentence, "others", &format!("people with one of these immigration statuses: {names},"))
        }
        Condition::Employment { not_accepted } => {
            let whom = not_accepted.iter().map(|code| workers(&name("employment", code, codes)));
            whom.map(|whom| refused(&whom, strength)).collect()
        }
        Condition::Funding { not_accepted } => not_accepted.iter().map(|way| refused(payers(*way), strength)).collect(),
        Condition::ClientGroup { serves } => vec![match strength {
            Strength::Exclude => format!("Only for {}", serves.people()),
            Strength::Discuss => format!("For {}. Others ask first", serves.people()),
            Strength::Prefer => format!("{} come first", capital(serves.people())),
        }],
        Condition::StayLimit { max_nights } => {
            let nights = if *max_nights == 1 { "1 night".to_owned() } else { format!("{max_nights} nights") };
            let sentence = format!("A stay is at most {nights}");
            by(strength, sentence, "longer stays", &format!("stays of at most {nights}"))
        }
        Condition::CommunalLiving {} => {
            let sentence = "Life is shared here: rooms, meals, the garden".to_owned();
            let first = "people who are happy to share rooms and meals";
            by(strength, sentence, "people who would not share", first)
        }
    }
}

fn sexes(accepts: &[Sex], trans_people: Policy, strength: Strength) -> Vec<String> {
    let (women, men) = (accepts.contains(&Sex::Female), accepts.contains(&Sex::Male));
    let who = match (women, men) {
        (true, true) => "women and men",
        (true, false) => "women",
        (false, true) => "men",
        (false, false) => "nobody",
    };
    let mut says = match (women, men) {
        (true, true) => vec!["Takes women and men".to_owned()],
        _ => by(strength, format!("Takes {who}"), if women { "men" } else { "women" }, who),
    };
    if strength != Strength::Prefer || trans_people == Policy::Accepted {
        says.extend(policy(trans_people, strength, "trans survivors", ""));
    }
    says
}

fn ages(min: Option<u8>, max: Option<u8>, strength: Strength) -> Vec<String> {
    let age = match (min, max) {
        (Some(min), Some(max)) => format!("from {min} to {max} years old"),
        (Some(min), None) => format!("{min} or older"),
        (None, Some(max)) => format!("{max} or younger"),
        (None, None) => return vec!["The survivor may be of any age".into()],
    };
    by(strength, format!("The survivor is {age}"), "other ages", &format!("survivors who are {age}"))
}

fn boys(shared: Option<AgeLimit>, self_contained: Option<AgeLimit>, strength: Strength) -> Vec<String> {
    let one = |limit: Option<AgeLimit>| {
        let Some(AgeLimit { accepted_to, discuss_to }) = limit else { return "boys of any age".to_owned() };
        match (strength, discuss_to) {
            (Strength::Exclude, Some(discuss_to)) if discuss_to > accepted_to => {
                format!("boys up to {accepted_to}. Ask first about boys up to {discuss_to}")
            }
            (Strength::Exclude, _) => format!("boys up to {accepted_to}"),
            (Strength::Discuss, _) => format!("boys up to {accepted_to}. Ask first about older boys"),
            (Strength::Prefer, _) => format!("households without boys over {accepted_to} come first"),
        }
    };
    if shared == self_contained {
        return vec![capital(&one(shared))];
    }
    vec![
        format!("Where rooms are shared: {}", one(shared)),
        format!("In a self-contained home: {}", one(self_contained)),
    ]
}

fn support(need: SupportNeed, up_to: Level, strength: Strength) -> Vec<String> {
    let what = need.what();
    let (sentence, first) = match up_to {
        Level::None => (format!("No support with {what}"), format!("people who need no support with {what}")),
        Level::Low => (
            format!("Only a little support with {what}"),
            format!("people who need no more than a little support with {what}"),
        ),
        Level::Medium => (
            format!("Some support with {what}, but not a lot"),
            format!("people who need no more than some support with {what}"),
        ),
        Level::High | Level::Unknown => return vec![format!("A lot of support with {what}, where it is needed")],
    };
    by(strength, sentence, "more", &first)
}

fn past(kind: HarmKind, what: Policy, within_years: Option<u8>, strength: Strength) -> Vec<String> {
    let years = match within_years {
        None => String::new(),
        Some(1) => " in the last year".to_owned(),
        Some(years) => format!(" in the last {years} years"),
    };
    let mut says = policy(
        what,
        strength,
        &format!("people after {}{years}", harm(kind)),
        &format!("people without {}{years}", harm(kind)),
    );
    if within_years.is_some() && what == Policy::NotAccepted && strength == Strength::Exclude {
        for sentence in &mut says {
            sentence.push_str(". Ask first when it is longer ago");
        }
    }
    says
}

fn languages(spoken: &[String], others: Policy, strength: Strength) -> Vec<String> {
    let mut says = Vec::new();
    if !spoken.is_empty() {
        says.push(format!("Staff speak {}", spoken.join(", ")));
    }
    let what = if spoken.is_empty() { "an interpreter" } else { "an interpreter for another language" };
    let who = format!("people who need {what}");
    says.extend(policy(others, strength, &who, &format!("people who do not need {what}")));
    says
}

fn no_public_funds(policy: Nrpf, strength: Strength) -> Vec<String> {
    let text = match (policy, strength) {
        (Nrpf::Yes, _) => "Takes people with no recourse to public funds",
        (_, Strength::Prefer) => "People with recourse to public funds come first",
        (Nrpf::CaseByCase, _) => "Decides case by case about people with no recourse to public funds",
        (Nrpf::No, Strength::Discuss) => "Ask first about people with no recourse to public funds",
        (Nrpf::No, Strength::Exclude) => "Does not take people with no recourse to public funds",
    };
    vec![text.to_owned()]
}

fn refused(whom: &str, strength: Strength) -> String {
    match strength {
        Strength::Exclude => format!("Does not take {whom}"),
        Strength::Discuss => format!("Ask first about {whom}"),
        Strength::Prefer => format!("{} come after others", capital(whom)),
    }
}

/// Those who pay in this way.
pub fn payers(funding: Funding) -> &'static str {
    match funding {
        Funding::HousingBenefit => "people whose rent Housing Benefit pays",
        Funding::UniversalCredit => "people whose rent Universal Credit pays",
        Funding::SelfFunding => "people who pay the rent themselves",
        Funding::CannotFund => "people who cannot pay the rent",
        Funding::Unknown => "people of whom nobody knows how the rent is paid",
    }
}

/// Those whose work this is, by the label of its code.
pub fn workers(employment: &str) -> String {
    format!("people whose work is “{employment}”")
}

/// The label of a code, also of one that can no longer be chosen.
pub fn name(list: &str, code: &str, codes: &[Code]) -> String {
    let known = codes.iter().find(|known| known.list == list && known.code == code);
    known.map_or_else(|| label(code), |known| known.label.clone())
}

fn names(list: &str, chosen: &[String], codes: &[Code]) -> String {
    chosen.iter().map(|code| name(list, code, codes)).collect::<Vec<_>>().join(", ")
}

/// Whose a rule is, as a label beside it.
pub fn whose(scope: Scope) -> &'static str {
    match scope {
        Scope::Organisation => "For all our services",
        Scope::Service => "For the whole service",
        Scope::Unit => "For this unit",
        Scope::Vacancy => "For this vacancy",
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::rules::samples;

    #[test]
    fn the_rules_of_a_refuge_can_be_read_aloud() {
        let limit = |accepted_to, discuss_to| Some(AgeLimit { accepted_to, discuss_to });
        let rules = [
            Condition::SurvivorSex { accepts: vec![Sex::Female], trans_people: Policy::Discuss }.into(),
            Condition::SurvivorAge { min: Some(16), max: None }.into(),
            Condition::LargestFamily { people: 4 }.into(),
            Condition::MaleChildAge { shared: limit(14, Some(16)), self_contained: limit(14, Some(16)) }.into(),
            Condition::Pets { policy: Policy::NotAccepted }.into(),
            Condition::Nrpf { policy: Nrpf::CaseByCase }.into(),
            Rule {
                strength: Strength::Discuss,
                ..Condition::Funding { not_accepted: vec![Funding::CannotFund] }.into()
            },
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
        assert_eq!(of_rules(&rules, &[]), expected);
    }

    #[test]
    fn limits_that_differ_by_layout_are_both_said() {
        let shared = Some(AgeLimit { accepted_to: 14, discuss_to: None });
        let said = of_rule(&Condition::MaleChildAge { shared, self_contained: None }.into(), &[]);
        assert_eq!(said, ["Where rooms are shared: boys up to 14", "In a self-contained home: boys of any age"]);
    }

    #[test]
    fn every_kind_of_rule_is_said_in_words_with_its_days() {
        let mut heard = std::collections::BTreeMap::new();
        for rule in samples::every_kind() {
            let said = of_rule(&rule, &samples::codes()).join("; ");
            assert!(!said.is_empty() && !said.contains('_'), "{rule:?}: {said}");
            assert!(said.chars().next().is_some_and(char::is_uppercase), "{said}");
            assert_eq!(rule.effective_to.is_some(), said.contains("until "), "{said}");
            let mut key = serde_json::to_value(&rule.condition).unwrap();
            key["strength"] = rule.strength.as_str().into();
            heard.insert(key.to_string(), said);
        }
        assert!(heard.len() > 100, "{}", heard.len());
    }

    #[test]
    fn what_a_service_cannot_do_is_said_as_mildly_as_it_is_meant() {
        let pets = |strength| Rule { strength, ..Condition::Pets { policy: Policy::NotAccepted }.into() };
        let drugs = |strength| Rule {
            strength,
            ..Condition::SupportNeed { need: SupportNeed::Drugs, up_to: Level::Low }.into()
        };
        let arson =
            Condition::RiskToOthers { harm: HarmKind::Arson, policy: Policy::NotAccepted, within_years: Some(5) };
        let rules = [
            pets(Strength::Exclude),
            pets(Strength::Discuss),
            pets(Strength::Prefer),
            drugs(Strength::Exclude),
            drugs(Strength::Discuss),
            drugs(Strength::Prefer),
            arson.into(),
        ];
        let expected = [
            "Does not take pets",
            "Ask first about pets",
            "Households without pets come first",
            "Only a little support with drug use",
            "Only a little support with drug use. Ask first about more",
            "People who need no more than a little support with drug use come first",
            "Does not take people after arson in the last 5 years. Ask first when it is longer ago",
        ];
        assert_eq!(of_rules(&rules, &[]), expected);
    }
}
