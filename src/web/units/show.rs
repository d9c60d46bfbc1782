//! One unit: what it is like, what it offers, what it will be doing.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use chrono::TimeDelta;
use uuid::Uuid;

use super::told::{Known, Now, Offer, Told, floor};
use crate::actions;
use crate::api::input::Path;
use crate::clock::At;
use crate::db;
use crate::db::exclusions::Reader;
use crate::db::occupancy::Occupancy;
use crate::domain::occupancy::Kind;
use crate::domain::permission::Action;
use crate::domain::placement::State as Stay;
use crate::domain::provision::{Room, UnitFacts, Wheelchair};
use crate::error::AppError;
use crate::ids::UnitId;
use crate::web::Answer;
use crate::web::form::Form;
use crate::web::page::Page;
use crate::web::reasons::label;
use crate::web::words::{clock_time, day, day_from};

pub fn routes(config: &mut ServiceConfig) {
    config.service(find);
}

/// Something that a unit was, is or will be doing.
struct Entry {
    what: String,
    from: String,
    to: String,
    /// A stay that can be looked at.
    stay: Option<Uuid>,
    /// A time out of use that can be ended.
    void: Option<Uuid>,
}

#[derive(Template)]
#[template(path = "units/show.html")]
struct Shown<'a> {
    page: &'a Page,
    form: Form,
    id: Uuid,
    code: String,
    service: String,
    area: String,
    facts: Vec<(&'static str, String)>,
    told: Told,
    offer: Option<Offer>,
    /// How many waiting households it would suit.
    waiting: Option<usize>,
    /// Whether a vacancy can be posted at all: the service and the home are open.
    open: bool,
    /// Whether it can be posted from today.
    today: bool,
    entries: Vec<Entry>,
}

#[get("/units/{id}")]
async fn find(page: Page, Path(id): Path<UnitId>) -> Answer {
    shown(&page, id, Form::new()).await
}

/// A unit, with what went wrong with a form on its page.
pub(super) async fn shown(page: &Page, id: UnitId, form: Form) -> Answer {
    let (owner, now, policy) = (page.actor.organisation, page.now, page.app.policy);
    let reader = Reader::of(&page.actor);
    let read = page.app.db.read(&page.actor, move |conn| {
        let unit = db::units::find_of(conn, owner, id)?;
        let service = db::services::find(conn, unit.service_id)?;
        let from = now - TimeDelta::days(28);
        let taken = db::occupancy::of_unit_within(conn, id, from, now + TimeDelta::days(365))?;
        let offer = db::vacancies::open_of_unit(conn, id)?;
        let waiting = match &offer {
            None => None,
            Some(vacancy) => match actions::matching::households_waiting(conn, reader, vacancy.id, now, policy) {
                Err(AppError::Refused { .. }) => None, // out of date: nobody is sent there
                number => Some(number?),
            },
        };
        let stays = db::placements::current(conn, reader)?;
        let hidden = db::exclusions::hidden_cases(conn, reader)?;
        let codes = db::reference::codes(conn, Some("void_reason"))?;
        Ok((unit, service, taken, offer, waiting, stays, hidden, codes))
    });
    let (unit, service, all, offer, waiting, stays, hidden, codes) = read.await?;
    let taken: Vec<_> = all.iter().filter(|taken| taken.ends_at.is_none_or(|end| end > now)).cloned().collect();
    let known = Known { taken: &taken, stays: &stays, codes: &codes, now };
    let told = known.tell(&unit);
    let own: Vec<_> = known.of(&unit).collect();
    let offer = offer.map(|vacancy| Offer::of(&vacancy, &own, page.app.policy.freshness, now));
    // A hold that is over was short, and led to a stay that stands here too, or to nothing.
    let lasting = |taken: &&Occupancy| {
        taken.ends_at != Some(taken.starts_at) && (taken.kind != Kind::Hold || taken.ends_at > Some(now))
    };
    let entries = all.iter().filter(lasting).map(|taken| {
        let stay = stays.iter().find(|stay| stay.placement.id == taken.id);
        let expected = stay.is_some_and(|stay| stay.placement.state == Stay::Expected);
        let over = taken.ends_at.is_some_and(|end| end <= now);
        Entry {
            what: match taken.kind {
                Kind::Hold => "Held for a referral".into(),
                Kind::Placement if expected => "Arrival expected".into(),
                Kind::Placement => "Lived in".into(),
                Kind::Void => {
                    let why = taken.void_reason.as_deref().unwrap_or("other");
                    format!("Out of use: {}", label(&codes, "void_reason", why))
                }
            },
            from: moment(taken.starts_at, now),
            to: taken.ends_at.map_or_else(|| "no end yet".into(), |end| format!("to {}", moment(end, now))),
            // For whom the case does not exist, the home is taken, and nothing more.
            stay: (taken.kind == Kind::Placement && !taken.case_id.is_some_and(|case| hidden.contains(&case)))
                .then_some(taken.id.0),
            void: (taken.kind == Kind::Void && !over).then_some(taken.id.0),
        }
    });
    let entries = entries.collect();
    let open = service.service.active && unit.online_until.is_none();
    let shown = Shown {
        page,
        id: id.0,
        today: open && own.is_empty() && told.now == Now::Free,
        open,
        service: service.service.name,
        area: service.area,
        facts: facts(&unit.facts.clone().into(), unit.online_from, unit.online_until),
        code: unit.code,
        told,
        offer,
        waiting,
        entries,
        form: form.clone(),
    };
    page.show_form(&form, &shown)
}

fn moment(at: At, now: At) -> String {
    let day = day_from(at.date(), now.date());
    if at == At::start_of(at.date()) { day } else { format!("{day} at {}", clock_time(at)) }
}

fn facts(facts: &UnitFacts, from: At, until: Option<At>) -> Vec<(&'static str, String)> {
    let yes = |it: bool| if it { "Yes" } else { "No" }.to_owned();
    let room = |room: Room| match room {
        Room::Own => "Own".to_owned(),
        Room::Shared => "Shared".to_owned(),
    };
    let wheelchair = match facts.wheelchair {
        Wheelchair::None => "No",
        Wheelchair::EssentialRooms => "To the main rooms",
        Wheelchair::Full => "Everywhere",
    };
    let mut told = vec![
        ("Bed spaces", facts.bed_spaces.to_string()),
        ("Cots", facts.cots.to_string()),
        ("Floor", floor(facts.floor)),
        ("No steps", yes(facts.step_free)),
        ("Wheelchair", wheelchair.to_owned()),
        ("Bathroom", room(facts.bathroom)),
        ("Kitchen", room(facts.kitchen)),
        ("Pets", yes(facts.pets)),
        ("In use from", day(from.date())),
    ];
    if let Some(until) = until {
        told.push(("Closed from", day(until.date())));
    }
    told
}

impl Shown<'_> {
    fn manager(&self) -> bool {
        self.page.may(Action::ManageServices)
    }
}
