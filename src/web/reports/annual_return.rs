//! The figures of the yearly return, as tables to copy from.

use actix_web::{HttpRequest, get};
use askama::Template;
use chrono::{Datelike, NaiveDate};
use form_urlencoded::Serializer;

use super::Link;
use super::period::{manages_both, provides};
use super::records::{About, listed, skipped};
use crate::actions::annual_return::{self, Ask, authorities};
use crate::actions::reports::perspective;
use crate::actions::reports::records::of_annual_return;
use crate::api::annual_return::{file as download, format_of};
use crate::api::records::PAGE;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::domain::measures::annual_return::kept_back;
use crate::domain::measures::financial_year;
use crate::domain::reference::Area;
use crate::error::AppError;
use crate::reports::Format;
use crate::reports::book::{Book, Cell, Named, Row, Sheet};
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
    /// What is asked for; where nothing is, the year that ended last, unless that was before the first record, and the first
    /// authority.
    fn of(query: &Posted, actor: &Actor, today: NaiveDate, known: &Known) -> Self {
        let first = known.authorities.first().map_or_else(String::new, |area| area.code.clone());
        let area = query.get("area");
        let years = years(today);
        let ended = years.get(1).filter(|_| known.begun.is_none_or(|begun| Some(&begun) < years.first()));
        let year = ended.or(years.first()).copied().unwrap_or(today);
        Self {
            year: query.get("year").parse().unwrap_or(year),
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
    fn figures(&self) -> Vec<(&Sheet, Vec<Line<'_>>)> {
        let records = self.asked.link("/reports/annual-return/records");
        let link = |line: &str, column: &str| {
            let figure =
                Serializer::new(String::new()).append_pair("line", line).append_pair("column", column).finish();
            Some(format!("{records}&{figure}"))
        };
        self.book.as_ref().map(|book| figures(book, &link)).unwrap_or_default()
    }
}

/// The way to the records behind a figure, by the codes of its line and column, where there is one.
type Records<'a> = &'a dyn Fn(&str, &str) -> Option<String>;

/// The tables of figures of a return, with what each line is made of.
pub fn figures<'a>(book: &'a Book, records: Records<'_>) -> Vec<(&'a Sheet, Vec<Line<'a>>)> {
    let made_of = |code: &str, name: &str| {
        let mapping = book.sheets.iter().find(|sheet| sheet.of.code == "mapping");
        let row = mapping.and_then(|sheet| sheet.rows.iter().find(|row| row.of.code == code));
        let said = row.and_then(|row| row.of.name.strip_prefix(name)?.strip_prefix(": "));
        said.unwrap_or_default().to_owned()
    };
    let figures = book.sheets.iter().filter(|sheet| sheet.of.code != "mapping");
    figures
        .map(|sheet| {
            let line = |row| line(sheet, row, &made_of, records);
            (sheet, sheet.rows.iter().map(line).collect())
        })
        .collect()
}

/// A line of a return as it is read.
pub struct Line<'a> {
    pub code: &'a str,
    pub name: &'a str,
    pub whole: bool,
    pub made_of: String,
    /// What stands there, and where the records behind it are.
    pub cells: Vec<(String, Option<String>)>,
}

fn line<'a>(sheet: &Sheet, row: &'a Row, made_of: &dyn Fn(&str, &str) -> String, records: Records<'_>) -> Line<'a> {
    let cell = |(column, cell): (&Named, &Cell)| {
        let some = cell.number().is_some_and(|number| number > 0.0);
        (shown(*cell), records(&row.of.code, &column.code).filter(|_| some))
    };
    Line {
        code: &row.of.code,
        name: &row.of.name,
        whole: row.whole,
        made_of: made_of(&row.of.code, &row.of.name),
        cells: sheet.columns.iter().zip(&row.cells).map(cell).collect(),
    }
}

fn shown(cell: Cell) -> String {
    let number = || cell.number().map_or_else(String::new, |number| number.to_string());
    cell.reason().map_or_else(number, |(words, _)| words.to_owned())
}

/// What the choices are made from.
struct Known {
    authorities: Vec<Area>,
    /// The day of the first record of all.
    begun: Option<NaiveDate>,
}

async fn known(page: &Page) -> Result<Known, AppError> {
    let actor = page.actor.clone();
    let read = move |conn: &mut db::Conn| {
        let begun = db::releases::first_record(conn)?.map(At::date);
        Ok(Known { authorities: authorities(conn, &actor)?, begun })
    };
    page.app.db.read(&page.actor, read).await
}

#[get("/reports/annual-return")]
pub async fn show(page: Page, request: HttpRequest) -> Answer {
    let query = Posted::new(request.path(), request.query_string().to_owned());
    let known = known(&page).await?;
    let asked = Asked::of(&query, &page.actor, page.now.date(), &known);
    let authorities = known.authorities;
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

/// The records behind one figure.
#[get("/reports/annual-return/records")]
pub async fn behind(page: Page, request: HttpRequest) -> Answer {
    let query = Posted::new(request.path(), request.query_string().to_owned());
    let asked = Asked::of(&query, &page.actor, page.now.date(), &known(&page).await?);
    let (ask, actor, now, skip) = (asked.ask(&page.actor)?, page.actor.clone(), page.now, skipped(&query));
    let (line, column) = (query.get("line").to_owned(), query.get("column").to_owned());
    let read = move |conn: &mut db::Conn| {
        let book = annual_return::book(conn, &actor, &ask, now)?;
        let figure = book.sheets.iter().find_map(|sheet| {
            let row = sheet.rows.iter().find(|row| row.of.code == line)?;
            let column = sheet.columns.iter().find(|known| known.code == column)?;
            Some((sheet.of.clone(), row.of.name.clone(), column.name.clone()))
        });
        let found = of_annual_return(conn, &actor, &ask, (line.as_str(), column.as_str()), now, (skip, PAGE))?;
        Ok((found, figure.ok_or(AppError::NotFound)?, ask.side()))
    };
    let (found, (table, line, column), side) = page.app.db.read(&page.actor, read).await?;
    let about = About {
        back: ("Yearly return", asked.link("/reports/annual-return")),
        caption: table.name,
        days: asked.in_words(),
        chosen: vec![("Line".to_owned(), line), ("Column".to_owned(), column)],
        minutes: false,
        kept_back: kept_back(side, &table.code),
    };
    listed(&page, &request, &query, &found, about, skip)
}
