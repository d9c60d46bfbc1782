//! The records behind a figure, as a list of links.

use actix_web::{HttpRequest, get};
use askama::Template;
use chrono::NaiveDate;
use form_urlencoded::Serializer;

use super::asked as asked_for;
use super::measures::asked as measures_asked_for;
use super::period::YEAR;
use crate::actions::reports::records::{Behind, Of, OfCell, Record, of_denied_access, of_measure};
use crate::api::input::Path;
use crate::api::records::{PAGE, link};
use crate::clock::At;
use crate::db;
use crate::db::Conn;
use crate::domain::measures::records::{Amount, Kind, Part, kept_back};
use crate::domain::measures::{Access, Code, Dimension, Figure, Kind as Told, Period};
use crate::reports::figures::value;
use crate::reports::names::{Labels, Names, by};
use crate::web::Answer;
use crate::web::form::Posted;
use crate::web::page::Page;
use crate::web::words;

/// A record by its reference, and that of its case.
struct Line {
    reference: String,
    href: String,
    case: Option<(String, String)>,
    amount: String,
    at: At,
}

#[derive(Template)]
#[template(path = "reports/records.html")]
struct Records<'a> {
    page: &'a Page,
    about: About,
    /// "12 referrals".
    said: String,
    /// "Referral".
    what: &'static str,
    /// What each adds, and what all of them do: "Days", "120.5 days".
    amount: Option<(&'static str, String)>,
    counted_at: Option<At>,
    lines: Vec<Line>,
    cases: bool,
    previous: Option<String>,
    next: Option<String>,
}

/// Which figure it is.
pub struct About {
    /// Where it stands.
    pub back: (&'static str, String),
    pub caption: String,
    pub days: String,
    /// By what it was broken down, and the values: in words.
    pub chosen: Vec<(String, String)>,
    /// Whether it is told in minutes.
    pub minutes: bool,
    /// What each record adds is not told to this reader.
    pub kept_back: bool,
}

/// "case", "cases", "Case".
pub fn words_of(kind: Kind) -> (&'static str, &'static str, &'static str) {
    match kind {
        Kind::Case => ("case", "cases", "Case"),
        Kind::Referral => ("referral", "referrals", "Referral"),
        Kind::Stay => ("stay", "stays", "Stay, by its referral"),
        Kind::Unit => ("home", "homes", "Home"),
        Kind::Vacancy => ("vacancy", "vacancies", "Vacancy, by its home"),
        Kind::SanctuaryJob => ("job", "jobs", "Job"),
    }
}

impl About {
    /// "Days", and how such an amount is told.
    fn told(&self, kind: Amount, amount: u64) -> (&'static str, String) {
        let plain = |name: &str| format!("{amount} {name}");
        match kind {
            Amount::Seconds if self.minutes => ("Minutes", value(Told::Minutes, &Figure::minutes(amount))),
            Amount::Seconds => ("Days", value(Told::Days, &Figure::days(amount))),
            Amount::Days => ("Days", plain("days")),
            Amount::Pence => ("Cost", value(Told::Money, &Figure::pounds(amount))),
            Amount::People => ("People", plain("people")),
            Amount::Answers => ("Answers", plain("answers")),
            Amount::Reasons => ("Reasons", plain("reasons")),
        }
    }

    fn lines(&self, behind: &Behind) -> Vec<Line> {
        let line = |record: &Record| Line {
            reference: record.named.reference.clone(),
            href: link(record),
            case: record.named.case.as_ref().map(|(id, reference)| (reference.clone(), format!("/cases/{}", id.0))),
            amount: behind.amount.zip(record.amount).map_or_else(String::new, |((kind, _), n)| self.told(kind, n).1),
            at: record.at,
        };
        behind.items.iter().map(line).collect()
    }
}

/// The same question with another beginning.
fn from(request: &HttpRequest, query: &Posted, offset: usize) -> String {
    let path = format!("{}?", request.path());
    let mut link = Serializer::for_suffix(path.clone(), path.len());
    for (name, value) in query.pairs().iter().filter(|(name, _)| name != "offset") {
        link.append_pair(name, value);
    }
    link.append_pair("offset", &offset.to_string());
    link.finish()
}

pub fn listed(
    page: &Page,
    request: &HttpRequest,
    query: &Posted,
    behind: &Behind,
    about: About,
    skip: usize,
) -> Answer {
    let (one, many, what) = words_of(behind.kind);
    let until = skip + behind.items.len();
    let lines = about.lines(behind);
    page.show(&Records {
        page,
        said: format!("{} {}", behind.total, if behind.total == 1 { one } else { many }),
        what,
        amount: behind.amount.map(|(kind, sum)| about.told(kind, sum)),
        counted_at: behind.counted_at,
        cases: lines.iter().any(|line| line.case.is_some()),
        lines,
        previous: (skip > 0).then(|| from(request, query, skip.saturating_sub(PAGE))),
        next: (until < behind.total).then(|| from(request, query, until)),
        about,
    })
}

pub fn skipped(query: &Posted) -> usize {
    query.get("offset").parse().unwrap_or(0)
}

/// The values that are asked for: an empty one is that of what has none.
fn values(query: &Posted) -> Vec<(Dimension, Option<String>)> {
    let there = |by: &&Dimension| query.pairs().iter().any(|(name, _)| name == by.as_str());
    Dimension::ALL.iter().filter(there).map(|by| (*by, query.some(by.as_str()))).collect()
}

#[get("/reports/measures/{measure}/records")]
pub async fn of_a_measure(page: Page, Path(code): Path<Code>, request: HttpRequest) -> Answer {
    let query = Posted::new(request.path(), request.query_string().to_owned());
    let (asked, _) = measures_asked_for(&page, &request);
    let (ask, actor, skip) = (asked.ask(&page.actor)?, page.actor.clone(), skipped(&query));
    let period = Period { from: ask.from, to: ask.to, now: page.now };
    let part = query.get("part").parse().unwrap_or(Part::Numerator);
    let of = Of { code, part, by: query.some("by").map(|by| (by, query.some("of"))) };
    let (side, row) = (ask.side(), of.by.clone());
    let read = move |conn: &mut Conn| {
        let behind = of_measure(conn, &actor, &ask, period, &of, (skip, PAGE))?;
        Ok((behind, db::reference::codes(conn, None)?, db::reference::areas(conn)?))
    };
    let (behind, codes, areas) = page.app.db.read(&page.actor, read).await?;
    let names = Names::new(&codes, &areas);
    let chosen = row.map(|(dimension, of)| {
        let of = if dimension == Dimension::Service.as_str() { behind.service.clone() } else { of };
        (by(&dimension), names.name(&dimension, of.as_deref()))
    });
    let definition = code.definition();
    let about = About {
        back: ("All measures", asked.link()),
        caption: definition.title.to_owned(),
        days: asked.days(),
        chosen: chosen.into_iter().collect(),
        minutes: definition.kind == Told::Minutes,
        kept_back: kept_back(code, side),
    };
    listed(&page, &request, &query, &behind, about, skip)
}

#[get("/reports/denied-access/records")]
pub async fn of_denied_access_page(page: Page, request: HttpRequest) -> Answer {
    let query = Posted::new(request.path(), request.query_string().to_owned());
    let (asked, _) = asked_for(&page, &request);
    let (mut ask, actor, skip) = (asked.ask(&page.actor)?, page.actor.clone(), skipped(&query));
    let year = query.get(YEAR).parse().ok().and_then(financial_year);
    if let Some((from, to)) = year {
        (ask.from, ask.to) = (ask.from.max(from), ask.to.min(to));
    }
    let of = OfCell {
        households: query.get("counted") == "household",
        access: query.get("outcome").parse().ok(),
        values: values(&query),
        secondary_reason: query.some("secondary_reason"),
    };
    let (households, wanted) = (of.households, of.clone());
    let read = move |conn: &mut Conn| {
        let behind = of_denied_access(conn, &actor, &ask, &of, (skip, PAGE))?;
        Ok((behind, db::reference::codes(conn, None)?, db::reference::areas(conn)?))
    };
    let (behind, codes, areas) = page.app.db.read(&page.actor, read).await?;
    let labels = Labels::new(&codes, &areas);
    let reason = |code: &String| labels.name(Dimension::Reason, Some(code));
    let mut chosen: Vec<(String, String)> = Vec::new();
    chosen.extend(wanted.access.map(|access| ("What became of them".to_owned(), became(access).to_owned())));
    chosen.extend(
        year.map(|(from, to)| ("Financial year".to_owned(), format!("{} to {}", words::day(from), words::day(to)))),
    );
    chosen.extend(wanted.values.iter().map(|(dimension, value)| {
        let value = if *dimension == Dimension::Service { &behind.service } else { value };
        (by(dimension.as_str()), labels.name(*dimension, value.as_deref()))
    }));
    chosen.extend(wanted.secondary_reason.as_ref().map(|code| ("Reason beside the main one".to_owned(), reason(code))));
    let about = About {
        back: ("Turned away", asked.link()),
        caption: (if households { "Counted by household" } else { "Counted by referral" }).to_owned(),
        days: asked.time.days(),
        chosen,
        minutes: false,
        kept_back: false,
    };
    listed(&page, &request, &query, &behind, about, skip)
}

/// The first and the last day of the financial year that begins in a year.
fn financial_year(year: i32) -> Option<(NaiveDate, NaiveDate)> {
    crate::domain::measures::financial_year(NaiveDate::from_ymd_opt(year, 4, 1)?)
}

fn became(access: Access) -> &'static str {
    match access {
        Access::Placed => "Placed",
        Access::SafeAtHome => "Made safe at home",
        Access::Denied => "No place",
        Access::Open => "Still open",
    }
}
