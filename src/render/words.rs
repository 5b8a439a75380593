//! Figures as people read them: cells, short money for charts, percentages. Never computes money.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::{Date, Money};
use crate::report::{Cell, ColumnKind};

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
        ColumnKind::Date => "date",
    }
}

/// Whether a column is set to the right.
pub(super) const fn is_number(kind: ColumnKind) -> bool {
    matches!(kind, ColumnKind::Money | ColumnKind::Count | ColumnKind::Percent | ColumnKind::Rate | ColumnKind::Number)
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
        assert_eq!(cell(&Cell::Count(-21_000), ColumnKind::Count), "−21,000");
        assert_eq!(cell(&Cell::Empty, ColumnKind::Money), "–");
        assert_eq!(plain(&Cell::Money(Money::from_cents(-4_505))), "-45.05");
    }
}
