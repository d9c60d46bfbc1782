//! Homes made safe: by stage, how long it took, what it cost, and who is still safe at home.

use actix_web::{HttpRequest, get};
use askama::Template;
use form_urlencoded::Serializer;

use super::Link;
use super::period::{Choice, Time, manages_both, provides};
use crate::actions;
use crate::actions::sanctuary::Ask;
use crate::api::reports::file;
use crate::auth::Actor;
use crate::db;
use crate::domain::sanctuary::report::SanctuaryFigures;
use crate::error::AppError;
use crate::reports;
use crate::web::Answer;
use crate::web::form::{Form, Posted};
use crate::web::page::Page;
use crate::web::reasons::label;
use crate::web::sanctuary::{pounds, state};

#[derive(Debug, Clone)]
struct Asked {
    time: Time,
    provides: bool,
}

impl Asked {
    fn ask(&self, actor: &Actor) -> Result<Ask, AppError> {
        let perspective = actions::reports::perspective(actor, Some(self.side()))?;
        Ok(Ask { from: self.time.from, to: self.time.to, perspective })
    }

    fn side(&self) -> &'static str {
        if self.provides { "provider" } else { "referrer" }
    }

    fn link(&self) -> String {
        let path = "/reports/sanctuary?";
        let mut query = Serializer::for_suffix(path.to_owned(), path.len());
        self.time.ask(&mut query);
        query.append_pair("as", self.side());
        query.finish()
    }
}

#[derive(Template)]
#[template(path = "reports/sanctuary.html")]
struct Report<'a> {
    page: &'a Page,
    form: Form,
    asked: Asked,
    sides: Vec<Link>,
    periods: Vec<Link>,
    figures: SanctuaryFigures,
    cost: String,
    stages: Vec<Vec<String>>,
    costs: Vec<Vec<String>>,
    answers: Vec<Vec<String>>,
    file: String,
}

fn asked(page: &Page, request: &HttpRequest) -> (Asked, Form) {
    let query = Posted::new(request.path(), request.query_string().to_owned());
    let (time, understood) = Time::of(&query, Choice::ThisYear, page.now.date());
    let form = match understood {
        Err(AppError::Invalid(fields)) => Form::of(&query).wrong(fields),
        _ => Form::of(&query).with_date("from", Some(time.from)).with_date("to", Some(time.to)),
    };
    (Asked { time, provides: provides(&query, &page.actor) }, form)
}

#[get("/reports/sanctuary")]
pub async fn show(page: Page, request: HttpRequest) -> Answer {
    let (asked, form) = asked(&page, &request);
    let (ask, actor) = (asked.ask(&page.actor)?, page.actor.clone());
    let read = move |conn: &mut db::Conn| {
        let figures = actions::sanctuary::report(conn, &actor, &ask)?;
        Ok((figures, db::reference::codes(conn, Some("sanctuary_measure"))?))
    };
    let (figures, codes) = page.app.db.read(&page.actor, read).await?;
    let link = |text, changed: Asked, chosen| Link { text, href: changed.link(), chosen };
    let sides = if manages_both(&page.actor) {
        let side = |text, provides| link(text, Asked { provides, ..asked.clone() }, asked.provides == provides);
        vec![side("Our schemes", true), side("Our own households", false)]
    } else {
        Vec::new()
    };
    let periods = Choice::ALL.iter().filter(|choice| **choice != Choice::Dates).map(|choice| {
        let time = asked.time.during(*choice);
        link(choice.text(), Asked { time, ..asked.clone() }, *choice == asked.time.choice)
    });
    let stages = figures.stages.iter().map(|stage| {
        let name = match stage.state {
            crate::domain::sanctuary::State::Requested => "Waits for its survey",
            other => state(other, true),
        };
        vec![name.to_owned(), stage.jobs.to_string()]
    });
    let costs = figures.costs.iter().map(|cost| {
        vec![label(&codes, "sanctuary_measure", &cost.kind), cost.number.to_string(), pounds(cost.cost_pence)]
    });
    let answers = figures.still_safe.iter().map(|one| {
        let name = if one.months == 1 { "After 1 month".to_owned() } else { format!("After {} months", one.months) };
        let numbers = [one.still_safe, one.not_safe, one.moved, one.not_reached, one.waiting, one.settled];
        std::iter::once(name).chain(numbers.iter().map(ToString::to_string)).collect()
    });
    let template = Report {
        page: &page,
        form: form.clone(),
        sides,
        periods: periods.collect(),
        cost: pounds(figures.cost_pence),
        stages: stages.collect(),
        costs: costs.collect(),
        answers: answers.collect(),
        file: asked.link().replacen("/sanctuary?", "/sanctuary.csv?", 1),
        figures,
        asked,
    };
    page.show_form(&form, &template)
}

/// The figures behind the page as a file. That it was taken out is recorded.
#[get("/reports/sanctuary.csv")]
pub async fn csv(page: Page, request: HttpRequest) -> Answer {
    let (asked, _) = asked(&page, &request);
    let ask = asked.ask(&page.actor)?;
    let (from, to) = (ask.from, ask.to);
    let figures = page.app.db.write(&page.actor, move |tx| actions::sanctuary::export(tx, &ask)).await?;
    Ok(file("sanctuary", from, to, reports::sanctuary_csv(&figures)?))
}
