//! Invitations, and new passwords by a link.

use actix_web::http::Method;
use chrono::TimeDelta;
use rstest::rstest;
use serde_json::{Value, json};

use crate::requests::rows;
use crate::steps::audited;
use crate::support::world::PASSWORD;
use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp};

const NEXT: &str = "violet lantern harbour tuesday";
const ACCEPT: &str = "/api/v1/invitations/accept";
const ASK: &str = "/api/v1/password-resets";
const COMPLETE: &str = "/api/v1/password-resets/complete";

async fn post(client: &Client, path: &str, body: Value) -> Answer {
    client.request(Method::POST, path, &[], Some(body)).await
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Answer {
    post(&app.stranger().await, "/api/v1/sessions", json!({ "email": email, "password": password })).await
}

/// Somebody new is invited; gives back the path of the account.
async fn invited(app: &TestApp, email: &str) -> String {
    let new = json!({ "email": email, "name": "Amina Shah", "roles": ["caseworker"] });
    let added = app.client("helpline_manager").await.post("/api/v1/accounts", new).await.ok();
    assert_eq!((&added.json["invited"], &added.json["active"]), (&json!(true), &json!(true)));
    format!("/api/v1/accounts/{}", added.id())
}

/// S26: an invitation is good once, for three days, and only its holder knows the password.
#[rstest]
#[actix_web::test]
async fn s26_an_invitation_is_good_once(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let path = invited(&app, "amina@example.org").await;
    assert_eq!(app.notices("invitation").len(), 1);
    let secret = app.link("amina@example.org");
    assert_eq!(sign_in(&app, "amina@example.org", "").await.status, 422);
    assert_eq!(sign_in(&app, "amina@example.org", NEXT).await.problem(), "401 wrong_credentials");

    app.clock.advance(TimeDelta::hours(72) - TimeDelta::seconds(1));
    let stranger = app.stranger().await;
    let choice = json!({ "secret": secret, "password": NEXT });
    assert_eq!(post(&stranger, ACCEPT, choice.clone()).await.status, 204);
    let second = post(&stranger, ACCEPT, choice.clone()).await;
    assert_eq!((second.problem().as_str(), second.pointers()), ("422 invalid", vec!["body/secret".into()]));
    assert_eq!(sign_in(&app, "amina@example.org", NEXT).await.ok().json["second_factor"], "to_enrol");
    let manager = app.client("helpline_manager").await;
    assert_eq!(manager.get(&path).await.ok().json["invited"], json!(false));
    assert_eq!(audited(&app, "account.invitation_accepted"), 1);
}

/// S26, S39: what is too old, void, unknown or for something else is all the same.
#[rstest]
#[actix_web::test]
async fn s26_s39_a_link_that_is_not_good_does_not_say_why(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let path = invited(&app, "amina@example.org").await;
    let (first, stranger) = (app.link("amina@example.org"), app.stranger().await);
    let manager = app.client("helpline_manager").await;
    app.clock.advance(TimeDelta::seconds(1));
    let manager_again = manager.post(&format!("{path}/invitations"), json!(null)).await;
    assert_eq!(manager_again.status, 202);
    let second = app.link("amina@example.org");
    assert_ne!(first, second);
    let try_it = async |path: &str, secret: &str| {
        let answer = post(&stranger, path, json!({ "secret": secret, "password": NEXT })).await;
        let mut body = answer.json.clone();
        if let Some(body) = body.as_object_mut() {
            body.remove("instance");
        }
        (answer.status.as_u16(), body)
    };
    let unknown = try_it(ACCEPT, "never made").await;
    assert_eq!(unknown.0, 422);
    assert_eq!(try_it(COMPLETE, &second).await, unknown, "an invitation is no way to a new password");
    assert_eq!(try_it(ACCEPT, &second).await.0, 204);
    assert_eq!(try_it(ACCEPT, &first).await, unknown, "the other one is void");

    for _ in 0..2 {
        post(&stranger, ASK, json!({ "email": "amina@example.org" })).await.ok();
        app.clock.advance(TimeDelta::seconds(1));
    }
    let reset = app.link("amina@example.org");
    assert_eq!(try_it(ACCEPT, &reset).await, unknown, "a way to a new password is no invitation");
    app.clock.advance(TimeDelta::hours(1) - TimeDelta::seconds(1));
    assert_eq!(try_it(COMPLETE, &reset).await, unknown, "an hour has gone by");

    let late = invited(&app, "late@example.org").await;
    app.clock.advance(TimeDelta::hours(72));
    assert_eq!(try_it(ACCEPT, &app.link("late@example.org")).await, unknown, "three days have gone by");
    let manager = app.client("helpline_manager").await;
    manager.post(&format!("{late}/invitations"), json!(null)).await.ok();
    let secret = app.link("late@example.org");
    manager.patch(&late, "\"1\"", json!({ "active": false })).await.ok();
    assert_eq!(try_it(ACCEPT, &secret).await, unknown, "the account is closed");
    manager.patch(&late, "\"2\"", json!({ "active": true })).await.ok();
    assert_eq!(try_it(ACCEPT, &secret).await, unknown, "and stays void when it is open again");
}

/// S24, S26: whether there is an account shows neither in the answer nor in the work that is done for it.
#[rstest]
#[actix_web::test]
async fn s24_s26_asking_for_a_link_tells_nothing_about_an_account(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    invited(&app, "invited@example.org").await;
    let administrator = app.client("administrator").await;
    let closed = format!("/api/v1/accounts/{}", app.world.account("colleague").id.0);
    administrator.patch(&closed, "\"1\"", json!({ "active": false })).await.ok();
    let stranger = app.stranger().await;
    let total = |app: &TestApp| rows(app).into_iter().map(|(_, count)| count).sum::<i64>();
    let mut stored = Vec::new();
    for email in ["caseworker@example.org", "nobody@example.org", "colleague@example.org", "invited@example.org"] {
        let before = total(&app);
        let answer = post(&stranger, ASK, json!({ "email": email })).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (202, ""), "{email}");
        stored.push(total(&app) - before);
        let page = stranger.submit("/reset", &[("email", email)]).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, "/sign-in?done=reset-asked"), "{email}");
    }
    assert_eq!(stored, [4, 4, 4, 4], "as many rows for each");
    assert_eq!((app.notices("password_reset").len(), app.notices("invitation").len()), (2, 3));
    let events = format!("{:?}", app.audit());
    assert!(!events.contains("nobody@") && !events.contains("example.org"), "{events}");
}

/// S24, S26: nobody's letter box is filled, and nobody tries addresses for long; how often is known to all instances.
#[rstest]
#[actix_web::test]
async fn s24_s26_asking_for_links_is_slowed(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on).behind_proxy();
    let stranger = app.stranger().await;
    let ask = async |address: &str, email: &str| {
        let headers = [("x-forwarded-for", address)];
        stranger.request(Method::POST, ASK, &headers, Some(json!({ "email": email }))).await
    };
    for n in 0..20 {
        let email = if n < 5 { "caseworker@example.org".into() } else { format!("n{n}@example.org") };
        assert_eq!(ask("198.51.100.7", &email).await.status, 202);
    }
    assert_eq!(app.notices("password_reset").len(), 3);
    for email in ["caseworker@example.org", "nobody@example.org"] {
        assert_eq!(ask("198.51.100.7", email).await.problem(), "429 throttled");
    }
    assert_eq!(ask("198.51.100.8", "colleague@example.org").await.status, 202);
    // A password is not slowed by it.
    let body = json!({ "email": "caseworker@example.org", "password": PASSWORD });
    let headers = [("x-forwarded-for", "198.51.100.7")];
    stranger.request(Method::POST, "/api/v1/sessions", &headers, Some(body)).await.ok();
    app.clock.advance(TimeDelta::minutes(15));
    assert_eq!(ask("198.51.100.7", "caseworker@example.org").await.status, 202);
    assert_eq!(app.notices("password_reset").len(), 5);
}

/// S26: a new password by a link ends every session, and its owner is told.
#[rstest]
#[actix_web::test]
async fn s26_a_reset_ends_every_session(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (worker, visitor) = (app.client("caseworker").await, app.visitor("caseworker").await);
    let manager = app.client("helpline_manager").await;
    let account = app.world.account("caseworker").id.0;
    manager.post(&format!("/api/v1/accounts/{account}/password-resets"), json!(null)).await.ok();
    let secret = app.link("caseworker@example.org");
    worker.get("/api/v1/cases").await.ok();
    post(&app.stranger().await, COMPLETE, json!({ "secret": secret, "password": NEXT })).await.ok();
    assert_eq!(worker.get("/api/v1/cases").await.problem(), "401 unauthenticated");
    assert_eq!(visitor.page("/find").await.status, 303);
    assert_eq!(sign_in(&app, "caseworker@example.org", PASSWORD).await.problem(), "401 wrong_credentials");
    sign_in(&app, "caseworker@example.org", NEXT).await.ok();
    assert_eq!(app.notices("password_changed"), [account]);
    let changed = app.audit().into_iter().find(|event| event.action == "account.password_reset").unwrap();
    assert_eq!((changed.account, changed.object), (account, account));
}

/// S26: the secret of a link is in no table and in no log.
#[rstest]
#[actix_web::test]
async fn s26_the_secret_of_a_link_is_not_stored(#[values(Sqlite)] on: Engine) {
    let app = TestApp::spawn(on);
    invited(&app, "amina@example.org").await;
    let secret = app.link("amina@example.org");
    for path in app.files() {
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{}", path.display());
    }
    let manager = app.client("helpline_manager").await;
    assert!(!manager.get("/api/v1/accounts?limit=200").await.ok().text.contains(&secret));
}

/// S22: a password that is chosen by a link is as hard to guess as any.
#[rstest]
#[actix_web::test]
async fn s22_a_password_is_hard_to_guess_from_the_beginning(#[values(Sqlite)] on: Engine) {
    let app = TestApp::spawn(on);
    invited(&app, "amina.shah@example.org").await;
    let (secret, stranger) = (app.link("amina.shah@example.org"), app.stranger().await);
    for weak in ["short", "password1234", "amina sings every morning", "SafeHold umbrella lamp"] {
        let answer = post(&stranger, ACCEPT, json!({ "secret": secret, "password": weak })).await;
        assert_eq!(
            (answer.problem().as_str(), answer.pointers()),
            ("422 invalid", vec!["body/password".into()]),
            "{weak}"
        );
    }
    assert_eq!(post(&stranger, ACCEPT, json!({ "secret": secret, "password": NEXT })).await.status, 204);
}

/// S26: the same at a browser. To look at a link does not use it up: programs that check mail do.
#[rstest]
#[actix_web::test]
async fn s26_a_browser_chooses_a_password_by_a_link(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let manager = app.visitor("helpline_manager").await;
    let person = [("name", "Amina Shah"), ("email", "amina@example.org"), ("roles", "caseworker")];
    assert_eq!(manager.submit("/accounts/new", &person).await.header("location"), "/accounts?done=account-added");
    assert!(manager.page("/accounts").await.ok().text.contains("Invited"));
    let (link, stranger) = (format!("/invitation/{}", app.link("amina@example.org")), app.stranger().await);
    for _ in 0..2 {
        assert!(stranger.page(&link).await.ok().text.contains("Welcome to Safehold"));
    }
    let differing = stranger.submit(&link, &[("password", NEXT), ("again", "another")]).await;
    assert_eq!(differing.status, 422);
    assert!(!differing.text.contains(NEXT), "a password is not sent back");
    let chosen = stranger.submit(&link, &[("password", NEXT), ("again", NEXT)]).await;
    assert_eq!(chosen.header("location"), "/sign-in?done=password-chosen");
    for answer in [stranger.page(&link).await, stranger.submit(&link, &[("password", NEXT), ("again", NEXT)]).await] {
        assert_eq!(answer.status, 410);
        assert!(answer.text.contains("This link does not work any more"));
    }
    assert_eq!(stranger.page("/reset/never-made").await.status, 410);
    sign_in(&app, "amina@example.org", NEXT).await.ok();
}
