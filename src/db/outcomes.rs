//! How survivors say that they fare when they leave.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::conn::MultiBackend;
use super::schema::stay_outcome;
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::outcomes::{Answer, AskedHow};
use crate::error::AppError;
use crate::ids::{AccountId, OccupancyId};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = stay_outcome, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Outcomes {
    pub placement_id: OccupancyId,
    pub safety: Answer,
    pub wellbeing: Answer,
    pub stability: Answer,
    pub asked_on: Option<NaiveDate>,
    pub asked_how: Option<AskedHow>,
    /// When they were first recorded.
    pub recorded_at: At,
    pub recorded_by: AccountId,
    pub version: i32,
}

/// # Errors
/// When the database fails.
pub fn find(conn: &mut Conn, of: OccupancyId) -> Result<Option<Outcomes>, AppError> {
    Ok(stay_outcome::table.find(of).select(Outcomes::as_select()).first(conn).optional()?)
}

/// # Errors
/// [`AppError::Contended`] when somebody else has recorded them at the same time.
pub fn insert(tx: &mut Tx, row: &Outcomes) -> Result<(), AppError> {
    super::contended_when_taken(diesel::insert_into(stay_outcome::table).values(row).execute(tx.conn))
}

/// Writes outcomes that are still at the version before these.
///
/// # Errors
/// [`AppError::Contended`] when they are not.
pub fn update(tx: &mut Tx, row: &Outcomes) -> Result<(), AppError> {
    let same = stay_outcome::table.find(row.placement_id).filter(stay_outcome::version.eq(row.version - 1));
    let updated = diesel::update(same)
        .set((
            stay_outcome::safety.eq(row.safety),
            stay_outcome::wellbeing.eq(row.wellbeing),
            stay_outcome::stability.eq(row.stability),
            stay_outcome::asked_on.eq(row.asked_on),
            stay_outcome::asked_how.eq(row.asked_how),
            stay_outcome::version.eq(row.version),
        ))
        .execute(tx.conn)?;
    if updated == 1 { Ok(()) } else { Err(AppError::Contended) }
}
