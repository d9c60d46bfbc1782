//! What a scheme can do in a month, what it costs, and what it came to.

use actix_web::http::Method;
use chrono::TimeDelta;
use rstest::rstest;
use safehold::domain::sanctuary::State;
use serde_json::{Value, json};

use super::{ask, asked, book, in_state, owner, scheme};
use crate::steps::opened;
use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp};

async fn set(manager: &Client, scheme: &str, month: &str, etag: &str, body: Value) -> Answer {
    let path = format!("/api/v1/services/{scheme}/sanctuary-capacity/{month}");
    manager.request(Method::PUT, &path, &[("if-match", etag)], Some(body)).await
}

async fn left(client: &Client, scheme: &str) -> Value {
    client.get(&format!("/api/v1/services/{scheme}/sanctuary-capacity")).await.ok().json["items"].clone()
}

/// S36
#[rstest]
#[actix_web::test]
async fn s36_what_is_left_of_a_month_follows_from_the_jobs(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (manager, helpline) = (app.client("refuge_manager").await, app.client("caseworker").await);
    let scheme = scheme(&app).await;
    assert_eq!(left(&helpline, &scheme).await[0]["jobs"], Value::Null);
    let said = set(&manager, &scheme, "2026-04-01", "\"0\"", json!({ "jobs": 2, "budget_pence": 50_000 })).await.ok();
    assert_eq!((said.header("etag"), &said.json["jobs_left"]), ("\"1\"", &json!(2)));
    assert_eq!(set(&manager, &scheme, "2026-04-01", "\"0\"", json!({ "jobs": 9 })).await.problem(), "412 stale");
    assert_eq!(set(&manager, &scheme, "2026-03-01", "\"0\"", json!({ "jobs": 9 })).await.problem(), "422 invalid");
    for none in ["2026-04-02", "first"] {
        assert_eq!(set(&manager, &scheme, none, "\"0\"", json!({ "jobs": 9 })).await.problem(), "404 not_found");
    }
    let refuge = app.world.refuge.0.to_string();
    assert_eq!(set(&manager, &refuge, "2026-04-01", "\"0\"", json!({ "jobs": 9 })).await.problem(), "404 not_found");

    let (_, job) = asked(&helpline, &scheme).await;
    let april = left(&helpline, &scheme).await[0].clone();
    assert_eq!((&april["jobs_left"], &april["waiting"]), (&json!(2), &json!(1)), "what waits takes nothing");
    let worker = app.client("refuge_worker").await;
    book(&worker, &job).await;
    let lock = json!({ "kind": "doors", "number": 1, "cost_pence": 12_000, "installer": "contractor" });
    let door = worker.post(&format!("{job}/measures"), lock).await.ok();
    let april = left(&helpline, &scheme).await[0].clone();
    assert_eq!(
        [&april["jobs_left"], &april["waiting"], &april["budget_left_pence"]],
        [&json!(1), &json!(0), &json!(38_000)]
    );
    let measure = format!("{job}/measures/{}", door.id());
    worker.patch(&measure, "\"1\"", json!({ "state": "removed" })).await.ok();
    assert_eq!(worker.patch(&measure, "\"1\"", json!({ "state": "fitted" })).await.problem(), "412 stale");
    assert_eq!(left(&helpline, &scheme).await[0]["budget_left_pence"], 50_000, "what was removed costs nothing");
    worker.post(&format!("{job}/end"), json!({ "reason": "home_unsuitable" })).await.ok();
    assert_eq!(left(&helpline, &scheme).await[0]["jobs_left"], 2);
}

#[rstest]
#[actix_web::test]
async fn a_full_month_sends_on_to_the_next_and_loses_nobody(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (manager, helpline) = (app.client("refuge_manager").await, app.client("caseworker").await);
    let scheme = scheme(&app).await;
    set(&manager, &scheme, "2026-04-01", "\"0\"", json!({ "jobs": 1 })).await.ok();
    let (_, job) = asked(&helpline, &scheme).await;
    book(&app.client("refuge_worker").await, &job).await;
    let case = opened(&helpline).await;
    let refused = ask(&helpline, &case, owner(&scheme)).await;
    assert_eq!(refused.problem(), "409 sanctuary_full");
    assert_eq!(refused.json["current"], json!({ "next_month": "2026-05-01" }));
    let schemes = helpline.get(&format!("{case}/sanctuary-schemes")).await.ok();
    assert_eq!(schemes.items()[0]["months"][0]["jobs_left"], 0, "none left is shown");
    let mut later = owner(&scheme);
    later["wanted_month"] = json!("2026-05-20");
    let waiting = ask(&helpline, &case, later.clone()).await.ok();
    assert_eq!((waiting.text_of("state"), waiting.text_of("wanted_month")), ("requested".into(), "2026-05-01".into()));
    later["wanted_month"] = json!("2026-03-31");
    assert_eq!(ask(&helpline, &opened(&helpline).await, later).await.pointers(), ["body/wanted_month"]);
    let mut refuge = owner(&scheme);
    refuge["service_id"] = json!(app.world.refuge);
    assert_eq!(ask(&helpline, &opened(&helpline).await, refuge).await.pointers(), ["body/service_id"]);
}

#[rstest]
#[actix_web::test]
async fn schemes_of_the_area_of_the_home_come_first(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (manager, helpline) = (app.client("refuge_manager").await, app.client("caseworker").await);
    scheme(&app).await;
    let other = json!({ "name": "A Lock", "accommodation_type": "sanctuary_scheme", "area": "E07000130" });
    manager.post("/api/v1/services", other).await.ok();
    let mut new = crate::support::new_case();
    new["origin_area"] = json!("E06000016");
    let case = crate::steps::opened_with(&helpline, new).await;
    let found = helpline.get(&format!("{case}/sanctuary-schemes")).await.ok();
    let told: Vec<_> = found.items().iter().map(|one| (one["service"].clone(), one["covers"].clone())).collect();
    assert_eq!(told, [(json!("Copper Locks"), json!(true)), (json!("A Lock"), json!(false))]);
}

/// S41
#[rstest]
#[actix_web::test]
async fn s41_the_report_adds_up_for_either_side(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let scheme = scheme(&app).await;
    let (_, job) = asked(&helpline, &scheme).await;
    book(&app.client("refuge_worker").await, &job).await;
    for state in [State::Declined, State::SignedOff] {
        in_state(&app, &scheme, state).await;
    }
    app.clock.advance(TimeDelta::days(10));
    let worker = app.client("refuge_worker").await;
    let lock = json!({ "kind": "doors", "number": 1, "cost_pence": 12_000 });
    worker.post(&format!("{job}/measures"), lock).await.ok();
    for step in ["survey", "install", "sign-off"] {
        worker.post(&format!("{job}/{step}"), json!({})).await.ok();
    }
    for who in ["refuge_manager", "helpline_manager"] {
        let manager = app.client(who).await;
        let path = "/api/v1/reports/sanctuary?from=2026-04-01&to=2026-04-30";
        let report = manager.get(path).await.ok().json;
        assert_eq!(
            [&report["jobs"], &report["median_days"], &report["cost_pence"]],
            [&json!(3), &json!(5.0), &json!(12_000)],
            "{who}"
        );
        let sum = |list: &Value, field: &str| {
            list.as_array().unwrap().iter().map(|one| one[field].as_i64().unwrap()).sum::<i64>()
        };
        assert_eq!((sum(&report["stages"], "jobs"), sum(&report["costs"], "cost_pence")), (3, 12_000));
        assert_eq!(
            (&report["still_safe"][0]["signed_off"], &report["still_safe"][0]["waiting"]),
            (&json!(2), &json!(2))
        );
        let table = manager.get(&path.replace("sanctuary?", "sanctuary.csv?")).await.ok().text;
        assert!(table.starts_with("counted,of,number\njobs,requested,0\n"), "{table}");
        assert!(table.contains("cost_pence,doors,12000\n") && table.contains("jobs,signed_off,2\n"), "{table}");
    }
    let none = app.client("other_refuge_manager").await;
    let none = none.get("/api/v1/reports/sanctuary?from=2026-04-01&to=2026-04-30").await.ok().json;
    assert_eq!(none["jobs"], 0);
    assert_eq!(
        app.client("caseworker").await.get("/api/v1/reports/sanctuary?from=2026-04-01&to=2026-04-30").await.problem(),
        "403 forbidden"
    );
}
