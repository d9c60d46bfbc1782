//! For administrators: how the installation is.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;

use super::Answer;
use super::page::Page;
use crate::api::jobs::Job;
use crate::db;
use crate::db::installation::{self, State};
use crate::db::mail::Summary;
use crate::domain::job::{Problem, State as Standing};

pub fn routes(config: &mut ServiceConfig) {
    config.service(show);
}

#[derive(Template)]
#[template(path = "health/index.html")]
struct Health<'a> {
    page: &'a Page,
    state: State,
    mail: Summary,
    mail_set_up: bool,
    jobs: Vec<Job>,
    version: &'static str,
}

impl Health<'_> {
    /// Whether a job fails or is late.
    fn trouble(&self) -> bool {
        self.jobs.iter().any(|job| matches!(job.state, Standing::Failing | Standing::Late))
    }
}

/// What a job does, in words.
pub fn does(name: &str) -> String {
    match name {
        "lapses" => "End referrals that nobody has answered".into(),
        "notices" => "Find out who is to be told of what has happened".into(),
        "old_mail" => "Forget old messages".into(),
        "old_rows" => "Forget old sign-ins and answers".into(),
        "releases" => "Publish the figures of a quarter that has ended".into(),
        "reminders" => "Remind people by e-mail".into(),
        "report_files" => "Make reports that somebody has asked for".into(),
        "scheduled_reports" => "Ask for reports that an organisation gets regularly".into(),
        "stays_over_limit" => "Notice stays that last longer than their service is meant for".into(),
        "tasks" => "Add tasks for what waits too long, and end those that are over".into(),
        "watches" => "Match households under watch with new places".into(),
        other => super::words::label(other),
    }
}

pub fn problem(problem: Problem) -> &'static str {
    match problem {
        Problem::Contended => "Too much was going on at once.",
        Problem::Unavailable => "The database could not be reached.",
        Problem::Failed => "It failed. The log says why.",
    }
}

#[get("/health")]
async fn show(page: Page) -> Answer {
    let read = |conn: &mut db::Conn| Ok((installation::state(conn)?, db::mail::summary(conn)?, db::jobs::all(conn)?));
    let (state, mail, jobs) = page.app.db.read(&page.actor, read).await?;
    let mail_set_up = page.app.mailer.is_set_up();
    let jobs = jobs.into_iter().map(|job| Job::of(job, page.now)).collect();
    page.show(&Health { page: &page, state, mail, mail_set_up, jobs, version: env!("CARGO_PKG_VERSION") })
}
