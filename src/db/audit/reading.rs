//! Reading the audit, for the auditor: whatever is asked for, an index begins with it.

use diesel::prelude::*;
use uuid::Uuid;

use crate::clock::At;
use crate::db::Conn;
use crate::db::schema::{account, audit_event, organisation};
use crate::error::AppError;
use crate::ids::{AccountId, EventId, OrganisationId, RequestId};

/// Which events; what is absent does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub account: Option<AccountId>,
    pub organisation: Option<OrganisationId>,
    /// What it happened to.
    pub object: Option<Uuid>,
    /// What stands before the dot of an action.
    pub kind: Option<String>,
    pub action: Option<String>,
    pub request: Option<RequestId>,
    pub from: Option<At>,
    /// Not included.
    pub until: Option<At>,
}

/// An event with the names of those who did it, as they are now.
#[derive(Debug, Clone, Queryable)]
pub struct Recorded {
    pub id: EventId,
    pub at: At,
    pub account_id: AccountId,
    pub account: Option<String>,
    pub organisation_id: OrganisationId,
    pub organisation: Option<String>,
    pub request_id: RequestId,
    pub action: String,
    pub kind: String,
    pub object_id: EventId,
    pub fields: String,
    pub reason: String,
}

/// Where a page of events begins: after the one that happened then, with this id.
pub type After = (At, EventId);

/// The events that were asked for, the newest first.
///
/// # Errors
/// When the database fails.
pub fn page(conn: &mut Conn, filter: &Filter, after: Option<After>, limit: i64) -> Result<Vec<Recorded>, AppError> {
    let mut rows = audit_event::table
        .left_join(account::table.on(account::id.eq(audit_event::account_id)))
        .left_join(organisation::table.on(organisation::id.eq(audit_event::organisation_id)))
        .order((audit_event::at.desc(), audit_event::id.desc()))
        .limit(limit)
        .select((
            audit_event::id,
            audit_event::at,
            audit_event::account_id,
            account::name.nullable(),
            audit_event::organisation_id,
            organisation::name.nullable(),
            audit_event::request_id,
            audit_event::action,
            audit_event::object,
            audit_event::object_id,
            audit_event::fields,
            audit_event::reason,
        ))
        .into_boxed();
    if let Some(id) = filter.account {
        rows = rows.filter(audit_event::account_id.eq(id));
    }
    if let Some(id) = filter.organisation {
        rows = rows.filter(audit_event::organisation_id.eq(id));
    }
    if let Some(id) = filter.object {
        rows = rows.filter(audit_event::object_id.eq(EventId(id)));
    }
    if let Some(id) = filter.request {
        rows = rows.filter(audit_event::request_id.eq(id));
    }
    if let Some(kind) = &filter.kind {
        rows = rows.filter(audit_event::object.eq(kind.clone()));
    }
    if let Some(action) = &filter.action {
        // The kind again, for it is what the index begins with.
        let kind = action.split('.').next().unwrap_or_default().to_owned();
        rows = rows.filter(audit_event::object.eq(kind)).filter(audit_event::action.eq(action.clone()));
    }
    if let Some(from) = filter.from {
        rows = rows.filter(audit_event::at.ge(from));
    }
    if let Some(until) = filter.until {
        rows = rows.filter(audit_event::at.lt(until));
    }
    if let Some((at, id)) = after {
        // The first of the two lets the index begin where the page begins.
        rows = rows.filter(audit_event::at.le(at)).filter(audit_event::at.lt(at).or(audit_event::id.lt(id)));
    }
    Ok(rows.load(conn)?)
}
