//! Parts and whole made to agree: the lines of all payers, forecast as one series, say something that the payers alone do not.
//!
//! By default the whole is the sum of its parts. With minimum trace (MinT, `forecast::reconcile`) the forecast of the whole and
//! those of the parts are moved towards each other, as much as each was wrong in the past, until they agree; the paths of the parts
//! move with their means, so that sums stay sums.

#![expect(clippy::float_arithmetic, reason = "forecasts are estimates")]

use super::volume::StemFit;
use crate::forecast::reconcile::{Hierarchy, Method, Reconciler};

/// How the forecast of all is made from those of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Coherence {
    /// The sum of its parts.
    #[default]
    BottomUp,
    /// All and its parts are forecast apart and moved towards each other by their past errors (minimum trace).
    MinT,
}

/// Fewer past errors say nothing of how errors go together.
const ENOUGH: usize = 12;

/// For each part and month the factor on its forecast; `None` when the whole and its parts cannot be moved, which `notes` say.
pub(super) fn moved(
    whole: Option<(&StemFit, &[f64])>,
    parts: &[(Option<&StemFit>, &[f64])],
    notes: &mut Vec<String>,
) -> Option<Vec<Vec<f64>>> {
    let mut no = |why: &str| {
        notes.push(format!("Minimum trace was not possible ({why}): all payers are the sum of the payers."));
        None
    };
    let fits: Option<Vec<(&StemFit, &[f64])>> = parts.iter().map(|(fit, days)| Some(((*fit)?, *days))).collect();
    let (Some(whole), Some(fits)) = (whole, fits) else { return no("a series has no model") };
    if fits.len() < 2 {
        return no("there is one series only");
    }
    let nodes: Vec<(&StemFit, &[f64])> = std::iter::once(whole).chain(fits).collect();
    let errors: Vec<Vec<f64>> = nodes.iter().map(|(fit, _)| fit.errors()).collect();
    let common = errors.iter().map(Vec::len).min().unwrap_or(0);
    if common < ENOUGH {
        return no("fewer than twelve months have errors of all series");
    }
    // The last ones are of the same months.
    let errors: Vec<Vec<f64>> = errors.into_iter().map(|e| e[e.len() - common..].to_vec()).collect();
    let means: Vec<Vec<f64>> = nodes.iter().map(|(fit, days)| fit.mean(days)).collect();
    match factors(&errors, &means) {
        Ok(factors) => {
            notes.push(
                "All payers together and each payer were forecast apart and made to agree by minimum trace.".to_owned(),
            );
            Some(factors)
        }
        Err(why) => no(&why),
    }
}

/// Factors on the parts from the errors and means of the whole (first) and of the parts.
fn factors(errors: &[Vec<f64>], means: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, String> {
    let parts = means.len().saturating_sub(1);
    let keys: Vec<Vec<String>> = (0..parts).map(|n| vec![n.to_string()]).collect();
    let hierarchy = Hierarchy::new(&keys, &[&[]]).map_err(|e| e.to_string())?;
    let reconciler = Reconciler::new(&hierarchy, &Method::MintShrink(errors.to_vec())).map_err(|e| e.to_string())?;
    let months = means.first().map_or(0, Vec::len);
    let mut factors = vec![vec![1.0; months]; parts];
    for month in 0..months {
        let base: Vec<f64> = means.iter().map(|m| m[month]).collect();
        let coherent = reconciler.apply_not_below_zero(&base).map_err(|e| e.to_string())?;
        for (part, factor) in factors.iter_mut().enumerate() {
            let (before, after) = (base[part + 1], coherent.values[part + 1]);
            // What is forecast to be nothing has no paths to move.
            factor[month] = if before > 0.0 { after / before } else { 1.0 };
        }
    }
    Ok(factors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_moved_towards_the_whole_and_no_further() {
        // Parts of 100 and 50, forecast apart; the whole is forecast at 180. Errors of equal size and no common course: the
        // gap of 30 is shared, and both parts grow.
        let errors = [
            vec![1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0],
            vec![1.0, 1.0, -1.0, -1.0, 1.0, 1.0, -1.0, -1.0],
            vec![1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0],
        ];
        let means = [vec![180.0], vec![100.0], vec![50.0]];
        let found = factors(&errors, &means).unwrap();
        // Weights all alike: each part and the whole take a third of the gap, so the parts grow by ten each.
        assert!((found[0][0] - 1.1).abs() < 1e-9 && (found[1][0] - 1.2).abs() < 1e-9, "{found:?}");
        // A whole that agrees already moves nothing.
        let same = factors(&errors, &[vec![150.0], vec![100.0], vec![50.0]]).unwrap();
        assert!(same.iter().all(|f| (f[0] - 1.0).abs() < 1e-9));
    }
}
