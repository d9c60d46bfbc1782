//! Signing in, staying signed in, and what ends that. (On a demonstration: a password is enough. What a second factor adds
//! is in `second_factor`.)

use actix_web::http::Method;
use chrono::TimeDelta;
use rstest::rstest;
use safehold::actions::sessions::{Attempt, fail};
use safehold::auth::Actor;
use safehold::ids::RequestId;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::world::{PASSWORD, keys};
use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp};

async fn sign_in(client: &Client, name: &str, password: &str) -> Answer {
    sign_in_from(client, "", name, password).await
}

async fn sign_in_from(client: &Client, address: &str, name: &str, password: &str) -> Answer {
    let body = json!({ "email": format!("{name}@example.org"), "password": password });
    client.request(Method::POST, "/api/v1/sessions", &[("x-forwarded-for", address)], Some(body)).await
}

async fn refresh(client: &Client, token: &str) -> Answer {
    client.request(Method::POST, "/api/v1/sessions/refresh", &[], Some(json!({ "refresh_token": token }))).await
}

/// Somebody signed in with her password: her client, and her refresh token.
async fn session(app: &TestApp, name: &str) -> (Client, String) {
    let tokens = sign_in(&app.stranger().await, name, PASSWORD).await.ok();
    (app.with_token(Some(tokens.text_of("access_token"))).await, tokens.text_of("refresh_token"))
}

/// A body without what differs between any two requests.
fn told(answer: &Answer) -> Value {
    let mut body = answer.json.clone();
    body.as_object_mut().unwrap().remove("instance").unwrap();
    body
}

async fn edit(client: &Client, path: &str, change: Value) {
    let etag = client.get(path).await.ok().header("etag").to_owned();
    client.patch(path, &etag, change).await.ok();
}

fn account(app: &TestApp, name: &str) -> String {
    format!("/api/v1/accounts/{}", app.world.account(name).id.0)
}

/// S24
#[rstest]
#[actix_web::test]
async fn s24_whoever_cannot_sign_in_is_not_told_why(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on).demonstrating();
    let administrator = app.client("administrator").await;
    edit(&administrator, &account(&app, "colleague"), json!({ "active": false })).await;
    let elsewhere = format!("/api/v1/organisations/{}", app.world.other_helpline.0);
    edit(&administrator, &elsewhere, json!({ "active": false })).await;

    let stranger = app.stranger().await;
    let wrong = sign_in(&stranger, "caseworker", "copper kettle umbrella tuesday").await;
    assert_eq!(wrong.problem(), "401 wrong_credentials");
    for name in ["nobody.here", "colleague", "other_caseworker"] {
        let other = sign_in(&stranger, name, PASSWORD).await;
        assert_eq!((other.status, told(&other)), (wrong.status, told(&wrong)), "{name}");
    }
    assert_eq!(sign_in(&stranger, "CaseWorker", PASSWORD).await.status, 201);
}

/// S24
#[rstest]
#[actix_web::test]
async fn s24_the_eleventh_try_from_one_address_waits_and_another_address_gets_in(
    #[values(Sqlite, Postgres)] on: Engine,
) {
    let app = TestApp::spawn(on).demonstrating().behind_proxy();
    fail_ten_times(&app, "198.51.100.7").await;
    let stranger = app.stranger().await;
    let eleventh = sign_in_from(&stranger, "198.51.100.7", "caseworker", PASSWORD).await;
    assert_eq!((eleventh.problem().as_str(), eleventh.header("retry-after")), ("429 throttled", "900"));
    // What a client says before the proxy does is not believed.
    let disguised = sign_in_from(&stranger, "203.0.113.9, 198.51.100.7", "caseworker", PASSWORD).await;
    assert_eq!(disguised.problem(), "429 throttled");
    assert_eq!(sign_in_from(&stranger, "198.51.100.8", "caseworker", PASSWORD).await.status, 201);
    assert_eq!(sign_in_from(&stranger, "198.51.100.7", "colleague", PASSWORD).await.status, 201);
    app.clock.advance(TimeDelta::minutes(15));
    assert_eq!(sign_in_from(&stranger, "198.51.100.7", "caseworker", PASSWORD).await.status, 201);
}

/// S24
#[rstest]
#[actix_web::test]
async fn s24_without_a_proxy_nobody_says_where_they_come_from(#[values(Sqlite)] on: Engine) {
    let app = TestApp::spawn(on).demonstrating();
    fail_ten_times(&app, "").await;
    let answer = sign_in_from(&app.stranger().await, "198.51.100.8", "caseworker", PASSWORD).await;
    assert_eq!(answer.problem(), "429 throttled");
}

async fn fail_ten_times(app: &TestApp, address: &str) {
    let attempt = Attempt::new(&keys().token, "caseworker@example.org", address);
    let nobody = Actor::nobody(RequestId::new());
    for _ in 0..10 {
        let attempt = attempt.clone();
        app.db.write(&nobody, move |tx| fail(tx, &attempt, None)).await.unwrap();
    }
}

/// S25
#[rstest]
#[actix_web::test]
async fn s25_an_access_token_lasts_fifteen_minutes(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on).demonstrating();
    let worker = app.client("caseworker").await;
    app.clock.advance(TimeDelta::seconds(15 * 60 - 1));
    worker.get("/api/v1/me").await.ok();
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(worker.get("/api/v1/me").await.problem(), "401 unauthenticated");
}

/// S25
#[rstest]
#[actix_web::test]
async fn s25_a_refresh_token_is_good_once_and_a_second_use_ends_the_session(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on).demonstrating();
    let (worker, first) = session(&app, "caseworker").await;
    let second = refresh(&worker, &first).await.ok();
    let heir = app.with_token(Some(second.text_of("access_token"))).await;
    heir.get("/api/v1/me").await.ok();

    assert_eq!(refresh(&worker, &first).await.problem(), "401 unauthenticated");
    for client in [&worker, &heir] {
        assert_eq!(client.get("/api/v1/me").await.problem(), "401 unauthenticated");
    }
    assert_eq!(refresh(&worker, &second.text_of("refresh_token")).await.problem(), "401 unauthenticated");
    assert!(app.audit().iter().any(|event| event.action == "session.token_reused"));
    assert_eq!(refresh(&worker, "never issued").await.problem(), "401 unauthenticated");
}

/// S25
#[rstest]
#[case::unused_for_eight_hours(&[8], 0)]
#[case::in_use_for_twelve_hours(&[7, 4, 1], 2)]
#[actix_web::test]
async fn s25_a_session_ends_by_itself(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] hours_between: &[i64],
    #[case] refreshed: usize,
) {
    let app = TestApp::spawn(on).demonstrating();
    let (client, mut token) = session(&app, "caseworker").await;
    for (n, hours) in hours_between.iter().enumerate() {
        app.clock.advance(TimeDelta::hours(*hours));
        let answer = refresh(&client, &token).await;
        if n < refreshed {
            token = answer.ok().text_of("refresh_token");
        } else {
            assert_eq!(answer.problem(), "401 unauthenticated");
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Ending {
    SignOut,
    Deactivation,
    NewRoles,
    NewPassword,
    Reset,
    OrganisationDeactivated,
    EndedElsewhere,
}
use Ending::{Deactivation, EndedElsewhere, NewPassword, NewRoles, OrganisationDeactivated, Reset, SignOut};

const NEXT_PASSWORD: &str = "violet lantern harbour tuesday";

/// S16, S25
#[rstest]
#[actix_web::test]
async fn s16_s25_what_ends_a_session_bites_on_the_next_request_and_for_good(
    #[values(Sqlite, Postgres)] on: Engine,
    #[values(SignOut, Deactivation, NewRoles, NewPassword, Reset, OrganisationDeactivated, EndedElsewhere)]
    ending: Ending,
) {
    let app = TestApp::spawn(on).demonstrating();
    let administrator = app.client("administrator").await;
    let (worker, token) = session(&app, "caseworker").await;
    worker.get("/api/v1/cases").await.ok();

    let (path, organisation) = (account(&app, "caseworker"), format!("/api/v1/organisations/{}", app.world.helpline.0));
    match ending {
        SignOut => drop(worker.request(Method::DELETE, "/api/v1/sessions/current", &[], None).await.ok()),
        Deactivation => edit(&administrator, &path, json!({ "active": false })).await,
        NewRoles => edit(&administrator, &path, json!({ "roles": ["auditor"] })).await,
        OrganisationDeactivated => edit(&administrator, &organisation, json!({ "active": false })).await,
        EndedElsewhere => {
            let other = app.client("caseworker").await;
            drop(other.request(Method::DELETE, "/api/v1/me/sessions", &[], None).await.ok());
        }
        Reset => {
            let stranger = app.stranger().await;
            stranger.post("/api/v1/password-resets", json!({ "email": "caseworker@example.org" })).await.ok();
            let choice = json!({ "secret": app.link("caseworker@example.org"), "password": NEXT_PASSWORD });
            stranger.post("/api/v1/password-resets/complete", choice).await.ok();
        }
        NewPassword => {
            let change = json!({ "current_password": PASSWORD, "password": NEXT_PASSWORD });
            worker.put("/api/v1/me/password", change).await.ok();
        }
    }
    for path in ["/api/v1/me", "/api/v1/cases", "/api/v1/reference"] {
        assert_eq!(worker.get(path).await.problem(), "401 unauthenticated", "{path}");
    }
    assert_eq!(worker.post("/api/v1/cases", crate::support::new_case()).await.problem(), "401 unauthenticated");

    // Nor does it come back to life with the account.
    match ending {
        Deactivation => edit(&administrator, &path, json!({ "active": true })).await,
        NewRoles => edit(&administrator, &path, json!({ "roles": ["caseworker"] })).await,
        _ => {}
    }
    assert_eq!(worker.get("/api/v1/me").await.problem(), "401 unauthenticated");
    assert_eq!(refresh(&worker, &token).await.problem(), "401 unauthenticated");
}

/// S18, S20
#[rstest]
#[actix_web::test]
async fn s18_s20_a_failed_sign_in_is_in_the_audit_without_the_address(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on).demonstrating();
    let known = app.audit().len();
    let stranger = app.stranger().await;
    for (name, object) in [("caseworker", app.world.account("caseworker").id.0), ("quillon.mistyped", Uuid::nil())] {
        let answer = sign_in(&stranger, name, "not the password at all").await;
        let events = app.audit();
        let event = events.last().unwrap();
        assert_eq!((event.action.as_str(), event.object), ("session.sign_in_failed", object));
        assert_eq!(answer.text_of("instance"), format!("urn:uuid:{}", event.request));
    }
    let events = format!("{:?}", app.audit_after(known));
    assert_eq!(app.audit_after(known).len(), 2);
    for word in ["quillon", "example.org", "password"] {
        assert!(!events.contains(word), "{events}");
    }
}

/// S22
#[rstest]
#[actix_web::test]
async fn s22_a_new_password_is_long_and_hard_to_guess(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on).demonstrating();
    let worker = app.client("caseworker").await;
    let change = |password: &str| json!({ "current_password": PASSWORD, "password": password });
    for weak in ["rT5!kQ9#pZ2", "password1234", "qwertyuiop12", "my caseworker umbrella lamp", "SafeHold umbrella lamp"]
    {
        let answer = worker.put("/api/v1/me/password", change(weak)).await;
        assert_eq!(
            (answer.problem().as_str(), answer.pointers()),
            ("422 invalid", vec!["body/password".into()]),
            "{weak}"
        );
    }
    let blind = json!({ "current_password": "not the password at all", "password": NEXT_PASSWORD });
    assert_eq!(worker.put("/api/v1/me/password", blind).await.problem(), "401 wrong_credentials");

    assert_eq!(worker.put("/api/v1/me/password", change(NEXT_PASSWORD)).await.ok().status, 204);
    let stranger = app.stranger().await;
    assert_eq!(sign_in(&stranger, "caseworker", PASSWORD).await.problem(), "401 wrong_credentials");
    assert_eq!(sign_in(&stranger, "caseworker", NEXT_PASSWORD).await.status, 201);
}

/// S25
#[rstest]
#[actix_web::test]
async fn s25_people_see_where_they_are_signed_in_and_end_what_they_do_not_know(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on).demonstrating();
    let firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0";
    let body = json!({ "email": "caseworker@example.org", "password": PASSWORD });
    let signed_in = app.stranger().await;
    let headers = [("user-agent", firefox)];
    let tokens = signed_in.request(Method::POST, "/api/v1/sessions", &headers, Some(body)).await.ok();
    assert_eq!(tokens.json["second_factor"], "not_needed");
    let unknown = app.with_token(Some(tokens.text_of("access_token"))).await;
    app.clock.advance(TimeDelta::minutes(1));
    let own = app.client("caseworker").await;

    let listed = own.get("/api/v1/me/sessions").await.ok();
    let told: Vec<_> = listed.items().iter().map(|one| (one["device"].as_str().unwrap(), &one["current"])).collect();
    assert_eq!(told, [("A program", &json!(true)), ("Firefox on Windows", &json!(false))]);
    for word in ["Mozilla", "143", "127.0.0.1"] {
        assert!(!listed.text.contains(word), "{}", listed.text);
    }
    let path = format!("/api/v1/me/sessions/{}", listed.items()[1]["id"].as_str().unwrap());
    let colleague = app.client("colleague").await;
    assert_eq!(colleague.request(Method::DELETE, &path, &[], None).await.problem(), "404 not_found");
    unknown.get("/api/v1/me").await.ok();
    assert_eq!(own.request(Method::DELETE, &path, &[], None).await.status, 204);
    assert_eq!(unknown.get("/api/v1/me").await.problem(), "401 unauthenticated");
    assert_eq!(own.request(Method::DELETE, &path, &[], None).await.problem(), "404 not_found");
    assert_eq!(own.get("/api/v1/me/sessions").await.ok().items().len(), 1);
}

/// S24: who signs in from a place that is not familiar is told by mail; at a familiar one nobody is.
#[rstest]
#[actix_web::test]
async fn s24_a_sign_in_from_an_unfamiliar_place_is_told(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on).demonstrating().behind_proxy();
    let stranger = app.stranger().await;
    for (address, told) in [("198.51.100.7", 1), ("198.51.100.7", 1), ("198.51.100.8", 2), ("198.51.100.7", 2)] {
        sign_in_from(&stranger, address, "caseworker", PASSWORD).await.ok();
        assert_eq!(app.notices("new_sign_in").len(), told, "{address}");
    }
    app.clock.advance(TimeDelta::days(31));
    sign_in_from(&stranger, "198.51.100.7", "caseworker", PASSWORD).await.ok();
    assert_eq!(app.notices("new_sign_in").len(), 3);
}
