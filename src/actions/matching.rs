//! Which vacancies fit a household, and why not.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::auth::Actor;
use crate::clock::At;
use crate::db::cases::{Case, Scope as Cases};
use crate::db::exclusions::Reader;
use crate::db::matching::{self, Candidates as Found, OfUnit, Service, Vacancy};
use crate::db::rules::{Sets, Subject};
use crate::db::{Conn, Tx, cases};
use crate::domain::Refusal;
use crate::domain::eligibility::{Assessment, InForce, Obstacle, Place, Verdict, Version, assess, assess_area, told};
use crate::domain::household::Needs;
use crate::domain::matching::{Candidate, Counts, Match, Seeker, Waiting, counts, rank, rank_waiting};
use crate::domain::vacancy::Age;
use crate::error::AppError;
use crate::ids::{CaseId, ServiceId, UnitId, VacancyId};
use crate::settings::Policy;

/// The rules that count for one home, and which versions of which sets they are.
#[derive(Debug, Clone, Default)]
pub struct Ruled {
    pub in_force: InForce,
    pub versions: Vec<Version>,
}

impl Ruled {
    fn on(day: NaiveDate, sets: &Sets, subjects: &[Subject]) -> Self {
        let found: Vec<_> = subjects.iter().filter_map(|subject| sets.get(subject)).collect();
        Self {
            in_force: InForce::on(day, found.iter().map(|set| (set.scope, &set.rules.0[..]))),
            versions: found.iter().map(|set| set.version()).collect(),
        }
    }
}

/// Every place that somebody may be sent to now, and the rules that count there.
pub struct Places {
    pub vacancies: BTreeMap<VacancyId, Vacancy>,
    pub services: BTreeMap<ServiceId, Service>,
    of_services: BTreeMap<ServiceId, Ruled>,
    /// Of vacancies that have rules of their own, or whose unit has.
    of_vacancies: BTreeMap<VacancyId, Ruled>,
    pub policy: Policy,
    now: At,
}

impl Places {
    /// # Errors
    /// When the database fails.
    pub fn vacant(conn: &mut Conn, now: At, policy: Policy) -> Result<Self, AppError> {
        let Found { vacancies, services, rules } =
            matching::candidates(conn, now, policy.freshness.in_search_since(now))?;
        Ok(Self::of(vacancies, services, &rules, policy, now))
    }

    fn of(
        vacancies: Vec<Vacancy>,
        services: BTreeMap<ServiceId, Service>,
        rules: &Sets,
        policy: Policy,
        now: At,
    ) -> Self {
        let today = now.date();
        let wide =
            |id: ServiceId, service: &Service| [Subject::Organisation(service.organisation_id), Subject::Service(id)];
        let of_services =
            services.iter().map(|(id, service)| (*id, Ruled::on(today, rules, &wide(*id, service)))).collect();
        let mut of_vacancies = BTreeMap::new();
        for vacancy in &vacancies {
            let narrow = [Subject::Unit(vacancy.unit_id), Subject::Vacancy(vacancy.id)];
            if narrow.iter().any(|subject| rules.contains_key(subject))
                && let Some(service) = services.get(&vacancy.service)
            {
                let subjects = [&wide(vacancy.service, service)[..], &narrow[..]].concat();
                of_vacancies.insert(vacancy.id, Ruled::on(today, rules, &subjects));
            }
        }
        let vacancies = vacancies.into_iter().map(|vacancy| (vacancy.id, vacancy)).collect();
        Self { vacancies, services, of_services, of_vacancies, policy, now }
    }

    /// The rules that count for a vacancy.
    pub fn rules(&self, vacancy: &Vacancy) -> Option<&Ruled> {
        self.of_vacancies.get(&vacancy.id).or_else(|| self.of_services.get(&vacancy.service))
    }

    fn candidates(&self) -> impl Iterator<Item = Candidate<'_, VacancyId>> {
        self.vacancies.values().filter_map(|vacancy| self.candidate(vacancy))
    }

    fn candidate<'a>(&'a self, vacancy: &'a Vacancy) -> Option<Candidate<'a, VacancyId>> {
        let service = self.services.get(&vacancy.service)?;
        Some(Candidate {
            key: vacancy.id,
            rules: &self.rules(vacancy)?.in_force,
            unit: &vacancy.unit,
            kind: service.accommodation_type,
            place: place(service),
            fresh: self.policy.freshness.age(vacancy.confirmed_at, self.now) == Age::Fresh,
            confirmed_at: vacancy.confirmed_at,
            available_from: vacancy.available_from.date(),
        })
    }

    /// All of them for one household, best first.
    pub fn ranked(&self, seeker: &Seeker) -> Vec<Match<VacancyId>> {
        rank(seeker, self.candidates())
    }

    /// One of them, for whoever waits.
    fn of_nobody<'a>(&'a self, vacancy: &'a Vacancy) -> Option<Candidate<'a, ()>> {
        self.candidate(vacancy).map(
            |Candidate { key: _, rules, unit, kind, place, fresh, confirmed_at, available_from }| Candidate {
                key: (),
                rules,
                unit,
                kind,
                place,
                fresh,
                confirmed_at,
                available_from,
            },
        )
    }

    /// The households that a vacancy could be for, in order.
    pub fn rank_waiting<'a, K: Ord>(
        &self,
        vacancy: VacancyId,
        waiting: impl Iterator<Item = Waiting<'a, K>>,
    ) -> Vec<Match<K>> {
        let candidate = self.vacancies.get(&vacancy).and_then(|vacancy| self.of_nobody(vacancy));
        candidate.map(|candidate| rank_waiting(&candidate, waiting)).unwrap_or_default()
    }
}

/// The household of a case as it looks for a place.
pub fn seeker(case: &Case) -> Seeker<'_> {
    Seeker::of(&case.needs, &case.referral_source)
}

/// Every current vacancy for one case, in order, with what is needed to show it.
pub struct Matches {
    pub counts: Counts,
    pub ranked: Vec<Match<VacancyId>>,
    pub places: Places,
}

/// Assesses every current vacancy for a case. Nothing is dropped.
///
/// # Errors
/// When the database fails.
pub fn matches(conn: &mut Conn, case: &Case, now: At, policy: Policy) -> Result<Matches, AppError> {
    let places = Places::vacant(conn, now, policy)?;
    let ranked = places.ranked(&seeker(case));
    Ok(Matches { counts: counts(&ranked), ranked, places })
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
) -> Result<Option<(Match<VacancyId>, Places)>, AppError> {
    let places = match current_vacancy(conn, id, now, policy) {
        Err(AppError::Refused { .. }) => return Ok(None),
        found => found?,
    };
    let found = places.ranked(&seeker(case)).pop();
    Ok(found.map(|found| (found, places)))
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
    let places = current_vacancy(conn, id, now, policy)?;
    let cases = cases::waiting(conn, Cases::of(actor), MOST_WAITING)?;
    let waiting = cases.iter().map(|case| Waiting { key: case.id, seeker: seeker(case), since: case.opened_at });
    let ranked = places.rank_waiting(id, waiting);
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
    reader: Reader,
    id: VacancyId,
    now: At,
    policy: Policy,
) -> Result<usize, AppError> {
    crate::db::vacancies::find_of(conn, reader.organisation, id)?;
    let places = current_vacancy(conn, id, now, policy)?;
    let waiting = cases::waiting_anywhere(conn, reader)?;
    let waiting = waiting.iter().enumerate().map(|(key, (needs, source))| Waiting {
        key,
        seeker: Seeker::of(needs, source),
        since: now,
    });
    Ok(counts(&places.rank_waiting(id, waiting)).suitable)
}

/// A vacancy that somebody may be sent to now, alone.
fn current_vacancy(conn: &mut Conn, id: VacancyId, now: At, policy: Policy) -> Result<Places, AppError> {
    let posted = crate::db::vacancies::find(conn, id)?;
    posted.standing().current(policy.freshness, now).map_err(AppError::refused(id.0))?;
    let OfUnit { facts, service_id, service, rules } = matching::of_unit(conn, posted.unit_id, Some(id))?;
    let vacancy = Vacancy {
        id,
        service: service_id,
        unit_id: posted.unit_id,
        unit: facts,
        confirmed_at: posted.confirmed_at,
        available_from: posted.available_from,
    };
    Ok(Places::of(vec![vacancy], BTreeMap::from([(service_id, service)]), &rules, policy, now))
}

/// Refuses a place that is not suitable for the household, unless the provider has agreed to make an exception. There is
/// none from an area that is not safe.
///
/// # Errors
/// [`AppError::Refused`] with every reason.
pub(super) fn must_suit(
    tx: &mut Tx,
    case: &Case,
    unit: UnitId,
    vacancy: Option<VacancyId>,
    agreed: bool,
) -> Result<(), AppError> {
    let today = tx.now().date();
    let OfUnit { facts, service_id, service, rules } = matching::of_unit(tx, unit, vacancy)?;
    let mut subjects =
        vec![Subject::Organisation(service.organisation_id), Subject::Service(service_id), Subject::Unit(unit)];
    subjects.extend(vacancy.map(Subject::Vacancy));
    let ruled = Ruled::on(today, &rules, &subjects);
    let seeker = seeker(case);
    let assessment = assess(&ruled.in_force, &facts, place(&service).seen_by(&case.needs), &seeker.household);
    let unsafe_area = assessment.obstacles().contains(&Obstacle::UnsafeArea);
    if assessment.verdict == Verdict::NotSuitable && (unsafe_area || !agreed) {
        let reasons = told(&assessment.reasons, &seeker.household);
        return Err(AppError::refused(case.id.0)(Refusal::NotSuitable { reasons }));
    }
    Ok(())
}

/// Refuses a service where the household is not safe. There is no exception.
///
/// # Errors
/// [`AppError::Refused`] with the reason.
pub(super) fn must_be_safe(tx: &mut Tx, case: &Case, service: ServiceId) -> Result<(), AppError> {
    let Some(service) = matching::service(tx, service)? else { return Ok(()) };
    let Assessment { verdict, reasons, .. } = assess_area(place(&service).seen_by(&case.needs));
    match verdict {
        Verdict::NotSuitable => {
            let reasons = told(&reasons, &seeker(case).household);
            Err(AppError::refused(case.id.0)(Refusal::NotSuitable { reasons }))
        }
        _ => Ok(()),
    }
}

/// Whether a service lies where the household is not safe: yes or no, and nothing else. (S5)
///
/// # Errors
/// When the database fails.
pub fn clashes(conn: &mut Conn, needs: &Needs, service: ServiceId) -> Result<bool, AppError> {
    let Some(service) = matching::service(conn, service)? else { return Ok(false) };
    Ok(place(&service).seen_by(needs).unsafe_area == Some(true))
}

fn place(service: &Service) -> Place<'_> {
    Place { area: &service.area, county: service.county.as_deref() }
}
