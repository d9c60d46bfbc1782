//! Who waits for a place, in an order that can be explained.

use actix_web::http::Method;
use chrono::TimeDelta;
use rstest::rstest;
use serde_json::{Value, json};

use crate::restricted::{exclude, id};
use crate::steps::{accepted, audited, opened, opened_with, posted, referred};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp, mother_and_daughter};

fn wanting(area: &str) -> Value {
    let mut needs = mother_and_daughter();
    needs["wanted_areas"] = json!([area]);
    json!({ "referral_source": "police", "needs": needs })
}

async fn ids(client: &Client, query: &str) -> Vec<String> {
    let found = client.get(&format!("/api/v1/waiting{query}")).await.ok();
    found.items().iter().map(|one| one["case_id"].as_str().unwrap().to_owned()).collect()
}

fn of(cases: &[&String]) -> Vec<String> {
    cases.iter().map(|case| id(case).to_owned()).collect()
}

#[rstest]
#[actix_web::test]
async fn the_order_is_what_can_be_done_then_silence_then_the_wait(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let silent = opened(&helpline).await;
    let spoken = opened(&helpline).await;
    app.clock.advance(TimeDelta::days(9));
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let asked = json!({ "reason": "safeguarding", "rules_read": true });
    helpline.request(Method::POST, &format!("{spoken}/contact-disclosures"), &[], Some(asked)).await.ok();
    let recent = opened(&helpline).await;
    let question = opened(&helpline).await;
    let first = posted(&refuge, app.world.a1).await;
    let referral = referred(&helpline, &question, &first).await;
    refuge.post(&format!("{referral}/request-information"), json!({ "note": "How many?" })).await.ok();
    assert_eq!(ids(&helpline, "").await, of(&[&question, &silent, &spoken, &recent]));
    let found = helpline.get("/api/v1/waiting").await.ok();
    let words = |n: usize| found.items()[n]["because"][0]["text"].as_str().unwrap().to_owned();
    assert_eq!(words(0), "A provider asks something about the referral of 10:00");
    assert_eq!(
        (words(1), words(2), words(3)),
        ("No contact is recorded for 9 days".into(), "Waiting 9 days".into(), "Waiting since today".into())
    );
    assert_eq!(found.items()[0]["open_referrals"][0]["state"], "information_requested");
    assert_eq!((found.items()[1].get("last_contact"), found.items()[1]["days_waiting"].as_i64()), (None, Some(9)));
    assert!(found.items()[2]["last_contact"].is_string());

    // A place that suits is found for who is under watch, and brings her to the front, with the time.
    helpline.request(Method::PUT, &format!("{recent}/watch"), &[], None).await.ok();
    app.clock.advance(TimeDelta::minutes(20));
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    posted(&refuge, app.world.a2).await;
    while safehold::actions::watches::match_again(&app.db, app.clock.now(), safehold::settings::Policy::default())
        .await
        .unwrap()
        > 0
    {}
    let found = helpline.get("/api/v1/waiting").await.ok();
    let place = &found.items()[1];
    assert_eq!(place["case_id"], id(&recent));
    assert_eq!(place["because"][0]["text"], "A suitable place has been free since 10:20");
    assert_eq!((&place["turn"], &place["matches"]["suitable"]), (&json!("now"), &json!(2)));
    // The household with a place no longer waits.
    accepted(&refuge, &referral).await;
    assert_eq!(ids(&helpline, "").await, of(&[&recent, &silent, &spoken]));
}

#[rstest]
#[actix_web::test]
async fn pages_of_the_list_neither_skip_nor_repeat(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(opened(&helpline).await);
        app.clock.advance(TimeDelta::minutes(1));
    }
    let mut seen = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let page = helpline.get(&format!("/api/v1/waiting{query}")).await.ok();
        seen.extend(page.items().iter().map(|one| one["case_id"].as_str().unwrap().to_owned()));
        let Some(next) = page.json["next"].as_str() else { break };
        query = format!("?limit=2&cursor={next}");
    }
    assert_eq!(seen, of(&all.iter().collect::<Vec<_>>()));
    assert_eq!(helpline.get("/api/v1/waiting?cursor=nothing").await.pointers(), ["query/cursor"]);
}

#[rstest]
#[actix_web::test]
async fn they_are_filtered_and_summed_up_by_where_they_want_to_be(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let old = opened_with(&app.client("caseworker").await, wanting("E06000016")).await;
    app.clock.advance(TimeDelta::days(10));
    let (helpline, colleague, manager) =
        (app.client("caseworker").await, app.client("colleague").await, app.client("helpline_manager").await);
    let new = opened_with(&colleague, wanting("E07000130")).await;
    let alone = opened_with(
        &helpline,
        json!({ "referral_source": "police", "needs": { "members": [{ "role": "survivor" }] } }),
    )
    .await;
    let all = ids(&manager, "").await;
    assert_eq!(all.len(), 3);
    assert_eq!(ids(&helpline, "").await, of(&[&old, &alone]));
    assert_eq!(ids(&manager, "?wanted_area=E07000130").await, of(&[&new]));
    assert_eq!(ids(&manager, "?household=one_person").await, of(&[&alone]));
    assert_eq!(ids(&manager, "?longer_than=9").await, of(&[&old]));
    assert_eq!(ids(&manager, "?longer_than=10").await, Vec::<String>::new());
    let hers = format!("?owner_id={}", app.world.account("colleague").id.0);
    assert_eq!(ids(&manager, &hers).await, of(&[&new]));
    assert_eq!(manager.get("/api/v1/waiting?origin_area=E06000016").await.status, 422);
    let sum = manager.get("/api/v1/waiting/summary").await.ok();
    assert_eq!(
        (&sum.json["households"], &sum.json["median_days"], &sum.json["longest_days"]),
        (&json!(3), &json!(0), &json!(10))
    );
    assert_eq!(sum.json["by_wanted_area"], json!({ "E06000016": 1, "E07000130": 1 }));
    assert_eq!(sum.json["anywhere"], 1);
    assert_eq!(helpline.get("/api/v1/waiting/summary").await.ok().json["households"], 2);
    let file = manager.get("/api/v1/waiting.csv").await.ok();
    assert_eq!((file.text.lines().count(), audited(&app, "waiting.exported")), (4, 1));
    assert!(!file.text.contains("E06000016"));
    assert_eq!(helpline.get("/api/v1/waiting.csv").await.problem(), "403 forbidden");
}

/// S17
#[rstest]
#[actix_web::test]
async fn s17_who_is_excluded_finds_nobody_waiting(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, manager) = (app.client("caseworker").await, app.client("helpline_manager").await);
    let case = opened(&helpline).await;
    exclude(&helpline, &case, &app, "helpline_manager").await.ok();
    assert_eq!(ids(&manager, "").await, Vec::<String>::new());
    assert_eq!(manager.get("/api/v1/waiting/summary").await.ok().json["households"], 0);
    assert_eq!(manager.get("/api/v1/waiting.csv").await.ok().text.lines().count(), 1);
    assert_eq!(ids(&helpline, "").await, of(&[&case]));
    assert!(!app.visitor("helpline_manager").await.page("/waiting").await.ok().text.contains("household waits"));
}

#[rstest]
#[actix_web::test]
async fn the_page_says_who_waits_and_why(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, visitor, manager) =
        (app.client("caseworker").await, app.visitor("caseworker").await, app.visitor("helpline_manager").await);
    let empty = visitor.page("/waiting").await.ok().text;
    assert!(empty.contains("Nobody waits for a place."), "{empty}");
    let case = opened(&helpline).await;
    let page = visitor.page("/waiting").await.ok().text;
    assert!(
        page.contains("Waiting since today") && page.contains("None recorded") && page.contains(id(&case)),
        "{page}"
    );
    assert!(!page.contains("waiting.csv"), "the file is for managers");
    assert!(page.contains("Count where they want to be"));
    assert!(visitor.page("/waiting?areas=yes").await.ok().text.contains("Anywhere that is safe"));
    let page = manager.page("/waiting?household=with_children&longer_than=").await.ok().text;
    assert!(page.contains("/waiting.csv?household=with_children"), "{page}");
    assert_eq!(manager.page("/waiting?longer_than=many").await.status, 422);
    assert_eq!(manager.page("/waiting.csv").await.ok().text.lines().count(), 2);
    assert_eq!(visitor.page("/cases?which=waiting").await.status, 303);
}
