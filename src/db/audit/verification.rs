//! Checking the audit: every event, the whole chain, and the heads that were exported of it. (S21)

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{Link, Row};
use crate::audit::{Head, Key};
use crate::clock::At;
use crate::db::Conn;
use crate::db::schema::{audit_event, audit_link};
use crate::error::AppError;
use crate::ids::EventId;

/// How many events are read at a time: what a check holds in memory, however long the audit is.
const BATCH: i64 = 2_000;

/// What a check of the whole audit found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    Intact { events: usize },
    Broken { position: i64, event: EventId, why: &'static str },
}

/// A check under way. Between two batches it holds no connection and no transaction.
pub(in crate::db) struct Check {
    key: Key,
    /// Those that the chain has not come to yet.
    heads: BTreeMap<i64, Vec<Head>>,
    /// One that this installation did not make.
    forged: Option<Head>,
    /// The last link that was found right.
    previous: Option<Link>,
    progress: Progress,
    events: usize,
}

/// How far a check has come.
#[derive(Clone, Copy)]
enum Progress {
    /// It follows the chain.
    Chain,
    /// It looks at every event after this one, for those that are in no chain yet.
    Events(Option<(At, EventId)>),
}

impl Check {
    pub(in crate::db) fn new(key: Key, exported: Vec<Head>) -> Self {
        let mut heads: BTreeMap<i64, Vec<Head>> = BTreeMap::new();
        for head in exported {
            heads.entry(head.position).or_default().push(head);
        }
        let forged = heads.values().flatten().find(|head| !head.is_ours(&key)).cloned();
        Self { key, heads, forged, previous: None, progress: Progress::Chain, events: 0 }
    }

    /// How many events have been found right.
    pub(in crate::db) fn events(&self) -> usize {
        self.events
    }

    /// Checks one batch more; says what was found once it is known.
    pub(in crate::db) fn go_on(&mut self, conn: &mut Conn) -> Result<Option<Verification>, AppError> {
        if let Some(head) = &self.forged {
            return Ok(broken(
                head.position,
                head.event_id,
                "the exported head is not of this installation, or changed",
            ));
        }
        match self.progress {
            Progress::Chain => self.follow(conn),
            Progress::Events(after) => self.look(conn, after),
        }
    }

    /// Follows the chain.
    fn follow(&mut self, conn: &mut Conn) -> Result<Option<Verification>, AppError> {
        let after = self.position();
        let links: Vec<(Link, Option<Row>)> = audit_link::table
            .left_join(audit_event::table)
            .filter(audit_link::position.gt(after))
            .order(audit_link::position)
            .limit(BATCH)
            .select((Link::as_select(), Option::<Row>::as_select()))
            .load(conn)?;
        if links.is_empty() {
            let cut = self.heads.pop_last().and_then(|(_, heads)| heads.into_iter().next());
            self.progress = Progress::Events(None);
            let why = "the end of the chain was cut off: an exported head lies behind it";
            return Ok(cut.and_then(|head| broken(head.position, head.event_id, why)));
        }
        for (link, event) in links {
            let broken = |why| Ok(broken(link.position, link.event_id, why));
            let Some(event) = event else { return broken("removed") };
            if event.mac != event.proof(&self.key) {
                return broken("changed");
            }
            let expected = Link::after(self.previous.as_ref(), &event, &self.key);
            if link.position != expected.position || link.hash != expected.hash {
                return broken("reordered, or one before it removed");
            }
            let exported = self.heads.remove(&link.position).unwrap_or_default();
            if exported.iter().any(|head| !head.holds(link.event_id, &link.hash)) {
                return broken("another chain than the one that was exported");
            }
            self.events += 1;
            self.previous = Some(link);
        }
        Ok(None)
    }

    /// Looks at every event for those that are not chained. (Asking the database for them alone would be one statement
    /// over the whole table.)
    fn look(&mut self, conn: &mut Conn, after: Option<(At, EventId)>) -> Result<Option<Verification>, AppError> {
        let mut rows = audit_event::table
            .left_join(audit_link::table)
            .order((audit_event::at, audit_event::id))
            .limit(BATCH)
            .select((Row::as_select(), audit_link::position.nullable()))
            .into_boxed();
        if let Some((at, id)) = after {
            rows = rows.filter(audit_event::at.ge(at)).filter(audit_event::at.gt(at).or(audit_event::id.gt(id)));
        }
        let rows: Vec<(Row, Option<i64>)> = rows.load(conn)?;
        let Some((last, _)) = rows.last() else { return Ok(Some(Verification::Intact { events: self.events })) };
        self.progress = Progress::Events(Some((last.at, last.id)));
        for (event, _) in rows.iter().filter(|(_, position)| position.is_none()) {
            if event.mac != event.proof(&self.key) {
                return Ok(broken(self.position() + 1, event.id, "forged"));
            }
            self.events += 1;
        }
        Ok(None)
    }

    fn position(&self) -> i64 {
        self.previous.as_ref().map_or(0, |link| link.position)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is what a batch gives back")]
fn broken(position: i64, event: EventId, why: &'static str) -> Option<Verification> {
    Some(Verification::Broken { position, event, why })
}
