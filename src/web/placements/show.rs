//! One stay, with what can be recorded of it.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use uuid::Uuid;

use super::list::{expected_words, leaving_words};
use super::state;
use crate::api::input::Path;
use crate::clock::At;
use crate::db;
use crate::db::exclusions::Reader;
use crate::db::placements::Placement;
use crate::db::referrals::Side;
use crate::domain::permission::Action;
use crate::domain::placement::{DepartureKind, State};
use crate::domain::reason::DecidedBy;
use crate::domain::reference::Code;
use crate::ids::OccupancyId;
use crate::web::Answer;
use crate::web::form::Form;
use crate::web::page::Page;
use crate::web::reasons::{Choices, decided, label, options};
use crate::web::words::{day, length, moment};

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
    choices: Choices,
    destinations: Vec<(String, String)>,
    asked_to_leave: Vec<(String, String)>,
}

#[get("/placements/{id}")]
async fn find(page: Page, Path(id): Path<OccupancyId>) -> Answer {
    shown(&page, id, Forms::default()).await
}

pub(super) async fn shown(page: &Page, id: OccupancyId, forms: Forms) -> Answer {
    let (reader, now) = (Reader::of(&page.actor), page.now);
    let read = page.app.db.read(&page.actor, move |conn| {
        let seen = db::placements::find_of(conn, reader, id)?;
        let ended = db::referrals::find(conn, seen.placement.referral_id)?;
        let (unit, _) = db::units::find(conn, seen.unit)?;
        let service = db::services::find(conn, unit.service_id)?.service.name;
        Ok((seen, ended, unit, service, db::reference::codes(conn, None)?))
    });
    let (seen, ended, unit, service, codes) = read.await?;
    let stay = seen.placement;
    let (words, class) = state(stay.state);
    let mut facts = facts(&stay, &codes, now);
    if let (State::DidNotArrive, Some(reason)) = (stay.state, &ended.primary_reason) {
        facts.push(("Why", label(&codes, "denial_reason", reason)));
        facts.extend(ended.decided_by.map(|who| ("Who decided", decided(who, Side::Provider).to_owned())));
    }
    let Forms { arrive, none, extend, depart } = forms;
    let form = [&arrive, &none, &extend, &depart].into_iter().flatten().next().cloned().unwrap_or_default();
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
        choices: Choices::of(&codes, DecidedBy::ALL, Side::Provider, now.date()),
        destinations: options(&codes, "departure_destination", now.date()),
        asked_to_leave: options(&codes, "asked_to_leave_reason", now.date()),
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
        facts.push(("Stayed", length(stay.departed_at.unwrap_or(now) - arrived)));
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
    facts
}

impl Shown<'_> {
    fn expected(&self) -> bool {
        self.state == State::Expected
    }

    fn here(&self) -> bool {
        self.state == State::Arrived
    }

    fn may_void(&self) -> bool {
        self.page.may(Action::RecordVoids)
    }
}
