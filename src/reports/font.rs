//! The letters of printed documents: how wide a text is, and which shapes make it up.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

use rustybuzz::{Direction, Face, Feature, UnicodeBuffer, ttf_parser};

use super::chart::Measure;
use crate::error::AppError;

include!(concat!(env!("OUT_DIR"), "/documents.rs"));

/// Source Sans 3, in two weights.
pub struct Letters {
    regular: Face<'static>,
    bold: Face<'static>,
    /// Widths at a size of one: reports say the same words over and over.
    widths: RefCell<HashMap<(bool, String), f64>>,
}

/// A shape of the font at its place in a text, in parts of the size of the letters.
pub struct Glyph {
    pub id: u32,
    /// The letters that it stands for.
    pub of: Range<usize>,
    pub advance: f64,
    pub offset: (f64, f64),
}

impl Letters {
    /// # Errors
    /// Never in practice: the fonts are part of the program.
    pub fn new() -> Result<Self, AppError> {
        let face = |data| Face::from_slice(data, 0).ok_or_else(|| AppError::internal("a font cannot be read"));
        let (regular, bold) = (face(SOURCE_SANS_3_REGULAR_TTF)?, face(SOURCE_SANS_3_BOLD_TTF)?);
        Ok(Self { regular, bold, widths: RefCell::default() })
    }

    /// The file of the font.
    pub fn file(bold: bool) -> &'static [u8] {
        if bold { SOURCE_SANS_3_BOLD_TTF } else { SOURCE_SANS_3_REGULAR_TTF }
    }

    fn face(&self, bold: bool) -> &Face<'static> {
        if bold { &self.bold } else { &self.regular }
    }

    /// The text with what can be shown: a letter that the font does not have is a question mark, and what is no letter
    /// is a space.
    pub fn shown(&self, text: &str, bold: bool) -> String {
        let face = self.face(bold);
        let shown = |letter: char| match letter {
            letter if letter.is_whitespace() || letter.is_control() => ' ',
            letter if face.glyph_index(letter).is_none_or(|glyph| glyph == ttf_parser::GlyphId(0)) => '?',
            letter => letter,
        };
        text.chars().map(shown).collect()
    }

    /// The shapes of a text that can be shown.
    pub fn shaped(&self, text: &str, bold: bool) -> Vec<Glyph> {
        let face = self.face(bold);
        let units = f64::from(face.units_per_em());
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.set_direction(Direction::LeftToRight);
        buffer.guess_segment_properties();
        // Figures are of one width, so that they stand below each other.
        let features = [Feature::new(ttf_parser::Tag::from_bytes(b"tnum"), 1, ..)];
        let shaped = rustybuzz::shape(face, &features, buffer);
        let begins: Vec<usize> =
            shaped.glyph_infos().iter().map(|info| usize::try_from(info.cluster).unwrap_or(text.len())).collect();
        let glyphs =
            shaped.glyph_infos().iter().zip(shaped.glyph_positions()).enumerate().map(|(n, (info, position))| {
                let begin = begins[n];
                let end = begins[n..].iter().copied().find(|next| *next > begin).unwrap_or(text.len());
                Glyph {
                    id: info.glyph_id,
                    of: begin..end,
                    advance: f64::from(position.x_advance) / units,
                    offset: (f64::from(position.x_offset) / units, f64::from(position.y_offset) / units),
                }
            });
        glyphs.collect()
    }
}

impl Measure for Letters {
    fn width(&self, text: &str, size: f64, bold: bool) -> f64 {
        let known = self.widths.borrow().get(&(bold, text.to_owned())).copied();
        let width = known.unwrap_or_else(|| {
            let width = self.shaped(&self.shown(text, bold), bold).iter().map(|glyph| glyph.advance).sum();
            self.widths.borrow_mut().insert((bold, text.to_owned()), width);
            width
        });
        width * size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_as_wide_as_its_letters() {
        let letters = Letters::new().unwrap();
        let [short, long] = ["1,234", "11,234"].map(|text| letters.width(text, 10.0, false));
        assert!(short > 15.0 && long - short > 4.0, "{short} {long}");
        let [narrow, wide] = ["1111", "8888"].map(|text| letters.width(text, 10.0, true));
        assert!((narrow - wide).abs() < 0.001, "figures are of one width");
    }

    #[test]
    fn what_the_font_does_not_have_is_a_question_mark() {
        let letters = Letters::new().unwrap();
        assert_eq!(letters.shown("Ŵyl £5 – “a”\tb 字", false), "Ŵyl £5 – “a” b ?");
    }
}
