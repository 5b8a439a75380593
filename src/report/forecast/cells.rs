//! Cells, columns and words that all tables of a forecast share. Cents come in as whole numbers and are written as they are: no
//! figure is rounded here that others are sums of.

use rust_decimal::prelude::FromPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::{Date, Money};
use crate::forecast::Month;
use crate::outlook::{Band, Measure};
use crate::report::model::{Cell, Column, ColumnKind};

/// Cents as dollars that a model gives.
pub(super) fn dollars(cents: i64) -> Cell {
    Cell::Number(Decimal::new(cents, 2))
}

/// An estimate in cents as dollars.
pub(super) fn rounded_dollars(cents: Option<f64>) -> Cell {
    cents.and_then(whole_cents).map_or(Cell::Empty, dollars)
}

/// An estimate in cents, rounded once to cents, half away from zero.
pub(super) fn whole_cents(cents: f64) -> Option<i64> {
    use rust_decimal::prelude::ToPrimitive;
    Decimal::from_f64(cents)?.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).to_i64()
}

/// A share as percent with one decimal.
pub(super) fn percent(share: f64) -> Cell {
    Cell::from(percent_of(share))
}

/// As [`percent`]; unknown stays empty.
pub(super) fn maybe_percent(share: Option<f64>) -> Cell {
    share.map_or(Cell::Empty, percent)
}

/// A share in percent with one decimal, half away from zero.
pub(super) fn percent_of(share: f64) -> Option<Decimal> {
    let percent = Decimal::from_f64(share)?.checked_mul(Decimal::ONE_HUNDRED)?;
    Some(percent.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero).normalize())
}

/// `+5%`, `−2.8%`.
pub(super) fn signed_percent(share: f64) -> String {
    match percent_of(share) {
        Some(p) if p.is_sign_negative() && !p.is_zero() => format!("−{}%", p.abs()),
        Some(p) => format!("+{}%", p.abs()),
        None => "an unknown change".to_owned(),
    }
}

/// `11.4%`.
pub(super) fn shown(share: f64) -> String {
    percent_of(share).map_or_else(|| "an unknown share".to_owned(), |p| format!("{p}%"))
}

/// A plain number with two decimals.
pub(super) fn number(value: Option<f64>) -> Cell {
    let rounded = |d: Decimal| d.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero).normalize();
    Cell::from(value.and_then(Decimal::from_f64).map(rounded))
}

pub(super) fn first_day(month: Month) -> Option<Date> {
    month.days().next()
}

pub(super) fn month_cell(month: Month) -> Cell {
    Cell::Text(month.to_string())
}

/// `2026-02`, `2026-02 to 2027-01`.
pub(super) fn span_of(from: Month, to: Month) -> String {
    if from == to { from.to_string() } else { format!("{from} to {to}") }
}

/// Whole dollars for sentences.
pub(super) fn pretty(cents: i64) -> String {
    Money::from_cents(cents).pretty_dollars()
}

/// Hundredths of lines as whole ones, as cents are of dollars: with separators.
pub(super) fn whole_lines(hundredths: i64) -> String {
    pretty(hundredths).replace('$', "")
}

/// `$1,200 more`, `$300 less`, `as much`.
pub(super) fn more(cents: i64) -> String {
    match cents {
        0 => "as much".to_owned(),
        cents => {
            let amount = Money::from_cents(cents).abs().pretty_dollars();
            format!("{amount} {}", if cents < 0 { "less" } else { "more" })
        }
    }
}

pub(super) fn text(name: &str, header: &str) -> Column {
    Column::new(name, header, ColumnKind::Text)
}

pub(super) fn estimate(name: &str, header: &str) -> Column {
    Column::new(name, header, ColumnKind::Estimate)
}

pub(super) fn lines(name: &str, header: &str) -> Column {
    Column::new(name, header, ColumnKind::EstimatedCount)
}

pub(super) fn share(name: &str, header: &str) -> Column {
    Column::new(name, header, ColumnKind::Percent)
}

/// The name of a measure for readers.
pub(super) const fn measure_name(measure: Measure) -> &'static str {
    match measure {
        Measure::Lines => "Lines",
        Measure::Expected => "Expected",
        Measure::Denied => "Denied",
        Measure::Underpaid => "Underpaid",
        Measure::Overpaid => "Overpaid",
        Measure::OffBenchmark => "Off benchmark",
        Measure::Net => "Allowed",
        Measure::Cash => "Cash",
        Measure::CashOfServed => "Cash of services in the files",
        Measure::CashOfForecast => "Cash of services to come",
        Measure::CashPosted => "Cash posted so far",
    }
}

/// The columns of these measures: the machine's name is that of [`Measure::as_str`], with `_low` and `_high` where the measure
/// is shown with its range.
pub(super) fn columns(measures: &[(Measure, bool)], level: u8) -> Vec<Column> {
    let mut columns = Vec::new();
    for (measure, with_range) in measures {
        let (name, header) = (measure.as_str().replace('-', "_"), measure_name(*measure));
        columns.push(if *measure == Measure::Lines { lines(&name, header) } else { estimate(&name, header) });
        if *with_range {
            columns.push(estimate(&format!("{name}_low"), &format!("{header}, low ({level}%)")));
            columns.push(estimate(&format!("{name}_high"), &format!("{header}, high ({level}%)")));
        }
    }
    columns
}

/// The cells under [`columns`]; `of` gives the band of a measure, nothing where it is not known.
pub(super) fn cells(measures: &[(Measure, bool)], level: u8, of: impl Fn(Measure) -> Option<Band>) -> Vec<Cell> {
    let mut row = Vec::new();
    for (measure, with_range) in measures {
        let band = of(*measure);
        let cell = |cents: Option<i64>| cents.map_or(Cell::Empty, dollars);
        row.push(cell(band.map(|b| b.mean)));
        if *with_range {
            let range = band.map(|b| b.range(level));
            row.extend([cell(range.map(|r| r.0)), cell(range.map(|r| r.1))]);
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_changes_are_said_with_one_decimal() {
        assert_eq!((shown(0.1145).as_str(), shown(0.5).as_str()), ("11.5%", "50%"));
        assert_eq!((signed_percent(0.05).as_str(), signed_percent(-0.028).as_str()), ("+5%", "−2.8%"));
        assert_eq!((signed_percent(0.0).as_str(), signed_percent(-0.000_01).as_str()), ("+0%", "+0%"));
        assert_eq!(shown(f64::NAN), "an unknown share");
    }

    #[test]
    fn estimates_are_rounded_once_and_what_is_no_number_is_empty() {
        assert_eq!(rounded_dollars(Some(12_345.5)), Cell::Number(Decimal::new(12_346, 2)));
        assert_eq!(rounded_dollars(Some(-0.5)), Cell::Number(Decimal::new(-1, 2)));
        assert_eq!((rounded_dollars(None), rounded_dollars(Some(f64::INFINITY))), (Cell::Empty, Cell::Empty));
        assert_eq!((more(0), more(-12_345), more(200)), ("as much".into(), "$123 less".into(), "$2 more".into()));
    }
}
