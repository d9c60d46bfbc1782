//! What people decide about their mail, and about the queue of it.

use crate::audit::{Change, Did, Event};
use crate::db::Tx;
use crate::db::mail::{self, Chosen, Mail};
use crate::domain::Refusal;
use crate::domain::mail::{Choices, Problem, State};
use crate::error::{AppError, FieldError, Part};
use crate::ids::MailId;

/// Chooses what mail one wants, and when.
///
/// # Errors
/// [`AppError::Invalid`] for a topic that is essential, or named twice, and for quiet hours without a length;
/// [`AppError::Stale`].
pub fn choose(tx: &mut Tx, version: i32, choices: &Choices) -> Result<Change<Chosen>, AppError> {
    let mut wrong = Vec::new();
    let mut note = |pointer: String, code: &str, message: &str| {
        wrong.push(FieldError {
            pointer,
            r#in: Part::Body,
            code: code.into(),
            message: message.into(),
            found: Vec::new(),
        });
    };
    for (place, topic) in choices.unwanted.iter().enumerate() {
        if topic.essential() {
            note(format!("/unwanted/{place}"), "essential", "mail about this keeps accounts safe: it always comes");
        } else if choices.unwanted[..place].contains(topic) {
            note(format!("/unwanted/{place}"), "repeated", "this is named already");
        }
    }
    if choices.quiet_hours.is_some_and(|hours| hours.from == hours.until) {
        note("/quiet_hours/until".into(), "empty", "quiet hours end at another time than they begin");
    }
    if !wrong.is_empty() {
        return Err(AppError::Invalid(wrong));
    }
    let account = tx.actor().account;
    let before = mail::choices(tx, account)?.choices;
    let chosen = mail::choose(tx, account, version, choices)?;
    let fields = super::changed([
        ("unwanted", before.unwanted != choices.unwanted),
        ("quiet_hours", before.quiet_hours != choices.quiet_hours),
    ]);
    Ok(Change::new(chosen, Event::new(Did::MailChoicesChanged, account.0).fields(fields)))
}

/// Gives up a message that was tried in vain.
///
/// # Errors
/// [`AppError::NotFound`] when it is in other hands by now.
pub fn give_up(tx: &mut Tx, id: MailId, attempts: i32, problem: Problem) -> Result<Change<()>, AppError> {
    if !mail::give_up(tx, id, attempts, problem)? {
        return Err(AppError::NotFound);
    }
    Ok(Change::new((), Event::new(Did::MailGivenUp, id.0).because(problem.as_str())))
}

/// Has a message tried again that was given up.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when it was not given up.
pub fn retry(tx: &mut Tx, id: MailId) -> Result<Change<Mail>, AppError> {
    let state = mail::find(tx, id)?.state;
    if state != State::GivenUp {
        return Err(AppError::refused(id.0)(Refusal::MailNotGivenUp { state }));
    }
    let mail = mail::put_back(tx, id)?;
    Ok(Change::new(mail, Event::new(Did::MailRetried, id.0)))
}

/// So many messages are put back into the queue in one go.
const AT_ONCE: i64 = 500;

/// Has everything tried again that was given up, as after a night without a mail server; gives back how much that was.
///
/// # Errors
/// [`AppError::Refused`] when there is nothing.
pub fn retry_all(tx: &mut Tx) -> Result<Change<usize>, AppError> {
    let mut events = Vec::new();
    for listed in mail::page(tx, Some(State::GivenUp), None, AT_ONCE)? {
        mail::put_back(tx, listed.mail.id)?;
        events.push(Event::new(Did::MailRetried, listed.mail.id.0));
    }
    let account = tx.actor().account;
    Change::of_all(events.len(), events).map_err(|_| AppError::refused(account.0)(Refusal::NoMailGivenUp))
}
