//! Links that people are sent by mail: good once, and not for long. (S26)

use chrono::TimeDelta;

use super::words;

words! {
    /// What a link lets its holder do.
    Purpose { Invitation = "invitation", PasswordReset = "password_reset" }
}

impl Purpose {
    /// How long a link is good for.
    pub fn lasts(self) -> TimeDelta {
        match self {
            Self::Invitation => TimeDelta::days(3),
            Self::PasswordReset => TimeDelta::hours(1),
        }
    }
}
