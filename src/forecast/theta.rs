//! The Theta method as R's `thetaf`: exponential smoothing with half the slope of a straight line as drift, on the series
//! without its season (Assimakopoulos and Nikolopoulos 2000; Hyndman and Billah 2003).

use super::decompose::Seasonal;
use super::draws::Draws;
use super::ets::{Ets, Form};
use super::innovations::Innovations;
use super::model::{Fitted, Model, Predict};
use super::series::{NoFit, Series};

/// The standard Theta method. The season, where the 90 % test finds one, is divided out and multiplied back; it is added
/// where values are not above zero.
#[derive(Debug, Clone, Copy, Default)]
pub struct Theta;

/// Smoothing needs two parameters and a variance.
const NEEDS: usize = 5;

impl Model for Theta {
    fn name(&self) -> String {
        "Theta".into()
    }

    fn fit(&self, values: &[f64], period: usize) -> Result<Fitted, NoFit> {
        let series = Series::at_least(values, period, NEEDS)?;
        let season = Seasonal::for_theta(series);
        let adjusted: Vec<f64> = match &season {
            Some(season) => values.iter().enumerate().map(|(t, y)| season.without(t, *y)).collect(),
            None => values.to_vec(),
        };
        let smoothed = Ets::new(Form::SIMPLE).estimate(&adjusted, 1)?;
        let n = series.len();
        let alpha = smoothed.params.alpha.max(1e-10);
        let drift = slope(&adjusted) / 2.0;
        // The drift that smoothing has not caught up with after n values.
        let lag = |n: usize| (1.0 - (1.0 - alpha).powf(n as f64)) / alpha;
        let residuals = (0..n)
            .map(|t| {
                let fitted = adjusted[t] - smoothed.innovations[t] + drift * lag(t);
                values[t] - season.as_ref().map_or(fitted, |s| s.with(t, fitted))
            })
            .collect();
        let predict = Drifting {
            level: smoothed.end.level,
            drift,
            lag: lag(n),
            alpha,
            variance: smoothed.sigma2,
            innovations: Innovations::new(&smoothed.innovations, smoothed.sigma2),
            season,
            n,
        };
        Ok(Fitted::new(self.name(), residuals, predict))
    }
}

/// The slope of the straight line through the values, per step.
fn slope(y: &[f64]) -> f64 {
    let n = y.len() as f64;
    let (middle, mean) = ((n - 1.0) / 2.0, y.iter().sum::<f64>() / n);
    let (mut across, mut along) = (0.0, 0.0);
    for (t, value) in y.iter().enumerate() {
        let from = t as f64 - middle;
        across += from * (value - mean);
        along += from * from;
    }
    if along > 0.0 { across / along } else { 0.0 }
}

#[derive(Debug)]
struct Drifting {
    level: f64,
    drift: f64,
    lag: f64,
    alpha: f64,
    variance: f64,
    innovations: Innovations,
    season: Option<Seasonal>,
    n: usize,
}

impl Predict for Drifting {
    fn mean(&self, h: usize) -> Vec<f64> {
        (0..h)
            .map(|i| {
                let value = self.level + self.drift * (i as f64 + self.lag);
                self.season.as_ref().map_or(value, |s| s.with(self.n + i, value))
            })
            .collect()
    }

    /// R's: that of the smoothing, which is not stretched by the season.
    fn variance(&self, h: usize) -> Option<Vec<f64>> {
        Some((0..h).map(|i| self.variance * (1.0 + i as f64 * self.alpha * self.alpha)).collect())
    }

    fn simulate(&self, draws: &mut Draws, out: &mut [f64]) {
        let mut moved = 0.0;
        for (i, mean) in self.mean(out.len()).into_iter().enumerate() {
            let error = self.innovations.draw(draws);
            out[i] = mean + moved + error;
            moved += self.alpha * error;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_goes_on_with_half_its_slope_more_or_less() {
        assert!((slope(&[1.0, 3.0, 5.0, 7.0]) - 2.0).abs() < 1e-12);
        assert_eq!(slope(&[4.0]), 0.0);
        let y: Vec<f64> = (0..30).map(|t| 100.0 + 2.0 * f64::from(t)).collect();
        let fitted = Theta.fit(&y, 1).unwrap();
        // Smoothing follows the line with alpha near 1: last value, and half the slope per step.
        let mean = fitted.mean(2);
        assert!((mean[1] - mean[0] - 1.0).abs() < 1e-9);
        assert!((mean[0] - 159.0).abs() < 0.1, "{mean:?}");
    }

    #[test]
    fn too_little_is_refused() {
        assert_eq!(Theta.fit(&[1.0; 4], 12).unwrap_err(), NoFit::TooShort { have: 4, need: 5 });
    }
}
