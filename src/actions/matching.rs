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
use crate::domain::matching::{Candidate, Counts, Match, counts, rank};
use crate::error::AppError;
use crate::ids::{CaseId, ServiceId, UnitId, VacancyId};
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
    let posted = crate::db::vacancies::find(conn, id)?;
    if posted.standing().current(policy.freshness, now).is_err() {
        return Ok(None);
    }
    let (unit, service) = matching::of_unit(conn, posted.unit_id)?;
    let of = crate::db::units::find(conn, posted.unit_id)?.0.service_id;
    let (confirmed_at, available_from) = (posted.confirmed_at, posted.available_from);
    let vacancy = Vacancy { id, service: of, unit, confirmed_at, available_from };
    let services = BTreeMap::from([(of, service)]);
    let found = ranked(&case.needs, std::slice::from_ref(&vacancy), &services).pop();
    Ok(found.zip(services.into_values().next()).map(|(found, service)| (found, vacancy, service)))
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
