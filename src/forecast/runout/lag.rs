//! The payment-lag curve: which share of the final amount has come by each month after the service, and expected net as
//! cash.

use std::collections::BTreeMap;

use super::chain_ladder::ChainLadder;
use super::floor::{Medium, most_in_same_month};
use super::mack::Mack;
use crate::forecast::Month;
use crate::forecast::draws::normal_quantile;

/// The share of the final amount that has come by a lag.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LagShare {
    /// Months since the service.
    pub lag: usize,
    /// What comes in this month alone.
    pub increment: f64,
    /// What has come by the end of it. Above 1 where more is taken back later.
    pub share: f64,
    /// The interval of the share: how sure the curve is, not how much single months scatter about it. `None` when
    /// nothing tells.
    pub interval: Option<(f64, f64)>,
}

/// The payment-lag curve of a payer.
#[derive(Debug, Clone, PartialEq)]
pub struct PaymentLag {
    shares: Vec<LagShare>,
}

/// A service month whose payments are still to come, whole or in part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Open {
    /// The service month.
    pub origin: Month,
    /// The last lag whose payments are already in; `None` for a month of which nothing can have come.
    pub seen: Option<usize>,
    /// What is still to come.
    pub outstanding: f64,
}

/// Cash of a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CashMonth {
    /// The month of payment.
    pub month: Month,
    /// What comes in.
    pub amount: f64,
}

/// What is outstanding, by month of payment.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// By month, ascending; months without any open service month are absent.
    pub months: Vec<CashMonth>,
    /// What comes after the end of the curve, in no known month.
    pub beyond: f64,
}

impl PaymentLag {
    /// The curve of a chain ladder, without intervals.
    #[must_use]
    pub fn of(ladder: &ChainLadder) -> Self {
        Self::new(ladder, |_, _| None)
    }

    /// The curve with intervals at a level such as 0.8, from the errors of the factors. On the logistic scale, so that
    /// they stay between 0 and 1; on the logarithmic one for shares above 1.
    #[must_use]
    pub fn with_intervals(mack: &Mack, level: f64) -> Self {
        let z = normal_quantile(f64::midpoint(level, 1.0));
        let relative_variance = |lag: usize| -> f64 {
            let factors = mack.ladder().factors().iter().zip(mack.factor_std_err());
            factors.skip(lag).map(|(f, s)| (s / f.value).powi(2)).sum()
        };
        Self::new(mack.ladder(), |lag, share| {
            let half = z * relative_variance(lag).sqrt();
            Some(if share < 1.0 {
                let odds = (share / (1.0 - share)).ln();
                let half = half / (1.0 - share);
                (logistic(odds - half), logistic(odds + half))
            } else {
                (share * (-half).exp(), share * half.exp())
            })
        })
    }

    fn new(ladder: &ChainLadder, interval: impl Fn(usize, f64) -> Option<(f64, f64)>) -> Self {
        let mut before = 0.0;
        let one = |lag| {
            let share = ladder.completion(lag);
            let increment = share - before;
            before = share;
            LagShare { lag, increment, share, interval: interval(lag, share) }
        };
        Self { shares: (0..ladder.developments()).map(one).collect() }
    }

    /// The same curve with a known end: what has come by the lags after its last one, up to which it must already be made with the
    /// tail that this end asks for ([`super::Tail::Factor`]).
    #[must_use]
    pub fn followed_by(mut self, tail: &[f64]) -> Self {
        for share in tail.iter().copied() {
            let before = self.shares.last().map_or(0.0, |s| s.share);
            let lag = self.shares.len();
            self.shares.push(LagShare { lag, increment: share - before, share, interval: None });
        }
        self
    }

    /// The shares by lag, from 0 on.
    #[must_use]
    pub fn shares(&self) -> &[LagShare] {
        &self.shares
    }

    /// The share that has come by a lag; beyond the curve, everything has.
    #[must_use]
    pub fn share(&self, lag: usize) -> f64 {
        self.shares.get(lag).map_or(1.0, |s| s.share)
    }

    /// What is outstanding, by month of payment: each service month's part comes as the rest of the curve says.
    #[must_use]
    pub fn spread(&self, open: &[Open]) -> Spread {
        /// A smaller rest of the curve cannot carry what is outstanding: the service month is closed by all experience.
        const CLOSED: f64 = 1e-9;
        let mut months: BTreeMap<Month, f64> = BTreeMap::new();
        let mut beyond = 0.0;
        for one in open {
            let from = one.seen.map_or(0, |lag| lag.saturating_add(1));
            let rest = 1.0 - from.checked_sub(1).map_or(0.0, |lag| self.share(lag));
            if rest.abs() < CLOSED {
                beyond += one.outstanding;
                continue;
            }
            for share in self.shares.iter().skip(from) {
                let month = one.origin.plus(i32::try_from(share.lag).unwrap_or(i32::MAX));
                *months.entry(month).or_default() += one.outstanding * share.increment / rest;
            }
            beyond += one.outstanding * (1.0 - self.shares.last().map_or(0.0, |s| s.share)) / rest;
        }
        let months = months.into_iter().map(|(month, amount)| CashMonth { month, amount }).collect();
        Spread { months, beyond }
    }

    /// The share that the curve says is paid in the month of service and the largest one that the Medicare payment
    /// floor allows in this month, when the former is the larger: then dates of service or of payment are not what they
    /// seem.
    #[must_use]
    pub fn above_the_floor(&self, month: Month, medium: Medium) -> Option<(f64, f64)> {
        let (said, allowed) = (self.shares.first()?.share, most_in_same_month(month, medium));
        (said > allowed).then_some((said, allowed))
    }
}

fn logistic(odds: f64) -> f64 {
    1.0 / (1.0 + (-odds).exp())
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

    fn triangle(rows: &[&[f64]]) -> Triangle {
        let rows: Vec<Vec<Option<f64>>> = rows.iter().map(|row| row.iter().map(|c| Some(*c)).collect()).collect();
        Triangle::from_cumulative((1..).take(rows.len()).map(month).collect(), rows).unwrap()
    }

    /// A quarter at once, half a month later, a quarter after that.
    fn quarters() -> PaymentLag {
        PaymentLag::of(&ChainLadder::fit(&triangle(&[&[25.0, 75.0, 100.0]]), Tail::Closed).unwrap())
    }

    #[test]
    fn a_curve_that_ends_early_is_followed_by_a_known_end() {
        // 25 and 75 so far, of which 75 are known to be three quarters: then 90 % and all.
        let ladder = ChainLadder::fit(&triangle(&[&[25.0, 75.0]]), Tail::Factor(4.0 / 3.0)).unwrap();
        let curve = PaymentLag::of(&ladder).followed_by(&[0.9, 1.0]);
        let found: Vec<f64> = curve.shares().iter().map(|s| s.increment).collect();
        assert_eq!(found.len(), 4);
        found.iter().zip([0.25, 0.5, 0.15, 0.1]).for_each(|(a, b)| near(*a, b));
        // What is open after the second month comes in the third and fourth, three to two.
        let open = [Open { origin: month(1), seen: Some(1), outstanding: 25.0 }];
        let spread = curve.spread(&open);
        let found: Vec<f64> = spread.months.iter().map(|m| m.amount).collect();
        near(found[0], 15.0);
        near(found[1], 10.0);
        near(spread.beyond, 0.0);
    }

    #[test]
    fn the_curve_is_what_the_factors_leave() {
        let curve = quarters();
        let parts: Vec<_> = curve.shares().iter().map(|s| (s.lag, s.increment, s.share, s.interval)).collect();
        assert_eq!(parts, [(0, 0.25, 0.25, None), (1, 0.5, 0.75, None), (2, 0.25, 1.0, None)]);
        near(curve.share(9), 1.0);
    }

    #[test]
    fn expected_net_becomes_cash_along_the_curve() {
        // January: 40 still to come after lag 0: two thirds in February, one third in March. February: 100, nothing
        // seen.
        let open = [
            Open { origin: month(1), seen: Some(0), outstanding: 60.0 },
            Open { origin: month(2), seen: None, outstanding: 100.0 },
        ];
        let spread = quarters().spread(&open);
        let expected = [(2, 40.0 + 25.0), (3, 20.0 + 50.0), (4, 25.0)];
        assert_eq!(spread.months.len(), 3);
        for (found, (at, amount)) in spread.months.iter().zip(expected) {
            assert_eq!(found.month, month(at));
            near(found.amount, amount);
        }
        near(spread.beyond, 0.0);
    }

    #[test]
    fn what_the_curve_cannot_place_is_kept_apart() {
        // A tail of 1.25: 20 % come after the curve. A month that is closed by the curve, and one beyond it.
        let tailed = ChainLadder::fit(&triangle(&[&[50.0, 100.0], &[1.0]]), Tail::Factor(1.25)).unwrap();
        let open = [
            Open { origin: month(1), seen: None, outstanding: 100.0 },
            Open { origin: month(1), seen: Some(1), outstanding: 7.0 },
            Open { origin: month(1), seen: Some(usize::MAX), outstanding: 3.0 },
        ];
        let spread = PaymentLag::of(&tailed).spread(&open);
        near(spread.beyond, 20.0 + 7.0 + 3.0);
        near(spread.months.iter().map(|m| m.amount).sum(), 80.0);
        assert!(PaymentLag::of(&tailed).spread(&[]).months.is_empty());
    }

    #[test]
    fn intervals_by_hand() {
        // Factor 1.5 with variance 0.03 (see the tests of `mack`): share ⅔, ln-odds ln 2, half z·√0.03/1.5 ÷ ⅓ =
        // z·2·√0.03.
        let mack = Mack::fit(&triangle(&[&[100.0, 120.0], &[300.0, 480.0], &[5.0]]), Tail::Closed, SigmaRule::Mack);
        let mack = mack.unwrap().unwrap();
        let curve = PaymentLag::with_intervals(&mack, 0.682_689_492_137_085_9);
        let (low, high) = curve.shares()[0].interval.unwrap();
        let half = 2.0 * 0.03f64.sqrt();
        assert!((low - 1.0 / (1.0 + (half - 2f64.ln()).exp())).abs() < 1e-7, "{low}");
        assert!((high - 1.0 / (1.0 + (-half - 2f64.ln()).exp())).abs() < 1e-7, "{high}");
        assert_eq!(curve.shares()[1].interval, Some((1.0, 1.0)));
        // Where a tenth is taken back later the share is above 1, and so may its interval be.
        let back = Mack::fit(&triangle(&[&[100.0, 90.0], &[300.0, 270.0], &[5.0]]), Tail::Closed, SigmaRule::Mack);
        let back = PaymentLag::with_intervals(&back.unwrap().unwrap(), 0.8);
        near(back.shares()[0].share, 1.0 / 0.9);
        assert!(back.shares()[0].interval.is_some_and(|(low, high)| low <= high && low > 1.0));
    }

    #[test]
    fn a_curve_that_pays_before_the_floor_is_noticed() {
        // A quarter in the month of service is possible for electronic claims, not for paper.
        let curve = quarters();
        assert_eq!(curve.above_the_floor(month(1), Medium::Electronic), None);
        assert_eq!(curve.above_the_floor(month(1), Medium::Paper), Some((0.25, 2.0 / 31.0)));
    }
}
