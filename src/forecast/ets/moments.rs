//! Mean and variance of forecasts in closed form (Hyndman, Koehler, Ord and Snyder 2008, chapter 6).
//!
//! Their class 1 (all parts added), class 2 (relative errors, the rest added) and class 3 (relative errors, season
//! multiplied). For class 3 the exact second moments are carried per season: the level and trend times one season form a
//! pair that is linear in itself with random coefficients, whatever the other seasons do. The forms outside these classes
//! have no closed form: their futures are drawn.

use super::form::{ErrorForm, Form, Season, Trend};
use super::state::{Gains, State};

/// Mean and variance of steps 1 to `h` after `state`; the variance only where the form has a formula.
pub(super) fn moments(form: Form, gains: Gains, state: &State, sigma2: f64, period: usize, h: usize) -> Moments {
    let growing = matches!(form.trend, Trend::Multiplicative | Trend::MultiplicativeDamped);
    match (form.error, form.season) {
        _ if growing => Moments { mean: undisturbed(form, gains, state, h), variance: None },
        (ErrorForm::Additive, Season::Multiplicative) => {
            Moments { mean: undisturbed(form, gains, state, h), variance: None }
        }
        (ErrorForm::Multiplicative, Season::Multiplicative) => class_three(form, gains, state, sigma2, period, h),
        (ErrorForm::Additive, _) => {
            let weights = weights(form, gains, period, h);
            let mut variance = Vec::with_capacity(h);
            let mut sum = 1.0;
            for weight in &weights {
                variance.push(sigma2 * sum);
                sum += weight * weight;
            }
            Moments { mean: undisturbed(form, gains, state, h), variance: Some(variance) }
        }
        (ErrorForm::Multiplicative, _) => {
            let mean = undisturbed(form, gains, state, h);
            let weights = weights(form, gains, period, h);
            let mut second: Vec<f64> = Vec::with_capacity(h);
            for (j, mean) in mean.iter().enumerate() {
                let earlier: f64 = (0..j).map(|i| weights[i] * weights[i] * second[j - 1 - i]).sum();
                second.push(mean * mean + sigma2 * earlier);
            }
            let variance = second.iter().zip(&mean).map(|(s, m)| less_square((1.0 + sigma2) * s, *m)).collect();
            Moments { mean, variance: Some(variance) }
        }
    }
}

/// Mean and variance per step.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moments {
    pub(super) mean: Vec<f64>,
    pub(super) variance: Option<Vec<f64>>,
}

/// What is left of a trend after a step.
fn damping(form: Form, gains: Gains) -> f64 {
    if form.is_damped() { gains.phi } else { 1.0 }
}

/// The path without errors: the mean of all forms whose parts are added.
fn undisturbed(form: Form, gains: Gains, state: &State, h: usize) -> Vec<f64> {
    let phi = damping(form, gains);
    let (mut level, mut trend) = (state.level, state.trend);
    (0..h)
        .map(|i| {
            match form.trend {
                Trend::None => {}
                Trend::Additive | Trend::Damped => {
                    trend *= phi;
                    level += trend;
                }
                Trend::Multiplicative | Trend::MultiplicativeDamped => {
                    trend = trend.powf(phi);
                    level *= trend;
                }
            }
            match form.season {
                Season::None => level,
                Season::Additive => level + state.season_ahead(i),
                Season::Multiplicative => level * state.season_ahead(i),
            }
        })
        .collect()
}

/// How much an error weighs 1, 2, … `h` steps later: c_j = alpha + beta (phi + … + phi^j) + gamma when j is a full period.
fn weights(form: Form, gains: Gains, period: usize, h: usize) -> Vec<f64> {
    let phi = damping(form, gains);
    let (mut power, mut sum) = (1.0, 0.0);
    (1..=h)
        .map(|j| {
            power *= phi;
            sum += power;
            let trend = if form.has_trend() { gains.beta * sum } else { 0.0 };
            let season = if form.has_season() && j.is_multiple_of(period) { gains.gamma } else { 0.0 };
            gains.alpha + trend + season
        })
        .collect()
}

/// Level and trend, both times one season: mean and second moments.
#[derive(Debug, Clone, Copy)]
struct Pair {
    mean: [f64; 2],
    second: [[f64; 2]; 2],
}

type Matrix = [[f64; 2]; 2];

fn class_three(form: Form, gains: Gains, state: &State, sigma2: f64, period: usize, h: usize) -> Moments {
    let phi = damping(form, gains);
    let trend = if form.has_trend() { 1.0 } else { 0.0 };
    // A step without an error, and what a relative error of 1 adds: alpha and beta of the onward level.
    let step: Matrix = [[1.0, phi * trend], [0.0, phi * trend]];
    let shock: Matrix = [[gains.alpha, gains.alpha * phi * trend], [gains.beta * trend, gains.beta * phi * trend]];
    let start = [state.level, state.trend * trend];
    let mut pairs: Vec<Pair> = (0..period)
        .map(|i| {
            let season = state.season_ahead(i);
            let mean = [start[0] * season, start[1] * season];
            let second = [0, 1].map(|r| [0, 1].map(|c| mean[r] * mean[c]));
            Pair { mean, second }
        })
        .collect();
    let look = step[0];
    let (mut mean, mut variance) = (Vec::with_capacity(h), Vec::with_capacity(h));
    for i in 0..h {
        let now = i % period;
        let pair = pairs[now];
        let expected = look[0] * pair.mean[0] + look[1] * pair.mean[1];
        let squared: f64 = (0..2).map(|r| (0..2).map(|c| look[r] * pair.second[r][c] * look[c]).sum::<f64>()).sum();
        mean.push(expected);
        variance.push(less_square((1.0 + sigma2) * squared, expected));
        for (season, pair) in pairs.iter_mut().enumerate() {
            // The season of the step takes part of the error in too.
            let gamma = if season == now { gains.gamma } else { 0.0 };
            pair.mean = after_mean(&step, &shock, gamma, sigma2, pair.mean);
            pair.second = after_second(&step, &shock, gamma, sigma2, &pair.second);
        }
    }
    Moments { mean, variance: Some(variance) }
}

/// A variance from the mean of squares; what cancels to a rounding error below zero is none.
fn less_square(square: f64, mean: f64) -> f64 {
    (square - mean * mean).max(0.0)
}

/// E[(1 + γe)(F + eG) x]
fn after_mean(f: &Matrix, g: &Matrix, gamma: f64, sigma2: f64, x: [f64; 2]) -> [f64; 2] {
    [0, 1].map(|r| (0..2).map(|c| (f[r][c] + gamma * sigma2 * g[r][c]) * x[c]).sum())
}

/// E[(1 + γe)² (F + eG) P (F + eG)'] for a normal e: its moments are 0, σ², 0, 3σ⁴.
fn after_second(f: &Matrix, g: &Matrix, gamma: f64, sigma2: f64, p: &Matrix) -> Matrix {
    let (plain, mixed, shocked) = (sandwich(f, p, f), (sandwich(f, p, g), sandwich(g, p, f)), sandwich(g, p, g));
    [0, 1].map(|r| {
        [0, 1].map(|c| {
            plain[r][c] * (1.0 + gamma * gamma * sigma2)
                + (mixed.0[r][c] + mixed.1[r][c]) * 2.0 * gamma * sigma2
                + shocked[r][c] * (sigma2 + 3.0 * gamma * gamma * sigma2 * sigma2)
        })
    })
}

/// A P B'
fn sandwich(a: &Matrix, p: &Matrix, b: &Matrix) -> Matrix {
    let product =
        |r: usize, c: usize| (0..2).map(|i| (0..2).map(|j| a[r][i] * p[i][j] * b[c][j]).sum::<f64>()).sum::<f64>();
    [0, 1].map(|r| [0, 1].map(|c| product(r, c)))
}
