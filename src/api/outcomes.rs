//! `/placements/{id}/outcomes`: how a survivor says that she fares when she leaves.

use actix_web::{HttpResponse, get, put, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, IfMatch, Path};
use super::problem::Problems;
use super::tagged;
use crate::actions;
use crate::actions::outcomes::Said;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::{At, within_reach};
use crate::db::exclusions::Reader;
use crate::db::{self, Conn};
use crate::domain::outcomes::{Answer, AskedHow, fixed_at};
use crate::error::AppError;
use crate::ids::OccupancyId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(find).service(put_outcomes);
}

/// What a survivor said when she left, compared with the day she came.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Outcomes {
    pub safety: Answer,
    pub wellbeing: Answer,
    pub stability: Answer,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_on: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_how: Option<AskedHow>,
    /// Absent while nothing has been recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_at: Option<At>,
    /// Until then they can be put right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed_at: Option<At>,
}

impl From<Option<db::outcomes::Outcomes>> for Outcomes {
    fn from(row: Option<db::outcomes::Outcomes>) -> Self {
        let of = |of: fn(&db::outcomes::Outcomes) -> Answer| row.as_ref().map_or(Answer::NotAsked, of);
        Self {
            safety: of(|row| row.safety),
            wellbeing: of(|row| row.wellbeing),
            stability: of(|row| row.stability),
            asked_on: row.as_ref().and_then(|row| row.asked_on),
            asked_how: row.as_ref().and_then(|row| row.asked_how),
            recorded_at: row.as_ref().map(|row| row.recorded_at),
            fixed_at: row.as_ref().map(|row| fixed_at(row.recorded_at)),
        }
    }
}

/// Read the outcomes of a stay: nothing was asked until it is recorded.
#[utoipa::path(
    tag = "placements",
    security(("token" = [])),
    params(("id" = OccupancyId, Path)),
    responses((status = 200, body = Outcomes, headers(("ETag" = String))), Problems)
)]
#[get("/placements/{id}/outcomes")]
pub async fn find(app: web::Data<App>, actor: Actor, Path(id): Path<OccupancyId>) -> Result<HttpResponse, AppError> {
    let reader = Reader::of(&actor);
    let read = move |conn: &mut Conn| {
        db::placements::find_of(conn, reader, id)?;
        db::outcomes::find(conn, id)
    };
    let row = app.db.read(&actor, read).await?;
    Ok(tagged(row.as_ref().map_or(0, |row| row.version), &Outcomes::from(row)))
}

/// What a survivor said, and when and how she was asked.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewOutcomes {
    safety: Answer,
    wellbeing: Answer,
    stability: Answer,
    /// Unless nothing was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(within_reach)))]
    asked_on: Option<NaiveDate>,
    /// Unless nothing was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked_how: Option<AskedHow>,
}

/// Record the outcomes of a stay, or put them right within 28 days.
#[utoipa::path(
    tag = "placements",
    security(("token" = [])),
    params(("id" = OccupancyId, Path), IfMatch),
    request_body = NewOutcomes,
    responses((status = 200, body = Outcomes, headers(("ETag" = String))), Problems)
)]
#[put("/placements/{id}/outcomes")]
pub async fn put_outcomes(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<OccupancyId>,
    IfMatch(version): IfMatch,
    Body(new): Body<NewOutcomes>,
) -> Result<HttpResponse, AppError> {
    let NewOutcomes { safety, wellbeing, stability, asked_on, asked_how } = new;
    let said = Said { safety, wellbeing, stability, asked_on, asked_how };
    let row = app.db.write(&actor, move |tx| actions::outcomes::put(tx, id, version, said)).await?;
    Ok(tagged(row.version, &Outcomes::from(Some(row))))
}
