//! The answers of a form as rules.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::days::{self, Days};
use super::{PLAIN, UNSAID, field, understood};
use crate::domain::eligibility::{AgeLimit, ClientGroup, Condition, Nrpf, Policy, Rule, Strength, SupportNeed};
use crate::domain::household::{Funding, HarmKind, Level, Sex};
use crate::error::AppError;
use crate::web::form::{Posted, Wrong};

/// The rules that the questions say, each with the field that it comes from.
///
/// # Errors
/// Whatever is not about what was typed.
pub fn read(posted: &Posted, wrong: &mut Wrong) -> Result<Vec<(Rule, String)>, AppError> {
    let days = days::read(posted, wrong)?;
    let mut said = Said { posted, wrong, days, rules: Vec::new(), answered: Vec::new() };
    said.survivors()?;
    said.families()?;
    said.policies();
    said.support();
    said.past()?;
    said.coming();
    said.money();
    said.stays()?;
    let Said { rules, answered, wrong, .. } = said;
    days::check_new(posted, &answered, wrong);
    Ok(rules)
}

/// A question, and the condition that its answer makes.
type Asks = (&'static str, fn(Policy) -> Condition);

/// Questions whose whole answer is whether something is taken.
const POLICIES: [Asks; 6] = [
    ("school_age_children", |policy| Condition::SchoolAgeChildren { policy }),
    ("adult_dependants", |policy| Condition::AdultDependants { policy }),
    ("pregnancy", |policy| Condition::Pregnancy { policy }),
    ("pets", |policy| Condition::Pets { policy }),
    ("previous_eviction", |policy| Condition::PreviousEviction { policy }),
    ("bail_or_probation", |policy| Condition::BailOrProbation { policy }),
];

struct Said<'a> {
    posted: &'a Posted,
    wrong: &'a mut Wrong,
    days: BTreeMap<String, Days>,
    rules: Vec<(Rule, String)>,
    answered: Vec<String>,
}

impl Said<'_> {
    /// A rule that answers this question, at this field.
    fn add(&mut self, question: &str, at: &str, condition: Condition, strength: Strength) {
        let (effective_from, effective_to) = self.days.get(question).copied().unwrap_or_default();
        self.answered.push(question.to_owned());
        self.rules.push((Rule { condition, strength, effective_from, effective_to }, at.to_owned()));
    }

    /// Whether the plain answer stood there without a rule, so that it makes none now.
    fn unsaid(&self, question: &str) -> bool {
        PLAIN.contains(&question)
            && !self.days.contains_key(question)
            && self.posted.all(UNSAID).iter().any(|known| known == question)
    }

    /// A word of a list, or nothing where nothing was chosen.
    fn word<T: FromStr>(&mut self, name: &str) -> Option<T> {
        let text = self.posted.get(name);
        let word = text.parse().ok();
        if word.is_none() && !text.is_empty() {
            self.wrong.note(name, "Choose one of the answers");
        }
        word
    }

    /// Whether something is taken, and how strongly that is meant.
    fn policy<T: FromStr>(&mut self, name: &str) -> Option<(T, Strength)> {
        let text = self.posted.get(name);
        let answer = understood(text).and_then(|(word, strength)| Some((word.parse().ok()?, strength)));
        if answer.is_none() && !text.is_empty() {
            self.wrong.note(name, "Choose one of the answers");
        }
        answer
    }

    fn strength(&mut self, question: &str) -> Strength {
        self.word(&field(question, "strength")).unwrap_or_default()
    }

    /// A number in this range, or none; `what` it is, for the message.
    fn number<T>(&mut self, name: &str, what: &str, range: RangeInclusive<T>) -> Result<Option<T>, AppError>
    where
        T: FromStr + PartialOrd + Display,
    {
        let message = format!("{what}: enter a number from {} to {}, or leave it empty", range.start(), range.end());
        let number = self.wrong.take(self.posted.maybe::<T>(name, &message))?.flatten();
        if number.as_ref().is_some_and(|number| !range.contains(number)) {
            self.wrong.note(name, &message);
            return Ok(None);
        }
        Ok(number)
    }

    /// Whether it is said that there is no limit; not together with one.
    fn any(&mut self, question: &str, limited: bool) -> bool {
        let name = field(question, "any");
        let any = self.posted.get(&name) == "yes";
        if any && limited {
            self.wrong.note(&name, "Enter an age, or tick that any age is taken: not both");
        }
        any
    }

    fn survivors(&mut self) -> Result<(), AppError> {
        let accepts: Vec<Sex> =
            self.posted.all("survivor_sex/accepts").iter().filter_map(|word| word.parse().ok()).collect();
        let trans = self.word::<Policy>("survivor_sex/trans_people");
        let strength = self.strength("survivor_sex");
        let everybody = accepts == [Sex::Female, Sex::Male] && trans == Some(Policy::Accepted);
        match trans {
            Some(_) if everybody && strength == Strength::Exclude && self.unsaid("survivor_sex") => {}
            Some(trans_people) => {
                let condition = Condition::SurvivorSex { accepts, trans_people };
                self.add("survivor_sex", "survivor_sex/accepts", condition, strength);
            }
            None if accepts.is_empty() => {}
            None => self.wrong.note("survivor_sex/trans_people", "Say whether you take trans survivors"),
        }
        let min = self.number("survivor_age/min", "Lowest age", 0..=120)?;
        let max = self.number("survivor_age/max", "Highest age", 0..=120)?;
        if self.any("survivor_age", min.is_some() || max.is_some()) || min.is_some() || max.is_some() {
            let strength = self.strength("survivor_age");
            self.add("survivor_age", "survivor_age/min", Condition::SurvivorAge { min, max }, strength);
        }
        if let Some(sex) = self.word("single_sex") {
            let strength = self.strength("single_sex");
            self.add("single_sex", "single_sex", Condition::SingleSex { sex }, strength);
        }
        Ok(())
    }

    fn families(&mut self) -> Result<(), AppError> {
        if let Some(people) = self.number("largest_family", "Most people in a household", 1..=20)? {
            let strength = self.strength("largest_family");
            self.add("largest_family", "largest_family", Condition::LargestFamily { people }, strength);
        }
        if let Some(children) = self.number("max_children", "Most children", 0..=20)? {
            let strength = self.strength("max_children");
            self.add("max_children", "max_children", Condition::MaxChildren { children }, strength);
        }
        let (shared, self_contained) = (self.age_limit("shared")?, self.age_limit("self_contained")?);
        let limited = shared.is_some() || self_contained.is_some();
        if self.any("male_child_age", limited) || limited {
            let upside_down = |limit: AgeLimit| limit.discuss_to.is_some_and(|age| age < limit.accepted_to);
            let layout = if self_contained.is_some_and(upside_down) { "self_contained" } else { "shared" };
            let layout = if shared.is_some_and(upside_down) { "shared" } else { layout };
            let at = format!("male_child_age/{layout}/discuss_to");
            let strength = self.strength("male_child_age");
            self.add("male_child_age", &at, Condition::MaleChildAge { shared, self_contained }, strength);
        }
        Ok(())
    }

    fn age_limit(&mut self, layout: &str) -> Result<Option<AgeLimit>, AppError> {
        let name = |part: &str| format!("male_child_age/{layout}/{part}");
        let accepted_to = self.number(&name("accepted_to"), "Age of boys", 0..=18)?;
        let discuss_to = self.number(&name("discuss_to"), "Age of boys to talk about", 0..=18)?;
        if accepted_to.is_none() && discuss_to.is_some() {
            self.wrong.note(&name("accepted_to"), "Enter the age up to which boys are taken");
        }
        Ok(accepted_to.map(|accepted_to| AgeLimit { accepted_to, discuss_to }))
    }

    fn policies(&mut self) {
        for (name, condition) in POLICIES {
            if let Some((policy, strength)) = self.policy(name)
                && !(self.unsaid(name) && (policy, strength) == (Policy::Accepted, Strength::Exclude))
            {
                self.add(name, name, condition(policy), strength);
            }
        }
        if let Some((policy, strength)) = self.policy("nrpf")
            && !(self.unsaid("nrpf") && (policy, strength) == (Nrpf::Yes, Strength::Exclude))
        {
            self.add("nrpf", "nrpf", Condition::Nrpf { policy }, strength);
        }
    }

    fn support(&mut self) {
        for need in SupportNeed::ALL.iter().copied() {
            let name = field("support_need", need.as_str());
            if let Some(up_to) = self.word::<Level>(&name) {
                let strength = self.strength(&name);
                self.add(&name, &name, Condition::SupportNeed { need, up_to }, strength);
            }
        }
        let spoken: Vec<String> = self
            .posted
            .get("languages/spoken")
            .split([',', ';', '\n'])
            .map(str::trim)
            .filter(|language| !language.is_empty())
            .map(str::to_owned)
            .collect();
        let wordy = |language: &String| language.chars().count() > 60;
        if spoken.len() > 40 || spoken.iter().any(wordy) {
            self.wrong.note("languages/spoken", "Name at most 40 languages, with a comma between them");
        } else if let Some((others, strength)) = self.policy("languages/others") {
            self.add("languages", "languages/others", Condition::Languages { spoken, others }, strength);
        } else if !spoken.is_empty() {
            self.wrong.note("languages/others", "Say what happens when an interpreter is needed");
        }
    }

    fn past(&mut self) -> Result<(), AppError> {
        for harm in HarmKind::ALL.iter().copied() {
            let name = field("risk_to_others", harm.as_str());
            let years = field(&name, "within_years");
            let within_years = self.number(&years, "Years", 1..=80)?;
            match self.policy(&name) {
                Some((policy, strength)) => {
                    self.add(&name, &name, Condition::RiskToOthers { harm, policy, within_years }, strength);
                }
                None if within_years.is_some() => {
                    self.wrong.note(&name, "Say what happens when it was in these years");
                }
                None => {}
            }
        }
        Ok(())
    }

    fn coming(&mut self) {
        let routes = self.posted.all("referral_routes");
        if !routes.is_empty() {
            let strength = self.strength("referral_routes");
            self.add("referral_routes", "referral_routes", Condition::ReferralRoutes { accepts: routes }, strength);
        }
        let statuses = self.posted.all("immigration_status");
        if !statuses.is_empty() {
            let strength = self.strength("immigration_status");
            let condition = Condition::ImmigrationStatus { accepts: statuses };
            self.add("immigration_status", "immigration_status", condition, strength);
        }
    }

    /// One rule for each strength and pair of days holds all that it is about.
    fn money(&mut self) {
        let mut ways: BTreeMap<(Strength, Days), Vec<Funding>> = BTreeMap::new();
        for way in Funding::ALL.iter().copied() {
            let name = field("funding", way.as_str());
            if let Some(strength) = self.word(&name) {
                ways.entry((strength, self.days.get(&name).copied().unwrap_or_default())).or_default().push(way);
            }
        }
        for ((strength, _), not_accepted) in ways {
            let names: Vec<_> = not_accepted.iter().map(|way| field("funding", way.as_str())).collect();
            self.add_all(&names, Condition::Funding { not_accepted }, strength);
        }
        let mut work: BTreeMap<(Strength, Days), Vec<String>> = BTreeMap::new();
        let asked: Vec<String> = self.posted.pairs().iter().map(|(name, _)| name.clone()).collect();
        for name in asked {
            let Some(code) = name.strip_prefix("employment/") else { continue };
            if let Some(strength) = self.word(&name) {
                let days = self.days.get(&name).copied().unwrap_or_default();
                work.entry((strength, days)).or_default().push(code.to_owned());
            }
        }
        for ((strength, _), not_accepted) in work {
            let names: Vec<_> = not_accepted.iter().map(|code| field("employment", code)).collect();
            self.add_all(&names, Condition::Employment { not_accepted }, strength);
        }
    }

    /// A rule that answers several questions, which have the same days.
    fn add_all(&mut self, questions: &[String], condition: Condition, strength: Strength) {
        if let Some((first, others)) = questions.split_first() {
            self.add(first, first, condition, strength);
            self.answered.extend(others.iter().cloned());
        }
    }

    fn stays(&mut self) -> Result<(), AppError> {
        for serves in ClientGroup::ALL.iter().copied() {
            let name = field("client_group", serves.as_str());
            if let Some(strength) = self.word(&name) {
                self.add(&name, &name, Condition::ClientGroup { serves }, strength);
            }
        }
        if let Some(max_nights) = self.number("stay_limit", "Most nights", 1..=3660)? {
            let strength = self.strength("stay_limit");
            self.add("stay_limit", "stay_limit", Condition::StayLimit { max_nights }, strength);
        }
        if let Some(strength) = self.word("communal_living") {
            self.add("communal_living", "communal_living", Condition::CommunalLiving {}, strength);
        }
        Ok(())
    }
}
