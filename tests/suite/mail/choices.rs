//! What people want to be told by mail, and when.

use actix_web::http::Method;
use chrono::TimeDelta;
use rstest::rstest;
use safehold::domain::mail::Topic;
use safehold::ids::EventId;
use serde_json::{Value, json};

use super::{posted_all, queued, recording, states, told};
use crate::steps::audited;
use crate::support::{Answer, Client, Engine, Postgres, Sqlite};

async fn choose(client: &Client, version: &str, choices: Value) -> Answer {
    client.request(Method::PUT, "/api/v1/me/mail", &[("if-match", version)], Some(choices)).await
}

#[rstest]
#[actix_web::test]
async fn s39_mail_waits_for_the_end_of_quiet_hours_but_for_the_essential(#[values(Sqlite, Postgres)] on: Engine) {
    let (app, sent) = recording(on);
    let worker = app.client("refuge_worker").await;
    // It is ten in the morning in England.
    let quiet = json!({ "unwanted": [], "quiet_hours": { "from": "09:30", "until": "12:00" } });
    choose(&worker, "\"0\"", quiet.clone()).await.ok();
    queued(&app, Topic::ReferralReceived, "refuge_worker", EventId::new().0);
    queued(&app, Topic::NewSignIn, "refuge_worker", EventId::new().0);
    posted_all(&app).await;
    assert_eq!(told(&sent.take()), [("refuge_worker".to_owned(), "new_sign_in")]);
    app.clock.advance(TimeDelta::minutes(119));
    assert_eq!(posted_all(&app).await, 0);
    app.clock.advance(TimeDelta::minutes(1));
    posted_all(&app).await;
    assert_eq!(told(&sent.take()), [("refuge_worker".to_owned(), "referral_received")]);

    // Who changes their mind need not wait.
    app.clock.advance(TimeDelta::hours(-1));
    queued(&app, Topic::ReferralReceived, "refuge_worker", EventId::new().0);
    assert_eq!(posted_all(&app).await, 0);
    let worker = app.client("refuge_worker").await;
    choose(&worker, "\"1\"", json!({ "unwanted": [] })).await.ok();
    assert_eq!(posted_all(&app).await, 1);
    assert_eq!(audited(&app, "account.mail_choices_changed"), 2);
}

#[rstest]
#[actix_web::test]
async fn what_is_not_wanted_is_not_sent_and_the_essential_always_is(#[values(Sqlite, Postgres)] on: Engine) {
    let (app, sent) = recording(on);
    let worker = app.client("caseworker").await;
    let nothing = worker.get("/api/v1/me/mail").await.ok();
    assert_eq!((nothing.json.clone(), nothing.header("etag")), (json!({ "unwanted": [] }), "\"0\""));
    let chosen = choose(&worker, "\"0\"", json!({ "unwanted": ["watch_matched"] })).await.ok();
    assert_eq!(chosen.header("etag"), "\"1\"");
    assert_eq!(worker.get("/api/v1/me/mail").await.ok().json, chosen.json);
    for name in ["caseworker", "colleague"] {
        queued(&app, Topic::WatchMatched, name, EventId::new().0);
    }
    posted_all(&app).await;
    assert_eq!(told(&sent.take()), [("colleague".to_owned(), "watch_matched")]);
    assert_eq!(states(&app), [("not_wanted", 1), ("sent", 1)].into());

    for (choices, at) in [
        (json!({ "unwanted": ["hold_lapsing", "password_reset"] }), "body/unwanted/1"),
        (json!({ "unwanted": ["hold_lapsing", "hold_lapsing"] }), "body/unwanted/1"),
        (json!({ "unwanted": [], "quiet_hours": { "from": "22:00", "until": "22:00" } }), "body/quiet_hours/until"),
        (json!({ "unwanted": [], "quiet_hours": { "from": "22:00" } }), "body/quiet_hours/until"),
        (json!({ "unwanted": [], "quiet_hours": { "from": "10pm", "until": "07:00" } }), "body/quiet_hours/from"),
        (json!({ "unwanted": ["gossip"] }), "body/unwanted/0"),
        (json!({ "unwanted": [], "email": "elsewhere@example.org" }), "body/email"),
    ] {
        let refused = choose(&worker, "\"1\"", choices).await;
        assert_eq!((refused.problem().as_str(), refused.pointers()), ("422 invalid", vec![at.to_owned()]));
    }
    let stale = choose(&worker, "\"0\"", json!({ "unwanted": [] })).await;
    assert_eq!((stale.problem().as_str(), &stale.json["current_version"]), ("412 stale", &json!(1)));
}

#[rstest]
#[actix_web::test]
async fn mail_is_chosen_on_a_page(#[values(Sqlite, Postgres)] on: Engine) {
    let (app, _) = recording(on);
    let worker = app.visitor("refuge_worker").await;
    let page = worker.page("/account/mail").await.ok().text;
    assert!(page.contains("A new referral") && !page.contains("A place for a household under watch"), "{page}");
    let fields = [("version", "0"), ("wanted", "referral_received"), ("quiet_hours/from", "22:00")];
    let missing = worker.submit("/account/mail", &fields).await;
    assert_eq!(missing.status, 422);
    assert!(missing.text.contains("Enter when the quiet hours end"), "{}", missing.text);
    let whole = [fields.as_slice(), &[("quiet_hours/until", "07:00")]].concat();
    let saved = worker.submit("/account/mail", &whole).await;
    assert_eq!(saved.header("location"), "/account/mail?done=mail-chosen");
    let told = app.client("refuge_worker").await.get("/api/v1/me/mail").await.ok().json;
    assert_eq!(told["quiet_hours"], json!({ "from": "22:00", "until": "07:00" }));
    let unwanted = [
        "information_given",
        "message_received",
        "no_longer_needed",
        "referral_decided",
        "tasks_overdue",
        "vacancies_stale",
    ];
    assert_eq!(told["unwanted"], json!(unwanted));
    // Once more from the old page: nothing is overwritten unseen.
    let stale = worker.submit("/account/mail", &whole).await;
    assert!(stale.status == 422 && stale.text.contains("Somebody else has changed this"), "{}", stale.text);
    let nothing = app.visitor("administrator").await.page("/account/mail").await.ok().text;
    assert!(nothing.contains("You have nothing to choose"), "{nothing}");
}
