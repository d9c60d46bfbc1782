//! Why access was denied: the primary reason, and who decided it.

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words;

words! {
    /// Whose decision a denial was.
    DecidedBy { Provider = "provider", Survivor = "survivor", Referrer = "referrer", System = "system" }
}

words! {
    /// How a case ended.
    Outcome {
        Placed = "placed",
        NotPlaced = "not_placed",
        /// Their own home was made safe: they have safe accommodation and needed no place.
        Sanctuary = "sanctuary",
    }
}

/// A coded reason as the reference list `denial_reason` holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DenialReason {
    /// Who can decide for this reason.
    pub decided_by: Vec<DecidedBy>,
    /// The group in the annual reports of Women's Aid.
    pub womens_aid: String,
    /// The group in the national return.
    pub return_group: String,
}

/// The reasons that somebody gives for an ending. A primary one always, others beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Reasons {
    /// Of the list `denial_reason`.
    #[garde(length(chars, min = 1, max = 60))]
    pub primary_reason: String,
    #[serde(default)]
    #[garde(length(max = 10))]
    #[schema(max_items = 10)]
    pub secondary_reasons: Vec<String>,
    /// Whose decision it was. May be left out where the reason allows only one answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<DecidedBy>,
}

/// Who decided, when somebody says so or the reason leaves no choice.
///
/// # Errors
/// What is wrong with the answer, in plain words.
pub fn decided_by(reason: &DenialReason, said: Option<DecidedBy>) -> Result<DecidedBy, String> {
    let possible = || reason.decided_by.iter().map(|who| who.as_str()).collect::<Vec<_>>().join(" or ");
    match (said, reason.decided_by.as_slice()) {
        (Some(who), allowed) if allowed.contains(&who) => Ok(who),
        (Some(_), _) => Err(format!("this reason is decided by the {}", possible())),
        (None, &[only]) => Ok(only),
        (None, _) => Err(format!("say who decided: {}", possible())),
    }
}
