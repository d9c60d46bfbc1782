//! `/jobs` and `/metrics`: what the program does by itself, for those who run it.

use std::fmt::Write;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::page::Page;
use super::problem::Problems;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::domain::job::{Problem, State};
use crate::error::AppError;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(metrics);
}

/// Something that the program does by itself, once for all instances.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Job {
    pub name: String,
    pub state: State,
    /// When it runs next; in the past while it runs.
    pub due_at: At,
    /// How long it has been due and nobody runs it, in seconds.
    pub lag_seconds: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_started_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_finished_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_took_ms: Option<i64>,
    /// Why the last run failed; absent when it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_problem: Option<Problem>,
    /// Runs that were begun since one last succeeded.
    pub attempts: i32,
    /// Runs that succeeded, in all.
    pub runs: i64,
    pub failures: i64,
    /// Of how much they made an end, in all.
    pub handled: i64,
}

impl Job {
    pub(crate) fn of(row: db::jobs::Job, now: At) -> Self {
        let standing = row.standing();
        Self {
            state: standing.state(now),
            lag_seconds: standing.lag(now).num_seconds(),
            name: row.name,
            due_at: row.due_at,
            last_started_at: row.last_started_at,
            last_finished_at: row.last_finished_at,
            last_took_ms: row.last_took_ms,
            last_problem: row.last_problem,
            attempts: row.attempts,
            runs: row.runs,
            failures: row.failures,
            handled: row.handled,
        }
    }
}

/// List the jobs, by name.
#[utoipa::path(
    tag = "health",
    operation_id = "list_jobs",
    security(("token" = [])),
    responses((status = 200, body = Page<Job>), Problems)
)]
#[get("/jobs")]
pub async fn list(app: web::Data<App>, actor: Actor) -> Result<web::Json<Page<Job>>, AppError> {
    let now = app.clock.now();
    let rows = app.db.read(&actor, db::jobs::all).await?;
    Ok(web::Json(Page { items: rows.into_iter().map(|row| Job::of(row, now)).collect(), next: None }))
}

/// The same for a program that watches over this one, as text in the format of Prometheus. Nothing in it is about anybody.
#[utoipa::path(
    tag = "health",
    security(("token" = [])),
    responses((status = 200, body = String, content_type = "text/plain; version=0.0.4; charset=utf-8"), Problems)
)]
#[get("/metrics")]
pub async fn metrics(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, AppError> {
    let now = app.clock.now();
    let rows = app.db.read(&actor, db::jobs::all).await?;
    let jobs: Vec<Job> = rows.into_iter().map(|row| Job::of(row, now)).collect();
    let text = told(&jobs).map_err(AppError::internal)?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")).body(text))
}

/// One family of numbers: its name, what it is, its kind, and its value for a job.
type Family = (&'static str, &'static str, &'static str, fn(&Job) -> String);

const FAMILIES: &[Family] = &[
    ("safehold_job_runs_total", "Runs that succeeded.", "counter", |job| job.runs.to_string()),
    ("safehold_job_failures_total", "Runs that failed.", "counter", |job| job.failures.to_string()),
    ("safehold_job_handled_total", "Of how much runs made an end.", "counter", |job| job.handled.to_string()),
    ("safehold_job_failing", "1 while the last run has failed.", "gauge", |job| {
        i32::from(job.last_problem.is_some()).to_string()
    }),
    ("safehold_job_lag_seconds", "How long it has been due and nobody runs it.", "gauge", |job| {
        job.lag_seconds.to_string()
    }),
    ("safehold_job_last_duration_seconds", "How long the last run took.", "gauge", |job| {
        let ms = job.last_took_ms.unwrap_or_default();
        format!("{}.{:03}", ms / 1000, ms % 1000)
    }),
];

fn told(jobs: &[Job]) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    for (name, help, kind, value) in FAMILIES {
        writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}")?;
        for job in jobs {
            writeln!(text, "{name}{{job=\"{}\"}} {}", job.name, value(job))?;
        }
    }
    Ok(text)
}
