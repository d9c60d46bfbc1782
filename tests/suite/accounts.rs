//! Looking after organisations and accounts.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Client, Engine, Postgres, Sqlite, TestApp};

fn newcomer(email: &str, roles: &[&str]) -> Value {
    json!({ "email": email, "name": "Newcomer", "roles": roles })
}

async fn emails(client: &Client) -> BTreeSet<String> {
    let accounts = client.get("/api/v1/accounts?limit=200").await.ok();
    accounts.items().iter().map(|account| account["email"].as_str().unwrap().to_owned()).collect()
}

fn account(app: &TestApp, name: &str) -> String {
    format!("/api/v1/accounts/{}", app.world.account(name).id.0)
}

#[rstest]
#[actix_web::test]
async fn an_administrator_adds_an_organisation_and_the_people_in_it(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let administrator = app.client("administrator").await;
    let kinds = json!({ "name": "Rowan Women's Aid", "kinds": ["provider", "referrer"] });
    let added = administrator.post("/api/v1/organisations", kinds.clone()).await.ok();
    assert_eq!((added.status.as_u16(), added.header("etag")), (201, "\"1\""));
    let path = added.header("location").to_owned();
    assert_eq!(administrator.get(&path).await.ok().json, added.json);
    let listed = administrator.get("/api/v1/organisations").await.ok();
    assert_eq!(listed.items().iter().filter(|one| **one == added.json).count(), 1);
    assert_eq!(administrator.post("/api/v1/organisations", kinds).await.problem(), "409 name_taken");

    let mut person = newcomer("Ruth@Example.org", &["refuge_manager", "helpline_manager"]);
    person["organisation"] = json!(added.id());
    let ruth = administrator.post("/api/v1/accounts", person).await.ok();
    assert_eq!(ruth.json["organisation_id"], json!(added.id()));
    assert_eq!(ruth.json["email"], "ruth@example.org");
    assert_eq!(administrator.get(ruth.header("location")).await.ok().json, ruth.json);

    let edited = administrator.patch(&path, "\"1\"", json!({ "name": "Rowan", "active": false })).await.ok();
    assert_eq!((&edited.json["name"], &edited.json["active"]), (&json!("Rowan"), &json!(false)));
    let stale = administrator.patch(&path, "\"1\"", json!({ "active": true })).await;
    assert_eq!((stale.problem().as_str(), &stale.json["current_version"]), ("412 stale", &json!(2)));
    assert_eq!(administrator.patch(&path, "\"2\"", json!({ "name": "Helpline" })).await.problem(), "409 name_taken");
}

#[rstest]
#[actix_web::test]
async fn an_organisation_is_not_closed_from_within(#[values(Sqlite)] on: Engine) {
    let app = TestApp::spawn(on);
    let administrator = app.client("administrator").await;
    let own = administrator.get("/api/v1/me").await.ok().text_of("organisation_id");
    let path = format!("/api/v1/organisations/{own}");
    assert_eq!(administrator.patch(&path, "\"1\"", json!({ "active": false })).await.problem(), "409 own_account");
    assert_eq!(administrator.get(&path).await.ok().json["active"], json!(true));
}

/// S14
#[rstest]
#[case::refuge("refuge_manager", &["refuge_worker", "refuge_manager"])]
#[case::helpline("helpline_manager", &["caseworker", "helpline_manager"])]
#[actix_web::test]
async fn s14_a_manager_adds_people_of_her_field_to_her_own_organisation(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] manager: &str,
    #[case] field: &[&str],
) {
    let app = TestApp::spawn(on);
    let client = app.client(manager).await;
    let before = emails(&app.client("administrator").await).await;
    let roles = [
        "refuge_worker",
        "refuge_manager",
        "caseworker",
        "helpline_manager",
        "commissioner",
        "administrator",
        "auditor",
    ];
    for role in roles.iter().filter(|role| !field.contains(role)) {
        let answer = client.post("/api/v1/accounts", newcomer("new@example.org", &[field[0], role])).await;
        assert_eq!(answer.problem(), "403 forbidden", "{role}");
    }
    for organisation in [json!(app.world.other_provider), json!(app.world.other_helpline), json!(uuid::Uuid::nil())] {
        let mut elsewhere = newcomer("new@example.org", field);
        elsewhere["organisation"] = organisation;
        assert_eq!(client.post("/api/v1/accounts", elsewhere).await.problem(), "404 not_found");
    }
    assert_eq!(emails(&app.client("administrator").await).await, before, "nothing is stored");

    let added = client.post("/api/v1/accounts", newcomer("new@example.org", field)).await.ok();
    assert_eq!(added.json["organisation_id"], json!(app.world.account(manager).organisation_id));
}

#[rstest]
#[actix_web::test]
async fn a_manager_makes_nobody_more_than_she_is(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let manager = app.client("helpline_manager").await;
    let colleague = account(&app, "colleague");
    let promoted = manager.patch(&colleague, "\"1\"", json!({ "roles": ["caseworker", "administrator"] })).await;
    assert_eq!(promoted.problem(), "403 forbidden");
    assert_eq!(manager.get(&colleague).await.ok().json["roles"], json!(["caseworker"]));

    // Who is more than she is, is not hers to change either.
    let administrator = app.client("administrator").await;
    administrator.patch(&colleague, "\"1\"", json!({ "roles": ["caseworker", "auditor"] })).await.ok();
    assert_eq!(manager.patch(&colleague, "\"2\"", json!({ "active": false })).await.problem(), "403 forbidden");
    assert_eq!(manager.get(&colleague).await.ok().json["active"], json!(true));
}

#[rstest]
#[actix_web::test]
async fn a_manager_sends_a_link_to_those_she_manages(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (manager, worker) = (app.client("helpline_manager").await, app.client("colleague").await);
    let path = |name: &str| format!("{}/password-resets", account(&app, name));
    for (name, problem) in [("other_caseworker", "404 not_found"), ("refuge_worker", "404 not_found")] {
        assert_eq!(manager.post(&path(name), json!(null)).await.problem(), problem, "{name}");
    }
    assert_eq!(worker.post(&path("caseworker"), json!(null)).await.problem(), "403 forbidden");
    assert_eq!(app.notices("password_reset").len(), 0);

    for _ in 0..2 {
        assert_eq!(manager.post_as(&path("colleague"), "once", json!(null)).await.status, 202);
    }
    assert_eq!(app.notices("password_reset").len(), 1, "the same request twice sends one link");
    worker.get("/api/v1/me").await.ok();
    let again = manager.post(&format!("{}/invitations", account(&app, "colleague")), json!(null)).await;
    assert_eq!(again.problem(), "409 invitation_accepted");

    let administrator = app.client("administrator").await;
    administrator.patch(&account(&app, "colleague"), "\"1\"", json!({ "active": false })).await.ok();
    assert_eq!(manager.post(&path("colleague"), json!(null)).await.problem(), "409 account_closed");
}

#[rstest]
#[actix_web::test]
async fn an_address_is_used_by_one_account_only(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let manager = app.client("helpline_manager").await;
    for taken in ["colleague@example.org", "Colleague@Example.ORG", "other_caseworker@example.org"] {
        let answer = manager.post("/api/v1/accounts", newcomer(taken, &["caseworker"])).await;
        assert_eq!(
            (answer.problem().as_str(), answer.pointers()),
            ("422 invalid", vec!["body/email".into()]),
            "{taken}"
        );
    }
}

#[rstest]
#[case::deactivated("administrator", json!({ "active": false }))]
#[case::promoted("helpline_manager", json!({ "roles": ["caseworker", "helpline_manager"] }))]
#[case::demoted("administrator", json!({ "roles": ["auditor"] }))]
#[actix_web::test]
async fn nobody_locks_herself_out_or_gives_herself_roles(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] name: &str,
    #[case] change: Value,
) {
    let app = TestApp::spawn(on);
    let client = app.client(name).await;
    let path = account(&app, name);
    assert_eq!(client.patch(&path, "\"1\"", change).await.problem(), "409 own_account");
    assert_eq!(client.get(&path).await.ok().json["version"], 1);
    let renamed = client.patch(&path, "\"1\"", json!({ "name": "Another Name" })).await.ok();
    assert_eq!(renamed.json["name"], "Another Name");
}

/// S36
#[rstest]
#[actix_web::test]
async fn s36_an_account_is_changed_only_as_it_was_read(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let manager = app.client("helpline_manager").await;
    let path = account(&app, "colleague");
    let read = manager.get(&path).await.ok();
    let first = manager.patch(&path, read.header("etag"), json!({ "name": "First" })).await.ok();
    let second = manager.patch(&path, read.header("etag"), json!({ "name": "Second" })).await;
    assert_eq!((second.problem().as_str(), &second.json["current_version"]), ("412 stale", &json!(2)));
    assert_eq!(manager.get(&path).await.ok().json, first.json);
}

/// S13
#[rstest]
#[actix_web::test]
async fn s13_a_manager_sees_the_accounts_of_her_own_organisation(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let manager = app.client("helpline_manager").await;
    let own = ["caseworker", "colleague", "helpline_manager"].map(|name| format!("{name}@example.org"));
    assert_eq!(emails(&manager).await, BTreeSet::from(own));
    for stranger in ["other_caseworker", "refuge_manager", "administrator"] {
        assert_eq!(manager.get(&account(&app, stranger)).await.problem(), "404 not_found", "{stranger}");
        let change = json!({ "active": false });
        assert_eq!(
            manager.patch(&account(&app, stranger), "\"1\"", change).await.problem(),
            "404 not_found",
            "{stranger}"
        );
    }
}

#[rstest]
#[actix_web::test]
async fn a_list_comes_in_pages_in_the_order_of_names(
    #[values(Sqlite, Postgres)] on: Engine,
    #[values("accounts", "organisations")] list: &str,
    #[values(1, 5, 6)] limit: usize,
) {
    let app = TestApp::spawn(on);
    let administrator = app.client("administrator").await;
    let whole = administrator.get(&format!("/api/v1/{list}?limit=200")).await.ok();
    let names: Vec<_> = whole.items().iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert!(names.is_sorted(), "{names:?}");

    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = administrator.get(&format!("/api/v1/{list}?limit={limit}{cursor}")).await.ok();
        assert!(page.items().len() <= limit);
        paged.extend(page.items().to_vec());
        let Some(next) = page.json["next"].as_str() else { break };
        if list == "accounts" {
            assert_eq!(next.len(), 51, "the id of an account and no name: a cursor is part of a URL");
        }
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged, whole.items());
}

#[rstest]
#[actix_web::test]
async fn no_answer_tells_a_password_or_its_hash(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let administrator = app.client("administrator").await;
    let path = account(&app, "colleague");
    let mut person = newcomer("new@example.org", &["caseworker"]);
    person["organisation"] = json!(app.world.helpline);
    let answers = [
        administrator.post_as("/api/v1/accounts", "once", person.clone()).await.ok(),
        administrator.post_as("/api/v1/accounts", "once", person).await.ok(),
        administrator.get("/api/v1/accounts?limit=200").await.ok(),
        administrator.get(&path).await.ok(),
        administrator.patch(&path, "\"1\"", json!({ "name": "Another" })).await.ok(),
        administrator.get("/api/v1/me").await.ok(),
    ];
    assert_eq!(answers[0].json, answers[1].json);
    for answer in answers {
        let text = answer.text.to_lowercase();
        assert!(
            !["argon2", "hash", "password", "secret", &app.link("new@example.org").to_lowercase()]
                .iter()
                .any(|word| text.contains(word)),
            "{text}"
        );
    }
}
