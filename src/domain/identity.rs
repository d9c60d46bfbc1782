//! Who they are, and where: what the vault keeps. Nothing here is ever printed, logged or stored unsealed.

use std::fmt;

use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::within_reach;

/// A household's identity.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Identity {
    #[garde(length(min = 1, max = 20), dive)]
    #[schema(min_items = 1, max_items = 20)]
    pub people: Vec<Person>,
    #[serde(default)]
    #[garde(dive)]
    pub safe_contact: SafeContact,
}

/// One person of the household.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Person {
    #[garde(length(chars, min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120)]
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(within_reach)))]
    pub date_of_birth: Option<NaiveDate>,
}

/// How, and how not, to reach the survivor. Anything that is not said to be safe is not.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
pub struct SafeContact {
    #[garde(length(chars, max = 40))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telephone: Option<String>,
    pub voicemail_safe: bool,
    pub text_message_safe: bool,
    #[garde(length(chars, max = 254))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    pub email_safe: bool,
    /// When it is safe, in her words: "weekdays after 9, never at weekends".
    #[garde(length(chars, max = 200))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safe_times: Option<String>,
    #[garde(length(chars, max = 60))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_word: Option<String>,
    #[garde(length(chars, max = 60))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interpreter_language: Option<String>,
}

/// Where a unit is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Address {
    #[garde(length(min = 1, max = 6), inner(length(chars, min = 1, max = 120)))]
    #[schema(min_items = 1, max_items = 6)]
    pub lines: Vec<String>,
    #[garde(length(chars, min = 5, max = 8))]
    #[schema(min_length = 5, max_length = 8)]
    pub postcode: String,
    /// How to get in: the side door, the bell, whom to ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 500))]
    #[schema(max_length = 500)]
    pub directions: Option<String>,
}

macro_rules! redacted {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}
redacted!(Identity, Person, SafeContact, Address);
