//! Ranges of payment that billing guides claim. They are compared with data; nothing is ever priced by them.

use rust_decimal::Decimal;

use crate::domain::Code;
use crate::finding::Result;

use super::sheet::{Row, Sheet};

/// A claim that a code pays from `low` to `high` dollars.
#[derive(Debug, Clone)]
pub struct ClaimedRange {
    /// Where it stands in our files.
    pub row: Row,
    /// The code.
    pub code: Code,
    /// Of whose payments: `medicare`, `medicaid`, `commercial` or `all`.
    pub payers: String,
    /// Dollars, included.
    pub low: Decimal,
    /// Dollars, included.
    pub high: Decimal,
}

/// Reads the embedded claims, in their order.
pub(super) fn load() -> Result<Vec<ClaimedRange>> {
    let sheet = Sheet::embedded("datasets/circulating/claimed_ranges.csv")?;
    let mut ranges = Vec::new();
    for record in sheet.records() {
        ranges.push(ClaimedRange {
            row: record.row(),
            code: record.value("code")?,
            payers: record.text("payers")?.to_owned(),
            low: record.decimal("low")?,
            high: record.decimal("high")?,
        });
    }
    Ok(ranges)
}
