//! What tells an organisation that it may have met somebody before: digests, compared within it alone. (S10)

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::cases::{self, Case, Scope};
use super::conn::{MultiBackend, native};
use super::schema::{case_likeness, identity_trace};
use super::{Conn, Tx, merges, vault};
use crate::clock::At;
use crate::domain::identity::Identity;
use crate::domain::repeat::{Kind, Why, strongest, traits};
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, KeyId, OrganisationId};

#[derive(Insertable)]
#[diesel(table_name = identity_trace, treat_none_as_default_value = false)]
struct Row {
    case_id: CaseId,
    organisation_id: OrganisationId,
    key_id: KeyId,
    kind: Kind,
    trace: Vec<u8>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = case_likeness, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
struct Likeness {
    case_id: CaseId,
    other_id: CaseId,
    same: bool,
    decided_by: AccountId,
    decided_at: At,
}

/// Another case that may be about the same person.
#[derive(Debug, Clone)]
pub struct Repeat {
    pub case: Case,
    pub why: Vec<Why>,
    /// Whether somebody has said that it is the same person.
    pub same: bool,
}

/// Notes what of an identity is compared, in place of what was noted before: under each key of the organisation that still
/// opens something, so that those who were noted under an older one are found too.
///
/// # Errors
/// When the database fails.
pub fn put_traces(tx: &mut Tx, case: CaseId, of: OrganisationId, identity: &Identity) -> Result<(), AppError> {
    diesel::delete(identity_trace::table.filter(identity_trace::case_id.eq(case))).execute(tx.conn)?;
    let traits = traits(identity);
    let mut rows = Vec::new();
    for key in vault::keys(tx, of)? {
        rows.extend(traits.iter().map(|one| Row {
            case_id: case,
            organisation_id: of,
            key_id: key.id,
            kind: one.kind,
            trace: key.trace(one.kind.label(), &one.value),
        }));
    }
    if !rows.is_empty() {
        native!(&mut *tx.conn, conn => diesel::insert_into(identity_trace::table).values(&rows).execute(conn))?;
    }
    Ok(())
}

/// Forgets everybody that an organisation could recognise.
///
/// # Errors
/// When the database fails.
pub fn forget(tx: &mut Tx, of: OrganisationId) -> Result<(), AppError> {
    diesel::delete(identity_trace::table.filter(identity_trace::organisation_id.eq(of))).execute(tx.conn)?;
    Ok(())
}

/// The other cases within a scope that may be about the same person as this one, the newest first; those of which somebody
/// has said that they are about another are left out.
///
/// # Errors
/// [`AppError::NotFound`] when the case is not within the scope.
pub fn of_case(conn: &mut Conn, scope: Scope, id: CaseId) -> Result<Vec<Repeat>, AppError> {
    let case = cases::find_in(conn, scope, id)?;
    if merges::of_folded(conn, id)?.is_some() {
        return Ok(Vec::new());
    }
    let mine: Vec<(Kind, Vec<u8>)> = identity_trace::table
        .filter(identity_trace::case_id.eq(id))
        .select((identity_trace::kind, identity_trace::trace))
        .load(conn)?;
    if mine.is_empty() {
        return Ok(Vec::new());
    }
    let traces: Vec<Vec<u8>> = mine.iter().map(|(_, trace)| trace.clone()).collect();
    let theirs: Vec<(CaseId, Kind, Vec<u8>)> = identity_trace::table
        .filter(identity_trace::organisation_id.eq(case.organisation_id))
        .filter(identity_trace::trace.eq_any(traces))
        .filter(identity_trace::case_id.ne(id))
        .filter(identity_trace::case_id.ne_all(merges::folded!()))
        .select((identity_trace::case_id, identity_trace::kind, identity_trace::trace))
        .load(conn)?;
    let mut alike: BTreeMap<CaseId, BTreeSet<Why>> = BTreeMap::new();
    for (other, kind, trace) in theirs {
        let why = mine.iter().filter(|(_, known)| *known == trace).filter_map(|(known, _)| known.like(kind));
        alike.entry(other).or_default().extend(why);
    }
    let said: BTreeMap<CaseId, bool> = decided(conn, id)?;
    let mut repeats = Vec::new();
    for (other, why) in alike {
        let same = said.get(&other).copied();
        if why.is_empty() || same == Some(false) {
            continue;
        }
        match cases::find_in(conn, scope, other) {
            Ok(case) => repeats.push(Repeat { case, why: strongest(why), same: same == Some(true) }),
            Err(AppError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    repeats.sort_by_key(|repeat| std::cmp::Reverse((repeat.case.opened_at, repeat.case.id)));
    Ok(repeats)
}

fn decided(conn: &mut Conn, id: CaseId) -> Result<BTreeMap<CaseId, bool>, AppError> {
    let rows: Vec<Likeness> = case_likeness::table
        .filter(case_likeness::case_id.eq(id).or(case_likeness::other_id.eq(id)))
        .select(Likeness::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(|row| (if row.case_id == id { row.other_id } else { row.case_id }, row.same)).collect())
}

/// Remembers whether two cases are about the same person.
///
/// # Errors
/// When the database fails.
pub fn decide(tx: &mut Tx, one: CaseId, other: CaseId, same: bool) -> Result<(), AppError> {
    let (case_id, other_id) = if one < other { (one, other) } else { (other, one) };
    diesel::delete(case_likeness::table.find((case_id, other_id))).execute(tx.conn)?;
    let row = Likeness { case_id, other_id, same, decided_by: tx.actor.account, decided_at: tx.now };
    diesel::insert_into(case_likeness::table).values(row).execute(tx.conn)?;
    Ok(())
}
