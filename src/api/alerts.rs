//! `/alerts`: what somebody should look at.

use actix_web::{get, post, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::input::{Once, Path, Query};
use super::page::{DEFAULT_LIMIT, Page, after, one_more};
use super::problem::Problems;
use crate::actions;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::db::alerts::After;
use crate::domain::alert::{Kind, Stage};
use crate::error::AppError;
use crate::ids::{AccountId, AlertId, OrganisationId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(see);
}

/// Something that somebody should look at.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Alert {
    pub id: AlertId,
    pub organisation_id: OrganisationId,
    pub kind: Kind,
    /// Whom it is about.
    pub account_id: AccountId,
    /// Of an emergency: how far it had come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// What it is about: `case`, `referral`, `emergency_access`, `account`.
    pub object_kind: String,
    pub object_id: Uuid,
    pub at: At,
    /// Absent while nobody has said that they have looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_by: Option<AccountId>,
}

impl From<db::alerts::Alert> for Alert {
    fn from(row: db::alerts::Alert) -> Self {
        Self {
            id: row.id,
            organisation_id: row.organisation_id,
            kind: row.kind,
            account_id: row.account_id,
            stage: row.stage,
            object_kind: row.object_kind,
            object_id: row.object_id.0,
            at: row.at,
            seen_at: row.seen_at,
            seen_by: row.seen_by,
        }
    }
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct Filter {
    /// Only those that nobody has looked at.
    #[serde(default)]
    unseen: bool,
    /// At most this many; 50 unless said.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the page before.
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

/// List alerts, the newest first: those of your organisation; an auditor sees all.
#[utoipa::path(
    tag = "alerts",
    security(("token" = [])),
    params(Filter),
    responses((status = 200, body = Page<Alert>), Problems)
)]
#[get("/alerts")]
pub async fn list(
    app: web::Data<App>,
    actor: Actor,
    Query(filter): Query<Filter>,
) -> Result<web::Json<Page<Alert>>, AppError> {
    let limit = filter.limit.unwrap_or(DEFAULT_LIMIT);
    let after: Option<After> = after(filter.cursor.as_deref())?;
    let who = actor.clone();
    let rows =
        app.db.read(&actor, move |conn| db::alerts::page(conn, &who, filter.unseen, after, one_more(limit))).await?;
    let rows = rows.into_iter().map(Alert::from).collect();
    Ok(web::Json(Page::of(rows, limit, |alert: &Alert| (alert.at, alert.id))?))
}

/// Say that you have looked at an alert. Not for one that is about you.
#[utoipa::path(
    tag = "alerts",
    security(("token" = [])),
    params(("id" = AlertId, Path), Once),
    responses((status = 200, body = Alert), Problems)
)]
#[post("/alerts/{id}/seen")]
pub async fn see(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<AlertId>,
    once: Once,
) -> Result<web::Json<Alert>, AppError> {
    let see = move |tx: &mut db::Tx| Ok(actions::alerts::see(tx, id)?.map(Alert::from));
    Ok(web::Json(app.db.write_once(&actor, once.of(&())?, see).await?))
}
