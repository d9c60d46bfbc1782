//! The records behind the figures of the reports, for whoever may see them anyway.

use actix_web::{get, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::input::{Path, Query};
use super::problem::Problems;
use super::reports::sound_days;
use crate::actions::reports::records::{Behind, Of, OfCell, Record, of_denied_access, of_measure};
use crate::actions::reports::{self, measures};
use crate::app::App;
use crate::auth::Actor;
use crate::clock::{At, within_reach};
use crate::db::Conn;
use crate::domain::measures::records::{Amount, Kind, Part};
use crate::domain::measures::{Access, Code, Dimension, Period};
use crate::error::AppError;
use crate::ids::CaseId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(behind_measure).service(behind_denied_access);
}

/// A record that a figure counts.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FigureRecord {
    pub kind: Kind,
    pub id: Uuid,
    /// Of a stay that of its referral, of a home or a vacancy the code of the home.
    pub reference: String,
    /// For those whose case it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_id: Option<CaseId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_reference: Option<String>,
    /// When it came to be counted: when it was sent, opened, closed, began or ended.
    pub at: At,
    /// What it adds to the figure, in `amount_in`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<u64>,
    /// Its page; of a vacancy that of its home, of a stay that of the case for those whose case it is.
    pub link: String,
}

/// Some of the records behind a figure, in the order of time.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FigureRecords {
    /// Of several kinds that of the first.
    pub kind: Kind,
    /// How many there are: the figure, if it is a count of them.
    pub total: u64,
    /// What is added up from the records, where each does not only count as one. Absent also for a provider where it would
    /// say how a single household is made up or what it answered: then these are all records among which that was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_in: Option<Amount>,
    /// The sum of the amounts of all records, also those that are not on this page: the part or the whole of a share, the
    /// sum of a mean, or the figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<u64>,
    /// The one moment at which these were counted, where there is one: of the fewest and the most the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_at: Option<At>,
    pub items: Vec<FigureRecord>,
    /// The `offset` of the next page. Absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_offset: Option<usize>,
}

/// The page of a record. A stay is a page for who has the home; who has the case reads of it there.
pub fn link(record: &Record) -> String {
    let id = record.named.home.map_or(record.id, |home| home.0);
    match record.kind {
        Kind::Case => format!("/cases/{id}"),
        Kind::Referral => format!("/referrals/{id}"),
        Kind::Stay => {
            let case = record.named.case.as_ref();
            case.map_or_else(|| format!("/placements/{id}"), |(case, _)| format!("/cases/{}", case.0))
        }
        Kind::Unit | Kind::Vacancy => format!("/units/{id}"),
        Kind::SanctuaryJob => format!("/sanctuary/{id}"),
    }
}

pub fn told(behind: Behind, skip: usize) -> FigureRecords {
    let Behind { kind, total, amount, counted_at, items, service: _ } = behind;
    let until = skip + items.len();
    let items = items.into_iter().map(|record| {
        let link = link(&record);
        let Record { kind, id, at, amount, named } = record;
        let (case_id, case_reference) = named.case.unzip();
        FigureRecord { kind, id, reference: named.reference, case_id, case_reference, at, amount, link }
    });
    let (amount_in, amount) = amount.unzip();
    FigureRecords {
        kind,
        total: crate::domain::measures::figure::number(total),
        amount_in,
        amount,
        counted_at,
        items: items.collect(),
        next_offset: (until < total).then_some(until),
    }
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct MeasureRecords {
    /// The first day.
    #[garde(custom(within_reach))]
    from: NaiveDate,
    /// The last day, included.
    #[garde(custom(within_reach))]
    to: NaiveDate,
    /// For somebody who manages both: `provider` (your services) or `referrer` (your cases).
    #[garde(length(max = 20))]
    r#as: Option<String>,
    /// A breakdown of the measure.
    #[garde(length(max = 100))]
    by: Option<String>,
    /// The value in that breakdown; absent for those that have none. Of a service the `key` of its row.
    #[garde(length(max = 200))]
    of: Option<String>,
    /// Of a share its part or its whole; the part unless said.
    part: Option<Part>,
    /// So many are left out at the beginning.
    #[garde(range(max = 10_000_000))]
    #[param(maximum = 10_000_000)]
    offset: Option<usize>,
    /// At most this many; 50 unless said.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

/// So many records on a page.
pub const PAGE: usize = 50;

/// The records that a measure counts: referrals, cases, stays, homes, vacancies or sanctuary jobs of your own organisation.
#[utoipa::path(
    tag = "reports",
    security(("token" = [])),
    params(("measure" = Code, Path), MeasureRecords),
    responses((status = 200, body = FigureRecords), Problems)
)]
#[get("/reports/measures/{measure}/records")]
pub async fn behind_measure(
    app: web::Data<App>,
    actor: Actor,
    Path(code): Path<Code>,
    Query(asked): Query<MeasureRecords>,
) -> Result<web::Json<FigureRecords>, AppError> {
    let MeasureRecords { from, to, r#as, by, of, part, offset, limit } = asked;
    sound_days(from, to)?;
    let perspective = reports::perspective(&actor, r#as.as_deref())?;
    let (ask, period) = (measures::Ask { from, to, perspective }, Period { from, to, now: app.clock.now() });
    let of = Of { code, part: part.unwrap_or(Part::Numerator), by: by.map(|by| (by, of)) };
    let (skip, take) = (offset.unwrap_or(0), limit.unwrap_or(PAGE));
    let reader = actor.clone();
    let read = move |conn: &mut Conn| of_measure(conn, &reader, &ask, period, &of, (skip, take));
    Ok(web::Json(told(app.db.read(&actor, read).await?, skip)))
}

/// What is counted.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[schema(as = DeniedAccessCounted)]
#[serde(rename_all = "snake_case")]
pub enum CountedAs {
    Referral,
    Household,
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct CellRecords {
    /// The first day.
    #[garde(custom(within_reach))]
    from: NaiveDate,
    /// The last day, included.
    #[garde(custom(within_reach))]
    to: NaiveDate,
    /// For somebody who manages both: `provider` (referrals to your services) or `referrer` (your cases).
    #[garde(length(max = 20))]
    r#as: Option<String>,
    counted: CountedAs,
    outcome: Option<Access>,
    /// A reason that was given beside the primary one.
    #[garde(length(max = 200))]
    secondary_reason: Option<String>,
    /// The value of a cell in this dimension, as in the report; empty for what has none. So have all that follow.
    #[garde(length(max = 200))]
    reason: Option<String>,
    #[garde(length(max = 200))]
    decided_by: Option<String>,
    #[garde(length(max = 200))]
    womens_aid_group: Option<String>,
    #[garde(length(max = 200))]
    return_group: Option<String>,
    #[garde(length(max = 200))]
    area: Option<String>,
    /// The `service_key` of a cell.
    #[garde(length(max = 200))]
    service: Option<String>,
    #[garde(length(max = 200))]
    accommodation_type: Option<String>,
    #[garde(length(max = 200))]
    month: Option<String>,
    #[garde(length(max = 200))]
    source: Option<String>,
    #[garde(length(max = 200))]
    what_happened_next: Option<String>,
    #[garde(length(max = 200))]
    household: Option<String>,
    /// So many are left out at the beginning.
    #[garde(range(max = 10_000_000))]
    #[param(maximum = 10_000_000)]
    offset: Option<usize>,
    /// At most this many; 50 unless said.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

impl CellRecords {
    fn values(&self) -> Vec<(Dimension, Option<String>)> {
        let of = |dimension: &Dimension| {
            let value = match dimension {
                Dimension::Reason => &self.reason,
                Dimension::DecidedBy => &self.decided_by,
                Dimension::WomensAidGroup => &self.womens_aid_group,
                Dimension::ReturnGroup => &self.return_group,
                Dimension::Area => &self.area,
                Dimension::Service => &self.service,
                Dimension::AccommodationType => &self.accommodation_type,
                Dimension::Month => &self.month,
                Dimension::Source => &self.source,
                Dimension::WhatHappenedNext => &self.what_happened_next,
                Dimension::Household => &self.household,
            };
            value.as_ref().map(|value| (*dimension, Some(value.clone()).filter(|value| !value.is_empty())))
        };
        Dimension::ALL.iter().filter_map(of).collect()
    }
}

/// The records behind a cell of the denied-access report: referrals, or cases.
#[utoipa::path(
    tag = "reports",
    security(("token" = [])),
    params(CellRecords),
    responses((status = 200, body = FigureRecords), Problems)
)]
#[get("/reports/denied-access/records")]
pub async fn behind_denied_access(
    app: web::Data<App>,
    actor: Actor,
    Query(asked): Query<CellRecords>,
) -> Result<web::Json<FigureRecords>, AppError> {
    sound_days(asked.from, asked.to)?;
    let perspective = reports::perspective(&actor, asked.r#as.as_deref())?;
    let ask = reports::Ask { from: asked.from, to: asked.to, by: Vec::new(), perspective };
    let households = matches!(asked.counted, CountedAs::Household);
    let (access, secondary_reason) = (asked.outcome, asked.secondary_reason.clone());
    let of = OfCell { households, access, values: asked.values(), secondary_reason };
    let (skip, take) = (asked.offset.unwrap_or(0), asked.limit.unwrap_or(PAGE));
    let reader = actor.clone();
    let read = move |conn: &mut Conn| of_denied_access(conn, &reader, &ask, &of, (skip, take));
    Ok(web::Json(told(app.db.read(&actor, read).await?, skip)))
}
