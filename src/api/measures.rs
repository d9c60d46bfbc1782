//! `/reports`: what is measured, and `/reports/measures`: all of it for one period, from one's own records.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::Query;
use super::problem::Problems;
use super::reports::{Compare, Days, file, sound_days};
use crate::actions;
use crate::actions::reports::measures::{Ask, Choice};
use crate::app::App;
use crate::auth::Actor;
use crate::clock::{At, within_reach};
use crate::domain::measures::catalogue::Unit;
use crate::domain::measures::{self, Code, Kind, Measure, Period, Side, Theme};
use crate::error::AppError;
use crate::reports;

pub fn routes(config: &mut ServiceConfig) {
    config.service(catalogue).service(read).service(read_csv);
}

/// What a measure counts, and what it does not say.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = MeasureDefinition)]
pub struct Definition {
    pub code: Code,
    pub theme: Theme,
    pub title: String,
    /// In plain words.
    pub counts: String,
    /// What is counted.
    pub unit: Unit,
    /// What its value is. Days are of 24 hours and, like minutes and percentages, have one decimal; a half is rounded up. A
    /// median of an even number is the mean of the middle two; of a 90th percentile the nearest rank is taken.
    pub kind: Kind,
    /// Who has it: providers of their services, referrers of their cases.
    pub sides: Vec<Side>,
    /// The records that it comes from.
    pub source: String,
    pub caveats: Vec<String>,
}

impl From<measures::Definition> for Definition {
    fn from(definition: measures::Definition) -> Self {
        let measures::Definition { code, theme, title, counts, unit, kind, sides, source, caveats } = definition;
        Self {
            code,
            theme,
            title: title.to_owned(),
            counts: counts.to_owned(),
            unit,
            kind,
            sides: sides.to_vec(),
            source: source.to_owned(),
            caveats: caveats.iter().map(|caveat| (*caveat).to_owned()).collect(),
        }
    }
}

/// Everything that is measured.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Catalogue {
    pub measures: Vec<Definition>,
}

/// What is measured: each measure with what it counts, its unit, where it comes from, and what it does not say. What stood
/// in the way of households is a report of its own: `/reports/barriers`.
#[utoipa::path(
    tag = "reports",
    security(("token" = [])),
    responses((status = 200, body = Catalogue), Problems)
)]
#[get("/reports")]
pub async fn catalogue(_actor: Actor) -> web::Json<Catalogue> {
    web::Json(Catalogue { measures: Code::ALL.iter().map(|code| code.definition().into()).collect() })
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct MeasuresPeriod {
    /// The first day.
    #[garde(custom(within_reach))]
    from: NaiveDate,
    /// The last day, included.
    #[garde(custom(within_reach))]
    to: NaiveDate,
    /// For somebody who manages both: `provider` (your services) or `referrer` (your cases).
    #[garde(length(max = 20))]
    r#as: Option<String>,
    /// Only the measures of this theme.
    theme: Option<Theme>,
    /// Beside what: the period `before`, which is as many months, or else as many days.
    compare: Option<Compare>,
}

impl MeasuresPeriod {
    fn ask(self, actor: &Actor) -> Result<(Ask, Choice), AppError> {
        let Self { from, to, r#as, theme, compare } = self;
        sound_days(from, to)?;
        let perspective = actions::reports::perspective(actor, r#as.as_deref())?;
        Ok((Ask { from, to, perspective }, Choice { theme, compare: compare.is_some() }))
    }
}

/// All measures of one's own organisation for a period. Not for publication: small numbers can point to a person.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Measures)]
pub struct Report {
    pub from: NaiveDate,
    /// The last day, included.
    pub to: NaiveDate,
    /// Whose records are counted: those of one's own services, or those of one's own cases.
    pub side: Side,
    pub computed_at: At,
    /// Up to when things are counted: the end of the period, or `computed_at` while it goes on.
    pub counted_until: At,
    /// What it is compared with. Absent when that was not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Days>,
    /// In the order of the catalogue.
    pub measures: Vec<Measure>,
}

/// All measures of one's own organisation for a period.
#[utoipa::path(
    tag = "reports",
    security(("token" = [])),
    params(MeasuresPeriod),
    responses((status = 200, body = Report), Problems)
)]
#[get("/reports/measures")]
pub async fn read(
    app: web::Data<App>,
    actor: Actor,
    Query(period): Query<MeasuresPeriod>,
) -> Result<web::Json<Report>, AppError> {
    let (ask, choice) = period.ask(&actor)?;
    let period = Period { from: ask.from, to: ask.to, now: app.clock.now() };
    let (reader, asked) = (actor.clone(), ask.clone());
    let read =
        move |conn: &mut crate::db::Conn| actions::reports::measures::chosen(conn, &reader, &asked, period, choice);
    let measures = app.db.read(&actor, read).await?;
    Ok(web::Json(Report {
        from: ask.from,
        to: ask.to,
        side: ask.side(),
        computed_at: period.now,
        counted_until: period.until(),
        before: Days::before(ask.from, ask.to, choice.compare),
        measures,
    }))
}

/// The same as a table: one row for each figure. That it was taken out is recorded.
#[utoipa::path(
    tag = "reports",
    security(("token" = [])),
    params(MeasuresPeriod),
    responses((status = 200, body = String, content_type = "text/csv; charset=utf-8"), Problems)
)]
#[get("/reports/measures.csv")]
pub async fn read_csv(
    app: web::Data<App>,
    actor: Actor,
    Query(period): Query<MeasuresPeriod>,
) -> Result<HttpResponse, AppError> {
    let (ask, choice) = period.ask(&actor)?;
    let asked = ask.clone();
    let measures = app.db.write(&actor, move |tx| actions::reports::measures::export(tx, &asked, choice)).await?;
    Ok(file("measures", ask.from, ask.to, reports::measures_csv(&ask, &measures)?))
}
