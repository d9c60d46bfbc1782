//! Placements: households' stays, and the chains that they form.

use chrono::{NaiveDate, TimeDelta};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::conn::MultiBackend;
use super::exclusions::{self, Reader};
use super::schema::{occupancy, placement, referral, service, task, unit};
use super::services::Service;
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::placement::{DepartureKind, State, look_again};
use crate::domain::provision::ServiceAttributes;
use crate::domain::task::Kind;
use crate::error::AppError;
use crate::ids::{CaseId, OccupancyId, OrganisationId, ReferralId, ServiceId, UnitId};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = placement, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Placement {
    /// That of its occupancy.
    pub id: OccupancyId,
    pub referral_id: ReferralId,
    pub state: State,
    pub expected_at: At,
    pub arrived_at: Option<At>,
    pub expected_end: Option<At>,
    pub departed_at: Option<At>,
    pub departure_kind: Option<DepartureKind>,
    pub destination: Option<String>,
    pub asked_to_leave_reason: Option<String>,
    pub version: i32,
    /// The stay that this one goes on from.
    pub follows_id: Option<OccupancyId>,
    /// When the household came to this service, whichever of its units it lived in first.
    pub resident_since: Option<At>,
    pub moved_at: Option<At>,
    pub move_reason: Option<String>,
    /// Why a household that lives with the provider already did not come.
    pub missed_reason: Option<String>,
    pub move_on_wish_on: Option<NaiveDate>,
    pub move_on_timely: Option<bool>,
}

impl Placement {
    /// A stay that is to begin.
    pub fn expected(id: OccupancyId, referral_id: ReferralId, at: At, expected_end: Option<At>) -> Self {
        Self {
            id,
            referral_id,
            state: State::Expected,
            expected_at: at,
            arrived_at: None,
            expected_end,
            departed_at: None,
            departure_kind: None,
            destination: None,
            asked_to_leave_reason: None,
            version: 1,
            follows_id: None,
            resident_since: None,
            moved_at: None,
            move_reason: None,
            missed_reason: None,
            move_on_wish_on: None,
            move_on_timely: None,
        }
    }

    /// When it ended: with a departure, or because it goes on elsewhere.
    pub fn ended_at(&self) -> Option<At> {
        self.departed_at.or(self.moved_at)
    }
}

/// A placement with what it is of.
#[derive(Debug, Clone)]
pub struct Seen {
    pub placement: Placement,
    pub unit: UnitId,
    pub case: CaseId,
    pub reference: String,
    /// For so many days a stay at its service is meant to last at most.
    pub intended_days: Option<u16>,
}

/// Where a page of placements begins: after the placement expected then, with this id.
pub type After = (At, OccupancyId);

type Row = (Placement, UnitId, CaseId, String, ServiceAttributes);

/// The placements in the units of the reader's organisation, but for those of cases that do not exist for her. (S17)
macro_rules! of_provider {
    ($reader:expr) => {
        placement::table
            .inner_join(occupancy::table.inner_join(unit::table.inner_join(service::table)))
            .inner_join(referral::table)
            .filter(service::organisation_id.eq($reader.organisation))
            .filter(referral::case_id.ne_all(exclusions::hidden!($reader)))
            .select((
                Placement::as_select(),
                occupancy::unit_id,
                referral::case_id,
                referral::reference,
                service::attributes,
            ))
    };
}

/// The placements in the units of the reader's organisation, the newest first.
///
/// # Errors
/// When the database fails.
pub fn page(
    conn: &mut Conn,
    reader: Reader,
    state: Option<State>,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Seen>, AppError> {
    let mut found =
        of_provider!(reader).order((placement::expected_at.desc(), placement::id.desc())).limit(limit).into_boxed();
    if let Some(state) = state {
        found = found.filter(placement::state.eq(state));
    }
    if let Some((expected_at, id)) = after {
        let same = placement::expected_at.eq(expected_at).and(placement::id.lt(id));
        found = found.filter(placement::expected_at.lt(expected_at).or(same));
    }
    Ok(found.load(conn)?.into_iter().map(seen).collect())
}

/// The placements for which the units of the reader's organisation are taken, in the order in which they are expected.
///
/// # Errors
/// When the database fails.
pub fn current(conn: &mut Conn, reader: Reader) -> Result<Vec<Seen>, AppError> {
    let found = of_provider!(reader)
        .filter(placement::state.eq_any([State::Expected, State::Arrived]))
        .order((placement::expected_at, placement::id));
    Ok(found.load(conn)?.into_iter().map(seen).collect())
}

/// The placements that have ended with a departure, the last one first, before a departure if one is given.
///
/// # Errors
/// When the database fails.
pub fn departed(conn: &mut Conn, reader: Reader, before: Option<After>, limit: i64) -> Result<Vec<Seen>, AppError> {
    let mut found = of_provider!(reader)
        .filter(placement::state.eq(State::Departed))
        .order((placement::departed_at.desc(), placement::id.desc()))
        .limit(limit)
        .into_boxed();
    if let Some((departed_at, id)) = before {
        let same = placement::departed_at.eq(departed_at).and(placement::id.lt(id));
        found = found.filter(placement::departed_at.lt(departed_at).or(same));
    }
    Ok(found.load(conn)?.into_iter().map(seen).collect())
}

/// A placement in a unit of the reader's organisation.
///
/// # Errors
/// [`AppError::NotFound`], whether it does not exist or is not theirs to see.
pub fn find_of(conn: &mut Conn, reader: Reader, id: OccupancyId) -> Result<Seen, AppError> {
    Ok(seen(of_provider!(reader).filter(placement::id.eq(id)).first(conn)?))
}

fn seen((placement, unit, case, reference, attributes): Row) -> Seen {
    Seen { placement, unit, case, reference, intended_days: attributes.intended_stay_days }
}

/// A placement, whoever it belongs to: only for verbs that have found the one that goes on from it.
///
/// # Errors
/// [`AppError::NotFound`].
pub(crate) fn find(conn: &mut Conn, id: OccupancyId) -> Result<Placement, AppError> {
    Ok(placement::table.find(id).select(Placement::as_select()).first(conn)?)
}

/// The placements of a case, oldest first.
///
/// # Errors
/// When the database fails.
pub fn of_case(conn: &mut Conn, of: CaseId) -> Result<Vec<Placement>, AppError> {
    Ok(placement::table
        .inner_join(referral::table)
        .filter(referral::case_id.eq(of))
        .order((placement::expected_at, placement::id))
        .select(Placement::as_select())
        .load(conn)?)
}

/// A stay of a household, and where.
#[derive(Debug, Clone, Queryable)]
pub struct Stay {
    pub placement: Placement,
    pub unit: UnitId,
    /// What its provider calls the unit.
    pub code: String,
    pub service: Service,
    /// The service that the referral was to: another one, when this is the second stage to that.
    pub referred_to: ServiceId,
}

/// The stays of a case wherever they were, oldest first: only for those who have found the case within their scope, or one
/// of its stays.
///
/// # Errors
/// When the database fails.
pub fn chain(conn: &mut Conn, of: CaseId) -> Result<Vec<Stay>, AppError> {
    Ok(placement::table
        .inner_join(occupancy::table.inner_join(unit::table.inner_join(service::table)))
        .inner_join(referral::table)
        .filter(referral::case_id.eq(of))
        .order((placement::expected_at, placement::id))
        .select((Placement::as_select(), unit::id, unit::code, Service::as_select(), referral::service_id))
        .load(conn)?)
}

/// The stays that a referral led to, oldest first.
///
/// # Errors
/// When the database fails.
pub fn all_of_referral(conn: &mut Conn, of: ReferralId) -> Result<Vec<Placement>, AppError> {
    Ok(placement::table
        .filter(placement::referral_id.eq(of))
        .order((placement::expected_at, placement::id))
        .select(Placement::as_select())
        .load(conn)?)
}

/// Where a referral led to: of a chain of stays, the one in which the household lives, is expected, or was last.
///
/// # Errors
/// When the database fails.
pub fn of_referral(conn: &mut Conn, of: ReferralId) -> Result<Option<Placement>, AppError> {
    Ok(all_of_referral(conn, of)?.into_iter().max_by_key(|stay| (stay.state.weight(), stay.expected_at, stay.id)))
}

/// A stay that has lasted for as long as its service is meant for, and for which no later end was agreed.
#[derive(Debug, Clone, Copy)]
pub struct Over {
    pub stay: OccupancyId,
    pub case: CaseId,
    pub provider: OrganisationId,
    /// Since when somebody has to look at it.
    pub since: At,
}

/// Those of which nobody has been told yet, at most so many.
///
/// # Errors
/// When the database fails.
pub fn over_limit(conn: &mut Conn, now: At, limit: i64) -> Result<Vec<Over>, AppError> {
    let services: Vec<(ServiceId, OrganisationId, ServiceAttributes)> =
        service::table.select((service::id, service::organisation_id, service::attributes)).load(conn)?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    for (id, provider, attributes) in services {
        let Some(days) = attributes.intended_stay_days.filter(|_| found.len() < most) else { continue };
        // Who came before this instant came on a day that is at least so many days ago.
        let came = (now.date() - TimeDelta::days(days.into())).succ_opt().map_or(now, At::start_of);
        let told = task::table
            .filter(task::kind.eq(Kind::StayOverLimit))
            .filter(task::subject_id.eq(placement::id))
            .filter(placement::expected_end.is_null().or(task::occasion.nullable().ge(placement::expected_end)));
        let rows: Vec<(OccupancyId, CaseId, Option<At>, Option<At>)> = placement::table
            .inner_join(occupancy::table.inner_join(unit::table))
            .inner_join(referral::table)
            .filter(unit::service_id.eq(id))
            .filter(placement::state.eq(State::Arrived))
            .filter(placement::resident_since.lt(came))
            .filter(placement::expected_end.is_null().or(placement::expected_end.le(now)))
            .filter(not(exists(told)))
            .order(placement::id)
            .limit(limit)
            .select((placement::id, referral::case_id, placement::resident_since, placement::expected_end))
            .load(conn)?;
        found.extend(rows.into_iter().filter_map(|(stay, case, resident, end)| {
            Some(Over { stay, case, provider, since: look_again(resident?, days, end) })
        }));
    }
    found.truncate(most);
    Ok(found)
}

/// # Errors
/// [`AppError::Contended`] when the household was given another place at the same time.
pub fn insert(tx: &mut Tx, row: &Placement) -> Result<(), AppError> {
    super::contended_when_taken(diesel::insert_into(placement::table).values(row).execute(tx.conn))
}

/// Lets what was to follow one stay follow another: the household has moved meanwhile.
///
/// # Errors
/// When the database fails.
pub fn follow_instead(tx: &mut Tx, one: OccupancyId, other: OccupancyId) -> Result<(), AppError> {
    let expected = placement::table.filter(placement::follows_id.eq(one)).filter(placement::state.eq(State::Expected));
    diesel::update(expected)
        .set((placement::follows_id.eq(other), placement::version.eq(placement::version + 1)))
        .execute(tx.conn)?;
    Ok(())
}

/// Writes a placement that is still at the version before it.
///
/// # Errors
/// [`AppError::Contended`] when it is not.
pub fn update(tx: &mut Tx, row: &Placement) -> Result<(), AppError> {
    let updated = diesel::update(placement::table.find(row.id).filter(placement::version.eq(row.version - 1)))
        .set((
            placement::state.eq(row.state),
            placement::expected_at.eq(row.expected_at),
            placement::arrived_at.eq(row.arrived_at),
            placement::expected_end.eq(row.expected_end),
            placement::departed_at.eq(row.departed_at),
            placement::departure_kind.eq(row.departure_kind),
            placement::destination.eq(&row.destination),
            placement::asked_to_leave_reason.eq(&row.asked_to_leave_reason),
            placement::version.eq(row.version),
            placement::resident_since.eq(row.resident_since),
            placement::moved_at.eq(row.moved_at),
            placement::move_reason.eq(&row.move_reason),
            placement::missed_reason.eq(&row.missed_reason),
            placement::move_on_wish_on.eq(row.move_on_wish_on),
            placement::move_on_timely.eq(row.move_on_timely),
        ))
        .execute(tx.conn)?;
    if updated == 1 { Ok(()) } else { Err(AppError::Contended) }
}
