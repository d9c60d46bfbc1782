//! Rules as the answers of a form, and back. Nothing that is stored is lost between the two.
//!
//! A question shows the rule that counts today. What counts on other days only, and what no question can show, is listed
//! beside the questions and kept as it is.

mod days;
mod fill;
mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use garde::Validate;

use crate::domain::eligibility::{Condition, Rule, Rules, Strength, contradictions};
use crate::error::{AppError, FieldError, Part};
use crate::web::form::{Form, Posted, Wrong};

pub use days::{days_field, rows};

/// The field of the rules that no question shows: each of them whole.
pub const KEPT: &str = "kept";
/// The field that names the questions whose plain answer stood there without a rule: left alone, it makes none.
pub const UNSAID: &str = "unsaid";
/// The questions that have a plain answer where a service has no rule: it takes everybody.
pub const PLAIN: [&str; 4] = ["survivor_sex", "adult_dependants", "pets", "nrpf"];

/// The questions that a rule answers: one, or one for each thing that it names.
pub fn questions(condition: &Condition) -> Vec<String> {
    let one = match condition {
        Condition::SurvivorSex { .. } => "survivor_sex",
        Condition::SurvivorAge { .. } => "survivor_age",
        Condition::SingleSex { .. } => "single_sex",
        Condition::LargestFamily { .. } => "largest_family",
        Condition::MaxChildren { .. } => "max_children",
        Condition::MaleChildAge { .. } => "male_child_age",
        Condition::SchoolAgeChildren { .. } => "school_age_children",
        Condition::AdultDependants { .. } => "adult_dependants",
        Condition::Pregnancy { .. } => "pregnancy",
        Condition::Pets { .. } => "pets",
        Condition::SupportNeed { need, .. } => return vec![field("support_need", need.as_str())],
        Condition::RiskToOthers { harm, .. } => return vec![field("risk_to_others", harm.as_str())],
        Condition::PreviousEviction { .. } => "previous_eviction",
        Condition::BailOrProbation { .. } => "bail_or_probation",
        Condition::Languages { .. } => "languages",
        Condition::ReferralRoutes { .. } => "referral_routes",
        Condition::Nrpf { .. } => "nrpf",
        Condition::ImmigrationStatus { .. } => "immigration_status",
        Condition::Employment { not_accepted } => {
            return not_accepted.iter().map(|code| field("employment", code)).collect();
        }
        Condition::Funding { not_accepted } => {
            return not_accepted.iter().map(|way| field("funding", way.as_str())).collect();
        }
        Condition::ClientGroup { serves } => return vec![field("client_group", serves.as_str())],
        Condition::StayLimit { .. } => "stay_limit",
        Condition::CommunalLiving {} => "communal_living",
    };
    vec![one.to_owned()]
}

/// The name of the field for this word of a question.
pub fn field(question: &str, word: &str) -> String {
    format!("{question}/{word}")
}

/// The name of the field that says what happens to a household that does not fit.
pub fn strength_field(question: &str) -> String {
    field(question, "strength")
}

/// An answer with how strongly it is meant, as one value of a field: `not_accepted`, `not_accepted+discuss`.
pub fn meant(word: &str, strength: Strength) -> String {
    match strength {
        Strength::Exclude => word.to_owned(),
        milder => format!("{word}+{}", milder.as_str()),
    }
}

/// The other way round; nothing for what is no answer.
pub fn understood(value: &str) -> Option<(&str, Strength)> {
    match value.split_once('+') {
        None => Some((value, Strength::Exclude)),
        Some((word, strength)) => Some((word, strength.parse().ok()?)),
    }
}

/// The form for these rules. Where there is none, a `plain` question shows the answer that comes to the same.
///
/// # Errors
/// None: a rule can always be written down.
pub fn filled(rules: &[Rule], today: NaiveDate, plain: &[&str]) -> Result<Form, AppError> {
    let mut form = Form::new();
    let mut answered: BTreeSet<String> = BTreeSet::new();
    let mut row = 0;
    for rule in rules {
        let about = questions(&rule.condition);
        let free = about.iter().all(|question| !answered.contains(question));
        if !(free && rule.counts_on(today) && can_be_answered(rule)) {
            form = form.with(KEPT, serde_json::to_string(rule).map_err(AppError::internal)?);
            continue;
        }
        form = fill::answer(form, rule);
        for question in about.iter().filter(|_| rule.effective_from.is_some() || rule.effective_to.is_some()) {
            form = days::with_row(form, row, question, rule);
            row += 1;
        }
        answered.extend(about);
    }
    for question in plain.iter().filter(|question| !answered.contains(**question)) {
        form = fill::plain(form, question).with(UNSAID, question);
    }
    Ok(form)
}

/// Whether the questions give back exactly this rule.
fn can_be_answered(rule: &Rule) -> bool {
    let always = Rule { effective_from: None, effective_to: None, ..rule.clone() };
    let posted = Posted::new("", fill::answer(Form::new(), &always).sent());
    Answers::read(&posted).is_ok_and(|answers| answers.rules().0.iter().map(sorted).eq([sorted(&always)]))
}

/// The rules that a form says, each with the field that it comes from.
#[derive(Debug, Default)]
pub struct Answers(Vec<(Rule, String)>);

impl Answers {
    /// # Errors
    /// [`AppError::Invalid`] with everything that cannot be read.
    pub fn read(posted: &Posted) -> Result<Self, AppError> {
        let mut wrong = Wrong::default();
        let mut said = Vec::new();
        // First those that no question shows: where an answer contradicts one, it is said at the question.
        for text in posted.all(KEPT) {
            match serde_json::from_str::<Rule>(&text) {
                Ok(rule) => said.push((rule, KEPT.to_owned())),
                Err(_) => wrong.note(KEPT, "Reload the page"),
            }
        }
        said.extend(read::read(posted, &mut wrong)?);
        wrong.check()?;
        Ok(Self(said))
    }

    /// In the order in which they are stored already, and in the same spelling where they say the same.
    #[must_use]
    pub fn like_stored(self, stored: &[Rule]) -> Self {
        let known: Vec<(Rule, Vec<String>)> =
            stored.iter().map(|rule| (sorted(rule), questions(&rule.condition))).collect();
        let same = |rule: &Rule| known.iter().position(|(known, _)| *known == sorted(rule));
        let place = |rule: &Rule| {
            let about = questions(&rule.condition);
            same(rule).or_else(|| known.iter().position(|(_, known)| *known == about)).unwrap_or(known.len())
        };
        let mut said = self.0;
        said.sort_by_cached_key(|(rule, _)| place(rule));
        let spelt = |rule: Rule| same(&rule).and_then(|n| stored.get(n)).cloned().unwrap_or(rule);
        Self(said.into_iter().map(|(rule, field)| (spelt(rule), field)).collect())
    }

    pub fn rules(&self) -> Rules {
        Rules(self.0.iter().map(|(rule, _)| rule.clone()).collect())
    }

    /// # Errors
    /// [`AppError::Invalid`] with what cannot stand together or is out of range, at the field that it comes from.
    pub fn check(&self) -> Result<(), AppError> {
        let rules = self.rules();
        let mut wrong = Wrong::default();
        for (n, message) in contradictions(&rules.0) {
            wrong.note(self.0.get(n).map_or("", |(_, field)| field), &message);
        }
        wrong.check()?;
        rules.validate().map_err(|report| self.at_fields(AppError::out_of_range(Part::Body, "/rules", &report)))
    }

    /// An error about rules by their numbers, as one about the fields that they come from.
    pub fn at_fields(&self, error: AppError) -> AppError {
        let AppError::Invalid(fields) = error else { return error };
        let at = |field: FieldError| {
            let number =
                field.pointer.strip_prefix("/rules").and_then(|rest| rest.split('/').find(|part| !part.is_empty()));
            let name = number.and_then(|number| self.0.get(number.parse::<usize>().ok()?)).map(|(_, name)| name);
            match name {
                Some(name) => FieldError { pointer: format!("/{name}"), ..field },
                None => field,
            }
        };
        AppError::Invalid(fields.into_iter().map(at).collect())
    }
}

/// A rule whose lists stand in one order: so that two that say the same are the same.
fn sorted(rule: &Rule) -> Rule {
    let mut rule = rule.clone();
    match &mut rule.condition {
        Condition::SurvivorSex { accepts, .. } => accepts.sort_unstable(),
        Condition::ReferralRoutes { accepts } | Condition::ImmigrationStatus { accepts } => accepts.sort_unstable(),
        Condition::Employment { not_accepted } => not_accepted.sort_unstable(),
        Condition::Funding { not_accepted } => not_accepted.sort_unstable(),
        _ => {}
    }
    rule
}
