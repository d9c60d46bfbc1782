//! Messages to people: who is still to be told of what, and what they have chosen about it. Never an address, never a
//! text: both are found at the moment of sending.
//!
//! The bookkeeping of the system itself (what waits, what was sent) has doors of its own in [`Db`] and leaves no audit
//! event; what a person decides about a message, and that one was given up, goes through [`Db::write`].

mod expand;
mod queue;
mod reminders;

use diesel::dsl::count_star;
use diesel::prelude::*;

pub use self::queue::{Leased, Outcome};
use super::conn::MultiBackend;
use super::schema::{account, mail, mail_choice, organisation, outbox};
use super::{Conn, Db, Tx};
use crate::clock::At;
use crate::domain::mail::{Choices, Problem, State, Topic};
use crate::error::AppError;
use crate::ids::{AccountId, EventId, MailId, NoticeId};

/// A message to one person about one notice.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = mail, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Mail {
    pub id: MailId,
    pub notice_id: NoticeId,
    pub account_id: AccountId,
    pub topic: Topic,
    /// What it is about: what kind of thing follows from the topic.
    pub subject_id: EventId,
    pub state: State,
    /// Since when it is in the queue; anew when somebody has it tried again.
    pub queued_at: At,
    /// Before this it is not tried.
    pub due_at: At,
    /// How often it was tried. Who holds it while sending knows it by this number.
    pub attempts: i32,
    pub leased_until: Option<At>,
    pub sent_at: Option<At>,
    pub problem: Option<Problem>,
}

/// What somebody has chosen, and since which version; version 0 is nothing yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    pub choices: Choices,
    pub version: i32,
}

/// How the queue is.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Notices of which it is not yet known who is to be told.
    pub notices: i64,
    pub waiting: i64,
    /// Since when the oldest of both waits.
    pub oldest: Option<At>,
    pub sent: i64,
    /// What was given up, by what it is about.
    pub given_up: Vec<(Topic, i64)>,
}

impl Summary {
    pub fn given_up_in_all(&self) -> i64 {
        self.given_up.iter().map(|(_, number)| number).sum()
    }
}

/// A message with the name of whom it is for, as an administrator sees it.
#[derive(Debug, Clone)]
pub struct Listed {
    pub mail: Mail,
    pub name: String,
    pub organisation: String,
}

/// Messages, the newest first, after that one if one is given.
///
/// # Errors
/// When the database fails.
pub fn page(conn: &mut Conn, state: Option<State>, after: Option<MailId>, limit: i64) -> Result<Vec<Listed>, AppError> {
    let mut rows = mail::table
        .inner_join(account::table.inner_join(organisation::table))
        .order(mail::id.desc())
        .limit(limit)
        .select((Mail::as_select(), account::name, organisation::name))
        .into_boxed();
    if let Some(state) = state {
        rows = rows.filter(mail::state.eq(state));
    }
    if let Some(id) = after {
        rows = rows.filter(mail::id.lt(id));
    }
    let rows: Vec<(Mail, String, String)> = rows.load(conn)?;
    Ok(rows.into_iter().map(|(mail, name, organisation)| Listed { mail, name, organisation }).collect())
}

/// # Errors
/// [`AppError::NotFound`].
pub fn find(conn: &mut Conn, id: MailId) -> Result<Mail, AppError> {
    Ok(mail::table.find(id).select(Mail::as_select()).first(conn)?)
}

/// # Errors
/// When the database fails.
pub fn summary(conn: &mut Conn) -> Result<Summary, AppError> {
    let in_state = |state: State| mail::table.filter(mail::state.eq(state));
    let first_notice: Option<At> =
        outbox::table.order(outbox::created_at).select(outbox::created_at).first(conn).optional()?;
    let first_mail: Option<At> =
        in_state(State::Waiting).order(mail::queued_at).select(mail::queued_at).first(conn).optional()?;
    let given_up = in_state(State::GivenUp)
        .group_by(mail::topic)
        .order(mail::topic)
        .select((mail::topic, count_star()))
        .load(conn)?;
    Ok(Summary {
        notices: outbox::table.count().get_result(conn)?,
        waiting: in_state(State::Waiting).count().get_result(conn)?,
        oldest: first_notice.into_iter().chain(first_mail).min(),
        sent: in_state(State::Sent).count().get_result(conn)?,
        given_up,
    })
}

/// What somebody has chosen about their mail.
///
/// # Errors
/// When the database fails.
pub fn choices(conn: &mut Conn, of: AccountId) -> Result<Chosen, AppError> {
    let found: Option<(Choices, i32)> =
        mail_choice::table.find(of).select((mail_choice::choices, mail_choice::version)).first(conn).optional()?;
    let (choices, version) = found.unwrap_or_default();
    Ok(Chosen { choices, version })
}

/// Stores what somebody has chosen, who had read that version; what waits for them is looked at anew.
///
/// # Errors
/// [`AppError::Stale`] when it has changed since.
pub fn choose(tx: &mut Tx, of: AccountId, version: i32, choices: &Choices) -> Result<Chosen, AppError> {
    let current = self::choices(tx, of)?.version;
    if current != version {
        return Err(AppError::Stale { current_version: current });
    }
    let next = version + 1;
    if version == 0 {
        super::contended_when_taken(
            diesel::insert_into(mail_choice::table)
                .values((
                    mail_choice::account_id.eq(of),
                    mail_choice::choices.eq(choices),
                    mail_choice::version.eq(next),
                    mail_choice::updated_at.eq(tx.now),
                ))
                .execute(tx.conn),
        )?;
    } else {
        diesel::update(mail_choice::table.find(of))
            .set((mail_choice::choices.eq(choices), mail_choice::version.eq(next), mail_choice::updated_at.eq(tx.now)))
            .execute(tx.conn)?;
    }
    diesel::update(
        mail::table
            .filter(mail::account_id.eq(of))
            .filter(mail::state.eq(State::Waiting))
            .filter(mail::attempts.eq(0))
            .filter(mail::due_at.gt(tx.now)),
    )
    .set(mail::due_at.eq(tx.now))
    .execute(tx.conn)?;
    Ok(Chosen { choices: choices.clone(), version: next })
}

/// Gives up a message that is still in the hands of who tried it so often; gives back whether it was.
///
/// # Errors
/// When the database fails.
pub fn give_up(tx: &mut Tx, id: MailId, attempts: i32, problem: Problem) -> Result<bool, AppError> {
    let held = mail::table.find(id).filter(mail::state.eq(State::Waiting)).filter(mail::attempts.eq(attempts));
    let given_up = diesel::update(held)
        .set((mail::state.eq(State::GivenUp), mail::leased_until.eq(None::<At>), mail::problem.eq(Some(problem))))
        .execute(tx.conn)?;
    Ok(given_up > 0)
}

/// Puts a message back into the queue as if it were new.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn put_back(tx: &mut Tx, id: MailId) -> Result<Mail, AppError> {
    Ok(diesel::update(mail::table.find(id))
        .set((
            mail::state.eq(State::Waiting),
            mail::queued_at.eq(tx.now),
            mail::due_at.eq(tx.now),
            mail::attempts.eq(0),
            mail::problem.eq(None::<Problem>),
        ))
        .returning(mail::all_columns)
        .get_result(tx.conn)?)
}

/// Forgets every notice that nobody was told of yet: for a history that is loaded, of which nobody is told.
///
/// # Errors
/// When the database fails.
pub fn forget_notices(tx: &mut Tx) -> Result<(), AppError> {
    diesel::delete(outbox::table).execute(tx.conn)?;
    Ok(())
}

impl Db {
    /// Finds out who is to be told of what has happened; gives back of how much. To do it twice tells nobody twice, and
    /// any number of instances may do it at once.
    ///
    /// # Errors
    /// [`AppError::Contended`]; when the database fails.
    pub async fn expand_notices(&self) -> Result<usize, AppError> {
        let now = self.clock.now();
        self.with_connection(move |conn| {
            if expand::any(conn)? { conn.beside_others(|conn| expand::expand(conn, now)) } else { Ok(0) }
        })
        .await
    }

    /// Takes up to `limit` messages that are due, to send them: nobody else takes them for two minutes. What is not wanted
    /// any more is crossed off, what comes at a bad time is put off. (S29, S37)
    ///
    /// # Errors
    /// [`AppError::Contended`]; when the database fails.
    pub async fn lease_mail(&self, limit: i64) -> Result<Vec<Leased>, AppError> {
        let now = self.clock.now();
        self.with_connection(move |conn| {
            if !queue::any_due(conn, now)? {
                return Ok(Vec::new()); // without a transaction: nobody has to wait for us
            }
            conn.beside_others(|conn| queue::lease(conn, now, limit))
        })
        .await
    }

    /// Notes what became of a message. Whose lease ran out, and whose message another has taken, notes nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle_mail(&self, id: MailId, attempts: i32, outcome: Outcome) -> Result<(), AppError> {
        let now = self.clock.now();
        self.with_connection(move |conn| conn.beside_others(|conn| queue::settle(conn, now, id, attempts, outcome)))
            .await
    }

    /// Notices what time brings: holds that soon end, vacancies that soon are stale, the week that is over. Each is noticed
    /// once, by however many instances. (S39) Gives back how much was new.
    ///
    /// # Errors
    /// [`AppError::Contended`]; when the database fails.
    pub async fn remind(&self) -> Result<usize, AppError> {
        let (now, freshness) = (self.clock.now(), self.policy.freshness);
        self.with_connection(move |conn| {
            let due = reminders::due(conn, now, freshness)?;
            if due.is_empty() {
                return Ok(0);
            }
            conn.beside_others(|conn| reminders::notice(conn, now, &due))
        })
        .await
    }

    /// Forgets messages that went out, or were not wanted, 30 days ago.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_old_mail(&self) -> Result<(), AppError> {
        let now = self.clock.now();
        self.with_connection(move |conn| conn.beside_others(|conn| queue::forget(conn, now))).await
    }
}
