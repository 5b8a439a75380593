//! Typed rows as Polars frames with the canonical columns, and frames as Parquet files.
//!
//! Money is `Int64` cents in columns named `*_cents`, units are decimals of three places, days are dates.

use std::io::Write;

use polars::prelude::*;

use crate::domain::{Date, Money, Remit, ServiceLine, Units, Volume};
use crate::finding::{Error, Result};

fn failed(error: PolarsError) -> Error {
    Error::output("a table cannot be built").because(error)
}

fn text<'t>(name: &str, cells: impl Iterator<Item = Option<&'t str>>) -> Column {
    StringChunked::from_iter_options(name.into(), cells).into_column()
}

fn shown<T: ToString>(name: &str, cells: impl Iterator<Item = Option<T>>) -> Column {
    StringChunked::from_iter_options(name.into(), cells.map(|c| c.map(|c| c.to_string()))).into_column()
}

fn cents(name: &str, cells: impl Iterator<Item = Option<Money>>) -> Column {
    Int64Chunked::from_iter_options(name.into(), cells.map(|c| c.map(Money::cents))).into_column()
}

fn whole(name: &str, cells: impl Iterator<Item = u32>) -> Column {
    UInt32Chunked::from_iter_values(name.into(), cells).into_column()
}

fn days(name: &str, cells: impl Iterator<Item = Option<Date>>) -> Result<Column> {
    let epoch = Date::default();
    let number = |day: Date| i32::try_from((day - epoch).num_days()).unwrap_or_default();
    let days = Int32Chunked::from_iter_options(name.into(), cells.map(|c| c.map(number)));
    days.into_column().cast(&DataType::Date).map_err(failed)
}

fn units(name: &str, cells: impl Iterator<Item = Option<Units>>) -> Column {
    let thousandths = cells.map(|c| c.map(|u| i128::from(u.thousandths())));
    Int128Chunked::from_iter_options(name.into(), thousandths).into_decimal_unchecked(18, 3).into_column()
}

fn frame(columns: Vec<Column>) -> Result<DataFrame> {
    DataFrame::new_infer_height(columns).map_err(failed)
}

/// `claim_lines`.
///
/// # Errors
/// When Polars refuses a column.
pub fn lines(lines: &[ServiceLine]) -> Result<DataFrame> {
    let all = || lines.iter();
    frame(vec![
        text("claim_id", all().map(|l| Some(&*l.claim_id))),
        whole("line_number", all().map(|l| l.line_number)),
        days("service_date", all().map(|l| Some(l.service_date)))?,
        text("payer_id", all().map(|l| Some(&*l.payer))),
        text("plan", all().map(|l| l.plan.as_deref())),
        shown("state", all().map(|l| l.state)),
        shown("zip", all().map(|l| l.zip)),
        shown("locality", all().map(|l| l.locality)),
        shown("pos", all().map(|l| l.pos)),
        text("code", all().map(|l| Some(l.code.as_str()))),
        shown("modifiers", all().map(|l| (!l.modifiers.is_empty()).then_some(l.modifiers))),
        units("units", all().map(|l| Some(l.units))),
        cents("charge_cents", all().map(|l| Some(l.charge))),
        text("diagnosis", all().map(|l| l.diagnosis.as_deref())),
        text("ndc", all().map(|l| l.ndc.as_deref())),
        text("rendering_npi", all().map(|l| l.rendering_npi.as_deref())),
        text("billing_npi", all().map(|l| l.billing_npi.as_deref())),
        shown("patient_key", all().map(|l| l.patient_key.map(|k| format!("{k:016x}")))),
        units("ndc_quantity", all().map(|l| l.ndc_quantity.map(|q| q.quantity))),
        shown("ndc_unit", all().map(|l| l.ndc_quantity.map(|q| q.unit))),
    ])
}

/// `remit_lines`, without the place where each was read, and with all adjustments in one column as in the CSV form.
///
/// # Errors
/// When Polars refuses a column.
pub fn remits(remits: &[Remit]) -> Result<DataFrame> {
    let all = || remits.iter();
    frame(vec![
        text("claim_id", all().map(|r| Some(&*r.claim_id))),
        whole("line_number", all().map(|r| r.line_number)),
        text("payer_id", all().map(|r| Some(&*r.payer))),
        whole("payer_rank", all().map(|r| u32::from(r.payer_rank))),
        text("payer_claim_control_number", all().map(|r| r.payer_claim_control_number.as_deref())),
        whole("claim_status", all().map(|r| u32::from(r.claim_status.number()))),
        days("remit_date", all().map(|r| Some(r.remit_date)))?,
        days("posted_date", all().map(|r| r.posted_date))?,
        shown("code", all().map(|r| r.code)),
        shown("modifiers", all().map(|r| (!r.modifiers.is_empty()).then_some(r.modifiers))),
        shown("submitted_code", all().map(|r| r.submitted_code)),
        units("units", all().map(|r| Some(r.units))),
        cents("charge_cents", all().map(|r| Some(r.charge))),
        cents("paid_cents", all().map(|r| Some(r.paid))),
        cents("allowed_cents", all().map(|r| r.allowed)),
        cents("patient_responsibility_cents", all().map(|r| r.patient_responsibility)),
        text("trace_number", all().map(|r| r.trace_number.as_deref())),
        shown("adjustments", all().map(|r| Some(super::text::adjustments(&r.adjustments)))),
    ])
}

/// `adjustments`: one row per adjustment; `remit_row` is the index of its remittance in `remits`, from 0.
///
/// # Errors
/// When Polars refuses a column.
pub fn adjustments(remits: &[Remit]) -> Result<DataFrame> {
    let all = || {
        let numbered = remits.iter().zip(0_u32..);
        numbered.flat_map(|(remit, row)| remit.adjustments.iter().map(move |a| (row, a)))
    };
    let remarks = |rarcs: &[crate::domain::Rarc]| rarcs.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    frame(vec![
        whole("remit_row", all().map(|(row, _)| row)),
        text("group_code", all().map(|(_, a)| Some(a.group.as_str()))),
        text("carc", all().map(|(_, a)| Some(a.carc.as_str()))),
        shown("rarc", all().map(|(_, a)| Some(remarks(&a.rarcs)).filter(|r| !r.is_empty()))),
        cents("amount_cents", all().map(|(_, a)| Some(a.amount))),
        units("quantity", all().map(|(_, a)| a.quantity)),
    ])
}

/// `claim_volumes`.
///
/// # Errors
/// When Polars refuses a column.
pub fn volumes(volumes: &[Volume]) -> Result<DataFrame> {
    let all = || volumes.iter();
    frame(vec![
        shown("period", all().map(|v| Some(super::text::period(v.period)))),
        text("payer_id", all().map(|v| Some(&*v.payer))),
        shown("state", all().map(|v| v.state)),
        shown("locality", all().map(|v| v.locality)),
        shown("pos", all().map(|v| v.pos)),
        text("code", all().map(|v| Some(v.code.as_str()))),
        shown("modifiers", all().map(|v| (!v.modifiers.is_empty()).then_some(v.modifiers))),
        units("units", all().map(|v| Some(v.units))),
        cents("charge_cents", all().map(|v| v.charge)),
        cents("allowed_cents", all().map(|v| v.allowed)),
        cents("paid_cents", all().map(|v| v.paid)),
    ])
}

/// Writes a frame as Parquet.
///
/// # Errors
/// When writing fails.
pub fn write_parquet(to: impl Write, frame: &mut DataFrame) -> Result<()> {
    ParquetWriter::new(to).finish(frame).map(|_| ()).map_err(failed)
}
