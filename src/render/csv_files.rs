//! The tables as CSV: one long tidy file for programs, one file per section for people, and the findings.
//!
//! Money is plain decimal dollars; text that a spreadsheet would run is neutralised. No formats for the eye.

use super::escape::csv_text;
use super::words::{plain, unit};
use crate::finding::{Error, Finding, Result};
use crate::report::{Cell, Column, ColumnKind, DataKind, Report, Table};

pub(super) fn to_bytes(rows: impl IntoIterator<Item = Vec<String>>) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(|e| Error::output("a CSV table could not be written").because(e))?;
    }
    writer.into_inner().map_err(|e| Error::output("a CSV table could not be written").because(e.into_error()))
}

/// A cell for CSV; only words can be mistaken for a formula (a negative number must stay a number).
fn csv_cell(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => csv_text(text),
        other => plain(other),
    }
}

/// The word for a kind of figures in a machine's column.
pub(super) const fn kind_word(kind: DataKind) -> &'static str {
    match kind {
        DataKind::Published => "published",
        DataKind::Observed => "observed",
        DataKind::Estimated => "estimated",
        DataKind::Synthetic => "synthetic",
        DataKind::Own => "own",
    }
}

/// One table as it stands, with machine names, totals last, and where the figures come from in the last column.
pub(super) fn table(table: &Table, kind: DataKind) -> Result<Vec<u8>> {
    let line = |cells: &[Cell]| {
        let mut row: Vec<String> = cells.iter().map(csv_cell).collect();
        row.push(kind_word(kind).to_owned());
        row
    };
    let mut header: Vec<String> = table.columns.iter().map(|c| c.name.clone()).collect();
    header.push("data_kind".to_owned());
    to_bytes(std::iter::once(header).chain(table.rows.iter().chain(&table.total).map(|r| line(r))))
}

/// How many leading columns name a row: the words and days before the first figure (at least one).
pub(super) fn label_columns(columns: &[Column]) -> usize {
    let words = columns.iter().take_while(|c| matches!(c.kind, ColumnKind::Text | ColumnKind::Date)).count();
    // A table of words only is named by its first column.
    if words == columns.len() { words.min(1) } else { words }
}

/// Every figure of the report on a row of its own: `section,row,label,measure,unit,value,data_kind`. Totals have the row
/// `total`; empty cells are left out, for they are not zero.
pub(super) fn summary(report: &Report) -> Result<Vec<u8>> {
    let mut rows =
        vec![["section", "row", "label", "measure", "unit", "value", "data_kind"].map(str::to_owned).to_vec()];
    for stat in &report.headline {
        let words = [&stat.label, &stat.value, &stat.basis].map(|t| csv_text(t));
        let [label, value, basis] = words;
        let kind = kind_word(report.kind);
        for (measure, text) in [("value", value), ("basis", basis)] {
            let cells = ["headline", "", &label, measure, "text", &text, kind];
            rows.push(cells.map(str::to_owned).to_vec());
        }
    }
    for section in &report.sections {
        let columns = &section.table.columns;
        let labels = label_columns(columns);
        let numbered = section.table.rows.iter().enumerate().map(|(i, r)| ((i + 1).to_string(), r));
        for (number, cells) in numbered.chain(section.table.total.iter().map(|r| ("total".to_owned(), r))) {
            let label: Vec<String> = cells.iter().take(labels).map(plain).filter(|t| !t.is_empty()).collect();
            let label = csv_text(&label.join(" | "));
            for (column, cell) in columns.iter().zip(cells).skip(labels).filter(|(_, c)| **c != Cell::Empty) {
                rows.push(vec![
                    section.id.clone(),
                    number.clone(),
                    label.clone(),
                    column.name.clone(),
                    unit(column.kind).to_owned(),
                    csv_cell(cell),
                    kind_word(section.kind).to_owned(),
                ]);
            }
        }
    }
    to_bytes(rows)
}

/// The findings: `code,severity,file,line,column,found,expected,help,count`.
pub(super) fn findings(findings: &[Finding]) -> Result<Vec<u8>> {
    let header = ["code", "severity", "file", "line", "column", "found", "expected", "help", "count"];
    let header = header.map(str::to_owned).to_vec();
    let rows = findings.iter().map(|f| {
        vec![
            f.code.as_str().to_owned(),
            f.severity.as_str().to_owned(),
            csv_text(&f.place.file),
            f.place.line.map(|n| n.to_string()).unwrap_or_default(),
            csv_text(f.place.column.as_deref().unwrap_or_default()),
            csv_text(&f.found),
            csv_text(&f.expected),
            csv_text(&f.help),
            f.count.to_string(),
        ]
    });
    to_bytes(std::iter::once(header).chain(rows))
}
