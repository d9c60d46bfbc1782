//! What time brings: tasks that are raised because something did not happen, and settled because it did. (S39)

use std::collections::BTreeMap;

use chrono::{Days, TimeDelta};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::{New, raise_at};
use crate::clock::At;
use crate::db::schema::{account, case, occupancy, placement, referral, referral_note, service, task, unit, vacancy};
use crate::db::{Conn, Db};
use crate::domain::mail::HOLD_WARNING;
use crate::domain::task::{Kind, Outcome};
use crate::domain::vacancy::State as Posted;
use crate::domain::{case as cases, occupancy as taken, placement as stays, referral as referrals};
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, OccupancyId, OrganisationId, ReferralId, ServiceId, SubjectId, TaskId};

/// So many things of each kind are looked at in one transaction. Where as many tasks were raised or settled, there may be
/// more.
pub const RAISED_AT_ONCE: i64 = 200;

/// By what it is decided whether something is late.
#[derive(Debug, Clone, Copy)]
struct Now {
    at: At,
    answer_within: TimeDelta,
    /// Vacancies that were confirmed by then are stale.
    stale_by: At,
}

fn raise(conn: &mut Conn, now: Now) -> Result<usize, AppError> {
    let mut due = holds(conn, now)?;
    due.extend(referrals(conn, now)?);
    due.extend(stale(conn, now)?);
    due.extend(arrivals(conn, now)?);
    let mut raised = 0;
    for new in due {
        raised += usize::from(raise_at(conn, now.at, new)?);
    }
    Ok(raised)
}

/// Holds that end within a quarter of an hour: for the worker of the case.
fn holds(conn: &mut Conn, Now { at: now, .. }: Now) -> Result<Vec<New>, AppError> {
    let known = task::table
        .filter(task::kind.eq(Kind::HoldLapsing))
        .filter(task::subject_id.eq(occupancy::id))
        .filter(task::occasion.nullable().eq(occupancy::ends_at));
    let ending: Vec<(OccupancyId, Option<At>, CaseId, OrganisationId, AccountId)> = occupancy::table
        .inner_join(case::table.on(occupancy::case_id.eq(case::id.nullable())))
        .filter(occupancy::kind.eq(taken::Kind::Hold))
        .filter(occupancy::starts_at.le(now))
        .filter(occupancy::ends_at.gt(now))
        .filter(occupancy::ends_at.le(now + HOLD_WARNING))
        .filter(not(exists(known)))
        .order((occupancy::ends_at, occupancy::id))
        .limit(RAISED_AT_ONCE)
        .select((occupancy::id, occupancy::ends_at, case::id, case::organisation_id, case::owner_id))
        .load(conn)?;
    let new = |(id, ends_at, case, organisation, owner): (OccupancyId, Option<At>, _, _, _)| {
        let ends_at = ends_at?;
        Some(New {
            organisation,
            kind: Kind::HoldLapsing,
            case: Some(case),
            subject: SubjectId(id.0),
            occasion: ends_at,
            owner: Some(owner),
            due_at: ends_at,
        })
    };
    Ok(ending.into_iter().filter_map(new).collect())
}

/// A referral that waits: id, since when, case, its organisation and worker, and the provider.
type Waiting = (ReferralId, At, CaseId, OrganisationId, AccountId, OrganisationId);

/// Referrals of this state about which nobody has a task, nor has had one since the provider last wrote.
fn waiting(conn: &mut Conn, kind: Kind, state: referrals::State, sent_by: At) -> Result<Vec<Waiting>, AppError> {
    let later = referral_note::table
        .filter(referral_note::referral_id.eq(referral::id))
        .filter(referral_note::organisation_id.eq(service::organisation_id))
        .filter(referral_note::written_at.gt(task::raised_at));
    let known = task::table
        .filter(task::kind.eq(kind))
        .filter(task::subject_id.eq(referral::id))
        .filter(task::ended_at.is_null().or(not(exists(later))));
    Ok(referral::table
        .inner_join(case::table)
        .inner_join(service::table)
        .filter(referral::state.eq(state))
        .filter(referral::sent_at.le(sent_by))
        .filter(not(exists(known)))
        .order((referral::sent_at, referral::id))
        .limit(RAISED_AT_ONCE)
        .select((
            referral::id,
            referral::sent_at,
            case::id,
            case::organisation_id,
            case::owner_id,
            service::organisation_id,
        ))
        .load(conn)?)
}

/// Referrals that the provider has not answered for too long: for the provider, and for the worker, who may ring them.
/// And questions of the provider that the worker has not answered: at once, to be done within the same time.
fn referrals(conn: &mut Conn, now: Now) -> Result<Vec<New>, AppError> {
    let late = now.at - now.answer_within;
    let unanswered = waiting(conn, Kind::ReferralUnanswered, referrals::State::Sent, late)?;
    let asked = waiting(conn, Kind::InformationRequested, referrals::State::InformationRequested, now.at)?;
    let ids: Vec<ReferralId> = unanswered.iter().chain(&asked).map(|waiting| waiting.0).collect();
    let mut notes: BTreeMap<ReferralId, Vec<(At, OrganisationId)>> = BTreeMap::new();
    let rows: Vec<(ReferralId, At, OrganisationId)> = referral_note::table
        .filter(referral_note::referral_id.eq_any(ids))
        .filter(referral_note::kind.ne(referrals::MessageKind::Message))
        .order((referral_note::written_at, referral_note::id))
        .select((referral_note::referral_id, referral_note::written_at, referral_note::organisation_id))
        .load(conn)?;
    for (id, at, by) in rows {
        notes.entry(id).or_default().push((at, by));
    }
    // When the provider last asked something, and when it was then answered.
    let asked_at = |id: ReferralId, provider: OrganisationId| {
        let written = notes.get(&id).map(Vec::as_slice).unwrap_or_default();
        let question = written.iter().rev().find(|(_, by)| *by == provider).map(|(at, _)| *at);
        let answer = written.iter().find(|(at, by)| Some(*at) > question && *by != provider).map(|(at, _)| *at);
        (question, answer)
    };
    let mut due = Vec::new();
    for (id, sent_at, case, referrer, worker, provider) in unanswered {
        let (question, answer) = asked_at(id, provider);
        let occasion = question.unwrap_or(sent_at);
        let since = question.map_or(sent_at, |question| answer.unwrap_or(question));
        if since > late {
            continue;
        }
        let (kind, subject, due_at) = (Kind::ReferralUnanswered, SubjectId(id.0), since + now.answer_within);
        let case = Some(case);
        due.push(New { organisation: provider, kind, case, subject, occasion, owner: None, due_at });
        // The same occasion for two: told apart by the time that the provider had.
        let occasion = occasion + now.answer_within;
        due.push(New { organisation: referrer, kind, case, subject, occasion, owner: Some(worker), due_at });
    }
    for (id, sent_at, case, referrer, worker, provider) in asked {
        let occasion = asked_at(id, provider).0.unwrap_or(sent_at);
        due.push(New {
            organisation: referrer,
            kind: Kind::InformationRequested,
            case: Some(case),
            subject: SubjectId(id.0),
            occasion,
            owner: Some(worker),
            due_at: occasion + now.answer_within,
        });
    }
    Ok(due)
}

/// Services of which a vacancy is stale: for the provider, once a day, and not while the last one is open.
fn stale(conn: &mut Conn, Now { at: now, stale_by, .. }: Now) -> Result<Vec<New>, AppError> {
    let today = At::start_of(now.date());
    let known = task::table
        .filter(task::kind.eq(Kind::VacancyStale))
        .filter(task::subject_id.eq(service::id))
        .filter(task::ended_at.is_null().or(task::occasion.eq(today)));
    let rows: Vec<(ServiceId, OrganisationId, At)> = vacancy::table
        .inner_join(unit::table.inner_join(service::table))
        .filter(vacancy::state.eq(Posted::Open))
        .filter(vacancy::confirmed_at.le(stale_by))
        .filter(service::active.eq(true))
        .filter(not(exists(known)))
        .order((service::id, vacancy::confirmed_at))
        .limit(RAISED_AT_ONCE)
        .select((service::id, service::organisation_id, vacancy::confirmed_at))
        .load(conn)?;
    let mut first: BTreeMap<ServiceId, New> = BTreeMap::new();
    for (service, organisation, confirmed_at) in rows {
        first.entry(service).or_insert(New {
            organisation,
            kind: Kind::VacancyStale,
            case: None,
            subject: SubjectId(service.0),
            occasion: today,
            owner: None,
            due_at: confirmed_at + (now - stale_by),
        });
    }
    Ok(first.into_values().collect())
}

/// Households that were expected on a day that is over, and of whom nobody has said whether they came: for the provider.
fn arrivals(conn: &mut Conn, Now { at: now, .. }: Now) -> Result<Vec<New>, AppError> {
    let known = task::table
        .filter(task::kind.eq(Kind::ArrivalPassed))
        .filter(task::subject_id.eq(placement::id))
        .filter(task::occasion.eq(placement::expected_at));
    let rows: Vec<(OccupancyId, At, CaseId, OrganisationId)> = placement::table
        .inner_join(referral::table.inner_join(service::table))
        .filter(placement::state.eq(stays::State::Expected))
        .filter(placement::expected_at.lt(At::start_of(now.date())))
        .filter(not(exists(known)))
        .order((placement::expected_at, placement::id))
        .limit(RAISED_AT_ONCE)
        .select((placement::id, placement::expected_at, referral::case_id, service::organisation_id))
        .load(conn)?;
    let new = |(id, expected_at, case, organisation): (OccupancyId, At, _, _)| New {
        organisation,
        kind: Kind::ArrivalPassed,
        case: Some(case),
        subject: SubjectId(id.0),
        occasion: expected_at,
        owner: None,
        due_at: At::start_of(expected_at.date() + Days::new(1)),
    };
    Ok(rows.into_iter().map(new).collect())
}

/// Open tasks whose matter is over, whoever saw to it.
fn over(conn: &mut Conn, Now { at: now, stale_by, .. }: Now) -> Result<Vec<TaskId>, AppError> {
    let open = |kind: Kind| {
        task::table
            .filter(task::kind.eq(kind))
            .filter(task::ended_at.is_null())
            .order((task::due_at, task::id))
            .limit(RAISED_AT_ONCE)
            .select(task::id)
    };
    let mut over: Vec<TaskId> = Vec::new();
    for (kind, state) in [
        (Kind::ReferralUnanswered, referrals::State::Sent),
        (Kind::InformationRequested, referrals::State::InformationRequested),
    ] {
        let still = referral::table.filter(referral::id.eq(task::subject_id)).filter(referral::state.eq(state));
        over.extend(open(kind).filter(not(exists(still))).load::<TaskId>(conn)?);
    }
    let still = occupancy::table
        .filter(occupancy::id.eq(task::subject_id))
        .filter(occupancy::ends_at.gt(now))
        .filter(occupancy::ends_at.eq(task::occasion.nullable()));
    over.extend(open(Kind::HoldLapsing).filter(not(exists(still))).load::<TaskId>(conn)?);
    let still = vacancy::table
        .inner_join(unit::table.inner_join(service::table))
        .filter(service::id.eq(task::subject_id))
        .filter(service::active.eq(true))
        .filter(vacancy::state.eq(Posted::Open))
        .filter(vacancy::confirmed_at.le(stale_by));
    over.extend(open(Kind::VacancyStale).filter(not(exists(still))).load::<TaskId>(conn)?);
    let still =
        placement::table.filter(placement::id.eq(task::subject_id)).filter(placement::state.eq(stays::State::Expected));
    over.extend(open(Kind::ArrivalPassed).filter(not(exists(still))).load::<TaskId>(conn)?);
    let still = case::table
        .filter(case::id.eq(task::subject_id))
        .filter(case::state.eq(cases::State::Open))
        .filter(case::owner_id.ne_all(account::table.filter(account::active.eq(true)).select(account::id)));
    over.extend(open(Kind::CaseUnowned).filter(not(exists(still))).load::<TaskId>(conn)?);
    Ok(over)
}

fn settle(conn: &mut Conn, now: At, over: &[TaskId]) -> Result<usize, AppError> {
    let open = task::table.filter(task::id.eq_any(over)).filter(task::ended_at.is_null());
    Ok(diesel::update(open)
        .set((
            task::ended_at.eq(Some(now)),
            task::outcome.eq(Some(Outcome::Settled)),
            task::version.eq(task::version + 1),
        ))
        .execute(conn)?)
}

impl Db {
    /// Raises the tasks that time brings, once for each occasion by however many instances, and settles those whose matter
    /// is over; gives back how many of both. (S39)
    ///
    /// # Errors
    /// [`AppError::Contended`]; when the database fails.
    pub async fn raise_due_tasks(&self) -> Result<usize, AppError> {
        let (now, policy) = (self.clock.now(), self.policy);
        let stale_by = now - policy.freshness.stale_after;
        let now = Now { at: now, answer_within: policy.patience.answer_within, stale_by };
        self.with_connection(move |conn| {
            let raised = conn.beside_others(|conn| raise(conn, now))?;
            let over = over(conn, now)?;
            if over.is_empty() {
                return Ok(raised);
            }
            Ok(raised + conn.beside_others(|conn| settle(conn, now.at, &over))?)
        })
        .await
    }
}
