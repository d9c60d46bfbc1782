//! What somebody has to do: written by people, raised by time, seen by those whom it concerns.

mod due;
mod reassigning;

use actix_web::http::Method;
use chrono::TimeDelta;
use rstest::rstest;
use safehold::domain::task::{Command, State, transition};
use serde_json::{Value, json};

use crate::restricted::{exclude, id};
use crate::steps::{audited, opened, posted, referred};
use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp};

/// A word that no list may hold.
const WORDS: &str = "Ring marigold about the school";

/// Tomorrow at noon, by the clock of the world.
const TOMORROW: &str = "2026-04-02T11:00:00Z";

pub fn written(case: Option<&str>, more: &Value) -> Value {
    let mut body = json!({ "text": WORDS, "due_at": TOMORROW });
    let fields = body.as_object_mut().unwrap();
    if let Some(case) = case {
        fields.insert("case_id".into(), json!(id(case)));
    }
    fields.extend(more.as_object().unwrap().clone());
    body
}

pub async fn kinds(client: &Client, query: &str) -> Vec<String> {
    let found = client.get(&format!("/api/v1/tasks{query}")).await.ok();
    found.items().iter().map(|task| task["kind"].as_str().unwrap().to_owned()).collect()
}

async fn edit(client: &Client, task: &Answer, body: Value) -> Answer {
    let path = format!("/api/v1/tasks/{}", task.id());
    let etag = client.get(&path).await.ok().header("etag").to_owned();
    client.patch(&path, &etag, body).await
}

#[rstest]
#[actix_web::test]
async fn a_task_is_written_taken_given_moved_and_done(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, manager) = (app.client("caseworker").await, app.client("helpline_manager").await);
    let case = opened(&helpline).await;
    let task = helpline.post("/api/v1/tasks", written(Some(&case), &json!({}))).await.ok();
    let me = json!(app.world.account("caseworker").id);
    assert_eq!((&task.json["kind"], &task.json["owner_id"], &task.json["due"]), (&json!("to_do"), &me, &json!(false)));

    // The words are read one by one, and stand in no list.
    let path = format!("/api/v1/tasks/{}", task.id());
    assert_eq!(helpline.get(&path).await.ok().json["text"], WORDS);
    assert!(!helpline.get("/api/v1/tasks").await.ok().text.contains("marigold"));
    assert_eq!((audited(&app, "task.added"), audited(&app, "task.read")), (1, 1));

    // It is given to the manager, who sees every case; the colleague cannot see this one.
    let to = |name: &str| json!({ "owner_id": app.world.account(name).id });
    assert_eq!(edit(&helpline, &task, to("colleague")).await.pointers(), ["body/owner_id"]);
    assert_eq!(edit(&helpline, &task, to("other_caseworker")).await.pointers(), ["body/owner_id"]);
    edit(&helpline, &task, to("helpline_manager")).await.ok();
    assert_eq!(kinds(&manager, "?whose=mine").await, ["to_do"]);
    edit(&manager, &task, to("helpline_manager")).await.ok();
    assert_eq!(helpline.patch(&path, "\"1\"", to("caseworker")).await.problem(), "412 stale");
    assert_eq!(edit(&manager, &task, json!({ "due_at": "2026-04-01T08:59:59Z" })).await.pointers(), ["body/due_at"]);
    let moved = edit(&manager, &task, json!({ "due_at": "2026-04-01T09:30:00Z" })).await.ok();
    assert_eq!(moved.json["due_at"], "2026-04-01T09:30:00Z");

    assert_eq!((kinds(&manager, "?when=due").await.len(), kinds(&manager, "?when=upcoming").await.len()), (0, 1));
    app.clock.advance(TimeDelta::hours(1));
    let manager = app.client("helpline_manager").await;
    assert_eq!((kinds(&manager, "?when=due").await.len(), kinds(&manager, "?when=upcoming").await.len()), (1, 0));
    let done = manager.post_as(&format!("{path}/done"), "once", Value::Null).await.ok();
    assert_eq!(done.json["state"], "done");
    manager.post_as(&format!("{path}/done"), "once", Value::Null).await.ok();
    assert_eq!((kinds(&manager, "").await.len(), kinds(&manager, "?when=ended").await.len()), (0, 1));
    assert_eq!(audited(&app, "task.done"), 1);
}

/// S35
#[rstest]
#[actix_web::test]
async fn s35_nothing_can_be_done_to_a_task_that_has_ended(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    let task = helpline.post("/api/v1/tasks", written(None, &json!({}))).await.ok();
    let settled = helpline.post("/api/v1/tasks", written(Some(&case), &json!({}))).await.ok();
    let ending =
        json!({ "outcome": "not_placed", "primary_reason": "lost_contact", "what_happened_next": "sofa_surfing" });
    helpline.post(&format!("{case}/close"), ending).await.ok();
    helpline.post(&format!("/api/v1/tasks/{}/done", task.id()), Value::Null).await.ok();
    for (task, state) in [(&task, State::Done), (&settled, State::Settled)] {
        for command in [Command::Change, Command::Finish] {
            assert!(transition(state, command).is_err());
            let refused = match command {
                Command::Change => edit(&helpline, task, json!({ "due_at": TOMORROW })).await,
                _ => helpline.post(&format!("/api/v1/tasks/{}/done", task.id()), Value::Null).await,
            };
            assert_eq!(refused.problem(), "409 task_state");
            assert_eq!(refused.json["current"]["task"], state.as_str());
        }
    }
}

/// S17: about a case that does not exist for somebody there is no task either: in no list, no count, by no id.
#[rstest]
#[actix_web::test]
async fn s17_a_task_about_a_hidden_case_is_not_there(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let case = opened(&helpline).await;
    let task = helpline.post("/api/v1/tasks", written(Some(&case), &json!({ "for_anybody": true }))).await.ok().id();
    let referral = referred(&helpline, &case, &posted(&refuge, app.world.a1).await).await;
    app.clock.advance(TimeDelta::hours(3));
    app.db.raise_due_tasks().await.unwrap();
    let (helpline, manager) = (app.client("caseworker").await, app.client("helpline_manager").await);
    let (refuge, refuge_manager) = (app.client("refuge_worker").await, app.client("refuge_manager").await);
    assert_eq!(kinds(&manager, "").await, ["referral_unanswered", "to_do"]);
    assert_eq!(kinds(&refuge, "").await, ["referral_unanswered"]);
    assert_eq!(kinds(&app.client("colleague").await, "").await, Vec::<String>::new());

    exclude(&helpline, &case, &app, "helpline_manager").await.ok();
    exclude(&refuge_manager, &referral, &app, "refuge_worker").await.ok();
    let (manager, refuge) = (app.client("helpline_manager").await, app.client("refuge_worker").await);
    for client in [&manager, &refuge] {
        for query in ["", "?whose=nobody", "?when=due", "?when=ended"] {
            assert_eq!(kinds(client, query).await, Vec::<String>::new(), "{query}");
        }
    }
    assert_eq!(manager.get(&format!("/api/v1/tasks/{task}")).await.problem(), "404 not_found");
    let done = manager.post(&format!("/api/v1/tasks/{task}/done"), Value::Null).await;
    assert_eq!(done.problem(), "404 not_found");
    let edit = manager.patch(&format!("/api/v1/tasks/{task}"), "\"1\"", json!({ "due_at": TOMORROW })).await;
    assert_eq!(edit.problem(), "404 not_found");
    for who in ["helpline_manager", "refuge_worker"] {
        let first =
            app.visitor(who).await.page(if who == "refuge_worker" { "/units" } else { "/tasks?whose=all" }).await;
        assert!(!first.text.contains("Answer the referral") && !first.text.contains("ring the service"), "{who}");
    }
    assert_eq!(kinds(&helpline, "").await.len(), 2, "for its worker it is there");
}

#[rstest]
#[actix_web::test]
async fn a_task_belongs_to_those_of_its_organisation(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let refuge = app.client("refuge_worker").await;
    let own = refuge.post("/api/v1/tasks", written(None, &json!({ "for_anybody": true }))).await.ok().id();
    assert_eq!(kinds(&app.client("refuge_manager").await, "?whose=nobody").await, ["to_do"]);
    for who in ["other_refuge_manager", "helpline_manager", "caseworker"] {
        let other = app.client(who).await;
        assert_eq!(kinds(&other, "").await, Vec::<String>::new());
        assert_eq!(other.get(&format!("/api/v1/tasks/{own}")).await.problem(), "404 not_found", "{who}");
    }
    let both = refuge
        .post(
            "/api/v1/tasks",
            written(None, &json!({ "for_anybody": true, "owner_id": app.world.account("refuge_worker").id })),
        )
        .await;
    assert_eq!(both.pointers(), ["body/for_anybody"]);
    assert_eq!(app.client("administrator").await.get("/api/v1/tasks").await.problem(), "403 forbidden");
    // Pages of the list, each with its next.
    for _ in 0..3 {
        refuge.post("/api/v1/tasks", written(None, &json!({}))).await.ok();
    }
    let first = refuge.get("/api/v1/tasks?limit=3").await.ok();
    let next = refuge.get(&format!("/api/v1/tasks?limit=3&cursor={}", first.text_of("next"))).await.ok();
    assert_eq!((first.items().len(), next.items().len(), next.json["next"].is_null()), (3, 1, true));
    let wrong = refuge.request(Method::GET, "/api/v1/tasks?whose=theirs", &[], None).await;
    assert_eq!(wrong.pointers(), ["query/whose"]);
}

#[rstest]
#[actix_web::test]
async fn the_pages_lead_from_what_is_to_do_to_where_it_is_done(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let case = opened(&helpline).await;
    let referral = referred(&helpline, &case, &posted(&refuge, app.world.a1).await).await;
    app.clock.advance(TimeDelta::hours(3));
    app.db.raise_due_tasks().await.unwrap();
    let leads = format!("/referrals/{}", id(&referral));
    for (who, landing, words) in [
        ("caseworker", "/find", "No answer yet: ring the service"),
        ("refuge_worker", "/units", "Answer the referral"),
        ("refuge_manager", "/reports/denied-access", "Answer the referral"),
    ] {
        let visitor = app.visitor(who).await;
        for page in [landing, "/tasks"] {
            let shown = visitor.page(page).await.ok();
            assert!(shown.text.contains(words) && shown.text.contains(&leads), "{who} {page}: {}", shown.text);
            assert!(shown.text.contains("Overdue"));
        }
        assert!(visitor.page(landing).await.text.contains("What needs you now"));
    }
    let visitor = app.visitor("caseworker").await;
    let form = [
        ("text", WORDS),
        ("due_at-day", "2"),
        ("due_at-month", "4"),
        ("due_at-year", "2026"),
        ("due_time", "12:00"),
        ("owner_id", "me"),
        ("case", id(&case)),
    ];
    let wrong = visitor.submit("/tasks/new", &form[1..]).await;
    assert!(wrong.status == 422 && wrong.text.contains("Enter what is to be done"), "{}", wrong.text);
    let added = visitor.submit("/tasks/new", &form).await;
    assert_eq!(added.header("location"), format!("/tasks?case={}&done=task-added", id(&case)));
    let list = app.client("caseworker").await.get(&format!("/api/v1/tasks?case_id={}", id(&case))).await.ok();
    let own = list.items().iter().find(|task| task["kind"] == "to_do").unwrap();
    assert_eq!(own["due_at"], TOMORROW);
    let path = format!("/tasks/{}", own["id"].as_str().unwrap());
    assert!(visitor.page(&path).await.ok().text.contains(WORDS));
    assert!(!visitor.page("/tasks").await.ok().text.contains("marigold"));
    let moved = [
        ("version", "1"),
        ("owner_id", ""),
        ("due_at-day", "3"),
        ("due_at-month", "4"),
        ("due_at-year", "2026"),
        ("due_time", "9"),
    ];
    assert_eq!(visitor.submit(&path, &moved).await.header("location"), "/tasks?done=task-saved");
    assert_eq!(visitor.submit(&format!("{path}/take"), &[("version", "1")]).await.status, 422);
    assert_eq!(visitor.submit(&format!("{path}/done"), &[]).await.header("location"), "/tasks?done=task-done");
}
