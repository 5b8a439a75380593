//! The dynamic optimised Theta model (Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler, International Journal of
//! Forecasting 32, 2016): smoothing about a straight line that is fitted anew at every step, with the weight of the line
//! estimated. It came out ahead of the standard Theta method on the monthly series of the M3 competition.

use super::decompose::Seasonal;
use super::draws::Draws;
use super::innovations::Innovations;
use super::model::{Fitted, Model, Predict};
use super::optimise::nelder_mead;
use super::series::{NoFit, Series};

/// The dynamic optimised Theta model; the season is taken out as in [`Theta`](super::Theta).
#[derive(Debug, Clone, Copy, Default)]
pub struct Dotm;

/// Steps at the start whose line is not determined yet: their errors do not count.
const WARM_UP: usize = 3;

/// Three parameters, and as many errors again to judge them by.
const NEEDS: usize = 2 * WARM_UP + 3;

/// Bounds of the smoothing parameter, as its authors set them.
const ALPHA: (f64, f64) = (0.1, 0.99);

/// The three numbers that are estimated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DotmParams {
    /// Level before the first value.
    pub level: f64,
    /// Smoothing parameter, 0.1 to 0.99.
    pub alpha: f64,
    /// 1 / theta, from 0 (the line counts in full) to 1 (plain smoothing). Estimated instead of theta, which has no bound.
    pub inverse_theta: f64,
}

/// Everything the model remembers after a number of values.
#[derive(Debug, Clone, Copy)]
struct State {
    seen: f64,
    level: f64,
    mean: f64,
    intercept: f64,
    slope: f64,
    /// (1 − alpha) to the power of the number of values seen.
    fade: f64,
}

impl State {
    const fn start(level: f64) -> Self {
        Self { seen: 0.0, level, mean: 0.0, intercept: 0.0, slope: 0.0, fade: 1.0 }
    }

    /// What the next value is expected to be.
    fn expect(&self, p: &DotmParams) -> f64 {
        if self.seen == 0.0 {
            return self.level;
        }
        let line = self.fade * self.intercept + (1.0 - self.fade * (1.0 - p.alpha)) / p.alpha * self.slope;
        self.level + (1.0 - p.inverse_theta) * line
    }

    /// Takes the next value in: smooths the level and fits the line anew.
    fn meet(&mut self, p: &DotmParams, value: f64) {
        let t = self.seen + 1.0;
        self.slope = if t < 2.0 { 0.0 } else { ((t - 2.0) * self.slope + 6.0 / t * (value - self.mean)) / (t + 1.0) };
        self.mean += (value - self.mean) / t;
        self.intercept = self.mean - (t + 1.0) / 2.0 * self.slope;
        self.level += p.alpha * (value - self.level);
        self.fade *= 1.0 - p.alpha;
        self.seen = t;
    }
}

/// Sum of squared errors after the warm-up; infinite outside the bounds.
fn loss(y: &[f64], p: &DotmParams) -> f64 {
    let inside = (ALPHA.0..=ALPHA.1).contains(&p.alpha) && (0.0..=1.0).contains(&p.inverse_theta);
    if !inside {
        return f64::INFINITY;
    }
    let mut state = State::start(p.level);
    let mut sum = 0.0;
    for (t, value) in y.iter().enumerate() {
        if t >= WARM_UP {
            let error = value - state.expect(p);
            sum += error * error;
        }
        state.meet(p, *value);
    }
    if sum.is_finite() { sum } else { f64::INFINITY }
}

/// Least squares from several starts: the sum has more than one valley where the line and the level can stand in for each
/// other.
fn estimate(y: &[f64]) -> DotmParams {
    let unpack = |x: &[f64]| DotmParams { level: x[0], alpha: x[1], inverse_theta: x[2] };
    let starts = [(y[0] / 2.0, 0.5, 0.5), (y[0], 0.2, 0.5), (y[0], 0.9, 0.05), (y[0], 0.15, 1.0)];
    let mut best = (f64::INFINITY, unpack(&[y[0], 0.5, 0.5]));
    for (level, alpha, inverse) in starts {
        let found = nelder_mead(|x| loss(y, &unpack(x)), &[level, alpha, inverse], &[0.2, 0.1, -0.1], 1e-12, 800);
        let again = nelder_mead(|x| loss(y, &unpack(x)), &found.at, &[0.05, 0.03, -0.03], 1e-12, 400);
        if again.value < best.0 {
            best = (again.value, unpack(&again.at));
        }
    }
    best.1
}

impl Model for Dotm {
    fn name(&self) -> String {
        "DOTM".into()
    }

    fn fit(&self, values: &[f64], period: usize) -> Result<Fitted, NoFit> {
        let series = Series::at_least(values, period, NEEDS)?;
        let season = Seasonal::for_theta(series);
        // In the unit of the series, so that its currency changes nothing.
        let unit = series.unit();
        let adjusted: Vec<f64> =
            values.iter().enumerate().map(|(t, y)| season.as_ref().map_or(*y, |s| s.without(t, *y)) / unit).collect();
        let params = estimate(&adjusted);
        Ok(fitted(self.name(), series, season, &adjusted, unit, params))
    }
}

impl Dotm {
    /// The model with given parameters (`level` in the unit of the values) instead of estimated ones.
    ///
    /// # Errors
    /// As [`Model::fit`]; [`NoFit::NoParameters`] for parameters outside their bounds.
    pub fn with_params(&self, values: &[f64], period: usize, params: DotmParams) -> Result<Fitted, NoFit> {
        let series = Series::at_least(values, period, NEEDS)?;
        let season = Seasonal::for_theta(series);
        let adjusted: Vec<f64> =
            values.iter().enumerate().map(|(t, y)| season.as_ref().map_or(*y, |s| s.without(t, *y))).collect();
        if loss(&adjusted, &params).is_infinite() {
            return Err(NoFit::NoParameters);
        }
        Ok(fitted(self.name(), series, season, &adjusted, 1.0, params))
    }
}

fn fitted(
    name: String,
    series: Series<'_>,
    season: Option<Seasonal>,
    adjusted: &[f64],
    unit: f64,
    params: DotmParams,
) -> Fitted {
    let mut state = State::start(params.level);
    let mut errors = vec![f64::NAN; adjusted.len()];
    for (t, value) in adjusted.iter().enumerate() {
        if t >= WARM_UP {
            errors[t] = value - state.expect(&params);
        }
        state.meet(&params, *value);
    }
    let squares: f64 = errors[WARM_UP..].iter().map(|e| e * e).sum();
    // Three parameters were estimated.
    let variance = squares / (adjusted.len() - WARM_UP - 3).max(1) as f64;
    let stretch = |t: usize| unit * season.as_ref().map_or(1.0, |s| s.stretch(t));
    let residuals = errors.iter().enumerate().map(|(t, e)| e * stretch(t)).collect();
    let innovations = Innovations::new(&errors, variance);
    Fitted::new(name, residuals, Onward { params, state, variance, innovations, season, unit, n: series.len() })
}

/// The fitted model, in its unit and without its season.
#[derive(Debug)]
struct Onward {
    params: DotmParams,
    state: State,
    variance: f64,
    innovations: Innovations,
    season: Option<Seasonal>,
    unit: f64,
    n: usize,
}

impl Onward {
    /// From the model's scale to the series': the unit, then the season of the step `i` after the last value.
    fn outward(&self, i: usize, value: f64) -> f64 {
        self.season.as_ref().map_or(value * self.unit, |s| s.with(self.n + i, value * self.unit))
    }

    fn run(&self, mut error: impl FnMut(usize) -> f64, mut each: impl FnMut(usize, f64), h: usize) {
        let mut state = self.state;
        for i in 0..h {
            let value = state.expect(&self.params) + error(i);
            state.meet(&self.params, value);
            each(i, value);
        }
    }
}

impl Predict for Onward {
    fn mean(&self, h: usize) -> Vec<f64> {
        let mut out = vec![0.0; h];
        self.run(|_| 0.0, |i, value| out[i] = self.outward(i, value), h);
        out
    }

    /// Exact: a path is linear in its errors, so each error's weight at each later step is the path with it less the path
    /// without it.
    fn variance(&self, h: usize) -> Option<Vec<f64>> {
        let mut base = vec![0.0; h];
        self.run(|_| 0.0, |i, value| base[i] = value, h);
        let mut weights = vec![0.0; h];
        for at in 0..h {
            let add = |i: usize, value: f64| weights[i] += (value - base[i]) * (value - base[i]);
            self.run(|i| if i == at { 1.0 } else { 0.0 }, add, h);
        }
        let stretch = |i: usize| self.unit * self.season.as_ref().map_or(1.0, |s| s.stretch(self.n + i));
        Some(weights.iter().enumerate().map(|(i, w)| self.variance * w * stretch(i) * stretch(i)).collect())
    }

    fn simulate(&self, draws: &mut Draws, out: &mut [f64]) {
        let h = out.len();
        self.run(|_| self.innovations.draw(draws), |i, value| out[i] = self.outward(i, value), h);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_the_least_squares_line_of_what_was_seen() {
        let params = DotmParams { level: 1.0, alpha: 0.5, inverse_theta: 0.5 };
        let mut state = State::start(1.0);
        for value in [1.0, 4.0, 4.0, 7.0] {
            state.meet(&params, value);
        }
        // Through (1,1) (2,4) (3,4) (4,7): mean 4; slope (−1.5·−3 + −0.5·0 + 0.5·0 + 1.5·3) / 5 = 1.8; at 0: 4 − 2.5 · 1.8.
        assert!((state.mean - 4.0).abs() < 1e-12);
        assert!((state.slope - 1.8).abs() < 1e-12);
        assert!((state.intercept + 0.5).abs() < 1e-12);
        // Level: 1, 1, 2.5, 3.25, 5.125; the fade is 0.5⁴.
        assert!((state.level - 5.125).abs() < 1e-12);
        // 5.125 + 0.5 · (0.0625 · −0.5 + (1 − 0.03125) / 0.5 · 1.8)
        assert!((state.expect(&params) - 6.853_125).abs() < 1e-12);
    }

    #[test]
    fn a_straight_line_goes_straight_on() {
        let y: Vec<f64> = (0..36).map(|t| 50.0 + 3.0 * f64::from(t)).collect();
        let fitted = Dotm.fit(&y, 12).unwrap();
        for (i, mean) in fitted.mean(12).iter().enumerate() {
            let expected = 50.0 + 3.0 * (36 + i) as f64;
            assert!((mean - expected).abs() < 0.01 * expected, "step {i}: {mean}");
        }
    }

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        let y = [1.0, 2.0, 3.0, 2.0, 1.0, 2.0, 3.0, 2.0, 1.0];
        let params = DotmParams { level: 1.0, alpha: 0.05, inverse_theta: 0.5 };
        assert_eq!(Dotm.with_params(&y, 1, params).unwrap_err(), NoFit::NoParameters);
        assert_eq!(Dotm.fit(&y[..8], 1).unwrap_err(), NoFit::TooShort { have: 8, need: 9 });
    }
}
