//! `/reports/annual-return`: the figures of the yearly return of an authority, from one's own records.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::Query;
use super::problem::Problems;
use super::records::{FigureRecords, PAGE, told};
use crate::actions::annual_return::{self, Ask};
use crate::actions::reports::perspective;
use crate::actions::reports::records::of_annual_return;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::within_reach;
use crate::db::Conn;
use crate::error::{AppError, Part};
use crate::reports::book::Book;
use crate::reports::{Format, written};

pub fn routes(config: &mut ServiceConfig) {
    config.service(read).service(behind_annual_return);
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct AnnualReturnOf {
    /// The first day of a financial year: a 1 April.
    #[garde(custom(within_reach))]
    year: NaiveDate,
    /// The code of a county, or of an authority of its own.
    #[garde(length(max = 20))]
    area: String,
    /// What it is written as: `csv` (the default), `wide_csv`, `dictionary_csv`, `json`, `xlsx`, `pdf` or `html`.
    #[garde(length(max = 20))]
    format: Option<String>,
    /// For somebody who manages both: `provider` (your services) or `referrer` (your cases).
    #[garde(length(max = 20))]
    r#as: Option<String>,
}

/// The format that somebody asks for.
///
/// # Errors
/// [`AppError::Invalid`] when there is none such.
pub fn format_of(word: &str) -> Result<Format, AppError> {
    let known: Vec<&str> = Format::ALL.iter().map(|format| format.as_str()).collect();
    let message = format!("choose any of {}", known.join(", "));
    word.parse().map_err(|_| AppError::field(Part::Query, "/format", "unknown", &message))
}

/// A return as a file to keep.
///
/// # Errors
/// When it cannot be written.
pub fn file(book: &Book, format: Format) -> Result<HttpResponse, AppError> {
    let name = format!("annual-return-{}.{}", book.from, format.extension());
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, format.content_type()))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(written(book, format)?))
}

/// The figures of the yearly return of an authority under Part 4 of the Domestic Abuse Act 2021, as far as the records of
/// one's own organisation have them: people supported, support, households unable to be supported, who left and why, and
/// homes. Not for publication. That it was taken out is recorded.
#[utoipa::path(
    tag = "reports",
    security(("token" = [])),
    params(AnnualReturnOf),
    responses(
        (status = 200, content(
            (String = "text/csv; charset=utf-8"),
            (serde_json::Value = "application/json"),
            (String = "text/html; charset=utf-8"),
            (Vec<u8> = "application/pdf"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )),
        Problems
    )
)]
#[get("/reports/annual-return")]
pub async fn read(
    app: web::Data<App>,
    actor: Actor,
    Query(of): Query<AnnualReturnOf>,
) -> Result<HttpResponse, AppError> {
    let format = format_of(of.format.as_deref().unwrap_or(Format::Csv.as_str()))?;
    let perspective = perspective(&actor, of.r#as.as_deref())?;
    let ask = Ask { year: of.year, area: of.area, perspective };
    let book = app.db.write(&actor, move |tx| annual_return::export(tx, &ask)).await?;
    file(&book, format)
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct AnnualReturnRecords {
    /// The first day of a financial year: a 1 April.
    #[garde(custom(within_reach))]
    year: NaiveDate,
    /// The code of a county, or of an authority of its own.
    #[garde(length(max = 20))]
    area: String,
    /// For somebody who manages both: `provider` (your services) or `referrer` (your cases).
    #[garde(length(max = 20))]
    r#as: Option<String>,
    /// The code of the line: `people.refuge`.
    #[garde(length(max = 100))]
    line: String,
    /// The code of the column: `households`.
    #[garde(length(max = 100))]
    column: String,
    /// So many are left out at the beginning.
    #[garde(range(max = 10_000_000))]
    #[param(maximum = 10_000_000)]
    offset: Option<usize>,
    /// At most this many; 50 unless said.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

/// The records behind a figure of the yearly return; of people the households that they belong to. A provider has all
/// households of the line, so that it is not told which of them is made up how.
#[utoipa::path(
    tag = "reports",
    security(("token" = [])),
    params(AnnualReturnRecords),
    responses((status = 200, body = FigureRecords), Problems)
)]
#[get("/reports/annual-return/records")]
pub async fn behind_annual_return(
    app: web::Data<App>,
    actor: Actor,
    Query(of): Query<AnnualReturnRecords>,
) -> Result<web::Json<FigureRecords>, AppError> {
    let AnnualReturnRecords { year, area, r#as, line, column, offset, limit } = of;
    let perspective = perspective(&actor, r#as.as_deref())?;
    let ask = Ask { year, area, perspective };
    let (skip, take, now) = (offset.unwrap_or(0), limit.unwrap_or(PAGE), app.clock.now());
    let reader = actor.clone();
    let find = move |conn: &mut Conn| {
        of_annual_return(conn, &reader, &ask, (line.as_str(), column.as_str()), now, (skip, take))
    };
    Ok(web::Json(told(app.db.read(&actor, find).await?, skip)))
}
