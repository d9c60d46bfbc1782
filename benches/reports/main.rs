//! How fast the reports are: part of `make bench`.
//!
//! With 5,000 units and 10,000, 100,000 and 1,000,000 past referrals on PostgreSQL, and 100,000 in SQLite, the real program
//! is asked for each report, one after the other. Beside denied access by reason, area and month, psql asks the bare SQL for
//! the same figures. Of several runs the fastest counts, for noise only ever slows.
//!
//! `SAFEHOLD_BENCH_REFERRALS` is the largest number, 1,000,000 unless set.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a benchmark may fail"
)]

mod history;
mod pack;
#[path = "../world/mod.rs"]
#[expect(dead_code, reason = "each benchmark needs a part of it")]
mod world;

use std::path::Path;
use std::process::Command;
use std::time::Instant;
use std::{env, fs};

use chrono::Days;
use diesel::connection::SimpleConnection;
use safehold::clock::Clock;
use safehold::db::{Conn, DatabaseUrl};
use safehold::ids::RequestId;
use safehold::settings::Keys;
use tempfile::TempDir;

use crate::history::Dialect;
use crate::world::people::{HELPLINE_MANAGER, REFUGE_MANAGER};
use crate::world::server::Server;

/// How often each report is asked for.
const TIMES: usize = 5;
/// Denied access by reason, area and month takes at most so many times what the bare SQL does, from the largest history.
const OF_BARE_SQL: f64 = 1.5;
/// In milliseconds, for each report from 100,000 referrals in SQLite.
const SQLITE: f64 = 1_000.0;
/// From a tenth of the referrals to all of them a report takes at most so many times as long: ten times, and a tenth of that
/// for what differs between two runs.
const LINEAR: f64 = 11.0;
/// One that takes less than this, in milliseconds, may grow as it likes.
const NOTHING: f64 = 50.0;

/// One way of asking: a name, who asks, and for what.
struct Asked {
    name: String,
    who: &'static str,
    path: String,
}

fn main() {
    if !env::args().any(|argument| argument == "--bench") {
        return; // `cargo test --all-targets` runs it too
    }
    let most =
        env::var("SAFEHOLD_BENCH_REFERRALS").map_or(1_000_000, |number| number.parse::<u64>().expect("a number"));
    let asked = asked();
    let mut well = true;
    let mut columns = Vec::new();
    for referrals in [most / 100, most / 10, most] {
        let world = World::on_postgres(referrals);
        well &= pack::made(&world, referrals == most);
        let times = world.ask(&asked);
        well &= against_bare_sql(&world, &asked[0], times[0]) || referrals < most;
        columns.push((referrals, times));
    }
    let small = most / 10;
    let sqlite = World::on_sqlite(small).ask(&asked);
    well &= print(&asked, &columns, &sqlite, small);
    if !well {
        println!("some aims were missed");
    }
}

/// All three years, and one quarter that is over, as either side.
fn asked() -> Vec<Asked> {
    let today = Clock::default().now().date();
    let long = (today - Days::new(1_094), today);
    let short = (today - Days::new(120), today - Days::new(30));
    let mut all = Vec::new();
    for (who, side) in [(REFUGE_MANAGER, "provider"), (HELPLINE_MANAGER, "referrer")] {
        let mut ask = |name: &str, path: String| all.push(Asked { name: format!("{name}, {side}"), who, path });
        let days = |(from, to)| format!("from={from}&to={to}&as={side}");
        let by = "&by=reason,area,month";
        ask("denied access, three years", format!("/reports/denied-access?{}{by}", days(long)));
        ask("denied access, 90 days", format!("/reports/denied-access?{}{by}", days(short)));
        for theme in ["referrals", "denied_access", "waiting", "homes", "stays", "people", "completeness", "sanctuary"]
        {
            if (theme == "waiting" && side == "provider") || (theme == "homes" && side == "referrer") {
                continue; // not theirs
            }
            ask(&format!("{theme}, 90 days"), format!("/reports/measures?{}&theme={theme}", days(short)));
            ask(&format!("{theme}, three years"), format!("/reports/measures?{}&theme={theme}", days(long)));
        }
    }
    all
}

/// A database with everything in it, and the program that serves it.
struct World {
    url: String,
    /// What PostgreSQL calls it.
    database: Option<String>,
    folder: TempDir,
}

impl World {
    fn on_postgres(referrals: u64) -> Self {
        let server = server_url();
        let database = format!("bench_{}", RequestId::new().0.simple());
        open(&server).batch_execute(&format!("CREATE DATABASE {database} TEMPLATE template0")).unwrap();
        let url = server.replacen("/postgres?", &format!("/{database}?"), 1);
        Self { url, database: Some(database), folder: TempDir::new().unwrap() }.filled(referrals, Dialect::Postgres)
    }

    fn on_sqlite(referrals: u64) -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("safehold.db").display());
        Self { url, database: None, folder }.filled(referrals, Dialect::Sqlite)
    }

    fn filled(self, referrals: u64, dialect: Dialect) -> Self {
        let begun = Instant::now();
        let keys = self.folder.path().join("keys.toml");
        Keys::create(&keys).unwrap();
        let mut conn = open(&self.url);
        conn.migrate().unwrap();
        world::people::fill(&self.url.parse().unwrap(), Keys::load(&keys).unwrap());
        history::fill(&mut conn, dialect, referrals);
        let name = if dialect == Dialect::Postgres { "PostgreSQL" } else { "SQLite" };
        progress(&format!("{name}: filled with {referrals} referrals in {:.0} s", begun.elapsed().as_secs_f64()));
        self
    }

    /// What each takes at its fastest, in milliseconds.
    fn ask(&self, asked: &[Asked]) -> Vec<f64> {
        let server = Server::start(&self.url, None, self.folder.path());
        let times = asked.iter().map(|one| {
            let headers = format!("authorization: Bearer {}\r\n", server.sign_in(one.who));
            let once = || {
                let begun = Instant::now();
                server.send("GET", &one.path, &headers, None);
                milliseconds(begun)
            };
            fastest((0..TIMES).map(|_| once()))
        });
        let times = times.collect();
        progress(&format!("at most {} MiB of memory", server.peak_memory()));
        times
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let Some(database) = &self.database else { return };
        let dropped = open(&server_url()).batch_execute(&format!("DROP DATABASE {database} WITH (FORCE)"));
        if let Err(error) = dropped {
            progress(&error.to_string());
        }
    }
}

/// The same figures by SQL alone: what became of the referrals, by reason, area and month, and the reasons beside the main
/// one. Gives back whether ours takes no more than it may.
fn against_bare_sql(world: &World, asked: &Asked, ours: f64) -> bool {
    let days = asked.path.split(['?', '&']).filter_map(|part| part.split_once('='));
    let day = |name: &str| days.clone().find(|(key, _)| *key == name).unwrap().1;
    let within = format!(
        "sent_at >= timestamp '{}' AT TIME ZONE 'Europe/London' AND sent_at < (date '{}' + 1)::timestamp AT TIME ZONE 'Europe/London' \
         AND organisation_id = (SELECT organisation_id FROM account WHERE email = '{REFUGE_MANAGER}')",
        day("from"),
        day("to"),
    );
    let main = format!(
        "SELECT primary_reason, area_code, date_trunc('month', sent_at AT TIME ZONE 'Europe/London') AS month, state, count(*) \
         FROM referral JOIN service ON service.id = service_id WHERE {within} GROUP BY 1, 2, 3, 4"
    );
    let beside = format!(
        "SELECT reason, count(*) FROM referral_secondary_reason JOIN referral ON referral.id = referral_id \
         JOIN service ON service.id = service_id WHERE {within} GROUP BY 1"
    );
    let time = |query: &str| fastest((0..TIMES).map(|_| psql(&world.url, query, world.folder.path())));
    let (main, beside) = (time(&main), time(&beside));
    let ratio = ours / (main + beside);
    println!(
        "denied access by reason, area and month over three years: {ours:.0} ms; in psql {main:.0} ms, and {beside:.0} ms for the \
         reasons beside the main one: {ratio:.2} times the bare SQL ({:.2} times the first query alone). Aim: {OF_BARE_SQL}: {}",
        ours / main,
        met(ratio <= OF_BARE_SQL)
    );
    ratio <= OF_BARE_SQL
}

/// What psql says that a query took, in milliseconds, without starting and printing.
fn psql(url: &str, query: &str, folder: &Path) -> f64 {
    let script = folder.join("query.sql");
    fs::write(&script, format!("SET statement_timeout = 0;\n\\o /dev/null\n\\timing on\n{query};\n")).unwrap();
    let output = Command::new("psql").args(["-X", "-q", "-d", url, "-f"]).arg(&script).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let time = printed.lines().find_map(|line| line.strip_prefix("Time: ")).expect("a time");
    time.split_whitespace().next().unwrap().parse().unwrap()
}

fn print(asked: &[Asked], columns: &[(u64, Vec<f64>)], sqlite: &[f64], small: u64) -> bool {
    println!();
    println!("Reports, in milliseconds: the fastest of {TIMES}");
    println!();
    let head = aligned(columns.iter().map(|(referrals, _)| referrals.to_string()));
    println!("{:<40}{head} {:>10}  SQLite, {small}", "referrals", "growth");
    let mut well = true;
    for (n, one) in asked.iter().enumerate() {
        let times: Vec<f64> = columns.iter().map(|(_, times)| times[n]).collect();
        let last = times.windows(2).last().map_or(1.0, |pair| pair[1] / pair[0]);
        let linear = last <= LINEAR || times.iter().all(|time| *time < NOTHING);
        let quick = sqlite[n] < SQLITE;
        well &= linear && quick;
        let told = aligned(times.iter().map(|time| format!("{time:.1}")));
        println!(
            "{:<40}{told} {last:>9.1}x  {:>8.1}  growth {}, SQLite {}",
            one.name,
            sqlite[n],
            met(linear),
            met(quick)
        );
    }
    well
}

fn aligned(cells: impl Iterator<Item = String>) -> String {
    cells.map(|cell| format!("{cell:>11}")).collect::<Vec<_>>().concat()
}

fn met(met: bool) -> &'static str {
    if met { "met" } else { "missed" }
}

fn fastest(times: impl Iterator<Item = f64>) -> f64 {
    times.fold(f64::INFINITY, f64::min)
}

fn milliseconds(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1_000.0
}

fn server_url() -> String {
    env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL: `make bench` sets it, see tests/run")
}

fn open(url: &str) -> Conn {
    url.parse::<DatabaseUrl>().unwrap().open().unwrap()
}

fn progress(text: &str) {
    eprintln!("bench: {text}");
}
