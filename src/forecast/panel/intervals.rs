//! Intervals that reach as far as the promised share of a panel's past errors did.

use std::collections::BTreeSet;

use super::super::accuracy::seasonal_scale;
use super::super::model::Fitted;
use super::{LEVELS, Step};

/// Series that must have errors, and errors that each horizon must have, before intervals are read from a panel: below, the
/// outer twentieth is a handful of errors of a few series.
const ENOUGH: (usize, usize) = (12, 100);

/// By how much the model's own intervals must be wider to hold what [`LEVELS`] promise, on the development panel of
/// `benches/forecast_panel`.
const WIDENED: [f64; 3] = [1.1, 1.15, 1.35];

/// Errors after the shorter pasts of a panel are a little larger than those to come: so much of their reach holds what it
/// promises, on the development panel.
const SHORTER: f64 = 0.95;

/// Where intervals come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Intervals {
    /// From the errors of a panel.
    Calibrated(Calibration),
    /// From the model itself, for the panel is too small; the text says so.
    OfModel(String),
}

/// How far errors went, per horizon, in the unit of errors of their series ([`error_unit`]).
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
    /// The intervals of [`LEVELS`] for the next `h` steps of a fit to `values`, which have this `period`. They hold the expected value,
    /// though the middle of a very skew future may lie beside it; NaN, unknown, where no value could be compared with a forecast.
    #[must_use]
    pub fn of(&self, fitted: &Fitted, values: &[f64], period: usize, h: usize) -> [Vec<(f64, f64)>; 3] {
        let mean = fitted.mean(h);
        if let (Self::Calibrated(calibration), Some(unit)) = (self, error_unit(fitted, values, period)) {
            return std::array::from_fn(|level| {
                let reach = |i: usize| calibration.reach_at(i, level) * unit;
                mean.iter().enumerate().map(|(i, m)| (m - reach(i), m + reach(i))).collect()
            });
        }
        if fitted.residuals().iter().all(|e| !e.is_finite()) {
            return std::array::from_fn(|_| vec![(f64::NAN, f64::NAN); h]);
        }
        let mut own = fitted.intervals(h, LEVELS);
        for (intervals, factor) in own.iter_mut().zip(WIDENED) {
            for ((low, high), mean) in intervals.iter_mut().zip(&mean) {
                *low = (mean + factor * (*low - mean)).min(*mean);
                *high = (mean + factor * (*high - mean)).max(*mean);
            }
        }
        own
    }

    /// How the intervals came about, to be said beside them.
    #[must_use]
    pub fn note(&self) -> String {
        match self {
            Self::Calibrated(c) => {
                format!("intervals calibrated on {} past errors of {} series per horizon", c.errors, c.series)
            }
            Self::OfModel(why) => format!(
                "the model's own intervals, that of 95 % widened by {:.0} %, as series of a development panel asked for: {why}",
                (WIDENED[2] - 1.0) * 100.0
            ),
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

/// The last steps of a fit whose errors count in the unit: two years of months. A series that has become calmer or wilder is
/// measured by what it is now.
const RECENT: usize = 24;

/// The unit in which errors of a series are compared with those of others: the geometric mean of the mean absolute one-step error
/// of the fit's last 24 steps and of the mean absolute difference between values a period apart. Either alone misleads: a
/// fit can hug its past, and a year's difference can be all trend. `None` where neither is above zero; where one is not, it is the
/// other.
#[must_use]
pub fn error_unit(fitted: &Fitted, values: &[f64], period: usize) -> Option<f64> {
    unit(fitted.residuals(), seasonal_scale(values, period))
}

/// As [`error_unit`], from the residuals and the seasonal scale.
pub(super) fn unit(residuals: &[f64], scale: Option<f64>) -> Option<f64> {
    let recent = &residuals[residuals.len().saturating_sub(RECENT)..];
    let known = || recent.iter().filter(|e| e.is_finite());
    let mean = known().map(|e| e.abs()).sum::<f64>() / known().count() as f64;
    // Without a residual it is no number.
    let one_step = (mean > 0.0).then_some(mean);
    match (one_step, scale) {
        (Some(one), Some(scale)) => Some((one * scale).sqrt()),
        (one, scale) => one.or(scale),
    }
}

/// Scaled errors with their series, sorted, per horizon.
pub(super) struct Pool(Vec<Vec<(f64, usize)>>);

impl Pool {
    pub(super) fn of(steps: impl Iterator<Item = Step>, horizon: usize) -> Self {
        let mut errors = vec![Vec::new(); horizon];
        for step in steps {
            if let Some(unit) = step.unit {
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
            Some(mut reach) => {
                reach.iter_mut().flatten().for_each(|reach| *reach *= SHORTER);
                Intervals::Calibrated(Calibration { reach, series, errors: fewest })
            }
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
    fn reach_is_in_units_of_the_series_and_goes_on_growing() {
        let calibration = Calibration { reach: vec![[1.0, 2.0, 3.0], [1.5, 3.0, 4.0]], series: 20, errors: 100 };
        // One-step errors 2, 4, 3: mean 3, and so is the difference a step apart. The last value is 10.
        let y = [1.0, 3.0, 7.0, 10.0];
        let fitted = Naive.fit(&y, 1).unwrap();
        let [_, of, _] = Intervals::Calibrated(calibration).of(&fitted, &y, 1, 8);
        let near = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).abs() < 1e-9 && (a.1 - b.1).abs() < 1e-9;
        assert!(near(of[0], (4.0, 16.0)) && near(of[1], (1.0, 19.0)), "{of:?}");
        // Step 8 is four times as far as step 2: twice the reach.
        assert!(near(of[7], (-8.0, 28.0)), "{of:?}");
    }

    #[test]
    fn the_unit_lies_between_a_step_and_a_season() {
        // Errors 1 and 3, mean 2; half a year's difference 8: √(2 · 8).
        assert_eq!(unit(&[f64::NAN, 1.0, -3.0], Some(8.0)), Some(4.0));
        assert_eq!(
            (unit(&[0.0], Some(8.0)), unit(&[], Some(8.0)), unit(&[2.0], None)),
            (Some(8.0), Some(8.0), Some(2.0))
        );
        assert_eq!(unit(&[0.0], None), None);
        // Only the last 24 errors count: 24 of 2 after one of 1,000.
        let mut errors = vec![2.0; 25];
        errors[0] = 1000.0;
        assert_eq!(unit(&errors, Some(8.0)), Some(4.0));
    }

    #[test]
    fn one_value_has_no_known_error() {
        let fitted = Naive.fit(&[7.0], 1).unwrap();
        let of = Intervals::OfModel(String::new()).of(&fitted, &[7.0], 1, 2);
        assert!(of.iter().flatten().all(|(low, high)| low.is_nan() && high.is_nan()));
    }

    #[test]
    fn intervals_of_the_model_are_widened() {
        let y = [1.0, 3.0, 2.0, 5.0, 4.0, 6.0];
        let fitted = Naive.fit(&y, 1).unwrap();
        let own = fitted.intervals(3, LEVELS);
        let wide = Intervals::OfModel(String::new()).of(&fitted, &y, 1, 3);
        // About the last value, 6.
        assert!(((wide[2][1].1 - 6.0) / (own[2][1].1 - 6.0) - 1.35).abs() < 1e-12);
    }
}
