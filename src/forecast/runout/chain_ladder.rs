//! The chain ladder: from one development to the next every origin grows by the same factor, learned from all of them.

use std::fmt;

use super::triangle::Triangle;
use crate::forecast::Month;
use crate::forecast::linear::line_through;

/// No origin tells how the amounts grow from this development to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoFactor {
    /// The development from which.
    pub development: usize,
}

impl fmt::Display for NoFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { development } = self;
        write!(
            f,
            "no month tells how payments grow from lag {development} to lag {}: none has both with a positive amount; \
             cut the triangle there or take longer history",
            development + 1
        )
    }
}

impl std::error::Error for NoFactor {}

/// What is assumed after the last development.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tail {
    /// Nothing more comes.
    Closed,
    /// The amounts grow by this factor in all; it is taken as known. A factor that is not positive counts as 1.
    Factor(f64),
    /// The factors go on falling towards 1 as they did, along a straight line through ln(factor − 1). Where they do not
    /// fall, or fewer than three are above 1, or the tail would more than double the amounts, it is [`Tail::Closed`].
    Decaying,
}

/// The growth from one development to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Factor {
    /// Σ amounts at the next development ÷ Σ amounts at this one, over the same origins.
    pub value: f64,
    /// Σ amounts at this development: the weight that the factor stands on.
    pub weight: f64,
    /// How many origins it was learned from.
    pub pairs: usize,
    /// How many origins had both cells but nothing paid yet, or less than nothing, at this development: they tell no
    /// growth.
    pub skipped: usize,
}

/// One origin, completed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Projection {
    /// The service month.
    pub origin: Month,
    /// Its last known development.
    pub development: usize,
    /// The amount up to it.
    pub latest: f64,
    /// The share of the final amount that has come by this development: the completion factor.
    pub completion: f64,
    /// The amount in the end; `None` while nothing (or less) has been paid, which a factor cannot tell from anything.
    pub ultimate: Option<f64>,
}

impl Projection {
    /// What is still to come (negative when more will be taken back); `None` when the ultimate is unknown.
    #[must_use]
    pub fn outstanding(&self) -> Option<f64> {
        self.ultimate.map(|ultimate| ultimate - self.latest)
    }
}

/// Sums over the origins whose ultimate is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Totals {
    /// Paid so far.
    pub latest: f64,
    /// Paid in the end.
    pub ultimate: f64,
    /// Origins left out because their ultimate is unknown.
    pub unknown: usize,
}

impl Totals {
    /// What is still to come.
    #[must_use]
    pub fn outstanding(&self) -> f64 {
        self.ultimate - self.latest
    }
}

/// A fitted chain ladder.
#[derive(Debug, Clone, PartialEq)]
pub struct ChainLadder {
    factors: Vec<Factor>,
    tail: f64,
    tail_refused: bool,
    /// Growth from each development to the end, the tail included; the last entry is the tail.
    to_ultimate: Vec<f64>,
    projections: Vec<Projection>,
}

impl ChainLadder {
    /// Learns volume-weighted factors from all origins and completes each of them.
    ///
    /// # Errors
    /// When no origin tells a factor, or reversals leave one that is not positive.
    pub fn fit(triangle: &Triangle, tail: Tail) -> Result<Self, NoFactor> {
        let factors =
            (0..triangle.developments() - 1).map(|j| factor(triangle, j)).collect::<Result<Vec<_>, NoFactor>>()?;
        let asked = match tail {
            Tail::Closed => Some(1.0),
            Tail::Factor(factor) => (factor > 0.0 && factor.is_finite()).then_some(factor),
            Tail::Decaying => decaying(&factors),
        };
        let tail = asked.unwrap_or(1.0);
        let mut to_ultimate = vec![tail];
        for factor in factors.iter().rev() {
            to_ultimate.push(to_ultimate.last().unwrap_or(&tail) * factor.value);
        }
        to_ultimate.reverse();
        let project = |(n, origin): (usize, &Month)| {
            let (development, latest) = triangle.latest(n)?;
            let growth = to_ultimate[development];
            let ultimate = (latest > 0.0).then_some(latest * growth);
            Some(Projection { origin: *origin, development, latest, completion: 1.0 / growth, ultimate })
        };
        let projections = triangle.origins().iter().enumerate().filter_map(project).collect();
        Ok(Self { factors, tail, tail_refused: asked.is_none(), to_ultimate, projections })
    }

    /// The factors, from each development to the next.
    #[must_use]
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// The growth after the last development that was used.
    #[must_use]
    pub const fn tail(&self) -> f64 {
        self.tail
    }

    /// Whether the tail that was asked for could not be had, and nothing is taken to come after the last development.
    #[must_use]
    pub const fn tail_refused(&self) -> bool {
        self.tail_refused
    }

    /// The growth from a development to the end. Beyond the last development, nothing grows any more.
    #[must_use]
    pub fn to_ultimate(&self, development: usize) -> f64 {
        self.to_ultimate.get(development).copied().unwrap_or(1.0)
    }

    /// The share of the final amount that has come by a development.
    #[must_use]
    pub fn completion(&self, development: usize) -> f64 {
        1.0 / self.to_ultimate(development)
    }

    /// How many developments there are.
    #[must_use]
    pub fn developments(&self) -> usize {
        self.to_ultimate.len()
    }

    /// The origins with at least one known amount, completed, in ascending order.
    #[must_use]
    pub fn projections(&self) -> &[Projection] {
        &self.projections
    }

    /// The sums over the origins with a known ultimate.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals { latest: 0.0, ultimate: 0.0, unknown: 0 };
        for projection in &self.projections {
            match projection.ultimate {
                Some(ultimate) => {
                    totals.latest += projection.latest;
                    totals.ultimate += ultimate;
                }
                None => totals.unknown += 1,
            }
        }
        totals
    }
}

fn factor(triangle: &Triangle, development: usize) -> Result<Factor, NoFactor> {
    let (mut here, mut next, mut pairs, mut skipped) = (0.0, 0.0, 0, 0);
    for (_, from, to) in triangle.pairs(development) {
        if from > 0.0 {
            here += from;
            next += to;
            pairs += 1;
        } else {
            skipped += 1;
        }
    }
    let value = next / here;
    if pairs == 0 || value <= 0.0 || !value.is_finite() {
        return Err(NoFactor { development });
    }
    Ok(Factor { value, weight: here, pairs, skipped })
}

/// The product of the factors that follow when ln(factor − 1) goes on along its straight line; `None` where that says
/// nothing.
fn decaying(factors: &[Factor]) -> Option<f64> {
    /// Smaller growth changes no figure.
    const NOTHING: f64 = 1e-9;
    let points: Vec<(f64, f64)> =
        (0..).zip(factors).filter(|(_, f)| f.value > 1.0).map(|(j, f)| (f64::from(j), (f.value - 1.0).ln())).collect();
    if points.len() < 3 {
        return None;
    }
    let (start, slope) = line_through(&points)?;
    let mut at = f64::from(u32::try_from(factors.len()).ok()?);
    let mut tail = 1.0;
    while slope < 0.0 && tail <= 2.0 {
        let growth = (start + slope * at).exp();
        if growth < NOTHING {
            return Some(tail);
        }
        tail *= 1.0 + growth;
        at += 1.0;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::runout::triangle::Triangle;

    fn months(n: i32) -> Vec<Month> {
        (0..n).map(|i| Month::new(2024, 1).unwrap().plus(i)).collect()
    }

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    fn triangle(rows: &[&[f64]]) -> Triangle {
        let rows: Vec<Vec<Option<f64>>> = rows.iter().map(|row| row.iter().map(|c| Some(*c)).collect()).collect();
        Triangle::from_cumulative(months(rows.len().try_into().unwrap()), rows).unwrap()
    }

    #[test]
    fn three_months_by_hand() {
        // From lag 0 to 1: (150 + 250)/(100 + 200) = 4/3; from 1 to 2: 165/150 = 1.1.
        // February: 250 · 1.1 = 275. March: 90 · 4/3 · 1.1 = 132.
        let ladder =
            ChainLadder::fit(&triangle(&[&[100.0, 150.0, 165.0], &[200.0, 250.0], &[90.0]]), Tail::Closed).unwrap();
        near(ladder.factors()[0].value, 4.0 / 3.0);
        near(ladder.factors()[1].value, 1.1);
        let ultimates: Vec<f64> = ladder.projections().iter().map(|p| p.ultimate.unwrap()).collect();
        for (found, expected) in ultimates.iter().zip([165.0, 275.0, 132.0]) {
            near(*found, expected);
        }
        near(ladder.projections()[2].completion, 90.0 / 132.0);
        // 0 + 25 + 42 still to come.
        near(ladder.totals().outstanding(), 67.0);
        // With a tail of 1.02 every month ends 2 % higher.
        let longer = ChainLadder::fit(&triangle(&[&[100.0, 150.0], &[90.0]]), Tail::Factor(1.02)).unwrap();
        near(longer.projections()[0].ultimate.unwrap(), 153.0);
        near(longer.projections()[1].ultimate.unwrap(), 90.0 * 1.5 * 1.02);
    }

    #[test]
    fn a_month_in_which_nothing_is_paid_yet_has_no_ultimate_and_tells_no_growth() {
        // January grew from 0 to 50: no factor can say that. February alone gives 120/100.
        let ladder =
            ChainLadder::fit(&triangle(&[&[0.0, 50.0], &[100.0, 120.0], &[0.0], &[-5.0]]), Tail::Closed).unwrap();
        assert_eq!((ladder.factors()[0].pairs, ladder.factors()[0].skipped), (1, 1));
        near(ladder.factors()[0].value, 1.2);
        let ultimates: Vec<_> = ladder.projections().iter().map(|p| p.ultimate).collect();
        assert_eq!(ultimates, [Some(50.0), Some(120.0), None, None]);
        assert_eq!(ladder.totals().unknown, 2);
        near(ladder.totals().ultimate, 170.0);
    }

    #[test]
    fn one_month_and_no_growth_at_all() {
        let one = ChainLadder::fit(&triangle(&[&[100.0]]), Tail::Decaying).unwrap();
        assert!(one.factors().is_empty());
        near(one.totals().ultimate, 100.0);
        near(one.completion(7), 1.0);
        // Everything was taken back: no factor.
        let back = ChainLadder::fit(&triangle(&[&[100.0, 0.0], &[10.0]]), Tail::Closed);
        assert_eq!(back, Err(NoFactor { development: 0 }));
        let zeros = ChainLadder::fit(&triangle(&[&[0.0, 0.0], &[0.0]]), Tail::Closed);
        assert_eq!(zeros, Err(NoFactor { development: 0 }));
    }

    #[test]
    fn a_decaying_tail_goes_on_as_the_factors_did() {
        // Factors 1.5, 1.25, 1.125: growth halves. Then 1.0625 · 1.03125 · 1.015625 · …
        let row = [64.0, 96.0, 120.0, 135.0];
        let ladder = ChainLadder::fit(&triangle(&[&row, &row[..1]]), Tail::Decaying).unwrap();
        let expected: f64 = (4..60).map(|k| 1.0 + 0.5f64.powi(k)).product();
        assert!((ladder.tail() - expected).abs() < 1e-7, "{} {expected}", ladder.tail());
        // Growing factors and too few of them have no tail.
        let growing = ChainLadder::fit(&triangle(&[&[10.0, 11.0, 13.0, 20.0]]), Tail::Decaying).unwrap();
        near(growing.tail(), 1.0);
        assert!(growing.tail_refused() && !ladder.tail_refused());
        let short = ChainLadder::fit(&triangle(&[&[10.0, 15.0, 17.0]]), Tail::Decaying).unwrap();
        near(short.tail(), 1.0);
        let wrong = ChainLadder::fit(&triangle(&[&[10.0, 15.0]]), Tail::Factor(f64::NAN)).unwrap();
        assert!(wrong.tail_refused());
        near(wrong.tail(), 1.0);
    }
}
