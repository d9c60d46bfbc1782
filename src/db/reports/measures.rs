//! The records behind the measures: of one organisation, but for the cases that do not exist for their reader. (S17)

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::dsl::{case_when, count_star, min, not};
use diesel::prelude::*;

use super::Perspective;
use crate::clock::At;
use crate::db::Conn;
use crate::db::exclusions::{self, Reader};
use crate::db::occupancy::{self, Occupancy};
use crate::db::schema::{
    case, case_likeness, case_merge, occupancy as taken, placement, referral, sanctuary_follow_up, sanctuary_job,
    service, unit, vacancy,
};
use crate::domain::measures::people::Composition;
use crate::domain::measures::referrals::UNDECIDED_ENDINGS;
use crate::domain::occupancy::Kind;
use crate::domain::placement::{DepartureKind, State as Stay};
use crate::domain::reason::{DecidedBy, Outcome};
use crate::domain::referral::State;
use crate::domain::sanctuary::StillSafe;
use crate::domain::{measures::homes::Posted, vacancy as posting};
use crate::error::AppError;
use crate::ids::{CaseId, OccupancyId, OrganisationId, ReferralId, ServiceId, UnitId, VacancyId};

/// Cases with which others were put together: these count in place of those.
#[derive(Debug, Clone, Default)]
pub struct CountedCases(BTreeMap<CaseId, CaseId>);

impl CountedCases {
    /// The case that a case counts with.
    pub fn of(&self, case: CaseId) -> CaseId {
        self.0.get(&case).copied().unwrap_or(case)
    }

    /// All cases that are part of such a putting together.
    pub fn all(&self) -> BTreeSet<CaseId> {
        self.0.iter().flat_map(|(folded, kept)| [*folded, *kept]).collect()
    }

    /// Whether a case counts itself.
    pub fn counts(&self, case: CaseId) -> bool {
        !self.0.contains_key(&case)
    }
}

/// Which cases count, and which count with another: those that are folded into one now.
///
/// # Errors
/// When the database fails.
pub fn counted_cases(conn: &mut Conn) -> Result<CountedCases, AppError> {
    let folded: Vec<(CaseId, CaseId)> = case_merge::table
        .filter(case_merge::undone_at.is_null())
        .select((case_merge::folded_id, case_merge::kept_id))
        .load(conn)?;
    Ok(CountedCases(folded.into_iter().collect()))
}

/// A referral, with what its case says about it.
#[derive(Debug, Clone, Queryable)]
pub struct Sent {
    pub id: ReferralId,
    pub case: CaseId,
    pub service: ServiceId,
    pub state: State,
    pub sent_at: At,
    pub decided_at: Option<At>,
    pub ended_at: Option<At>,
    pub primary_reason: Option<String>,
    pub decided_by: Option<DecidedBy>,
    pub source: String,
    pub origin_area: Option<String>,
    pub household: Composition,
}

/// The referrals sent within `[from, to)`.
///
/// # Errors
/// When the database fails.
pub fn sent(conn: &mut Conn, of: Perspective, reader: Reader, from: At, to: At) -> Result<Vec<Sent>, AppError> {
    let hidden = exclusions::hidden_cases(conn, reader)?;
    let mut rows = referral::table
        .inner_join(case::table)
        .inner_join(service::table)
        .filter(case::id.ne_all(hidden))
        .filter(referral::sent_at.ge(from))
        .filter(referral::sent_at.lt(to))
        .select((
            referral::id,
            referral::case_id,
            referral::service_id,
            referral::state,
            referral::sent_at,
            referral::decided_at,
            referral::ended_at,
            referral::primary_reason,
            referral::decided_by,
            case::referral_source,
            case::origin_area,
            case::household_kind,
        ))
        .into_boxed();
    rows = match of {
        Perspective::Provider(provider) => rows.filter(service::organisation_id.eq(provider)),
        Perspective::Referrer(referrer) => rows.filter(case::organisation_id.eq(referrer)),
    };
    Ok(rows.load(conn)?)
}

/// When a case was referred for the first time, and when a referral of it was answered for the first time.
#[derive(Debug, Clone, Copy, Queryable)]
pub struct FirstOfCase {
    pub case: CaseId,
    pub sent_at: Option<At>,
    pub answered_at: Option<At>,
}

/// The first of several referrals of a case that were sent before an instant; of a `linked` case also if it is the only one.
///
/// # Errors
/// When the database fails.
pub fn first_of_several(
    conn: &mut Conn,
    of: Perspective,
    reader: Reader,
    to: At,
    linked: &BTreeSet<CaseId>,
) -> Result<Vec<FirstOfCase>, AppError> {
    let hidden = exclusions::hidden_cases(conn, reader)?;
    let undecided = referral::state.eq_any(UNDECIDED_ENDINGS).and(referral::decided_at.eq(referral::ended_at));
    macro_rules! found {
        ($rows:expr, $theirs:expr) => {
            $rows
                .group_by(referral::case_id)
                .select((
                    referral::case_id,
                    min(referral::sent_at),
                    min(case_when(not(undecided), referral::decided_at)),
                ))
                .filter(referral::case_id.ne_all(hidden))
                .filter(referral::sent_at.lt(to))
                .filter($theirs)
                .having(count_star().gt(1).or(referral::case_id.eq_any(linked)))
                .load(conn)
        };
    }
    Ok(match of {
        Perspective::Provider(id) => {
            found!(referral::table.inner_join(service::table), service::organisation_id.eq(id))
        }
        Perspective::Referrer(id) => found!(referral::table.inner_join(case::table), case::organisation_id.eq(id)),
    }?)
}

/// The pairs of cases of the reader's organisation of which somebody has said that they are about the same person.
///
/// # Errors
/// When the database fails.
pub fn same(conn: &mut Conn, reader: Reader) -> Result<Vec<(CaseId, CaseId)>, AppError> {
    Ok(case_likeness::table
        .inner_join(case::table.on(case::id.eq(case_likeness::case_id)))
        .filter(case::organisation_id.eq(reader.organisation))
        .filter(case_likeness::same.eq(true))
        .filter(case_likeness::case_id.ne_all(exclusions::hidden!(reader)))
        .filter(case_likeness::other_id.ne_all(exclusions::hidden!(reader)))
        .order((case_likeness::case_id, case_likeness::other_id))
        .select((case_likeness::case_id, case_likeness::other_id))
        .load(conn)?)
}

/// A case, without what it says of the household.
#[derive(Debug, Clone, Queryable)]
pub struct CaseRow {
    pub id: CaseId,
    pub opened_at: At,
    pub closed_at: Option<At>,
    pub outcome: Option<Outcome>,
    pub primary_reason: Option<String>,
    pub decided_by: Option<DecidedBy>,
    pub what_happened_next: Option<String>,
    pub source: String,
    pub origin_area: Option<String>,
}

/// The cases of the reader's organisation that were open at any time within `[from, to)`.
///
/// # Errors
/// When the database fails.
pub fn cases(conn: &mut Conn, reader: Reader, from: At, to: At) -> Result<Vec<CaseRow>, AppError> {
    let hidden = exclusions::hidden_cases(conn, reader)?;
    Ok(case::table
        .filter(case::organisation_id.eq(reader.organisation))
        .filter(case::id.ne_all(hidden))
        .filter(case::opened_at.lt(to))
        .filter(case::closed_at.ge(from).or(case::closed_at.is_null()))
        .select((
            case::id,
            case::opened_at,
            case::closed_at,
            case::outcome,
            case::primary_reason,
            case::decided_by,
            case::what_happened_next,
            case::referral_source,
            case::origin_area,
        ))
        .load(conn)?)
}

/// The cases of the reader's organisation that were opened within `[from, to)`, and when.
///
/// # Errors
/// When the database fails.
pub fn opened(conn: &mut Conn, reader: Reader, from: At, to: At) -> Result<BTreeMap<CaseId, At>, AppError> {
    let hidden = exclusions::hidden_cases(conn, reader)?;
    let rows: Vec<(CaseId, At)> = case::table
        .filter(case::organisation_id.eq(reader.organisation))
        .filter(case::id.ne_all(hidden))
        .filter(case::opened_at.ge(from))
        .filter(case::opened_at.lt(to))
        .select((case::id, case::opened_at))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// A place that a household had, or was to have.
#[derive(Debug, Clone, Queryable)]
pub struct PlaceRow {
    pub case: CaseId,
    pub state: Stay,
    pub accepted_at: Option<At>,
    pub expected_at: At,
    pub arrived_at: Option<At>,
    pub departed_at: Option<At>,
    pub moved_at: Option<At>,
    pub referral_ended_at: Option<At>,
}

/// The places of all cases of the reader's organisation that were agreed before an instant.
///
/// # Errors
/// When the database fails.
pub fn places(conn: &mut Conn, reader: Reader, to: At) -> Result<Vec<PlaceRow>, AppError> {
    let hidden = exclusions::hidden_cases(conn, reader)?;
    Ok(placement::table
        .inner_join(referral::table.inner_join(case::table))
        .filter(case::organisation_id.eq(reader.organisation))
        .filter(case::id.ne_all(hidden))
        .filter(referral::sent_at.lt(to))
        .order((placement::expected_at, placement::id))
        .select((
            referral::case_id,
            placement::state,
            referral::decided_at,
            placement::expected_at,
            placement::arrived_at,
            placement::departed_at,
            placement::moved_at,
            referral::ended_at,
        ))
        .load(conn)?)
}

/// The cases of the reader's organisation whose own home was made safe before an instant: since when, and the day on which
/// somebody said that they were not safe there any more.
///
/// # Errors
/// When the database fails.
pub fn made_safe(conn: &mut Conn, reader: Reader, to: At) -> Result<Vec<(CaseId, At, Option<NaiveDate>)>, AppError> {
    let hidden = exclusions::hidden_cases(conn, reader)?;
    let not_safe =
        sanctuary_follow_up::job_id.eq(sanctuary_job::id).and(sanctuary_follow_up::answer.eq(StillSafe::NotSafe));
    let rows: Vec<(CaseId, Option<At>, Option<NaiveDate>)> = sanctuary_job::table
        .inner_join(case::table)
        .left_join(sanctuary_follow_up::table.on(not_safe))
        .filter(case::organisation_id.eq(reader.organisation))
        .filter(case::id.ne_all(hidden))
        .filter(sanctuary_job::signed_off_at.lt(to))
        .order((sanctuary_job::signed_off_at, sanctuary_job::id))
        .select((sanctuary_job::case_id, sanctuary_job::signed_off_at, sanctuary_follow_up::asked_on.nullable()))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(case, since, until)| Some((case, since?, until))).collect())
}

/// The time of a household in one home.
#[derive(Debug, Clone, Queryable)]
pub struct LegRow {
    pub id: OccupancyId,
    pub case: CaseId,
    pub service: ServiceId,
    /// The home that the household moved here from.
    pub follows: Option<OccupancyId>,
    pub arrived_at: Option<At>,
    pub departed_at: Option<At>,
    /// When it moved on to another home.
    pub moved_at: Option<At>,
    pub departure_kind: Option<DepartureKind>,
    pub destination: Option<String>,
    pub timely: Option<bool>,
}

/// The homes into which households moved before an instant: in services of a provider, or of cases of a referrer.
///
/// # Errors
/// When the database fails.
pub fn legs(conn: &mut Conn, of: Perspective, reader: Reader, to: At) -> Result<Vec<LegRow>, AppError> {
    let hidden = exclusions::hidden_cases(conn, reader)?;
    macro_rules! found {
        ($referrals:expr, $homes:expr, $theirs:expr) => {
            placement::table
                .inner_join(taken::table.inner_join($homes))
                .inner_join($referrals)
                .filter(referral::case_id.ne_all(hidden))
                .filter(placement::arrived_at.lt(to))
                .filter($theirs)
                .select((
                    placement::id,
                    referral::case_id,
                    unit::service_id,
                    placement::follows_id,
                    placement::arrived_at,
                    placement::departed_at,
                    placement::moved_at,
                    placement::departure_kind,
                    placement::destination,
                    placement::move_on_timely,
                ))
                .load(conn)
        };
    }
    Ok(match of {
        Perspective::Provider(id) => {
            found!(referral::table, unit::table.inner_join(service::table), service::organisation_id.eq(id))
        }
        Perspective::Referrer(id) => {
            found!(referral::table.inner_join(case::table), unit::table, case::organisation_id.eq(id))
        }
    }?)
}

/// The cases that were in a home at any time within `[from, to)`.
///
/// # Errors
/// When the database fails.
pub fn housed(
    conn: &mut Conn,
    of: Perspective,
    reader: Reader,
    from: At,
    to: At,
) -> Result<BTreeSet<CaseId>, AppError> {
    let hidden = exclusions::hidden_cases(conn, reader)?;
    macro_rules! found {
        ($rows:expr, $theirs:expr) => {
            $rows
                .filter(referral::case_id.ne_all(hidden))
                .filter(placement::arrived_at.lt(to))
                .filter(placement::departed_at.gt(from).or(placement::departed_at.is_null()))
                .filter($theirs)
                .select(referral::case_id)
                .load::<CaseId>(conn)
        };
    }
    let stays = || placement::table;
    let homes = || taken::table.inner_join(unit::table.inner_join(service::table));
    let rows = match of {
        Perspective::Provider(id) => {
            found!(stays().inner_join(homes()).inner_join(referral::table), service::organisation_id.eq(id))
        }
        Perspective::Referrer(id) => {
            found!(stays().inner_join(referral::table.inner_join(case::table)), case::organisation_id.eq(id))
        }
    }?;
    Ok(rows.into_iter().collect())
}

/// A home, and when it was in use.
#[derive(Debug, Clone, Queryable)]
pub struct HomeRow {
    pub id: UnitId,
    pub service: ServiceId,
    pub online_from: At,
    pub online_until: Option<At>,
}

/// The homes of an organisation that came into use before an instant.
///
/// # Errors
/// When the database fails.
pub fn homes(conn: &mut Conn, owner: OrganisationId, to: At) -> Result<Vec<HomeRow>, AppError> {
    Ok(unit::table
        .inner_join(service::table)
        .filter(service::organisation_id.eq(owner))
        .filter(unit::online_from.lt(to))
        .order(unit::id)
        .select((unit::id, unit::service_id, unit::online_from, unit::online_until))
        .load(conn)?)
}

/// What the homes of the reader's organisation were doing within `[from, to)`, in order. Where a household is that does not
/// exist for the reader, nothing is: the home counts as free.
///
/// # Errors
/// When the database fails.
pub fn taken(conn: &mut Conn, reader: Reader, from: At, to: At) -> Result<Vec<(Occupancy, Option<Stay>)>, AppError> {
    let hidden: BTreeSet<CaseId> = exclusions::hidden_cases(conn, reader)?.into_iter().collect();
    let mut all = occupancy::of_organisation_within(conn, reader.organisation, from, to)?;
    all.retain(|(taken, _)| taken.case_id.is_none_or(|case| !hidden.contains(&case)));
    Ok(all)
}

/// The vacancies of the reader's organisation that were open at any time within `[from, to)`. One that was filled by a
/// household that does not exist for the reader is as if it were still open.
///
/// # Errors
/// When the database fails.
pub fn posted(conn: &mut Conn, reader: Reader, from: At, to: At) -> Result<Vec<Posted>, AppError> {
    let filled: Vec<(UnitId, Option<At>)> = placement::table
        .inner_join(taken::table)
        .inner_join(referral::table)
        .filter(taken::kind.eq(Kind::Placement))
        .filter(referral::case_id.eq_any(exclusions::hidden!(reader)))
        .select((taken::unit_id, referral::decided_at))
        .load(conn)?;
    let rows: Vec<(VacancyId, UnitId, posting::State, At, At, Option<At>)> = vacancy::table
        .inner_join(unit::table.inner_join(service::table))
        .filter(service::organisation_id.eq(reader.organisation))
        .filter(vacancy::posted_at.lt(to))
        .order((vacancy::posted_at, vacancy::id))
        .select((
            vacancy::id,
            vacancy::unit_id,
            vacancy::state,
            vacancy::posted_at,
            vacancy::confirmed_at,
            vacancy::closed_at,
        ))
        .load(conn)?;
    let seen = rows.into_iter().map(|(id, unit, state, posted_at, confirmed_at, closed_at)| {
        let unseen = state == posting::State::Filled && filled.contains(&(unit, closed_at));
        Posted { id, posted_at, confirmed_at, closed_at: closed_at.filter(|_| !unseen) }
    });
    Ok(seen.filter(|one| one.closed_at.is_none_or(|closed| from <= closed)).collect())
}
