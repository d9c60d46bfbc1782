//! A report in each of the forms in which it can be taken out.

use super::book::Book;
use super::{document, json, print, tidy, workbook};
use crate::domain::words;
use crate::error::AppError;

words! {
    /// The form of a file.
    #[schema(as = ReportFormat)]
    Format {
        Json = "json",
        /// Tidy: one row for each cell.
        Csv = "csv",
        /// One row for each row of a table.
        WideCsv = "wide_csv",
        /// What the codes of the other files mean.
        DictionaryCsv = "dictionary_csv",
        Xlsx = "xlsx",
        Pdf = "pdf",
        Html = "html",
    }
}

impl Format {
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv | Self::WideCsv | Self::DictionaryCsv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pdf => "application/pdf",
            Self::Html => "text/html; charset=utf-8",
        }
    }

    /// Without a dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv | Self::WideCsv | Self::DictionaryCsv => "csv",
            Self::Xlsx => "xlsx",
            Self::Pdf => "pdf",
            Self::Html => "html",
        }
    }
}

/// The whole report as a file of this form.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn written(book: &Book, format: Format) -> Result<Vec<u8>, AppError> {
    match format {
        Format::Json => json::json(book),
        Format::Csv => tidy::tidy(book),
        Format::WideCsv => tidy::wide(book),
        Format::DictionaryCsv => tidy::dictionary(book),
        Format::Xlsx => workbook::workbook(book),
        Format::Pdf => document::document(book),
        Format::Html => print::page(book).map(String::into_bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::super::book::Standing;
    use super::super::sample;
    use super::*;

    #[test]
    fn any_report_can_be_written_in_any_form() {
        let own = Book { standing: Standing::NotForPublication, ..sample::board_pack() };
        for book in [sample::empty(), own] {
            for format in Format::ALL {
                assert!(written(&book, *format).is_ok(), "{format:?}");
                assert!(written(&book, *format).unwrap() == written(&book, *format).unwrap(), "{format:?}");
            }
        }
    }
}
