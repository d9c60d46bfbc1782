//! Support that people of a household were given while they stayed.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::conn::MultiBackend;
use super::schema::{placement, support};
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::household::MemberRole;
use crate::domain::support::{AgeBand, State};
use crate::error::AppError;
use crate::ids::{AccountId, OccupancyId, ReferralId, SupportId};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = support, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Support {
    pub id: SupportId,
    /// The stay during which it began.
    pub placement_id: OccupancyId,
    /// Their place in the household, from 1; what they were then stands beside it, for a household changes.
    pub person: i32,
    pub role: MemberRole,
    pub age_band: AgeBand,
    /// Of the list `support_type`.
    pub support_type: String,
    pub from_on: NaiveDate,
    pub until_on: Option<NaiveDate>,
    pub state: State,
    pub recorded_at: At,
    pub recorded_by: AccountId,
    pub version: i32,
}

/// What was recorded in all the stays of a referral, by person, the first first: a move does not end support.
///
/// # Errors
/// When the database fails.
pub fn of_referral(conn: &mut Conn, of: ReferralId) -> Result<Vec<Support>, AppError> {
    Ok(support::table
        .inner_join(placement::table)
        .filter(placement::referral_id.eq(of))
        .order((support::person, support::from_on, support::id))
        .select(Support::as_select())
        .load(conn)?)
}

/// One record of the stays of a referral.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn find(conn: &mut Conn, of: ReferralId, id: SupportId) -> Result<Support, AppError> {
    Ok(support::table
        .inner_join(placement::table)
        .filter(placement::referral_id.eq(of))
        .filter(support::id.eq(id))
        .select(Support::as_select())
        .first(conn)?)
}

/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx, row: &Support) -> Result<(), AppError> {
    diesel::insert_into(support::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Writes a record that is still at the version before it.
///
/// # Errors
/// [`AppError::Contended`] when it is not.
pub fn update(tx: &mut Tx, row: &Support) -> Result<(), AppError> {
    let updated = diesel::update(support::table.find(row.id).filter(support::version.eq(row.version - 1)))
        .set((support::until_on.eq(row.until_on), support::state.eq(row.state), support::version.eq(row.version)))
        .execute(tx.conn)?;
    if updated == 1 { Ok(()) } else { Err(AppError::Contended) }
}
