//! What the program does by itself: once, by however many processes, whoever of them dies.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use futures_util::future::join_all;
use rstest::rstest;
use safehold::db::jobs::Ran;
use safehold::domain::job::Problem;
use safehold::error::AppError;
use safehold::ids::InstanceId;
use safehold::worker::jobs::{JOBS, Job, run_due, run_due_of};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::steps::{opened, posted, referred};
use crate::support::program::{Program, command};
use crate::support::world::key_file;
use crate::support::{Engine, Postgres, Sqlite, TestApp};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn counted(app: &TestApp, of: &str) -> i64 {
    diesel::sql_query(format!("SELECT count(*) AS count FROM {of}")).get_result::<Count>(&mut app.raw()).unwrap().count
}

fn job<'a>(jobs: &'a Value, name: &str) -> &'a Value {
    jobs["items"].as_array().unwrap().iter().find(|job| job["name"] == name).unwrap()
}

async fn listed(app: &TestApp) -> Value {
    app.client("administrator").await.get("/api/v1/jobs").await.ok().json
}

#[rstest]
#[actix_web::test]
async fn a_job_runs_when_it_is_due_and_says_how_it_went(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let me = InstanceId::new();
    assert!(!run_due(app.application(), me).await.unwrap());
    let jobs = listed(&app).await;
    assert_eq!(jobs["items"].as_array().unwrap().len(), JOBS.len());
    let tasks = job(&jobs, "tasks");
    assert_eq!((&tasks["state"], &tasks["runs"], &tasks["failures"]), (&json!("waiting"), &json!(1), &json!(0)));
    assert_eq!(tasks["due_at"], "2026-04-01T09:00:10Z");

    // Not again before its time.
    run_due(app.application(), me).await.unwrap();
    assert_eq!(job(&listed(&app).await, "tasks")["runs"], 1);
    app.clock.advance(TimeDelta::minutes(3));
    let late = listed(&app).await;
    assert_eq!((&job(&late, "tasks")["state"], &job(&late, "tasks")["lag_seconds"]), (&json!("late"), &json!(170)));
    run_due(app.application(), me).await.unwrap();
    assert_eq!(job(&listed(&app).await, "tasks")["runs"], 2);

    let page = app.visitor("administrator").await.page("/health").await.ok();
    assert!(page.text.contains("What runs by itself"), "{}", page.text);
    let metrics = app.client("administrator").await.get("/api/v1/metrics").await.ok();
    assert_eq!(metrics.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    for line in ["# TYPE safehold_job_runs_total counter", "safehold_job_runs_total{job=\"tasks\"} 2"] {
        assert!(metrics.text.lines().any(|known| known == line), "{}", metrics.text);
    }
    assert_eq!(app.client("helpline_manager").await.get("/api/v1/metrics").await.problem(), "403 forbidden");
}

/// S37
#[rstest]
#[actix_web::test]
async fn s37_the_lease_of_who_died_runs_out_and_another_goes_on(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (dead, living) = (InstanceId::new(), InstanceId::new());
    run_due(app.application(), living).await.unwrap();
    app.clock.advance(TimeDelta::minutes(1));
    assert!(app.db.lease_job("tasks", dead).await.unwrap());
    assert!(!app.db.lease_job("tasks", living).await.unwrap());
    assert_eq!(job(&listed(&app).await, "tasks")["state"], "running");
    app.clock.advance(TimeDelta::seconds(59));
    assert!(!app.db.lease_job("tasks", living).await.unwrap());
    app.clock.advance(TimeDelta::seconds(1));
    run_due(app.application(), living).await.unwrap();
    let jobs = listed(&app).await;
    assert_eq!((&job(&jobs, "tasks")["runs"], &job(&jobs, "tasks")["attempts"]), (&json!(2), &json!(0)));

    // It was not dead after all, only slow: what it says now counts no more.
    let ran = Ran::Well { handled: 1000, next_in: TimeDelta::days(1) };
    assert!(!app.db.finish_job("tasks", dead, 1, ran).await.unwrap());
    assert_eq!(job(&listed(&app).await, "tasks")["handled"], 0);
}

#[rstest]
#[actix_web::test]
async fn of_many_who_ask_at_once_one_gets_a_job(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    run_due(app.application(), InstanceId::new()).await.unwrap();
    app.clock.advance(TimeDelta::minutes(1));
    let asked = join_all((0..12).map(|_| app.db.lease_job("tasks", InstanceId::new()))).await;
    assert_eq!(asked.into_iter().filter(|outcome| matches!(outcome, Ok(true))).count(), 1);
}

fn failing() -> &'static [Job] {
    const FAILING: &[Job] = &[
        Job::new("fails", 10, 1, |_| Box::pin(async { Err(AppError::internal("kettle")) })),
        Job::new("works", 10, 1, |_| Box::pin(async { Ok(0) })),
    ];
    FAILING
}

#[rstest]
#[actix_web::test]
async fn a_job_that_fails_is_tried_again_later_and_holds_up_no_other(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let me = InstanceId::new();
    for (run, seconds) in [(1, 5), (2, 10), (3, 20)] {
        run_due_of(app.application(), me, failing()).await.unwrap();
        let jobs = listed(&app).await;
        let fails = job(&jobs, "fails");
        assert_eq!((&fails["failures"], &fails["runs"], &fails["attempts"]), (&json!(run), &json!(0), &json!(run)));
        assert_eq!((&fails["last_problem"], &fails["state"]), (&json!(Problem::Failed), &json!("failing")));
        assert!(!jobs.to_string().contains("kettle"));
        app.clock.advance(TimeDelta::seconds(seconds));
    }
    assert!(job(&listed(&app).await, "works")["runs"].as_i64().unwrap() >= 2);
}

#[rstest]
#[actix_web::test]
async fn what_nothing_looks_at_any_more_is_forgotten(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    opened(&app.client("caseworker").await).await;
    let rows =
        || ["idempotency", "sign_in_attempt", "journey_attempt"].map(|table| counted(&app, table)).iter().sum::<i64>();
    let kept = rows();
    assert!(kept > 0);
    app.clock.advance(TimeDelta::days(40));
    assert_eq!(app.db.forget_old_rows().await.unwrap(), 0);
    app.clock.advance(TimeDelta::minutes(1));
    assert_eq!(i64::try_from(app.db.forget_old_rows().await.unwrap()).unwrap(), kept);
    assert_eq!(rows(), 0);
}

/// Waits until it is so, and not for ever.
fn until(what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < Duration::from_mins(2), "{what}");
        thread::yield_now();
    }
}

/// So many referrals that nobody answers, and so many places whose hold ends soon.
const REFERRALS: i64 = 3000;
const HOLDS: i64 = 400;

/// Stores them past the application, as they would be an hour and more after they were sent.
async fn late_everywhere(app: &TestApp) {
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let case = opened(&helpline).await;
    referred(&helpline, &case, &posted(&refuge, app.world.a1).await).await;
    let mut conn = app.raw();
    conn.batch_execute(&format!(
        "ALTER TABLE \"case\" ADD COLUMN n bigint;
         CREATE TEMPORARY TABLE copied AS SELECT * FROM \"case\" LIMIT 1;
         CREATE TEMPORARY TABLE asked AS SELECT * FROM referral LIMIT 1;
         CREATE TEMPORARY TABLE home AS SELECT * FROM unit LIMIT 1;
         DELETE FROM referral;
         INSERT INTO \"case\" SELECT (jsonb_populate_record(copied, jsonb_build_object(
             'id', gen_random_uuid(), 'reference', 'C-' || s, 'n', s, 'opened_at', now() - interval '3 hours'))).*
             FROM copied, generate_series(1, {REFERRALS}) AS s;
         INSERT INTO referral SELECT (jsonb_populate_record(asked, jsonb_build_object(
             'id', gen_random_uuid(), 'reference', 'R-' || c.n, 'case_id', c.id,
             'vacancy_id', NULL, 'unit_id', NULL, 'hold_id', NULL, 'sent_at', now() - interval '3 hours'))).*
             FROM asked, \"case\" AS c WHERE c.n IS NOT NULL;
         INSERT INTO unit SELECT (jsonb_populate_record(home, jsonb_build_object(
             'id', gen_random_uuid(), 'code', 'Z' || s))).*
             FROM home, generate_series(1, {HOLDS}) AS s;
         INSERT INTO occupancy (id, unit_id, kind, starts_at, ends_at, case_id)
             SELECT gen_random_uuid(), u.id, 'hold', now() - interval '80 minutes', now() + interval '14 minutes', c.id
             FROM unit AS u JOIN \"case\" AS c ON u.code = 'Z' || c.n;
         ALTER TABLE \"case\" DROP COLUMN n;
         DELETE FROM vacancy;
         DELETE FROM outbox;"
    ))
    .unwrap();
}

/// S37, S39: two processes share what is to be done; one is killed half-way, and the other ends it: nothing twice, nothing
/// lost.
#[actix_web::test]
async fn s37_s39_two_processes_share_the_jobs_and_one_is_killed() {
    let app = TestApp::spawn(Postgres);
    let folder = TempDir::new().unwrap();
    let keys = folder.path().join("keys.toml");
    fs::write(&keys, key_file()).unwrap();
    late_everywhere(&app).await;
    let serve = || {
        let mut serve = command(&app.url(), &keys);
        serve.env("SAFEHOLD_JOB_LEASE_SECONDS", "10").env("SAFEHOLD_DATABASE_CONNECTIONS", "4");
        Program::start(serve)
    };
    let unanswered = || counted(&app, "task WHERE kind = 'referral_unanswered'");
    let holds = || counted(&app, "task WHERE kind = 'hold_lapsing'");

    let (mut first, _second) = (serve(), serve());
    until("they begin", || unanswered() >= REFERRALS / 4);
    first.kill();
    let at_the_kill = unanswered();
    until("the other ends it", || unanswered() == 2 * REFERRALS && holds() == HOLDS);
    until("everybody is told", || counted(&app, "mail WHERE topic = 'hold_lapsing'") == HOLDS);
    until("no job is left in the hands of the dead", || {
        counted(&app, "job WHERE leased_until IS NOT NULL AND leased_until < now()") == 0
    });
    // One more round: nothing is raised again.
    let runs = || counted(&app, "job, generate_series(1, job.runs) WHERE name = 'tasks'");
    let before = runs();
    until("another round", || runs() > before);

    assert!(at_the_kill < 2 * REFERRALS, "it was over before one was killed");
    assert_eq!((unanswered(), holds()), (2 * REFERRALS, HOLDS));
    let provider = "task WHERE kind = 'referral_unanswered' AND owner_id IS NULL";
    assert_eq!(counted(&app, provider), REFERRALS);
    let once = "(SELECT DISTINCT subject_id, organisation_id FROM task WHERE kind = 'referral_unanswered') AS t";
    assert_eq!(counted(&app, once), 2 * REFERRALS, "one for each side");
    assert_eq!(counted(&app, "reminder WHERE topic = 'hold_lapsing'"), HOLDS);
    assert_eq!(counted(&app, "(SELECT DISTINCT subject_id FROM mail WHERE topic = 'hold_lapsing') AS t"), HOLDS);
    // What was counted is what was done, but for a batch that was stored and not noted because its process was killed.
    let handled = counted(&app, "job, generate_series(1, job.handled) WHERE name = 'tasks'");
    let raised = 2 * REFERRALS + HOLDS;
    assert!((raised - 1000..=raised).contains(&handled), "{handled} of {raised}");
    assert_eq!(counted(&app, "job WHERE failures > 0 AND name = 'tasks'"), 0);
}
