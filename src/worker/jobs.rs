//! The jobs that are done once for all instances: a table of what, how often, and how. To do one is to lease its row.
//!
//! A job handles one bounded batch and can be begun again at any point, for whoever runs it may be killed. One whose batch
//! was full is due again at once. One that fails is tried again after a while, and holds up no other.

use std::pin::Pin;
use std::time::{Duration, Instant};

use actix_web::rt;
use chrono::TimeDelta;

use crate::actions;
use crate::app::App;
use crate::db::jobs::{FORGOTTEN_AT_ONCE, Ran};
use crate::db::tasks::RAISED_AT_ONCE;
use crate::domain::job::Problem;
use crate::error::AppError;
use crate::ids::InstanceId;

/// A run that is going on; it gives back of how much it made an end.
pub type Running = Pin<Box<dyn Future<Output = Result<usize, AppError>> + Send>>;

/// Something that the program does by itself.
pub struct Job {
    pub name: &'static str,
    /// How long after a run the next one is due.
    pub every: TimeDelta,
    /// When a run has handled as much as this there may be more: it is due again at once.
    pub batch: usize,
    run: fn(App) -> Running,
}

impl Job {
    /// # Panics
    /// When this is more seconds than there ever were: while it is compiled.
    pub const fn new(name: &'static str, every_seconds: i64, batch: usize, run: fn(App) -> Running) -> Self {
        Self { name, every: TimeDelta::seconds(every_seconds), batch, run }
    }
}

#[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "small numbers that are never negative")]
const fn full(batch: i64) -> usize {
    batch as usize
}

/// Every job: name, how often in seconds, what a full batch is, what is done.
pub const JOBS: &[Job] = &[
    Job::new("lapses", 60, 50, |app| Box::pin(async move { actions::referrals::lapse(&app.db).await })),
    Job::new("notices", 2, 50, |app| Box::pin(async move { app.db.expand_notices().await })),
    Job::new("old_mail", 3600, usize::MAX, |app| Box::pin(async move { app.db.forget_old_mail().await.map(|()| 0) })),
    Job::new("old_rows", 3600, full(FORGOTTEN_AT_ONCE), |app| Box::pin(async move { app.db.forget_old_rows().await })),
    Job::new("releases", 3600, 1, |app| Box::pin(async move { actions::releases::make_due(&app.db).await })),
    Job::new("reminders", 60, usize::MAX, |app| Box::pin(async move { app.db.remind().await })),
    Job::new("report_files", 5, 1, |app| Box::pin(async move { actions::report_files::make_next(&app.db).await })),
    Job::new("scheduled_reports", 300, 50, |app| {
        Box::pin(async move { actions::report_schedules::ask(&app.db).await })
    }),
    Job::new("stays_over_limit", 60, 100, |app| {
        Box::pin(async move { actions::placements::stays_over_limit(&app.db, app.clock.now()).await })
    }),
    Job::new("tasks", 10, full(RAISED_AT_ONCE), |app| Box::pin(async move { app.db.raise_due_tasks().await })),
    Job::new("watches", 2, 100, |app| {
        Box::pin(async move { actions::watches::match_again(&app.db, app.clock.now(), app.policy).await })
    }),
];

/// Works until the process ends.
pub async fn run(app: App) {
    let me = InstanceId::new();
    loop {
        match run_due(&app, me).await {
            Ok(true) => continue, // there is more
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "no job is being done"),
        }
        rt::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Runs once whatever is due and nobody else runs; gives back whether there is more to do at once.
///
/// # Errors
/// When the database fails. What a job fails with is noted with it.
pub async fn run_due(app: &App, me: InstanceId) -> Result<bool, AppError> {
    run_due_of(app, me, JOBS).await
}

/// The same for these jobs.
///
/// # Errors
/// As [`run_due`].
pub async fn run_due_of(app: &App, me: InstanceId, jobs: &'static [Job]) -> Result<bool, AppError> {
    let due = app.db.due_jobs(jobs.iter().map(|job| job.name).collect()).await?;
    let mut more = false;
    for name in due {
        let Some(job) = jobs.iter().find(|job| job.name == name) else { continue };
        match app.db.lease_job(name, me).await {
            Ok(true) => {}
            Ok(false) | Err(AppError::Contended) => continue, // another was faster
            Err(error) => return Err(error),
        }
        let begun = Instant::now();
        let outcome = (job.run)(app.clone()).await;
        let took = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        let ran = match outcome {
            Ok(handled) => {
                let rest = handled >= job.batch;
                more |= rest;
                let next_in = if rest { TimeDelta::zero() } else { job.every };
                Ran::Well { handled: i64::try_from(handled).unwrap_or(i64::MAX), next_in }
            }
            Err(error) => {
                let problem = match error {
                    AppError::Contended => Problem::Contended,
                    AppError::Unavailable(_) => Problem::Unavailable,
                    _ => Problem::Failed,
                };
                tracing::error!(job = name, %error, "a job has failed");
                Ran::Badly(problem)
            }
        };
        app.db.finish_job(name, me, took, ran).await?;
    }
    Ok(more)
}
