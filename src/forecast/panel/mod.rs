//! What a model would have forecast in the past, over all the series of a user: how far it was off at each horizon, beside the
//! seasonal naive forecast, and from that how wide an interval must be to hold what it promises.
//!
//! A model's own intervals take the model to be true and hold less than they say. Here the errors of all series at all origins
//! are pooled per horizon, each divided by the unit of errors of its series ([`error_unit`]), and an interval reaches as far as
//! the promised share of them did (conformal prediction, pooled over a panel). A single series has too few errors to do this
//! alone.
//!
//! The same errors say which members of the usual combination deserve how much weight on this panel ([`blend`]).
//!
//! The origins of series that end together fall in the same months. A break that none of these months had, a new rule or a closed practice,
//! is in no error and so in no interval.

mod blend;
mod intervals;
mod score;

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::accuracy::seasonal_scale;
use super::model::Model;
use super::naive::SeasonalNaive;
use super::series::{NoFit, Series};
use intervals::{Pool, unit};
use score::score;

pub use blend::{Blend, Weights, blend};
pub use intervals::{Calibration, Intervals, error_unit};
pub use score::{IntervalScore, Score};

/// The levels of intervals.
pub const LEVELS: [f64; 3] = [0.5, 0.8, 0.95];

/// Which pasts are forecast from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Steps after which a season comes round.
    pub period: usize,
    /// Steps forecast from each origin.
    pub horizon: usize,
    /// Origins per series, the last such that all its steps are known.
    pub origins: usize,
    /// Steps from one origin to the next.
    pub every: usize,
    /// The least number of values to fit to.
    pub shortest: usize,
    /// Whether the models' own intervals are scored beside: costly where they must be drawn.
    pub own: bool,
}

impl Default for Plan {
    /// Months: 12 steps from each of 12 origins, after two years or more.
    fn default() -> Self {
        Self { period: 12, horizon: 12, origins: 12, every: 1, shortest: 24, own: true }
    }
}

impl Plan {
    /// Lengths of the pasts of a series of `n` values. A series too short for one full horizon is forecast as far as it goes.
    fn cuts(&self, n: usize) -> Vec<usize> {
        let whole = n.saturating_sub(self.horizon);
        let last = if whole >= self.shortest { whole } else { n.saturating_sub(1) };
        let back = (0..self.origins).filter_map(|i| last.checked_sub(i.checked_mul(self.every.max(1))?));
        let mut cuts: Vec<usize> = back.take_while(|cut| *cut >= self.shortest.max(1)).collect();
        cuts.reverse();
        cuts
    }
}

/// One model's part of a backtest.
#[derive(Debug, Clone, PartialEq)]
pub struct Tested {
    /// The model's name.
    pub name: String,
    /// Over all horizons.
    pub overall: Score,
    /// Horizon 1 first.
    pub by_horizon: Vec<Score>,
    /// Origins at which the model could not be fitted: its scores lack them.
    pub not_fitted: usize,
    /// What intervals of this model's forecasts should be.
    pub intervals: Intervals,
}

/// A backtest of several models over a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Backtest {
    /// The seasonal naive forecast first, then the models in the order given.
    pub models: Vec<Tested>,
    /// Origins, over all series.
    pub origins: usize,
    /// Series that were left out, by position, and why.
    pub left_out: Vec<(usize, NoFit)>,
}

/// Forecasts every series from its past origins with every model, in parallel, and scores the forecasts. Series are in the order
/// of time; the result does not depend on the number of threads.
#[must_use]
pub fn backtest(panel: &[Vec<f64>], models: &[&dyn Model], plan: Plan) -> Backtest {
    let all: Vec<&dyn Model> = std::iter::once(&SeasonalNaive as &dyn Model).chain(models.iter().copied()).collect();
    let (origins, left_out) = origins(panel, &all, plan);
    let tested = all.iter().enumerate().map(|(m, model)| tested(&origins, m, model.name(), plan.horizon)).collect();
    Backtest { models: tested, origins: origins.len(), left_out }
}

/// All origins of all series, forecast with every model, and the series that have none.
fn origins(panel: &[Vec<f64>], models: &[&dyn Model], plan: Plan) -> (Vec<Origin>, Vec<(usize, NoFit)>) {
    let (mut work, mut left_out) = (Vec::new(), Vec::new());
    for (at, values) in panel.iter().enumerate() {
        match Series::at_least(values, plan.period, plan.shortest + 1) {
            Err(why) => left_out.push((at, why)),
            Ok(_) => work.extend(plan.cuts(values.len()).into_iter().map(|cut| (at, cut))),
        }
    }
    let forecast = |(at, cut): &(usize, usize)| Origin::forecast(*at, &panel[*at], *cut, models, plan);
    (work.par_iter().map(forecast).collect(), left_out)
}

/// One past of one series: what came and what each model expected.
struct Origin {
    series: usize,
    actual: Vec<f64>,
    scale: Option<f64>,
    expected: Vec<Option<Expected>>,
}

/// What a model expected after a past.
struct Expected {
    mean: Vec<f64>,
    own: Option<[Vec<(f64, f64)>; 3]>,
    residuals: Vec<f64>,
    unit: Option<f64>,
}

impl Origin {
    fn forecast(series: usize, values: &[f64], cut: usize, models: &[&dyn Model], plan: Plan) -> Self {
        let (past, after) = values.split_at(cut.min(values.len()));
        let actual = after[..after.len().min(plan.horizon)].to_vec();
        let scale = seasonal_scale(past, plan.period);
        let expected = models
            .iter()
            .map(|model| {
                let fitted = model.fit(past, plan.period).ok()?;
                let h = actual.len();
                let own = plan.own.then(|| fitted.intervals(h, LEVELS));
                let unit = unit(fitted.residuals(), scale);
                Some(Expected { mean: fitted.mean(h), own, residuals: fitted.residuals().to_vec(), unit })
            })
            .collect();
        Self { series, actual, scale, expected }
    }
}

fn tested(origins: &[Origin], model: usize, name: String, horizon: usize) -> Tested {
    let steps = || origins.iter().flat_map(move |o| o.steps(model));
    let pool = Pool::of(steps(), horizon);
    let judged: BTreeMap<usize, Vec<[f64; 3]>> =
        pool.series().into_iter().filter_map(|series| Some((series, pool.reach(Some(series))?))).collect();
    let judged = |step: &Step| {
        let (reach, unit) = (judged.get(&step.series)?[step.i], step.unit?);
        Some(reach.map(|reach| (step.mean - reach * unit, step.mean + reach * unit)))
    };
    let by_horizon = (0..horizon).map(|i| score(steps().filter(|s| s.i == i), judged)).collect();
    let not_fitted = origins.iter().filter(|o| o.expected[model].is_none()).count();
    Tested { name, overall: score(steps(), judged), by_horizon, not_fitted, intervals: pool.intervals() }
}

/// One forecast value and what came.
#[derive(Debug, Clone, Copy)]
struct Step {
    series: usize,
    i: usize,
    actual: f64,
    mean: f64,
    own: Option<[(f64, f64); 3]>,
    unit: Option<f64>,
    scale: Option<f64>,
}

impl Origin {
    fn steps(&self, model: usize) -> impl Iterator<Item = Step> + '_ {
        self.expected[model].iter().flat_map(move |e| {
            self.actual.iter().enumerate().map(move |(i, actual)| Step {
                series: self.series,
                i,
                actual: *actual,
                mean: e.mean[i],
                own: e.own.as_ref().map(|own| [own[0][i], own[1][i], own[2][i]]),
                unit: e.unit,
                scale: self.scale,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::draws::Draws;
    use super::super::naive::Naive;
    use super::*;

    #[test]
    fn pasts_end_one_step_apart_and_leave_a_whole_horizon() {
        let plan = Plan::default();
        assert_eq!(plan.cuts(60), (37..=48).collect::<Vec<_>>());
        // No past is shorter than two years.
        assert_eq!(plan.cuts(38), [24, 25, 26]);
        assert_eq!(plan.cuts(36), [24]);
        // Too short for a whole horizon: as far as it goes.
        assert_eq!(plan.cuts(27), [24, 25, 26]);
        assert!(plan.cuts(24).is_empty() && plan.cuts(0).is_empty());
        // Half a year apart, as far as the history goes: 100 − 12 = 88, then 82, 76 …
        let far = Plan { origins: 4, every: 6, ..plan };
        assert_eq!(far.cuts(100), [70, 76, 82, 88]);
        assert_eq!(far.cuts(45), [27, 33]);
    }

    #[test]
    fn scores_by_hand() {
        let plan = Plan { period: 1, horizon: 2, origins: 2, every: 1, shortest: 3, ..Plan::default() };
        let panel = [vec![1.0, 2.0, 4.0, 7.0, 11.0, 16.0], vec![5.0, 5.0, 5.0], vec![5.0, f64::NAN, 5.0, 5.0]];
        let test = backtest(&panel, &[&Naive], plan);
        assert_eq!(test.origins, 2);
        assert_eq!(test.left_out, [(1, NoFit::TooShort { have: 3, need: 4 }), (2, NoFit::NotFinite(1))]);
        let naive = &test.models[1];
        assert_eq!((naive.name.as_str(), naive.not_fitted), ("naive", 0));
        // After 1, 2, 4: 4 and 4 against 7 and 11. After 1, 2, 4, 7: 7 and 7 against 11 and 16.
        let (first, second) = (&naive.by_horizon[0], &naive.by_horizon[1]);
        assert_eq!(first.wape, Some(7.0 / 18.0));
        assert_eq!(second.bias, Some(-16.0 / 27.0));
        // Scales: steps 1 and 2, mean 1.5; steps 1, 2, 3, mean 2.
        assert_eq!(first.mase, Some((3.0 / 1.5 + 4.0 / 2.0) / 2.0));
        assert_eq!(naive.overall.mase, Some((3.0 / 1.5 + 7.0 / 1.5 + 4.0 / 2.0 + 9.0 / 2.0) / 4.0));
        assert_eq!(naive.overall.forecasts, 4);
        // The seasonal naive forecast of period 1 is the naive one.
        assert_eq!(test.models[0].overall, naive.overall);
    }

    #[test]
    fn a_small_panel_has_the_intervals_of_the_model_and_says_so() {
        let y: Vec<f64> = (0..40).map(|t| f64::from(t % 7)).collect();
        let plan = Plan { period: 1, ..Plan::default() };
        let test = backtest(std::slice::from_ref(&y), &[], plan);
        let intervals = &test.models[0].intervals;
        assert!(intervals.note().contains("for: 1 series"), "{}", intervals.note());
        assert_eq!(test.models[0].overall.calibrated, None);
        let fitted = Naive.fit(&y, 1).unwrap();
        // Wider than those of the model by 15 %, about the last value, which is 39 mod 7 = 4.
        let ([_, ours, _], own) = (intervals.of(&fitted, &y, 1, 3), fitted.interval(3, 0.8));
        assert!(((ours[2].1 - 4.0) / (own[2].1 - 4.0) - 1.15).abs() < 1e-12);
    }

    /// Thirty series whose steps are drawn: the naive forecast is right, and its normal intervals are not.
    fn walks() -> Vec<Vec<f64>> {
        (0..30)
            .map(|k| {
                let mut draws = Draws::stream(4, k);
                let mut value = 100.0;
                (0..60)
                    .map(|_| {
                        // One step in ten is ten times as long.
                        let long = if draws.unit() < 0.1 { 10.0 } else { 1.0 };
                        value += long * (draws.unit() - 0.5);
                        value
                    })
                    .collect()
            })
            .collect()
    }

    #[test]
    fn calibrated_intervals_hold_what_they_promise() {
        let plan = Plan { period: 1, ..Plan::default() };
        let test = backtest(&walks(), &[&Naive], plan);
        let naive = &test.models[1];
        let held = naive.overall.calibrated.unwrap().coverage;
        for (held, level) in held.iter().zip(LEVELS) {
            assert!((held - level).abs() < 0.03, "{held} {level}");
        }
        // The own interval of 50 % is that of a normal distribution, which is wider in the middle than these steps.
        assert!(naive.by_horizon[0].own.unwrap().coverage[0] > 0.6);
        let Intervals::Calibrated(calibration) = &naive.intervals else { panic!("{}", naive.intervals.note()) };
        assert_eq!((calibration.series, calibration.errors), (30, 360));
        assert!(calibration.reach.windows(2).all(|w| w[0].iter().zip(w[1]).all(|(a, b)| *a <= b)));
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| backtest(&walks()[..14], &[&Naive], Plan { period: 1, ..Plan::default() }))
        };
        assert_eq!(with(1), with(3));
    }
}
