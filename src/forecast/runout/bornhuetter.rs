//! Bornhuetter–Ferguson: the newest months, of which little has been paid yet, are judged by what was expected of them.
//!
//! ultimate = paid so far + (1 − completion) × expected. Seen otherwise: the chain ladder's ultimate has the weight of
//! the completion factor, and the expectation has the rest (Bornhuetter and Ferguson, The actuary and IBNR, Proceedings
//! of the Casualty Actuarial Society 59 (1972) 181–195).

use std::collections::BTreeMap;

use super::chain_ladder::{ChainLadder, Projection};
use super::mack::Mack;
use crate::forecast::Month;

/// What was expected of a service month before anything of it was paid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// The service month.
    pub origin: Month,
    /// The expected final amount, such as expected allowed × the usual share that is paid.
    pub expected: f64,
    /// Its standard error; 0 when it is taken as known.
    pub std_err: f64,
}

/// How a month was completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// By the growth of earlier months.
    ChainLadder,
    /// By what was expected of it, for the part that has not come yet.
    BornhuetterFerguson,
}

/// A service month, completed for run-out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Completed {
    /// The service month.
    pub origin: Month,
    /// Its last known development.
    pub development: usize,
    /// Paid so far.
    pub latest: f64,
    /// The share of the final amount that has come by now, by the earlier months.
    pub completion: f64,
    /// How it was completed; `None` when it could not be: nothing has been paid and nothing was expected of it.
    pub method: Option<Method>,
    /// The final amount; `None` when unknown.
    pub ultimate: Option<f64>,
    /// Standard error because the future is random.
    pub process: f64,
    /// Standard error because the payment pattern is an estimate.
    pub parameter: f64,
    /// Standard error because the expectation may be wrong; 0 for the chain ladder.
    pub expectation: f64,
}

impl Completed {
    /// What is still to come; `None` when unknown.
    #[must_use]
    pub fn outstanding(&self) -> Option<f64> {
        self.ultimate.map(|ultimate| ultimate - self.latest)
    }

    /// The standard error of what is still to come.
    #[must_use]
    pub fn std_err(&self) -> f64 {
        self.process.hypot(self.parameter).hypot(self.expectation)
    }
}

/// All months, completed.
#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    /// The months in ascending order.
    pub months: Vec<Completed>,
}

impl Completion {
    /// What is still to come over all months whose ultimate is known.
    #[must_use]
    pub fn outstanding(&self) -> f64 {
        self.months.iter().filter_map(Completed::outstanding).sum()
    }

    /// The months that could not be completed.
    #[must_use]
    pub fn unknown(&self) -> usize {
        self.months.iter().filter(|m| m.ultimate.is_none()).count()
    }

    /// An upper bound of the standard error of [`Self::outstanding`]: what months share, the payment pattern and the
    /// way in which expectations are made, is taken to be wrong in the same direction for all of them.
    #[must_use]
    pub fn std_err_at_most(&self) -> f64 {
        let sum = |part: fn(&Completed) -> f64| self.months.iter().map(part).sum::<f64>();
        let process = sum(|m| m.process * m.process).sqrt();
        process.hypot(sum(|m| m.parameter)).hypot(sum(|m| m.expectation))
    }
}

/// Completes all months: the `newest` months and those of which nothing has been paid by Bornhuetter–Ferguson where
/// something was expected of them, all others by the chain ladder. The errors of the former follow Mack's model along
/// the expected path: the process variance of each step is σ² × the amount expected before it.
#[must_use]
pub fn bornhuetter_ferguson(mack: &Mack, priors: &[Prior], newest: usize) -> Completion {
    let priors: BTreeMap<Month, Prior> = priors.iter().map(|p| (p.origin, *p)).collect();
    let errors: BTreeMap<Month, (f64, f64)> =
        mack.origins().iter().map(|e| (e.origin, (e.process, e.parameter))).collect();
    let projections = mack.ladder().projections();
    let first_new = projections.len().saturating_sub(newest);
    let complete = |(n, p): (usize, &Projection)| {
        let of = |method, ultimate, (process, parameter), expectation| Completed {
            origin: p.origin,
            development: p.development,
            latest: p.latest,
            completion: p.completion,
            method,
            ultimate,
            process,
            parameter,
            expectation,
        };
        match priors.get(&p.origin) {
            Some(prior) if n >= first_new || p.ultimate.is_none() => {
                let open = 1.0 - p.completion;
                of(
                    Some(Method::BornhuetterFerguson),
                    Some(p.latest + open * prior.expected),
                    expected_errors(mack, p, prior.expected),
                    (open * prior.std_err).abs(),
                )
            }
            _ => {
                let known = errors.get(&p.origin).copied().unwrap_or_default();
                of(p.ultimate.map(|_| Method::ChainLadder), p.ultimate, known, 0.0)
            }
        }
    };
    Completion { months: projections.iter().enumerate().map(complete).collect() }
}

/// Process and parameter error of a month that goes on as expected.
fn expected_errors(mack: &Mack, p: &Projection, expected: f64) -> (f64, f64) {
    let (mut process, mut relative) = (0.0, 0.0);
    for (j, factor) in mack.ladder().factors().iter().enumerate().skip(p.development) {
        let by_then = p.latest + expected * (mack.ladder().completion(j) - p.completion);
        process += mack.sigma()[j].powi(2) * by_then.max(0.0);
        relative += (mack.factor_std_err()[j] / factor.value).powi(2);
    }
    (process.sqrt(), (expected * p.completion).abs() * relative.sqrt())
}

/// The Cape Cod expectation: the rate at which an exposure (such as expected allowed by service month) ends as
/// payments, with every month counted by the share that should have come by now. `None` when no month with an exposure
/// has come that far.
#[must_use]
pub fn cape_cod(ladder: &ChainLadder, exposures: &[(Month, f64)]) -> Option<f64> {
    let exposures: BTreeMap<Month, f64> = exposures.iter().copied().collect();
    let (mut paid, mut used) = (0.0, 0.0);
    for p in ladder.projections() {
        if let Some(exposure) = exposures.get(&p.origin) {
            paid += p.latest;
            used += exposure * p.completion;
        }
    }
    (used > 0.0).then_some(paid / used)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::runout::{SigmaRule, Tail, Triangle};

    fn month(number: u32) -> Month {
        Month::new(2024, number).unwrap()
    }

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    /// Factor 1.5, σ² = 12, variance of the factor 0.03 (see the tests of `mack`); then a month with 50 and one with
    /// nothing.
    fn mack() -> Mack {
        let rows = [vec![100.0, 120.0], vec![300.0, 480.0], vec![50.0], vec![0.0]];
        let rows = rows.map(|row| row.into_iter().map(Some).collect()).to_vec();
        let triangle = Triangle::from_cumulative((1..=4).map(month).collect(), rows).unwrap();
        Mack::fit(&triangle, Tail::Closed, SigmaRule::Mack).unwrap().unwrap()
    }

    #[test]
    fn the_part_that_has_not_come_is_what_was_expected_of_it() {
        // Completion 2/3. March: 50 + ⅓·90 = 80. April: 0 + ⅓·60 = 20.
        let priors = [(3, 90.0), (4, 60.0)].map(|(m, expected)| Prior { origin: month(m), expected, std_err: 9.0 });
        let done = bornhuetter_ferguson(&mack(), &priors, 2);
        let methods: Vec<_> = done.months.iter().map(|m| m.method.unwrap()).collect();
        use Method::{BornhuetterFerguson as Bf, ChainLadder as Cl};
        assert_eq!(methods, [Cl, Cl, Bf, Bf]);
        near(done.months[2].ultimate.unwrap(), 80.0);
        near(done.months[3].ultimate.unwrap(), 20.0);
        near(done.outstanding(), 50.0);
        // The weights: ⅔ of the chain ladder's 75 and ⅓ of 90.
        near(done.months[2].ultimate.unwrap(), 75.0 * 2.0 / 3.0 + 90.0 / 3.0);
        // March: process √(12·50); parameter 90·⅔·√0.03/1.5; expectation 9/3. April: process 0 (nothing is there yet).
        near(done.months[2].process, 600f64.sqrt());
        near(done.months[2].parameter, 40.0 * 0.03f64.sqrt());
        near(done.months[2].expectation, 3.0);
        near(done.months[2].std_err(), (600.0 + 48.0 + 9.0f64).sqrt());
        near(done.months[3].process, 0.0);
        // In all at most: 600 + ((40 + 60·⅔/1.5)·√0.03)² + (3 + 3)².
        near(done.std_err_at_most(), (600.0 + (40.0 + 80.0 / 3.0f64).powi(2) * 0.03 + 36.0).sqrt());
    }

    #[test]
    fn without_an_expectation_the_chain_ladder_answers_or_nobody() {
        let done = bornhuetter_ferguson(&mack(), &[], 3);
        assert_eq!((done.months[2].method, done.months[2].ultimate), (Some(Method::ChainLadder), Some(75.0)));
        assert_eq!((done.months[3].method, done.months[3].ultimate, done.unknown()), (None, None, 1));
        // A month of which nothing has been paid takes its expectation, though it is not among the newest.
        let april = [Prior { origin: month(4), expected: 60.0, std_err: 0.0 }];
        let done = bornhuetter_ferguson(&mack(), &april, 0);
        near(done.months[3].ultimate.unwrap(), 20.0);
        near(done.outstanding(), 45.0);
    }

    #[test]
    fn cape_cod_counts_every_month_by_what_should_have_come() {
        // (120 + 480 + 50 + 0) ÷ (200 + 600 + ⅔·(150 + 150)) = 650/1000.
        let exposures = [(1, 200.0), (2, 600.0), (3, 150.0), (4, 150.0)].map(|(m, e)| (month(m), e));
        near(cape_cod(mack().ladder(), &exposures).unwrap(), 0.65);
        assert_eq!(cape_cod(mack().ladder(), &[]), None);
        assert_eq!(cape_cod(mack().ladder(), &[(month(9), 5.0)]), None);
    }
}
