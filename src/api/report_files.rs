//! `/reports/files`: reports that are made once and kept, and `/reports/book`: the same at once.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use actix_web::{HttpResponse, delete, get, post, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, Once, Path, Query};
use super::page::{Page, Paging, after, one_more};
use super::problem::Problems;
use super::reports::sound_days;
use crate::actions;
use crate::actions::report_files::{Wanted, ask as ask_for, delete as forget, take_out, take_out_at_once};
use crate::actions::reports::measures::Ask;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::{At, within_reach};
use crate::db;
use crate::domain::job::Problem;
use crate::domain::measures::Side;
use crate::domain::report_file::{Kind, State};
use crate::error::{AppError, Part};
use crate::ids::ReportFileId;
use crate::reports::book::Book;
use crate::reports::{Format, written};

pub fn routes(config: &mut ServiceConfig) {
    config.service(at_once).service(list).service(ask).service(find).service(delete).service(read);
}

/// A report that is made once and kept.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ReportFile {
    pub id: ReportFileId,
    pub kind: Kind,
    pub from: NaiveDate,
    /// The last day, included.
    pub to: NaiveDate,
    /// Whose records are counted: those of one's own services, or those of one's own cases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    pub state: State,
    /// Of `all_steps`.
    pub done_steps: i32,
    pub all_steps: i32,
    /// Whether nobody asked for it: it comes regularly.
    pub scheduled: bool,
    pub asked_at: At,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<At>,
    /// Why it could not be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// It is forgotten then.
    pub kept_until: At,
    /// What it can be taken out as, when it is ready.
    pub formats: Vec<Format>,
}

impl From<db::report_files::ReportFile> for ReportFile {
    fn from(row: db::report_files::ReportFile) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            from: row.from_on,
            to: row.to_on,
            side: row.side,
            state: row.state,
            done_steps: row.done_steps,
            all_steps: row.all_steps,
            scheduled: row.asked_by.is_none(),
            asked_at: row.asked_at,
            ready_at: row.ready_at,
            problem: row.problem,
            kept_until: row.kept_until,
            formats: Format::ALL.to_vec(),
        }
    }
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct BookPeriod {
    /// The first day.
    #[garde(custom(within_reach))]
    from: NaiveDate,
    /// The last day, included.
    #[garde(custom(within_reach))]
    to: NaiveDate,
    /// For somebody who manages both: `provider` (your services) or `referrer` (your cases).
    #[garde(length(max = 20))]
    r#as: Option<String>,
    /// `json` unless said.
    #[param(inline)]
    format: Option<Format>,
}

/// Every measure of one's own organisation for a period, with the period before, in words and numbers. Not for
/// publication. That it was taken out is recorded.
#[utoipa::path(
    tag = "reports",
    operation_id = "read_book",
    security(("token" = [])),
    params(BookPeriod),
    responses(
        (status = 200, content(
            (serde_json::Value = "application/json"),
            (String = "text/csv; charset=utf-8"),
            (String = "text/html; charset=utf-8"),
            (Vec<u8> = "application/pdf"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )),
        Problems
    )
)]
#[get("/reports/book")]
pub async fn at_once(
    app: web::Data<App>,
    actor: Actor,
    Query(period): Query<BookPeriod>,
) -> Result<HttpResponse, AppError> {
    let BookPeriod { from, to, r#as, format } = period;
    sound_days(from, to)?;
    let perspective = actions::reports::perspective(&actor, r#as.as_deref())?;
    let (asked, format) = (Ask { from, to, perspective }, format.unwrap_or(Format::Json));
    let book = app.db.write(&actor, move |tx| take_out_at_once(tx, &asked, format)).await?;
    document(&app, &actor, Document { kind: Kind::OwnReport, from, to, format, book }).await
}

/// A report that somebody takes out.
pub struct Document {
    pub kind: Kind,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub format: Format,
    pub book: Book,
}

/// A report as a file to keep. It is written off the web threads, which others wait for.
///
/// # Errors
/// When it cannot be written.
pub async fn document(app: &App, actor: &Actor, document: Document) -> Result<HttpResponse, AppError> {
    let Document { kind, from, to, format, book } = document;
    let bytes = app.db.read(actor, move |_| written(&book, format)).await?;
    let what = match format {
        Format::WideCsv => "-wide",
        Format::DictionaryCsv => "-dictionary",
        _ => "",
    };
    let (kind, extension) = (kind.as_str().replace('_', "-"), format.extension());
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, format.content_type()))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{kind}-{from}-{to}{what}.{extension}\"")))
        .body(bytes))
}

/// List the reports of one's organisation, the last one asked for first.
#[utoipa::path(
    tag = "reports",
    operation_id = "list_report_files",
    security(("token" = [])),
    params(Paging),
    responses((status = 200, body = Page<ReportFile>), Problems)
)]
#[get("/reports/files")]
pub async fn list(
    app: web::Data<App>,
    actor: Actor,
    Query(paging): Query<Paging>,
) -> Result<web::Json<Page<ReportFile>>, AppError> {
    let (of, limit) = (actor.organisation, paging.limit());
    let begin: Option<ReportFileId> = after(paging.cursor())?;
    let rows = move |conn: &mut db::Conn| db::report_files::page(conn, of, begin, one_more(limit));
    let rows = app.db.read(&actor, rows).await?.into_iter().map(ReportFile::from).collect();
    Ok(web::Json(Page::of(rows, limit, |file: &ReportFile| file.id)?))
}

/// What a report is to be about.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewReportFile {
    kind: Kind,
    /// The first day.
    #[garde(custom(within_reach))]
    from: NaiveDate,
    /// The last day, included.
    #[garde(custom(within_reach))]
    to: NaiveDate,
    /// For somebody who manages both: your services, or your cases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    side: Option<Side>,
}

/// Ask for a report. It is made by and by: read it until its `state` is `ready`.
#[utoipa::path(
    tag = "reports",
    operation_id = "ask_for_report_file",
    security(("token" = [])),
    params(Once),
    request_body = NewReportFile,
    responses((status = 202, body = ReportFile, headers(("Location" = String))), Problems)
)]
#[post("/reports/files")]
pub async fn ask(
    app: web::Data<App>,
    actor: Actor,
    once: Once,
    Body(new): Body<NewReportFile>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let NewReportFile { kind, from, to, side } = new;
    let body = |error| in_body(error, "/side");
    sound_days(from, to).map_err(|error| in_body(error, "/to"))?;
    let side = actions::reports::perspective(&actor, side.map(Side::as_str)).map_err(body)?;
    let wanted = Wanted { kind, from, to, side: Some(Ask { from, to, perspective: side }.side()) };
    let verb = move |tx: &mut db::Tx| Ok(ask_for(tx, wanted)?.map(ReportFile::from));
    let file: ReportFile = app.db.write_once(&actor, key, verb).await?;
    let location = format!("/api/v1/reports/files/{}", file.id.0);
    Ok(HttpResponse::Accepted().insert_header((LOCATION, location)).json(&file))
}

/// The same mistake, in a field of the body.
fn in_body(error: AppError, pointer: &str) -> AppError {
    let AppError::Invalid(mut fields) = error else { return error };
    for field in &mut fields {
        field.r#in = Part::Body;
        pointer.clone_into(&mut field.pointer);
    }
    AppError::Invalid(fields)
}

/// Read how far a report has come.
#[utoipa::path(
    tag = "reports",
    operation_id = "find_report_file",
    security(("token" = [])),
    params(("id" = ReportFileId, Path)),
    responses((status = 200, body = ReportFile), Problems)
)]
#[get("/reports/files/{id}")]
pub async fn find(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ReportFileId>,
) -> Result<web::Json<ReportFile>, AppError> {
    let of = actor.organisation;
    let file = app.db.read(&actor, move |conn| db::report_files::find(conn, of, id)).await?;
    Ok(web::Json(file.into()))
}

/// Forget a report before its time.
#[utoipa::path(
    tag = "reports",
    operation_id = "delete_report_file",
    security(("token" = [])),
    params(("id" = ReportFileId, Path)),
    responses((status = 204), Problems)
)]
#[delete("/reports/files/{id}")]
pub async fn delete(app: web::Data<App>, actor: Actor, Path(id): Path<ReportFileId>) -> Result<HttpResponse, AppError> {
    app.db.write(&actor, move |tx| forget(tx, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Take a report out that is ready. That it was taken out is recorded.
#[utoipa::path(
    tag = "reports",
    operation_id = "read_report_file",
    security(("token" = [])),
    params(("id" = ReportFileId, Path), ("format" = Format, Path)),
    responses(
        (status = 200, content(
            (serde_json::Value = "application/json"),
            (String = "text/csv; charset=utf-8"),
            (String = "text/html; charset=utf-8"),
            (Vec<u8> = "application/pdf"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )),
        Problems
    )
)]
#[get("/reports/files/{id}/{format}")]
pub async fn read(
    app: web::Data<App>,
    actor: Actor,
    Path((id, format)): Path<(ReportFileId, Format)>,
) -> Result<HttpResponse, AppError> {
    let (file, book) = app.db.write(&actor, move |tx| take_out(tx, id, format)).await?;
    let (kind, from, to) = (file.kind, file.from_on, file.to_on);
    document(&app, &actor, Document { kind, from, to, format, book }).await
}
