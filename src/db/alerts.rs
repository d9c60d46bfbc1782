//! What somebody should look at. (S15, S17, S31)

use diesel::dsl::{count_star, exists};
use diesel::prelude::*;
use uuid::Uuid;

use super::conn::MultiBackend;
use super::exclusions::{self, Reader};
use super::schema::{account, alert, audit_event, hidden_case, organisation};
use super::{Conn, Tx};
use crate::auth::Actor;
use crate::clock::At;
use crate::domain::alert::{Kind, Stage};
use crate::domain::permission::{Action, Role, Roles, may};
use crate::error::AppError;
use crate::ids::{AccountId, AlertId, CaseId, EventId, OrganisationId};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = alert, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Alert {
    pub id: AlertId,
    /// That of the person it is about.
    pub organisation_id: OrganisationId,
    pub kind: Kind,
    /// Whom it is about.
    pub account_id: AccountId,
    /// Of an emergency: how far it had come.
    pub stage: Option<Stage>,
    pub object_kind: String,
    pub object_id: EventId,
    /// Never shown: it keeps the alert from those for whom the case does not exist.
    pub case_id: Option<CaseId>,
    pub at: At,
    pub seen_at: Option<At>,
    pub seen_by: Option<AccountId>,
}

/// Where a page of alerts begins: after the one raised then, with this id.
pub type After = (At, AlertId);

/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx, row: &Alert) -> Result<(), AppError> {
    diesel::insert_into(alert::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// An alert, whoever it is for: only for what tells people of it.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn find(conn: &mut Conn, id: AlertId) -> Result<Alert, AppError> {
    Ok(alert::table.find(id).select(Alert::as_select()).first(conn)?)
}

/// The alerts that somebody may see: an auditor all, a manager those of the organisation; none about a case that does not
/// exist for her.
macro_rules! seen_by {
    ($query:expr, $actor:expr) => {{
        let reader = Reader::of($actor);
        let hidden = exclusions::hidden!(reader);
        let found = $query.filter(alert::case_id.is_null().or(alert::case_id.assume_not_null().ne_all(hidden)));
        if $actor.has(Role::Auditor) { found } else { found.filter(alert::organisation_id.eq($actor.organisation)) }
    }};
}

/// Alerts that somebody may see, the newest first.
///
/// # Errors
/// When the database fails.
pub fn page(
    conn: &mut Conn,
    actor: &Actor,
    unseen: bool,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Alert>, AppError> {
    let rows =
        alert::table.order((alert::at.desc(), alert::id.desc())).limit(limit).select(Alert::as_select()).into_boxed();
    let mut rows = seen_by!(rows, actor);
    if unseen {
        rows = rows.filter(alert::seen_at.is_null());
    }
    if let Some((at, id)) = after {
        rows = rows.filter(alert::at.lt(at).or(alert::at.eq(at).and(alert::id.lt(id))));
    }
    Ok(rows.load(conn)?)
}

/// An alert that somebody may see.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn find_for(conn: &mut Conn, actor: &Actor, id: AlertId) -> Result<Alert, AppError> {
    let row = alert::table.filter(alert::id.eq(id)).select(Alert::as_select()).into_boxed();
    Ok(seen_by!(row, actor).first(conn)?)
}

/// How many alerts nobody has seen yet.
///
/// # Errors
/// When the database fails.
pub fn unseen(conn: &mut Conn, actor: &Actor) -> Result<i64, AppError> {
    let rows = alert::table.filter(alert::seen_at.is_null()).select(count_star()).into_boxed();
    Ok(seen_by!(rows, actor).first(conn)?)
}

/// # Errors
/// When the database fails.
pub fn see(tx: &mut Tx, id: AlertId) -> Result<(), AppError> {
    diesel::update(alert::table.find(id).filter(alert::seen_at.is_null()))
        .set((alert::seen_at.eq(tx.now), alert::seen_by.eq(tx.actor.account)))
        .execute(tx.conn)?;
    Ok(())
}

/// Whether the same was raised since: about somebody, and where one is given about this thing.
///
/// # Errors
/// When the database fails.
pub fn raised_since(
    conn: &mut Conn,
    kind: Kind,
    about: AccountId,
    object: Option<Uuid>,
    since: At,
) -> Result<bool, AppError> {
    let mut rows = alert::table
        .filter(alert::account_id.eq(about))
        .filter(alert::kind.eq(kind))
        .filter(alert::at.gt(since))
        .select(alert::id)
        .into_boxed();
    if let Some(object) = object {
        rows = rows.filter(alert::object_id.eq(EventId(object)));
    }
    Ok(rows.first::<AlertId>(conn).optional()?.is_some())
}

/// The different things that somebody did this to since.
///
/// # Errors
/// When the database fails.
pub fn objects_of(conn: &mut Conn, action: &str, by: AccountId, since: At) -> Result<Vec<Uuid>, AppError> {
    let ids: Vec<EventId> = audit_event::table
        .filter(audit_event::account_id.eq(by))
        .filter(audit_event::at.gt(since))
        .filter(audit_event::action.eq(action.to_owned()))
        .select(audit_event::object_id)
        .distinct()
        .load(conn)?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// How often somebody took a file out since.
///
/// # Errors
/// When the database fails.
pub fn exports_of(conn: &mut Conn, by: AccountId, since: At) -> Result<i64, AppError> {
    Ok(audit_event::table
        .filter(audit_event::account_id.eq(by))
        .filter(audit_event::at.gt(since))
        .filter(audit_event::action.like("%.exported"))
        .select(count_star())
        .first(conn)?)
}

/// Who is to be told of an alert: the managers of its organisation and every auditor, but neither the person it is about
/// nor anybody for whom its case does not exist.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn recipients(conn: &mut Conn, id: AlertId) -> Result<Vec<AccountId>, AppError> {
    let alert = find(conn, id)?;
    let excluded = hidden_case::table
        .filter(hidden_case::account_id.eq(account::id))
        .filter(hidden_case::case_id.nullable().eq(alert.case_id));
    let people: Vec<(AccountId, OrganisationId, Roles)> = account::table
        .inner_join(organisation::table)
        .filter(account::active.eq(true))
        .filter(organisation::active.eq(true))
        .filter(account::id.ne(alert.account_id))
        .filter(diesel::dsl::not(exists(excluded)))
        .order(account::id)
        .select((account::id, account::organisation_id, account::roles))
        .load(conn)?;
    let told = people.into_iter().filter(|(_, organisation, roles)| {
        roles.0.contains(&Role::Auditor)
            || (*organisation == alert.organisation_id && may(&roles.0, Action::ReadAlerts))
    });
    Ok(told.map(|(id, ..)| id).collect())
}
