//! The days on which an answer counts: a row of the form for each answer that has any, and one to add more.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::domain::eligibility::Rule;
use crate::error::AppError;
use crate::web::form::{Form, Posted, Wrong};

/// The first day and the last day.
pub type Days = (Option<NaiveDate>, Option<NaiveDate>);

/// The row in which days are given to one more answer.
pub const NEW_ROW: &str = "new";

/// The name of the three boxes of a day of a row.
pub fn days_field(row: &str, end: &str) -> String {
    format!("days-{row}-{end}")
}

/// More rows than a set of rules can have.
const MOST: usize = 100;

fn about(row: &str) -> String {
    format!("days-{row}-about")
}

pub fn with_row(form: Form, row: usize, question: &str, rule: &Rule) -> Form {
    form.with(&about(&row.to_string()), question)
        .with_date(&format!("days-{row}-from"), rule.effective_from)
        .with_date(&format!("days-{row}-until"), rule.effective_to)
}

/// The rows of a form, but for the new one: number and question.
pub fn rows(form: &Form) -> Vec<(usize, String)> {
    let question = |row: usize| (row, form.value(&about(&row.to_string())).to_owned());
    (0..MOST).map(question).take_while(|(_, question)| !question.is_empty()).collect()
}

/// The days of each question that has any.
///
/// # Errors
/// Whatever is not about what was typed.
pub fn read(posted: &Posted, wrong: &mut Wrong) -> Result<BTreeMap<String, Days>, AppError> {
    let mut days = BTreeMap::new();
    let numbered = (0..MOST).map(|row| row.to_string()).take_while(|row| posted.has(&about(row)));
    for row in numbered.chain([NEW_ROW.to_owned()]) {
        let from = wrong.take(posted.date(&format!("days-{row}-from")))?.flatten();
        let until = wrong.take(posted.date(&format!("days-{row}-until")))?.flatten();
        let question = posted.get(&about(&row)).to_owned();
        if from.or(until).is_none() {
            if row == NEW_ROW && !question.is_empty() {
                wrong.note("days-new-from", "Enter the first day, the last day, or both");
            }
            continue;
        }
        if question.is_empty() {
            wrong.note(&about(&row), "Choose the rule that counts on these days");
            continue;
        }
        if days.insert(question, (from, until)).is_some() {
            wrong.note(&about(&row), "This rule has days already: change those");
        }
    }
    Ok(days)
}

/// Notes days that were added to what is not answered.
pub fn check_new(posted: &Posted, answered: &[String], wrong: &mut Wrong) {
    let name = about(NEW_ROW);
    let question = posted.get(&name);
    if !question.is_empty() && !answered.iter().any(|known| known == question) {
        wrong.note(&name, "There is no rule about this above. Answer that question first, or choose another rule");
    }
}
