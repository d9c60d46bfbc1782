//! One case: what is known, what is held, what was asked for, what fits.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use garde::Validate;
use serde::Deserialize;

use super::known::{Known, known};
use super::lists::Lists;
use super::repeats;
use crate::actions::public_name;
use crate::api::input::{Path, Query};
use crate::api::placements::chain::{Stay, Stays};
use crate::api::referrals::{By, Referral};
use crate::clock::At;
use crate::db;
use crate::db::cases::{Case, Scope};
use crate::db::exclusions::Reader;
use crate::db::referrals::{Filter, Seen, Side};
use crate::db::repeats::Repeat;
use crate::db::sanctuary::Job;
use crate::domain::case::State;
use crate::domain::occupancy::Kind;
use crate::domain::permission::Action;
use crate::domain::placement;
use crate::domain::reason::Outcome;
use crate::error::AppError;
use crate::ids::{CaseId, OccupancyId, ReferralId, VacancyId};
use crate::web::Answer;
use crate::web::asking::Heard;
use crate::web::form::Form;
use crate::web::matching::{Around, Beside};
use crate::web::merges::Merged;
use crate::web::page::Page;
use crate::web::placements;
use crate::web::referrals::{self, waiting};
use crate::web::words::{Ago, ago, day, day_from, over};

pub fn routes(config: &mut ServiceConfig) {
    config.service(show_case).service(print_hand_out);
}

/// A place that is held for the case now.
pub struct Hold {
    pub id: OccupancyId,
    pub service: String,
    pub until: Option<At>,
    pub vacancy: Option<VacancyId>,
    /// Whether a referral to it is on its way.
    pub referred: bool,
}

/// A referral of the case, as a row.
pub struct Asked {
    pub id: ReferralId,
    pub service: String,
    pub state: &'static str,
    pub class: &'static str,
    pub sent: Ago,
    pub waits: Option<waiting::Told>,
    /// Who wrote last, and when.
    pub last: Option<(&'static str, Ago)>,
    pub unread: Option<String>,
    /// The case that it was sent from, where that is another which was put together with this one.
    pub from: Option<String>,
}

impl Asked {
    pub fn of(referral: &Referral, now: At) -> Self {
        let who = match referral.last_message_from {
            Some(Side::Provider) => "They wrote",
            _ => "We wrote",
        };
        Self {
            id: referral.id,
            service: referral.service.clone(),
            state: waiting::state(referral.state, referral.primary_reason.as_deref()),
            class: referrals::class(referral.state),
            sent: ago(&referral.sent_at, &now),
            waits: waiting::told(referral, Side::Referrer, now),
            last: referral.last_message_at.map(|at| (who, ago(&at, &now))),
            unread: waiting::unread(referral.unread),
            from: None,
        }
    }
}

#[derive(Template)]
#[template(path = "cases/show.html")]
pub struct Show<'a> {
    page: &'a Page,
    form: Form,
    case: Case,
    worker: String,
    lists: Lists,
    holds: Vec<Hold>,
    referrals: Vec<Asked>,
    stay: Option<placement::State>,
    /// Where they lived, and are expected.
    stays: Vec<Stay>,
    has_identity: bool,
    /// Whether the reader sees it only because of an emergency.
    emergency: bool,
    /// Other cases that may be about the same person.
    repeats: Vec<Repeat>,
    merged: Merged,
    /// Jobs to make their own home safe.
    jobs: Vec<Job>,
    beside: Beside,
}

/// What became of an answer that was given on the page before.
#[derive(Debug, Deserialize, Validate)]
#[garde(allow_unvalidated)]
pub struct Answered {
    decided: Option<String>,
}

impl Answered {
    pub fn heard(&self) -> Option<Heard> {
        self.decided.as_ref()?.parse().ok()
    }
}

#[get("/cases/{id}")]
async fn show_case(page: Page, Path(id): Path<CaseId>, Query(answered): Query<Answered>) -> Answer {
    whole(&page, id, Form::new(), answered.heard()).await
}

/// The page of a case, with what is wrong about something that was tried on it.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn whole(page: &Page, id: CaseId, form: Form, heard: Option<Heard>) -> Answer {
    let (actor, now, wrong) = (page.actor.clone(), page.now, form.clone());
    let by = By { now, patience: page.app.policy.patience };
    let around = Around { heard, ..Around::of(page, None) };
    let read = move |conn: &mut db::Conn| {
        let case = db::cases::find_in(conn, Scope::of(&actor), id)?;
        let lists = Lists::load(conn)?;
        let beside = Beside { form: wrong, ..Beside::of(conn, &case, &lists, around)? };
        let filter = Filter { side: Some(Side::Referrer), case: Some(id), ..Filter::default() };
        let mut referrals = db::referrals::page(conn, &actor, filter, None, 100)?;
        let merged = Merged::of(conn, &actor, id)?;
        for folded in &merged.folded {
            let filter = Filter { case: Some(folded.id), ..filter };
            referrals.extend(db::referrals::page(conn, &actor, filter, None, 100)?);
        }
        let holds = holds(conn, id, &referrals, now)?;
        let referrals = Referral::all(conn, &actor, referrals, by)?;
        let stays = Stays::of(conn, id, None, now)?.items;
        let worker = db::accounts::find(conn, Some(actor.organisation), case.owner_id)?.name;
        let has_identity = db::cases::has_identity(conn, id)?;
        let emergency = db::exclusions::opened_cases(conn, Reader::of(&actor))?.contains(&id);
        let repeats = db::repeats::of_case(conn, Scope::of(&actor), id)?;
        let jobs = db::sanctuary::of_case(conn, id)?;
        let known = (has_identity, emergency, repeats, merged);
        Ok(((case, worker, lists), (holds, referrals, stays, jobs), known, beside))
    };
    let (about, going_on, known, beside) = page.app.db.read(&page.actor, read).await?;
    let ((case, worker, lists), (holds, referrals, stays, jobs)) = (about, going_on);
    let stay = stays.iter().map(|stay| stay.state).max_by_key(|state| state.weight());
    let (has_identity, emergency, repeats, merged) = known;
    let form_shown = form.clone();
    let from = |referral: &Referral| {
        let other = merged.folded.iter().find(|folded| Some(folded.id) == referral.case_id)?;
        other.reference.clone()
    };
    let asked = |referral: &Referral| Asked { from: from(referral), ..Asked::of(referral, now) };
    let referrals = referrals.iter().map(asked).collect();
    let show = Show {
        page,
        form: form_shown,
        case,
        worker,
        lists,
        holds,
        referrals,
        stay,
        stays,
        has_identity,
        emergency,
        repeats,
        jobs,
        merged,
        beside,
    };
    page.show_form(&form, &show)
}

fn holds(conn: &mut db::Conn, id: CaseId, referrals: &[Seen], now: At) -> Result<Vec<Hold>, AppError> {
    let running = db::occupancy::of_case(conn, id)?.into_iter();
    let running = running.filter(|held| held.kind == Kind::Hold && held.during().contains(now));
    running
        .map(|held| {
            let service = db::matching::of_unit(conn, held.unit_id, None)?.service;
            Ok(Hold {
                id: held.id,
                service: public_name(&service.name, service.name_confidential, false).to_owned(),
                until: held.ends_at,
                vacancy: db::vacancies::open_of_unit(conn, held.unit_id)?.map(|vacancy| vacancy.id),
                referred: referrals
                    .iter()
                    .any(|seen| seen.referral.hold_id == Some(held.id) && seen.referral.state.open()),
            })
        })
        .collect()
}

impl Show<'_> {
    /// Whether somebody works on it: open, and not put away under another.
    fn open(&self) -> bool {
        self.case.state == State::Open && self.merged.into.is_none()
    }

    fn closed(&self) -> bool {
        self.case.state == State::Closed
    }

    /// Not somebody who was let in for an emergency.
    fn answers_for(&self) -> bool {
        self.page.may(Action::SeeEveryCase) || self.case.owner_id == self.page.actor.account
    }

    fn may_ask_for_sanctuary(&self) -> bool {
        self.open() && !self.jobs.iter().any(|job| job.state.open())
    }

    fn may_reallocate(&self) -> bool {
        self.page.may(Action::SeeEveryCase)
    }

    fn facts(&self) -> Vec<Known> {
        known(&self.case.needs, &self.lists)
    }

    /// Why two cases may be about the same person, in words that do not say who.
    fn why(repeat: &Repeat) -> String {
        let why: Vec<&str> = repeat.why.iter().map(|why| repeats::why(*why)).collect();
        why.join("; ")
    }

    /// "Since 3 April 2026", "3 April 2026 to 9 May 2026".
    fn lived(&self, stay: &Stay) -> String {
        let words = placements::state(stay.state).0;
        match (stay.arrived_at, stay.ended_at) {
            (None, _) if stay.state == placement::State::Expected => {
                format!("Expected {}", day_from(stay.expected_at.date(), self.page.now.date()))
            }
            (None, _) => words.into(),
            (Some(from), None) => format!("Since {}", day(from.date())),
            (Some(from), Some(to)) => format!("{} to {}", day(from.date()), day(to.date())),
        }
    }

    fn over(stay: &Stay) -> Option<String> {
        stay.days_over_limit.zip(stay.intended_stay_days).map(|(days, intended)| over(days, intended))
    }

    fn outcome(&self) -> String {
        let reason = self.case.primary_reason.as_deref().map(|code| self.lists.label("denial_reason", code));
        let next = self.case.what_happened_next.as_deref().map(|code| self.lists.label("what_happened_next", code));
        match (reason, next) {
            (Some(reason), Some(next)) => format!("No place. {reason}. Afterwards: {next}."),
            _ if self.case.outcome == Some(Outcome::Sanctuary) => "Their own home was made safe.".into(),
            _ => "The household had a place.".into(),
        }
    }
}

/// A sheet to print that says nothing of what it is about.
#[derive(Template)]
#[template(path = "cases/hand_out.html")]
struct HandOut<'a> {
    page: &'a Page,
    case: Case,
}

#[get("/cases/{id}/hand-out")]
async fn print_hand_out(page: Page, Path(id): Path<CaseId>) -> Answer {
    let scope = Scope::of(&page.actor);
    let case = page.app.db.read(&page.actor, move |conn| db::cases::find_in(conn, scope, id)).await?;
    page.show(&HandOut { page: &page, case })
}
