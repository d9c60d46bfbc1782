//! The conversation of a referral, who has read it, and how long each side has waited.

use chrono::TimeDelta;
use rstest::rstest;
use safehold::mail::{Letter, Mailer, Recorder, deliver};
use serde_json::{Value, json};

use crate::restricted::exclude;
use crate::steps::{Expected, accepted, audited, expected, opened, opened_with, posted, referred};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp, mother_and_daughter};

const REFERRALS: &str = "/api/v1/referrals";

/// Who was told of what by mail, but for sign-ins: (name, topic), in order.
pub async fn told(app: &TestApp, sent: &Recorder) -> Vec<(String, &'static str)> {
    while app.db.expand_notices().await.unwrap() > 0 {}
    while deliver(app.application()).await.unwrap() > 0 {}
    let name = |letter: &Letter| letter.to.split('@').next().unwrap().to_owned();
    let letters = sent.take();
    let topics = letters.iter().map(|letter| (name(letter), letter.topic.as_str()));
    let mut told: Vec<_> = topics.filter(|(_, topic)| *topic != "new_sign_in").collect();
    told.sort();
    told
}

/// The same, with a mailer that keeps what it is given.
pub fn recording(on: Engine) -> (TestApp, Recorder) {
    let recorder = Recorder::default();
    (TestApp::spawn(on).with_mailer(Mailer::Recorded(recorder.clone())), recorder)
}

async fn say(client: &Client, referral: &str, words: &str) {
    client.post(&format!("{referral}/notes"), json!({ "note": words })).await.ok();
}

/// How many messages are new to a reader, as one and in the list.
async fn unread(client: &Client, referral: &str) -> u64 {
    let one = client.get(referral).await.ok().json["unread"].as_u64().unwrap();
    assert_eq!(client.get(REFERRALS).await.ok().items()[0]["unread"], json!(one));
    one
}

#[rstest]
#[actix_web::test]
async fn a_message_changes_nothing_and_each_side_sees_when_the_other_has_read_it(
    #[values(Sqlite, Postgres)] on: Engine,
) {
    let (app, sent) = recording(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let referral = referred(&helpline, &opened(&helpline).await, &posted(&refuge, app.world.a1).await).await;
    told(&app, &sent).await;
    let before = helpline.get(&referral).await.ok().json;

    say(&helpline, &referral, "She can travel by train.").await;
    say(&helpline, &referral, "From four on.").await;
    let staff = ["refuge_manager", "refuge_worker"].map(|name| (name.to_owned(), "message_received"));
    assert_eq!(told(&app, &sent).await, [&staff[..1], &staff[..1], &staff[1..], &staff[1..]].concat());
    assert_eq!((unread(&refuge, &referral).await, unread(&helpline, &referral).await), (2, 0));
    assert_eq!(audited(&app, "referral.message_sent"), 2);
    let after = helpline.get(&referral).await.ok().json;
    for field in ["state", "version", "waiting_since", "answer_due_at"] {
        assert_eq!(after[field], before[field], "{field}");
    }

    let own = helpline.get(&format!("{referral}/notes")).await.ok();
    assert_eq!(own.items()[0]["account_id"], json!(app.world.account("caseworker").id));
    assert_eq!(own.items()[0]["read_at"], Value::Null, "its own side reading it is not the other side reading it");
    app.clock.advance(TimeDelta::minutes(5));
    for _ in 0..2 {
        let theirs = refuge.get(&format!("{referral}/notes")).await.ok();
        let first = &theirs.items()[0];
        assert_eq!((&first["side"], &first["kind"]), (&json!("referrer"), &json!("message")));
        assert_eq!(first["account_id"], Value::Null, "who wrote it is the other side's own affair");
        assert_eq!(first["read_at"], "2026-04-01T09:05:00Z", "the first time counts");
        app.clock.advance(TimeDelta::minutes(1));
    }
    assert_eq!(unread(&refuge, &referral).await, 0);
    let own = helpline.get(&format!("{referral}/notes")).await.ok();
    assert_eq!(own.items()[1]["read_at"], "2026-04-01T09:05:00Z");

    say(&refuge, &referral, "Good.").await;
    assert_eq!(told(&app, &sent).await, [("caseworker".to_owned(), "message_received")]);
    let last = helpline.get(&referral).await.ok().json;
    assert_eq!((&last["unread"], &last["last_message_from"]), (&json!(1), &json!("provider")));
    assert_eq!(last["last_message_at"], "2026-04-01T09:07:00Z");
}

#[rstest]
#[actix_web::test]
async fn they_can_write_until_the_stay_is_over(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let Expected { referral, stay, .. } = expected(&app, &refuge, &helpline).await;
    let notes = format!("{referral}/notes");
    say(&helpline, &referral, "On her way.").await;
    refuge.post(&format!("{stay}/arrive"), json!({})).await.ok();
    say(&refuge, &referral, "She is here.").await;
    app.clock.advance(TimeDelta::minutes(1));
    let left = json!({ "kind": "planned", "destination": "social_tenancy" });
    refuge.post(&format!("{stay}/depart"), left).await.ok();
    for client in [&refuge, &helpline] {
        let refused = client.post(&notes, json!({ "note": "Too late." })).await;
        assert_eq!(refused.problem(), "409 referral_state");
        assert_eq!(refused.json["current"], json!({ "referral": "placed" }));
    }
    assert_eq!(refuge.get(&notes).await.ok().items().len(), 2);
}

/// S11
#[rstest]
#[actix_web::test]
async fn s11_a_message_that_could_find_her_is_shown_to_its_sender_and_not_sent(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let referral = referred(&helpline, &opened(&helpline).await, &posted(&refuge, app.world.a1).await).await;
    for client in [&refuge, &helpline] {
        let message = |confirmed: Value| json!({ "note": "Ring 07700 900123", "confirmed": confirmed });
        let refused = client.post(&format!("{referral}/notes"), message(json!([]))).await;
        assert_eq!((refused.problem(), refused.pointers()), ("422 invalid".into(), vec!["body/note".into()]));
        client.post(&format!("{referral}/notes"), message(json!(["telephone"]))).await.ok();
    }
    assert_eq!(audited(&app, "referral.personal_details_confirmed"), 2);
    let page = app.visitor("caseworker").await;
    let path = referral.trim_start_matches("/api/v1").to_owned();
    let posted = page.submit(&format!("{path}/notes"), &[("message", "At LE1 2AB"), ("side", "referrer")]).await;
    assert!(posted.status == 422 && posted.text.contains("It is safe to send"), "{}", posted.text);
}

#[rstest]
#[actix_web::test]
async fn a_question_names_what_it_is_about_and_its_answer_closes_it(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let referral = referred(&helpline, &opened(&helpline).await, &posted(&refuge, app.world.a1).await).await;
    let ask = format!("{referral}/request-information");
    for (topics, pointer) in [
        (json!(["weather"]), "body/topics/0"),
        (json!(["risk", "risk"]), "body/topics/1"),
        (json!(["no_space"]), "body/topics/0"),
    ] {
        let refused = refuge.post(&ask, json!({ "note": "Why?", "topics": topics })).await;
        assert_eq!((refused.problem(), refused.pointers()), ("422 invalid".into(), vec![pointer.to_owned()]));
    }
    refuge.post(&ask, json!({ "note": "Which medicine?", "topics": ["health", "children"] })).await.ok();
    helpline.post(&format!("{referral}/give-information"), json!({ "note": "None." })).await.ok();
    let notes = helpline.get(&format!("{referral}/notes")).await.ok();
    let kinds: Vec<_> = notes.items().iter().map(|note| (&note["kind"], &note["side"], &note["topics"])).collect();
    assert_eq!(
        kinds,
        [
            (&json!("question"), &json!("provider"), &json!(["children", "health"])),
            (&json!("answer"), &json!("referrer"), &json!([]))
        ]
    );
    let counted = crate::secrecy::lines(&mut app.raw(), "SELECT topic AS line FROM referral_note_topic ORDER BY topic");
    assert_eq!(counted, ["children", "health"]);
    let page = app.visitor("caseworker").await.page(referral.trim_start_matches("/api/v1")).await.ok();
    for words in ["The service asked", "About: Children, Health and support needs", "We answered (caseworker)"] {
        assert!(page.text.contains(words), "{words} in {}", page.text);
    }
}

/// What a list says of how a referral waits.
async fn waits(client: &Client) -> [Value; 4] {
    let first = client.get(REFERRALS).await.ok().items()[0].clone();
    ["waiting_for", "waiting_since", "answer_due_at", "overdue"].map(|field| first[field].clone())
}

#[rstest]
#[actix_web::test]
async fn the_clock_of_the_service_stands_still_while_it_waits_for_an_answer(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let mut needs = mother_and_daughter();
    needs["risk"] = json!({ "dash_score": 17 });
    let case = opened_with(&helpline, json!({ "referral_source": "police", "needs": needs })).await;
    let referral = referred(&helpline, &case, &posted(&refuge, app.world.a1).await).await;
    let at = |time: &str| json!(format!("2026-04-01T{time}:00Z"));
    let (provider, referrer) = (json!("provider"), json!("referrer"));
    assert_eq!(waits(&refuge).await, [provider.clone(), at("09:00"), at("11:00"), json!(false)]);
    assert_eq!(waits(&helpline).await, waits(&refuge).await);
    let list = refuge.get(REFERRALS).await.ok();
    assert_eq!(list.items()[0]["risk"], "high");
    assert_eq!(helpline.get(REFERRALS).await.ok().items()[0]["risk"], Value::Null);

    app.clock.advance(TimeDelta::minutes(30));
    let refuge = app.client("refuge_worker").await;
    refuge.post(&format!("{referral}/request-information"), json!({ "note": "Why?" })).await.ok();
    app.clock.advance(TimeDelta::minutes(180));
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    assert_eq!(waits(&refuge).await, [referrer, at("09:30"), Value::Null, json!(false)]);
    let page = app.visitor("refuge_worker").await.page("/referrals").await.ok();
    assert!(page.text.contains("Your time stands still"), "{}", page.text);

    helpline.post(&format!("{referral}/give-information"), json!({ "note": "Because." })).await.ok();
    assert_eq!(waits(&refuge).await, [provider.clone(), at("12:30"), at("14:00"), json!(false)]);
    let page = app.visitor("refuge_worker").await.page("/referrals").await.ok();
    for words in ["Answer by 3pm", "High risk", "1 new message"] {
        assert!(page.text.contains(words), "{words} in {}", page.text);
    }
    app.clock.advance(TimeDelta::minutes(130));
    let refuge = app.client("refuge_worker").await;
    assert_eq!(waits(&refuge).await, [provider, at("12:30"), at("14:00"), json!(true)]);
    let page = app.visitor("refuge_worker").await.page("/referrals").await.ok();
    assert!(page.text.contains("40 minutes over: answer now"), "{}", page.text);
    let case = app.visitor("caseworker").await.page(case.trim_start_matches("/api/v1")).await.ok();
    assert!(case.text.contains("40 minutes over: ring them"), "{}", case.text);

    refuge.post(&format!("{referral}/accept"), json!({})).await.ok();
    assert_eq!(waits(&refuge).await, [Value::Null, Value::Null, Value::Null, json!(false)]);
}

/// S17
#[rstest]
#[actix_web::test]
async fn s17_who_is_kept_from_a_household_hears_nothing_of_what_is_written(#[values(Sqlite, Postgres)] on: Engine) {
    let (app, sent) = recording(on);
    let (refuge, helpline) = (app.client("refuge_manager").await, app.client("caseworker").await);
    let referral = referred(&helpline, &opened(&helpline).await, &posted(&refuge, app.world.a1).await).await;
    exclude(&refuge, &referral, &app, "refuge_worker").await.ok();
    told(&app, &sent).await;
    say(&helpline, &referral, "She can travel by train.").await;
    assert_eq!(told(&app, &sent).await, [("refuge_manager".to_owned(), "message_received")]);
    let kept = app.client("refuge_worker").await;
    assert_eq!(kept.get(REFERRALS).await.ok().items().len(), 0);
    assert_eq!(kept.get(&format!("{referral}/notes")).await.problem(), "404 not_found");
    let refused = kept.post(&format!("{referral}/notes"), json!({ "note": "Who is it?" })).await;
    assert_eq!(refused.problem(), "404 not_found");
    assert_eq!(unread(&refuge, &referral).await, 1);
}

/// S35
#[rstest]
#[actix_web::test]
async fn s35_a_message_that_comes_twice_is_written_once(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let referral = referred(&helpline, &opened(&helpline).await, &posted(&refuge, app.world.a1).await).await;
    let (path, message) = (format!("{referral}/notes"), json!({ "note": "Once." }));
    let first = refuge.post_as(&path, "the same", message.clone()).await.ok();
    let again = refuge.post_as(&path, "the same", message).await.ok();
    assert_eq!(first.json, again.json);
    assert_eq!(helpline.get(&path).await.ok().items().len(), 1);
    let elsewhere = refuge.post(&path, json!({ "note": "No.", "side": "referrer" })).await;
    assert_eq!(elsewhere.problem(), "403 forbidden", "nobody writes for the other side");
    accepted(&refuge, &referral).await;
}

#[rstest]
#[actix_web::test]
async fn both_sides_talk_on_a_page(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let referral = referred(&helpline, &opened(&helpline).await, &posted(&refuge, app.world.a1).await).await;
    let path = referral.trim_start_matches("/api/v1").to_owned();
    for (who, side) in [("caseworker", "referrer"), ("refuge_worker", "provider")] {
        let visitor = app.visitor(who).await;
        let fields = [("message", "Is a cot there?"), ("side", side)];
        let sent = visitor.submit(&format!("{path}/notes"), &fields).await;
        assert_eq!(sent.header("location"), format!("{path}?done=message-sent#conversation"));
        let empty = visitor.submit(&format!("{path}/notes"), &[("message", ""), ("side", side)]).await;
        assert!(empty.status == 422 && empty.text.contains("Write your message"), "{}", empty.text);
    }
    let page = app.visitor("refuge_worker").await.page(&path).await.ok();
    for words in ["We wrote (refuge_worker)", "The referrer wrote", "They have not read it yet", "Write a message"] {
        assert!(page.text.contains(words), "{words} in {}", page.text);
    }
    let page = app.visitor("caseworker").await.page(&path).await.ok();
    for words in ["The service wrote", "We wrote (caseworker)", "They read it"] {
        assert!(page.text.contains(words), "{words} in {}", page.text);
    }
}
