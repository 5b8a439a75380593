//! The likelihood of a series under a form and its parameters, as R's `ets` counts it: −2 log L without the constants.

use super::form::{ErrorForm, Form};
use super::state::{Gains, State, Visit, run};

/// Errors smaller than this, against values of about 1, are rounding: a perfect fit cannot be improved.
const PERFECT: f64 = 1e-8;

/// −2 log L of values whose unit is about 1, from `state`. Infinite where the form breaks down on the way. No allocation: the
/// search calls it thousands of times.
pub(super) fn minus_two_log(form: Form, gains: Gains, mut state: State, y: &[f64]) -> f64 {
    let n = y.len() as f64;
    let mut sums = Sums { y, relative: form.error == ErrorForm::Multiplicative, squares: 0.0, product: 1.0, logs: 0.0 };
    if !run(form, gains, &mut state, y.len(), &mut sums) {
        return f64::INFINITY;
    }
    let squares = sums.squares.max(n * PERFECT * PERFECT);
    let value = n * squares.ln() + 2.0 * (sums.logs + sums.product.ln());
    if value.is_finite() { value } else { f64::INFINITY }
}

struct Sums<'a> {
    y: &'a [f64],
    relative: bool,
    squares: f64,
    /// Product of expectations since the last logarithm: one logarithm for many steps.
    product: f64,
    logs: f64,
}

impl Visit for Sums<'_> {
    #[inline]
    fn value(&mut self, t: usize, _: f64) -> f64 {
        self.y[t]
    }

    #[inline]
    fn error(&mut self, _: usize, expected: f64, error: f64) -> bool {
        self.squares += error * error;
        if self.relative {
            if expected.is_nan() || expected <= 0.0 {
                return false;
            }
            self.product *= expected;
            if !(1e-100..1e100).contains(&self.product) {
                self.logs += self.product.ln();
                self.product = 1.0;
            }
        }
        true
    }
}

/// All errors (relative for multiplicative errors) and expectations, and the state after the last value. `None` where the form
/// breaks down on the way.
pub(super) fn trace(form: Form, gains: Gains, state: State, y: &[f64]) -> Option<Trace> {
    let mut trace =
        Trace { innovations: Vec::with_capacity(y.len()), expected: Vec::with_capacity(y.len()), end: state };
    let mut end = state;
    let whole = run(form, gains, &mut end, y.len(), &mut Keep { y, trace: &mut trace });
    trace.end = end;
    let finite = trace.innovations.iter().chain(&trace.expected).all(|v| v.is_finite());
    (whole && finite).then_some(trace)
}

/// What a run over the values leaves.
#[derive(Debug)]
pub(super) struct Trace {
    pub(super) innovations: Vec<f64>,
    pub(super) expected: Vec<f64>,
    pub(super) end: State,
}

struct Keep<'a> {
    y: &'a [f64],
    trace: &'a mut Trace,
}

impl Visit for Keep<'_> {
    fn value(&mut self, t: usize, _: f64) -> f64 {
        self.y[t]
    }

    fn error(&mut self, _: usize, expected: f64, error: f64) -> bool {
        self.trace.innovations.push(error);
        self.trace.expected.push(expected);
        true
    }
}
