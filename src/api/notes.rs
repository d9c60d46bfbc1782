//! `/cases/{id}/notes` and `/placements/{id}/notes`: what people write about a household.

use actix_web::{HttpResponse, get, post, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::created;
use super::input::{Body, Once, Path, Query};
use super::page::{Page, Paging, after, one_more};
use super::problem::Problems;
use crate::actions;
use crate::actions::free_text::Outgoing;
use crate::actions::notes::{Content, New, Of, Written};
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::db::notes::{After, Asked, Note};
use crate::domain::note::{Kind, Visibility};
use crate::domain::scan::Detail;
use crate::error::AppError;
use crate::ids::{CaseId, CaseNoteId, OccupancyId};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(write)
        .service(correct)
        .service(of_stay)
        .service(write_of_stay)
        .service(correct_of_stay);
}

/// What somebody wrote about a household.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct CaseNote {
    pub id: CaseNoteId,
    pub kind: Kind,
    pub visibility: Visibility,
    pub happened_at: At,
    pub written_at: At,
    /// Of a call, a visit or a meeting: whether the survivor was spoken to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reached: Option<bool>,
    /// The note that this one corrects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrects: Option<CaseNoteId>,
    /// The note that corrects this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected_by: Option<CaseNoteId>,
    /// Whether your own organisation wrote it.
    pub own_organisation: bool,
    /// Who wrote it: only of your own organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Not in the answer to writing it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl CaseNote {
    /// A note that has just been written, without its text: the answer is kept for a request that comes twice.
    fn told(row: &Note) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            visibility: row.visibility,
            happened_at: row.happened_at,
            written_at: row.written_at,
            reached: row.reached,
            corrects: row.corrects,
            corrected_by: None,
            own_organisation: true,
            person: None,
            text: None,
        }
    }

    /// A note as its reader may see it.
    pub fn read(written: Written, actor: &Actor) -> Self {
        let Written { seen, text } = written;
        let own = seen.note.organisation_id == actor.organisation;
        Self {
            corrected_by: seen.corrected_by,
            own_organisation: own,
            person: own.then_some(seen.person),
            text: Some(text),
            ..Self::told(&seen.note)
        }
    }
}

/// What a note says.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NoteContent {
    kind: Kind,
    /// Now unless it was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    happened_at: Option<At>,
    /// Of a call, a visit or a meeting: whether you spoke with the survivor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reached: Option<bool>,
    /// It is sealed.
    #[garde(length(chars, min = 1, max = 4000))]
    #[schema(min_length = 1, max_length = 4000)]
    text: String,
    /// Of a note that is shared: what you have looked at and say is safe, though it looks like something that tells who or
    /// where they are. It is recorded that you did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 4))]
    #[schema(max_items = 4)]
    confirmed: Vec<Detail>,
}

impl From<NoteContent> for Content {
    fn from(NoteContent { kind, happened_at, reached, text, confirmed }: NoteContent) -> Self {
        Self { kind, happened_at, reached, text: Outgoing { field: "/text", text, confirmed } }
    }
}

/// A new note.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewNote {
    /// `own_organisation`; or, of a case, `placing_provider`, and of a stay, `referrer`.
    visibility: Visibility,
    kind: Kind,
    /// Now unless it was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    happened_at: Option<At>,
    /// Of a call, a visit or a meeting: whether you spoke with the survivor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reached: Option<bool>,
    /// It is sealed.
    #[garde(length(chars, min = 1, max = 4000))]
    #[schema(min_length = 1, max_length = 4000)]
    text: String,
    /// Of a note that is shared: what you have looked at and say is safe, though it looks like something that tells who or
    /// where they are. It is recorded that you did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 4))]
    #[schema(max_items = 4)]
    confirmed: Vec<Detail>,
}

impl From<NewNote> for New {
    fn from(NewNote { visibility, kind, happened_at, reached, text, confirmed }: NewNote) -> Self {
        Self { visibility, content: NoteContent { kind, happened_at, reached, text, confirmed }.into() }
    }
}

async fn read(app: &App, actor: &Actor, of: Of, paging: &Paging) -> Result<Page<CaseNote>, AppError> {
    let (limit, after) = (paging.limit(), after::<After>(paging.cursor())?);
    let read = move |tx: &mut db::Tx| {
        let asked = Asked { kinds: &[], oldest_first: false, after, limit: one_more(limit) };
        actions::notes::read(tx, of, asked)
    };
    let notes = app.db.write(actor, read).await?;
    let notes = notes.into_iter().map(|written| CaseNote::read(written, actor)).collect();
    Page::of(notes, limit, |note: &CaseNote| (note.happened_at, note.id))
}

async fn store(app: &App, actor: &Actor, of: Of, once: Once, new: NewNote) -> Result<CaseNote, AppError> {
    let key = once.of(&new)?;
    let new = New::from(new);
    app.db
        .write_once(actor, key, move |tx| Ok(actions::notes::write(tx, of, &new)?.map(|row| CaseNote::told(&row))))
        .await
}

async fn store_correction(
    app: &App,
    actor: &Actor,
    (of, id): (Of, CaseNoteId),
    once: Once,
    content: NoteContent,
) -> Result<CaseNote, AppError> {
    let key = once.of(&content)?;
    let content = Content::from(content);
    app.db
        .write_once(actor, key, move |tx| {
            Ok(actions::notes::correct(tx, of, id, &content)?.map(|row| CaseNote::told(&row)))
        })
        .await
}

/// Read the notes about the household of your case, the newest first. That you read them is recorded.
#[utoipa::path(
    tag = "timeline",
    operation_id = "list_case_notes",
    security(("token" = [])),
    params(("id" = CaseId, Path), Paging),
    responses((status = 200, body = Page<CaseNote>), Problems)
)]
#[get("/cases/{id}/notes")]
pub async fn list(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Query(paging): Query<Paging>,
) -> Result<web::Json<Page<CaseNote>>, AppError> {
    Ok(web::Json(read(&app, &actor, Of::Case(id), &paging).await?))
}

/// Write a note about the household of your case: for your organisation, or shared with the provider that it has a place
/// with, for as long as it is theirs.
#[utoipa::path(
    tag = "timeline",
    operation_id = "write_case_note",
    security(("token" = [])),
    params(("id" = CaseId, Path), Once),
    request_body = NewNote,
    responses((status = 201, body = CaseNote, headers(("Location" = String))), Problems)
)]
#[post("/cases/{id}/notes")]
pub async fn write(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    once: Once,
    Body(new): Body<NewNote>,
) -> Result<HttpResponse, AppError> {
    let note = store(&app, &actor, Of::Case(id), once, new).await?;
    Ok(created(format!("/api/v1/cases/{}/notes", id.0), None, &note))
}

/// Correct a note that you wrote, or as a manager one of your organisation. The note stays, and says that it was corrected.
#[utoipa::path(
    tag = "timeline",
    operation_id = "correct_case_note",
    security(("token" = [])),
    params(("id" = CaseId, Path), ("note" = CaseNoteId, Path), Once),
    request_body = NoteContent,
    responses((status = 201, body = CaseNote, headers(("Location" = String))), Problems)
)]
#[post("/cases/{id}/notes/{note}/corrections")]
pub async fn correct(
    app: web::Data<App>,
    actor: Actor,
    Path((id, note)): Path<(CaseId, CaseNoteId)>,
    once: Once,
    Body(content): Body<NoteContent>,
) -> Result<HttpResponse, AppError> {
    let note = store_correction(&app, &actor, (Of::Case(id), note), once, content).await?;
    Ok(created(format!("/api/v1/cases/{}/notes", id.0), None, &note))
}

/// Read the notes about a household that stays with you: what you wrote, and while it is with you what was shared.
#[utoipa::path(
    tag = "timeline",
    operation_id = "list_stay_notes",
    security(("token" = [])),
    params(("id" = OccupancyId, Path), Paging),
    responses((status = 200, body = Page<CaseNote>), Problems)
)]
#[get("/placements/{id}/notes")]
pub async fn of_stay(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<OccupancyId>,
    Query(paging): Query<Paging>,
) -> Result<web::Json<Page<CaseNote>>, AppError> {
    Ok(web::Json(read(&app, &actor, Of::Stay(id), &paging).await?))
}

/// Write a note about a household that stays with you: for your organisation, or shared with the referrer.
#[utoipa::path(
    tag = "timeline",
    operation_id = "write_stay_note",
    security(("token" = [])),
    params(("id" = OccupancyId, Path), Once),
    request_body = NewNote,
    responses((status = 201, body = CaseNote, headers(("Location" = String))), Problems)
)]
#[post("/placements/{id}/notes")]
pub async fn write_of_stay(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<OccupancyId>,
    once: Once,
    Body(new): Body<NewNote>,
) -> Result<HttpResponse, AppError> {
    let note = store(&app, &actor, Of::Stay(id), once, new).await?;
    Ok(created(format!("/api/v1/placements/{}/notes", id.0), None, &note))
}

/// Correct a note of a stay, in the same way.
#[utoipa::path(
    tag = "timeline",
    operation_id = "correct_stay_note",
    security(("token" = [])),
    params(("id" = OccupancyId, Path), ("note" = CaseNoteId, Path), Once),
    request_body = NoteContent,
    responses((status = 201, body = CaseNote, headers(("Location" = String))), Problems)
)]
#[post("/placements/{id}/notes/{note}/corrections")]
pub async fn correct_of_stay(
    app: web::Data<App>,
    actor: Actor,
    Path((id, note)): Path<(OccupancyId, CaseNoteId)>,
    once: Once,
    Body(content): Body<NoteContent>,
) -> Result<HttpResponse, AppError> {
    let note = store_correction(&app, &actor, (Of::Stay(id), note), once, content).await?;
    Ok(created(format!("/api/v1/placements/{}/notes", id.0), None, &note))
}
