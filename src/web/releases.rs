//! Published figures, for those who plan for an area and for managers: what everybody may read of everybody's records.

mod annual_return;

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, get};
use askama::Template;
use chrono::NaiveDate;
use form_urlencoded::Serializer;

use super::Answer;
use super::chart::{self, Bar, Chart, SERIES, Series};
use super::form::{Form, Posted};
use super::page::{Page, see_other};
use crate::actions::releases::{self, Glance, cell, name};
use crate::api::input::Path;
use crate::api::releases::file;
use crate::db::Conn;
use crate::db::releases::Made;
use crate::domain::measures::figure::thousands;
use crate::domain::measures::published::figures::whole;
use crate::domain::measures::published::{ALL, Area, Family, Kind, Released, ReleasedTable, Row, Table};
use crate::error::AppError;
use crate::reports::Format;
use crate::reports::book::{Cell, Sheet};

pub fn routes(config: &mut ServiceConfig) {
    config.service(newest).service(show).service(pack);
    config.service(annual_return::show).service(annual_return::file);
}

/// So many bars stand in one chart, and so many lines in it that have a word in place of a bar.
const BARS: usize = 10;
const UNSHOWN: usize = 3;

/// A table as it is read: names, and what stands in each place.
struct Told {
    id: String,
    caption: String,
    counts: String,
    caveats: Vec<String>,
    rows_are: String,
    head: Vec<String>,
    rows: Vec<(String, bool, Vec<String>)>,
}

/// Tables that are about the same.
struct Part {
    id: &'static str,
    heading: &'static str,
    charts: Vec<(String, Chart)>,
    tables: Vec<Told>,
}

/// Another time that was published.
struct Other {
    name: String,
    href: String,
    here: bool,
}

/// How the pack can be taken along.
struct Download {
    text: &'static str,
    href: String,
}

#[derive(Template)]
#[template(path = "releases/none.html")]
struct NoneYet<'a> {
    page: &'a Page,
    next_on: Option<NaiveDate>,
}

#[derive(Template)]
#[template(path = "releases/figures.html")]
struct Figures<'a> {
    page: &'a Page,
    form: Form,
    made: Made,
    name: String,
    path: String,
    area: Area,
    areas: Vec<(String, String)>,
    says: Vec<String>,
    headlines: Told,
    trend: Option<Told>,
    trend_chart: Option<Chart>,
    parts: Vec<Part>,
    caveats: &'static [&'static str],
    downloads: Vec<Download>,
    others: Vec<Other>,
    next_on: Option<NaiveDate>,
    /// The yearly return of the last year that was published, or of the one that is shown.
    annual_return: Option<(String, String)>,
}

/// On to the newest figures.
#[get("/figures")]
async fn newest(page: Page) -> Answer {
    let settle = page.app.policy.figures_settle;
    let (all, next_on) = page.app.db.read(&page.actor, move |conn| releases::all(conn, settle)).await?;
    match all.iter().find(|made| made.kind == Kind::Quarter) {
        Some(made) => Ok(see_other(&path(made.kind, made.first_day))),
        None => page.show(&NoneYet { page: &page, next_on }),
    }
}

fn path(kind: Kind, first_day: NaiveDate) -> String {
    format!("/figures/{}/{first_day}", kind.as_str())
}

fn of_area(path: &str, area: &str) -> String {
    if area == ALL {
        return path.to_owned();
    }
    let mut query = Serializer::for_suffix(format!("{path}?"), path.len() + 1);
    query.append_pair("area", area);
    query.finish()
}

#[get("/figures/{kind}/{first_day}")]
async fn show(page: Page, Path((kind, first_day)): Path<(Kind, NaiveDate)>, request: HttpRequest) -> Answer {
    let query = Posted::new(request.path(), request.query_string().to_owned());
    let code = query.some("area").unwrap_or_else(|| ALL.to_owned());
    let (settle, asked) = (page.app.policy.figures_settle, code.clone());
    let read =
        move |conn: &mut Conn| Ok((releases::glance(conn, kind, first_day, &asked)?, releases::all(conn, settle)?));
    let (Glance { made, released, says, headlines, trend }, (all, next_on)) =
        page.app.db.read(&page.actor, read).await?;
    let areas = areas(&released);
    let area = areas.iter().find(|area| area.code == code).cloned().ok_or(AppError::NotFound)?;
    let path = path(kind, first_day);
    let other = |made: &Made| Other {
        name: name(made.kind, made.first_day),
        href: of_area(&self::path(made.kind, made.first_day), &code),
        here: (made.kind, made.first_day) == (kind, first_day),
    };
    let form = Form::new().with("area", &code);
    let years = all.iter().filter(|made| made.kind == Kind::Year).map(|made| made.first_day);
    let year = if kind == Kind::Year { Some(first_day) } else { years.max() };
    let annual_return = year.map(|year| {
        let href = format!("{}/annual-return", self::path(Kind::Year, year));
        (format!("Yearly return, {}", name(Kind::Year, year)), href)
    });
    let template = Figures {
        page: &page,
        form: form.clone(),
        made,
        name: name(kind, first_day),
        areas: areas.iter().map(|area| (area.code.clone(), in_list(area))).collect(),
        says,
        headlines: of_sheet(&headlines),
        trend: trend.as_ref().map(of_sheet),
        trend_chart: trend.as_ref().and_then(|sheet| lines(sheet, &area)),
        parts: parts(&released, &area),
        caveats: releases::CAVEATS,
        downloads: downloads(&path),
        others: all.iter().map(other).collect(),
        annual_return,
        next_on,
        area,
        path,
    };
    page.show_form(&form, &template)
}

/// The pack as a file. That it was taken out is recorded.
#[get("/figures/{kind}/{first_day}/pack/{format}")]
async fn pack(page: Page, Path((kind, first_day, format)): Path<(Kind, NaiveDate, Format)>) -> Answer {
    file(&page.app, &page.actor, kind, first_day, format).await
}

fn downloads(path: &str) -> Vec<Download> {
    let of = |text, format: Format| Download { text, href: format!("{path}/pack/{}", format.as_str()) };
    vec![
        of("Document (PDF)", Format::Pdf),
        of("Workbook (XLSX)", Format::Xlsx),
        of("Page to print (HTML)", Format::Html),
        of("Values, one on each line (CSV)", Format::Csv),
        of("Tables (CSV)", Format::WideCsv),
        of("What the names mean (CSV)", Format::DictionaryCsv),
        of("Values for programs (JSON)", Format::Json),
    ]
}

/// Every area of a release, in the order of its tables.
fn areas(released: &Released) -> Vec<Area> {
    let mut areas: Vec<Area> = Vec::new();
    for area in released.tables.iter().flat_map(|table| &table.areas) {
        if !areas.iter().any(|known| known.code == area.code) {
            areas.push(area.clone());
        }
    }
    // A county, and its districts behind it.
    let place = |area: &Area| {
        (area.code != ALL, area.county.clone().unwrap_or_else(|| area.code.clone()), area.county.is_some())
    };
    areas.sort_by_key(place);
    areas
}

fn in_list(area: &Area) -> String {
    if area.county.is_some() { format!("– {}", area.name) } else { area.name.clone() }
}

/// What stands in a place of a table.
pub fn shown(cell: Cell) -> String {
    match cell {
        Cell::Count(number) => thousands(number),
        Cell::Percent(value) => format!("{value}%"),
        Cell::Days(value) => format!("{value} days"),
        Cell::Minutes(value) => format!("{value} minutes"),
        Cell::Money(value) => format!("£{value}"),
        Cell::Per10000(value) => value.to_string(),
        other => other.reason().map_or("", |(word, _)| word).to_owned(),
    }
}

/// The same of a change: with its sign.
fn difference(cell: Cell) -> String {
    match cell {
        Cell::Percent(value) if value > 0.0 => format!("+{value}%"),
        Cell::Percent(value) if value < 0.0 => format!("−{}%", value.abs()),
        other => shown(other),
    }
}

fn of_sheet(sheet: &Sheet) -> Told {
    let text = |code: &str, cell: &Cell| if code == "change" { difference(*cell) } else { shown(*cell) };
    let row = |row: &crate::reports::book::Row| {
        let cells = sheet.columns.iter().zip(&row.cells).map(|(column, cell)| text(&column.code, cell));
        (row.of.name.clone(), row.whole, cells.collect())
    };
    Told {
        id: sheet.of.code.clone(),
        caption: sheet.of.name.clone(),
        counts: sheet.counts.clone(),
        caveats: sheet.caveats.clone(),
        rows_are: sheet.rows_are.name.clone(),
        head: sheet.columns.iter().map(|column| column.name.clone()).collect(),
        rows: sheet.rows.iter().map(row).collect(),
    }
}

const PARTS: &[(&str, &str, &[Family])] = &[
    ("referrals", "Referrals", &[Family::Referrals]),
    ("households", "Households that looked for a place", &[Family::Households]),
    ("people", "Who was supported", &[Family::People, Family::Supported]),
    ("stays", "Stays that ended", &[Family::Stays]),
    ("safe-at-home", "Safe at home", &[Family::Sanctuary]),
    ("homes", "Homes, shares and times", &[Family::Figures]),
];

fn parts(released: &Released, area: &Area) -> Vec<Part> {
    let part = |(id, heading, families): &(&'static str, &'static str, &[Family])| {
        let theirs: Vec<&ReleasedTable> = released
            .tables
            .iter()
            .filter(|one| families.contains(&one.table.definition().family))
            .filter(|one| one.areas.iter().any(|known| known.code == area.code))
            .collect();
        Part {
            id,
            heading,
            charts: theirs.iter().filter(|one| drawn(one.table)).filter_map(|one| bars(one, area)).collect(),
            tables: theirs.iter().map(|one| told(one, area)).collect(),
        }
    };
    PARTS.iter().map(part).filter(|part| !part.tables.is_empty()).collect()
}

/// Which tables are worth a chart.
fn drawn(table: Table) -> bool {
    matches!(
        table,
        Table::Referrals
            | Table::DeniedByReason
            | Table::Households
            | Table::UnableByReason
            | Table::People
            | Table::StaysEnded
            | Table::Destinations
    )
}

/// A bar for each line of which there is something, the longest first; what is not shown has its word and no bar.
fn bars(table: &ReleasedTable, area: &Area) -> Option<(String, Chart)> {
    let definition = table.table.definition();
    let column = table.areas.iter().position(|known| known.code == area.code)?;
    let mut bars: Vec<Bar> = Vec::new();
    for row in table.rows.iter().filter(|row| !row.whole) {
        let cell = cell(*row.values.get(column)?);
        if cell != Cell::Count(0) {
            let value = if let Cell::Count(number) = cell { number } else { 0 };
            bars.push(Bar { name: row.name.clone(), value, text: shown(cell), together: false });
        }
    }
    if bars.iter().all(|bar| bar.value == 0) {
        return None;
    }
    bars.sort_by_key(|bar| std::cmp::Reverse(bar.value));
    // Many that are not shown make no picture.
    let (all, told) = (bars.len(), bars.iter().filter(|bar| bar.value > 0).count());
    bars.truncate(if all - told > UNSHOWN { told.min(BARS) } else { BARS });
    let says = match bars.len() {
        shown if shown < all => format!("The {shown} longest of {all}. All are in the table below."),
        _ => "The numbers are in the table below.".to_owned(),
    };
    let title = format!("{}, {}", definition.title, area.name);
    let id = format!("{}-chart", table.table.as_str());
    Some((definition.title.to_owned(), chart::bars(&id, &title, &says, &bars)))
}

/// A line for each share that is known of every time.
fn lines(sheet: &Sheet, area: &Area) -> Option<Chart> {
    let names: Vec<String> = sheet.rows.iter().map(|row| row.of.name.replace(' ', "\n")).collect();
    let series = sheet.columns.iter().enumerate().filter_map(|(n, column)| {
        let values: Option<Vec<u64>> =
            sheet.rows.iter().map(|row| row.cells.get(n).and_then(|cell| cell.number()).map(whole)).collect();
        Some(Series { name: column.name.clone(), values: values? })
    });
    let series: Vec<Series> = series.take(SERIES).collect();
    let title = format!("Shares in percent, over time, {}", area.name);
    let says = "Each share in every hundred. The numbers are in the table below.";
    (!series.is_empty()).then(|| chart::lines("trend-chart", &title, says, &names, &series))
}

/// A table of one area, or with all its areas side by side.
fn told(table: &ReleasedTable, area: &Area) -> Told {
    let definition = table.table.definition();
    let shown_areas: Vec<(usize, &Area)> =
        table.areas.iter().enumerate().filter(|(_, known)| area.code == ALL || known.code == area.code).collect();
    let value = |row: &Row, column: usize| row.values.get(column).map_or_else(String::new, |value| shown(cell(*value)));
    // Where there are more areas than lines, the areas are the lines: it is read downwards.
    let turned = shown_areas.len() > table.rows.len();
    let rows: Vec<(String, bool, Vec<String>)> = if turned {
        let line = |(column, area): &(usize, &Area)| {
            let cells = table.rows.iter().map(|row| value(row, *column));
            (in_list(area), area.code == ALL, cells.collect())
        };
        shown_areas.iter().map(line).collect()
    } else {
        let line = |row: &Row| {
            let cells = shown_areas.iter().map(|(column, _)| value(row, *column));
            (row.name.clone(), row.whole, cells.collect())
        };
        table.rows.iter().map(line).collect()
    };
    let head = if turned {
        table.rows.iter().map(|row| row.name.clone()).collect()
    } else {
        shown_areas.iter().map(|(_, area)| area.name.clone()).collect()
    };
    Told {
        id: table.table.as_str().to_owned(),
        caption: definition.title.to_owned(),
        counts: definition.counts.to_owned(),
        caveats: definition.caveats.iter().map(|caveat| (*caveat).to_owned()).collect(),
        rows_are: if turned { "Area".to_owned() } else { definition.rows_are.to_owned() },
        head,
        rows,
    }
}
