//! The demonstration, loaded once in each run of the tests, and copied for each site.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{env, fs, process, thread};

use actix_web::rt::System;
use chrono::DateTime;
use diesel::connection::SimpleConnection;
use safehold::clock::{At, Clock};
use safehold::db::{DatabaseUrl, Db};
use safehold::demo;
use safehold::settings::Policy;

use crate::support::database::TestDatabase;
use crate::support::{Engine, Postgres, world};

/// When the demonstration was loaded: a Tuesday, ten in the morning in England.
pub fn demonstrated() -> At {
    At::from("2026-06-09T09:00:00Z".parse::<DateTime<_>>().unwrap())
}

/// With the demonstration in it, as it is at [`demonstrated`].
pub fn demonstration(engine: Engine) -> TestDatabase {
    let database = TestDatabase::bare(engine);
    match &database.url {
        DatabaseUrl::Sqlite(path) => {
            fs::copy(&*SQLITE, path).unwrap();
        }
        DatabaseUrl::Postgres(url) => {
            let (name, template) = (name(url), &*POSTGRES);
            let server: DatabaseUrl = env::var("TEST_DATABASE_URL").unwrap().parse().unwrap();
            let mut server = server.open().unwrap(); // each statement for itself: neither may be in a transaction
            server.batch_execute(&format!("DROP DATABASE {name}")).unwrap();
            server.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).unwrap();
        }
    }
    database
}

static SQLITE: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demonstration");
    fs::create_dir_all(&folder).unwrap();
    for old in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
        let _ = fs::remove_file(old); // of a run that is over; one that is not has it open
    }
    let template = folder.join(format!("{}.db", process::id()));
    let url: DatabaseUrl = format!("sqlite:{}", template.display()).parse().unwrap();
    load(url.clone());
    url.open().unwrap().batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    template
});

static POSTGRES: LazyLock<String> = LazyLock::new(|| {
    let database = Box::leak(Box::new(TestDatabase::bare(Postgres))); // goes with the server
    load(database.url.clone());
    match &database.url {
        DatabaseUrl::Postgres(url) => name(url).to_owned(),
        DatabaseUrl::Sqlite(_) => unreachable!(),
    }
});

/// On a thread of its own: the caller may be inside a runtime.
fn load(url: DatabaseUrl) {
    let load = async |url| {
        let db = Db::new(url, 1, Clock::standing_at(demonstrated()), world::keys(), Policy::default());
        db.check_keys().await.unwrap();
        demo::load(&db, demonstrated(), |_| ()).await.unwrap();
    };
    let filled = thread::spawn(move || {
        url.open().unwrap().migrate().unwrap();
        System::new().block_on(load(url));
    });
    filled.join().unwrap();
}

/// Of the database, in the address of one on a server.
fn name(url: &str) -> &str {
    url.split(['/', '?']).nth(3).unwrap()
}
