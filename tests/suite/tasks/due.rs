//! What time brings: raised once for each occasion, settled when it is over.

use chrono::TimeDelta;
use futures_util::future::join;
use rstest::rstest;
use safehold::db::Db;
use safehold::settings::Policy;
use serde_json::{Value, json};

use super::kinds;
use crate::restricted::id;
use crate::steps::{Expected, expected, opened, opened_with, posted, referred};
use crate::support::world::keys;
use crate::support::{Engine, Postgres, Sqlite, TestApp, new_case};

/// What two instances do at once; gives back how much was raised or settled.
async fn raised(app: &TestApp) -> usize {
    let other = Db::new(app.url(), 2, app.clock.clone(), keys(), Policy::default());
    let (one, two) = join(app.db.raise_due_tasks(), other.raise_due_tasks()).await;
    one.unwrap() + two.unwrap()
}

/// S39
#[rstest]
#[actix_web::test]
async fn s39_a_referral_that_nobody_answers_is_for_both_sides(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let case = opened(&helpline).await;
    let referral = referred(&helpline, &case, &posted(&refuge, app.world.a1).await).await;
    app.clock.advance(TimeDelta::minutes(119));
    assert_eq!(raised(&app).await, 0);
    app.clock.advance(TimeDelta::minutes(1));
    assert_eq!((raised(&app).await, raised(&app).await), (2, 0));
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let theirs = refuge.get("/api/v1/tasks").await.ok();
    assert_eq!(
        (&theirs.items()[0]["kind"], &theirs.items()[0]["owner_id"]),
        (&json!("referral_unanswered"), &Value::Null)
    );
    assert!(theirs.items()[0]["case_id"].is_null(), "a case of another organisation is not named");
    let ours = helpline.get("/api/v1/tasks?whose=mine").await.ok();
    assert_eq!(
        (&ours.items()[0]["subject_id"], &ours.items()[0]["due_at"]),
        (&json!(id(&referral)), &json!("2026-04-01T11:00:00Z"))
    );
    assert_eq!(ours.items()[0]["case_id"], json!(id(&case)));

    app.clock.advance(TimeDelta::minutes(1));
    // They ask something: that is an answer, and now it is for the worker to act.
    refuge.post(&format!("{referral}/request-information"), json!({ "note": "Any pets?" })).await.ok();
    assert_eq!((raised(&app).await, raised(&app).await), (1, 0), "what was late is settled by the question itself");
    assert_eq!(
        (kinds(&refuge, "").await.len(), kinds(&helpline, "").await),
        (0, vec!["information_requested".to_owned()])
    );
    app.clock.advance(TimeDelta::minutes(30));
    let helpline = app.client("caseworker").await;
    helpline.post(&format!("{referral}/give-information"), json!({ "note": "None." })).await.ok();
    assert_eq!((raised(&app).await, kinds(&helpline, "").await.len()), (0, 0));
    // And then it is late again, counted from what they were told.
    app.clock.advance(TimeDelta::minutes(119));
    assert_eq!(raised(&app).await, 0);
    app.clock.advance(TimeDelta::minutes(1));
    assert_eq!((raised(&app).await, raised(&app).await), (2, 0));
    let refuge = app.client("refuge_worker").await;
    refuge.post(&format!("{referral}/accept"), json!({})).await.ok();
    raised(&app).await;
    assert_eq!(kinds(&refuge, "").await, Vec::<String>::new());
}

/// S39
#[rstest]
#[actix_web::test]
async fn s39_a_hold_that_ends_soon_is_for_the_worker(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let case = opened(&helpline).await;
    let vacancy = posted(&refuge, app.world.a1).await;
    helpline.post(&format!("{case}/holds"), json!({ "vacancy_id": vacancy })).await.ok();
    app.clock.advance(TimeDelta::minutes(74));
    assert_eq!(raised(&app).await, 0);
    app.clock.advance(TimeDelta::minutes(1));
    assert_eq!((raised(&app).await, raised(&app).await), (1, 0));
    let helpline = app.client("caseworker").await;
    let found = helpline.get("/api/v1/tasks?whose=mine").await.ok();
    assert_eq!(
        (&found.items()[0]["place"], &found.items()[0]["due_at"]),
        (&json!("case"), &json!("2026-04-01T10:30:00Z"))
    );
    app.clock.advance(TimeDelta::minutes(15));
    assert_eq!((raised(&app).await, raised(&app).await), (1, 0), "the hold is over, and so is the task");
    assert_eq!(kinds(&app.client("caseworker").await, "").await, Vec::<String>::new());
}

/// S39
#[rstest]
#[actix_web::test]
async fn s39_stale_vacancies_are_one_task_for_each_service_and_day(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let refuge = app.client("refuge_worker").await;
    posted(&refuge, app.world.a1).await;
    posted(&refuge, app.world.a2).await;
    app.clock.advance(TimeDelta::hours(24));
    assert_eq!((raised(&app).await, raised(&app).await), (1, 0));
    let refuge = app.client("refuge_worker").await;
    let found = refuge.get("/api/v1/tasks").await.ok();
    assert_eq!((&found.items()[0]["place"], &found.items()[0]["about"]), (&json!("board"), &json!("Copper House")));
    let task = found.items()[0]["id"].as_str().unwrap().to_owned();
    refuge.post(&format!("/api/v1/tasks/{task}/done"), Value::Null).await.ok();
    assert_eq!(raised(&app).await, 0, "not twice on a day");
    app.clock.advance(TimeDelta::hours(24));
    assert_eq!((raised(&app).await, raised(&app).await), (1, 0));
    app.clock.advance(TimeDelta::hours(24));
    assert_eq!(raised(&app).await, 0, "not while the last one is open");
    let refuge = app.client("refuge_worker").await;
    refuge.post("/api/v1/vacancies/confirm", Value::Null).await.ok();
    assert_eq!((raised(&app).await, kinds(&refuge, "").await.len()), (1, 0));
}

/// S39
#[rstest]
#[actix_web::test]
async fn s39_an_arrival_that_has_passed_is_for_the_provider(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let Expected { stay, .. } = expected(&app, &refuge, &helpline).await;
    app.clock.advance(TimeDelta::hours(13)); // eleven at night in England
    assert_eq!(raised(&app).await, 0);
    app.clock.advance(TimeDelta::hours(1));
    assert_eq!((raised(&app).await, raised(&app).await), (1, 0));
    let refuge = app.client("refuge_worker").await;
    let found = refuge.get("/api/v1/tasks").await.ok();
    assert_eq!((&found.items()[0]["kind"], &found.items()[0]["about"]), (&json!("arrival_passed"), &json!("A1")));
    refuge.post(&format!("{stay}/arrive"), json!({})).await.ok();
    assert_eq!((raised(&app).await, kinds(&refuge, "").await.len()), (1, 0));
}

#[rstest]
#[actix_web::test]
async fn who_may_not_be_called_now_is_called_back_when_it_is_safe(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let mut case = new_case();
    case["identity"]["safe_contact"]["safe_hours"] = json!([{ "days": ["friday"], "from": "13:00", "until": "15:00" }]);
    let case = opened_with(&helpline, case).await;
    for _ in 0..2 {
        let put_off = helpline.post(&format!("{case}/call-backs"), Value::Null).await.ok();
        assert_eq!(put_off.json["due_at"], "2026-04-03T12:00:00Z");
    }
    assert_eq!(kinds(&helpline, "?whose=mine").await, ["call_back"], "once for each time");
    let colleague = app.client("colleague").await.post(&format!("{case}/call-backs"), Value::Null).await;
    assert_eq!(colleague.problem(), "404 not_found");
    // The page on which it is not safe now offers it.
    let visitor = app.visitor("caseworker").await;
    let who = visitor.submit(&format!("/cases/{}/identity", id(&case)), &[("reason", "safeguarding")]).await;
    assert!(who.text.contains("Remind me to call when it is safe"), "{}", who.text);
    let later = visitor.submit(&format!("/cases/{}/call-back", id(&case)), &[]).await;
    assert_eq!(later.header("location"), format!("/cases/{}?done=call-back-raised", id(&case)));
}
