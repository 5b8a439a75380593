//! What would have been forecast in the past, and what came: volumes at horizons 1 to 12 from every month that has a year
//! before it, and money at the last closes, each made only of what was known then.
//!
//! The errors of all stems at a horizon, each over the half-width that its paths promised, say by how much paths must be
//! stretched to hold what they promise. For the backtest itself a forecast is stretched only by errors that were known on its
//! day.

#![expect(clippy::float_arithmetic, reason = "accuracy is an estimate")]

use rayon::prelude::*;

use super::book::{Book, end_of};
use super::cash::cash;
use super::compose::{Measure, Plan, outlook};
use super::rates::Rates;
use super::volume::{Known, StemFit, days_after, seasonal_naive, stems, total};
use crate::domain::Money;
use crate::finding::Result;
use crate::forecast::{Month, bias, coverage, mase, msis, quantile, seasonal_scale, wape};
use crate::ingest::Intake;
use crate::project::Project;
use crate::reference::Reference;

/// The levels of ranges.
pub const LEVELS: [f64; 3] = [0.5, 0.8, 0.95];

/// Months of history before the first origin.
const SHORTEST: usize = 13;

/// No more origins than this: two years.
const ORIGINS: usize = 24;

/// Paths of a past forecast.
const PATHS: usize = 200;

/// Fewer errors than this say nothing of a range.
const ENOUGH: usize = 30;

/// How forecasts did at a horizon (or over all of them).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Score {
    /// Forecasts compared with what came.
    pub forecasts: usize,
    /// Σ |error| ÷ Σ actual.
    pub wape: Option<f64>,
    /// Σ (forecast − actual) ÷ Σ actual.
    pub bias: Option<f64>,
    /// Mean absolute scaled error: 1 is as far off as seasonal naive within the history.
    pub mase: Option<f64>,
    /// Share of what came within the ranges of [`LEVELS`].
    pub coverage: [Option<f64>; 3],
    /// Mean scaled interval score of the 95 % range.
    pub msis: Option<f64>,
    /// WAPE of seasonal naive, the same month of the year before.
    pub naive_wape: Option<f64>,
    /// Its MASE.
    pub naive_mase: Option<f64>,
}

/// How the forecasts of a stem, or of the total, did.
#[derive(Debug, Clone, PartialEq)]
pub struct TestedGroup {
    /// `all`, or the stem's name.
    pub name: String,
    /// Over all horizons.
    pub overall: Score,
    /// Horizon 1 first.
    pub by_horizon: Vec<Score>,
}

/// A backtest of volumes.
#[derive(Debug, Clone, PartialEq)]
pub struct Backtest {
    /// The total first, then the stems.
    pub groups: Vec<TestedGroup>,
    /// How many months were forecast from.
    pub origins: usize,
    /// By how much paths are to be stretched, by horizon.
    pub stretch: Vec<f64>,
    /// How the ranges came about, to be said beside them.
    pub note: String,
}

/// One past forecast of one series.
struct Past {
    origin: usize,
    history: Vec<f64>,
    actual: Vec<f64>,
    mean: Vec<f64>,
    naive: Option<Vec<f64>>,
    /// By step and level.
    ranges: Vec<[(f64, f64); 3]>,
}

/// |error| over the half-width of the 80 % range on the side of the error.
fn reach(actual: f64, mean: f64, range: (f64, f64)) -> Option<f64> {
    let half = if actual >= mean { range.1 - mean } else { mean - range.0 };
    (half > 0.0).then(|| (actual - mean).abs() / half)
}

fn ranges(paths: &[f64], h: usize) -> Vec<[(f64, f64); 3]> {
    (0..h)
        .map(|step| {
            let mut values: Vec<f64> = paths.iter().skip(step).step_by(h).copied().collect();
            values.sort_by(f64::total_cmp);
            LEVELS.map(|level| {
                let tail = (1.0 - level) / 2.0;
                (quantile(&values, tail), quantile(&values, 1.0 - tail))
            })
        })
        .collect()
}

/// Forecasts from every origin.
struct Pasts {
    /// The total.
    all: Vec<Past>,
    /// By stem.
    stems: Vec<Vec<Past>>,
}

/// Tests the volumes of a book; `progress` is told of each origin that is done.
#[must_use]
pub fn backtest_volumes(book: &Book, horizon: usize, seed: u64, progress: &(dyn Fn() + Sync)) -> Backtest {
    let stems = stems(book);
    let all = total(&stems);
    let n = all.len();
    let first = n.saturating_sub(ORIGINS).max(SHORTEST);
    let origins: Vec<usize> = (first..n).collect();
    let at_origin = |cut: &usize| {
        let h = horizon.min(n - cut);
        let last = book.first.plus(i32::try_from(*cut).unwrap_or(i32::MAX) - 1);
        let (mut sum, mut mean) = (vec![0.0; h * PATHS], vec![0.0; h]);
        let past = |lines: &[f64], mean: Vec<f64>, paths: &[f64]| Past {
            origin: *cut,
            history: lines[..*cut].to_vec(),
            actual: lines[*cut..cut + h].to_vec(),
            mean,
            naive: seasonal_naive(&lines[..*cut], h),
            ranges: ranges(paths, h),
        };
        let mut each = Vec::with_capacity(stems.len());
        for stem in &stems {
            let days = days_after(book, &stem.places, last, h);
            let known = Known {
                lines: &stem.lines[..*cut],
                places: &stem.places,
                payer: stem.payer.as_ref(),
                all: &all[..*cut],
                plans: false,
            };
            let fit = StemFit::new(book, &known);
            let (own, paths) = match &fit {
                Some(fit) => (fit.mean(&days), fit.paths(&days, PATHS, seed)),
                None => (vec![0.0; h], vec![0.0; h * PATHS]),
            };
            sum.iter_mut().zip(&paths).for_each(|(s, p)| *s += p);
            mean.iter_mut().zip(&own).for_each(|(s, m)| *s += m);
            each.push(past(&stem.lines, own, &paths));
        }
        progress();
        (past(&all, mean, &sum), each)
    };
    let done: Vec<(Past, Vec<Past>)> = origins.par_iter().map(at_origin).collect();
    let mut pasts = Pasts { all: Vec::new(), stems: stems.iter().map(|_| Vec::new()).collect() };
    for (all, each) in done {
        pasts.all.push(all);
        pasts.stems.iter_mut().zip(each).for_each(|(of, past)| of.push(past));
    }
    let reaches = Reaches::of(&pasts, horizon);
    let (stretch, note) = reaches.stretch(usize::MAX);
    let tested = |name: &str, pasts: &[Past]| TestedGroup {
        name: name.to_owned(),
        overall: score(pasts, &reaches, None),
        by_horizon: (0..horizon).map(|step| score(pasts, &reaches, Some(step))).collect(),
    };
    let mut groups = vec![tested("all", &pasts.all)];
    groups.extend(stems.iter().zip(&pasts.stems).map(|(stem, pasts)| tested(&stem.name, pasts)));
    Backtest { groups, origins: origins.len(), stretch, note }
}

/// How far errors reached, by step: (month in which it was known, reach), of all stems.
struct Reaches(Vec<Vec<(usize, f64)>>);

impl Reaches {
    fn of(pasts: &Pasts, horizon: usize) -> Self {
        let mut all = vec![Vec::new(); horizon];
        for past in pasts.stems.iter().flatten() {
            for (step, actual) in past.actual.iter().enumerate() {
                if let Some(reach) = reach(*actual, past.mean[step], past.ranges[step][1]) {
                    all[step].push((past.origin + step + 1, reach));
                }
            }
        }
        Self(all)
    }

    /// The factor of a step by the errors that were known with `months` of history; 1 where they are too few.
    fn at(&self, step: usize, months: usize) -> Option<f64> {
        let mut known: Vec<f64> = self.0[step].iter().filter(|r| r.0 <= months).map(|r| r.1).collect();
        known.sort_by(f64::total_cmp);
        // Four fifths of the errors must lie within; what a few errors say is held within limits.
        (known.len() >= ENOUGH).then(|| quantile(&known, 0.8).clamp(0.7, 3.0))
    }

    fn stretch(&self, months: usize) -> (Vec<f64>, String) {
        let factors: Vec<Option<f64>> = (0..self.0.len()).map(|step| self.at(step, months)).collect();
        let few = factors.iter().filter(|f| f.is_none()).count();
        let fewest = self.0.iter().map(Vec::len).min().unwrap_or(0);
        let last = factors.iter().rev().find_map(|f| *f);
        let note = match (last, few) {
            (None, _) => format!(
                "Ranges are those of the models alone, which tend to be too narrow: there are {fewest} past errors at some horizon and {ENOUGH} are needed."
            ),
            (_, 0) => format!(
                "Ranges are stretched so that past errors of all payers together fit: {fewest} or more at each horizon."
            ),
            (_, few) => format!(
                "Ranges are stretched so that past errors of all payers together fit; {few} horizons have fewer than {ENOUGH} and take the factor of a nearer one."
            ),
        };
        let mut before = 1.0;
        let filled = factors.into_iter().map(|factor| {
            before = factor.unwrap_or(before);
            before
        });
        (filled.collect(), note)
    }
}

/// The score of past forecasts at a step, or at all.
fn score(pasts: &[Past], reaches: &Reaches, step: Option<usize>) -> Score {
    let (mut actual, mut mean, mut naive) = (Vec::new(), Vec::new(), (Vec::new(), Vec::new()));
    let mut within: [Vec<(f64, f64)>; 3] = Default::default();
    let (mut scaled, mut naive_scaled, mut scores) = (Vec::new(), Vec::new(), Vec::new());
    for past in pasts {
        let steps = (0..past.actual.len()).filter(|s| step.is_none_or(|wanted| wanted == *s));
        for s in steps {
            let (a, m) = (past.actual[s], past.mean[s]);
            let factor = reaches.at(s, past.origin).unwrap_or(1.0);
            actual.push(a);
            mean.push(m);
            scaled.extend(mase(&past.history, 12, &[a], &[m]));
            let stretched = past.ranges[s].map(|(l, h)| ((m + (l - m) * factor).max(0.0), m + (h - m) * factor));
            within.iter_mut().zip(stretched).for_each(|(w, r)| w.push(r));
            scores.extend(msis(&past.history, 12, &[a], &stretched[2..], LEVELS[2]));
            if let Some(n) = past.naive.as_ref().and_then(|n| n.get(s)) {
                naive.0.push(a);
                naive.1.push(*n);
                naive_scaled.extend(seasonal_scale(&past.history, 12).map(|scale| (a - n).abs() / scale));
            }
        }
    }
    let average = |v: &[f64]| (!v.is_empty()).then(|| v.iter().sum::<f64>() / v.iter().map(|_| 1.0).sum::<f64>());
    Score {
        forecasts: actual.len(),
        wape: wape(&actual, &mean),
        bias: bias(&actual, &mean),
        mase: average(&scaled),
        coverage: within.map(|ranges| coverage(&actual, &ranges)),
        msis: average(&scores),
        naive_wape: wape(&naive.0, &naive.1),
        naive_mase: average(&naive_scaled),
    }
}

/// A month that closed: what had been forecast for it at the end of the month before, and what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Close {
    /// The month.
    pub month: Month,
    /// What was forecast of it: expected amounts, or cash.
    pub measure: Measure,
    /// Mean.
    pub mean: Money,
    /// The 80 % range.
    pub range: (Money, Money),
    /// What came.
    pub actual: Money,
}

impl Close {
    /// Whether the range held what came.
    #[must_use]
    pub fn held(&self) -> bool {
        self.range.0 <= self.actual && self.actual <= self.range.1
    }
}

/// Forecasts each of the last closes from the end of the month before, with what was known then, and compares expected amounts
/// and cash with what came. Months without a forecast (too little known) are left out.
///
/// # Errors
/// When there are more distinct prices than the pricer can number.
pub fn closes(
    intake: &Intake,
    project: &Project,
    reference: &Reference,
    full: &Book,
    count: i32,
    plan: &Plan,
    progress: &(dyn Fn() + Sync),
) -> Result<Vec<Close>> {
    let last = full.last_service.min(full.last_posting);
    let one = |back: &i32| -> Vec<Close> {
        let month = last.plus(1 - back);
        let origin = month.plus(-1);
        let known = end_of(origin).and_then(|day| Book::new(intake, project, reference, day).ok());
        progress();
        // Without a year of history there is no season, and nothing that a planner would have used.
        let enough = |b: &Book| b.last_service == origin && b.last_service.since(b.first) >= 12;
        let Some(book) = known.filter(enough) else { return Vec::new() };
        let rates = Rates::known(&book, project, reference, 1);
        let plan = Plan { horizon: 1, by: Vec::new(), adjust: Vec::new(), ..plan.clone() };
        let made = outlook(&book, &rates, &cash(&book), &plan);
        let at = usize::try_from(month.since(full.first)).unwrap_or(usize::MAX);
        let actual = [(Measure::Expected, Some(full.cell(at).expected)), (Measure::Cash, full.cash_of(month))];
        actual
            .into_iter()
            .filter_map(|(measure, actual)| {
                let band = made.total.month(0, measure);
                let range = (Money::from_cents(band.i80.0), Money::from_cents(band.i80.1));
                Some(Close { month, measure, mean: Money::from_cents(band.mean), range, actual: actual? })
            })
            .collect()
    };
    let backs: Vec<i32> = (1..=count).rev().collect();
    let all: Vec<Vec<Close>> = backs.par_iter().map(one).collect();
    Ok(all.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reach_is_the_error_over_the_half_width_on_its_side() {
        assert_eq!(reach(14.0, 10.0, (8.0, 12.0)), Some(2.0));
        assert_eq!(reach(9.0, 10.0, (8.0, 12.0)), Some(0.5));
        assert_eq!(reach(10.0, 10.0, (10.0, 10.0)), None);
    }

    #[test]
    fn a_stretch_is_made_of_errors_known_on_the_day_and_said_to_be_missing() {
        // Thirty errors twice as far as promised, known after month 20; at the second step there are none.
        let reaches = Reaches(vec![vec![(20, 2.0); 30], Vec::new()]);
        assert_eq!((reaches.at(0, 19), reaches.at(0, 20), reaches.at(1, 99)), (None, Some(2.0), None));
        let (factors, note) = reaches.stretch(99);
        assert_eq!(factors, [2.0, 2.0]);
        assert!(note.contains("1 horizons have fewer"), "{note}");
        let (factors, note) = reaches.stretch(10);
        assert_eq!(factors, [1.0, 1.0]);
        assert!(note.contains("too narrow"), "{note}");
    }

    #[test]
    fn a_close_is_held_with_its_ends() {
        let money = Money::from_cents;
        let close = |actual| Close {
            month: Month::new(2024, 1).unwrap(),
            measure: Measure::Cash,
            mean: money(5),
            range: (money(4), money(6)),
            actual: money(actual),
        };
        assert!(close(4).held() && close(6).held() && !close(7).held() && !close(3).held());
    }
}
