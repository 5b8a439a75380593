//! What a change of money is made of: other rates, another mix, another volume. Exact in cents, by cell and in total.
//!
//! Of each cell (payer and code, say) the volume and the money are known before and after. With `v` volume, `a` money, `V` the
//! volume of all cells, 0 before and 1 after:
//!
//! ```text
//! volume effect = a0 × V1/V0 − a0         the same mix and rates, more or less of everything
//! mix effect    = a0 × v1/v0 − a0 × V1/V0  the old rates, other shares of the volume
//! rate effect   = a1 − a0 × v1/v0          other rates, at the new volume
//! ```
//! The two amounts in the middle are rounded to cents once each; the effects are differences of cents, so that they add up to
//! the change of the cell, and their sums to the change of the total.

use crate::domain::Money;

/// Volume and money of one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// How much was done, never negative: thousandths of units, lines; any unit, the same in all cells before and after.
    pub volume: i64,
    /// What it comes to.
    pub amount: Money,
}

/// The effects of a change; they add up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effects {
    /// Of other rates.
    pub rate: Money,
    /// Of another mix: other shares of the cells in the volume.
    pub mix: Money,
    /// Of more or less volume.
    pub volume: Money,
}

impl Effects {
    /// The change that they make up.
    #[must_use]
    pub fn total(&self) -> Money {
        self.rate + self.mix + self.volume
    }
}

impl std::ops::Sub for Effects {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { rate: self.rate - other.rate, mix: self.mix - other.mix, volume: self.volume - other.volume }
    }
}

impl std::ops::AddAssign for Effects {
    fn add_assign(&mut self, other: Self) {
        self.rate += other.rate;
        self.mix += other.mix;
        self.volume += other.volume;
    }
}

/// A change taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parts {
    /// All cells together.
    pub total: Effects,
    /// Cell by cell, in the order given.
    pub cells: Vec<Effects>,
}

/// Takes the change from `old` to `new` apart. The cells run in parallel; where one list is longer, the other's are empty.
///
/// A cell that had no volume has no old rate: what it brings is mix. Where nothing had volume before, all is volume; so is
/// what a cell loses that had money without volume.
#[must_use]
pub fn decompose(old: &[Cell], new: &[Cell]) -> Parts {
    let count = old.len().max(new.len());
    let cell = |cells: &[Cell], at: usize| cells.get(at).copied().unwrap_or_default();
    let all = |cells: &[Cell]| cells.iter().map(|c| i128::from(c.volume)).sum::<i128>();
    let (before, after) = (all(old), all(new));
    let mut parts = Parts::default();
    for at in 0..count {
        let (old, new) = (cell(old, at), cell(new, at));
        let at_old_rate =
            if old.volume > 0 { scaled(old.amount, new.volume.into(), old.volume.into()) } else { new.amount };
        let at_old_mix = if before > 0 { scaled(old.amount, after, before) } else { at_old_rate };
        let effects =
            Effects { rate: new.amount - at_old_rate, mix: at_old_rate - at_old_mix, volume: at_old_mix - old.amount };
        parts.total += effects;
        parts.cells.push(effects);
    }
    parts
}

/// `amount × by / of`, rounded once, half away from zero; `of` is above 0.
pub(super) fn scaled(amount: Money, by: i128, of: i128) -> Money {
    let cents = i128::from(amount.cents());
    // Volumes of a practice leave room; where they do not, the ratio is taken of their leading digits.
    let (mut by, mut of) = (by, of);
    let product = loop {
        match cents.checked_mul(by).and_then(|p| p.checked_mul(2)) {
            Some(product) => break product,
            None => (by, of) = (by / 2, (of / 2).max(1)),
        }
    };
    let rounded = if product >= 0 { (product + of) / (2 * of) } else { (product - of) / (2 * of) };
    Money::from_cents(i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(volume: i64, cents: i64) -> Cell {
        Cell { volume, amount: Money::from_cents(cents) }
    }

    fn cents(effects: Effects) -> [i64; 3] {
        [effects.rate.cents(), effects.mix.cents(), effects.volume.cents()]
    }

    /// A seeded generator, so that a failure can be repeated.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, n: i64) -> i64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from(self.0 >> 33).unwrap() % n
        }
    }

    #[test]
    fn a_change_by_hand() {
        // 10 at $20 and 10 at $40; then 30 at $21 and 10 at $40.
        // Volume 20 → 40: doubles: +$200, +$400. Mix: 30 × 20 − 400 = +$200; 10 × 40 − 800 = −$400. Rate: 30 × $1 = +$30; 0.
        let parts = decompose(&[cell(10, 20_000), cell(10, 40_000)], &[cell(30, 63_000), cell(10, 40_000)]);
        assert_eq!(cents(parts.cells[0]), [3_000, 20_000, 20_000]);
        assert_eq!(cents(parts.cells[1]), [0, -40_000, 40_000]);
        assert_eq!(cents(parts.total), [3_000, -20_000, 60_000]);
        // 63,000 + 40,000 − 60,000 = 43,000.
        assert_eq!(parts.total.total().cents(), 43_000);
    }

    #[test]
    fn new_vanished_and_empty_cells_have_their_effect() {
        // The old cell vanishes, a new one comes, as much volume: all is mix.
        let parts = decompose(&[cell(5, 500), cell(0, 0)], &[cell(0, 0), cell(5, 900)]);
        assert_eq!(cents(parts.total), [0, 400, 0]);
        // From nothing: all is volume.
        assert_eq!(cents(decompose(&[], &[cell(3, 700)]).total), [0, 0, 700]);
        assert_eq!(cents(decompose(&[cell(3, 700)], &[]).total), [0, 0, -700]);
        assert_eq!(decompose(&[], &[]), Parts::default());
    }

    #[test]
    fn effects_add_up_on_random_cells() {
        let mut dice = Dice(96_372);
        for _ in 0..2_000 {
            let count = usize::try_from(dice.below(9)).unwrap();
            let mut random = |n: usize| -> Vec<Cell> {
                let one = |dice: &mut Dice| match dice.below(6) {
                    0 => cell(0, 0),
                    1 => cell(dice.below(5), dice.below(2_000) - 1_000),
                    _ => cell(dice.below(9_000_000), dice.below(80_000_000) - 1_000_000),
                };
                (0..n).map(|_| one(&mut dice)).collect()
            };
            let (old, new) = (random(count), random(count + 1));
            let parts = decompose(&old, &new);
            let sum = |cells: &[Cell]| cells.iter().map(|c| c.amount).sum::<Money>();
            assert_eq!(parts.total.total(), sum(&new) - sum(&old), "{old:?} {new:?}");
            let mut cells = Effects::default();
            for (at, effects) in parts.cells.iter().enumerate() {
                let before = old.get(at).copied().unwrap_or_default().amount;
                assert_eq!(effects.total(), new[at].amount - before);
                cells += *effects;
            }
            assert_eq!(cells, parts.total);
        }
    }

    #[test]
    fn one_kind_of_change_has_one_kind_of_effect() {
        let mut dice = Dice(7);
        for _ in 0..500 {
            let old: Vec<Cell> =
                (0..1 + dice.below(6)).map(|_| cell(1 + dice.below(50_000), dice.below(9_000_000))).collect();
            assert_eq!(cents(decompose(&old, &old).total), [0, 0, 0]);
            let other: Vec<Cell> = old.iter().map(|c| cell(c.volume, dice.below(9_000_000))).collect();
            let parts = decompose(&old, &other);
            assert!(parts.cells.iter().all(|e| e.mix.is_zero() && e.volume.is_zero()));
            let by = 1 + dice.below(9);
            let more: Vec<Cell> = old.iter().map(|c| cell(c.volume * by, c.amount.cents() * by)).collect();
            let parts = decompose(&old, &more);
            assert!(parts.cells.iter().all(|e| e.rate.is_zero() && e.mix.is_zero()));
        }
    }

    #[test]
    fn a_half_is_rounded_away_from_zero_and_nothing_overflows() {
        // 5 × 1/2 = 2.5 → 3.
        assert_eq!(scaled(Money::from_cents(5), 1, 2).cents(), 3);
        assert_eq!(scaled(Money::from_cents(-5), 1, 2).cents(), -3);
        let most = i128::from(i64::MAX);
        assert_eq!(scaled(Money::from_cents(i64::MAX), most, most).cents(), i64::MAX);
        assert_eq!(scaled(Money::from_cents(1 << 60), most * 1_000, most * 1_000).cents(), 1 << 60);
    }
}
