//! Amounts of X12: decimal numbers of any length, read exactly or not at all.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use crate::domain::Money;

/// Digits after the point that are kept.
const PLACES: usize = 4;
/// Parts of a cent.
const PER_CENT: i64 = 100;

/// An amount in ten-thousandths of a dollar: exact for every amount up to 900 trillion dollars with four decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(i64);

impl Amount {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// An amount from whole cents.
    #[must_use]
    pub const fn from_cents(cents: i64) -> Self {
        Self(cents * PER_CENT)
    }

    /// Reads `12`, `12.5`, `-.5`, `+5`, `0012.3400`; an empty element is `None`.
    ///
    /// # Errors
    /// When the element is not a decimal number, has more than four decimals that are not zeros, or is beyond any amount of
    /// money. Nothing unreadable becomes 0.
    pub fn parse(element: &[u8]) -> Result<Option<Self>, NotAnAmount> {
        let text = element.trim_ascii();
        let (negative, digits) = match text {
            [] => return Ok(None),
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        let mut value = 0_i64;
        let mut decimals = None;
        let mut any = false;
        for &byte in digits {
            match byte {
                b'0'..=b'9' => {
                    any = true;
                    let digit = i64::from(byte - b'0');
                    match &mut decimals {
                        Some(PLACES) if digit == 0 => continue,
                        Some(PLACES) => return Err(NotAnAmount),
                        Some(n) => *n += 1,
                        None => {}
                    }
                    value = value.checked_mul(10).and_then(|v| v.checked_add(digit)).ok_or(NotAnAmount)?;
                }
                b'.' if decimals.is_none() => decimals = Some(0),
                _ => return Err(NotAnAmount),
            }
        }
        if !any {
            return Err(NotAnAmount);
        }
        for _ in decimals.unwrap_or(0)..PLACES {
            value = value.checked_mul(10).ok_or(NotAnAmount)?;
        }
        Ok(Some(Self(if negative { -value } else { value })))
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

    /// The amount in cents, rounded half away from zero where it has parts of a cent (see [`Self::is_whole_cents`]).
    #[must_use]
    pub const fn money(self) -> Money {
        let half = if self.0 < 0 { -(PER_CENT / 2) } else { PER_CENT / 2 };
        Money::from_cents((self.0 / PER_CENT) + (self.0 % PER_CENT + half) / PER_CENT)
    }

    /// Whether the amount has no parts of a cent.
    #[must_use]
    pub const fn is_whole_cents(self) -> bool {
        self.0 % PER_CENT == 0
    }

    /// The amount in ten-thousandths of a dollar.
    #[must_use]
    pub const fn ten_thousandths(self) -> i64 {
        self.0
    }
}

impl Neg for Amount {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

/// The element is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnAmount;

/// An exact sum of amounts; no number of amounts can overflow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Total(i128);

impl Total {
    /// Whether this is exactly zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum in cents, rounded half away from zero; `None` when it does not fit.
    #[must_use]
    pub fn money(self) -> Option<Money> {
        i64::try_from(self.0).ok().map(|n| Amount(n).money())
    }
}

impl From<Amount> for Total {
    fn from(amount: Amount) -> Self {
        Self(i128::from(amount.0))
    }
}

impl AddAssign<Amount> for Total {
    fn add_assign(&mut self, amount: Amount) {
        self.0 += i128::from(amount.0);
    }
}

impl SubAssign<Amount> for Total {
    fn sub_assign(&mut self, amount: Amount) {
        self.0 -= i128::from(amount.0);
    }
}

impl AddAssign for Total {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Add for Total {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Total {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Sum<Amount> for Total {
    fn sum<I: Iterator<Item = Amount>>(amounts: I) -> Self {
        let mut total = Self::default();
        amounts.for_each(|a| total += a);
        total
    }
}

/// Plain decimal dollars: two decimals, or as many more as the amount has.
impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let value = self.0.unsigned_abs();
        let (dollars, parts) = (value / 10_000, value % 10_000);
        if parts % 100 == 0 {
            f.pad(&format!("{sign}{dollars}.{:02}", parts / 100))
        } else {
            f.pad(format!("{sign}{dollars}.{parts:04}").trim_end_matches('0'))
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Total::from(*self).fmt(f)
    }
}

/// A decimal string of dollars, so that no reader turns it into a float by default.
impl serde::Serialize for Total {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match Amount::parse(text.as_bytes()) {
            Ok(Some(amount)) => amount.to_string(),
            Ok(None) => "nothing".to_owned(),
            Err(NotAnAmount) => "bad".to_owned(),
        }
    }

    #[test]
    fn amounts_of_any_shape_are_exact() {
        let cases = [
            ("0", "0.00"),
            ("45", "45.00"),
            ("45.5", "45.50"),
            ("-.5", "-0.50"),
            ("+5", "5.00"),
            ("5.", "5.00"),
            ("000000000012.3400", "12.34"),
            ("12.3456", "12.3456"),
            ("12.345", "12.345"),
            ("12.34560000", "12.3456"),
            ("99999999999.99", "99999999999.99"),
            ("900719925474.0993", "900719925474.0993"),
            (" 7.25 ", "7.25"),
            ("", "nothing"),
            ("  ", "nothing"),
        ];
        for (text, want) in cases {
            assert_eq!(read(text), want, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_amount_is_never_zero() {
        for text in [
            ".",
            "-",
            "+",
            "-.",
            "1.2.3",
            "1,234.50",
            "$5",
            "12.34567",
            "4x",
            "--5",
            "1e3",
            "99999999999999999999",
            "N/A",
        ] {
            assert_eq!(read(text), "bad", "{text:?}");
        }
    }

    #[test]
    fn cents_are_rounded_half_away_from_zero() {
        for (text, cents) in [("12.345", 1235), ("-12.345", -1235), ("12.3449", 1234), ("-.005", -1), ("0.0049", 0)] {
            let amount = Amount::parse(text.as_bytes()).unwrap().unwrap();
            assert_eq!(amount.money(), Money::from_cents(cents), "{text}");
        }
    }
}
