//! Rules as the answers of a form, one for each kind of rule, and back.

use std::ops::RangeInclusive;

use garde::Validate;

use crate::domain::eligibility::{
    AgeLimit, ClientGroup, Condition, Nrpf, Policy, Rule, Rules, Strength, contradictions,
};
use crate::domain::household::Funding;
use crate::error::{AppError, Part};
use crate::web::form::{Form, Posted, Wrong};

/// The name of the field for this word of a rule.
pub fn field(rule: &str, word: &str) -> String {
    format!("{rule}/{word}")
}

/// The form for these rules. Where there is no rule, it shows the answer that comes to the same.
pub fn filled(rules: &[Rule]) -> Form {
    let mut form = Form::new();
    let is = |kind: fn(&Rule) -> bool| rules.iter().any(kind);
    if !is(|rule| matches!(rule.condition, Condition::SurvivorSex { .. })) {
        form = form.with("accepts", "female").with("accepts", "male").with("trans_people", "accepted");
    }
    if !is(|rule| matches!(rule.condition, Condition::AdultDependants { .. })) {
        form = form.with("adult_dependants", "accepted");
    }
    if !is(|rule| matches!(rule.condition, Condition::Pets { .. })) {
        form = form.with("pets", "accepted");
    }
    if !is(|rule| matches!(rule.condition, Condition::Nrpf { .. })) {
        form = form.with("nrpf", "yes");
    }
    rules.iter().fold(form, fill)
}

fn fill(form: Form, rule: &Rule) -> Form {
    let strength = rule.strength;
    match &rule.condition {
        Condition::SurvivorSex { accepts, trans_people } => {
            let form = accepts.iter().fold(form, |form, sex| form.with("accepts", sex.as_str()));
            form.with("trans_people", trans_people.as_str())
        }
        Condition::SurvivorAge { min, max } => {
            form.with_some("survivor_age/min", *min).with_some("survivor_age/max", *max)
        }
        Condition::LargestFamily { people } => form.with("largest_family", people),
        Condition::MaxChildren { children } => form.with("max_children", children),
        Condition::MaleChildAge { shared, self_contained } => {
            let limits = [("shared", shared), ("self_contained", self_contained)];
            limits.into_iter().fold(form, |form, (layout, limit)| {
                let name = |part| format!("male_child_age/{layout}/{part}");
                form.with_some(&name("accepted_to"), limit.map(|limit| limit.accepted_to))
                    .with_some(&name("discuss_to"), limit.and_then(|limit| limit.discuss_to))
            })
        }
        Condition::AdultDependants { policy } => form.with("adult_dependants", policy.as_str()),
        Condition::Pets { policy } => form.with("pets", policy.as_str()),
        Condition::Nrpf { policy } => form.with("nrpf", policy.as_str()),
        Condition::ClientGroup { serves } => form.with(&field("client_group", serves.as_str()), strength.as_str()),
        Condition::Funding { not_accepted } => {
            not_accepted.iter().fold(form, |form, way| form.with(&field("funding", way.as_str()), strength.as_str()))
        }
        _ => form,
    }
}

/// The rules that a form says, with the field that each comes from.
#[derive(Default)]
struct Said {
    rules: Vec<(Rule, String)>,
    wrong: Wrong,
}

impl Said {
    fn add(&mut self, rule: impl Into<Rule>, field: &str) {
        self.rules.push((rule.into(), field.to_owned()));
    }

    /// A number in this range, or none; `what` it is, for the message.
    fn number(
        &mut self,
        posted: &Posted,
        name: &str,
        what: &str,
        range: RangeInclusive<u8>,
    ) -> Result<Option<u8>, AppError> {
        let message = format!("{what}: enter a number from {} to {}, or leave it empty", range.start(), range.end());
        let number = self.wrong.take(posted.maybe::<u8>(name, &message))?.flatten();
        if number.is_some_and(|number| !range.contains(&number)) {
            self.wrong.note(name, &message);
            return Ok(None);
        }
        Ok(number)
    }

    fn policy(&mut self, posted: &Posted, name: &str) -> Result<Option<Policy>, AppError> {
        let what = match name {
            "trans_people" => "Say whether you take trans survivors",
            "pets" => "Say whether you take pets",
            _ => "Say whether you take adults who depend on the survivor",
        };
        self.wrong.take(posted.parse(name, what))
    }

    fn age_limit(&mut self, posted: &Posted, layout: &str) -> Result<Option<AgeLimit>, AppError> {
        let name = |part: &str| format!("male_child_age/{layout}/{part}");
        let accepted_to = self.number(posted, &name("accepted_to"), "Age of boys", 0..=18)?;
        let discuss_to = self.number(posted, &name("discuss_to"), "Age of boys to talk about", 0..=18)?;
        if accepted_to.is_none() && discuss_to.is_some() {
            self.wrong.note(&name("accepted_to"), "Enter the age up to which boys are taken");
        }
        Ok(accepted_to.map(|accepted_to| AgeLimit { accepted_to, discuss_to }))
    }
}

/// # Errors
/// [`AppError::Invalid`] with everything that cannot be read, and every contradiction at the field that it comes from.
pub fn read(posted: &Posted) -> Result<Rules, AppError> {
    let mut said = Said::default();
    people(posted, &mut said)?;
    circumstances(posted, &mut said)?;
    let Said { rules, mut wrong } = said;
    let (rules, fields): (Vec<Rule>, Vec<String>) = rules.into_iter().unzip();
    for (n, message) in contradictions(&rules) {
        wrong.note(fields.get(n).map_or("", String::as_str), &message);
    }
    wrong.check()?;
    let rules = Rules(rules);
    rules.validate().map_err(|report| AppError::out_of_range(Part::Body, "/rules", &report))?;
    Ok(rules)
}

/// The rules about who is in a household.
fn people(posted: &Posted, said: &mut Said) -> Result<(), AppError> {
    let trans_people = said.policy(posted, "trans_people")?;
    let accepts = posted.all("accepts").iter().filter_map(|word| word.parse().ok()).collect();
    if let Some(trans_people) = trans_people {
        said.add(Condition::SurvivorSex { accepts, trans_people }, "accepts");
    }
    let min = said.number(posted, "survivor_age/min", "Youngest age", 0..=120)?;
    let max = said.number(posted, "survivor_age/max", "Oldest age", 0..=120)?;
    if min.is_some() || max.is_some() {
        said.add(Condition::SurvivorAge { min, max }, "survivor_age/min");
    }
    if let Some(people) = said.number(posted, "largest_family", "Most people in a household", 1..=20)? {
        said.add(Condition::LargestFamily { people }, "largest_family");
    }
    if let Some(children) = said.number(posted, "max_children", "Most children", 0..=20)? {
        said.add(Condition::MaxChildren { children }, "max_children");
    }
    let (shared, self_contained) = (said.age_limit(posted, "shared")?, said.age_limit(posted, "self_contained")?);
    if shared.is_some() || self_contained.is_some() {
        let upside_down = |limit: AgeLimit| limit.discuss_to.is_some_and(|age| age < limit.accepted_to);
        let layout = if shared.is_some_and(upside_down) { "shared" } else { "self_contained" };
        let field = format!("male_child_age/{layout}/discuss_to");
        said.add(Condition::MaleChildAge { shared, self_contained }, &field);
    }
    if let Some(policy) = said.policy(posted, "adult_dependants")? {
        said.add(Condition::AdultDependants { policy }, "adult_dependants");
    }
    Ok(())
}

/// The rules about pets, money, and whom a service is made for.
fn circumstances(posted: &Posted, said: &mut Said) -> Result<(), AppError> {
    if let Some(policy) = said.policy(posted, "pets")? {
        said.add(Condition::Pets { policy }, "pets");
    }
    let nrpf = posted.parse::<Nrpf>("nrpf", "Say whether you take people with no recourse to public funds");
    if let Some(policy) = said.wrong.take(nrpf)? {
        said.add(Condition::Nrpf { policy }, "nrpf");
    }
    for serves in ClientGroup::ALL {
        let name = field("client_group", serves.as_str());
        let strength = posted.maybe::<Strength>(&name, "Choose one of the answers");
        if let Some(strength) = said.wrong.take(strength)?.flatten() {
            said.add(Rule { strength, ..Condition::ClientGroup { serves: *serves }.into() }, &name);
        }
    }
    // One rule for each strength holds all the ways of paying that it is about.
    for strength in Strength::ALL {
        let ways = Funding::ALL.iter().copied();
        let not_accepted: Vec<_> =
            ways.filter(|way| posted.get(&field("funding", way.as_str())) == strength.as_str()).collect();
        if let Some(first) = not_accepted.first().copied() {
            let rule = Rule { strength: *strength, ..Condition::Funding { not_accepted }.into() };
            said.add(rule, &field("funding", first.as_str()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::household::Sex;

    fn posted(pairs: &[(&str, &str)]) -> Posted {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(pairs);
        Posted::new("/x", body.finish())
    }

    const PLAIN: [(&str, &str); 5] = [
        ("accepts", "female"),
        ("trans_people", "discuss"),
        ("adult_dependants", "accepted"),
        ("pets", "not_accepted"),
        ("nrpf", "case_by_case"),
    ];

    fn wrong_fields(extra: &[(&str, &str)]) -> Vec<String> {
        match read(&posted(&[&PLAIN, extra].concat())) {
            Err(AppError::Invalid(fields)) => fields.into_iter().map(|field| field.pointer).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn rules_come_back_from_their_own_form() {
        let limit = |accepted_to, discuss_to| Some(AgeLimit { accepted_to, discuss_to });
        let rules = vec![
            Condition::SurvivorSex { accepts: vec![Sex::Female], trans_people: Policy::Discuss },
            Condition::SurvivorAge { min: Some(16), max: Some(24) },
            Condition::LargestFamily { people: 4 },
            Condition::MaxChildren { children: 0 },
            Condition::MaleChildAge { shared: limit(14, Some(16)), self_contained: None },
            Condition::AdultDependants { policy: Policy::Discuss },
            Condition::Pets { policy: Policy::Accepted },
            Condition::Nrpf { policy: Nrpf::No },
            Condition::ClientGroup { serves: ClientGroup::Disabled, strength: Strength::Exclude },
            Condition::Funding { not_accepted: vec![Funding::CannotFund], strength: Strength::Discuss },
        ];
        let form = filled(&rules);
        let names =
            ["survivor_age/min", "survivor_age/max", "largest_family", "max_children", "adult_dependants", "pets"];
        let mut pairs: Vec<_> = names.iter().map(|name| (*name, form.value(name))).collect();
        for name in [
            "accepts",
            "trans_people",
            "nrpf",
            "male_child_age/shared/accepted_to",
            "male_child_age/shared/discuss_to",
            "client_group/disabled",
            "funding/cannot_fund",
        ] {
            pairs.push((name, form.value(name)));
        }
        assert_eq!(read(&posted(&pairs)).unwrap().0, rules);
    }

    #[test]
    fn no_rule_is_shown_as_the_answer_that_comes_to_the_same() {
        let form = filled(&[]);
        assert!(form.has("accepts", "female") && form.has("accepts", "male") && form.has("trans_people", "accepted"));
        assert_eq!((form.value("pets"), form.value("nrpf"), form.value("largest_family")), ("accepted", "yes", ""));
    }

    #[test]
    fn a_contradiction_is_shown_at_the_field_that_it_comes_from() {
        assert_eq!(wrong_fields(&[("survivor_age/min", "25"), ("survivor_age/max", "18")]), ["/survivor_age/min"]);
        let boys = [("male_child_age/shared/accepted_to", "14"), ("male_child_age/shared/discuss_to", "12")];
        assert_eq!(wrong_fields(&boys), ["/male_child_age/shared/discuss_to"]);
        assert_eq!(wrong_fields(&[("male_child_age/shared/discuss_to", "12")]), ["/male_child_age/shared/accepted_to"]);
        assert_eq!(wrong_fields(&[("largest_family", "many")]), ["/largest_family"]);
        assert_eq!(wrong_fields(&[("largest_family", "0")]), ["/largest_family"]);
    }
}
