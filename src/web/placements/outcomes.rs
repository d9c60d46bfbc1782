//! What a survivor says when she leaves: three questions, in plain words.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use uuid::Uuid;

use crate::actions;
use crate::actions::outcomes::Said;
use crate::api::input::Path;
use crate::clock::At;
use crate::db::exclusions::Reader;
use crate::db::outcomes::Outcomes;
use crate::db::{self, Conn, Tx};
use crate::domain::outcomes::{Answer as Given, AskedHow, fixed_at};
use crate::domain::placement::{Command, transition};
use crate::error::AppError;
use crate::ids::OccupancyId;
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong};
use crate::web::page::{Done, Page};
use crate::web::words::day;

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask).service(put);
}

/// What was said, in words.
pub(super) fn given(answer: Given) -> &'static str {
    match answer {
        Given::Better => "Better than when she came",
        Given::Same => "The same",
        Given::Worse => "Worse",
        Given::DidNotWantToSay => "She did not want to say",
        Given::NotAsked => "Not asked",
    }
}

fn how(how: AskedHow) -> &'static str {
    match how {
        AskedHow::InPerson => "In person",
        AskedHow::Phone => "By telephone",
        AskedHow::Form => "On a form",
    }
}

/// The three questions with what was said to each.
pub(super) fn told(row: &Outcomes) -> Vec<(&'static str, String)> {
    let mut told = vec![
        ("Her safety", given(row.safety).to_owned()),
        ("Her wellbeing", given(row.wellbeing).to_owned()),
        ("How settled her life is", given(row.stability).to_owned()),
    ];
    if let Some((on, asked)) = row.asked_on.zip(row.asked_how) {
        told.push(("Asked", format!("{}, {}", day(on), how(asked).to_lowercase())));
    }
    told
}

#[derive(Template)]
#[template(path = "placements/outcomes.html")]
struct Shown<'a> {
    page: &'a Page,
    form: Form,
    id: Uuid,
    code: String,
    /// Whether she can be asked at this time of the stay.
    open: bool,
    told: Vec<(&'static str, String)>,
    /// Until when it can be put right.
    until: Option<At>,
    answers: Vec<(&'static str, &'static str)>,
    ways: Vec<(&'static str, &'static str)>,
}

async fn shown(page: &Page, id: OccupancyId, form: Option<Form>) -> Answer {
    let reader = Reader::of(&page.actor);
    let read = move |conn: &mut Conn| {
        let seen = db::placements::find_of(conn, reader, id)?;
        let (unit, _) = db::units::find(conn, seen.unit)?;
        Ok((seen.placement, unit.code, db::outcomes::find(conn, id)?))
    };
    let (stay, code, row) = page.app.db.read(&page.actor, read).await?;
    let version = row.as_ref().map_or(0, |row| row.version);
    let form = form.map_or_else(|| filled(row.as_ref()), |form| form.renewed(version));
    let until = row.as_ref().map(|row| fixed_at(row.recorded_at));
    let late = until.is_some_and(|until| until <= page.now);
    let shown = Shown {
        page,
        form: form.clone(),
        id: id.0,
        code,
        open: !late && transition(stay.state, Command::RecordOutcomes).is_ok(),
        told: row.as_ref().map(told).unwrap_or_default(),
        until,
        answers: Given::ALL.iter().map(|answer| (answer.as_str(), given(*answer))).collect(),
        ways: AskedHow::ALL.iter().map(|way| (way.as_str(), how(*way))).collect(),
    };
    page.show_form(&form, &shown)
}

fn filled(row: Option<&Outcomes>) -> Form {
    let Some(row) = row else { return Form::new().with("version", 0) };
    Form::new()
        .with("version", row.version)
        .with("safety", row.safety.as_str())
        .with("wellbeing", row.wellbeing.as_str())
        .with("stability", row.stability.as_str())
        .with_date("asked_on", row.asked_on)
        .with_some("asked_how", row.asked_how.map(AskedHow::as_str))
}

#[get("/placements/{id}/outcomes")]
async fn ask(page: Page, Path(id): Path<OccupancyId>) -> Answer {
    shown(&page, id, None).await
}

#[post("/placements/{id}/outcomes")]
async fn put(page: Page, Path(id): Path<OccupancyId>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let version = wrong.take(posted.parse("version", "Reload the page"))?.unwrap_or_default();
        let mut answers = Vec::new();
        for (name, message) in [
            ("safety", "Select what she said about her safety"),
            ("wellbeing", "Select what she said about her wellbeing"),
            ("stability", "Select what she said about how settled her life is"),
        ] {
            answers.extend(wrong.take(posted.parse::<Given>(name, message))?);
        }
        let asked_on = wrong.take(posted.date("asked_on"))?.flatten();
        let asked_how = wrong.take(posted.maybe::<AskedHow>("asked_how", "Select how she was asked"))?.flatten();
        wrong.check()?;
        let [safety, wellbeing, stability] = answers[..] else {
            return Err(AppError::internal("an answer that is not there was not noticed"));
        };
        let said = Said { safety, wellbeing, stability, asked_on, asked_how };
        let verb = move |tx: &mut Tx| Ok(actions::outcomes::put(tx, id, version, said)?.map(drop));
        page.app.db.write(&page.actor, verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&format!("/placements/{}", id.0), Done::OutcomesSaved),
        Err(form) => shown(&page, id, Some(form)).await,
    }
}
