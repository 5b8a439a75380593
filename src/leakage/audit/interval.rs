//! How far a rate may be off by chance: the only floating point of the audit. No money comes near it.

#![expect(clippy::float_arithmetic, reason = "an interval is an estimate")]

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

/// The normal quantile of a two-sided interval of 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// On which side of its peers a rate lies, beyond chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Below.
    Low,
    /// Above.
    High,
}

/// Wilson's score interval of `part` in `whole` at 95 %, as fractions of 1. Of nothing, everything is possible.
#[must_use]
pub(super) fn wilson(part: i64, whole: i64) -> (f64, f64) {
    let (Some(part), Some(n)) = (part.to_f64(), whole.to_f64().filter(|n| *n > 0.0)) else { return (0.0, 1.0) };
    let rate = part / n;
    let z2 = Z * Z;
    let centre = rate + z2 / (2.0 * n);
    let half = Z * (rate * (1.0 - rate) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    (((centre - half) / scale).max(0.0), ((centre + half) / scale).min(1.0))
}

/// On which side the rate of `own` lies of the rate of `peers`, when its interval excludes it. (part, whole) each. The peers'
/// rate is taken as it is, without an interval of its own.
#[must_use]
pub(super) fn apart(own: (i64, i64), peers: (i64, i64)) -> Option<Side> {
    let rate = peers.0.to_f64()? / peers.1.to_f64().filter(|n| *n > 0.0)?;
    let (low, high) = wilson(own.0, own.1);
    // Of nothing and of everything the interval touches 0 or 1 exactly; rounding must not part it from an equal rate.
    if rate < low - 1e-12 {
        Some(Side::High)
    } else if rate > high + 1e-12 {
        Some(Side::Low)
    } else {
        None
    }
}

/// A fraction as percent with one decimal.
#[must_use]
pub(super) fn percent(fraction: f64) -> Option<Decimal> {
    Decimal::from_f64(fraction * 100.0)
        .map(|percent| percent.round_dp_with_strategy(1, rust_decimal::RoundingStrategy::MidpointAwayFromZero))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_newcombe() {
        // R. G. Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3: score without continuity correction.
        for (part, whole, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let (l, h) = wilson(part, whole);
            assert!((l - low).abs() < 5e-5 && (h - high).abs() < 5e-5, "{part}/{whole}: {l} {h}");
        }
        assert_eq!(wilson(0, 0), (0.0, 1.0));
    }

    #[test]
    fn a_rate_stands_apart_when_its_interval_excludes_that_of_the_peers() {
        // 15 of 148 lies within 6.24 % and 16.05 %.
        assert_eq!(apart((15, 148), (6, 100)), Some(Side::High));
        assert_eq!(apart((15, 148), (7, 100)), None);
        assert_eq!(apart((15, 148), (16, 100)), None);
        assert_eq!(apart((15, 148), (17, 100)), Some(Side::Low));
        // Everybody does it always, nobody ever does: nobody stands apart.
        assert_eq!((apart((20, 20), (50, 50)), apart((0, 20), (0, 50))), (None, None));
        assert_eq!(apart((0, 20), (0, 0)), None);
    }
}
