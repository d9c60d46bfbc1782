//! From one home to another: within a service, and on to second stage.

use actix_web::{HttpResponse, post, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Placement, told};
use crate::actions::placements::{Moving, SecondStage, arrange_second_stage, move_to};
use crate::api::created;
use crate::api::input::{Body, Once, Path};
use crate::api::problem::Problems;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::{At, within_reach};
use crate::error::AppError;
use crate::ids::{OccupancyId, UnitId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(move_unit).service(second_stage);
}

/// Where to, when and why a household moves.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct MoveToUnit {
    /// Another unit of the same service.
    unit_id: UnitId,
    /// Now unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    moved_at: Option<At>,
    /// Of the list `move_reason`.
    #[garde(length(chars, min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    reason: String,
}

/// Move a household to another unit of the same service: the one is free, and the other taken, from the same instant. The
/// answer is the stay that goes on from this one.
#[utoipa::path(
    tag = "placements",
    security(("token" = [])),
    params(("id" = OccupancyId, Path), Once),
    request_body = MoveToUnit,
    responses((status = 201, body = Placement, headers(("Location" = String), ("ETag" = String))), Problems)
)]
#[post("/placements/{id}/move")]
pub async fn move_unit(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<OccupancyId>,
    once: Once,
    Body(body): Body<MoveToUnit>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&body)?;
    let MoveToUnit { unit_id, moved_at, reason } = body;
    let moving = Moving { unit: unit_id, moved_at, reason };
    let next: Placement = app
        .db
        .write_once(&actor, key, move |tx| {
            let change = move_to(tx, id, &moving)?;
            let next = change.value().id;
            told(tx, next, change)
        })
        .await?;
    Ok(created(format!("/api/v1/placements/{}", next.id.0), Some(next.version), &next))
}

/// A home of the second stage, and from when.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct ToSecondStage {
    /// Of a second-stage service of your organisation.
    unit_id: UnitId,
    #[garde(custom(within_reach))]
    expected_on: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(within_reach)))]
    expected_end: Option<NaiveDate>,
}

/// Take a home of your own second stage for a household. It lives where it does until it arrives there; the answer is the
/// stay that is expected.
#[utoipa::path(
    tag = "placements",
    security(("token" = [])),
    params(("id" = OccupancyId, Path), Once),
    request_body = ToSecondStage,
    responses((status = 201, body = Placement, headers(("Location" = String), ("ETag" = String))), Problems)
)]
#[post("/placements/{id}/second-stage")]
pub async fn second_stage(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<OccupancyId>,
    once: Once,
    Body(body): Body<ToSecondStage>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&body)?;
    let ToSecondStage { unit_id, expected_on, expected_end } = body;
    let to = SecondStage { unit: unit_id, expected_on, expected_end };
    let next: Placement = app
        .db
        .write_once(&actor, key, move |tx| {
            let change = arrange_second_stage(tx, id, &to)?;
            let next = change.value().id;
            told(tx, next, change)
        })
        .await?;
    Ok(created(format!("/api/v1/placements/{}", next.id.0), Some(next.version), &next))
}
