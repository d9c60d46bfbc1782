//! How the place would be paid for.

use serde_json::{Map, Value};

use super::word;
use crate::domain::household::Needs;
use crate::web::form::{Form, Posted};

pub fn begun(needs: &Needs) -> bool {
    let fresh = Needs::default();
    needs.recourse_to_public_funds != fresh.recourse_to_public_funds || needs.funding != fresh.funding
}

/// The form with what is known.
pub fn form_of(needs: &Needs) -> Form {
    Form::new()
        .with("recourse_to_public_funds", needs.recourse_to_public_funds.as_str())
        .with_some("immigration_status", needs.immigration_status.as_ref())
        .with("concession", needs.concession.as_str())
        .with("funding", needs.funding.as_str())
}

/// The fields of the needs profile that this form replaces.
pub fn needs_of(posted: &Posted) -> Map<String, Value> {
    let names = ["recourse_to_public_funds", "immigration_status", "concession", "funding"];
    names.into_iter().map(|name| (name.to_owned(), word(posted, name))).collect()
}
