//! The state and its equations: one step of any of the thirty forms, compiled apart for each so that none branches.
//!
//! With l the level, b the trend, s the season of the step and e the error (Hyndman, Koehler, Ord and Snyder 2008, table
//! 2.2 and 2.3), the step is written as in their chapter 5: q is where the level would go without an error, p where the
//! value puts it; the level moves by alpha (p − q), the trend by beta and the season by gamma of the same surprise.

use super::super::series::MAX_PERIOD;
use super::form::{ErrorForm, Form, Season, Trend};

/// Smoothing parameters and initial states of a form; those the form does not have are ignored.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// How much of an error the level takes in.
    pub alpha: f64,
    /// How much the trend takes in.
    pub beta: f64,
    /// How much the season takes in.
    pub gamma: f64,
    /// What is left of a damped trend after a step; 1 undamped.
    pub phi: f64,
    /// Level before the first value.
    pub level: f64,
    /// Trend before the first value: an amount, or a factor where it multiplies.
    pub trend: f64,
    /// Seasons before the first value, the most recent first, as R's `s0, s1, …`: the first value has the last of them.
    pub seasons: Vec<f64>,
}

/// Level, trend and seasons after some number of steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct State {
    /// The level.
    pub level: f64,
    /// The trend: an amount, or a factor.
    pub trend: f64,
    seasons: [f64; MAX_PERIOD],
    /// Where the season of the next step stands.
    at: usize,
    period: usize,
}

/// What the equations need of the parameters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gains {
    pub(super) alpha: f64,
    pub(super) beta: f64,
    pub(super) gamma: f64,
    pub(super) phi: f64,
}

impl Params {
    pub(super) const fn gains(&self) -> Gains {
        Gains { alpha: self.alpha, beta: self.beta, gamma: self.gamma, phi: self.phi }
    }
}

impl State {
    /// The state before the first value. Seasons beyond [`MAX_PERIOD`] are ignored.
    pub(super) fn before_first(params: &Params) -> Self {
        let period = params.seasons.len().clamp(1, MAX_PERIOD);
        let mut seasons = [0.0; MAX_PERIOD];
        for (to, from) in seasons.iter_mut().zip(&params.seasons) {
            *to = *from;
        }
        Self { level: params.level, trend: params.trend, seasons, at: period - 1, period }
    }

    /// Seasons, the most recent first; one 0 where the form has none.
    #[must_use]
    pub fn seasons(&self) -> Vec<f64> {
        (1..=self.period).map(|i| self.seasons[(self.at + i) % self.period]).collect()
    }

    /// Moves the initial seasons, the most recent first, by what is given for all but the last; the last takes the rest, so
    /// that their mean stays. False where a season must be `positive` and is not.
    pub(super) fn move_seasons(&mut self, by: impl Iterator<Item = f64>, positive: bool) -> bool {
        let last = self.period - 1;
        let mut sum = 0.0;
        for (season, by) in self.seasons[..last].iter_mut().zip(by) {
            *season += by;
            sum += by;
            if positive && *season <= 0.0 {
                return false;
            }
        }
        self.seasons[last] -= sum;
        !(positive && self.seasons[last] <= 0.0)
    }

    /// The season of the step `i` after the next (0: the next).
    #[must_use]
    pub fn season_ahead(&self, i: usize) -> f64 {
        self.seasons[(self.at + self.period - i % self.period) % self.period]
    }
}

const E_MULTIPLIED: bool = true;

/// Trends as numbers, for they choose code.
const T_NONE: u8 = 0;
const T_ADDED: u8 = 1;
const T_MULTIPLIED: u8 = 2;
const T_MULTIPLIED_DAMPED: u8 = 3;

const S_NONE: u8 = 0;
const S_ADDED: u8 = 1;
const S_MULTIPLIED: u8 = 2;

/// What a run over values does at each step: gets the expectation, gives the value.
pub(super) trait Visit {
    /// The value of step `t`, given what was expected.
    fn value(&mut self, t: usize, expected: f64) -> f64;
    /// The error of step `t`, relative for multiplicative errors; false ends the run.
    fn error(&mut self, t: usize, expected: f64, error: f64) -> bool;
}

/// Runs `steps` steps of the form from `state`, which is left after the last. False: the visitor ended the run.
pub(super) fn run(form: Form, gains: Gains, state: &mut State, steps: usize, visit: &mut impl Visit) -> bool {
    match form.error {
        ErrorForm::Additive => with_error::<false>(form, gains, state, steps, visit),
        ErrorForm::Multiplicative => with_error::<E_MULTIPLIED>(form, gains, state, steps, visit),
    }
}

fn with_error<const E: bool>(
    form: Form,
    gains: Gains,
    state: &mut State,
    steps: usize,
    visit: &mut impl Visit,
) -> bool {
    match form.trend {
        Trend::None => with_trend::<E, T_NONE>(form, gains, state, steps, visit),
        Trend::Additive => with_trend::<E, T_ADDED>(form, Gains { phi: 1.0, ..gains }, state, steps, visit),
        Trend::Damped => with_trend::<E, T_ADDED>(form, gains, state, steps, visit),
        Trend::Multiplicative => with_trend::<E, T_MULTIPLIED>(form, gains, state, steps, visit),
        Trend::MultiplicativeDamped => with_trend::<E, T_MULTIPLIED_DAMPED>(form, gains, state, steps, visit),
    }
}

fn with_trend<const E: bool, const T: u8>(
    form: Form,
    gains: Gains,
    state: &mut State,
    steps: usize,
    visit: &mut impl Visit,
) -> bool {
    match form.season {
        Season::None => with_season::<E, T, S_NONE>(gains, state, steps, visit),
        Season::Additive => with_season::<E, T, S_ADDED>(gains, state, steps, visit),
        Season::Multiplicative => with_season::<E, T, S_MULTIPLIED>(gains, state, steps, visit),
    }
}

#[inline]
fn with_season<const E: bool, const T: u8, const S: u8>(
    gains: Gains,
    state: &mut State,
    steps: usize,
    visit: &mut impl Visit,
) -> bool {
    let (mut level, mut trend, mut at) = (state.level, state.trend, state.at);
    let mut going = true;
    for t in 0..steps {
        let season = state.seasons[at];
        let (onward, growth) = match T {
            T_NONE => (level, trend),
            T_ADDED => (level + gains.phi * trend, gains.phi * trend),
            T_MULTIPLIED => (level * trend, trend),
            _ => {
                let growth = trend.powf(gains.phi);
                (level * growth, growth)
            }
        };
        let expected = match S {
            S_NONE => onward,
            S_ADDED => onward + season,
            _ => onward * season,
        };
        let value = visit.value(t, expected);
        let error = if E { (value - expected) / expected } else { value - expected };
        if !visit.error(t, expected, error) {
            going = false;
            break;
        }
        // Where the value, without its season, puts the level.
        let put = match S {
            S_NONE => value,
            S_ADDED => value - season,
            _ => value / season,
        };
        let surprise = put - onward;
        trend = match T {
            T_NONE => trend,
            T_ADDED => growth + gains.beta * surprise,
            _ => growth + gains.beta * surprise / level,
        };
        level = onward + gains.alpha * surprise;
        if S != S_NONE {
            let seen = if S == S_ADDED { value - onward } else { value / onward };
            state.seasons[at] = season + gains.gamma * (seen - season);
            at = if at == 0 { state.period - 1 } else { at - 1 };
        }
    }
    (state.level, state.trend, state.at) = (level, trend, at);
    going
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Given<'a>(&'a [f64], Vec<f64>);

    impl Visit for Given<'_> {
        fn value(&mut self, t: usize, _: f64) -> f64 {
            self.0[t]
        }
        fn error(&mut self, _: usize, expected: f64, _: f64) -> bool {
            self.1.push(expected);
            true
        }
    }

    fn step(form: Form, value: f64) -> (f64, State) {
        let params = Params {
            alpha: 0.5,
            beta: 0.1,
            gamma: 0.2,
            phi: 0.9,
            level: 100.0,
            trend: if matches!(form.trend, Trend::Multiplicative | Trend::MultiplicativeDamped) { 1.1 } else { 10.0 },
            seasons: vec![0.8, 1.2],
        };
        let mut state = State::before_first(&params);
        let mut visit = Given(&[value], vec![]);
        assert!(run(form, params.gains(), &mut state, 1, &mut visit));
        (visit.1[0], state)
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} {b}");
    }

    #[test]
    fn one_step_by_hand_of_added_parts() {
        // Damped trend, added season: onward 100 + 0.9 · 10 = 109; expected 109 + 1.2 = 110.2; error 2.
        let form = Form { error: ErrorForm::Additive, trend: Trend::Damped, season: Season::Additive };
        let (expected, state) = step(form, 112.2);
        close(expected, 110.2);
        close(state.level, 110.0);
        close(state.trend, 9.2);
        // The season of the first value was the last given; it comes round after the other one.
        close(state.seasons()[0], 1.6);
        close(state.season_ahead(0), 0.8);
        close(state.season_ahead(1), 1.6);
    }

    #[test]
    fn one_step_by_hand_of_multiplied_parts() {
        // Onward 100 · 1.1 = 110; expected 110 · 1.2 = 132; relative error 0.1.
        let form =
            Form { error: ErrorForm::Multiplicative, trend: Trend::Multiplicative, season: Season::Multiplicative };
        let (expected, state) = step(form, 145.2);
        close(expected, 132.0);
        // l (1 + alpha e) = 110 · 1.05; b (1 + beta e) = 1.1 · 1.01; s (1 + gamma e) = 1.2 · 1.02.
        close(state.level, 115.5);
        close(state.trend, 1.111);
        close(state.seasons()[0], 1.224);
    }

    #[test]
    fn a_damped_factor_dies_away() {
        let form = Form { error: ErrorForm::Additive, trend: Trend::MultiplicativeDamped, season: Season::None };
        let (expected, state) = step(form, 100.0 * 1.1_f64.powf(0.9));
        close(expected, 100.0 * 1.1_f64.powf(0.9));
        close(state.trend, 1.1_f64.powf(0.9));
    }
}
