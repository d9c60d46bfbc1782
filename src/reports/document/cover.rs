//! The first page: whose figures these are, what matters most, and how to read the rest.

use super::super::book::{Book, Standing};
use super::super::chart::Measure;
use super::super::font::Letters;
use super::super::told;
use super::page::{BREADTH, Block, Ink, LEFT, Line, Piece, Set, Tint};

/// The blocks of it. `begins` has the page of each table.
pub fn cover(book: &Book, letters: &Letters, begins: &[usize]) -> Vec<Block> {
    let mut blocks = vec![title(book, letters), mark(book.standing, letters)];
    if !book.says.is_empty() {
        blocks.push(heading("What matters most", letters));
        blocks.extend(list(&book.says, Set::plain(11.5), letters));
    }
    blocks.push(heading("How to read the tables", letters));
    blocks.push(key(letters));
    if !book.sheets.is_empty() {
        blocks.push(heading("The tables", letters));
        blocks.extend(contents(book, letters, begins));
    }
    blocks
}

fn title(book: &Book, letters: &Letters) -> Block {
    let edges = (LEFT, BREADTH);
    let (ink, mut y) = Set::bold(26.0).tinted(Tint::Brand).lines(letters, &book.title, edges, 0.0, 3);
    let mut pieces = vec![Piece::Heading { level: 1, title: book.title.clone(), ink }];
    let mut line = |set: Set, text: String| {
        let (ink, height) = set.lines(letters, &text, edges, y, 4);
        y += height;
        pieces.push(Piece::Paragraph(ink));
    };
    line(Set::bold(14.0), book.whose.clone());
    line(Set::plain(12.0), told::period(book));
    let small = Set::plain(9.5).tinted(Tint::Mute);
    if !book.filters.is_empty() {
        line(small, told::filters(book));
    }
    line(small, format!("Worked out on {}.", told::moment(book.computed_at)));
    Block { height: y + 10.0, pieces, ..Block::default() }
}

/// In a box that nobody overlooks.
fn mark(standing: Standing, letters: &Letters) -> Block {
    const PADDING: f64 = 10.0;
    let (word, meaning) = told::mark(standing);
    let dark = standing == Standing::NotForPublication;
    let (fill, tint) = if dark { (Tint::Ink, Tint::Paper) } else { (Tint::Wash, Tint::Ink) };
    let edges = (LEFT + PADDING, BREADTH - 2.0 * PADDING);
    let (mut ink, first) = Set::bold(13.0).tinted(tint).lines(letters, word, edges, PADDING - 2.0, 1);
    let (more, second) = Set::plain(10.0).tinted(tint).lines(letters, meaning, edges, PADDING - 2.0 + first, 4);
    ink.extend(more);
    let height = first + second + 2.0 * PADDING - 4.0;
    let area = Ink::Area { x: LEFT, y: 0.0, width: BREADTH, height, fill, edge: Some(Tint::Ink) };
    Block { height: height + 14.0, pieces: vec![Piece::Decor(vec![area]), Piece::Paragraph(ink)], ..Block::default() }
}

/// A heading that stays with what follows.
pub fn heading(text: &str, letters: &Letters) -> Block {
    let (ink, height) = Set::bold(13.0).tinted(Tint::Brand).lines(letters, text, (LEFT, BREADTH), 4.0, 3);
    let piece = Piece::Heading { level: 2, title: text.to_owned(), ink };
    Block { height: height + 8.0, pieces: vec![piece], leads: true, ..Block::default() }
}

/// Items with a mark before each; each a block, so that a page can end between them.
pub fn list(items: &[String], set: Set, letters: &Letters) -> Vec<Block> {
    const INDENT: f64 = 13.0;
    const LINES: usize = 40;
    let item = |text: &String| {
        let (ink, height) = set.lines(letters, text, (LEFT + INDENT, BREADTH - INDENT), 0.0, LINES);
        let dot = set.size * 0.32;
        let bullet =
            Ink::Area { x: LEFT + 3.0, y: set.size * 0.58, width: dot, height: dot, fill: Tint::Brand, edge: None };
        let pieces = vec![Piece::Decor(vec![bullet]), Piece::List(vec![ink])];
        Block { height: height + set.size * 0.35, pieces, ..Block::default() }
    };
    items.iter().map(item).collect()
}

/// What stands in place of a number, and what it means.
fn key(letters: &Letters) -> Block {
    const NAMES: f64 = 90.0;
    let (name, text) = (Set::bold(9.5), Set::plain(9.5));
    let mut rows = Vec::new();
    let mut rules = Vec::new();
    let head_set = Set::bold(9.0).tinted(Tint::Mute);
    let head = vec![
        vec![head_set.words(LEFT, 9.0, "In a cell".into())],
        vec![head_set.words(LEFT + NAMES, 9.0, "Meaning".into())],
    ];
    let mut y = 14.0;
    for (word, _, meaning) in told::SIGNS {
        rules.push(Ink::Rule { x: LEFT, y, length: BREADTH, thick: 0.5, tint: Tint::Line });
        let (words, _) = name.lines(letters, word, (LEFT, NAMES - 6.0), y + 1.5, 2);
        let (ink, height) = text.lines(letters, meaning, (LEFT + NAMES, BREADTH - NAMES), y + 1.5, 3);
        rows.push(Line { name: words, cells: vec![ink] });
        y += height + 4.0;
    }
    let summary = "What stands in a cell in place of a number, and what it means".to_owned();
    Block {
        height: y + 8.0,
        pieces: vec![Piece::Decor(rules), Piece::Table { summary, head, rows }],
        ..Block::default()
    }
}

/// The tables and their pages.
fn contents(book: &Book, letters: &Letters, begins: &[usize]) -> Vec<Block> {
    const PAGE: f64 = 30.0;
    let set = Set::plain(10.0);
    let line = |(sheet, page): (&super::super::book::Sheet, &usize)| {
        let (mut ink, height) = set.lines(letters, &sheet.of.name, (LEFT, BREADTH - PAGE), 0.0, 3);
        let page = page.to_string();
        let x = LEFT + BREADTH - letters.width(&page, set.size, false);
        let y = height - set.line() + set.size;
        if let Some(Ink::Text { words, .. }) = ink.last_mut() {
            words.push(' ');
        }
        ink.push(set.words(x, y, page));
        let rule = Ink::Rule { x: LEFT, y: height + 1.0, length: BREADTH, thick: 0.4, tint: Tint::Line };
        Block {
            height: height + 2.5,
            pieces: vec![Piece::List(vec![ink]), Piece::Decor(vec![rule])],
            ..Block::default()
        }
    };
    book.sheets.iter().zip(begins).map(line).collect()
}
