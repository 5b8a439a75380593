//! Intervals that reach as far as the promised share of a panel's past errors did.

use std::collections::BTreeSet;

use super::super::model::Fitted;
use super::{LEVELS, Step};

/// Series that must have errors, and errors that each horizon must have, before intervals are read from a panel: below, the
/// outer twentieth is a handful of errors of a few series.
const ENOUGH: (usize, usize) = (12, 100);

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

/// The last steps of a fit whose errors are the unit of its intervals: two years of months. A series that has become calmer or
/// wilder is measured by what it is now; on the development panel that held the promised shares better than all errors did.
const RECENT: usize = 24;

/// The mean absolute one-step error of the last steps of a fit; `None` where there was none or it was always zero.
#[must_use]
pub fn one_step_error(fitted: &Fitted) -> Option<f64> {
    let from = fitted.residuals().len().saturating_sub(RECENT);
    let known = || fitted.residuals()[from..].iter().filter(|e| e.is_finite());
    let n = known().count();
    let mean = known().map(|e| e.abs()).sum::<f64>() / n as f64;
    (n > 0 && mean > 0.0).then_some(mean)
}

/// Scaled errors with their series, sorted, per horizon.
pub(super) struct Pool(Vec<Vec<(f64, usize)>>);

impl Pool {
    pub(super) fn of(steps: impl Iterator<Item = Step>, horizon: usize) -> Self {
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

    pub(super) fn series(&self) -> BTreeSet<usize> {
        self.0.iter().flatten().map(|e| e.1).collect()
    }

    pub(super) fn intervals(&self) -> Intervals {
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
    pub(super) fn reach(&self, but: Option<usize>) -> Option<Vec<[f64; 3]>> {
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

#[cfg(test)]
mod tests {
    use super::super::super::model::Model;
    use super::super::super::naive::Naive;
    use super::*;

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
}
