//! Codes that survivors were given, and who has used them.

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::conn::MultiBackend;
use super::schema::{account, case, journey, journey_attempt, journey_use, organisation};
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::journey::{Consent, Failures, Shares};
use crate::error::AppError;
use crate::ids::{AccountId, AttemptId, CaseId, JourneyId, JourneyUseId, OrganisationId};

/// One code, without the code.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = journey, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Journey {
    pub id: JourneyId,
    pub case_id: CaseId,
    /// Whose case it is.
    pub organisation_id: OrganisationId,
    /// A keyed digest of the code.
    pub hash: Vec<u8>,
    pub share: Shares,
    pub identity: bool,
    pub consent: Consent,
    pub created_by: AccountId,
    pub created_at: At,
    pub expires_at: At,
    pub revoked_at: Option<At>,
}

/// Somebody of another organisation who has used a code.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = journey_use, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Use {
    pub id: JourneyUseId,
    pub journey_id: JourneyId,
    pub organisation_id: OrganisationId,
    pub account_id: AccountId,
    pub reason: String,
    pub used_at: At,
}

/// The same as the survivor may be told it: who, of which organisation.
#[derive(Debug, Clone)]
pub struct UsedBy {
    pub used: Use,
    pub organisation: String,
    pub person: String,
}

#[derive(Insertable)]
#[diesel(table_name = journey_attempt, treat_none_as_default_value = false)]
struct Attempt<'a> {
    id: AttemptId,
    at: At,
    account: &'a [u8],
    address: &'a [u8],
}

/// # Errors
/// [`AppError::Contended`] when the code exists.
pub fn insert(tx: &mut Tx, row: &Journey) -> Result<(), AppError> {
    super::contended_when_taken(diesel::insert_into(journey::table).values(row).execute(tx.conn))
}

/// The codes of a case, the newest first: only for who has found the case within their scope.
///
/// # Errors
/// When the database fails.
pub fn of_case(conn: &mut Conn, of: CaseId) -> Result<Vec<Journey>, AppError> {
    Ok(journey::table
        .filter(journey::case_id.eq(of))
        .order((journey::created_at.desc(), journey::id.desc()))
        .select(Journey::as_select())
        .load(conn)?)
}

/// # Errors
/// [`AppError::NotFound`] unless it is a code of this case.
pub fn find_of(conn: &mut Conn, of: CaseId, id: JourneyId) -> Result<Journey, AppError> {
    Ok(journey::table.find(id).filter(journey::case_id.eq(of)).select(Journey::as_select()).first(conn)?)
}

/// # Errors
/// When the database fails.
pub fn with_hash(conn: &mut Conn, hash: &[u8]) -> Result<Option<Journey>, AppError> {
    Ok(journey::table.filter(journey::hash.eq(hash)).select(Journey::as_select()).first(conn).optional()?)
}

/// # Errors
/// When the database fails.
pub fn revoke(tx: &mut Tx, id: JourneyId) -> Result<(), AppError> {
    diesel::update(journey::table.find(id).filter(journey::revoked_at.is_null()))
        .set(journey::revoked_at.eq(tx.now))
        .execute(tx.conn)?;
    Ok(())
}

/// # Errors
/// When the database fails.
pub fn insert_use(tx: &mut Tx, row: &Use) -> Result<(), AppError> {
    diesel::insert_into(journey_use::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// What somebody has opened herself, and its code.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn used_by(conn: &mut Conn, who: AccountId, id: JourneyUseId) -> Result<(Use, Journey), AppError> {
    Ok(journey_use::table
        .inner_join(journey::table)
        .filter(journey_use::id.eq(id))
        .filter(journey_use::account_id.eq(who))
        .select((Use::as_select(), Journey::as_select()))
        .first(conn)?)
}

/// Who has used the codes of a case, the newest first.
///
/// # Errors
/// When the database fails.
pub fn uses(conn: &mut Conn, of: CaseId) -> Result<Vec<UsedBy>, AppError> {
    let rows: Vec<(Use, String, String)> = journey_use::table
        .inner_join(journey::table.inner_join(case::table))
        .inner_join(organisation::table)
        .inner_join(account::table)
        .filter(journey::case_id.eq(of))
        .order((journey_use::used_at.desc(), journey_use::id.desc()))
        .select((Use::as_select(), organisation::name, account::name))
        .load(conn)?;
    Ok(rows.into_iter().map(|(used, organisation, person)| UsedBy { used, organisation, person }).collect())
}

/// Codes that opened nothing since then.
///
/// # Errors
/// When the database fails.
pub fn failures(conn: &mut Conn, by: &[u8], from: &[u8], since: At) -> Result<Failures, AppError> {
    use super::schema::journey_attempt::dsl::{account, address, at, journey_attempt};
    let failed = || journey_attempt.filter(at.gt(since)).select(count_star()).into_boxed();
    Ok(Failures {
        by_account: failed().filter(account.eq(by.to_vec())).first(conn)?,
        from_address: failed().filter(address.eq(from.to_vec())).first(conn)?,
        all: failed().first(conn)?,
    })
}

/// # Errors
/// When the database fails.
pub fn record_attempt(tx: &mut Tx, by: &[u8], from: &[u8]) -> Result<(), AppError> {
    let row = Attempt { id: AttemptId::new(), at: tx.now, account: by, address: from };
    diesel::insert_into(journey_attempt::table).values(row).execute(tx.conn)?;
    Ok(())
}
