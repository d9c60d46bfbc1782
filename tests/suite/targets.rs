//! What an organisation wants its measures to be.

use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::measures::history;
use crate::steps::audited;
use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp};

const TARGETS: &str = "/api/v1/reports/targets";
const APRIL: &str = "from=2026-04-01&to=2026-04-30";

async fn put(client: &Client, measure: &str, version: i32, body: Value) -> Answer {
    let tag = format!("\"{version}\"");
    client.request(Method::PUT, &format!("{TARGETS}/{measure}"), &[("if-match", tag.as_str())], Some(body)).await
}

/// S36
#[rstest]
#[actix_web::test]
async fn s36_a_target_is_set_and_changed_by_who_has_read_it(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    history(&app).await;
    let manager = app.client("helpline_manager").await;
    let wanted = json!({ "better": "lower", "value": 120 });
    let set = put(&manager, "response_median", 0, wanted.clone()).await.ok();
    assert_eq!((set.header("etag"), &set.json["value"]), ("\"1\"", &json!(120.0)));
    let stale = put(&manager, "response_median", 0, wanted.clone()).await;
    assert_eq!((stale.problem().as_str(), &stale.json["current_version"]), ("412 stale", &json!(1)));
    put(&manager, "success_rate", 0, json!({ "better": "higher", "value": 50 })).await.ok();
    put(&manager, "length_of_stay_mean", 0, json!({ "better": "lower", "value": 9.5 })).await.ok();
    put(&manager, "move_on_timely", 0, json!({ "better": "higher", "value": 80 })).await.ok();

    let report = manager.get(&format!("/api/v1/reports/measures?{APRIL}")).await.ok().json;
    let met = |code: &str| {
        let found = report["measures"].as_array().unwrap().iter().find(|one| one["code"] == code).unwrap();
        found["target"]["met"].clone()
    };
    assert_eq!(met("response_median"), json!(false), "765 minutes");
    assert_eq!(met("success_rate"), json!(true), "exactly half");
    assert_eq!(met("length_of_stay_mean"), json!(false), "10 days");
    assert_eq!(met("move_on_timely"), json!(null), "of nobody");
    assert_eq!(met("referrals"), json!(null), "it has none");
    let file = manager.get(&format!("/api/v1/reports/measures.csv?{APRIL}")).await.ok().text;
    assert!(file.contains(",120,lower,no\n"), "{file}");

    let changed = put(&manager, "response_median", 1, json!({ "better": "lower", "value": 800 })).await.ok();
    assert_eq!(changed.header("etag"), "\"2\"");
    let path = format!("{TARGETS}/response_median");
    let stale = manager.request(Method::DELETE, &path, &[("if-match", "\"1\"")], None).await;
    assert_eq!(stale.problem(), "412 stale");
    manager.request(Method::DELETE, &path, &[("if-match", "\"2\"")], None).await.ok();
    assert_eq!(manager.get(&path).await.problem(), "404 not_found");
    assert_eq!((audited(&app, "target.set"), audited(&app, "target.removed")), (5, 1));
}

/// S13
#[rstest]
#[actix_web::test]
async fn s13_targets_are_those_of_one_s_own_organisation(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    put(&app.client("helpline_manager").await, "referrals", 0, json!({ "better": "higher", "value": 3 })).await.ok();
    for who in ["other_helpline_manager", "refuge_manager"] {
        let client = app.client(who).await;
        assert_eq!(client.get(TARGETS).await.ok().items(), [] as [Value; 0]);
        assert_eq!(client.get(&format!("{TARGETS}/referrals")).await.problem(), "404 not_found");
    }
    assert_eq!(app.client("caseworker").await.get(TARGETS).await.problem(), "403 forbidden");
}

/// S32
#[rstest]
#[case("success_rate", json!({ "better": "higher", "value": 100.1 }), "422 invalid")]
#[case("success_rate", json!({ "better": "higher", "value": 50.12 }), "422 invalid")]
#[case("success_rate", json!({ "better": "higher", "value": -1 }), "422 invalid")]
#[case("success_rate", json!({ "better": "more", "value": 1 }), "422 invalid")]
#[case::money_has_none("sanctuary_cost", json!({ "better": "lower", "value": 1 }), "404 not_found")]
#[case::there_is_no_such("shoe_size", json!({ "better": "lower", "value": 1 }), "404 not_found")]
#[actix_web::test]
async fn s32_a_target_is_something_that_the_measure_can_be(
    #[case] measure: &str,
    #[case] body: Value,
    #[case] problem: &str,
) {
    let app = TestApp::spawn(Sqlite);
    assert_eq!(put(&app.client("refuge_manager").await, measure, 0, body).await.problem(), problem);
}

#[rstest]
#[actix_web::test]
async fn the_page_says_whether_a_target_is_met(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    history(&app).await;
    let visitor = app.visitor("helpline_manager").await;
    let path = "/reports/targets/response_median";
    let wrong = visitor.submit(path, &[("version", "0"), ("better", ""), ("value", "soon")]).await;
    assert!(wrong.text.contains("Select which way is better") && wrong.text.contains("Enter a number"));
    visitor.submit(path, &[("version", "0"), ("better", "lower"), ("value", "120")]).await;
    assert!(visitor.page("/reports/targets").await.ok().text.contains("At most 120 minutes"));
    let days = "period=dates&from-day=1&from-month=4&from-year=2026&to-day=30&to-month=4&to-year=2026";
    let page = visitor.page(&format!("/reports/measures?{days}&theme=referrals")).await.ok().text;
    assert!(page.contains("Target: at most 120 minutes: not met"), "{page}");
    visitor.submit(&format!("{path}/remove"), &[("version", "1")]).await;
    assert!(!visitor.page("/reports/targets").await.ok().text.contains("At most 120 minutes"));
}
