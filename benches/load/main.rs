//! How fast it is: `make bench`.
//!
//! With 5,000 units and 100,000 past referrals on PostgreSQL, the real program answers 32 connections. Beside each run,
//! pgbench runs the same SQL with as many connections: no program could be faster, so the ratio says what ours costs.
//!
//! Then every page is asked for in turn: how long the server takes, and how much comes over the line.
//!
//! `SAFEHOLD_BENCH_SECONDS` is the length of a run, 6 unless set.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a benchmark may fail"
)]

mod capture;
mod ceiling;
mod drive;
mod job;
mod pages;
mod seed;
mod table;
#[path = "../world/mod.rs"]
mod world;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};
use std::time::{Duration, Instant};
use std::{array, env, thread};

use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl};
use safehold::db::{Conn, DatabaseUrl};
use safehold::ids::RequestId;
use safehold::settings::Keys;
use tempfile::TempDir;

use crate::capture::Log;
use crate::ceiling::{Captured, Ceiling, Length, ceiling};
use crate::drive::{Load, drive};
use crate::job::{Job, Request};
use crate::table::Row;
use crate::world::server::Server;

const CONNECTIONS: u8 = 32;
const THREADS: u8 = 2;
/// How often each job is measured both ways, in turn.
const ROUNDS: usize = 2;

struct Bench {
    url: String,
    database: String,
    conn: Conn,
    log: Log,
    folder: TempDir,
    seconds: u64,
    runs: u32,
}

fn main() {
    if !env::args().any(|argument| argument == "--bench") {
        return; // `cargo test --all-targets` runs it too
    }
    for (program, package) in [("wrk", "wrk"), ("pgbench", "postgresql")] {
        if let Err(error) = Command::new(program).arg("--version").output()
            && error.kind() == ErrorKind::NotFound
        {
            eprintln!("bench: {program} is not installed: sudo apt-get install {package}");
            exit(1);
        }
    }
    let mut bench = Bench::new();
    let captured = bench.capture();
    let mut rows = Vec::new();
    for (job, captured) in Job::ALL.into_iter().zip(&captured) {
        rows.push(bench.measure(job, captured));
    }
    let mut well = table::print(&rows);
    bench.begin_again();
    let keys = Keys::load(&bench.folder.path().join("keys.toml")).unwrap();
    seed::add_small_provider(&bench.url.parse().unwrap(), keys);
    well &= pages::measure(&Server::start(&bench.url, None, bench.folder.path()));
    drop(bench);
    if !well {
        exit(1);
    }
}

impl Bench {
    /// A database of its own, with everything in it.
    fn new() -> Self {
        let seconds = env::var("SAFEHOLD_BENCH_SECONDS").map_or(6, |seconds| seconds.parse().expect("seconds"));
        let server = env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL: `make bench` sets it, see tests/run");
        let socket = server.split_once("host=").map(|(_, folder)| PathBuf::from(folder)).expect("?host=FOLDER");
        let database = format!("bench_{}", RequestId::new().0.simple());
        open(&server).batch_execute(&format!("CREATE DATABASE {database} TEMPLATE template0")).unwrap();
        let url = server.replacen("/postgres?", &format!("/{database}?"), 1);
        let folder = TempDir::new().unwrap();
        let keys = folder.path().join("keys.toml");
        Keys::create(&keys).unwrap();

        let begun = Instant::now();
        let mut conn = open(&url);
        conn.migrate().unwrap();
        progress("filling the database: 5,000 units, 100,000 past referrals");
        seed::fill(&url.parse().unwrap(), Keys::load(&keys).unwrap(), &mut conn);
        progress(&format!("filled in {:.0} s", begun.elapsed().as_secs_f64()));
        Self { url, database, conn, log: Log::of(&socket), folder, seconds, runs: 0 }
    }

    /// Each job done twice with every statement logged.
    fn capture(&mut self) -> [[Captured; 2]; 4] {
        progress("reading which SQL each request is");
        let database = self.database.clone();
        let mut set = |setting: &str| self.conn.batch_execute(&format!("ALTER DATABASE {database} {setting}")).unwrap();
        set("SET log_statement = 'all'");
        let server = Server::start(&self.url, Some(1), self.folder.path());
        set("RESET log_statement"); // for the connections to come
        let captured = Job::ALL.map(|job| {
            let token = server.sign_in(job.worker());
            let mut once = |number| {
                self.log.skip();
                let (unit, key) = (Job::unit(number), RequestId::new().0.to_string());
                let Request { method, path, body } = job.request(unit);
                let headers = format!("authorization: Bearer {token}\r\nidempotency-key: {key}\r\n");
                job.check(&server.send(method, &path, &headers, body.as_ref()));
                Captured { statements: self.log.statements(), unit, key }
            };
            once(0); // what a connection asks only once is no part of the request
            [once(1), once(2)]
        });
        drop(server);
        self.begin_again();
        captured
    }

    /// Measures a job over HTTP and by pgbench, in turn.
    fn measure(&mut self, job: Job, captured: &[Captured; 2]) -> Row {
        let mut runs: [Option<(Load, u64, Ceiling)>; ROUNDS] = array::from_fn(|_| None);
        for run in &mut runs {
            let (load, memory) = self.over_http(job);
            let ceiling = self.by_pgbench(job, captured);
            progress(&format!(
                "{}: {:.0} requests/s, {:.0} by pgbench",
                job.name(),
                load.per_second,
                ceiling.per_second
            ));
            *run = Some((load, memory, ceiling));
        }
        let runs = runs.into_iter().flatten();
        let (load, memory, _) = runs.clone().max_by(|(a, ..), (b, ..)| a.per_second.total_cmp(&b.per_second)).unwrap();
        let ceiling = runs.map(|(.., ceiling)| ceiling).max_by(|a, b| a.per_second.total_cmp(&b.per_second)).unwrap();
        Row { job, load, memory, ceiling }
    }

    /// The load, and the most memory that the server had, in MiB.
    fn over_http(&mut self, job: Job) -> (Load, u64) {
        if job.uses_up() {
            self.begin_again(); // the run before may have left nothing to warm up with
        }
        let server = Server::start(&self.url, None, self.folder.path());
        let lua = job.lua(&server.sign_in(job.worker()));
        let warm = drive(&server, &lua, 1, self.folder.path());
        let mut seconds = self.seconds;
        if job.uses_up() {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
            let enough = (0.7 * f64::from(world::ids::UNITS as u32) / warm.per_second) as u64;
            seconds = seconds.min(enough).max(1);
        }
        loop {
            let before = self.count(job);
            let load = drive(&server, &lua, seconds, self.folder.path());
            self.check_done(job, before, load.requests);
            if !load.used_up {
                return (load, server.peak_memory());
            }
            assert!(seconds > 1, "{} units do not last for a second", world::ids::UNITS);
            seconds -= 1;
        }
    }

    fn by_pgbench(&mut self, job: Job, captured: &[Captured; 2]) -> Ceiling {
        self.runs += 1;
        let before = self.count(job);
        let length = if job.uses_up() { Length::Units } else { Length::Seconds(self.seconds) };
        let reached = ceiling(captured, &self.url, self.runs, &length, self.folder.path());
        self.check_done(job, before, reached.transactions);
        reached
    }

    /// How often a job was done; begins again with one that is over when it is done to every unit.
    fn count(&mut self, job: Job) -> Option<f64> {
        let mut done = self.done(job)?;
        loop {
            thread::sleep(Duration::from_millis(100)); // wrk leaves without waiting for the last answers
            let later = self.done(job)?;
            if later <= done {
                break;
            }
            done = later;
        }
        if job.uses_up() {
            self.begin_again();
        }
        self.done(job)
    }

    fn done(&mut self, job: Job) -> Option<f64> {
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = BigInt)]
            count: i64,
        }
        let found: Count = diesel::sql_query(job.counted_by()?).get_result(&mut self.conn).unwrap();
        #[expect(clippy::cast_precision_loss, reason = "a count of rows")]
        Some(found.count as f64)
    }

    /// Nothing was measured that was not done. (What was under way at the end was done and is not counted.)
    fn check_done(&mut self, job: Job, before: Option<f64>, counted: f64) {
        if let (Some(before), Some(after)) = (before, self.done(job)) {
            let done = after - before;
            assert!(
                done >= counted && done <= counted + f64::from(CONNECTIONS),
                "{}: {done} done, {counted} counted",
                job.name()
            );
        }
    }

    /// Makes every referral wait again.
    fn begin_again(&mut self) {
        self.conn
            .batch_execute(
                "DELETE FROM placement WHERE state = 'expected';
                 DELETE FROM occupancy WHERE ends_at IS NULL;
                 UPDATE vacancy SET state = 'open', closed_at = NULL, version = 1
                 WHERE id IN (SELECT vacancy_id FROM referral WHERE state = 'accepted');
                 UPDATE referral SET state = 'sent', decided_at = NULL, address_from = NULL, address_until = NULL, version = 1
                 WHERE state = 'accepted'",
            )
            .unwrap();
        for table in ["placement", "occupancy", "vacancy", "referral"] {
            self.conn.batch_execute(&format!("VACUUM ANALYZE {table}")).unwrap();
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let server = self.url.replacen(&self.database, "postgres", 1);
        let dropped = open(&server).batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.database));
        if let Err(error) = dropped {
            progress(&error.to_string());
        }
    }
}

fn open(url: &str) -> Conn {
    url.parse::<DatabaseUrl>().unwrap().open().unwrap()
}

fn progress(text: &str) {
    eprintln!("bench: {text}");
}

/// What a program prints. Anything but success is fatal.
fn run(program: &str, arguments: &[String], folder: &Path) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {}\n{printed}\n{errors}", output.status);
    printed
}
