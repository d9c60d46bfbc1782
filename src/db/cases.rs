//! Cases, and the identities that belong to them: apart, and sealed.

use diesel::prelude::*;

use super::conn::MultiBackend;
use super::exclusions::{self, Reader};
use super::schema::{account, case, case_identity, case_secondary_reason, occupancy, organisation};
use super::waiting::waits;
use super::{Conn, Tx, merges};
use crate::auth::Actor;
use crate::clock::At;
use crate::domain::case::State;
use crate::domain::household::Needs;
use crate::domain::measures::people::Composition;
use crate::domain::occupancy::Kind;
use crate::domain::permission::{Action, Roles, may};
use crate::domain::reason::{DecidedBy, Outcome};
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, KeyId, OrganisationId};
use crate::vault::Sealed;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = case, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Case {
    pub id: CaseId,
    pub reference: String,
    pub organisation_id: OrganisationId,
    pub owner_id: AccountId,
    pub state: State,
    pub origin_area: Option<String>,
    pub referral_source: String,
    pub needs: Needs,
    pub opened_at: At,
    pub closed_at: Option<At>,
    pub outcome: Option<Outcome>,
    pub primary_reason: Option<String>,
    pub decided_by: Option<DecidedBy>,
    pub what_happened_next: Option<String>,
    pub version: i32,
    pub updated_at: At,
}

#[derive(Insertable)]
#[diesel(table_name = case_identity, treat_none_as_default_value = false)]
struct IdentityRow {
    case_id: CaseId,
    key_id: KeyId,
    sealed: Vec<u8>,
    version: i32,
    updated_at: At,
}

/// The cases that somebody may see: a caseworker her own and what is folded into them, a helpline manager those of the whole organisation.
/// Never one from which she is excluded, and for a while one that was opened to her in an emergency. (S17)
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    pub(super) reader: Reader,
    pub(super) owner: Option<AccountId>,
}

impl Scope {
    pub fn of(actor: &Actor) -> Self {
        let owner = (!actor.may(Action::SeeEveryCase)).then_some(actor.account);
        Self { reader: Reader::of(actor), owner }
    }
}

/// Selects, from whatever is joined with cases, those within a scope. Every query over the cases of somebody goes through
/// here.
macro_rules! within {
    ($query:expr, $scope:expr) => {{
        let scope: Scope = $scope;
        let mut found = $query
            .filter(case::organisation_id.eq(scope.reader.organisation))
            .filter(case::id.ne_all(exclusions::hidden!(scope.reader)));
        if let Some(owner) = scope.owner {
            let theirs = case::owner_id.eq(owner).or(case::id.eq_any($crate::db::merges::folded_into_own!(owner)));
            found = found.filter(theirs.or(case::id.eq_any(exclusions::opened!(scope.reader))));
        }
        found
    }};
}
pub(super) use within;

/// Where a page of cases begins: after the case opened then, with this id.
pub type After = (At, CaseId);

/// Cases within a scope that are not folded into another, the newest first.
///
/// # Errors
/// When the database fails.
pub fn page(
    conn: &mut Conn,
    scope: Scope,
    state: Option<State>,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Case>, AppError> {
    let cases = case::table
        .filter(case::id.ne_all(merges::folded!()))
        .order((case::opened_at.desc(), case::id.desc()))
        .limit(limit)
        .select(Case::as_select())
        .into_boxed();
    let mut cases = within!(cases, scope);
    if let Some(state) = state {
        cases = cases.filter(case::state.eq(state));
    }
    if let Some((opened_at, id)) = after {
        cases = cases.filter(case::opened_at.lt(opened_at).or(case::opened_at.eq(opened_at).and(case::id.lt(id))));
    }
    Ok(cases.load(conn)?)
}

/// The open cases of one worker within a scope, the oldest first.
///
/// # Errors
/// When the database fails.
pub fn open_of(conn: &mut Conn, scope: Scope, owner: AccountId, limit: i64) -> Result<Vec<Case>, AppError> {
    let cases = case::table
        .filter(case::state.eq(State::Open))
        .filter(case::owner_id.eq(owner))
        .order((case::opened_at, case::id))
        .limit(limit)
        .select(Case::as_select())
        .into_boxed();
    Ok(within!(cases, scope).load(conn)?)
}

/// How many open cases of one worker are within a scope.
///
/// # Errors
/// When the database fails.
pub fn count_of(conn: &mut Conn, scope: Scope, owner: AccountId) -> Result<i64, AppError> {
    let cases = case::table.filter(case::state.eq(State::Open)).filter(case::owner_id.eq(owner)).into_boxed();
    Ok(within!(cases, scope).count().get_result(conn)?)
}

/// Every open case of a worker, whoever may see it: for the system, when she goes.
///
/// # Errors
/// When the database fails.
pub(crate) fn open_owned(conn: &mut Conn, owner: AccountId) -> Result<Vec<(CaseId, OrganisationId)>, AppError> {
    Ok(case::table
        .filter(case::state.eq(State::Open))
        .filter(case::owner_id.eq(owner))
        .order(case::id)
        .select((case::id, case::organisation_id))
        .load(conn)?)
}

/// The open cases within a scope that have no place, nor one waiting for them: the longest waiting first.
///
/// # Errors
/// When the database fails.
pub fn waiting(conn: &mut Conn, scope: Scope, limit: i64) -> Result<Vec<Case>, AppError> {
    let cases = waits!(case::table.order((case::opened_at, case::id)).limit(limit).select(Case::as_select()));
    let cases = cases.into_boxed();
    Ok(within!(cases, scope).load(conn)?)
}

/// What every household needs that waits anywhere, whoever it is, and who sent it: but for those that are hidden from who
/// asks.
///
/// # Errors
/// When the database fails.
pub fn waiting_anywhere(conn: &mut Conn, reader: Reader) -> Result<Vec<(Needs, String)>, AppError> {
    let waiting = waits!(case::table).filter(case::id.ne_all(exclusions::hidden!(reader)));
    Ok(waiting.select((case::needs, case::referral_source)).load(conn)?)
}

/// The case with this reference, within a scope.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn with_reference(conn: &mut Conn, scope: Scope, reference: &str) -> Result<CaseId, AppError> {
    let found = case::table.filter(case::reference.eq(reference.to_owned())).select(case::id).into_boxed();
    Ok(within!(found, scope).first(conn)?)
}

/// A hold that is running for one of the cases within a scope.
#[derive(Debug, Clone)]
pub struct Held {
    pub case: CaseId,
    pub reference: String,
    pub ends_at: Option<At>,
}

/// The holds that are running at `now` for cases within a scope, the one that ends next first.
///
/// # Errors
/// When the database fails.
pub fn held(conn: &mut Conn, scope: Scope, now: At) -> Result<Vec<Held>, AppError> {
    let rows = occupancy::table
        .inner_join(case::table.on(occupancy::case_id.eq(case::id.nullable())))
        .filter(occupancy::kind.eq(Kind::Hold))
        .filter(occupancy::ends_at.gt(now))
        .order((occupancy::ends_at, occupancy::id))
        .select((case::id, case::reference, occupancy::ends_at))
        .into_boxed();
    let rows: Vec<(CaseId, String, Option<At>)> = within!(rows, scope).load(conn)?;
    Ok(rows.into_iter().map(|(case, reference, ends_at)| Held { case, reference, ends_at }).collect())
}

/// Whether somebody has written down who the household is.
///
/// # Errors
/// When the database fails.
pub fn has_identity(conn: &mut Conn, id: CaseId) -> Result<bool, AppError> {
    let found: Option<CaseId> = case_identity::table.find(id).select(case_identity::case_id).first(conn).optional()?;
    Ok(found.is_some())
}

/// A case within a scope.
///
/// # Errors
/// [`AppError::NotFound`], whether it does not exist or is not theirs to see.
pub fn find_in(conn: &mut Conn, scope: Scope, id: CaseId) -> Result<Case, AppError> {
    let found = case::table.filter(case::id.eq(id)).select(Case::as_select()).into_boxed();
    Ok(within!(found, scope).first(conn)?)
}

/// A case, whoever it belongs to: only for verbs that have checked that it is theirs to see.
///
/// # Errors
/// [`AppError::NotFound`].
pub(crate) fn find(conn: &mut Conn, id: CaseId) -> Result<Case, AppError> {
    Ok(case::table.find(id).select(Case::as_select()).first(conn)?)
}

/// # Errors
/// [`AppError::Contended`] when the reference is already in use.
pub fn insert(tx: &mut Tx, row: &Case) -> Result<(), AppError> {
    let kind = case::household_kind.eq(Composition::of(&row.needs));
    super::contended_when_taken(diesel::insert_into(case::table).values((row, kind)).execute(tx.conn))
}

/// Writes a case that is still at the version before it.
///
/// # Errors
/// [`AppError::Contended`] when it is not.
pub fn update(tx: &mut Tx, row: &Case) -> Result<(), AppError> {
    let updated = diesel::update(case::table.find(row.id).filter(case::version.eq(row.version - 1)))
        .set((
            case::owner_id.eq(row.owner_id),
            case::state.eq(row.state),
            case::origin_area.eq(&row.origin_area),
            case::referral_source.eq(&row.referral_source),
            case::needs.eq(&row.needs),
            case::household_kind.eq(Composition::of(&row.needs)),
            case::closed_at.eq(row.closed_at),
            case::outcome.eq(row.outcome),
            case::primary_reason.eq(&row.primary_reason),
            case::decided_by.eq(row.decided_by),
            case::what_happened_next.eq(&row.what_happened_next),
            case::version.eq(row.version),
            case::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    if updated == 1 { Ok(()) } else { Err(AppError::Contended) }
}

/// # Errors
/// When the database fails.
pub fn add_secondary_reason(tx: &mut Tx, of: CaseId, reason: &str) -> Result<(), AppError> {
    diesel::insert_into(case_secondary_reason::table)
        .values((case_secondary_reason::case_id.eq(of), case_secondary_reason::reason.eq(reason)))
        .execute(tx.conn)?;
    Ok(())
}

/// # Errors
/// When the database fails.
pub fn secondary_reasons(conn: &mut Conn, of: CaseId) -> Result<Vec<String>, AppError> {
    Ok(case_secondary_reason::table
        .filter(case_secondary_reason::case_id.eq(of))
        .order(case_secondary_reason::reason)
        .select(case_secondary_reason::reason)
        .load(conn)?)
}

/// The sealed identity of a household.
///
/// # Errors
/// [`AppError::NotFound`] when nobody has recorded one.
pub fn identity(conn: &mut Conn, id: CaseId) -> Result<Sealed, AppError> {
    let (key, bytes) =
        case_identity::table.find(id).select((case_identity::key_id, case_identity::sealed)).first(conn)?;
    Ok(Sealed { key, bytes })
}

/// Records the sealed identity of a household for the first time.
///
/// # Errors
/// When the database fails.
pub fn insert_identity(tx: &mut Tx, id: CaseId, sealed: Sealed) -> Result<(), AppError> {
    let Sealed { key, bytes } = sealed;
    let row = IdentityRow { case_id: id, key_id: key, sealed: bytes, version: 1, updated_at: tx.now };
    diesel::insert_into(case_identity::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Records the sealed identity of a household in place of any before.
///
/// # Errors
/// When the database fails.
pub fn put_identity(tx: &mut Tx, id: CaseId, sealed: Sealed) -> Result<(), AppError> {
    let updated = diesel::update(case_identity::table.find(id))
        .set((
            case_identity::key_id.eq(sealed.key),
            case_identity::sealed.eq(&sealed.bytes),
            case_identity::version.eq(case_identity::version + 1),
            case_identity::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    if updated == 0 { insert_identity(tx, id, sealed) } else { Ok(()) }
}

/// Whether somebody can own a case of this organisation.
///
/// # Errors
/// When the database fails.
pub fn can_own(conn: &mut Conn, id: AccountId, of: OrganisationId) -> Result<bool, AppError> {
    let found: Option<Roles> = account::table
        .inner_join(organisation::table)
        .filter(account::id.eq(id))
        .filter(account::organisation_id.eq(of))
        .filter(account::active.eq(true))
        .select(account::roles)
        .first(conn)
        .optional()?;
    Ok(found.is_some_and(|roles| may(&roles.0, Action::WorkCases)))
}
