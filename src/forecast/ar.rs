//! Autoregression on the changes of a series without its season: what momentum there is, and none where there is none.
//!
//! Smoothing models carry a level and a slope; a series whose changes lean on several earlier changes (employment, retail) has
//! inertia that they miss, which is what ARIMA models are liked for. This is the small relative of those: the season is taken out
//! as the Theta method does, the first differences are modelled by an autoregression whose order is chosen by AICc, and the
//! coefficients are those of Burg's method, which are stable by construction (Burg 1975).

use super::decompose::Seasonal;
use super::draws::Draws;
use super::innovations::Innovations;
use super::model::{Fitted, Model, Predict};
use super::series::{NoFit, Series};

/// Autoregression on first differences, order by AICc.
#[derive(Debug, Clone, Copy, Default)]
pub struct AutoAr;

/// Differences below which no coefficient is worth its noise.
const NEEDS: usize = 12;

/// The highest order tried: a year and a month.
const HIGHEST: usize = 13;

impl Model for AutoAr {
    fn name(&self) -> String {
        "AR".into()
    }

    fn fit(&self, values: &[f64], period: usize) -> Result<Fitted, NoFit> {
        let series = Series::at_least(values, period, NEEDS + 1)?;
        let season = Seasonal::for_theta(series);
        let adjusted: Vec<f64> = match &season {
            Some(season) => values.iter().enumerate().map(|(t, y)| season.without(t, *y)).collect(),
            None => values.to_vec(),
        };
        let changes: Vec<f64> = adjusted.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let chosen = choose(&changes);
        let residuals: Vec<f64> = std::iter::once(f64::NAN)
            .chain((0..changes.len()).map(|t| {
                let next = adjusted[t] + chosen.next(&changes[..t]);
                values[t + 1] - season.as_ref().map_or(next, |s| s.with(t + 1, next))
            }))
            .collect();
        let inner: Vec<f64> =
            (chosen.weights.len()..changes.len()).map(|t| changes[t] - chosen.next(&changes[..t])).collect();
        let variance = inner.iter().map(|e| e * e).sum::<f64>() / inner.len().max(1) as f64;
        let keep = changes.len().saturating_sub(HIGHEST);
        let name = format!("AR({}){}", chosen.weights.len(), if chosen.mean == 0.0 { "" } else { " with drift" });
        let predict = Leaning {
            level: adjusted.last().copied().unwrap_or_default(),
            recent: changes[keep..].to_vec(),
            innovations: Innovations::new(&inner, variance),
            variance,
            season,
            n: series.len(),
            chosen,
        };
        Ok(Fitted::new(name, residuals, predict))
    }
}

/// An autoregression about a mean.
#[derive(Debug, Clone)]
struct Autoregression {
    mean: f64,
    /// The weight of the last change first.
    weights: Vec<f64>,
}

impl Autoregression {
    /// The next change after these; changes before the first count as the mean.
    fn next(&self, changes: &[f64]) -> f64 {
        let leaning = self.weights.iter().zip(changes.iter().rev()).map(|(w, x)| w * (x - self.mean)).sum::<f64>();
        self.mean + leaning
    }
}

/// The order, and whether there is a mean, by AICc.
fn choose(changes: &[f64]) -> Autoregression {
    let n = changes.len();
    let mean = changes.iter().sum::<f64>() / n as f64;
    let mut best = (f64::INFINITY, Autoregression { mean: 0.0, weights: Vec::new() });
    for mean in [0.0, mean] {
        let about: Vec<f64> = changes.iter().map(|x| x - mean).collect();
        for (weights, variance) in burg(&about, HIGHEST.min(n / 4)) {
            // The variance is a parameter, too.
            let k = (weights.len() + 1 + usize::from(mean != 0.0)) as f64;
            let left = n as f64 - k - 1.0;
            if left <= 0.0 {
                continue;
            }
            let aicc = n as f64 * variance.max(f64::MIN_POSITIVE).ln() + 2.0 * k + 2.0 * k * (k + 1.0) / left;
            if aicc < best.0 {
                best = (aicc, Autoregression { mean, weights });
            }
        }
    }
    best.1
}

/// Burg's coefficients of every order up to the highest, each with the variance of what is left.
fn burg(x: &[f64], highest: usize) -> Vec<(Vec<f64>, f64)> {
    let n = x.len();
    let mut variance = x.iter().map(|v| v * v).sum::<f64>() / n as f64;
    let mut out = vec![(Vec::new(), variance)];
    let (mut forward, mut backward) = (x.to_vec(), x.to_vec());
    let mut weights: Vec<f64> = Vec::new();
    for order in 1..=highest {
        let (mut across, mut along) = (0.0, 0.0);
        for t in order..n {
            across += forward[t] * backward[t - 1];
            along += forward[t] * forward[t] + backward[t - 1] * backward[t - 1];
        }
        if along <= 0.0 {
            break;
        }
        let reflection = 2.0 * across / along;
        let before = weights.clone();
        weights = before.iter().zip(before.iter().rev()).map(|(a, b)| a - reflection * b).collect();
        weights.push(reflection);
        for t in (order..n).rev() {
            let (f, b) = (forward[t], backward[t - 1]);
            forward[t] = f - reflection * b;
            backward[t] = b - reflection * f;
        }
        variance *= 1.0 - reflection * reflection;
        out.push((weights.clone(), variance));
    }
    out
}

#[derive(Debug)]
struct Leaning {
    level: f64,
    recent: Vec<f64>,
    chosen: Autoregression,
    innovations: Innovations,
    variance: f64,
    season: Option<Seasonal>,
    n: usize,
}

impl Leaning {
    fn path(&self, out: &mut [f64], mut shock: impl FnMut() -> f64) {
        let mut changes = self.recent.clone();
        let mut level = self.level;
        for (i, out) in out.iter_mut().enumerate() {
            let change = self.chosen.next(&changes) + shock();
            changes.push(change);
            level += change;
            *out = self.season.as_ref().map_or(level, |season| season.with(self.n + i, level));
        }
    }
}

impl Predict for Leaning {
    fn mean(&self, h: usize) -> Vec<f64> {
        let mut out = vec![0.0; h];
        self.path(&mut out, || 0.0);
        out
    }

    fn variance(&self, h: usize) -> Option<Vec<f64>> {
        // A shock of one at step 1 moves the changes by these, and the level by their running sum.
        let mut moved: Vec<f64> = Vec::with_capacity(h);
        let (mut sum, mut all, mut out) = (0.0, 0.0, Vec::with_capacity(h));
        for i in 0..h {
            let own = if i == 0 { 1.0 } else { 0.0 };
            let leaning: f64 = self.chosen.weights.iter().zip(moved.iter().rev()).map(|(w, x)| w * x).sum();
            moved.push(own + leaning);
            sum += own + leaning;
            all += sum * sum;
            let stretch = self.season.as_ref().map_or(1.0, |season| season.stretch(self.n + i));
            out.push(self.variance * all * stretch * stretch);
        }
        Some(out)
    }

    fn simulate(&self, draws: &mut Draws, out: &mut [f64]) {
        self.path(out, || self.innovations.draw(draws));
    }
}
