//! What stood in the way of households, and what one change would have housed the most.

use actix_web::{HttpRequest, get};
use askama::Template;
use chrono::NaiveDate;
use form_urlencoded::Serializer;

use super::Link;
use super::figures::Labels;
use super::period::{Choice, Time, manages_both, provides};
use super::section::{Figure, Row, Table};
use crate::actions;
use crate::actions::barriers::{Ask, By, Cell, Households, Report};
use crate::api::reports::file;
use crate::auth::Actor;
use crate::db;
use crate::domain::barriers::{Barrier, answer};
use crate::domain::measures::Dimension;
use crate::error::AppError;
use crate::reports;
use crate::web::Answer;
use crate::web::chart::{self, Bar};
use crate::web::form::{Form, Posted};
use crate::web::page::Page;
use crate::web::words::count;

/// So many bars stand in the picture.
const BARS: usize = 10;

const PARTS: [(By, &str); 4] = [
    (By::Service, "Service"),
    (By::Area, "Area of the place"),
    (By::AccommodationType, "Kind of place"),
    (By::Month, "Month"),
];

/// What the page is asked for.
#[derive(Debug, Clone)]
struct Asked {
    time: Time,
    households: Households,
    by: By,
    provides: bool,
}

impl Asked {
    fn of(query: &Posted, page: &Page) -> (Self, Result<(), AppError>) {
        let (time, understood) = Time::of(query, Choice::Last90Days, page.now.date());
        let households = query.get("households").parse().unwrap_or(Households::TurnedAway);
        let by = query.get("by").parse().unwrap_or(By::Service);
        (Self { time, households, by, provides: provides(query, &page.actor) }, understood)
    }

    fn ask(&self, actor: &Actor) -> Result<Ask, AppError> {
        let perspective = actions::reports::perspective(actor, Some(self.side()))?;
        let Self { time, households, by, .. } = self;
        Ok(Ask { from: time.from, to: time.to, households: *households, by: Some(*by), perspective })
    }

    fn side(&self) -> &'static str {
        if self.provides { "provider" } else { "referrer" }
    }

    fn link(&self) -> String {
        let path = "/reports/barriers?";
        let mut query = Serializer::for_suffix(path.to_owned(), path.len());
        self.time.ask(&mut query);
        query
            .append_pair("households", self.households.as_str())
            .append_pair("as", self.side())
            .append_pair("by", self.by.as_str());
        query.finish()
    }
}

#[derive(Template)]
#[template(path = "reports/barriers.html")]
struct Barriers<'a> {
    page: &'a Page,
    form: Form,
    asked: Asked,
    sides: Vec<Link>,
    whose: Vec<Link>,
    periods: Vec<Link>,
    breakdowns: Vec<Link>,
    report: Report,
    answer: String,
    /// One for each of the two pictures; none where there is nothing to draw.
    changes: Option<Figure>,
    parts: Option<Figure>,
    file: String,
}

impl Barriers<'_> {
    /// Households that found nothing suitable.
    fn without(&self) -> usize {
        self.report.households - self.report.with_suitable
    }

    /// Who is counted.
    fn counted(&self) -> &'static str {
        match (self.asked.households, self.asked.provides) {
            (Households::TurnedAway, false) => "Households whose case you closed without a place",
            (Households::Searched, false) => "Households for whom a search was kept",
            (Households::TurnedAway, true) => {
                "Households closed without a place, for whom one of your homes was looked at and something stood in the way"
            }
            (Households::Searched, true) => {
                "Households for whom one of your homes was looked at and something stood in the way"
            }
        }
    }
}

fn asked(page: &Page, request: &HttpRequest) -> (Asked, Form) {
    let query = Posted::new(request.path(), request.query_string().to_owned());
    let form = Form::of(&query);
    match Asked::of(&query, page) {
        (asked, Err(AppError::Invalid(fields))) => (asked, form.wrong(fields)),
        (asked, _) => {
            let form = form.with_date("from", Some(asked.time.from)).with_date("to", Some(asked.time.to));
            (asked, form)
        }
    }
}

#[get("/reports/barriers")]
pub async fn show(page: Page, request: HttpRequest) -> Answer {
    let (asked, form) = asked(&page, &request);
    let (ask, actor) = (asked.ask(&page.actor)?, page.actor.clone());
    let read = move |conn: &mut db::Conn| {
        let report = actions::barriers::report(conn, &actor, &ask)?;
        Ok((report, db::reference::areas(conn)?))
    };
    let (report, areas) = page.app.db.read(&page.actor, read).await?;
    let labels = Labels::new(&[], &areas);
    let link = |text, changed: Asked, chosen| Link { text, href: changed.link(), chosen };
    let sides = if manages_both(&page.actor) {
        let side = |text, provides| link(text, Asked { provides, ..asked.clone() }, asked.provides == provides);
        vec![side("Our services", true), side("Our own households", false)]
    } else {
        Vec::new()
    };
    let whose = [(Households::TurnedAway, "Turned away"), (Households::Searched, "Everybody who was searched for")]
        .map(|(households, text)| link(text, Asked { households, ..asked.clone() }, asked.households == households));
    let periods = Choice::ALL.iter().filter(|choice| **choice != Choice::Dates).map(|choice| {
        let time = asked.time.during(*choice);
        link(choice.text(), Asked { time, ..asked.clone() }, *choice == asked.time.choice)
    });
    let breakdowns = PARTS.map(|(by, text)| link(text, Asked { by, ..asked.clone() }, asked.by == by));
    let template = Barriers {
        page: &page,
        sides,
        whose: whose.into(),
        periods: periods.collect(),
        breakdowns: breakdowns.into(),
        answer: answer(&report.barriers, report.households),
        changes: changes(&report),
        parts: parts(&report, asked.by, &labels),
        file: asked.link().replacen("/barriers?", "/barriers.csv?", 1),
        report,
        asked,
        form: form.clone(),
    };
    page.show_form(&form, &template)
}

fn large(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// What each change would have done.
fn changes(report: &Report) -> Option<Figure> {
    let first = report.barriers.first()?;
    let title = "What one change would have given more households a suitable place";
    let most = report.barriers.iter().filter(|barrier| barrier.would_suit > 0).take(BARS);
    let bars: Vec<_> = most
        .map(|barrier| Bar {
            name: format!("If {}", barrier.obstacle.change()),
            value: large(barrier.would_suit),
            text: format!("{} more", barrier.would_suit),
            together: false,
        })
        .collect();
    let says = match first.would_suit {
        0 => "No single change would have given one of these households a suitable place.".to_owned(),
        more => format!("“{}” alone kept {} from a suitable place.", first.obstacle.label(), count(more, "household")),
    };
    let row = |barrier: &Barrier| Row {
        name: barrier.obstacle.label().to_owned(),
        href: None,
        cells: [barrier.alone, barrier.together, barrier.would_suit, barrier.would_talk]
            .map(|number| number.to_string().into())
            .into(),
    };
    let head = [
        "What stood in the way",
        "Alone at a place",
        "Only with other things",
        "Would have had a suitable place",
        "Would have had one to talk about",
    ];
    let table = Table {
        caption: "What stood in the way, counted in households".to_owned(),
        head: head.map(str::to_owned).to_vec(),
        rows: report.barriers.iter().map(row).collect(),
        sum: Vec::new(),
    };
    Some(Figure {
        id: "changes".to_owned(),
        heading: "What one change would have done".to_owned(),
        chart: chart::bars("changes-chart", title, &says, &bars),
        says,
        table,
        closer: Vec::new(),
    })
}

/// The change that would have done most in each part.
fn parts(report: &Report, by: By, labels: &Labels) -> Option<Figure> {
    let name = |cell: &Cell| match by {
        By::Service => cell.value.clone(),
        By::Month => NaiveDate::parse_from_str(&format!("{}-01", cell.value), "%Y-%m-%d")
            .map_or_else(|_| cell.value.clone(), |first| first.format("%B %Y").to_string()),
        By::Area => labels.name(Dimension::Area, Some(&cell.value)),
        By::AccommodationType => labels.name(Dimension::AccommodationType, Some(&cell.value)),
    };
    let mut cells: Vec<(&Cell, &Barrier)> =
        report.cells.iter().filter_map(|cell| Some((cell, cell.barriers.first()?))).collect();
    if by != By::Month {
        cells.sort_by_key(|(_, first)| std::cmp::Reverse(first.would_suit));
    }
    let ((best, first), part) = (cells.iter().rev().max_by_key(|(_, first)| first.would_suit)?, part_of(by));
    let says = match first.would_suit {
        0 => format!("In no {part} would one change have given a household a suitable place."),
        more => format!(
            "{}: if {}, {} would have had a suitable place there.",
            name(best),
            first.obstacle.change(),
            count(more, "household")
        ),
    };
    let title = format!("The one change that would have done most, by {part}");
    let bars = cells.iter().take(BARS).map(|(cell, first)| Bar {
        name: format!("{}: if {}", name(cell), first.obstacle.change()),
        value: large(first.would_suit),
        text: first.would_suit.to_string(),
        together: false,
    });
    let chart = chart::bars("parts-chart", &title, &says, &bars.collect::<Vec<_>>());
    let rows = cells.iter().flat_map(|(cell, _)| {
        let name = name(cell);
        cell.barriers.iter().map(move |barrier| Row {
            name: format!("{name}: {}", barrier.obstacle.label()),
            href: None,
            cells: [barrier.alone, barrier.together, barrier.would_suit].map(|number| number.to_string().into()).into(),
        })
    });
    let head = ["Where, and what stood in the way", "Alone", "With other things", "Would have had a suitable place"];
    let table = Table {
        caption: format!("What stood in the way, by {part}"),
        head: head.map(str::to_owned).to_vec(),
        rows: rows.collect(),
        sum: Vec::new(),
    };
    Some(Figure { id: "parts".to_owned(), heading: format!("By {part}"), says, chart, table, closer: Vec::new() })
}

fn part_of(by: By) -> &'static str {
    match by {
        By::Service => "service",
        By::Area => "area of the place",
        By::AccommodationType => "kind of place",
        By::Month => "month",
    }
}

/// The figures behind the page as a file. That it was taken out is recorded.
#[get("/reports/barriers.csv")]
pub async fn csv(page: Page, request: HttpRequest) -> Answer {
    let (asked, _) = asked(&page, &request);
    let ask = asked.ask(&page.actor)?;
    let exported = ask.clone();
    let report = page.app.db.write(&page.actor, move |tx| actions::barriers::export(tx, &exported)).await?;
    Ok(file("barriers", ask.from, ask.to, reports::barriers_csv(&ask, &report)?))
}
