//! Placements: households' stays.

use diesel::prelude::*;

use super::conn::MultiBackend;
use super::exclusions::{self, Reader};
use super::schema::{case, occupancy, placement, referral, service};
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::placement::{DepartureKind, State};
use crate::error::AppError;
use crate::ids::{CaseId, OccupancyId, ReferralId, UnitId};

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
}

/// A placement with what it is of.
#[derive(Debug, Clone)]
pub struct Seen {
    pub placement: Placement,
    pub unit: UnitId,
    pub case: CaseId,
    pub reference: String,
}

/// Where a page of placements begins: after the placement expected then, with this id.
pub type After = (At, OccupancyId);

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
    let mut found = placement::table
        .inner_join(occupancy::table)
        .inner_join(referral::table.inner_join(service::table))
        .filter(service::organisation_id.eq(reader.organisation))
        .filter(referral::case_id.ne_all(exclusions::hidden!(reader)))
        .order((placement::expected_at.desc(), placement::id.desc()))
        .limit(limit)
        .select((Placement::as_select(), occupancy::unit_id, referral::case_id, referral::reference))
        .into_boxed();
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
    let found = placement::table
        .inner_join(occupancy::table)
        .inner_join(referral::table.inner_join(service::table))
        .filter(service::organisation_id.eq(reader.organisation))
        .filter(referral::case_id.ne_all(exclusions::hidden!(reader)))
        .filter(placement::state.eq_any([State::Expected, State::Arrived]))
        .order((placement::expected_at, placement::id))
        .select((Placement::as_select(), occupancy::unit_id, referral::case_id, referral::reference))
        .load(conn)?;
    Ok(found.into_iter().map(seen).collect())
}

/// The placements that have ended with a departure, the last one first, before a departure if one is given.
///
/// # Errors
/// When the database fails.
pub fn departed(conn: &mut Conn, reader: Reader, before: Option<After>, limit: i64) -> Result<Vec<Seen>, AppError> {
    let mut found = placement::table
        .inner_join(occupancy::table)
        .inner_join(referral::table.inner_join(service::table))
        .filter(service::organisation_id.eq(reader.organisation))
        .filter(referral::case_id.ne_all(exclusions::hidden!(reader)))
        .filter(placement::state.eq(State::Departed))
        .order((placement::departed_at.desc(), placement::id.desc()))
        .limit(limit)
        .select((Placement::as_select(), occupancy::unit_id, referral::case_id, referral::reference))
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
    Ok(seen(
        placement::table
            .inner_join(occupancy::table)
            .inner_join(referral::table.inner_join(service::table))
            .filter(placement::id.eq(id))
            .filter(service::organisation_id.eq(reader.organisation))
            .filter(referral::case_id.ne_all(exclusions::hidden!(reader)))
            .select((Placement::as_select(), occupancy::unit_id, referral::case_id, referral::reference))
            .first(conn)?,
    ))
}

fn seen((placement, unit, case, reference): (Placement, UnitId, CaseId, String)) -> Seen {
    Seen { placement, unit, case, reference }
}

/// The placements of a case, oldest first.
///
/// # Errors
/// When the database fails.
pub fn of_case(conn: &mut Conn, of: CaseId) -> Result<Vec<Placement>, AppError> {
    Ok(placement::table
        .inner_join(referral::table.inner_join(case::table))
        .filter(case::id.eq(of))
        .order((placement::expected_at, placement::id))
        .select(Placement::as_select())
        .load(conn)?)
}

/// The placement that a referral led to.
///
/// # Errors
/// When the database fails.
pub fn of_referral(conn: &mut Conn, of: ReferralId) -> Result<Option<Placement>, AppError> {
    Ok(placement::table.filter(placement::referral_id.eq(of)).select(Placement::as_select()).first(conn).optional()?)
}

/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx, row: &Placement) -> Result<(), AppError> {
    diesel::insert_into(placement::table).values(row).execute(tx.conn)?;
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
        ))
        .execute(tx.conn)?;
    if updated == 1 { Ok(()) } else { Err(AppError::Contended) }
}
