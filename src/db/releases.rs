//! What was published, once and for good.

use chrono::NaiveDate;
use diesel::dsl::min;
use diesel::prelude::*;

use super::conn::MultiBackend;
use super::schema::{case, referral, release};
use super::{Conn, Tx, contended_when_taken};
use crate::clock::At;
use crate::domain::measures::published::{Facts, Kind, Released};
use crate::error::AppError;
use crate::ids::ReleaseId;

/// That something was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = release, check_for_backend(MultiBackend))]
pub struct Made {
    pub id: ReleaseId,
    pub kind: Kind,
    pub first_day: NaiveDate,
    pub made_at: At,
}

/// What is published, with the true numbers behind it.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = release, treat_none_as_default_value = false)]
pub struct New {
    pub id: ReleaseId,
    pub kind: Kind,
    pub first_day: NaiveDate,
    pub made_at: At,
    pub facts: Facts,
    pub shown: Released,
}

/// Everything that was published, the newest time first, and a year before its last quarter.
///
/// # Errors
/// When the database fails.
pub fn all(conn: &mut Conn) -> Result<Vec<Made>, AppError> {
    let mut all: Vec<Made> = release::table.select(Made::as_select()).load(conn)?;
    all.sort_by_key(|made| std::cmp::Reverse((made.made_at, made.kind, made.first_day)));
    Ok(all)
}

/// # Errors
/// [`AppError::NotFound`].
pub fn find(conn: &mut Conn, kind: Kind, first_day: NaiveDate) -> Result<(Made, Released), AppError> {
    Ok(release::table
        .filter(release::kind.eq(kind))
        .filter(release::first_day.eq(first_day))
        .select((Made::as_select(), release::shown))
        .first(conn)?)
}

/// The same with the true numbers: only for what is published next.
///
/// # Errors
/// When the database fails.
pub fn facts(conn: &mut Conn, kind: Kind, first_day: NaiveDate) -> Result<Option<(Facts, Released)>, AppError> {
    Ok(release::table
        .filter(release::kind.eq(kind))
        .filter(release::first_day.eq(first_day))
        .select((release::facts, release::shown))
        .first(conn)
        .optional()?)
}

/// # Errors
/// [`AppError::Contended`] when it was published meanwhile.
pub fn insert(tx: &mut Tx, new: &New) -> Result<(), AppError> {
    contended_when_taken(diesel::insert_into(release::table).values(new).execute(tx.conn))
}

/// When the first referral was sent or the first case opened.
///
/// # Errors
/// When the database fails.
pub fn first_record(conn: &mut Conn) -> Result<Option<At>, AppError> {
    let sent: Option<At> = referral::table.select(min(referral::sent_at)).first(conn)?;
    let opened: Option<At> = case::table.select(min(case::opened_at)).first(conn)?;
    Ok(sent.into_iter().chain(opened).min())
}
