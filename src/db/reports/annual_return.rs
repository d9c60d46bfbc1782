//! The records of the yearly return that no other report reads.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;

use super::Perspective;
use crate::clock::At;
use crate::db::Conn;
use crate::db::exclusions::{self, Reader};
use crate::db::schema::{case, occupancy as taken, placement, referral, sanctuary_job, service, support, unit};
use crate::domain::household::{MemberRole, Needs};
use crate::domain::support::State;
use crate::error::AppError;
use crate::ids::{CaseId, OccupancyId, SanctuaryId, ServiceId};

/// Why households were asked to leave that left within `[from, to)`, by the place that they left.
///
/// # Errors
/// When the database fails.
pub fn asked_to_leave(
    conn: &mut Conn,
    of: Perspective,
    reader: Reader,
    from: At,
    to: At,
) -> Result<BTreeMap<OccupancyId, String>, AppError> {
    let mut rows = placement::table
        .inner_join(referral::table.inner_join(case::table).inner_join(service::table))
        .filter(case::id.ne_all(exclusions::hidden!(reader)))
        .filter(placement::departed_at.ge(from))
        .filter(placement::departed_at.lt(to))
        .filter(placement::asked_to_leave_reason.is_not_null())
        .select((placement::id, placement::asked_to_leave_reason))
        .into_boxed();
    rows = match of {
        Perspective::Provider(provider) => rows.filter(service::organisation_id.eq(provider)),
        Perspective::Referrer(referrer) => rows.filter(case::organisation_id.eq(referrer)),
    };
    let rows: Vec<(OccupancyId, Option<String>)> = rows.load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, reason)| Some((id, reason?))).collect())
}

/// Support of a person of a household, and the service of the home where it began.
#[derive(Debug, Clone, Queryable)]
pub struct Given {
    /// The stay with which it began, and since when.
    pub stay: OccupancyId,
    pub arrived_at: Option<At>,
    pub case: CaseId,
    pub service: ServiceId,
    pub person: i32,
    pub role: MemberRole,
    pub kind: String,
}

/// The support that the services of the reader's organisation gave on any of these days, the last included.
///
/// # Errors
/// When the database fails.
pub fn support_given(conn: &mut Conn, reader: Reader, from: NaiveDate, to: NaiveDate) -> Result<Vec<Given>, AppError> {
    Ok(support::table
        .inner_join(placement::table.inner_join(referral::table.inner_join(case::table)))
        .inner_join(taken::table.on(taken::id.eq(support::placement_id)))
        .inner_join(unit::table.on(unit::id.eq(taken::unit_id)))
        .inner_join(service::table.on(service::id.eq(unit::service_id)))
        .filter(service::organisation_id.eq(reader.organisation))
        .filter(case::id.ne_all(exclusions::hidden!(reader)))
        .filter(support::state.ne(State::TakenOut))
        .filter(support::from_on.le(to))
        .filter(support::until_on.ge(from).or(support::until_on.is_null()))
        .order((case::id, support::person, support::id))
        .select((
            placement::id,
            placement::arrived_at,
            case::id,
            service::id,
            support::person,
            support::role,
            support::support_type,
        ))
        .load(conn)?)
}

/// A household whose own home was made safe.
#[derive(Clone, Queryable)]
pub struct MadeSafe {
    pub job: SanctuaryId,
    pub signed_off_at: Option<At>,
    pub case: CaseId,
    pub service: ServiceId,
    pub needs: Needs,
}

/// The households whose own home was made safe within `[from, to)`, and by which service.
///
/// # Errors
/// When the database fails.
pub fn made_safe(
    conn: &mut Conn,
    of: Perspective,
    reader: Reader,
    from: At,
    to: At,
) -> Result<Vec<MadeSafe>, AppError> {
    let mut rows = sanctuary_job::table
        .inner_join(case::table)
        .inner_join(service::table)
        .filter(case::id.ne_all(exclusions::hidden!(reader)))
        .filter(sanctuary_job::signed_off_at.ge(from))
        .filter(sanctuary_job::signed_off_at.lt(to))
        .order((sanctuary_job::signed_off_at, sanctuary_job::id))
        .select((sanctuary_job::id, sanctuary_job::signed_off_at, case::id, service::id, case::needs))
        .into_boxed();
    rows = match of {
        Perspective::Provider(provider) => rows.filter(service::organisation_id.eq(provider)),
        Perspective::Referrer(referrer) => rows.filter(case::organisation_id.eq(referrer)),
    };
    Ok(rows.load(conn)?)
}

/// How many services the reader's organisation has in an area, and how many of its cases come from there.
///
/// # Errors
/// When the database fails.
pub fn things_in_areas(conn: &mut Conn, reader: Reader) -> Result<Vec<(String, i64)>, AppError> {
    let mut all: Vec<(String, i64)> = service::table
        .filter(service::organisation_id.eq(reader.organisation))
        .group_by(service::area_code)
        .select((service::area_code, count_star()))
        .load(conn)?;
    let cases: Vec<(Option<String>, i64)> = case::table
        .filter(case::organisation_id.eq(reader.organisation))
        .filter(case::id.ne_all(exclusions::hidden!(reader)))
        .group_by(case::origin_area)
        .select((case::origin_area, count_star()))
        .load(conn)?;
    all.extend(cases.into_iter().filter_map(|(area, number)| Some((area?, number))));
    Ok(all)
}
