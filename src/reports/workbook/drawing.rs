//! Charts that a spreadsheet draws from the cells of the table. Series differ by pattern, dash and mark.

use rust_xlsxwriter::{
    Chart, ChartAxisLabelPosition, ChartDataLabel, ChartFont, ChartFormat, ChartLegendPosition, ChartLine,
    ChartLineDashType, ChartMarker, ChartMarkerType, ChartPatternFill, ChartPatternFillType, ChartSolidFill, ChartType,
    Color, Worksheet, XlsxError,
};

use super::super::book::{Cell, Drawn, Row, Sheet};
use super::super::chart::{barred, known};
use super::super::told;
use super::looks::form;

const WIDTH: u32 = 760;
/// How high a row is, in the points of a screen.
const ROW: u32 = 20;

/// Puts the chart of a table at a place. Gives back how many rows it covers.
pub fn chart(
    sheet: &mut Worksheet,
    table: &Sheet,
    name: &str,
    head: u32,
    place: (u32, u16),
) -> Result<Option<u32>, XlsxError> {
    let Some(drawn) = &table.chart else { return Ok(None) };
    let (kind, columns) = match drawn {
        Drawn::Bars { column } => (ChartType::Bar, known(table, &[*column])),
        Drawn::Columns { columns } => (ChartType::Column, known(table, columns)),
        Drawn::Lines { columns } => (ChartType::Line, known(table, columns)),
    };
    let Some(rows) = rows(table, kind, &columns) else { return Ok(None) };
    let (first, last) = (head + 1 + rows.0, head + 1 + rows.1);
    let height = if kind == ChartType::Bar { (120 + (last - first + 1) * 26).clamp(240, 700) } else { 380 };

    let mut chart = Chart::new(kind);
    chart.title().set_name(&table.of.name).set_font(ChartFont::new().set_bold().set_size(12));
    chart.set_width(WIDTH).set_height(height).set_alt_text(short(&told::picture(table, &columns)));
    let some: &[Row] = table.rows.get(index(rows.0)..=index(rows.1)).unwrap_or_default();
    for (series, column) in columns.iter().enumerate() {
        let cells: Vec<Cell> = some.iter().filter_map(|row| row.cells.get(*column).copied()).collect();
        let place = u16::try_from(*column + 1).unwrap_or(u16::MAX);
        // A word is drawn as nought by a spreadsheet. Under a line it would be a fall that never was: there the numbers are
        // drawn from a copy of them that has gaps.
        let gaps = kind == ChartType::Line && cells.iter().any(|cell| cell.number().is_none());
        let from = if gaps { copied(sheet, table, (head, first), &cells, *column, series)? } else { place };
        let one = chart.add_series();
        one.set_name((name, head, place));
        one.set_categories((name, first, 0, last, 0)).set_values((name, first, from, last, from));
        one.set_format(&mut look(kind, series)).set_gap(60);
        if kind == ChartType::Line {
            one.set_marker(&marker(series));
        } else {
            labels(one, &cells, kind);
        }
    }
    if columns.len() == 1 {
        chart.legend().set_hidden();
    } else {
        chart.legend().set_position(ChartLegendPosition::Top);
    }
    let shown = some.iter().flat_map(|row| columns.iter().filter_map(|column| row.cells.get(*column)));
    let number = shown.copied().find_map(form).unwrap_or("General");
    let (least, mut faint) = (lowest(some, &columns), ChartLine::new());
    faint.set_color(Color::RGB(0xdd_e4_e2));
    if kind == ChartType::Bar {
        // Bars lie: names stand on the axis that is called y here. The first row is at the top.
        chart.y_axis().set_reverse().set_label_position(ChartAxisLabelPosition::Low);
        chart.x_axis().set_num_format(number).set_min(least).set_major_gridlines(false).set_hidden(true);
    } else {
        chart.x_axis().set_label_position(ChartAxisLabelPosition::Low);
        chart.y_axis().set_num_format(number).set_min(least).set_major_gridlines_line(&faint);
    }
    sheet.insert_chart(place.0, place.1, &chart)?;
    Ok(Some(height / ROW + 1))
}

/// The first and the last row that are drawn: all but a whole at the beginning or the end. Nothing, when there is none.
fn rows(table: &Sheet, kind: ChartType, columns: &[usize]) -> Option<(u32, u32)> {
    let column = columns.first()?;
    let drawn: Vec<&Row> = if kind == ChartType::Bar {
        barred(table, *column)
    } else {
        table.rows.iter().filter(|row| !row.whole).collect()
    };
    let at = |row: &Row| table.rows.iter().position(|one| std::ptr::eq(one, row));
    let (first, last) = (at(drawn.first()?)?, at(drawn.last()?)?);
    Some((u32::try_from(first).ok()?, u32::try_from(last).ok()?))
}

fn index(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// A spreadsheet leaves out what lies under the least value.
fn lowest(rows: &[Row], columns: &[usize]) -> f64 {
    let cells = rows.iter().flat_map(|row| columns.iter().filter_map(|column| row.cells.get(*column)));
    let value = |cell: &Cell| {
        let value = cell.number().unwrap_or(0.0);
        if let Cell::Percent(_) = cell { value / 100.0 } else { value }
    };
    cells.map(value).fold(0.0, f64::min)
}

/// The numbers of a column without its words, to the right of all the sheet, under a heading that says so.
fn copied(
    sheet: &mut Worksheet,
    table: &Sheet,
    (head, first): (u32, u32),
    cells: &[Cell],
    column: usize,
    series: usize,
) -> Result<u16, XlsxError> {
    /// Beyond the chart.
    const BEYOND: usize = 26;
    let place = u16::try_from(table.columns.len() + BEYOND + series).unwrap_or(u16::MAX);
    let title = table.columns.get(column).map_or("", |named| named.name.as_str());
    sheet.set_column_width(place, 22)?;
    sheet.write_string(head, place, format!("For the chart: {title}"))?;
    for (row, cell) in (first..).zip(cells) {
        if let (Some(value), Some(form)) = (cell.number(), form(*cell)) {
            let value = if let Cell::Percent(_) = cell { value / 100.0 } else { value };
            sheet.write_number_with_format(row, place, value, &rust_xlsxwriter::Format::new().set_num_format(form))?;
        }
    }
    Ok(place)
}

/// A number at each mark; where there is none, the word for it.
fn labels(series: &mut rust_xlsxwriter::ChartSeries, cells: &[Cell], kind: ChartType) {
    let mut font = ChartFont::new();
    font.set_size(9);
    let mut plain = ChartDataLabel::new();
    plain.show_value().set_font(&font);
    series.set_data_label(&plain);
    let mut upright = ChartFont::new();
    upright.set_size(9).set_italic();
    if kind == ChartType::Column {
        upright.set_rotation(-90);
    }
    let own = |cell: &Cell| {
        let mut label = ChartDataLabel::new();
        label.show_value();
        match cell.reason() {
            Some((word, _)) => label.set_value(word).set_font(&upright),
            None => label.set_font(&font),
        };
        label.to_custom()
    };
    if cells.iter().any(|cell| cell.reason().is_some()) {
        series.set_custom_data_labels(&cells.iter().map(own).collect::<Vec<_>>());
    }
}

fn colour(series: usize) -> Color {
    [Color::RGB(0x24_58_5b), Color::RGB(0xb0_73_1a), Color::RGB(0x7a_6a_a6), Color::RGB(0x5f_76_72)][series % 4]
}

fn look(kind: ChartType, series: usize) -> ChartFormat {
    let mut format = ChartFormat::new();
    let mut line = ChartLine::new();
    line.set_color(colour(series));
    if kind == ChartType::Line {
        let dashes = [
            ChartLineDashType::Solid,
            ChartLineDashType::Dash,
            ChartLineDashType::RoundDot,
            ChartLineDashType::DashDot,
        ];
        line.set_width(2.25).set_dash_type(dashes[series % 4]);
        format.set_line(&line);
        return format;
    }
    let patterns = [
        None,
        Some(ChartPatternFillType::DiagonalStripesWideUpwards),
        Some(ChartPatternFillType::Dotted30Percent),
        Some(ChartPatternFillType::HorizontalStripesNarrow),
    ];
    match patterns[series % 4] {
        None => format.set_solid_fill(ChartSolidFill::new().set_color(colour(series))),
        Some(pattern) => {
            let mut fill = ChartPatternFill::new();
            fill.set_pattern(pattern).set_foreground_color(colour(series)).set_background_color(Color::White);
            format.set_pattern_fill(&fill)
        }
    };
    format.set_border(&line);
    format
}

fn marker(series: usize) -> ChartMarker {
    let kinds = [ChartMarkerType::Circle, ChartMarkerType::Square, ChartMarkerType::Triangle, ChartMarkerType::Diamond];
    let mut marker = ChartMarker::new();
    let mut format = ChartFormat::new();
    format.set_solid_fill(ChartSolidFill::new().set_color(colour(series)));
    marker.set_type(kinds[series % 4]).set_size(8).set_format(&mut format);
    marker
}

/// As long as a spreadsheet keeps it; the table says the rest.
fn short(text: &str) -> String {
    const LONGEST: usize = 250;
    if text.chars().count() <= LONGEST { text.to_owned() } else { text.chars().take(LONGEST).chain(['…']).collect() }
}
