//! The Medicare physician fee formula (DOMAIN §1). Pure arithmetic; rounds once, at the end.

use rust_decimal::Decimal;

use crate::domain::{Money, round_cents};

/// One number each for work, practice expense and malpractice: RVUs, or the indices of a locality.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// Work.
    pub work: Decimal,
    /// Practice expense.
    pub pe: Decimal,
    /// Malpractice.
    pub mp: Decimal,
}

/// The fee in dollars before rounding: (work·GPCIw + PE·GPCIpe + MP·GPCImp) · CF, exact.
///
/// `None` when it does not fit 28 digits; with RVUs of two decimals, indices of three and factors of four it always does.
#[must_use]
pub fn unrounded_fee(rvu: Parts, gpci: Parts, conversion_factor: Decimal) -> Option<Decimal> {
    let adjusted = rvu
        .work
        .checked_mul(gpci.work)?
        .checked_add(rvu.pe.checked_mul(gpci.pe)?)?
        .checked_add(rvu.mp.checked_mul(gpci.mp)?)?;
    adjusted.checked_mul(conversion_factor)
}

/// The fee as CMS publishes it: the exact sum rounded once, half away from zero, to cents.
#[must_use]
pub fn fee(rvu: Parts, gpci: Parts, conversion_factor: Decimal) -> Option<Money> {
    round_cents(unrounded_fee(rvu, gpci, conversion_factor)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(work: &str, pe: &str, mp: &str) -> Parts {
        Parts { work: work.parse().unwrap(), pe: pe.parse().unwrap(), mp: mp.parse().unwrap() }
    }

    #[test]
    fn published_fees_of_96372() {
        let one = parts("1.000", "1.000", "1.000");
        // National, 2026: 0.46 × 33.4009 = 15.364414 → 15.36 (DOMAIN §1).
        assert_eq!(fee(parts("0.17", "0.28", "0.01"), one, "33.4009".parse().unwrap()), Some(Money::from_cents(1536)));
        // Ohio 2020, published as 13.78: (0.17·1.000 + 0.22·0.915 + 0.01·1.049) · 36.0896 = 0.38179 · 36.0896 = 13.7786…
        let ohio = parts("1.000", "0.915", "1.049");
        assert_eq!(fee(parts("0.17", "0.22", "0.01"), ohio, "36.0896".parse().unwrap()), Some(Money::from_cents(1378)));
    }
}
