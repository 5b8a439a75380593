//! How much weight each member of the usual combination deserves on a panel, by the panel's own past.
//!
//! Every member forecasts from the same origins. The weights, in tenths, are those whose mean would have been least far off, held
//! back towards the usual weights: each step away from them must earn its keep, so that a panel that says nothing changes
//! nothing. Intervals are calibrated on the errors of that mean at the same origins.

use super::super::combine::{USUAL, USUAL_WEIGHTS, usual_members};
use super::super::model::Model;
use super::super::naive::SeasonalNaive;
use super::intervals::unit;
use super::{Backtest, Expected, Origin, Plan, origins, tested};

/// Weights of the members of the usual combination on a panel, and how the combination did in its past.
#[derive(Debug, Clone, PartialEq)]
pub struct Blend {
    /// By [`USUAL`](super::super::USUAL); they sum to 1.
    pub weights: [f64; USUAL.len()],
    /// Whether the panel was asked; else the weights are the usual ones.
    pub learnt: bool,
    /// The seasonal naive forecast and the combination with these weights, from the panel's origins.
    pub backtest: Backtest,
}

/// Series that must have errors before they are asked for weights.
const ENOUGH: usize = 12;

/// Weights are whole tenths.
const TENTHS: usize = 10;

/// What the squared distance from the usual weights costs, as a share of the error. Chosen on the development panel, where
/// between 0.03 and 0.3 makes little difference.
const HOLD: f64 = 0.1;

/// An error of more than so many seasonal differences counts as this much: one broken series does not decide for all.
const FAR: f64 = 10.0;

/// Forecasts every series from its past origins with every member, in parallel, and chooses weights and intervals. The models' own
/// intervals are not scored, whatever the plan says.
#[must_use]
pub fn blend(panel: &[Vec<f64>], plan: Plan) -> Blend {
    let members = usual_members();
    let models: Vec<&dyn Model> = members.iter().map(|m| &**m).collect();
    let (mut origins, left_out) = origins(panel, &models, Plan { own: false, ..plan });
    let learnt = learn(&origins);
    let weights = learnt.unwrap_or(USUAL_WEIGHTS);
    for origin in &mut origins {
        let joint = origin.joint(&weights);
        origin.expected.push(joint);
    }
    let naive = tested(&origins, USUAL.len() - 1, SeasonalNaive.name(), plan.horizon);
    let joint = tested(&origins, USUAL.len(), "mean by weights".to_owned(), plan.horizon);
    let backtest = Backtest { models: vec![naive, joint], origins: origins.len(), left_out };
    Blend { weights, learnt: learnt.is_some(), backtest }
}

impl Blend {
    /// The weights, to be said beside the forecasts.
    #[must_use]
    pub fn note(&self) -> String {
        let shares = USUAL.iter().zip(self.weights).filter(|(_, weight)| *weight > 0.0);
        let shares: Vec<String> = shares.map(|(name, weight)| format!("{name} {:.0} %", 100.0 * weight)).collect();
        let from = if self.learnt { "by the past errors of these series" } else { "the usual weights" };
        format!("{} ({from})", shares.join(", "))
    }
}

impl Origin {
    /// The mean of the members that could be fitted; `None` without any of some weight.
    fn joint(&self, weights: &[f64; USUAL.len()]) -> Option<Expected> {
        let fitted =
            || self.expected.iter().zip(weights).filter_map(|(e, w)| Some((e.as_ref()?, *w))).filter(|m| m.1 > 0.0);
        let all: f64 = fitted().map(|(_, weight)| weight).sum();
        if all <= 0.0 {
            return None;
        }
        let mean = |i: usize| fitted().map(|(e, weight)| e.mean[i] * weight).sum::<f64>() / all;
        let residual = |t: usize| fitted().map(|(e, weight)| e.residuals[t] * weight).sum::<f64>() / all;
        let steps = fitted().map(|(e, _)| e.residuals.len()).min().unwrap_or(0);
        let residuals: Vec<f64> = (0..steps).map(residual).collect();
        let unit = unit(&residuals, self.scale);
        Some(Expected { mean: (0..self.actual.len()).map(mean).collect(), own: None, residuals, unit })
    }

    /// Errors of all members at each step, scaled; empty where one could not be fitted or there is no scale.
    fn scaled(&self) -> Vec<[f64; USUAL.len()]> {
        let Some(scale) = self.scale else { return Vec::new() };
        let members: Vec<&Expected> = self.expected.iter().flatten().collect();
        if members.len() < USUAL.len() {
            return Vec::new();
        }
        let step = |(i, actual): (usize, &f64)| std::array::from_fn(|m| (members[m].mean[i] - actual) / scale);
        self.actual.iter().enumerate().map(step).collect()
    }
}

/// The weights that the origins ask for; `None` with too few series to ask.
fn learn(origins: &[Origin]) -> Option<[f64; USUAL.len()]> {
    let mut series: Vec<usize> = Vec::new();
    let mut errors: Vec<[f64; USUAL.len()]> = Vec::new();
    for origin in origins {
        let scaled = origin.scaled();
        if !scaled.is_empty() {
            series.push(origin.series);
        }
        errors.extend(scaled);
    }
    series.dedup();
    if series.len() < ENOUGH {
        return None;
    }
    let off = |weights: &[f64; USUAL.len()]| {
        let one = |errors: &[f64; USUAL.len()]| {
            errors.iter().zip(weights).map(|(error, weight)| error * weight).sum::<f64>().abs().min(FAR)
        };
        errors.iter().map(one).sum::<f64>()
    };
    let usual = off(&USUAL_WEIGHTS);
    if usual <= 0.0 {
        return None;
    }
    let cost = |weights: &[f64; USUAL.len()]| {
        let moved: f64 = weights.iter().zip(USUAL_WEIGHTS).map(|(a, b)| (a - b) * (a - b)).sum();
        off(weights) / usual + HOLD * moved
    };
    let all = grid().into_iter().map(|weights| (cost(&weights), weights));
    all.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, weights)| weights)
}

/// All weights in tenths that sum to 1.
fn grid() -> Vec<[f64; USUAL.len()]> {
    let mut all = Vec::new();
    for a in 0..=TENTHS {
        for b in 0..=TENTHS - a {
            for c in 0..=TENTHS - a - b {
                all.push([a, b, c, TENTHS - a - b - c].map(|n| n as f64 / TENTHS as f64));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::super::draws::Draws;
    use super::*;

    /// Members that were off by these, in seasonal differences, at one step each.
    fn origin(series: usize, off: [f64; USUAL.len()]) -> Origin {
        let expected = off.map(|e| Some(Expected { mean: vec![10.0 + e], own: None, residuals: vec![e], unit: None }));
        Origin { series, actual: vec![10.0], scale: Some(1.0), expected: expected.into() }
    }

    #[test]
    fn weights_go_to_the_member_that_was_right() {
        // The second is always right and the others far off, all to the same side.
        let origins: Vec<Origin> = (0..12).map(|s| origin(s, [4.0, 0.0, 4.0, 4.0])).collect();
        // The error falls from 3.6 (0.9 · 4) by 4 per weight: as a share by 0.111 a tenth; the distance of (0, 1, 0, 0) from
        // (0.8, 0.1, 0.1, 0) is 0.64 + 0.81 + 0.01 = 1.46, which costs 0.146 of the whole.
        assert_eq!(learn(&origins), Some([0.0, 1.0, 0.0, 0.0]));
        assert_eq!(learn(&origins[..11]), None);
    }

    #[test]
    fn a_panel_that_says_nothing_changes_nothing() {
        let alike: Vec<Origin> = (0..12).map(|s| origin(s, [2.0; USUAL.len()])).collect();
        assert_eq!(learn(&alike), Some(USUAL_WEIGHTS));
        let right: Vec<Origin> = (0..12).map(|s| origin(s, [0.0; USUAL.len()])).collect();
        assert_eq!(learn(&right), None);
    }

    #[test]
    fn what_could_not_be_fitted_leaves_its_weight_to_the_others() {
        let mut one = origin(0, [1.0, 3.0, 0.0, 0.0]);
        one.expected[2] = None;
        // (0.6 · 11 + 0.2 · 13) / 0.8; the residuals 1 and 3 likewise.
        let joint = one.joint(&[0.6, 0.2, 0.2, 0.0]).unwrap();
        assert!((joint.mean[0] - 11.5).abs() < 1e-12 && (joint.residuals[0] - 1.5).abs() < 1e-12);
        assert!(one.scaled().is_empty() && one.joint(&[0.0, 0.0, 1.0, 0.0]).is_none());
    }

    #[test]
    fn the_joint_backtest_is_that_of_the_combination_with_these_weights() {
        let series = |k: u64| -> Vec<f64> {
            let mut draws = Draws::stream(9, k);
            (0..72).map(|t| 100.0 + f64::from(t % 12) + 10.0 * draws.unit()).collect()
        };
        let panel: Vec<Vec<f64>> = (0..12).map(series).collect();
        let plan = Plan { origins: 2, every: 6, own: false, ..Plan::default() };
        let blend = blend(&panel, plan);
        assert!(blend.learnt && (blend.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let combination = super::super::super::Combination::usual_by(&blend.weights);
        let direct = super::super::backtest(&panel, &[&combination], plan);
        let (ours, theirs) = (&blend.backtest.models[1].overall, &direct.models[1].overall);
        assert!((ours.mase.unwrap() - theirs.mase.unwrap()).abs() < 1e-9);
        assert_eq!(ours.forecasts, 12 * 2 * 12);
    }
}
