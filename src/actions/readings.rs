//! Slowing down who reads or takes out more than one person needs. (S31)

use chrono::TimeDelta;

use super::alerts::{About, raise_bulk};
use crate::audit::{Change, Did, Event};
use crate::auth::Actor;
use crate::db::{Db, Tx, accounts, alerts, sessions};
use crate::domain::alert::WINDOW;
use crate::error::AppError;
use crate::ids::{AccountId, RequestId};

/// How long somebody waits who has read too much; whoever goes on after it within the same hour waits again.
const SLOWED: TimeDelta = TimeDelta::minutes(10);

/// Adds up what was read in this process with what others have, and slows down who has read too much; gives back how many.
/// The worker calls it every second.
///
/// # Errors
/// When the database fails.
pub async fn add_up(db: &Db) -> Result<usize, AppError> {
    let over = db.add_up_readings().await?;
    for account in &over {
        let (system, account) = (Actor::nobody(RequestId::new()), *account);
        db.write(&system, move |tx| slow(tx, account)).await?;
    }
    Ok(over.len())
}

fn slow(tx: &mut Tx, id: AccountId) -> Result<Change<()>, AppError> {
    let account = accounts::find(tx, None, id)?;
    let until = tx.now() + SLOWED;
    sessions::slow(tx, id, until)?;
    let alerts = raise_bulk(tx, About { account: id, organisation: account.organisation_id })?;
    Ok(Change::new((), Event::new(Did::AccountSlowed, id.0)).and_all(alerts))
}

/// Counts a file that the actor is taking out. Every export calls this in its own write.
///
/// # Errors
/// [`AppError::Slowed`] when she has taken out as many as one may within an hour.
pub(super) fn export(tx: &mut Tx) -> Result<Vec<Event>, AppError> {
    let about = About { account: tx.actor().account, organisation: tx.actor().organisation };
    let since = tx.now() + -WINDOW;
    let before = alerts::exports_of(tx, about.account, since)?;
    let most = tx.policy().exports_an_hour;
    if before >= most {
        return Err(AppError::Slowed { seconds: SLOWED.num_seconds() });
    }
    if before + 1 == most { raise_bulk(tx, about) } else { Ok(Vec::new()) }
}
