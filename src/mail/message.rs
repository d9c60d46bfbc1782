//! From a letter to the message that goes out: text, and the same text as HTML.

use askama::Template;
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};

use super::{Letter, Words};
use crate::domain::mail::Problem;

#[derive(Template)]
#[template(path = "mail/message.txt")]
struct Text<'a> {
    words: &'a Words,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "mail/message.html")]
struct Html<'a> {
    words: &'a Words,
    link: &'a str,
}

/// # Errors
/// [`Problem::BadAddress`].
pub(super) fn write(letter: &Letter, from: &Mailbox) -> Result<Message, Problem> {
    let to: Mailbox = letter.to.parse().map_err(|_| Problem::BadAddress)?;
    let words = Words::of(letter.topic);
    let (words, link) = (&words, letter.link.as_str());
    let text = Text { words, link }.render().map_err(|_| Problem::BadAddress)?;
    let html = Html { words, link }.render().map_err(|_| Problem::BadAddress)?;
    // No answer of a machine is wanted: it would tell a stranger who is away.
    let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into());
    Message::builder()
        .from(from.clone())
        .to(to)
        .subject(words.subject)
        .date(letter.date.utc().into())
        .message_id(Some(letter.message_id.clone()))
        .raw_header(automatic)
        .multipart(MultiPart::alternative_plain_html(text, html))
        .map_err(|_| Problem::BadAddress)
}
