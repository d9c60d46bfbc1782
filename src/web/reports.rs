//! For managers: who was turned away, and why, and what stood in the way. Every figure on the page is a sum of the same cells, so they agree.

pub mod annual_return;
mod barriers;
mod catalogue;
mod drawing;
mod figures;
mod files;
mod measures;
mod overview;
mod period;
mod records;
mod sanctuary;
mod section;

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, get};
use askama::Template;

use self::figures::Labels;
use self::period::{Asked, Choice};
use self::section::Section;
use super::Answer;
use super::alerts::Waiting;
use super::form::{Form, Posted};
use super::page::Page;
use super::tasks::Needs;
use crate::actions;
use crate::api::reports::file;
use crate::db;
use crate::domain::measures::Dimension;
use crate::error::AppError;
use crate::reports;

pub fn routes(config: &mut ServiceConfig) {
    config.service(denied_access).service(denied_access_csv).service(barriers::show).service(barriers::csv);
    config.service(records::of_a_measure).service(records::of_denied_access_page);
    config.service(annual_return::show).service(annual_return::file).service(annual_return::behind);
    config.service(measures::show).service(measures::csv).service(sanctuary::show).service(sanctuary::csv);
    config
        .service(catalogue::show)
        .service(overview::show)
        .service(files::list)
        .service(files::ask)
        .service(files::delete);
    config.service(files::take_out).service(files::set_schedule);
}

/// A choice as a link.
#[derive(Clone)]
struct Link {
    text: &'static str,
    href: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "reports/denied_access.html")]
struct DeniedAccess<'a> {
    page: &'a Page,
    form: Form,
    asked: &'a Asked,
    /// For somebody who manages both sides.
    sides: Vec<Link>,
    periods: Vec<Link>,
    breakdowns: Vec<Link>,
    comparisons: Vec<Link>,
    /// The one reason that is looked at, in words, and the way back to all of them.
    only: Option<(String, String)>,
    referrals: Section,
    households: Option<Section>,
    file: String,
    /// Another time to try when there was nothing.
    other: Link,
    waiting: Waiting,
    needs: Needs,
}

fn asked(page: &Page, request: &HttpRequest) -> (Asked, Form) {
    let query = Posted::new(request.path(), request.query_string().to_owned());
    let form = Form::of(&query);
    match Asked::of(&query, &page.actor, page.now.date()) {
        (asked, Err(AppError::Invalid(fields))) => (asked, form.wrong(fields)),
        (asked, _) => {
            let form = form.with_date("from", Some(asked.time.from)).with_date("to", Some(asked.time.to));
            (asked, form)
        }
    }
}

#[get("/reports/denied-access")]
async fn denied_access(page: Page, request: HttpRequest) -> Answer {
    let (mut asked, form) = asked(&page, &request);
    let (ask, actor, now, compare) = (asked.ask(&page.actor)?, page.actor.clone(), page.now, asked.compare);
    let (report, codes, areas, waiting, needs) = page
        .app
        .db
        .read(&page.actor, move |conn| {
            let report =
                if compare { actions::reports::denied_access_compared } else { actions::reports::denied_access };
            let report = report(conn, &actor, &ask)?;
            let waiting = Waiting::of(conn, &actor, now)?;
            let needs = Needs::of(conn, &actor, now)?;
            Ok((report, db::reference::codes(conn, None)?, db::reference::areas(conn)?, waiting, needs))
        })
        .await?;
    let labels = Labels::new(&codes, &areas);
    asked.reason = asked.reason.filter(|reason| labels.knows_reason(reason));
    let only = asked.reason.as_ref().map(|reason| {
        let name = labels.name(Dimension::Reason, Some(reason));
        (name, Asked { reason: None, ..asked.clone() }.link())
    });
    let whose = if asked.provides { "referrals to your services" } else { "referrals for your households" };
    let referrals =
        Section::referrals(whose, &report.per_referral, &report.referral_secondary_reasons, &asked, &labels);
    let households = report
        .per_household
        .as_ref()
        .zip(report.household_secondary_reasons.as_ref())
        .map(|(tally, secondary)| Section::households(tally, secondary, &asked, &labels));
    let template = DeniedAccess {
        page: &page,
        sides: sides(&page, &asked),
        periods: periods(&asked),
        breakdowns: breakdowns(&asked),
        comparisons: comparisons(&asked),
        only,
        referrals,
        households,
        file: asked.link().replacen("/denied-access?", "/denied-access.csv?", 1),
        other: other(&asked),
        waiting,
        needs,
        asked: &asked,
        form: form.clone(),
    };
    page.show_form(&form, &template)
}

fn sides(page: &Page, asked: &Asked) -> Vec<Link> {
    if !period::manages_both(&page.actor) {
        return Vec::new();
    }
    let side = |text, provides: bool| {
        let href = Asked { provides, ..asked.clone() }.link();
        Link { text, href, chosen: asked.provides == provides }
    };
    vec![side("Referrals to our services", true), side("Our own households", false)]
}

fn periods(asked: &Asked) -> Vec<Link> {
    let choices = Choice::ALL.iter().filter(|choice| **choice != Choice::Dates);
    let link = |choice: &Choice| Link {
        text: choice.text(),
        href: asked.during(*choice).link(),
        chosen: *choice == asked.time.choice,
    };
    choices.map(link).collect()
}

fn other(asked: &Asked) -> Link {
    let choice = if asked.time.choice == Choice::ThisYear { Choice::LastYear } else { Choice::ThisYear };
    Link { text: choice.text(), href: asked.during(choice).link(), chosen: false }
}

fn comparisons(asked: &Asked) -> Vec<Link> {
    let link = |(text, compare)| Link {
        text,
        href: Asked { compare, ..asked.clone() }.link(),
        chosen: compare == asked.compare,
    };
    measures::COMPARISONS.map(link).to_vec()
}

fn breakdowns(asked: &Asked) -> Vec<Link> {
    let offered = figures::BREAKDOWNS.iter().filter(|(by, _)| !asked.provides || *by != Dimension::WhatHappenedNext);
    let link = |(by, text): &(Dimension, &'static str)| Link {
        text,
        href: Asked { by: *by, ..asked.clone() }.link(),
        chosen: *by == asked.by,
    };
    offered.map(link).collect()
}

/// The cells behind the page as a file. That it was taken out is recorded.
#[get("/reports/denied-access.csv")]
async fn denied_access_csv(page: Page, request: HttpRequest) -> Answer {
    let (asked, _) = asked(&page, &request);
    let ask = asked.ask(&page.actor)?;
    let exported = ask.clone();
    let report = page
        .app
        .db
        .write(&page.actor, move |tx| actions::reports::export_denied_access(tx, &exported, asked.compare))
        .await?;
    let table = reports::denied_access_csv(&ask, &report)?;
    Ok(file("denied-access", ask.from, ask.to, table))
}
