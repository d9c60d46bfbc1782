//! Equality monitoring of the survivor.

use serde_json::{Map, Value, json};

use super::word;
use crate::domain::household::Needs;
use crate::error::AppError;
use crate::web::form::{Form, Posted, missing};

/// The form with what is known.
pub fn form_of(needs: &Needs) -> Form {
    let monitoring = &needs.monitoring;
    let impaired = monitoring.impairments.as_ref().map(|all| if all.is_empty() { "no" } else { "yes" });
    let form = Form::new()
        .with_some("ethnic_group", monitoring.ethnic_group.as_ref())
        .with_some("sexual_orientation", monitoring.sexual_orientation.as_ref())
        .with_some("religion", monitoring.religion.as_ref())
        .with_some("employment", monitoring.employment.as_ref())
        .with_some("prior_housing", monitoring.prior_housing.as_ref())
        .with_some("impaired", impaired);
    monitoring.impairments.iter().flatten().fold(form, |form, code| form.with("impairments", code))
}

/// The fields of the needs profile that this form replaces.
///
/// # Errors
/// [`AppError::Invalid`] when somebody is disabled and nothing says how.
pub fn needs_of(posted: &Posted) -> Result<Map<String, Value>, AppError> {
    let mut monitoring = Map::new();
    for name in ["ethnic_group", "sexual_orientation", "religion", "employment", "prior_housing"] {
        if !posted.get(name).is_empty() {
            monitoring.insert(name.into(), word(posted, name));
        }
    }
    let ticked = posted.all("impairments");
    if !ticked.is_empty() {
        monitoring.insert("impairments".into(), json!(ticked));
    } else if posted.get("impaired") == "no" {
        monitoring.insert("impairments".into(), json!([]));
    } else if posted.get("impaired") == "yes" {
        return Err(missing("impairments", "Select what is hard, or that it is not known"));
    }
    Ok(Map::from_iter([("monitoring".to_owned(), Value::Object(monitoring))]))
}
