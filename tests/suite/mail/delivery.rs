//! From what has happened to a message that has arrived.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::time::Duration;

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use futures_util::future::join;
use rstest::rstest;
use safehold::domain::mail::{TRIES, Topic};
use safehold::ids::EventId;
use safehold::mail::{deliver, letter};
use serde_json::{Value, json};

use super::{counted, forget_sign_ins, happened, posted_all, queued, recording, states, told};
use crate::restricted::exclude;
use crate::steps::{accepted, audited, expected, opened, posted, referred};
use crate::support::smtp::{MailServer, Mode, mailer, mailer_within};
use crate::support::{Engine, Postgres, Sqlite, TestApp};

fn message_ids(taken: &[Value]) -> Vec<String> {
    taken.iter().map(|message| message["headers"]["message-id"].as_str().unwrap().to_owned()).collect()
}

/// The problem of every message that has one.
async fn problems(app: &TestApp) -> Vec<String> {
    let list = app.client("administrator").await.get("/api/v1/mail?limit=200").await.ok();
    list.items().iter().filter_map(|mail| mail["problem"].as_str().map(str::to_owned)).collect()
}

/// A closed port of this machine.
fn nobody() -> String {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    format!("smtp://127.0.0.1:{port}")
}

/// S37
#[rstest]
#[actix_web::test]
async fn s37_a_message_is_delivered_once(#[values(Sqlite, Postgres)] on: Engine) {
    let server = MailServer::start(Mode::Good);
    let app = TestApp::spawn(on).with_mailer(server.mailer());
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    referred(&helpline, &opened(&helpline).await, &posted(&refuge, app.world.a1).await).await;
    assert_eq!((posted_all(&app).await, posted_all(&app).await), (2, 0));
    let taken = server.taken();
    let mut to: Vec<_> = taken.iter().map(|message| message["to"][0].as_str().unwrap()).collect();
    to.sort_unstable();
    assert_eq!(to, ["refuge_manager@example.org", "refuge_worker@example.org"]);
    assert_eq!(taken[0]["headers"]["subject"], "A new referral is waiting for you");
    assert_eq!(taken[0]["from"], "no-reply@safehold.example.org");
    assert_eq!(message_ids(&taken).iter().collect::<BTreeSet<_>>().len(), 2);
    assert_eq!(states(&app), [("sent", 2)].into());
    assert_eq!(counted(&app, "SELECT count(*) AS count FROM outbox"), 0);
}

/// Who did it is not told of it; the other side is.
#[rstest]
#[actix_web::test]
async fn each_side_of_a_referral_is_told_what_the_other_did(#[values(Sqlite, Postgres)] on: Engine) {
    let (app, sent) = recording(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let (staff, worker) = (["refuge_manager", "refuge_worker"], ["caseworker"]);
    let expect = async |names: &[&str], topic: &'static str| {
        posted_all(&app).await;
        let expected: Vec<_> = names.iter().map(|name| ((*name).to_owned(), topic)).collect();
        assert_eq!(told(&sent.take()), expected);
    };
    let case = opened(&helpline).await;
    let referral = referred(&helpline, &case, &posted(&refuge, app.world.a1).await).await;
    expect(&staff, "referral_received").await;
    refuge.post(&format!("{referral}/request-information"), json!({ "note": "How many?" })).await.ok();
    expect(&worker, "information_requested").await;
    helpline.post(&format!("{referral}/give-information"), json!({ "note": "Two." })).await.ok();
    expect(&staff, "information_given").await;
    accepted(&refuge, &referral).await;
    expect(&worker, "referral_decided").await;
    let second = referred(&helpline, &opened(&helpline).await, &posted(&refuge, app.world.a2).await).await;
    expect(&staff, "referral_received").await;
    let why = json!({ "primary_reason": "declined_support" });
    helpline.post(&format!("{second}/withdraw"), why).await.ok();
    expect(&staff, "referral_decided").await;
    happened(&app, Topic::PasswordChanged, app.world.account("auditor").id.0);
    expect(&["auditor"], "password_changed").await;
    // What is about nothing, is told to nobody.
    happened(&app, Topic::ReferralReceived, EventId::new().0);
    happened(&app, Topic::AccessAlert, EventId::new().0);
    expect(&[], "").await;
    assert_eq!(counted(&app, "SELECT count(*) AS count FROM outbox"), 0);
}

/// S17: nobody is told of a case that does not exist for them.
#[rstest]
#[actix_web::test]
async fn s17_who_a_case_is_kept_from_is_not_told_of_it(#[values(Sqlite, Postgres)] on: Engine) {
    let (app, sent) = recording(on);
    let (refuge, helpline) = (app.client("refuge_manager").await, app.client("caseworker").await);
    let referral = referred(&helpline, &opened(&helpline).await, &posted(&refuge, app.world.a1).await).await;
    exclude(&refuge, &referral, &app, "refuge_worker").await.ok();
    app.raw().batch_execute("DELETE FROM outbox WHERE topic = 'access_alert'").unwrap();
    posted_all(&app).await;
    assert_eq!(told(&sent.take()), [("refuge_manager".to_owned(), "referral_received")]);
}

/// S31: managers and auditors are told that somebody reads very much; she herself is not.
#[rstest]
#[actix_web::test]
async fn s31_an_alert_is_told_to_managers_and_auditors(#[values(Sqlite, Postgres)] on: Engine) {
    let (app, sent) = recording(on);
    let helpline = app.client("caseworker").await;
    for _ in 0..21 {
        let case = opened(&helpline).await;
        helpline.disclose(&format!("{case}/identity-disclosures"), "safeguarding").await.ok();
    }
    posted_all(&app).await;
    let expected = ["auditor", "helpline_manager"].map(|name| (name.to_owned(), "access_alert"));
    assert_eq!(told(&sent.take()), expected);
}

/// Whoever cannot work on a case any more is told nothing: her managers are, in her place.
#[rstest]
#[actix_web::test]
async fn nobody_is_told_who_has_left(#[values(Sqlite, Postgres)] on: Engine) {
    let (app, sent) = recording(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let referral = referred(&helpline, &opened(&helpline).await, &posted(&refuge, app.world.a1).await).await;
    accepted(&refuge, &referral).await;
    // Both notices wait; of those who are told, two leave before they are, and one before it is sent.
    let manager = app.client("administrator").await;
    let close = async |name: &str| {
        let path = format!("/api/v1/accounts/{}", app.world.account(name).id.0);
        manager.patch(&path, "\"1\"", json!({ "active": false })).await.ok();
    };
    close("caseworker").await;
    close("refuge_worker").await;
    forget_sign_ins(&app);
    while app.db.expand_notices().await.unwrap() > 0 {}
    close("refuge_manager").await;
    posted_all(&app).await;
    assert_eq!(told(&sent.take()), [("helpline_manager".to_owned(), "referral_decided")]);
    assert_eq!(states(&app), [("not_wanted", 1), ("sent", 1)].into());
    assert_eq!(problems(&app).await, ["account_closed"]);
}

/// S38
#[rstest]
#[actix_web::test]
async fn s38_without_mail_the_main_job_goes_on_and_nothing_is_lost(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on).with_mailer(mailer(&nobody(), None));
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    expected(&app, &refuge, &helpline).await;
    assert_eq!((posted_all(&app).await, states(&app)), (3, [("waiting", 3)].into()));
    assert_eq!(problems(&app).await, ["unreachable"; 3]);
    assert_eq!(posted_all(&app).await, 0); // it is not tried all the time
    app.clock.advance(TimeDelta::minutes(1));
    assert_eq!(posted_all(&app).await, 3);

    let server = MailServer::start(Mode::Good);
    let app = app.with_mailer(server.mailer());
    assert_eq!(posted_all(&app).await, 0);
    app.clock.advance(TimeDelta::minutes(2));
    assert_eq!(posted_all(&app).await, 3);
    assert_eq!((server.taken().len(), states(&app)), (3, [("sent", 3)].into()));
    assert_eq!(problems(&app).await, [""; 0]);
}

/// S38: a server that never answers keeps nobody waiting but its own messages, and not for long.
#[rstest]
#[actix_web::test]
async fn s38_a_server_that_never_answers_is_left(#[values(Sqlite, Postgres)] on: Engine) {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}", silent.local_addr().unwrap());
    let app = TestApp::spawn(on).with_mailer(mailer_within(&url, None, Duration::from_millis(50)));
    queued(&app, Topic::PasswordChanged, "caseworker", EventId::new().0);
    assert_eq!((posted_all(&app).await, states(&app)), (1, [("waiting", 1)].into()));
    assert_eq!(problems(&app).await, ["timed_out"]);
}

#[rstest]
#[actix_web::test]
async fn what_a_server_will_never_take_is_given_up_and_tried_again_by_hand(#[values(Sqlite, Postgres)] on: Engine) {
    let server = MailServer::start(Mode::Reject);
    let app = TestApp::spawn(on).with_mailer(server.mailer());
    queued(&app, Topic::ReferralReceived, "refuge_worker", EventId::new().0);
    posted_all(&app).await;
    let administrator = app.client("administrator").await;
    let list = administrator.get("/api/v1/mail?state=given_up").await.ok();
    assert_eq!((list.items().len(), &list.items()[0]["problem"]), (1, &json!("rejected")));
    assert_eq!((list.items()[0]["attempts"].as_i64(), audited(&app, "mail.given_up")), (Some(1), 1));
    let summary = administrator.get("/api/v1/mail/summary").await.ok();
    assert_eq!(summary.json["given_up"], json!([{ "topic": "referral_received", "number": 1 }]));

    let server = MailServer::start(Mode::Good);
    let app = app.with_mailer(server.mailer());
    assert_eq!(posted_all(&app).await, 0);
    let path = format!("/api/v1/mail/{}/retry", list.items()[0]["id"].as_str().unwrap());
    let again = administrator.post(&path, Value::Null).await.ok();
    assert_eq!((again.text_of("state"), again.json["attempts"].as_i64()), ("waiting".into(), Some(0)));
    let refused = administrator.post(&path, Value::Null).await;
    assert_eq!(
        (refused.problem().as_str(), &refused.json["current"]["mail"]),
        ("409 mail_not_given_up", &json!("waiting"))
    );
    assert_eq!((posted_all(&app).await, server.taken().len(), audited(&app, "mail.retried")), (1, 1, 1));
    let unknown = format!("/api/v1/mail/{}/retry", EventId::new().0);
    assert_eq!(administrator.post(&unknown, Value::Null).await.problem(), "404 not_found");
}

#[rstest]
#[actix_web::test]
async fn what_is_always_put_off_is_given_up_after_ten_tries(#[values(Sqlite, Postgres)] on: Engine) {
    let server = MailServer::start(Mode::Later);
    let app = TestApp::spawn(on).with_mailer(server.mailer());
    queued(&app, Topic::ReferralReceived, "refuge_worker", EventId::new().0);
    let mut tries = 0;
    for _ in 0..20 {
        tries += posted_all(&app).await;
        app.clock.advance(TimeDelta::hours(2));
    }
    assert_eq!((i32::try_from(tries).unwrap(), states(&app)), (TRIES, [("given_up", 1)].into()));
    assert_eq!((problems(&app).await, audited(&app, "mail.given_up")), (vec!["put_off".to_owned()], 1));
}

/// S38
#[rstest]
#[case::from_the_first_byte(Mode::Tls, "smtps://localhost:{}")]
#[case::before_anything_is_said(Mode::StartTls, "smtp://localhost:{}?tls=required")]
#[actix_web::test]
async fn s38_mail_is_encrypted_for_a_server_that_can_be_trusted(#[case] mode: Mode, #[case] url: &str) {
    let server = MailServer::start(mode);
    let url = url.replace("{}", &server.port.to_string());
    let app = TestApp::spawn(Sqlite).with_mailer(mailer(&url, None));
    queued(&app, Topic::ReferralReceived, "refuge_worker", EventId::new().0);
    posted_all(&app).await;
    assert_eq!((problems(&app).await, server.taken().len()), (vec!["not_encrypted".to_owned()], 0));

    let app = app.with_mailer(mailer(&url, Some(server.certificate())));
    app.clock.advance(TimeDelta::minutes(1));
    posted_all(&app).await;
    let taken = server.taken();
    assert_eq!((taken.len(), &taken[0]["encrypted"]), (1, &json!(true)));
}

/// A server that cannot encrypt gets nothing where encryption is asked for.
#[actix_web::test]
async fn s38_nothing_is_said_in_the_open() {
    let server = MailServer::start(Mode::Good);
    let app =
        TestApp::spawn(Sqlite).with_mailer(mailer(&format!("smtp://localhost:{}?tls=required", server.port), None));
    queued(&app, Topic::ReferralReceived, "refuge_worker", EventId::new().0);
    posted_all(&app).await;
    assert_eq!((problems(&app).await, server.taken().len()), (vec!["not_encrypted".to_owned()], 0));
}

/// S37
#[rstest]
#[actix_web::test]
async fn s37_two_that_deliver_at_once_send_each_message_once(#[values(Sqlite, Postgres)] on: Engine) {
    let server = MailServer::start(Mode::Good);
    let app = TestApp::spawn(on).with_mailer(server.mailer());
    for _ in 0..6 {
        happened(&app, Topic::VacanciesStale, app.world.provider.0);
    }
    let (one, other) = join(app.db.expand_notices(), app.db.expand_notices()).await;
    assert!(one.unwrap() + other.unwrap() >= 6);
    assert_eq!(states(&app), [("waiting", 12)].into());
    let mut tried = 0;
    while tried < 12 {
        let (one, other) = join(deliver(app.application()), deliver(app.application())).await;
        tried += one.unwrap() + other.unwrap();
    }
    let ids = message_ids(&server.taken());
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (12, 12));
    assert_eq!(states(&app), [("sent", 12)].into());
}

/// S37: killed between sending and noting it.
#[rstest]
#[actix_web::test]
async fn s37_what_was_sent_and_not_noted_is_sent_again_under_the_same_name(#[values(Sqlite, Postgres)] on: Engine) {
    let server = MailServer::start(Mode::Good);
    let app = TestApp::spawn(on).with_mailer(server.mailer());
    queued(&app, Topic::ReferralReceived, "refuge_worker", EventId::new().0);
    let leased = app.db.lease_mail(10).await.unwrap();
    assert_eq!(leased.len(), 1);
    let message = letter(app.application(), &leased[0], app.clock.now());
    app.application().mailer.send(&message).await.unwrap();

    // Nobody touches it while whoever took it may still be at work.
    assert_eq!(posted_all(&app).await, 0);
    app.clock.advance(TimeDelta::minutes(2));
    assert_eq!(posted_all(&app).await, 1);
    let ids = message_ids(&server.taken());
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]));
    assert_eq!(states(&app), [("sent", 1)].into());
    // Whose lease ran out, and who comes to after all, changes nothing.
    let late = safehold::db::mail::Outcome::PutOff(app.clock.now(), safehold::domain::mail::Problem::TimedOut);
    app.db.settle_mail(leased[0].mail.id, leased[0].mail.attempts, late).await.unwrap();
    assert_eq!(states(&app), [("sent", 1)].into());
}

/// S37: killed before it was known who is told.
#[rstest]
#[actix_web::test]
async fn s37_a_notice_is_stored_with_what_happened(#[values(Sqlite, Postgres)] on: Engine) {
    let (app, sent) = recording(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let vacancy = posted(&refuge, app.world.a1).await;
    let case = opened(&helpline).await;
    let body = json!({ "vacancy_id": vacancy });
    let path = format!("{case}/referrals");
    for _ in 0..2 {
        helpline.post_as(&path, "the same request", body.clone()).await.ok();
    }
    helpline.post(&path, body).await; // refused: nobody is told of it
    forget_sign_ins(&app);
    assert_eq!(counted(&app, "SELECT count(*) AS count FROM outbox"), 1);
    posted_all(&app).await;
    assert_eq!(sent.take().len(), 2);
}

/// Without a server everything waits, and what is of no use by then is not sent.
#[rstest]
#[actix_web::test]
async fn what_waited_too_long_is_not_sent(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    queued(&app, Topic::HoldLapsing, "caseworker", EventId::new().0);
    queued(&app, Topic::ReferralReceived, "refuge_worker", EventId::new().0);
    assert_eq!((posted_all(&app).await, states(&app)), (0, [("waiting", 2)].into()));
    app.clock.advance(TimeDelta::days(3));
    let sent = safehold::mail::Recorder::default();
    let app = app.with_mailer(safehold::mail::Mailer::Recorded(sent.clone()));
    posted_all(&app).await;
    assert_eq!(told(&sent.take()), [("refuge_worker".to_owned(), "referral_received")]);
    assert_eq!(problems(&app).await, ["too_late"]);
    // What is over is forgotten after a month.
    app.clock.advance(TimeDelta::days(31));
    app.db.forget_old_mail().await.unwrap();
    assert_eq!(states(&app), [].into());
}
