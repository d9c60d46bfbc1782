//! Accounts: the people who work with this.

use diesel::prelude::*;

use super::conn::MultiBackend;
use super::schema::{account, organisation};
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::permission::Roles;
use crate::error::AppError;
use crate::ids::{AccountId, OrganisationId};

#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = account, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Account {
    pub id: AccountId,
    pub organisation_id: OrganisationId,
    /// In lower case.
    pub email: String,
    pub name: String,
    pub roles: Roles,
    pub password_hash: String,
    pub active: bool,
    pub stamp: i32,
    pub version: i32,
    pub created_at: At,
}

impl Account {
    /// Whether its owner has not accepted the invitation yet, and so has no password.
    pub fn invited(&self) -> bool {
        self.password_hash.is_empty()
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account({})", self.id.0)
    }
}

/// What may be changed about an account; `None` leaves it as it is.
#[derive(Clone, AsChangeset)]
#[diesel(table_name = account)]
pub struct Edit {
    pub name: Option<String>,
    pub roles: Option<Roles>,
    pub active: Option<bool>,
}

/// Accounts of one organisation, or of all, in the order of their names, after that account if one is given. (By its id: a
/// cursor is part of a URL, where no name belongs.)
///
/// # Errors
/// [`AppError::NotFound`] when there is no such account to begin after.
pub fn page(
    conn: &mut Conn,
    of: Option<OrganisationId>,
    after: Option<AccountId>,
    limit: i64,
) -> Result<Vec<Account>, AppError> {
    let mut rows =
        account::table.order((account::name, account::id)).limit(limit).select(Account::as_select()).into_boxed();
    if let Some(organisation) = of {
        rows = rows.filter(account::organisation_id.eq(organisation));
    }
    if let Some(id) = after {
        let name = find(conn, of, id)?.name;
        rows = rows.filter(account::name.gt(name.clone()).or(account::name.eq(name).and(account::id.gt(id))));
    }
    Ok(rows.load(conn)?)
}

/// An account, of this organisation if one is given.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn find(conn: &mut Conn, of: Option<OrganisationId>, id: AccountId) -> Result<Account, AppError> {
    let mut row = account::table.filter(account::id.eq(id)).select(Account::as_select()).into_boxed();
    if let Some(organisation) = of {
        row = row.filter(account::organisation_id.eq(organisation));
    }
    Ok(row.first(conn)?)
}

/// An account by its e-mail address in lower case, and whether it and its organisation are active.
///
/// # Errors
/// When the database fails.
pub fn with_email(conn: &mut Conn, email: &str) -> Result<Option<(Account, bool)>, AppError> {
    let found: Option<(Account, bool)> = account::table
        .inner_join(organisation::table)
        .filter(account::email.eq(email))
        .select((Account::as_select(), organisation::active))
        .first(conn)
        .optional()?;
    Ok(found.map(|(account, organisation)| {
        let active = account.active && organisation;
        (account, active)
    }))
}

/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx, row: &Account) -> Result<(), AppError> {
    diesel::insert_into(account::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Changes an account that is still at `version`. With `unseat`, every session it has is over.
///
/// # Errors
/// [`AppError::Stale`] when it is not.
pub fn update(tx: &mut Tx, current: &Account, version: i32, edit: &Edit, unseat: bool) -> Result<Account, AppError> {
    let stamp = current.stamp + i32::from(unseat);
    diesel::update(account::table.find(current.id).filter(account::version.eq(version)))
        .set((edit, account::stamp.eq(stamp), account::version.eq(version + 1)))
        .returning(account::all_columns)
        .get_result(tx.conn)
        .optional()?
        .ok_or(AppError::Stale { current_version: current.version })
}

/// Gives an account a new password; every session it has is over.
///
/// # Errors
/// When the database fails.
pub fn set_password(tx: &mut Tx, id: AccountId, hash: &str) -> Result<(), AppError> {
    diesel::update(account::table.find(id))
        .set((account::password_hash.eq(hash), account::stamp.eq(account::stamp + 1)))
        .execute(tx.conn)?;
    Ok(())
}
