//! Typed rows as CSV: one row per line, remittance or volume. Money in decimal dollars.
//!
//! The canonical CSV of remittances carries all adjustments of a row in one cell, so that it is a single file:
//! `CO-45:12.30;PR-2:3.00;CO-16(M119|N290):85.00x2` is group, reason, remarks in brackets, dollars, units taken off.

use std::io::Write;

use csv::Writer;

use super::schema::{CLAIM_LINES, CLAIM_LINES_DRUG, CLAIM_VOLUMES, REMIT_LINES};
use crate::domain::{Adjustment, Date, Period, Remit, ServiceLine, Volume};
use crate::finding::{Error, Result};

/// Columns of `remit_lines` that tell where a row was read; left out where there is no such file.
const SOURCE: [&str; 2] = ["source_file", "source_line"];

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::output("a table cannot be written").because(error)
}

fn text<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |v| v.to_string())
}

fn rows<'r, T: 'r>(
    to: impl Write,
    header: impl Iterator<Item = &'r str>,
    rows: impl IntoIterator<Item = T>,
    cells: impl Fn(T) -> Vec<String>,
) -> Result<()> {
    let mut writer = Writer::from_writer(to);
    writer.write_record(header).map_err(failed)?;
    for row in rows {
        writer.write_record(cells(row)).map_err(failed)?;
    }
    writer.flush().map_err(failed)
}

/// Writes `claim_lines`.
///
/// # Errors
/// When writing fails.
pub fn write_lines(to: impl Write, lines: &[ServiceLine]) -> Result<()> {
    rows(to, CLAIM_LINES.iter().chain(CLAIM_LINES_DRUG).copied(), lines, |l| {
        vec![
            l.claim_id.to_string(),
            l.line_number.to_string(),
            l.service_date.to_string(),
            l.payer.to_string(),
            text(l.plan.as_ref()),
            text(l.state),
            text(l.zip),
            text(l.locality),
            text(l.pos),
            l.code.to_string(),
            l.modifiers.to_string(),
            l.units.to_string(),
            l.charge.to_string(),
            text(l.diagnosis.as_ref()),
            text(l.ndc.as_ref()),
            text(l.rendering_npi.as_ref()),
            text(l.billing_npi.as_ref()),
            l.patient_key.map_or_else(String::new, |k| format!("{k:016x}")),
            text(l.ndc_quantity.map(|q| q.quantity)),
            text(l.ndc_quantity.map(|q| q.unit)),
        ]
    })
}

/// Writes `remit_lines` with a last column `adjustments`.
///
/// # Errors
/// When writing fails.
pub fn write_remits(to: impl Write, remits: &[Remit]) -> Result<()> {
    let header = REMIT_LINES.iter().copied().filter(|name| !SOURCE.contains(name)).chain(["adjustments"]);
    rows(to, header, remits, |r| {
        vec![
            r.claim_id.to_string(),
            r.line_number.to_string(),
            r.payer.to_string(),
            r.payer_rank.to_string(),
            text(r.payer_claim_control_number.as_ref()),
            r.claim_status.number().to_string(),
            r.remit_date.to_string(),
            text(r.posted_date),
            text(r.code),
            r.modifiers.to_string(),
            text(r.submitted_code),
            r.units.to_string(),
            r.charge.to_string(),
            r.paid.to_string(),
            text(r.allowed),
            text(r.patient_responsibility),
            text(r.trace_number.as_ref()),
            adjustments(&r.adjustments),
        ]
    })
}

/// Writes `claim_volumes`.
///
/// # Errors
/// When writing fails.
pub fn write_volumes(to: impl Write, volumes: &[Volume]) -> Result<()> {
    rows(to, CLAIM_VOLUMES.iter().copied(), volumes, |v| {
        vec![
            period(v.period),
            v.payer.to_string(),
            text(v.state),
            text(v.locality),
            text(v.pos),
            v.code.to_string(),
            v.modifiers.to_string(),
            v.units.to_string(),
            text(v.charge),
            text(v.allowed),
            text(v.paid),
        ]
    })
}

/// All adjustments in one cell.
#[must_use]
pub fn adjustments(all: &[Adjustment]) -> String {
    let one = |a: &Adjustment| {
        let remarks = a.rarcs.iter().map(ToString::to_string).collect::<Vec<_>>().join("|");
        let remarks = if remarks.is_empty() { remarks } else { format!("({remarks})") };
        let quantity = a.quantity.map_or_else(String::new, |q| format!("x{q}"));
        format!("{}-{}{remarks}:{}{quantity}", a.group, a.carc, a.amount)
    };
    all.iter().map(one).collect::<Vec<_>>().join(";")
}

/// `2023-04` for a month, `2023` for a year.
#[must_use]
pub fn period(period: Period) -> String {
    use chrono::{Datelike, Months};
    let from: Date = period.from();
    let month = from.checked_add_months(Months::new(1)).is_some_and(|next| next == period.until());
    if month { format!("{}-{:02}", from.year(), from.month()) } else { from.year().to_string() }
}
