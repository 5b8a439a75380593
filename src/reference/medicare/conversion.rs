//! Conversion factors: dollars per relative value unit, by day of service.

use rust_decimal::Decimal;

use crate::domain::{Date, Period};
use crate::finding::Result;
use crate::reference::sheet::{Row, Sheet};

/// The dollars per RVU of a period, four decimals.
#[derive(Debug, Clone)]
pub struct ConversionFactor {
    /// Where it was read.
    pub row: Row,
    /// The days of service for which it holds; 2024 has two.
    pub period: Period,
    /// Dollars per RVU.
    pub value: Decimal,
    /// `Some(true)`: only qualifying participants in an advanced payment model; `Some(false)`: all others; `None`: everyone.
    pub qualifying_apm: Option<bool>,
}

/// All factors by first day.
#[derive(Debug, Clone)]
pub(super) struct Factors(Vec<ConversionFactor>);

impl Factors {
    pub(super) fn load() -> Result<Self> {
        let sheet = Sheet::embedded("datasets/medicare/conversion_factors.csv")?;
        let mut factors = Vec::new();
        for record in sheet.records() {
            let period = Period::inclusive(record.date("from")?, record.date("to")?);
            factors.push(ConversionFactor {
                row: record.row(),
                period: period.ok_or_else(|| record.bad("to", "a day not before the first"))?,
                value: record.decimal("factor")?,
                qualifying_apm: match record.text("apm")? {
                    "all" => None,
                    "yes" => Some(true),
                    "no" => Some(false),
                    _ => return Err(record.bad("apm", "all, yes or no")),
                },
            });
        }
        factors.sort_by_key(|factor| factor.period);
        Ok(Self(factors))
    }

    /// The factor in force on the day for this kind of participant.
    pub(super) fn on(&self, day: Date, qualifying_apm: bool) -> Option<&ConversionFactor> {
        self.0
            .iter()
            .find(|factor| factor.period.contains(day) && factor.qualifying_apm.is_none_or(|apm| apm == qualifying_apm))
    }

    /// All factors.
    pub(super) fn iter(&self) -> impl Iterator<Item = &ConversionFactor> {
        self.0.iter()
    }
}
