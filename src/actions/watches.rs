//! Cases under watch: matched again whenever a vacancy is posted or a rule changes, and their worker is told.

use std::collections::BTreeMap;

use super::searches::{Looked, record};
use crate::audit::{Change, Did, Event};
use crate::auth::Actor;
use crate::clock::At;
use crate::db::cases::{Case, Scope};
use crate::db::watches::{self, Due, Found, Watch};
use crate::db::{Conn, Db, Tx, vacancies};
use crate::domain::barriers::Occasion;
use crate::domain::eligibility::Verdict;
use crate::domain::matching::Waiting;
use crate::error::AppError;
use crate::ids::{CaseId, DueId, OrganisationId, RequestId, VacancyId};
use crate::settings::Policy;

/// Puts a case on the waiting list under watch. To do it again changes nothing.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when the case is closed.
pub fn start(tx: &mut Tx, id: CaseId, looked: &Looked) -> Result<Change<Watch>, AppError> {
    let case = super::occupancy::open_case(tx, id)?;
    let event = Event::new(Did::WatchStarted, case.id.0);
    if let Some(watch) = watches::find(tx, case.id)? {
        return Ok(Change::new(watch, event));
    }
    let watch = Watch { case_id: case.id, account_id: tx.actor().account, since: tx.now() };
    watches::insert(tx, &watch)?;
    record(tx, case.id, Occasion::Waiting, looked)?;
    Ok(Change::new(watch, event))
}

/// Ends the watch of a case.
///
/// # Errors
/// [`AppError::NotFound`], also when it is not under watch.
pub fn end(tx: &mut Tx, id: CaseId) -> Result<Change<()>, AppError> {
    let scope = Scope::of(tx.actor());
    let case = crate::db::cases::find_in(tx, scope, id)?;
    if !watches::delete(tx, case.id)? {
        return Err(AppError::NotFound);
    }
    Ok(Change::new((), Event::new(Did::WatchEnded, case.id.0)))
}

/// Says that what was found for a case has been seen.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn see(tx: &mut Tx, id: CaseId) -> Result<Change<usize>, AppError> {
    let scope = Scope::of(tx.actor());
    let case = crate::db::cases::find_in(tx, scope, id)?;
    let new = watches::see(tx, case.id)?;
    Ok(Change::new(new, Event::new(Did::WatchSeen, case.id.0)))
}

/// A case under watch, with the places found that are still open.
#[derive(Debug, Clone)]
pub struct Watched {
    pub watch: Watch,
    pub case: Case,
    pub found: Vec<Found>,
}

/// So many cases under watch are listed.
const MOST: i64 = 200;

/// The cases under watch within the actor's scope, those first for which something new was found.
///
/// # Errors
/// When the database fails.
pub fn list(conn: &mut Conn, actor: &Actor, now: At, policy: Policy) -> Result<Vec<Watched>, AppError> {
    let mut watched = Vec::new();
    for (watch, case) in watches::watched(conn, Scope::of(actor), MOST)? {
        let found = current(conn, case.id, now, policy)?;
        watched.push(Watched { watch, case, found });
    }
    watched.sort_by_key(|watched| !watched.found.iter().any(|found| found.seen_at.is_none()));
    Ok(watched)
}

/// What was found for a case and can still be had.
///
/// # Errors
/// When the database fails.
pub fn current(conn: &mut Conn, id: CaseId, now: At, policy: Policy) -> Result<Vec<Found>, AppError> {
    let mut open = Vec::new();
    for found in watches::found(conn, id)? {
        let standing = vacancies::find(conn, found.vacancy_id)?.standing();
        if standing.current(policy.freshness, now).is_ok() {
            open.push(found);
        }
    }
    Ok(open)
}

/// A vacancy was posted: whoever watches is to be matched with it.
pub(super) fn posted(tx: &mut Tx, owner: OrganisationId, vacancy: VacancyId) -> Result<(), AppError> {
    if watches::any(tx)? { watches::insert_due(tx, owner, Some(vacancy)) } else { Ok(()) }
}

/// The rules of a provider have changed: whoever watches is to be matched with all its vacancies.
pub(super) fn rules_changed(tx: &mut Tx, owner: OrganisationId) -> Result<(), AppError> {
    if watches::any(tx)? { watches::insert_due(tx, owner, None) } else { Ok(()) }
}

/// So much is matched again in one go.
const AT_ONCE: i64 = 100;

/// Matches again what is due; gives back how much that was. Any number of instances may do it at once: what one has
/// found, another finds known.
///
/// # Errors
/// [`AppError::Contended`]; when the database fails.
pub async fn match_again(db: &Db, now: At, policy: Policy) -> Result<usize, AppError> {
    let system = Actor::nobody(RequestId::new());
    let due = db.read(&system, |conn| watches::due(conn, AT_ONCE)).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let done: Vec<DueId> = due.iter().map(|due| due.id).collect();
    let number = done.len();
    let found = db.read(&system, move |conn| find(conn, &due, now, policy)).await?;
    if !found.is_empty() {
        match db.write(&system, move |tx| store(tx, &found)).await {
            Ok(()) | Err(AppError::NotFound) => {} // another instance may have found all of it meanwhile
            Err(error) => return Err(error),
        }
    }
    db.forget_due(done).await?;
    Ok(number)
}

fn find(conn: &mut Conn, due: &[Due], now: At, policy: Policy) -> Result<Vec<(CaseId, VacancyId, Verdict)>, AppError> {
    let cases = watches::cases(conn)?;
    let places = super::matching::Places::vacant(conn, now, policy)?;
    let wanted = |id: &VacancyId| {
        let vacancy = places.vacancies.get(id)?;
        let owner = places.services.get(&vacancy.service)?.organisation_id;
        due.iter().find(|due| due.vacancy_id == Some(*id) || due.vacancy_id.is_none() && due.organisation_id == owner)
    };
    let vacancies: Vec<VacancyId> = places.vacancies.keys().copied().filter(|id| wanted(id).is_some()).collect();
    let known = watches::known(conn, &vacancies)?;
    let mut found = Vec::new();
    for vacancy in vacancies {
        let waiting = cases.iter().map(|case| Waiting {
            key: case.id,
            seeker: super::matching::seeker(case),
            since: case.opened_at,
        });
        let ranked = places.rank_waiting(vacancy, waiting);
        let fits = ranked.into_iter().filter(|found| matches!(found.verdict, Verdict::Suitable | Verdict::Discuss));
        found
            .extend(fits.filter(|one| !known.contains(&(one.key, vacancy))).map(|one| (one.key, vacancy, one.verdict)));
    }
    Ok(found)
}

fn store(tx: &mut Tx, found: &[(CaseId, VacancyId, Verdict)]) -> Result<Change<()>, AppError> {
    let now = tx.now();
    let vacancies: Vec<VacancyId> = found.iter().map(|(_, vacancy, _)| *vacancy).collect();
    let known = watches::known(tx, &vacancies)?;
    let mut events: BTreeMap<CaseId, Event> = BTreeMap::new();
    for (case_id, vacancy_id, verdict) in found {
        if known.contains(&(*case_id, *vacancy_id)) || watches::find(tx, *case_id)?.is_none() {
            continue;
        }
        let row = Found { case_id: *case_id, vacancy_id: *vacancy_id, verdict: *verdict, found_at: now, seen_at: None };
        watches::insert_found(tx, &row)?;
        events.entry(*case_id).or_insert_with(|| Event::new(Did::WatchMatched, case_id.0));
    }
    Change::of_all((), events.into_values().collect()).map_err(|()| AppError::NotFound)
}
