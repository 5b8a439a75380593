//! Money in whole cents and rates as decimals. Never a float; rounded once, half away from zero.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Serialize, Serializer};

/// A dollar amount in whole cents. Arithmetic panics on overflow in every build (release keeps overflow checks).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i64);

/// Dollars per unit, or any other exact factor (RVU, index, percentage); at most 28 significant digits.
pub type Rate = Decimal;

/// Rounds dollars to cents, half away from zero: the one rounding of DESIGN §2 (0.005 → 0.01, −0.005 → −0.01).
///
/// Returns `None` when the amount does not fit in `i64` cents.
#[must_use]
pub fn round_cents(dollars: Decimal) -> Option<Money> {
    use rust_decimal::prelude::ToPrimitive;
    let cents =
        dollars.checked_mul(Decimal::ONE_HUNDRED)?.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    cents.to_i64().map(Money)
}

impl Money {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// An amount from whole cents.
    #[must_use]
    pub const fn from_cents(cents: i64) -> Self {
        Self(cents)
    }

    /// The amount in whole cents.
    #[must_use]
    pub const fn cents(self) -> i64 {
        self.0
    }

    /// The amount in dollars, exact, two decimals.
    #[must_use]
    pub fn dollars(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// Whether this is exactly zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The amount without its sign.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// This amount, or zero when it is negative.
    #[must_use]
    pub fn or_zero(self) -> Self {
        self.max(Self::ZERO)
    }

    /// `self / whole` in percent with one decimal, half away from zero; `None` when the whole is zero.
    #[must_use]
    pub fn percent_of(self, whole: Self) -> Option<Decimal> {
        if whole.is_zero() {
            return None;
        }
        let share = Decimal::from(self.0) * Decimal::ONE_HUNDRED / Decimal::from(whole.0);
        Some(share.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero))
    }

    /// Dollars with separators for people: `$1,234.50`, `−$45.00`.
    #[must_use]
    pub fn pretty(self) -> String {
        let sign = if self.0 < 0 { "−" } else { "" };
        let cents = self.0.unsigned_abs();
        format!("{sign}${}.{:02}", group_thousands(cents / 100), cents % 100)
    }

    /// Whole dollars with separators for headlines: `$1,235`, rounded half away from zero.
    #[must_use]
    pub fn pretty_dollars(self) -> String {
        let sign = if self.0 < 0 { "−" } else { "" };
        let dollars = (self.0.unsigned_abs() + 50) / 100;
        format!("{sign}${}", group_thousands(dollars))
    }
}

/// `1234567` → `1,234,567`.
fn group_thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Plain decimal dollars for machines: `1234.50`, `-45.00`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        f.pad(&format!("{sign}{}.{:02}", cents / 100, cents % 100))
    }
}

/// Serialised as a decimal string of dollars, so that no reader turns it into a float by default.
impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.checked_add(other.0).expect("a sum of money exceeds 92 quadrillion dollars"))
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.checked_sub(other.0).expect("a difference of money exceeds 92 quadrillion dollars"))
    }
}

impl Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_half_away_from_zero_not_to_even() {
        let cases = [("12.345", 1235), ("12.355", 1236), ("-12.345", -1235), ("0.004999", 0), ("13.775", 1378)];
        for (text, cents) in cases {
            assert_eq!(round_cents(text.parse().unwrap()), Some(Money(cents)), "{text}");
        }
    }

    #[test]
    fn writes_dollars_for_machines_and_people() {
        assert_eq!(Money(-4505).to_string(), "-45.05");
        assert_eq!(Money(7).to_string(), "0.07");
        assert_eq!(Money(123_456_789).pretty(), "$1,234,567.89");
        assert_eq!(Money(-50).pretty_dollars(), "−$1");
    }

    #[test]
    fn a_share_of_nothing_is_not_zero() {
        assert_eq!(Money(5).percent_of(Money::ZERO), None);
        // 1 / 8 = 12.5 %
        assert_eq!(Money(100).percent_of(Money(800)).unwrap().to_string(), "12.5");
    }
}
