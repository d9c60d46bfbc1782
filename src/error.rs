//! Everything that can go wrong with a request, once.

use serde::{Deserialize, Serialize};
use serde_path_to_error::Segment;
use thiserror::Error;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::audit::Event;
use crate::domain::Refusal;
use crate::domain::scan::Found;

#[derive(Debug, Error)]
pub enum AppError {
    #[error("sign in first")]
    Unauthenticated,
    /// The password has to be given again: what was asked for is too dangerous for a session left open.
    #[error("give your password again, then repeat this within five minutes")]
    Reauthenticate,
    /// The password was right, and the code that goes with it has not come.
    #[error("finish signing in: give the code from your phone, or set one up")]
    SecondFactorRequired,
    #[error("this code is not right, or it was used before")]
    WrongCode,
    #[error("the e-mail address or the password is not right")]
    WrongCredentials,
    #[error("too many attempts; wait a while")]
    Throttled { seconds: i64 },
    /// Somebody has read or taken out more within an hour than one person needs.
    #[error("you have opened very much in a short time; wait a while, and ask your manager if you need more")]
    Slowed { seconds: i64 },
    #[error("your role does not allow this")]
    Forbidden,
    /// Also the answer for what exists but is not the caller's to see.
    #[error("there is no such thing")]
    NotFound,
    #[error("this path answers to {}", allow.join(" and "))]
    MethodNotAllowed { allow: Vec<&'static str> },
    #[error("the body of a request is at most {} KiB long", crate::app::BODY_LIMIT / 1024)]
    TooLarge,
    #[error("the request is not valid")]
    Invalid(Vec<FieldError>),
    #[error("{refusal}")]
    Refused { refusal: Refusal, object: Uuid },
    #[error("it has changed since you read it")]
    Stale { current_version: i32 },
    /// Another writer got in between. `Db::write` tries again; what is left after its last attempt is the caller's to retry.
    #[error("too many people are writing this at once")]
    Contended,
    #[error("the database cannot be reached")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("something went wrong on our side")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// A JSON pointer into that part of the request: `/bed_spaces`.
    pub pointer: String,
    pub r#in: Part,
    /// Stable, for programs.
    pub code: String,
    /// Plain words, for people.
    pub message: String,
    /// With `personal_details`: what looks like one, and where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<Found>,
}

/// The part of a request that a field is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Body,
    Header,
    Path,
    Query,
}

/// The JSON pointer to the place where reading failed: `/members/0/age`.
pub fn pointer(path: &serde_path_to_error::Path) -> String {
    let part = |segment: &Segment| match segment {
        Segment::Unknown => None,
        Segment::Seq { index } => Some(format!("/{index}")),
        named => Some(format!("/{named}")),
    };
    path.iter().filter_map(part).collect()
}

impl AppError {
    /// A single wrong field.
    pub fn field(r#in: Part, pointer: &str, code: &str, message: &dyn ToString) -> Self {
        Self::Invalid(vec![FieldError {
            pointer: pointer.into(),
            r#in,
            code: code.into(),
            message: message.to_string(),
            found: Vec::new(),
        }])
    }

    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    /// A single wrong field of the body.
    pub fn body(pointer: &str, code: &str, message: &dyn ToString) -> Self {
        Self::field(Part::Body, pointer, code, message)
    }

    /// Every field that breaks a rule of its type, below `place`.
    pub fn out_of_range(r#in: Part, place: &str, report: &garde::Report) -> Self {
        let mut fields: Vec<_> = report
            .iter()
            .map(|(path, error)| FieldError {
                pointer: format!("{place}/{}", path.to_string().replace(['.', '['], "/").replace(']', "")),
                r#in,
                code: "out_of_range".into(),
                message: error.to_string(),
                found: Vec::new(),
            })
            .collect();
        fields.sort_by(|a, b| a.pointer.cmp(&b.pointer));
        Self::Invalid(fields)
    }

    /// What is refused, and what it is about.
    pub fn refused(object: Uuid) -> impl Fn(Refusal) -> Self {
        move |refusal| Self::Refused { refusal, object }
    }

    /// What the audit has to know of this error although its transaction is rolled back: a refusal, also one that looks
    /// as if there were nothing to refuse.
    pub fn event(&self, object: Uuid) -> Option<Event> {
        match self {
            Self::Refused { refusal, object } => Some(Event::refused(refusal.code(), *object)),
            Self::Forbidden => Some(Event::refused("forbidden", object)),
            Self::NotFound => Some(Event::refused("not_found", object)),
            Self::Reauthenticate => Some(Event::refused("reauthenticate", object)),
            Self::SecondFactorRequired => Some(Event::refused("second_factor_required", object)),
            Self::Slowed { .. } => Some(Event::refused("slowed", object)),
            _ => None,
        }
    }
}
