//! What an organisation wants its measures to be: for its managers.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;

use super::Answer;
use super::form::{Form, Posted, Wrong};
use super::page::{Done, Page};
use crate::actions;
use crate::api::input::Path;
use crate::auth::Actor;
use crate::db::targets::{self, Target};
use crate::domain::measures::target::{Better, possible};
use crate::domain::measures::{Code, Definition, Kind, Side};
use crate::domain::permission::Role;
use crate::error::AppError;

pub fn routes(config: &mut ServiceConfig) {
    config.service(overview).service(show).service(save).service(remove);
}

/// A measure with what it is to be.
struct Line {
    code: Code,
    title: &'static str,
    target: Option<String>,
}

#[derive(Template)]
#[template(path = "targets/list.html")]
struct List<'a> {
    page: &'a Page,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "targets/edit.html")]
struct Edit<'a> {
    page: &'a Page,
    form: Form,
    measure: Definition,
    unit: &'static str,
    /// Its version, if there is one.
    known: Option<i32>,
}

/// "At most 120 minutes".
pub fn told(kind: Kind, better: Better, value: f64) -> String {
    let how = match better {
        Better::Higher => "At least",
        Better::Lower => "At most",
    };
    match kind {
        Kind::Percent => format!("{how} {value}%"),
        Kind::Days => format!("{how} {value} days"),
        Kind::Minutes => format!("{how} {value} minutes"),
        _ => format!("{how} {value}"),
    }
}

/// Measures that somebody has, and that can have a target.
fn theirs(actor: &Actor) -> impl Iterator<Item = Definition> {
    let sides = [(Role::RefugeManager, Side::Provider), (Role::HelplineManager, Side::Referrer)];
    let sides: Vec<Side> = sides.into_iter().filter(|(role, _)| actor.has(*role)).map(|(_, side)| side).collect();
    let codes = Code::ALL.iter().filter(|code| possible(**code)).map(|code| code.definition());
    codes.filter(move |definition| definition.sides.iter().any(|side| sides.contains(side)))
}

#[get("/reports/targets")]
async fn overview(page: Page) -> Answer {
    let of = page.actor.organisation;
    let known = page.app.db.read(&page.actor, move |conn| targets::of(conn, of)).await?;
    let told = |definition: &Definition| {
        let target = known.iter().find(|target| target.measure == definition.code)?;
        Some(told(definition.kind, target.better, f64::from(target.tenths) / 10.0))
    };
    let line =
        |definition: Definition| Line { code: definition.code, title: definition.title, target: told(&definition) };
    let mut lines: Vec<Line> = theirs(&page.actor).map(line).collect();
    lines.sort_by_key(|line| line.target.is_none());
    page.show(&List { page: &page, lines })
}

async fn shown(page: &Page, code: Code, sent: Option<Form>) -> Answer {
    let measure = theirs(&page.actor).find(|measure| measure.code == code).ok_or(AppError::NotFound)?;
    let of = page.actor.organisation;
    let known: Option<Target> = page.app.db.read(&page.actor, move |conn| targets::find(conn, of, code)).await?;
    let version = known.as_ref().map_or(0, |known| known.version);
    let form = match (sent, &known) {
        (Some(form), _) => form.renewed(version),
        (None, known) => Form::new()
            .with("version", version)
            .with_some("better", known.as_ref().map(|known| known.better.as_str()))
            .with_some("value", known.as_ref().map(|known| f64::from(known.tenths) / 10.0)),
    };
    let unit = match measure.kind {
        Kind::Percent => "In percent.",
        Kind::Days => "In days.",
        Kind::Minutes => "In minutes.",
        _ => "As a number.",
    };
    let known = known.map(|known| known.version);
    page.show_form(&form, &Edit { page, form: form.clone(), measure, unit, known })
}

#[get("/reports/targets/{measure}")]
async fn show(page: Page, Path(measure): Path<Code>) -> Answer {
    shown(&page, measure, None).await
}

#[post("/reports/targets/{measure}")]
async fn save(page: Page, Path(measure): Path<Code>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let version: i32 = posted.parse("version", "Open the page again")?;
        let better: Option<Better> = wrong.take(posted.parse("better", "Select which way is better"))?;
        let value: Option<f64> = wrong.take(posted.parse("value", "Enter a number, for example 120 or 49.5"))?;
        wrong.check()?;
        let (better, value) = better.zip(value).ok_or_else(|| AppError::internal("what is missing was not noticed"))?;
        page.app.db.write(&page.actor, move |tx| actions::targets::set(tx, measure, version, better, value)).await
    };
    match page.act(&posted, deed).await? {
        Ok(_) => page.go("/reports/targets", Done::TargetSaved),
        Err(form) => shown(&page, measure, Some(form)).await,
    }
}

#[post("/reports/targets/{measure}/remove")]
async fn remove(page: Page, Path(measure): Path<Code>, posted: Posted) -> Answer {
    let deed = async {
        let version: i32 = posted.parse("version", "Open the page again")?;
        page.app.db.write(&page.actor, move |tx| actions::targets::remove(tx, measure, version)).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go("/reports/targets", Done::TargetRemoved),
        Err(form) => shown(&page, measure, Some(form)).await,
    }
}
