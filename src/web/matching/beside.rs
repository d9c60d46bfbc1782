//! What fits a household, what to ask next, what else can be done: beside its case.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use garde::Validate;
use serde::Deserialize;

use crate::actions;
use crate::api::input::{Path, Query};
use crate::api::matching::{Alternative, Match, WhatIf, ways};
use crate::clock::At;
use crate::db::cases::{Case, Scope};
use crate::db::{self, Conn};
use crate::domain::case::State;
use crate::domain::eligibility::Verdict;
use crate::domain::matching::{Counts, Route, questions};
use crate::domain::provision::AccommodationType;
use crate::domain::sanctuary::covers;
use crate::error::AppError;
use crate::ids::CaseId;
use crate::settings::Policy;
use crate::web::Answer;
use crate::web::asking::{Asked, Heard};
use crate::web::cases::{Lists, Step};
use crate::web::form::Form;
use crate::web::page::Page;
use crate::web::watches::Watching;

pub fn routes(config: &mut ServiceConfig) {
    config.service(show_part);
}

/// How many places and near misses stand beside a case; the rest is one step away.
const SHOWN: usize = 8;
const NEAR: usize = 3;
/// How many questions can be answered there; the rest is folded.
const ASKED: usize = 3;

/// What a part of a page has to know of the page around it.
pub struct Around {
    pub now: At,
    pub policy: Policy,
    pub csrf: String,
    /// The step that it stands beside; none on the page of the case.
    pub from: Option<Step>,
    /// What became of the answer before.
    pub heard: Option<Heard>,
}

impl Around {
    pub fn of(page: &Page, from: Option<Step>) -> Self {
        Self { now: page.now, policy: page.app.policy, csrf: page.csrf().to_owned(), from, heard: None }
    }
}

/// The matches as they stand beside a case.
#[derive(Template)]
#[template(path = "matching/beside.html")]
pub struct Beside {
    pub case: CaseId,
    pub version: i32,
    pub open: bool,
    pub around: Around,
    /// What is wrong with an answer.
    pub form: Form,
    pub counts: Counts,
    pub asked: Vec<Asked>,
    pub more: Vec<Asked>,
    pub places: Vec<Match>,
    pub near: Vec<Match>,
    pub alternatives: Vec<Alternative>,
    pub what_ifs: Vec<String>,
    /// Whether a scheme could make their own home safe.
    pub home_schemes: bool,
    pub watching: Option<Watching>,
}

impl Beside {
    /// # Errors
    /// When the database fails.
    pub fn of(conn: &mut Conn, case: &Case, lists: &Lists, around: Around) -> Result<Self, AppError> {
        let now = around.now;
        let found = actions::matching::matches(conn, case, now, around.policy)?;
        let household = actions::matching::seeker(case).household;
        let asked = questions(&found.ranked).into_iter();
        let mut asked: Vec<_> = asked.map(|asked| Asked::of(asked, case.id, &case.needs, lists, around.from)).collect();
        let more = asked.split_off(asked.len().min(ASKED));
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
        let (alternatives, ifs) = ways(&found);
        let watching = Watching::of(conn, case, &found, now, around.policy)?;
        Ok(Self {
            case: case.id,
            version: case.version,
            open: case.state == State::Open,
            around,
            form: Form::new(),
            counts: found.counts,
            asked,
            more,
            places,
            near,
            alternatives,
            what_ifs: what_ifs(&ifs),
            home_schemes: home_schemes(case, &found),
            watching,
        })
    }

    /// "2 suitable, 1 to talk about, …".
    pub fn told(&self) -> String {
        let Counts { suitable, discuss, missing_information, not_suitable } = self.counts;
        if self.counts.all() == 0 {
            return "No place is free anywhere just now.".into();
        }
        format!(
            "{suitable} suitable, {discuss} to talk about with the provider, {missing_information} waiting for an answer, \
             {not_suitable} not suitable."
        )
    }

    /// Whether there is nothing but what does not fit.
    fn nothing(&self) -> bool {
        self.counts.suitable + self.counts.discuss + self.counts.missing_information == 0
    }

    /// The name of the step that it stands beside; empty on the page of the case.
    fn from(&self) -> &'static str {
        self.around.from.map_or("", Step::as_str)
    }

    /// Where another way is begun, and the words of the link.
    fn way(&self, way: &Alternative) -> Option<(String, &'static str)> {
        let case = format!("/cases/{}", self.case.0);
        match way.route {
            Route::Exception if way.places > 0 => Some((format!("{case}/matches?near_miss=true"), "See these places")),
            Route::AnotherArea => Some((format!("{case}/ask/areas"), "Go to the areas")),
            Route::SecondStage if way.places > 0 => {
                Some(("/vacancies?accommodation_type=second_stage".into(), "See second stage places"))
            }
            Route::Sanctuary if self.home_schemes => Some((format!("{case}/sanctuary"), "Ask for a sanctuary")),
            Route::Sanctuary if way.places > 0 => Some(("/services".into(), "See the services")),
            _ => None,
        }
    }
}

/// Whether a sanctuary scheme may cover the home of a household. The area that it comes from is asked for here as the place
/// of that home, which is what would be made safe: it is no test of a local connection.
fn home_schemes(case: &Case, found: &actions::matching::Matches) -> bool {
    let schemes = found.places.services.values();
    let schemes = schemes.filter(|service| service.accommodation_type == AccommodationType::Sanctuary);
    schemes
        .into_iter()
        .any(|service| covers(&service.area, service.county.as_deref(), case.origin_area.as_deref()) != Some(false))
}

/// "If boys of any age were taken, 3 more places would fit."
pub fn what_ifs(found: &[WhatIf]) -> Vec<String> {
    let sentence = |what_if: &WhatIf| {
        let Counts { suitable, discuss, missing_information, .. } = what_if.counts;
        let parts = [
            (suitable, "would fit"),
            (discuss, "could be talked about with the provider"),
            (missing_information, "could fit, after a question"),
        ];
        let mut parts = parts.into_iter().filter(|(number, _)| *number > 0);
        let (number, then) = parts.next()?;
        let more = if number == 1 { "1 more place".to_owned() } else { format!("{number} more places") };
        let others = parts.map(|(number, then)| format!(" and {number} {then}"));
        Some(format!("If {}, {more} {then}{}.", what_if.change, others.collect::<String>()))
    };
    found.iter().filter_map(sentence).collect()
}

#[derive(Debug, Deserialize, Validate)]
#[garde(allow_unvalidated)]
struct Stands {
    from: Option<Step>,
}

/// The matches alone: what the script puts beside a case when something has changed.
#[get("/cases/{id}/matches/part")]
async fn show_part(page: Page, Path(id): Path<CaseId>, Query(Stands { from }): Query<Stands>) -> Answer {
    let (actor, around) = (page.actor.clone(), Around::of(&page, from));
    let beside = page
        .app
        .db
        .read(&page.actor, move |conn| {
            let case = db::cases::find_in(conn, Scope::of(&actor), id)?;
            let lists = Lists::load(conn)?;
            Beside::of(conn, &case, &lists, around)
        })
        .await?;
    page.show(&beside)
}
