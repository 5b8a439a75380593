//! What Medicare publishes, by day of service: relative values, indices, conversion factors, localities of ZIP codes, drug
//! limits, outpatient rates, sequestration. Looks figures up; which of them apply to a line is decided in `price`.

mod asp;
mod conversion;
mod fee;
mod gpci;
mod listing;
mod opps;
mod rvu;
mod sequestration;
mod zip;

pub use asp::Asp;
pub use conversion::ConversionFactor;
pub use fee::{Parts, fee, unrounded_fee};
pub use gpci::Gpci;
pub use listing::{RateFilter, RateRow};
pub use opps::Opps;
pub use rvu::{Cap, Rvu};
pub use zip::ZipLocality;

use rust_decimal::Decimal;

use crate::domain::{Code, Date, Locality, Modifier, Modifiers, Money, Period, State, Zip};
use crate::finding::Result;

use super::sheet::{Row, Sheet};

/// The Medicare tables.
#[derive(Debug, Clone)]
pub struct Medicare {
    rvus: rvu::Rvus,
    gpcis: gpci::Gpcis,
    factors: conversion::Factors,
    zips: zip::Zips,
    asps: asp::Asps,
    opps: opps::OppsRates,
    sequestration: sequestration::Sequestration,
}

impl Medicare {
    /// Reads the embedded tables.
    pub(super) fn load() -> Result<Self> {
        Ok(Self {
            rvus: rvu::Rvus::load()?,
            gpcis: gpci::Gpcis::load()?,
            factors: conversion::Factors::load()?,
            zips: zip::Zips::load()?,
            asps: asp::Asps::load()?,
            opps: opps::OppsRates::load()?,
            sequestration: sequestration::Sequestration::load()?,
        })
    }

    /// Lays a table of an import over this one; `false` when the path is none of the tables here.
    pub(super) fn lay_over(&mut self, path: &str, name: &str, sheet: &Sheet) -> Result<bool> {
        match path {
            "medicare/rvu.csv" => self.rvus = rvu::Rvus::with(sheet)?,
            "medicare/gpci.csv" => self.gpcis.lay_over(sheet)?,
            "medicare/conversion_factors.csv" => self.factors.lay_over(sheet)?,
            "medicare/zip_locality.csv" => self.zips = zip::Zips::read(name, sheet)?,
            "medicare/asp_limits.csv" => self.asps.lay_over(sheet)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The relative values for a line: the row of its part of the service (26, TC, 53) where the release has one, else the
    /// row without a modifier. The second value names a part for which an imported release has no row: the line then has no
    /// published fee. Shipped releases list no parts, and codes around 96372 have none.
    #[must_use]
    pub fn rvu_of_line(&self, code: Code, modifiers: Modifiers, day: Date) -> (Option<&Rvu>, Option<Modifier>) {
        let whole = self.rvu(code, day);
        let Some(part) = modifiers.iter().find(|modifier| rvu::PARTS.contains(&modifier.as_str())) else {
            return (whole, None);
        };
        match self.rvus.part_on(code, part, day) {
            Some(row) => (Some(row), None),
            None => (whole, whole.is_some_and(|rvu| rvu.imported).then_some(part)),
        }
    }

    /// The relative values of a code on a day, from the row without a modifier; `None` when no release lists it.
    ///
    /// A row is not yet a fee: see [`Rvu::has_fee`] and [`Rvu::payable_in`].
    #[must_use]
    pub fn rvu(&self, code: Code, day: Date) -> Option<&Rvu> {
        self.rvus.on(code, day)
    }

    /// The codes that some release of the physician schedule or some drug file lists, sorted.
    #[must_use]
    pub fn codes(&self) -> Vec<Code> {
        let mut codes = self.rvus.codes();
        codes.extend(self.asps.codes());
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// Whether a release of the physician schedule covers the day.
    #[must_use]
    pub fn covers(&self, day: Date) -> bool {
        self.rvus.releases().iter().any(|period| period.contains(day))
    }

    /// The days of each release of the physician schedule, by first day.
    #[must_use]
    pub fn releases(&self) -> &[Period] {
        self.rvus.releases()
    }

    /// The indices of a locality in the year of the day; `None` when the year does not know the locality.
    #[must_use]
    pub fn gpci(&self, locality: Locality, day: Date) -> Option<&Gpci> {
        self.gpcis.on(locality, day)
    }

    /// All localities of the year of the day, in order.
    pub fn localities(&self, day: Date) -> impl Iterator<Item = (Locality, &Gpci)> {
        self.gpcis.all(day)
    }

    /// The localities listed under a state in the year of the day, in order.
    #[must_use]
    pub fn localities_of(&self, state: State, day: Date) -> Vec<Locality> {
        self.gpcis.all(day).filter(|(_, gpci)| gpci.state == state).map(|(locality, _)| locality).collect()
    }

    /// Dollars per RVU on a day. `qualifying_apm`: the billing provider qualifies by an advanced payment model (from 2026).
    #[must_use]
    pub fn conversion_factor(&self, day: Date, qualifying_apm: bool) -> Option<&ConversionFactor> {
        self.factors.on(day, qualifying_apm)
    }

    /// All conversion factors, by first day.
    pub fn conversion_factors(&self) -> impl Iterator<Item = &ConversionFactor> {
        self.factors.iter()
    }

    /// The fee of a code in a setting before any local index (all indices 1), as CMS prints it in the national table, with the
    /// rows it is computed from; `None` where the professional line is not payable there or there is no fee.
    #[must_use]
    pub fn national_fee(&self, code: Code, day: Date, facility: bool) -> Option<(Money, [&Row; 2])> {
        let one = Parts { work: Decimal::ONE, pe: Decimal::ONE, mp: Decimal::ONE };
        let rvu = self.rvu(code, day).filter(|rvu| rvu.payable_in(facility))?;
        let factor = self.conversion_factor(day, false)?;
        Some((rvu.fee(one, factor.value, facility)?, [&rvu.row, &factor.row]))
    }

    /// The locality of a ZIP code; `None` when the ZIP code is not in the file.
    #[must_use]
    pub fn zip(&self, zip: Zip) -> Option<ZipLocality> {
        self.zips.find(zip)
    }

    /// The payment limit of a drug in the quarter of the day; `None` when that quarter is not in the data.
    #[must_use]
    pub fn asp(&self, code: Code, day: Date) -> Option<&Asp> {
        self.asps.on(code, day)
    }

    /// What a hospital outpatient department is paid for a code on a day.
    #[must_use]
    pub fn opps(&self, code: Code, day: Date) -> Option<&Opps> {
        self.opps.on(code, day)
    }

    /// The fraction by which the programme payment is cut on a day: 0, 0.01 or 0.02.
    #[must_use]
    pub fn sequestration(&self, day: Date) -> Decimal {
        self.sequestration.on(day).map_or(Decimal::ZERO, |(rate, _)| rate)
    }

    /// The row that sets [`Self::sequestration`]; `None` on days before there was any.
    #[must_use]
    pub fn sequestration_row(&self, day: Date) -> Option<&Row> {
        self.sequestration.on(day).map(|(_, row)| row)
    }

    /// Every day on which something here begins or ends; unordered, with repeats.
    pub(super) fn boundaries(&self) -> Vec<Date> {
        let years = self.gpcis.years().filter_map(|year| {
            Period::new(Date::from_ymd_opt(year, 1, 1)?, Date::from_ymd_opt(year.checked_add(1)?, 1, 1)?)
        });
        self.rvus
            .releases()
            .iter()
            .copied()
            .chain(years)
            .chain(self.factors.iter().map(|factor| factor.period))
            .chain(self.asps.periods())
            .chain(self.opps.periods())
            .chain(self.sequestration.periods())
            .flat_map(|period| [period.from(), period.until()])
            .collect()
    }
}
