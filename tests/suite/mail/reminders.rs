//! What time brings: noticed once, by however many instances.

use chrono::TimeDelta;
use futures_util::future::join;
use rstest::rstest;
use safehold::error::AppError;
use serde_json::json;

use super::{posted_all, recording, told};
use crate::steps::{opened, posted};
use crate::support::{Engine, Postgres, Sqlite, TestApp};

/// What two workers do at once; gives back how much was new.
async fn reminded(app: &TestApp) -> usize {
    let (one, other) = join(app.db.remind(), app.db.remind()).await;
    let new = |outcome| match outcome {
        Ok(new) => new,
        Err(AppError::Contended) => 0,
        Err(error) => panic!("{error}"),
    };
    let new = new(one) + new(other);
    posted_all(app).await;
    new
}

fn named(names: &[&str], topic: &'static str) -> Vec<(String, &'static str)> {
    names.iter().map(|name| ((*name).to_owned(), topic)).collect()
}

/// S39
#[rstest]
#[actix_web::test]
async fn s39_who_holds_a_place_is_told_before_it_is_free_again(#[values(Sqlite, Postgres)] on: Engine) {
    let (app, sent) = recording(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let hold = async |unit| {
        let (case, vacancy) = (opened(&helpline).await, posted(&refuge, unit).await);
        let hold = helpline.post(&format!("{case}/holds"), json!({ "vacancy_id": vacancy })).await.ok().id();
        format!("{case}/holds/{hold}/release")
    };
    hold(app.world.a1).await;
    let let_go = hold(app.world.a2).await;
    app.clock.advance(TimeDelta::minutes(74));
    assert_eq!(reminded(&app).await, 0);
    app.client("caseworker").await.post(&let_go, serde_json::Value::Null).await.ok();
    app.clock.advance(TimeDelta::minutes(1));
    assert_eq!((reminded(&app).await, reminded(&app).await), (1, 0));
    assert_eq!(told(&sent.take()), named(&["caseworker"], "hold_lapsing"));
    app.clock.advance(TimeDelta::minutes(15));
    assert_eq!((reminded(&app).await, sent.take()), (0, vec![]));
}

/// S39
#[rstest]
#[actix_web::test]
async fn s39_a_provider_is_told_once_a_day_before_vacancies_are_stale(#[values(Sqlite, Postgres)] on: Engine) {
    let (app, sent) = recording(on);
    let refuge = app.client("refuge_worker").await;
    posted(&refuge, app.world.a1).await;
    app.clock.advance(TimeDelta::minutes(30));
    let second = posted(&app.client("refuge_worker").await, app.world.a2).await;
    app.clock.advance(TimeDelta::hours(21));
    assert_eq!(reminded(&app).await, 0);
    app.clock.advance(TimeDelta::minutes(30)); // two hours before the first is
    assert_eq!(reminded(&app).await, 1);
    assert_eq!(told(&sent.take()), named(&["refuge_manager", "refuge_worker"], "vacancies_stale"));
    app.clock.advance(TimeDelta::minutes(30)); // and before the second is
    assert_eq!(reminded(&app).await, 0);
    // Confirmed, so that it is stale on another day.
    let refuge = app.client("refuge_worker").await;
    refuge.post(&format!("/api/v1/vacancies/{second}/confirm"), serde_json::Value::Null).await.ok();
    app.clock.advance(TimeDelta::hours(23));
    assert_eq!(reminded(&app).await, 1);
    assert_eq!(sent.take().len(), 2);
}

/// S39: once a day, whoever has something to do that is overdue; and managers of what is nobody's.
#[rstest]
#[actix_web::test]
async fn s39_overdue_tasks_are_told_once_a_day_from_eight(#[values(Sqlite, Postgres)] on: Engine) {
    let (app, sent) = recording(on);
    let helpline = app.client("caseworker").await;
    let mine = json!({ "text": "Ring the school.", "due_at": "2026-04-01T10:00:00Z" });
    let nobodys = json!({ "text": "Order beds.", "due_at": "2026-04-01T10:00:00Z", "for_anybody": true });
    helpline.post("/api/v1/tasks", mine).await.ok();
    app.client("refuge_worker").await.post("/api/v1/tasks", nobodys).await.ok();
    app.clock.advance(TimeDelta::hours(12));
    assert_eq!(reminded(&app).await, 0, "not on the same day");
    app.clock.advance(TimeDelta::hours(9)); // seven in the morning in England
    assert_eq!(reminded(&app).await, 0);
    app.clock.advance(TimeDelta::hours(1));
    assert_eq!((reminded(&app).await, reminded(&app).await), (2, 0));
    let letters = sent.take();
    assert_eq!(told(&letters), named(&["caseworker", "refuge_manager"], "tasks_overdue"));
    assert_eq!(letters[0].link, "https://safehold.example.org/");
    app.clock.advance(TimeDelta::hours(24));
    let helpline = app.client("caseworker").await;
    let first = helpline.get("/api/v1/tasks").await.ok().items()[0]["id"].as_str().unwrap().to_owned();
    helpline.post(&format!("/api/v1/tasks/{first}/done"), serde_json::Value::Null).await.ok();
    assert_eq!(reminded(&app).await, 1);
    assert_eq!(told(&sent.take()), named(&["refuge_manager"], "tasks_overdue"));
}

/// S39
#[rstest]
#[actix_web::test]
async fn s39_on_monday_at_eight_managers_are_told_that_the_week_is_counted(#[values(Sqlite, Postgres)] on: Engine) {
    let (app, sent) = recording(on);
    // It is Wednesday at ten in the morning; summer time.
    app.clock.advance(TimeDelta::days(5) - TimeDelta::hours(2) - TimeDelta::minutes(1));
    assert_eq!(reminded(&app).await, 0);
    app.clock.advance(TimeDelta::minutes(1));
    assert_eq!(reminded(&app).await, 6); // organisations, four of which have managers
    let managers = ["helpline_manager", "other_helpline_manager", "other_refuge_manager", "refuge_manager"];
    let letters = sent.take();
    assert_eq!(told(&letters), named(&managers, "weekly_digest"));
    assert_eq!(letters[0].link, "https://safehold.example.org/reports/denied-access");
    app.clock.advance(TimeDelta::hours(10));
    assert_eq!(reminded(&app).await, 0);
    app.clock.advance(TimeDelta::days(7));
    assert_eq!((reminded(&app).await, sent.take().len()), (6, 4));
}
