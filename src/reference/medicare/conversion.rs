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
        let mut factors = Self(read(&Sheet::embedded("datasets/medicare/conversion_factors.csv")?)?);
        factors.0.sort_by_key(|factor| factor.period);
        Ok(factors)
    }

    /// Lays imported factors over these. One that repeats the factor in force on its first day changes nothing: the shipped
    /// periods are exact to the day (2024 has two). Any other holds from its day to the next imported one or its year's end.
    pub(super) fn lay_over(&mut self, imported: &Sheet) -> Result<()> {
        let imported = read(imported)?;
        for (i, new) in imported.iter().enumerate() {
            let shipped = self.on(new.period.from(), new.qualifying_apm == Some(true));
            if shipped.is_some_and(|shipped| shipped.value == new.value) {
                continue;
            }
            let later = imported[i + 1..].iter().filter(|next| next.qualifying_apm == new.qualifying_apm);
            let until = later.map(|next| next.period.from()).filter(|from| *from > new.period.from()).min();
            let until = until.map_or(new.period.until(), |until| until.min(new.period.until()));
            let Some(period) = Period::new(new.period.from(), until) else { continue };
            let mut kept = Vec::new();
            for old in std::mem::take(&mut self.0) {
                let concerned = old.qualifying_apm.is_none()
                    || new.qualifying_apm.is_none()
                    || old.qualifying_apm == new.qualifying_apm;
                let Some(both) = old.period.intersect(period).filter(|_| concerned) else {
                    kept.push(old);
                    continue;
                };
                for part in [Period::new(old.period.from(), both.from()), Period::new(both.until(), old.period.until())]
                {
                    kept.extend(part.map(|period| ConversionFactor { period, ..old.clone() }));
                }
                // A factor for everyone goes on for those of whom the new one does not speak.
                if let (None, Some(apm)) = (old.qualifying_apm, new.qualifying_apm) {
                    kept.push(ConversionFactor { period: both, qualifying_apm: Some(!apm), ..old });
                }
            }
            kept.push(ConversionFactor { period, ..new.clone() });
            self.0 = kept;
        }
        self.0.sort_by_key(|factor| (factor.period, factor.qualifying_apm));
        Ok(())
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

/// The rows of a table of factors, by first day.
fn read(sheet: &Sheet) -> Result<Vec<ConversionFactor>> {
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
    factors.sort_by_key(|factor: &ConversionFactor| factor.period);
    Ok(factors)
}
