//! `/referrals`: asking a service to take a household, and the answer.

mod answers;
mod messages;
mod view;

use actix_web::{HttpResponse, get, post, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use self::view::told;
pub(crate) use self::view::{By, Household, Referral};
use super::created;
use super::input::{Body, Once, Path, Query};
use super::page::{DEFAULT_LIMIT, Page, after, one_more};
use super::problem::Problems;
use crate::actions;
use crate::actions::free_text::Outgoing;
use crate::actions::referrals::{New, To};
use crate::app::App;
use crate::auth::Actor;
use crate::db;
use crate::db::referrals::{After, Side};
use crate::domain::referral::State;
use crate::domain::scan::Detail;
use crate::error::AppError;
use crate::ids::{CaseId, ReferralId, ServiceId, VacancyId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(send).service(list).service(find).configure(messages::routes).configure(answers::routes);
}

/// A new referral: to a vacancy, or to a service that has posted none.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewReferral {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vacancy_id: Option<VacancyId>,
    /// Instead of a vacancy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service_id: Option<ServiceId>,
    /// Holds the unit too, unless the case already does.
    #[serde(default)]
    hold: bool,
    /// The provider has agreed to an exception from its own rules. There is none from an area that is not safe.
    #[serde(default)]
    agreed_with_provider: bool,
    /// For the provider. Leave out names, addresses and telephone numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 2000)))]
    #[schema(min_length = 1, max_length = 2000)]
    note: Option<String>,
    /// What of the note you have looked at and say is safe to send, though it looks like something that tells who or where
    /// they are. It is recorded that you did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 4))]
    #[schema(max_items = 4)]
    confirmed: Vec<Detail>,
}

/// Refer a household.
#[utoipa::path(
    tag = "referrals",
    security(("token" = [])),
    params(("id" = CaseId, Path), Once),
    request_body = NewReferral,
    responses((status = 201, body = Referral, headers(("Location" = String))), Problems)
)]
#[post("/cases/{id}/referrals")]
pub async fn send(
    app: web::Data<App>,
    actor: Actor,
    Path(case): Path<CaseId>,
    once: Once,
    Body(new): Body<NewReferral>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let NewReferral { vacancy_id, service_id, hold, agreed_with_provider, note, confirmed } = new;
    let note = note.map(|text| Outgoing::note(text, confirmed));
    let to = match (vacancy_id, service_id) {
        (Some(vacancy), None) => To::Vacancy(vacancy),
        (None, Some(service)) => To::Service(service),
        _ => return Err(AppError::body("/vacancy_id", "required", &"name a vacancy or a service, not both")),
    };
    let new = New { to, hold, agreed_with_provider, note };
    let (now, policy, worker) = (app.clock.now(), app.policy, actor.clone());
    let looked =
        app.db.read(&actor, move |conn| actions::searches::look(conn, &worker, case, vacancy_id, now, policy)).await?;
    let sent: Referral = app
        .db
        .write_once(&actor, key, move |tx| {
            let change = actions::referrals::send(tx, case, &new, &looked)?;
            let id = change.value().id;
            told(tx, id, change)
        })
        .await?;
    Ok(created(format!("/api/v1/referrals/{}", sent.id.0), None, &sent))
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct Filter {
    /// `sent`: those of your cases; `received`: those to your services. Both unless said.
    direction: Option<Direction>,
    state: Option<State>,
    /// `true`: those that are not decided or wait for the household to arrive; `false`: those that have ended.
    open: Option<bool>,
    /// Those of this case.
    case_id: Option<CaseId>,
    /// At most this many; 50 unless said.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the page before.
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

/// Which way a referral went.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Sent,
    Received,
}

impl Direction {
    /// The side that somebody stands at who asks so.
    pub fn side(self) -> Side {
        match self {
            Self::Sent => Side::Referrer,
            Self::Received => Side::Provider,
        }
    }
}

/// List referrals, the newest first.
#[utoipa::path(
    tag = "referrals",
    security(("token" = [])),
    params(Filter),
    responses((status = 200, body = Page<Referral>), Problems)
)]
#[get("/referrals")]
pub async fn list(
    app: web::Data<App>,
    actor: Actor,
    Query(asked): Query<Filter>,
) -> Result<web::Json<Page<Referral>>, AppError> {
    let limit = asked.limit.unwrap_or(DEFAULT_LIMIT);
    let after: Option<After> = after(asked.cursor.as_deref())?;
    let side = asked.direction.map(Direction::side);
    // A provider does not know of cases: asked for those of one, it has none.
    let side = side.or(asked.case_id.map(|_| Side::Referrer));
    let filter = db::referrals::Filter { side, state: None, case: asked.case_id };
    let wanted = |state: &State| {
        asked.state.is_none_or(|only| only == *state) && asked.open.is_none_or(|open| open == state.open())
    };
    let states: Vec<State> = State::ALL.iter().copied().filter(wanted).collect();
    let (reader, by) = (actor.clone(), By { now: app.clock.now(), patience: app.policy.patience });
    let rows = app
        .db
        .read(&actor, move |conn| {
            let rows = db::referrals::page_in(conn, &reader, filter, &states, after, one_more(limit))?;
            Referral::all(conn, &reader, rows, by)
        })
        .await?;
    Ok(web::Json(Page::of(rows, limit, |referral: &Referral| (referral.sent_at, referral.id))?))
}

/// Read a referral, as the referrer or as the provider.
#[utoipa::path(
    tag = "referrals",
    security(("token" = [])),
    params(("id" = ReferralId, Path)),
    responses((status = 200, body = Referral), Problems)
)]
#[get("/referrals/{id}")]
pub async fn find(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
) -> Result<web::Json<Referral>, AppError> {
    let (reader, by) = (actor.clone(), By { now: app.clock.now(), patience: app.policy.patience });
    let (referral, _) = app.db.read(&actor, move |conn| Referral::whole(conn, &reader, id, by)).await?;
    Ok(web::Json(referral))
}
