//! The work of somebody who is away or gone: given to others, and never lost.

use std::collections::BTreeMap;

use rstest::rstest;
use serde_json::{Value, json};

use super::{kinds, written};
use crate::restricted::{exclude, id};
use crate::steps::{audited, opened};
use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp};

async fn reassign(app: &TestApp, by: &Client, from: &str, to: &[&str]) -> Answer {
    let to: Vec<Value> = to.iter().map(|name| json!(app.world.account(name).id)).collect();
    by.post(&format!("/api/v1/accounts/{}/reassign", app.world.account(from).id.0), json!({ "to": to })).await
}

async fn work(app: &TestApp, by: &Client, of: &str) -> (Value, Value) {
    let found = by.get(&format!("/api/v1/accounts/{}/work", app.world.account(of).id.0)).await.ok();
    (found.json["open_cases"].clone(), found.json["open_tasks"].clone())
}

/// How many cases each has been given.
fn shares(answer: &Answer) -> BTreeMap<String, usize> {
    let mut shares = BTreeMap::new();
    for case in answer.json["cases"].as_array().unwrap() {
        *shares.entry(case["owner_id"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    shares
}

/// S17: nobody is given a case that does not exist for her, and a manager hears nothing of those that do not exist for
/// herself.
#[rstest]
#[actix_web::test]
async fn s17_the_work_of_one_is_shared_out_among_those_who_may_have_it(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, manager) = (app.client("caseworker").await, app.client("helpline_manager").await);
    let mut cases = Vec::new();
    for _ in 0..5 {
        cases.push(opened(&helpline).await);
    }
    helpline.post("/api/v1/tasks", written(Some(&cases[0]), &json!({}))).await.ok();
    helpline.post("/api/v1/tasks", written(None, &json!({}))).await.ok();
    exclude(&helpline, &cases[1], &app, "colleague").await.ok();
    exclude(&helpline, &cases[2], &app, "helpline_manager").await.ok();
    assert_eq!(work(&app, &manager, "caseworker").await, (json!(4), json!(2)), "one is not there for her");

    for (to, at) in [
        (vec![], "body/to"),
        (vec!["caseworker"], "body/to/0"),
        (vec!["colleague", "colleague"], "body/to/1"),
        (vec!["other_caseworker"], "body/to/0"),
    ] {
        assert_eq!(reassign(&app, &manager, "caseworker", &to).await.pointers(), [at]);
    }
    let moved = reassign(&app, &manager, "caseworker", &["colleague"]).await.ok();
    assert_eq!((&moved.json["moved_cases"], &moved.json["kept_cases"]), (&json!(3), &json!(1)));
    assert_eq!((&moved.json["moved_tasks"], &moved.json["left_tasks"]), (&json!(1), &json!(0)));
    let kept = moved.json["cases"].as_array().unwrap().iter().find(|case| case["kept"] == true).unwrap();
    assert_eq!(
        (&kept["case_id"], &kept["owner_id"]),
        (&json!(id(&cases[1])), &json!(app.world.account("helpline_manager").id))
    );
    assert!(!moved.text.contains(id(&cases[2])));
    let colleague = app.client("colleague").await;
    assert_eq!(colleague.get("/api/v1/cases").await.ok().items().len(), 3);
    assert_eq!(kinds(&colleague, "?whose=mine").await.len(), 2, "the task about a case went with it");
    assert_eq!(colleague.get(&cases[1]).await.problem(), "404 not_found");
    helpline.get(&cases[2]).await.ok();
    assert_eq!((audited(&app, "case.reallocated"), audited(&app, "account.work_reassigned")), (4, 1));

    // Between several it is shared out evenly.
    let back = reassign(&app, &manager, "colleague", &["caseworker", "helpline_manager"]).await.ok();
    let mut shares: Vec<usize> = shares(&back).into_values().collect();
    shares.sort_unstable();
    assert_eq!(shares, [1, 2]);
}

#[rstest]
#[actix_web::test]
async fn reassigning_is_for_managers_of_the_same_organisation(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, refuge) = (app.client("caseworker").await, app.client("refuge_worker").await);
    opened(&helpline).await;
    refuge.post("/api/v1/tasks", written(None, &json!({}))).await.ok();
    for who in ["caseworker", "refuge_worker", "administrator", "auditor"] {
        assert_eq!(
            reassign(&app, &app.client(who).await, "caseworker", &["colleague"]).await.problem(),
            "403 forbidden"
        );
    }
    for who in ["other_helpline_manager", "refuge_manager"] {
        assert_eq!(
            reassign(&app, &app.client(who).await, "caseworker", &["colleague"]).await.problem(),
            "404 not_found"
        );
    }
    // A provider has tasks, and no cases.
    let manager = app.client("refuge_manager").await;
    assert_eq!(work(&app, &manager, "refuge_worker").await, (json!(0), json!(1)));
    let moved = reassign(&app, &manager, "refuge_worker", &["refuge_manager"]).await.ok();
    assert_eq!((&moved.json["moved_cases"], &moved.json["moved_tasks"]), (&json!(0), &json!(1)));
}

#[rstest]
#[actix_web::test]
async fn what_somebody_leaves_behind_waits_for_a_manager(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, manager) = (app.client("caseworker").await, app.client("helpline_manager").await);
    let (first, _second) = (opened(&helpline).await, opened(&helpline).await);
    helpline.post("/api/v1/tasks", written(Some(&first), &json!({}))).await.ok();
    let account = format!("/api/v1/accounts/{}", app.world.account("caseworker").id.0);
    manager.patch(&account, "\"1\"", json!({ "active": false })).await.ok();
    assert_eq!(kinds(&manager, "?when=due").await, ["case_unowned", "case_unowned"]);
    assert_eq!(kinds(&app.client("colleague").await, "").await, Vec::<String>::new());
    assert_eq!(app.db.raise_due_tasks().await.unwrap(), 0, "they wait");
    assert_eq!(work(&app, &manager, "caseworker").await, (json!(2), json!(1)));
    let left = manager.get("/api/v1/tasks?whose=nobody&when=upcoming").await.ok();
    assert_eq!((&left.items()[0]["kind"], &left.items()[0]["owner_gone"]), (&json!("to_do"), &json!(true)));
    let visitor = app.visitor("helpline_manager").await;
    let page = visitor.page(&format!("/accounts/{}", app.world.account("caseworker").id.0)).await.ok();
    assert!(page.text.contains("2 open cases and 1 task"), "{}", page.text);
    assert!(visitor.page("/cases").await.ok().text.contains("caseworker (gone)"));
    let first_page = visitor.page("/reports/denied-access").await.ok();
    assert!(first_page.text.contains("Give the case to a worker"), "{}", first_page.text);

    let to = app.world.account("colleague").id.0.to_string();
    let path = format!("/accounts/{}/reassign", app.world.account("caseworker").id.0);
    assert!(visitor.submit(&path, &[]).await.text.contains("Choose who takes the work over"));
    let done = visitor.submit(&path, &[("to", to.as_str())]).await.ok();
    assert!(done.text.contains("2 cases moved."), "{}", done.text);
    assert_eq!(kinds(&manager, "?when=due").await, Vec::<String>::new());
    assert_eq!(kinds(&app.client("colleague").await, "").await, ["to_do"]);
}

#[rstest]
#[actix_web::test]
async fn who_comes_back_has_her_cases_again(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, manager) = (app.client("caseworker").await, app.client("helpline_manager").await);
    opened(&helpline).await;
    let account = format!("/api/v1/accounts/{}", app.world.account("caseworker").id.0);
    manager.patch(&account, "\"1\"", json!({ "active": false })).await.ok();
    assert_eq!(kinds(&manager, "").await, ["case_unowned"]);
    manager.patch(&account, "\"2\"", json!({ "active": true })).await.ok();
    assert_eq!((app.db.raise_due_tasks().await.unwrap(), kinds(&manager, "").await.len()), (1, 0));
}
