//! Making forecasts coherent.

use std::fmt;

use super::hierarchy::Hierarchy;
use super::shrink::shrunk_covariance;
use crate::forecast::linear::{Cholesky, dot};

/// How much each forecast is trusted.
#[derive(Debug, Clone, PartialEq)]
pub enum Method {
    /// Only the leaves count; groups are their sums.
    BottomUp,
    /// All nodes alike.
    Ols,
    /// A node's variance is its number of leaves.
    WlsStruct,
    /// The variance of each node's forecast errors, in the order of the nodes.
    WlsVar(Vec<f64>),
    /// The errors of each node's one-step forecasts over the same months, in the order of the nodes: their covariance,
    /// shrunk (MinT).
    MintShrink(Vec<Vec<f64>>),
}

/// Why forecasts could not be made coherent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CannotReconcile {
    /// There are so many forecasts, variances or rows of errors, and another number of nodes.
    Number {
        /// Given.
        have: usize,
        /// Nodes.
        nodes: usize,
    },
    /// The forecast, variance or errors of this node (its key) are no numbers, or its variance is not positive.
    Value(Vec<String>),
    /// The rows of errors differ in length or have fewer than two months.
    Errors,
    /// The errors of this node (its key) are those of nodes before it: no covariance can be inverted.
    Singular(Vec<String>),
}

impl fmt::Display for CannotReconcile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |key: &[String]| if key.is_empty() { "the total".to_owned() } else { key.join(" · ") };
        match self {
            Self::Number { have, nodes } => write!(f, "{have} forecasts or variances for {nodes} series and sums"),
            Self::Value(key) => write!(f, "the forecast or the error variance of {} is not usable", name(key)),
            Self::Errors => write!(f, "the forecast errors need the same two months or more for every series and sum"),
            Self::Singular(key) => write!(
                f,
                "the forecast errors of {} follow from those of other sums: use their variances alone",
                name(key)
            ),
        }
    }
}

impl std::error::Error for CannotReconcile {}

/// Forecasts that add up.
#[derive(Debug, Clone, PartialEq)]
pub struct Coherent {
    /// By node, in the order of the nodes.
    pub values: Vec<f64>,
    /// Leaves that reconciliation had pushed below zero and that were set to it.
    pub raised: usize,
}

/// A method, prepared for a hierarchy; it can be applied to one month after the other.
#[derive(Debug, Clone)]
pub struct Reconciler<'h> {
    hierarchy: &'h Hierarchy,
    /// W⁻¹S by leaf and the decomposed SᵀW⁻¹S; `None` for bottom-up.
    weights: Option<(Vec<Vec<f64>>, Cholesky)>,
    shrink: Option<f64>,
}

impl<'h> Reconciler<'h> {
    /// Prepares a method.
    ///
    /// # Errors
    /// See [`CannotReconcile`].
    pub fn new(hierarchy: &'h Hierarchy, method: &Method) -> Result<Self, CannotReconcile> {
        let nodes = hierarchy.nodes();
        let diagonal = |variances: Vec<f64>| {
            let by_leaf = |leaf| {
                let share = |(node, v): (&super::Node, &f64)| if node.leaves.contains(&leaf) { 1.0 / v } else { 0.0 };
                nodes.iter().zip(&variances).map(share).collect()
            };
            (0..hierarchy.leaves()).map(by_leaf).collect::<Vec<Vec<f64>>>()
        };
        let (weighted, shrink) = match method {
            Method::BottomUp => return Ok(Self { hierarchy, weights: None, shrink: None }),
            Method::Ols => (diagonal(vec![1.0; nodes.len()]), None),
            Method::WlsStruct => (diagonal(nodes.iter().map(|n| n.leaves.len() as f64).collect()), None),
            Method::WlsVar(variances) => {
                check(hierarchy, variances, |v| v.is_finite() && *v > 0.0)?;
                (diagonal(variances.clone()), None)
            }
            Method::MintShrink(errors) => {
                check(hierarchy, errors, |row| row.iter().all(|e| e.is_finite()) && row.iter().any(|e| *e != 0.0))?;
                let months = errors.first().map_or(0, Vec::len);
                if months < 2 || errors.iter().any(|row| row.len() != months) {
                    return Err(CannotReconcile::Errors);
                }
                let (covariance, shrink) = shrunk_covariance(errors);
                let cholesky = Cholesky::of(&covariance)
                    .map_err(|singular| CannotReconcile::Singular(nodes[singular.row].key.clone()))?;
                let column = |leaf: usize| {
                    let member = |node: &super::Node| if node.leaves.contains(&leaf) { 1.0 } else { 0.0 };
                    cholesky.solve(&nodes.iter().map(member).collect::<Vec<f64>>())
                };
                ((0..hierarchy.leaves()).map(column).collect(), Some(shrink))
            }
        };
        // SᵀW⁻¹S: the weights of a leaf summed over the nodes that hold another.
        let entry = |a: &Vec<f64>, leaf: usize| -> f64 {
            nodes.iter().zip(a).filter(|(node, _)| node.leaves.contains(&leaf)).map(|(_, weight)| weight).sum()
        };
        let matrix: Vec<Vec<f64>> =
            weighted.iter().map(|a| (0..hierarchy.leaves()).map(|leaf| entry(a, leaf)).collect()).collect();
        let first_leaf = nodes.len() - hierarchy.leaves();
        let cholesky = Cholesky::of(&matrix)
            .map_err(|singular| CannotReconcile::Singular(nodes[first_leaf + singular.row].key.clone()))?;
        Ok(Self { hierarchy, weights: Some((weighted, cholesky)), shrink })
    }

    /// By how much the correlations of the errors were shrunk; `None` for methods without any.
    #[must_use]
    pub const fn shrink(&self) -> Option<f64> {
        self.shrink
    }

    /// Coherent values from one forecast for each node, in the order of the nodes. Leaves may become negative.
    ///
    /// # Errors
    /// When a forecast is missing or no number.
    pub fn apply(&self, base: &[f64]) -> Result<Coherent, CannotReconcile> {
        Ok(Coherent { values: self.hierarchy.sum_up(&self.leaves(base)?), raised: 0 })
    }

    /// As [`Self::apply`], with negative leaves set to zero and the groups summed anew: coherent, but no longer as near
    /// to the forecasts as can be.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub fn apply_not_below_zero(&self, base: &[f64]) -> Result<Coherent, CannotReconcile> {
        let mut leaves = self.leaves(base)?;
        let mut raised = 0;
        for leaf in leaves.iter_mut().filter(|leaf| **leaf < 0.0) {
            *leaf = 0.0;
            raised += 1;
        }
        Ok(Coherent { values: self.hierarchy.sum_up(&leaves), raised })
    }

    fn leaves(&self, base: &[f64]) -> Result<Vec<f64>, CannotReconcile> {
        check(self.hierarchy, base, |v| v.is_finite())?;
        Ok(match &self.weights {
            None => base[base.len() - self.hierarchy.leaves()..].to_vec(),
            Some((weighted, cholesky)) => {
                cholesky.solve(&weighted.iter().map(|row| dot(row, base)).collect::<Vec<f64>>())
            }
        })
    }
}

/// Whether there is one usable value for each node.
fn check<T>(hierarchy: &Hierarchy, values: &[T], usable: impl Fn(&T) -> bool) -> Result<(), CannotReconcile> {
    let nodes = hierarchy.nodes();
    if values.len() != nodes.len() {
        return Err(CannotReconcile::Number { have: values.len(), nodes: nodes.len() });
    }
    match values.iter().position(|v| !usable(v)) {
        Some(node) => Err(CannotReconcile::Value(nodes[node].key.clone())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A total of two leaves.
    fn pair() -> Hierarchy {
        Hierarchy::new(&[vec!["A".to_owned()], vec!["B".to_owned()]], &[&[]]).unwrap()
    }

    fn near_all(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        for (a, b) in found.iter().zip(expected) {
            assert!((a - b).abs() < 1e-9, "{found:?} is not {expected:?}");
        }
    }

    #[test]
    fn a_pair_by_hand() {
        // Total 10, leaves 3 and 4: 3 are missing. A unit of trust each: each moves by a third of it.
        let pair = pair();
        let apply = |method| Reconciler::new(&pair, &method).unwrap().apply(&[10.0, 3.0, 4.0]).unwrap().values;
        near_all(&apply(Method::BottomUp), &[7.0, 3.0, 4.0]);
        near_all(&apply(Method::Ols), &[9.0, 4.0, 5.0]);
        // Variances 2, 1, 1: the total moves by 2/4 of the gap, the leaves by 1/4.
        near_all(&apply(Method::WlsStruct), &[8.5, 3.75, 4.75]);
        // Variances 1, 4, 1: by 1/6, 4/6 and 1/6.
        near_all(&apply(Method::WlsVar(vec![1.0, 4.0, 1.0])), &[9.5, 5.0, 4.5]);
    }

    #[test]
    fn shrunk_errors_without_correlation_are_variances() {
        // Over four months no two rows of errors are correlated: variances 1, 4 and 1, as above.
        let errors = vec![vec![1.0, 1.0, -1.0, -1.0], vec![2.0, -2.0, 2.0, -2.0], vec![1.0, -1.0, -1.0, 1.0]];
        let pair = pair();
        let mint = Reconciler::new(&pair, &Method::MintShrink(errors)).unwrap();
        assert_eq!(mint.shrink(), Some(1.0));
        near_all(&mint.apply(&[10.0, 3.0, 4.0]).unwrap().values, &[9.5, 5.0, 4.5]);
    }

    #[test]
    fn correlated_errors_by_hand() {
        // All variances are 1. The gap, 3, is spread by W·(1, −1, −1).
        let twice = |row: [f64; 4]| row.iter().chain(&row).copied().collect::<Vec<f64>>();
        let errors = vec![twice([1.0, 1.0, 1.0, -1.0]), twice([1.0, 1.0, -1.0, 1.0]), twice([1.0, -1.0, 1.0, 1.0])];
        // All three correlations are 0 here: (1 + 1 − 1 − 1)/4. Nothing to shrink, and all alike.
        let pair = pair();
        let mint = Reconciler::new(&pair, &Method::MintShrink(errors)).unwrap();
        near_all(&mint.apply(&[10.0, 3.0, 4.0]).unwrap().values, &[9.0, 4.0, 5.0]);
        // Total 1 1 1 1 and leaves 1 1 1 −1, 1 −1 1 −1 … correlations ½, 0, ½.
        let errors = vec![twice([1.0, 1.0, 1.0, 1.0]), twice([1.0, 1.0, 1.0, -1.0]), twice([1.0, -1.0, 1.0, -1.0])];
        let mint = Reconciler::new(&pair, &Method::MintShrink(errors)).unwrap();
        // Doubts over eight months: correlation ½ gives 6/56 twice, correlation 0 gives 8/56: 20/56 ÷ ½ = 5/7.
        let shrink = 5.0 / 7.0;
        assert!((mint.shrink().unwrap() - shrink).abs() < 1e-12);
        // Rests of ½·2/7 = 1/7 between total and A and between A and B. W·(1, −1, −1): total 1 − 1/7 = 6/7; A 1/7 − 1 −
        // 1/7 = −1; B −1/7 − 1 = −8/7. The gap 10 − 7 = 3 over 6/7 + 1 + 8/7 = 3: one each.
        near_all(&mint.apply(&[10.0, 3.0, 4.0]).unwrap().values, &[10.0 - 6.0 / 7.0, 4.0, 4.0 + 8.0 / 7.0]);
    }

    #[test]
    fn coherent_forecasts_stay_and_negative_ones_can_be_raised() {
        let pair = pair();
        let ols = Reconciler::new(&pair, &Method::Ols).unwrap();
        near_all(&ols.apply(&[7.0, 3.0, 4.0]).unwrap().values, &[7.0, 3.0, 4.0]);
        // Total 0, leaves 1 and 8: −9 in thirds gives 3, −2 and 5.
        near_all(&ols.apply(&[0.0, 1.0, 8.0]).unwrap().values, &[3.0, -2.0, 5.0]);
        let raised = ols.apply_not_below_zero(&[0.0, 1.0, 8.0]).unwrap();
        near_all(&raised.values, &[5.0, 0.0, 5.0]);
        assert_eq!(raised.raised, 1);
    }

    #[test]
    fn what_cannot_be_reconciled_says_why() {
        let pair = pair();
        let new = |method| Reconciler::new(&pair, &method).unwrap_err();
        assert_eq!(new(Method::WlsVar(vec![1.0])), CannotReconcile::Number { have: 1, nodes: 3 });
        let value = CannotReconcile::Value(vec!["A".to_owned()]);
        assert_eq!(new(Method::WlsVar(vec![1.0, 0.0, 1.0])), value);
        assert_eq!(new(Method::MintShrink(vec![vec![1.0, 2.0], vec![0.0, 0.0], vec![1.0, 1.0]])), value);
        assert_eq!(new(Method::MintShrink(vec![vec![1.0], vec![2.0], vec![1.0]])), CannotReconcile::Errors);
        let uneven = vec![vec![1.0, 2.0], vec![2.0], vec![1.0, 2.0]];
        assert_eq!(new(Method::MintShrink(uneven)), CannotReconcile::Errors);
        // The same errors everywhere: perfectly correlated, without doubt.
        let same = vec![vec![1.0, -1.0, 1.0]; 3];
        assert_eq!(new(Method::MintShrink(same)), CannotReconcile::Singular(vec!["A".to_owned()]));
        let ols = Reconciler::new(&pair, &Method::Ols).unwrap();
        assert_eq!(ols.apply(&[f64::NAN, 1.0, 1.0]), Err(CannotReconcile::Value(vec![])));
        assert_eq!(
            CannotReconcile::Value(vec![]).to_string(),
            "the forecast or the error variance of the total is not usable"
        );
    }
}
