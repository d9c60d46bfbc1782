//! What all organisations have done together, counted for what is published. Nothing here is kept from anybody, for nobody
//! reads it as it is: who is told apart is decided by disclosure control. (S40)

use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::clock::At;
use crate::db::Conn;
use crate::db::merges;
use crate::db::schema::{case, occupancy as taken, placement, referral, sanctuary_job, service, support, unit};
use crate::domain::occupancy::Kind;
use crate::domain::placement::DepartureKind;
use crate::domain::provision::AccommodationType;
use crate::domain::reason::{DecidedBy, Outcome};
use crate::domain::referral::State;
use crate::domain::{sanctuary, support as given};
use crate::error::AppError;
use crate::ids::{CaseId, ServiceId, UnitId};

/// A service, as far as it matters to what is published.
#[derive(Debug, Clone, Queryable)]
pub struct Service {
    pub id: ServiceId,
    pub area: String,
    pub accommodation_type: AccommodationType,
}

/// # Errors
/// When the database fails.
pub fn services(conn: &mut Conn) -> Result<Vec<Service>, AppError> {
    Ok(service::table.select((service::id, service::area_code, service::accommodation_type)).load(conn)?)
}

/// A home, and when it was in use.
#[derive(Debug, Clone, Queryable)]
pub struct Home {
    pub id: UnitId,
    pub service: ServiceId,
    pub online_from: At,
    pub online_until: Option<At>,
}

/// The homes in use at any time within `[from, to)`.
///
/// # Errors
/// When the database fails.
pub fn homes(conn: &mut Conn, from: At, to: At) -> Result<Vec<Home>, AppError> {
    Ok(unit::table
        .filter(unit::online_from.lt(to))
        .filter(unit::online_until.gt(from).or(unit::online_until.is_null()))
        .order(unit::id)
        .select((unit::id, unit::service_id, unit::online_from, unit::online_until))
        .load(conn)?)
}

/// What homes were doing: which, what, from when, until when.
pub type Taken = (UnitId, Kind, At, Option<At>);

/// What all homes were doing at any time within `[from, to)`.
///
/// # Errors
/// When the database fails.
pub fn taken(conn: &mut Conn, from: At, to: At) -> Result<Vec<Taken>, AppError> {
    Ok(taken::table
        .filter(taken::starts_at.lt(to))
        .filter(taken::ends_at.gt(from).or(taken::ends_at.is_null()))
        .select((taken::unit_id, taken::kind, taken::starts_at, taken::ends_at))
        .load(conn)?)
}

/// So many referrals that have all this in common.
#[derive(Debug, Clone, Queryable)]
pub struct Referrals {
    pub service: ServiceId,
    pub state: State,
    pub reason: Option<String>,
    pub decided_by: Option<DecidedBy>,
    pub number: i64,
}

/// The referrals sent within `[from, to)`.
///
/// # Errors
/// When the database fails.
pub fn referrals(conn: &mut Conn, from: At, to: At) -> Result<Vec<Referrals>, AppError> {
    Ok(referral::table
        .filter(referral::sent_at.ge(from))
        .filter(referral::sent_at.lt(to))
        .group_by((referral::service_id, referral::state, referral::primary_reason, referral::decided_by))
        .select((referral::service_id, referral::state, referral::primary_reason, referral::decided_by, count_star()))
        .load(conn)?)
}

/// The same referrals by who asked for help.
///
/// # Errors
/// When the database fails.
pub fn sources(conn: &mut Conn, from: At, to: At) -> Result<Vec<(String, i64)>, AppError> {
    Ok(referral::table
        .inner_join(case::table)
        .filter(referral::sent_at.ge(from))
        .filter(referral::sent_at.lt(to))
        .group_by(case::referral_source)
        .select((case::referral_source, count_star()))
        .load(conn)?)
}

/// How long an answer took: what became of it, when it was sent, decided and ended.
pub type Answered = (State, At, Option<At>, Option<At>);

/// The referrals sent within `[from, to)` that somebody decided.
///
/// # Errors
/// When the database fails.
pub fn answered(conn: &mut Conn, from: At, to: At) -> Result<Vec<Answered>, AppError> {
    Ok(referral::table
        .filter(referral::sent_at.ge(from))
        .filter(referral::sent_at.lt(to))
        .filter(referral::decided_at.is_not_null())
        .select((referral::state, referral::sent_at, referral::decided_at, referral::ended_at))
        .load(conn)?)
}

/// So many closed cases that have all this in common.
#[derive(Debug, Clone, Queryable)]
pub struct Closed {
    pub origin: Option<String>,
    pub outcome: Option<Outcome>,
    pub reason: Option<String>,
    pub happened_next: Option<String>,
    pub number: i64,
}

/// The cases closed within `[from, to)`; one that is folded into another is no household.
///
/// # Errors
/// When the database fails.
pub fn closed(conn: &mut Conn, from: At, to: At) -> Result<Vec<Closed>, AppError> {
    Ok(case::table
        .filter(case::closed_at.ge(from))
        .filter(case::closed_at.lt(to))
        .filter(case::id.ne_all(merges::folded!()))
        .group_by((case::origin_area, case::outcome, case::primary_reason, case::what_happened_next))
        .select((case::origin_area, case::outcome, case::primary_reason, case::what_happened_next, count_star()))
        .load(conn)?)
}

/// So many stays that ended and have all this in common.
#[derive(Debug, Clone, Queryable)]
pub struct Departed {
    pub service: ServiceId,
    pub kind: Option<DepartureKind>,
    pub destination: Option<String>,
    pub asked_to_leave: Option<String>,
    pub number: i64,
}

/// The stays that ended within `[from, to)`.
///
/// # Errors
/// When the database fails.
pub fn departed(conn: &mut Conn, from: At, to: At) -> Result<Vec<Departed>, AppError> {
    let alike = (unit::service_id, placement::departure_kind, placement::destination, placement::asked_to_leave_reason);
    Ok(placement::table
        .inner_join(taken::table.inner_join(unit::table))
        .filter(placement::departed_at.ge(from))
        .filter(placement::departed_at.lt(to))
        .group_by(alike)
        .select((
            unit::service_id,
            placement::departure_kind,
            placement::destination,
            placement::asked_to_leave_reason,
            count_star(),
        ))
        .load(conn)?)
}

/// How long households waited that arrived within `[from, to)`: when the case was opened, when they arrived.
///
/// # Errors
/// When the database fails.
pub fn arrived(conn: &mut Conn, from: At, to: At) -> Result<Vec<(At, Option<At>)>, AppError> {
    Ok(placement::table
        .inner_join(referral::table.inner_join(case::table))
        .filter(placement::arrived_at.ge(from))
        .filter(placement::arrived_at.lt(to))
        .filter(placement::follows_id.is_null())
        .select((case::opened_at, placement::arrived_at))
        .load(conn)?)
}

/// The sanctuary jobs asked for within `[from, to)`, by stage.
///
/// # Errors
/// When the database fails.
pub fn jobs(conn: &mut Conn, from: At, to: At) -> Result<Vec<(sanctuary::State, i64)>, AppError> {
    Ok(sanctuary_job::table
        .filter(sanctuary_job::requested_at.ge(from))
        .filter(sanctuary_job::requested_at.lt(to))
        .group_by(sanctuary_job::state)
        .select((sanctuary_job::state, count_star()))
        .load(conn)?)
}

/// The cases with a stay at any time within `[from, to)`, each once with each service that they stayed in.
///
/// # Errors
/// When the database fails.
pub fn housed(conn: &mut Conn, (from, to): (At, At)) -> Result<Vec<(CaseId, ServiceId)>, AppError> {
    Ok(placement::table
        .inner_join(referral::table)
        .inner_join(taken::table.inner_join(unit::table))
        .filter(placement::arrived_at.lt(to))
        .filter(placement::departed_at.gt(from).or(placement::departed_at.is_null()))
        .filter(placement::moved_at.gt(from).or(placement::moved_at.is_null()))
        .select((referral::case_id, unit::service_id))
        .distinct()
        .load(conn)?)
}

/// The cases with support on any of these days, the last included: each once with each kind of support.
///
/// # Errors
/// When the database fails.
pub fn supported(conn: &mut Conn, (first, last): (NaiveDate, NaiveDate)) -> Result<Vec<(CaseId, String)>, AppError> {
    Ok(support::table
        .inner_join(placement::table.inner_join(referral::table))
        .filter(support::from_on.le(last))
        .filter(support::until_on.ge(first).or(support::until_on.is_null()))
        .filter(support::state.ne(given::State::TakenOut))
        .select((referral::case_id, support::support_type))
        .distinct()
        .load(conn)?)
}
