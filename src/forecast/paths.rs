//! Sums of drawn paths: every leaf is drawn many times, and any group is the sum of the same draws, so that totals and
//! their parts are told by one set of futures.
//!
//! The chance of a leaf hangs on the seed and its name alone. Leaves that are added or left out change no other, and a
//! scenario with the same names meets the same luck: the difference of two scenarios is the change, not the noise.

use std::collections::BTreeSet;
use std::fmt;

use super::draws::{Draws, normal_below, normal_quantile};
use super::sparse::CountDistribution;

/// The luck of one leaf in one drawn future.
#[derive(Debug, Clone, Copy)]
pub struct Luck<'a> {
    uniforms: &'a [f64],
    seed: u64,
}

impl Luck<'_> {
    /// A uniform number between 0 and 1 for each month to come; high in good months. Correlated between leaves as
    /// [`Plan::shared`] says.
    #[must_use]
    pub fn uniforms(&self) -> &[f64] {
        self.uniforms
    }

    /// A seed of this leaf's future alone, for models that draw in their own way. What they draw is independent between
    /// leaves.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }
}

/// Something that can be drawn: a series and its months to come.
pub trait Leaf {
    /// One possible future, a value for each month of [`Luck::uniforms`].
    fn path(&self, luck: &Luck<'_>) -> Vec<f64>;
}

/// Months that are independent of each other, each with this distribution.
impl Leaf for CountDistribution {
    fn path(&self, luck: &Luck<'_>) -> Vec<f64> {
        luck.uniforms().iter().map(|u| self.quantile(*u) as f64).collect()
    }
}

impl<F: Fn(&Luck<'_>) -> Vec<f64>> Leaf for F {
    fn path(&self, luck: &Luck<'_>) -> Vec<f64> {
        self(luck)
    }
}

/// How paths are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// Months to come.
    pub months: usize,
    /// Futures to draw.
    pub paths: usize,
    /// Where chance begins.
    pub seed: u64,
    /// The correlation of the luck of any two leaves in the same month, 0 to 1: a bad winter hits every payer. Leaves
    /// that are taken as independent make totals look surer than they are.
    pub shared: f64,
}

/// More values than this for one leaf are a mistake.
const LARGEST: usize = 10_000_000;

/// Why no paths were drawn, or two sets of them cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoPaths {
    /// The plan has no month, no path, too many of them, or a correlation that is not between 0 and 1.
    Plan,
    /// Two leaves have this name.
    Repeated(String),
    /// The path of this leaf has a wrong number of months or a value that is no number.
    Path(String),
    /// The two were drawn by different plans or for other leaves.
    Different,
}

impl fmt::Display for NoPaths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan => write!(f, "paths need 1 to {LARGEST} months × paths and a correlation from 0 to 1"),
            Self::Repeated(name) => write!(f, "two series are called \"{name}\""),
            Self::Path(name) => write!(f, "the drawn futures of \"{name}\" are not whole or not numbers"),
            Self::Different => write!(f, "scenarios can be compared only over the same series, months, paths and seed"),
        }
    }
}

impl std::error::Error for NoPaths {}

/// Drawn futures of all leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Paths {
    plan: Plan,
    names: Vec<String>,
    /// By leaf, then path by path, month by month.
    values: Vec<Vec<f64>>,
}

impl Paths {
    /// Draws every leaf under its name.
    ///
    /// # Errors
    /// See [`NoPaths`].
    pub fn draw(leaves: &[(String, &dyn Leaf)], plan: Plan) -> Result<Self, NoPaths> {
        let values = plan.months.checked_mul(plan.paths).filter(|values| (1..=LARGEST).contains(values));
        if values.is_none() || !(0.0..=1.0).contains(&plan.shared) {
            return Err(NoPaths::Plan);
        }
        let mut names = BTreeSet::new();
        if let Some((name, _)) = leaves.iter().find(|(name, _)| !names.insert(name)) {
            return Err(NoPaths::Repeated(name.clone()));
        }
        let mut common = Draws::named(plan.seed, "");
        let common: Vec<f64> =
            (0..plan.months * plan.paths).map(|_| normal_quantile(common.inner()) * plan.shared.sqrt()).collect();
        let own = (1.0 - plan.shared).sqrt();
        let draw = |(name, leaf): &(String, &dyn Leaf)| {
            // A name of its own even for a leaf without one: the luck that all share has the empty name.
            let mut stream = Draws::named(plan.seed, &format!("leaf {name}"));
            let mut values = Vec::with_capacity(common.len());
            for common in common.chunks(plan.months) {
                let seed = stream.seed();
                let luck = |common: &f64| {
                    let own_luck = stream.inner();
                    if plan.shared > 0.0 { normal_below(common + own * normal_quantile(own_luck)) } else { own_luck }
                };
                let uniforms: Vec<f64> = common.iter().map(luck).collect();
                let path = leaf.path(&Luck { uniforms: &uniforms, seed });
                if path.len() != plan.months || path.iter().any(|v| !v.is_finite()) {
                    return Err(NoPaths::Path(name.clone()));
                }
                values.extend(path);
            }
            Ok(values)
        };
        let values = leaves.iter().map(draw).collect::<Result<_, _>>()?;
        Ok(Self { plan, names: leaves.iter().map(|(name, _)| name.clone()).collect(), values })
    }

    /// How they were drawn.
    #[must_use]
    pub const fn plan(&self) -> Plan {
        self.plan
    }

    /// The leaves, in the order given.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The sum over the leaves whose name is in the group, each drawn future by itself.
    #[must_use]
    pub fn sum(&self, group: impl Fn(&str) -> bool) -> Futures {
        let mut values = vec![0.0; self.plan.months * self.plan.paths];
        for (_, leaf) in self.names.iter().zip(&self.values).filter(|(name, _)| group(name)) {
            values.iter_mut().zip(leaf).for_each(|(sum, v)| *sum += v);
        }
        Futures { months: self.plan.months, values }
    }

    /// What this scenario has more than another, leaf by leaf and future by future, under the same luck.
    ///
    /// # Errors
    /// When the two were not drawn for the same leaves by the same plan.
    pub fn beyond(&self, other: &Self) -> Result<Self, NoPaths> {
        if self.plan != other.plan || self.names != other.names {
            return Err(NoPaths::Different);
        }
        let minus = |(a, b): (&Vec<f64>, &Vec<f64>)| a.iter().zip(b).map(|(a, b)| a - b).collect();
        let values = self.values.iter().zip(&other.values).map(minus).collect();
        Ok(Self { plan: self.plan, names: self.names.clone(), values })
    }
}

/// Drawn futures of one leaf or group.
#[derive(Debug, Clone, PartialEq)]
pub struct Futures {
    months: usize,
    /// Path by path, month by month.
    values: Vec<f64>,
}

impl Futures {
    /// The mean of each month. Means add up: that of a group is the sum of those of its leaves.
    #[must_use]
    pub fn means(&self) -> Vec<f64> {
        let paths = (self.values.len() / self.months) as f64;
        (0..self.months).map(|m| self.values.iter().skip(m).step_by(self.months).sum::<f64>() / paths).collect()
    }

    /// For each month, the values below which the given shares of the futures lie (linear between neighbours).
    #[must_use]
    pub fn quantiles(&self, shares: &[f64]) -> Vec<Vec<f64>> {
        (0..self.months)
            .map(|m| quantiles(self.values.iter().skip(m).step_by(self.months).copied().collect(), shares))
            .collect()
    }

    /// The same of the sum over all months: its quantiles are not the sums of those of the months.
    #[must_use]
    pub fn total_quantiles(&self, shares: &[f64]) -> Vec<f64> {
        quantiles(self.values.chunks(self.months).map(|path| path.iter().sum()).collect(), shares)
    }
}

fn quantiles(mut values: Vec<f64>, shares: &[f64]) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    let last = values.len() - 1;
    let one = |share: &f64| {
        let at = share.clamp(0.0, 1.0) * last as f64;
        // Between 0 and the last index.
        let below = at.floor() as usize;
        values[below] + (at - below as f64) * (values[(below + 1).min(last)] - values[below])
    };
    shares.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: Plan = Plan { months: 3, paths: 2000, seed: 96_372, shared: 0.0 };

    /// Uniform between 0 and a width.
    fn uniform(width: f64) -> impl Fn(&Luck<'_>) -> Vec<f64> {
        move |luck: &Luck<'_>| luck.uniforms().iter().map(|u| u * width).collect()
    }

    fn draw(leaves: &[(&str, &dyn Leaf)], plan: Plan) -> Paths {
        let leaves: Vec<(String, &dyn Leaf)> = leaves.iter().map(|(name, leaf)| ((*name).to_owned(), *leaf)).collect();
        Paths::draw(&leaves, plan).unwrap()
    }

    fn near_all(found: &[f64], expected: &[f64], within: f64) {
        assert_eq!(found.len(), expected.len());
        for (a, b) in found.iter().zip(expected) {
            assert!((a - b).abs() < within, "{found:?} is not {expected:?}");
        }
    }

    #[test]
    fn a_group_is_the_sum_of_its_leaves_in_every_future() {
        let (one, ten) = (uniform(1.0), uniform(10.0));
        let paths = draw(&[("A", &one), ("B", &ten)], PLAN);
        let (a, b, all) = (paths.sum(|n| n == "A"), paths.sum(|n| n == "B"), paths.sum(|_| true));
        let sums: Vec<f64> = a.values.iter().zip(&b.values).map(|(a, b)| a + b).collect();
        assert_eq!(all.values, sums);
        let means: Vec<f64> = a.means().iter().zip(b.means()).map(|(a, b)| a + b).collect();
        near_all(&all.means(), &means, 1e-9);
        // Uniform from 0 to 10: quantiles are the shares. Four standard errors of 2,000 draws are 0.4.
        near_all(&b.quantiles(&[0.1, 0.5, 0.9])[2], &[1.0, 5.0, 9.0], 0.45);
        // Nobody: nothing.
        assert_eq!(paths.sum(|_| false).total_quantiles(&[0.5]), [0.0]);
    }

    #[test]
    fn a_leaf_is_drawn_the_same_in_any_company() {
        let (one, ten) = (uniform(1.0), uniform(10.0));
        let alone = draw(&[("A", &one)], PLAN).sum(|n| n == "A");
        let together = draw(&[("B", &ten), ("A", &one)], PLAN).sum(|n| n == "A");
        assert_eq!(alone, together);
        assert_ne!(alone, draw(&[("A", &one)], Plan { seed: 1, ..PLAN }).sum(|_| true));
        // The luck of two leaves is not the same.
        let pair = draw(&[("A", &one), ("B", &one)], PLAN);
        assert_ne!(pair.sum(|n| n == "A"), pair.sum(|n| n == "B"));
    }

    #[test]
    fn scenarios_meet_the_same_luck() {
        // Twice as much under the same luck is exactly as much more.
        let (one, two) = (uniform(1.0), uniform(2.0));
        let (base, more) = (draw(&[("A", &one)], PLAN), draw(&[("A", &two)], PLAN));
        assert_eq!(more.beyond(&base).unwrap().sum(|_| true), base.sum(|_| true));
        let other = draw(&[("B", &one)], PLAN);
        assert_eq!(other.beyond(&base), Err(NoPaths::Different));
    }

    #[test]
    fn shared_luck_makes_totals_wider() {
        // Two uniform leaves that share everything sum to a uniform from 0 to 2: its tenth percentile is 0.2.
        // Independent ones have √0.2 = 0.447.
        let one = uniform(1.0);
        let tenth =
            |shared| draw(&[("A", &one), ("B", &one)], Plan { shared, ..PLAN }).sum(|_| true).quantiles(&[0.1])[0][0];
        assert!((tenth(1.0) - 0.2).abs() < 0.06 && (tenth(0.0) - 0.447).abs() < 0.06, "{} {}", tenth(1.0), tenth(0.0));
        assert!((tenth(1.0)..tenth(0.0)).contains(&tenth(0.5)));
    }

    #[test]
    fn counts_are_leaves_and_sums_over_months_are_narrower() {
        // Poisson of mean 4 over three months: 12 with a standard deviation of √12; 80 % of it within 8 to 17 or so.
        let four = CountDistribution::by_moments(4.0, 4.0, 0.0);
        let futures = draw(&[("A", &four)], PLAN).sum(|_| true);
        near_all(&futures.means(), &[4.0; 3], 0.2);
        let total = futures.total_quantiles(&[0.1, 0.5, 0.9]);
        near_all(&total, &[8.0, 12.0, 16.5], 1.0);
        let months: f64 = futures.quantiles(&[0.9]).iter().map(|q| q[0]).sum();
        assert!(total[2] < months);
    }

    #[test]
    fn a_leaf_may_draw_in_its_own_way() {
        let own = |luck: &Luck<'_>| vec![(luck.seed() % 1000) as f64; 3];
        let (once, again) = (draw(&[("A", &own)], PLAN), draw(&[("A", &own)], PLAN));
        assert_eq!(once, again);
        // 2,000 futures have nearly 1,000 different remainders, not one.
        assert!(once.sum(|_| true).values.iter().map(|v| *v as u64).collect::<BTreeSet<_>>().len() > 500);
    }

    #[test]
    fn what_cannot_be_drawn_says_why() {
        let (one, short, nan) = (uniform(1.0), |_: &Luck<'_>| vec![1.0], |_: &Luck<'_>| vec![f64::NAN; 3]);
        let no = |leaves: &[(&str, &dyn Leaf)], plan| {
            let leaves: Vec<(String, &dyn Leaf)> = leaves.iter().map(|(n, leaf)| ((*n).to_owned(), *leaf)).collect();
            Paths::draw(&leaves, plan).unwrap_err()
        };
        for plan in [
            Plan { months: 0, ..PLAN },
            Plan { paths: 0, ..PLAN },
            Plan { paths: usize::MAX, ..PLAN },
            Plan { shared: 1.5, ..PLAN },
            Plan { shared: f64::NAN, ..PLAN },
        ] {
            assert_eq!(no(&[("A", &one)], plan), NoPaths::Plan);
        }
        assert_eq!(no(&[("A", &one), ("A", &one)], PLAN), NoPaths::Repeated("A".to_owned()));
        assert_eq!(no(&[("A", &short)], PLAN), NoPaths::Path("A".to_owned()));
        assert_eq!(no(&[("B", &nan)], PLAN), NoPaths::Path("B".to_owned()));
        assert_eq!(draw(&[], PLAN).sum(|_| true).means(), [0.0; 3]);
    }
}
