//! `[[rate_change]]` of the project file: a change of rates that is known (or assumed) for a day to come.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::section::Section;
use crate::domain::Date;
use crate::finding::Result;

/// What changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeOf {
    /// Medicare's conversion factor, and all that is paid by the current year's.
    ConversionFactor,
    /// All rates of one payer (its id).
    Payer(Arc<str>),
}

/// A dated change of rates, on top of the schedules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateChange {
    /// The first day.
    pub date: Date,
    /// What changes.
    pub of: ChangeOf,
    /// By how many percent: −2.8 for 2.8 % less. More than −100, at most 1,000.
    pub percent: Decimal,
    /// A word for charts.
    pub label: Option<String>,
}

/// Reads one; `payer` finds the id of a payer by any of its names.
pub(super) fn rate_change(
    mut section: Section<'_, '_>,
    payer: impl Fn(&str) -> Option<Arc<str>>,
) -> Result<RateChange> {
    let date = section.required_date("date")?;
    let text = section.required("percent")?;
    let percent = Decimal::from_str_exact(text.trim().trim_end_matches('%').trim().trim_start_matches('+')).ok();
    let sound = percent.filter(|p| *p > Decimal::from(-100) && *p <= Decimal::from(1000));
    let Some(percent) = sound else {
        return Err(section.error(format!("percent: found \"{text}\", expected a change in percent, such as \"-2.8\"")));
    };
    let of = match section.text("payer")? {
        None => ChangeOf::ConversionFactor,
        Some(name) => match payer(&name) {
            Some(id) => ChangeOf::Payer(id),
            None => return Err(section.error(format!("payer: \"{name}\" is none of the payers above"))),
        },
    };
    let label = section.text("label")?;
    section.finish()?;
    Ok(RateChange { date, of, percent, label })
}
