//! Hospital outpatient rates (OPPS Addendum B): what the facility bills where the professional line is not payable.
//! For information; nothing here is ever expected of a practice's payer.

use chrono::Datelike;
use rust_decimal::Decimal;
use rustc_hash::FxHashMap;

use crate::domain::{Code, Date, Period};
use crate::finding::Result;
use crate::reference::sheet::{Row, Sheet};

use super::asp::quarter;

/// The outpatient rate of one code from one quarterly file.
#[derive(Debug, Clone)]
pub struct Opps {
    /// Where it was read.
    pub row: Row,
    /// The days for which it is used here.
    pub period: Period,
    /// Status indicator (`Q1`: packaged with an S, T or V service of the same day).
    pub status: String,
    /// Ambulatory payment classification.
    pub apc: Option<String>,
    /// National rate in dollars, before the wage index; `None` when the service is not paid separately.
    pub rate: Option<Decimal>,
    /// Least copay in dollars.
    pub copay: Option<Decimal>,
}

/// All rates by code, each code's rows by first day.
#[derive(Debug, Clone)]
pub(super) struct OppsRates(FxHashMap<Code, Vec<Opps>>);

impl OppsRates {
    pub(super) fn load() -> Result<Self> {
        let sheet = Sheet::embedded("datasets/medicare/opps.csv")?;
        let mut by_code: FxHashMap<Code, Vec<Opps>> = FxHashMap::default();
        for record in sheet.records() {
            let status = record.text("status")?.to_owned();
            let mut period =
                quarter(record.date("quarter")?).ok_or_else(|| record.bad("quarter", "the first day of a quarter"))?;
            // A service keeps its weight for the calendar year; only drugs change with the quarter.
            if !matches!(status.as_str(), "G" | "K" | "K1") {
                let year_end = Date::from_ymd_opt(period.from().year() + 1, 1, 1);
                period = year_end.and_then(|end| Period::new(period.from(), end)).unwrap_or(period);
            }
            let apc = Some(record.text("apc")?).filter(|apc| !apc.is_empty()).map(str::to_owned);
            by_code.entry(record.value("code")?).or_default().push(Opps {
                row: record.row(),
                period,
                status,
                apc,
                rate: record.optional_decimal("rate")?,
                copay: record.optional_decimal("copay")?,
            });
        }
        for rows in by_code.values_mut() {
            rows.sort_by_key(|opps| opps.period);
        }
        Ok(Self(by_code))
    }

    /// The rate on the day: of the last file of its year that had begun.
    pub(super) fn on(&self, code: Code, day: Date) -> Option<&Opps> {
        self.0.get(&code)?.iter().rev().find(|opps| opps.period.contains(day))
    }

    /// All periods, unordered.
    pub(super) fn periods(&self) -> impl Iterator<Item = Period> {
        self.0.values().flatten().map(|opps| opps.period)
    }
}
