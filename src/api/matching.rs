//! `/cases/{id}/matches`: which vacancies fit, and why not.

use actix_web::{get, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Path, Query};
use super::problem::{Ask, Problems, Reason};
use crate::actions;
use crate::actions::public_name;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::domain::eligibility::Verdict;
use crate::domain::matching::{self, Counts};
use crate::domain::permission::Action;
use crate::domain::provision::{AccommodationType, UnitFacts};
use crate::domain::vacancy::{Age, Freshness};
use crate::error::{AppError, Part};
use crate::ids::{CaseId, ServiceId, VacancyId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(matches).service(questions).service(candidates);
}

/// A vacancy, and what speaks for and against it for one household.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Match {
    pub vacancy_id: VacancyId,
    pub verdict: Verdict,
    /// Everything that speaks against the place or has to be asked first. Empty when it is suitable.
    pub reasons: Vec<Reason>,
    /// Not suitable, and only one thing stands in the way.
    pub near_miss: bool,
    /// In an area that the household wants.
    pub wanted_area: bool,
    pub service_id: ServiceId,
    /// Masked in full when the name is confidential.
    pub service: String,
    pub organisation: String,
    pub accommodation_type: AccommodationType,
    pub area: String,
    pub area_name: String,
    pub facts: UnitFacts,
    pub available_from: NaiveDate,
    pub confirmed_at: At,
    pub age: Age,
}

impl Match {
    /// As somebody sees it who looks for a place.
    pub fn seen(
        found: matching::Match<VacancyId>,
        vacancy: db::matching::Vacancy,
        service: &db::matching::Service,
        freshness: Freshness,
        now: At,
    ) -> Self {
        Self {
            vacancy_id: found.key,
            verdict: found.verdict,
            reasons: found.reasons.into_iter().map(Reason::from).collect(),
            near_miss: found.near_miss,
            wanted_area: found.wanted_area,
            service_id: vacancy.service,
            service: public_name(&service.name, service.name_confidential, false).to_owned(),
            organisation: service.organisation.clone(),
            accommodation_type: service.accommodation_type,
            area: service.area.clone(),
            area_name: service.area_name.clone(),
            facts: vacancy.unit,
            available_from: vacancy.available_from.date(),
            confirmed_at: vacancy.confirmed_at,
            age: freshness.age(vacancy.confirmed_at, now),
        }
    }
}

/// Every current vacancy for one household, the best first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Matches {
    /// How many vacancies of each verdict there are in all.
    pub counts: Counts,
    pub items: Vec<Match>,
    /// The `cursor` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct Filter {
    /// Only vacancies with this verdict.
    verdict: Option<Verdict>,
    /// At most this many; 50 unless said.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the page before. The order is made anew each time: a vacancy that is gone is not there again.
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

/// Every current vacancy with a verdict and all its reasons. Nothing is left out: what does not fit says why.
#[utoipa::path(
    tag = "matching",
    security(("token" = [])),
    params(("id" = CaseId, Path), Filter),
    responses((status = 200, body = Matches), Problems)
)]
#[get("/cases/{id}/matches")]
pub async fn matches(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Query(Filter { verdict, limit, cursor }): Query<Filter>,
) -> Result<web::Json<Matches>, AppError> {
    let (now, policy) = (app.clock.now(), app.policy);
    let limit = usize::try_from(limit.unwrap_or(super::page::DEFAULT_LIMIT)).map_err(AppError::internal)?;
    let after: Option<VacancyId> = super::page::after(cursor.as_deref())?;
    let worker = actor.clone();
    let found = app
        .db
        .read(&actor, move |conn| {
            let actions::matching::Matches { counts, ranked, mut vacancies, services } =
                actions::matching::matches(conn, &worker, id, now, policy)?;
            let wanted: Vec<_> =
                ranked.into_iter().filter(|one| verdict.is_none_or(|verdict| one.verdict == verdict)).collect();
            let start = match after {
                None => 0,
                Some(after) => wanted.iter().position(|one| one.key == after).ok_or_else(gone)? + 1,
            };
            let more = wanted.len() > start + limit;
            let mut items = Vec::with_capacity(limit);
            for one in wanted.into_iter().skip(start).take(limit) {
                let Some(vacancy) = vacancies.remove(&one.key) else { continue };
                let Some(service) = services.get(&vacancy.service) else { continue };
                items.push(Match::seen(one, vacancy, service, policy.freshness, now));
            }
            let next = match items.last() {
                Some(last) if more => Some(super::page::cursor(&last.vacancy_id)?),
                _ => None,
            };
            Ok(Matches { counts, items, next })
        })
        .await?;
    Ok(web::Json(found))
}

/// Something to ask the household, because the answer could decide vacancies.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct OpenQuestion {
    pub question: Ask,
    /// How many undecided vacancies wait for the answer.
    pub vacancies: usize,
    /// How many of them wait for nothing else: any answer decides those.
    pub alone: usize,
}

/// What to ask next.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct OpenQuestions {
    /// How many vacancies of each verdict there are now.
    pub counts: Counts,
    /// The question first whose answer is expected to decide the most vacancies.
    pub items: Vec<OpenQuestion>,
}

/// What to ask next: every open question, the one first that decides the most vacancies.
#[utoipa::path(
    tag = "matching",
    security(("token" = [])),
    params(("id" = CaseId, Path)),
    responses((status = 200, body = OpenQuestions), Problems)
)]
#[get("/cases/{id}/questions")]
pub async fn questions(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<web::Json<OpenQuestions>, AppError> {
    let (now, policy, worker) = (app.clock.now(), app.policy, actor.clone());
    let found = app.db.read(&actor, move |conn| actions::matching::matches(conn, &worker, id, now, policy)).await?;
    let items = matching::questions(&found.ranked).into_iter().map(|asked| OpenQuestion {
        question: Ask { code: asked.question, text: asked.question.text().to_owned() },
        vacancies: asked.vacancies,
        alone: asked.alone,
    });
    Ok(web::Json(OpenQuestions { counts: found.counts, items: items.collect() }))
}

/// A waiting case that a vacancy could be for.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WaitingCase {
    pub case_id: CaseId,
    /// To be read over the telephone.
    pub reference: String,
    pub verdict: Verdict,
    /// Everything that speaks against it or has to be asked first. Empty when it is suitable.
    pub reasons: Vec<Reason>,
    /// Not suitable, and only one thing stands in the way.
    pub near_miss: bool,
    /// In an area that the household wants.
    pub wanted_area: bool,
    pub opened_at: At,
}

impl WaitingCase {
    pub fn of(found: matching::Match<CaseId>, case: &db::cases::Case) -> Self {
        Self {
            case_id: found.key,
            reference: case.reference.clone(),
            verdict: found.verdict,
            reasons: found.reasons.into_iter().map(Reason::from).collect(),
            near_miss: found.near_miss,
            wanted_area: found.wanted_area,
            opened_at: case.opened_at,
        }
    }
}

/// Who could take a vacancy.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WaitingCases {
    /// How many of your waiting cases there are of each verdict.
    pub counts: Counts,
    /// Your waiting cases: by verdict, then those who would like to be there, then the longest waiting first.
    pub items: Vec<WaitingCase>,
    /// Said to the provider of the vacancy: how many waiting households, of whichever organisation, it would suit now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub households_waiting: Option<usize>,
}

/// Who could take a vacancy: your own waiting cases, or, for its provider, how many households wait that it would suit.
#[utoipa::path(
    tag = "matching",
    security(("token" = [])),
    params(("id" = VacancyId, Path)),
    responses((status = 200, body = WaitingCases), Problems)
)]
#[get("/vacancies/{id}/candidates")]
pub async fn candidates(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<VacancyId>,
) -> Result<web::Json<WaitingCases>, AppError> {
    let (now, policy, who) = (app.clock.now(), app.policy, actor.clone());
    let found = app.db.read(&actor, move |conn| {
        let mut found = WaitingCases { counts: Counts::default(), items: Vec::new(), households_waiting: None };
        if who.may(Action::WorkCases) {
            let actions::matching::Candidates { counts, cases } =
                actions::matching::candidates(conn, &who, id, now, policy)?;
            found.counts = counts;
            found.items = cases.into_iter().map(|(found, case)| WaitingCase::of(found, &case)).collect();
        }
        if who.may(Action::ManageVacancies) {
            match actions::matching::households_waiting(conn, who.organisation, id, now, policy) {
                Ok(number) => found.households_waiting = Some(number),
                Err(AppError::NotFound) if who.may(Action::WorkCases) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    });
    Ok(web::Json(found.await?))
}

fn gone() -> AppError {
    AppError::field(Part::Query, "/cursor", "gone", &"the vacancy that this page follows is gone; start again")
}
