//! The records behind the reports: but for the cases that do not exist for their reader.

pub mod annual_return;
pub mod counts;
pub mod measures;
pub mod published;
pub mod records;

use diesel::prelude::*;

use super::Conn;
use super::schema::{case, organisation, service};
use crate::domain::household::Needs;
use crate::domain::provision::AccommodationType;
use crate::error::AppError;
use crate::ids::{CaseId, OrganisationId, ServiceId};

/// Whose records a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Perspective {
    /// Referrals to the services of this provider.
    Provider(OrganisationId),
    /// Referrals from, and cases of, this organisation.
    Referrer(OrganisationId),
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

/// So many households are read at once: what is known of one is long.
const AT_ONCE: usize = 2_000;

/// Tells what is known of each of these households, of some at a time.
///
/// # Errors
/// When the database fails.
pub fn each_needs(conn: &mut Conn, cases: &[CaseId], mut tell: impl FnMut(CaseId, Needs)) -> Result<(), AppError> {
    for some in cases.chunks(AT_ONCE) {
        let rows: Vec<(CaseId, Needs)> =
            case::table.filter(case::id.eq_any(some)).order(case::id).select((case::id, case::needs)).load(conn)?;
        for (case, needs) in rows {
            tell(case, needs);
        }
    }
    Ok(())
}
