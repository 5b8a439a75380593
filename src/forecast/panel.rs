//! What a model would have forecast in the past, over all the series of a user: how far it was off at each horizon, beside the
//! seasonal naive forecast, and from that how wide an interval must be to hold what it promises.
//!
//! A model's own intervals take the model to be true and hold less than they say. Here the errors of all series at all origins
//! are pooled per horizon, each divided by its series' own one-step error, and an interval reaches as far as the promised
//! share of them did (conformal prediction, pooled over a panel). A single series has too few errors to do this alone.
//!
//! The origins of all series fall in the same months. A break that none of these months had, a new rule or a closed practice,
//! is in no error and so in no interval.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::accuracy::seasonal_scale;
use super::model::{Fitted, Model};
use super::naive::SeasonalNaive;
use super::series::{NoFit, Series};

/// The levels of intervals.
pub const LEVELS: [f64; 3] = [0.5, 0.8, 0.95];

/// Series that must have errors, and errors that each horizon must have, before intervals are read from a panel: below, the
/// outer twentieth is a handful of errors of a few series.
const ENOUGH: (usize, usize) = (12, 100);

/// Which pasts are forecast from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Steps after which a season comes round.
    pub period: usize,
    /// Steps forecast from each origin.
    pub horizon: usize,
    /// Origins per series, one step apart, the last such that all its steps are known.
    pub origins: usize,
    /// The least number of values to fit to.
    pub shortest: usize,
}

impl Default for Plan {
    /// Months: 12 steps from each of 12 origins, after two years or more.
    fn default() -> Self {
        Self { period: 12, horizon: 12, origins: 12, shortest: 24 }
    }
}

impl Plan {
    /// Lengths of the pasts of a series of `n` values. A series too short for one full horizon is forecast as far as it goes.
    fn cuts(&self, n: usize) -> Vec<usize> {
        let last = n.saturating_sub(self.horizon);
        if last >= self.shortest {
            let first = (last + 1).saturating_sub(self.origins).max(self.shortest);
            return (first..=last).collect();
        }
        let first = n.saturating_sub(self.origins).max(self.shortest);
        (first..n).collect()
    }
}

/// How a model did, over all series and origins.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Forecast values compared with an actual one.
    pub forecasts: usize,
    /// Sum of absolute errors over the sum of absolute actual values.
    pub wape: Option<f64>,
    /// Sum of (forecast − actual) over the same: above zero, too much was forecast.
    pub bias: Option<f64>,
    /// Mean of absolute errors, each scaled by the seasonal naive error within its past (1: as far off). Pasts that never
    /// change have no scale and are left out.
    pub mase: Option<f64>,
    /// How the model's own intervals did; `None` without a forecast.
    pub own: Option<IntervalScore>,
    /// How intervals did that were calibrated, for each series, on all the others; `None` for a small panel.
    pub calibrated: Option<IntervalScore>,
}

/// How intervals did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntervalScore {
    /// Share of actual values within the intervals of [`LEVELS`].
    pub coverage: [f64; 3],
    /// Mean scaled interval score of the 95 % intervals, scaled as the MASE is.
    pub msis: Option<f64>,
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

/// Where intervals come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Intervals {
    /// From the errors of a panel.
    Calibrated(Calibration),
    /// From the model itself, for the panel is too small; the text says so.
    OfModel(String),
}

/// How far errors went, per horizon, in one-step errors of their series.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// For horizon 1 first, by [`LEVELS`]: the reach of an interval either way. Never less at a later horizon.
    pub reach: Vec<[f64; 3]>,
    /// Series that gave errors.
    pub series: usize,
    /// Errors at the horizon that has the fewest.
    pub errors: usize,
}

impl Intervals {
    /// The interval of `level` (an index into [`LEVELS`]; beyond it, the last) of the next `h` steps.
    #[must_use]
    pub fn of(&self, fitted: &Fitted, h: usize, level: usize) -> Vec<(f64, f64)> {
        let level = level.min(LEVELS.len() - 1);
        let unit = one_step_error(fitted);
        match (self, unit) {
            (Self::Calibrated(calibration), Some(unit)) => {
                let mean = fitted.mean(h);
                let reach = |i: usize| calibration.reach_at(i, level) * unit;
                mean.iter().enumerate().map(|(i, m)| (m - reach(i), m + reach(i))).collect()
            }
            _ => fitted.interval(h, LEVELS[level]),
        }
    }

    /// How the intervals came about, to be said beside them.
    #[must_use]
    pub fn note(&self) -> String {
        match self {
            Self::Calibrated(c) => {
                format!("intervals calibrated on {} past errors of {} series per horizon", c.errors, c.series)
            }
            Self::OfModel(why) => format!("the model's own intervals, which tend to be too narrow: {why}"),
        }
    }
}

impl Calibration {
    /// Beyond the last horizon the reach grows as that of a random walk does.
    fn reach_at(&self, i: usize, level: usize) -> f64 {
        let Some(last) = self.reach.len().checked_sub(1) else { return 0.0 };
        let beyond = if i > last { ((i + 1) as f64 / (last + 1) as f64).sqrt() } else { 1.0 };
        self.reach[i.min(last)][level] * beyond
    }
}

/// The mean absolute one-step error of a fit; `None` where there was none or it was always zero.
#[must_use]
pub fn one_step_error(fitted: &Fitted) -> Option<f64> {
    let known = || fitted.residuals().iter().filter(|e| e.is_finite());
    let n = known().count();
    let mean = known().map(|e| e.abs()).sum::<f64>() / n as f64;
    (n > 0 && mean > 0.0).then_some(mean)
}

/// Forecasts every series from its past origins with every model, in parallel, and scores the forecasts. Series are in the order
/// of time; the result does not depend on the number of threads.
#[must_use]
pub fn backtest(panel: &[Vec<f64>], models: &[&dyn Model], plan: Plan) -> Backtest {
    let all: Vec<&dyn Model> = std::iter::once(&SeasonalNaive as &dyn Model).chain(models.iter().copied()).collect();
    let (mut work, mut left_out) = (Vec::new(), Vec::new());
    for (at, values) in panel.iter().enumerate() {
        let cuts = plan.cuts(values.len());
        match Series::at_least(values, plan.period, plan.shortest + 1) {
            Err(why) => left_out.push((at, why)),
            Ok(_) => work.extend(cuts.into_iter().map(|cut| (at, cut))),
        }
    }
    let origins: Vec<Origin> =
        work.par_iter().map(|(at, cut)| Origin::forecast(*at, &panel[*at], *cut, &all, plan)).collect();
    let tested = all.iter().enumerate().map(|(m, model)| tested(&origins, m, model.name(), plan.horizon)).collect();
    Backtest { models: tested, origins: origins.len(), left_out }
}

/// One past of one series: what came and what each model expected.
struct Origin {
    series: usize,
    actual: Vec<f64>,
    scale: Option<f64>,
    expected: Vec<Option<Expected>>,
}

struct Expected {
    mean: Vec<f64>,
    own: [Vec<(f64, f64)>; 3],
    one_step: Option<f64>,
}

impl Origin {
    fn forecast(series: usize, values: &[f64], cut: usize, models: &[&dyn Model], plan: Plan) -> Self {
        let (past, after) = values.split_at(cut.min(values.len()));
        let actual = after[..after.len().min(plan.horizon)].to_vec();
        let expected = models
            .iter()
            .map(|model| {
                let fitted = model.fit(past, plan.period).ok()?;
                let h = actual.len();
                let own = fitted.intervals(h, LEVELS);
                Some(Expected { mean: fitted.mean(h), own, one_step: one_step_error(&fitted) })
            })
            .collect();
        Self { series, actual, scale: seasonal_scale(past, plan.period), expected }
    }
}

fn tested(origins: &[Origin], model: usize, name: String, horizon: usize) -> Tested {
    let steps = || origins.iter().flat_map(move |o| o.steps(model));
    let pool = Pool::of(steps(), horizon);
    let judged: BTreeMap<usize, Vec<[f64; 3]>> =
        pool.series().into_iter().filter_map(|series| Some((series, pool.reach(Some(series))?))).collect();
    let judged = |step: &Step| {
        let (reach, unit) = (judged.get(&step.series)?[step.i], step.one_step?);
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
    own: [(f64, f64); 3],
    one_step: Option<f64>,
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
                own: [e.own[0][i], e.own[1][i], e.own[2][i]],
                one_step: e.one_step,
                scale: self.scale,
            })
        })
    }
}

/// Scaled errors with their series, sorted, per horizon.
struct Pool(Vec<Vec<(f64, usize)>>);

impl Pool {
    fn of(steps: impl Iterator<Item = Step>, horizon: usize) -> Self {
        let mut errors = vec![Vec::new(); horizon];
        for step in steps {
            if let Some(unit) = step.one_step {
                errors[step.i].push(((step.actual - step.mean).abs() / unit, step.series));
            }
        }
        for errors in &mut errors {
            errors.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        }
        Self(errors)
    }

    fn series(&self) -> BTreeSet<usize> {
        self.0.iter().flatten().map(|e| e.1).collect()
    }

    fn intervals(&self) -> Intervals {
        let (series, fewest) = (self.series().len(), self.0.iter().map(Vec::len).min().unwrap_or(0));
        match self.reach(None) {
            Some(reach) => Intervals::Calibrated(Calibration { reach, series, errors: fewest }),
            None => Intervals::OfModel(format!(
                "{series} series with {fewest} past errors or more at every horizon, where {} and {} are needed",
                ENOUGH.0, ENOUGH.1
            )),
        }
    }

    /// The reach at each horizon and level, by the errors of all series `but` one. `None`: too few are left.
    fn reach(&self, but: Option<usize>) -> Option<Vec<[f64; 3]>> {
        let series = self.series();
        let left = series.len() - usize::from(but.is_some_and(|s| series.contains(&s)));
        if left < ENOUGH.0 {
            return None;
        }
        let mut all: Vec<[f64; 3]> = Vec::with_capacity(self.0.len());
        for errors in &self.0 {
            let own: Vec<usize> = but.map_or(Vec::new(), |s| (0..errors.len()).filter(|i| errors[*i].1 == s).collect());
            if errors.len() - own.len() < ENOUGH.1 {
                return None;
            }
            let mut here = LEVELS.map(|level| conformal(errors, &own, level));
            if let Some(before) = all.last() {
                here.iter_mut().zip(before).for_each(|(h, b)| *h = h.max(*b));
            }
            all.push(here);
        }
        Some(all)
    }
}

/// The error that a new one does not exceed with this probability: of n sorted errors the ⌈(n + 1) level⌉-th, not counting
/// those at the positions `but` (ascending).
fn conformal(sorted: &[(f64, usize)], but: &[usize], level: f64) -> f64 {
    let n = sorted.len() - but.len();
    let rank = ((n + 1) as f64 * level).ceil() as usize;
    let mut at = rank.clamp(1, n) - 1;
    for own in but {
        at += usize::from(*own <= at);
    }
    sorted[at].0
}

/// Sums over steps.
#[derive(Default)]
struct Sums {
    forecasts: usize,
    volume: f64,
    off: f64,
    above: f64,
    scaled: (f64, usize),
    own: IntervalSums,
    calibrated: IntervalSums,
}

#[derive(Default)]
struct IntervalSums {
    n: usize,
    inside: [usize; 3],
    score: (f64, usize),
}

impl IntervalSums {
    fn add(&mut self, step: &Step, intervals: &[(f64, f64); 3]) {
        self.n += 1;
        for (inside, (low, high)) in self.inside.iter_mut().zip(intervals) {
            *inside += usize::from((*low..=*high).contains(&step.actual));
        }
        if let Some(scale) = step.scale {
            let (low, high) = intervals[2];
            let outside = (low - step.actual).max(0.0) + (step.actual - high).max(0.0);
            self.score.0 += (high - low + 2.0 / (1.0 - LEVELS[2]) * outside) / scale;
            self.score.1 += 1;
        }
    }

    fn done(&self) -> Option<IntervalScore> {
        (self.n > 0).then(|| IntervalScore {
            coverage: self.inside.map(|inside| inside as f64 / self.n as f64),
            msis: mean(self.score),
        })
    }
}

fn mean((sum, n): (f64, usize)) -> Option<f64> {
    (n > 0).then(|| sum / n as f64)
}

fn score(steps: impl Iterator<Item = Step>, judged: impl Fn(&Step) -> Option<[(f64, f64); 3]>) -> Score {
    let mut sums = Sums::default();
    for step in steps {
        sums.forecasts += 1;
        sums.volume += step.actual.abs();
        sums.off += (step.actual - step.mean).abs();
        sums.above += step.mean - step.actual;
        if let Some(scale) = step.scale {
            sums.scaled.0 += (step.actual - step.mean).abs() / scale;
            sums.scaled.1 += 1;
        }
        sums.own.add(&step, &step.own);
        if let Some(intervals) = judged(&step) {
            sums.calibrated.add(&step, &intervals);
        }
    }
    let of_volume = |sum: f64| (sums.volume > 0.0).then(|| sum / sums.volume);
    Score {
        forecasts: sums.forecasts,
        wape: of_volume(sums.off),
        bias: of_volume(sums.above),
        mase: mean(sums.scaled),
        own: sums.own.done(),
        calibrated: sums.calibrated.done(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::innovations::Draws;
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
    }

    #[test]
    fn ranks_leave_a_series_own_errors_out() {
        let sorted: Vec<(f64, usize)> = (1..=10).map(|i| (f64::from(i), i as usize % 2)).collect();
        // 11 · 0.8 = 8.8: the ninth. 11 · 0.95: the eleventh, of ten the last.
        assert_eq!(conformal(&sorted, &[], 0.8), 9.0);
        assert_eq!(conformal(&sorted, &[], 0.95), 10.0);
        // Without 1, 3, 5, 7, 9 there are 2, 4, 6, 8, 10: 6 · 0.5 = the third.
        assert_eq!(conformal(&sorted, &[0, 2, 4, 6, 8], 0.5), 6.0);
        assert_eq!(conformal(&sorted, &[1, 3, 5, 7, 9], 0.5), 5.0);
    }

    #[test]
    fn scores_by_hand() {
        let plan = Plan { period: 1, horizon: 2, origins: 2, shortest: 3 };
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
        assert!(intervals.note().contains("too narrow: 1 series"), "{}", intervals.note());
        assert_eq!(test.models[0].overall.calibrated, None);
        let fitted = Naive.fit(&y, 1).unwrap();
        assert_eq!(intervals.of(&fitted, 3, 1), fitted.interval(3, 0.8));
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
    fn reach_is_in_one_step_errors_and_goes_on_growing() {
        let calibration = Calibration { reach: vec![[1.0, 2.0, 3.0], [1.5, 3.0, 4.0]], series: 20, errors: 100 };
        // One-step errors 2, 4, 3: mean 3. The last value is 10.
        let fitted = Naive.fit(&[1.0, 3.0, 7.0, 10.0], 1).unwrap();
        assert_eq!(one_step_error(&fitted), Some(3.0));
        let intervals = Intervals::Calibrated(calibration);
        let of = intervals.of(&fitted, 8, 1);
        assert_eq!(of[..2], [(4.0, 16.0), (1.0, 19.0)]);
        // Step 8 is four times as far as step 2: twice the reach.
        assert_eq!(of[7], (-8.0, 28.0));
        assert_eq!(one_step_error(&Naive.fit(&[1.0; 4], 1).unwrap()), None);
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
