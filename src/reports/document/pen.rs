//! Draws pages, and tells those who listen what each piece is.

use std::num::NonZeroU16;

use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect, Transform};
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, LineCap, LineJoin, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree,
};
use krilla::text::{Font, GlyphId, KrillaGlyph};

use super::super::book::{Book, Standing};
use super::super::chart::{Anchor, Look, Mark, Measure, Picture};
use super::super::font::Letters;
use super::super::told;
use super::page::{BOTTOM, BREADTH, HEIGHT, Ink, LEFT, Leaf, Line, Piece, Set, TOP, Tint, WIDTH};
use crate::error::AppError;

/// What draws: the page it draws on, and the letters.
struct Pen<'a, 's> {
    surface: Surface<'s>,
    letters: &'a Letters,
    fonts: &'a [Font; 2],
    /// Where the block begins.
    top: f64,
}

/// The pages as a file.
pub fn written(book: &Book, letters: &Letters, leaves: &[Leaf], metadata: Metadata) -> Result<Vec<u8>, AppError> {
    let failed = |error: &dyn std::fmt::Debug| AppError::internal(format!("a document cannot be written: {error:?}"));
    let configuration = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let configuration = configuration.map_err(|error| failed(&error))?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let font =
        |bold| Font::new(Letters::file(bold).into(), 0).ok_or_else(|| AppError::internal("a font cannot be read"));
    let fonts = [font(false)?, font(true)?];
    let settings = PageSettings::from_wh(single(WIDTH), single(HEIGHT));
    let (mut tree, mut outline) = (TagTree::new().with_lang(Some("en-GB".to_owned())), Outline::new());
    for (n, leaf) in leaves.iter().enumerate() {
        let mut page = document.start_page_with(settings.clone().unwrap_or_default());
        let mut pen = Pen { surface: page.surface(), letters, fonts: &fonts, top: 0.0 };
        pen.margins(book, n + 1, leaves.len());
        for (at, block) in &leaf.blocks {
            pen.top = TOP + at;
            if let Some(entry) = &block.entry {
                let place = Point::from_xy(single(LEFT), single(pen.top));
                outline.push_child(OutlineNode::new(entry.clone(), XyzDestination::new(n, place)));
            }
            for piece in &block.pieces {
                pen.piece(piece, &mut tree);
            }
        }
        drop(pen); // a page is whole when nobody draws on it any more
        page.finish();
    }
    document.set_outline(outline);
    document.set_tag_tree(tree);
    document.set_metadata(metadata);
    document.finish().map_err(|error| failed(&error))
}

impl Pen<'_, '_> {
    /// What stands on every page: the report, the mark, the number of the page.
    fn margins(&mut self, book: &Book, number: usize, of: usize) {
        let small = Set::plain(8.5).tinted(Tint::Mute);
        let (mark, _) = told::mark(book.standing);
        let dark = book.standing == Standing::NotForPublication;
        let marked = Set::bold(9.0).tinted(if dark { Tint::Paper } else { Tint::Ink });
        let width = self.letters.width(mark, marked.size, true) + 12.0;
        let right = LEFT + BREADTH;
        let fill = if dark { Tint::Ink } else { Tint::Wash };
        let title = format!("{} – {} – {}", book.title, book.whose, told::period(book));
        let (mut ink, _) = small.lines(self.letters, &title, (LEFT, BREADTH - width - 12.0), 29.0, 1);
        ink.push(Ink::Area { x: right - width, y: 25.0, width, height: 15.0, fill, edge: Some(Tint::Ink) });
        ink.push(marked.words(right - width + 6.0, 36.0, mark.to_owned()));
        ink.push(Ink::Rule { x: LEFT, y: 46.0, length: BREADTH, thick: 0.6, tint: Tint::Line });
        let foot = HEIGHT - BOTTOM + 22.0;
        ink.push(small.words(LEFT, foot, format!("Safehold. Worked out on {}.", told::moment(book.computed_at))));
        let page = format!("Page {number} of {of}");
        ink.push(small.words(right - self.letters.width(&page, small.size, false), foot, page));
        self.top = 0.0;
        self.aside(ArtifactType::PaginationOther, &ink);
    }

    fn aside(&mut self, kind: ArtifactType, ink: &[Ink]) {
        self.surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(kind)));
        for ink in ink {
            self.ink(ink);
        }
        self.surface.end_tagged();
    }

    fn piece(&mut self, piece: &Piece, tree: &mut TagTree) {
        match piece {
            Piece::Decor(ink) => self.aside(ArtifactType::Other, ink),
            Piece::Heading { level, title, ink } => {
                let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
                let spans = self.spans(ink);
                tree.push(group(Tag::Hn(level, Some(title.clone())), spans));
            }
            Piece::Paragraph(ink) => {
                let spans = self.spans(ink);
                tree.push(group(Tag::P, spans));
            }
            Piece::List(items) => {
                let mut list = TagGroup::new(Tag::L(ListNumbering::None));
                for item in items {
                    let spans = self.spans(item);
                    let mut one = TagGroup::new(Tag::LI);
                    one.push(group(Tag::LBody, spans));
                    list.push(one);
                }
                tree.push(list);
            }
            Piece::Figure { says, ink } => {
                let drawn = self.tagged(ContentTag::Other, ink);
                let mut figure = TagGroup::new(Tag::Figure(Some(says.clone())));
                figure.push(drawn);
                tree.push(figure);
            }
            Piece::Table { summary, head, rows } => {
                let table = self.table(summary, head, rows);
                tree.push(table);
            }
        }
    }

    fn table(&mut self, summary: &str, head: &[Vec<Ink>], rows: &[Line]) -> TagGroup {
        let mut table = TagGroup::new(Tag::Table.with_summary(Some(summary.to_owned())));
        let mut line = TagGroup::new(Tag::TR);
        for cell in head {
            let spans = self.spans(cell);
            line.push(group(Tag::TH(TableHeaderScope::Column), spans));
        }
        let mut first = TagGroup::new(Tag::THead);
        first.push(line);
        table.push(first);
        let mut body = TagGroup::new(Tag::TBody);
        for row in rows {
            let mut line = TagGroup::new(Tag::TR);
            let spans = self.spans(&row.name);
            line.push(group(Tag::TH(TableHeaderScope::Row), spans));
            for cell in &row.cells {
                let spans = self.spans(cell);
                line.push(group(Tag::TD, spans));
            }
            body.push(line);
        }
        table.push(body);
        table
    }

    /// Each line of a text for itself.
    fn spans(&mut self, ink: &[Ink]) -> Vec<Identifier> {
        ink.iter().map(|ink| self.tagged(ContentTag::Span(SpanTag::empty()), std::slice::from_ref(ink))).collect()
    }

    fn tagged(&mut self, tag: ContentTag, ink: &[Ink]) -> Identifier {
        let tagged = self.surface.start_tagged(tag);
        for ink in ink {
            self.ink(ink);
        }
        self.surface.end_tagged();
        tagged
    }

    fn ink(&mut self, ink: &Ink) {
        match ink {
            Ink::Text { x, y, words, size, bold, tint } => self.words((*x, self.top + y), words, *size, *bold, *tint),
            Ink::Area { x, y, width, height, fill, edge } => {
                self.surface.set_stroke(edge.map(|tint| line(tint.colour(), 0.8)));
                self.surface.set_fill(Some(filled(fill.colour())));
                self.rectangle(*x, self.top + y, *width, *height);
                self.surface.set_stroke(None);
            }
            Ink::Rule { x, y, length, thick, tint } => {
                let y = self.top + y;
                self.stroke(&[(*x, y), (x + length, y)], line(tint.colour(), *thick));
            }
            Ink::Bar { x, y, width, height, series } => self.block((*x, self.top + y), (*width, *height), *series),
            Ink::Picture { x, y, picture } => self.picture((*x, self.top + y), picture),
        }
    }

    fn words(&mut self, (x, y): (f64, f64), words: &str, size: f64, bold: bool, tint: Tint) {
        let text = self.letters.shown(words, bold);
        let glyphs: Vec<KrillaGlyph> = self
            .letters
            .shaped(&text, bold)
            .into_iter()
            .map(|glyph| {
                let (x_offset, y_offset) = (single(glyph.offset.0), single(glyph.offset.1));
                KrillaGlyph::new(GlyphId::new(glyph.id), single(glyph.advance), x_offset, y_offset, 0.0, glyph.of, None)
            })
            .collect();
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(filled(tint.colour())));
        let font = self.fonts[usize::from(bold)].clone();
        self.surface.draw_glyphs(Point::from_xy(single(x), single(y)), &glyphs, font, &text, single(size), false);
    }

    fn rectangle(&mut self, x: f64, y: f64, width: f64, height: f64) {
        let mut path = PathBuilder::new();
        if let Some(rectangle) = Rect::from_xywh(single(x), single(y), single(width), single(height)) {
            path.push_rect(rectangle);
        }
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
    }

    fn stroke(&mut self, points: &[(f64, f64)], stroke: Stroke) {
        let mut path = PathBuilder::new();
        for (n, (x, y)) in points.iter().enumerate() {
            if n == 0 { path.move_to(single(*x), single(*y)) } else { path.line_to(single(*x), single(*y)) }
        }
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(stroke));
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
        self.surface.set_stroke(None);
    }

    /// Full, hatched, dotted, or lined: so that series differ in print without colour.
    fn block(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), series: usize) {
        let colour = colour_of(series);
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(filled(if series == 0 { colour } else { Tint::Paper.colour() })));
        self.rectangle(x, y, width, height);
        if series > 0 {
            self.pattern((x, y), (width, height), series);
            self.surface.set_fill(None);
            self.surface.set_stroke(Some(line(colour, 0.8)));
            self.rectangle(x, y, width, height);
            self.surface.set_stroke(None);
        }
    }

    fn pattern(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), series: usize) {
        const EVERY: f64 = 4.0;
        let mut clip = PathBuilder::new();
        let Some(rectangle) = Rect::from_xywh(single(x), single(y), single(width), single(height)) else { return };
        clip.push_rect(rectangle);
        let Some(clip) = clip.finish() else { return };
        self.surface.push_clip_path(&clip, &FillRule::NonZero);
        let colour = colour_of(series);
        let mut at = 0.0;
        while at < width + height {
            match series {
                1 => self.stroke(&[(x + at, y), (x + at - height, y + height)], line(colour, 1.4)),
                2 if at < height => {
                    let dotted = StrokeDash { array: vec![0.0, single(EVERY)], offset: 0.0 };
                    let stroke = Stroke { line_cap: LineCap::Round, dash: Some(dotted), ..line(colour, 1.8) };
                    self.stroke(&[(x + EVERY / 2.0, y + at + EVERY / 2.0), (x + width, y + at + EVERY / 2.0)], stroke);
                }
                3 if at < height => self.stroke(&[(x, y + at + 2.0), (x + width, y + at + 2.0)], line(colour, 0.8)),
                _ => {}
            }
            at += EVERY;
        }
        self.surface.pop();
    }

    fn picture(&mut self, (left, top): (f64, f64), picture: &Picture) {
        for mark in &picture.marks {
            match mark {
                Mark::Block { x, y, width, height, series } => {
                    self.block((left + x, top + y), (*width, *height), *series);
                }
                Mark::Rule { from, to, axis } => {
                    let tint = if *axis { Tint::Mute } else { Tint::Line };
                    let points = [(left + from.0, top + from.1), (left + to.0, top + to.1)];
                    self.stroke(&points, line(tint.colour(), 0.6));
                }
                Mark::Line { points, series } => {
                    let points: Vec<(f64, f64)> = points.iter().map(|(x, y)| (left + x, top + y)).collect();
                    self.stroke(&points, series_line(*series));
                }
                Mark::Point { x, y, series } => self.point((left + x, top + y), *series),
                Mark::Text(text) => {
                    let bold = text.look == Look::Bold;
                    let tint = if matches!(text.look, Look::Faint | Look::Nothing) { Tint::Mute } else { Tint::Ink };
                    let width = self.letters.width(&text.words, picture.size, bold);
                    let back = match text.anchor {
                        Anchor::Start => 0.0,
                        Anchor::Middle => width / 2.0,
                        Anchor::End => width,
                    };
                    let (x, y) = (left + text.x, top + text.y);
                    if text.upright {
                        let turn = Transform::from_rotate_at(-90.0, single(x), single(y));
                        self.surface.push_transform(&turn);
                        self.words((x - back, y), &text.words, picture.size, bold, tint);
                        self.surface.pop();
                    } else {
                        self.words((x - back, y), &text.words, picture.size, bold, tint);
                    }
                }
            }
        }
    }

    /// A disc, a square, a triangle, a diamond.
    fn point(&mut self, (x, y): (f64, f64), series: usize) {
        let mut path = PathBuilder::new();
        let corners: &[(f64, f64)] = match series {
            0 => {
                &[(-2.8, 0.0), (-2.0, -2.0), (0.0, -2.8), (2.0, -2.0), (2.8, 0.0), (2.0, 2.0), (0.0, 2.8), (-2.0, 2.0)]
            }
            1 => &[(-2.5, -2.5), (2.5, -2.5), (2.5, 2.5), (-2.5, 2.5)],
            2 => &[(0.0, -3.4), (3.2, 2.4), (-3.2, 2.4)],
            _ => &[(0.0, -3.5), (3.5, 0.0), (0.0, 3.5), (-3.5, 0.0)],
        };
        for (n, (dx, dy)) in corners.iter().enumerate() {
            let (x, y) = (single(x + dx), single(y + dy));
            if n == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
        }
        path.close();
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(filled(colour_of(series))));
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
    }
}

fn group(tag: impl Into<krilla::tagging::TagKind>, spans: Vec<Identifier>) -> TagGroup {
    TagGroup::with_children(tag, spans.into_iter().map(Into::into).collect())
}

impl Tint {
    fn colour(self) -> rgb::Color {
        match self {
            Self::Ink => rgb::Color::new(0x1b, 0x27, 0x27),
            Self::Mute => rgb::Color::new(0x4b, 0x5a, 0x5a),
            Self::Brand => rgb::Color::new(0x24, 0x58, 0x5b),
            Self::Paper => rgb::Color::new(0xff, 0xff, 0xff),
            Self::Line => rgb::Color::new(0xc9, 0xd3, 0xd1),
            Self::Wash => rgb::Color::new(0xee, 0xf3, 0xf2),
        }
    }
}

fn colour_of(series: usize) -> rgb::Color {
    match series {
        0 => rgb::Color::new(0x24, 0x58, 0x5b),
        1 => rgb::Color::new(0xb0, 0x73, 0x1a),
        2 => rgb::Color::new(0x7a, 0x6a, 0xa6),
        _ => rgb::Color::new(0x5f, 0x76, 0x72),
    }
}

fn series_line(series: usize) -> Stroke {
    let dash = match series {
        0 => None,
        1 => Some(vec![5.0, 2.5]),
        2 => Some(vec![1.5, 2.5]),
        _ => Some(vec![6.0, 2.0, 1.5, 2.0]),
    };
    let dash = dash.map(|array| StrokeDash { array, offset: 0.0 });
    Stroke { dash, line_join: LineJoin::Round, ..line(colour_of(series), 1.6) }
}

fn filled(colour: rgb::Color) -> Fill {
    Fill { paint: colour.into(), ..Fill::default() }
}

fn line(colour: rgb::Color, thick: f64) -> Stroke {
    Stroke { paint: colour.into(), width: single(thick), ..Stroke::default() }
}

/// As the file keeps lengths: finer than any printer.
#[expect(clippy::cast_possible_truncation, reason = "lengths on a page are small")]
fn single(length: f64) -> f32 {
    length as f32
}
