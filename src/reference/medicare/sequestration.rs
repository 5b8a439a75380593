//! Sequestration: the cut of the Medicare programme payment by day of service. Never applied to the allowed amount.

use rust_decimal::Decimal;

use crate::domain::{Date, Period};
use crate::finding::Result;
use crate::reference::sheet::{Row, Sheet};

/// The cuts by period.
#[derive(Debug, Clone)]
pub(super) struct Sequestration(Vec<(Period, Decimal, Row)>);

impl Sequestration {
    pub(super) fn load() -> Result<Self> {
        let sheet = Sheet::embedded("datasets/medicare/sequestration.csv")?;
        let mut periods = Vec::new();
        for record in sheet.records() {
            let last = record.optional_date("to")?.unwrap_or(Date::MAX);
            let until = last.succ_opt().unwrap_or(Date::MAX);
            let period = Period::new(record.date("from")?, until);
            let period = period.ok_or_else(|| record.bad("to", "a day not before the first"))?;
            periods.push((period, record.decimal("rate")?, record.row()));
        }
        Ok(Self(periods))
    }

    /// The fraction cut on the day and where it was read; `None` before 1 April 2013.
    pub(super) fn on(&self, day: Date) -> Option<(Decimal, &Row)> {
        self.0.iter().find(|(period, ..)| period.contains(day)).map(|(_, rate, row)| (*rate, row))
    }

    /// All periods.
    pub(super) fn periods(&self) -> impl Iterator<Item = Period> {
        self.0.iter().map(|(period, ..)| *period)
    }
}
