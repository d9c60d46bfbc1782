//! Cases under watch: what is posted later is found for them, once, and their worker is told.

use actix_web::http::Method;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use rstest::rstest;
use safehold::actions::watches::match_again;
use safehold::error::AppError;
use safehold::settings::Policy;
use serde_json::{Value, json};

use crate::steps::{accepted, audited, opened, opened_with, posted, referred};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp, mother_and_daughter};

async fn watched(helpline: &Client) -> String {
    let case = opened(helpline).await;
    watch(helpline, &case).await;
    case
}

async fn watch(helpline: &Client, case: &str) {
    assert_eq!(helpline.request(Method::PUT, &format!("{case}/watch"), &[], None).await.ok().status, 204);
}

/// What the worker does, until nothing is left; gives back how much there was.
async fn matched_again(app: &TestApp) -> usize {
    match_again(&app.db, app.clock.now(), Policy::default()).await.unwrap()
}

/// What was found for a case: (verdict, whether somebody has seen it).
async fn found(helpline: &Client, case: &str) -> Vec<(String, bool)> {
    let watch = helpline.get(&format!("{case}/watch")).await.ok();
    let places = watch.json["found"].as_array().unwrap().iter();
    places.map(|place| (place["verdict"].as_str().unwrap().to_owned(), place["seen_at"].is_string())).collect()
}

fn new(verdict: &str) -> (String, bool) {
    (verdict.to_owned(), false)
}

fn told_outside(app: &TestApp) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let query = "SELECT count(*) AS count FROM outbox WHERE topic = 'watch_matched'";
    diesel::sql_query(query).get_result::<Count>(&mut app.raw()).unwrap().count
}

#[rstest]
#[actix_web::test]
async fn what_is_posted_is_found_once_for_who_watches(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let case = watched(&helpline).await;
    watch(&helpline, &case).await; // again: it is under watch already
    let unwatched = opened(&helpline).await;
    assert_eq!((found(&helpline, &case).await, matched_again(&app).await), (vec![], 0));

    let vacancy = posted(&refuge, app.world.a1).await;
    assert_eq!(found(&helpline, &case).await, []);
    assert_eq!((matched_again(&app).await, matched_again(&app).await), (1, 0));
    let seen = helpline.get(&format!("{case}/watch")).await.ok();
    assert_eq!(seen.json["found"][0]["vacancy_id"], json!(vacancy));
    assert_eq!(found(&helpline, &case).await, [new("suitable")]);
    assert_eq!(helpline.get(&format!("{unwatched}/watch")).await.problem(), "404 not_found");

    // Two instances at once: found once, told once.
    posted(&app.client("other_refuge_worker").await, app.world.d1).await;
    let (policy, now) = (Policy::default(), app.clock.now());
    let (one, other) =
        futures_util::future::join(match_again(&app.db, now, policy), match_again(&app.db, now, policy)).await;
    for outcome in [one, other] {
        assert!(matches!(outcome, Ok(_) | Err(AppError::Contended)), "{outcome:?}");
    }
    matched_again(&app).await;
    assert_eq!(found(&helpline, &case).await, [new("suitable"), new("suitable")]);
    assert_eq!((audited(&app, "watch.started"), audited(&app, "watch.matched"), told_outside(&app)), (2, 2, 2));

    // What was found and is confirmed, is not found again; what is withdrawn cannot be had any more.
    refuge.post(&format!("/api/v1/vacancies/{vacancy}/confirm"), Value::Null).await.ok();
    matched_again(&app).await;
    assert_eq!(found(&helpline, &case).await.len(), 2);
    refuge.post(&format!("/api/v1/vacancies/{vacancy}/withdraw"), Value::Null).await.ok();
    assert_eq!(found(&helpline, &case).await.len(), 1);
}

#[rstest]
#[actix_web::test]
async fn a_place_is_new_until_somebody_says_that_it_is_seen(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let quiet = watched(&helpline).await;
    app.clock.advance(chrono::TimeDelta::minutes(1));
    let case = opened_with(&helpline, json!({ "referral_source": "police", "needs": mother_and_daughter() })).await;
    watch(&helpline, &case).await;
    posted(&app.client("refuge_worker").await, app.world.a1).await;
    matched_again(&app).await;
    let see = |case: &str| {
        let (helpline, path) = (&helpline, format!("{case}/watch/seen"));
        async move { helpline.post(&path, Value::Null).await.ok().json["seen"].as_u64().unwrap() }
    };
    let unseen = |list: &Value| list["found"].as_array().unwrap().iter().filter(|one| one["seen_at"].is_null()).count();
    assert_eq!(see(&quiet).await, 1);
    // To read it is not to have seen it, and what is new stands first.
    for _ in 0..2 {
        let list = helpline.get("/api/v1/watches").await.ok();
        let told: Vec<_> =
            list.items().iter().map(|watch| (watch["case_id"].as_str().unwrap(), unseen(watch))).collect();
        let id = |case: &str| case.rsplit('/').next().unwrap().to_owned();
        assert_eq!(told, [(id(&case).as_str(), 1), (id(&quiet).as_str(), 0)]);
    }
    assert_eq!((see(&case).await, see(&case).await), (1, 0));
    assert_eq!(found(&helpline, &case).await, [("suitable".to_owned(), true)]);
    assert_eq!(audited(&app, "watch.seen"), 3);
}

#[rstest]
#[actix_web::test]
async fn a_rule_that_changes_opens_what_was_closed(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, manager) = (app.client("refuge_worker").await, app.client("refuge_manager").await);
    let helpline = app.client("caseworker").await;
    let mut needs = mother_and_daughter();
    needs["members"][1] = json!({ "role": "child", "age": 15, "sex": "male", "gender_same_as_birth": "yes" });
    let case = opened_with(&helpline, json!({ "referral_source": "police", "needs": needs })).await;
    watch(&helpline, &case).await;
    posted(&refuge, app.world.a1).await;
    assert_eq!((matched_again(&app).await, found(&helpline, &case).await), (1, vec![]));

    let path = format!("/api/v1/services/{}/rules", app.world.refuge.0);
    let rules = json!([{ "kind": "survivor_sex", "accepts": ["female"], "trans_people": "discuss" }]);
    let change = Some(json!({ "rules": rules, "reason": "Boys of any age are taken." }));
    manager.request(Method::PUT, &path, &[("if-match", "\"1\"")], change).await.ok();
    assert_eq!((matched_again(&app).await, matched_again(&app).await), (1, 0));
    assert_eq!(found(&helpline, &case).await, [new("suitable")]);
    assert_eq!(audited(&app, "watch.matched"), 1);
}

#[rstest]
#[actix_web::test]
async fn who_has_a_place_or_is_closed_is_told_of_nothing(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let placed = watched(&helpline).await;
    let referral = referred(&helpline, &placed, &posted(&refuge, app.world.a1).await).await;
    accepted(&refuge, &referral).await;
    let closed = watched(&helpline).await;
    let closing = json!({ "outcome": "not_placed", "primary_reason": "no_space", "decided_by": "provider",
        "what_happened_next": "not_known" });
    helpline.post(&format!("{closed}/close"), closing).await.ok();
    posted(&refuge, app.world.a2).await;
    matched_again(&app).await;
    assert_eq!((found(&helpline, &placed).await, audited(&app, "watch.matched")), (vec![], 0));

    // The watch ends with the case, and does not begin again.
    assert_eq!(helpline.get(&format!("{closed}/watch")).await.problem(), "404 not_found");
    let refused = helpline.request(Method::PUT, &format!("{closed}/watch"), &[], None).await;
    assert_eq!(refused.problem(), "409 case_closed");
    // It ends when somebody says so too, and what was found goes with it.
    let path = format!("{placed}/watch");
    assert_eq!(helpline.request(Method::DELETE, &path, &[], None).await.ok().status, 204);
    assert_eq!(helpline.request(Method::DELETE, &path, &[], None).await.problem(), "404 not_found");
    assert_eq!(audited(&app, "watch.ended"), 1);
    assert_eq!(helpline.get("/api/v1/watches").await.ok().items().len(), 0);
}

#[rstest]
#[actix_web::test]
async fn a_watch_is_for_its_own_worker_and_her_manager(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = watched(&helpline).await;
    posted(&app.client("refuge_worker").await, app.world.a1).await;
    matched_again(&app).await;
    for (who, number) in [
        ("caseworker", 1),
        ("helpline_manager", 1),
        ("colleague", 0),
        ("other_caseworker", 0),
        ("other_helpline_manager", 0),
    ] {
        assert_eq!(app.client(who).await.get("/api/v1/watches").await.ok().items().len(), number, "{who}");
        let told =
            app.visitor(who).await.page("/find").await.ok().text.contains("1 new place for a household under watch");
        assert_eq!(told, number == 1, "{who}");
    }
    for who in ["colleague", "other_caseworker", "other_helpline_manager"] {
        let stranger = app.client(who).await;
        assert_eq!(stranger.get(&format!("{case}/watch")).await.problem(), "404 not_found");
        assert_eq!(stranger.post(&format!("{case}/watch/seen"), Value::Null).await.problem(), "404 not_found");
    }
    assert_eq!(found(&helpline, &case).await, [new("suitable")]);
}

/// The same on the pages: begun, told, seen and ended by a press each.
#[rstest]
#[actix_web::test]
async fn a_watch_is_kept_on_the_pages(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, worker) = (app.client("caseworker").await, app.visitor("caseworker").await);
    let case = opened(&helpline).await;
    let page = case.trim_start_matches("/api/v1").to_owned();
    let press = |path: &str, from: &str| {
        let (worker, path, from) = (&worker, format!("{page}{path}"), from.to_owned());
        async move {
            let answer = worker.submit(&path, &[("from", from.as_str())]).await;
            assert_eq!(answer.status, 303, "{}", answer.text);
            answer.header("location").to_owned()
        }
    };
    assert_eq!(press("/watch", "needs").await, format!("{page}/ask/needs?done=watch-started"));
    posted(&app.client("refuge_worker").await, app.world.a1).await;
    matched_again(&app).await;
    for path in [page.as_str(), "/watches"] {
        let told = worker.page(path).await.ok().text;
        assert!(told.contains("Copper House") && told.contains("New:"), "{told}");
    }
    assert_eq!(press("/watch/seen", "watches").await, "/watches?done=watch-seen");
    assert!(!worker.page(&page).await.ok().text.contains("New:"));
    assert_eq!(press("/watch/end", "").await, format!("{page}?done=watch-ended"));
    assert_eq!(helpline.get(&format!("{case}/watch")).await.problem(), "404 not_found");
    assert_eq!(press("/searches", "").await, format!("{page}/matches?done=search-marked"));
    assert_eq!(audited(&app, "search.marked"), 1);
}
