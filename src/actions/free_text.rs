//! Text that leaves the organisation: looked through for what could tell who or where somebody is. (S11)

use crate::audit::{Did, Event};
use crate::domain::scan::{Detail, kinds, scan};
use crate::error::{AppError, FieldError, Part};
use crate::ids::ReferralId;

/// Text for another organisation, and what of it its sender has looked at and says is safe to send.
#[derive(Debug, Clone, Default)]
pub struct Outgoing {
    /// The pointer of its field.
    pub field: &'static str,
    pub text: String,
    pub confirmed: Vec<Detail>,
}

impl Outgoing {
    /// In the field `/note`.
    pub fn note(text: String, confirmed: Vec<Detail>) -> Self {
        Self { field: "/note", text, confirmed }
    }

    /// What has to be recorded when it is sent: nothing, or that its sender confirmed something.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with everything that was found, when anything was that is not confirmed.
    pub fn checked(&self, referral: ReferralId) -> Result<Option<Event>, AppError> {
        let found = scan(&self.text);
        let kinds = kinds(&found);
        let open: Vec<Detail> = kinds.iter().copied().filter(|kind| !self.confirmed.contains(kind)).collect();
        if !open.is_empty() {
            let named: Vec<&str> = open.iter().map(|kind| kind.named()).collect();
            let message =
                format!("this looks like {}: take it out, or confirm that it is safe to send", named.join(" and "));
            return Err(AppError::Invalid(vec![FieldError {
                pointer: self.field.to_owned(),
                r#in: Part::Body,
                code: "personal_details".into(),
                message,
                found,
            }]));
        }
        let told: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        let event = || {
            let field = self.field.trim_start_matches('/');
            Event::new(Did::PersonalDetailsConfirmed, referral.0).fields([field]).because(&told.join(" "))
        };
        Ok((!told.is_empty()).then(event))
    }
}

/// What of a short text should not be there at all: a language or a kind of animal has no telephone number.
pub(super) fn stray(pointer: String, text: &str) -> Option<FieldError> {
    let found = scan(text);
    let named: Vec<&str> = kinds(&found).iter().map(|kind| kind.named()).collect();
    (!found.is_empty()).then(|| FieldError {
        pointer,
        r#in: Part::Body,
        code: "personal_details".into(),
        message: format!("this looks like {}: take it out", named.join(" and ")),
        found,
    })
}
