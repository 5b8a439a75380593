//! Simple exponential smoothing, for the aggregates of sparse series that have demand in every block.

use super::demand::{best, grid, mean_squared_error};

/// The level after the last value, beginning with the first; 0 without values.
pub(super) fn with_alpha(values: &[f64], alpha: f64) -> (f64, Vec<Option<f64>>) {
    let mut level: Option<f64> = None;
    let mut one_step = Vec::with_capacity(values.len());
    for value in values {
        one_step.push(level);
        level = Some(level.map_or(*value, |level| level + alpha * (value - level)));
    }
    (level.unwrap_or(0.0), one_step)
}

/// The level under the parameter of the grid 0.01 … 0.50 with the smallest mean squared one-step error.
pub(super) fn fit(values: &[f64]) -> f64 {
    let error = |alpha| {
        let (level, one_step) = with_alpha(values, alpha);
        (mean_squared_error(values, &one_step), level)
    };
    best(grid().map(error)).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_values_by_hand() {
        // 4; then 4 + ½·(8 − 4) = 6; then 6 + ½·(2 − 6) = 4.
        assert_eq!(with_alpha(&[4.0, 8.0, 2.0], 0.5), (4.0, vec![None, Some(4.0), Some(6.0)]));
        assert_eq!(with_alpha(&[], 0.5).0, 0.0);
        // A new level from the second value on: the fastest smoothing, 0 + 10·(1 − ½³).
        assert_eq!(fit(&[0.0, 10.0, 10.0, 10.0]), 8.75);
    }
}
