//! The two forecasts that every other must beat: the last value, and the value of the same month a year ago.

use super::draws::Draws;
use super::innovations::Innovations;
use super::model::{Fitted, Model, Predict};
use super::series::{NoFit, Series};

/// The last value, for ever.
#[derive(Debug, Clone, Copy, Default)]
pub struct Naive;

/// The last value of the same season. Without a season (period 1), the last value.
#[derive(Debug, Clone, Copy, Default)]
pub struct SeasonalNaive;

impl Model for Naive {
    fn name(&self) -> String {
        "naive".into()
    }

    /// Fits to one value or more. One value alone says nothing of the error: its variance is 0, and that is noted.
    fn fit(&self, values: &[f64], period: usize) -> Result<Fitted, NoFit> {
        let series = Series::new(values, period)?;
        Ok(repeat_last(series, 1, self.name()))
    }
}

impl Model for SeasonalNaive {
    fn name(&self) -> String {
        "seasonal naive".into()
    }

    /// Fits to one full period or more.
    fn fit(&self, values: &[f64], period: usize) -> Result<Fitted, NoFit> {
        let series = Series::at_least(values, period, period)?;
        Ok(repeat_last(series, period, self.name()))
    }
}

fn repeat_last(series: Series<'_>, lag: usize, name: String) -> Fitted {
    let y = series.values();
    let residuals: Vec<f64> = (0..y.len()).map(|i| if i < lag { f64::NAN } else { y[i] - y[i - lag] }).collect();
    let known = y.len() - lag;
    let variance = residuals.iter().skip(lag).map(|e| e * e).sum::<f64>() / known.max(1) as f64;
    let innovations = Innovations::new(&residuals, variance);
    let repeat = Repeat { last: y[y.len() - lag..].to_vec(), variance, innovations };
    let fitted = Fitted::new(name, residuals, repeat);
    if known == 0 {
        fitted.noted("no value can be compared with an earlier one: the error is not known")
    } else {
        fitted
    }
}

/// The last values, repeated; each round adds one innovation.
#[derive(Debug)]
struct Repeat {
    last: Vec<f64>,
    variance: f64,
    innovations: Innovations,
}

impl Predict for Repeat {
    fn mean(&self, h: usize) -> Vec<f64> {
        (0..h).map(|i| self.last[i % self.last.len()]).collect()
    }

    fn variance(&self, h: usize) -> Option<Vec<f64>> {
        Some((0..h).map(|i| self.variance * (i / self.last.len() + 1) as f64).collect())
    }

    fn simulate(&self, draws: &mut Draws, out: &mut [f64]) {
        let lag = self.last.len();
        for i in 0..out.len() {
            let before = if i < lag { self.last[i] } else { out[i - lag] };
            out[i] = before + self.innovations.draw(draws);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_round_repeats_and_its_error_grows_by_rounds() {
        // Differences at lag 2: 4 − 1, 4 − 2, 5 − 4: variance (9 + 4 + 1) / 3.
        let fitted = SeasonalNaive.fit(&[1.0, 2.0, 4.0, 4.0, 5.0], 2).unwrap();
        assert_eq!(fitted.mean(3), [4.0, 5.0, 4.0]);
        let variance = fitted.variance(3).unwrap();
        assert!((variance[0] - 14.0 / 3.0).abs() < 1e-12 && (variance[2] - 28.0 / 3.0).abs() < 1e-12);
        assert!(fitted.residuals()[1].is_nan());
        assert_eq!(fitted.residuals()[2..], [3.0, 2.0, 1.0]);
    }

    #[test]
    fn one_value_repeats_and_says_that_its_error_is_unknown() {
        let fitted = Naive.fit(&[7.0], 12).unwrap();
        assert_eq!(fitted.mean(2), [7.0, 7.0]);
        assert_eq!(fitted.notes().len(), 1);
        assert_eq!(SeasonalNaive.fit(&[7.0], 12).unwrap_err(), NoFit::TooShort { have: 1, need: 12 });
        assert_eq!(Naive.fit(&[], 12).unwrap_err(), NoFit::Empty);
    }
}
