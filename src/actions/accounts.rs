//! Looking after accounts.

use super::reassigning::left_behind;
use super::{changed, links};
use crate::audit::{Change, Did, Event};
use crate::auth::{Actor, password};
use crate::db::accounts::{self, Account, Edit};
use crate::db::{Tx, links as sent, organisations, sessions};
use crate::domain::Refusal;
use crate::domain::link::Purpose;
use crate::domain::permission::{Role, Roles, may_give};
use crate::error::AppError;
use crate::ids::{AccountId, OrganisationId};

/// A new account of somebody who chooses the password by the link in an invitation.
#[derive(Clone)]
pub struct Invited {
    /// Absent for one's own.
    pub organisation: Option<OrganisationId>,
    pub email: String,
    pub name: String,
    pub roles: Roles,
}

/// A new account with its password. It is hashed before the transaction begins: that takes a while.
#[derive(Clone)]
pub struct New {
    /// Absent for one's own.
    pub organisation: Option<OrganisationId>,
    pub email: String,
    pub name: String,
    pub roles: Roles,
    pub password_hash: String,
}

/// The organisation whose accounts somebody looks after; `None` is all of them.
pub fn scope(actor: &Actor) -> Option<OrganisationId> {
    (!actor.has(Role::Administrator)).then_some(actor.organisation)
}

/// What is wrong with a password for this person.
///
/// # Errors
/// [`AppError::Invalid`] at `/password`.
pub fn check_password(password: &str, email: &str, name: &str) -> Result<(), AppError> {
    match password::objection(password, &[email, name]) {
        None => Ok(()),
        Some(objection) => Err(AppError::body("/password", "weak", &objection)),
    }
}

/// Adds an account.
///
/// # Errors
/// [`AppError::Forbidden`] for roles or an organisation that are not the actor's to give; [`AppError::Refused`] when the
/// address is in use.
pub fn add(tx: &mut Tx, new: &New) -> Result<Change<Account>, AppError> {
    let organisation = new.organisation.unwrap_or(tx.actor().organisation);
    if scope(tx.actor()).is_some_and(|own| own != organisation) {
        return Err(AppError::NotFound);
    }
    organisations::find(tx, organisation)?;
    roles_to_give(tx, &new.roles)?;
    let id = AccountId::new();
    let email = new.email.to_lowercase();
    if accounts::with_email(tx, &email)?.is_some() {
        return Err(AppError::body("/email", "taken", &"this address cannot be used for a new account"));
    }
    let row = Account {
        id,
        organisation_id: organisation,
        email,
        name: new.name.clone(),
        roles: new.roles.clone(),
        password_hash: new.password_hash.clone(),
        active: true,
        stamp: 1,
        version: 1,
        created_at: tx.now(),
    };
    accounts::insert(tx, &row)?;
    Ok(Change::new(row, Event::new(Did::AccountAdded, id.0)))
}

/// Adds an account and sends its owner an invitation. Until it is accepted, nobody can sign in to it. (S26)
///
/// # Errors
/// As [`add`].
pub fn invite(tx: &mut Tx, new: &Invited) -> Result<Change<Account>, AppError> {
    let Invited { organisation, email, name, roles } = new.clone();
    let password_hash = String::new(); // which no password has
    let added = add(tx, &New { organisation, email, name, roles, password_hash })?;
    let event = links::send(tx, added.value(), Purpose::Invitation)?;
    Ok(added.and(event))
}

/// Changes an account that is still as it was when it was read. New roles and a deactivation bite on its next request.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`]; [`AppError::Stale`]; [`AppError::Refused`] for locking oneself out.
pub fn edit(tx: &mut Tx, id: AccountId, version: i32, edit: &Edit) -> Result<Change<Account>, AppError> {
    let scope = scope(tx.actor());
    let current = accounts::find(tx, scope, id)?;
    roles_to_give(tx, &current.roles)?;
    if let Some(roles) = &edit.roles {
        roles_to_give(tx, roles)?;
    }
    let own = id == tx.actor().account;
    if own && (edit.active == Some(false) || edit.roles.as_ref().is_some_and(|roles| *roles != current.roles)) {
        return Err(AppError::refused(id.0)(Refusal::OwnAccount));
    }
    let unseat = edit.active.is_some_and(|active| active != current.active)
        || edit.roles.as_ref().is_some_and(|roles| *roles != current.roles);
    let edited = accounts::update(tx, &current, version, edit, unseat)?;
    if unseat {
        sessions::revoke_all(tx, id)?;
    }
    if edit.active == Some(false) {
        sent::use_all(tx, id)?;
        if current.active {
            left_behind(tx, id)?;
        }
    }
    let fields = changed([
        ("name", edited.name != current.name),
        ("roles", edited.roles != current.roles),
        ("active", edited.active != current.active),
    ]);
    let event = Event::new(Did::AccountEdited, id.0).fields(fields);
    Ok(Change::new(edited, event))
}

/// Gives oneself a new password. Every session ends, this one too.
///
/// # Errors
/// When the database fails.
pub fn change_password(tx: &mut Tx, hash: &str) -> Result<Change<()>, AppError> {
    let id = tx.actor().account;
    accounts::set_password(tx, id, hash)?;
    sessions::revoke_all(tx, id)?;
    Ok(Change::new((), Event::new(Did::PasswordChanged, id.0)))
}

/// An account of somebody who may be looked after by whoever asks.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`] where the roles are not one's to give.
pub(super) fn looked_after(tx: &mut Tx, id: AccountId) -> Result<Account, AppError> {
    let scope = scope(tx.actor());
    let account = accounts::find(tx, scope, id)?;
    roles_to_give(tx, &account.roles)?;
    Ok(account)
}

fn roles_to_give(tx: &Tx, roles: &Roles) -> Result<(), AppError> {
    let all = roles.0.iter().all(|role| may_give(&tx.actor().roles, *role));
    if all { Ok(()) } else { Err(AppError::Forbidden) }
}
