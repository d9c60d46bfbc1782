//! `/waiting`: who waits for a place, in the order in which somebody looks after them.

use std::collections::BTreeMap;

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::Query;
use super::page::{DEFAULT_LIMIT, Page, after, cursor, one_more};
use super::problem::Problems;
use crate::actions;
use crate::actions::waiting::{After, Ask, Figures, Waits, Wanted};
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::domain::eligibility::Obstacle;
use crate::domain::household::RiskBand;
use crate::domain::matching::Counts;
use crate::domain::referral;
use crate::domain::waiting::{Because, Household, Turn, WEEKS, Why, days};
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, ReferralId};
use crate::reports;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(summary).service(export);
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct Filter {
    /// GSS code of an area: those who want to be there.
    #[garde(length(chars, min = 9, max = 9))]
    #[param(min_length = 9, max_length = 9)]
    wanted_area: Option<String>,
    /// The worker whose cases.
    owner_id: Option<AccountId>,
    household: Option<Household>,
    /// Those who wait longer than so many days.
    #[garde(range(min = 0, max = 3_700))]
    #[param(minimum = 0, maximum = 3_700)]
    longer_than: Option<i64>,
}

impl From<Filter> for Ask {
    fn from(filter: Filter) -> Self {
        let Filter { wanted_area, owner_id, household, longer_than } = filter;
        Self { wanted_area, owner: owner_id, household, longer_than }
    }
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct Listed {
    /// GSS code of an area: those who want to be there.
    #[garde(length(chars, min = 9, max = 9))]
    #[param(min_length = 9, max_length = 9)]
    wanted_area: Option<String>,
    /// The worker whose cases.
    owner_id: Option<AccountId>,
    household: Option<Household>,
    /// Those who wait longer than so many days.
    #[garde(range(min = 0, max = 3_700))]
    #[param(minimum = 0, maximum = 3_700)]
    longer_than: Option<i64>,
    /// At most this many; 50 unless said.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the page before.
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

/// A household that waits for a place.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WaitingCase {
    pub case_id: CaseId,
    pub reference: String,
    pub owner_id: AccountId,
    pub opened_at: At,
    /// Whole days, by the calendar in England.
    pub days_waiting: i64,
    /// Absent while none is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_contact: Option<At>,
    pub turn: Turn,
    /// Why it stands here, in the order in which the reasons count.
    pub because: Vec<WaitingReason>,
    /// How what is vacant now suits it.
    pub matches: Counts,
    /// What is most often the only thing in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_the_way: Option<InTheWay>,
    /// Not decided yet, the oldest first.
    pub open_referrals: Vec<WaitingReferral>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<RiskBand>,
    /// Whether they would rather be made safe at home.
    pub sanctuary_wanted: bool,
}

/// One reason for a place in the order.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WaitingReason {
    pub code: Why,
    pub since: At,
    /// Plain words, for people.
    pub text: String,
}

/// One thing that alone keeps a household from so many vacancies.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct InTheWay {
    pub code: Obstacle,
    pub text: String,
    pub vacancies: usize,
}

/// A referral that waits for somebody.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WaitingReferral {
    pub id: ReferralId,
    pub reference: String,
    pub state: referral::State,
    pub sent_at: At,
}

impl WaitingCase {
    pub fn of(row: Waits, now: At) -> Self {
        let Waits { case, position, because, last_contact, counts, obstacle, referrals, risk, sanctuary } = row;
        let reason =
            |because: Because| WaitingReason { code: because.why, since: because.since, text: because.told(now) };
        let referrals = referrals.into_iter();
        Self {
            case_id: case.id,
            reference: case.reference,
            owner_id: case.owner_id,
            opened_at: case.opened_at,
            days_waiting: days(case.opened_at, now),
            last_contact,
            turn: position.turn,
            because: because.into_iter().map(reason).collect(),
            matches: counts,
            in_the_way: obstacle.map(|(code, vacancies)| InTheWay { code, text: code.label().to_owned(), vacancies }),
            open_referrals: referrals
                .map(|open| WaitingReferral {
                    id: open.id,
                    reference: open.reference,
                    state: open.state,
                    sent_at: open.sent_at,
                })
                .collect(),
            risk,
            sanctuary_wanted: sanctuary,
        }
    }
}

/// One page from rows that were read with one more than its limit.
///
/// # Errors
/// Never in practice.
pub fn page(mut rows: Vec<Waits>, limit: i64, now: At) -> Result<Page<WaitingCase>, AppError> {
    let limit = usize::try_from(limit).map_err(AppError::internal)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| cursor(&row.position)).transpose()?;
    Ok(Page { items: rows.into_iter().map(|row| WaitingCase::of(row, now)).collect(), next })
}

/// List who waits for a place: your own cases, or those of the whole organisation for a helpline manager. First where
/// something can be done now, then where no contact is recorded for too long, then who has waited longest.
#[utoipa::path(
    tag = "cases",
    operation_id = "waiting",
    security(("token" = [])),
    params(Listed),
    responses((status = 200, body = Page<WaitingCase>), Problems)
)]
#[get("/waiting")]
pub async fn list(
    app: web::Data<App>,
    actor: Actor,
    Query(listed): Query<Listed>,
) -> Result<web::Json<Page<WaitingCase>>, AppError> {
    let Listed { wanted_area, owner_id, household, longer_than, limit, cursor } = listed;
    let ask = Ask { wanted_area, owner: owner_id, household, longer_than };
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    let start: Option<After> = after(cursor.as_deref())?;
    let (who, now, policy) = (actor.clone(), app.clock.now(), app.policy);
    let read = move |conn: &mut crate::db::Conn| {
        actions::waiting::list(conn, &who, &ask, start, one_more(limit), (now, policy))
    };
    Ok(web::Json(page(app.db.read(&actor, read).await?, limit, now)?))
}

/// How many wait for a place, and for how long.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WaitingSummary {
    pub households: usize,
    /// Absent when nobody waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_days: Option<i64>,
    pub by_weeks: Vec<WeeksWaiting>,
    /// By GSS code of the area that they want; one who wants several is counted in each.
    pub by_wanted_area: BTreeMap<String, usize>,
    /// Those who would go anywhere that is safe.
    pub anywhere: usize,
}

/// How many wait at least so many whole weeks, and less than the next.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WeeksWaiting {
    pub from_weeks: i64,
    pub households: usize,
}

impl From<Figures> for WaitingSummary {
    fn from(figures: Figures) -> Self {
        let Figures { all, wanted } = figures;
        let Wanted { by_area, anywhere } = wanted.unwrap_or_default();
        let by_weeks = WEEKS.iter().zip(&all.by_weeks);
        Self {
            households: all.households,
            median_days: all.median_days,
            longest_days: all.longest_days,
            by_weeks: by_weeks
                .map(|(from_weeks, households)| WeeksWaiting { from_weeks: *from_weeks, households: *households })
                .collect(),
            by_wanted_area: by_area,
            anywhere,
        }
    }
}

/// Sum up who waits for a place.
#[utoipa::path(
    tag = "cases",
    operation_id = "waiting_summary",
    security(("token" = [])),
    params(Filter),
    responses((status = 200, body = WaitingSummary), Problems)
)]
#[get("/waiting/summary")]
pub async fn summary(
    app: web::Data<App>,
    actor: Actor,
    Query(filter): Query<Filter>,
) -> Result<web::Json<WaitingSummary>, AppError> {
    let (ask, who, now) = (Ask::from(filter), actor.clone(), app.clock.now());
    let figures = app.db.read(&actor, move |conn| actions::waiting::figures(conn, &who, &ask, true, now)).await?;
    Ok(web::Json(figures.into()))
}

/// The list as a file to keep.
///
/// # Errors
/// Never in practice.
pub fn file(rows: &[Waits], now: At) -> Result<HttpResponse, AppError> {
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"waiting-{}.csv\"", now.date())))
        .body(reports::waiting_csv(rows, now)?))
}

/// The whole list as a table, for managers. That it was taken out is recorded.
#[utoipa::path(
    tag = "cases",
    operation_id = "waiting_csv",
    security(("token" = [])),
    params(Filter),
    responses((status = 200, body = String, content_type = "text/csv; charset=utf-8"), Problems)
)]
#[get("/waiting.csv")]
pub async fn export(app: web::Data<App>, actor: Actor, Query(filter): Query<Filter>) -> Result<HttpResponse, AppError> {
    let (ask, now) = (Ask::from(filter), app.clock.now());
    let rows = app.db.write(&actor, move |tx| actions::waiting::export(tx, &ask)).await?;
    file(&rows, now)
}
