//! What a scheme can do in a month, and what of it is left.

use actix_web::{HttpResponse, get, put, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::actions::sanctuary::{months, set_capacity};
use crate::api::input::{Body, IfMatch, Path};
use crate::api::problem::Problems;
use crate::api::tagged;
use crate::app::App;
use crate::auth::Actor;
use crate::db;
use crate::domain::sanctuary::Left;
use crate::error::AppError;
use crate::ids::ServiceId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(read).service(set);
}

/// So many months are told.
const MONTHS: usize = 12;

/// This month and those after it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SanctuaryCapacities)]
pub struct Capacities {
    pub items: Vec<Left>,
}

/// Read what a sanctuary scheme can do, and what of it is left: this month and the next eleven.
#[utoipa::path(
    tag = "sanctuary",
    security(("token" = [])),
    params(("id" = ServiceId, Path)),
    responses((status = 200, body = Capacities), Problems)
)]
#[get("/services/{id}/sanctuary-capacity")]
pub async fn read(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ServiceId>,
) -> Result<web::Json<Capacities>, AppError> {
    let today = app.clock.now().date();
    let read = move |conn: &mut db::Conn| {
        db::services::find(conn, id)?;
        db::sanctuary::left(conn, id, &months(today, MONTHS))
    };
    Ok(web::Json(Capacities { items: app.db.read(&actor, read).await? }))
}

/// What a scheme can do in a month: so many jobs, so much money, either or both.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct MonthlyCapacity {
    #[garde(inner(range(min = 0, max = 10_000)))]
    #[schema(minimum = 0, maximum = 10_000)]
    jobs: Option<i32>,
    #[garde(inner(range(min = 0, max = 1_000_000_000)))]
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    budget_pence: Option<i32>,
}

/// Say what your sanctuary scheme can do in a month, named by its first day. `If-Match: "0"` for the first time.
#[utoipa::path(
    tag = "sanctuary",
    security(("token" = [])),
    params(("id" = ServiceId, Path), ("month" = NaiveDate, Path), IfMatch),
    request_body = MonthlyCapacity,
    responses((status = 200, body = Left, headers(("ETag" = String))), Problems)
)]
#[put("/services/{id}/sanctuary-capacity/{month}")]
pub async fn set(
    app: web::Data<App>,
    actor: Actor,
    Path((id, month)): Path<(ServiceId, NaiveDate)>,
    IfMatch(version): IfMatch,
    Body(MonthlyCapacity { jobs, budget_pence }): Body<MonthlyCapacity>,
) -> Result<HttpResponse, AppError> {
    let left = app.db.write(&actor, move |tx| set_capacity(tx, id, month, version, jobs, budget_pence)).await?;
    Ok(tagged(left.version, &left))
}
