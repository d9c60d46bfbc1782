//! Which cases and referrals somebody reads within an hour. Each process remembers its own for a moment; the worker adds
//! them up here, where those of all instances come together. (S31)

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;
use diesel::dsl::count_star;
use diesel::prelude::*;
use uuid::Uuid;

use super::Conn;
use super::conn::native;
use super::schema::reading;
use crate::clock::At;
use crate::error::AppError;
use crate::ids::{AccountId, EventId};

/// What was read: by whom, and what.
pub(super) type Read = (AccountId, Uuid);

/// What was read in this process and is not added up yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Readings(Arc<Mutex<BTreeSet<Read>>>);

impl Readings {
    fn held(&self) -> MutexGuard<'_, BTreeSet<Read>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn note(&self, read: Read) {
        self.held().insert(read);
    }

    pub fn take(&self) -> BTreeSet<Read> {
        std::mem::take(&mut *self.held())
    }

    pub fn give_back(&self, read: BTreeSet<Read>) {
        self.held().extend(read);
    }
}

/// How long what was read is remembered.
const KEPT: TimeDelta = TimeDelta::days(1);

/// The full hour that an instant is in.
fn hour(now: At) -> At {
    now - TimeDelta::microseconds(now.utc().timestamp_micros().rem_euclid(3_600_000_000))
}

/// Adds up what was read; gives back who has read more than `most` different things in this hour.
pub(super) fn add_up(conn: &mut Conn, read: &BTreeSet<Read>, now: At, most: i64) -> Result<Vec<AccountId>, AppError> {
    let hour = hour(now);
    for (account, object) in read {
        let row = (reading::account_id.eq(*account), reading::hour.eq(hour), reading::object_id.eq(EventId(*object)));
        native!(&mut *conn, conn => diesel::insert_into(reading::table).values(row).on_conflict_do_nothing().execute(conn))?;
    }
    let mut over = Vec::new();
    let readers: BTreeSet<AccountId> = read.iter().map(|(account, _)| *account).collect();
    for account in readers {
        let number: i64 = reading::table
            .filter(reading::account_id.eq(account))
            .filter(reading::hour.eq(hour))
            .select(count_star())
            .first(conn)?;
        if number > most {
            over.push(account);
        }
    }
    diesel::delete(reading::table.filter(reading::hour.lt(now - KEPT))).execute(conn)?;
    Ok(over)
}
