//! `/audit`: the record of who did what, for the auditor. That it was read is recorded in it.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, post, web};
use chrono::{Days, NaiveDate};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::input::{Body, Query};
use super::page::{DEFAULT_LIMIT, Page, after, one_more};
use super::problem::Problems;
use crate::actions;
use crate::actions::audit::Ask;
use crate::app::App;
use crate::audit::Head;
use crate::auth::Actor;
use crate::clock::{At, within_reach};
use crate::db::Verification;
use crate::db::audit::reading::{After, Filter, Recorded};
use crate::error::{AppError, Part};
use crate::ids::{AccountId, EventId, OrganisationId, RequestId};
use crate::reports;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(list_csv).service(head).service(verify);
}

/// Something that happened: who, when, what, to what. Never a value.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditEvent {
    pub id: EventId,
    pub at: At,
    /// All zeros: nobody who was signed in, or the system itself.
    pub account_id: AccountId,
    /// What they are called now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    pub organisation_id: OrganisationId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    pub request_id: RequestId,
    /// `referral.sent`; of what was refused `refused.` and why.
    pub action: String,
    /// What it happened to.
    pub object_id: EventId,
    /// The names of the fields that changed or were read.
    pub fields: Vec<String>,
    /// The code of the reason that was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl From<Recorded> for AuditEvent {
    fn from(row: Recorded) -> Self {
        Self {
            id: row.id,
            at: row.at,
            account_id: row.account_id,
            account: row.account,
            organisation_id: row.organisation_id,
            organisation: row.organisation,
            request_id: row.request_id,
            action: row.action,
            object_id: row.object_id,
            fields: row.fields.split_whitespace().map(str::to_owned).collect(),
            reason: Some(row.reason).filter(|reason| !reason.is_empty()),
        }
    }
}

/// Which events. Filters add up.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct Search {
    /// Who did it.
    pub account_id: Option<AccountId>,
    pub organisation_id: Option<OrganisationId>,
    /// What it happened to.
    #[param(value_type = Option<EventId>)]
    pub object_id: Option<Uuid>,
    /// What stands before the dot of an action: `referral`, `refused`, `address`.
    #[garde(inner(length(min = 1, max = 60)))]
    pub kind: Option<String>,
    /// An action, `referral.sent`; or all of its kind, with a dot at the end: `referral.`
    #[garde(inner(length(min = 1, max = 60)))]
    pub action: Option<String>,
    /// The number of a request, as the log and an error page say it.
    pub request_id: Option<RequestId>,
    /// The first day, in London.
    #[garde(inner(custom(within_reach)))]
    pub from: Option<NaiveDate>,
    /// The last day, included.
    #[garde(inner(custom(within_reach)))]
    pub until: Option<NaiveDate>,
    /// At most this many; 50 unless said.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// The `next` of the page before.
    #[garde(length(max = 500))]
    pub cursor: Option<String>,
}

impl Search {
    /// # Errors
    /// [`AppError::Invalid`] when the last day is before the first, or there are two kinds.
    pub fn ask(&self) -> Result<Ask, AppError> {
        let (from, until) = (self.from, self.until);
        if from.zip(until).is_some_and(|(from, until)| until < from) {
            return Err(AppError::field(
                Part::Query,
                "/until",
                "out_of_range",
                &"choose the first day or one after it",
            ));
        }
        let prefix = self.action.as_deref().and_then(|action| action.strip_suffix('.'));
        if prefix.is_some_and(|prefix| self.kind.as_deref().is_some_and(|kind| kind != prefix)) {
            return Err(AppError::field(
                Part::Query,
                "/kind",
                "contradiction",
                &"this is another kind than the action's",
            ));
        }
        let filter = Filter {
            account: self.account_id,
            organisation: self.organisation_id,
            object: self.object_id,
            kind: prefix.map(str::to_owned).or(self.kind.clone()),
            action: self.action.clone().filter(|_| prefix.is_none()),
            request: self.request_id,
            from: from.map(At::start_of),
            until: until.and_then(|day| day.checked_add_days(Days::new(1))).map(At::start_of),
        };
        let named = [
            ("account_id", self.account_id.is_some()),
            ("organisation_id", self.organisation_id.is_some()),
            ("object_id", self.object_id.is_some()),
            ("kind", self.kind.is_some()),
            ("action", self.action.is_some()),
            ("request_id", self.request_id.is_some()),
            ("from", from.is_some()),
            ("until", until.is_some()),
        ];
        Ok(Ask { filter, named: named.into_iter().filter_map(|(name, given)| given.then_some(name)).collect() })
    }
}

/// Search the audit, the newest first. The names of the filters are recorded, and not what was looked for.
#[utoipa::path(
    tag = "audit",
    security(("token" = [])),
    params(Search),
    responses((status = 200, body = Page<AuditEvent>), Problems)
)]
#[get("/audit/events")]
pub async fn list(
    app: web::Data<App>,
    actor: Actor,
    Query(search): Query<Search>,
) -> Result<web::Json<Page<AuditEvent>>, AppError> {
    let (ask, limit) = (search.ask()?, search.limit.unwrap_or(DEFAULT_LIMIT));
    let after: Option<After> = after(search.cursor.as_deref())?;
    let rows = actions::audit::search(&app.db, &actor, ask, after, one_more(limit)).await?;
    let rows = rows.into_iter().map(AuditEvent::from).collect();
    Ok(web::Json(Page::of(rows, limit, |event: &AuditEvent| (event.at, event.id))?))
}

/// The same as a table of at most 50,000 events. That it was taken out is recorded.
#[utoipa::path(
    tag = "audit",
    security(("token" = [])),
    params(Search),
    responses((status = 200, body = String, content_type = "text/csv; charset=utf-8"), Problems)
)]
#[get("/audit/events.csv")]
pub async fn list_csv(
    app: web::Data<App>,
    actor: Actor,
    Query(search): Query<Search>,
) -> Result<HttpResponse, AppError> {
    exported(&app, &actor, search.ask()?).await
}

/// What was asked for, as a file.
///
/// # Errors
/// As [`actions::audit::export`].
pub async fn exported(app: &App, actor: &Actor, ask: Ask) -> Result<HttpResponse, AppError> {
    let events = actions::audit::export(&app.db, actor, ask).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""))
        .body(reports::audit_csv(&events)?))
}

/// Read the end of the chain, to keep it elsewhere: a chain that is cut off later, or made anew, no longer holds it.
#[utoipa::path(tag = "audit", security(("token" = [])), responses((status = 200, body = Head), Problems))]
#[get("/audit/head")]
pub async fn head(app: web::Data<App>, actor: Actor) -> Result<web::Json<Head>, AppError> {
    Ok(web::Json(newest_head(&app, &actor).await?))
}

/// # Errors
/// [`AppError::NotFound`] in the first second of an installation.
pub async fn newest_head(app: &App, actor: &Actor) -> Result<Head, AppError> {
    let newest = app.db.audit_head().await?.ok_or(AppError::NotFound)?;
    let exported = newest.clone();
    app.db.write(actor, move |_| Ok(actions::audit::head_exported(&exported))).await?;
    Ok(newest)
}

/// What the audit is held against, beside its own chain.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
pub struct Verify {
    /// Ends of the chain that were kept: see `GET /audit/head`. Those that the server itself keeps are always checked.
    #[garde(length(max = 100))]
    #[schema(max_items = 100)]
    pub heads: Vec<Head>,
}

/// What a check of the whole audit found.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Verified {
    pub intact: bool,
    /// With an audit that is intact: how many events were checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<usize>,
    /// How many kept ends of the chain it was held against.
    pub heads: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<Break>,
}

/// The first place at which the audit is not what it was.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Break {
    pub position: i64,
    pub event_id: EventId,
    /// Plain words, for people.
    pub why: String,
}

/// Check every event and the whole chain: finds what was changed, forged, removed, inserted, reordered, or cut off behind
/// a kept end.
#[utoipa::path(
    tag = "audit",
    security(("token" = [])),
    request_body = Verify,
    responses((status = 200, body = Verified), Problems)
)]
#[post("/audit/verification")]
pub async fn verify(
    app: web::Data<App>,
    actor: Actor,
    Body(Verify { heads }): Body<Verify>,
) -> Result<web::Json<Verified>, AppError> {
    let (found, heads) = verified(&app, &actor, heads).await?;
    let (intact, events, broken) = match found {
        Verification::Intact { events } => (true, Some(events), None),
        Verification::Broken { position, event, why } => {
            (false, None, Some(Break { position, event_id: event, why: why.to_owned() }))
        }
    };
    Ok(web::Json(Verified { intact, events, heads, broken }))
}

/// Checks the audit against these heads and those that the server keeps; says against how many.
///
/// # Errors
/// When the database fails, or the file of heads cannot be read.
pub async fn verified(app: &App, actor: &Actor, mut heads: Vec<Head>) -> Result<(Verification, usize), AppError> {
    app.db.read(actor, |_| Ok(())).await?; // before the long work, and again after it
    if let Some(file) = &app.audit_head_file {
        heads.extend(kept(file)?);
    }
    let count = heads.len();
    let found = app.db.verify_audit_against(heads, |_| ()).await?;
    let recorded = found.clone();
    app.db.write(actor, move |tx| Ok(actions::audit::verified(tx, &recorded))).await?;
    Ok((found, count))
}

/// The heads in a file; none if there is no such file yet.
///
/// # Errors
/// When it cannot be read, or a line of it is no head.
pub fn kept(file: &std::path::Path) -> Result<Vec<Head>, AppError> {
    match std::fs::read_to_string(file) {
        Ok(text) => Head::read(&text)
            .map_err(|(line, error)| AppError::internal(format!("{}, line {line}: {error}", file.display()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(AppError::internal(error)),
    }
}
