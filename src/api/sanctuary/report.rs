//! `/reports/sanctuary`: jobs by stage, how long they took, what they cost, and who is still safe at home.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::actions;
use crate::actions::sanctuary::Ask;
use crate::api::input::Query;
use crate::api::problem::Problems;
use crate::api::reports::{file, sound_days};
use crate::app::App;
use crate::auth::Actor;
use crate::clock::{At, within_reach};
use crate::domain::sanctuary::report::SanctuaryFigures;
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
    /// For somebody who manages both: `provider` (your schemes) or `referrer` (your cases).
    #[garde(length(max = 20))]
    r#as: Option<String>,
}

impl Period {
    fn ask(self, actor: &Actor) -> Result<Ask, AppError> {
        sound_days(self.from, self.to)?;
        let perspective = actions::reports::perspective(actor, self.r#as.as_deref())?;
        Ok(Ask { from: self.from, to: self.to, perspective })
    }
}

/// The jobs that were requested in the period, whatever became of them since. Not for publication.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SanctuaryReport {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub computed_at: At,
    #[serde(flatten)]
    pub figures: SanctuaryFigures,
}

/// What sanctuary schemes have done.
#[utoipa::path(
    tag = "reports",
    security(("token" = [])),
    params(Period),
    responses((status = 200, body = SanctuaryReport), Problems)
)]
#[get("/reports/sanctuary")]
pub async fn read(
    app: web::Data<App>,
    actor: Actor,
    Query(period): Query<Period>,
) -> Result<web::Json<SanctuaryReport>, AppError> {
    let ask = period.ask(&actor)?;
    let (from, to, computed_at, reader) = (ask.from, ask.to, app.clock.now(), actor.clone());
    let figures = app.db.read(&actor, move |conn| actions::sanctuary::report(conn, &reader, &ask)).await?;
    Ok(web::Json(SanctuaryReport { from, to, computed_at, figures }))
}

/// The same as a table: one row for each figure. That it was taken out is recorded.
#[utoipa::path(
    tag = "reports",
    security(("token" = [])),
    params(Period),
    responses((status = 200, body = String, content_type = "text/csv; charset=utf-8"), Problems)
)]
#[get("/reports/sanctuary.csv")]
pub async fn read_csv(
    app: web::Data<App>,
    actor: Actor,
    Query(period): Query<Period>,
) -> Result<HttpResponse, AppError> {
    let ask = period.ask(&actor)?;
    let (from, to) = (ask.from, ask.to);
    let figures = app.db.write(&actor, move |tx| actions::sanctuary::export(tx, &ask)).await?;
    Ok(file("sanctuary", from, to, reports::sanctuary_csv(&figures)?))
}
