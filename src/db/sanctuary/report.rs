//! The jobs behind the report: but for the cases that do not exist for its reader.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{Job, measures};
use crate::clock::At;
use crate::db::Conn;
use crate::db::exclusions::{self, Reader};
use crate::db::reports::Perspective;
use crate::db::schema::{case, sanctuary_follow_up, sanctuary_job, service};
use crate::domain::sanctuary::{StillSafe, report};
use crate::error::AppError;
use crate::ids::SanctuaryId;

/// The jobs requested within `[from, to)`.
///
/// # Errors
/// When the database fails.
pub fn reported(
    conn: &mut Conn,
    of: Perspective,
    reader: Reader,
    from: At,
    to: At,
) -> Result<Vec<report::Job>, AppError> {
    let mut rows = sanctuary_job::table
        .inner_join(case::table)
        .inner_join(service::table)
        .filter(case::id.ne_all(exclusions::hidden!(reader)))
        .filter(sanctuary_job::requested_at.ge(from))
        .filter(sanctuary_job::requested_at.lt(to))
        .select(Job::as_select())
        .into_boxed();
    rows = match of {
        Perspective::Provider(provider) => rows.filter(service::organisation_id.eq(provider)),
        Perspective::Referrer(referrer) => rows.filter(case::organisation_id.eq(referrer)),
    };
    let jobs: Vec<Job> = rows.load(conn)?;
    let ids: Vec<SanctuaryId> = jobs.iter().map(|job| job.id).collect();
    let mut fitted = measures(conn, &ids)?;
    let asked: Vec<(SanctuaryId, i32, Option<StillSafe>, Option<At>)> = sanctuary_follow_up::table
        .filter(sanctuary_follow_up::job_id.eq_any(ids))
        .select((
            sanctuary_follow_up::job_id,
            sanctuary_follow_up::months,
            sanctuary_follow_up::answer,
            sanctuary_follow_up::settled_at,
        ))
        .load(conn)?;
    let mut follow_ups: BTreeMap<SanctuaryId, Vec<report::FollowUp>> = BTreeMap::new();
    for (job, months, answer, settled) in asked {
        let one = report::FollowUp { months, answer, settled: settled.is_some() };
        follow_ups.entry(job).or_default().push(one);
    }
    let measure = |row: super::Measure| report::Measure {
        kind: row.kind,
        number: row.number,
        cost_pence: row.cost_pence,
        state: row.state,
    };
    let told = jobs.into_iter().map(|job| report::Job {
        id: job.id,
        state: job.state,
        requested_on: job.requested_at.date(),
        signed_off_on: job.signed_off_on,
        measures: fitted.remove(&job.id).unwrap_or_default().into_iter().map(measure).collect(),
        follow_ups: follow_ups.remove(&job.id).unwrap_or_default(),
    });
    Ok(told.collect())
}
