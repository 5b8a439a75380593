//! The worklist as CSV and JSON, and the state file. (The workbook, the letters and the screen have files of their own.)

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::csv_files;
use super::escape::csv_text;
use super::folder::Part;
use super::worklist_book;
use super::worklist_packet;
use super::worklist_tables::{self as tables, kind};
use crate::finding::{Error, Finding, Result};
use crate::report::Table;
use crate::worklist::packet::Packet;
use crate::worklist::{By, State, Worklist};

pub(super) fn table(worklist: &Worklist, by: By) -> Table {
    match by {
        By::Batch => tables::batches(worklist),
        By::Claim => tables::claims(worklist),
        By::Line => tables::lines(worklist),
    }
}

/// One list as CSV, totals last.
///
/// # Errors
/// When the CSV writer fails.
pub fn worklist_csv(worklist: &Worklist, by: By) -> Result<Vec<u8>> {
    csv_files::table(&table(worklist, by), kind(worklist))
}

/// The whole worklist as JSON: money and percentages as decimal strings, days as `2024-03-09`.
///
/// # Errors
/// When a value cannot be serialised.
pub fn worklist_json(worklist: &Worklist, findings: &[Finding]) -> Result<Vec<u8>> {
    let failed = |e: serde_json::Error| Error::output("the worklist has no JSON form").because(e);
    let rows = |table: &Table| -> Result<Value> {
        let row = |cells: &Vec<crate::report::Cell>| {
            let pairs = table.columns.iter().zip(cells);
            pairs
                .map(|(c, cell)| Ok((c.name.clone(), serde_json::to_value(cell)?)))
                .collect::<serde_json::Result<Map<_, _>>>()
        };
        table.rows.iter().map(|r| row(r).map(Value::Object)).collect::<serde_json::Result<_>>().map_err(failed)
    };
    let value = serde_json::json!({
        "title": worklist.title,
        "data_kind": csv_files::kind_word(kind(worklist)),
        "as_of": worklist.as_of.to_string(),
        "cost_per_appeal": worklist.costs.contact,
        "cost_per_line": worklist.costs.further_line,
        "denied": worklist.report_denied,
        "underpaid": worklist.report_underpaid,
        "above_the_line": {
            "batches": worklist.above(By::Batch),
            "claims": worklist.above(By::Claim),
            "lines": worklist.above(By::Line),
        },
        "assumptions": worklist.assumptions,
        "standing": rows(&tables::standing(worklist))?,
        "batches": rows(&tables::batches(worklist))?,
        "claims": rows(&tables::claims(worklist))?,
        "lines": rows(&tables::lines(worklist))?,
        "recovered": rows(&tables::recovered(worklist))?,
        "findings": findings,
        "version": env!("CARGO_PKG_VERSION"),
    });
    let mut out = serde_json::to_vec_pretty(&value).map_err(failed)?;
    out.push(b'\n');
    Ok(out)
}

/// The state file; text that a spreadsheet would run is guarded, and read back without the guard.
///
/// # Errors
/// When the CSV writer fails.
pub fn state_csv(state: &State) -> Result<Vec<u8>> {
    // Rows with cells beyond the header stay as wide as they are.
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let failed = |e: csv::Error| Error::output("the state could not be written").because(e);
    for row in state.table() {
        // Amounts stay amounts: only our own money columns may begin with a minus.
        writer.write_record(row.iter().map(|cell| guarded(cell))).map_err(failed)?;
    }
    writer.into_inner().map_err(|e| Error::output("the state could not be written").because(e.into_error()))
}

fn guarded(cell: &str) -> String {
    let is_number = cell.strip_prefix('-').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    if is_number { cell.to_owned() } else { csv_text(cell) }
}

/// Writes the worklist as a folder, which is replaced as a whole: the workbook, the three lists as CSV, what was recovered, and
/// JSON; returns the files.
///
/// # Errors
/// When a file cannot be written, or the folder holds files that no earlier run wrote; it is then untouched.
pub fn write_worklist(worklist: &Worklist, findings: &[Finding], dir: &Path) -> Result<Vec<PathBuf>> {
    let part = Part::begin(dir)?;
    part.write("worklist.xlsx", &worklist_book::xlsx(worklist)?)?;
    for (name, by) in [("batches", By::Batch), ("claims", By::Claim), ("lines", By::Line)] {
        part.write(&format!("{name}.csv"), &worklist_csv(worklist, by)?)?;
    }
    part.write("recovered.csv", &csv_files::table(&tables::recovered(worklist), kind(worklist))?)?;
    part.write("worklist.json", &worklist_json(worklist, findings)?)?;
    part.swap_in()
}

/// Writes the letters as a folder, which is replaced as a whole: each as Markdown and as HTML; returns the files.
///
/// # Errors
/// As [`write_worklist`].
pub fn write_packets(packets: &[Packet<'_>], dir: &Path) -> Result<Vec<PathBuf>> {
    let part = Part::begin(dir)?;
    for packet in packets {
        part.write(&format!("{}.md", packet.name), worklist_packet::markdown(packet).as_bytes())?;
        part.write(&format!("{}.html", packet.name), worklist_packet::html(packet).as_bytes())?;
    }
    part.swap_in()
}
