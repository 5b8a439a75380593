//! What a month of counts looks like: Poisson where they scatter no more than chance makes them, negative binomial
//! where they scatter more, with extra zeros where there are more than either gives.

use statrs::function::beta::checked_beta_reg;
use statrs::function::gamma::checked_gamma_ur;

/// The distribution of a count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CountDistribution {
    extra_zeros: f64,
    base: Base,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Base {
    Poisson { mean: f64 },
    NegativeBinomial { mean: f64, size: f64 },
}

/// No count is larger.
const LARGEST: u64 = 1 << 50;

impl CountDistribution {
    /// The distribution with this mean, this variance and, where Poisson or negative binomial have fewer, this share of
    /// zeros. With extra zeros the mean and the share of zeros are kept; the variance as well, unless it is smaller
    /// than Poisson counts that often absent would have. A mean that is not positive is nothing but zeros.
    #[must_use]
    pub fn by_moments(mean: f64, variance: f64, zeros: f64) -> Self {
        if !(mean.is_finite() && mean > 0.0) {
            return Self { extra_zeros: 0.0, base: Base::Poisson { mean: 0.0 } };
        }
        let with = |extra_zeros: f64| {
            let present = 1.0 - extra_zeros;
            let base_mean = mean / present;
            let base_variance = (variance + mean * mean) / present - base_mean * base_mean;
            Self { extra_zeros, base: Base::of(base_mean, base_variance) }
        };
        let plain = with(0.0);
        let zeros = if zeros.is_nan() { 0.0 } else { zeros.clamp(0.0, 1.0 - 1e-6) };
        if plain.at_most(0) >= zeros {
            return plain;
        }
        // Without any extra zeros there are too few; with as many extra ones as zeros in all there are too many, or
        // enough.
        let (mut low, mut high) = (0.0, zeros);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if with(middle).at_most(0) < zeros { low = middle } else { high = middle }
        }
        with(high)
    }

    /// What is to be expected after so many months in which nothing happened: the rate is known only to be low
    /// (Jeffreys' prior for a Poisson rate, Gamma(½, months)), so its mean is half an event in all those months.
    #[must_use]
    pub fn after_nothing(months: usize) -> Self {
        let months = months.max(1) as f64;
        Self { extra_zeros: 0.0, base: Base::NegativeBinomial { mean: 0.5 / months, size: 0.5 } }
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        (1.0 - self.extra_zeros) * self.base.mean()
    }

    /// The variance.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let mean = self.base.mean();
        let second = match self.base {
            Base::Poisson { .. } => mean,
            Base::NegativeBinomial { size, .. } => mean + mean * mean / size,
        } + mean * mean;
        (1.0 - self.extra_zeros) * second - self.mean().powi(2)
    }

    /// The share of zeros that neither Poisson nor negative binomial explains.
    #[must_use]
    pub const fn extra_zeros(&self) -> f64 {
        self.extra_zeros
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match (self.base, self.extra_zeros > 0.0) {
            (Base::Poisson { .. }, false) => "Poisson",
            (Base::Poisson { .. }, true) => "Poisson with extra zeros",
            (Base::NegativeBinomial { .. }, false) => "negative binomial",
            (Base::NegativeBinomial { .. }, true) => "negative binomial with extra zeros",
        }
    }

    /// The probability of at most `count`.
    #[must_use]
    pub fn at_most(&self, count: u64) -> f64 {
        self.extra_zeros + (1.0 - self.extra_zeros) * self.base.at_most(count)
    }

    /// The smallest count that is not exceeded with probability `p`. With a uniform random number it is a draw, and the
    /// same number gives more under a distribution that has more.
    #[must_use]
    pub fn quantile(&self, p: f64) -> u64 {
        let mut high = 1u64;
        if self.at_most(0) >= p {
            return 0;
        }
        while self.at_most(high) < p {
            if high >= LARGEST {
                return LARGEST;
            }
            high *= 2;
        }
        let mut low = high / 2;
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.at_most(middle) < p { low = middle } else { high = middle }
        }
        high
    }

    /// The smallest and largest count of the central interval at a level such as 0.8. Counts come in steps: it covers
    /// at least the level.
    #[must_use]
    pub fn interval(&self, level: f64) -> (u64, u64) {
        let tail = (1.0 - level) / 2.0;
        (self.quantile(tail), self.quantile(1.0 - tail))
    }
}

impl Base {
    fn of(mean: f64, variance: f64) -> Self {
        /// A variance that exceeds the mean by less is Poisson's.
        const SAME: f64 = 1e-9;
        if variance > mean * (1.0 + SAME) && variance.is_finite() {
            Self::NegativeBinomial { mean, size: mean * mean / (variance - mean) }
        } else {
            Self::Poisson { mean }
        }
    }

    fn mean(self) -> f64 {
        match self {
            Self::Poisson { mean } | Self::NegativeBinomial { mean, .. } => mean,
        }
    }

    fn at_most(self, count: u64) -> f64 {
        let next = count as f64 + 1.0;
        match self {
            Self::Poisson { mean } if mean > 0.0 => checked_gamma_ur(next, mean).unwrap_or(1.0),
            Self::Poisson { .. } => 1.0,
            Self::NegativeBinomial { mean, size } => checked_beta_reg(size, next, size / (size + mean)).unwrap_or(1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    #[test]
    fn poisson_by_hand() {
        // Mean 2: e⁻², 3e⁻², 5e⁻² = 0.135, 0.406, 0.677; 19/3·e⁻² = 0.857; 7e⁻² = 0.947.
        let two = CountDistribution::by_moments(2.0, 1.5, 0.0);
        assert_eq!(two.name(), "Poisson");
        let e = (-2.0f64).exp();
        near(two.at_most(0), e);
        near(two.at_most(2), 5.0 * e);
        assert_eq!([0.1, 0.5, 0.8, 0.9, 0.95].map(|p| two.quantile(p)), [0, 2, 3, 4, 5]);
        assert_eq!(two.interval(0.8), (0, 4));
        near(two.variance(), 2.0);
    }

    #[test]
    fn negative_binomial_by_hand() {
        // Mean 2, variance 4: size 2, probability ½. P(0) = ¼, P(1) = 2·½·¼ = ¼, P(2) = 3·⅛·½ = 3/16.
        let wide = CountDistribution::by_moments(2.0, 4.0, 0.1);
        assert_eq!(wide.name(), "negative binomial");
        near(wide.at_most(0), 0.25);
        near(wide.at_most(1), 0.5);
        near(wide.at_most(2), 11.0 / 16.0);
        near(wide.variance(), 4.0);
        assert_eq!([0.25, 0.4, 0.6].map(|p| wide.quantile(p)), [0, 1, 2]);
    }

    #[test]
    fn extra_zeros_keep_the_mean_and_the_share_of_zeros() {
        // Half of the months have none for another reason, the others are Poisson with mean 2: mean 1, second moment
        // ½·6, variance 2, zeros ½ + ½·e⁻².
        let zeros = 0.5 + 0.5 * (-2.0f64).exp();
        let half = CountDistribution::by_moments(1.0, 2.0, zeros);
        near(half.mean(), 1.0);
        near(half.at_most(0), zeros);
        near(half.variance(), 2.0);
        assert!((half.extra_zeros() - 0.5).abs() < 1e-6, "{half:?}");
        // A variance that no such counts can have gives way.
        let narrow = CountDistribution::by_moments(1.0, 0.1, 0.8);
        near(narrow.mean(), 1.0);
        near(narrow.at_most(0), 0.8);
        assert!(narrow.variance() > 1.0);
    }

    #[test]
    fn no_moments_break_it() {
        for mean in [0.0, -1.0, f64::NAN, 1e-9, 3.0, 1e6, f64::INFINITY] {
            for variance in [-1.0, 0.0, f64::NAN, 5.0, 1e9, f64::INFINITY] {
                for zeros in [-1.0, 0.0, 0.5, 1.0, 2.0, f64::NAN] {
                    let any = CountDistribution::by_moments(mean, variance, zeros);
                    let (low, high) = any.interval(0.95);
                    assert!(low <= high && (0.0..=1.0 + 1e-12).contains(&any.at_most(3)), "{mean} {variance} {zeros}");
                }
            }
        }
        let none = CountDistribution::by_moments(0.0, 3.0, 0.2);
        assert_eq!((none.quantile(0.999), none.mean()), (0, 0.0));
        // Large means: the median of a Poisson of a million is a million, near enough.
        let large = CountDistribution::by_moments(1e6, 1.0, 0.0);
        assert!(large.quantile(0.5).abs_diff(1_000_000) <= 1);
    }

    #[test]
    fn months_of_nothing_leave_a_chance() {
        // Two months: mean ¼, size ½: P(0) = (½/(½ + ¼))^½ = √(2/3).
        let after = CountDistribution::after_nothing(2);
        near(after.mean(), 0.25);
        near(after.at_most(0), (2.0f64 / 3.0).sqrt());
        assert!(CountDistribution::after_nothing(60).at_most(0) > after.at_most(0));
    }
}
