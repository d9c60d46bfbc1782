//! What fits a household and what does not, beside its case and on a page of its own.

mod beside;

pub use crate::reports::names::accommodation_type;
pub use beside::{Around, Beside, what_ifs};

use std::borrow::Borrow;

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use garde::Validate;
use serde::Deserialize;

use super::Answer;
use super::household::UNKNOWN;
use super::page::Page;
use crate::actions;
use crate::api::input::{Path, Query};
use crate::api::matching::{Match, WaitingCase, ways};
use crate::api::page::{DEFAULT_LIMIT, after, cursor};
use crate::api::problem::Reason;
use crate::api::vacancies::Vacancy;
use crate::db::cases::{Case, Scope};
use crate::db::{self, Conn};
use crate::domain::eligibility::{Obstacle, Question, Verdict, Whose};
use crate::domain::matching::{self, Counts};
use crate::domain::vacancy::Age;
use crate::error::{AppError, Part};
use crate::ids::{CaseId, VacancyId};

pub fn routes(config: &mut ServiceConfig) {
    config.configure(beside::routes).service(show_all).service(show_candidates);
}

/// Where the answer to a question is typed: the step, and the box in it.
pub fn place(question: Question) -> &'static str {
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
        Question::SafeArea | Question::ReferralSource => "areas#main",
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

/// What a near miss would be without the one thing in its way.
pub fn would_be(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Suitable => "it would be suitable.",
        Verdict::Discuss => "it needs a talk with the provider.",
        Verdict::MissingInformation => "there is something to ask first.",
        Verdict::NotSuitable => "it would still not fit.",
    }
}

/// Of reasons that do not all stand on a card: "and 2 more, folded below".
pub fn beyond(all: usize, shown: impl Borrow<usize>) -> Option<String> {
    all.checked_sub(*shown.borrow()).filter(|more| *more > 0).map(|more| format!("and {more} more, folded below"))
}

/// What is known of the household about a reason: "We know: boy aged 13."
pub fn known(fact: &str) -> String {
    let mut letters = fact.chars();
    match letters.next() {
        None => String::new(),
        _ if fact == UNKNOWN => "We do not know it yet.".into(),
        Some(first) => format!("We know: {}{}.", first.to_lowercase(), letters.as_str()),
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

/// Whether a referral there makes sense: never into an area that is not safe, whatever the provider says; and not while
/// the household itself does not want it, which no provider can change.
pub fn can_be_asked(place: &Match) -> bool {
    !in_the_way(place).any(|reason| reason.code == Obstacle::UnsafeArea || reason.whose == Whose::Household)
}

/// What the household said that stands in the way: the step where it can be changed, if they think again.
pub fn said_otherwise(place: &Match) -> Option<&'static str> {
    let own = in_the_way(place).find(|reason| reason.whose == Whose::Household)?;
    Some(if own.code == Obstacle::TooFar { "areas" } else { "needs" })
}

fn in_the_way(place: &Match) -> impl Iterator<Item = &Reason> {
    place.reasons.iter().filter(|reason| reason.effect == Verdict::NotSuitable)
}

#[derive(Debug, Deserialize, Validate)]
#[garde(allow_unvalidated)]
struct Filter {
    verdict: Option<Verdict>,
    near_miss: Option<bool>,
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "matching/all.html")]
struct All<'a> {
    page: &'a Page,
    case: Case,
    verdict: Option<Verdict>,
    near_miss: Option<bool>,
    counts: Counts,
    /// How many have only one thing in the way.
    near: usize,
    places: Vec<Match>,
    /// What would open places, each alone.
    what_ifs: Vec<String>,
    next: Option<String>,
}

/// Every vacancy with all its reasons: nothing is left out.
#[get("/cases/{id}/matches")]
async fn show_all(
    page: Page,
    Path(id): Path<CaseId>,
    Query(Filter { verdict, near_miss, cursor: from }): Query<Filter>,
) -> Answer {
    let (actor, now, policy) = (page.actor.clone(), page.now, page.app.policy);
    let start: Option<VacancyId> = after(from.as_deref())?;
    let (case, counts, near, places, what_ifs, next) = page
        .app
        .db
        .read(&page.actor, move |conn| {
            let case = db::cases::find_in(conn, Scope::of(&actor), id)?;
            let found = actions::matching::matches(conn, &case, now, policy)?;
            let household = actions::matching::seeker(&case).household;
            let counts = found.counts;
            let near = found.ranked.iter().filter(|one| one.near_miss).count();
            let of = |one: &&matching::Match<VacancyId>| {
                verdict.is_none_or(|verdict| one.verdict == verdict)
                    && near_miss.is_none_or(|near_miss| one.near_miss == near_miss)
            };
            let wanted: Vec<_> = found.ranked.iter().filter(of).collect();
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
            Ok((case, counts, near, places, what_ifs(&ways(&found).1), next))
        })
        .await?;
    page.show(&All { page: &page, case, verdict, near_miss, counts, near, places, what_ifs, next })
}

impl All<'_> {
    /// The choices above the list: what, how many, where.
    fn tabs(&self) -> Vec<(&'static str, usize, String, bool)> {
        let Counts { suitable, discuss, missing_information, not_suitable } = self.counts;
        let path = format!("/cases/{}/matches", self.case.id.0);
        let all = (self.verdict, self.near_miss) == (None, None);
        let of = |name: Verdict, n| {
            (verdict(name), n, format!("{path}?verdict={}", name.as_str()), self.verdict == Some(name))
        };
        let near = self.near_miss == Some(true);
        vec![
            ("All", self.counts.all(), path.clone(), all),
            of(Verdict::Suitable, suitable),
            of(Verdict::Discuss, discuss),
            of(Verdict::MissingInformation, missing_information),
            ("Only one thing in the way", self.near, format!("{path}?near_miss=true"), near),
            of(Verdict::NotSuitable, not_suitable),
        ]
    }

    /// The filters, as they stand in the address of the next page.
    fn filters(&self) -> String {
        let verdict = self.verdict.map(|verdict| format!("verdict={}&", verdict.as_str())).unwrap_or_default();
        let near_miss = self.near_miss.map(|near_miss| format!("near_miss={near_miss}&")).unwrap_or_default();
        format!("{verdict}{near_miss}")
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
