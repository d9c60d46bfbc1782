//! The records behind the reports, one row for each thing that is counted: but for the cases that do not exist for their
//! reader.

pub mod measures;

use diesel::prelude::*;

use super::Conn;
use super::exclusions::{self, Reader};
use super::merges;
use super::schema::{case, case_secondary_reason, organisation, referral, referral_secondary_reason, service};
use crate::clock::At;
use crate::domain::provision::AccommodationType;
use crate::domain::reason::{DecidedBy, Outcome};
use crate::domain::referral::State;
use crate::error::AppError;
use crate::ids::{OrganisationId, ServiceId};

/// Whose records a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Perspective {
    /// Referrals to the services of this provider.
    Provider(OrganisationId),
    /// Referrals from, and cases of, this organisation.
    Referrer(OrganisationId),
}

/// A referral as the denied-access report counts it.
#[derive(Debug, Clone, Queryable)]
pub struct Referral {
    pub state: State,
    pub sent_at: At,
    pub primary_reason: Option<String>,
    pub decided_by: Option<DecidedBy>,
    pub service: ServiceId,
    pub source: String,
}

/// A service as a report names it.
#[derive(Debug, Clone, Queryable)]
pub struct Service {
    pub id: ServiceId,
    pub organisation: OrganisationId,
    pub name: String,
    pub name_confidential: bool,
    pub accommodation_type: AccommodationType,
    pub area: String,
}

/// A closed case as the denied-access report counts it.
#[derive(Debug, Clone, Queryable)]
pub struct Household {
    pub outcome: Option<Outcome>,
    pub closed_at: Option<At>,
    pub primary_reason: Option<String>,
    pub decided_by: Option<DecidedBy>,
    pub origin_area: Option<String>,
    pub source: String,
    pub what_happened_next: Option<String>,
}

/// The referrals sent within `[from, to)`.
///
/// # Errors
/// When the database fails.
pub fn referrals(
    conn: &mut Conn,
    of: Perspective,
    reader: Reader,
    from: At,
    to: At,
) -> Result<Vec<Referral>, AppError> {
    let mut rows = referral::table
        .inner_join(case::table)
        .inner_join(service::table)
        .filter(case::id.ne_all(exclusions::hidden!(reader)))
        .filter(referral::sent_at.ge(from))
        .filter(referral::sent_at.lt(to))
        .select((
            referral::state,
            referral::sent_at,
            referral::primary_reason,
            referral::decided_by,
            referral::service_id,
            case::referral_source,
        ))
        .into_boxed();
    rows = match of {
        Perspective::Provider(provider) => rows.filter(service::organisation_id.eq(provider)),
        Perspective::Referrer(referrer) => rows.filter(case::organisation_id.eq(referrer)),
    };
    Ok(rows.load(conn)?)
}

/// Every service by the name that reports use.
///
/// # Errors
/// When the database fails.
pub fn services(conn: &mut Conn) -> Result<Vec<Service>, AppError> {
    Ok(service::table
        .inner_join(organisation::table)
        .select((
            service::id,
            service::organisation_id,
            service::name,
            service::name_confidential,
            service::accommodation_type,
            service::area_code,
        ))
        .load(conn)?)
}

/// The secondary reasons of the referrals sent within `[from, to)`, one for each time that one was given.
///
/// # Errors
/// When the database fails.
pub fn referral_secondary_reasons(
    conn: &mut Conn,
    of: Perspective,
    reader: Reader,
    from: At,
    to: At,
) -> Result<Vec<String>, AppError> {
    let mut rows = referral_secondary_reason::table
        .inner_join(referral::table.inner_join(case::table).inner_join(service::table))
        .filter(case::id.ne_all(exclusions::hidden!(reader)))
        .filter(referral::sent_at.ge(from))
        .filter(referral::sent_at.lt(to))
        .select(referral_secondary_reason::reason)
        .into_boxed();
    rows = match of {
        Perspective::Provider(provider) => rows.filter(service::organisation_id.eq(provider)),
        Perspective::Referrer(referrer) => rows.filter(case::organisation_id.eq(referrer)),
    };
    Ok(rows.load(conn)?)
}

/// The cases of the reader's organisation closed within `[from, to)`; one that is folded into another is no household.
///
/// # Errors
/// When the database fails.
pub fn households(conn: &mut Conn, reader: Reader, from: At, to: At) -> Result<Vec<Household>, AppError> {
    Ok(case::table
        .filter(case::organisation_id.eq(reader.organisation))
        .filter(case::id.ne_all(exclusions::hidden!(reader)))
        .filter(case::id.ne_all(merges::folded!()))
        .filter(case::closed_at.ge(from))
        .filter(case::closed_at.lt(to))
        .select((
            case::outcome,
            case::closed_at,
            case::primary_reason,
            case::decided_by,
            case::origin_area,
            case::referral_source,
            case::what_happened_next,
        ))
        .load(conn)?)
}

/// The secondary reasons of those cases, one for each time that one was given.
///
/// # Errors
/// When the database fails.
pub fn household_secondary_reasons(conn: &mut Conn, reader: Reader, from: At, to: At) -> Result<Vec<String>, AppError> {
    Ok(case_secondary_reason::table
        .inner_join(case::table)
        .filter(case::organisation_id.eq(reader.organisation))
        .filter(case::id.ne_all(exclusions::hidden!(reader)))
        .filter(case::id.ne_all(merges::folded!()))
        .filter(case::closed_at.ge(from))
        .filter(case::closed_at.lt(to))
        .select(case_secondary_reason::reason)
        .load(conn)?)
}
