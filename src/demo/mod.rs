//! The demonstration: the services as they were published, with invented people and an invented history of three months.
//!
//! Everything happens by the verbs that the API uses, in the order of time, so that every rule holds for it and the audit
//! tells it. A fixed seed makes the same history each time but for references and ids.

mod asked;
mod history;
mod homes;
mod people;
mod plan;
mod provision;
mod reasons;
mod scenes;
#[cfg(test)]
mod tests;

use thiserror::Error;

use crate::actions::releases;
use crate::audit::{Change, Did, Event};
use crate::clock::At;
use crate::db::installation::{Contents, contents, mark_demonstration};
use crate::db::mail::forget_notices;
use crate::db::{Db, History};
use crate::domain::permission::Role;
use crate::error::AppError;

/// The password of everybody in the demonstration.
pub const PASSWORD: &str = "demonstration only lantern";

/// How somebody signs in to the demonstration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    pub role: Role,
    pub organisation: &'static str,
    pub name: &'static str,
    pub email: &'static str,
    pub password: &'static str,
}

/// Why the demonstration was not loaded.
#[derive(Debug, Error)]
pub enum DemoError {
    #[error(
        "this database holds something other than the demonstration: nothing was loaded; name another database in \
         SAFEHOLD_DATABASE_URL"
    )]
    SomethingElse,
    #[error(transparent)]
    App(#[from] AppError),
}

/// Loads the demonstration with a history that ends `now`, all of it or nothing, and gives back one sign-in for each role.
/// Where it has been loaded before, it is left as it is. `progress` hears of each part before it begins.
///
/// # Errors
/// [`DemoError::SomethingElse`]; [`DemoError::App`] when the database fails.
pub async fn load(db: &Db, now: At, mut progress: impl FnMut(&str) + Send + 'static) -> Result<Vec<SignIn>, DemoError> {
    let found = db
        .load(move |history| {
            let found = contents(history.conn())?;
            if found == Contents::Nothing {
                write(history, now, &mut progress)?;
            }
            Ok(found)
        })
        .await?;
    if found != Contents::SomethingElse {
        while releases::make_due(db).await? > 0 {} // for who plans for an area has something to see
    }
    match found {
        Contents::SomethingElse => Err(DemoError::SomethingElse),
        Contents::Nothing | Contents::Demonstration => Ok(sign_ins()),
    }
}

/// One sign-in for each role.
pub fn sign_ins() -> Vec<SignIn> {
    let of_role = |role: &Role| {
        let account = provision::ACCOUNTS.iter().find(|account| account.role == *role)?;
        let provision::Account { organisation, role, name, email } = *account;
        Some(SignIn { role, organisation, name, email, password: PASSWORD })
    };
    Role::ALL.iter().filter_map(of_role).collect()
}

fn write(history: &mut History, now: At, progress: &mut impl FnMut(&str)) -> Result<(), AppError> {
    progress("Organisations, accounts, services and units");
    let provided = provision::provide(history, now - plan::LENGTH - plan::JOINED)?;
    progress(&format!(
        "{} services with {} units; planning what happens",
        provided.schemes.len(),
        provided.homes.len()
    ));
    let plan = history::plan(now, &provided)?;
    progress(&format!("{} cases in {} steps", plan.cases.len(), plan.steps.len()));
    history::tell(history, plan, progress)?;
    let administrator = provision::again(&provided.administrator);
    history.write(now, &administrator, |tx| {
        mark_demonstration(tx)?;
        forget_notices(tx)?; // nobody is told of what was invented
        Ok(Change::new((), Event::new(Did::DemonstrationLoaded, administrator.organisation.0)))
    })
}
