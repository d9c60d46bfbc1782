//! Households under watch: what was found for them since; and keeping a search because it matters.

use std::collections::BTreeMap;

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;

use super::Answer;
use super::cases::{Step, shown};
use super::form::Posted;
use super::page::{Done, Page};
use crate::actions;
use crate::actions::matching::Matches;
use crate::actions::watches::Watched;
use crate::api::input::Path;
use crate::api::vacancies::Vacancy;
use crate::clock::At;
use crate::db::cases::Case;
use crate::db::watches::{Found, Watch};
use crate::db::{self, Conn};
use crate::domain::eligibility::Verdict;
use crate::domain::permission::Action;
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, OrganisationId, VacancyId};
use crate::settings::Policy;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_watches).service(start_watch).service(end_watch).service(see_found).service(mark_search);
}

/// A place that was found, as it is now.
pub struct Place {
    pub vacancy: VacancyId,
    pub service: String,
    pub area: String,
    /// None while somebody else holds it.
    pub verdict: Option<Verdict>,
    pub found_at: At,
    pub new: bool,
}

/// The watch of a case.
pub struct Watching {
    pub since: At,
    pub places: Vec<Place>,
}

impl Watching {
    /// None when nobody watches.
    ///
    /// # Errors
    /// When the database fails.
    pub fn of(
        conn: &mut Conn,
        case: &Case,
        matches: &Matches,
        now: At,
        policy: Policy,
    ) -> Result<Option<Self>, AppError> {
        let Some(Watch { since, .. }) = db::watches::find(conn, case.id)? else { return Ok(None) };
        let found = actions::watches::current(conn, case.id, now, policy)?;
        let places = found.into_iter().map(|found| place(conn, case.organisation_id, &found, matches, now, policy));
        Ok(Some(Self { since, places: places.collect::<Result<_, _>>()? }))
    }

    /// How many of them nobody has seen.
    pub fn unseen(&self) -> usize {
        self.places.iter().filter(|place| place.new).count()
    }
}

fn place(
    conn: &mut Conn,
    own: OrganisationId,
    found: &Found,
    matches: &Matches,
    now: At,
    policy: Policy,
) -> Result<Place, AppError> {
    let listed = Vacancy::seen_by(own, db::vacancies::listed(conn, found.vacancy_id)?, policy, now);
    let ranked = matches.ranked.iter().find(|one| one.key == found.vacancy_id);
    Ok(Place {
        vacancy: found.vacancy_id,
        service: listed.service,
        area: listed.area_name,
        verdict: ranked.map(|one| one.verdict),
        found_at: found.found_at,
        new: found.seen_at.is_none(),
    })
}

/// "3 new places".
pub fn new_places(number: usize) -> String {
    if number == 1 { "1 new place".into() } else { format!("{number} new places") }
}

/// What was found that nobody has seen: how many places, for how many households.
pub fn unseen(watched: &[Watched]) -> (usize, usize) {
    let new = |watched: &Watched| watched.found.iter().filter(|found| found.seen_at.is_none()).count();
    (watched.iter().map(new).sum(), watched.iter().filter(|watched| new(watched) > 0).count())
}

#[derive(Template)]
#[template(path = "watches/list.html")]
struct List<'a> {
    page: &'a Page,
    watched: Vec<(Case, Watching)>,
    /// Of the whole organisation's workers, for a manager.
    workers: BTreeMap<AccountId, String>,
}

impl List<'_> {
    fn worker(&self, case: &Case) -> &str {
        self.workers.get(&case.owner_id).map_or("", String::as_str)
    }
}

/// Those first for which there is something new. To look at it is not to have seen it: that is said by a press.
#[get("/watches")]
async fn list_watches(page: Page) -> Answer {
    let (actor, now, policy, all) = (page.actor.clone(), page.now, page.app.policy, page.may(Action::SeeEveryCase));
    let read = move |conn: &mut Conn| {
        let mut watched = Vec::new();
        for Watched { watch, case, found } in actions::watches::list(conn, &actor, now, policy)? {
            let mut places = Vec::new();
            if !found.is_empty() {
                let matches = actions::matching::matches(conn, &case, now, policy)?;
                for found in found {
                    places.push(place(conn, actor.organisation, &found, &matches, now, policy)?);
                }
            }
            watched.push((case, Watching { since: watch.since, places }));
        }
        let workers = if all { db::accounts::page(conn, Some(actor.organisation), None, 200)? } else { Vec::new() };
        Ok((watched, workers.into_iter().map(|account| (account.id, account.name)).collect()))
    };
    let (watched, workers) = page.app.db.read(&page.actor, read).await?;
    page.show(&List { page: &page, watched, workers })
}

/// The page on which the button stands: the list, or the case, or one of its steps.
struct Back {
    list: bool,
    from: Option<Step>,
}

impl Back {
    fn of(posted: &Posted) -> Self {
        Self { list: posted.get("from") == "watches", from: posted.get("from").parse().ok() }
    }

    fn path(&self, id: CaseId) -> String {
        if self.list { "/watches".into() } else { Step::page(id, self.from) }
    }
}

#[post("/cases/{id}/watch")]
async fn start_watch(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    let back = Back::of(&posted);
    let deed = async {
        let looked = page.look(id, None).await?;
        page.app.db.write(&page.actor, move |tx| actions::watches::start(tx, id, &looked)).await
    };
    match page.act(&posted, deed).await? {
        Ok(_) => page.go(&back.path(id), Done::WatchStarted),
        Err(form) => shown(&page, id, back.from, form).await,
    }
}

#[post("/cases/{id}/watch/end")]
async fn end_watch(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    let back = Back::of(&posted);
    let end = move |tx: &mut db::Tx| actions::watches::end(tx, id);
    match page.act(&posted, page.app.db.write_once(&page.actor, page.once(&posted), end)).await? {
        Ok(()) => page.go(&back.path(id), Done::WatchEnded),
        Err(form) => shown(&page, id, back.from, form).await,
    }
}

#[post("/cases/{id}/watch/seen")]
async fn see_found(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    let back = Back::of(&posted);
    let see = move |tx: &mut db::Tx| actions::watches::see(tx, id);
    match page.act(&posted, page.app.db.write_once(&page.actor, page.once(&posted), see)).await? {
        Ok(_) => page.go(&back.path(id), Done::WatchSeen),
        Err(form) => shown(&page, id, back.from, form).await,
    }
}

/// Keeps what can be found now, for the report on what stands in the way.
#[post("/cases/{id}/searches")]
async fn mark_search(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    let deed = async {
        let looked = page.look(id, None).await?;
        let mark = move |tx: &mut db::Tx| actions::searches::mark(tx, id, &looked);
        page.app.db.write_once(&page.actor, page.once(&posted), mark).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&format!("/cases/{}/matches", id.0), Done::SearchMarked),
        Err(form) => shown(&page, id, None, form).await,
    }
}
