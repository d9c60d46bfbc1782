//! By what people know the records behind a figure.

use std::collections::BTreeMap;

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use uuid::Uuid;

use super::Perspective;
use crate::clock::At;
use crate::db::Conn;
use crate::db::exclusions::{self, Reader};
use crate::db::schema::{
    case, case_merge, case_secondary_reason, placement, referral, referral_secondary_reason, sanctuary_job, service,
    unit, vacancy,
};
use crate::domain::measures::records::Kind;
use crate::error::AppError;
use crate::ids::{CaseId, OccupancyId, ReferralId, SanctuaryId, UnitId, VacancyId};

/// A reference, and that of the case where the reader has cases.
#[derive(Debug, Clone, Default)]
pub struct Named {
    /// Of a stay that of its referral, of a home or of a vacancy the code of the home.
    pub reference: String,
    pub case: Option<(CaseId, String)>,
    /// Of a vacancy.
    pub home: Option<UnitId>,
}

/// The names of records of one kind. Whether they are the reader's has been asked before.
///
/// # Errors
/// When the database fails.
pub fn names(conn: &mut Conn, kind: Kind, ids: &[Uuid], with_cases: bool) -> Result<BTreeMap<Uuid, Named>, AppError> {
    let of_case = (case::id, case::reference);
    let ids = ids.iter().copied();
    let alone = |reference| Named { reference, ..Named::default() };
    let with =
        |reference, case: (CaseId, String)| Named { case: Some(case).filter(|_| with_cases), ..alone(reference) };
    Ok(match kind {
        Kind::Referral => {
            let rows: Vec<(ReferralId, String, (CaseId, String))> = referral::table
                .inner_join(case::table)
                .filter(referral::id.eq_any(ids.map(ReferralId)))
                .select((referral::id, referral::reference, of_case))
                .load(conn)?;
            rows.into_iter().map(|(id, reference, case)| (id.0, with(reference, case))).collect()
        }
        Kind::Stay => {
            let rows: Vec<(OccupancyId, String, (CaseId, String))> = placement::table
                .inner_join(referral::table.inner_join(case::table))
                .filter(placement::id.eq_any(ids.map(OccupancyId)))
                .select((placement::id, referral::reference, of_case))
                .load(conn)?;
            rows.into_iter().map(|(id, reference, case)| (id.0, with(reference, case))).collect()
        }
        Kind::SanctuaryJob => {
            let rows: Vec<(SanctuaryId, String, (CaseId, String))> = sanctuary_job::table
                .inner_join(case::table)
                .filter(sanctuary_job::id.eq_any(ids.map(SanctuaryId)))
                .select((sanctuary_job::id, sanctuary_job::reference, of_case))
                .load(conn)?;
            rows.into_iter().map(|(id, reference, case)| (id.0, with(reference, case))).collect()
        }
        Kind::Case => {
            let rows: Vec<(CaseId, String)> =
                case::table.filter(case::id.eq_any(ids.map(CaseId))).select(of_case).load(conn)?;
            rows.into_iter().map(|(id, reference)| (id.0, alone(reference))).collect()
        }
        Kind::Unit => {
            let rows: Vec<(UnitId, String)> =
                unit::table.filter(unit::id.eq_any(ids.map(UnitId))).select((unit::id, unit::code)).load(conn)?;
            rows.into_iter().map(|(id, code)| (id.0, alone(code))).collect()
        }
        Kind::Vacancy => {
            let rows: Vec<(VacancyId, UnitId, String)> = vacancy::table
                .inner_join(unit::table)
                .filter(vacancy::id.eq_any(ids.map(VacancyId)))
                .select((vacancy::id, unit::id, unit::code))
                .load(conn)?;
            rows.into_iter().map(|(id, home, code)| (id.0, Named { home: Some(home), ..alone(code) })).collect()
        }
    })
}

/// Each reason that was given beside the primary one of a referral sent within `[from, to)`, with the id of the referral.
///
/// # Errors
/// When the database fails.
pub fn sent_with_secondary_reasons(
    conn: &mut Conn,
    of: Perspective,
    reader: Reader,
    from: At,
    to: At,
) -> Result<Vec<(Uuid, String)>, AppError> {
    let mut rows = referral_secondary_reason::table
        .inner_join(referral::table.inner_join(case::table).inner_join(service::table))
        .filter(case::id.ne_all(exclusions::hidden!(reader)))
        .filter(referral::sent_at.ge(from))
        .filter(referral::sent_at.lt(to))
        .select((referral::id, referral_secondary_reason::reason))
        .into_boxed();
    rows = match of {
        Perspective::Provider(provider) => rows.filter(service::organisation_id.eq(provider)),
        Perspective::Referrer(referrer) => rows.filter(case::organisation_id.eq(referrer)),
    };
    let rows: Vec<(ReferralId, String)> = rows.load(conn)?;
    Ok(rows.into_iter().map(|(id, reason)| (id.0, reason)).collect())
}

/// Each reason that was given beside the primary one of a case of the reader's organisation that was closed within
/// `[from, to)`, with the id of the case.
///
/// # Errors
/// When the database fails.
pub fn closed_with_secondary_reasons(
    conn: &mut Conn,
    reader: Reader,
    from: At,
    to: At,
) -> Result<Vec<(Uuid, String)>, AppError> {
    let folded = case_merge::table.filter(case_merge::folded_id.eq(case::id)).filter(case_merge::undone_at.is_null());
    let rows: Vec<(CaseId, String)> = case_secondary_reason::table
        .inner_join(case::table)
        .filter(case::organisation_id.eq(reader.organisation))
        .filter(case::id.ne_all(exclusions::hidden!(reader)))
        .filter(not(exists(folded)))
        .filter(case::closed_at.ge(from))
        .filter(case::closed_at.lt(to))
        .select((case::id, case_secondary_reason::reason))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, reason)| (id.0, reason)).collect())
}
