//! `/sanctuary-jobs`: homes that are made safe, so that a household can stay.

mod capacity;
mod follow_ups;
mod home;
mod measures;
mod report;
mod steps;
pub(crate) mod view;

use actix_web::{HttpResponse, get, patch, post, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use self::view::{Job, told};
use super::input::{Body, IfMatch, Once, Path, Query};
use super::page::{DEFAULT_LIMIT, Page, after, one_more};
use super::problem::Problems;
use super::referrals::Direction;
use super::{created, tagged};
use crate::actions;
use crate::actions::sanctuary::{Edit, New};
use crate::app::App;
use crate::auth::Actor;
use crate::clock::within_reach;
use crate::db;
use crate::db::cases::Scope;
use crate::db::referrals::Side;
use crate::db::sanctuary::{After, Filter};
use crate::domain::household::Answer;
use crate::domain::sanctuary::{Consent, Left, State, Tenure};
use crate::error::AppError;
use crate::ids::{CaseId, SanctuaryId, ServiceId};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(schemes)
        .service(request)
        .service(list)
        .service(find)
        .service(edit)
        .configure(steps::routes)
        .configure(measures::routes)
        .configure(home::routes)
        .configure(follow_ups::routes)
        .configure(capacity::routes)
        .configure(report::routes);
}

/// A sanctuary scheme, and what is left of this month and the next two.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SanctuaryScheme)]
pub struct Scheme {
    pub service_id: ServiceId,
    pub service: String,
    pub area_name: String,
    /// Whether it covers the area of the home; absent while nobody knows where that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covers: Option<bool>,
    pub months: Vec<Left>,
}

/// Every sanctuary scheme for a household.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SanctuarySchemes)]
pub struct Schemes {
    pub items: Vec<Scheme>,
}

/// Sanctuary schemes that could make the home of a household safe: those of its area first.
#[utoipa::path(
    tag = "sanctuary",
    security(("token" = [])),
    params(("id" = CaseId, Path)),
    responses((status = 200, body = Schemes), Problems)
)]
#[get("/cases/{id}/sanctuary-schemes")]
pub async fn schemes(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<web::Json<Schemes>, AppError> {
    let (scope, now, own) = (Scope::of(&actor), app.clock.now(), actor.organisation);
    let read = move |conn: &mut db::Conn| {
        let case = db::cases::find_in(conn, scope, id)?;
        actions::sanctuary::schemes(conn, &case, now)
    };
    let items = app.db.read(&actor, read).await?.into_iter().map(|scheme| {
        let service = super::services::Service::seen_by(own, scheme.service);
        Scheme {
            service_id: service.id,
            service: service.name,
            area_name: service.area_name,
            covers: scheme.covers,
            months: scheme.left,
        }
    });
    Ok(web::Json(Schemes { items: items.collect() }))
}

/// What is asked for in a home.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Wish {
    /// Of the list `sanctuary_measure`.
    #[garde(length(chars, min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    kind: String,
    #[garde(range(min = 1, max = 100))]
    #[schema(minimum = 1, maximum = 100)]
    number: i32,
}

/// A new job. Where the home is, is written down apart: `PUT /sanctuary-jobs/{id}/address`.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewSanctuaryJob {
    /// A sanctuary scheme.
    service_id: ServiceId,
    /// A day of the month in which it is to be done; this month unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(within_reach)))]
    wanted_month: Option<NaiveDate>,
    tenure: Tenure,
    /// Not needed for owners, not asked for others, unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    landlord_consent: Option<Consent>,
    #[serde(default = "unknown")]
    perpetrator_keys: Answer,
    #[serde(default = "unknown")]
    joint_tenancy: Answer,
    #[serde(default)]
    #[garde(length(max = 20), dive)]
    #[schema(max_items = 20)]
    measures: Vec<Wish>,
}

fn unknown() -> Answer {
    Answer::Unknown
}

/// Ask a sanctuary scheme to make the home of a household safe. Where nothing is left of this month it is refused with
/// `next_month`, for which it can be asked.
#[utoipa::path(
    tag = "sanctuary",
    security(("token" = [])),
    params(("id" = CaseId, Path), Once),
    request_body = NewSanctuaryJob,
    responses((status = 201, body = Job, headers(("Location" = String), ("ETag" = String))), Problems)
)]
#[post("/cases/{id}/sanctuary-jobs")]
pub async fn request(
    app: web::Data<App>,
    actor: Actor,
    Path(case): Path<CaseId>,
    once: Once,
    Body(new): Body<NewSanctuaryJob>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let NewSanctuaryJob {
        service_id,
        wanted_month,
        tenure,
        landlord_consent,
        perpetrator_keys,
        joint_tenancy,
        measures,
    } = new;
    let measures = measures.into_iter().map(|wish| (wish.kind, wish.number)).collect();
    let new =
        New { service: service_id, wanted_month, tenure, landlord_consent, perpetrator_keys, joint_tenancy, measures };
    let job = app
        .db
        .write_once(&actor, key, move |tx| {
            let change = actions::sanctuary::request(tx, case, &new)?;
            let id = change.value().id;
            told(tx, id, change)
        })
        .await?;
    Ok(created(format!("/api/v1/sanctuary-jobs/{}", job.id.0), Some(job.version), &job))
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct Listed {
    /// `sent`: those of your cases. `received`: those to your schemes.
    direction: Option<Direction>,
    state: Option<State>,
    /// `true`: those that go on. `false`: those that have ended.
    open: Option<bool>,
    case_id: Option<CaseId>,
    /// At most this many; 50 unless said.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the page before.
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

/// List the jobs that are yours to see, the newest first.
#[utoipa::path(
    tag = "sanctuary",
    security(("token" = [])),
    params(Listed),
    responses((status = 200, body = Page<Job>), Problems)
)]
#[get("/sanctuary-jobs")]
pub async fn list(
    app: web::Data<App>,
    actor: Actor,
    Query(listed): Query<Listed>,
) -> Result<web::Json<Page<Job>>, AppError> {
    let limit = listed.limit.unwrap_or(DEFAULT_LIMIT);
    let after: Option<After> = after(listed.cursor.as_deref())?;
    let side = listed.direction.map(Direction::side);
    // A scheme does not know of cases: asked for those of one, it has none.
    let side = side.or(listed.case_id.map(|_| Side::Referrer));
    let filter = Filter { side, state: listed.state, open: listed.open, case: listed.case_id };
    let reader = actor.clone();
    let read = move |conn: &mut db::Conn| {
        let rows = db::sanctuary::page(conn, &reader, filter, after, one_more(limit))?;
        let ids: Vec<_> = rows.iter().map(|seen| seen.job.id).collect();
        Ok((rows, db::sanctuary::measures(conn, &ids)?))
    };
    let (rows, mut measures) = app.db.read(&actor, read).await?;
    let now = app.clock.now();
    let rows = rows.into_iter().map(|seen| {
        let (sides, measures) = (seen.sides(&actor), measures.remove(&seen.job.id).unwrap_or_default());
        Job::seen(seen, &sides, actor.organisation, now).with_measures(measures)
    });
    Ok(web::Json(Page::of(rows.collect(), limit, |job: &Job| (job.requested_at, job.id))?))
}

/// Read a job, as your side of it may.
#[utoipa::path(
    tag = "sanctuary",
    security(("token" = [])),
    params(("id" = SanctuaryId, Path)),
    responses((status = 200, body = Job, headers(("ETag" = String))), Problems)
)]
#[get("/sanctuary-jobs/{id}")]
pub async fn find(app: web::Data<App>, actor: Actor, Path(id): Path<SanctuaryId>) -> Result<HttpResponse, AppError> {
    let (reader, now) = (actor.clone(), app.clock.now());
    let job = app.db.read(&actor, move |conn| Job::whole(conn, &reader, id, now)).await?;
    Ok(tagged(job.version, &job))
}

/// What to change about a job; what is absent stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct SanctuaryJobEdit {
    /// A day of the month in which it is to be done.
    #[garde(inner(custom(within_reach)))]
    wanted_month: Option<NaiveDate>,
    tenure: Option<Tenure>,
    landlord_consent: Option<Consent>,
    /// The day on which the landlord was asked, or answered; today unless said.
    #[garde(inner(custom(within_reach)))]
    consent_on: Option<NaiveDate>,
    perpetrator_keys: Option<Answer>,
    joint_tenancy: Option<Answer>,
}

/// Change what is known of a home while its job goes on: either side may.
#[utoipa::path(
    tag = "sanctuary",
    security(("token" = [])),
    params(("id" = SanctuaryId, Path), IfMatch),
    request_body = SanctuaryJobEdit,
    responses((status = 200, body = Job, headers(("ETag" = String))), Problems)
)]
#[patch("/sanctuary-jobs/{id}")]
pub async fn edit(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<SanctuaryId>,
    IfMatch(version): IfMatch,
    Body(body): Body<SanctuaryJobEdit>,
) -> Result<HttpResponse, AppError> {
    let SanctuaryJobEdit { wanted_month, tenure, landlord_consent, consent_on, perpetrator_keys, joint_tenancy } = body;
    let edit = Edit { wanted_month, tenure, landlord_consent, consent_on, perpetrator_keys, joint_tenancy };
    let edited = move |tx: &mut db::Tx| {
        let change = actions::sanctuary::edit(tx, id, version, &edit)?;
        told(tx, id, change)
    };
    let job = app.db.write(&actor, edited).await?;
    Ok(tagged(job.version, &job))
}
