//! A report as a page for print: tables with their charts as SVG, and the words for both.

use askama::Template;

use super::book::{Book, Cell, Drawn, Sheet, Standing};
use super::chart::{self, Anchor, Ground, Look, Mark, Measure, Picture};
use super::font::{Letters, PRINT_CSS};
use super::told;
use crate::error::AppError;

/// What stands within a page: the classes are those of `print.scss`. Headings begin at the second level if the page around
/// it has one of its own.
#[derive(Template)]
#[template(path = "reports/print.html")]
struct Inner<'a> {
    book: &'a Book,
    mark: (&'static str, &'static str),
    computed: String,
    private: bool,
    parts: Vec<Part<'a>>,
}

/// A file that needs nothing else.
#[derive(Template)]
#[template(path = "reports/print_page.html")]
struct Whole<'a> {
    title: &'a str,
    style: &'a str,
    inner: String,
}

struct Part<'a> {
    sheet: &'a Sheet,
    drawing: Option<Drawing>,
}

/// A chart with its words.
struct Drawing {
    says: String,
    picture: Picture,
}

/// The inner part, for a page of the service: its style stands in the style sheet of all pages.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn inner(book: &Book) -> Result<String, AppError> {
    let letters = Letters::new()?;
    let parts = book.sheets.iter().map(|sheet| Part { sheet, drawing: drawing(sheet, &letters) }).collect();
    let private = book.standing == Standing::NotForPublication;
    let computed = told::moment(book.computed_at);
    Inner { book, mark: told::mark(book.standing), computed, private, parts }.render().map_err(AppError::internal)
}

/// The whole page as a file, with its style in it.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn page(book: &Book) -> Result<String, AppError> {
    let style = std::str::from_utf8(PRINT_CSS).map_err(AppError::internal)?;
    Whole { title: &book.title, style, inner: inner(book)? }.render().map_err(AppError::internal)
}

/// Letters as wide as those that a browser may have in place of ours.
struct Roomy<'a>(&'a Letters);

impl Measure for Roomy<'_> {
    fn width(&self, text: &str, size: f64, bold: bool) -> f64 {
        self.0.width(text, size, bold) * 1.18
    }
}

fn drawing(sheet: &Sheet, letters: &Letters) -> Option<Drawing> {
    const WIDTH: f64 = 720.0;
    /// More bars than that are no picture any more.
    const BARS: usize = 20;
    let picture = chart::picture(sheet, &Ground { width: WIDTH, size: 14.0, measure: &Roomy(letters), rows: BARS })?;
    let columns = match sheet.chart.as_ref()? {
        Drawn::Bars { column } => vec![*column],
        Drawn::Columns { columns } | Drawn::Lines { columns } => chart::known(sheet, columns),
    };
    Some(Drawing { says: told::picture(sheet, &columns), picture })
}

/// A tenth of a point is finer than anybody sees.
fn cut(length: f64) -> f64 {
    (length * 10.0).round() / 10.0
}

/// What stands in a cell.
fn said(cell: &Cell) -> String {
    told::cell(*cell)
}

fn places(points: &[(f64, f64)]) -> String {
    points.iter().map(|(x, y)| format!("{},{}", cut(*x), cut(*y))).collect::<Vec<_>>().join(" ")
}

/// The shape of a point: a disc, a square, a triangle, a diamond.
fn shape(x: f64, y: f64, series: usize) -> String {
    let (x, y) = (cut(x), cut(y));
    match series {
        0 => format!("M{x} {y}m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z"),
        1 => format!("M{x} {y}m-4 -4h8v8h-8z"),
        2 => format!("M{x} {y}m0 -5.5l5.5 9.5h-11z"),
        _ => format!("M{x} {y}m0 -6l6 6l-6 6l-6 -6z"),
    }
}

fn class(text: &chart::Text) -> String {
    let look = match text.look {
        Look::Plain => "",
        Look::Bold => " c-bold",
        Look::Faint => " c-mute",
        Look::Nothing => " c-mute c-nothing",
    };
    let anchor = match text.anchor {
        Anchor::Start => "",
        Anchor::Middle => " c-mid",
        Anchor::End => " c-end",
    };
    format!("c-text{look}{anchor}")
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn each_kind_of_nothing_is_another_word_in_the_table_and_in_the_chart() {
        for drawn in [Drawn::Bars { column: 0 }, Drawn::Columns { columns: vec![0] }, Drawn::Lines { columns: vec![0] }]
        {
            let sheet = Sheet { chart: Some(drawn), ..sample::of_cells(&sample::EACH_NOTHING) };
            let page = inner(&sample::book_of(sheet)).unwrap();
            let (chart, table) = page.split_once("</svg>").unwrap();
            for cell in sample::EACH_NOTHING.into_iter().filter(|cell| cell.reason().is_some()) {
                let word = told::cell(cell);
                assert_eq!(chart.split("</desc>").nth(1).unwrap().matches(&format!(">{word}<")).count(), 1, "{word}");
                assert!(table.contains(&format!("<span class=\"sh-report__nothing\">{word}</span>")), "{word}");
            }
        }
    }

    #[test]
    fn it_is_one_file_without_script_or_anything_from_elsewhere() {
        let page = page(&sample::board_pack()).unwrap();
        let lower = page.to_lowercase().replace("http://www.w3.org/2000/svg", "");
        for word in ["<script", "src=", "@import", "http", " style=\"", "url(/"] {
            assert!(!lower.contains(word), "{word}");
        }
        assert_eq!(page.matches("<h1").count(), 1);
    }

    #[test]
    fn names_are_text_and_never_marks() {
        let mut sheet = sample::of_cells(&[Cell::Count(7)]);
        sheet.rows[0].of.name = "<b>&\"".to_owned();
        let page = inner(&sample::book_of(sheet)).unwrap();
        assert!(!page.contains("<b>"), "{page}");
    }

    #[test]
    fn every_table_has_a_caption_and_every_heading_of_it_a_scope() {
        let page = inner(&sample::board_pack()).unwrap();
        assert_eq!(page.matches("<table").count(), page.matches("<caption").count());
        assert_eq!(page.matches("<th").count() - page.matches("<thead").count(), page.matches(" scope=").count());
    }

    #[test]
    fn the_mark_is_said_of_the_report_and_of_every_table() {
        let book = Book { standing: Standing::NotForPublication, ..sample::board_pack() };
        assert_eq!(inner(&book).unwrap().matches("Not for publication").count(), 1 + book.sheets.len());
    }
}
