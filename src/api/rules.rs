//! `…/rules`: the rules by which a provider takes households: of all its services, of one, of a home, of a vacancy.

use actix_web::{HttpResponse, get, post, put, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, IfMatch, Path, Query};
use super::problem::Problems;
use super::tagged;
use crate::actions;
use crate::actions::rules::{VERSIONS, dated};
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::db::rules::{RuleSet, Subject};
use crate::domain::barriers::Effect;
use crate::domain::eligibility::{Rule, Rules, Scope};
use crate::domain::matching::Counts;
use crate::error::AppError;
use crate::ids::{AccountId, OrganisationId, ServiceId, UnitId, VacancyId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(of_organisation).service(change_organisation);
    config.service(of_service).service(change_service).service(preview);
    config.service(of_unit).service(change_unit);
    config.service(of_vacancy).service(change_vacancy);
}

/// Where a rule came from.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RuleOrigin {
    /// The version since which it has been as it is.
    pub version: i32,
    pub effective_from: At,
    /// Who put it into force. Said to the provider only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author_id: Option<AccountId>,
    /// Why. Said to the provider only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One version of a set of rules. Where it and a wider set have a rule about the same thing, the narrower one counts:
/// vacancy before unit before service before organisation.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ServiceRules)]
pub struct RulesOf {
    pub scope: Scope,
    /// 0 where there never were any.
    pub version: i32,
    pub rules: Vec<Rule>,
    /// Where each of them came from, in the same order.
    pub origins: Vec<RuleOrigin>,
    /// Who put this version into force. Said to the provider only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author_id: Option<AccountId>,
    /// Why. Said to the provider only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Absent where there never were any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<At>,
}

impl RulesOf {
    fn seen(scope: Scope, history: &[RuleSet], own: bool) -> Self {
        let newest = history.first();
        let origins = dated(history).into_iter().map(|dated| RuleOrigin {
            version: dated.since.version,
            effective_from: dated.since.effective_from,
            author_id: own.then_some(dated.since.author_id),
            reason: own.then(|| dated.since.reason.clone()),
        });
        Self {
            scope,
            version: newest.map_or(0, |set| set.version),
            rules: newest.map(|set| set.rules.0.clone()).unwrap_or_default(),
            origins: origins.collect(),
            author_id: newest.filter(|_| own).map(|set| set.author_id),
            reason: newest.filter(|_| own).map(|set| set.reason.clone()),
            effective_from: newest.map(|set| set.effective_from),
        }
    }
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// An older version; the one in force unless said.
    #[garde(range(min = 1))]
    #[param(minimum = 1)]
    version: Option<i32>,
}

/// A new set of rules, in place of the one in force.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RulesChange {
    #[garde(dive)]
    rules: Rules,
    /// Why they change: kept beside them.
    #[garde(length(chars, min = 1, max = 300))]
    #[schema(min_length = 1, max_length = 300)]
    reason: String,
}

/// The versions up to one, the newest first; the tag of the set.
fn history(conn: &mut db::Conn, of: Subject, which: Option<i32>) -> Result<Vec<RuleSet>, AppError> {
    let mut found = db::rules::history(conn, of, VERSIONS)?;
    if let Some(which) = which {
        found.retain(|set| set.version <= which);
        if found.first().map(|set| set.version) != Some(which) {
            return Err(AppError::NotFound);
        }
    }
    Ok(found)
}

async fn read(app: &App, actor: &Actor, of: Subject, which: Option<i32>) -> Result<HttpResponse, AppError> {
    let own = actor.organisation;
    let found = app.db.read(actor, move |conn| {
        let (owner, _) = db::rules::around(conn, of)?;
        let service = match of {
            Subject::Service(id) => Some(db::services::find(conn, id)?.service.version),
            _ if owner != own => return Err(AppError::NotFound),
            _ => None,
        };
        Ok((owner == own, service, history(conn, of, which)?))
    });
    let (own, service, found) = found.await?;
    let tag = service.unwrap_or_else(|| found.first().map_or(0, |set| set.version));
    Ok(tagged(tag, &RulesOf::seen(of.scope(), &found, own)))
}

async fn change(
    app: &App,
    actor: &Actor,
    of: Subject,
    version: i32,
    RulesChange { rules, reason }: RulesChange,
) -> Result<HttpResponse, AppError> {
    let changed = app.db.write(actor, move |tx| {
        let change = actions::rules::change(tx, of, version, &rules, &reason)?;
        let history = db::rules::history(tx, of, VERSIONS)?;
        Ok(change.map(|(tag, _)| (tag, history)))
    });
    let (tag, history) = changed.await?;
    Ok(tagged(tag, &RulesOf::seen(of.scope(), &history, true)))
}

/// Read the rules of your organisation for all its services.
#[utoipa::path(
    tag = "rules",
    security(("token" = [])),
    params(("id" = OrganisationId, Path), Which),
    responses((status = 200, body = RulesOf, headers(("ETag" = String))), Problems)
)]
#[get("/organisations/{id}/rules")]
pub async fn of_organisation(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<OrganisationId>,
    Query(Which { version }): Query<Which>,
) -> Result<HttpResponse, AppError> {
    read(&app, &actor, Subject::Organisation(id), version).await
}

/// Put new rules for all your services into force. The versions before stay readable.
#[utoipa::path(
    tag = "rules",
    security(("token" = [])),
    params(("id" = OrganisationId, Path), IfMatch),
    request_body = RulesChange,
    responses((status = 200, body = RulesOf, headers(("ETag" = String))), Problems)
)]
#[put("/organisations/{id}/rules")]
pub async fn change_organisation(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<OrganisationId>,
    IfMatch(version): IfMatch,
    Body(new): Body<RulesChange>,
) -> Result<HttpResponse, AppError> {
    change(&app, &actor, Subject::Organisation(id), version, new).await
}

/// Read the rules of a service. The `ETag` is that of the service.
#[utoipa::path(
    tag = "rules",
    security(("token" = [])),
    params(("id" = ServiceId, Path), Which),
    responses((status = 200, body = RulesOf, headers(("ETag" = String))), Problems)
)]
#[get("/services/{id}/rules")]
pub async fn of_service(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ServiceId>,
    Query(Which { version }): Query<Which>,
) -> Result<HttpResponse, AppError> {
    read(&app, &actor, Subject::Service(id), version).await
}

/// Put new rules of a service into force. The versions before stay readable.
#[utoipa::path(
    tag = "rules",
    security(("token" = [])),
    params(("id" = ServiceId, Path), IfMatch),
    request_body = RulesChange,
    responses((status = 200, body = RulesOf, headers(("ETag" = String))), Problems)
)]
#[put("/services/{id}/rules")]
pub async fn change_service(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ServiceId>,
    IfMatch(version): IfMatch,
    Body(new): Body<RulesChange>,
) -> Result<HttpResponse, AppError> {
    change(&app, &actor, Subject::Service(id), version, new).await
}

/// Read the rules of a home of your own, which stand in place of those of its service.
#[utoipa::path(
    tag = "rules",
    security(("token" = [])),
    params(("id" = UnitId, Path), Which),
    responses((status = 200, body = RulesOf, headers(("ETag" = String))), Problems)
)]
#[get("/units/{id}/rules")]
pub async fn of_unit(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<UnitId>,
    Query(Which { version }): Query<Which>,
) -> Result<HttpResponse, AppError> {
    read(&app, &actor, Subject::Unit(id), version).await
}

/// Put new rules of a home into force. The versions before stay readable.
#[utoipa::path(
    tag = "rules",
    security(("token" = [])),
    params(("id" = UnitId, Path), IfMatch),
    request_body = RulesChange,
    responses((status = 200, body = RulesOf, headers(("ETag" = String))), Problems)
)]
#[put("/units/{id}/rules")]
pub async fn change_unit(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<UnitId>,
    IfMatch(version): IfMatch,
    Body(new): Body<RulesChange>,
) -> Result<HttpResponse, AppError> {
    change(&app, &actor, Subject::Unit(id), version, new).await
}

/// Read the rules of a vacancy of your own, which count while it is open.
#[utoipa::path(
    tag = "rules",
    security(("token" = [])),
    params(("id" = VacancyId, Path), Which),
    responses((status = 200, body = RulesOf, headers(("ETag" = String))), Problems)
)]
#[get("/vacancies/{id}/rules")]
pub async fn of_vacancy(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<VacancyId>,
    Query(Which { version }): Query<Which>,
) -> Result<HttpResponse, AppError> {
    read(&app, &actor, Subject::Vacancy(id), version).await
}

/// Put new rules of an open vacancy into force. The versions before stay readable.
#[utoipa::path(
    tag = "rules",
    security(("token" = [])),
    params(("id" = VacancyId, Path), IfMatch),
    request_body = RulesChange,
    responses((status = 200, body = RulesOf, headers(("ETag" = String))), Problems)
)]
#[put("/vacancies/{id}/rules")]
pub async fn change_vacancy(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<VacancyId>,
    IfMatch(version): IfMatch,
    Body(new): Body<RulesChange>,
) -> Result<HttpResponse, AppError> {
    change(&app, &actor, Subject::Vacancy(id), version, new).await
}

/// Rules that nobody has put into force.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposedRules {
    #[garde(dive)]
    rules: Rules,
}

/// What other rules would have made of the searches of the last 90 days that looked at a vacancy of the service. Numbers
/// alone, of households of every organisation.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RulesEffect {
    pub searches: usize,
    /// The searches by the best verdict at the service, under the rules in force.
    pub before: Counts,
    /// The same under the proposed rules.
    pub after: Counts,
    /// Searches that would have gone from not suitable to suitable.
    pub opened: usize,
    /// Searches that would have gone from suitable to not suitable.
    pub closed: usize,
    /// From not suitable to something to talk about or to ask.
    pub opened_to_talk: usize,
    /// From something to talk about or to ask to not suitable.
    pub closed_to_talk: usize,
}

impl From<Effect> for RulesEffect {
    fn from(effect: Effect) -> Self {
        let Effect { searches, before, after, opened, closed, opened_to_talk, closed_to_talk } = effect;
        Self { searches, before, after, opened, closed, opened_to_talk, closed_to_talk }
    }
}

/// See what other rules of a service would have changed, before they are put into force. Nothing is stored.
#[utoipa::path(
    tag = "rules",
    security(("token" = [])),
    params(("id" = ServiceId, Path)),
    request_body = ProposedRules,
    responses((status = 200, body = RulesEffect), Problems)
)]
#[post("/services/{id}/rules/preview")]
pub async fn preview(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<ServiceId>,
    Body(ProposedRules { rules }): Body<ProposedRules>,
) -> Result<web::Json<RulesEffect>, AppError> {
    let (now, reader) = (app.clock.now(), db::exclusions::Reader::of(&actor));
    let effect = app.db.read(&actor, move |conn| actions::searches::preview(conn, reader, id, &rules, now)).await?;
    Ok(web::Json(effect.into()))
}
