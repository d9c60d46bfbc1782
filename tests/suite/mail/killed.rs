//! What becomes of mail when the program is killed in the middle of its work.

use std::collections::BTreeSet;
use std::fs;
use std::sync::mpsc;
use std::thread;

use chrono::TimeDelta;
use rstest::rstest;
use serde_json::json;
use tempfile::TempDir;

use super::{counted, forget_sign_ins, posted_all, states};
use crate::support::program::{Program, ask, command};
use crate::support::smtp::{MailServer, Mode};
use crate::support::world::key_file;
use crate::support::{Engine, Postgres, Sqlite, TestApp, new_case};

/// After so many referrals it is killed.
const REFERRALS: usize = 30;

/// S37: of everything that was acknowledged somebody is told, and of nothing else, however hard the program is killed
/// while it stores, spreads and sends.
#[rstest]
#[actix_web::test]
async fn s37_mail_outlives_a_kill(#[values(Sqlite, Postgres)] on: Engine) {
    let server = MailServer::start(Mode::Good);
    let app = TestApp::spawn(on);
    let folder = TempDir::new().unwrap();
    let keys = folder.path().join("keys.toml");
    fs::write(&keys, key_file()).unwrap();
    let token = app.token_of_today("caseworker").await;
    forget_sign_ins(&app);
    let mut serve = command(&app.url(), &keys);
    serve.env("SAFEHOLD_MAIL_URL", server.url()).env("SAFEHOLD_MAIL_FROM", "no-reply@safehold.example.org");
    let mut program = Program::start(serve);

    let (acknowledge, acknowledged) = mpsc::channel();
    let (address, service) = (program.address, app.world.refuge);
    let writer = thread::spawn(move || {
        let post = |path: &str, body| ask(address, "POST", path, &token, Some(&body));
        while let Some((201, case)) = post("/api/v1/cases", new_case()) {
            let path = format!("/api/v1/cases/{}/referrals", case["id"].as_str().unwrap());
            let Some((201, referral)) = post(&path, json!({ "service_id": service })) else { return };
            acknowledge.send(referral["id"].as_str().unwrap().to_owned()).unwrap();
        }
    });
    let mut referrals = acknowledged.iter().take(REFERRALS).count();
    program.kill();
    writer.join().unwrap();
    referrals += acknowledged.try_iter().count();
    assert!(referrals >= REFERRALS, "it failed before it was killed");

    // Another instance, when every lease has run out.
    app.clock.advance(TimeDelta::days(3650));
    let app = app.with_mailer(server.mailer());
    posted_all(&app).await;
    let sent = counted(&app, "SELECT count(*) AS count FROM audit_event WHERE action = 'referral.sent'");
    assert!(usize::try_from(sent).unwrap() >= referrals);
    assert_eq!((states(&app), counted(&app, "SELECT count(*) AS count FROM outbox")), ([("sent", 2 * sent)].into(), 0));
    let taken = server.taken();
    let ids: BTreeSet<_> = taken.iter().map(|message| message["headers"]["message-id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), usize::try_from(2 * sent).unwrap());
}
