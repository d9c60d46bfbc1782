//! All measures of one's own organisation, as tables by what they are about.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, get};
use askama::Template;
use form_urlencoded::Serializer;

use super::Link;
use super::figures::Labels;
use super::period::{Choice, Time, manages_both, provides};
use crate::actions;
use crate::actions::reports::measures::Ask;
use crate::api::reports::file;
use crate::auth::Actor;
use crate::db;
use crate::domain::measures::catalogue::Unit;
use crate::domain::measures::figure::thousands;
use crate::domain::measures::{Breakdown, Dimension, Figure, Kind, Measure, Period, Theme};
use crate::domain::reference::{Area, Code};
use crate::error::AppError;
use crate::reports;
use crate::web::Answer;
use crate::web::form::{Form, Posted};
use crate::web::page::Page;
use crate::web::words;

/// What the page is asked for.
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
        let path = "/reports/measures?";
        let mut query = Serializer::for_suffix(path.to_owned(), path.len());
        self.time.ask(&mut query);
        query.append_pair("as", self.side());
        query.finish()
    }
}

fn asked(page: &Page, request: &HttpRequest) -> (Asked, Form) {
    let query = Posted::new(request.path(), request.query_string().to_owned());
    let form = Form::of(&query);
    let (time, understood) = Time::of(&query, Choice::ThisYear, page.now.date());
    let asked = Asked { time, provides: provides(&query, &page.actor) };
    if let Err(AppError::Invalid(fields)) = understood {
        return (asked, form.wrong(fields));
    }
    let form = form.with_date("from", Some(asked.time.from)).with_date("to", Some(asked.time.to));
    (asked, form)
}

/// What the measures of one theme say.
struct Part {
    id: &'static str,
    heading: &'static str,
    measures: Vec<Told>,
}

impl Part {
    /// Whether there is more to say than the figures.
    fn more(&self) -> bool {
        self.measures.iter().any(Told::more)
    }
}

impl Told {
    fn more(&self) -> bool {
        !self.tables.is_empty() || !self.caveats.is_empty()
    }
}

/// A measure in words.
struct Told {
    code: &'static str,
    title: &'static str,
    value: String,
    /// What it was worked out from, and what is not known.
    beside: Vec<String>,
    counts: &'static str,
    caveats: &'static [&'static str],
    tables: Vec<Table>,
}

/// A measure broken down: names, values and what each was worked out from.
struct Table {
    caption: String,
    by: String,
    rows: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "reports/measures.html")]
struct Measures<'a> {
    page: &'a Page,
    form: Form,
    asked: Asked,
    sides: Vec<Link>,
    periods: Vec<Link>,
    parts: Vec<Part>,
    file: String,
}

#[get("/reports/measures")]
pub async fn show(page: Page, request: HttpRequest) -> Answer {
    let (asked, form) = asked(&page, &request);
    let (ask, actor) = (asked.ask(&page.actor)?, page.actor.clone());
    let period = Period { from: ask.from, to: ask.to, now: page.now };
    let read = move |conn: &mut db::Conn| {
        let measures = actions::reports::measures::all(conn, &actor, &ask, period)?;
        Ok((measures, db::reference::codes(conn, None)?, db::reference::areas(conn)?))
    };
    let (measures, codes, areas) = page.app.db.read(&page.actor, read).await?;
    let link = |text, changed: Asked, chosen| Link { text, href: changed.link(), chosen };
    let sides = if manages_both(&page.actor) {
        let side = |text, provides| link(text, Asked { provides, ..asked.clone() }, asked.provides == provides);
        vec![side("Our services", true), side("Our own households", false)]
    } else {
        Vec::new()
    };
    let periods = Choice::ALL.iter().filter(|choice| **choice != Choice::Dates).map(|choice| {
        let time = asked.time.during(*choice);
        link(choice.text(), Asked { time, ..asked.clone() }, *choice == asked.time.choice)
    });
    let template = Measures {
        page: &page,
        sides,
        periods: periods.collect(),
        parts: parts(&measures, &Names::new(&codes, &areas)),
        file: asked.link().replacen("/measures?", "/measures.csv?", 1),
        asked,
        form: form.clone(),
    };
    page.show_form(&form, &template)
}

fn parts(measures: &[Measure], names: &Names) -> Vec<Part> {
    let of = |theme: Theme| {
        let theirs = measures.iter().filter(move |measure| measure.code.definition().theme == theme);
        theirs.map(|measure| told(measure, names)).collect::<Vec<_>>()
    };
    let parts =
        Theme::ALL.iter().map(|theme| Part { id: theme.as_str(), heading: heading(*theme), measures: of(*theme) });
    parts.filter(|part| !part.measures.is_empty()).collect()
}

fn heading(theme: Theme) -> &'static str {
    match theme {
        Theme::Referrals => "Referrals",
        Theme::DeniedAccess => "Turned away",
        Theme::Waiting => "Waiting",
        Theme::Homes => "Homes",
        Theme::Stays => "Stays",
        Theme::People => "People",
        Theme::Completeness => "What is not known",
        Theme::Sanctuary => "Safe at home",
    }
}

fn told(measure: &Measure, names: &Names) -> Told {
    let definition = measure.code.definition();
    let mut beside: Vec<String> = parts_of(measure, &measure.figure).into_iter().collect();
    beside.extend(measure.unknown.filter(|number| *number > 0).map(|number| format!("Not known of {number}")));
    beside.extend(measure.note.as_ref().map(|note| names.in_words(note)));
    let table = |breakdown: &Breakdown| Table {
        caption: format!("{}, by {}", definition.title, by(&breakdown.by).to_lowercase()),
        by: by(&breakdown.by),
        rows: breakdown
            .rows
            .iter()
            .map(|row| {
                let name = names.name(&breakdown.by, row.of.as_deref());
                (name, value(measure.kind, &row.figure), parts_of(measure, &row.figure).unwrap_or_default())
            })
            .collect(),
    };
    Told {
        code: measure.code.as_str(),
        title: definition.title,
        value: value(measure.kind, &measure.figure),
        beside,
        counts: definition.counts,
        caveats: definition.caveats,
        tables: measure.breakdowns.iter().filter(|breakdown| !breakdown.rows.is_empty()).map(table).collect(),
    }
}

/// "33.3%", "3.5 days"; a dash of nothing.
fn value(kind: Kind, figure: &Figure) -> String {
    let Some(value) = figure.value else { return "–".to_owned() };
    match kind {
        Kind::Count | Kind::Per10000 => value.to_string(),
        Kind::Percent => format!("{value}%"),
        Kind::Days => format!("{value} days"),
        Kind::Minutes => format!("{value} minutes"),
        Kind::Money => format!("£{value}"),
    }
}

/// What a figure was worked out from: "5 of 15".
fn parts_of(measure: &Measure, figure: &Figure) -> Option<String> {
    let in_days = |seconds: u64| Figure::days(seconds).value.map_or_else(String::new, |days| days.to_string());
    match (figure.numerator, figure.denominator) {
        (Some(part), Some(whole)) => Some(match (measure.kind, measure.code.definition().unit) {
            (Kind::Percent, Unit::UnitDay) => format!("{} of {} days", in_days(part), in_days(whole)),
            (Kind::Percent, _) => format!("{} of {}", thousands(part), thousands(whole)),
            (Kind::Per10000, _) => format!("{} for {} people", thousands(part), thousands(whole)),
            (Kind::Days | Kind::Minutes, _) => format!("Of {whole}"),
            (Kind::Count | Kind::Money, _) => return None,
        }),
        (None, Some(number)) => Some(format!("Of {number}")),
        _ => None,
    }
}

/// What a measure is broken down by, in words.
fn by(dimension: &str) -> String {
    match dimension {
        "household" => "What the household is made of".to_owned(),
        "source" => "Who asked for help".to_owned(),
        "decided_by" => "Whose decision".to_owned(),
        "womens_aid_group" => "Women's Aid group".to_owned(),
        "return_group" => "National return group".to_owned(),
        "origin_area" => "Where they come from".to_owned(),
        "void_group" => "Kind of void".to_owned(),
        "void_reason" => "Why it was out of use".to_owned(),
        "destination" => "Where they went".to_owned(),
        "departure" => "Whether it was planned".to_owned(),
        "field" => "What was asked".to_owned(),
        "marac_referred" => "Referred to a MARAC".to_owned(),
        "concession" => "Concession for migrant victims".to_owned(),
        other => words::label(other),
    }
}

/// The words for codes, by their list.
struct Names<'a> {
    codes: BTreeMap<(&'a str, &'a str), &'a str>,
    areas: BTreeMap<&'a str, &'a str>,
    labels: Labels,
}

impl<'a> Names<'a> {
    fn new(codes: &'a [Code], areas: &'a [Area]) -> Self {
        Self {
            codes: codes.iter().map(|code| ((code.list.as_str(), code.code.as_str()), code.label.as_str())).collect(),
            areas: areas.iter().map(|area| (area.code.as_str(), area.name.as_str())).collect(),
            labels: Labels::new(codes, areas),
        }
    }

    /// A value of a dimension.
    fn name(&self, dimension: &str, value: Option<&str>) -> String {
        let Some(value) = value else { return "Not known".to_owned() };
        let list = match dimension {
            "service" => return value.to_owned(),
            "area" | "origin_area" => return self.areas.get(value).map_or(value, |name| name).to_owned(),
            "decided_by" => return self.labels.name(Dimension::DecidedBy, Some(value)),
            "womens_aid_group" => return self.labels.name(Dimension::WomensAidGroup, Some(value)),
            "return_group" => return self.labels.name(Dimension::ReturnGroup, Some(value)),
            "field" => return by(value),
            "reason" => "denial_reason",
            "source" => "referral_source",
            "destination" => "departure_destination",
            list => list,
        };
        match (self.codes.get(&(list, value)), value) {
            (Some(label), _) => (*label).to_owned(),
            (None, "unknown") => "Not known".to_owned(),
            (None, "65_and_over") => "65 and over".to_owned(),
            (None, band) if dimension == "age" => band.replace("_to_", " to "),
            (None, value) => words::label(value),
        }
    }

    /// A note with the names of areas in place of their codes.
    fn in_words(&self, note: &str) -> String {
        self.areas.iter().fold(note.to_owned(), |note, (code, name)| note.replace(code, name))
    }
}

/// The figures as a file. That it was taken out is recorded.
#[get("/reports/measures.csv")]
pub async fn csv(page: Page, request: HttpRequest) -> Answer {
    let (asked, _) = asked(&page, &request);
    let ask = asked.ask(&page.actor)?;
    let exported = ask.clone();
    let measures = page.app.db.write(&page.actor, move |tx| actions::reports::measures::export(tx, &exported)).await?;
    Ok(file("measures", ask.from, ask.to, reports::measures_csv(&ask, &measures)?))
}
