//! Facts about this installation as a whole.

use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use diesel::prelude::*;

use super::Conn;
use super::schema::{audit_event, installation};
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
        Some(value) if BASE64.decode(&value).is_ok_and(|value| vault.made(&value)) => Ok(()),
        Some(_) => {
            Err(AppError::internal("the master key in the key file is not the one that this database was made with"))
        }
    }
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

fn fact(conn: &mut Conn, name: &str) -> Result<Option<String>, AppError> {
    Ok(installation::table.find(name).select(installation::value).first(conn).optional()?)
}

fn set(conn: &mut Conn, name: &str, value: &str) -> Result<(), AppError> {
    diesel::insert_into(installation::table)
        .values((installation::name.eq(name), installation::value.eq(value)))
        .execute(conn)?;
    Ok(())
}
