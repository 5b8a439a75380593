//! Chance with a seed, and the normal and Student distributions.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};
use statrs::function::beta::checked_beta_reg;
use statrs::function::erf::{erfc, erfc_inv};

/// A seeded stream of numbers between 0 and 1: the only source of chance in this stage.
#[derive(Debug, Clone)]
pub struct Draws(ChaCha8Rng);

impl Draws {
    /// A stream that is the same for the same seed, on every machine.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::stream(seed, 0)
    }

    /// One of many independent streams of a seed: one per series, so that the order of work changes nothing.
    #[must_use]
    pub fn stream(seed: u64, stream: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(b"forecast");
        key[16..24].copy_from_slice(&stream.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// The stream of a name under a seed, independent of those of other names, whatever else is drawn.
    pub(super) fn named(seed: u64, name: &str) -> Self {
        let key = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(name.as_bytes()).finalize();
        Self(ChaCha8Rng::from_seed(key.into()))
    }

    /// A number of 64 bits, to seed other chance with.
    pub(super) fn seed(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from 0 up to, not including, 1.
    pub fn unit(&mut self) -> f64 {
        self.bits() as f64 / STEPS
    }

    /// A number between 0 and 1, never either: half a step keeps it off 0.
    pub(super) fn inner(&mut self) -> f64 {
        (self.bits() as f64 + 0.5) / STEPS
    }

    /// 53 bits: all that fit a float.
    fn bits(&mut self) -> u64 {
        self.0.next_u64() >> 11
    }
}

/// 2 to the power of 53.
const STEPS: f64 = (1_u64 << 53) as f64;

/// The value below which a standard normal lies with probability `p`.
pub(super) fn normal_quantile(p: f64) -> f64 {
    -std::f64::consts::SQRT_2 * erfc_inv(2.0 * p)
}

/// The probability that a standard normal lies below `x`.
pub(super) fn normal_below(x: f64) -> f64 {
    erfc(-x / std::f64::consts::SQRT_2) / 2.0
}

/// The probability that Student's t with these degrees of freedom lies farther from zero than `t`; 1 without any.
pub(super) fn student_beyond(t: f64, freedom: f64) -> f64 {
    if t.is_infinite() {
        return 0.0;
    }
    checked_beta_reg(freedom / 2.0, 0.5, freedom / (freedom + t * t)).unwrap_or(1.0)
}

/// The value from which Student's t lies farther from zero with probability 1 − `level`; infinite without any degree of
/// freedom or at a level of 1.
pub(super) fn student_half_width(level: f64, freedom: f64) -> f64 {
    if freedom.is_nan() || freedom <= 0.0 || level >= 1.0 {
        return f64::INFINITY;
    }
    let (mut low, mut high) = (0.0, 1.0);
    while student_beyond(high, freedom) > 1.0 - level && high < 1e12 {
        high *= 2.0;
    }
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if student_beyond(middle, freedom) > 1.0 - level { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_its_seed_and_its_name_alone() {
        let draw = |seed, name| {
            let mut draws = Draws::named(seed, name);
            (0..4).map(|_| draws.inner()).collect::<Vec<_>>()
        };
        assert_eq!(draw(1, "a"), draw(1, "a"));
        assert_ne!(draw(1, "a"), draw(1, "b"));
        assert_ne!(draw(1, "a"), draw(2, "a"));
        let mut draws = Draws::named(7, "mean");
        let all: Vec<f64> = (0..10_000).map(|_| draws.inner()).collect();
        assert!(all.iter().all(|u| *u > 0.0 && *u < 1.0));
        // The mean of 10,000 uniform numbers has a standard deviation of 0.0029.
        assert!((all.iter().sum::<f64>() / 10_000.0 - 0.5).abs() < 0.012);
    }

    #[test]
    fn streams_are_the_same_for_the_same_seed_and_differ_otherwise() {
        let first = |mut d: Draws| (0..4).map(|_| d.unit()).collect::<Vec<_>>();
        assert_eq!(first(Draws::new(1)), first(Draws::new(1)));
        assert_ne!(first(Draws::new(1)), first(Draws::new(2)));
        assert_ne!(first(Draws::stream(1, 0)), first(Draws::stream(1, 1)));
        let mut draws = Draws::new(7);
        assert!((0..1000).map(|_| draws.unit()).all(|u| (0.0..1.0).contains(&u)));
    }

    #[test]
    fn distributions_against_printed_tables() {
        // Normal: 97.5 % at 1.959964. Student, two-sided 95 %: 12.706 (1), 2.306 (8), 2.228 (10); 80 %: 1.397 (8).
        assert!((normal_quantile(0.975) - 1.959_963_985).abs() < 1e-8);
        assert!((normal_below(1.959_963_985) - 0.975).abs() < 1e-9 && (normal_below(0.0) - 0.5).abs() < 1e-12);
        for (level, freedom, printed) in
            [(0.95, 1.0, 12.706), (0.95, 8.0, 2.306), (0.95, 10.0, 2.228), (0.8, 8.0, 1.397)]
        {
            assert!((student_half_width(level, freedom) - printed).abs() < 5e-4, "{level} {freedom}");
            assert!((student_beyond(printed, freedom) - (1.0 - level)).abs() < 5e-4, "{level} {freedom}");
        }
        assert_eq!(student_half_width(0.95, 0.0), f64::INFINITY);
        assert_eq!((student_beyond(f64::INFINITY, 3.0), student_beyond(1.0, 0.0)), (0.0, 1.0));
    }
}
