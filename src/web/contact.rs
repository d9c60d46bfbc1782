//! Reaching a household: who they are, the rules first, big and clear, and only then a number.

use askama::Template;

use super::Answer;
use super::form::{Form, Posted, missing};
use super::page::Page;
use super::words::{clock_time, day_from, either, label};
use crate::actions::contact::Ask;
use crate::clock::At;
use crate::db;
use crate::domain::contact::{Day, May, SafeHours, may};
use crate::domain::identity::{Contact, ContactRules, Person, Who};
use crate::error::AppError;

/// Where the page leads: back, and on to the number.
pub struct Place {
    pub back: String,
    pub back_text: String,
    /// Where the number is asked for; none where there is no right to it.
    pub telephone: Option<String>,
    /// Where a call is put off until it is safe.
    pub call_back: Option<String>,
}

/// Shown once, in the answer to the request for it; the browser keeps nothing.
#[derive(Template)]
#[template(path = "contact/who.html")]
struct Shown<'a> {
    page: &'a Page,
    form: Form,
    place: Place,
    people: Vec<Person>,
    rules: Vec<Rule>,
    reason: String,
    /// Whether there is a number or an address to ask for.
    reachable: bool,
    may: May,
    reasons: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "contact/reached.html")]
struct Reached<'a> {
    page: &'a Page,
    place: Place,
    contact: Contact,
    rules: Vec<Rule>,
}

/// One rule, and whether it forbids something.
pub struct Rule {
    pub text: String,
    pub warns: bool,
}

/// The rules in the order of their danger.
fn rules(rules: &ContactRules) -> Vec<Rule> {
    let one = |safe: bool, yes: &str, no: &str| Rule { text: either(safe, yes, no).to_owned(), warns: !safe };
    let mut told = vec![match &rules.safe_hours {
        Some(all) => {
            Rule { text: format!("Safe only: {}", all.iter().map(hours).collect::<Vec<_>>().join("; ")), warns: false }
        }
        None => Rule { text: "Nobody has said when it is safe. Ask first: “Can you talk?”".into(), warns: true },
    }];
    told.extend(rules.safe_times.iter().map(|times| Rule { text: format!("In their words: {times}"), warns: false }));
    told.push(one(rules.voicemail_safe, "You may leave a voicemail", "Do not leave a voicemail"));
    told.push(one(rules.text_message_safe, "You may send a text", "Do not send a text"));
    told.push(one(rules.email_safe, "You may send an e-mail", "Do not send an e-mail"));
    told.push(match &rules.code_word {
        Some(word) => Rule { text: format!("Code word: {word}"), warns: false },
        None => Rule { text: "No code word is agreed".into(), warns: false },
    });
    told.extend(
        rules
            .interpreter_language
            .iter()
            .map(|language| Rule { text: format!("Interpreter: {language}"), warns: false }),
    );
    told
}

/// "Monday and Friday, 09:00 to 12:00".
fn hours(hours: &SafeHours) -> String {
    let days: Vec<Day> = Day::ALL.iter().copied().filter(|day| hours.days.contains(day)).collect();
    let named = match days.as_slice() {
        all if all.len() == 7 => "every day".to_owned(),
        [Day::Monday, .., Day::Friday] if days.len() == 5 => "Monday to Friday".to_owned(),
        all => {
            let names: Vec<String> = all.iter().map(|day| label(day.as_str())).collect();
            names.join(", ")
        }
    };
    format!("{named}, {} to {}", hours.from, hours.until)
}

/// The page of who they are, with what went wrong about asking for a number.
///
/// # Errors
/// When the database fails.
pub async fn show_who(page: &Page, place: Place, who: Who, reason: &str, form: Form) -> Answer {
    let today = page.now.date();
    let read = |conn: &mut db::Conn| db::reference::codes(conn, Some("contact_override_reason"));
    let codes = page.app.db.read(&page.actor, read).await?;
    let Who { people, safe_contact } = who;
    let shown = Shown {
        page,
        form: form.clone(),
        place,
        people,
        rules: rules(&safe_contact),
        reason: reason.to_owned(),
        reachable: safe_contact.has_telephone || safe_contact.has_email,
        may: may(safe_contact.safe_hours.as_deref(), page.now),
        reasons: super::reasons::options(&codes, "contact_override_reason", today),
    };
    page.show_form(&form, &shown)
}

/// The page with the number.
///
/// # Errors
/// When the template fails.
pub fn show_reached(page: &Page, place: Place, contact: Contact) -> Answer {
    let rules = rules(&contact.safe_contact);
    page.show(&Reached { page, place, contact, rules })
}

/// Why somebody wants a number, from a form.
///
/// # Errors
/// [`AppError::Invalid`] without a reason.
pub fn ask(posted: &Posted) -> Result<Ask, AppError> {
    let reason = posted.some("reason").ok_or_else(|| missing("reason", "Select why you need to see this"))?;
    let note = posted.some("outside_hours_note");
    if note.as_ref().is_some_and(|note| note.chars().count() > 500) {
        return Err(missing("outside_hours_note", "Write less: 500 letters at most"));
    }
    Ok(Ask {
        reason,
        rules_read: posted.has("rules_read"),
        outside_hours_reason: posted.some("outside_hours_reason"),
        outside_hours_note: note,
    })
}

impl Shown<'_> {
    fn unknown(&self) -> bool {
        self.may == May::Unknown
    }

    /// Where the call is put off, while it is not safe.
    fn later(&self) -> Option<&str> {
        let waits = matches!(self.may, May::No { next_safe_at: Some(_) });
        self.place.call_back.as_deref().filter(|_| waits)
    }

    /// When it is safe again, in words, while it is not.
    fn not_before(&self) -> Option<String> {
        let May::No { next_safe_at } = self.may else { return None };
        let moment = |at: At| {
            format!("It is safe again {} from {}.", on(day_from(at.date(), self.page.now.date())), clock_time(at))
        };
        Some(next_safe_at.map_or_else(|| "No safe hour is written down.".to_owned(), moment))
    }
}

/// "on Friday 3 April"; "today" stays.
fn on(day: String) -> String {
    if ["today", "tomorrow"].contains(&day.as_str()) { day } else { format!("on {day}") }
}
