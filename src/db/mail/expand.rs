//! From what has happened to who is told of it.

use std::collections::BTreeSet;

use diesel::dsl::exists;
use diesel::prelude::*;

use super::Mail;
use crate::clock::At;
use crate::db::conn::{MultiBackend, native};
use crate::db::schema::{account, case, mail, occupancy, organisation, outbox, referral, service, session};
use crate::db::{Conn, cases, links};
use crate::domain::mail::{IN_HER_PLACE, Recipient, State, Subject, Topic, recipients};
use crate::domain::permission::{Role, Roles, may};
use crate::error::AppError;
use crate::ids::{AccountId, EventId, LinkId, MailId, NoticeId, OrganisationId};

/// So many notices are gone through in one transaction.
const AT_ONCE: i64 = 50;

/// Something that somebody is to be told of.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = outbox, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub(super) struct Notice {
    pub id: NoticeId,
    pub topic: Topic,
    pub subject_id: EventId,
    pub created_at: At,
    /// `None` when nobody did it.
    pub done_by: Option<AccountId>,
}

/// The topics that this version knows; a notice of a newer one waits for it.
fn known() -> impl Iterator<Item = &'static str> {
    Topic::ALL.iter().map(|topic| topic.as_str())
}

/// Whether there is anything to go through.
pub(super) fn any(conn: &mut Conn) -> Result<bool, AppError> {
    Ok(diesel::select(exists(outbox::table.filter(outbox::topic.eq_any(known())))).get_result(conn)?)
}

pub(super) fn expand(conn: &mut Conn, now: At) -> Result<usize, AppError> {
    let due = outbox::table.filter(outbox::topic.eq_any(known())).order(outbox::id).limit(AT_ONCE);
    let notices: Vec<Notice> = match conn {
        Conn::Postgres(conn) => due.select(Notice::as_select()).for_update().skip_locked().load(conn)?,
        Conn::Sqlite(conn) => due.select(Notice::as_select()).load(conn)?, // nobody else writes meanwhile
    };
    for notice in &notices {
        for account_id in told(conn, notice)? {
            let row = Mail {
                id: MailId::new(),
                notice_id: notice.id,
                account_id,
                topic: notice.topic,
                subject_id: notice.subject_id,
                state: State::Waiting,
                queued_at: notice.created_at,
                due_at: now,
                attempts: 0,
                leased_until: None,
                sent_at: None,
                problem: None,
            };
            native!(&mut *conn, conn => diesel::insert_into(mail::table)
                .values(&row).on_conflict_do_nothing().execute(conn))?;
        }
        diesel::delete(outbox::table.find(notice.id)).execute(conn)?;
    }
    Ok(notices.len())
}

/// Everybody who is told of a notice.
fn told(conn: &mut Conn, notice: &Notice) -> Result<BTreeSet<AccountId>, AppError> {
    let Some(subject) = subject(conn, notice.topic, notice.subject_id)? else { return Ok(BTreeSet::new()) };
    let by = match notice.done_by {
        None => None,
        Some(by) => account::table.find(by).select(account::organisation_id).first(conn).optional()?,
    };
    let mut told = BTreeSet::new();
    for recipient in recipients(notice.topic, subject, by) {
        let people = people(conn, recipient)?;
        let own = matches!(recipient, Recipient::Account(_));
        told.extend(people.into_iter().filter(|account| own || notice.done_by != Some(*account)));
    }
    Ok(told)
}

/// What a notice is about; `None` when that is not there.
fn subject(conn: &mut Conn, topic: Topic, id: EventId) -> Result<Option<Subject>, AppError> {
    let EventId(uuid) = id;
    Ok(match topic {
        Topic::Invitation | Topic::PasswordReset => match links::find(conn, LinkId(uuid)) {
            Ok(link) => Some(Subject::Account(link.account_id)),
            Err(AppError::NotFound) => None,
            Err(error) => return Err(error),
        },
        Topic::NewSignIn => {
            let of: Option<AccountId> =
                session::table.filter(session::id.eq(id)).select(session::account_id).first(conn).optional()?;
            of.map(Subject::Account)
        }
        Topic::PasswordChanged | Topic::SecondFactorRemoved => Some(Subject::Account(AccountId(uuid))),
        Topic::InformationGiven | Topic::InformationRequested | Topic::ReferralDecided | Topic::ReferralReceived => {
            let ends: Option<(OrganisationId, AccountId, OrganisationId)> = referral::table
                .inner_join(case::table)
                .inner_join(service::table)
                .filter(referral::id.eq(id))
                .select((case::organisation_id, case::owner_id, service::organisation_id))
                .first(conn)
                .optional()?;
            ends.map(|(referrer, owner, provider)| Subject::Referral { referrer, owner, provider })
        }
        Topic::WatchMatched => {
            let of: Option<(AccountId, OrganisationId)> = case::table
                .filter(case::id.eq(id))
                .select((case::owner_id, case::organisation_id))
                .first(conn)
                .optional()?;
            of.map(|(owner, organisation)| Subject::Case { owner, organisation })
        }
        Topic::HoldLapsing => {
            let of: Option<(AccountId, OrganisationId)> = occupancy::table
                .inner_join(case::table.on(occupancy::case_id.eq(case::id.nullable())))
                .filter(occupancy::id.eq(id))
                .select((case::owner_id, case::organisation_id))
                .first(conn)
                .optional()?;
            of.map(|(owner, organisation)| Subject::Case { owner, organisation })
        }
        Topic::VacanciesStale | Topic::WeeklyDigest => Some(Subject::Organisation(OrganisationId(uuid))),
        Topic::AccessAlert => alert(conn, id)?.map(Subject::Organisation),
    })
}

/// The organisation that an alert is about.
#[expect(clippy::unnecessary_wraps, reason = "alerts are not stored yet")]
fn alert(_: &mut Conn, _: EventId) -> Result<Option<OrganisationId>, AppError> {
    Ok(None)
}

/// The accounts behind a recipient. Whether they are open is looked at when a message is sent.
fn people(conn: &mut Conn, recipient: Recipient) -> Result<Vec<AccountId>, AppError> {
    match recipient {
        Recipient::Account(account) => Ok(vec![account]),
        Recipient::Worker(owner, organisation) => {
            if cases::can_own(conn, owner, organisation)? {
                return Ok(vec![owner]);
            }
            people(conn, Recipient::Staff(organisation, IN_HER_PLACE))
        }
        Recipient::Staff(organisation, action) => {
            let rows = account::table
                .filter(account::organisation_id.eq(organisation))
                .filter(account::active.eq(true))
                .select((account::id, account::roles));
            let rows: Vec<(AccountId, Roles)> = rows.load(conn)?;
            Ok(rows.into_iter().filter(|(_, roles)| may(&roles.0, action)).map(|(id, _)| id).collect())
        }
        Recipient::Everybody(role) => everybody(conn, role),
    }
}

fn everybody(conn: &mut Conn, role: Role) -> Result<Vec<AccountId>, AppError> {
    let rows: Vec<(AccountId, Roles)> = account::table
        .inner_join(organisation::table)
        .filter(account::active.eq(true))
        .filter(organisation::active.eq(true))
        .select((account::id, account::roles))
        .load(conn)?;
    Ok(rows.into_iter().filter(|(_, roles)| roles.0.contains(&role)).map(|(id, _)| id).collect())
}
