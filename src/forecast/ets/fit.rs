//! Estimating a form: the parameters and initial states of greatest likelihood.

use super::super::optimise::bfgs;
use super::super::series::{NoFit, Series};
use super::bounds::{admissible, pack, unpack};
use super::form::{ErrorForm, Form, Season, Trend};
use super::initial::initial;
use super::likelihood::{minus_two_log, trace};
use super::state::{Gains, Params, State};

/// A form with its parameters on a series.
#[derive(Debug, Clone)]
pub struct EtsFit {
    /// The form.
    pub form: Form,
    /// Smoothing parameters and initial states.
    pub params: Params,
    /// Log likelihood without its constants, as R's `ets` states it.
    pub loglik: f64,
    /// Akaike's criterion; the variance counts as a parameter.
    pub aic: f64,
    /// Akaike's criterion for small samples; infinite where there are no more values than parameters.
    pub aicc: f64,
    /// The Bayesian criterion.
    pub bic: f64,
    /// Variance of the one-step errors (relative for multiplicative errors), allowing for the parameters.
    pub sigma2: f64,
    /// The one-step errors: value − expectation, divided by the expectation for multiplicative errors.
    pub innovations: Vec<f64>,
    /// The one-step expectations.
    pub expected: Vec<f64>,
    /// The state after the last value.
    pub end: State,
}

/// Where searches begin: slow, middling and quick to take in news.
const STARTS: [Gains; 3] = [
    Gains { alpha: 0.1, beta: 0.01, gamma: 0.02, phi: 0.97 },
    Gains { alpha: 0.4, beta: 0.02, gamma: 0.1, phi: 0.95 },
    Gains { alpha: 0.9, beta: 0.3, gamma: 0.01, phi: 0.9 },
];

/// Gains in −2 log L that end a search. AICc differences of 2 begin to matter.
const TOLERANCE: f64 = 1e-5;

/// Iterations after which a search ends.
const ITERATIONS: usize = 300;

/// How far a search goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::forecast) enum Effort {
    /// From the likeliest start.
    Quick,
    /// From the other starts.
    Rest,
    /// From every start.
    Thorough,
}

/// Fits the form. Multiplying forms need values above zero; seasons need two full periods.
pub(super) fn estimate(series: Series<'_>, form: Form, effort: Effort) -> Result<EtsFit, NoFit> {
    check(series, form)?;
    // In the unit of the series: the search then knows what is large, and the currency changes nothing.
    let unit = series.unit();
    let scaled: Vec<f64> = series.values().iter().map(|y| y / unit).collect();
    let series_scaled = Series::new(&scaled, series.period())?;
    let Some(guess) = initial(series_scaled, form) else {
        return Err(NoFit::TooShort { have: series.len(), need: 2 * series.period() });
    };
    let search = Search::new(form, series.period(), &scaled, guess);
    let params = search.best(effort).ok_or(NoFit::NoParameters)?;
    at(series, form, &params.in_unit(form, unit))
}

/// What a form asks of a series.
fn check(series: Series<'_>, form: Form) -> Result<(), NoFit> {
    if let (true, Some(i)) = (form.multiplies(), series.not_positive()) {
        return Err(NoFit::NotPositive(i));
    }
    if form.has_season() && series.period() < 2 {
        return Err(NoFit::NoSeason);
    }
    let seasons = if form.has_season() { 2 * series.period() } else { 0 };
    // The variance is estimated too, and one error must be left to judge by.
    let need = seasons.max(form.parameters(series.period()) + 3);
    if series.len() < need { Err(NoFit::TooShort { have: series.len(), need }) } else { Ok(()) }
}

/// The form at given parameters, in the unit of the series.
pub(super) fn at(series: Series<'_>, form: Form, params: &Params) -> Result<EtsFit, NoFit> {
    let seasons = if form.has_season() { series.period() } else { params.seasons.len() };
    if params.seasons.len() != seasons {
        return Err(NoFit::NoParameters);
    }
    let y = series.values();
    let trace = trace(form, params.gains(), State::before_first(params), y).ok_or(NoFit::NoParameters)?;
    let n = y.len() as f64;
    let squares: f64 = trace.innovations.iter().map(|e| e * e).sum();
    let logs = match form.error {
        ErrorForm::Additive => 0.0,
        ErrorForm::Multiplicative => trace.expected.iter().map(|f| f.abs().ln()).sum(),
    };
    // A perfect fit has no logarithm; errors below the rounding of the values cannot be told from none.
    let floor = match form.error {
        ErrorForm::Additive => n * (1e-8 * series.unit()).powi(2),
        ErrorForm::Multiplicative => n * 1e-16,
    };
    let minus_two = n * squares.max(floor).ln() + 2.0 * logs;
    let parameters = form.parameters(series.period());
    let k = (parameters + 1) as f64;
    let aic = minus_two + 2.0 * k;
    let spare = n - k - 1.0;
    Ok(EtsFit {
        form,
        params: params.clone(),
        loglik: -0.5 * minus_two,
        aic,
        aicc: if spare > 0.0 { aic + 2.0 * k * (k + 1.0) / spare } else { f64::INFINITY },
        bic: minus_two + n.ln() * k,
        sigma2: squares / y.len().saturating_sub(parameters).max(1) as f64,
        innovations: trace.innovations,
        expected: trace.expected,
        end: trace.end,
    })
}

impl Params {
    /// These parameters of values divided by `unit`, for the values themselves.
    fn in_unit(mut self, form: Form, unit: f64) -> Self {
        self.level *= unit;
        if matches!(form.trend, Trend::Additive | Trend::Damped) {
            self.trend *= unit;
        }
        if form.season == Season::Additive {
            self.seasons.iter_mut().for_each(|s| *s *= unit);
        }
        self
    }
}

/// The search over smoothing parameters and initial states as unbounded numbers.
struct Search<'a> {
    form: Form,
    period: usize,
    y: &'a [f64],
    guess: Params,
    /// A typical one-step error: initial states are searched in this unit.
    error: f64,
}

impl<'a> Search<'a> {
    fn new(form: Form, period: usize, y: &'a [f64], guess: Params) -> Self {
        let mut search = Self { form, period, y, guess, error: 1.0 };
        let usual = trace(form, STARTS[0], State::before_first(&search.guess), y);
        let spread = usual.map_or(0.1, |t| (t.innovations.iter().map(|e| e * e).sum::<f64>() / y.len() as f64).sqrt());
        search.error = spread.clamp(1e-4, 1.0);
        search
    }

    fn best(&self, effort: Effort) -> Option<Params> {
        let mut starts: Vec<(f64, Vec<f64>)> = STARTS
            .iter()
            .map(|gains| {
                let x = self.start(*gains);
                (self.value(&x), x)
            })
            .collect();
        starts.sort_by(|a, b| a.0.total_cmp(&b.0));
        match effort {
            Effort::Quick => starts.truncate(1),
            Effort::Rest => drop(starts.remove(0)),
            Effort::Thorough => {}
        }
        let found = starts.iter().map(|(_, x)| bfgs(|x| self.value(x), x, TOLERANCE, ITERATIONS));
        let best = found.min_by(|a, b| a.value.total_cmp(&b.value))?;
        best.value.is_finite().then(|| self.params(&best.at))
    }

    fn start(&self, gains: Gains) -> Vec<f64> {
        let mut x = Vec::with_capacity(self.form.parameters(self.period));
        pack(self.form, gains, &mut x);
        x.resize(self.form.parameters(self.period), 0.0);
        x
    }

    fn value(&self, x: &[f64]) -> f64 {
        let gains = unpack(self.form, x);
        if !admissible(self.form, gains, self.period) {
            return f64::INFINITY;
        }
        match self.state(x) {
            Some(state) => minus_two_log(self.form, gains, state, self.y),
            None => f64::INFINITY,
        }
    }

    /// The initial state at `x`; `None` where a factor is not above zero.
    fn state(&self, x: &[f64]) -> Option<State> {
        let mut state = State::before_first(&self.guess);
        let mut moved = x[self.form.smoothing()..].iter().map(|x| x * self.error);
        state.level += moved.next().unwrap_or(0.0);
        match self.form.trend {
            Trend::None => {}
            // A trend acts on every step to come: it is searched in a smaller unit.
            Trend::Additive | Trend::Damped => state.trend += moved.next().unwrap_or(0.0) * 0.1,
            Trend::Multiplicative | Trend::MultiplicativeDamped => {
                state.trend += moved.next().unwrap_or(0.0) * 0.1;
                if state.trend <= 0.0 {
                    return None;
                }
            }
        }
        if self.form.has_season() {
            let positive = self.form.season == Season::Multiplicative;
            if !state.move_seasons(moved, positive) {
                return None;
            }
        }
        Some(state)
    }

    fn params(&self, x: &[f64]) -> Params {
        let gains = unpack(self.form, x);
        let Gains { alpha, beta, gamma, phi } = gains;
        let state = self.state(x).unwrap_or_else(|| State::before_first(&self.guess));
        let seasons = if self.form.has_season() { state.seasons() } else { Vec::new() };
        Params { alpha, beta, gamma, phi, level: state.level, trend: state.trend, seasons }
    }
}
