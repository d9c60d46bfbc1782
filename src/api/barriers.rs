//! `/reports/barriers`: what stood in the way of households, and what one change would have housed the most.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::Query;
use super::problem::Problems;
use super::reports::{file, sound_days};
use crate::actions;
use crate::actions::barriers::{Ask, By, Households};
use crate::app::App;
use crate::auth::Actor;
use crate::clock::{At, within_reach};
use crate::domain::barriers::{self, answer};
use crate::domain::eligibility::Obstacle;
use crate::error::AppError;
use crate::reports;

pub fn routes(config: &mut ServiceConfig) {
    config.service(read).service(read_csv);
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct Period {
    /// The first day.
    #[garde(custom(within_reach))]
    from: NaiveDate,
    /// The last day, included.
    #[garde(custom(within_reach))]
    to: NaiveDate,
    /// `turned_away` (unless said): households whose case was closed in the period without a place. `searched`: those of
    /// whom a search was kept in the period.
    households: Option<Households>,
    /// What to break the report down by: where the places are, what they are, whose they are, or the month.
    by: Option<By>,
    /// For somebody who manages both: `provider` (your services) or `referrer` (your cases).
    #[garde(length(max = 20))]
    r#as: Option<String>,
}

impl Period {
    fn ask(self, actor: &Actor) -> Result<Ask, AppError> {
        let Self { from, to, households, by, r#as } = self;
        sound_days(from, to)?;
        let perspective = actions::reports::perspective(actor, r#as.as_deref())?;
        Ok(Ask { from, to, households: households.unwrap_or(Households::TurnedAway), by, perspective })
    }
}

/// One thing that stood in the way, counted in households that found nothing suitable.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Barrier {
    pub code: Obstacle,
    pub label: String,
    /// Of so many it was the only thing in the way of at least one place.
    pub alone: usize,
    /// Of so many others it stood in the way, but never alone.
    pub together: usize,
    /// So many would have had at least one suitable place, had this one thing been different.
    pub would_suit: usize,
    /// So many others would have had a place to talk about with its provider.
    pub would_talk: usize,
}

impl From<barriers::Barrier> for Barrier {
    fn from(barrier: barriers::Barrier) -> Self {
        let barriers::Barrier { obstacle, alone, together, would_suit, would_talk } = barrier;
        Self { code: obstacle, label: obstacle.label().to_owned(), alone, together, would_suit, would_talk }
    }
}

/// A part of the report: the households of one month, or the places of one area, kind or service.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct BarriersCell {
    pub value: String,
    /// Households that were looked at: of a month its own, otherwise all.
    pub households: usize,
    pub barriers: Vec<Barrier>,
}

/// What stood in the way. Households, never referrals. From the searches that were kept: when a case was referred, put
/// under watch, closed without a place, or when a worker said that it matters. Not for publication.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Barriers)]
pub struct Report {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub computed_at: At,
    pub counted: Households,
    pub households: usize,
    /// Found at least one suitable place, and count in no barrier: it was something else that kept them from it.
    pub with_suitable: usize,
    /// For so many no place was vacant at all.
    pub nothing_vacant: usize,
    /// The one change that would have given the most households a suitable place, in a sentence.
    pub answer: String,
    /// That change first.
    pub barriers: Vec<Barrier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub cells: Vec<BarriersCell>,
}

/// What stood in the way, and what one change would have housed the most households.
#[utoipa::path(
    tag = "reports",
    security(("token" = [])),
    params(Period),
    responses((status = 200, body = Report), Problems)
)]
#[get("/reports/barriers")]
pub async fn read(
    app: web::Data<App>,
    actor: Actor,
    Query(period): Query<Period>,
) -> Result<web::Json<Report>, AppError> {
    let ask = period.ask(&actor)?;
    let (reader, asked, computed_at) = (actor.clone(), ask.clone(), app.clock.now());
    let report = app.db.read(&actor, move |conn| actions::barriers::report(conn, &reader, &asked)).await?;
    let cell = |cell: actions::barriers::Cell| BarriersCell {
        value: cell.value,
        households: cell.households,
        barriers: cell.barriers.into_iter().map(Barrier::from).collect(),
    };
    Ok(web::Json(Report {
        from: ask.from,
        to: ask.to,
        computed_at,
        counted: ask.households,
        households: report.households,
        with_suitable: report.with_suitable,
        nothing_vacant: report.nothing_vacant,
        answer: answer(&report.barriers, report.households),
        barriers: report.barriers.into_iter().map(Barrier::from).collect(),
        by: ask.by,
        cells: report.cells.into_iter().map(cell).collect(),
    }))
}

/// The same as a table: one row for each barrier. That it was taken out is recorded.
#[utoipa::path(
    tag = "reports",
    security(("token" = [])),
    params(Period),
    responses((status = 200, body = String, content_type = "text/csv; charset=utf-8"), Problems)
)]
#[get("/reports/barriers.csv")]
pub async fn read_csv(
    app: web::Data<App>,
    actor: Actor,
    Query(period): Query<Period>,
) -> Result<HttpResponse, AppError> {
    let ask = period.ask(&actor)?;
    let asked = ask.clone();
    let report = app.db.write(&actor, move |tx| actions::barriers::export(tx, &asked)).await?;
    let table = reports::barriers_csv(&ask, &report)?;
    Ok(file("barriers", ask.from, ask.to, table))
}
