//! What becomes of a referral: acceptance, an ending without a place, and what acceptance releases.

use actix_web::{post, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::view::{Referral, told};
use crate::actions;
use crate::actions::free_text::Outgoing;
use crate::actions::referrals::Acceptance;
use crate::api::input::{Body, Once, Path};
use crate::api::problem::Problems;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::within_reach;
use crate::db::referrals::Side;
use crate::domain::reason::{DecidedBy, Reasons};
use crate::domain::scan::Detail;
use crate::error::AppError;
use crate::ids::{ReferralId, UnitId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(accept).service(decline).service(withdraw).service(revoke_address);
}

/// How a provider takes a household.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct AcceptReferral {
    /// Another unit of the same service than the one referred to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit_id: Option<UnitId>,
    /// The day on which the household is expected; today unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(within_reach)))]
    expected_on: Option<NaiveDate>,
    /// The day on which the stay is expected to end, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(within_reach)))]
    expected_end: Option<NaiveDate>,
}

/// Accept a referral: the unit is theirs, and the two sides may read each other's address and identity.
#[utoipa::path(
    tag = "referrals",
    security(("token" = [])),
    params(("id" = ReferralId, Path), Once),
    request_body = AcceptReferral,
    responses((status = 200, body = Referral), Problems)
)]
#[post("/referrals/{id}/accept")]
pub async fn accept(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    once: Once,
    Body(accept): Body<AcceptReferral>,
) -> Result<web::Json<Referral>, AppError> {
    let key = once.of(&accept)?;
    let AcceptReferral { unit_id: unit, expected_on, expected_end } = accept;
    let acceptance = Acceptance { unit, expected_on, expected_end };
    let referral = app
        .db
        .write_once(&actor, key, move |tx| {
            let change = actions::referrals::accept(tx, id, &acceptance)?;
            told(tx, id, change)
        })
        .await?;
    Ok(web::Json(referral))
}

/// Why a referral ends without a place.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Ending {
    /// Of the list `denial_reason`.
    #[garde(length(chars, min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    primary_reason: String,
    #[serde(default)]
    #[garde(length(max = 10))]
    #[schema(max_items = 10)]
    secondary_reasons: Vec<String>,
    /// Whose decision it was. May be left out where the reason allows only one answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decided_by: Option<DecidedBy>,
    /// For the other side. Leave out names, addresses and telephone numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 2000)))]
    #[schema(min_length = 1, max_length = 2000)]
    note: Option<String>,
    /// As with a question: what of the note you say is safe to send.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 4))]
    #[schema(max_items = 4)]
    confirmed: Vec<Detail>,
}

/// Decline a referral to your service, by your decision or by the survivor's.
#[utoipa::path(
    tag = "referrals",
    security(("token" = [])),
    params(("id" = ReferralId, Path), Once),
    request_body = Ending,
    responses((status = 200, body = Referral), Problems)
)]
#[post("/referrals/{id}/decline")]
pub async fn decline(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    once: Once,
    Body(ending): Body<Ending>,
) -> Result<web::Json<Referral>, AppError> {
    end(&app, &actor, id, Side::Provider, once, ending).await
}

/// Withdraw a referral of your case: by the survivor's decision, by yours, or because nothing came of it.
#[utoipa::path(
    tag = "referrals",
    security(("token" = [])),
    params(("id" = ReferralId, Path), Once),
    request_body = Ending,
    responses((status = 200, body = Referral), Problems)
)]
#[post("/referrals/{id}/withdraw")]
pub async fn withdraw(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    once: Once,
    Body(ending): Body<Ending>,
) -> Result<web::Json<Referral>, AppError> {
    end(&app, &actor, id, Side::Referrer, once, ending).await
}

async fn end(
    app: &App,
    actor: &Actor,
    id: ReferralId,
    by: Side,
    once: Once,
    ending: Ending,
) -> Result<web::Json<Referral>, AppError> {
    let key = once.of(&ending)?;
    let Ending { primary_reason, secondary_reasons, decided_by, note, confirmed } = ending;
    let note = note.map(|text| Outgoing::note(text, confirmed));
    let reasons = Reasons { primary_reason, secondary_reasons, decided_by };
    let referral = app
        .db
        .write_once(actor, key, move |tx| {
            let change = actions::referrals::end_without_place(tx, id, by, &reasons, note.as_ref())?;
            told(tx, id, change)
        })
        .await?;
    Ok(web::Json(referral))
}

/// End the referrer's right to read the address.
#[utoipa::path(
    tag = "referrals",
    security(("token" = [])),
    params(("id" = ReferralId, Path), Once),
    responses((status = 200, body = Referral), Problems)
)]
#[post("/referrals/{id}/revoke-address")]
pub async fn revoke_address(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    once: Once,
) -> Result<web::Json<Referral>, AppError> {
    let referral = app
        .db
        .write_once(&actor, once.of(&())?, move |tx| {
            let change = actions::referrals::revoke_address(tx, id)?;
            told(tx, id, change)
        })
        .await?;
    Ok(web::Json(referral))
}
