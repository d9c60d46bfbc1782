//! `/cases/{id}/journey-codes` and `/journeys`: a story that is told once, and opened elsewhere with a code.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::cases::Case;
use super::created;
use super::input::{Body, Once, Path};
use super::problem::Problems;
use super::units::Disclosure;
use crate::actions;
use crate::actions::journeys::{Agreement, Opened, Trying};
use crate::app::App;
use crate::auth::{Actor, credentials};
use crate::clock::At;
use crate::db;
use crate::db::cases::Scope;
use crate::domain::household::Needs;
use crate::domain::identity::Who;
use crate::domain::journey::{Consent, Share, Shares};
use crate::error::AppError;
use crate::ids::{CaseId, JourneyId, JourneyUseId};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(give)
        .service(list)
        .service(revoke)
        .service(open)
        .service(find)
        .service(disclose_identity)
        .service(open_case);
}

/// A code that a survivor was given. The code itself is told once, when it is made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct JourneyCode {
    pub id: JourneyId,
    pub share: Shares,
    /// Whether names go with it.
    pub identity: bool,
    pub consent: Consent,
    pub created_at: At,
    pub expires_at: At,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<At>,
    /// Who has used it, the newest first: to be told to the survivor.
    pub uses: Vec<JourneyUse>,
}

/// Somebody who has used a code.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct JourneyUse {
    pub organisation: String,
    pub person: String,
    pub reason: String,
    pub used_at: At,
}

/// The codes of a case, the newest first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct JourneyCodes {
    pub items: Vec<JourneyCode>,
}

/// A new code, and the only time that it is told.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct GivenCode {
    pub id: JourneyId,
    /// To be said or written down: `K7QM-3FHW-9TXP`.
    pub code: String,
    pub expires_at: At,
}

impl JourneyCode {
    /// The codes of a case with who has used them.
    ///
    /// # Errors
    /// When the database fails.
    pub fn of_case(conn: &mut db::Conn, case: CaseId) -> Result<Vec<Self>, AppError> {
        let uses = db::journeys::uses(conn, case)?;
        let codes = db::journeys::of_case(conn, case)?.into_iter().map(|row| {
            let of_it = uses.iter().filter(|one| one.used.journey_id == row.id);
            let uses = of_it.map(|one| JourneyUse {
                organisation: one.organisation.clone(),
                person: one.person.clone(),
                reason: one.used.reason.clone(),
                used_at: one.used.used_at,
            });
            Self { uses: uses.collect(), ..Self::from(row) }
        });
        Ok(codes.collect())
    }
}

impl From<db::journeys::Journey> for JourneyCode {
    fn from(row: db::journeys::Journey) -> Self {
        Self {
            id: row.id,
            share: row.share,
            identity: row.identity,
            consent: row.consent,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            uses: Vec::new(),
        }
    }
}

/// How the survivor agreed.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Agreed {
    how: Consent,
}

/// What a survivor agrees to share with another organisation of her choice.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewJourneyCode {
    /// Areas that are not safe only if she chooses so.
    #[garde(dive)]
    #[schema(min_items = 1, max_items = 8)]
    share: Shares,
    /// Whether her name goes with it.
    #[serde(default)]
    identity: bool,
    /// For how many days.
    #[garde(range(min = 1, max = 90))]
    #[schema(minimum = 1, maximum = 90)]
    days: i64,
    consent: Agreed,
}

/// Give a survivor a code with which another organisation may read what she agrees to share.
#[utoipa::path(
    tag = "journeys",
    operation_id = "give_journey_code",
    security(("token" = [])),
    params(("id" = CaseId, Path), Once),
    request_body = NewJourneyCode,
    responses((status = 201, body = GivenCode, headers(("Location" = String))), Problems)
)]
#[post("/cases/{id}/journey-codes")]
pub async fn give(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    once: Once,
    Body(new): Body<NewJourneyCode>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let NewJourneyCode { share, identity, days, consent } = new;
    let agreed = Agreement { share, identity, days, consent: consent.how };
    let (journey, expires_at, sealed): (JourneyId, At, String) = app
        .db
        .write_once(&actor, key, move |tx| {
            let change = actions::journeys::give(tx, id, &agreed)?;
            Ok(change.map(|(row, sealed)| (row.id, row.expires_at, sealed)))
        })
        .await?;
    let code = actions::journeys::code_of(&app.keys.vault, journey, &sealed)?;
    let given = GivenCode { id: journey, code, expires_at };
    Ok(created(format!("/api/v1/cases/{}/journey-codes", id.0), None, &given))
}

/// List the codes that were given for a case, and who has used them.
#[utoipa::path(
    tag = "journeys",
    operation_id = "list_journey_codes",
    security(("token" = [])),
    params(("id" = CaseId, Path)),
    responses((status = 200, body = JourneyCodes), Problems)
)]
#[get("/cases/{id}/journey-codes")]
pub async fn list(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<web::Json<JourneyCodes>, AppError> {
    let scope = Scope::of(&actor);
    let read = move |conn: &mut db::Conn| {
        let case = db::cases::find_in(conn, scope, id)?;
        JourneyCode::of_case(conn, case.id)
    };
    Ok(web::Json(JourneyCodes { items: app.db.read(&actor, read).await? }))
}

/// Take a code back: it opens nothing any more.
#[utoipa::path(
    tag = "journeys",
    operation_id = "revoke_journey_code",
    security(("token" = [])),
    params(("id" = CaseId, Path), ("journey" = JourneyId, Path), Once),
    responses((status = 204), Problems)
)]
#[post("/cases/{id}/journey-codes/{journey}/revoke")]
pub async fn revoke(
    app: web::Data<App>,
    actor: Actor,
    Path((id, journey)): Path<(CaseId, JourneyId)>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&())?;
    app.db.write_once(&actor, key, move |tx| Ok(actions::journeys::revoke(tx, id, journey)?.map(drop))).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A code that a survivor gives you.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct OpenJourney {
    /// However it is written: capitals, spaces and strokes do not matter.
    #[garde(length(chars, min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40)]
    code: String,
    /// That she is with you, or on the line, and agrees that you read it.
    consent: bool,
    /// Of the list `journey_reason`.
    #[garde(length(chars, min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    reason: String,
}

/// What she agreed to share with you.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct OpenedJourney {
    pub id: JourneyUseId,
    /// Which organisation she told it to.
    pub organisation: String,
    pub share: Vec<Share>,
    /// What is not shared is as if nobody had asked.
    pub needs: Needs,
    /// Whether names are shared too: `POST /journeys/{id}/identity-disclosures`.
    pub identity: bool,
    pub opened_at: At,
    pub expires_at: At,
}

impl From<Opened> for OpenedJourney {
    fn from(opened: Opened) -> Self {
        let Opened { used, organisation, share, needs, identity, expires_at } = opened;
        Self { id: used.id, organisation, share, needs, identity, opened_at: used.used_at, expires_at }
    }
}

/// Open what a survivor agreed to share with you, with the code that she gives you. A code that is wrong, has run out or
/// was taken back is answered like one that never was. The organisation that she told it to learns that you did.
#[utoipa::path(
    tag = "journeys",
    operation_id = "open_journey",
    security(("token" = [])),
    params(Once),
    request_body = OpenJourney,
    responses((status = 201, body = OpenedJourney, headers(("Location" = String))), Problems)
)]
#[post("/journeys/open")]
pub async fn open(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    once: Once,
    Body(body): Body<OpenJourney>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&body)?;
    let OpenJourney { code, consent, reason } = body;
    if !consent {
        return Err(AppError::body("/consent", "required", &"open it only if she agrees"));
    }
    let trying = Trying { code, reason, address: credentials::address(&app, &request) };
    let used = app.db.write_once(&actor, key, move |tx| actions::journeys::open(tx, &trying)).await?;
    let id = used.ok_or(AppError::NotFound)?;
    let opened = read(&app, &actor, id).await?;
    Ok(created(format!("/api/v1/journeys/{}", id.0), None, &opened))
}

async fn read(app: &App, actor: &Actor, id: JourneyUseId) -> Result<OpenedJourney, AppError> {
    let (who, now) = (actor.clone(), app.clock.now());
    let opened = app.db.read(actor, move |conn| actions::journeys::opened(conn, &who, id, now)).await?;
    Ok(opened.into())
}

/// Read again what you have opened, while its code lasts.
#[utoipa::path(
    tag = "journeys",
    operation_id = "find_journey",
    security(("token" = [])),
    params(("id" = JourneyUseId, Path)),
    responses((status = 200, body = OpenedJourney), Problems)
)]
#[get("/journeys/{id}")]
pub async fn find(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<JourneyUseId>,
) -> Result<web::Json<OpenedJourney>, AppError> {
    Ok(web::Json(read(&app, &actor, id).await?))
}

/// Read who they are, where that was shared, for a reason that is recorded on both sides; the password must have been given
/// within the last five minutes.
#[utoipa::path(
    tag = "journeys",
    operation_id = "disclose_journey_identity",
    security(("token" = [])),
    params(("id" = JourneyUseId, Path)),
    request_body = Disclosure,
    responses((status = 200, body = Who), Problems)
)]
#[post("/journeys/{id}/identity-disclosures")]
pub async fn disclose_identity(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<JourneyUseId>,
    Body(Disclosure { reason }): Body<Disclosure>,
) -> Result<web::Json<Who>, AppError> {
    let who = app.db.write(&actor, move |tx| actions::journeys::disclose_identity(tx, id, &reason)).await?;
    Ok(web::Json(who))
}

/// A case that begins with what was shared.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct JourneyCase {
    /// Who sends the household: of the list `referral_source`.
    #[garde(length(chars, min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    referral_source: String,
}

/// Open a case of your own with what was shared, so that it does not have to be told again.
#[utoipa::path(
    tag = "journeys",
    operation_id = "open_journey_case",
    security(("token" = [])),
    params(("id" = JourneyUseId, Path), Once),
    request_body = JourneyCase,
    responses((status = 201, body = Case, headers(("Location" = String), ("ETag" = String))), Problems)
)]
#[post("/journeys/{id}/cases")]
pub async fn open_case(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<JourneyUseId>,
    once: Once,
    Body(new): Body<JourneyCase>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let opened: Case = app
        .db
        .write_once(&actor, key, move |tx| {
            Ok(actions::journeys::open_case(tx, id, &new.referral_source)?.map(Case::from))
        })
        .await?;
    Ok(created(format!("/api/v1/cases/{}", opened.id.0), Some(opened.version), &opened))
}
