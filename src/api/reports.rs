//! `/reports`: figures for managers, from the records of their own organisation.

use std::collections::BTreeMap;

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::Query;
use super::problem::Problems;
use crate::actions;
use crate::actions::reports::Ask;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::{At, within_reach};
use crate::db::Conn;
use crate::domain::measures::{self, Dimension, Tally};
use crate::error::{AppError, Part};
use crate::reports;

pub fn routes(config: &mut ServiceConfig) {
    config.service(denied_access).service(denied_access_csv);
}

/// At most this many days in one report.
pub const LONGEST: i64 = 3_700;

/// # Errors
/// [`AppError::Invalid`] when a report from one day to the other has no days, or too many.
pub fn sound_days(from: NaiveDate, to: NaiveDate) -> Result<(), AppError> {
    if to < from || (to - from).num_days() > LONGEST {
        let message = format!("choose a day from the first to {LONGEST} days after it");
        return Err(AppError::field(Part::Query, "/to", "out_of_range", &message));
    }
    Ok(())
}

/// A report as a file to keep.
pub fn file(report: &str, from: NaiveDate, to: NaiveDate, table: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{report}-{from}-{to}.csv\"")))
        .body(table)
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
    /// What to break the counts down by, with commas: `reason,month`. Any of `reason`, `decided_by`,
    /// `womens_aid_group`, `return_group`, `area`, `service`, `accommodation_type`, `month`, `source`,
    /// `what_happened_next`, `household`.
    #[garde(length(max = 200))]
    by: Option<String>,
    /// For somebody who manages both: `provider` (referrals to your services) or `referrer` (your cases).
    #[garde(length(max = 20))]
    r#as: Option<String>,
    /// Beside what: the period `before`, which is as many months, or else as many days.
    compare: Option<Compare>,
}

/// What figures are compared with.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[schema(as = ReportCompare)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// The period before.
    Before,
}

/// The days that a report is compared with.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = ReportDays)]
pub struct Days {
    pub from: NaiveDate,
    /// The last day, included.
    pub to: NaiveDate,
}

impl Days {
    /// Those before a period, when they are asked for.
    pub fn before(from: NaiveDate, to: NaiveDate, asked: bool) -> Option<Self> {
        measures::before(from, to).filter(|_| asked).map(|(from, to)| Self { from, to })
    }
}

impl Period {
    fn ask(self, actor: &Actor) -> Result<Ask, AppError> {
        let Self { from, to, by, r#as, compare: _ } = self;
        sound_days(from, to)?;
        let mut dimensions: Vec<Dimension> = Vec::new();
        for word in by.iter().flat_map(|by| by.split(',')).filter(|word| !word.is_empty()) {
            let wrong = |message: &str| AppError::field(Part::Query, "/by", "unknown", &message);
            let dimension = word.parse().map_err(|_| {
                let known: Vec<_> = Dimension::ALL.iter().map(|dimension| dimension.as_str()).collect();
                wrong(&format!("choose any of {}", known.join(", ")))
            })?;
            if dimensions.contains(&dimension) {
                return Err(wrong("name each only once"));
            }
            dimensions.push(dimension);
        }
        let perspective = actions::reports::perspective(actor, r#as.as_deref())?;
        Ok(Ask { from, to, by: dimensions, perspective })
    }
}

/// Denied access, counted per referral and per household. The two are never mixed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DeniedAccess {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub computed_at: At,
    /// What it is compared with. Absent when that was not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Days>,
    pub by: Vec<Dimension>,
    /// Referrals sent in the period: denied is one that ended other than placed. `total = placed + safe_at_home + denied + open`.
    pub per_referral: Tally,
    /// How often each reason was given beside the primary one. These are not counted above.
    pub referral_secondary_reasons: BTreeMap<String, u64>,
    /// Cases closed in the period: denied is a household unable to be supported. Only for the organisation whose cases
    /// they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_household: Option<Tally>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub household_secondary_reasons: Option<BTreeMap<String, u64>>,
}

/// Who was denied access, and why.
#[utoipa::path(
    tag = "reports",
    security(("token" = [])),
    params(Period),
    responses((status = 200, body = DeniedAccess), Problems)
)]
#[get("/reports/denied-access")]
pub async fn denied_access(
    app: web::Data<App>,
    actor: Actor,
    Query(period): Query<Period>,
) -> Result<web::Json<DeniedAccess>, AppError> {
    let compare = period.compare.is_some();
    let ask = period.ask(&actor)?;
    let (reader, asked, computed_at) = (actor.clone(), ask.clone(), app.clock.now());
    let report = if compare { actions::reports::denied_access_compared } else { actions::reports::denied_access };
    let read = move |conn: &mut Conn| report(conn, &reader, &asked);
    let report = app.db.read(&actor, read).await?;
    Ok(web::Json(DeniedAccess {
        from: ask.from,
        to: ask.to,
        computed_at,
        before: Days::before(ask.from, ask.to, compare),
        by: ask.by,
        per_referral: report.per_referral,
        referral_secondary_reasons: report.referral_secondary_reasons,
        per_household: report.per_household,
        household_secondary_reasons: report.household_secondary_reasons,
    }))
}

/// The same as a table: one row for each count. That it was taken out is recorded.
#[utoipa::path(
    tag = "reports",
    security(("token" = [])),
    params(Period),
    responses((status = 200, body = String, content_type = "text/csv; charset=utf-8"), Problems)
)]
#[get("/reports/denied-access.csv")]
pub async fn denied_access_csv(
    app: web::Data<App>,
    actor: Actor,
    Query(period): Query<Period>,
) -> Result<HttpResponse, AppError> {
    let compare = period.compare.is_some();
    let ask = period.ask(&actor)?;
    let asked = ask.clone();
    let report = app.db.write(&actor, move |tx| actions::reports::export_denied_access(tx, &asked, compare)).await?;
    let table = reports::denied_access_csv(&ask, &report)?;
    Ok(file("denied-access", ask.from, ask.to, table))
}
