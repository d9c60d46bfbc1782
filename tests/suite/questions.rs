//! Questions: answered through the API, and where they stand on a page.

use rstest::rstest;
use serde_json::{Value, json};

use crate::steps::{audited, noted, opened_with, posted};
use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp, mother_and_daughter};

/// A case in a world with two places, with these fields of the needs not known.
async fn asked(app: &TestApp, helpline: &Client, unknown: &[&str]) -> String {
    posted(&app.client("refuge_worker").await, app.world.a1).await;
    posted(&app.client("other_refuge_worker").await, app.world.d1).await;
    let mut needs = mother_and_daughter();
    for field in unknown {
        needs.as_object_mut().unwrap().remove(*field);
    }
    opened_with(helpline, json!({ "referral_source": "police", "needs": needs })).await
}

fn codes(questions: &Answer) -> Vec<&str> {
    questions.items().iter().map(|item| item["question"]["code"].as_str().unwrap()).collect()
}

#[rstest]
#[actix_web::test]
async fn an_answer_gives_back_the_new_counts_and_what_is_still_open(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = asked(&app, &helpline, &["pets", "access_need"]).await;
    let path = format!("{case}/questions");
    let open = helpline.get(&path).await.ok();
    assert_eq!((open.header("etag"), codes(&open).len()), ("\"1\"", 2));
    assert!(open.items().iter().all(|item| item["why"].as_str().is_some_and(|why| !why.is_empty())));

    let first = helpline.patch(&path, "\"1\"", json!({ "needs": { "access_need": "none" } })).await.ok();
    assert_eq!((first.header("etag"), codes(&first)), ("\"2\"", vec!["pets"]));
    let counts = &helpline.get(&format!("{case}/matches")).await.ok().json["counts"];
    assert_eq!(first.json["counts"], *counts);

    let stale = helpline.patch(&path, "\"1\"", json!({ "needs": { "pets": [] } })).await;
    assert_eq!((stale.problem().as_str(), &stale.json["current_version"]), ("412 stale", &json!(2)));
    for (needs, wrong) in [
        (json!({ "pets": "none" }), "body/needs/pets"),
        (json!({ "shoe_size": 5 }), "body/needs/shoe_size"),
        (json!({ "immigration_status": "martian" }), "body/needs/immigration_status"),
    ] {
        let refused = helpline.patch(&path, "\"2\"", json!({ "needs": needs })).await;
        assert_eq!((refused.problem().as_str(), refused.pointers()), ("422 invalid", vec![wrong.to_owned()]));
    }
    let last = helpline.patch(&path, "\"2\"", json!({ "needs": { "pets": [] } })).await.ok();
    assert_eq!((codes(&last).len(), &last.json["counts"]["suitable"]), (0, &json!(2)));
    assert_eq!(audited(&app, "case.edited"), 2);
}

/// Where a household comes from changes nothing, however the question about it is answered.
#[rstest]
#[actix_web::test]
async fn two_alike_but_for_where_they_come_from_are_answered_alike(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    asked(&app, &helpline, &[]).await;
    let mut told = Vec::new();
    for origin in ["E06000016", "E07000130", "E08000025"] {
        let new = json!({ "referral_source": "police", "needs": mother_and_daughter(), "origin_area": origin });
        let case = opened_with(&helpline, new).await;
        let safe = json!({ "needs": { "unsafe_areas": [] } });
        let questions = helpline.patch(&format!("{case}/questions"), "\"1\"", safe).await.ok().json;
        told.push((questions, helpline.get(&format!("{case}/matches")).await.ok().json));
    }
    assert!(told.iter().all(|one| *one == told[0]), "{told:#?}");
}

/// A question that is answered on a page: what is sent, and where that leads.
async fn answered(worker: &Client, case: &str, question: &str, fields: &[(&str, &str)]) -> Answer {
    let page = case.trim_start_matches("/api/v1");
    worker.submit(&format!("{page}/answers/{question}"), fields).await
}

#[rstest]
#[actix_web::test]
async fn an_answer_on_a_page_says_what_it_decided(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, worker) = (app.client("caseworker").await, app.visitor("caseworker").await);
    let case = asked(&app, &helpline, &["pets"]).await;
    let page = case.trim_start_matches("/api/v1").to_owned();
    let shown = worker.page(&page).await.ok().text;
    assert!(
        shown.contains("Are there any pets to bring?") && shown.contains("1 place waits for this and nothing else")
    );

    let done = answered(&worker, &case, "pets", &[("version", "1"), ("from", ""), ("asked/pets", "none")]).await;
    assert_eq!(
        (done.status.as_u16(), done.header("location")),
        (303, format!("{page}?decided=1.0.0#asked-title").as_str())
    );
    let shown = worker.page(&format!("{page}?decided=1.0.0")).await.ok().text;
    assert!(shown.contains("That decided 1 place: it fits."), "{shown}");
    assert_eq!(helpline.get(&case).await.ok().json["needs"]["pets"], json!([]));

    // With nothing chosen, or nothing that is known, it says what to do, where it was asked.
    noted(&helpline, &case, json!({ "access_need": null })).await.ok();
    for nothing in ["", "stairs"] {
        let fields = [("version", "3"), ("from", "money"), ("asked/access_need", nothing)];
        let wrong = answered(&worker, &case, "access_need", &fields).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text.contains("<title>Error: Money") && wrong.text.contains("Select one of the answers"));
    }
    let fields = [("version", "3"), ("from", "money"), ("asked/access_need", "none")];
    let done = answered(&worker, &case, "access_need", &fields).await;
    assert!(done.header("location").starts_with(&format!("{page}/ask/money?decided=")), "{:?}", done.headers);
}

/// Somebody else was faster: what was not touched is answered all the same, what was told meanwhile stays.
#[rstest]
#[actix_web::test]
async fn an_answer_never_replaces_what_was_told_meanwhile(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, worker) = (app.client("caseworker").await, app.visitor("caseworker").await);
    let case = asked(&app, &helpline, &["pets", "access_need", "household_complete"]).await;
    let cats = json!([{ "kind": "cat", "number": 2 }]);
    noted(&helpline, &case, json!({ "pets": cats, "household_complete": "no" })).await.ok();
    let needs = || async { helpline.get(&case).await.ok().json["needs"].clone() };

    for (question, value) in [("pets", "none"), ("everybody", "yes")] {
        let field = format!("asked/{question}");
        let late = answered(&worker, &case, question, &[("version", "1"), (&field, value)]).await;
        assert!(late.header("location").ends_with("?decided=known#asked-title"), "{:?}", late.headers);
    }
    assert_eq!((&needs().await["pets"], &needs().await["household_complete"]), (&cats, &json!("no")));
    let page = case.trim_start_matches("/api/v1");
    let told = worker.page(&format!("{page}?decided=known")).await.ok().text;
    assert!(told.contains("Somebody else has answered this meanwhile"), "{told}");

    let late = answered(&worker, &case, "access_need", &[("version", "1"), ("asked/access_need", "none")]).await;
    assert!(late.header("location").contains("?decided="), "{:?}", late.headers);
    assert_eq!(needs().await["access_need"], "none");
    // Who sees that more may come, may say that it is everybody after all.
    let fields = [("version", "3"), ("asked/everybody", "yes")];
    assert_eq!(answered(&worker, &case, "everybody", &fields).await.status, 303);
    assert_eq!(needs().await["household_complete"], "yes");
}

/// A child whose age was asked for is the one who gets it, and no other.
#[rstest]
#[actix_web::test]
async fn an_age_is_for_the_child_that_it_was_asked_of(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, worker) = (app.client("caseworker").await, app.visitor("caseworker").await);
    let case = asked(&app, &helpline, &[]).await;
    let survivor = json!({ "role": "survivor", "age": 34, "sex": "female", "gender_same_as_birth": "yes" });
    let child = |sex: &str| json!({ "role": "child", "sex": sex, "gender_same_as_birth": "unknown" });
    noted(&helpline, &case, json!({ "members": [survivor, child("female"), child("male")] })).await.ok();
    let ages = || async {
        let members = helpline.get(&case).await.ok().json["needs"]["members"].clone();
        members.as_array().unwrap()[1..].iter().map(|member| member["age"].clone()).collect::<Vec<Value>>()
    };
    let of = |version: &'static str, girl: &'static str, boy: &'static str| {
        [
            ("version", version),
            ("about/child_age/1", "Girl, age not known"),
            ("asked/child_age/1", girl),
            ("about/child_age/2", "Boy, age not known"),
            ("asked/child_age/2", boy),
        ]
    };
    for (girl, boy, wrong) in [("", "", "child_age-1"), ("six", "3", "child_age-1"), ("6", "130", "child_age-2")] {
        let answer = answered(&worker, &case, "child_age", &of("2", girl, boy)).await;
        assert!(answer.status == 422 && answer.text.contains(&format!("href=\"#asked-{wrong}\"")), "{}", answer.text);
    }
    assert_eq!(answered(&worker, &case, "child_age", &of("2", "6", "")).await.status, 303);
    assert_eq!(ages().await, [json!(6), Value::Null]);
    // Meanwhile the girl has left and the boy stands in her place.
    noted(&helpline, &case, json!({ "members": [survivor, child("male")] })).await.ok();
    let late = answered(&worker, &case, "child_age", &of("3", "7", "8")).await;
    assert!(late.header("location").ends_with("?decided=known#asked-title"));
    assert_eq!(ages().await, [Value::Null]);
}
