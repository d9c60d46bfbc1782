//! The two databases: how each is opened, migrated and held in a transaction.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, Pool, R2D2Connection};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::error::AppError;

/// A connection to whichever database the URL named.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// Runs one statement on the native connection: for batch inserts, upserts and unions, which [`Conn`] cannot express.
macro_rules! native {
    ($conn:expr, $native:ident => $query:expr) => {
        match $conn {
            $crate::db::Conn::Postgres($native) => $query,
            $crate::db::Conn::Sqlite($native) => $query,
        }
    };
}
pub(super) use native;

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// `sqlite:PATH` or `postgres://…`. There is no guessing: anything else is refused.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    Postgres(String),
    Sqlite(String),
}

/// Without the URL itself, for it may hold a password.
impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres(_) => "Postgres(…)",
            Self::Sqlite(_) => "Sqlite(…)",
        })
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        match url.split_once(':') {
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(url.into())),
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            _ => Err("a database is sqlite:PATH or postgres://…".into()),
        }
    }
}

impl DatabaseUrl {
    /// # Errors
    /// When the database is on another machine and the URL does not insist on encryption, in words for an operator.
    pub fn encrypted(&self) -> Result<(), String> {
        let Self::Postgres(url) = self else { return Ok(()) };
        let (place, options) = url.split_once('?').unwrap_or((url, ""));
        let after_scheme = place.split_once("//").map_or("", |(_, rest)| rest);
        let host = after_scheme.split('/').next().unwrap_or_default().rsplit('@').next().unwrap_or_default();
        let option =
            |name: &str| options.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
        let hosts = [Some(host), option("host").map(|(_, value)| value), option("hostaddr").map(|(_, value)| value)];
        let here = hosts.into_iter().flatten().all(|host| {
            let name = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or_default() };
            matches!(name, "" | "localhost" | "127.0.0.1" | "[::1]" | "::1") || name.starts_with(['/', '%'])
        });
        let encrypted = matches!(option("sslmode"), Some((_, "require" | "verify-ca" | "verify-full")));
        if here || encrypted {
            Ok(())
        } else {
            Err("the database is on another machine: add sslmode=verify-full (or verify-ca, require)".into())
        }
    }

    /// Opens a connection of its own, outside any pool.
    ///
    /// # Errors
    /// When the database cannot be reached or set up.
    pub fn open(&self) -> ConnectionResult<Conn> {
        let set_up =
            |conn: &mut dyn FnMut() -> QueryResult<()>| conn().map_err(ConnectionError::CouldntSetupConfiguration);
        match self {
            Self::Postgres(url) => {
                let mut conn = PgConnection::establish(url)?;
                set_up(&mut || {
                    // With the 4 MB that it comes with, PostgreSQL sorts the referrals of some years on the disk.
                    conn.batch_execute(
                        "SET statement_timeout = '10s'; SET lock_timeout = '5s'; SET timezone = 'UTC'; \
                         SET work_mem = '16MB'",
                    )
                })?;
                Ok(Conn::Postgres(conn))
            }
            Self::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(path)?;
                set_up(&mut || {
                    conn.batch_execute(
                        "PRAGMA busy_timeout = 5000;
                         PRAGMA journal_mode = WAL;
                         PRAGMA synchronous = FULL;
                         PRAGMA foreign_keys = ON;
                         PRAGMA recursive_triggers = ON; -- or REPLACE would delete past the append-only triggers
                         PRAGMA secure_delete = ON;",
                    )
                })?;
                Ok(Conn::Sqlite(conn))
            }
        }
    }
}

impl Conn {
    /// Brings the schema up to date.
    ///
    /// # Errors
    /// When a migration fails; it leaves no half of itself.
    pub fn migrate(&mut self) -> Result<(), AppError> {
        match self {
            Self::Postgres(conn) => conn.run_pending_migrations(POSTGRES).map(drop),
            Self::Sqlite(conn) => conn.run_pending_migrations(SQLITE).map(drop),
        }
        .map_err(AppError::Internal)?;
        super::reference::seed(self)
    }

    /// Lets a role of PostgreSQL do what the application does, and no more: what is append-only it can read and add to.
    ///
    /// # Errors
    /// When the name is none that we would quote, the database is not PostgreSQL, or it refuses.
    pub fn grant(&mut self, role: &str) -> Result<(), AppError> {
        let plain = !role.is_empty() && role.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let Self::Postgres(conn) = self else { return Err(AppError::internal("SQLite knows no roles")) };
        if !plain {
            return Err(AppError::internal("a role is named in letters, digits and _"));
        }
        conn.batch_execute(&format!(
            "GRANT USAGE ON SCHEMA public TO \"{role}\";
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO \"{role}\";
             REVOKE UPDATE, DELETE, TRUNCATE ON audit_event, audit_link, case_note, marac_referral,
             release, risk_assessment, risk_incident, rule_set, safety_review FROM \"{role}\";
             REVOKE UPDATE, TRUNCATE ON referral_note_read FROM \"{role}\";
             REVOKE INSERT, UPDATE, DELETE ON __diesel_schema_migrations FROM \"{role}\";"
        ))?;
        Ok(())
    }

    /// Takes the schema down again, newest migration first.
    ///
    /// # Errors
    /// When a migration cannot be reverted.
    pub fn unmigrate(&mut self) -> Result<(), AppError> {
        match self {
            Self::Postgres(conn) => conn.revert_all_migrations(POSTGRES).map(drop),
            Self::Sqlite(conn) => conn.revert_all_migrations(SQLITE).map(drop),
        }
        .map_err(AppError::Internal)
    }

    /// Runs `work` in a transaction that behaves as if it were the only one: all of it happens, or nothing.
    pub(super) fn alone<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, AppError>) -> Result<T, AppError> {
        self.transaction_begun_by("BEGIN ISOLATION LEVEL SERIALIZABLE", work)
    }

    /// Runs `work`, which only reads, on the database as it is at one moment, and stands in nobody's way.
    ///
    /// # Errors
    /// Those of `work`, and when the database fails.
    pub fn at_one_moment<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, AppError>) -> Result<T, AppError> {
        match self {
            Self::Postgres(conn) => {
                AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
            }
            Self::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN DEFERRED")?,
        }
        let outcome = work(self);
        let ended = native!(self, conn => AnsiTransactionManager::rollback_transaction(conn));
        let value = outcome?;
        ended?;
        Ok(value)
    }

    /// Runs `work` in a transaction that sees what others have committed and takes no part in their conflicts.
    pub(super) fn beside_others<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, AppError>,
    ) -> Result<T, AppError> {
        self.transaction_begun_by("BEGIN ISOLATION LEVEL READ COMMITTED", work)
    }

    fn transaction_begun_by<T>(
        &mut self,
        postgres: &str,
        work: impl FnOnce(&mut Self) -> Result<T, AppError>,
    ) -> Result<T, AppError> {
        match self {
            Self::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(conn, postgres)?,
            // A deferred transaction that reads and then writes fails when another has written in between.
            Self::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")?,
        }
        match work(self) {
            Ok(value) => {
                native!(self, conn => AnsiTransactionManager::commit_transaction(conn))?;
                Ok(value)
            }
            Err(error) => {
                // A connection that cannot roll back is broken, and the pool drops it.
                let _ = native!(self, conn => AnsiTransactionManager::rollback_transaction(conn));
                Err(error)
            }
        }
    }
}

/// Opens connections for the pool. Unlike the `establish` that diesel derives for [`Conn`], it never takes one database
/// for the other: SQLite would accept any string, so an outage of PostgreSQL would open an empty file.
#[derive(Debug)]
pub(super) struct Opener {
    url: DatabaseUrl,
    suspects: Suspects,
}

/// How many of the pool's connections may be broken without knowing: asking each time that one is taken would cost a
/// round trip, so they are asked only after one was found broken.
#[derive(Debug, Clone, Default)]
pub(super) struct Suspects(Arc<AtomicU32>);

impl Suspects {
    pub(super) fn are(&self, connections: u32) {
        self.0.store(connections, Ordering::Relaxed);
    }

    /// Whether the next one has to be asked.
    fn next(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

impl ManageConnection for Opener {
    type Connection = Conn;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Conn, Self::Error> {
        self.url.open().map_err(diesel::r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), Self::Error> {
        if self.suspects.next() { conn.ping().map_err(diesel::r2d2::Error::QueryError) } else { Ok(()) }
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking() || conn.is_broken()
    }
}

pub(super) fn pool(url: DatabaseUrl, connections: u32) -> (Pool<Opener>, Suspects) {
    let suspects = Suspects::default();
    let pool = Pool::builder()
        .max_size(connections)
        .min_idle(Some(1))
        .test_on_check_out(true) // see `Suspects`
        .connection_timeout(Duration::from_secs(3))
        .build_unchecked(Opener { url, suspects: suspects.clone() });
    (pool, suspects)
}

impl From<DieselError> for AppError {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::NotFound => Self::NotFound,
            DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::Contended,
            DieselError::DatabaseError(DatabaseErrorKind::Unknown, info)
                if ["deadlock detected", "database is locked"].contains(&info.message()) =>
            {
                Self::Contended
            }
            DieselError::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                _,
            )
            | DieselError::BrokenTransactionManager => Self::Unavailable(error.into()),
            _ => Self::internal(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("sqlite:safehold.db", true)]
    #[case("postgres://safehold@localhost/safehold", true)]
    #[case("postgres://safehold:secret@127.0.0.1:5432/safehold", true)]
    #[case("postgresql://safehold@/safehold?host=/run/postgresql", true)]
    #[case("postgres://safehold@db.example.org/safehold", false)]
    #[case("postgres://safehold@localhost/safehold?host=db.example.org", false)]
    #[case("postgres://safehold@db.example.org/safehold?sslmode=prefer", false)]
    #[case("postgres://safehold@db.example.org/safehold?sslmode=verify-full", true)]
    fn a_database_elsewhere_is_reached_with_encryption_or_not_at_all(#[case] url: DatabaseUrl, #[case] fine: bool) {
        assert_eq!(url.encrypted().is_ok(), fine);
    }

    #[test]
    fn a_password_in_a_url_is_not_printed() {
        let url: DatabaseUrl = "postgres://safehold:kettle@localhost/safehold".parse().unwrap();
        assert_eq!(format!("{url:?}"), "Postgres(…)");
    }

    #[test]
    fn an_unknown_database_is_not_guessed() {
        assert!("safehold.db".parse::<DatabaseUrl>().is_err());
        assert!("mysql://localhost/safehold".parse::<DatabaseUrl>().is_err());
        assert!("sqlite:".parse::<DatabaseUrl>().is_err());
    }
}
