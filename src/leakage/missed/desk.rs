//! Prices lines that were not billed: the same day, place and payer, another code.

use std::collections::BTreeMap;

use chrono::Datelike;
use rustc_hash::FxHashMap;

use crate::domain::{Code, Expected, Modifiers, Money, ServiceLine, Units, Unknown, round_cents};
use crate::price::{Key, Pricer, UnitPrice, extend};

/// The practice's usual charges, and prices that were worked out before.
pub(super) struct Desk<'p, 'r> {
    pub(super) pricer: &'p Pricer<'r>,
    charges: BTreeMap<(Code, i32), Money>,
    prices: FxHashMap<Key, UnitPrice>,
}

impl<'p, 'r> Desk<'p, 'r> {
    pub(super) fn new(pricer: &'p Pricer<'r>, lines: &[ServiceLine]) -> Self {
        let mut seen: FxHashMap<(Code, i32), FxHashMap<Money, u64>> = FxHashMap::default();
        for line in lines {
            if let Some(charge) = per_unit(line) {
                let code_and_year = (line.code, line.service_date.year());
                *seen.entry(code_and_year).or_default().entry(charge).or_default() += 1;
            }
        }
        let usual = |charges: FxHashMap<Money, u64>| {
            // The most frequent; of equals the lowest.
            charges.into_iter().max_by_key(|(charge, count)| (*count, std::cmp::Reverse(*charge))).map(|(c, _)| c)
        };
        let charges = seen.into_iter().filter_map(|(key, charges)| Some((key, usual(charges)?))).collect();
        Self { pricer, charges, prices: FxHashMap::default() }
    }

    /// What one unit is usually charged in that year, or in the nearest one in which the code was billed.
    fn usual_charge(&self, code: Code, year: i32) -> Option<Money> {
        let years = self.charges.range((code, i32::MIN)..=(code, i32::MAX));
        years.min_by_key(|((_, other), _)| (other.abs_diff(year), *other)).map(|(_, charge)| *charge)
    }

    /// What a line should be allowed as it stands.
    pub(super) fn expected(&mut self, line: &ServiceLine) -> Expected {
        extend(&self.unit(line), line.units, line.charge)
    }

    /// What the same line should be allowed with other units, its charge in proportion.
    pub(super) fn with_units(&mut self, line: &ServiceLine, units: Units) -> Expected {
        let charge = (line.charge.dollars().checked_mul(units.decimal()))
            .and_then(|product| product.checked_div(line.units.decimal()))
            .and_then(round_cents);
        match (self.unit(line), charge) {
            (unit, Some(charge)) => extend(&unit, units, charge),
            (_, None) => Expected::Unknown(Unknown::TooLarge),
        }
    }

    /// What these units of another code should have been allowed, on the day, at the place and by the payer of a line.
    pub(super) fn other(&mut self, model: &ServiceLine, code: Code, modifiers: Modifiers, units: Units) -> Expected {
        let line = ServiceLine { code, modifiers, units, ndc: None, ndc_quantity: None, ..model.clone() };
        let charge = self.usual_charge(code, line.service_date.year());
        let charge = charge.and_then(|charge| round_cents(charge.dollars().checked_mul(units.decimal())?));
        match (self.unit(&line), charge) {
            (unit, Some(charge)) => extend(&unit, units, charge),
            // A share of a charge that the practice never made is not known.
            (UnitPrice::OfCharge { .. }, None) => Expected::Unknown(Unknown::NoRate),
            // Nothing is less than a charge that is not known.
            (unit, None) => extend(&unit, units, Money::from_cents(i64::MAX)),
        }
    }

    fn unit(&mut self, line: &ServiceLine) -> UnitPrice {
        let (key, _) = self.pricer.key(line, None);
        let pricer = self.pricer;
        *self.prices.entry(key).or_insert_with_key(|key| pricer.price(key).unit)
    }
}

/// The charge of one unit, where it is whole cents.
fn per_unit(line: &ServiceLine) -> Option<Money> {
    let charge = line.charge.dollars().checked_div(line.units.decimal())?;
    let cents = round_cents(charge)?;
    (cents.dollars() == charge && cents > Money::ZERO).then_some(cents)
}
