//! Pages: what lies on them, and where the next one begins.

use super::super::chart::{Measure, Picture, wrapped};
use super::super::font::Letters;

/// A4, in points.
pub const WIDTH: f64 = 595.28;
pub const HEIGHT: f64 = 841.89;
pub const LEFT: f64 = 45.0;
pub const TOP: f64 = 62.0;
pub const BOTTOM: f64 = 48.0;
/// What lies between the margins.
pub const BREADTH: f64 = WIDTH - 2.0 * LEFT;
pub const DEPTH: f64 = HEIGHT - TOP - BOTTOM;

/// Colours by what they are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tint {
    Ink,
    Mute,
    Brand,
    Paper,
    Line,
    Wash,
}

/// Something visible, measured from the upper left corner of its block.
#[derive(Debug, Clone)]
pub enum Ink {
    /// `y` is the base line.
    Text {
        x: f64,
        y: f64,
        words: String,
        size: f64,
        bold: bool,
        tint: Tint,
    },
    Area {
        x: f64,
        y: f64,
        width: f64,
        height: f64,
        fill: Tint,
        edge: Option<Tint>,
    },
    Rule {
        x: f64,
        y: f64,
        length: f64,
        thick: f64,
        tint: Tint,
    },
    /// A bar within a table.
    Bar {
        x: f64,
        y: f64,
        width: f64,
        height: f64,
        series: usize,
    },
    Picture {
        x: f64,
        y: f64,
        picture: Picture,
    },
}

/// What a piece is to those who listen to the document.
#[derive(Debug, Clone)]
pub enum Piece {
    /// Nothing: what is there to look at only.
    Decor(Vec<Ink>),
    Heading {
        level: u16,
        title: String,
        ink: Vec<Ink>,
    },
    Paragraph(Vec<Ink>),
    List(Vec<Vec<Ink>>),
    Figure {
        says: String,
        ink: Vec<Ink>,
    },
    Table {
        summary: String,
        head: Vec<Vec<Ink>>,
        rows: Vec<Line>,
    },
}

/// A row of a table: its name, then its cells. What is empty is a cell without ink.
#[derive(Debug, Clone)]
pub struct Line {
    pub name: Vec<Ink>,
    pub cells: Vec<Vec<Ink>>,
}

/// What stays together.
#[derive(Debug, Clone, Default)]
pub struct Block {
    pub height: f64,
    pub pieces: Vec<Piece>,
    /// Where the outline of the document leads.
    pub entry: Option<String>,
    /// Whether it stays with what follows: a heading with its text.
    pub leads: bool,
}

/// A page: its blocks and where each begins.
#[derive(Debug, Default)]
pub struct Leaf {
    pub blocks: Vec<(f64, Block)>,
}

/// Puts blocks one below the other, on as many pages as they need.
pub struct Layout {
    leaves: Vec<Leaf>,
    used: f64,
}

impl Layout {
    pub fn new() -> Self {
        Self { leaves: vec![Leaf::default()], used: 0.0 }
    }

    pub fn new_leaf(&mut self) {
        if self.used > 0.0 {
            self.leaves.push(Leaf::default());
            self.used = 0.0;
        }
    }

    /// The number of the page that was last written on.
    pub fn number(&self) -> usize {
        self.leaves.len()
    }

    pub fn put(&mut self, block: Block) {
        /// Room for some of the text that a heading leads to.
        const FOLLOWING: f64 = 40.0;
        let needed = block.height + if block.leads { FOLLOWING } else { 0.0 };
        if self.used > 0.0 && self.used + needed > DEPTH {
            self.new_leaf();
        }
        let at = self.used;
        self.used += block.height;
        if let Some(leaf) = self.leaves.last_mut() {
            leaf.blocks.push((at, block));
        }
    }

    pub fn leaves(mut self) -> Vec<Leaf> {
        self.leaves.retain(|leaf| !leaf.blocks.is_empty());
        self.leaves
    }
}

/// How a text is set.
#[derive(Debug, Clone, Copy)]
pub struct Set {
    pub size: f64,
    pub bold: bool,
    pub tint: Tint,
}

impl Set {
    pub const fn plain(size: f64) -> Self {
        Self { size, bold: false, tint: Tint::Ink }
    }

    pub const fn bold(size: f64) -> Self {
        Self { size, bold: true, tint: Tint::Ink }
    }

    pub const fn tinted(self, tint: Tint) -> Self {
        Self { tint, ..self }
    }

    /// From one base line to the next.
    pub fn line(self) -> f64 {
        self.size * 1.32
    }

    /// A line of words on a base line.
    pub fn words(self, x: f64, y: f64, words: String) -> Ink {
        Ink::Text { x, y, words, size: self.size, bold: self.bold, tint: self.tint }
    }

    /// Lines between two edges, from `top` down, and how high they are. What is longer than it may be ends in dots.
    pub fn lines(
        self,
        letters: &Letters,
        text: &str,
        (x, width): (f64, f64),
        top: f64,
        most: usize,
    ) -> (Vec<Ink>, f64) {
        let mut lines = wrapped(letters, text, self.size, self.bold, width);
        if lines.len() > most {
            lines.truncate(most);
            if let Some(last) = lines.last_mut() {
                while letters.width(&format!("{last}…"), self.size, self.bold) > width && last.pop().is_some() {}
                last.push('…');
            }
        }
        let number = lines.len();
        let ink = lines.into_iter().enumerate().map(|(n, mut words)| {
            if n + 1 < number {
                words.push(' '); // so that whoever copies it does not glue words together
            }
            self.words(x, top + self.size + self.line() * super::super::chart::many(n), words)
        });
        (ink.collect(), self.line() * super::super::chart::many(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_goes_to_the_next_page_whole() {
        let block = |height| Block { height, ..Block::default() };
        let mut layout = Layout::new();
        for height in [300.0, 300.0, 300.0, 700.0, 10.0] {
            layout.put(block(height));
        }
        let pages: Vec<usize> = layout.leaves().iter().map(|leaf| leaf.blocks.len()).collect();
        assert_eq!(pages, [2, 1, 2]);
    }

    #[test]
    fn lines_stay_between_their_edges_and_too_many_end_in_dots() {
        let letters = Letters::new().unwrap();
        let (ink, height) = Set::plain(10.0).lines(&letters, &"some words ".repeat(40), (20.0, 100.0), 0.0, 3);
        assert!((height - 3.0 * 13.2).abs() < 0.001);
        let words: Vec<&str> = ink
            .iter()
            .filter_map(|ink| if let Ink::Text { words, .. } = ink { Some(words.as_str()) } else { None })
            .collect();
        assert!(words.iter().all(|words| letters.width(words.trim_end(), 10.0, false) <= 100.0), "{words:?}");
        assert!(words[2].ends_with('…'));
    }
}
