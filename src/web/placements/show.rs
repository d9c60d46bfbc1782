//! One stay, with what can be recorded of it.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use uuid::Uuid;

use super::list::{expected_words, leaving_words, over_limit};
use super::outcomes::told;
use super::state;
use crate::actions::notes::Of;
use crate::api::input::{Path, Query};
use crate::api::placements::chain::Stays;
use crate::clock::At;
use crate::db;
use crate::db::exclusions::Reader;
use crate::db::placements::Placement;
use crate::db::referrals::Side;
use crate::domain::permission::Action;
use crate::domain::placement::{DepartureKind, State};
use crate::domain::reason::DecidedBy;
use crate::domain::reference::Code;
use crate::domain::referral::State as Referral;
use crate::domain::support::State as Support;
use crate::ids::OccupancyId;
use crate::web::Answer;
use crate::web::form::Form;
use crate::web::notes::{Asked, Part, part};
use crate::web::page::Page;
use crate::web::reasons::{Choices, decided, label, options};
use crate::web::words::{day, day_from, length, moment};

pub fn routes(config: &mut ServiceConfig) {
    config.service(find);
}

/// The forms of the page: the one that was sent back has what is wrong with it.
#[derive(Default)]
pub(super) struct Forms {
    pub arrive: Option<Form>,
    pub none: Option<Form>,
    pub extend: Option<Form>,
    pub depart: Option<Form>,
}

#[derive(Template)]
#[template(path = "placements/show.html")]
struct Shown<'a> {
    page: &'a Page,
    /// The form that was sent back, or an empty one.
    form: Form,
    arrive: Form,
    none: Form,
    extend: Form,
    depart: Form,
    id: Uuid,
    reference: String,
    referral: Uuid,
    unit: Uuid,
    code: String,
    service: String,
    state: State,
    label: &'static str,
    class: &'static str,
    facts: Vec<(&'static str, String)>,
    /// When they were expected, if that is over and nobody has come.
    passed: Option<String>,
    /// How far it is beyond what the service is meant for.
    over: Option<String>,
    /// Whether they live with us already, and are to move here.
    second: bool,
    line: Vec<Link>,
    /// The stay that goes on from this one.
    next: Option<Uuid>,
    said: Vec<(&'static str, String)>,
    supported: usize,
    choices: Choices,
    destinations: Vec<(String, String)>,
    asked_to_leave: Vec<(String, String)>,
    notes: Part<'a>,
}

/// One home of the chain.
struct Link {
    id: Uuid,
    /// Whether it is the one that the page is about.
    this: bool,
    place: String,
    when: String,
    state: &'static str,
    class: &'static str,
}

#[get("/placements/{id}")]
async fn find(page: Page, Path(id): Path<OccupancyId>, Query(asked): Query<Asked>) -> Answer {
    whole(&page, id, Forms::default(), (asked, Form::new())).await
}

pub(super) async fn shown(page: &Page, id: OccupancyId, forms: Forms) -> Answer {
    whole(page, id, forms, (Asked::default(), Form::new())).await
}

/// The page, with what went wrong with a note.
///
/// # Errors
/// [`NotFound`](crate::error::AppError::NotFound).
pub async fn with_notes(page: &Page, id: OccupancyId, asked: Asked, note: Form) -> Answer {
    whole(page, id, Forms::default(), (asked, note)).await
}

async fn whole(page: &Page, id: OccupancyId, forms: Forms, (asked, note): (Asked, Form)) -> Answer {
    let (reader, now) = (Reader::of(&page.actor), page.now);
    let read = page.app.db.read(&page.actor, move |conn| {
        let seen = db::placements::find_of(conn, reader, id)?;
        let ended = db::referrals::find(conn, seen.placement.referral_id)?;
        let (unit, _) = db::units::find(conn, seen.unit)?;
        let service = db::services::find(conn, unit.service_id)?.service.name;
        let chain = Stays::of(conn, seen.case, Some(reader.organisation), now)?;
        let supports = db::support::of_referral(conn, seen.placement.referral_id)?;
        let after = db::placements::all_of_referral(conn, seen.placement.referral_id)?;
        let said = db::outcomes::find(conn, id)?;
        let codes = db::reference::codes(conn, None)?;
        Ok(((seen, ended, unit, service, codes), (chain, supports, after, said)))
    });
    let ((seen, ended, unit, service, codes), (chain, supports, after, said)) = read.await?;
    let today = now.date();
    let over = over_limit(&seen, today).filter(|_| seen.placement.state == State::Arrived);
    let stay = seen.placement;
    let (words, class) = state(stay.state);
    let mut facts = facts(&stay, &codes, now);
    if let (State::DidNotArrive, Some(reason)) = (stay.state, &ended.primary_reason) {
        facts.push(("Why", label(&codes, "denial_reason", reason)));
        facts.extend(ended.decided_by.map(|who| ("Who decided", decided(who, Side::Provider).to_owned())));
    }
    let follows = |other: &&Placement| other.follows_id == Some(stay.id) && other.state != State::DidNotArrive;
    let next = after.iter().find(follows).map(|next| next.id.0);
    let expected_on = stay.expected_at.date();
    let passed = (stay.state == State::Expected && expected_on < today).then(|| day_from(expected_on, today));
    let supported = supports.iter().filter(|row| row.state != Support::TakenOut).count();
    let second = stay.follows_id.is_some() && ended.state == Referral::Placed;
    let Forms { arrive, none, extend, depart } = forms;
    let notes = part(page, Of::Stay(id), asked, note).await?;
    let wrong = notes.form.any_wrong() || notes.form.reviewed;
    let note = Some(notes.form.clone()).filter(|_| wrong);
    let form = [&arrive, &none, &extend, &depart, &note].into_iter().flatten().next().cloned().unwrap_or_default();
    let shown = Shown {
        page,
        form: form.clone(),
        arrive: arrive.unwrap_or_default(),
        none: none.unwrap_or_default(),
        extend: extend.unwrap_or_default(),
        depart: depart.unwrap_or_default(),
        id: id.0,
        reference: seen.reference,
        referral: stay.referral_id.0,
        unit: unit.id.0,
        code: unit.code,
        service,
        state: stay.state,
        label: words,
        class,
        facts,
        passed,
        over,
        second,
        line: line(&chain, stay.id, now),
        next,
        said: said.as_ref().map(told).unwrap_or_default(),
        supported,
        choices: Choices::of(&codes, DecidedBy::ALL, Side::Provider, now.date()),
        destinations: options(&codes, "departure_destination", now.date()),
        asked_to_leave: options(&codes, "asked_to_leave_reason", now.date()),
        notes,
    };
    page.show_form(&form, &shown)
}

fn facts(stay: &Placement, codes: &[Code], now: At) -> Vec<(&'static str, String)> {
    let today = now.date();
    let mut facts = Vec::new();
    match stay.state {
        State::Expected => facts.push(("Expected", expected_words(stay.expected_at.date(), today).0)),
        _ => facts.push(("Was expected", day(stay.expected_at.date()))),
    }
    if let Some(arrived) = stay.arrived_at {
        facts.push(("Arrived", moment(arrived)));
        facts.push(("Stayed", length(stay.ended_at().unwrap_or(now) - arrived)));
    }
    if let Some(moved) = stay.moved_at {
        facts.push(("Moved on", moment(moved)));
    }
    if let Some(code) = &stay.move_reason {
        facts.push(("Why they moved", label(codes, "move_reason", code)));
    }
    if let Some(code) = &stay.missed_reason {
        facts.push(("Why they did not come", label(codes, "denial_reason", code)));
    }
    if stay.state.current() {
        facts.push(("To leave", leaving_words(stay.expected_end.map(At::date), today).0));
    }
    if let Some(left) = stay.departed_at {
        facts.push(("Left", moment(left)));
    }
    match stay.departure_kind {
        Some(DepartureKind::Planned) => facts.push(("Was it planned?", "Yes".into())),
        Some(DepartureKind::Unplanned) => facts.push(("Was it planned?", "No".into())),
        None => {}
    }
    if let Some(code) = &stay.destination {
        facts.push(("Where to", label(codes, "departure_destination", code)));
    }
    if let Some(code) = &stay.asked_to_leave_reason {
        facts.push(("Asked to leave because of", label(codes, "asked_to_leave_reason", code)));
    }
    if let Some(wish) = stay.move_on_wish_on {
        facts.push(("Wished to move on from", day(wish)));
    }
    match stay.move_on_timely {
        Some(true) => facts.push(("Moved on when ready", "Yes".into())),
        Some(false) => facts.push(("Moved on when ready", "No".into())),
        None => {}
    }
    facts
}

fn line(chain: &Stays, this: OccupancyId, now: At) -> Vec<Link> {
    let parts = chain.items.iter().map(|stay| {
        let (words, class) = state(stay.state);
        let when = match (stay.arrived_at, stay.ended_at) {
            (None, _) => format!("Expected {}", day_from(stay.expected_at.date(), now.date())),
            (Some(from), None) => format!("Since {}", day(from.date())),
            (Some(from), Some(to)) => format!("{} to {}", day(from.date()), day(to.date())),
        };
        let unit = stay.unit.as_deref().map(|unit| format!("Unit {unit}, ")).unwrap_or_default();
        let place = format!("{unit}{}", stay.service);
        Link { id: stay.id.0, this: stay.id == this, place, when, state: words, class }
    });
    parts.collect()
}

impl Shown<'_> {
    fn expected(&self) -> bool {
        self.state == State::Expected
    }

    fn here(&self) -> bool {
        self.state == State::Arrived
    }

    /// Whether she can be asked how she is.
    fn asked(&self) -> bool {
        matches!(self.state, State::Arrived | State::Departed)
    }

    fn may_void(&self) -> bool {
        self.page.may(Action::RecordVoids)
    }
}
