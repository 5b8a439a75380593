//! The form of exponential smoothing that the corrected Akaike criterion prefers, and the mean of those it does not reject.

use super::combine::{Join, joint};
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
        let fits = self.candidates(values, period)?.into_iter();
        fits.min_by(|a, b| a.aicc.total_cmp(&b.aicc)).ok_or(NoFit::NoCandidate)
    }

    /// The fits of all forms that come close to the best in AICc, thoroughly searched, in the order of [`Form::all`].
    ///
    /// # Errors
    /// As [`Self::choose`].
    pub fn candidates(&self, values: &[f64], period: usize) -> Result<Vec<EtsFit>, NoFit> {
        let series = Series::new(values, period)?;
        // A constant has no errors to compare forms by.
        if series.is_constant() {
            return Ets::new(Form::SIMPLE).estimate_with(series, Effort::Quick).map(|fit| vec![fit]);
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
        Ok(thorough.collect())
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

/// The mean of the forms of exponential smoothing that come close to the best, weighted by exp(−Δ/4) of their distance Δ in AICc
/// from it. (Akaike's weights are exp(−Δ/2); half that haste did better on the development panel.) Forms that differ little
/// in likelihood can differ much at the twelfth step, and none of them is the truth: Kolassa 2011, *Combining exponential
/// smoothing forecasts using Akaike weights*.
#[derive(Debug, Clone, Copy, Default)]
pub struct AveragedEts;

/// The distance in AICc over which a form's weight falls to 1/e.
const HASTE: f64 = 4.0;

impl Model for AveragedEts {
    fn name(&self) -> String {
        "averaged ETS".into()
    }

    fn fit(&self, values: &[f64], period: usize) -> Result<Fitted, NoFit> {
        let fits = AutoEts.candidates(values, period)?;
        let Some(best) = fits.iter().min_by(|a, b| a.aicc.total_cmp(&b.aicc)) else { return Err(NoFit::NoCandidate) };
        let (least, form) = (best.aicc, best.form);
        let count = fits.len();
        let name = if count == 1 { form.to_string() } else { format!("{count} forms about {form}") };
        // Of a constant the criterion is no number; it has one fit.
        let weight = |fit: &EtsFit| if count == 1 { 1.0 } else { (-(fit.aicc - least) / HASTE).exp() };
        let weights = fits.iter().map(weight).collect();
        let members = fits.into_iter().map(|fit| fit.into_fitted(values, period)).collect();
        let fitted = joint(name, Join::Mean, members, weights, values.len());
        let constant = values.iter().all(|v| *v == values[0]);
        Ok(if constant { fitted.noted("all values are the same: no form was compared") } else { fitted })
    }
}
