//! How much weight each member of the usual combination deserves on a panel, by the panel's own past.
//!
//! Every member forecasts from the same origins. The weights, in tenths, are those whose mean would have been least far off, held
//! back towards the usual weights: each step away from them must earn its keep, so that a panel that says nothing changes
//! nothing. Each series then moves from the weights of the panel as far as its own past asks, held back by what the panel says.
//! Intervals are calibrated on the errors of these means at the same origins.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::super::combine::{USUAL, USUAL_WEIGHTS, usual_members};
use super::super::model::Model;
use super::super::naive::SeasonalNaive;
use super::intervals::unit;
use super::{Backtest, Expected, Origin, Plan, origins, tested};

/// Weights of the members of the usual combination on a panel, and how the combination did in its past.
#[derive(Debug, Clone, PartialEq)]
pub struct Blend {
    /// Those of the panel as a whole.
    pub weights: Weights,
    /// Those of each series, by its position.
    pub own: Vec<Weights>,
    /// Whether the panel was asked; else the weights are the usual ones.
    pub learnt: bool,
    /// The seasonal naive forecast and the combination with the weights of each series, from the panel's origins.
    pub backtest: Backtest,
}

/// By [`USUAL`](super::super::USUAL); they sum to 1.
pub type Weights = [f64; USUAL.len()];

/// Series that must have errors before they are asked for weights.
const ENOUGH: usize = 12;

/// Weights are whole tenths.
const TENTHS: usize = 10;

/// What the squared distance from the usual weights costs, as a share of the error. Chosen on the development panel.
const HOLD: f64 = 0.03;

/// How much the errors of a series count in the choice of its own weights, beside those of the panel, which count 1. Chosen on the
/// development panel, where between 0.2 and 0.7 makes little difference.
const OWN: f64 = 0.4;

/// An error of more than so many seasonal differences counts as this much: one broken series does not decide for all.
const FAR: f64 = 10.0;

/// Forecasts every series from its past origins with every member, in parallel, and chooses weights and intervals. The models' own
/// intervals are not scored, whatever the plan says.
#[must_use]
pub fn blend(panel: &[Vec<f64>], plan: Plan) -> Blend {
    let members = usual_members();
    let models: Vec<&dyn Model> = members.iter().map(|m| &**m).collect();
    let (mut origins, left_out) = origins(panel, &models, Plan { own: false, ..plan });
    let learnt = Errors::of(&origins).learn();
    let weights = learnt.as_ref().map_or(USUAL_WEIGHTS, |(weights, _)| *weights);
    let moved = |at| learnt.as_ref().and_then(|(_, own)| own.get(&at)).copied();
    let own: Vec<Weights> = (0..panel.len()).map(|at| moved(at).unwrap_or(weights)).collect();
    for origin in &mut origins {
        let joint = origin.joint(&own[origin.series]);
        origin.expected.push(joint);
    }
    let naive = tested(&origins, USUAL.len() - 1, SeasonalNaive.name(), plan.horizon);
    let joint = tested(&origins, USUAL.len(), "mean by weights".to_owned(), plan.horizon);
    let backtest = Backtest { models: vec![naive, joint], origins: origins.len(), left_out };
    Blend { weights, own, learnt: learnt.is_some(), backtest }
}

impl Blend {
    /// The weights, to be said beside the forecasts.
    #[must_use]
    pub fn note(&self) -> String {
        let shares = USUAL.iter().zip(self.weights).filter(|(_, weight)| *weight > 0.0);
        let shares: Vec<String> = shares.map(|(name, weight)| format!("{name} {:.0} %", 100.0 * weight)).collect();
        let from = if self.learnt {
            "by the past errors of these series; each moves from there as its own past asks"
        } else {
            "the usual weights"
        };
        format!("{} ({from})", shares.join(", "))
    }
}

impl Origin {
    /// The mean of the members that could be fitted; `None` without any of some weight.
    fn joint(&self, weights: &Weights) -> Option<Expected> {
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
    fn scaled(&self) -> Vec<Weights> {
        let Some(scale) = self.scale else { return Vec::new() };
        let members: Vec<&Expected> = self.expected.iter().flatten().collect();
        if members.len() < USUAL.len() {
            return Vec::new();
        }
        let step = |(i, actual): (usize, &f64)| std::array::from_fn(|m| (members[m].mean[i] - actual) / scale);
        self.actual.iter().enumerate().map(step).collect()
    }
}

/// Scaled errors of all members at each step, by series.
struct Errors(BTreeMap<usize, Vec<[f64; USUAL.len()]>>);

impl Errors {
    fn of(origins: &[Origin]) -> Self {
        let mut all: BTreeMap<usize, Vec<[f64; USUAL.len()]>> = BTreeMap::new();
        for origin in origins {
            let scaled = origin.scaled();
            if !scaled.is_empty() {
                all.entry(origin.series).or_default().extend(scaled);
            }
        }
        Self(all)
    }

    /// The weights that the panel asks for, and those of each series that has errors; `None` with too few of them to ask.
    fn learn(&self) -> Option<(Weights, BTreeMap<usize, Weights>)> {
        if self.0.len() < ENOUGH {
            return None;
        }
        let grid = grid();
        // Sums of each series over its steps, by weights.
        let by_series: Vec<(usize, f64, Vec<f64>)> = self
            .0
            .par_iter()
            .map(|(series, errors)| (*series, errors.len() as f64, grid.iter().map(|w| off(errors, w)).collect()))
            .collect();
        let steps: f64 = by_series.iter().map(|(_, steps, _)| steps).sum();
        let usual = self.0.values().map(|errors| off(errors, &USUAL_WEIGHTS)).sum::<f64>() / steps;
        if usual <= 0.0 {
            return None;
        }
        let shared: Vec<f64> = grid
            .iter()
            .enumerate()
            .map(|(at, weights)| {
                let off = by_series.iter().map(|(_, _, off)| off[at]).sum::<f64>() / steps;
                let moved: f64 = weights.iter().zip(USUAL_WEIGHTS).map(|(a, b)| (a - b) * (a - b)).sum();
                off / usual + HOLD * moved
            })
            .collect();
        let panel = least(shared.iter().copied())?;
        let own = by_series.into_iter().filter_map(|(series, steps, off)| {
            // A series that is easy to forecast does not magnify small differences: the panel's error stands beside its own.
            let unit = off[panel] / steps + usual;
            let cost = shared.iter().zip(&off).map(|(shared, off)| shared + OWN * off / steps / unit);
            Some((series, grid[least(cost)?]))
        });
        Some((grid[panel], own.collect()))
    }
}

/// How far off the mean by these weights would have been, over all steps.
fn off(errors: &[[f64; USUAL.len()]], weights: &Weights) -> f64 {
    let one = |errors: &[f64; USUAL.len()]| {
        errors.iter().zip(weights).map(|(error, weight)| error * weight).sum::<f64>().abs().min(FAR)
    };
    errors.iter().map(one).sum()
}

/// Where the least is, the first of several.
fn least(costs: impl Iterator<Item = f64>) -> Option<usize> {
    costs.enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).map(|(at, _)| at)
}

/// All weights in tenths that sum to 1.
fn grid() -> Vec<Weights> {
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

    fn learn(origins: &[Origin]) -> Option<(Weights, BTreeMap<usize, Weights>)> {
        Errors::of(origins).learn()
    }

    #[test]
    fn weights_go_to_the_member_that_was_right() {
        // The second is always right and the others far off, all to the same side.
        let origins: Vec<Origin> = (0..12).map(|s| origin(s, [4.0, 0.0, 4.0, 4.0])).collect();
        // The error falls from 3.6 (0.9 · 4) by 4 per weight: as a share by 0.111 a tenth; the distance of (0, 1, 0, 0) from
        // (0.8, 0.1, 0.1, 0) is 0.64 + 0.81 + 0.01 = 1.46, which costs 0.044 of the whole.
        let (weights, own) = learn(&origins).unwrap();
        assert_eq!(weights, [0.0, 1.0, 0.0, 0.0]);
        assert_eq!(own.len(), 12);
        assert_eq!(learn(&origins[..11]), None);
    }

    #[test]
    fn a_series_of_its_own_kind_has_weights_of_its_own() {
        // 199 series that all members suit alike, and one that the last suits.
        let mut origins: Vec<Origin> = (0..199).map(|s| origin(s, [2.0; USUAL.len()])).collect();
        origins.push(origin(199, [6.0, 6.0, 6.0, 0.0]));
        let (panel, own) = learn(&origins).unwrap();
        // A tenth to the last member takes 0.6 / 200 off a mean error of (199 · 2 + 6) / 200 = 2.02: 0.00149 of it. Two tenths, one
        // each from two members, are 0.01 + 0.01 + 0.04 away, which costs 0.0018: less than their 0.0030. Three (0.03 + 0.09, 0.0036 against
        // 0.0045) or one (0.02, 0.0006 against 0.0015) leave less.
        assert_eq!(panel[3], 0.2);
        // To the one series all ten tenths are worth 0.4 · 6 / (4.8 + 2.02) = 0.35, and cost 0.03 · (0.64 + 0.01 + 0.01 + 1) = 0.05.
        assert_eq!(own[&199], [0.0, 0.0, 0.0, 1.0]);
        assert_eq!(own[&0], panel);
    }

    #[test]
    fn a_panel_that_says_nothing_changes_nothing() {
        let alike: Vec<Origin> = (0..12).map(|s| origin(s, [2.0; USUAL.len()])).collect();
        let (weights, own) = learn(&alike).unwrap();
        assert!(weights == USUAL_WEIGHTS && own.values().all(|w| *w == USUAL_WEIGHTS));
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
        assert!(blend.learnt && blend.own.iter().all(|w| (w.iter().sum::<f64>() - 1.0).abs() < 1e-12));
        let ours = &blend.backtest.models[1].overall;
        let direct = |(values, weights): (&Vec<f64>, &Weights)| {
            let combination = super::super::super::Combination::usual_by(weights);
            let tested = super::super::backtest(std::slice::from_ref(values), &[&combination], plan);
            tested.models[1].overall.mase.unwrap()
        };
        // As many forecasts of each series: the mean over all is that of the means.
        let theirs = panel.iter().zip(&blend.own).map(direct).sum::<f64>() / 12.0;
        assert!((ours.mase.unwrap() - theirs).abs() < 1e-9);
        assert_eq!(ours.forecasts, 12 * 2 * 12);
    }
}
