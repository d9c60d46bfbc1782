//! Every job, by how far it has come: what waits first.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use chrono::NaiveDate;
use garde::Validate;
use serde::Deserialize;
use uuid::Uuid;

use super::{class, state, tenure};
use crate::actions::public_name;
use crate::api::input::Query;
use crate::api::page::{Page as Paged, after, one_more};
use crate::db;
use crate::db::sanctuary::{After, Filter, Seen};
use crate::domain::permission::Action;
use crate::domain::sanctuary::{State, next_step_on};
use crate::web::Answer;
use crate::web::page::Page;
use crate::web::words::{count, day_from};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list);
}

/// So many that have ended stand on a page, and so many that go on.
const ENDED: i64 = 20;
const OPEN: i64 = 200;

#[derive(Deserialize, Validate)]
struct Asked {
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

struct Row {
    id: Uuid,
    reference: String,
    service: String,
    home: &'static str,
    /// How long it has been at this step.
    since: String,
    /// When the next one is to come.
    next: String,
    late: bool,
}

/// The jobs at one step.
struct Stage {
    name: &'static str,
    rows: Vec<Row>,
}

/// One that has ended.
struct Past {
    id: Uuid,
    reference: String,
    service: String,
    state: &'static str,
    class: &'static str,
    when: String,
}

#[derive(Template)]
#[template(path = "sanctuary/board.html")]
struct Board<'a> {
    page: &'a Page,
    stages: Vec<Stage>,
    ended: Vec<Past>,
    later: bool,
    next: Option<String>,
}

impl Board<'_> {
    fn provides(&self) -> bool {
        self.page.may(Action::AnswerReferrals)
    }

    fn nothing(&self) -> bool {
        self.stages.iter().all(|stage| stage.rows.is_empty())
    }
}

const STEPS: [(&str, State, bool); 4] = [
    ("Waiting for a day", State::Requested, false),
    ("Survey has a day", State::Requested, true),
    ("Surveyed, to be fitted", State::Surveyed, true),
    ("Fitted, to be signed off", State::Installed, true),
];

#[get("/sanctuary")]
async fn list(page: Page, Query(asked): Query<Asked>) -> Answer {
    let begin: Option<After> = after(asked.cursor.as_deref())?;
    let later = begin.is_some();
    let (reader, today) = (page.actor.clone(), page.now.date());
    let read = move |conn: &mut db::Conn| {
        let of = |open| Filter { open: Some(open), ..Filter::default() };
        let open = if later { Vec::new() } else { db::sanctuary::page(conn, &reader, of(true), None, OPEN)? };
        Ok((open, db::sanctuary::page(conn, &reader, of(false), begin, one_more(ENDED))?))
    };
    let (open, ended) = page.app.db.read(&page.actor, read).await?;
    let ended = Paged::of(ended, ENDED, |seen: &Seen| (seen.job.requested_at, seen.job.id))?;
    let own = page.actor.organisation;
    let name = |seen: &Seen| {
        let told = seen.provider == own || seen.job.booked_at.is_some();
        public_name(&seen.service_name.name, seen.service_name.confidential && !told, false).to_owned()
    };
    let stages = STEPS.iter().map(|(step, state, booked)| {
        let here = |seen: &&Seen| {
            seen.job.state == *state && (*state != State::Requested || seen.job.survey_on.is_some() == *booked)
        };
        let mut rows: Vec<(NaiveDate, Row)> =
            open.iter().filter(here).map(|seen| row(seen, name(seen), today)).collect();
        rows.sort_by_key(|(due, _)| *due);
        Stage { name: step, rows: rows.into_iter().map(|(_, row)| row).collect() }
    });
    let past = ended.items.iter().map(|seen| Past {
        id: seen.job.id.0,
        reference: seen.job.reference.clone(),
        service: name(seen),
        state: state(seen.job.state, true),
        class: class(seen.job.state),
        when: seen.job.ended_at.map(|at| day_from(at.date(), today)).unwrap_or_default(),
    });
    page.show(&Board {
        page: &page,
        stages: stages.collect(),
        ended: past.collect(),
        later,
        next: ended.next.map(|cursor| format!("/sanctuary?cursor={cursor}")),
    })
}

/// A job, and the day by which its next step is to come.
fn row(seen: &Seen, service: String, today: NaiveDate) -> (NaiveDate, Row) {
    let job = &seen.job;
    let since = match job.state {
        State::Requested => job.booked_at.unwrap_or(job.requested_at).date(),
        State::Surveyed => job.surveyed_on.unwrap_or(today),
        _ => job.installed_on.unwrap_or(today),
    };
    let due = next_step_on(job.state, job.survey_on, since);
    let days = usize::try_from((today - since).num_days()).unwrap_or_default();
    let over = usize::try_from((today - due).num_days()).unwrap_or_default();
    let row = Row {
        id: job.id.0,
        reference: job.reference.clone(),
        service,
        home: tenure(job.tenure),
        since: if days == 0 { "Less than a day".into() } else { count(days, "day") },
        next: if over > 0 { format!("{} late", count(over, "day")) } else { day_from(due, today) },
        late: over > 0,
    };
    (due, row)
}
