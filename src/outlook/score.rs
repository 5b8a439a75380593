//! How past forecasts did beside what came: errors, bias, and whether ranges held, against the same month of the year before.

#![expect(clippy::float_arithmetic, reason = "accuracy is an estimate")]

use crate::forecast::{Model, SeasonalNaive, bias, coverage, mase, msis, seasonal_scale, wape};

/// The levels of ranges.
pub const LEVELS: [f64; 3] = [0.5, 0.8, 0.95];

/// Steps in a season: months of a year.
const PERIOD: usize = 12;

/// How forecasts did at a horizon (or over all of them).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Score {
    /// Forecasts compared with what came.
    pub forecasts: usize,
    /// Σ |error| ÷ Σ actual.
    pub wape: Option<f64>,
    /// Σ (forecast − actual) ÷ Σ actual.
    pub bias: Option<f64>,
    /// Mean absolute scaled error, of forecasts with two years of history: 1 is as far off as seasonal naive within it.
    pub mase: Option<f64>,
    /// Share of what came within the ranges of [`LEVELS`].
    pub coverage: [Option<f64>; 3],
    /// Mean scaled interval score of the 95 % range, of the same forecasts.
    pub msis: Option<f64>,
    /// The same of seasonal naive: the same month of the year before.
    pub naive: Naive,
}

/// How seasonal naive did on the same months.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Naive {
    /// Forecasts; fewer where there was no year before.
    pub forecasts: usize,
    /// Σ |error| ÷ Σ actual.
    pub wape: Option<f64>,
    /// Σ (forecast − actual) ÷ Σ actual.
    pub bias: Option<f64>,
    /// Mean absolute scaled error.
    pub mase: Option<f64>,
    /// Share of what came within its 80 % range.
    pub coverage80: Option<f64>,
    /// Mean scaled interval score of its 95 % range.
    pub msis: Option<f64>,
}

/// How the forecasts of a group, or of the total, did.
#[derive(Debug, Clone, PartialEq)]
pub struct TestedGroup {
    /// `all`, or the group's name.
    pub name: String,
    /// Over all horizons.
    pub overall: Score,
    /// Horizon 1 first.
    pub by_horizon: Vec<Score>,
}

/// One past forecast of one series. `mean`, `ranges` and `actual` are equally long: what had not come yet is not there.
#[derive(Debug, Clone)]
pub(super) struct Past {
    /// Months of history that it knew.
    pub(super) origin: usize,
    pub(super) history: Vec<f64>,
    pub(super) actual: Vec<f64>,
    pub(super) mean: Vec<f64>,
    /// By step and level.
    pub(super) ranges: Vec<[(f64, f64); 3]>,
    pub(super) naive: Option<Vec<NaiveStep>>,
}

/// The mean of seasonal naive at a step, with its ranges of 80 and 95 %.
pub(super) type NaiveStep = (f64, [(f64, f64); 2]);

/// What the same month of the last known year had, by step, with its ranges of 80 and 95 %; `None` without such a year.
pub(super) fn naive(history: &[f64], horizon: usize) -> Option<Vec<NaiveStep>> {
    let fitted = SeasonalNaive.fit(history, PERIOD).ok()?;
    let [wide, wider] = fitted.intervals(horizon, [LEVELS[1], LEVELS[2]]);
    Some(fitted.mean(horizon).into_iter().zip(wide).zip(wider).map(|((m, a), b)| (m, [a, b])).collect())
}

/// Whether there is anything to score: neither forecast nor came more than nothing, where a group has no price.
pub(super) fn is_empty(pasts: &[Past]) -> bool {
    pasts.iter().all(|p| p.actual.iter().chain(&p.mean).all(|v| *v == 0.0))
}

/// The scores of past forecasts over all steps and at each.
pub(super) fn tested(name: &str, pasts: &[Past], horizon: usize, stretch: &Stretch<'_>) -> TestedGroup {
    TestedGroup {
        name: name.to_owned(),
        overall: score(pasts, stretch, None),
        by_horizon: (0..horizon).map(|step| score(pasts, stretch, Some(step))).collect(),
    }
}

/// By how much ranges are widened at a step, from so many months of history on.
pub(super) type Stretch<'a> = dyn Fn(usize, usize) -> f64 + 'a;

/// Pairs of what came and what was forecast, with the ranges.
#[derive(Default)]
struct Pairs {
    actual: Vec<f64>,
    mean: Vec<f64>,
    scaled: Vec<f64>,
    scores: Vec<f64>,
}

impl Pairs {
    fn add(&mut self, history: &[f64], actual: f64, mean: f64, widest: (f64, f64)) {
        self.actual.push(actual);
        self.mean.push(mean);
        // The scale of one or a few seasonal differences is chance: a forecast is scaled when it had two years before it.
        if history.len() >= 2 * PERIOD && seasonal_scale(history, PERIOD).is_some() {
            self.scaled.extend(mase(history, PERIOD, &[actual], &[mean]));
            self.scores.extend(msis(history, PERIOD, &[actual], &[widest], LEVELS[2]));
        }
    }
}

/// The mean; `None` of nothing.
fn average(values: &[f64]) -> Option<f64> {
    let (sum, count) = values.iter().fold((0.0, 0.0), |(sum, count), v| (sum + v, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

/// The score of past forecasts at a step, or at all.
fn score(pasts: &[Past], stretch: &Stretch<'_>, step: Option<usize>) -> Score {
    let (mut own, mut naive) = (Pairs::default(), Pairs::default());
    let mut within: [Vec<(f64, f64)>; 3] = Default::default();
    let mut naive_within = Vec::new();
    for past in pasts {
        for s in (0..past.actual.len()).filter(|s| step.is_none_or(|wanted| wanted == *s)) {
            let (actual, mean) = (past.actual[s], past.mean[s]);
            let factor = stretch(s, past.origin);
            let wide =
                |(low, high): (f64, f64)| ((mean + (low - mean) * factor).max(0.0), mean + (high - mean) * factor);
            // Ranges that are not stretched stay as they were made, also below zero.
            let stretched =
                past.ranges[s].map(|range| if (factor - 1.0).abs() < f64::EPSILON { range } else { wide(range) });
            within.iter_mut().zip(stretched).for_each(|(w, r)| w.push(r));
            own.add(&past.history, actual, mean, stretched[2]);
            if let Some((mean, ranges)) = past.naive.as_ref().and_then(|n| n.get(s)) {
                naive.add(&past.history, actual, *mean, ranges[1]);
                naive_within.push(ranges[0]);
            }
        }
    }
    Score {
        forecasts: own.actual.len(),
        wape: wape(&own.actual, &own.mean),
        bias: bias(&own.actual, &own.mean),
        mase: average(&own.scaled),
        coverage: within.map(|ranges| coverage(&own.actual, &ranges)),
        msis: average(&own.scores),
        naive: Naive {
            forecasts: naive.actual.len(),
            wape: wape(&naive.actual, &naive.mean),
            bias: bias(&naive.actual, &naive.mean),
            mase: average(&naive.scaled),
            coverage80: coverage(&naive.actual, &naive_within),
            msis: average(&naive.scores),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two years, 100 in each month of the first and 112 in those of the second: twelve seasonal differences of 12.
    fn history() -> Vec<f64> {
        [[100.0; 12], [112.0; 12]].concat()
    }

    fn past(actual: [f64; 2], mean: [f64; 2]) -> Past {
        let range = |m: f64| [(m - 5.0, m + 5.0), (m - 10.0, m + 10.0), (m - 20.0, m + 20.0)];
        Past {
            origin: 24,
            history: history(),
            actual: actual.to_vec(),
            mean: mean.to_vec(),
            ranges: mean.map(range).to_vec(),
            naive: Some(vec![(100.0, [(90.0, 110.0), (80.0, 120.0)]); 2]),
        }
    }

    #[test]
    fn scores_by_hand() {
        // Errors 106 − 110 = −4 and 104 − 90 = 14; what came 110 and 90.
        let all = score(&[past([110.0, 90.0], [106.0, 104.0])], &|_, _| 1.0, None);
        assert_eq!(all.forecasts, 2);
        let near = |found: Option<f64>, wanted: f64| {
            assert!((found.unwrap() - wanted).abs() < 1e-12, "{found:?}, not {wanted}");
        };
        // 18 / 200; 10 / 200; (4 / 12 + 14 / 12) / 2.
        near(all.wape, 0.09);
        near(all.bias, 0.05);
        near(all.mase, 0.75);
        // 110 lies within 106 ± 5; 90 only within 104 ± 20.
        assert_eq!(all.coverage, [Some(0.5), Some(0.5), Some(1.0)]);
        // Both hold at 95 %: the width of 40 over the scale of 12.
        near(all.msis, 40.0 / 12.0);
        // Naive: errors −10 and 10: 20 / 200, 0, (10 / 12 + 10 / 12) / 2; both are at the ends of its ranges.
        near(all.naive.wape, 0.1);
        near(all.naive.bias, 0.0);
        near(all.naive.mase, 10.0 / 12.0);
        assert_eq!(all.naive.coverage80, Some(1.0));
    }

    #[test]
    fn a_forecast_after_less_than_two_years_is_not_scaled() {
        let short = Past { history: history()[..23].to_vec(), origin: 23, ..past([110.0, 90.0], [106.0, 104.0]) };
        let score = score(&[short], &|_, _| 1.0, None);
        assert_eq!((score.mase, score.msis, score.naive.mase), (None, None, None));
        assert!(score.wape.is_some() && score.coverage[0].is_some());
    }

    #[test]
    fn a_step_is_scored_alone_and_ranges_are_stretched_about_the_mean() {
        // The second step is 14 off; its 80 % range, ± 10, holds it when it is half as wide again.
        let pasts = [past([110.0, 90.0], [106.0, 104.0])];
        let second = score(&pasts, &|step, months| if (step, months) == (1, 24) { 1.5 } else { 1.0 }, Some(1));
        assert_eq!((second.forecasts, second.coverage), (1, [Some(0.0), Some(1.0), Some(1.0)]));
    }

    #[test]
    fn a_history_without_a_year_has_no_naive_forecast() {
        assert!(naive(&[1.0; 11], 3).is_none());
        // The same month of the year before, months 2 and 3 of the last twelve.
        let months: Vec<f64> = (0..13).map(f64::from).collect();
        let found = naive(&months, 2).unwrap();
        assert_eq!((found[0].0, found[1].0), (1.0, 2.0));
        assert!(score(&[], &|_, _| 1.0, None).wape.is_none());
    }
}
