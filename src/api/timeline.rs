//! `/cases/{id}/timeline`: what happened to a household, in one order.

use actix_web::{get, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Path, Query};
use super::page::{DEFAULT_LIMIT, after, cursor, one_more};
use super::problem::Problems;
use crate::actions;
use crate::actions::timeline::{After, Asked, Timeline as Found};
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db::timeline::Subject;
use crate::domain::note::{Kind as NoteKind, Visibility};
use crate::domain::timeline::Kind;
use crate::error::AppError;
use crate::ids::{CaseId, CaseNoteId, EventId, ReferralId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(of_case);
}

/// In which order a timeline is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TimelineOrder)]
pub enum Order {
    Newest,
    Oldest,
}

/// What happened to a household, and what was written about it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Timeline {
    pub case_id: CaseId,
    pub reference: String,
    pub items: Vec<TimelineEntry>,
    /// The `cursor` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One line of it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct TimelineEntry {
    /// Of the event or of the note.
    pub id: EventId,
    /// When it happened: a note stands at the time that it is about.
    pub at: At,
    pub kind: Kind,
    /// In plain words.
    pub text: String,
    /// The code of the reason that was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_label: Option<String>,
    /// Who did it. "A confidential service" where its name would say which it is.
    pub organisation: String,
    /// Whether that is your own organisation.
    pub own_organisation: bool,
    /// Only of your own organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral_id: Option<ReferralId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<TimelineNote>,
}

/// A note in a timeline. What it says is read at `/cases/{id}/notes`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct TimelineNote {
    pub id: CaseNoteId,
    pub kind: NoteKind,
    pub visibility: Visibility,
    pub written_at: At,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrects: Option<CaseNoteId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected_by: Option<CaseNoteId>,
}

impl From<actions::timeline::Entry> for TimelineEntry {
    fn from(entry: actions::timeline::Entry) -> Self {
        let (reason, reason_label) = entry.reason.map(|reason| (reason.code, reason.label)).unzip();
        let referral_id = match entry.subject {
            Subject::Referral(id) => Some(id),
            _ => None,
        };
        let note = entry.note.map(|note| TimelineNote {
            id: note.id,
            kind: note.kind,
            visibility: note.visibility,
            written_at: note.written_at,
            corrects: note.corrects,
            corrected_by: note.corrected_by,
        });
        Self {
            id: entry.id,
            at: entry.at,
            kind: entry.kind,
            text: entry.text,
            reason,
            reason_label,
            organisation: entry.organisation,
            own_organisation: entry.own,
            person: entry.person,
            referral_id,
            note,
        }
    }
}

/// Takes the row away that was read past the page, and says where the next page begins.
///
/// # Errors
/// Never in practice.
pub fn next(found: &mut Found, limit: i64) -> Result<Option<String>, AppError> {
    let limit = usize::try_from(limit).map_err(AppError::internal)?;
    let more = found.entries.len() > limit;
    found.entries.truncate(limit);
    found.entries.last().filter(|_| more).map(|entry| cursor(&(entry.at, entry.id))).transpose()
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct Filter {
    /// Only entries of this kind.
    kind: Option<Kind>,
    /// `newest` first unless said. A cursor is good in its own order.
    order: Option<Order>,
    /// At most this many; 50 unless said.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the page before.
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

/// Read what happened to the household of your case. Nothing of it says who they are or where; notes are named, not read.
#[utoipa::path(
    tag = "timeline",
    security(("token" = [])),
    params(("id" = CaseId, Path), Filter),
    responses((status = 200, body = Timeline), Problems)
)]
#[get("/cases/{id}/timeline")]
pub async fn of_case(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Query(asked): Query<Filter>,
) -> Result<web::Json<Timeline>, AppError> {
    let limit = asked.limit.unwrap_or(DEFAULT_LIMIT);
    let asked = Asked {
        kinds: asked.kind.into_iter().collect(),
        oldest_first: asked.order == Some(Order::Oldest),
        after: after::<After>(asked.cursor.as_deref())?,
        limit: one_more(limit),
    };
    let reader = actor.clone();
    let read = move |conn: &mut crate::db::Conn| actions::timeline::of_case(conn, &reader, id, &asked);
    let mut found = app.db.read(&actor, read).await?;
    let next = next(&mut found, limit)?;
    let Found { case, entries } = found;
    let items = entries.into_iter().map(TimelineEntry::from).collect();
    Ok(web::Json(Timeline { case_id: case.id, reference: case.reference, items, next }))
}
