//! "Our units today": every home of the organisation on one page.

use actix_web::web::ServiceConfig;
use actix_web::{HttpResponse, get, post};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::told::{Known, Now, Offer, Told, natural};
use crate::actions;
use crate::api::input::Query;
use crate::clock::At;
use crate::db;
use crate::db::referrals::{Filter, Side};
use crate::db::services::Named;
use crate::domain::placement::State as Stay;
use crate::domain::referral::State;
use crate::error::AppError;
use crate::ids::ServiceId;
use crate::web::Answer;
use crate::web::form::{Form, Posted};
use crate::web::matching::facts;
use crate::web::page::{Done, Page};
use crate::web::tasks::Needs;
use crate::web::words::length;

pub fn routes(config: &mut ServiceConfig) {
    config.service(today).service(confirm_all);
}

/// More units than this are shown one service at a time.
const AT_ONCE: usize = 250;
/// More units than this no provider has.
const MOST: i64 = 5000;

#[derive(Default, Deserialize, garde::Validate)]
#[garde(allow_unvalidated)]
struct Asked {
    service: Option<ServiceId>,
    /// Only the units that are doing this.
    show: Option<String>,
}

struct Row {
    id: Uuid,
    code: String,
    facts: String,
    told: Told,
    offer: Option<Offer>,
    /// Whether a vacancy can be posted from today.
    can_post: bool,
}

struct Group {
    id: Uuid,
    name: String,
    area: String,
    active: bool,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "units/board.html")]
struct Board<'a> {
    page: &'a Page,
    form: Form,
    /// (number, words): what the units are doing, of those that do anything.
    tally: Vec<(usize, Now)>,
    posted: usize,
    old: usize,
    dropped: usize,
    waiting: usize,
    /// How long ago the referral was sent that waits longest.
    oldest: Option<String>,
    arrivals: usize,
    overdue: usize,
    needs: Needs,
    groups: Vec<Group>,
    /// Only units that are doing this are shown.
    show: Option<Now>,
    /// Every service with the number of its units: (id, name, units, shown).
    services: Vec<(Uuid, String, usize, bool)>,
}

#[get("/units")]
async fn today(page: Page, Query(asked): Query<Asked>) -> Answer {
    render(&page, Form::new(), asked).await
}

/// The board, with what went wrong with a button on it.
pub(super) async fn shown(page: &Page, form: Form) -> Result<HttpResponse, AppError> {
    render(page, form, Asked::default()).await
}

async fn render(page: &Page, form: Form, asked: Asked) -> Result<HttpResponse, AppError> {
    let (actor, owner, now) = (page.actor.clone(), page.actor.organisation, page.now);
    let board = page.app.db.read(&page.actor, move |conn| {
        let waiting = Filter { side: Some(Side::Provider), ..Filter::default() };
        Ok(Everything {
            services: db::services::page(conn, Some(owner), None, MOST)?,
            units: db::units::page(conn, owner, None, None, MOST)?,
            taken: db::occupancy::of_organisation_after(conn, owner, now)?,
            vacancies: db::vacancies::open_of_organisation(conn, owner)?,
            stays: db::placements::current(conn, db::exclusions::Reader::of(&actor))?,
            codes: db::reference::codes(conn, Some("void_reason"))?,
            needs: Needs::of(conn, &actor, now)?,
            waiting: db::referrals::page_in(conn, &actor, waiting, &[State::Sent], None, MOST)?
                .into_iter()
                .map(|seen| seen.referral.sent_at)
                .collect(),
        })
    });
    let everything = board.await?;
    page.show_form(&form.clone(), &everything.board(page, form, &asked))
}

struct Everything {
    services: Vec<Named>,
    units: Vec<db::units::Unit>,
    taken: Vec<db::occupancy::Occupancy>,
    vacancies: Vec<db::vacancies::Vacancy>,
    stays: Vec<db::placements::Seen>,
    codes: Vec<crate::domain::reference::Code>,
    needs: Needs,
    /// When each referral was sent that waits for an answer, the newest first.
    waiting: Vec<At>,
}

impl Everything {
    fn board<'a>(self, page: &'a Page, form: Form, asked: &Asked) -> Board<'a> {
        let now = page.now;
        let known = Known { taken: &self.taken, stays: &self.stays, codes: &self.codes, now };
        let mut tally: Vec<(usize, Now)> = Now::ALL.map(|doing| (0, doing)).to_vec();
        let mut groups = Vec::new();
        for Named { service, area, .. } in &self.services {
            let theirs = self.units.iter().filter(|unit| unit.service_id == service.id);
            let mut rows: Vec<Row> = theirs.map(|unit| self.row(unit, &known, service.active, page)).collect();
            rows.sort_by_cached_key(|row| natural(&row.code));
            for row in &rows {
                for (number, _) in tally.iter_mut().filter(|(_, doing)| *doing == row.told.now) {
                    *number += 1;
                }
            }
            if !rows.is_empty() {
                let (name, area) = (service.name.clone(), area.clone());
                groups.push(Group { id: service.id.0, name, area, active: service.active, rows });
            }
        }
        tally.retain(|(number, _)| *number > 0);
        let show = Now::ALL.into_iter().find(|doing| asked.show.as_deref() == Some(doing.class()));
        let too_many = show.is_none() && self.units.len() > AT_ONCE;
        let first = groups.first().filter(|_| too_many).map(|group| ServiceId(group.id));
        let only = asked.service.or(first);
        let is_shown = |id: Uuid| only.is_none_or(|only| only.0 == id);
        let services = groups
            .iter()
            .map(|group| (group.id, group.name.clone(), group.rows.len(), only.is_some() && is_shown(group.id)));
        let services = services.collect();
        for group in &mut groups {
            group.rows.retain(|row| show.is_none_or(|show| row.told.now == show));
        }
        groups.retain(|group| is_shown(group.id) && !group.rows.is_empty());

        let freshness = page.app.policy.freshness;
        let ages: Vec<_> = self.vacancies.iter().map(|vacancy| freshness.age(vacancy.confirmed_at, now)).collect();
        let aged = |age| ages.iter().filter(|known| **known == age).count();
        let expected = || self.stays.iter().map(|seen| &seen.placement).filter(|stay| stay.state == Stay::Expected);
        Board {
            page,
            form,
            tally,
            posted: self.vacancies.len(),
            old: aged(crate::domain::vacancy::Age::Stale),
            dropped: aged(crate::domain::vacancy::Age::OutOfDate),
            waiting: self.waiting.len(),
            oldest: self.waiting.last().map(|sent| length(now - *sent)),
            arrivals: expected().filter(|stay| stay.expected_at.date() == now.date()).count(),
            needs: self.needs,
            overdue: expected().filter(|stay| stay.expected_at.date() < now.date()).count(),
            groups,
            services,
            show,
        }
    }

    fn row(&self, unit: &db::units::Unit, known: &Known, active: bool, page: &Page) -> Row {
        let told = known.tell(unit);
        let own: Vec<_> = known.of(unit).collect();
        let vacancy = self.vacancies.iter().find(|vacancy| vacancy.unit_id == unit.id);
        let offer = vacancy.map(|vacancy| Offer::of(vacancy, &own, page.app.policy.freshness, page.now));
        Row {
            id: unit.id.0,
            code: unit.code.clone(),
            facts: facts(&unit.facts.clone().into()),
            can_post: active
                && offer.is_none()
                && own.is_empty()
                && told.now == Now::Free
                && unit.online_until.is_none(),
            told,
            offer,
        }
    }
}

/// Stands by every vacancy at once.
#[post("/units/confirm")]
async fn confirm_all(page: Page, posted: Posted) -> Answer {
    let deed = page
        .app
        .db
        .write_once(&page.actor, page.once(&posted), |tx| Ok(actions::vacancies::confirm_all(tx)?.map(drop)));
    match page.act(&posted, deed).await? {
        Ok(()) => page.go("/units", Done::Confirmed),
        Err(form) => shown(&page, form).await,
    }
}
