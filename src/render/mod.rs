//! A [`Report`] as files: HTML, SVG and PNG charts, a workbook, CSV, JSON, and a table for the terminal.
//!
//! Every format is a function from the report to bytes; this file names the outputs and writes them as one folder that
//! replaces the previous one as a whole. Renders what the report says and never computes a figure.

mod chart;
mod csv_files;
mod escape;
mod files;
mod folder;
mod font;
mod html;
mod paint;
mod scene;
mod terminal;
mod words;
mod workbook;
mod worklist;
mod worklist_book;
mod worklist_packet;
mod worklist_tables;
mod worklist_text;

use std::path::{Path, PathBuf};

use crate::finding::{Error, Result};
use crate::report::{Chart, Column, ColumnKind, DataKind, Report, Table};

pub(crate) use escape::{csv_name, csv_text};
pub use files::Files;
pub(crate) use terminal::clean as terminal_text;
pub use terminal::{terminal, terminal_of};
pub use worklist::{state_csv, worklist_csv, worklist_json, write_packets, write_worklist};
pub use worklist_book::xlsx as worklist_xlsx;
pub use worklist_packet::{html as packet_html, markdown as packet_markdown};
pub use worklist_text::text as worklist_text;

/// Whether [`write_files`] may replace a folder: it is not there, is empty, or is one of ours.
///
/// # Errors
/// When it is a file, or holds files that no earlier report wrote.
pub fn may_replace(folder: &std::path::Path) -> Result<()> {
    folder::refuse_foreign(folder)
}

/// Writes all files of the report into `dir`, which is replaced as a whole, and returns their paths, sorted.
///
/// # Errors
/// When a file cannot be drawn or written, or when `dir` holds files that no earlier report wrote; `dir` is then untouched.
pub fn write(report: &Report, dir: &Path) -> Result<Vec<PathBuf>> {
    write_with(report, dir, |_| Ok(()))
}

/// As [`write()`], with more files: `extra` is given the unfinished folder and writes into it. What it wrote is swapped in
/// together with the rest and returned with it.
///
/// # Errors
/// As [`write()`]; an error of `extra` leaves `dir` untouched too.
pub fn write_with(report: &Report, dir: &Path, extra: impl FnOnce(&Path) -> Result<()>) -> Result<Vec<PathBuf>> {
    write_files(report, &Files::LEAKAGE, dir, extra)
}

/// As [`write_with`], with files named for what the report is about.
///
/// # Errors
/// As [`write_with`].
pub fn write_files(
    report: &Report,
    files: &Files,
    dir: &Path,
    extra: impl FnOnce(&Path) -> Result<()>,
) -> Result<Vec<PathBuf>> {
    check(report)?;
    let part = folder::Part::begin(dir)?;
    for section in &report.sections {
        if let Some(picture) = &section.chart {
            let name = format!("charts/{}", section.id);
            part.write(&format!("{name}.svg"), svg(picture, section.kind)?.as_bytes())?;
            part.write(&format!("{name}.png"), &png(picture, section.kind)?)?;
        }
        // A section of words has no table.
        if !section.table.columns.is_empty() {
            part.write(&format!("tables/{}.csv", section.id), &csv_files::table(&section.table, section.kind)?)?;
        }
    }
    part.write(files.page, html_of(report, files)?.as_bytes())?;
    part.write(files.book, &workbook_of(report, files)?)?;
    part.write("summary.csv", &summary_csv(report)?)?;
    part.write("findings.csv", &findings_csv(report)?)?;
    part.write(files.data, &json(report)?)?;
    extra(part.path())?;
    part.swap_in()
}

/// What the renderers rely on; a report that breaks it is an error of the program, said before anything is written.
fn check(report: &Report) -> Result<()> {
    let mut seen = std::collections::BTreeSet::new();
    for section in &report.sections {
        let id = &section.id;
        let plain = !id.is_empty() && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !plain || !seen.insert(id) {
            return Err(Error::output(format!("section name \"{id}\" is not a unique kebab-case name")));
        }
        let width = section.table.columns.len();
        if section.table.rows.iter().chain(&section.table.total).any(|row| row.len() != width) {
            return Err(Error::output(format!("a row of the table \"{id}\" has not {width} cells")));
        }
    }
    Ok(())
}

/// One chart as an SVG document; text stays text.
///
/// # Errors
/// When the drawing library fails.
pub fn svg(chart: &Chart, kind: DataKind) -> Result<String> {
    paint::svg(&chart::draw(chart, kind, true), chart::words(chart).1)
}

/// One chart as a PNG, 1,600 pixels wide.
///
/// # Errors
/// When the drawing library fails.
pub fn png(chart: &Chart, kind: DataKind) -> Result<Vec<u8>> {
    paint::png(&chart::draw(chart, kind, true))
}

/// The whole report as one HTML file that needs nothing else: no scripts, no links to other hosts.
///
/// # Errors
/// When a chart cannot be drawn.
pub fn html(report: &Report) -> Result<String> {
    html_of(report, &Files::LEAKAGE)
}

/// As [`html()`], for a report whose files have other names.
///
/// # Errors
/// As [`html()`].
pub fn html_of(report: &Report, files: &Files) -> Result<String> {
    html::page(report, files)
}

/// The workbook: a summary, one sheet per section, findings, definitions, sources.
///
/// # Errors
/// When the workbook library refuses a sheet.
pub fn xlsx(report: &Report) -> Result<Vec<u8>> {
    workbook_of(report, &Files::LEAKAGE)
}

/// As [`xlsx()`]; where [`Files::pictures`] says so with a sheet of the charts.
///
/// # Errors
/// As [`xlsx()`], and when a chart cannot be drawn.
pub fn workbook_of(report: &Report, files: &Files) -> Result<Vec<u8>> {
    workbook::bytes(report, files)
}

/// Every figure on a row of its own: `section,row,label,measure,unit,value,data_kind`.
///
/// # Errors
/// When the CSV writer fails.
pub fn summary_csv(report: &Report) -> Result<Vec<u8>> {
    csv_files::summary(report)
}

/// One table with machine names and where its figures come from in the last column; text is never a formula.
///
/// # Errors
/// When the CSV writer fails.
pub fn table_csv(table: &Table, kind: DataKind) -> Result<Vec<u8>> {
    csv_files::table(table, kind)
}

/// The findings: `code,severity,file,line,column,found,expected,help,count`.
///
/// # Errors
/// When the CSV writer fails.
pub fn findings_csv(report: &Report) -> Result<Vec<u8>> {
    csv_files::findings(&report.findings)
}

/// The report as JSON: money and rates as decimal strings, keys in the order of the types.
///
/// # Errors
/// When a value cannot be serialised.
pub fn json(report: &Report) -> Result<Vec<u8>> {
    let mut out =
        serde_json::to_vec_pretty(report).map_err(|e| Error::output("the report has no JSON form").because(e))?;
    out.push(b'\n');
    Ok(out)
}

/// The findings as a table for people: the HTML page and the workbook show the same one.
fn findings_table(report: &Report) -> Table {
    use ColumnKind::{Count, Text};
    let columns = [
        ("severity", "Severity", Text),
        ("code", "Code", Text),
        ("place", "Where (first)", Text),
        ("count", "Times", Count),
        ("found", "Found", Text),
        ("expected", "Expected", Text),
        ("help", "What to do", Text),
    ];
    let rows = report.findings.iter().map(|f| {
        let count = i64::try_from(f.count).unwrap_or(i64::MAX);
        vec![
            f.severity.as_str().into(),
            f.code.as_str().into(),
            f.place.to_string().into(),
            count.into(),
            f.found.as_str().into(),
            f.expected.as_str().into(),
            f.help.as_str().into(),
        ]
    });
    Table { columns: columns.map(|(n, h, k)| Column::new(n, h, k)).to_vec(), rows: rows.collect(), total: None }
}
