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

    /// Lays imported factors over these. One that repeats the factor in force on its first day changes no figure, since the
    /// shipped periods are exact to the day (2024 has two): from that day to the end of that period it is cited in place of
    /// the shipped row, unless it speaks of fewer participants. Any other holds from its day to the next imported one or its year's end.
    pub(super) fn lay_over(&mut self, imported: &Sheet) -> Result<()> {
        let imported = read(imported)?;
        for (i, new) in imported.iter().enumerate() {
            let first = new.period.from();
            let same = |old: &ConversionFactor| {
                let speaks_of = old.qualifying_apm == new.qualifying_apm || new.qualifying_apm.is_none();
                old.period.contains(first) && old.value == new.value && speaks_of
            };
            let shipped = self.on(first, new.qualifying_apm == Some(true));
            if shipped.is_some_and(|shipped| shipped.value == new.value) {
                let mut before = Vec::new();
                for old in self.0.iter_mut().filter(|old| same(old)) {
                    before.extend(
                        Period::new(old.period.from(), first).map(|period| ConversionFactor { period, ..old.clone() }),
                    );
                    old.period = Period::new(first, old.period.until()).unwrap_or(old.period);
                    old.row = new.row.clone();
                }
                self.0.extend(before);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_imported_factor_that_changes_nothing_is_cited_from_its_day_on() {
        let mut factors = Factors::load().unwrap();
        let sheet = "from,to,factor,apm\n2024-01-01,2024-12-31,32.7442,all\n2025-04-01,2025-12-31,32.3465,all\n";
        factors
            .lay_over(&Sheet::parse("reference/medicare/conversion_factors.csv", sheet.as_bytes()).unwrap())
            .unwrap();
        let on = |day: &str| {
            let factor = factors.on(crate::domain::parse_iso_date(day).unwrap(), false).unwrap();
            (factor.value.to_string(), factor.row.file.starts_with("reference/"), factor.row.line)
        };
        // DOMAIN §1: 32.7442 to 8 March 2024, 33.2875 from 9 March, 32.3465 in 2025.
        assert_eq!(on("2024-03-08"), ("32.7442".to_owned(), true, 2));
        assert_eq!((on("2024-03-09").0.as_str(), on("2024-03-09").1), ("33.2875", false));
        // A release of April does not speak of January.
        assert_eq!((on("2025-03-31").0.as_str(), on("2025-03-31").1), ("32.3465", false));
        assert_eq!(on("2025-04-01"), ("32.3465".to_owned(), true, 3));
    }
}
