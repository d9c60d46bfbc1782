//! By what people know the records behind a figure.

use std::collections::BTreeMap;

use diesel::prelude::*;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{case, placement, referral, unit};
use crate::domain::measures::records::Kind;
use crate::error::AppError;
use crate::ids::{CaseId, OccupancyId, ReferralId, UnitId};

/// A reference, and that of the case where the reader has cases.
#[derive(Debug, Clone)]
pub struct Named {
    /// Of a stay that of its referral, of a home its code.
    pub reference: String,
    pub case: Option<(CaseId, String)>,
}

/// Its id, its name, and the case that it belongs to.
type Row = (Uuid, String, Option<(CaseId, String)>);

/// The names of records of one kind. Whether they are the reader's has been asked before.
///
/// # Errors
/// When the database fails.
pub fn names(conn: &mut Conn, kind: Kind, ids: &[Uuid], with_cases: bool) -> Result<BTreeMap<Uuid, Named>, AppError> {
    let of_case = (case::id, case::reference);
    let rows: Vec<Row> = match kind {
        Kind::Referral => {
            let ids: Vec<ReferralId> = ids.iter().copied().map(ReferralId).collect();
            let rows: Vec<(ReferralId, String, (CaseId, String))> = referral::table
                .inner_join(case::table)
                .filter(referral::id.eq_any(ids))
                .select((referral::id, referral::reference, of_case))
                .load(conn)?;
            rows.into_iter().map(|(id, reference, case)| (id.0, reference, Some(case))).collect()
        }
        Kind::Stay => {
            let ids: Vec<OccupancyId> = ids.iter().copied().map(OccupancyId).collect();
            let rows: Vec<(OccupancyId, String, (CaseId, String))> = placement::table
                .inner_join(referral::table.inner_join(case::table))
                .filter(placement::id.eq_any(ids))
                .select((placement::id, referral::reference, of_case))
                .load(conn)?;
            rows.into_iter().map(|(id, reference, case)| (id.0, reference, Some(case))).collect()
        }
        Kind::Case => {
            let ids: Vec<CaseId> = ids.iter().copied().map(CaseId).collect();
            let rows: Vec<(CaseId, String)> = case::table.filter(case::id.eq_any(ids)).select(of_case).load(conn)?;
            rows.into_iter().map(|(id, reference)| (id.0, reference, None)).collect()
        }
        Kind::Unit => {
            let ids: Vec<UnitId> = ids.iter().copied().map(UnitId).collect();
            let rows: Vec<(UnitId, String)> =
                unit::table.filter(unit::id.eq_any(ids)).select((unit::id, unit::code)).load(conn)?;
            rows.into_iter().map(|(id, code)| (id.0, code, None)).collect()
        }
    };
    let named = |(id, reference, case): Row| (id, Named { reference, case: case.filter(|_| with_cases) });
    Ok(rows.into_iter().map(named).collect())
}
