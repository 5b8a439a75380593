//! Shares of small groups: the beta-binomial model with an empirical prior, so that 1 of 1 does not read as 100 %.
//!
//! A group's share is drawn towards the share of its pool by a prior that is worth so many cases. How many is learned from the
//! spread of the groups of the pool (method of moments with weights by size; Kleinman, Journal of the American Statistical
//! Association 68, 1973, 46–54), within two limits: few groups cannot show that they are alike more finely than chance lets
//! their spread be known, and a prior is never worth more than the cases it was learned from. The pool itself is judged with
//! Jeffreys' prior. Everything here is an estimate, never money.

#![expect(clippy::float_arithmetic, reason = "probabilities")]

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;
use statrs::function::beta::checked_beta_reg;

/// How often something happened in a group, drawn towards its pool, with an interval of 80 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chance {
    /// Cases in which it happened (rework that was won, lines that were denied).
    pub won: u32,
    /// All cases.
    pub decided: u32,
    /// Mean of the posterior.
    pub mean: f64,
    /// Its tenth percentile.
    pub low: f64,
    /// Its ninetieth percentile.
    pub high: f64,
}

impl Chance {
    /// The share as it was counted, in percent with one decimal; `None` without cases.
    #[must_use]
    pub fn raw_percent(&self) -> Option<Decimal> {
        (self.decided > 0).then(|| percent(f64::from(self.won) / f64::from(self.decided)))
    }

    /// Mean, low and high end in percent with one decimal.
    #[must_use]
    pub fn percents(&self) -> [Decimal; 3] {
        [self.mean, self.low, self.high].map(percent)
    }
}

/// In percent with one decimal, half up.
fn percent(share: f64) -> Decimal {
    let tenths = (share * 1000.0).round();
    // A share is from 0 to 1: the number of tenths is exact.
    Decimal::from_f64(tenths).map_or(Decimal::ZERO, |tenths| (tenths / Decimal::TEN).normalize())
}

/// A beta distribution as two numbers of cases: what is known of a share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    won: f64,
    lost: f64,
}

/// The probability left out at either end of the interval.
const TAIL: f64 = 0.1;

/// What a prior is worth, in cases, when the groups are too few or too small to tell how much they differ.
const FALLBACK: f64 = 4.0;

/// No prior is worth less than this many cases: as much as Jeffreys' own.
const LEAST: f64 = 1.0;

impl Prior {
    /// Nothing is known: Beta(½, ½).
    pub const JEFFREYS: Self = Self { won: 0.5, lost: 0.5 };

    /// Beta(`won`, `lost`). Numbers that are not positive count as Jeffreys' half.
    #[must_use]
    pub fn new(won: f64, lost: f64) -> Self {
        let positive = |n: f64| if n > 0.0 && n.is_finite() { n } else { 0.5 };
        Self { won: positive(won), lost: positive(lost) }
    }

    /// What is known after `won` of `decided` cases more.
    #[must_use]
    pub fn after(self, won: u32, decided: u32) -> Self {
        let won = won.min(decided);
        Self { won: self.won + f64::from(won), lost: self.lost + f64::from(decided - won) }
    }

    /// The expected share.
    #[must_use]
    pub fn mean(self) -> f64 {
        self.won / self.strength()
    }

    /// What it is worth, in cases.
    #[must_use]
    pub fn strength(self) -> f64 {
        self.won + self.lost
    }

    /// The probability that the share lies below `share`.
    #[must_use]
    pub fn below(self, share: f64) -> f64 {
        // The function is refused only for numbers of cases that are not positive, which `new` does not let in.
        checked_beta_reg(self.won, self.lost, share.clamp(0.0, 1.0)).unwrap_or(0.0)
    }

    /// The share below which it lies with probability `p`: bisection of the incomplete beta function.
    #[must_use]
    pub fn quantile(self, p: f64) -> f64 {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if self.below(middle) < p {
                low = middle;
            } else {
                high = middle;
            }
        }
        f64::midpoint(low, high)
    }

    /// The chance of a group of these cases under this prior.
    #[must_use]
    pub fn group(self, won: u32, decided: u32) -> Chance {
        self.after(won, decided).chance(won, decided)
    }

    /// This distribution as the chance of a group with these cases.
    fn chance(self, won: u32, decided: u32) -> Chance {
        Chance { won, decided, mean: self.mean(), low: self.quantile(TAIL), high: self.quantile(1.0 - TAIL) }
    }
}

/// Groups that are like each other to some degree: their common share, and the prior that it makes for each of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pool {
    won: u32,
    decided: u32,
    own: Prior,
    of_groups: Prior,
}

impl Pool {
    /// A pool of groups `(won, decided)` of which nothing else is known.
    #[must_use]
    pub fn learn(groups: &[(u32, u32)]) -> Self {
        Self::below(Prior::JEFFREYS, groups)
    }

    /// A pool of groups that is itself judged by this prior.
    #[must_use]
    pub fn below(prior: Prior, groups: &[(u32, u32)]) -> Self {
        let won = groups.iter().fold(0u32, |sum, g| sum.saturating_add(g.0.min(g.1)));
        let decided = groups.iter().fold(0u32, |sum, g| sum.saturating_add(g.1));
        let own = prior.after(won, decided);
        // A prior is never worth more than the cases it was learned from.
        let strength = strength_by_moments(groups).unwrap_or(FALLBACK).min(own.strength()).max(LEAST);
        Self { won, decided, own, of_groups: Prior::new(own.mean() * strength, (1.0 - own.mean()) * strength) }
    }

    /// The pool as a whole.
    #[must_use]
    pub fn overall(&self) -> Chance {
        self.own.chance(self.won, self.decided)
    }

    /// A group of the pool. A group that is the whole pool is not drawn towards itself; one without cases is judged by the
    /// prior of the groups.
    #[must_use]
    pub fn group(&self, won: u32, decided: u32) -> Chance {
        if self.is_all(won, decided) { self.overall() } else { self.of_groups.group(won, decided) }
    }

    /// The prior for a pool inside this one that has these cases in all.
    #[must_use]
    pub fn prior_of(&self, won: u32, decided: u32) -> Prior {
        if self.is_all(won, decided) { self.parent() } else { self.of_groups }
    }

    /// The pool of a part of this one, given by its groups.
    #[must_use]
    pub fn part(&self, groups: &[(u32, u32)]) -> Self {
        let won = groups.iter().fold(0u32, |sum, g| sum.saturating_add(g.0.min(g.1)));
        let decided = groups.iter().fold(0u32, |sum, g| sum.saturating_add(g.1));
        Self::below(self.prior_of(won, decided), groups)
    }

    /// What was known of this pool before its own cases.
    fn parent(&self) -> Prior {
        Prior::new(self.own.won - f64::from(self.won), self.own.lost - f64::from(self.decided - self.won))
    }

    fn is_all(&self, won: u32, decided: u32) -> bool {
        decided > 0 && (won, decided) == (self.won, self.decided)
    }
}

/// What a prior is worth by the spread of the groups; `None` when that cannot be told.
fn strength_by_moments(groups: &[(u32, u32)]) -> Option<f64> {
    let groups: Vec<(f64, f64)> =
        groups.iter().filter(|g| g.1 > 0).map(|g| (f64::from(g.0.min(g.1)), f64::from(g.1))).collect();
    let all: f64 = groups.iter().map(|g| g.1).sum();
    let share = groups.iter().map(|g| g.0).sum::<f64>() / all;
    let one_case = share * (1.0 - share);
    let more_groups = groups.iter().skip(1).map(|_| 1.0).sum::<f64>();
    let chance = more_groups / all;
    let weights = groups.iter().map(|g| g.1 / all * (1.0 - g.1 / all)).sum::<f64>();
    let apart = weights - chance;
    // One group, only single cases, or always the same end: nothing tells how the groups differ.
    if !(more_groups > 0.0 && one_case > 0.0 && apart > f64::EPSILON) {
        return None;
    }
    let spread: f64 = groups.iter().map(|g| g.1 / all * (g.0 / g.1 - share).powi(2)).sum();
    let likeness = (spread - one_case * chance) / (one_case * apart);
    // Groups that do not differ at all show a spread of about √(2 ÷ (groups − 1)) of that of one group's chance, up or down:
    // the likeness is not known more finely than that.
    let size = all * weights / more_groups;
    let finest = (2.0 / more_groups).sqrt() / size;
    Some((1.0 / likeness.max(finest) - 1.0).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    #[test]
    fn quantiles_where_they_have_a_closed_form() {
        // Beta(1, 1) is uniform; Beta(1, n) has 1 − (1 − p)^(1/n); Beta(n, 1) has p^(1/n); Beta(½, ½) has sin²(πp/2).
        near(Prior::new(1.0, 1.0).quantile(0.1), 0.1);
        near(Prior::new(1.0, 5.0).quantile(0.9), 1.0 - 0.1f64.powf(0.2));
        near(Prior::new(7.0, 1.0).quantile(0.1), 0.1f64.powf(1.0 / 7.0));
        near(Prior::JEFFREYS.quantile(0.1), (0.05 * std::f64::consts::PI).sin().powi(2));
        // Beta(2, 2) has the distribution function 3x² − 2x³.
        let x = Prior::new(2.0, 2.0).quantile(0.9);
        near(3.0 * x * x - 2.0 * x * x * x, 0.9);
        near(Prior::new(2.0, 2.0).below(x), 0.9);
        near(Prior::new(1.0, 1.0).below(1.5), 1.0);
    }

    #[test]
    fn three_of_four_after_two_of_four() {
        // Beta(2, 2), then 3 won and 1 lost: Beta(5, 3), mean 5/8.
        let known = Prior::new(2.0, 2.0).after(3, 4);
        near(known.mean(), 5.0 / 8.0);
        near(known.strength(), 8.0);
    }

    #[test]
    fn the_spread_of_the_groups_tells_what_the_pool_is_worth() {
        // 7 of 10 and 3 of 10: share ½, weights ½, spread 0.5·0.04 + 0.5·0.04 = 0.04; one case ¼; chance 1/20.
        // Likeness (0.04 − 0.25/20) ÷ (0.25 · (0.5 − 0.05)) = 0.0275/0.1125 = 11/45; worth 45/11 − 1 = 34/11 cases.
        let groups = [(7, 10), (3, 10)];
        near(strength_by_moments(&groups).unwrap(), 34.0 / 11.0);
        // The pool: (½ + 10)/21 = ½. The first group: (17/11 + 7)/(34/11 + 10) = (94/11)/(144/11) = 94/144.
        let pool = Pool::learn(&groups);
        near(pool.overall().mean, 0.5);
        near(pool.group(7, 10).mean, 94.0 / 144.0);
        near(pool.group(0, 0).mean, 0.5);
        assert!(pool.group(0, 0).high - pool.group(0, 0).low > pool.group(7, 10).high - pool.group(7, 10).low);
    }

    #[test]
    fn groups_that_do_not_differ_are_alike_only_as_finely_as_chance_lets_it_be_known() {
        // 5 of 10 each: no spread. Two groups of ten: √2 ÷ 10, worth 10/√2 − 1 = 6.07 cases.
        let worth = 10.0 / 2f64.sqrt() - 1.0;
        let pool = Pool::learn(&[(5, 10), (5, 10)]);
        near(pool.of_groups.strength(), worth);
        near(pool.group(9, 10).mean, (worth / 2.0 + 9.0) / (worth + 10.0));
        // Nine groups of two, each 1 of 2: √(2/8) ÷ 2 = ¼, worth 3 cases.
        near(Pool::learn(&[(1, 2); 9]).of_groups.strength(), 3.0);
    }

    #[test]
    fn what_cannot_be_estimated_falls_back_to_four_cases() {
        for groups in [&[(1, 1), (0, 1), (1, 1), (1, 1)][..], &[(4, 4), (6, 6)], &[(3, 9)]] {
            assert_eq!(strength_by_moments(groups), None, "{groups:?}");
            near(Pool::learn(groups).of_groups.strength(), 4.0);
        }
        // A pool of one case is worth that case and Jeffreys' one.
        near(Pool::learn(&[(1, 1)]).of_groups.strength(), 2.0);
        // Nothing at all: Jeffreys' prior.
        near(Pool::learn(&[]).group(0, 0).mean, 0.5);
        near(Pool::learn(&[]).group(0, 0).low, (0.05 * std::f64::consts::PI).sin().powi(2));
    }

    #[test]
    fn a_group_that_is_its_whole_pool_is_not_counted_twice() {
        // 3 of 4 under Jeffreys: 3.5/5, at every level.
        let pool = Pool::learn(&[(3, 4)]);
        near(pool.group(3, 4).mean, 0.7);
        near(pool.part(&[(3, 4)]).overall().mean, 0.7);
        near(pool.part(&[(3, 4)]).group(3, 4).mean, 0.7);
    }

    #[test]
    fn percents_have_one_decimal() {
        let chance = Chance { won: 1, decided: 3, mean: 0.25, low: 0.0004, high: 1.0 };
        assert_eq!(chance.raw_percent().unwrap().to_string(), "33.3");
        assert_eq!(chance.percents().map(|p| p.to_string()), ["25", "0", "100"]);
        assert_eq!(Chance { decided: 0, ..chance }.raw_percent(), None);
    }

    #[test]
    fn chances_stay_chances() {
        for won in 0..=6 {
            for decided in won..=6 {
                let chance = Pool::learn(&[(won, decided), (2, 3), (0, 9)]).group(won, decided);
                let ends = [0.0, chance.low, chance.mean, chance.high, 1.0];
                assert!(chance.low < chance.high && ends.iter().all(|e| (0.0..=1.0).contains(e)), "{chance:?}");
            }
        }
    }
}
