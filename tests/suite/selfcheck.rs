//! An installation checks itself: a sound one passes and is left as it was; what is broken on purpose is found.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use rstest::rstest;
use safehold::db::{Conn, DatabaseUrl};
use safehold::ids::RequestId;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::database::TestDatabase;
use crate::support::{Engine, Postgres, Sqlite};

const PROGRAM: &str = env!("CARGO_BIN_EXE_safehold");

/// The real program, installed as the manual says.
struct Installation {
    folder: TempDir,
    /// That of the server.
    url: String,
    /// That of whoever owns the database.
    owner: DatabaseUrl,
    role: Option<String>,
    address: String,
    server: Child,
    _database: Option<TestDatabase>,
}

impl Installation {
    fn new(on: Engine) -> Self {
        let folder = TempDir::new().unwrap();
        let (database, owner, role) = match on {
            Sqlite => (None, format!("sqlite:{}", folder.path().join("data/safehold.db").display()), None),
            Postgres => {
                let database = TestDatabase::bare(on);
                let DatabaseUrl::Postgres(url) = database.url.clone() else { panic!("this is PostgreSQL") };
                let role = format!("app_{}", RequestId::new().0.simple());
                database.open().batch_execute(&format!("CREATE ROLE {role} LOGIN")).unwrap();
                (Some(database), url, Some(role))
            }
        };
        let program = |url: &str, words: &[&str]| {
            let out = command(&folder, url).args(words).output().unwrap();
            assert!(out.status.success(), "{words:?}: {}", String::from_utf8_lossy(&out.stderr));
        };
        program(&owner, &["keys"]);
        let url = match &role {
            None => owner.clone(),
            Some(role) => {
                program(&owner, &["migrate", "--grant", role]);
                owner.replacen("//safehold@", &format!("//{role}@"), 1)
            }
        };
        let log = OpenOptions::new().append(true).create(true).mode(0o600).open(folder.path().join("log")).unwrap();
        let mut serve = command(&folder, &url);
        serve.arg("serve").env("RUST_LOG", "trace").stderr(log).stdout(Stdio::piped());
        let mut server = serve.spawn().unwrap();
        let mut greeting = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut greeting).unwrap();
        let address = greeting.split_whitespace().find(|word| word.starts_with("http://")).unwrap().to_owned();
        let owner = owner.parse().unwrap();
        Self { folder, url, owner, role, address, server, _database: database }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn raw(&self) -> Conn {
        self.owner.open().unwrap()
    }

    /// What the check says of everything, and whether it is satisfied.
    fn check(&self, server: &str) -> (bool, BTreeMap<String, (String, String)>) {
        let log = self.path("log").display().to_string();
        let words = ["selfcheck", "--json", "--server", server, "--log", &log];
        let out = command(&self.folder, &self.url).args(words).output().unwrap();
        let said = String::from_utf8_lossy(&out.stdout);
        let checked: Vec<Value> = serde_json::from_str(&said)
            .unwrap_or_else(|error| panic!("{error}: {said}{}", String::from_utf8_lossy(&out.stderr)));
        let text = |one: &Value, field: &str| one[field].as_str().unwrap().to_owned();
        let of = |one: &Value| (text(one, "check"), (text(one, "outcome"), text(one, "says")));
        (out.status.success(), checked.iter().map(of).collect())
    }

    /// The checks that are findings.
    fn findings(&self, server: &str) -> Vec<String> {
        let (sound, checked) = self.check(server);
        let found: Vec<_> =
            checked.iter().filter(|(_, (outcome, _))| outcome == "finding").map(|(name, _)| name.clone()).collect();
        assert_eq!(sound, found.is_empty(), "{checked:#?}");
        found
    }

    fn count(&self, of: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = BigInt)]
            count: i64,
        }
        let query = format!("SELECT count(*) AS count FROM {of}");
        diesel::sql_query(query).get_result::<Count>(&mut self.raw()).unwrap().count
    }
}

fn command(folder: &TempDir, url: &str) -> Command {
    let mut program = Command::new(PROGRAM);
    program.current_dir(folder.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    program.env("SAFEHOLD_DATABASE_URL", url).env("SAFEHOLD_KEY_FILE", "keys/keys.toml");
    program.env("SAFEHOLD_LISTEN", "127.0.0.1:0").env("SAFEHOLD_AUDIT_HEAD_FILE", "keys/heads.jsonl");
    program
}

impl Drop for Installation {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        if let Some(role) = &self.role {
            let _ = self.raw().batch_execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
        }
    }
}

/// S4, S21, S27, S28
#[rstest]
fn s04_s21_s27_s28_a_sound_installation_passes_twice_and_is_left_as_it_was(#[values(Sqlite, Postgres)] on: Engine) {
    let house = Installation::new(on);
    for _ in 0..2 {
        let (sound, checked) = house.check(&house.address);
        assert!(sound, "{checked:#?}");
        let fine = |name: &str| assert_eq!(checked[name].0, "ok", "{checked:#?}");
        let everywhere = ["answers", "release", "tables", "log", "security_headers", "cookies", "banner", "tidied_up"];
        let here: &[&str] = match on {
            Sqlite => &["raw_bytes", "database_file", "keys_apart"],
            Postgres => &["dump", "database_role", "database_tls", "clock_database"],
        };
        for name in everywhere.iter().chain(here) {
            fine(name);
        }
        for table in ["\"case\"", "case_identity", "unit", "unit_address", "service", "referral", "vacancy", "search"] {
            assert_eq!(house.count(table), 0, "{table}");
        }
        for open in ["organisation WHERE active", "account WHERE active", "session WHERE revoked_at IS NULL", "outbox"]
        {
            assert_eq!(house.count(open), 0, "{open}");
        }
        assert!(house.count("audit_event WHERE action = 'identity.disclosed'") > 0);
    }
    assert_eq!(house.count("organisation"), 1);
    assert!(
        fs::read_dir(house.folder.path())
            .unwrap()
            .chain(fs::read_dir(house.path("keys")).unwrap())
            .all(|entry| { !entry.unwrap().file_name().to_string_lossy().contains("selfcheck") })
    );
}

/// S8, S21
#[rstest]
fn s08_s21_what_is_broken_on_purpose_is_found(#[values(Sqlite, Postgres)] on: Engine) {
    let house = Installation::new(on);
    let key = house.path("keys/keys.toml");
    fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    assert_eq!(house.findings(&house.address), ["key_file"]);
    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();

    let (disarm, arm) = match on {
        Sqlite => ("DROP TRIGGER audit_event_keeps;", ""),
        Postgres => (
            "ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only;",
            "ALTER TABLE audit_event ENABLE TRIGGER audit_event_append_only;",
        ),
    };
    let changed = "UPDATE audit_event SET reason = 'emergency' WHERE action = 'case.opened';";
    house.raw().batch_execute(&format!("{disarm}{changed}{arm}")).unwrap();
    let found = house.findings(&house.address);
    assert_eq!(found, if on == Sqlite { vec!["audit", "audit_guards"] } else { vec!["audit"] });
    assert_eq!(house.findings("http://127.0.0.1:9"), ["server"]);
}

/// Something between the server and its callers that writes down whatever goes by: into the log, and into the database.
fn talkative(house: &Installation) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let to = house.address.strip_prefix("http://").unwrap().to_owned();
    house.raw().batch_execute("CREATE TABLE gossip (said text NOT NULL)").unwrap();
    if let Some(role) = &house.role {
        house.raw().batch_execute(&format!("GRANT SELECT ON gossip TO {role}")).unwrap();
    }
    let log = Arc::new(Mutex::new((OpenOptions::new().append(true).open(house.path("log")).unwrap(), house.raw())));
    thread::spawn(move || {
        for caller in listener.incoming() {
            let Ok(caller) = caller else { return };
            let server = TcpStream::connect(&to).unwrap();
            let (log, from, into) = (Arc::clone(&log), caller.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || pass(from, into, Some(&log)));
            thread::spawn(move || pass(server, caller, None));
        }
    });
    address
}

fn pass(mut from: TcpStream, mut into: TcpStream, log: Option<&Mutex<(File, Conn)>>) {
    let mut piece = vec![0; 65_536];
    while let Ok(length) = from.read(&mut piece)
        && length > 0
    {
        if let Some(log) = log {
            let mut log = log.lock().unwrap();
            log.0.write_all(&piece[..length]).unwrap();
            let said = String::from_utf8_lossy(&piece[..length]).replace('\'', "");
            log.1.batch_execute(&format!("INSERT INTO gossip VALUES ('{said}')")).unwrap();
        }
        if into.write_all(&piece[..length]).is_err() {
            return;
        }
    }
    let _ = into.shutdown(std::net::Shutdown::Write);
}

/// S4
#[rstest]
fn s04_a_name_in_a_log_or_in_a_column_is_found(#[values(Sqlite, Postgres)] on: Engine) {
    let house = Installation::new(on);
    let found = house.findings(&talkative(&house));
    let wanted = if on == Sqlite { ["log", "raw_bytes", "tables"] } else { ["dump", "log", "tables"] };
    assert_eq!(found, wanted);
    assert!(house.check(&house.address).1["tables"].0 == "ok", "another run looks for another name");
}
