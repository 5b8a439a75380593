//! The generator's chance: one seeded stream of whole numbers. Never a float, so every machine draws the same.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A seeded source of whole numbers.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// Dice that always fall the same way for one seed. The seed is laid out here, not by the library, so that a newer
    /// library cannot change the demo.
    pub(super) fn new(seed: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(b"allowabl");
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A number from 0 up to, not including, `n`; 0 when `n` is 0.
    pub(super) fn below(&mut self, n: u32) -> u32 {
        let wide = u64::from(self.0.next_u32()) * u64::from(n);
        (wide >> 32) as u32
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    /// True in `n` of 10,000 cases.
    pub(super) fn chance(&mut self, n: u32) -> bool {
        self.below(10_000) < n
    }

    /// One of these, by weight. The list must not be empty, nor all weights zero.
    pub(super) fn pick<'a, T>(&mut self, choices: &'a [(u32, T)]) -> &'a T {
        &choices[self.index(choices.iter().map(|c| c.0))].1
    }

    /// The index of one of these weights, by weight.
    pub(super) fn index(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let mut at = self.below(weights.clone().sum());
        let mut last = 0;
        for (i, weight) in weights.enumerate() {
            if at < weight {
                return i;
            }
            at -= weight;
            last = i;
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_falls_the_same_way_and_weights_are_kept() {
        let draw = |seed| {
            let mut dice = Dice::new(seed);
            (0..8).map(|_| dice.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        let mut dice = Dice::new(1);
        let hits = (0..10_000).filter(|_| *dice.pick(&[(1, false), (3, true)])).count();
        // three quarters of 10,000, give or take four standard deviations of 43
        assert!((7330..=7670).contains(&hits), "{hits}");
    }
}
