//! `/releases`: what is published of everybody's records, on a fixed grid. There are no filters: what could be asked for in
//! another way could be compared. (S40)

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Path, Query};
use super::problem::Problems;
use crate::actions::releases::{self, last_day, name};
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::db::releases::Made;
use crate::domain::measures::catalogue::Unit;
use crate::domain::measures::published::{Area, Definition, Kind, Released, Row, Table};
use crate::error::{AppError, Part};
use crate::reports::{Format, written};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(read).service(pack).service(annual_return);
}

/// That figures were published.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ReleaseSummary)]
pub struct Summary {
    pub kind: Kind,
    pub first_day: NaiveDate,
    /// Included.
    pub last_day: NaiveDate,
    /// "July to September 2026".
    pub name: String,
    pub made_at: At,
}

impl From<Made> for Summary {
    fn from(made: Made) -> Self {
        let Made { kind, first_day, made_at, .. } = made;
        Self { kind, first_day, last_day: last_day(kind, first_day), name: name(kind, first_day), made_at }
    }
}

/// Everything that was published, the newest first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Releases {
    pub items: Vec<Summary>,
    /// The day on which the next figures come; absent before the first referral.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_on: Option<NaiveDate>,
}

/// A published table.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PublishedTable)]
pub struct PublishedTable {
    pub code: Table,
    pub title: String,
    /// What it counts, in plain words.
    pub counts: String,
    pub unit: Unit,
    /// The records that it comes from.
    pub source: String,
    pub caveats: Vec<String>,
    /// What the rows are.
    pub rows_are: String,
    pub areas: Vec<Area>,
    pub rows: Vec<Row>,
}

/// The published figures of a quarter or a financial year. They never change.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Release {
    #[serde(flatten)]
    pub summary: Summary,
    pub tables: Vec<PublishedTable>,
    /// What the signs mean, and what has to be known of all of it.
    pub caveats: Vec<String>,
}

impl Release {
    /// The tables of a release; of one area, where there is one named.
    ///
    /// # Errors
    /// [`AppError::Invalid`] when no table has such an area.
    pub fn of(made: Made, released: Released, area: Option<&str>) -> Result<Self, AppError> {
        let mut tables: Vec<PublishedTable> = Vec::new();
        for one in released.tables {
            let column = area.map(|area| one.areas.iter().position(|known| known.code == area));
            let (areas, rows) = match column {
                None => (one.areas, one.rows),
                Some(None) => continue,
                Some(Some(column)) => {
                    let only = |row: Row| Row { values: row.values.get(column).copied().into_iter().collect(), ..row };
                    (one.areas.get(column).cloned().into_iter().collect(), one.rows.into_iter().map(only).collect())
                }
            };
            let Definition { table, title, counts, unit, source, rows_are, caveats, .. } = one.table.definition();
            tables.push(PublishedTable {
                code: table,
                title: title.to_owned(),
                counts: counts.to_owned(),
                unit,
                source: source.to_owned(),
                caveats: caveats.iter().map(|caveat| (*caveat).to_owned()).collect(),
                rows_are: rows_are.to_owned(),
                areas,
                rows,
            });
        }
        if tables.is_empty() {
            return Err(AppError::field(Part::Query, "/area", "unknown", &"no table of this release has this area"));
        }
        let caveats = releases::CAVEATS.iter().map(|caveat| (*caveat).to_owned()).collect();
        Ok(Self { summary: made.into(), tables, caveats })
    }
}

/// What was published, and when more comes.
#[utoipa::path(
    tag = "releases",
    security(("token" = [])),
    responses((status = 200, body = Releases), Problems)
)]
#[get("/releases")]
pub async fn list(app: web::Data<App>, actor: Actor) -> Result<web::Json<Releases>, AppError> {
    let settle = app.policy.figures_settle;
    let (all, next_on) = app.db.read(&actor, move |conn| releases::all(conn, settle)).await?;
    Ok(web::Json(Releases { items: all.into_iter().map(Summary::from).collect(), next_on }))
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct Where {
    /// Only this area: a GSS code, `all`, `elsewhere` or `unknown`. Tables that are not by area are left out.
    #[garde(length(max = 20))]
    area: Option<String>,
}

/// All tables of a quarter or a financial year.
#[utoipa::path(
    tag = "releases",
    security(("token" = [])),
    params(("kind" = Kind, Path), ("first_day" = NaiveDate, Path), Where),
    responses((status = 200, body = Release), Problems)
)]
#[get("/releases/{kind}/{first_day}")]
pub async fn read(
    app: web::Data<App>,
    actor: Actor,
    Path((kind, first_day)): Path<(Kind, NaiveDate)>,
    Query(Where { area }): Query<Where>,
) -> Result<web::Json<Release>, AppError> {
    let (made, released) = app.db.read(&actor, move |conn| db::releases::find(conn, kind, first_day)).await?;
    Ok(web::Json(Release::of(made, released, area.as_deref())?))
}

/// A pack as a file.
///
/// # Errors
/// As [`releases::export`].
pub async fn file(
    app: &App,
    actor: &Actor,
    kind: Kind,
    first_day: NaiveDate,
    format: Format,
) -> Result<HttpResponse, AppError> {
    let book = app.db.write(actor, move |tx| releases::export(tx, kind, first_day)).await?;
    let name = releases::file_name(kind, first_day, format);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, format.content_type()))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(written(&book, format)?))
}

/// The board pack of a quarter or a financial year as a file. That it was taken out is recorded.
#[utoipa::path(
    tag = "releases",
    security(("token" = [])),
    params(("kind" = Kind, Path), ("first_day" = NaiveDate, Path), ("format" = Format, Path)),
    responses(
        (status = 200, content(
            (String = "text/csv; charset=utf-8"),
            (Object = "application/json"),
            (String = "text/html; charset=utf-8"),
            (String = "application/pdf"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        Problems
    )
)]
#[get("/releases/{kind}/{first_day}/pack/{format}")]
pub async fn pack(
    app: web::Data<App>,
    actor: Actor,
    Path((kind, first_day, format)): Path<(Kind, NaiveDate, Format)>,
) -> Result<HttpResponse, AppError> {
    file(&app, &actor, kind, first_day, format).await
}

/// The yearly return of an authority as a file.
///
/// # Errors
/// As [`releases::export_annual_return`].
pub async fn return_file(
    app: &App,
    actor: &Actor,
    year: NaiveDate,
    area: String,
    format: Format,
) -> Result<HttpResponse, AppError> {
    let book = app.db.write(actor, move |tx| releases::export_annual_return(tx, year, &area)).await?;
    super::annual_return::file(&book, format)
}

/// The yearly return of an authority under Part 4 of the Domestic Abuse Act 2021, from the published figures of a financial
/// year: for who has no cases. What is not published by area is there for all areas together. That it was taken out is
/// recorded.
#[utoipa::path(
    tag = "releases",
    security(("token" = [])),
    params(("first_day" = NaiveDate, Path), ("area" = String, Path), ("format" = Format, Path)),
    responses(
        (status = 200, content(
            (String = "text/csv; charset=utf-8"),
            (Object = "application/json"),
            (String = "text/html; charset=utf-8"),
            (String = "application/pdf"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        Problems
    )
)]
#[get("/releases/year/{first_day}/annual-return/{area}/{format}")]
pub async fn annual_return(
    app: web::Data<App>,
    actor: Actor,
    Path((year, area, format)): Path<(NaiveDate, String, Format)>,
) -> Result<HttpResponse, AppError> {
    return_file(&app, &actor, year, area, format).await
}
