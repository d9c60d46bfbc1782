//! `/cases/{id}/matches`: which vacancies fit, and why not.

use actix_web::{HttpResponse, get, patch, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, IfMatch, Path, Query};
use super::problem::{Ask, Problems, Reason};
use super::tagged;
use crate::actions;
use crate::actions::matching::Places;
use crate::actions::public_name;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::db::cases::Scope;
use crate::db::exclusions::Reader;
use crate::domain::eligibility::{self, Household, Obstacle, Verdict};
use crate::domain::matching::{self, Counts, Route};
use crate::domain::permission::Action;
use crate::domain::provision::{AccommodationType, UnitFacts};
use crate::domain::vacancy::Age;
use crate::error::{AppError, Part};
use crate::ids::{CaseId, ServiceId, VacancyId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(matches).service(questions).service(answer).service(candidates);
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
    /// With a near miss: the verdict that the place would have if that one thing were different.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub would_be: Option<Verdict>,
    /// In an area that the household wants.
    pub wanted_area: bool,
    /// Why it stands where it does among those of the same verdict, in the order in which it counts.
    pub position: Vec<String>,
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
    /// As somebody sees it who looks for a place; `None` when the place is gone.
    pub fn seen(found: &matching::Match<VacancyId>, household: &Household, places: &Places, now: At) -> Option<Self> {
        let vacancy = places.vacancies.get(&found.key)?;
        let service = places.services.get(&vacancy.service)?;
        let would_be = match found.obstacles()[..] {
            [only] if found.near_miss => Some(found.without(only)),
            _ => None,
        };
        Some(Self {
            vacancy_id: found.key,
            verdict: found.verdict,
            reasons: reasons(&found.reasons, household),
            near_miss: found.near_miss,
            would_be,
            wanted_area: found.standing.nearness.wanted.is_some(),
            position: found.standing.told(now.date()),
            service_id: vacancy.service,
            service: public_name(&service.name, service.name_confidential, false).to_owned(),
            organisation: service.organisation.clone(),
            accommodation_type: service.accommodation_type,
            area: service.area.clone(),
            area_name: service.area_name.clone(),
            facts: vacancy.unit.clone(),
            available_from: vacancy.available_from.date(),
            confirmed_at: vacancy.confirmed_at,
            age: places.policy.freshness.age(vacancy.confirmed_at, now),
        })
    }
}

fn reasons(found: &[eligibility::Reason], household: &Household) -> Vec<Reason> {
    eligibility::told(found, household).into_iter().map(Reason::from).collect()
}

/// Another way to safety, while nothing suits.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Alternative {
    pub route: Route,
    /// What to do, in plain words.
    pub text: String,
    /// How many places, or schemes, there are for it now.
    pub places: usize,
}

/// Something that alone stands in the way of places.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WhatIf {
    pub code: Obstacle,
    /// What would have to be different, in plain words.
    pub change: String,
    /// The verdicts that those places would have then.
    pub counts: Counts,
}

/// The other ways, and the single things that would open places.
pub fn ways(found: &actions::matching::Matches) -> (Vec<Alternative>, Vec<WhatIf>) {
    let places = &found.places;
    let kind = |id: &VacancyId| {
        let service = places.vacancies.get(id).and_then(|vacancy| places.services.get(&vacancy.service))?;
        Some(service.accommodation_type)
    };
    let schemes =
        places.services.values().filter(|service| service.accommodation_type == AccommodationType::Sanctuary).count();
    let alternatives = matching::alternatives(&found.ranked, kind, schemes).into_iter().map(|way| Alternative {
        route: way.route,
        text: way.told(),
        places: way.places,
    });
    let what_ifs = matching::what_ifs(&found.ranked).into_iter().map(|what_if| WhatIf {
        code: what_if.obstacle,
        change: what_if.obstacle.change().to_owned(),
        counts: what_if.counts,
    });
    (alternatives.collect(), what_ifs.collect())
}

/// Every current vacancy for one household, the best first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Matches {
    /// How many vacancies of each verdict there are in all.
    pub counts: Counts,
    pub items: Vec<Match>,
    /// Other ways to safety, while nothing suits.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub alternatives: Vec<Alternative>,
    /// Of each thing that alone stands in the way of places: what would come of it if it were different.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub what_ifs: Vec<WhatIf>,
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
    /// Only those that one thing alone keeps from fitting; with `false`, none of them.
    near_miss: Option<bool>,
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
    Query(Filter { verdict, near_miss, limit, cursor }): Query<Filter>,
) -> Result<web::Json<Matches>, AppError> {
    let (now, policy) = (app.clock.now(), app.policy);
    let limit = usize::try_from(limit.unwrap_or(super::page::DEFAULT_LIMIT)).map_err(AppError::internal)?;
    let after: Option<VacancyId> = super::page::after(cursor.as_deref())?;
    let worker = actor.clone();
    let found = app
        .db
        .read(&actor, move |conn| {
            let case = db::cases::find_in(conn, Scope::of(&worker), id)?;
            let found = actions::matching::matches(conn, &case, now, policy)?;
            let household = actions::matching::seeker(&case).household;
            let (alternatives, what_ifs) = ways(&found);
            let (counts, places) = (found.counts, found.places);
            let shown = |one: &&matching::Match<VacancyId>| {
                verdict.is_none_or(|verdict| one.verdict == verdict)
                    && near_miss.is_none_or(|near_miss| one.near_miss == near_miss)
            };
            let wanted: Vec<_> = found.ranked.iter().filter(shown).collect();
            let start = match after {
                None => 0,
                Some(after) => wanted.iter().position(|one| one.key == after).ok_or_else(gone)? + 1,
            };
            let more = wanted.len() > start + limit;
            let shown = wanted.into_iter().skip(start).take(limit);
            let items: Vec<_> = shown.filter_map(|one| Match::seen(one, &household, &places, now)).collect();
            let next = match items.last() {
                Some(last) if more => Some(super::page::cursor(&last.vacancy_id)?),
                _ => None,
            };
            Ok(Matches { counts, items, alternatives, what_ifs, next })
        })
        .await?;
    Ok(web::Json(found))
}

/// Something to ask the household, because the answer could decide vacancies.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct OpenQuestion {
    pub question: Ask,
    /// Why it is asked, to be said when somebody wants to know.
    pub why: String,
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

impl OpenQuestions {
    pub fn of(found: &actions::matching::Matches) -> Self {
        let items = matching::questions(&found.ranked).into_iter().map(|asked| OpenQuestion {
            question: asked.question.into(),
            why: asked.question.why().to_owned(),
            vacancies: asked.vacancies,
            alone: asked.alone,
        });
        Self { counts: found.counts, items: items.collect() }
    }
}

/// What to ask next: every open question, the one first that decides the most vacancies.
#[utoipa::path(
    tag = "matching",
    security(("token" = [])),
    params(("id" = CaseId, Path)),
    responses((status = 200, body = OpenQuestions, headers(("ETag" = String))), Problems)
)]
#[get("/cases/{id}/questions")]
pub async fn questions(app: web::Data<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<HttpResponse, AppError> {
    let (now, policy, worker) = (app.clock.now(), app.policy, actor.clone());
    let read = move |conn: &mut db::Conn| {
        let case = db::cases::find_in(conn, Scope::of(&worker), id)?;
        Ok((case.version, actions::matching::matches(conn, &case, now, policy)?))
    };
    let (version, found) = app.db.read(&actor, read).await?;
    Ok(tagged(version, &OpenQuestions::of(&found)))
}

/// Answers to questions: the fields of the needs profile that they fill in.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// As in a change of the case; `null` makes one unknown again.
    #[garde(skip)]
    #[schema(value_type = Object)]
    needs: Map<String, Value>,
}

/// Answer one or more questions; gives back what is still open, and the new counts.
#[utoipa::path(
    tag = "matching",
    security(("token" = [])),
    params(("id" = CaseId, Path), IfMatch),
    request_body = Answers,
    responses((status = 200, body = OpenQuestions, headers(("ETag" = String))), Problems)
)]
#[patch("/cases/{id}/questions")]
pub async fn answer(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    IfMatch(version): IfMatch,
    Body(Answers { needs }): Body<Answers>,
) -> Result<HttpResponse, AppError> {
    let (now, policy) = (app.clock.now(), app.policy);
    let edit = actions::cases::Edit { needs, ..actions::cases::Edit::default() };
    let case = app.db.write(&actor, move |tx| actions::cases::edit(tx, id, version, &edit)).await?;
    let version = case.version;
    let found = app.db.read(&actor, move |conn| actions::matching::matches(conn, &case, now, policy)).await?;
    Ok(tagged(version, &OpenQuestions::of(&found)))
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
    pub fn of(found: &matching::Match<CaseId>, case: &db::cases::Case) -> Self {
        Self {
            case_id: found.key,
            reference: case.reference.clone(),
            verdict: found.verdict,
            reasons: reasons(&found.reasons, &actions::matching::seeker(case).household),
            near_miss: found.near_miss,
            wanted_area: found.standing.nearness.wanted.is_some(),
            opened_at: case.opened_at,
        }
    }
}

/// Who could take a vacancy.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WaitingCases {
    /// How many of your waiting cases there are of each verdict.
    pub counts: Counts,
    /// Your waiting cases: by verdict; a home for a wheelchair first for those who need it; then those who would like to
    /// be there, then the longest waiting first.
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
            found.items = cases.into_iter().map(|(found, case)| WaitingCase::of(&found, &case)).collect();
        }
        if who.may(Action::ManageVacancies) {
            match actions::matching::households_waiting(conn, Reader::of(&who), id, now, policy) {
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
