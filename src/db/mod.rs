//! The only SQL, behind two doors: [`Db::read`] and [`Db::write`].

pub mod accounts;
pub mod alerts;
pub mod audit;
pub mod cases;
mod conn;
pub mod contact;
pub mod emergency;
pub mod exclusions;
pub mod idempotency;
pub mod installation;
pub mod jobs;
pub mod journeys;
pub mod links;
pub mod mail;
pub mod matching;
pub mod merges;
pub mod notes;
pub mod occupancy;
pub mod organisations;
pub mod outcomes;
pub mod placements;
pub mod readings;
pub mod reference;
pub mod referrals;
pub mod releases;
pub mod repeats;
pub mod report_files;
pub mod report_schedules;
pub mod reports;
pub mod risk;
pub mod rules;
pub mod safety_plan;
pub mod sanctuary;
mod schema;
pub mod searches;
pub mod second_factors;
pub mod selfcheck;
pub mod services;
pub mod sessions;
pub mod support;
pub mod targets;
pub mod tasks;
pub mod timeline;
mod types;
pub mod units;
pub mod vacancies;
pub mod vault;
pub mod waiting;
pub mod watches;

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use actix_web::{rt, web};
use diesel::r2d2::Pool;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::Span;
use uuid::Uuid;

pub use self::audit::{SEALED_AT_ONCE, Verification};
pub use self::conn::{Conn, DatabaseUrl};
pub use self::idempotency::IdempotencyKey;
use crate::audit::{Change, Event, Head};
use crate::auth::Actor;
use crate::clock::{At, Clock};
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, DueId};
use crate::settings::{Keys, Policy};

/// How often a write is tried before its caller is asked to come back.
const ATTEMPTS: u32 = 20;

/// The database, whichever it is.
#[derive(Clone)]
pub struct Db {
    pool: Pool<conn::Opener>,
    suspects: conn::Suspects,
    clock: Clock,
    keys: Keys,
    policy: Policy,
    readings: readings::Readings,
}

/// An open write transaction. Only [`Db::write`] makes one, so what takes a `&mut Tx` cannot run outside it.
pub struct Tx<'a> {
    conn: &'a mut Conn,
    actor: &'a Actor,
    keys: &'a Keys,
    policy: Policy,
    now: At,
}

impl Tx<'_> {
    /// The one instant at which everything in this transaction happens.
    pub fn now(&self) -> At {
        self.now
    }

    pub fn actor(&self) -> &Actor {
        self.actor
    }

    pub fn policy(&self) -> Policy {
        self.policy
    }

    pub fn keys(&self) -> &Keys {
        self.keys
    }
}

impl Deref for Tx<'_> {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        self.conn
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        self.conn
    }
}

/// A long transaction in which time passes: for loading a history, all of it or nothing.
pub struct History<'a> {
    conn: &'a mut Conn,
    keys: &'a Keys,
    policy: Policy,
}

impl History<'_> {
    /// What `actor` does at `now`, with its audit events.
    ///
    /// # Errors
    /// Those of `verb`.
    pub fn write<T>(
        &mut self,
        now: At,
        actor: &Actor,
        verb: impl FnOnce(&mut Tx) -> Result<Change<T>, AppError>,
    ) -> Result<T, AppError> {
        let mut tx = Tx { conn: self.conn, actor, keys: self.keys, policy: self.policy, now };
        let change = verb(&mut tx)?;
        audit::record(&mut tx, change)
    }

    /// The connection, for looking around between two writes.
    pub fn conn(&mut self) -> &mut Conn {
        self.conn
    }
}

impl Db {
    pub fn new(url: DatabaseUrl, connections: u32, clock: Clock, keys: Keys, policy: Policy) -> Self {
        let (pool, suspects) = conn::pool(url, connections);
        Self { pool, suspects, clock, keys, policy, readings: readings::Readings::default() }
    }

    /// The time by which its verbs go.
    pub fn now(&self) -> At {
        self.clock.now()
    }

    /// What its verbs go by.
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// The same database under another policy.
    #[must_use]
    pub fn under(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Whether this database holds the demonstration.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_demonstration(&self) -> Result<bool, AppError> {
        self.with_connection(|conn| Ok(installation::contents(conn)? == installation::Contents::Demonstration)).await
    }

    /// Runs queries off the web threads, for somebody whose session still lasts.
    ///
    /// # Errors
    /// Those of `query`; [`AppError::Unauthenticated`] when the session has ended; [`AppError::Unavailable`] when the
    /// database cannot be reached.
    pub async fn read<T, F>(&self, actor: &Actor, query: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T, AppError> + Send + 'static,
    {
        let actor = actor.clone();
        self.with_connection(move |conn| {
            sessions::must_last(conn, &actor)?;
            query(conn)
        })
        .await
    }

    /// Runs `verb` as one transaction that is serializable with all others, and stores the audit events and the notices
    /// that they imply with it. `verb` may run several times: it must have no effect outside the database.
    ///
    /// A change that nobody recorded does not compile:
    /// ```compile_fail,E0308
    /// # use safehold::{auth::Actor, db::Db, error::AppError};
    /// # async fn example(db: Db, actor: Actor) -> Result<(), AppError> {
    /// db.write(&actor, |tx| Ok(())).await
    /// # }
    /// ```
    /// With its event it does:
    /// ```
    /// # use safehold::{audit::{Change, Did, Event}, auth::Actor, db::Db, error::AppError, ids::UnitId};
    /// # async fn example(db: Db, actor: Actor, unit: UnitId) -> Result<(), AppError> {
    /// db.write(&actor, move |tx| Ok(Change::new((), Event::new(Did::UnitEdited, unit.0)))).await
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of `verb`, [`AppError::Unauthenticated`] when the session has ended, [`AppError::Contended`] when other
    /// writers kept getting in between, and [`AppError::Unavailable`].
    pub async fn write<T, F>(&self, actor: &Actor, verb: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx) -> Result<Change<T>, AppError> + Send + Sync + 'static,
    {
        let recorded = move |tx: &mut Tx| {
            let change = verb(tx)?;
            audit::record(tx, change)
        };
        self.transact(actor, |_| Ok(None), recorded).await
    }

    /// [`Db::write`] for a request that may come twice: the second time it is given the first answer, and nothing happens.
    ///
    /// # Errors
    /// As [`Db::write`]; [`AppError::Invalid`] when the key was used for another request.
    pub async fn write_once<T, F>(&self, actor: &Actor, key: IdempotencyKey, verb: F) -> Result<T, AppError>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: Fn(&mut Tx) -> Result<Change<T>, AppError> + Send + Sync + 'static,
    {
        let account = actor.account;
        let known = key.clone();
        let recall = move |conn: &mut Conn| idempotency::recall(conn, account, &known);
        let once = move |tx: &mut Tx| {
            let change = verb(tx)?;
            let answer = audit::record(tx, change)?;
            idempotency::remember(tx, &key, &answer)?;
            Ok(answer)
        };
        self.transact(actor, recall, once).await
    }

    /// Records that something was refused: its own transaction was rolled back, or there was none.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn record_refusal(&self, actor: &Actor, event: Event) -> Result<(), AppError> {
        let actor = Actor { session: None, ..actor.clone() }; // a session that has just ended is no reason to forget
        self.write(&actor, move |_| Ok(Change::new((), event.clone()))).await
    }

    /// Loads a history in one transaction: all of it is stored, or nothing.
    ///
    /// # Errors
    /// Those of `load`, and as [`Db::write`].
    pub async fn load<T, F>(&self, load: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: FnOnce(&mut History) -> Result<T, AppError> + Send + 'static,
    {
        let (keys, policy) = (self.keys.clone(), self.policy);
        self.with_connection(move |conn| conn.alone(|conn| load(&mut History { conn, keys: &keys, policy }))).await
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`AppError::Unavailable`], or whatever the database says.
    pub async fn ping(&self) -> Result<(), AppError> {
        self.with_connection(installation::ping).await
    }

    /// Refuses to go on with keys that are not those of this database; the first keys that it sees are its own.
    ///
    /// # Errors
    /// [`AppError::Internal`] when they are others.
    pub async fn check_keys(&self) -> Result<(), AppError> {
        let vault = self.keys.vault.clone();
        self.with_connection(move |conn| conn.alone(|conn| installation::check_keys(conn, &vault))).await
    }

    /// Chains the audit events that were committed since the last call. The worker calls it every second.
    ///
    /// # Errors
    /// [`AppError::Contended`] when another worker is doing it.
    pub async fn seal_audit(&self) -> Result<usize, AppError> {
        let key = self.keys.audit.clone();
        self.with_connection(move |conn| conn.beside_others(|conn| audit::seal(conn, &key))).await
    }

    /// Crosses off what has been matched again for those who watch. It is the system's own list: what was found is
    /// recorded where it is stored.
    ///
    /// # Errors
    /// [`AppError::Contended`] when another worker is doing it.
    pub async fn forget_due(&self, done: Vec<DueId>) -> Result<(), AppError> {
        self.with_connection(move |conn| conn.beside_others(|conn| watches::forget(conn, &done))).await
    }

    /// Remembers that somebody has read a case, a referral or a stay, until [`Db::add_up_readings`]. (S31)
    pub fn note_reading(&self, actor: &Actor, object: Uuid) {
        self.readings.note((actor.account, object));
    }

    /// Adds up what was read in this process since the last call with what others have; gives back who has read more
    /// within this hour than the policy allows. The worker calls it every second.
    ///
    /// # Errors
    /// When the database fails: then nothing is forgotten.
    pub async fn add_up_readings(&self) -> Result<Vec<AccountId>, AppError> {
        let read = self.readings.take();
        if read.is_empty() {
            return Ok(Vec::new());
        }
        let (now, most, batch) = (self.clock.now(), self.policy.readings_an_hour, read.clone());
        let work = move |conn: &mut Conn| conn.beside_others(|conn| readings::add_up(conn, &batch, now, most));
        let over = self.with_connection(work).await;
        if over.is_err() {
            self.readings.give_back(read);
        }
        over
    }

    /// The case behind what somebody reads, when it is open to her because of an emergency.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read_under_emergency(&self, actor: &Actor, object: Uuid) -> Result<Option<CaseId>, AppError> {
        let actor = actor.clone();
        self.with_connection(move |conn| emergency::read_under(conn, &actor, object)).await
    }

    /// Checks every audit event and the whole chain.
    ///
    /// # Errors
    /// Only when the database fails: tampering is a [`Verification`], not an error.
    pub async fn verify_audit(&self) -> Result<Verification, AppError> {
        self.verify_audit_against(Vec::new(), |_| ()).await
    }

    /// The same, and that the chain still holds what was exported of it before. It reads in batches, each on its own, so
    /// that neither memory nor a transaction grows with the audit; `told` hears how many events have been checked. (S21)
    ///
    /// # Errors
    /// Only when the database fails.
    pub async fn verify_audit_against(
        &self,
        heads: Vec<Head>,
        mut told: impl FnMut(usize),
    ) -> Result<Verification, AppError> {
        let mut check = audit::Check::new(self.keys.audit.clone(), heads);
        loop {
            let batch = move |conn: &mut Conn| {
                let found = check.go_on(conn)?;
                Ok((check, found))
            };
            let (next, found) = self.with_connection(batch).await?;
            if let Some(verification) = found {
                return Ok(verification);
            }
            told(next.events());
            check = next;
        }
    }

    /// The end of the chain as it is now, to be kept outside the database; none before the first event.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_head(&self) -> Result<Option<Head>, AppError> {
        let (key, now) = (self.keys.audit.clone(), self.clock.now());
        self.with_connection(move |conn| audit::head(conn, &key, now)).await
    }

    /// How far the chain of the audit has come, and what kinds of things were chained after `position`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn changes_after(&self, position: Option<i64>) -> Result<(i64, Vec<String>), AppError> {
        self.with_connection(move |conn| audit::changes_after(conn, position)).await
    }

    async fn with_connection<T, F>(&self, work: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T, AppError> + Send + 'static,
    {
        let (pool, suspects, span) = (self.pool.clone(), self.suspects.clone(), Span::current());
        let work = move || {
            let _entered = span.enter();
            let mut conn = pool.get().map_err(|error| AppError::Unavailable(error.into()))?;
            let outcome = work(&mut conn);
            if let Err(AppError::Unavailable(_)) = &outcome {
                suspects.are(pool.max_size());
            }
            outcome
        };
        #[expect(clippy::disallowed_methods, reason = "this is the place")]
        web::block(work).await.map_err(AppError::internal)?
    }

    /// Runs `work` as one transaction, unless `recall` knows the answer: before, or after it failed, when the same request
    /// has been answered meanwhile.
    async fn transact<T, R, F>(&self, actor: &Actor, recall: R, work: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        R: Fn(&mut Conn) -> Result<Option<T>, AppError> + Send + Sync + 'static,
        F: Fn(&mut Tx) -> Result<T, AppError> + Send + Sync + 'static,
    {
        let verb = Arc::new((recall, work));
        for attempt in 1..=ATTEMPTS {
            let (db, actor, verb) = (self.clone(), actor.clone(), Arc::clone(&verb));
            let outcome = self
                .with_connection(move |conn| {
                    let (recall, work) = &*verb;
                    sessions::must_last(conn, &actor)?; // before the transaction, so as to conflict with nobody
                    if let Some(answer) = recall(conn)? {
                        return Ok(answer);
                    }
                    let outcome = conn.alone(|conn| {
                        let now = db.clock.now(); // after the wait for other writers, so that time does not run backwards
                        work(&mut Tx { conn, actor: &actor, keys: &db.keys, policy: db.policy, now })
                    });
                    match outcome {
                        Ok(_) | Err(AppError::Contended) => outcome,
                        Err(error) => recall(conn)?.ok_or(error),
                    }
                })
                .await;
            match outcome {
                Err(AppError::Contended) => {
                    tracing::debug!(attempt, "contended");
                    rt::time::sleep(Duration::from_millis(fastrand::u64(0..=1 << attempt.min(8)))).await;
                }
                decided => return decided,
            }
        }
        Err(AppError::Contended)
    }
}

/// Another writer has just stored what must be there only once: look again, and the domain will refuse it.
fn contended_when_taken(outcome: diesel::QueryResult<usize>) -> Result<(), AppError> {
    use diesel::result::{DatabaseErrorKind, Error};
    match outcome {
        Ok(_) => Ok(()),
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Err(AppError::Contended),
        Err(error) => Err(error.into()),
    }
}
