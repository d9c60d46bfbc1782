//! `/placements/{id}/support`: what people of a household were given while they stayed.

use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::created;
use super::input::{Body, Once, Path};
use super::problem::Problems;
use crate::actions;
use crate::actions::support::New;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::{At, within_reach};
use crate::db::exclusions::Reader;
use crate::db::{self, Conn};
use crate::domain::household::MemberRole;
use crate::domain::support::{AgeBand, State};
use crate::error::AppError;
use crate::ids::{OccupancyId, SupportId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(record).service(end).service(take_out);
}

/// Support that somebody of a household is, or was, given.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Support)]
pub struct Given {
    pub id: SupportId,
    /// The stay during which it began.
    pub placement_id: OccupancyId,
    /// Their place in the household, from 1.
    #[schema(minimum = 1)]
    pub person: i32,
    /// What they were when it was recorded.
    pub role: MemberRole,
    pub age_band: AgeBand,
    /// Of the list `support_type`.
    pub support_type: String,
    pub from_on: NaiveDate,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_on: Option<NaiveDate>,
    pub state: State,
    pub recorded_at: At,
}

impl From<db::support::Support> for Given {
    fn from(row: db::support::Support) -> Self {
        Self {
            id: row.id,
            placement_id: row.placement_id,
            person: row.person,
            role: row.role,
            age_band: row.age_band,
            support_type: row.support_type,
            from_on: row.from_on,
            until_on: row.until_on,
            state: row.state,
            recorded_at: row.recorded_at,
        }
    }
}

/// Somebody of a household, as their provider tells people apart: never by name.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Supported {
    /// Their place in the household, from 1.
    #[schema(minimum = 1)]
    pub person: usize,
    pub role: MemberRole,
    pub age_band: AgeBand,
}

/// What was recorded in the stays of one household with you, by person.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Supports {
    pub members: Vec<Supported>,
    pub items: Vec<Given>,
}

/// List the support that was recorded in this stay and those that it goes on from, what was taken out too.
#[utoipa::path(
    tag = "placements",
    security(("token" = [])),
    params(("id" = OccupancyId, Path)),
    responses((status = 200, body = Supports), Problems)
)]
#[get("/placements/{id}/support")]
pub async fn list(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<OccupancyId>,
) -> Result<web::Json<Supports>, AppError> {
    let reader = Reader::of(&actor);
    let read = move |conn: &mut Conn| {
        let seen = db::placements::find_of(conn, reader, id)?;
        let members = db::cases::find(conn, seen.case)?.needs.members;
        Ok((members, db::support::of_referral(conn, seen.placement.referral_id)?))
    };
    let (members, rows) = app.db.read(&actor, read).await?;
    let members = members.iter().zip(1..);
    let members = members
        .map(|(member, person)| Supported { person, role: member.role, age_band: AgeBand::of(member.age) })
        .collect();
    Ok(web::Json(Supports { members, items: rows.into_iter().map(Given::from).collect() }))
}

/// Support that somebody is given.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewSupport {
    /// Their place in the household, from 1.
    #[garde(range(min = 1, max = 30))]
    #[schema(minimum = 1, maximum = 30)]
    person: u16,
    /// Of the list `support_type`.
    #[garde(length(chars, min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    support_type: String,
    /// Today, or the last day of the stay, unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(within_reach)))]
    from_on: Option<NaiveDate>,
    /// When it is over already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(within_reach)))]
    until_on: Option<NaiveDate>,
}

/// Record that somebody of the household is, or was, given support during a stay.
#[utoipa::path(
    tag = "placements",
    security(("token" = [])),
    params(("id" = OccupancyId, Path), Once),
    request_body = NewSupport,
    responses((status = 201, body = Given, headers(("Location" = String))), Problems)
)]
#[post("/placements/{id}/support")]
pub async fn record(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<OccupancyId>,
    once: Once,
    Body(new): Body<NewSupport>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let NewSupport { person, support_type, from_on, until_on } = new;
    let new = New { person, support_type, from_on, until_on };
    let verb = move |tx: &mut db::Tx| Ok(actions::support::record(tx, id, &new)?.map(Given::from));
    let recorded: Given = app.db.write_once(&actor, key, verb).await?;
    Ok(created(format!("/api/v1/placements/{}/support", id.0), None, &recorded))
}

/// When support was over.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct EndOfSupport {
    /// Today, or the last day of the stay, unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(within_reach)))]
    until_on: Option<NaiveDate>,
}

/// Record that support is over.
#[utoipa::path(
    tag = "placements",
    security(("token" = [])),
    params(("id" = OccupancyId, Path), ("support" = SupportId, Path), Once),
    request_body = EndOfSupport,
    responses((status = 200, body = Given), Problems)
)]
#[post("/placements/{id}/support/{support}/end")]
pub async fn end(
    app: web::Data<App>,
    actor: Actor,
    Path((id, support)): Path<(OccupancyId, SupportId)>,
    once: Once,
    Body(body): Body<EndOfSupport>,
) -> Result<web::Json<Given>, AppError> {
    let key = once.of(&body)?;
    let verb = move |tx: &mut db::Tx| Ok(actions::support::end(tx, id, support, body.until_on)?.map(Given::from));
    Ok(web::Json(app.db.write_once(&actor, key, verb).await?))
}

/// Take out what was recorded by mistake. It stays to be seen, and counts no more.
#[utoipa::path(
    tag = "placements",
    security(("token" = [])),
    params(("id" = OccupancyId, Path), ("support" = SupportId, Path), Once),
    responses((status = 200, body = Given), Problems)
)]
#[post("/placements/{id}/support/{support}/take-out")]
pub async fn take_out(
    app: web::Data<App>,
    actor: Actor,
    Path((id, support)): Path<(OccupancyId, SupportId)>,
    once: Once,
) -> Result<web::Json<Given>, AppError> {
    let verb = move |tx: &mut db::Tx| Ok(actions::support::take_out(tx, id, support)?.map(Given::from));
    Ok(web::Json(app.db.write_once(&actor, once.of(&())?, verb).await?))
}
