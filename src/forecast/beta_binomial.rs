//! What share of lines stays denied in the end: denial and overturn by payer, with the overturns that have not come
//! yet.
//!
//! Of lines that were denied a month ago hardly any has been overturned, and counting that as the final answer makes
//! every recent month look lost. [`Maturity`] is the share of overturns that have come by an age, learned from the
//! practice's own history; [`final_denials`] judges each payer's overturn rate θ by chance (an overturn has come by an
//! age with probability θ × maturity) and multiplies: final denial rate = denial rate × (1 − θ). Payers with few lines
//! are drawn towards all payers, as in the leakage stage, whose priors these are.

use std::collections::BTreeMap;

use crate::leakage::{Pool, Prior};

/// The share of all overturns that have come by an age in months since the first denial.
#[derive(Debug, Clone, PartialEq)]
pub struct Maturity {
    by_age: Vec<f64>,
}

/// No overturn counts that came later: fifty years of months.
const LATEST: u32 = 600;

impl Maturity {
    /// From overturns as (months from the denial to the overturn, age of the denial in months now). A denial that is
    /// young can show only early overturns: at each lag, only denials that are that old count (the product-limit
    /// estimate for data that are cut off on the right, which is the chain ladder of single overturns). What comes
    /// after the latest overturn seen is taken as nothing. `None` without any overturn; those that came later than
    /// their denial is old are left out.
    #[must_use]
    pub fn learn(overturns: &[(u32, u32)]) -> Option<Self> {
        let seen: Vec<(u32, u32)> =
            overturns.iter().copied().filter(|(lag, age)| lag <= age && *lag <= LATEST).collect();
        let latest = seen.iter().map(|(lag, _)| *lag).max()?;
        let mut by_age = vec![1.0];
        for lag in (1..=latest).rev() {
            // Among denials of at least this age with an overturn by it: those whose overturn came before.
            let (mut by_then, mut before) = (0.0, 0.0);
            for (at, _) in seen.iter().filter(|(at, age)| *age >= lag && *at <= lag) {
                by_then += 1.0;
                before += if *at < lag { 1.0 } else { 0.0 };
            }
            let share = if by_then > 0.0 { before / by_then } else { 1.0 };
            by_age.push(by_age.last().unwrap_or(&1.0) * share);
        }
        by_age.reverse();
        Some(Self { by_age })
    }

    /// Every overturn comes at once: what can be said where none has ever been seen.
    #[must_use]
    pub fn at_once() -> Self {
        Self { by_age: vec![1.0] }
    }

    /// The share that has come by an age.
    #[must_use]
    pub fn at(&self, age: u32) -> f64 {
        usize::try_from(age).ok().and_then(|age| self.by_age.get(age)).copied().unwrap_or(1.0)
    }
}

/// Lines of a payer whose first answer came in the same month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cohort {
    /// Months since their first answer.
    pub age: u32,
    /// Lines answered.
    pub answered: u32,
    /// Of these, denied at first.
    pub denied: u32,
    /// Of these, overturned so far.
    pub overturned: u32,
}

/// A share as it is judged: mean and the ends of an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Its expected value.
    pub mean: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The denial of a payer's lines, first and in the end.
#[derive(Debug, Clone, PartialEq)]
pub struct FinalDenial {
    /// The payer's id.
    pub payer: String,
    /// Lines answered.
    pub answered: u32,
    /// Of these, denied at first.
    pub denied: u32,
    /// Of these, overturned so far.
    pub overturned: u32,
    /// The share of its overturns that should have come by now, over its denials; `None` without any denial.
    pub maturity: Option<f64>,
    /// The share of lines that is denied at first.
    pub first: Share,
    /// The share of denials that is overturned in the end.
    pub overturn: Share,
    /// The share of lines that stays denied.
    pub last: Share,
}

/// Judges every payer, in the order of their ids, with intervals at a level such as 0.8. Counts that contradict each
/// other are cut: no more are denied than answered, no more overturned than denied.
#[must_use]
pub fn final_denials(payers: &BTreeMap<String, Vec<Cohort>>, maturity: &Maturity, level: f64) -> Vec<FinalDenial> {
    let payers: Vec<(&String, Counts)> = payers.iter().map(|(id, c)| (id, Counts::of(c, maturity))).collect();
    let first: Vec<(u32, u32)> = payers.iter().map(|(_, c)| (c.denied, c.answered)).collect();
    let overturn: Vec<(u32, u32)> = payers.iter().map(|(_, c)| c.matured()).collect();
    let (denials, overturns) = (Pool::learn(&first), Pool::learn(&overturn));
    payers
        .into_iter()
        .map(|(id, counts)| {
            let (won, matured) = counts.matured();
            let first = denials.prior_of(counts.denied, counts.answered).after(counts.denied, counts.answered);
            let overturn = Overturn::judge(overturns.prior_of(won, matured), &counts.cohorts, maturity);
            counts.judged(id, first, &overturn, level)
        })
        .collect()
}

/// The cohorts of a payer and their sums.
struct Counts {
    cohorts: Vec<Cohort>,
    answered: u32,
    denied: u32,
    overturned: u32,
    /// Σ denied × maturity: as many denials whose overturns have all come.
    mature: f64,
}

impl Counts {
    fn of(cohorts: &[Cohort], maturity: &Maturity) -> Self {
        let cut = |c: &Cohort| {
            let denied = c.denied.min(c.answered);
            Cohort { denied, overturned: c.overturned.min(denied), ..*c }
        };
        let cohorts: Vec<Cohort> = cohorts.iter().map(cut).collect();
        let sum = |part: fn(&Cohort) -> u32| cohorts.iter().fold(0u32, |sum, c| sum.saturating_add(part(c)));
        let (answered, denied, overturned) = (sum(|c| c.answered), sum(|c| c.denied), sum(|c| c.overturned));
        let mature = cohorts.iter().map(|c| f64::from(c.denied) * maturity.at(c.age)).sum();
        Self { cohorts, answered, denied, overturned, mature }
    }

    /// Overturned, and denials that are as good as mature, in whole numbers: what payers are compared by.
    fn matured(&self) -> (u32, u32) {
        // A sum of shares of a u32 stays within it, but for the rounding.
        (self.overturned, (self.mature.round() as u32).max(self.overturned))
    }

    fn judged(self, payer: &str, first: Prior, overturn: &Overturn, level: f64) -> FinalDenial {
        let tail = (1.0 - level) / 2.0;
        let share = |mean: f64, quantile: &dyn Fn(f64) -> f64| Share {
            mean,
            low: quantile(tail).min(mean),
            high: quantile(1.0 - tail).max(mean),
        };
        FinalDenial {
            payer: payer.to_owned(),
            answered: self.answered,
            denied: self.denied,
            overturned: self.overturned,
            maturity: (self.denied > 0).then(|| self.mature / f64::from(self.denied)),
            first: share(first.mean(), &|p| first.quantile(p)),
            overturn: share(overturn.mean, &|p| overturn.quantile(p)),
            last: share(first.mean() * (1.0 - overturn.mean), &|p| quantile_of_product(first, overturn, p)),
        }
    }
}

/// What is known of an overturn rate, as the probabilities of equal steps from 0 to 1.
struct Overturn {
    mean: f64,
    /// The probability of each step, summed up to its end.
    upto: Vec<f64>,
}

/// Steps from 0 to 1.
const STEPS: u32 = 4000;

/// Points by which an overturn rate is represented where it is multiplied.
const POINTS: u32 = 200;

impl Overturn {
    /// The posterior: prior × Π θ^overturned · (1 − θ·maturity)^(denied − overturned), up to a factor.
    fn judge(prior: Prior, cohorts: &[Cohort], maturity: &Maturity) -> Self {
        let step = 1.0 / f64::from(STEPS);
        let open: Vec<(f64, f64)> =
            cohorts.iter().map(|c| (f64::from(c.denied - c.overturned), maturity.at(c.age))).collect();
        let overturned: f64 = cohorts.iter().map(|c| f64::from(c.overturned)).sum();
        let won = prior.mean() * prior.strength() + overturned;
        let lost = (1.0 - prior.mean()) * prior.strength();
        // The powers of θ and 1 − θ may have poles at the ends: there, their mean over the step.
        let power = |exponent: f64, end: bool, at: f64| {
            if end { (exponent - 1.0) * step.ln() - exponent.ln() } else { (exponent - 1.0) * at.ln() }
        };
        let log = |i: u32| {
            let at = (f64::from(i) + 0.5) * step;
            let still_denied: f64 = open.iter().map(|(n, mature)| n * (-at * mature).ln_1p()).sum();
            power(won, i == 0, at) + power(lost, i + 1 == STEPS, 1.0 - at) + still_denied
        };
        let logs: Vec<f64> = (0..STEPS).map(log).collect();
        let highest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut sum = 0.0;
        let mut mean = 0.0;
        let mut upto = Vec::with_capacity(logs.len());
        for (i, log) in (0..STEPS).zip(logs) {
            let weight = (log - highest).exp();
            sum += weight;
            mean += weight * (f64::from(i) + 0.5) * step;
            upto.push(sum);
        }
        upto.iter_mut().for_each(|w| *w /= sum);
        Self { mean: mean / sum, upto }
    }

    /// The rate below which it lies with probability `p`, linear within a step.
    fn quantile(&self, p: f64) -> f64 {
        let i = self.upto.partition_point(|upto| *upto < p).min(self.upto.len() - 1);
        let below = i.checked_sub(1).map_or(0.0, |i| self.upto[i]);
        let weight = self.upto[i] - below;
        let within = if weight > 0.0 { (p - below) / weight } else { 0.5 };
        (i as f64 + within.clamp(0.0, 1.0)) / f64::from(STEPS)
    }
}

/// The final denial rate below which it lies with probability `p`: denial rate and overturn rate are independent.
fn quantile_of_product(first: Prior, overturn: &Overturn, p: f64) -> f64 {
    let stays: Vec<f64> =
        (0..POINTS).map(|i| 1.0 - overturn.quantile((f64::from(i) + 0.5) / f64::from(POINTS))).collect();
    let below = |rate: f64| {
        let one = |stays: &f64| if *stays > 0.0 { first.below(rate / stays) } else { 1.0 };
        stays.iter().map(one).sum::<f64>() / f64::from(POINTS)
    };
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if below(middle) < p { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cohort(age: u32, answered: u32, denied: u32, overturned: u32) -> Cohort {
        Cohort { age, answered, denied, overturned }
    }

    fn close(a: f64, b: f64, within: f64) {
        assert!((a - b).abs() < within, "{a} is not {b}");
    }

    #[test]
    fn maturity_by_hand() {
        // Old denials: overturns after 0, 1, 1 and 2 months. A denial of one month: one at once. Of none: one at once.
        let overturns = [(0, 9), (1, 9), (1, 9), (2, 9), (0, 1), (0, 0)];
        let maturity = Maturity::learn(&overturns).unwrap();
        // By month 2, of four overturns of old denials three came before: F(1) = ¾. By month 1, of four (three old, one
        // of one month) two came before: F(0) = ¾ · ½.
        assert_eq!([0, 1, 2, 3, 99].map(|age| maturity.at(age)), [0.375, 0.75, 1.0, 1.0, 1.0]);
        // Counting plainly would say 3/6 at once: young denials show only early overturns.
        assert_eq!(Maturity::learn(&[]), None);
        assert_eq!(Maturity::learn(&[(3, 1), (u32::MAX, u32::MAX)]), None);
        assert_eq!(Maturity::learn(&[(0, 4)]), Some(Maturity::at_once()));
        // No overturn in the first month: none can be expected then.
        assert_eq!(Maturity::learn(&[(1, 4)]).unwrap().at(0), 0.0);
    }

    #[test]
    fn a_mature_cohort_is_a_beta_distribution() {
        // Prior Beta(2, 2), 3 of 4 overturned for good: Beta(5, 3), mean 5/8; Beta(1, 1) and 0 of 4: Beta(1, 5).
        let mature = Maturity::at_once();
        let five = Overturn::judge(Prior::new(2.0, 2.0), &[cohort(0, 9, 4, 3)], &mature);
        close(five.mean, 0.625, 1e-6);
        close(five.quantile(0.1), Prior::new(5.0, 3.0).quantile(0.1), 1e-6);
        let none = Overturn::judge(Prior::new(1.0, 1.0), &[cohort(0, 9, 4, 0)], &mature);
        close(none.mean, 1.0 / 6.0, 1e-6);
        close(none.quantile(0.9), 1.0 - 0.1f64.powf(0.2), 1e-6);
        // Jeffreys' prior alone has poles at both ends.
        let coin = Overturn::judge(Prior::JEFFREYS, &[], &mature);
        close(coin.mean, 0.5, 1e-9);
        close(coin.quantile(0.1), (0.05 * std::f64::consts::PI).sin().powi(2), 1e-3);
    }

    #[test]
    fn a_young_denial_tells_little() {
        // Uniform prior, one denial of which half of the overturns have come, not overturned: density (1 − θ/2)/(3/4),
        // mean (½ − 1/6)/(3/4) = 4/9. If all had come it would be 1/3, if none ½.
        let half = Maturity { by_age: vec![0.5] };
        let one = [cohort(0, 1, 1, 0)];
        close(Overturn::judge(Prior::new(1.0, 1.0), &one, &half).mean, 4.0 / 9.0, 1e-6);
        let none = Maturity { by_age: vec![0.0] };
        close(Overturn::judge(Prior::new(1.0, 1.0), &one, &none).mean, 0.5, 1e-6);
        // Overturned though young: density 2θ, mean 2/3, whatever the maturity.
        close(Overturn::judge(Prior::new(1.0, 1.0), &[cohort(0, 1, 1, 1)], &half).mean, 2.0 / 3.0, 1e-6);
    }

    #[test]
    fn one_payer_in_the_end() {
        // One payer is its own pool, under Jeffreys: 19 of 39 denied, Beta(19.5, 20.5); 4 of 19 overturned, Beta(4.5,
        // 15.5). In the end 19.5/40 · 15.5/20.
        let payers = BTreeMap::from([("P".to_owned(), vec![cohort(12, 39, 19, 4)])]);
        let found = final_denials(&payers, &Maturity::at_once(), 0.8);
        let payer = &found[0];
        close(payer.first.mean, 19.5 / 40.0, 1e-9);
        close(payer.overturn.mean, 4.5 / 20.0, 1e-6);
        close(payer.last.mean, 19.5 / 40.0 * 15.5 / 20.0, 1e-6);
        assert_eq!(payer.maturity, Some(1.0));
        // Variance of a product of independent shares: E[a²]E[b²] − (E[a]E[b])², E[x²] = mean·(won + 1)/(cases + 1).
        let squares = (19.5 / 40.0 * 20.5 / 41.0) * (15.5 / 20.0 * 16.5 / 21.0);
        let deviation = (squares - payer.last.mean.powi(2)).sqrt();
        // The middle 80 % of something nearly normal is 2 · 1.2816 standard deviations wide.
        close((payer.last.high - payer.last.low) / deviation, 2.563, 0.05);
        assert!(payer.last.low < payer.last.mean && payer.last.mean < payer.last.high);
    }

    #[test]
    fn young_cohorts_are_not_taken_as_lost() {
        // Two payers with the same old half; one has as many young denials with hardly any overturn yet.
        let maturity = Maturity { by_age: vec![0.1, 0.5, 1.0] };
        let old = cohort(9, 200, 100, 50);
        let payers =
            BTreeMap::from([("OLD".to_owned(), vec![old]), ("BOTH".to_owned(), vec![old, cohort(0, 200, 100, 5)])]);
        let found = final_denials(&payers, &maturity, 0.8);
        let ids: Vec<&str> = found.iter().map(|p| p.payer.as_str()).collect();
        assert_eq!(ids, ["BOTH", "OLD"]);
        close(found[0].overturn.mean, 0.5, 0.02);
        close(found[1].overturn.mean, 0.5, 0.02);
        close(found[0].maturity.unwrap(), 0.55, 1e-12);
    }

    #[test]
    fn counts_that_contradict_and_payers_without_any() {
        let payers = BTreeMap::from([
            ("A".to_owned(), vec![cohort(0, 5, 9, 20)]),
            ("B".to_owned(), vec![]),
            ("C".to_owned(), vec![cohort(3, 1_000_000, 400_000, 100_000)]),
        ]);
        let found = final_denials(&payers, &Maturity::at_once(), 0.95);
        assert_eq!((found[0].denied, found[0].overturned, found[1].maturity), (5, 5, None));
        for payer in &found {
            for share in [payer.first, payer.overturn, payer.last] {
                let ends = [0.0, share.low, share.mean, share.high, 1.0];
                assert!(ends.is_sorted(), "{payer:?}");
            }
        }
        // A million lines leave little doubt.
        close(found[2].last.mean, 0.3, 0.001);
        close(found[2].last.high, found[2].last.low, 0.01);
        assert!(final_denials(&BTreeMap::new(), &Maturity::at_once(), 0.8).is_empty());
    }
}
