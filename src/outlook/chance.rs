//! Draws that money needs: normal, lognormal, gamma, and shares about their estimate.

#![expect(clippy::float_arithmetic, reason = "probabilities and estimates")]

use statrs::function::erf::erf_inv;

use crate::domain::Money;
use crate::forecast::Draws;
use crate::leakage::Chance;

/// A standard normal number.
pub(super) fn normal(draws: &mut Draws) -> f64 {
    // Half a step keeps the number off the ends.
    let u = draws.unit().clamp(1e-12, 1.0 - 1e-12);
    std::f64::consts::SQRT_2 * erf_inv(2.0 * u - 1.0)
}

/// A gamma number of this shape and scale 1 (Marsaglia and Tsang, ACM Transactions on Mathematical Software 26, 2000,
/// 363–372); 0 for a shape that is not positive.
pub(super) fn gamma(draws: &mut Draws, shape: f64) -> f64 {
    if shape.is_nan() || shape <= 0.0 {
        return 0.0;
    }
    let (boosted, factor) =
        if shape < 1.0 { (shape + 1.0, draws.unit().max(1e-300).powf(1.0 / shape)) } else { (shape, 1.0) };
    let d = boosted - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    // Each round is accepted with more than 95 %: a hundred misses do not happen.
    for _ in 0..100 {
        let z = normal(draws);
        let v = (1.0 + c * z).powi(3);
        if v > 0.0 && draws.unit().max(1e-300).ln() < 0.5 * z * z + d - d * v + d * v.ln() {
            return d * v * factor;
        }
    }
    d * factor
}

/// The share that a number from the normal distribution stands for: logistic about the estimate, as wide as its interval.
pub(super) fn share(chance: &Chance, z: f64) -> f64 {
    // 80 % of a normal distribution lie within 1.2816 standard deviations.
    const HALF: f64 = 1.281_551_565_544_600_4;
    let odds = |p: f64| (p.clamp(1e-9, 1.0 - 1e-9) / (1.0 - p.clamp(1e-9, 1.0 - 1e-9))).ln();
    let spread = (odds(chance.high) - odds(chance.low)) / (2.0 * HALF);
    1.0 / (1.0 + (-(odds(chance.mean) + spread * z)).exp())
}

/// An estimate in cents as money, half away from zero; beyond the range of money, its end.
#[expect(clippy::cast_possible_truncation, reason = "a float becomes an integer by saturating")]
pub(super) fn cents(estimate: f64) -> Money {
    Money::from_cents((estimate.round() as i64).clamp(-LARGEST, LARGEST))
}

/// A trillion dollars: sums of many still fit.
const LARGEST: i64 = 100_000_000_000_000;

/// Money as an estimate in cents.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
pub(super) fn float(money: Money) -> f64 {
    money.cents() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leakage::Prior;

    #[test]
    fn gamma_numbers_have_their_mean_and_variance() {
        for shape in [0.3, 1.0, 7.5] {
            let mut draws = Draws::new(5);
            let all: Vec<f64> = (0..20_000).map(|_| gamma(&mut draws, shape)).collect();
            let mean = all.iter().sum::<f64>() / 20_000.0;
            let variance = all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0;
            // Both are the shape; 20,000 draws show the mean to √(shape / 20,000), the variance to a few percent.
            assert!((mean - shape).abs() < 4.0 * (shape / 20_000.0).sqrt(), "{shape}: {mean}");
            assert!((variance / shape - 1.0).abs() < 0.12, "{shape}: {variance}");
        }
        assert_eq!(gamma(&mut Draws::new(1), 0.0), 0.0);
    }

    #[test]
    fn a_share_is_its_estimate_in_the_middle_and_stays_a_share() {
        let chance = Prior::JEFFREYS.group(12, 100);
        assert!((share(&chance, 0.0) - chance.mean).abs() < 1e-12);
        // 1.2816 standard deviations up: near the upper end of the 80 % interval, which is not quite symmetric in the odds.
        assert!((share(&chance, 1.2816) - chance.high).abs() < 0.01);
        assert!(share(&chance, 40.0) <= 1.0 && share(&chance, -40.0) >= 0.0);
    }

    #[test]
    fn estimates_round_half_away_from_zero() {
        assert_eq!((cents(12.5).cents(), cents(-12.5).cents(), cents(f64::NAN).cents()), (13, -13, 0));
        assert_eq!(cents(1e300).cents(), LARGEST);
    }
}
