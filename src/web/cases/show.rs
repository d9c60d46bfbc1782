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
use crate::clock::At;
use crate::db;
use crate::db::cases::{Case, Scope};
use crate::db::exclusions::Reader;
use crate::db::referrals::{Filter, Seen, Side};
use crate::db::repeats::Repeat;
use crate::domain::case::State;
use crate::domain::occupancy::Kind;
use crate::domain::permission::Action;
use crate::domain::placement;
use crate::domain::referral::State as Referral;
use crate::error::AppError;
use crate::ids::{CaseId, OccupancyId, VacancyId};
use crate::web::Answer;
use crate::web::asking::Heard;
use crate::web::form::Form;
use crate::web::matching::{Around, Beside};
use crate::web::page::Page;

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

#[derive(Template)]
#[template(path = "cases/show.html")]
pub struct Show<'a> {
    page: &'a Page,
    form: Form,
    case: Case,
    worker: String,
    lists: Lists,
    holds: Vec<Hold>,
    referrals: Vec<Seen>,
    stay: Option<placement::State>,
    has_identity: bool,
    /// Whether the reader sees it only because of an emergency.
    emergency: bool,
    /// Other cases that may be about the same person.
    repeats: Vec<Repeat>,
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
    let around = Around { heard, ..Around::of(page, None) };
    let read = move |conn: &mut db::Conn| {
        let case = db::cases::find_in(conn, Scope::of(&actor), id)?;
        let lists = Lists::load(conn)?;
        let beside = Beside { form: wrong, ..Beside::of(conn, &case, &lists, around)? };
        let filter = Filter { side: Some(Side::Referrer), case: Some(id), ..Filter::default() };
        let referrals = db::referrals::page(conn, &actor, filter, None, 100)?;
        let holds = holds(conn, id, &referrals, now)?;
        let stay = db::placements::of_case(conn, id)?.last().map(|stay| stay.state);
        let worker = db::accounts::find(conn, Some(actor.organisation), case.owner_id)?.name;
        let has_identity = db::cases::has_identity(conn, id)?;
        let emergency = db::exclusions::opened_cases(conn, Reader::of(&actor))?.contains(&id);
        let repeats = db::repeats::of_case(conn, Scope::of(&actor), id)?;
        Ok(((case, worker, lists), (holds, referrals, stay), (has_identity, emergency, repeats), beside))
    };
    let (about, going_on, known, beside) = page.app.db.read(&page.actor, read).await?;
    let ((case, worker, lists), (holds, referrals, stay)) = (about, going_on);
    let (has_identity, emergency, repeats) = known;
    let form_shown = form.clone();
    let show = Show {
        page,
        form: form_shown,
        case,
        worker,
        lists,
        holds,
        referrals,
        stay,
        has_identity,
        emergency,
        repeats,
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
    fn open(&self) -> bool {
        self.case.state == State::Open
    }

    /// Not somebody who was let in for an emergency.
    fn answers_for(&self) -> bool {
        self.page.may(Action::SeeEveryCase) || self.case.owner_id == self.page.actor.account
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

    fn service(seen: &Seen) -> &str {
        let accepted = matches!(seen.referral.state, Referral::Accepted | Referral::Placed);
        public_name(&seen.service_name.name, seen.service_name.confidential && !accepted, false)
    }

    fn outcome(&self) -> String {
        let reason = self.case.primary_reason.as_deref().map(|code| self.lists.label("denial_reason", code));
        let next = self.case.what_happened_next.as_deref().map(|code| self.lists.label("what_happened_next", code));
        match (reason, next) {
            (Some(reason), Some(next)) => format!("No place. {reason}. Afterwards: {next}."),
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
