//! Whether a household is still safe at home, some months after.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::clock::At;
use crate::db::conn::MultiBackend;
use crate::db::schema::sanctuary_follow_up;
use crate::db::{Conn, Tx};
use crate::domain::sanctuary::StillSafe;
use crate::error::AppError;
use crate::ids::{AccountId, KeyId, SanctuaryFollowUpId, SanctuaryId};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sanctuary_follow_up, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct FollowUp {
    pub id: SanctuaryFollowUpId,
    pub job_id: SanctuaryId,
    /// So many calendar months after the sign-off.
    pub months: i32,
    pub due_on: NaiveDate,
    pub asked_on: Option<NaiveDate>,
    pub answer: Option<StillSafe>,
    /// Of the list `sanctuary_need`.
    pub needed: Option<String>,
    pub answered_by: Option<AccountId>,
    pub settled_at: Option<At>,
    pub key_id: Option<KeyId>,
    /// In whose own words, sealed for the organisation whose case it is.
    pub sealed: Option<Vec<u8>>,
    pub version: i32,
}

/// The follow-ups of a job, the first first.
///
/// # Errors
/// When the database fails.
pub fn follow_ups(conn: &mut Conn, of: SanctuaryId) -> Result<Vec<FollowUp>, AppError> {
    Ok(sanctuary_follow_up::table
        .filter(sanctuary_follow_up::job_id.eq(of))
        .order(sanctuary_follow_up::months)
        .select(FollowUp::as_select())
        .load(conn)?)
}

/// One follow-up of this job.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn find_follow_up(conn: &mut Conn, of: SanctuaryId, id: SanctuaryFollowUpId) -> Result<FollowUp, AppError> {
    Ok(sanctuary_follow_up::table
        .filter(sanctuary_follow_up::id.eq(id))
        .filter(sanctuary_follow_up::job_id.eq(of))
        .select(FollowUp::as_select())
        .first(conn)?)
}

/// What was said of some jobs.
///
/// # Errors
/// When the database fails.
pub fn answers_of(conn: &mut Conn, of: &[SanctuaryId]) -> Result<BTreeMap<SanctuaryId, Vec<StillSafe>>, AppError> {
    let rows: Vec<(SanctuaryId, Option<StillSafe>)> = sanctuary_follow_up::table
        .filter(sanctuary_follow_up::job_id.eq_any(of.to_vec()))
        .filter(sanctuary_follow_up::answer.is_not_null())
        .order(sanctuary_follow_up::months)
        .select((sanctuary_follow_up::job_id, sanctuary_follow_up::answer))
        .load(conn)?;
    let mut said: BTreeMap<SanctuaryId, Vec<StillSafe>> = BTreeMap::new();
    for (job, answer) in rows {
        said.entry(job).or_default().extend(answer);
    }
    Ok(said)
}

/// # Errors
/// When the database fails.
pub fn insert_follow_up(tx: &mut Tx, row: &FollowUp) -> Result<(), AppError> {
    diesel::insert_into(sanctuary_follow_up::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Writes a follow-up that is still at the version before it.
///
/// # Errors
/// [`AppError::Contended`] when it is not.
pub fn update_follow_up(tx: &mut Tx, row: &FollowUp) -> Result<(), AppError> {
    let before = sanctuary_follow_up::table.find(row.id).filter(sanctuary_follow_up::version.eq(row.version - 1));
    let updated = diesel::update(before)
        .set((
            sanctuary_follow_up::asked_on.eq(row.asked_on),
            sanctuary_follow_up::answer.eq(row.answer),
            sanctuary_follow_up::needed.eq(&row.needed),
            sanctuary_follow_up::answered_by.eq(row.answered_by),
            sanctuary_follow_up::key_id.eq(row.key_id),
            sanctuary_follow_up::sealed.eq(&row.sealed),
            sanctuary_follow_up::version.eq(row.version),
        ))
        .execute(tx.conn)?;
    if updated == 1 { Ok(()) } else { Err(AppError::Contended) }
}

/// Nobody has to ask any more what has not been asked; gives back which these were.
///
/// # Errors
/// When the database fails.
pub fn settle_follow_ups(tx: &mut Tx, of: SanctuaryId) -> Result<Vec<SanctuaryFollowUpId>, AppError> {
    let open: Vec<SanctuaryFollowUpId> = sanctuary_follow_up::table
        .filter(sanctuary_follow_up::job_id.eq(of))
        .filter(sanctuary_follow_up::answer.is_null())
        .filter(sanctuary_follow_up::settled_at.is_null())
        .select(sanctuary_follow_up::id)
        .load(tx.conn)?;
    diesel::update(sanctuary_follow_up::table.filter(sanctuary_follow_up::id.eq_any(open.clone())))
        .set((
            sanctuary_follow_up::settled_at.eq(tx.now),
            sanctuary_follow_up::version.eq(sanctuary_follow_up::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(open)
}
