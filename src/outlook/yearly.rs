//! Yearly volumes: breaks that stand out of them, and how little so few points say of the years to come.

#![expect(clippy::float_arithmetic, reason = "estimates")]

use std::collections::BTreeMap;

use chrono::Datelike;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::chance::float;
use crate::domain::{Money, Volume};
use crate::forecast::events::{Band, Scale, band, shifts};

/// A sudden change that stayed.
#[derive(Debug, Clone, PartialEq)]
pub struct Break {
    /// The first year on the new level.
    pub year: i32,
    /// `units` or `paid per unit`.
    pub what: &'static str,
    /// The new level over the old one, beyond the usual change: 0.8 is a fifth less.
    pub factor: f64,
}

/// Yearly volumes and what they support.
#[derive(Debug, Clone, PartialEq)]
pub struct Yearly {
    /// By year: units, and what was paid (`None` where the files do not tell it).
    pub years: Vec<(i32, Decimal, Option<Money>)>,
    /// Breaks, by year.
    pub breaks: Vec<Break>,
    /// Units of the years to come; none where the points support nothing.
    pub bands: Vec<(i32, Band)>,
    /// What must be said.
    pub notes: Vec<String>,
}

/// A shift that chance makes more often than once in twenty series is none.
const RARE: f64 = 0.05;

/// Sums volumes that each count a whole calendar year; `None` without three years in a row.
#[must_use]
pub fn yearly(volumes: &[Volume], horizon: u32, level: f64) -> Option<Yearly> {
    let mut sums: BTreeMap<i32, (Decimal, Option<Money>)> = BTreeMap::new();
    for volume in volumes {
        let (from, last) = (volume.period.from(), volume.period.last());
        if from.year() != last.year() || from.ordinal() != 1 || (last.month(), last.day()) != (12, 31) {
            continue;
        }
        let sum = sums.entry(from.year()).or_insert((Decimal::ZERO, Some(Money::ZERO)));
        sum.0 += volume.units.decimal();
        sum.1 = sum.1.zip(volume.paid.or(volume.allowed)).map(|(a, b)| a + b);
    }
    let years: Vec<(i32, Decimal, Option<Money>)> =
        sums.into_iter().map(|(y, (units, paid))| (y, units, paid)).collect();
    let in_a_row = years.windows(2).all(|w| w[1].0 - w[0].0 == 1);
    if years.len() < 3 || !in_a_row {
        return None;
    }
    let units: Vec<f64> = years.iter().map(|y| y.1.to_f64().unwrap_or(0.0)).collect();
    let per_unit: Option<Vec<f64>> =
        years.iter().zip(&units).map(|(y, u)| y.2.filter(|_| *u > 0.0).map(|paid| float(paid) / u)).collect();
    let first = years[0].0;
    let year = |at: usize| first.saturating_add(i32::try_from(at).unwrap_or(i32::MAX));
    let mut breaks = Vec::new();
    for (what, values) in [("units", Some(&units)), ("paid per unit", per_unit.as_ref())] {
        let Some(values) = values else { continue };
        let found = shifts(values, Scale::Log, RARE);
        breaks.extend(found.into_iter().map(|s| Break { year: year(s.at), what, factor: s.size.exp() }));
    }
    breaks.sort_by(|a, b| (a.year, a.what).cmp(&(b.year, b.what)));
    let (mut bands, mut notes) = (Vec::new(), Vec::new());
    for step in 1..=horizon {
        match band(&units, Scale::Log, step, level) {
            Ok(one) => {
                if step == 1 {
                    notes.push(one.to_string());
                }
                bands.push((year(units.len() - 1).saturating_add(i32::try_from(step).unwrap_or(i32::MAX)), one));
            }
            Err(why) => {
                notes.push(why.to_string());
                break;
            }
        }
    }
    Some(Yearly { years, breaks, bands, notes })
}
