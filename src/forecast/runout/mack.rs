//! How sure a chain ladder is: Mack's standard errors, with their process and their parameter part.
//!
//! Mack, Distribution-free calculation of the standard error of chain ladder reserve estimates, ASTIN Bulletin 23
//! (1993) 213–225, in the recursive form of Mack, The standard error of chain ladder reserve estimates: recursive
//! calculation and inclusion of a tail factor, ASTIN Bulletin 29 (1999) 361–366. The tail factor is taken as known: it
//! adds no error.

use super::chain_ladder::{ChainLadder, NoFactor, Tail};
use super::triangle::Triangle;
use crate::forecast::Month;
use crate::forecast::draws::normal_quantile;
use crate::forecast::linear::line_through;

/// How the spread of a development is guessed where a single origin shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigmaRule {
    /// Mack's own: the ratio of the two spreads before goes on, but never above the smaller of them.
    Mack,
    /// ln σ goes on along its straight line over the developments. Where fewer than two spreads are positive, as
    /// [`SigmaRule::Mack`].
    LogLinear,
}

/// The errors of one origin's ultimate, and so of what is still to come. In the unit of the triangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OriginError {
    /// The service month.
    pub origin: Month,
    /// What is still to come.
    pub outstanding: f64,
    /// Standard error because the future is random.
    pub process: f64,
    /// Standard error because the factors are estimates.
    pub parameter: f64,
    /// Both together.
    pub std_err: f64,
}

/// The errors of the sum over all origins with a known ultimate. They are correlated, because they share the factors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TotalError {
    /// What is still to come.
    pub outstanding: f64,
    /// Standard error because the future is random.
    pub process: f64,
    /// Standard error because the factors are estimates.
    pub parameter: f64,
    /// Both together.
    pub std_err: f64,
}

impl OriginError {
    /// The interval of what is still to come at a level such as 0.8; see [`TotalError::interval`].
    #[must_use]
    pub fn interval(&self, level: f64) -> (f64, f64) {
        interval(self.outstanding, self.std_err, level)
    }
}

impl TotalError {
    /// The interval of what is still to come at a level such as 0.8: lognormal, as Mack proposes, so that it does not
    /// go below zero; normal when what is still to come is not positive.
    #[must_use]
    pub fn interval(&self, level: f64) -> (f64, f64) {
        interval(self.outstanding, self.std_err, level)
    }
}

fn interval(mean: f64, std_err: f64, level: f64) -> (f64, f64) {
    let z = normal_quantile(f64::midpoint(level, 1.0));
    if mean > 0.0 {
        let spread = (std_err / mean).powi(2).ln_1p();
        let middle = mean.ln() - spread / 2.0;
        let half = z * spread.sqrt();
        ((middle - half).exp(), (middle + half).exp())
    } else {
        (mean - z * std_err, mean + z * std_err)
    }
}

/// A chain ladder with its errors.
#[derive(Debug, Clone, PartialEq)]
pub struct Mack {
    ladder: ChainLadder,
    sigma: Vec<f64>,
    guessed: Vec<bool>,
    rule: SigmaRule,
    factor_std_err: Vec<f64>,
    origins: Vec<OriginError>,
    total: TotalError,
}

impl Mack {
    /// Fits the chain ladder and its errors; `None` within when a spread can neither be seen nor guessed, because no
    /// development has two origins.
    ///
    /// # Errors
    /// As [`ChainLadder::fit`].
    pub fn fit(triangle: &Triangle, tail: Tail, rule: SigmaRule) -> Result<Option<Self>, NoFactor> {
        let ladder = ChainLadder::fit(triangle, tail)?;
        let seen: Vec<Option<f64>> =
            ladder.factors().iter().enumerate().map(|(j, f)| variance(triangle, j, f.value)).collect();
        let Some((variances, rule)) = complete(&seen, rule) else { return Ok(None) };
        let sigma: Vec<f64> = variances.iter().map(|v| v.sqrt()).collect();
        let factor_std_err: Vec<f64> =
            sigma.iter().zip(ladder.factors()).map(|(sigma, f)| sigma / f.weight.sqrt()).collect();
        let guessed = seen.iter().map(Option::is_none).collect();
        let (origins, total) = errors(&ladder, &variances, &factor_std_err);
        Ok(Some(Self { ladder, sigma, guessed, rule, factor_std_err, origins, total }))
    }

    /// The chain ladder itself.
    #[must_use]
    pub const fn ladder(&self) -> &ChainLadder {
        &self.ladder
    }

    /// Mack's σ of each development.
    #[must_use]
    pub fn sigma(&self) -> &[f64] {
        &self.sigma
    }

    /// Whether the σ of each development was guessed by the rule, because a single origin shows it.
    #[must_use]
    pub fn guessed(&self) -> &[bool] {
        &self.guessed
    }

    /// The rule by which they were guessed: not the one asked for where that one fell back.
    #[must_use]
    pub const fn rule(&self) -> SigmaRule {
        self.rule
    }

    /// The standard error of each factor.
    #[must_use]
    pub fn factor_std_err(&self) -> &[f64] {
        &self.factor_std_err
    }

    /// The errors of the origins with a known ultimate, ascending.
    #[must_use]
    pub fn origins(&self) -> &[OriginError] {
        &self.origins
    }

    /// The errors of the total.
    #[must_use]
    pub const fn total(&self) -> TotalError {
        self.total
    }
}

/// σ² of a development: the weighted spread of the origins' own factors; `None` with fewer than two.
fn variance(triangle: &Triangle, development: usize, factor: f64) -> Option<f64> {
    let (mut sum, mut more) = (0.0, 0.0);
    let mut first = true;
    for (_, from, to) in triangle.pairs(development).filter(|pair| pair.1 > 0.0) {
        sum += from * (to / from - factor).powi(2);
        more += if first { 0.0 } else { 1.0 };
        first = false;
    }
    (more > 0.0).then_some(sum / more)
}

/// The spreads with the unseen ones guessed, and by which rule; `None` when none was seen though some are needed.
fn complete(seen: &[Option<f64>], rule: SigmaRule) -> Option<(Vec<f64>, SigmaRule)> {
    let line = match rule {
        SigmaRule::Mack => None,
        SigmaRule::LogLinear => {
            // σ is √σ², so ln σ is half of ln σ².
            let log = |(j, v): (u32, &Option<f64>)| v.filter(|v| *v > 0.0).map(|v| (f64::from(j), v.ln() / 2.0));
            line_through(&(0..).zip(seen).filter_map(log).collect::<Vec<_>>())
        }
    };
    let mut out: Vec<f64> = Vec::with_capacity(seen.len());
    for (j, variance) in (0u32..).zip(seen) {
        let guess = || match (line, out.as_slice()) {
            (Some((start, slope)), _) => Some((2.0 * (start + slope * f64::from(j))).exp()),
            (None, [.., before, last]) => Some(mack_rule(*before, *last)),
            (None, [only]) => Some(*only),
            (None, []) => seen.iter().flatten().next().copied(),
        };
        out.push(variance.or_else(guess)?);
    }
    Some((out, if line.is_some() { SigmaRule::LogLinear } else { SigmaRule::Mack }))
}

fn mack_rule(before: f64, last: f64) -> f64 {
    let smaller = before.min(last);
    if before > 0.0 { smaller.min(last * last / before) } else { smaller }
}

/// Walks from development to development: each origin on its way to the end carries its process and parameter variance,
/// and the sum of the origins on their way carries the parameter variance of the total.
fn errors(ladder: &ChainLadder, variances: &[f64], factor_std_err: &[f64]) -> (Vec<OriginError>, TotalError) {
    struct Walk {
        amount: f64,
        process: f64,
        parameter: f64,
    }
    let known: Vec<_> = ladder.projections().iter().filter(|p| p.ultimate.is_some()).collect();
    let mut walks: Vec<Walk> = known.iter().map(|p| Walk { amount: p.latest, process: 0.0, parameter: 0.0 }).collect();
    let mut total_parameter = 0.0;
    for (j, factor) in ladder.factors().iter().enumerate() {
        let factor_variance = factor_std_err[j].powi(2);
        let grow = factor.value.powi(2);
        let mut on_the_way = 0.0;
        for (walk, _) in walks.iter_mut().zip(&known).filter(|(_, p)| p.development <= j) {
            on_the_way += walk.amount;
            walk.process = walk.amount * variances[j] + walk.process * grow;
            walk.parameter = walk.amount.powi(2) * factor_variance + walk.parameter * grow;
            walk.amount *= factor.value;
        }
        total_parameter = on_the_way * on_the_way * factor_variance + total_parameter * grow;
    }
    let tail = ladder.tail();
    let error = |(p, walk): (&&super::chain_ladder::Projection, &Walk)| OriginError {
        origin: p.origin,
        outstanding: p.outstanding().unwrap_or(0.0),
        process: walk.process.sqrt() * tail,
        parameter: walk.parameter.sqrt() * tail,
        std_err: (walk.process + walk.parameter).sqrt() * tail,
    };
    let origins = known.iter().zip(&walks).map(error).collect();
    let process: f64 = walks.iter().map(|w| w.process).sum();
    let total = TotalError {
        outstanding: ladder.totals().outstanding(),
        process: process.sqrt() * tail,
        parameter: total_parameter.sqrt() * tail,
        std_err: (process + total_parameter).sqrt() * tail,
    };
    (origins, total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    fn triangle(rows: &[&[f64]]) -> Triangle {
        let rows: Vec<Vec<Option<f64>>> = rows.iter().map(|row| row.iter().map(|c| Some(*c)).collect()).collect();
        let first = Month::new(2024, 1).unwrap();
        Triangle::from_cumulative((0..).take(rows.len()).map(|i| first.plus(i)).collect(), rows).unwrap()
    }

    #[test]
    fn one_step_by_hand() {
        // Factor (150 + 450)/(100 + 300) = 1.5 from 1.2 and 1.6: 120/100 and 480/300.
        // σ² = 100·0.09 + 300·0.01 = 12 (one degree of freedom); s.e. of the factor √(12/400).
        // The third origin, 50: process 50·12 = 600; parameter 2500·12/400 = 75; together √675.
        let mack =
            Mack::fit(&triangle(&[&[100.0, 120.0], &[300.0, 480.0], &[50.0]]), Tail::Closed, SigmaRule::Mack).unwrap();
        let mack = mack.unwrap();
        near(mack.sigma()[0], 12f64.sqrt());
        near(mack.factor_std_err()[0], 0.03f64.sqrt());
        let third = mack.origins()[2];
        near(third.process, 600f64.sqrt());
        near(third.parameter, 75f64.sqrt());
        near(third.std_err, 675f64.sqrt());
        near(mack.total().std_err, 675f64.sqrt());
        near(mack.origins()[0].std_err, 0.0);
    }

    #[test]
    fn two_origins_on_the_way_share_the_error_of_the_factor() {
        // As above with two open origins of 50: process 2·600; parameter (50 + 50)²·0.03 = 300, not 2·75.
        let rows: [&[f64]; 4] = [&[100.0, 120.0], &[300.0, 480.0], &[50.0], &[50.0]];
        let mack = Mack::fit(&triangle(&rows), Tail::Factor(1.1), SigmaRule::LogLinear).unwrap().unwrap();
        near(mack.total().process, 1200f64.sqrt() * 1.1);
        near(mack.total().parameter, 300f64.sqrt() * 1.1);
        near(mack.total().std_err, 1500f64.sqrt() * 1.1);
    }

    #[test]
    fn unseen_spreads_are_guessed() {
        let complete = |seen: &[Option<f64>], rule| complete(seen, rule).map(|c| c.0);
        // Mack: 4, 2 → min(2²/4, 2) = 1; 2, 4 → min(8, 2) = 2; after 0 nothing; one alone goes on.
        near(complete(&[Some(4.0), Some(2.0), None], SigmaRule::Mack).unwrap()[2], 1.0);
        near(complete(&[Some(2.0), Some(4.0), None], SigmaRule::Mack).unwrap()[2], 2.0);
        near(complete(&[Some(0.0), Some(4.0), None], SigmaRule::Mack).unwrap()[2], 0.0);
        near(complete(&[Some(3.0), None], SigmaRule::Mack).unwrap()[1], 3.0);
        near(complete(&[None, Some(3.0)], SigmaRule::Mack).unwrap()[0], 3.0);
        // Log-linear: σ² of 16, 4 falls to a quarter each time; the middle one is read off the line too.
        near(complete(&[Some(16.0), Some(4.0), None], SigmaRule::LogLinear).unwrap()[2], 1.0);
        near(complete(&[Some(16.0), None, Some(1.0)], SigmaRule::LogLinear).unwrap()[1], 4.0);
        // One positive spread makes no line.
        near(complete(&[Some(0.0), Some(4.0), None], SigmaRule::LogLinear).unwrap()[2], 0.0);
        assert_eq!(super::complete(&[Some(0.0), Some(4.0), None], SigmaRule::LogLinear).unwrap().1, SigmaRule::Mack);
        assert_eq!(complete(&[None, None], SigmaRule::Mack), None);
        assert_eq!(complete(&[], SigmaRule::Mack), Some(vec![]));
    }

    #[test]
    fn too_little_for_any_error() {
        let two = Mack::fit(&triangle(&[&[100.0, 120.0], &[50.0]]), Tail::Closed, SigmaRule::Mack).unwrap();
        assert_eq!(two, None);
        // One origin with one development: nothing is open, and so nothing is unsure.
        let one = Mack::fit(&triangle(&[&[100.0]]), Tail::Closed, SigmaRule::Mack).unwrap().unwrap();
        near(one.total().std_err, 0.0);
    }

    #[test]
    fn intervals_are_lognormal_above_zero() {
        // With a relative error of √(e − 1) the variance of the logarithm is 1 and its mean ln 100 − ½. At the level
        // 0.6827 (one standard deviation) the ends are 100·e^−1.5 and 100·e^0.5.
        let error =
            TotalError { outstanding: 100.0, process: 0.0, parameter: 0.0, std_err: 100.0 * 1f64.exp_m1().sqrt() };
        let (low, high) = error.interval(0.682_689_492_137_085_9);
        assert!((low - 100.0 * (-1.5f64).exp()).abs() < 1e-6 && (high - 100.0 * 0.5f64.exp()).abs() < 1e-6);
        let back = TotalError { outstanding: -10.0, std_err: 1.0, ..error };
        let (low, high) = back.interval(0.95);
        assert!((low + 11.959_963_985).abs() < 1e-6 && (high + 8.040_036_015).abs() < 1e-6, "{low} {high}");
    }
}
