//! The records behind a figure, as a list of links.

use actix_web::{HttpRequest, get};
use askama::Template;
use form_urlencoded::Serializer;

use super::asked as asked_for;
use super::measures::{asked as measures_asked_for, heading_of};
use crate::actions::reports::records::{Behind, Of, OfCell, of_denied_access, of_measure};
use crate::api::input::Path;
use crate::api::records::{PAGE, link};
use crate::db::Conn;
use crate::domain::measures::records::{Kind, Part};
use crate::domain::measures::{Access, Code, Dimension, Period};
use crate::web::Answer;
use crate::web::form::Posted;
use crate::web::page::Page;

/// A record by its reference, and that of its case.
struct Line {
    reference: String,
    href: String,
    case: Option<(String, String)>,
    at: crate::clock::At,
}

#[derive(Template)]
#[template(path = "reports/records.html")]
struct Records<'a> {
    page: &'a Page,
    /// Where the figure stands.
    back: (&'static str, String),
    caption: &'static str,
    days: String,
    /// "12 referrals".
    said: String,
    /// "Referral".
    what: &'static str,
    lines: Vec<Line>,
    cases: bool,
    previous: Option<String>,
    next: Option<String>,
}

fn words_of(kind: Kind) -> (&'static str, &'static str, &'static str) {
    match kind {
        Kind::Case => ("case", "cases", "Case"),
        Kind::Referral => ("referral", "referrals", "Referral"),
        Kind::Stay => ("stay", "stays", "Stay, by its referral"),
        Kind::Unit => ("home", "homes", "Home"),
    }
}

fn lines(behind: &Behind) -> Vec<Line> {
    let line = |record: &crate::actions::reports::records::Record| Line {
        reference: record.named.reference.clone(),
        href: link(behind.kind, record.id),
        case: record.named.case.as_ref().map(|(id, reference)| (reference.clone(), link(Kind::Case, id.0))),
        at: record.at,
    };
    behind.items.iter().map(line).collect()
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

fn listed(
    page: &Page,
    request: &HttpRequest,
    query: &Posted,
    behind: &Behind,
    (back, caption, days): ((&'static str, String), &'static str, String),
    skip: usize,
) -> Answer {
    let (one, many, what) = words_of(behind.kind);
    let until = skip + behind.items.len();
    let lines = lines(behind);
    page.show(&Records {
        page,
        back,
        caption,
        days,
        said: format!("{} {}", behind.total, if behind.total == 1 { one } else { many }),
        what,
        cases: lines.iter().any(|line| line.case.is_some()),
        lines,
        previous: (skip > 0).then(|| from(request, query, skip.saturating_sub(PAGE))),
        next: (until < behind.total).then(|| from(request, query, until)),
    })
}

fn skipped(query: &Posted) -> usize {
    query.get("offset").parse().unwrap_or(0)
}

#[get("/reports/measures/{measure}/records")]
pub async fn of_a_measure(page: Page, Path(code): Path<Code>, request: HttpRequest) -> Answer {
    let query = Posted::new(request.path(), request.query_string().to_owned());
    let (asked, _) = measures_asked_for(&page, &request);
    let (ask, actor, skip) = (asked.ask(&page.actor)?, page.actor.clone(), skipped(&query));
    let period = Period { from: ask.from, to: ask.to, now: page.now };
    let part = query.get("part").parse().unwrap_or(Part::Numerator);
    let of = Of { code, part, by: query.some("by").map(|by| (by, query.some("of"))) };
    let read = move |conn: &mut Conn| of_measure(conn, &actor, &ask, period, &of, (skip, PAGE));
    let behind = page.app.db.read(&page.actor, read).await?;
    let about = (("All measures", asked.link()), heading_of(code), asked.days());
    listed(&page, &request, &query, &behind, about, skip)
}

#[get("/reports/denied-access/records")]
pub async fn of_denied_access_page(page: Page, request: HttpRequest) -> Answer {
    let query = Posted::new(request.path(), request.query_string().to_owned());
    let (asked, _) = asked_for(&page, &request);
    let (ask, actor, skip) = (asked.ask(&page.actor)?, page.actor.clone(), skipped(&query));
    let values = asked.reason.iter().map(|reason| (Dimension::Reason, Some(reason.clone()))).collect();
    let households = query.get("counted") == "household";
    let of = OfCell { households, access: Some(Access::Denied), values };
    let read = move |conn: &mut Conn| of_denied_access(conn, &actor, &ask, &of, (skip, PAGE));
    let behind = page.app.db.read(&page.actor, read).await?;
    let caption = if households { "Households without a place" } else { "Referrals that ended without a place" };
    let about = (("Turned away", asked.link()), caption, asked.time.days());
    listed(&page, &request, &query, &behind, about, skip)
}
