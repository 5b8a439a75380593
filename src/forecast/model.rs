//! What every model is: something that can be fitted; only what was fitted can predict.

use std::fmt;

use statrs::function::erf::erf_inv;

use super::draws::Draws;
use super::series::NoFit;

/// A way to forecast, before it has seen a series.
pub trait Model: fmt::Debug + Send + Sync {
    /// What the model is called in a table.
    fn name(&self) -> String;

    /// Fits the model to values in the order of time; `period`: steps after which a season comes round (12 for months).
    ///
    /// # Errors
    /// The series is not one ([`Series::new`](super::Series::new)), or the model cannot be fitted to it.
    fn fit(&self, values: &[f64], period: usize) -> Result<Fitted, NoFit>;
}

/// What a fitted model knows of the steps after its series. Step 1 is the first after the last value.
pub trait Predict: fmt::Debug + Send + Sync {
    /// The expected values of steps 1 to `h`.
    fn mean(&self, h: usize) -> Vec<f64>;

    /// The variances of steps 1 to `h` about the mean, where a formula is known.
    fn variance(&self, h: usize) -> Option<Vec<f64>>;

    /// Draws one possible future of `out.len()` steps from the innovations seen while fitting.
    fn simulate(&self, draws: &mut Draws, out: &mut [f64]);
}

/// A model fitted to a series.
#[derive(Debug)]
pub struct Fitted {
    name: String,
    notes: Vec<String>,
    residuals: Vec<f64>,
    predict: Box<dyn Predict>,
}

/// Paths from which an interval is read where no formula is known.
const PATHS: u64 = 2000;

/// The seed of these paths: an interval is the same on every run.
const INTERVAL_SEED: u64 = 96_372;

impl Fitted {
    /// A fitted model. `residuals`: value − its one-step forecast, one per value of the series, in the unit of the series;
    /// NaN where a step had no forecast.
    #[must_use]
    pub fn new(name: impl Into<String>, residuals: Vec<f64>, predict: impl Predict + 'static) -> Self {
        Self { name: name.into(), notes: Vec::new(), residuals, predict: Box::new(predict) }
    }

    /// Says something that the reader of a forecast must know: a fallback, a test that changed the model.
    #[must_use]
    pub fn noted(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// What was fitted, for example `ETS(M,Ad,M)`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Fallbacks and decisions taken while fitting, in the order they were taken.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Value − one-step forecast for every value; NaN where a step had no forecast.
    #[must_use]
    pub fn residuals(&self) -> &[f64] {
        &self.residuals
    }

    /// The expected values of the next `h` steps.
    #[must_use]
    pub fn mean(&self, h: usize) -> Vec<f64> {
        self.predict.mean(h)
    }

    /// The variances of the next `h` steps, where a formula is known.
    #[must_use]
    pub fn variance(&self, h: usize) -> Option<Vec<f64>> {
        self.predict.variance(h)
    }

    /// Draws one possible future into `out`.
    pub fn simulate(&self, draws: &mut Draws, out: &mut [f64]) {
        self.predict.simulate(draws, out);
    }

    /// The model's own central interval of the next `h` steps; `level` between 0 and 1 (0.8 for 80 %). Normal about the mean
    /// where the variance is known, else from 2,000 drawn futures. Real series fall outside such intervals more often than
    /// the level says, for they take the model to be true; [`backtest`](super::backtest) calibrates them.
    #[must_use]
    pub fn interval(&self, h: usize, level: f64) -> Vec<(f64, f64)> {
        let [interval] = self.intervals(h, [level]);
        interval
    }

    /// As [`Fitted::interval`], for several levels at the price of one.
    #[must_use]
    pub fn intervals<const N: usize>(&self, h: usize, levels: [f64; N]) -> [Vec<(f64, f64)>; N] {
        let levels = levels.map(|level| level.clamp(0.0, 1.0));
        let Some(variance) = self.variance(h) else { return self.drawn_intervals(h, levels) };
        let mean = self.mean(h);
        levels.map(|level| {
            let z = std::f64::consts::SQRT_2 * erf_inv(level);
            let half = variance.iter().map(|v| z * v.sqrt());
            mean.iter().zip(half).map(|(mean, half)| (mean - half, mean + half)).collect()
        })
    }

    fn drawn_intervals<const N: usize>(&self, h: usize, levels: [f64; N]) -> [Vec<(f64, f64)>; N] {
        let mut path = vec![0.0; h];
        let mut steps = vec![Vec::new(); h];
        // A stream for each path: the first steps are the same however many follow.
        for p in 0..PATHS {
            self.simulate(&mut Draws::stream(INTERVAL_SEED, p), &mut path);
            for (step, value) in steps.iter_mut().zip(&path) {
                step.push(*value);
            }
        }
        for values in &mut steps {
            values.sort_by(f64::total_cmp);
        }
        levels.map(|level| {
            let tail = (1.0 - level) / 2.0;
            steps.iter().map(|values| (quantile(values, tail), quantile(values, 1.0 - tail))).collect()
        })
    }
}

/// The quantile of sorted values, linear between neighbours; NaN without values.
#[must_use]
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let at = share.clamp(0.0, 1.0) * last as f64;
    let below = at.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (at - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        let values = [1.0, 2.0, 4.0];
        assert_eq!(quantile(&values, 0.0), 1.0);
        assert_eq!(quantile(&values, 0.5), 2.0);
        // Three quarters of the way: half between 2 and 4.
        assert_eq!(quantile(&values, 0.75), 3.0);
        assert_eq!(quantile(&values, 2.0), 4.0);
        assert!(quantile(&[], 0.5).is_nan());
    }

    /// A model whose future is the mean plus what is drawn.
    #[derive(Debug)]
    struct Flat(super::super::innovations::Innovations, Option<f64>);

    impl Predict for Flat {
        fn mean(&self, h: usize) -> Vec<f64> {
            vec![10.0; h]
        }
        fn variance(&self, h: usize) -> Option<Vec<f64>> {
            self.1.map(|v| vec![v; h])
        }
        fn simulate(&self, draws: &mut Draws, out: &mut [f64]) {
            for value in out {
                *value = 10.0 + self.0.draw(draws);
            }
        }
    }

    #[test]
    fn intervals_are_normal_where_the_variance_is_known_and_drawn_where_not() {
        let pool = || super::super::innovations::Innovations::new(&[-2.0, 2.0], 4.0);
        let known = Fitted::new("flat", vec![], Flat(pool(), Some(4.0)));
        // 1.959964 standard deviations of 2.
        let (low, high) = known.interval(2, 0.95)[1];
        assert!((low - (10.0 - 3.919_928)).abs() < 1e-5 && (high - 13.919_928).abs() < 1e-5);
        let drawn = Fitted::new("flat", vec![], Flat(pool(), None));
        let (low, high) = drawn.interval(1, 0.95)[0];
        // Fewer than 20 innovations: the normal distribution stands in for them. 2,000 paths: within a tenth of the width.
        assert!((low - 6.08).abs() < 0.4 && (high - 13.92).abs() < 0.4, "{low} {high}");
        assert_eq!(drawn.interval(1, 0.95), drawn.interval(1, 0.95));
        assert!(drawn.interval(0, 0.95).is_empty());
    }
}
