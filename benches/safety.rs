//! What safety costs: `cargo bench --bench safety`, beside a PostgreSQL as `make bench` starts it.
//!
//! Signing in (Argon2id as configured), sealing and opening a field of the vault, and the audit of a request. One thread
//! throughout, so that a figure is what one core does.
#![allow(clippy::unwrap_used, reason = "a benchmark may fail")]

use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use actix_web::rt::System;
use diesel::connection::SimpleConnection;
use safehold::actions::installation::operator;
use safehold::audit::{Change, Did, Event};
use safehold::auth::password;
use safehold::clock::Clock;
use safehold::db::{DatabaseUrl, Db};
use safehold::ids::{EventId, KeyId, OrganisationId};
use safehold::settings::{Keys, Policy};
use safehold::vault::Place;
use tempfile::TempDir;

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return; // `cargo test --all-targets` runs it too
    }
    println!("What safety costs, on one core");
    println!();
    sign_in();
    vault();
    println!();
    println!("{:<46} {:>12} {:>12}", "the audit of a request", "SQLite", "PostgreSQL");
    let folder = TempDir::new().unwrap();
    let sqlite = format!("sqlite:{}", folder.path().join("bench.db").display()).parse().unwrap();
    let figures = [audit(&sqlite), audit(&postgres())];
    for (name, pick) in [
        ("one event in a write that happens anyway, µs", (|one: &Audit| one.event) as fn(&Audit) -> Duration),
        ("a write that is nothing but one event, µs", |one| one.alone),
        ("chaining one event, by the worker, µs", |one| one.chained),
    ] {
        println!("{name:<46} {:>12.1} {:>12.1}", micros(pick(&figures[0])), micros(pick(&figures[1])));
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// The least of five rounds, each `times` times: noise only ever slows.
fn least(times: u32, mut work: impl FnMut()) -> Duration {
    let round = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        (0..times).for_each(|_| work());
        start.elapsed() / times
    };
    (0..5).map(|_| round(&mut work)).min().unwrap_or_default()
}

fn sign_in() {
    let before = peak_kib();
    let stored = password::hash("copper kettle umbrella monday").unwrap();
    let memory = peak_kib().saturating_sub(before) / 1024;
    let parameters = stored.split('$').nth(3).unwrap_or_default();
    let time = least(10, || {
        black_box(password::verify("copper kettle umbrella monday", Some(black_box(&stored))));
    });
    let unknown = least(10, || {
        black_box(password::verify("copper kettle umbrella monday", None));
    });
    println!("Argon2id ({parameters}; m is in KiB): the process grew by {memory} MiB for one hash");
    println!(
        "  checking a password   {:>8.1} ms, so one core gives {:.0} sign-ins a second",
        millis(time),
        per_second(time)
    );
    println!("  of nobody we know     {:>8.1} ms", millis(unknown));
    println!();
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn per_second(time: Duration) -> f64 {
    1.0 / time.as_secs_f64()
}

/// The most memory that this process ever had.
fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap_or_default()
}

fn vault() {
    let keys = keys();
    let (id, organisation) = (KeyId::new(), OrganisationId::new());
    let wrapped = keys.vault.new_data_key(id, organisation).unwrap();
    let key = keys.vault.unseal(id, organisation, keys.vault.name(), &wrapped).unwrap();
    let place = Place { table: "case_identity", row: id.0, field: "identity" };
    let identity = [b'x'; 400];
    let sealed = key.seal(&identity, place).unwrap();
    let unwrapping = least(2_000, || {
        black_box(keys.vault.unseal(id, organisation, keys.vault.name(), black_box(&wrapped)).is_ok());
    });
    let sealing = least(2_000, || {
        black_box(key.seal(black_box(&identity), place).is_ok());
    });
    let opening = least(2_000, || {
        black_box(key.open(black_box(&sealed.bytes), place).is_ok());
    });
    println!("The vault, for one field of 400 bytes (XChaCha20-Poly1305)");
    println!("  unsealing the organisation's key {:>6.1} µs", micros(unwrapping));
    println!("  sealing the field                {:>6.1} µs", micros(sealing));
    println!("  opening it                       {:>6.1} µs", micros(opening));
}

struct Audit {
    event: Duration,
    alone: Duration,
    chained: Duration,
}

fn audit(url: &DatabaseUrl) -> Audit {
    url.open().unwrap().migrate().unwrap();
    let db = Db::new(url.clone(), 1, Clock::default(), keys(), Policy::default());
    System::new().block_on(async {
        db.check_keys().await.unwrap();
        let clock = Clock::default();
        let event = db
            .load(move |history| {
                let actor = operator();
                Ok(least(1_000, || {
                    let event = Event::new(Did::CaseEdited, EventId::new().0).fields(["needs.pets", "needs.funding"]);
                    history.write(clock.now(), &actor, |_| Ok(Change::new((), event))).unwrap();
                }))
            })
            .await
            .unwrap();
        let mut alone = Duration::MAX;
        for _ in 0..5 {
            let start = Instant::now();
            for _ in 0..100 {
                let event = Event::new(Did::CaseEdited, EventId::new().0);
                db.write(&operator(), move |_| Ok(Change::new((), event.clone()))).await.unwrap();
            }
            alone = alone.min(start.elapsed() / 100);
        }
        let (start, mut sealed) = (Instant::now(), 0);
        loop {
            match u32::try_from(db.seal_audit().await.unwrap()).unwrap() {
                0 => break,
                some => sealed += some,
            }
        }
        Audit { event, alone, chained: start.elapsed() / sealed }
    })
}

/// A new database on the server that `tests/run` starts.
fn postgres() -> DatabaseUrl {
    let server = std::env::var("TEST_DATABASE_URL").unwrap_or_else(|_| {
        eprintln!("bench: TEST_DATABASE_URL is not set: `tests/run --durable cargo bench --bench safety` sets it");
        std::process::exit(1);
    });
    let name = format!("bench_{}", EventId::new().0.simple());
    let mut conn = server.parse::<DatabaseUrl>().unwrap().open().unwrap();
    conn.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).unwrap();
    server.replacen("/postgres?", &format!("/{name}?"), 1).parse().unwrap()
}

fn keys() -> Keys {
    Keys::of("bench", &[7; 32], b"the audit key of the benchmark", b"the token key of the benchmark")
}
