//! What is fitted in a home, and what it costs.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::db::conn::MultiBackend;
use crate::db::schema::sanctuary_measure;
use crate::db::{Conn, Tx};
use crate::domain::sanctuary::{Fitting, Installer};
use crate::error::AppError;
use crate::ids::{SanctuaryId, SanctuaryMeasureId};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sanctuary_measure, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Measure {
    pub id: SanctuaryMeasureId,
    pub job_id: SanctuaryId,
    /// Of the list `sanctuary_measure`.
    pub kind: String,
    pub number: i32,
    /// Of all of them together.
    pub cost_pence: i32,
    pub installer: Option<Installer>,
    pub state: Fitting,
    pub version: i32,
}

/// What a job costs: all its measures but those that were removed again.
pub fn cost(measures: &[Measure]) -> i64 {
    let kept = measures.iter().filter(|measure| measure.state != Fitting::Removed);
    kept.map(|measure| i64::from(measure.cost_pence)).sum()
}

/// The measures of some jobs, each in the order in which they were written down.
///
/// # Errors
/// When the database fails.
pub fn measures(conn: &mut Conn, of: &[SanctuaryId]) -> Result<BTreeMap<SanctuaryId, Vec<Measure>>, AppError> {
    let rows: Vec<Measure> = sanctuary_measure::table
        .filter(sanctuary_measure::job_id.eq_any(of.to_vec()))
        .order(sanctuary_measure::id)
        .select(Measure::as_select())
        .load(conn)?;
    let mut found: BTreeMap<SanctuaryId, Vec<Measure>> = BTreeMap::new();
    for row in rows {
        found.entry(row.job_id).or_default().push(row);
    }
    Ok(found)
}

/// One measure of this job.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn find_measure(conn: &mut Conn, of: SanctuaryId, id: SanctuaryMeasureId) -> Result<Measure, AppError> {
    Ok(sanctuary_measure::table
        .filter(sanctuary_measure::id.eq(id))
        .filter(sanctuary_measure::job_id.eq(of))
        .select(Measure::as_select())
        .first(conn)?)
}

/// # Errors
/// When the database fails.
pub fn insert_measure(tx: &mut Tx, row: &Measure) -> Result<(), AppError> {
    diesel::insert_into(sanctuary_measure::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Writes a measure that is still at the version before it.
///
/// # Errors
/// [`AppError::Contended`] when it is not.
pub fn update_measure(tx: &mut Tx, row: &Measure) -> Result<(), AppError> {
    let before = sanctuary_measure::table.find(row.id).filter(sanctuary_measure::version.eq(row.version - 1));
    let updated = diesel::update(before)
        .set((
            sanctuary_measure::number.eq(row.number),
            sanctuary_measure::cost_pence.eq(row.cost_pence),
            sanctuary_measure::installer.eq(row.installer),
            sanctuary_measure::state.eq(row.state),
            sanctuary_measure::version.eq(row.version),
        ))
        .execute(tx.conn)?;
    if updated == 1 { Ok(()) } else { Err(AppError::Contended) }
}

/// Whatever was planned is there now.
///
/// # Errors
/// When the database fails.
pub fn fit_planned(tx: &mut Tx, of: SanctuaryId) -> Result<(), AppError> {
    let planned = sanctuary_measure::table
        .filter(sanctuary_measure::job_id.eq(of))
        .filter(sanctuary_measure::state.eq(Fitting::Planned));
    diesel::update(planned)
        .set((
            sanctuary_measure::state.eq(Fitting::Fitted),
            sanctuary_measure::version.eq(sanctuary_measure::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(())
}
