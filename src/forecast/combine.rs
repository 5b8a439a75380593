//! Several models as one: no single model wins everywhere, and the errors of different ones partly cancel.

use super::ar::AutoAr;
use super::auto_ets::{AutoEts, AveragedEts};
use super::dotm::Dotm;
use super::draws::Draws;
use super::model::{Fitted, Model, Predict};
use super::naive::{Naive, SeasonalNaive};
use super::series::{NoFit, Series};

/// How forecasts are joined, step by step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// Their mean.
    Mean,
    /// Their median; of an even number, the mean of the middle two.
    Median,
}

/// The members' forecasts, joined. A member that cannot be fitted is left out, and that is noted; when none can, the last value
/// stands in, and that is noted too.
#[derive(Debug)]
pub struct Combination {
    join: Join,
    members: Vec<(f64, Box<dyn Model>)>,
}

impl Combination {
    /// A combination of these models, all alike.
    #[must_use]
    pub fn new(join: Join, members: Vec<Box<dyn Model>>) -> Self {
        Self { join, members: members.into_iter().map(|member| (1.0, member)).collect() }
    }

    /// The mean of these models by their weights, which need not sum to 1.
    #[must_use]
    pub fn weighted(members: Vec<(f64, Box<dyn Model>)>) -> Self {
        Self { join: Join::Mean, members }
    }

    /// The point model used unless another is asked for: the mean of [`USUAL`] with the weights that the development panel of
    /// `benches/forecast_panel` gave them. [`blend`](super::blend) asks a panel of its own.
    #[must_use]
    pub fn usual() -> Self {
        Self::usual_by(&USUAL_WEIGHTS)
    }

    /// The members of [`Combination::usual`] by other weights, in the order of [`USUAL`]; those of weight 0 are not fitted.
    #[must_use]
    pub fn usual_by(weights: &[f64; USUAL.len()]) -> Self {
        let members = usual_members().into_iter().zip(weights).filter(|(_, weight)| **weight > 0.0);
        Self::weighted(members.map(|(member, weight)| (*weight, member)).collect())
    }

    /// The plain mean of the automatic exponential smoothing and the dynamic optimised Theta model.
    #[must_use]
    pub fn ets_and_theta() -> Self {
        Self::new(Join::Mean, vec![Box::new(AutoEts), Box::new(Dotm)])
    }
}

/// The members of the usual combination by name.
pub const USUAL: [&str; 4] = ["averaged ETS", "AR", "DOTM", "seasonal naive"];

/// Their weights where no panel says better.
pub const USUAL_WEIGHTS: [f64; USUAL.len()] = [0.8, 0.1, 0.1, 0.0];

pub(super) fn usual_members() -> [Box<dyn Model>; USUAL.len()] {
    [Box::new(AveragedEts), Box::new(AutoAr), Box::new(Dotm), Box::new(SeasonalNaive)]
}

impl Model for Combination {
    fn name(&self) -> String {
        let join = if self.join == Join::Mean { "mean" } else { "median" };
        let all: f64 = self.members.iter().map(|m| m.0).sum();
        let alike = self.members.iter().all(|m| m.0 == self.members[0].0);
        let member = |(weight, model): &(f64, Box<dyn Model>)| {
            if alike { model.name() } else { format!("{} {:.0} %", model.name(), 100.0 * weight / all) }
        };
        let members: Vec<String> = self.members.iter().map(member).collect();
        format!("{join} of {}", members.join(", "))
    }

    fn fit(&self, values: &[f64], period: usize) -> Result<Fitted, NoFit> {
        Series::new(values, period)?;
        let (mut members, mut weights, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        for (weight, model) in &self.members {
            match model.fit(values, period) {
                Ok(fitted) => {
                    members.push(fitted);
                    weights.push(*weight);
                }
                Err(why) => notes.push(format!("without {}: {why}", model.name())),
            }
        }
        if members.is_empty() {
            notes.push("no model could be fitted: the last value stands in".to_owned());
            members.push(Naive.fit(values, period)?);
            weights.push(1.0);
        }
        notes.extend(members.iter().flat_map(|m| m.notes().iter().map(|n| format!("{}: {n}", m.name()))));
        let names: Vec<&str> = members.iter().map(Fitted::name).collect();
        let name = match names.as_slice() {
            [one] => (*one).to_owned(),
            many => format!("{} of {}", if self.join == Join::Mean { "mean" } else { "median" }, many.join(" and ")),
        };
        let fitted = joint(name, self.join, members, weights, values.len());
        Ok(notes.into_iter().fold(fitted, Fitted::noted))
    }
}

/// Fitted models as one.
pub(super) fn joint(name: String, join: Join, members: Vec<Fitted>, weights: Vec<f64>, n: usize) -> Fitted {
    let all: f64 = weights.iter().sum();
    let weights: Vec<f64> = weights.into_iter().map(|weight| weight / all).collect();
    // A step that a member had no forecast for has none of the others': residuals are of the same forecast throughout.
    let residuals = (0..n)
        .map(|t| joined(join, &weights, &mut members.iter().map(|m| m.residuals()[t]).collect::<Vec<_>>()))
        .collect();
    Fitted::new(name, residuals, Joint { join, members, weights })
}

/// NaN when one of the values is.
fn joined(join: Join, weights: &[f64], values: &mut [f64]) -> f64 {
    if values.iter().any(|v| v.is_nan()) {
        return f64::NAN;
    }
    let n = values.len();
    match join {
        Join::Mean => values.iter().zip(weights).map(|(value, weight)| value * weight).sum(),
        Join::Median => {
            values.sort_by(f64::total_cmp);
            if n.is_multiple_of(2) { (values[n / 2 - 1] + values[n / 2]) / 2.0 } else { values[n / 2] }
        }
    }
}

#[derive(Debug)]
struct Joint {
    join: Join,
    members: Vec<Fitted>,
    /// They sum to 1.
    weights: Vec<f64>,
}

impl Joint {
    fn steps(&self, of: impl Fn(&Fitted) -> Vec<f64>, out: &mut [f64]) {
        let all: Vec<Vec<f64>> = self.members.iter().map(of).collect();
        let mut values = vec![0.0; all.len()];
        for (i, out) in out.iter_mut().enumerate() {
            for (value, path) in values.iter_mut().zip(&all) {
                *value = path[i];
            }
            *out = joined(self.join, &self.weights, &mut values);
        }
    }
}

impl Predict for Joint {
    fn mean(&self, h: usize) -> Vec<f64> {
        let mut out = vec![0.0; h];
        self.steps(|m| m.mean(h), &mut out);
        out
    }

    /// Known only when one member is left: how members err together has no formula.
    fn variance(&self, h: usize) -> Option<Vec<f64>> {
        match self.members.as_slice() {
            [one] => one.variance(h),
            _ => None,
        }
    }

    /// All members draw from the same stream, so that at each step they meet the same moment of the past and err together as
    /// they did then.
    fn simulate(&self, draws: &mut Draws, out: &mut [f64]) {
        let (h, same) = (out.len(), draws.clone());
        self.steps(
            |m| {
                let mut path = vec![0.0; h];
                m.simulate(&mut same.clone(), &mut path);
                path
            },
            out,
        );
        // The stream goes on as if one member had drawn.
        for _ in 0..h {
            draws.unit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_medians_by_hand() {
        // 0.5 × 1 + 0.25 × 2 + 0.25 × 6 = 2.5.
        assert_eq!(joined(Join::Mean, &[0.5, 0.25, 0.25], &mut [1.0, 2.0, 6.0]), 2.5);
        assert_eq!(joined(Join::Median, &[], &mut [6.0, 1.0, 2.0]), 2.0);
        assert_eq!(joined(Join::Median, &[], &mut [6.0, 1.0, 2.0, 4.0]), 3.0);
        assert!(joined(Join::Median, &[], &mut [6.0, f64::NAN]).is_nan());
    }

    #[test]
    fn what_cannot_be_fitted_is_left_out_and_said() {
        let both = Combination::new(Join::Mean, vec![Box::new(Naive), Box::new(SeasonalNaive)]);
        let fitted = both.fit(&[1.0, 2.0, 3.0, 5.0], 2).unwrap();
        // Naive 5; seasonal 3, then 5.
        assert_eq!(fitted.mean(2), [4.0, 5.0]);
        assert_eq!(fitted.name(), "mean of naive and seasonal naive");
        let one = both.fit(&[1.0], 2).unwrap();
        assert_eq!(one.mean(1), [1.0]);
        assert!(one.notes()[0].starts_with("without seasonal naive"), "{:?}", one.notes());
        let none = Combination::usual().fit(&[4.0, 5.0], 12).unwrap();
        assert_eq!(none.mean(2), [5.0, 5.0]);
        assert_eq!(none.notes().len(), 4, "{:?}", none.notes());
        assert_eq!(both.fit(&[], 2).unwrap_err(), NoFit::Empty);
    }
}
