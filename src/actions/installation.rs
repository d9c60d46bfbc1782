//! Setting an installation up.

use crate::actions::{accounts, organisations};
use crate::audit::Change;
use crate::auth::Actor;
use crate::db::accounts::Account;
use crate::db::{Tx, organisations as stored};
use crate::domain::permission::{Kinds, OrganisationKind, Role, Roles};
use crate::error::AppError;
use crate::ids::RequestId;

/// Whoever sets the installation up, at its command line.
pub fn operator() -> Actor {
    Actor { roles: vec![Role::Administrator], ..Actor::nobody(RequestId::new()) }
}

/// An administrator.
#[derive(Clone)]
pub struct Administrator {
    pub organisation: String,
    pub email: String,
    pub name: String,
    pub password_hash: String,
}

/// Adds an administrator, and her organisation if there is none of that name.
///
/// # Errors
/// [`AppError::Invalid`] when the address is in use.
pub fn add_administrator(tx: &mut Tx, new: &Administrator) -> Result<Change<Account>, AppError> {
    let mut events = Vec::new();
    let organisation = if let Some(known) = stored::with_name(tx, &new.organisation)? {
        known
    } else {
        let kinds = Kinds(vec![OrganisationKind::Operator]);
        let (added, happened) = organisations::add(tx, &new.organisation, kinds)?.into_parts();
        events.extend(happened);
        added.id
    };
    let account = accounts::New {
        organisation: Some(organisation),
        email: new.email.clone(),
        name: new.name.clone(),
        roles: Roles(vec![Role::Administrator]),
        password_hash: new.password_hash.clone(),
    };
    Ok(accounts::add(tx, &account)?.and_all(events))
}
