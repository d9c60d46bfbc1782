//! A report as a document for print: A4, tagged for those who listen to it, its letters in it.
//!
//! The first page says whose figures they are and what matters most; then come the tables, as a rule two on a page; last
//! what has to be known of them. A long table shows its largest rows, or its latest: the workbook has them all.

mod cover;
mod page;
mod pen;
mod section;
mod table;

use krilla::metadata::{DateTime, Metadata};

use self::page::{Block, Layout, Leaf};
use super::book::Book;
use super::font::Letters;
use super::told;
use crate::error::AppError;

/// How many pages a board reads.
const PAGES: usize = 8;
/// How many rows of a table are shown: fewer, if the document would become too long.
const ROWS: [usize; 6] = [14, 12, 10, 8, 6, 5];

/// # Errors
/// Never in practice: it is written to memory.
pub fn document(book: &Book) -> Result<Vec<u8>, AppError> {
    let letters = Letters::new()?;
    let mut leaves = Vec::new();
    for rows in ROWS {
        leaves = laid_out(book, &letters, rows);
        if leaves.len() <= PAGES {
            break;
        }
    }
    pen::written(book, &letters, &leaves, metadata(book))
}

fn laid_out(book: &Book, letters: &Letters, rows: usize) -> Vec<Leaf> {
    let sections: Vec<Block> =
        book.sheets.iter().enumerate().map(|(n, sheet)| section::section(n, sheet, letters, rows)).collect();
    // The list on the first page names pages, so it is laid out twice: first to know how long it is.
    let mut begins = vec![0; book.sheets.len()];
    let mut leaves = Vec::new();
    for _ in 0..2 {
        let mut layout = Layout::new();
        for block in cover::cover(book, letters, &begins) {
            layout.put(block);
        }
        layout.new_leaf();
        for (n, section) in sections.iter().enumerate() {
            layout.put(section.clone());
            begins[n] = layout.number();
        }
        for block in section::caveats(book, letters) {
            layout.put(block);
        }
        leaves = layout.leaves();
    }
    leaves
}

fn metadata(book: &Book) -> Metadata {
    use chrono::{Datelike, Timelike};

    let at = book.computed_at.utc();
    let small = |n: u32| u8::try_from(n).unwrap_or_default();
    let created = DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    let (mark, _) = told::mark(book.standing);
    Metadata::new()
        .title(book.title.clone())
        .description(format!("{}, {}. {mark}.", book.whose, told::period(book)))
        .creator("Safehold".to_owned())
        .language("en-GB".to_owned())
        .creation_date(created)
        .document_id(format!("{} {} {} {}", book.title, book.whose, told::period(book), at.to_rfc3339()))
}

#[cfg(test)]
mod tests {
    use lopdf::Document as Read;
    use rstest::rstest;

    use super::super::book::{Sheet, Standing};
    use super::super::sample;
    use super::*;

    fn text(file: &[u8]) -> String {
        let read = Read::load_mem(file).unwrap();
        let pages: Vec<u32> = read.get_pages().keys().copied().collect();
        read.extract_text(&pages).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_board_pack_has_at_most_eight_pages_and_says_its_sentences() {
        let book = sample::board_pack();
        let file = document(&book).unwrap();
        let pages = Read::load_mem(&file).unwrap().get_pages().len();
        assert!(pages <= PAGES, "{pages}");
        let text = text(&file);
        let titles = book.sheets.iter().map(|sheet| &sheet.of.name);
        for words in
            titles.chain(&book.says).chain(&book.caveats).chain(book.sheets.iter().flat_map(|sheet| &sheet.says))
        {
            assert!(text.contains(words.as_str()), "{words} is not in {text}");
        }
    }

    #[test]
    fn the_mark_stands_on_every_page() {
        let book = super::Book { standing: Standing::NotForPublication, ..sample::board_pack() };
        let file = document(&book).unwrap();
        let read = Read::load_mem(&file).unwrap();
        for page in read.get_pages().keys() {
            assert!(read.extract_text(&[*page]).unwrap().contains("Not for publication"), "page {page}");
        }
    }

    #[rstest]
    #[case::no_table(sample::empty())]
    #[case::each_kind_of_nothing(sample::book_of(sample::of_cells(&sample::EACH_NOTHING)))]
    #[case::no_rows(sample::book_of(sample::of_cells(&[])))]
    #[case::words_without_end(sample::book_of(Sheet {
        counts: "Incomprehensibilities".repeat(400),
        says: vec!["a b ".repeat(3_000)],
        caveats: vec!["word ".repeat(5_000)],
        ..sample::of_cells(&[])
    }))]
    fn whatever_a_report_holds_it_can_be_printed(#[case] book: Book) {
        let file = document(&book).unwrap();
        assert!(text(&file).contains("How to read the tables"));
    }

    #[test]
    fn each_kind_of_nothing_is_another_word() {
        let file = document(&sample::book_of(sample::of_cells(&sample::EACH_NOTHING))).unwrap();
        let text = text(&file);
        for cell in sample::EACH_NOTHING {
            assert!(text.contains(&told::cell(cell)), "{cell:?}");
        }
    }

    #[test]
    fn the_same_report_is_the_same_file() {
        let book = sample::board_pack();
        assert!(document(&book).unwrap() == document(&book).unwrap());
    }
}
