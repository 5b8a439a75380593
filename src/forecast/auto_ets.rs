//! The form of exponential smoothing that the corrected Akaike criterion prefers.

use super::ets::{Effort, Ets, EtsFit, Form};
use super::model::{Fitted, Model};
use super::series::{NoFit, Series};

/// Tries every form that the series allows and keeps the one with the least AICc; among equals, the first of
/// [`Form::all`].
#[derive(Debug, Clone, Copy, Default)]
pub struct AutoEts;

/// Forms within this much of the best after a quick search are searched thoroughly. Searches from different starts seldom end
/// further apart than this.
const WITHIN: f64 = 10.0;

impl AutoEts {
    /// The chosen fit with its parameters and criteria.
    ///
    /// # Errors
    /// The series is not one, or too short for every form (5 values suffice for the simplest).
    pub fn choose(&self, values: &[f64], period: usize) -> Result<EtsFit, NoFit> {
        let series = Series::new(values, period)?;
        // A constant has no errors to compare forms by.
        if series.is_constant() {
            return Ets::new(Form::SIMPLE).estimate_with(series, Effort::Quick);
        }
        let mut first_failure = None;
        let mut quick: Vec<EtsFit> = Vec::new();
        for form in Form::all().filter(|f| f.is_candidate()) {
            match Ets::new(form).estimate_with(series, Effort::Quick) {
                Ok(fit) if fit.aicc.is_finite() => quick.push(fit),
                Ok(_) => {}
                Err(why) => first_failure = first_failure.or(Some(why)),
            }
        }
        let Some(least) = quick.iter().map(|f| f.aicc).min_by(f64::total_cmp) else {
            return Err(first_failure.unwrap_or(NoFit::NoCandidate));
        };
        let close = quick.into_iter().filter(|f| f.aicc <= least + WITHIN);
        let thorough = close.map(|fit| match Ets::new(fit.form).estimate_with(series, Effort::Rest) {
            Ok(better) if better.aicc < fit.aicc => better,
            _ => fit,
        });
        thorough.min_by(|a, b| a.aicc.total_cmp(&b.aicc)).ok_or(NoFit::NoCandidate)
    }
}

impl Model for AutoEts {
    fn name(&self) -> String {
        "AutoETS".into()
    }

    fn fit(&self, values: &[f64], period: usize) -> Result<Fitted, NoFit> {
        let fit = self.choose(values, period)?;
        let constant = values.iter().all(|v| *v == values[0]);
        let fitted = fit.into_fitted(values, period);
        Ok(if constant { fitted.noted("all values are the same: no form was compared") } else { fitted })
    }
}
