//! Draws that money needs: normal, lognormal, gamma, and shares about their estimate.

#![expect(clippy::float_arithmetic, reason = "probabilities and estimates")]

use crate::domain::Money;
use crate::forecast::Draws;
use crate::leakage::Chance;

/// A standard normal number (Box and Muller, Annals of Mathematical Statistics 29, 1958, 610–611).
pub(super) fn normal(draws: &mut Draws) -> f64 {
    let radius = (-2.0 * draws.unit().max(1e-300).ln()).sqrt();
    radius * (std::f64::consts::TAU * draws.unit()).cos()
}

/// A number that is never negative, with this mean and variance (gamma); the mean itself where either is not positive.
pub(super) fn about(draws: &mut Draws, mean: f64, variance: f64) -> f64 {
    let positive = mean > 0.0 && variance > 0.0 && variance.is_finite();
    if positive { gamma(draws, mean * mean / variance) * variance / mean } else { mean }
}

/// A share with this mean of `cases` that happen or do not (beta); the mean itself at its ends, or without cases.
pub(super) fn part(draws: &mut Draws, mean: f64, cases: f64) -> f64 {
    if mean <= 0.0 || mean >= 1.0 || cases.is_nan() || cases <= 0.0 {
        return mean;
    }
    let (yes, no) = (gamma(draws, mean * cases), gamma(draws, (1.0 - mean) * cases));
    // So few cases that both vanish: one of the two ends, as often as the mean says.
    if yes + no > 0.0 { yes / (yes + no) } else { f64::from(u8::from(draws.unit() < mean)) }
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
    fn numbers_about_a_mean_have_it_and_their_variance() {
        let mut draws = Draws::new(6);
        let n = 20_000;
        let mut moments = |one: &mut dyn FnMut(&mut Draws) -> f64| {
            let all: Vec<f64> = (0..n).map(|_| one(&mut draws)).collect();
            let mean = all.iter().sum::<f64>() / f64::from(n);
            (mean, all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / f64::from(n))
        };
        // Mean 3, variance 2.
        let (mean, variance) = moments(&mut |d| about(d, 3.0, 2.0));
        assert!((mean - 3.0).abs() < 0.04 && (variance - 2.0).abs() < 0.15, "{mean} {variance}");
        // Beta(2, 8): mean 1/5, variance 0.2 · 0.8 / 11. Of one half case nearly all is all or nothing: 0.16 / 1.5.
        let (mean, variance) = moments(&mut |d| part(d, 0.2, 10.0));
        assert!((mean - 0.2).abs() < 0.004 && (variance - 0.16 / 11.0).abs() < 0.001, "{mean} {variance}");
        let (mean, variance) = moments(&mut |d| part(d, 0.2, 0.5));
        assert!((mean - 0.2).abs() < 0.01 && (variance - 0.16 / 1.5).abs() < 0.005, "{mean} {variance}");
        let (mean, variance) = moments(&mut |d| part(d, 0.2, 1e-9));
        assert!((mean - 0.2).abs() < 0.012 && (variance - 0.16).abs() < 0.007, "{mean} {variance}");
        let (mean, variance) = moments(&mut normal);
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
        assert_eq!(
            (about(&mut draws, -3.0, 1.0), part(&mut draws, 0.0, 5.0), part(&mut draws, 1.0, 5.0)),
            (-3.0, 0.0, 1.0)
        );
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
