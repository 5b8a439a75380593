//! Figures as people read them: cells, short money for charts, percentages. Never computes money.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::{Date, Money};
use crate::report::{Cell, ColumnKind, ValueUnit};

/// Money short enough for a bar: `$1,234`, `$12.3k`, `$123k`, `$1.23M`, `$1.2B`; below $100 with its cents.
pub(super) fn short_money(money: Money) -> String {
    let cents = money.cents().unsigned_abs();
    let sign = if money.cents() < 0 { "−" } else { "" };
    if cents < 10_000 && !cents.is_multiple_of(100) {
        return money.pretty();
    }
    // (one unit in cents, its letter); the number is kept to three digits.
    let units: [(u64, &str); 3] = [(100_000, "k"), (100_000_000, "M"), (100_000_000_000, "B")];
    if cents < 999_950 {
        return money.pretty_dollars();
    }
    for (unit, letter) in units {
        for decimals in [2_u32, 1, 0] {
            let parts = 10_u64.pow(decimals);
            // Half away from zero, in whole numbers: unit is a multiple of 2 × parts.
            let shown = (cents + unit / parts / 2) / (unit / parts);
            let room = if decimals == 2 && letter == "k" { 0 } else { 1000 };
            if shown < room {
                let (whole, part) = (shown / parts, shown % parts);
                return match decimals {
                    0 => format!("{sign}${whole}{letter}"),
                    d => format!("{sign}${whole}.{part:0width$}{letter}", width = d as usize),
                };
            }
        }
    }
    money.pretty_dollars()
}

/// Whole dollars when they fit, else short money.
pub(super) fn fitting_money(money: Money, fits: impl Fn(&str) -> bool) -> String {
    let long = money.pretty_dollars();
    if money.cents().unsigned_abs() >= 10_000 && fits(&long) { long } else { short_money(money) }
}

/// One decimal, half away from zero: `12.5%`.
pub(super) fn percent(value: Decimal) -> String {
    format!("{}%", minus(&round(value, 1).to_string()))
}

/// The value with this many decimals, half away from zero.
fn round(value: Decimal, decimals: u32) -> Decimal {
    let mut value = value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    value.rescale(decimals);
    value
}

/// A value of a chart in full: `$12,345`, `1,234`, `12.5%`, `0.87`; small dollars with cents, small counts with a tenth.
pub(super) fn value(value: Decimal, unit: ValueUnit) -> String {
    let small = value.abs() < Decimal::ONE_HUNDRED && !value.fract().is_zero();
    match unit {
        ValueUnit::Dollars => dollars(value, if small { 2 } else { 0 }),
        ValueUnit::Count => grouped(value, u32::from(small)),
        ValueUnit::Percent => percent(value),
        ValueUnit::Number => grouped(value, 2),
    }
}

/// A value of a chart in few letters: `$12.3k`, `1.23M`; beyond all money with a power of ten.
pub(super) fn short_value(value: Decimal, unit: ValueUnit) -> String {
    let money = |v: Decimal| {
        // A thousandth of what cents can hold: no report needs more, and no rounding can overflow.
        let cents = round(v.checked_mul(Decimal::ONE_HUNDRED)?, 0).to_i64()?;
        (cents.unsigned_abs() < i64::MAX.unsigned_abs() / 1000).then(|| short_money(Money::from_cents(cents)))
    };
    let power = |v: Decimal| minus(&format!("{:.1e}", v.to_f64().unwrap_or(0.0)));
    match unit {
        ValueUnit::Percent | ValueUnit::Number => self::value(value, unit),
        ValueUnit::Dollars => money(value).unwrap_or_else(|| format!("{} $", power(value))),
        ValueUnit::Count if value.abs() < Decimal::ONE_THOUSAND => self::value(value, unit),
        ValueUnit::Count => money(value).map_or_else(|| power(value), |text| text.replacen('$', "", 1)),
    }
}

/// In full where that fits, else in few letters.
pub(super) fn fitting_value(number: Decimal, unit: ValueUnit, fits: impl Fn(&str) -> bool) -> String {
    let long = value(number, unit);
    if fits(&long) { long } else { short_value(number, unit) }
}

/// `$1,234.50`, `−$45`.
fn dollars(value: Decimal, decimals: u32) -> String {
    let text = grouped(value, decimals);
    text.strip_prefix('−').map_or_else(|| format!("${text}"), |digits| format!("−${digits}"))
}

/// With separators and this many decimals, half away from zero: `1,234.5`.
fn grouped(value: Decimal, decimals: u32) -> String {
    let value = round(value, decimals);
    let text = value.abs().to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::from(if value.is_sign_negative() && !value.is_zero() { "−" } else { "" });
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !part.is_empty() {
        out.push('.');
        out.push_str(part);
    }
    out
}

/// A real minus sign instead of a hyphen.
pub(super) fn minus(number: &str) -> String {
    number.strip_prefix('-').map_or_else(|| number.to_owned(), |n| format!("−{n}"))
}

/// A whole number with separators: `21,000`.
pub(super) fn count(n: i64) -> String {
    // The separators of dollars are those of counts.
    let dollars = Money::from_cents(n.saturating_mul(100)).pretty_dollars();
    dollars.replacen('$', "", 1)
}

/// `2024-03-09`.
pub(super) fn date(day: Date) -> String {
    day.format("%Y-%m-%d").to_string()
}

/// A cell as a person reads it; an empty one is a dash.
pub(super) fn cell(cell: &Cell, kind: ColumnKind) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Money(money) => money.pretty(),
        Cell::Count(n) => count(*n),
        Cell::Number(value) => match kind {
            ColumnKind::Percent => percent(*value),
            ColumnKind::Rate | ColumnKind::Money => rate(*value),
            ColumnKind::Estimate => dollars(*value, 2),
            ColumnKind::EstimatedCount => grouped(*value, 1),
            _ => minus(&value.to_string()),
        },
        Cell::Date(day) => date(*day),
        Cell::Empty => "–".to_owned(),
    }
}

/// Dollars per unit with at least two decimals and as many as it has: `$13.78`, `$0.0475`.
fn rate(value: Decimal) -> String {
    let value = if value.scale() < 2 { round(value, 2) } else { value };
    let sign = if value.is_sign_negative() && !value.is_zero() { "−" } else { "" };
    format!("{sign}${}", value.abs())
}

/// A cell as another program reads it: plain decimals, ISO dates, nothing for empty.
pub(super) fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Money(money) => money.to_string(),
        Cell::Count(n) => n.to_string(),
        Cell::Number(value) => value.to_string(),
        Cell::Date(day) => date(*day),
        Cell::Empty => String::new(),
    }
}

/// The unit of a column for machines.
pub(super) const fn unit(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text => "text",
        ColumnKind::Money => "usd",
        ColumnKind::Count => "count",
        ColumnKind::Percent => "percent",
        ColumnKind::Rate => "usd-per-unit",
        ColumnKind::Number => "number",
        // The column of data kinds says that these are estimates.
        ColumnKind::Estimate => "usd",
        ColumnKind::EstimatedCount => "count",
        ColumnKind::Date => "date",
    }
}

/// Whether a column is set to the right.
pub(super) const fn is_number(kind: ColumnKind) -> bool {
    !matches!(kind, ColumnKind::Text | ColumnKind::Date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_on_a_bar_keeps_three_digits() {
        let cases = [
            (0, "$0"),
            (1_378, "$13.78"),
            (4_500, "$45"),
            (123_449, "$1,234"),
            (999_949, "$9,999"),
            (999_950, "$10.0k"),
            (1_234_567, "$12.3k"),
            (9_994_999, "$99.9k"),
            (9_995_000, "$100k"),
            (99_949_999, "$999k"),
            (99_950_000, "$1.00M"),
            (123_456_789, "$1.23M"),
            (-123_456_789, "−$1.23M"),
            (12_345_678_900, "$123M"),
            (123_456_789_000, "$1.23B"),
        ];
        for (cents, text) in cases {
            assert_eq!(short_money(Money::from_cents(cents)), text, "{cents}");
        }
    }

    #[test]
    fn cells_read_as_their_column_says() {
        let number = |text: &str| Cell::Number(text.parse().unwrap());
        assert_eq!(cell(&number("12.25"), ColumnKind::Percent), "12.3%");
        assert_eq!(cell(&number("-3"), ColumnKind::Percent), "−3.0%");
        assert_eq!(cell(&number("13.5"), ColumnKind::Rate), "$13.50");
        assert_eq!(cell(&number("0.0475"), ColumnKind::Rate), "$0.0475");
        assert_eq!(cell(&number("12345.6"), ColumnKind::Estimate), "$12,345.60");
        assert_eq!(cell(&number("-0.005"), ColumnKind::Estimate), "−$0.01");
        assert_eq!(cell(&number("-0.004"), ColumnKind::Estimate), "$0.00");
        assert_eq!(cell(&number("1234.25"), ColumnKind::EstimatedCount), "1,234.3");
        assert_eq!(cell(&Cell::Count(-21_000), ColumnKind::Count), "−21,000");
        assert_eq!(cell(&Cell::Empty, ColumnKind::Money), "–");
        assert_eq!(plain(&Cell::Money(Money::from_cents(-4_505))), "-45.05");
    }
    #[test]
    fn values_of_charts_read_as_their_unit_says() {
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        for (text, unit, long, short) in [
            ("12345.5", ValueUnit::Dollars, "$12,346", "$12.3k"),
            ("-1234567", ValueUnit::Dollars, "−$1,234,567", "−$1.23M"),
            ("13.78", ValueUnit::Dollars, "$13.78", "$13.78"),
            ("45", ValueUnit::Dollars, "$45", "$45"),
            ("12.34", ValueUnit::Count, "12.3", "12.3"),
            ("1234.5", ValueUnit::Count, "1,235", "1,235"),
            ("-1234567", ValueUnit::Count, "−1,234,567", "−1.23M"),
            ("78.25", ValueUnit::Percent, "78.3%", "78.3%"),
            ("0.875", ValueUnit::Number, "0.88", "0.88"),
        ] {
            assert_eq!(value(number(text), unit), long, "{text}");
            assert_eq!(short_value(number(text), unit), short, "{text}");
        }
        // The largest that a decimal can hold, about 7.9 × 10²⁸, is beyond all money.
        assert_eq!(short_value(Decimal::MAX, ValueUnit::Dollars), "7.9e28 $");
        assert_eq!(short_value(Decimal::MIN, ValueUnit::Count), "−7.9e28");
        assert_eq!(value(Decimal::MIN, ValueUnit::Dollars).matches(',').count(), 9);
    }
}
