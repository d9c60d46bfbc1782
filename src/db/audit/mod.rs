//! Storing, chaining, checking and reading the audit. What it is for: [`crate::audit`].

pub mod looks;
pub mod reading;
mod verification;

use chrono::TimeDelta;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::conn::{MultiBackend, native};
use super::schema::{audit_event, audit_link, outbox};
use super::{Conn, Tx};
use crate::audit::{Change, Event, Head, Key};
use crate::clock::At;
use crate::error::AppError;
use crate::ids::{AccountId, EventId, NoticeId, OrganisationId, RequestId};

pub(super) use self::verification::Check;
pub use self::verification::Verification;

/// Longer than any write transaction may last, by far: an event is in the table before this much time has passed.
const LATEST_COMMIT: TimeDelta = TimeDelta::minutes(10);
/// How many events are chained in one transaction.
pub const SEALED_AT_ONCE: usize = 1_000;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_event, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
struct Row {
    id: EventId,
    at: At,
    account_id: AccountId,
    organisation_id: OrganisationId,
    request_id: RequestId,
    action: String,
    object: String,
    object_id: EventId,
    fields: String,
    reason: String,
    mac: Vec<u8>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_link, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
struct Link {
    position: i64,
    event_id: EventId,
    hash: Vec<u8>,
}

#[derive(Insertable)]
#[diesel(table_name = outbox, treat_none_as_default_value = false)]
struct Notice {
    id: NoticeId,
    topic: &'static str,
    subject_id: EventId,
    created_at: At,
    done_by: Option<AccountId>,
}

impl Row {
    fn new(tx: &Tx, event: &Event) -> Self {
        let mut row = Self {
            id: EventId::new(),
            at: tx.now,
            account_id: tx.actor.account,
            organisation_id: event.organisation().unwrap_or(tx.actor.organisation),
            request_id: tx.actor.request,
            action: event.action().to_owned(),
            object: event.kind().to_owned(),
            object_id: EventId(event.object()),
            fields: event.field_names(),
            reason: event.reason().to_owned(),
            mac: Vec::new(),
        };
        row.mac = row.proof(&tx.keys.audit);
        row
    }

    fn proof(&self, key: &Key) -> Vec<u8> {
        key.mac(&[
            self.id.0.as_bytes(),
            &self.at.utc().timestamp_micros().to_be_bytes(),
            self.account_id.0.as_bytes(),
            self.organisation_id.0.as_bytes(),
            self.request_id.0.as_bytes(),
            self.action.as_bytes(),
            self.object.as_bytes(),
            self.object_id.0.as_bytes(),
            self.fields.as_bytes(),
            self.reason.as_bytes(),
        ])
    }
}

impl Link {
    fn after(previous: Option<&Self>, event: &Row, key: &Key) -> Self {
        let position = previous.map_or(1, |link| link.position + 1);
        let hash = key.mac(&[previous.map_or(&[][..], |link| &link.hash), &position.to_be_bytes(), &event.mac]);
        Self { position, event_id: event.id, hash }
    }
}

/// Stores the events of a change, and the notices that they imply; gives back what the change was about.
pub(super) fn record<T>(tx: &mut Tx, change: Change<T>) -> Result<T, AppError> {
    let (value, events) = change.into_parts();
    let rows: Vec<_> = events.iter().map(|event| Row::new(tx, event)).collect();
    let notices: Vec<_> = events
        .iter()
        .filter_map(Event::notice)
        .map(|(topic, subject)| Notice {
            id: NoticeId::new(),
            topic,
            subject_id: EventId(subject),
            created_at: tx.now,
            done_by: Some(tx.actor.account).filter(|account| *account != AccountId::NOBODY),
        })
        .collect();
    native!(&mut *tx.conn, conn => diesel::insert_into(audit_event::table).values(rows).execute(conn))?;
    if notices.is_empty() {
        return Ok(value);
    }
    native!(&mut *tx.conn, conn => diesel::insert_into(outbox::table).values(notices).execute(conn))?;
    Ok(value)
}

/// Chains events that are committed and not yet chained; gives back how many.
///
/// Commits do not happen in the order of their ids, so it looks back from the last chained event for late ones.
pub(super) fn seal(conn: &mut Conn, key: &Key) -> Result<usize, AppError> {
    let newest: Option<(Link, At)> = audit_link::table
        .inner_join(audit_event::table)
        .order(audit_link::position.desc())
        .select((Link::as_select(), audit_event::at))
        .first(conn)
        .optional()?;
    let (head, chained_until) = newest.unzip();

    let mut unchained = audit_event::table
        .filter(not(exists(audit_link::table.filter(audit_link::event_id.eq(audit_event::id)))))
        .order((audit_event::at, audit_event::id))
        .limit(i64::try_from(SEALED_AT_ONCE).map_err(AppError::internal)?)
        .select(Row::as_select())
        .into_boxed();
    if let Some(at) = chained_until {
        unchained = unchained.filter(audit_event::at.gt(at + -LATEST_COMMIT));
    }

    let mut links: Vec<Link> = Vec::new();
    for event in unchained.load(conn)? {
        links.push(Link::after(links.last().or(head.as_ref()), &event, key));
    }
    match native!(conn, conn => diesel::insert_into(audit_link::table).values(&links).execute(conn)) {
        Ok(_) => Ok(links.len()), // on SQLite, an empty batch claims the row count of the statement before it
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Err(AppError::Contended),
        Err(error) => Err(error.into()),
    }
}

/// The end of the chain, and the kinds of things that the events after `position` happened to.
pub(super) fn changes_after(conn: &mut Conn, position: Option<i64>) -> Result<(i64, Vec<String>), AppError> {
    let end: Option<i64> =
        audit_link::table.order(audit_link::position.desc()).select(audit_link::position).first(conn).optional()?;
    let end = end.unwrap_or_default();
    let kinds = match position {
        Some(position) if position < end => audit_link::table
            .inner_join(audit_event::table)
            .filter(audit_link::position.gt(position))
            .filter(audit_link::position.le(end))
            .select(audit_event::object)
            .distinct()
            .load(conn)?,
        _ => Vec::new(),
    };
    Ok((end, kinds))
}

/// The end of the chain as it is now; none before the first event.
pub(super) fn head(conn: &mut Conn, key: &Key, now: At) -> Result<Option<Head>, AppError> {
    let newest: Option<Link> =
        audit_link::table.order(audit_link::position.desc()).select(Link::as_select()).first(conn).optional()?;
    Ok(newest.map(|link| Head::new(key, link.position, link.event_id, &link.hash, now)))
}
