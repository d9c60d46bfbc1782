//! Facts about this installation as a whole.

use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use diesel::prelude::*;

use super::schema::{account, audit_event, audit_link, installation, organisation};
use super::{Conn, Tx};
use crate::clock::At;
use crate::error::AppError;
use crate::ids::EventId;
use crate::vault::Vault;

const KEY_CHECK: &str = "key_check";
const DEMONSTRATION: &str = "demonstration";

pub(super) fn ping(conn: &mut Conn) -> Result<(), AppError> {
    installation::table.select(installation::name).limit(1).load::<String>(conn)?;
    Ok(())
}

pub(super) fn check_keys(conn: &mut Conn, vault: &Vault) -> Result<(), AppError> {
    match fact(conn, KEY_CHECK)? {
        None => set(conn, KEY_CHECK, &BASE64.encode(vault.check_value()?)),
        Some(value) if BASE64.decode(&value).is_ok_and(|value| vault.made(&value)) => {
            let missing = super::vault::masters(conn)?.into_iter().find(|name| !vault.has(name));
            missing.map_or(Ok(()), |name| {
                Err(AppError::internal(format!(
                    "the master key {name}, on which data keys hang, is not in the key file"
                )))
            })
        }
        Some(_) => {
            Err(AppError::internal("the master key in the key file is not the one that this database was made with"))
        }
    }
}

/// From now on, keys are those of this database when they have the newest master key.
///
/// # Errors
/// When the database fails.
pub fn renew_key_check(tx: &mut Tx) -> Result<(), AppError> {
    let value = BASE64.encode(tx.keys.vault.check_value()?);
    diesel::update(installation::table.find(KEY_CHECK)).set(installation::value.eq(value)).execute(tx.conn)?;
    Ok(())
}

/// What a database holds, as far as a demonstration is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    Nothing,
    Demonstration,
    SomethingElse,
}

/// # Errors
/// When the database fails.
pub fn contents(conn: &mut Conn) -> Result<Contents, AppError> {
    if fact(conn, DEMONSTRATION)?.is_some() {
        return Ok(Contents::Demonstration);
    }
    // Whatever happens leaves an event, a failed sign-in too.
    let happened: Option<EventId> = audit_event::table.select(audit_event::id).first(conn).optional()?;
    Ok(if happened.is_none() { Contents::Nothing } else { Contents::SomethingElse })
}

/// Says for good that this database holds a demonstration.
///
/// # Errors
/// When the database fails.
pub fn mark_demonstration(conn: &mut Conn) -> Result<(), AppError> {
    set(conn, DEMONSTRATION, "invented people and history over published facts about services")
}

/// How an installation is, as far as its database knows.
#[derive(Debug, Clone)]
pub struct State {
    /// What the database is called.
    pub database: &'static str,
    pub demonstration: bool,
    pub organisations: i64,
    /// Accounts that can sign in, as far as they themselves are concerned.
    pub accounts: i64,
    pub closed_accounts: i64,
    /// Events of the audit that are in its chain, and those that wait for it.
    pub sealed: i64,
    pub unsealed: i64,
    /// When the last of them happened that is in the chain.
    pub sealed_to: Option<At>,
}

/// # Errors
/// When the database fails.
pub fn state(conn: &mut Conn) -> Result<State, AppError> {
    let database = match conn {
        Conn::Postgres(_) => "PostgreSQL",
        Conn::Sqlite(_) => "SQLite",
    };
    let accounts = account::table.filter(account::active.eq(true)).count().get_result(conn)?;
    let closed_accounts = account::table.filter(account::active.eq(false)).count().get_result(conn)?;
    let organisations = organisation::table.filter(organisation::active.eq(true)).count().get_result(conn)?;
    let sealed: i64 = audit_link::table.count().get_result(conn)?;
    let events: i64 = audit_event::table.count().get_result(conn)?;
    let sealed_to = audit_link::table
        .inner_join(audit_event::table)
        .order(audit_link::position.desc())
        .select(audit_event::at)
        .first(conn)
        .optional()?;
    Ok(State {
        database,
        demonstration: fact(conn, DEMONSTRATION)?.is_some(),
        organisations,
        accounts,
        closed_accounts,
        sealed,
        unsealed: (events - sealed).max(0),
        sealed_to,
    })
}

fn fact(conn: &mut Conn, name: &str) -> Result<Option<String>, AppError> {
    Ok(installation::table.find(name).select(installation::value).first(conn).optional()?)
}

fn set(conn: &mut Conn, name: &str, value: &str) -> Result<(), AppError> {
    diesel::insert_into(installation::table)
        .values((installation::name.eq(name), installation::value.eq(value)))
        .execute(conn)?;
    Ok(())
}
