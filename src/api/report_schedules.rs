//! `/reports/schedules`: reports that one's organisation gets without asking.

use actix_web::{HttpResponse, get, put, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, IfMatch, Path};
use super::page::Page;
use super::problem::Problems;
use super::tagged;
use crate::actions;
use crate::app::App;
use crate::auth::Actor;
use crate::db;
use crate::db::report_schedules::Schedule;
use crate::domain::measures::Side;
use crate::domain::report_file::Every;
use crate::error::AppError;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(set);
}

/// Whether a report comes each month or quarter, when that is over.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct ReportSchedule {
    pub every: Every,
    pub side: Side,
    pub active: bool,
    /// 0 while nobody has said anything.
    pub version: i32,
}

impl From<Schedule> for ReportSchedule {
    fn from(row: Schedule) -> Self {
        let Schedule { every, side, active, version, .. } = row;
        Self { every, side, active, version }
    }
}

/// The sides from which somebody manages.
fn sides(actor: &Actor) -> impl Iterator<Item = Side> {
    let theirs = |side: &Side| actions::reports::perspective(actor, Some(side.as_str())).is_ok();
    Side::ALL.iter().copied().filter(theirs)
}

/// Every schedule that somebody may set, as it stands.
pub fn all(conn: &mut db::Conn, actor: &Actor) -> Result<Vec<ReportSchedule>, AppError> {
    let known = db::report_schedules::of(conn, actor.organisation)?;
    let one = |every: Every, side: Side| {
        let row = known.iter().find(|row| row.every == every && row.side == side).cloned();
        row.map_or(ReportSchedule { every, side, active: false, version: 0 }, ReportSchedule::from)
    };
    Ok(sides(actor)
        .flat_map(|side| Every::ALL.iter().map(move |every| (*every, side)))
        .map(|(every, side)| one(every, side))
        .collect())
}

/// List the schedules of one's organisation, also those that are off.
#[utoipa::path(
    tag = "reports",
    operation_id = "list_report_schedules",
    security(("token" = [])),
    responses((status = 200, body = Page<ReportSchedule>), Problems)
)]
#[get("/reports/schedules")]
pub async fn list(app: web::Data<App>, actor: Actor) -> Result<web::Json<Page<ReportSchedule>>, AppError> {
    let reader = actor.clone();
    let items = app.db.read(&actor, move |conn| all(conn, &reader)).await?;
    Ok(web::Json(Page { items, next: None }))
}

/// Whether the report is wanted.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct ScheduleEdit {
    active: bool,
}

/// Say whether a report is wanted each month or quarter. The first is of the one that is not over yet; managers get a mail
/// when it is ready. `If-Match: "0"` for the first time.
#[utoipa::path(
    tag = "reports",
    operation_id = "set_report_schedule",
    security(("token" = [])),
    params(("every" = Every, Path), ("side" = Side, Path), IfMatch),
    request_body = ScheduleEdit,
    responses((status = 200, body = ReportSchedule, headers(("ETag" = String))), Problems)
)]
#[put("/reports/schedules/{every}/{side}")]
pub async fn set(
    app: web::Data<App>,
    actor: Actor,
    Path((every, side)): Path<(Every, Side)>,
    IfMatch(version): IfMatch,
    Body(ScheduleEdit { active }): Body<ScheduleEdit>,
) -> Result<HttpResponse, AppError> {
    if !sides(&actor).any(|theirs| theirs == side) {
        return Err(AppError::NotFound);
    }
    let row = app.db.write(&actor, move |tx| actions::report_schedules::set(tx, every, side, version, active)).await?;
    let row = ReportSchedule::from(row);
    Ok(tagged(row.version, &row))
}
