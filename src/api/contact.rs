//! `/cases/{id}/contact-disclosures`: where a household is reached, after the rules, in the hours that are safe.

use actix_web::{HttpResponse, post, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, Once, Path};
use super::problem::Problems;
use crate::actions;
use crate::actions::contact::Ask;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::domain::identity::Contact;
use crate::error::AppError;
use crate::ids::{CaseId, ReferralId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(disclose).service(disclose_accepted).service(call_back).service(call_back_accepted);
}

/// Why somebody has to be reached, and why now.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct ContactDisclosure {
    /// Of the list `disclosure_reason`.
    #[garde(length(chars, min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    reason: String,
    /// That you have read the rules. Needed while nobody knows the safe hours.
    #[serde(default)]
    rules_read: bool,
    /// Of the list `contact_override_reason`: why it cannot wait for a safe hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 60)))]
    #[schema(min_length = 1, max_length = 60)]
    outside_hours_reason: Option<String>,
    /// With the reason `other`: a sentence. It is sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 500)))]
    #[schema(min_length = 1, max_length = 500)]
    outside_hours_note: Option<String>,
}

impl From<ContactDisclosure> for Ask {
    fn from(body: ContactDisclosure) -> Self {
        let ContactDisclosure { reason, rules_read, outside_hours_reason, outside_hours_note } = body;
        Self { reason, rules_read, outside_hours_reason, outside_hours_note }
    }
}

/// Read where the household of your case is reached. Outside the safe hours it is refused with `next_safe_at`, unless you
/// say why it cannot wait. The password must have been given within the last five minutes.
#[utoipa::path(
    tag = "cases",
    operation_id = "disclose_contact",
    security(("token" = [])),
    params(("id" = CaseId, Path)),
    request_body = ContactDisclosure,
    responses((status = 200, body = Contact), Problems)
)]
#[post("/cases/{id}/contact-disclosures")]
pub async fn disclose(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Body(body): Body<ContactDisclosure>,
) -> Result<web::Json<Contact>, AppError> {
    let ask = Ask::from(body);
    let contact = app.db.write(&actor, move |tx| actions::contact::disclose(tx, id, &ask)).await?;
    Ok(web::Json(contact))
}

/// Read where the household is reached that your service has accepted, in the same way.
#[utoipa::path(
    tag = "referrals",
    operation_id = "disclose_accepted_contact",
    security(("token" = [])),
    params(("id" = ReferralId, Path)),
    request_body = ContactDisclosure,
    responses((status = 200, body = Contact), Problems)
)]
#[post("/referrals/{id}/contact-disclosures")]
pub async fn disclose_accepted(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    Body(body): Body<ContactDisclosure>,
) -> Result<web::Json<Contact>, AppError> {
    let ask = Ask::from(body);
    let contact = app.db.write(&actor, move |tx| actions::contact::disclose_accepted(tx, id, &ask)).await?;
    Ok(web::Json(contact))
}

/// A call that is put off until it is safe.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct CallBack {
    /// When the task is due: the next time that it is safe, or now.
    due_at: At,
}

impl From<actions::contact::CallBack> for CallBack {
    fn from(put_off: actions::contact::CallBack) -> Self {
        Self { due_at: put_off.due_at }
    }
}

/// Put a call to the household off until it is safe: a task for the worker of the case.
#[utoipa::path(
    tag = "cases",
    security(("token" = [])),
    params(("id" = CaseId, Path), Once),
    responses((status = 201, body = CallBack), Problems)
)]
#[post("/cases/{id}/call-backs")]
pub async fn call_back(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&())?;
    let put_off = app.db.write_once(&actor, key, move |tx| actions::contact::call_back(tx, id)).await?;
    Ok(HttpResponse::Created().json(CallBack::from(put_off)))
}

/// The same for the household that your service has accepted: a task for you.
#[utoipa::path(
    tag = "referrals",
    security(("token" = [])),
    params(("id" = ReferralId, Path), Once),
    responses((status = 201, body = CallBack), Problems)
)]
#[post("/referrals/{id}/call-backs")]
pub async fn call_back_accepted(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&())?;
    let put_off = app.db.write_once(&actor, key, move |tx| actions::contact::call_back_accepted(tx, id)).await?;
    Ok(HttpResponse::Created().json(CallBack::from(put_off)))
}
