//! Volumes as they would have been forecast in the past, and what came: at horizons 1 to 12 from every month that has a year
//! before it, each made only of the lines served up to it. Money, for which every month's books are made anew, is tested in
//! [`super::money_test`].
//!
//! The errors of all stems at a horizon, each over the half-width that its paths promised, say by how much paths must be
//! stretched to hold what they promise. For the backtest itself a forecast is stretched only by errors that were known on its
//! day.

#![expect(clippy::float_arithmetic, reason = "accuracy is an estimate")]

use rayon::prelude::*;

use super::book::Book;
use super::score::{LEVELS, Past, TestedGroup, naive, tested};
use super::volume::{Known, StemFit, days_after, stems, total};
use crate::forecast::quantile;

/// Months of history before the first origin: a year, and a month beside that of the year before.
pub(super) const SHORTEST: usize = 13;

/// Paths of a past forecast.
const PATHS: usize = 200;

/// Fewer errors than this say nothing of a range.
const ENOUGH: usize = 30;

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
    reaches: Reaches,
}

impl Backtest {
    /// By how much paths were to be stretched, by horizon, as far as was known with so many months of history.
    pub(super) fn stretch_known(&self, months: usize) -> Vec<f64> {
        self.reaches.stretch(months).0
    }
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

/// The months that a history of this length can be tested from, as counts of the months known then: the last so many.
pub(super) fn origins_of(months: usize, wanted: usize) -> std::ops::Range<usize> {
    months.saturating_sub(wanted).max(SHORTEST).min(months)..months
}

/// Tests the volumes of a book from the last `origins` months that have a year before them; `progress` is told of each origin
/// that is done.
#[must_use]
pub fn backtest_volumes(
    book: &Book,
    horizon: usize,
    origins: usize,
    seed: u64,
    progress: &(dyn Fn() + Sync),
) -> Backtest {
    let stems = stems(book);
    let all = total(&stems);
    let n = all.len();
    let origins: Vec<usize> = origins_of(n, origins).filter(|cut| book.told_from(*cut) > 0).collect();
    let at_origin = |cut: &usize| {
        // What came in a missing month is not known.
        let h = horizon.min(n - cut).min(book.told_from(*cut));
        let last = book.first.plus(i32::try_from(*cut).unwrap_or(i32::MAX) - 1);
        let (mut sum, mut mean) = (vec![0.0; h * PATHS], vec![0.0; h]);
        let past = |lines: &[f64], mean: Vec<f64>, paths: &[f64]| Past {
            origin: *cut,
            history: lines[..*cut].to_vec(),
            actual: lines[*cut..cut + h].to_vec(),
            mean,
            naive: naive(&lines[..*cut], h),
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
    let factor = |step: usize, months: usize| reaches.at(step, months).unwrap_or(1.0);
    let mut groups = vec![tested("all", &pasts.all, horizon, &factor)];
    groups.extend(stems.iter().zip(&pasts.stems).map(|(stem, pasts)| tested(&stem.name, pasts, horizon, &factor)));
    Backtest { groups, origins: origins.len(), stretch, note, reaches }
}

/// How far errors reached, by step: (month in which it was known, reach), of all stems.
#[derive(Debug, Clone, PartialEq)]
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
    fn origins_are_the_last_months_that_have_a_year_before_them() {
        assert_eq!(origins_of(36, 24), 13..36);
        assert_eq!(origins_of(36, 12), 24..36);
        assert_eq!(origins_of(14, 24), 13..14);
        assert!(origins_of(13, 24).is_empty() && origins_of(5, 24).is_empty() && origins_of(0, 1).is_empty());
    }
}
