//! The conversation of a referral: questions, answers, messages.

use actix_web::{HttpResponse, get, post, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::view::{Referral, told};
use crate::actions;
use crate::actions::free_text::Outgoing;
use crate::actions::referrals::Read;
use crate::api::created;
use crate::api::input::{Body, Once, Path};
use crate::api::problem::Problems;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::domain::referral::{MessageKind, Side};
use crate::domain::scan::Detail;
use crate::error::AppError;
use crate::ids::{AccountId, NoteId, OrganisationId, ReferralId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(notes).service(write).service(request_information).service(give_information);
}

/// Something that one side wrote to the other.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Note {
    pub id: NoteId,
    /// On which side it was written.
    pub side: Side,
    pub kind: MessageKind,
    /// What a question is about: of the list `information_topic`.
    pub topics: Vec<String>,
    pub organisation_id: OrganisationId,
    /// Who wrote it: said to their own organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    pub written_at: At,
    /// When somebody of the other side first read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<At>,
    pub text: String,
}

impl Note {
    fn seen(read: Read, own: OrganisationId) -> Self {
        let Read { note, text, topics, read_at } = read;
        Self {
            id: note.id,
            side: note.side,
            kind: note.kind,
            topics,
            organisation_id: note.organisation_id,
            account_id: (note.organisation_id == own).then_some(note.account_id),
            written_at: note.written_at,
            read_at,
            text,
        }
    }
}

/// Notes, oldest first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Notes {
    pub items: Vec<Note>,
}

/// Read what the two sides wrote to each other. That it was read is recorded, and the other side sees when.
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
    let items = notes.into_iter().map(|read| Note::seen(read, actor.organisation)).collect();
    Ok(web::Json(Notes { items }))
}

/// Something to say to the other side. Leave out names, addresses and telephone numbers.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewNote {
    #[garde(length(chars, min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000)]
    note: String,
    /// On which side you write; needed only when you stand on both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    side: Option<Side>,
    /// What of it you have looked at and say is safe to send, though it looks like something that tells who or where they
    /// are. It is recorded that you did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 4))]
    #[schema(max_items = 4)]
    confirmed: Vec<Detail>,
}

/// What was written.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Written {
    pub id: NoteId,
}

/// Write to the other side, while the referral is open or the stay that it led to lasts. Nothing else changes.
#[utoipa::path(
    tag = "referrals",
    security(("token" = [])),
    params(("id" = ReferralId, Path), Once),
    request_body = NewNote,
    responses((status = 201, body = Written, headers(("Location" = String))), Problems)
)]
#[post("/referrals/{id}/notes")]
pub async fn write(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    once: Once,
    Body(new): Body<NewNote>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let NewNote { note, side, confirmed } = new;
    let message = Outgoing::note(note, confirmed);
    let write = move |tx: &mut db::Tx| Ok(actions::referrals::write(tx, id, side, &message)?.map(|id| Written { id }));
    let written = app.db.write_once(&actor, key, write).await?;
    Ok(created(format!("/api/v1/referrals/{}/notes", id.0), None, &written))
}

/// A question to the referrer. Leave out names, addresses and telephone numbers.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct InformationRequest {
    #[garde(length(chars, min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000)]
    note: String,
    /// What it is about: of the list `information_topic`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 8), inner(length(chars, min = 1, max = 60)))]
    #[schema(max_items = 8)]
    topics: Vec<String>,
    /// As with a message: what of it you say is safe to send.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 4))]
    #[schema(max_items = 4)]
    confirmed: Vec<Detail>,
}

/// Ask the referrer for more information. Your time to answer stands still until they give it.
#[utoipa::path(
    tag = "referrals",
    security(("token" = [])),
    params(("id" = ReferralId, Path), Once),
    request_body = InformationRequest,
    responses((status = 200, body = Referral), Problems)
)]
#[post("/referrals/{id}/request-information")]
pub async fn request_information(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    once: Once,
    Body(question): Body<InformationRequest>,
) -> Result<web::Json<Referral>, AppError> {
    let key = once.of(&question)?;
    let InformationRequest { note, topics, confirmed } = question;
    let question = Outgoing::note(note, confirmed);
    let referral = app
        .db
        .write_once(&actor, key, move |tx| {
            let change = actions::referrals::request_information(tx, id, &question, &topics)?;
            told(tx, id, change)
        })
        .await?;
    Ok(web::Json(referral))
}

/// The answer to a question. Leave out names, addresses and telephone numbers.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Message {
    #[garde(length(chars, min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000)]
    note: String,
    /// As with a message: what of it you say is safe to send.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 4))]
    #[schema(max_items = 4)]
    confirmed: Vec<Detail>,
}

/// Give the provider the information that it asked for. Its time to answer goes on.
#[utoipa::path(
    tag = "referrals",
    security(("token" = [])),
    params(("id" = ReferralId, Path), Once),
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
    let Message { note, confirmed } = message;
    let message = Outgoing::note(note, confirmed);
    let referral = app
        .db
        .write_once(&actor, key, move |tx| {
            let change = actions::referrals::give_information(tx, id, &message)?;
            told(tx, id, change)
        })
        .await?;
    Ok(web::Json(referral))
}
