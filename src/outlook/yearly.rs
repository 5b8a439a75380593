//! Yearly volumes: breaks that stand out of them, and how little so few points say of the years to come.

#![expect(clippy::float_arithmetic, reason = "estimates")]

use std::collections::BTreeMap;

use chrono::Datelike;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::chance::float;
use crate::domain::{Money, Volume};
use crate::finding::{Error, Place, Result};
use crate::forecast::events::{Band, Scale, band, shifts};

/// Units and payments by year; payments are `None` where they are not told of every row.
pub type Years = BTreeMap<i32, (Decimal, Option<Money>)>;

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
    let mut sums = Years::new();
    for volume in volumes {
        let (from, last) = (volume.period.from(), volume.period.last());
        if from.year() != last.year() || from.ordinal() != 1 || (last.month(), last.day()) != (12, 31) {
            continue;
        }
        let sum = sums.entry(from.year()).or_insert((Decimal::ZERO, Some(Money::ZERO)));
        sum.0 += volume.units.decimal();
        sum.1 = sum.1.zip(volume.paid.or(volume.allowed)).map(|(a, b)| a + b);
    }
    of_years(sums, horizon, level)
}

/// The same of sums by year.
#[must_use]
pub fn of_years(sums: Years, horizon: u32, level: f64) -> Option<Yearly> {
    let years: Vec<(i32, Decimal, Option<Money>)> =
        sums.into_iter().map(|(y, (units, paid))| (y, units.normalize(), paid)).collect();
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

/// What columns of years, units and payments are called in tables of volumes: the Medicare utilisation files of the CMS, extracts of
/// them, and our own.
const YEAR: [&str; 3] = ["year", "period", "calendar_year"];
const UNITS: [&str; 7] = ["services", "units", "tot_srvcs", "total_services", "lines", "volume", "count"];
const PAID: [&str; 5] = ["paid", "payments", "medicare_payments", "total_payments", "payment"];

/// Reads a table with a row (or several) for each year: a column of years and one of services or units, and where there is one, a
/// column of payments, all by their names. `None` when it is another table; `place` is its name in errors.
///
/// # Errors
/// The first cell under these columns that makes no sense, by line and column.
pub fn read_years(bytes: &[u8], place: &str) -> Result<Option<Years>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let Ok(header) = reader.headers().cloned() else { return Ok(None) };
    let name = |h: &str| h.trim().trim_start_matches('\u{feff}').to_lowercase().replace(' ', "_");
    let names: Vec<String> = header.iter().map(name).collect();
    let find = |wanted: &[&str]| wanted.iter().find_map(|w| names.iter().position(|n| n == w));
    let is_long = names.iter().any(|n| n == "series");
    let (Some(year), Some(units)) = (find(&YEAR), find(&UNITS)) else { return Ok(None) };
    let paid = find(&PAID);
    if is_long {
        return Ok(None);
    }
    let mut years = Years::new();
    for record in reader.records() {
        let record = record.map_err(|e| Error::input("the file is no CSV").at(Place::file(place)).because(e))?;
        let line = record.position().map_or(0, |p| u32::try_from(p.line()).unwrap_or(u32::MAX));
        let cell = |at: usize| record.get(at).unwrap_or_default().trim();
        let wrong = |at: usize, expected: &str| {
            Error::input(format!("found \"{}\", expected {expected}", super::excerpt(cell(at))))
                .at(Place::line(place, line).column(names.get(at).map_or("", String::as_str)))
        };
        let number = |at: usize| cell(at).replace([',', '$'], "").parse::<Decimal>().ok();
        let Some(of) = cell(year).parse::<i32>().ok().filter(|y| (1900..=2200).contains(y)) else {
            // Periods other than years: months, spans of days.
            if names.get(year).is_some_and(|n| n == "period") {
                return Ok(None);
            }
            return Err(wrong(year, "a year"));
        };
        let count = number(units).filter(|n| !n.is_sign_negative());
        let count = count.ok_or_else(|| wrong(units, "a number of services that is not negative"))?;
        let amount = match paid {
            Some(at) if !cell(at).is_empty() => {
                let dollars = number(at).ok_or_else(|| wrong(at, "an amount of dollars"))?;
                Some(crate::domain::round_cents(dollars).ok_or_else(|| wrong(at, "an amount of dollars"))?)
            }
            _ => None,
        };
        let sum = years.entry(of).or_insert((Decimal::ZERO, Some(Money::ZERO)));
        sum.0 = sum.0.checked_add(count).ok_or_else(|| wrong(units, "a smaller number"))?;
        sum.1 = sum.1.zip(amount).map(|(a, b)| a + b);
    }
    Ok((!years.is_empty()).then_some(years))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Years>> {
        read_years(text.as_bytes(), "y.csv")
    }

    #[test]
    fn tables_of_years_are_known_by_their_columns() {
        let found = read("\u{feff}Year,Services,medicare payments\n2021,\"1,000\",$12.50\n2020,7,1\n2021,5,\n")
            .unwrap()
            .unwrap();
        // A payment that is not told of every row of a year is not known of the year.
        let expected = [(2020, (7.into(), Some(Money::from_cents(100)))), (2021, (1005.into(), None))];
        assert!(found.into_iter().eq(expected));
        for other in ["series,t,y\na,1,2\n", "period,units\n2024-01,3\n", "year,price\n2020,1\n", "year,units\n", ""] {
            assert_eq!(read(other).unwrap(), None, "{other}");
        }
        for (text, place) in [
            ("year,units\n20x0,1\n", "y.csv:2, column \"year\""),
            ("year,units\n2020,1\n2021,-1\n", "y.csv:3, column \"units\""),
            ("year,units,paid\n2020,1,abc\n", "y.csv:2, column \"paid\""),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(place), "{error}");
        }
    }
}
