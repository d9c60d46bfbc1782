//! Nobody carries the records away: reading and taking out are counted, slowed and noticed.

use chrono::TimeDelta;
use rstest::rstest;
use safehold::actions::readings::add_up;
use safehold::db::Db;
use safehold::ids::RequestId;
use safehold::settings::Policy;
use serde_json::Value;

use crate::steps::{audited, opened};
use crate::support::world::keys;
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp};

async fn kinds(client: &Client) -> Vec<Value> {
    client.get("/api/v1/alerts").await.ok().items().iter().map(|alert| alert["kind"].clone()).collect()
}

/// S31: who opens more cases within an hour than one person needs waits a while, on whichever instance of the server.
#[rstest]
#[actix_web::test]
async fn s31_reading_very_much_is_slowed_and_several_instances_add_up(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    let other = Db::new(app.url(), 2, app.clock.clone(), keys(), Policy::default());
    let actor = app.actor("caseworker");
    for n in 0..299 {
        let object = RequestId::new().0;
        if n % 2 == 0 { other.note_reading(&actor, object) } else { app.db.note_reading(&actor, object) }
    }
    helpline.get(&case).await.ok();
    helpline.get(&case).await.ok(); // the same again is no more
    assert_eq!((add_up(&app.db).await.unwrap(), add_up(&other).await.unwrap()), (0, 0));
    helpline.get(&case).await.ok();
    let second = opened(&helpline).await;
    helpline.get(&second).await.ok();
    assert_eq!(add_up(&app.db).await.unwrap(), 1);

    let answer = helpline.get(&case).await;
    assert_eq!((answer.problem().as_str(), answer.header("retry-after")), ("429 slowed", "600"));
    assert_eq!(helpline.get("/api/v1/cases").await.problem(), "429 slowed");
    let manager = app.client("helpline_manager").await;
    assert_eq!(kinds(&manager).await, ["bulk_reading"]);
    assert_eq!(audited(&app, "account.slowed"), 1);
    manager.get(&case).await.ok();

    app.clock.advance(TimeDelta::minutes(10));
    helpline.get(&case).await.ok();
    assert_eq!(add_up(&app.db).await.unwrap(), 1, "within the same hour she waits again");
    app.clock.advance(TimeDelta::minutes(60));
    let helpline = app.client("caseworker").await;
    helpline.get(&case).await.ok();
    assert_eq!(add_up(&app.db).await.unwrap(), 0);
}

/// S31: a page counts as much as an answer to a program, and says what to do.
#[rstest]
#[actix_web::test]
async fn s31_the_pages_are_counted_too(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let case = opened(&app.client("caseworker").await).await.replace("/api/v1", "");
    let visitor = app.visitor("caseworker").await;
    for _ in 0..300 {
        app.db.note_reading(&app.actor("caseworker"), RequestId::new().0);
    }
    assert_eq!(visitor.page(&case).await.status, 200);
    assert_eq!(add_up(&app.db).await.unwrap(), 1);
    let page = visitor.page(&case).await;
    assert_eq!(page.status, 429);
    assert!(page.text.contains("You have opened very much in a short time"), "{}", page.text);
}

/// S31: files too.
#[rstest]
#[actix_web::test]
async fn s31_exports_are_counted_stopped_and_noticed(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let manager = app.client("helpline_manager").await;
    let paths = ["/api/v1/reports/denied-access.csv", "/api/v1/reports/barriers.csv"]
        .map(|path| format!("{path}?from=2026-03-01&to=2026-04-01"));
    for n in 0..19 {
        manager.get(&paths[n % 2]).await.ok();
    }
    assert_eq!(kinds(&app.client("auditor").await).await, Vec::<Value>::new());
    manager.get(&paths[0]).await.ok();
    assert_eq!(kinds(&app.client("auditor").await).await, ["bulk_reading"]);
    assert_eq!(manager.get(&paths[1]).await.problem(), "429 slowed");
    assert_eq!(audited(&app, "report.exported"), 20);
    app.clock.advance(TimeDelta::minutes(61));
    app.client("helpline_manager").await.get(&paths[1]).await.ok();
}
