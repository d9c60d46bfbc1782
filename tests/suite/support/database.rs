//! A database for each test: a copy of a template that each run of the tests makes once, migrated and with a small world
//! in it.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{env, fs, process, thread};

use actix_web::rt::System;
use diesel::connection::SimpleConnection;
use safehold::db::{Conn, DatabaseUrl};
use safehold::ids::RequestId;
use tempfile::TempDir;

use super::world::World;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

pub struct TestDatabase {
    pub url: DatabaseUrl,
    directory: Option<TempDir>,
}

impl TestDatabase {
    /// With the small world in it.
    pub fn new(engine: Engine) -> (Self, &'static World) {
        match engine {
            Engine::Sqlite => {
                let (template, world) = &*SQLITE;
                let directory = TempDir::new().unwrap();
                let path = directory.path().join("test.db");
                fs::copy(template, &path).unwrap();
                (Self { url: sqlite(&path), directory: Some(directory) }, world)
            }
            Engine::Postgres => {
                let (template, world) = &*POSTGRES;
                let name = format!("test_{}", RequestId::new().0.simple());
                server().batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).unwrap();
                (Self { url: postgres(&name), directory: None }, world)
            }
        }
    }

    /// Empty: not even migrated.
    pub fn bare(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let directory = TempDir::new().unwrap();
                Self { url: sqlite(&directory.path().join("test.db")), directory: Some(directory) }
            }
            Engine::Postgres => {
                let name = format!("test_{}", RequestId::new().0.simple());
                server().batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).unwrap();
                Self { url: postgres(&name), directory: None }
            }
        }
    }

    pub fn open(&self) -> Conn {
        self.url.open().unwrap()
    }

    /// The files of an embedded database.
    pub fn files(&self) -> Vec<PathBuf> {
        let directory = self.directory.as_ref().unwrap();
        fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

impl Drop for TestDatabase {
    /// Keeps the database of a failed test for a look at it.
    fn drop(&mut self) {
        if let (DatabaseUrl::Postgres(url), false) = (&self.url, thread::panicking()) {
            let name = url.split(['/', '?']).nth(3).unwrap();
            server().batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
        }
        if let Some(directory) = self.directory.take().filter(|_| thread::panicking()) {
            eprintln!("kept {}", directory.keep().display());
        }
    }
}

static SQLITE: LazyLock<(PathBuf, World)> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for old in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let _ = fs::remove_file(old); // of a run that is over; one that is not has it open
    }
    let template = folder.join(format!("template_{}.db", process::id()));
    let url = sqlite(&template);
    let world = make(url.clone());
    url.open().unwrap().batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    (template, world)
});

static POSTGRES: LazyLock<(String, World)> = LazyLock::new(|| {
    let name = format!("template_{}", RequestId::new().0.simple());
    server().batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).unwrap();
    let world = make(postgres(&name));
    (name, world)
});

/// Migrates a database and fills it, on a thread of its own: the caller may be inside a runtime.
fn make(url: DatabaseUrl) -> World {
    thread::spawn(|| {
        url.open().unwrap().migrate().unwrap();
        System::new().block_on(World::build(url))
    })
    .join()
    .unwrap()
}

fn sqlite(path: &Path) -> DatabaseUrl {
    format!("sqlite:{}", path.display()).parse().unwrap()
}

fn postgres(name: &str) -> DatabaseUrl {
    let server = env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL: `make test` sets it, see tests/run");
    server.replacen("/postgres?", &format!("/{name}?"), 1).parse().unwrap()
}

fn server() -> Conn {
    postgres("postgres").open().unwrap()
}
