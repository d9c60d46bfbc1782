//! Where the home is, and who lives there: sealed, and read for a reason while there is one.

use actix_web::{HttpResponse, post, put, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::actions::sanctuary as verbs;
use crate::api::contact::ContactDisclosure;
use crate::api::input::{Body, Path};
use crate::api::problem::Problems;
use crate::api::units::Disclosure;
use crate::app::App;
use crate::auth::Actor;
use crate::domain::identity::{Address, Contact, Who};
use crate::error::AppError;
use crate::ids::SanctuaryId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(write).service(disclose).service(disclose_identity).service(disclose_contact);
}

/// Record where the home is, in place of what was known before. It is sealed at once and read only by its own release.
#[utoipa::path(
    tag = "sanctuary",
    security(("token" = [])),
    params(("id" = SanctuaryId, Path)),
    request_body = Address,
    responses((status = 204), Problems)
)]
#[put("/sanctuary-jobs/{id}/address")]
pub async fn write(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<SanctuaryId>,
    Body(address): Body<Address>,
) -> Result<HttpResponse, AppError> {
    app.db.write(&actor, move |tx| verbs::write_address(tx, id, &address)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Read where the home is, for a reason that is recorded. For the scheme from the booking of the survey until 28 days
/// after the sign-off; never after another ending. The password must have been given within the last five minutes.
#[utoipa::path(
    tag = "sanctuary",
    security(("token" = [])),
    params(("id" = SanctuaryId, Path)),
    request_body = Disclosure,
    responses((status = 200, body = Address), Problems)
)]
#[post("/sanctuary-jobs/{id}/address-disclosures")]
pub async fn disclose(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<SanctuaryId>,
    Body(Disclosure { reason }): Body<Disclosure>,
) -> Result<web::Json<Address>, AppError> {
    Ok(web::Json(app.db.write(&actor, move |tx| verbs::disclose_address(tx, id, &reason)).await?))
}

/// Read who lives there and the rules for reaching them, for a reason that is recorded: for the scheme, while it may read
/// where it is.
#[utoipa::path(
    tag = "sanctuary",
    security(("token" = [])),
    params(("id" = SanctuaryId, Path)),
    request_body = Disclosure,
    responses((status = 200, body = Who), Problems)
)]
#[post("/sanctuary-jobs/{id}/identity-disclosures")]
pub async fn disclose_identity(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<SanctuaryId>,
    Body(Disclosure { reason }): Body<Disclosure>,
) -> Result<web::Json<Who>, AppError> {
    Ok(web::Json(app.db.write(&actor, move |tx| verbs::disclose_identity(tx, id, &reason)).await?))
}

/// Read where they are reached, in the same way as of a referral that was accepted.
#[utoipa::path(
    tag = "sanctuary",
    security(("token" = [])),
    params(("id" = SanctuaryId, Path)),
    request_body = ContactDisclosure,
    responses((status = 200, body = Contact), Problems)
)]
#[post("/sanctuary-jobs/{id}/contact-disclosures")]
pub async fn disclose_contact(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<SanctuaryId>,
    Body(body): Body<ContactDisclosure>,
) -> Result<web::Json<Contact>, AppError> {
    let ask = body.into();
    Ok(web::Json(app.db.write(&actor, move |tx| verbs::disclose_contact(tx, id, &ask)).await?))
}
