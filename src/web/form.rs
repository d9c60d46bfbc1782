//! What a form carries between a browser and a template: what was typed, and what is wrong with it. The words of a form
//! stand in its template.
//!
//! A field is named like the JSON pointer of the same field in the API, without the first slash: so the errors of an
//! action find their fields.

use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use chrono::{Datelike, NaiveDate};
use std::future::{Ready, ready};

use crate::app::App;
use crate::db::IdempotencyKey;
use crate::error::{AppError, FieldError};

/// The name of the field that proves that a form is ours.
pub const CSRF: &str = "csrf";
/// The name of the field that says: show this again, do not do it.
pub const REVIEW: &str = "review";

/// A form as it was sent. The gate has checked that it is ours.
#[derive(Clone)]
pub struct Posted {
    pairs: Vec<(String, String)>,
    /// The whole body: what a browser would send again.
    pub body: String,
    path: String,
}

impl Posted {
    pub fn new(path: &str, body: String) -> Self {
        let pairs = form_urlencoded::parse(body.as_bytes());
        let pairs = pairs.map(|(name, value)| (name.into_owned(), value.replace('\0', "")));
        Self { pairs: pairs.collect(), path: path.to_owned(), body }
    }

    /// What was typed into this field, without spaces around it. Empty when nothing was.
    pub fn get(&self, name: &str) -> &str {
        last(&self.pairs, name)
    }

    /// The same, or nothing.
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Every box that was ticked.
    pub fn all(&self, name: &str) -> Vec<String> {
        let ticked = self.pairs.iter().filter(|(known, value)| known == name && !value.is_empty());
        ticked.map(|(_, value)| value.clone()).collect()
    }

    pub fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(known, _)| known == name)
    }

    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// A number, a word of a list, an id: whatever can be read from text.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with this message when it cannot.
    pub fn parse<T: FromStr>(&self, name: &str, message: &str) -> Result<T, AppError> {
        self.get(name).parse().map_err(|_| missing(name, message))
    }

    /// The same where nothing is an answer too.
    ///
    /// # Errors
    /// As [`Posted::parse`].
    pub fn maybe<T: FromStr>(&self, name: &str, message: &str) -> Result<Option<T>, AppError> {
        if self.get(name).is_empty() { Ok(None) } else { self.parse(name, message).map(Some) }
    }

    /// A day, from three boxes: `NAME-day`, `NAME-month`, `NAME-year`. `None` when all are empty.
    ///
    /// # Errors
    /// [`AppError::Invalid`] when there is no such day.
    pub fn date(&self, name: &str) -> Result<Option<NaiveDate>, AppError> {
        let parts = ["day", "month", "year"].map(|part| self.get(&format!("{name}-{part}")));
        if parts.iter().all(|part| part.is_empty()) {
            return Ok(None);
        }
        let message = "Enter a real date, like 27 11 2026";
        let read = || {
            let (day, month, year) = (parts[0].parse().ok()?, parts[1].parse().ok()?, parts[2].parse().ok()?);
            NaiveDate::from_ymd_opt(year, month, day).filter(|date| (1900..=2999).contains(&date.year()))
        };
        read().map(Some).ok_or_else(|| missing(name, message))
    }

    /// Whether the sender wants to see it again before it is sent in earnest.
    pub fn reviewing(&self) -> bool {
        self.has(REVIEW)
    }

    /// The name of this request: the same form sent twice is done once, and given the first answer twice.
    pub fn once(&self, app: &App) -> IdempotencyKey {
        let digest = |kind: &str| app.keys.token.digest(kind, &format!("{} {}", self.path, self.body));
        IdempotencyKey { key: BASE64.encode(digest("form")), fingerprint: digest("form content") }
    }
}

impl FromRequest for Posted {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let posted = request.extensions().get::<Self>().cloned();
        ready(posted.ok_or_else(|| AppError::internal("a form that the gate has not seen")))
    }
}

/// A field that is not there, or does not read as what it has to be.
pub fn missing(name: &str, message: &str) -> AppError {
    AppError::body(&format!("/{name}"), "required", &message)
}

/// Everything that is wrong, not only the first.
#[derive(Default)]
pub struct Wrong(Vec<FieldError>);

impl Wrong {
    /// The value, or nothing, with a note of what is wrong.
    ///
    /// # Errors
    /// Whatever is not about a field.
    pub fn take<T>(&mut self, outcome: Result<T, AppError>) -> Result<Option<T>, AppError> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(AppError::Invalid(fields)) => {
                self.0.extend(fields);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    pub fn note(&mut self, name: &str, message: &str) {
        if let AppError::Invalid(fields) = missing(name, message) {
            self.0.extend(fields);
        }
    }

    /// # Errors
    /// [`AppError::Invalid`] when anything was noted.
    pub fn check(self) -> Result<(), AppError> {
        if self.0.is_empty() { Ok(()) } else { Err(AppError::Invalid(self.0)) }
    }
}

/// The fields of a form as a template shows them.
#[derive(Debug, Clone, Default)]
pub struct Form {
    values: Vec<(String, String)>,
    /// By field; one without a field is about the whole form.
    errors: Vec<(String, String)>,
    /// Given back after a sign-in, unsent.
    pub reviewed: bool,
}

impl Form {
    pub fn new() -> Self {
        Self::default()
    }

    /// With a value in a field. Several values of one field are ticked boxes.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "a number and a text are both given as they are")]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.values.push((name.to_owned(), value.to_string()));
        self
    }

    /// The same, if there is a value.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// With a day in its three boxes.
    #[must_use]
    pub fn with_date(self, name: &str, date: Option<NaiveDate>) -> Self {
        let Some(date) = date else { return self };
        self.with(&format!("{name}-day"), date.day())
            .with(&format!("{name}-month"), date.month())
            .with(&format!("{name}-year"), date.year())
    }

    /// As it was typed.
    pub fn of(posted: &Posted) -> Self {
        Self { values: posted.pairs.clone(), errors: Vec::new(), reviewed: posted.reviewing() }
    }

    /// With what is wrong about these fields.
    #[must_use]
    pub fn wrong(mut self, fields: Vec<FieldError>) -> Self {
        self.errors.extend(fields.into_iter().map(|field| {
            let name = field.pointer.trim_start_matches('/').to_owned();
            (name, sentence(&field.message))
        }));
        self
    }

    /// With what is wrong about all of it.
    #[must_use]
    pub fn refused(mut self, message: &str) -> Self {
        self.errors.push((String::new(), sentence(message)));
        self
    }

    /// After a refusal, with the version that there is now: who has been told that somebody else was faster may go on.
    #[must_use]
    pub fn renewed(self, version: i32) -> Self {
        if self.error("").is_some() { self.with("version", version) } else { self }
    }

    /// With the errors of another.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.errors.extend(other.errors);
        self
    }

    /// Without anything that was typed: a password is not sent back.
    #[must_use]
    pub fn without_values(mut self) -> Self {
        self.values.clear();
        self
    }

    pub fn value(&self, name: &str) -> &str {
        last(&self.values, name)
    }

    /// As a browser sends it when nothing is changed.
    pub fn sent(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.values).finish()
    }

    /// Every value of a field that is not empty.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let given = self.values.iter().filter(|(known, value)| known == name && !value.is_empty());
        given.map(|(_, value)| value.as_str()).collect()
    }

    /// The fields in which something stands or is wrong.
    pub fn touched(&self) -> impl Iterator<Item = &str> {
        let filled = self.values.iter().filter(|(_, value)| !value.is_empty());
        filled.chain(&self.errors).map(|(name, _)| name.as_str())
    }

    /// Whether this box is ticked.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.values.iter().any(|(known, ticked)| known == name && ticked == value)
    }

    pub fn error(&self, name: &str) -> Option<&str> {
        self.errors.iter().find(|(known, _)| known == name).map(|(_, message)| message.as_str())
    }

    /// Each message once, with the id of the box that it is about.
    pub fn errors(&self) -> Vec<(String, &str)> {
        let mut shown: Vec<(String, &str)> = Vec::new();
        for (name, message) in &self.errors {
            if !shown.iter().any(|(id, known)| *id == Self::id(name) && *known == message.as_str()) {
                shown.push((Self::id(name), message));
            }
        }
        shown
    }

    pub fn any_wrong(&self) -> bool {
        !self.errors.is_empty()
    }

    /// The id of the first box of a field.
    pub fn id(name: &str) -> String {
        name.replace('/', "-")
    }
}

fn last<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().rev().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
}

/// With a capital letter, as a message beside a field begins.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(body: &str) -> Posted {
        Posted::new("/x", body.to_owned())
    }

    #[test]
    fn a_form_comes_back_as_it_was_typed() {
        let posted = posted("a=+two+&b=1&b=2&c=x%00y");
        assert_eq!((posted.get("a"), posted.get("c"), posted.get("d")), ("two", "xy", ""));
        let form = Form::of(&posted).wrong(vec![]).refused("the unit is taken");
        assert!(form.has("b", "1") && form.has("b", "2") && !form.has("b", "3"));
        assert_eq!(form.errors(), [(String::new(), "The unit is taken")]);
    }

    #[test]
    fn a_day_is_read_from_three_boxes() {
        let day = |body: &str| posted(body).date("on");
        assert_eq!(day("").unwrap(), None);
        assert_eq!(day("on-day=1&on-month=2&on-year=2026").unwrap(), NaiveDate::from_ymd_opt(2026, 2, 1));
        for wrong in ["on-day=31&on-month=2&on-year=2026", "on-day=1", "on-day=1&on-month=2&on-year=26"] {
            assert!(matches!(day(wrong), Err(AppError::Invalid(fields)) if fields[0].pointer == "/on"), "{wrong}");
        }
    }
}
