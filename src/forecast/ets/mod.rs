//! Exponential smoothing as state space models (Hyndman, Koehler, Ord and Snyder 2008): level, trend and season, each added,
//! multiplied or absent, with added or relative errors.
//!
//! Parameters and initial states are those of greatest likelihood within R's bounds; likelihood, criteria, forecasts and
//! variances equal those of R's `forecast::ets` at equal parameters (but for its damped forms with a multiplied season, whose
//! first forecast step R does not damp).

mod bounds;
mod fit;
mod form;
mod initial;
mod likelihood;
mod moments;
mod state;

use super::draws::Draws;
use super::innovations::Innovations;
use super::model::{Fitted, Model, Predict};
use super::series::{NoFit, Series};
use moments::moments;
use state::{Visit, run};

pub(in crate::forecast) use fit::Effort;
pub use fit::EtsFit;
pub use form::{ErrorForm, Form, Season, Trend};
pub use state::{Params, State};

/// Exponential smoothing of one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ets {
    form: Form,
}

impl Ets {
    /// The model of a form.
    #[must_use]
    pub const fn new(form: Form) -> Self {
        Self { form }
    }

    /// Fits the form and tells its parameters, likelihood and criteria.
    ///
    /// # Errors
    /// The series is not one; it is too short; it has no season and the form has; a value is not above zero and the form
    /// multiplies.
    pub fn estimate(&self, values: &[f64], period: usize) -> Result<EtsFit, NoFit> {
        fit::estimate(Series::new(values, period)?, self.form, Effort::Thorough)
    }

    pub(in crate::forecast) fn estimate_with(&self, series: Series<'_>, effort: Effort) -> Result<EtsFit, NoFit> {
        fit::estimate(series, self.form, effort)
    }

    /// The form at given parameters, which are not checked against the bounds.
    ///
    /// # Errors
    /// The series is not one; there are not as many seasons as the period is long; the form breaks down on the way.
    pub fn at(&self, values: &[f64], period: usize, params: &Params) -> Result<EtsFit, NoFit> {
        fit::at(Series::new(values, period)?, self.form, params)
    }
}

impl Model for Ets {
    fn name(&self) -> String {
        self.form.to_string()
    }

    fn fit(&self, values: &[f64], period: usize) -> Result<Fitted, NoFit> {
        Ok(self.estimate(values, period)?.into_fitted(values, period))
    }
}

impl EtsFit {
    /// The fit as something that predicts. `values` and `period`: those it was fitted to.
    #[must_use]
    pub fn into_fitted(self, values: &[f64], period: usize) -> Fitted {
        let residuals = values.iter().zip(&self.expected).map(|(y, f)| y - f).collect();
        let pool = Innovations::new(&self.innovations, self.sigma2);
        let largest = values.iter().fold(0.0f64, |largest, y| largest.max(y.abs()));
        Fitted::new(self.form.to_string(), residuals, Onward { fit: self, pool, period, bound: BOUND * largest })
    }
}

/// No drawn value is more than so many times the largest one seen: relative errors that one wild value has made multiply on
/// without end. Sound series do not come near it.
const BOUND: f64 = 10.0;

#[derive(Debug)]
struct Onward {
    fit: EtsFit,
    pool: Innovations,
    period: usize,
    bound: f64,
}

impl Onward {
    fn moments(&self, h: usize) -> moments::Moments {
        moments(self.fit.form, self.fit.params.gains(), &self.fit.end, self.fit.sigma2, self.period, h)
    }
}

impl Predict for Onward {
    fn mean(&self, h: usize) -> Vec<f64> {
        self.moments(h).mean
    }

    fn variance(&self, h: usize) -> Option<Vec<f64>> {
        self.moments(h).variance
    }

    fn simulate(&self, draws: &mut Draws, out: &mut [f64]) {
        let relative = self.fit.form.error == ErrorForm::Multiplicative;
        let mut state = self.fit.end;
        let h = out.len();
        run(
            self.fit.form,
            self.fit.params.gains(),
            &mut state,
            h,
            &mut Drawn { pool: &self.pool, draws, relative, bound: self.bound, out },
        );
    }
}

/// Draws an error at each step instead of taking a value in.
struct Drawn<'a> {
    pool: &'a Innovations,
    draws: &'a mut Draws,
    relative: bool,
    bound: f64,
    out: &'a mut [f64],
}

impl Visit for Drawn<'_> {
    fn value(&mut self, t: usize, expected: f64) -> f64 {
        let error = self.pool.draw(self.draws);
        let value = if self.relative { expected * (1.0 + error) } else { expected + error };
        let value = value.clamp(-self.bound, self.bound);
        self.out[t] = value;
        value
    }

    fn error(&mut self, _: usize, _: f64, _: f64) -> bool {
        true
    }
}
