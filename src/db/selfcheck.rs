//! What a check of an installation asks the database itself, and what it takes away again afterwards.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use super::schema::{
    account, case, case_identity, case_merge, case_secondary_reason, data_key, idempotency, identity_trace, mail,
    occupancy, organisation, outbox, placement, reading, referral, referral_note, referral_note_read,
    referral_note_topic, referral_secondary_reason, refresh_token, safety_action, sanctuary_address,
    sanctuary_capacity, sanctuary_follow_up, sanctuary_job, sanctuary_measure, search, search_household,
    search_obstacle, search_service, service, session, stay_outcome, support, task, unit, unit_address, vacancy, watch,
    watch_due, watch_match,
};
use super::{Conn, DatabaseUrl, Tx};
use crate::clock::At;
use crate::error::AppError;
use crate::ids::{
    AccountId, CaseId, NoteId, NoticeId, OccupancyId, OrganisationId, ReferralId, SanctuaryId, SearchId, ServiceId,
    SessionId, UnitId, VacancyId,
};

/// A connection of its own that may take its time.
///
/// # Errors
/// [`AppError::Unavailable`].
pub fn connect(url: &DatabaseUrl) -> Result<Conn, AppError> {
    let mut conn = url.open().map_err(|error| AppError::Unavailable(error.into()))?;
    if let Conn::Postgres(conn) = &mut conn {
        conn.batch_execute("SET statement_timeout = 0")?;
    }
    Ok(conn)
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    relation: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    binary: bool,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The columns, of any table, in which one of these words stands: `table.column`. The words are letters and digits, and
/// what base64 is made of; they are looked for in any case, and in bytes as they are given here.
///
/// # Errors
/// When the database fails.
pub fn columns_holding(conn: &mut Conn, words: &[String]) -> Result<(usize, Vec<String>), AppError> {
    let columns = match conn {
        Conn::Postgres(_) => {
            "SELECT c.table_name::text AS relation, c.column_name::text AS name, c.data_type = 'bytea' AS binary
             FROM information_schema.columns AS c JOIN information_schema.tables AS t USING (table_schema, table_name)
             WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')
             AND (c.data_type IN ('text', 'character varying', 'character', 'json', 'jsonb', 'bytea', 'ARRAY'))
             AND has_column_privilege(format('%I.%I', c.table_schema, c.table_name), c.column_name, 'SELECT')"
        }
        Conn::Sqlite(_) => {
            "SELECT t.name AS relation, c.name AS name, c.type = 'BLOB' AS binary
             FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table'"
        }
    };
    let columns: Vec<Column> = diesel::sql_query(columns).load(conn)?;
    let mut found = Vec::new();
    for Column { relation, name, binary } in &columns {
        let column = format!("\"{name}\"");
        let condition = match conn {
            Conn::Postgres(_) if *binary => {
                any(words, |word| format!("position('\\x{}'::bytea in {column}) > 0", hex(word)))
            }
            Conn::Postgres(_) => {
                any(words, |word| format!("strpos(lower({column}::text), '{}') > 0", word.to_lowercase()))
            }
            Conn::Sqlite(_) => {
                let bytes = any(words, |word| format!("instr({column}, x'{}') > 0", hex(word)));
                let text = any(words, |word| format!("instr(lower({column}), '{}') > 0", word.to_lowercase()));
                format!("CASE typeof({column}) WHEN 'blob' THEN {bytes} WHEN 'text' THEN {text} ELSE 0 END")
            }
        };
        let query = format!("SELECT count(*) AS count FROM \"{relation}\" WHERE {condition}");
        if diesel::sql_query(query).get_result::<Count>(conn)?.count > 0 {
            found.push(format!("{relation}.{name}"));
        }
    }
    Ok((columns.len(), found))
}

fn any(words: &[String], condition: impl Fn(&String) -> String) -> String {
    format!("({})", words.iter().map(condition).collect::<Vec<_>>().join(" OR "))
}

fn hex(word: &str) -> String {
    word.bytes().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// A fresh copy of an embedded database, as a backup of it would be.
///
/// # Errors
/// When the database fails, or the file exists.
pub fn copy_into(conn: &mut Conn, file: &Path) -> Result<(), AppError> {
    let path = file.display().to_string().replace('\'', "''");
    Ok(conn.batch_execute(&format!("VACUUM INTO '{path}'"))?)
}

/// What the database says of how it is reached, and by whom.
#[derive(Debug, Clone, Default)]
pub struct Reached {
    /// On another machine.
    pub remote: bool,
    pub encrypted: bool,
    /// Whether the role of the application could change or remove what must only grow.
    pub may_change_audit: bool,
    /// How many of the triggers that forbid it are there and armed, of four (two statements on two tables).
    pub guards: i64,
}

/// # Errors
/// When the database fails.
pub fn reached(conn: &mut Conn) -> Result<Reached, AppError> {
    let mut yes =
        |query: &str| -> Result<i64, AppError> { Ok(diesel::sql_query(query).get_result::<Count>(conn)?.count) };
    if yes("SELECT count(*) AS count FROM audit_event WHERE 1 = 0").is_err() {
        return Err(AppError::internal("the database is not that of this program"));
    }
    if let Conn::Sqlite(_) = conn {
        let guards = "SELECT count(*) AS count FROM sqlite_schema WHERE type = 'trigger'
             AND name IN ('audit_event_keeps', 'audit_event_stays', 'audit_link_keeps', 'audit_link_stays')";
        let guards = diesel::sql_query(guards).get_result::<Count>(conn)?.count;
        return Ok(Reached { guards, encrypted: true, ..Reached::default() });
    }
    let mut count = |query: &str| diesel::sql_query(query).get_result::<Count>(conn).map(|row| row.count);
    let remote = count(
        "SELECT count(*) AS count WHERE inet_server_addr() IS NOT NULL
         AND NOT (inet_server_addr() <<= '127.0.0.0/8'::inet OR inet_server_addr() = '::1'::inet)",
    )?;
    let encrypted = count("SELECT count(*) AS count FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl")?;
    let may_change = count(
        "SELECT count(*) AS count FROM unnest(ARRAY['audit_event', 'audit_link']) AS t
         WHERE has_table_privilege(t, 'UPDATE') OR has_table_privilege(t, 'DELETE') OR has_table_privilege(t, 'TRUNCATE')",
    )?;
    let guards = count(
        "SELECT 2 * count(*) AS count FROM pg_trigger WHERE tgenabled = 'O'
         AND tgname IN ('audit_event_append_only', 'audit_link_append_only')",
    )?;
    Ok(Reached { remote: remote > 0, encrypted: encrypted > 0, may_change_audit: may_change > 0, guards })
}

/// What time the database thinks it is; none for an embedded one, which has no clock of its own.
///
/// # Errors
/// When the database fails.
pub fn clock(conn: &mut Conn) -> Result<Option<At>, AppError> {
    if let Conn::Sqlite(_) = conn {
        return Ok(None);
    }
    let query = "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS line";
    let now = diesel::sql_query(query).get_result::<Line>(conn)?.line;
    let now = chrono::DateTime::parse_from_rfc3339(&now).map_err(AppError::internal)?;
    Ok(Some(now.to_utc().into()))
}

/// What belongs to the organisation of a check.
struct Belongings {
    accounts: Vec<AccountId>,
    services: Vec<ServiceId>,
    units: Vec<UnitId>,
    vacancies: Vec<VacancyId>,
    cases: Vec<CaseId>,
    referrals: Vec<ReferralId>,
}

fn belongings(tx: &mut Tx, of: OrganisationId) -> Result<Belongings, AppError> {
    let accounts = account::table.filter(account::organisation_id.eq(of)).select(account::id).load(tx.conn)?;
    let services: Vec<ServiceId> =
        service::table.filter(service::organisation_id.eq(of)).select(service::id).load(tx.conn)?;
    let units: Vec<UnitId> = unit::table.filter(unit::service_id.eq_any(&services)).select(unit::id).load(tx.conn)?;
    let vacancies = vacancy::table.filter(vacancy::unit_id.eq_any(&units)).select(vacancy::id).load(tx.conn)?;
    let cases: Vec<CaseId> = case::table.filter(case::organisation_id.eq(of)).select(case::id).load(tx.conn)?;
    let referrals = referral::table.filter(referral::case_id.eq_any(&cases)).select(referral::id).load(tx.conn)?;
    Ok(Belongings { accounts, services, units, vacancies, cases, referrals })
}

/// The sanctuary jobs of these cases, and to these schemes.
fn jobs_of(tx: &mut Tx, cases: &[CaseId], services: &[ServiceId]) -> Result<Vec<SanctuaryId>, AppError> {
    let theirs = sanctuary_job::case_id.eq_any(cases).or(sanctuary_job::service_id.eq_any(services));
    Ok(sanctuary_job::table.filter(theirs).select(sanctuary_job::id).load(tx.conn)?)
}

/// Erases what a check has written about anybody and anywhere, and everything that would count in a report or reach
/// somebody: sealed values, kept searches, notices. Its people can no longer sign in, its organisation is closed.
///
/// # Errors
/// When the database fails.
pub fn erase(tx: &mut Tx, of: OrganisationId) -> Result<(), AppError> {
    let Belongings { accounts, services, units, vacancies, cases, referrals } = belongings(tx, of)?;
    let now = tx.now;
    diesel::delete(unit_address::table.filter(unit_address::unit_id.eq_any(&units))).execute(tx.conn)?;
    diesel::delete(case_identity::table.filter(case_identity::case_id.eq_any(&cases))).execute(tx.conn)?;
    let jobs = jobs_of(tx, &cases, &services)?;
    diesel::delete(sanctuary_address::table.filter(sanctuary_address::job_id.eq_any(&jobs))).execute(tx.conn)?;
    diesel::delete(sanctuary_follow_up::table.filter(sanctuary_follow_up::job_id.eq_any(&jobs))).execute(tx.conn)?;
    diesel::delete(identity_trace::table.filter(identity_trace::organisation_id.eq(of))).execute(tx.conn)?;
    diesel::delete(reading::table.filter(reading::account_id.eq_any(&accounts))).execute(tx.conn)?;
    let notes: Vec<NoteId> = referral_note::table
        .filter(referral_note::referral_id.eq_any(&referrals))
        .select(referral_note::id)
        .load(tx.conn)?;
    diesel::delete(referral_note_read::table.filter(referral_note_read::note_id.eq_any(&notes))).execute(tx.conn)?;
    diesel::delete(referral_note_topic::table.filter(referral_note_topic::note_id.eq_any(&notes))).execute(tx.conn)?;
    diesel::delete(referral_note::table.filter(referral_note::id.eq_any(&notes))).execute(tx.conn)?;
    let searches: Vec<SearchId> =
        search::table.filter(search::organisation_id.eq(of)).select(search::id).load(tx.conn)?;
    diesel::delete(search_obstacle::table.filter(search_obstacle::search_id.eq_any(&searches))).execute(tx.conn)?;
    diesel::delete(search_obstacle::table.filter(search_obstacle::service_id.eq_any(&services))).execute(tx.conn)?;
    diesel::delete(search_service::table.filter(search_service::search_id.eq_any(&searches))).execute(tx.conn)?;
    diesel::delete(search_service::table.filter(search_service::service_id.eq_any(&services))).execute(tx.conn)?;
    diesel::delete(search::table.filter(search::id.eq_any(&searches))).execute(tx.conn)?;
    diesel::delete(search_household::table.filter(search_household::case_id.eq_any(&cases))).execute(tx.conn)?;
    diesel::delete(watch_match::table.filter(watch_match::case_id.eq_any(&cases))).execute(tx.conn)?;
    diesel::delete(watch_match::table.filter(watch_match::vacancy_id.eq_any(&vacancies))).execute(tx.conn)?;
    diesel::delete(watch_due::table.filter(watch_due::organisation_id.eq(of))).execute(tx.conn)?;
    diesel::delete(watch::table.filter(watch::case_id.eq_any(&cases))).execute(tx.conn)?;
    diesel::delete(case_merge::table.filter(case_merge::kept_id.eq_any(&cases))).execute(tx.conn)?;
    diesel::delete(task::table.filter(task::organisation_id.eq(of))).execute(tx.conn)?;
    diesel::delete(safety_action::table.filter(safety_action::case_id.eq_any(&cases))).execute(tx.conn)?;
    let subjects: Vec<uuid::Uuid> =
        referrals.iter().map(|id| id.0).chain(cases.iter().map(|id| id.0)).chain(units.iter().map(|id| id.0)).collect();
    let notices: Vec<NoticeId> = subjects.into_iter().map(NoticeId).collect();
    let done_by = outbox::done_by.eq_any(accounts.iter().copied().map(Some));
    diesel::delete(outbox::table.filter(outbox::subject_id.eq_any(&notices))).execute(tx.conn)?;
    diesel::delete(outbox::table.filter(done_by)).execute(tx.conn)?;
    diesel::delete(mail::table.filter(mail::account_id.eq_any(&accounts))).execute(tx.conn)?;
    diesel::delete(idempotency::table.filter(idempotency::account_id.eq_any(&accounts))).execute(tx.conn)?;
    let sessions: Vec<SessionId> =
        session::table.filter(session::account_id.eq_any(&accounts)).select(session::id).load(tx.conn)?;
    diesel::delete(refresh_token::table.filter(refresh_token::session_id.eq_any(&sessions))).execute(tx.conn)?;
    diesel::update(session::table.filter(session::id.eq_any(&sessions)).filter(session::revoked_at.is_null()))
        .set(session::revoked_at.eq(now))
        .execute(tx.conn)?;
    diesel::update(service::table.filter(service::id.eq_any(&services)))
        .set(service::active.eq(false))
        .execute(tx.conn)?;
    diesel::update(account::table.filter(account::id.eq_any(&accounts)))
        .set((account::active.eq(false), account::stamp.eq(account::stamp + 1)))
        .execute(tx.conn)?;
    diesel::update(organisation::table.find(of)).set(organisation::active.eq(false)).execute(tx.conn)?;
    Ok(())
}

/// Removes the rows themselves: case, referral, stay, vacancy, home, service, and the key that sealed what they held. People
/// and organisation stay, closed: the audit speaks of them. (And rules, which only grow, as notes and assessments do: a check
/// writes none of those about a household.)
///
/// # Errors
/// When the database fails, because something else refers to them.
pub fn remove(tx: &mut Tx, of: OrganisationId) -> Result<(), AppError> {
    let Belongings { services, units, vacancies, cases, referrals, .. } = belongings(tx, of)?;
    let secondary = referral_secondary_reason::referral_id.eq_any(&referrals);
    diesel::delete(referral_secondary_reason::table.filter(secondary)).execute(tx.conn)?;
    let stays: Vec<OccupancyId> =
        occupancy::table.filter(occupancy::unit_id.eq_any(&units)).select(occupancy::id).load(tx.conn)?;
    diesel::delete(stay_outcome::table.filter(stay_outcome::placement_id.eq_any(&stays))).execute(tx.conn)?;
    diesel::delete(support::table.filter(support::placement_id.eq_any(&stays))).execute(tx.conn)?;
    diesel::delete(placement::table.filter(placement::id.eq_any(&stays))).execute(tx.conn)?;
    diesel::delete(referral::table.filter(referral::id.eq_any(&referrals))).execute(tx.conn)?;
    diesel::delete(occupancy::table.filter(occupancy::id.eq_any(&stays))).execute(tx.conn)?;
    let jobs = jobs_of(tx, &cases, &services)?;
    diesel::delete(sanctuary_measure::table.filter(sanctuary_measure::job_id.eq_any(&jobs))).execute(tx.conn)?;
    diesel::delete(sanctuary_job::table.filter(sanctuary_job::id.eq_any(&jobs))).execute(tx.conn)?;
    diesel::delete(sanctuary_capacity::table.filter(sanctuary_capacity::service_id.eq_any(&services)))
        .execute(tx.conn)?;
    diesel::delete(vacancy::table.filter(vacancy::id.eq_any(&vacancies))).execute(tx.conn)?;
    let secondary = case_secondary_reason::case_id.eq_any(&cases);
    diesel::delete(case_secondary_reason::table.filter(secondary)).execute(tx.conn)?;
    diesel::delete(case::table.filter(case::id.eq_any(&cases))).execute(tx.conn)?;
    diesel::delete(unit::table.filter(unit::id.eq_any(&units))).execute(tx.conn)?;
    diesel::delete(service::table.filter(service::id.eq_any(&services))).execute(tx.conn)?;
    diesel::delete(data_key::table.filter(data_key::organisation_id.eq(of))).execute(tx.conn)?;
    Ok(())
}
