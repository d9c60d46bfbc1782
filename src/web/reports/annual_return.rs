//! The figures of the yearly return, as tables to copy from.

use actix_web::{HttpRequest, get};
use askama::Template;
use chrono::{Datelike, NaiveDate};
use form_urlencoded::Serializer;

use super::Link;
use super::period::{manages_both, provides};
use crate::actions::annual_return::{self, Ask, authorities};
use crate::actions::reports::perspective;
use crate::api::annual_return::{file as download, format_of};
use crate::auth::Actor;
use crate::db;
use crate::domain::measures::financial_year;
use crate::domain::reference::Area;
use crate::error::AppError;
use crate::reports::Format;
use crate::reports::book::{Book, Cell, Row, Sheet};
use crate::web::Answer;
use crate::web::form::{Form, Posted};
use crate::web::page::Page;

/// So many years can be chosen.
const YEARS: i32 = 6;

#[derive(Debug, Clone)]
struct Asked {
    year: NaiveDate,
    area: String,
    provides: bool,
}

impl Asked {
    /// What is asked for; where nothing is, the year that ended last and the first authority.
    fn of(query: &Posted, actor: &Actor, today: NaiveDate, authorities: &[Area]) -> Self {
        let first = authorities.first().map_or_else(String::new, |area| area.code.clone());
        let area = query.get("area");
        Self {
            year: query.get("year").parse().unwrap_or_else(|_| years(today).get(1).copied().unwrap_or(today)),
            area: if area.is_empty() { first } else { area.to_owned() },
            provides: provides(query, actor),
        }
    }

    fn ask(&self, actor: &Actor) -> Result<Ask, AppError> {
        let perspective = perspective(actor, Some(self.side()))?;
        Ok(Ask { year: self.year, area: self.area.clone(), perspective })
    }

    fn in_words(&self) -> String {
        in_words(self.year)
    }

    fn side(&self) -> &'static str {
        if self.provides { "provider" } else { "referrer" }
    }

    fn link(&self, path: &str) -> String {
        let mut query = Serializer::for_suffix(format!("{path}?"), path.len() + 1);
        query.append_pair("year", &self.year.to_string()).append_pair("area", &self.area);
        query.append_pair("as", self.side()).finish()
    }
}

/// The first days of the years that can be chosen, the current one first.
fn years(today: NaiveDate) -> Vec<NaiveDate> {
    let this = financial_year(today).map_or(today.year(), |(first, _)| first.year());
    (0..YEARS).filter_map(|ago| NaiveDate::from_ymd_opt(this - ago, 4, 1)).collect()
}

fn in_words(first: NaiveDate) -> String {
    format!("April {} to March {}", first.year(), first.year() + 1)
}

#[derive(Template)]
#[template(path = "reports/annual_return.html")]
struct Return<'a> {
    page: &'a Page,
    form: Form,
    asked: Asked,
    area: String,
    sides: Vec<Link>,
    years: Vec<(String, String)>,
    areas: Vec<(String, String)>,
    book: Option<Book>,
    files: Vec<(&'static str, String)>,
}

impl Return<'_> {
    /// The tables of figures, with what each line is made of.
    fn figures(&self) -> Vec<(&Sheet, Vec<Line<'_>>)> {
        let Some(book) = &self.book else { return Vec::new() };
        let made_of = |code: &str, name: &str| {
            let mapping = book.sheets.iter().find(|sheet| sheet.of.code == "mapping");
            let row = mapping.and_then(|sheet| sheet.rows.iter().find(|row| row.of.code == code));
            let said = row.and_then(|row| row.of.name.strip_prefix(name)?.strip_prefix(": "));
            said.unwrap_or_default().to_owned()
        };
        let figures = book.sheets.iter().filter(|sheet| sheet.of.code != "mapping");
        figures
            .map(|sheet| {
                let line = |row| line(row, &made_of);
                (sheet, sheet.rows.iter().map(line).collect())
            })
            .collect()
    }
}

struct Line<'a> {
    code: &'a str,
    name: &'a str,
    whole: bool,
    made_of: String,
    cells: Vec<String>,
}

fn line<'a>(row: &'a Row, made_of: &dyn Fn(&str, &str) -> String) -> Line<'a> {
    Line {
        code: &row.of.code,
        name: &row.of.name,
        whole: row.whole,
        made_of: made_of(&row.of.code, &row.of.name),
        cells: row.cells.iter().map(|cell| shown(*cell)).collect(),
    }
}

fn shown(cell: Cell) -> String {
    let number = || cell.number().map_or_else(String::new, |number| number.to_string());
    cell.reason().map_or_else(number, |(words, _)| words.to_owned())
}

async fn known(page: &Page) -> Result<Vec<Area>, AppError> {
    let actor = page.actor.clone();
    page.app.db.read(&page.actor, move |conn| authorities(conn, &actor)).await
}

#[get("/reports/annual-return")]
pub async fn show(page: Page, request: HttpRequest) -> Answer {
    let query = Posted::new(request.path(), request.query_string().to_owned());
    let authorities = known(&page).await?;
    let asked = Asked::of(&query, &page.actor, page.now.date(), &authorities);
    let (ask, actor, now) = (asked.ask(&page.actor)?, page.actor.clone(), page.now);
    let read = move |conn: &mut db::Conn| annual_return::book(conn, &actor, &ask, now);
    let form = Form::new().with("year", asked.year).with("area", &asked.area);
    let (book, form) = match page.app.db.read(&page.actor, read).await {
        Ok(book) => (Some(book), form),
        Err(AppError::Invalid(fields)) => (None, form.wrong(fields)),
        Err(other) => return Err(other),
    };
    let side = |text, provides: bool| {
        let href = Asked { provides, ..asked.clone() }.link("/reports/annual-return");
        Link { text, href, chosen: asked.provides == provides }
    };
    let sides = if manages_both(&page.actor) {
        vec![side("Our services", true), side("Our own households", false)]
    } else {
        Vec::new()
    };
    let offer = |text, format: Format| {
        let link = asked.link("/reports/annual-return/file");
        (text, format!("{link}&format={}", format.as_str()))
    };
    let template = Return {
        page: &page,
        form: form.clone(),
        area: authorities
            .iter()
            .find(|area| area.code == asked.area)
            .map_or_else(String::new, |area| area.name.clone()),
        sides,
        years: years(page.now.date()).into_iter().map(|first| (first.to_string(), in_words(first))).collect(),
        areas: authorities.into_iter().map(|area| (area.code, area.name)).collect(),
        book,
        files: vec![
            offer("Workbook to copy from (XLSX)", Format::Xlsx),
            offer("Document to print (PDF)", Format::Pdf),
            offer("File of values (CSV)", Format::Csv),
        ],
        asked,
    };
    page.show_form(&form, &template)
}

/// The same as a file. That it was taken out is recorded.
#[get("/reports/annual-return/file")]
pub async fn file(page: Page, request: HttpRequest) -> Answer {
    let query = Posted::new(request.path(), request.query_string().to_owned());
    let asked = Asked::of(&query, &page.actor, page.now.date(), &known(&page).await?);
    let (ask, format) = (
        asked.ask(&page.actor)?,
        format_of(Some(query.get("format")).filter(|word| !word.is_empty()).unwrap_or("csv"))?,
    );
    let book = page.app.db.write(&page.actor, move |tx| annual_return::export(tx, &ask)).await?;
    download(&book, format)
}
