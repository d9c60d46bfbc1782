//! `/referrals`: asking a service to take a household, and the answer.

use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::created;
use super::input::{Body, Once, Path, Query};
use super::page::{DEFAULT_LIMIT, Page, after, one_more};
use super::problem::Problems;
use super::units::Disclosure;
use crate::actions;
use crate::actions::public_name;
use crate::actions::referrals::{Acceptance, New, To};
use crate::app::App;
use crate::audit::Change;
use crate::auth::Actor;
use crate::clock::{At, within_reach};
use crate::db;
use crate::db::referrals::{After, Seen, Side};
use crate::domain::household::{AccessNeed, AdditionalNeed, Answer, Concession, Funding, Member, Needs, Pet, RiskBand};
use crate::domain::identity::Identity;
use crate::domain::reason::{DecidedBy, Reasons};
use crate::domain::referral::State;
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, NoteId, OccupancyId, OrganisationId, ReferralId, ServiceId, UnitId, VacancyId};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(send)
        .service(list)
        .service(find)
        .service(notes)
        .service(request_information)
        .service(give_information)
        .service(accept)
        .service(decline)
        .service(withdraw)
        .service(revoke_address)
        .service(disclose_identity);
}

/// A request from a case to one service.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Referral {
    pub id: ReferralId,
    /// To be read over the telephone.
    pub reference: String,
    pub state: State,
    pub service_id: ServiceId,
    pub service: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vacancy_id: Option<VacancyId>,
    /// The home that is held or given. Said to the referrer once the referral is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_id: Option<UnitId>,
    /// Said to the referrer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_id: Option<CaseId>,
    /// Said to the referrer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_id: Option<OccupancyId>,
    /// The stay that it led to. Said to the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placement_id: Option<OccupancyId>,
    pub sent_at: At,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<DecidedBy>,
    #[serde(default)]
    pub secondary_reasons: Vec<String>,
    /// Until when the referrer may read the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_released_until: Option<At>,
    /// What the provider has to know to decide; no names, no places.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub household: Option<Household>,
    pub version: i32,
}

/// A household as a provider sees it before it has accepted: nothing that says who they are or where they cannot be.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Household {
    pub members: Vec<Member>,
    /// Whether `members` is everybody who needs the place.
    pub complete: Answer,
    pub pregnant: Answer,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pets: Option<Vec<Pet>>,
    pub access_need: AccessNeed,
    pub additional_needs: Vec<AdditionalNeed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interpreter_language: Option<String>,
    pub recourse_to_public_funds: Answer,
    pub concession: Concession,
    pub funding: Funding,
    /// Only the band.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<RiskBand>,
    /// Whether the service lies where the household is not safe: yes or no, and nothing else.
    pub unsafe_area: bool,
}

impl Household {
    fn of(needs: Needs, unsafe_area: bool) -> Self {
        Self {
            risk: needs.risk.band(),
            members: needs.members,
            complete: needs.household_complete,
            pregnant: needs.pregnant,
            pets: needs.pets,
            access_need: needs.access_need,
            additional_needs: needs.additional_needs,
            interpreter_language: needs.interpreter_language,
            recourse_to_public_funds: needs.recourse_to_public_funds,
            concession: needs.concession,
            funding: needs.funding,
            unsafe_area,
        }
    }
}

impl Referral {
    fn seen(seen: Seen, sides: &[Side], own: OrganisationId) -> Self {
        let Seen { referral: row, provider, service_name, .. } = seen;
        let (referrer, provider_side) = (sides.contains(&Side::Referrer), sides.contains(&Side::Provider));
        let accepted = matches!(row.state, State::Accepted | State::Placed);
        let confidential = !(provider == own || accepted);
        Self {
            id: row.id,
            reference: row.reference,
            state: row.state,
            service_id: row.service_id,
            service: public_name(&service_name.name, service_name.confidential && confidential, false).to_owned(),
            vacancy_id: row.vacancy_id,
            unit_id: row.unit_id.filter(|_| provider_side || accepted),
            case_id: referrer.then_some(row.case_id),
            hold_id: row.hold_id.filter(|_| referrer),
            placement_id: None,
            sent_at: row.sent_at,
            decided_at: row.decided_at,
            ended_at: row.ended_at,
            primary_reason: row.primary_reason,
            decided_by: row.decided_by,
            secondary_reasons: Vec::new(),
            address_released_until: row.address_until,
            household: None,
            version: row.version,
        }
    }

    /// With everything that a reader of one referral sees, and a reader of a list does not.
    fn whole(conn: &mut db::Conn, actor: &Actor, id: ReferralId) -> Result<Self, AppError> {
        let (seen, sides) = db::referrals::find_for(conn, actor, id)?;
        let provider = sides.contains(&Side::Provider);
        let household = if provider {
            let case = actions::referrals::case_of(conn, &seen)?;
            let clash = actions::matching::clashes(conn, &case.needs, seen.referral.service_id)?;
            Some(Household::of(case.needs, clash))
        } else {
            None
        };
        let placement = db::placements::of_referral(conn, id)?.filter(|_| provider);
        let mut referral = Self::seen(seen, &sides, actor.organisation);
        referral.secondary_reasons = db::referrals::secondary_reasons(conn, id)?;
        referral.placement_id = placement.map(|placement| placement.id);
        referral.household = household;
        Ok(referral)
    }
}

/// A change of a referral, with the referral as its reader sees it.
fn told<T>(tx: &mut db::Tx, id: ReferralId, change: Change<T>) -> Result<Change<Referral>, AppError> {
    let actor = tx.actor().clone();
    let referral = Referral::whole(tx, &actor, id)?;
    Ok(change.map(|_| referral))
}

/// A new referral: to a vacancy, or to a service that has posted none.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewReferral {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vacancy_id: Option<VacancyId>,
    /// Instead of a vacancy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service_id: Option<ServiceId>,
    /// Holds the unit too, unless the case already does.
    #[serde(default)]
    hold: bool,
    /// The provider has agreed to an exception from its own rules. There is none from an area that is not safe.
    #[serde(default)]
    agreed_with_provider: bool,
    /// For the provider. Leave out names, addresses and telephone numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 2000)))]
    #[schema(min_length = 1, max_length = 2000)]
    note: Option<String>,
}

/// Refer a household.
#[utoipa::path(
    tag = "referrals",
    security(("token" = [])),
    params(
        ("id" = CaseId, Path),
        ("Idempotency-Key" = String, Header, description = "Your own name for this request."),
    ),
    request_body = NewReferral,
    responses((status = 201, body = Referral, headers(("Location" = String))), Problems)
)]
#[post("/cases/{id}/referrals")]
pub async fn send(
    app: web::Data<App>,
    actor: Actor,
    Path(case): Path<CaseId>,
    once: Once,
    Body(new): Body<NewReferral>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let NewReferral { vacancy_id, service_id, hold, agreed_with_provider, note } = new;
    let to = match (vacancy_id, service_id) {
        (Some(vacancy), None) => To::Vacancy(vacancy),
        (None, Some(service)) => To::Service(service),
        _ => return Err(AppError::body("/vacancy_id", "required", &"name a vacancy or a service, not both")),
    };
    let new = New { to, hold, agreed_with_provider, note };
    let sent: Referral = app
        .db
        .write_once(&actor, key, move |tx| {
            let change = actions::referrals::send(tx, case, &new)?;
            let id = change.value().id;
            told(tx, id, change)
        })
        .await?;
    Ok(created(format!("/api/v1/referrals/{}", sent.id.0), None, &sent))
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct Filter {
    /// `sent`: those of your cases; `received`: those to your services. Both unless said.
    direction: Option<Direction>,
    state: Option<State>,
    /// Those of this case.
    case_id: Option<CaseId>,
    /// At most this many; 50 unless said.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the page before.
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

/// Which way a referral went.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Sent,
    Received,
}

/// List referrals, the newest first.
#[utoipa::path(
    tag = "referrals",
    security(("token" = [])),
    params(Filter),
    responses((status = 200, body = Page<Referral>), Problems)
)]
#[get("/referrals")]
pub async fn list(
    app: web::Data<App>,
    actor: Actor,
    Query(asked): Query<Filter>,
) -> Result<web::Json<Page<Referral>>, AppError> {
    let limit = asked.limit.unwrap_or(DEFAULT_LIMIT);
    let after: Option<After> = after(asked.cursor.as_deref())?;
    let side = asked.direction.map(|direction| match direction {
        Direction::Sent => Side::Referrer,
        Direction::Received => Side::Provider,
    });
    // A provider does not know of cases: asked for those of one, it has none.
    let side = side.or(asked.case_id.map(|_| Side::Referrer));
    let filter = db::referrals::Filter { side, state: asked.state, case: asked.case_id };
    let reader = actor.clone();
    let rows =
        app.db.read(&actor, move |conn| db::referrals::page(conn, &reader, filter, after, one_more(limit))).await?;
    let rows = rows
        .into_iter()
        .map(|seen| {
            let sides = seen.sides(&actor);
            Referral::seen(seen, &sides, actor.organisation)
        })
        .collect();
    Ok(web::Json(Page::of(rows, limit, |referral: &Referral| (referral.sent_at, referral.id))?))
}

/// Read a referral, as the referrer or as the provider.
#[utoipa::path(
    tag = "referrals",
    security(("token" = [])),
    params(("id" = ReferralId, Path)),
    responses((status = 200, body = Referral), Problems)
)]
#[get("/referrals/{id}")]
pub async fn find(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
) -> Result<web::Json<Referral>, AppError> {
    let reader = actor.clone();
    Ok(web::Json(app.db.read(&actor, move |conn| Referral::whole(conn, &reader, id)).await?))
}

/// Something that one side wrote to the other.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Note {
    pub id: NoteId,
    pub organisation_id: OrganisationId,
    pub account_id: AccountId,
    pub written_at: At,
    pub text: String,
}

/// Notes, oldest first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Notes {
    pub items: Vec<Note>,
}

/// Read what the two sides wrote to each other. That it was read is recorded.
#[utoipa::path(
    tag = "referrals",
    security(("token" = [])),
    params(("id" = ReferralId, Path)),
    responses((status = 200, body = Notes), Problems)
)]
#[get("/referrals/{id}/notes")]
pub async fn notes(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
) -> Result<web::Json<Notes>, AppError> {
    let notes = app.db.write(&actor, move |tx| actions::referrals::read_notes(tx, id)).await?;
    let items = notes
        .into_iter()
        .map(|(row, text)| Note {
            id: row.id,
            organisation_id: row.organisation_id,
            account_id: row.account_id,
            written_at: row.written_at,
            text,
        })
        .collect();
    Ok(web::Json(Notes { items }))
}

/// A question or an answer between the two sides. Leave out names, addresses and telephone numbers.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Message {
    #[garde(length(chars, min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000)]
    note: String,
}

/// Ask the referrer for more information.
#[utoipa::path(
    tag = "referrals",
    security(("token" = [])),
    params(
        ("id" = ReferralId, Path),
        ("Idempotency-Key" = String, Header, description = "Your own name for this request."),
    ),
    request_body = Message,
    responses((status = 200, body = Referral), Problems)
)]
#[post("/referrals/{id}/request-information")]
pub async fn request_information(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    once: Once,
    Body(message): Body<Message>,
) -> Result<web::Json<Referral>, AppError> {
    let key = once.of(&message)?;
    let referral = app
        .db
        .write_once(&actor, key, move |tx| {
            let change = actions::referrals::request_information(tx, id, &message.note)?;
            told(tx, id, change)
        })
        .await?;
    Ok(web::Json(referral))
}

/// Give the provider the information that it asked for.
#[utoipa::path(
    tag = "referrals",
    security(("token" = [])),
    params(
        ("id" = ReferralId, Path),
        ("Idempotency-Key" = String, Header, description = "Your own name for this request."),
    ),
    request_body = Message,
    responses((status = 200, body = Referral), Problems)
)]
#[post("/referrals/{id}/give-information")]
pub async fn give_information(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    once: Once,
    Body(message): Body<Message>,
) -> Result<web::Json<Referral>, AppError> {
    let key = once.of(&message)?;
    let referral = app
        .db
        .write_once(&actor, key, move |tx| {
            let change = actions::referrals::give_information(tx, id, &message.note)?;
            told(tx, id, change)
        })
        .await?;
    Ok(web::Json(referral))
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
    params(
        ("id" = ReferralId, Path),
        ("Idempotency-Key" = String, Header, description = "Your own name for this request."),
    ),
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
}

/// Decline a referral to your service, by your decision or by the survivor's.
#[utoipa::path(
    tag = "referrals",
    security(("token" = [])),
    params(
        ("id" = ReferralId, Path),
        ("Idempotency-Key" = String, Header, description = "Your own name for this request."),
    ),
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
    params(
        ("id" = ReferralId, Path),
        ("Idempotency-Key" = String, Header, description = "Your own name for this request."),
    ),
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
    let Ending { primary_reason, secondary_reasons, decided_by, note } = ending;
    let reasons = Reasons { primary_reason, secondary_reasons, decided_by };
    let referral = app
        .db
        .write_once(actor, key, move |tx| {
            let change = actions::referrals::end_without_place(tx, id, by, &reasons, note.as_deref())?;
            told(tx, id, change)
        })
        .await?;
    Ok(web::Json(referral))
}

/// End the referrer's right to read the address.
#[utoipa::path(
    tag = "referrals",
    security(("token" = [])),
    params(
        ("id" = ReferralId, Path),
        ("Idempotency-Key" = String, Header, description = "Your own name for this request."),
    ),
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

/// Read who the household is that your service has accepted, for a reason that is recorded; the password must have been
/// given within the last five minutes.
#[utoipa::path(
    tag = "referrals",
    security(("token" = [])),
    params(("id" = ReferralId, Path)),
    request_body = Disclosure,
    responses((status = 200, body = Identity), Problems)
)]
#[post("/referrals/{id}/identity-disclosures")]
pub async fn disclose_identity(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    Body(Disclosure { reason }): Body<Disclosure>,
) -> Result<web::Json<Identity>, AppError> {
    let identity = app.db.write(&actor, move |tx| actions::referrals::disclose_identity(tx, id, &reason)).await?;
    Ok(web::Json(identity))
}
