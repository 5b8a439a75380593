//! `[worklist]` of the project file: what working costs, how often it is won without a history, where the state is kept.

use std::path::PathBuf;

use rust_decimal::Decimal;

use super::section::Section;
use crate::domain::{Money, round_cents};
use crate::finding::Result;

/// What the user says about working shortfalls; what is `None` has a documented default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorklistSettings {
    /// One contact with a payer: an appeal, a corrected claim, a dispute, with its first line.
    pub cost_per_appeal: Option<Money>,
    /// Each further line in the same contact.
    pub cost_per_line: Option<Money>,
    /// Percent of reworked denials that are won, for a practice without decided rework of its own.
    pub overturn_denied: Option<Decimal>,
    /// The same for underpayments.
    pub overturn_underpaid: Option<Decimal>,
    /// The file that carries earlier work over, relative to the project file's folder.
    pub state: Option<PathBuf>,
}

pub(super) fn settings(mut section: Section<'_, '_>) -> Result<WorklistSettings> {
    let settings = WorklistSettings {
        cost_per_appeal: cost(&mut section, "cost_per_appeal")?,
        cost_per_line: cost(&mut section, "cost_per_line")?,
        overturn_denied: percent(&mut section, "overturn_denied")?,
        overturn_underpaid: percent(&mut section, "overturn_underpaid")?,
        state: section.text("state")?.map(PathBuf::from),
    };
    section.finish()?;
    Ok(settings)
}

/// Dollars and whole cents.
fn cost(section: &mut Section<'_, '_>, key: &'static str) -> Result<Option<Money>> {
    let Some(dollars) = section.decimal(key)? else { return Ok(None) };
    match round_cents(dollars).filter(|cost| cost.dollars() == dollars) {
        Some(cost) => Ok(Some(cost)),
        None => {
            Err(section.error(format!("{key}: found {dollars}, expected dollars and whole cents, such as \"25.00\"")))
        }
    }
}

fn percent(section: &mut Section<'_, '_>, key: &'static str) -> Result<Option<Decimal>> {
    match section.decimal(key)? {
        Some(percent) if percent > Decimal::ONE_HUNDRED => {
            Err(section.error(format!("{key}: found {percent}, expected a percentage from 0 to 100")))
        }
        percent => Ok(percent),
    }
}
