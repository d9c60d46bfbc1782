//! Holds, placements and voids. The database itself refuses two of them for one unit at one instant.

use diesel::prelude::*;
use diesel::result::Error as DieselError;

use super::conn::MultiBackend;
use super::schema::{occupancy, placement, service, unit};
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::occupancy::{Interval, Kind};
use crate::domain::placement::State as Stay;
use crate::error::AppError;
use crate::ids::{CaseId, OccupancyId, OrganisationId, UnitId};

/// The name of the constraint on PostgreSQL and the message of the trigger on SQLite.
const OVERLAP: &str = "occupancy_overlap";

/// What a unit is doing in an interval of time.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = occupancy, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Occupancy {
    pub id: OccupancyId,
    pub unit_id: UnitId,
    pub kind: Kind,
    pub starts_at: At,
    pub ends_at: Option<At>,
    pub case_id: Option<CaseId>,
    pub void_reason: Option<String>,
}

/// For whom, or why, a unit is occupied.
#[derive(Debug, Clone)]
pub enum Cause {
    Hold(CaseId),
    Placement(CaseId),
    Void(String),
}

impl Occupancy {
    pub fn during(&self) -> Interval {
        Interval { starts_at: self.starts_at, ends_at: self.ends_at }
    }
}

/// The occupancies of a unit that last beyond an instant, in order.
///
/// # Errors
/// When the database fails.
pub fn of_unit_after(conn: &mut Conn, unit: UnitId, instant: At) -> Result<Vec<Occupancy>, AppError> {
    Ok(occupancy::table
        .filter(occupancy::unit_id.eq(unit))
        .filter(occupancy::ends_at.gt(instant).or(occupancy::ends_at.is_null()))
        .order(occupancy::starts_at)
        .select(Occupancy::as_select())
        .load(conn)?)
}

/// As [`of_unit_after`], as the domain decides on them.
///
/// # Errors
/// When the database fails.
pub fn intervals_after(conn: &mut Conn, unit: UnitId, instant: At) -> Result<Vec<(Kind, Interval)>, AppError> {
    let taken = of_unit_after(conn, unit, instant)?;
    Ok(taken.iter().map(|taken| (taken.kind, taken.during())).collect())
}

/// The occupancies of an organisation's units that last beyond an instant.
///
/// # Errors
/// When the database fails.
pub fn of_organisation_after(conn: &mut Conn, owner: OrganisationId, instant: At) -> Result<Vec<Occupancy>, AppError> {
    Ok(occupancy::table
        .inner_join(unit::table.inner_join(service::table))
        .filter(service::organisation_id.eq(owner))
        .filter(occupancy::ends_at.gt(instant).or(occupancy::ends_at.is_null()))
        .order(occupancy::starts_at)
        .select(Occupancy::as_select())
        .load(conn)?)
}

/// Everything that a unit has been and will be doing within an interval, in order.
///
/// # Errors
/// When the database fails.
pub fn of_unit_within(conn: &mut Conn, unit: UnitId, from: At, to: At) -> Result<Vec<Occupancy>, AppError> {
    Ok(occupancy::table
        .filter(occupancy::unit_id.eq(unit))
        .filter(occupancy::starts_at.lt(to))
        .filter(occupancy::ends_at.gt(from).or(occupancy::ends_at.is_null()))
        .order((occupancy::starts_at, occupancy::id))
        .select(Occupancy::as_select())
        .load(conn)?)
}

/// What the units of an organisation have been and will be doing within an interval, in order; a stay with how far it has
/// come.
///
/// # Errors
/// When the database fails.
pub fn of_organisation_within(
    conn: &mut Conn,
    owner: OrganisationId,
    from: At,
    to: At,
) -> Result<Vec<(Occupancy, Option<Stay>)>, AppError> {
    Ok(occupancy::table
        .inner_join(unit::table.inner_join(service::table))
        .left_join(placement::table)
        .filter(service::organisation_id.eq(owner))
        .filter(occupancy::starts_at.lt(to))
        .filter(occupancy::ends_at.gt(from).or(occupancy::ends_at.is_null()))
        .order((occupancy::starts_at, occupancy::id))
        .select((Occupancy::as_select(), placement::state.nullable()))
        .load(conn)?)
}

/// One occupancy of this unit.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn find(conn: &mut Conn, unit: UnitId, id: OccupancyId) -> Result<Occupancy, AppError> {
    Ok(occupancy::table.find(id).filter(occupancy::unit_id.eq(unit)).select(Occupancy::as_select()).first(conn)?)
}

/// The occupancy that is a stay, whoever it belongs to: only for verbs that have found the one that goes on from it.
///
/// # Errors
/// [`AppError::NotFound`].
pub(crate) fn of_stay(conn: &mut Conn, id: OccupancyId) -> Result<Occupancy, AppError> {
    let stay = occupancy::table.find(id).filter(occupancy::kind.eq(Kind::Placement));
    Ok(stay.select(Occupancy::as_select()).first(conn)?)
}

/// The holds and placements of a case, newest first.
///
/// # Errors
/// When the database fails.
pub fn of_case(conn: &mut Conn, of: CaseId) -> Result<Vec<Occupancy>, AppError> {
    Ok(occupancy::table
        .filter(occupancy::case_id.eq(of))
        .order((occupancy::starts_at.desc(), occupancy::id.desc()))
        .select(Occupancy::as_select())
        .load(conn)?)
}

/// One hold of this case.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn find_hold(conn: &mut Conn, of: CaseId, id: OccupancyId) -> Result<Occupancy, AppError> {
    Ok(occupancy::table
        .find(id)
        .filter(occupancy::case_id.eq(of))
        .filter(occupancy::kind.eq(Kind::Hold))
        .select(Occupancy::as_select())
        .first(conn)?)
}

/// Occupies a unit.
///
/// # Errors
/// [`AppError::Contended`] when the unit is taken in that time. Whoever asked [`crate::domain::occupancy::claim`] first
/// decided on what is no longer so, and when it runs again `claim` refuses it with the reason.
pub fn insert(tx: &mut Tx, unit_id: UnitId, cause: Cause, during: Interval) -> Result<OccupancyId, AppError> {
    let (kind, case_id, void_reason) = match cause {
        Cause::Hold(case) => (Kind::Hold, Some(case), None),
        Cause::Placement(case) => (Kind::Placement, Some(case), None),
        Cause::Void(reason) => (Kind::Void, None, Some(reason)),
    };
    let id = OccupancyId::new();
    let Interval { starts_at, ends_at } = during;
    let row = Occupancy { id, unit_id, kind, starts_at, ends_at, case_id, void_reason };
    overlap(diesel::insert_into(occupancy::table).values(&row).execute(tx.conn))?;
    Ok(id)
}

/// Gives an occupancy another interval.
///
/// # Errors
/// As [`insert`].
pub fn set_interval(tx: &mut Tx, id: OccupancyId, during: Interval) -> Result<(), AppError> {
    overlap(
        diesel::update(occupancy::table.find(id))
            .set((occupancy::starts_at.eq(during.starts_at), occupancy::ends_at.eq(during.ends_at)))
            .execute(tx.conn),
    )
}

fn overlap(outcome: QueryResult<usize>) -> Result<(), AppError> {
    match outcome {
        Ok(_) => Ok(()),
        Err(DieselError::DatabaseError(_, info))
            if [info.constraint_name(), Some(info.message())].contains(&Some(OVERLAP)) =>
        {
            Err(AppError::Contended)
        }
        Err(error) => Err(error.into()),
    }
}
