//! Whether they are still safe at home, and what becomes of the case.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use rstest::rstest;
use safehold::db::sanctuary::is_safe_at_home;
use safehold::domain::sanctuary::State;
use safehold::ids::CaseId;
use serde_json::{Value, json};

use super::{asked, in_state, scheme};
use crate::support::secrecy::CANARY_NAME;
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp};

#[derive(Debug, PartialEq, Eq, QueryableByName)]
struct Tasks {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many tasks there are of each kind, and how they ended. (The clock stands still, so the steps of one job are one
/// occasion.)
fn tasks(app: &TestApp) -> Vec<String> {
    let query = "SELECT kind, COALESCE(outcome, 'open') AS outcome, count(*) AS count FROM task
                 WHERE kind LIKE 'sanctuary%' GROUP BY 1, 2 ORDER BY 1, 2";
    let rows = diesel::sql_query(query).load::<Tasks>(&mut app.raw()).unwrap();
    rows.iter().map(|row| format!("{} {} {}", row.kind, row.outcome, row.count)).collect()
}

async fn say(client: &Client, job: &str, nth: usize, body: Value) -> crate::support::Answer {
    let one = client.get(job).await.ok().json["follow_ups"][nth]["id"].as_str().unwrap().to_owned();
    client.post(&format!("{job}/follow-ups/{one}/answer"), body).await
}

fn case_id(case: &str) -> CaseId {
    CaseId(case.rsplit('/').next().unwrap().parse().unwrap())
}

#[rstest]
#[actix_web::test]
async fn who_is_signed_off_is_asked_four_times(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let scheme = scheme(&app).await;
    asked(&helpline, &scheme).await;
    assert_eq!(tasks(&app), ["sanctuary_step open 1"]);
    let (case, job) = in_state(&app, &scheme, State::SignedOff).await;
    assert_eq!(tasks(&app), ["sanctuary_follow_up open 4", "sanctuary_step done 1", "sanctuary_step open 1"]);
    assert!(is_safe_at_home(&mut app.raw(), case_id(&case)).unwrap());

    let note =
        json!({ "answer": "still_safe", "needed": "repair", "note": format!("{CANARY_NAME} says the lock sticks.") });
    let answered = say(&helpline, &job, 0, note).await.ok().json;
    assert_eq!((&answered["asked_on"], &answered["noted"]), (&json!("2026-04-01"), &json!(true)));
    assert_eq!(say(&helpline, &job, 0, json!({ "answer": "not_safe" })).await.problem(), "409 already_decided");
    assert_eq!(
        say(&helpline, &job, 1, json!({ "answer": "still_safe", "needed": "luck" })).await.pointers(),
        ["body/needed"]
    );
    say(&helpline, &job, 1, json!({ "answer": "not_reached" })).await.ok();
    assert_eq!(
        tasks(&app),
        ["sanctuary_follow_up done 2", "sanctuary_follow_up open 2", "sanctuary_step done 1", "sanctuary_step open 1"]
    );
    assert!(is_safe_at_home(&mut app.raw(), case_id(&case)).unwrap());
}

#[rstest]
#[actix_web::test]
async fn who_is_not_safe_any_more_is_not_asked_again_and_needs_a_place(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let scheme = scheme(&app).await;
    let (case, job) = in_state(&app, &scheme, State::SignedOff).await;
    helpline.post(&format!("{case}/close"), json!({ "outcome": "sanctuary" })).await.ok();
    let again = format!("{job}/cases");
    assert_eq!(helpline.post(&again, Value::Null).await.problem(), "409 already_decided", "they are safe");

    say(&helpline, &job, 0, json!({ "answer": "not_safe", "needed": "place_of_safety" })).await.ok();
    assert_eq!(tasks(&app), ["sanctuary_follow_up done 1", "sanctuary_follow_up settled 3", "sanctuary_step done 1"]);
    assert_eq!(say(&helpline, &job, 1, json!({ "answer": "still_safe" })).await.problem(), "409 already_decided");
    assert!(!is_safe_at_home(&mut app.raw(), case_id(&case)).unwrap());

    let new = helpline.post(&again, Value::Null).await.ok().text_of("case_id");
    let new = format!("/api/v1/cases/{new}");
    let (before, now) = (helpline.get(&case).await.ok().json, helpline.get(&new).await.ok().json);
    assert_eq!((&now["state"], &now["needs"]), (&json!("open"), &before["needs"]));
    let who = helpline.disclose(&format!("{new}/identity-disclosures"), "safeguarding").await.ok();
    assert_eq!(who.json["people"][0]["name"], CANARY_NAME);
}

#[rstest]
#[actix_web::test]
async fn who_has_moved_is_not_asked_again(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let scheme = scheme(&app).await;
    let (_, job) = in_state(&app, &scheme, State::SignedOff).await;
    say(&helpline, &job, 0, json!({ "answer": "moved" })).await.ok();
    let settled = helpline.get(&job).await.ok().json;
    let settled: Vec<_> = settled["follow_ups"].as_array().unwrap().iter().map(|one| one["settled"].clone()).collect();
    assert_eq!(settled, [false, true, true, true]);
}

/// S41
#[rstest]
#[actix_web::test]
async fn s41_a_home_made_safe_is_neither_a_place_nor_a_denial(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let scheme = scheme(&app).await;
    let (going, _) = in_state(&app, &scheme, State::Installed).await;
    let not_placed = json!({ "outcome": "not_placed", "primary_reason": "no_space", "decided_by": "system", "what_happened_next": "not_known" });
    for body in [json!({ "outcome": "sanctuary" }), not_placed.clone()] {
        let refused = helpline.post(&format!("{going}/close"), body).await;
        assert_eq!(refused.problem(), "409 sanctuary_in_progress");
    }
    let (declined, _) = in_state(&app, &scheme, State::Declined).await;
    let refused = helpline.post(&format!("{declined}/close"), json!({ "outcome": "sanctuary" })).await;
    assert_eq!(refused.problem(), "409 not_safe_at_home");
    helpline.post(&format!("{declined}/close"), not_placed.clone()).await.ok();

    let (safe, _) = in_state(&app, &scheme, State::SignedOff).await;
    let refused = helpline.post(&format!("{safe}/close"), not_placed).await;
    assert_eq!(refused.problem(), "409 safe_at_home", "they are helped");
    let closed = helpline.post(&format!("{safe}/close"), json!({ "outcome": "sanctuary" })).await.ok().json;
    assert_eq!((&closed["outcome"], &closed["primary_reason"]), (&json!("sanctuary"), &Value::Null));
    let with_reason = json!({ "outcome": "sanctuary", "primary_reason": "no_space" });
    assert_eq!(helpline.post(&format!("{safe}/close"), with_reason).await.pointers(), ["body/outcome"]);

    let manager = app.client("helpline_manager").await;
    let report = manager.get("/api/v1/reports/denied-access?from=2026-04-01&to=2026-04-30&by=month").await.ok().json;
    let whole = &report["per_household"];
    let counts =
        |of: &Value| ["total", "placed", "safe_at_home", "denied", "open"].map(|name| of[name].as_i64().unwrap());
    assert_eq!(counts(whole), [2, 0, 1, 1, 0]);
    assert_eq!((counts(&whole["cells"][0]), &whole["denied_percent"]), ([2, 0, 1, 1, 0], &json!(50.0)));
    assert!(report["per_referral"]["safe_at_home"].is_null(), "there is none of it");
}
