//! The workbook: real numbers, real dates, words that stay words.
//!
//! Text goes through `write_string` only, so that no cell of the data becomes a formula. Money becomes a float here, the last
//! moment before the file: cents / 100 is the closest double, which Excel shows exact to the cent. No figures are computed.
//! Charts, where they are wanted, stand on a sheet of their own: beside a table they would hide it or be hidden by it.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Image, ObjectMovement, Workbook, Worksheet,
    XlsxError,
};

use super::{Files, chart, words};
use crate::domain::Date;
use crate::finding::{Error, Result};
use crate::report::{Cell, Column, ColumnKind, DataKind, Report, Section, Table};

/// Characters that Excel takes in one cell.
const CELL_LIMIT: usize = 32_000;
/// Rows above a table: title, lead, empty.
pub(super) const TOP: u32 = 3;

pub(super) fn bytes(report: &Report, files: &Files) -> Result<Vec<u8>> {
    let mut pictures = Vec::new();
    if files.pictures {
        for section in &report.sections {
            if let Some(chart) = &section.chart {
                pictures.push(Picture {
                    title: &section.title,
                    alt: chart::words(chart).1,
                    png: super::png(chart, section.kind)?,
                });
            }
        }
    }
    build(report, &pictures).map_err(|e| Error::output("the workbook could not be made").because(e))
}

/// A chart for the sheet of charts.
struct Picture<'a> {
    title: &'a str,
    alt: &'a str,
    png: Vec<u8>,
}

fn build(report: &Report, pictures: &[Picture<'_>]) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    book.set_properties(&properties(&report.title, &report.period, report.kind, report.as_of));
    let looks = Looks::new();
    let mut names = SheetNames::default();

    // Only a `Summary` that is first in the book gives the reader the headline before the tables.
    summary(book.add_worksheet().set_name(names.take("Summary"))?, report, &looks)?;
    if !pictures.is_empty() {
        charts(book.add_worksheet().set_name(names.take("Charts"))?, pictures, &looks)?;
    }
    for section in &report.sections {
        let sheet = book.add_worksheet().set_name(names.take(&title_case(&section.id)))?;
        section_sheet(sheet, section, &looks)?;
    }
    let findings = super::findings_table(report);
    let sheet = book.add_worksheet().set_name(names.take("Data findings"))?;
    let lead = "Each finding with its first place; the same thing again in the same file and column is counted.";
    table_sheet(sheet, "What is wrong with the data", lead, &findings, &looks)?;
    if !report.definitions.is_empty() {
        let sheet = book.add_worksheet().set_name(names.take("Definitions"))?;
        table_sheet(sheet, "Words used", "", &definitions(report), &looks)?;
    }
    if !report.sources.columns.is_empty() {
        let sheet = book.add_worksheet().set_name(names.take("Sources"))?;
        table_sheet(sheet, "Sources", "Reference files used, with their hashes.", &report.sources, &looks)?;
    }
    book.save_to_buffer()
}

/// What the book says of itself.
pub(super) fn properties(title: &str, subject: &str, kind: DataKind, day: Date) -> DocProperties {
    let properties = DocProperties::new()
        .set_title(cut(title))
        .set_subject(cut(subject))
        .set_author("allowable")
        .set_comment(kind.label());
    match excel_date(day) {
        // The library would write the time of the run: two runs would differ.
        Some(day) => properties.set_creation_datetime(&day),
        None => properties,
    }
}

fn definitions(report: &Report) -> Table {
    let columns = [Column::new("term", "Word", ColumnKind::Text), Column::new("meaning", "Meaning", ColumnKind::Text)];
    let rows = report.definitions.iter().map(|d| vec![d.term.as_str().into(), d.meaning.as_str().into()]);
    Table { columns: columns.to_vec(), rows: rows.collect(), total: None }
}

/// Valid, unique sheet names.
#[derive(Default)]
struct SheetNames {
    used: BTreeSet<String>,
}

impl SheetNames {
    /// The name made valid: 31 characters, none of `[]:*?/\`, no apostrophe at an end, not "History", not used before.
    fn take(&mut self, wanted: &str) -> String {
        let clean: String = wanted.chars().filter(|c| !"[]:*?/\\'".contains(*c) && !c.is_control()).collect();
        let clean = if clean.trim().is_empty() || clean.eq_ignore_ascii_case("history") {
            format!("{clean} sheet").trim().to_owned()
        } else {
            clean
        };
        for n in 1_u32.. {
            let tail = if n == 1 { String::new() } else { format!(" {n}") };
            let mut name: String = clean.chars().take(31 - tail.len()).collect();
            name.push_str(&tail);
            if self.used.insert(name.to_lowercase()) {
                return name;
            }
        }
        clean
    }
}

/// `by-payer` → `By payer`.
fn title_case(id: &str) -> String {
    let words = id.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

pub(super) struct Looks {
    pub(super) title: Format,
    pub(super) note: Format,
    header: Format,
    header_number: Format,
    pub(super) label: Format,
    big: Format,
}

impl Looks {
    pub(super) fn new() -> Self {
        let header = Format::new()
            .set_bold()
            .set_background_color("E4E9EE")
            .set_border_bottom(FormatBorder::Medium)
            .set_text_wrap()
            .set_align(FormatAlign::Bottom);
        Self {
            title: Format::new().set_bold().set_font_size(14),
            note: Format::new().set_font_color("52606D").set_align(FormatAlign::Top),
            header_number: header.clone().set_align(FormatAlign::Right),
            header,
            label: Format::new().set_bold().set_align(FormatAlign::Top),
            big: Format::new().set_bold().set_font_size(12).set_align(FormatAlign::Top),
        }
    }

    /// The format of a cell of this kind.
    fn cell(kind: ColumnKind, total: bool) -> Format {
        let format = match kind {
            ColumnKind::Text => Format::new().set_text_wrap(),
            ColumnKind::Money => Format::new().set_num_format("$#,##0.00;-$#,##0.00"),
            ColumnKind::Count => Format::new().set_num_format("#,##0"),
            ColumnKind::Percent => Format::new().set_num_format("0.0%"),
            ColumnKind::Rate => Format::new().set_num_format("$#,##0.00##"),
            ColumnKind::Number => Format::new().set_num_format("0.####"),
            ColumnKind::Estimate => Format::new().set_num_format("$#,##0.00;-$#,##0.00"),
            ColumnKind::EstimatedCount => Format::new().set_num_format("#,##0.0"),
            ColumnKind::Date => Format::new().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Left),
        };
        let format = format.set_align(FormatAlign::Top);
        if total { format.set_bold().set_border_top(FormatBorder::Thin).set_background_color("F4F5F7") } else { format }
    }
}

fn summary(sheet: &mut Worksheet, report: &Report, looks: &Looks) -> std::result::Result<(), XlsxError> {
    let wrap = looks.note.clone().set_text_wrap();
    sheet.set_column_width(0, 34)?.set_column_width(1, 24)?.set_column_width(2, 90)?;
    sheet.write_string_with_format(0, 0, cut(&report.title), &looks.title)?;
    sheet.write_string_with_format(1, 0, cut(&report.period), &looks.note)?;
    sheet.write_string_with_format(1, 2, report.kind.label(), &looks.note)?;
    sheet.write_string_with_format(2, 0, cut(&report.finding), &looks.big)?;
    let mut row = 4;
    for (column, header) in ["Measure", "Value", "What it is made of"].into_iter().enumerate() {
        sheet.write_string_with_format(row, column as u16, header, &looks.header)?;
    }
    for stat in &report.headline {
        row += 1;
        sheet.write_string_with_format(row, 0, cut(&stat.label), &looks.label)?;
        sheet.write_string_with_format(row, 1, cut(&stat.value), &looks.big)?;
        sheet.write_string_with_format(row, 2, cut(&stat.basis), &wrap)?;
    }
    row += 2;
    for (i, section) in report.sections.iter().enumerate() {
        if i == 0 {
            for (column, header) in ["Sheet", "Figures", "What it says"].into_iter().enumerate() {
                sheet.write_string_with_format(row, column as u16, header, &looks.header)?;
            }
        }
        row += 1;
        sheet.write_string(row, 0, title_case(&section.id))?;
        sheet.write_string(row, 1, section.kind.label())?;
        sheet.write_string_with_format(row, 2, cut(&section.title), &Looks::cell(ColumnKind::Text, false))?;
    }
    row += 2;
    for note in &report.notes {
        sheet.write_string_with_format(row, 0, cut(note), &looks.note)?;
        row += 1;
    }
    page(sheet, None)
}

/// The charts below each other, each under its finding.
fn charts(sheet: &mut Worksheet, pictures: &[Picture<'_>], looks: &Looks) -> std::result::Result<(), XlsxError> {
    /// Height of a row in pixels.
    const ROW: f64 = 20.0;
    /// Excel takes no longer description; beyond it the library would complain on the screen.
    const ALT: usize = 250;
    let mut row = 0;
    for picture in pictures {
        sheet.write_string_with_format(row, 0, cut(picture.title), &looks.big)?;
        let alt: String = picture.alt.chars().filter(|c| !c.is_control() && c.len_utf16() == 1).take(ALT).collect();
        let image = Image::new_from_buffer(&picture.png)?
            .set_alt_text(alt)
            .set_object_movement(ObjectMovement::MoveButDontSizeWithCells);
        // The picture knows its resolution; Excel has 96 pixels to the inch.
        let height = image.height() * 96.0 / image.height_dpi().max(1.0);
        sheet.insert_image(row + 1, 0, &image)?;
        row += (height / ROW).ceil() as u32 + 4;
    }
    page(sheet, None)
}

fn section_sheet(sheet: &mut Worksheet, section: &Section, looks: &Looks) -> std::result::Result<(), XlsxError> {
    let lead = format!("{} ({})", section.lead, section.kind.label());
    table_sheet(sheet, &section.title, lead.trim(), &section.table, looks)?;
    if section.kind == DataKind::Synthetic {
        sheet.set_tab_color("9AA5B1");
    }
    let below = TOP + 1 + section.table.rows.len() as u32 + u32::from(section.table.total.is_some()) + 1;
    for (i, note) in section.notes.iter().enumerate() {
        sheet.write_string_with_format(below + i as u32, 0, cut(note), &looks.note)?;
    }
    Ok(())
}

/// Title, lead, then the table with a frozen header, filters and totals.
pub(super) fn table_sheet(
    sheet: &mut Worksheet,
    title: &str,
    lead: &str,
    table: &Table,
    looks: &Looks,
) -> std::result::Result<(), XlsxError> {
    sheet.write_string_with_format(0, 0, cut(title), &looks.title)?;
    if !lead.is_empty() {
        sheet.write_string_with_format(1, 0, cut(lead), &looks.note)?;
    }
    // Words beside a figure would touch it.
    let indent = |i: usize| u8::from(i > 0 && !words::is_number(table.columns[i].kind));
    let widths: Vec<usize> = (0..table.columns.len()).map(|i| width(table, i)).collect();
    for (i, column) in table.columns.iter().enumerate() {
        let look = if words::is_number(column.kind) { &looks.header_number } else { &looks.header };
        sheet.write_string_with_format(TOP, i as u16, cut(&column.header), &look.clone().set_indent(indent(i)))?;
        sheet.set_column_width(i as u16, widths[i] as f64)?;
    }
    let headers: Vec<Cell> = table.columns.iter().map(|c| c.header.as_str().into()).collect();
    set_height(sheet, TOP, &widths, &headers)?;
    let format = |i: usize, total| Looks::cell(table.columns[i].kind, total).set_indent(indent(i));
    let formats = |total| (0..table.columns.len()).map(|i| format(i, total)).collect::<Vec<_>>();
    let (plain, bold) = (formats(false), formats(true));
    let body = table.rows.iter().map(|r| (r, &plain)).chain(table.total.iter().map(|r| (r, &bold)));
    for (n, (cells, formats)) in body.enumerate() {
        let row = TOP + 1 + n as u32;
        for (i, (cell, column)) in cells.iter().zip(&table.columns).enumerate() {
            // A count in a column of rates (days among percentages) keeps the look of a count.
            match (cell, column.kind) {
                (Cell::Count(_), ColumnKind::Percent) => {
                    write(sheet, row, i as u16, cell, ColumnKind::Count, &Looks::cell(ColumnKind::Count, false))?;
                }
                _ => write(sheet, row, i as u16, cell, column.kind, &formats[i])?,
            }
        }
        set_height(sheet, row, &widths, cells)?;
    }
    let (rows, columns) = (table.rows.len() as u32, table.columns.len() as u16);
    if rows > 0 && columns > 0 {
        sheet.autofilter(TOP, 0, TOP + rows, columns - 1)?;
    }
    sheet.set_freeze_panes(TOP + 1, u16::from(columns > 3))?;
    page(sheet, Some(TOP))
}

fn page(sheet: &mut Worksheet, header: Option<u32>) -> std::result::Result<(), XlsxError> {
    sheet.set_landscape().set_print_fit_to_pages(1, 0).set_footer("&L&A&RPage &P of &N");
    if let Some(row) = header {
        sheet.set_repeat_rows(row, row)?;
    }
    Ok(())
}

fn write(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Cell,
    kind: ColumnKind,
    format: &Format,
) -> std::result::Result<(), XlsxError> {
    match cell {
        Cell::Text(text) => sheet.write_string_with_format(row, column, cut(text), format)?,
        Cell::Money(money) => sheet.write_number_with_format(row, column, money.cents() as f64 / 100.0, format)?,
        Cell::Count(n) => sheet.write_number_with_format(row, column, *n as f64, format)?,
        Cell::Number(value) => {
            let value = if kind == ColumnKind::Percent { *value / Decimal::ONE_HUNDRED } else { *value };
            sheet.write_number_with_format(row, column, closest(value), format)?
        }
        Cell::Date(day) => match excel_date(*day) {
            Some(day) => sheet.write_datetime_with_format(row, column, &day, format)?,
            None => sheet.write_string_with_format(row, column, words::date(*day), format)?,
        },
        Cell::Empty => sheet.write_blank(row, column, format)?,
    };
    Ok(())
}

/// The double closest to a decimal.
fn closest(value: Decimal) -> f64 {
    value.to_string().parse().unwrap_or(0.0)
}

/// Excel knows days from 1900 to 9999.
pub(super) fn excel_date(day: Date) -> Option<ExcelDateTime> {
    ExcelDateTime::parse_from_str(&words::date(day)).ok()
}

pub(super) fn cut(text: &str) -> String {
    text.chars().take(CELL_LIMIT).collect()
}

/// Wide enough for the figures of a column; words wrap beyond 48 characters.
fn width(table: &Table, column: usize) -> usize {
    let kind = table.columns[column].kind;
    let body = table.rows.iter().chain(&table.total).map(|row| words::cell(&row[column], kind).chars().count()).max();
    // A header may wrap, but not inside its longest word; the filter's button takes three characters.
    let word = table.columns[column].header.split_whitespace().map(|w| w.chars().count()).max().unwrap_or(0) + 4;
    let room = if words::is_number(kind) { 24 } else { 48 };
    (body.unwrap_or(0) + 2).max(word).clamp(9, room)
}

/// Makes a row high enough for its wrapped words; not every program does so by itself.
fn set_height(sheet: &mut Worksheet, row: u32, widths: &[usize], cells: &[Cell]) -> std::result::Result<(), XlsxError> {
    let lines_of = |(i, cell): (usize, &Cell)| match cell {
        Cell::Text(text) => {
            let room = widths[i] - 1;
            let mut lines = 1;
            let mut used = 0;
            for word in text.split_whitespace().map(|w| w.chars().count()) {
                if used > 0 && used + 1 + word > room {
                    lines += 1;
                    used = 0;
                }
                // A word longer than the column is broken by the program.
                lines += word / (room + 1);
                used += word.min(room) + usize::from(used > 0);
            }
            lines
        }
        _ => 1,
    };
    let lines = cells.iter().enumerate().map(lines_of).max().unwrap_or(1).min(20);
    if lines > 1 {
        sheet.set_row_height(row, 15.0 * lines as f64)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheet_names_are_valid_and_unique() {
        let mut names = SheetNames::default();
        assert_eq!(names.take("Summary"), "Summary");
        assert_eq!(names.take("summary"), "summary 2");
        let long = "a".repeat(40);
        assert_eq!(names.take(&long).len(), 31);
        assert!(names.take(&long).ends_with(" 2"));
        assert_eq!(names.take("a/b:[c]*?\\'"), "abc");
        assert_eq!(names.take("History"), "History sheet");
    }
}
