//! How far forecasts were off and how much their intervals held.

use super::{LEVELS, Step};

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
    /// How the model's own intervals did; `None` without a forecast, or where they were not asked for.
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

pub(super) fn score(steps: impl Iterator<Item = Step>, judged: impl Fn(&Step) -> Option<[(f64, f64); 3]>) -> Score {
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
        if let Some(own) = &step.own {
            sums.own.add(&step, own);
        }
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
