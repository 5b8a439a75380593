//! Service units in thousandths, because drugs are billed in halves and quarters.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Neg, Sub};

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// Units of service, kept in thousandths (`1.5` units = 1500).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Units(i64);

impl Units {
    /// One unit.
    pub const ONE: Self = Self(1000);

    /// Whole units.
    #[must_use]
    pub const fn whole(n: i64) -> Self {
        Self(n * 1000)
    }

    /// Units from thousandths.
    #[must_use]
    pub const fn from_thousandths(n: i64) -> Self {
        Self(n)
    }

    /// Units in thousandths.
    #[must_use]
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// Units as an exact decimal with three places.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        Decimal::new(self.0, 3)
    }

    /// Units from an exact decimal; `None` when it has more than three decimals or does not fit.
    #[must_use]
    pub fn from_decimal(units: Decimal) -> Option<Self> {
        let thousandths = units.checked_mul(Decimal::ONE_THOUSAND)?;
        if !thousandths.fract().is_zero() {
            return None;
        }
        thousandths.to_i64().map(Self)
    }

    /// Whole units, a begun one counting as one. What is within a millionth of a whole number is one: thirds have no end.
    #[must_use]
    pub fn begun(units: Decimal) -> Option<Self> {
        let near = units.round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero);
        Self::from_decimal(near.ceil())
    }
}

impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.decimal().normalize())
    }
}

impl Add for Units {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Units {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Units {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Units {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self(0), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_begun_unit_is_a_whole_one_and_three_thirds_are_one() {
        let third = Decimal::ONE / Decimal::from(3);
        assert_eq!(Units::begun(third * Decimal::from(3)), Some(Units::whole(1)));
        assert_eq!(Units::begun("1.1".parse().unwrap()), Some(Units::whole(2)));
        assert_eq!(Units::begun("2".parse().unwrap()), Some(Units::whole(2)));
    }

    #[test]
    fn keeps_three_decimals_and_refuses_a_fourth() {
        assert_eq!(Units::from_decimal("0.5".parse().unwrap()), Some(Units(500)));
        assert_eq!(Units::from_decimal("1.0005".parse().unwrap()), None);
        assert_eq!(Units(1500).to_string(), "1.5");
    }
}
