//! From what has happened to who is told of it.

use std::collections::BTreeSet;

use diesel::dsl::exists;
use diesel::prelude::*;

use super::Mail;
use crate::clock::At;
use crate::db::conn::{MultiBackend, native};
use crate::db::schema::{account, case, journey, mail, occupancy, outbox, referral, report_file, service, session};
use crate::db::{Conn, alerts, cases, exclusions, links};
use crate::domain::mail::{IN_HER_PLACE, Recipient, State, Subject, Topic, recipients};
use crate::domain::permission::{Roles, may};
use crate::error::AppError;
use crate::ids::{AccountId, AlertId, CaseId, EventId, LinkId, MailId, NoticeId, OrganisationId};

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

/// Everybody who is told of a notice. Nobody is told of a case that does not exist for them. (S17)
fn told(conn: &mut Conn, notice: &Notice) -> Result<BTreeSet<AccountId>, AppError> {
    if notice.topic == Topic::AccessAlert {
        return match alerts::recipients(conn, AlertId(notice.subject_id.0)) {
            Ok(people) => Ok(people.into_iter().collect()),
            Err(AppError::NotFound) => Ok(BTreeSet::new()),
            Err(error) => Err(error),
        };
    }
    let Some((subject, of)) = subject(conn, notice.topic, notice.subject_id)? else { return Ok(BTreeSet::new()) };
    let by = match notice.done_by {
        None => None,
        Some(by) => account::table.find(by).select(account::organisation_id).first(conn).optional()?,
    };
    let mut told = BTreeSet::new();
    for recipient in recipients(notice.topic, subject, by) {
        let own = matches!(recipient, Recipient::Account(_));
        for account in people(conn, recipient)? {
            let kept_from = match of {
                Some(case) => exclusions::excluded(conn, case, account)?,
                None => false,
            };
            if own || (notice.done_by != Some(account) && !kept_from) {
                told.insert(account);
            }
        }
    }
    Ok(told)
}

/// What a notice is about, and which case; `None` when that is not there.
fn subject(conn: &mut Conn, topic: Topic, id: EventId) -> Result<Option<(Subject, Option<CaseId>)>, AppError> {
    let EventId(uuid) = id;
    Ok(match topic {
        Topic::Invitation | Topic::PasswordReset => match links::find(conn, LinkId(uuid)) {
            Ok(link) => Some((Subject::Account(link.account_id), None)),
            Err(AppError::NotFound) => None,
            Err(error) => return Err(error),
        },
        Topic::NewSignIn => {
            let of: Option<AccountId> =
                session::table.filter(session::id.eq(id)).select(session::account_id).first(conn).optional()?;
            of.map(|account| (Subject::Account(account), None))
        }
        Topic::PasswordChanged | Topic::SecondFactorRemoved | Topic::TasksOverdue => {
            Some((Subject::Account(AccountId(uuid)), None))
        }
        Topic::InformationGiven
        | Topic::InformationRequested
        | Topic::MessageReceived
        | Topic::NoLongerNeeded
        | Topic::ReferralDecided
        | Topic::ReferralReceived => {
            let ends: Option<(CaseId, OrganisationId, AccountId, OrganisationId)> = referral::table
                .inner_join(case::table)
                .inner_join(service::table)
                .filter(referral::id.eq(id))
                .select((case::id, case::organisation_id, case::owner_id, service::organisation_id))
                .first(conn)
                .optional()?;
            ends.map(|(case, referrer, owner, provider)| (Subject::Referral { referrer, owner, provider }, Some(case)))
        }
        Topic::WatchMatched => {
            let of: Option<(CaseId, AccountId, OrganisationId)> = case::table
                .filter(case::id.eq(id))
                .select((case::id, case::owner_id, case::organisation_id))
                .first(conn)
                .optional()?;
            of.map(|(case, owner, organisation)| (Subject::Case { owner, organisation }, Some(case)))
        }
        Topic::JourneyUsed => {
            let of: Option<(CaseId, AccountId, OrganisationId)> = journey::table
                .inner_join(case::table)
                .filter(journey::id.eq(id))
                .select((case::id, case::owner_id, case::organisation_id))
                .first(conn)
                .optional()?;
            of.map(|(case, owner, organisation)| (Subject::Case { owner, organisation }, Some(case)))
        }
        Topic::HoldLapsing => {
            let of: Option<(CaseId, AccountId, OrganisationId)> = occupancy::table
                .inner_join(case::table.on(occupancy::case_id.eq(case::id.nullable())))
                .filter(occupancy::id.eq(id))
                .select((case::id, case::owner_id, case::organisation_id))
                .first(conn)
                .optional()?;
            of.map(|(case, owner, organisation)| (Subject::Case { owner, organisation }, Some(case)))
        }
        Topic::ReportReady => {
            let of: Option<OrganisationId> = report_file::table
                .filter(report_file::id.eq(id))
                .select(report_file::organisation_id)
                .first(conn)
                .optional()?;
            of.map(|organisation| (Subject::Organisation(organisation), None))
        }
        Topic::VacanciesStale | Topic::WeeklyDigest => Some((Subject::Organisation(OrganisationId(uuid)), None)),
        Topic::AccessAlert => None, // says itself who is told
    })
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
    }
}
