//! Who they are, and where: what the vault keeps. Nothing here is ever printed, logged or stored unsealed.

use std::fmt;

use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::contact::SafeHours;
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
    /// When it is safe. Absent while nobody knows.
    #[garde(length(min = 1, max = 14), dive)]
    #[schema(min_items = 1, max_items = 14)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safe_hours: Option<Vec<SafeHours>>,
    /// The same in her words: "weekdays after 9, never at weekends".
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

/// Who they are, and the rules by which they are reached: without a number or an address to reach them at.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Who {
    pub people: Vec<Person>,
    pub safe_contact: ContactRules,
}

/// What has to be known before somebody is reached. Anything that is not said to be safe is not.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactRules {
    pub voicemail_safe: bool,
    pub text_message_safe: bool,
    pub email_safe: bool,
    /// When it is safe. Absent while nobody knows: then ask before anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safe_hours: Option<Vec<SafeHours>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safe_times: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_word: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interpreter_language: Option<String>,
    /// Whether there is a number to ask for.
    pub has_telephone: bool,
    pub has_email: bool,
}

/// Where somebody is reached, by these rules.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telephone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    pub safe_contact: ContactRules,
}

impl SafeContact {
    fn rules(&self) -> ContactRules {
        ContactRules {
            voicemail_safe: self.voicemail_safe,
            text_message_safe: self.text_message_safe,
            email_safe: self.email_safe,
            safe_hours: self.safe_hours.clone(),
            safe_times: self.safe_times.clone(),
            code_word: self.code_word.clone(),
            interpreter_language: self.interpreter_language.clone(),
            has_telephone: self.telephone.is_some(),
            has_email: self.email.is_some(),
        }
    }
}

impl Identity {
    pub fn who(&self) -> Who {
        Who { people: self.people.clone(), safe_contact: self.safe_contact.rules() }
    }

    pub fn contact(&self) -> Contact {
        let SafeContact { telephone, email, .. } = self.safe_contact.clone();
        Contact { telephone, email, safe_contact: self.safe_contact.rules() }
    }
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
redacted!(Identity, Person, SafeContact, Who, ContactRules, Contact, SafeHours, Address);
