//! Which vacancies fit a household, and why not.

use std::collections::BTreeMap;

use crate::auth::Actor;
use crate::clock::At;
use crate::db::cases::{Case, Scope};
use crate::db::matching::{self, Service, Vacancy};
use crate::db::{Conn, Tx, cases};
use crate::domain::Refusal;
use crate::domain::eligibility::{Assessment, Place, Verdict, assess, assess_area};
use crate::domain::household::Needs;
use crate::domain::matching::{Candidate, Counts, Match, Waiting, counts, rank, rank_waiting};
use crate::error::AppError;
use crate::ids::{CaseId, OrganisationId, ServiceId, UnitId, VacancyId};
use crate::settings::Policy;

/// Every current vacancy for one case, in order, with what is needed to show it.
pub struct Matches {
    pub counts: Counts,
    pub ranked: Vec<Match<VacancyId>>,
    pub vacancies: BTreeMap<VacancyId, Vacancy>,
    pub services: BTreeMap<ServiceId, Service>,
}

/// Assesses every current vacancy for a case within the actor's scope. Nothing is dropped.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn matches(conn: &mut Conn, actor: &Actor, id: CaseId, now: At, policy: Policy) -> Result<Matches, AppError> {
    let case = cases::find_in(conn, Scope::of(actor), id)?;
    let (vacancies, services) = matching::candidates(conn, now, policy.freshness.in_search_since(now))?;
    let ranked = ranked(&case.needs, &vacancies, &services);
    let vacancies = vacancies.into_iter().map(|vacancy| (vacancy.id, vacancy)).collect();
    Ok(Matches { counts: counts(&ranked), ranked, vacancies, services })
}

fn ranked(needs: &Needs, vacancies: &[Vacancy], services: &BTreeMap<ServiceId, Service>) -> Vec<Match<VacancyId>> {
    let candidates = vacancies.iter().filter_map(|vacancy| {
        let service = services.get(&vacancy.service)?;
        Some(Candidate {
            key: vacancy.id,
            rules: &service.rules.0,
            unit: &vacancy.unit,
            place: place(service),
            confirmed_at: vacancy.confirmed_at,
            available_from: vacancy.available_from.date(),
        })
    });
    rank(needs, candidates)
}

/// One vacancy for one case, also while the case itself holds it; `None` when it is no longer current.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn one(
    conn: &mut Conn,
    case: &Case,
    id: VacancyId,
    now: At,
    policy: Policy,
) -> Result<Option<(Match<VacancyId>, Vacancy, Service)>, AppError> {
    let (vacancy, service) = match current_vacancy(conn, id, now, policy) {
        Err(AppError::Refused { .. }) => return Ok(None),
        found => found?,
    };
    let services = BTreeMap::from([(vacancy.service, service)]);
    let found = ranked(&case.needs, std::slice::from_ref(&vacancy), &services).pop();
    Ok(found.zip(services.into_values().next()).map(|(found, service)| (found, vacancy, service)))
}

/// Waiting cases that a vacancy could be for, in order.
pub struct Candidates {
    /// How many of each verdict there are.
    pub counts: Counts,
    pub cases: Vec<(Match<CaseId>, Case)>,
}

/// The waiting cases of somebody's own that a vacancy could be for.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when the vacancy is not current.
pub fn candidates(
    conn: &mut Conn,
    actor: &Actor,
    id: VacancyId,
    now: At,
    policy: Policy,
) -> Result<Candidates, AppError> {
    let (vacancy, service) = current_vacancy(conn, id, now, policy)?;
    let cases = cases::waiting(conn, Scope::of(actor), MOST_WAITING)?;
    let waiting = cases.iter().map(|case| Waiting { key: case.id, needs: &case.needs, since: case.opened_at });
    let ranked = rank_waiting(&of_nobody(&vacancy, &service), waiting);
    let counts = counts(&ranked);
    let mut cases: BTreeMap<CaseId, Case> = cases.into_iter().map(|case| (case.id, case)).collect();
    let found = ranked.into_iter().filter_map(|found| cases.remove(&found.key).map(|case| (found, case)));
    Ok(Candidates { counts, cases: found.collect() })
}

/// So many waiting cases are looked at, the longest waiting first.
const MOST_WAITING: i64 = 1000;

/// How many waiting households, of whichever organisation, an own vacancy would suit as it stands: the number, and nothing
/// that tells one of them.
///
/// # Errors
/// [`AppError::NotFound`] when it is not the provider's own; [`AppError::Refused`] when it is not current.
pub fn households_waiting(
    conn: &mut Conn,
    owner: OrganisationId,
    id: VacancyId,
    now: At,
    policy: Policy,
) -> Result<usize, AppError> {
    crate::db::vacancies::find_of(conn, owner, id)?;
    let (vacancy, service) = current_vacancy(conn, id, now, policy)?;
    let needs = cases::waiting_anywhere(conn)?;
    let waiting = needs.iter().enumerate().map(|(key, needs)| Waiting { key, needs, since: now });
    let ranked = rank_waiting(&of_nobody(&vacancy, &service), waiting);
    Ok(counts(&ranked).suitable)
}

/// A vacancy that somebody may be sent to now.
fn current_vacancy(conn: &mut Conn, id: VacancyId, now: At, policy: Policy) -> Result<(Vacancy, Service), AppError> {
    let posted = crate::db::vacancies::find(conn, id)?;
    posted.standing().current(policy.freshness, now).map_err(AppError::refused(id.0))?;
    let (unit, service) = matching::of_unit(conn, posted.unit_id)?;
    let of = crate::db::units::find(conn, posted.unit_id)?.0.service_id;
    let (confirmed_at, available_from) = (posted.confirmed_at, posted.available_from);
    Ok((Vacancy { id, service: of, unit, confirmed_at, available_from }, service))
}

fn of_nobody<'a>(vacancy: &'a Vacancy, service: &'a Service) -> Candidate<'a, ()> {
    Candidate {
        key: (),
        rules: &service.rules.0,
        unit: &vacancy.unit,
        place: place(service),
        confirmed_at: vacancy.confirmed_at,
        available_from: vacancy.available_from.date(),
    }
}

/// Refuses a place that is not suitable for the household, unless the provider has agreed to make an exception. There is
/// none from an area that is not safe.
///
/// # Errors
/// [`AppError::Refused`] with every reason.
pub(super) fn must_suit(tx: &mut Tx, case: &Case, unit: UnitId, agreed: bool) -> Result<(), AppError> {
    let assessment = assess_unit(tx, &case.needs, unit)?;
    let unsafe_area =
        assessment.reasons.iter().any(|reason| reason.code == "unsafe_area" && reason.effect == Verdict::NotSuitable);
    if assessment.verdict == Verdict::NotSuitable && (unsafe_area || !agreed) {
        return Err(AppError::refused(case.id.0)(Refusal::NotSuitable { reasons: assessment.reasons }));
    }
    Ok(())
}

/// Refuses a service where the household is not safe. There is no exception.
///
/// # Errors
/// [`AppError::Refused`] with the reason.
pub(super) fn must_be_safe(tx: &mut Tx, case: &Case, service: ServiceId) -> Result<(), AppError> {
    let Some(service) = matching::service(tx, service)? else { return Ok(()) };
    let Assessment { verdict, reasons } = assess_area(&place(&service), &case.needs);
    match verdict {
        Verdict::NotSuitable => Err(AppError::refused(case.id.0)(Refusal::NotSuitable { reasons })),
        _ => Ok(()),
    }
}

fn assess_unit(conn: &mut Conn, needs: &Needs, unit: UnitId) -> Result<Assessment, AppError> {
    let (facts, service) = matching::of_unit(conn, unit)?;
    Ok(assess(&service.rules.0, &facts, &place(&service), needs))
}

/// Whether a service lies where the household is not safe: yes or no, and nothing else. (S5)
///
/// # Errors
/// When the database fails.
pub fn clashes(conn: &mut Conn, needs: &Needs, service: ServiceId) -> Result<bool, AppError> {
    let Some(service) = matching::service(conn, service)? else { return Ok(false) };
    Ok(needs.unsafe_areas.iter().any(|area| area.confirmed && place(&service).lies_in(&area.area)))
}

fn place(service: &Service) -> Place<'_> {
    Place { area: &service.area, county: service.county.as_deref() }
}
