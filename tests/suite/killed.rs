//! What is left when the program is killed in the middle of its work.

use std::fs;
use std::sync::mpsc;
use std::thread;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use rstest::rstest;
use tempfile::TempDir;

use crate::support::program::{Program, ask, command};
use crate::support::world::key_file;
use crate::support::{Engine, Postgres, Sqlite, TestApp, new_case};

/// So many people write at once; and after so many answers it is killed.
const WRITERS: usize = 4;
const ANSWERS: usize = 60;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn count(app: &TestApp, query: &str) -> usize {
    let query = format!("SELECT count(*) AS number FROM {query}");
    let count: Count = diesel::sql_query(query).get_result(&mut app.raw()).unwrap();
    usize::try_from(count.number).unwrap()
}

/// S37: what was acknowledged is there, nothing is there by half, and the audit is whole.
#[rstest]
#[actix_web::test]
async fn s37_what_was_acknowledged_outlives_a_kill(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let folder = TempDir::new().unwrap();
    let keys = folder.path().join("keys.toml");
    fs::write(&keys, key_file()).unwrap();
    let token = app.token_of_today("caseworker").await;

    let mut program = Program::serve(&app.url(), &keys);
    let (acknowledge, acknowledged) = mpsc::channel();
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let (acknowledge, token, address) = (acknowledge.clone(), token.clone(), program.address);
            thread::spawn(move || {
                while let Some((status, case)) = ask(address, "POST", "/api/v1/cases", &token, Some(&new_case())) {
                    assert_eq!(status, 201, "{case}");
                    acknowledge.send(case["id"].as_str().unwrap().to_owned()).unwrap();
                }
            })
        })
        .collect();
    drop(acknowledge);
    let mut cases: Vec<String> = acknowledged.iter().take(ANSWERS).collect();
    program.kill();
    for writer in writers {
        writer.join().unwrap();
    }
    cases.extend(acknowledged.try_iter());
    assert!(cases.len() >= ANSWERS, "it failed before it was killed");

    let verified = command(&app.url(), &keys).args(["audit", "verify"]).output().unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    let stored = count(&app, "\"case\"");
    assert!(
        (cases.len()..=cases.len() + WRITERS).contains(&stored),
        "{stored} are stored and {} acknowledged",
        cases.len()
    );
    assert_eq!(count(&app, "case_identity"), stored);
    assert_eq!(count(&app, "audit_event WHERE action = 'case.opened'"), stored);

    let program = Program::serve(&app.url(), &keys);
    for case in cases {
        let found = ask(program.address, "GET", &format!("/api/v1/cases/{case}"), &token, None);
        assert_eq!(found.map(|(status, _)| status), Some(200), "{case} was acknowledged");
    }
}
