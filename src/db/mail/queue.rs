//! The queue: what is due, who is sending it, what became of it.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::{Mail, choices};
use crate::clock::At;
use crate::db::schema::{account, mail, organisation, reminder};
use crate::db::{Conn, links};
use crate::domain::mail::{Fate, KEPT, LEASE, Problem, State, Topic};
use crate::error::AppError;
use crate::ids::{LinkId, MailId};

/// A message that is in our hands to be sent, and to whom.
#[derive(Clone)]
pub struct Leased {
    pub mail: Mail,
    pub email: String,
    /// What it is to bring, where it is about a link.
    pub link: Option<LinkId>,
}

/// Without the address.
impl std::fmt::Debug for Leased {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Leased({})", self.mail.id.0)
    }
}

/// What became of a message that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Sent,
    /// It comes at a bad time: not before then.
    Wait(At),
    /// To be tried again then.
    PutOff(At, Problem),
    /// Not to be sent at all.
    NotWanted(Problem),
}

/// Whether anything is due.
pub(super) fn any_due(conn: &mut Conn, now: At) -> Result<bool, AppError> {
    let due = mail::table
        .filter(mail::state.eq(State::Waiting))
        .filter(mail::due_at.le(now))
        .filter(mail::leased_until.is_null().or(mail::leased_until.le(now)));
    Ok(diesel::select(exists(due)).get_result(conn)?)
}

pub(super) fn lease(conn: &mut Conn, now: At, limit: i64) -> Result<Vec<Leased>, AppError> {
    let due = mail::table
        .filter(mail::state.eq(State::Waiting))
        .filter(mail::due_at.le(now))
        .filter(mail::leased_until.is_null().or(mail::leased_until.le(now)))
        .order((mail::due_at, mail::id))
        .limit(limit);
    let due: Vec<Mail> = match conn {
        Conn::Postgres(conn) => due.select(Mail::as_select()).for_update().skip_locked().load(conn)?,
        Conn::Sqlite(conn) => due.select(Mail::as_select()).load(conn)?, // nobody else writes meanwhile
    };
    let mut leased = Vec::new();
    for mut mail in due {
        let (email, fate) = fate(conn, &mail, now)?;
        match fate {
            Fate::Send => {
                mail.attempts += 1;
                mail.leased_until = Some(now + LEASE);
                diesel::update(mail::table.find(mail.id))
                    .set((mail::attempts.eq(mail.attempts), mail::leased_until.eq(mail.leased_until)))
                    .execute(conn)?;
                let link = brings_link(mail.topic).then_some(LinkId(mail.subject_id.0));
                leased.push(Leased { mail, email, link });
            }
            Fate::Wait(until) => settle(conn, now, mail.id, mail.attempts, Outcome::Wait(until))?,
            Fate::Drop(problem) => settle(conn, now, mail.id, mail.attempts, Outcome::NotWanted(problem))?,
        }
    }
    Ok(leased)
}

fn brings_link(topic: Topic) -> bool {
    matches!(topic, Topic::Invitation | Topic::PasswordReset)
}

/// Where a message goes as things stand now, and whether.
fn fate(conn: &mut Conn, mail: &Mail, now: At) -> Result<(String, Fate), AppError> {
    let (email, active, organisation): (String, bool, bool) = account::table
        .inner_join(organisation::table)
        .filter(account::id.eq(mail.account_id))
        .select((account::email, account::active, organisation::active))
        .first(conn)?;
    if !(active && organisation) {
        return Ok((email, Fate::Drop(Problem::AccountClosed)));
    }
    if email.ends_with(".invalid") {
        return Ok((email, Fate::Drop(Problem::BadAddress))); // nobody can ever be there: RFC 2606
    }
    if brings_link(mail.topic) {
        let good = match links::find(conn, LinkId(mail.subject_id.0)) {
            Ok(link) => link.used_at.is_none() && link.expires_at > now,
            Err(AppError::NotFound) => false,
            Err(error) => return Err(error),
        };
        if !good {
            return Ok((email, Fate::Drop(Problem::LinkOver)));
        }
    }
    let chosen = choices(conn, mail.account_id)?.choices;
    Ok((email, chosen.fate(mail.topic, mail.queued_at, now)))
}

pub(super) fn settle(conn: &mut Conn, now: At, id: MailId, attempts: i32, outcome: Outcome) -> Result<(), AppError> {
    let held = mail::table.find(id).filter(mail::state.eq(State::Waiting)).filter(mail::attempts.eq(attempts));
    let free = mail::leased_until.eq(None::<At>);
    match outcome {
        Outcome::Sent => diesel::update(held)
            .set((free, mail::state.eq(State::Sent), mail::sent_at.eq(Some(now)), mail::problem.eq(None::<Problem>)))
            .execute(conn)?,
        Outcome::Wait(due) => diesel::update(held).set((free, mail::due_at.eq(due))).execute(conn)?,
        Outcome::PutOff(due, problem) => {
            diesel::update(held).set((free, mail::due_at.eq(due), mail::problem.eq(Some(problem)))).execute(conn)?
        }
        Outcome::NotWanted(problem) => diesel::update(held)
            .set((free, mail::state.eq(State::NotWanted), mail::problem.eq(Some(problem))))
            .execute(conn)?,
    };
    Ok(())
}

/// Forgets what has long been over.
pub(super) fn forget(conn: &mut Conn, now: At) -> Result<(), AppError> {
    let over = mail::state.eq(State::Sent).or(mail::state.eq(State::NotWanted));
    diesel::delete(mail::table.filter(mail::due_at.lt(now - KEPT)).filter(over)).execute(conn)?;
    diesel::delete(reminder::table.filter(reminder::occasion.lt(now - KEPT))).execute(conn)?;
    Ok(())
}
