//! What is planned and fitted in a home.

use actix_web::{HttpResponse, patch, post, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::view::Measure;
use crate::actions::sanctuary::{MeasureEdit, NewMeasure, add_measure, edit_measure};
use crate::api::input::{Body, IfMatch, Once, Path};
use crate::api::problem::Problems;
use crate::api::{created, tagged};
use crate::app::App;
use crate::auth::Actor;
use crate::domain::sanctuary::{Fitting, Installer};
use crate::error::AppError;
use crate::ids::{SanctuaryId, SanctuaryMeasureId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(add).service(edit);
}

/// A new measure.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewSanctuaryMeasure {
    /// Of the list `sanctuary_measure`.
    #[garde(length(chars, min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    kind: String,
    #[garde(range(min = 1, max = 100))]
    #[schema(minimum = 1, maximum = 100)]
    number: i32,
    /// Of all of them together.
    #[serde(default)]
    #[garde(range(min = 0, max = 10_000_000))]
    #[schema(minimum = 0, maximum = 10_000_000)]
    cost_pence: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    installer: Option<Installer>,
}

/// Plan a measure. Once everything is fitted, it counts as fitted at once.
#[utoipa::path(
    tag = "sanctuary",
    security(("token" = [])),
    params(("id" = SanctuaryId, Path), Once),
    request_body = NewSanctuaryMeasure,
    responses((status = 201, body = Measure, headers(("Location" = String), ("ETag" = String))), Problems)
)]
#[post("/sanctuary-jobs/{id}/measures")]
pub async fn add(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<SanctuaryId>,
    once: Once,
    Body(new): Body<NewSanctuaryMeasure>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let NewSanctuaryMeasure { kind, number, cost_pence, installer } = new;
    let new = NewMeasure { kind, number, cost_pence, installer };
    let verb = move |tx: &mut crate::db::Tx| Ok(add_measure(tx, id, &new)?.map(Measure::from));
    let added: Measure = app.db.write_once(&actor, key, verb).await?;
    let location = format!("/api/v1/sanctuary-jobs/{}/measures/{}", id.0, added.id.0);
    Ok(created(location, Some(added.version), &added))
}

/// What to change about a measure; what is absent stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct SanctuaryMeasureEdit {
    #[garde(inner(range(min = 1, max = 100)))]
    #[schema(minimum = 1, maximum = 100)]
    number: Option<i32>,
    /// Of all of them together.
    #[garde(inner(range(min = 0, max = 10_000_000)))]
    #[schema(minimum = 0, maximum = 10_000_000)]
    cost_pence: Option<i32>,
    installer: Option<Installer>,
    state: Option<Fitting>,
}

/// Change a measure.
#[utoipa::path(
    tag = "sanctuary",
    security(("token" = [])),
    params(("id" = SanctuaryId, Path), ("measure" = SanctuaryMeasureId, Path), IfMatch),
    request_body = SanctuaryMeasureEdit,
    responses((status = 200, body = Measure, headers(("ETag" = String))), Problems)
)]
#[patch("/sanctuary-jobs/{id}/measures/{measure}")]
pub async fn edit(
    app: web::Data<App>,
    actor: Actor,
    Path((id, measure)): Path<(SanctuaryId, SanctuaryMeasureId)>,
    IfMatch(version): IfMatch,
    Body(body): Body<SanctuaryMeasureEdit>,
) -> Result<HttpResponse, AppError> {
    let SanctuaryMeasureEdit { number, cost_pence, installer, state } = body;
    let edit = MeasureEdit { number, cost_pence, installer, state };
    let edited = app.db.write(&actor, move |tx| edit_measure(tx, id, measure, version, edit)).await?;
    Ok(tagged(edited.version, &Measure::from(edited)))
}
