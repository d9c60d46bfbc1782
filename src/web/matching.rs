//! What fits a household and what does not, beside its case and on a page of its own.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use garde::Validate;
use serde::Deserialize;

use super::Answer;
use super::page::Page;
use crate::actions;
use crate::api::input::{Path, Query};
use crate::api::matching::{Match, WaitingCase};
use crate::api::page::{DEFAULT_LIMIT, after, cursor};
use crate::api::vacancies::Vacancy;
use crate::clock::At;
use crate::db::cases::{Case, Scope};
use crate::db::{self, Conn};
use crate::domain::case::State;
use crate::domain::eligibility::{Obstacle, Question, Verdict};
use crate::domain::matching::{Counts, questions};
use crate::domain::provision::AccommodationType;
use crate::domain::vacancy::Age;
use crate::error::{AppError, Part};
use crate::ids::{CaseId, VacancyId};
use crate::settings::Policy;

pub fn routes(config: &mut ServiceConfig) {
    config.service(show_part).service(show_all).service(show_candidates);
}

/// How many places and near misses stand beside a case; the rest is one step away.
const SHOWN: usize = 8;
const NEAR: usize = 3;

/// A question to ask next, and where its answer is typed.
pub struct Asked {
    pub text: &'static str,
    pub place: &'static str,
    /// How many places wait for the answer; how many of them for nothing else.
    pub vacancies: usize,
    pub alone: usize,
}

impl Asked {
    /// Why to ask it: "9 places wait for this, 2 for nothing else".
    fn why(&self) -> String {
        let waiting = match self.vacancies {
            1 => "1 place waits for this".to_owned(),
            n => format!("{n} places wait for this"),
        };
        match self.alone {
            0 => waiting,
            alone if alone == self.vacancies => format!("{waiting} and nothing else"),
            alone => format!("{waiting}, {alone} for nothing else"),
        }
    }
}

/// The matches as they stand beside a case.
#[derive(Template)]
#[template(path = "matching/beside.html")]
pub struct Beside {
    pub case: CaseId,
    pub version: i32,
    pub open: bool,
    pub now: At,
    pub csrf: String,
    pub counts: Counts,
    pub asked: Vec<Asked>,
    pub places: Vec<Match>,
    pub near: Vec<Match>,
}

impl Beside {
    /// # Errors
    /// [`AppError::NotFound`].
    pub fn of(conn: &mut Conn, case: &Case, now: At, policy: Policy, csrf: &str) -> Result<Self, AppError> {
        let found = actions::matching::matches(conn, case, now, policy)?;
        let household = actions::matching::seeker(case).household;
        let asked = questions(&found.ranked).into_iter().take(3).map(|asked| Asked {
            text: asked.question.text(),
            place: place(asked.question),
            vacancies: asked.vacancies,
            alone: asked.alone,
        });
        let asked = asked.collect();
        let (mut places, mut near) = (Vec::new(), Vec::new());
        for one in &found.ranked {
            let list = match one.verdict {
                Verdict::NotSuitable if one.near_miss && near.len() < NEAR => &mut near,
                Verdict::NotSuitable => continue,
                _ if places.len() < SHOWN => &mut places,
                _ => continue,
            };
            list.extend(Match::seen(one, &household, &found.places, now));
        }
        let counts = found.counts;
        let csrf = csrf.to_owned();
        let open = case.state == State::Open;
        Ok(Self { case: case.id, version: case.version, open, now, csrf, counts, asked, places, near })
    }

    /// "2 suitable, 1 to talk about, …".
    pub fn told(&self) -> String {
        let Counts { suitable, discuss, missing_information, not_suitable } = self.counts;
        if suitable + discuss + missing_information + not_suitable == 0 {
            return "No place is free anywhere just now.".into();
        }
        format!(
            "{suitable} suitable, {discuss} to talk about with the provider, {missing_information} waiting for an answer, \
             {not_suitable} not suitable."
        )
    }
}

/// Where the answer to a question is typed: the step, and the box in it.
fn place(question: Question) -> &'static str {
    match question {
        Question::Household | Question::SurvivorSex => "household#adult-0-sex",
        Question::SurvivorAge => "household#adult-0-age",
        Question::Everybody => "household#household_complete",
        Question::ChildAge => "household#child-0-age",
        Question::ChildSex => "household#child-0-sex",
        Question::OtherAdultSex => "household#adult-1-sex",
        Question::Pets => "household#pets",
        Question::AccessNeed => "needs#access_need",
        Question::AdditionalNeeds => "needs#needs-table",
        Question::SafeArea => "areas#main",
        Question::Recourse => "money#recourse_to_public_funds",
        Question::Concession => "money#concession",
        Question::Funding => "money#funding",
        Question::EthnicGroup => "about#ethnic_group",
        Question::SexualOrientation => "about#sexual_orientation",
        Question::Impairments => "about#impairments",
        Question::Pregnant => "household#pregnant",
        Question::RiskToOthers => "needs#risk_to_others",
        Question::AskedToLeave => "needs#asked_to_leave_before",
        Question::BailOrProbation => "needs#bail_or_probation",
        Question::Interpreter => "needs#interpreter",
        Question::ImmigrationStatus => "money#immigration_status",
        Question::Employment => "about#employment",
        Question::StayNeeded => "needs#stay_needed",
        Question::ReferralSource => "areas#main",
    }
}

/// The words for a verdict.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Suitable => "Suitable",
        Verdict::Discuss => "Talk to the provider",
        Verdict::MissingInformation => "Ask first",
        Verdict::NotSuitable => "Not suitable",
    }
}

pub fn accommodation_type(kind: AccommodationType) -> &'static str {
    match kind {
        AccommodationType::Refuge => "Refuge",
        AccommodationType::Specialist => "Specialist safe accommodation",
        AccommodationType::DispersedRefugeLevel => "Dispersed, with support as in a refuge",
        AccommodationType::DispersedSemiIndependent => "Dispersed, semi-independent",
        AccommodationType::Sanctuary => "Sanctuary scheme",
        AccommodationType::SecondStage => "Second stage",
        AccommodationType::OtherEmergency => "Other emergency accommodation",
    }
}

/// "3 beds, step-free, own kitchen and bathroom, pets allowed".
pub fn facts(facts: &crate::domain::provision::UnitFacts) -> String {
    use crate::domain::provision::Wheelchair;
    let beds = usize::try_from(facts.bed_spaces).unwrap_or_default();
    let mut told = vec![super::words::count(beds, "bed")];
    if facts.cots > 0 {
        told.push(super::words::count(usize::try_from(facts.cots).unwrap_or_default(), "cot"));
    }
    match facts.wheelchair {
        Wheelchair::Full => told.push("wheelchair accessible".into()),
        Wheelchair::EssentialRooms => told.push("wheelchair to the main rooms".into()),
        Wheelchair::None if facts.step_free => told.push("no steps".into()),
        Wheelchair::None => {}
    }
    told.push(if facts.self_contained() { "self-contained" } else { "shared" }.into());
    if facts.pets {
        told.push("pets allowed".into());
    }
    told.join(", ")
}

/// What the age of a vacancy means to somebody who wants to send a household there.
pub fn caution(age: Age) -> Option<&'static str> {
    match age {
        Age::Fresh => None,
        Age::Stale => Some("Not confirmed today: ring first"),
        Age::OutOfDate => Some("Out of date"),
    }
}

/// Whether a referral there makes sense: never into an area that is not safe, whatever the provider says.
pub fn can_be_asked(place: &Match) -> bool {
    !place.reasons.iter().any(|reason| reason.code == Obstacle::UnsafeArea && reason.effect == Verdict::NotSuitable)
}

/// The matches alone: what the script puts beside a case when something has changed.
#[get("/cases/{id}/matches/part")]
async fn show_part(page: Page, Path(id): Path<CaseId>) -> Answer {
    let (actor, now, policy, csrf) = (page.actor.clone(), page.now, page.app.policy, page.csrf().to_owned());
    let beside = page
        .app
        .db
        .read(&page.actor, move |conn| {
            let case = db::cases::find_in(conn, Scope::of(&actor), id)?;
            Beside::of(conn, &case, now, policy, &csrf)
        })
        .await?;
    page.show(&beside)
}

#[derive(Debug, Deserialize, Validate)]
#[garde(allow_unvalidated)]
struct Filter {
    verdict: Option<Verdict>,
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "matching/all.html")]
struct All<'a> {
    page: &'a Page,
    case: Case,
    verdict: Option<Verdict>,
    counts: Counts,
    places: Vec<Match>,
    next: Option<String>,
}

/// Every vacancy with all its reasons: nothing is left out.
#[get("/cases/{id}/matches")]
async fn show_all(
    page: Page,
    Path(id): Path<CaseId>,
    Query(Filter { verdict, cursor: from }): Query<Filter>,
) -> Answer {
    let (actor, now, policy) = (page.actor.clone(), page.now, page.app.policy);
    let start: Option<VacancyId> = after(from.as_deref())?;
    let (case, counts, places, next) = page
        .app
        .db
        .read(&page.actor, move |conn| {
            let case = db::cases::find_in(conn, Scope::of(&actor), id)?;
            let found = actions::matching::matches(conn, &case, now, policy)?;
            let household = actions::matching::seeker(&case).household;
            let counts = found.counts;
            let wanted: Vec<_> =
                found.ranked.iter().filter(|one| verdict.is_none_or(|verdict| one.verdict == verdict)).collect();
            let gone = || AppError::field(Part::Query, "/cursor", "gone", &"that place is gone: start the list again");
            let start = match start {
                None => 0,
                Some(start) => wanted.iter().position(|one| one.key == start).ok_or_else(gone)? + 1,
            };
            let limit = usize::try_from(DEFAULT_LIMIT).map_err(AppError::internal)?;
            let more = wanted.len() > start + limit;
            let shown = wanted.into_iter().skip(start).take(limit);
            let places: Vec<_> = shown.filter_map(|one| Match::seen(one, &household, &found.places, now)).collect();
            let next = places.last().filter(|_| more).map(|last| cursor(&last.vacancy_id)).transpose()?;
            Ok((case, counts, places, next))
        })
        .await?;
    page.show(&All { page: &page, case, verdict, counts, places, next })
}

impl All<'_> {
    /// The choices above the list: what, how many, where.
    fn tabs(&self) -> Vec<(&'static str, usize, String, bool)> {
        let Counts { suitable, discuss, missing_information, not_suitable } = self.counts;
        let link = |verdict: Option<Verdict>| {
            let path = format!("/cases/{}/matches", self.case.id.0);
            verdict.map_or_else(|| path.clone(), |verdict| format!("{path}?verdict={}", verdict.as_str()))
        };
        let all = suitable + discuss + missing_information + not_suitable;
        let of = |name: Verdict, n| (verdict(name), n, link(Some(name)), self.verdict == Some(name));
        vec![
            ("All", all, link(None), self.verdict.is_none()),
            of(Verdict::Suitable, suitable),
            of(Verdict::Discuss, discuss),
            of(Verdict::MissingInformation, missing_information),
            of(Verdict::NotSuitable, not_suitable),
        ]
    }
}

#[derive(Template)]
#[template(path = "matching/candidates.html")]
struct Candidates<'a> {
    page: &'a Page,
    service: String,
    area: String,
    counts: Counts,
    cases: Vec<(WaitingCase, Case)>,
}

/// Which of the waiting households a place could be for.
#[get("/vacancies/{id}/candidates")]
async fn show_candidates(page: Page, Path(id): Path<VacancyId>) -> Answer {
    let (actor, now, policy) = (page.actor.clone(), page.now, page.app.policy);
    let read = move |conn: &mut Conn| {
        let listed = Vacancy::seen_by(actor.organisation, db::vacancies::listed(conn, id)?, policy, now);
        Ok((listed, actions::matching::candidates(conn, &actor, id, now, policy)?))
    };
    let (listed, actions::matching::Candidates { counts, cases }) = page.app.db.read(&page.actor, read).await?;
    let cases = cases.into_iter().map(|(found, case)| (WaitingCase::of(&found, &case), case)).collect();
    page.show(&Candidates { page: &page, service: listed.service, area: listed.area_name, counts, cases })
}
