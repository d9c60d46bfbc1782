//! Who waits for a place: one query for each kind of fact, whatever the number of households.

use std::collections::BTreeMap;

use diesel::dsl::{max, min};
use diesel::prelude::*;

use super::cases::{Case, Scope, within};
use super::schema::{audit_event, case, occupancy, referral, service, task, unit, vacancy, watch_match};
use super::vacancies::current;
use super::{Conn, exclusions};
use crate::clock::At;
use crate::domain::eligibility::Verdict;
use crate::domain::household::Needs;
use crate::domain::occupancy::Kind;
use crate::domain::referral::State as Referral;
use crate::domain::task::Kind as Task;
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, OrganisationId, ReferralId};

/// Selects, from whatever is joined with cases, those that wait: open, with no place and none that expects them, and not
/// folded into another. This is the one place that says who waits; whoever is safe at home is left out here.
macro_rules! waits {
    ($query:expr) => {{
        use $crate::db::schema::{case as waiting, placement as place, referral as sent};
        use $crate::domain::placement::State as Stay;
        let place = place::table
            .inner_join(sent::table)
            .filter(sent::case_id.eq(waiting::id))
            .filter(place::state.eq(Stay::Expected).or(place::state.eq(Stay::Arrived)));
        $query
            .filter(waiting::state.eq($crate::domain::case::State::Open))
            .filter(diesel::dsl::not(diesel::dsl::exists(place)))
            .filter(waiting::id.ne_all($crate::db::merges::folded!()))
            .filter(waiting::id.ne_all($crate::db::sanctuary::safe_at_home!()))
    }};
}
pub(super) use waits;

/// Which of those who wait.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub owner: Option<AccountId>,
    /// Opened before this instant.
    pub opened_before: Option<At>,
}

/// A case that waits, as far as every one is looked at.
#[derive(Debug, Clone, Copy, Queryable)]
pub struct Waiting {
    pub id: CaseId,
    pub opened_at: At,
}

/// The cases that wait within a scope, the longest waiting first.
///
/// # Errors
/// When the database fails.
pub fn all(conn: &mut Conn, scope: Scope, filter: &Filter) -> Result<Vec<Waiting>, AppError> {
    let cases = waits!(case::table.order((case::opened_at, case::id)).select((case::id, case::opened_at))).into_boxed();
    let mut cases = within!(cases, scope);
    if let Some(owner) = filter.owner {
        cases = cases.filter(case::owner_id.eq(owner));
    }
    if let Some(before) = filter.opened_before {
        cases = cases.filter(case::opened_at.lt(before));
    }
    Ok(cases.load(conn)?)
}

/// The same with what they need: for a filter by that, and for a summary by area.
///
/// # Errors
/// When the database fails.
pub fn all_with_needs(conn: &mut Conn, scope: Scope, filter: &Filter) -> Result<Vec<(Waiting, Needs)>, AppError> {
    let columns = ((case::id, case::opened_at), case::needs);
    let cases = waits!(case::table.order((case::opened_at, case::id)).select(columns)).into_boxed();
    let mut cases = within!(cases, scope);
    if let Some(owner) = filter.owner {
        cases = cases.filter(case::owner_id.eq(owner));
    }
    if let Some(before) = filter.opened_before {
        cases = cases.filter(case::opened_at.lt(before));
    }
    Ok(cases.load(conn)?)
}

/// When somebody of this organisation last looked up how to reach the household of each case. What else tells of contact
/// is added here.
///
/// # Errors
/// When the database fails.
pub fn last_contact(conn: &mut Conn, of: OrganisationId) -> Result<BTreeMap<CaseId, At>, AppError> {
    let rows: Vec<(CaseId, Option<At>)> = audit_event::table
        .filter(diesel::dsl::sql::<diesel::sql_types::Bool>("\"audit_event\".\"action\" = 'contact.disclosed'")) // as in the partial index: a parameter would hide it
        .filter(audit_event::organisation_id.eq(of))
        .group_by(audit_event::object_id)
        .select((audit_event::object_id, max(audit_event::at)))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, at)| Some((id, at?))).collect())
}

/// A referral that waits for somebody.
#[derive(Debug, Clone, Queryable)]
pub struct Open {
    pub case: CaseId,
    pub id: ReferralId,
    pub reference: String,
    pub state: Referral,
    pub sent_at: At,
}

/// The referrals of an organisation's open cases that are not decided, the oldest first.
///
/// # Errors
/// When the database fails.
pub fn open_referrals(conn: &mut Conn, of: OrganisationId) -> Result<Vec<Open>, AppError> {
    Ok(referral::table
        .inner_join(case::table)
        .filter(case::organisation_id.eq(of))
        .filter(case::state.eq(crate::domain::case::State::Open))
        .filter(referral::state.eq_any([Referral::Sent, Referral::InformationRequested]))
        .order((referral::sent_at, referral::id))
        .select((referral::case_id, referral::id, referral::reference, referral::state, referral::sent_at))
        .load(conn)?)
}

/// Since when a suitable place has been known for cases of an organisation that are under watch, of those places that can
/// still be had.
///
/// # Errors
/// When the database fails.
pub fn places(conn: &mut Conn, of: OrganisationId, now: At, since: At) -> Result<BTreeMap<CaseId, At>, AppError> {
    let found = watch_match::table
        .inner_join(case::table.on(case::id.eq(watch_match::case_id)))
        .inner_join(vacancy::table.on(vacancy::id.eq(watch_match::vacancy_id)))
        .inner_join(unit::table.on(unit::id.eq(vacancy::unit_id)))
        .inner_join(service::table.on(service::id.eq(unit::service_id)))
        .filter(case::organisation_id.eq(of))
        .filter(watch_match::verdict.eq(Verdict::Suitable))
        .group_by(watch_match::case_id)
        .select((watch_match::case_id, min(watch_match::found_at)));
    let rows: Vec<(CaseId, Option<At>)> = current!(found, now, since).load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, at)| Some((id, at?))).collect())
}

/// The calls that were promised to households of an organisation and not made by now: the first of each.
///
/// # Errors
/// When the database fails.
pub fn calls_due(conn: &mut Conn, of: OrganisationId, now: At) -> Result<BTreeMap<CaseId, At>, AppError> {
    let rows: Vec<(Option<CaseId>, Option<At>)> = task::table
        .filter(task::organisation_id.eq(of))
        .filter(task::kind.eq(Task::CallBack))
        .filter(task::ended_at.is_null())
        .filter(task::due_at.le(now))
        .filter(task::case_id.is_not_null())
        .group_by(task::case_id)
        .select((task::case_id, min(task::due_at)))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, at)| Some((id?, at?))).collect())
}

/// Cases that were found to be somebody's to see, by their ids.
///
/// # Errors
/// When the database fails.
pub fn cases(conn: &mut Conn, scope: Scope, ids: &[CaseId]) -> Result<BTreeMap<CaseId, Case>, AppError> {
    let found = case::table.filter(case::id.eq_any(ids)).select(Case::as_select()).into_boxed();
    let rows: Vec<Case> = within!(found, scope).load(conn)?;
    Ok(rows.into_iter().map(|case| (case.id, case)).collect())
}
