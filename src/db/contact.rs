//! Households that were reached outside their safe hours.

use diesel::prelude::*;

use super::Tx;
use super::schema::contact_override;
use crate::clock::At;
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, KeyId, OrganisationId, OverrideId};

/// Why it could not wait.
#[derive(Insertable)]
#[diesel(table_name = contact_override, treat_none_as_default_value = false)]
pub struct Override {
    pub id: OverrideId,
    pub case_id: CaseId,
    /// Of who reached them.
    pub organisation_id: OrganisationId,
    pub account_id: AccountId,
    pub at: At,
    pub reason: String,
    pub key_id: Option<KeyId>,
    pub sealed: Option<Vec<u8>>,
}

/// # Errors
/// When the database fails.
pub fn insert_override(tx: &mut Tx, row: &Override) -> Result<(), AppError> {
    diesel::insert_into(contact_override::table).values(row).execute(tx.conn)?;
    Ok(())
}
