//! What a sparse model takes, and the search for smoothing parameters over a fixed grid.

use std::fmt;

/// Why values are no demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotDemand {
    /// There is no period at all.
    Empty,
    /// The value of this period (from 0) is negative or no number. Reversals belong to the period that they take back.
    Value(usize),
    /// No period has any demand: there is no size and no interval to learn.
    Nothing,
}

impl fmt::Display for NotDemand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the series is empty"),
            Self::Value(period) => write!(f, "value {} is negative or not a number", period + 1),
            Self::Nothing => write!(f, "no period has any demand"),
        }
    }
}

impl std::error::Error for NotDemand {}

/// Checks that there is at least one value, and none that is negative or not finite.
pub(super) fn check(values: &[f64]) -> Result<(), NotDemand> {
    if values.is_empty() {
        return Err(NotDemand::Empty);
    }
    match values.iter().position(|v| !(v.is_finite() && *v >= 0.0)) {
        Some(period) => Err(NotDemand::Value(period)),
        None => Ok(()),
    }
}

/// The smoothing parameters that are tried: 0.01, 0.02, … 0.50. Larger ones chase single months.
pub(super) fn grid() -> impl Iterator<Item = f64> + Clone {
    (1..=50u32).map(|n| f64::from(n) / 100.0)
}

/// Mean squared one-step error over the periods that had a forecast; infinite when none had.
pub(super) fn mean_squared_error(values: &[f64], one_step: &[Option<f64>]) -> f64 {
    let (mut sum, mut n) = (0.0, 0.0);
    for (value, forecast) in values.iter().zip(one_step) {
        if let Some(forecast) = forecast {
            sum += (value - forecast).powi(2);
            n += 1.0;
        }
    }
    if n > 0.0 { sum / n } else { f64::INFINITY }
}

/// The candidate with the smallest error; of equal ones the first, so that the slowest smoothing wins.
pub(super) fn best<T>(candidates: impl Iterator<Item = (f64, T)>) -> Option<T> {
    let better = |best: Option<(f64, T)>, new: (f64, T)| match best {
        Some(old) if old.0.total_cmp(&new.0).is_le() => Some(old),
        _ => Some(new),
    };
    candidates.fold(None, better).map(|best| best.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demand_is_never_negative() {
        assert_eq!(check(&[]), Err(NotDemand::Empty));
        assert_eq!(check(&[0.0, 2.0, -1.0]), Err(NotDemand::Value(2)));
        assert_eq!(check(&[f64::NAN]), Err(NotDemand::Value(0)));
        assert_eq!(check(&[0.0, 3.5]), Ok(()));
    }

    #[test]
    fn errors_and_choices_by_hand() {
        // (3 − 1)² and (2 − 2)² over two periods; the first had no forecast.
        assert_eq!(mean_squared_error(&[9.0, 3.0, 2.0], &[None, Some(1.0), Some(2.0)]), 2.0);
        assert_eq!(mean_squared_error(&[1.0], &[None]), f64::INFINITY);
        assert_eq!(best([(2.0, 'a'), (1.0, 'b'), (1.0, 'c'), (f64::NAN, 'd')].into_iter()), Some('b'));
        assert_eq!(best::<char>([].into_iter()), None);
        assert_eq!((grid().next(), grid().last()), (Some(0.01), Some(0.5)));
    }
}
