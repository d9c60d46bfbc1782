//! How cells look, and how sheets are printed.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Worksheet, XlsxError};

use super::super::book::{Book, Cell};
use super::super::harmless::starts_a_formula;
use super::super::told;

const INK: Color = Color::RGB(0x1b_27_27);
const MUTE: Color = Color::RGB(0x4b_5a_5a);
const BRAND: Color = Color::RGB(0x24_58_5b);
const WASH: Color = Color::RGB(0xe3_ea_e8);
const PALE: Color = Color::RGB(0xf3_f5_f4);

pub struct Looks {
    pub title: Format,
    pub heading: Format,
    pub bold: Format,
    pub bold_wrapped: Format,
    pub wrapped: Format,
    pub sentence: Format,
    pub faint: Format,
    pub head: Format,
    pub head_of_words: Format,
    pub link: Format,
    pub private: Format,
    pub public: Format,
    pub name: Format,
    pub name_of_whole: Format,
    pub nothing_left: Format,
    nothing: Format,
    number: Format,
}

impl Looks {
    pub fn new() -> Self {
        let text = || Format::new().set_font_color(INK).set_align(FormatAlign::Top);
        let wrapped = || text().set_text_wrap();
        let head = || {
            wrapped()
                .set_bold()
                .set_background_color(WASH)
                .set_border_bottom(FormatBorder::Medium)
                .set_border_bottom_color(BRAND)
                .set_align(FormatAlign::Bottom)
        };
        let banner = || {
            Format::new()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::VerticalCenter)
                .set_align(FormatAlign::Left)
                .set_border(FormatBorder::Thin)
        };
        let nothing = || text().set_italic().set_font_color(MUTE).set_background_color(PALE);
        Self {
            title: text().set_bold().set_font_size(18).set_font_color(BRAND),
            heading: text().set_bold().set_font_size(13).set_font_color(BRAND),
            bold: text().set_bold(),
            bold_wrapped: wrapped().set_bold(),
            wrapped: wrapped(),
            sentence: wrapped().set_bold(),
            faint: wrapped().set_font_color(MUTE),
            head: head().set_align(FormatAlign::Right),
            head_of_words: head(),
            link: wrapped().set_hyperlink(),
            private: banner().set_background_color(INK).set_font_color(Color::White),
            public: banner().set_background_color(WASH).set_font_color(INK),
            name: wrapped().set_border_bottom(FormatBorder::Hair),
            name_of_whole: wrapped()
                .set_bold()
                .set_border_top(FormatBorder::Thin)
                .set_border_bottom(FormatBorder::Thin),
            nothing_left: nothing(),
            nothing: nothing().set_align(FormatAlign::Right).set_border_bottom(FormatBorder::Hair),
            number: text().set_align(FormatAlign::Right).set_border_bottom(FormatBorder::Hair),
        }
    }

    /// A sentence across some columns that together are so wide, as high as it needs. Gives back the next row.
    pub fn across(&self, sheet: &mut Worksheet, row: u32, last: u16, width: f64, text: &str) -> Result<u32, XlsxError> {
        across_as(sheet, row, last, width, text, &self.wrapped)
    }

    /// A sentence from one column to another.
    pub fn beside(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        (first, last): (u16, u16),
        width: f64,
        text: &str,
    ) -> Result<u32, XlsxError> {
        fit(sheet, row, &[(text, width)])?;
        sheet.merge_range(row, first, row, last, "", &self.wrapped)?;
        text_at(sheet, row, first, text, &self.wrapped)?;
        Ok(row + 1)
    }

    /// A number as a number, in its own form; what is none as its word.
    pub fn cell(&self, sheet: &mut Worksheet, row: u32, column: u16, cell: Cell, whole: bool) -> Result<(), XlsxError> {
        let heavier = |look: &Format| {
            if whole {
                look.clone().set_bold().set_border_top(FormatBorder::Thin).set_border_bottom(FormatBorder::Thin)
            } else {
                look.clone()
            }
        };
        let (Some(value), Some(form)) = (cell.number().filter(|value| value.is_finite()), form(cell)) else {
            return text_at(sheet, row, column, &told::cell(cell), &heavier(&self.nothing));
        };
        let value = if let Cell::Percent(_) = cell { value / 100.0 } else { value };
        sheet.write_number_with_format(row, column, value, &heavier(&self.number).set_num_format(form))?;
        Ok(())
    }
}

/// Text as text, whatever it begins with. (S30)
pub fn text_at(sheet: &mut Worksheet, row: u32, column: u16, text: &str, look: &Format) -> Result<(), XlsxError> {
    /// The most that a cell holds.
    const MOST: usize = 32_000;
    let text: String = text.chars().take(MOST).collect();
    if starts_a_formula(&text) {
        sheet.write_string_with_format(row, column, &text, &look.clone().set_quote_prefix())?;
    } else {
        sheet.write_string_with_format(row, column, &text, look)?;
    }
    Ok(())
}

/// The same in a look of its own.
pub fn across_as(
    sheet: &mut Worksheet,
    row: u32,
    last: u16,
    width: f64,
    text: &str,
    look: &Format,
) -> Result<u32, XlsxError> {
    fit(sheet, row, &[(text, width)])?;
    if last > 0 {
        sheet.merge_range(row, 0, row, last, "", look)?;
    }
    text_at(sheet, row, 0, text, look)?;
    Ok(row + 1)
}

/// Makes a row as high as texts in columns of these widths need: not every spreadsheet does so by itself.
pub fn fit(sheet: &mut Worksheet, row: u32, texts: &[(&str, f64)]) -> Result<(), XlsxError> {
    const LINE: f64 = 15.5;
    let lines = |(text, width): &(&str, f64)| {
        let letters = f64::from(u32::try_from(text.chars().count()).unwrap_or(u32::MAX));
        (letters / (width * 0.95)).ceil().clamp(1.0, 25.0)
    };
    sheet.set_row_height(row, LINE * texts.iter().map(lines).fold(1.0, f64::max))?;
    Ok(())
}

/// The title of a sheet.
pub fn title(sheet: &mut Worksheet, text: &str, looks: &Looks) -> Result<(), XlsxError> {
    sheet.set_row_height(0, 28)?;
    text_at(sheet, 0, 0, text, &looks.title)
}

/// How a spreadsheet shows a number.
pub fn form(cell: Cell) -> Option<&'static str> {
    match cell {
        Cell::Count(_) => Some("#,##0"),
        Cell::Percent(_) => Some("0.0%"),
        Cell::Days(_) => Some("0.0\" days\""),
        Cell::Minutes(_) => Some("0.0\" minutes\""),
        Cell::Money(_) => Some("\"£\"#,##0.00"),
        Cell::Per10000(_) => Some("0.00"),
        Cell::Few | Cell::Held | Cell::NoBase | Cell::NotCollected | Cell::NotApplicable => None,
    }
}

/// A4, lying, one page wide, with the report, the mark and the number of the page on each.
pub fn print(sheet: &mut Worksheet, book: &Book) {
    const A4: u8 = 9;
    /// The most that a header holds, with room for its signs.
    const MOST: usize = 150;
    let plain = |text: &str| text.replace('&', "&&").chars().take(MOST).collect::<String>();
    let (mark, _) = told::mark(book.standing);
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
    sheet.set_header(format!("&L{}&R&B{}", plain(&book.title), plain(mark)));
    sheet.set_footer(format!("&LWorked out on {}&RPage &P of &N", told::moment(book.computed_at)));
    sheet.set_screen_gridlines(false);
}
