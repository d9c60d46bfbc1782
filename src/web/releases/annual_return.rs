//! The yearly return of an authority, from the published figures, as tables to copy from.

use actix_web::{HttpRequest, get};
use askama::Template;
use chrono::NaiveDate;

use super::{Answer, path};
use crate::actions::releases::{self, Return, name};
use crate::api::input::Path;
use crate::api::releases::return_file;
use crate::db::Conn;
use crate::domain::measures::published::Kind;
use crate::error::AppError;
use crate::reports::Format;
use crate::reports::book::{Book, Sheet};
use crate::web::form::{Form, Posted};
use crate::web::page::Page;
use crate::web::reports::annual_return::{Line, figures};

#[derive(Template)]
#[template(path = "releases/annual_return.html")]
struct Published<'a> {
    page: &'a Page,
    form: Form,
    year: String,
    back: String,
    path: String,
    areas: Vec<(String, String)>,
    book: Option<Book>,
    files: Vec<(&'static str, String)>,
}

impl Published<'_> {
    fn figures(&self) -> Vec<(&Sheet, Vec<Line<'_>>)> {
        self.book.as_ref().map(|book| figures(book, &|_, _| None)).unwrap_or_default()
    }
}

async fn found(page: &Page, year: NaiveDate, area: Option<String>) -> Result<Return, AppError> {
    let read = move |conn: &mut Conn| releases::annual_return(conn, year, area.as_deref());
    page.app.db.read(&page.actor, read).await
}

#[get("/figures/year/{first_day}/annual-return")]
pub async fn show(page: Page, Path(year): Path<NaiveDate>, request: HttpRequest) -> Answer {
    let query = Posted::new(request.path(), request.query_string().to_owned());
    let Return { book, areas } = found(&page, year, None).await?;
    let asked = query.some("area");
    let code = asked.as_ref().or(areas.first().map(|area| &area.code)).cloned().unwrap_or_default();
    let form = Form::new().with("area", &code);
    let (book, form) = match asked {
        None => (Some(book), form),
        Some(area) => match found(&page, year, Some(area)).await {
            Ok(asked) => (Some(asked.book), form),
            Err(AppError::Invalid(fields)) => (None, form.wrong(fields)),
            Err(other) => return Err(other),
        },
    };
    let back = path(Kind::Year, year);
    let path = format!("{back}/annual-return");
    let offer = |text, format: Format| (text, format!("{path}/{code}/{}", format.as_str()));
    let template = Published {
        page: &page,
        form: form.clone(),
        year: name(Kind::Year, year),
        areas: areas.into_iter().map(|area| (area.code, area.name)).collect(),
        files: vec![
            offer("Workbook to copy from (XLSX)", Format::Xlsx),
            offer("Document to print (PDF)", Format::Pdf),
            offer("File of values (CSV)", Format::Csv),
        ],
        book,
        back,
        path,
    };
    page.show_form(&form, &template)
}

/// The same as a file. That it was taken out is recorded.
#[get("/figures/year/{first_day}/annual-return/{area}/{format}")]
pub async fn file(page: Page, Path((year, area, format)): Path<(NaiveDate, String, Format)>) -> Answer {
    return_file(&page.app, &page.actor, year, area, format).await
}
