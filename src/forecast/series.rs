//! A series as models take it: whole numbers of periods are not needed, gaps and text are not allowed.

use std::fmt;

/// Periods longer than this are refused: the models here are for months, quarters and weekdays.
pub const MAX_PERIOD: usize = 24;

/// Values in the order of time, one per step, with the number of steps after which a season comes round (12 for months,
/// 4 for quarters, 1 for none). Checked once; models may then rely on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Series<'a> {
    values: &'a [f64],
    period: usize,
}

/// Why a model could not be fitted to a series. A fallback is the caller's decision, and is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoFit {
    /// There is no value at all.
    Empty,
    /// The model needs more values than there are.
    TooShort {
        /// Values there are.
        have: usize,
        /// Values the model needs.
        need: usize,
    },
    /// The value at this index (from 0) is not a finite number.
    NotFinite(usize),
    /// The value at this index is too large to be squared and summed.
    TooLarge(usize),
    /// The value at this index is zero or negative, and the model multiplies.
    NotPositive(usize),
    /// The period is 0 or longer than [`MAX_PERIOD`].
    Period(usize),
    /// The model has a season and the series has none (period 1).
    NoSeason,
    /// No parameters gave a finite likelihood.
    NoParameters,
    /// None of the candidates or members could be fitted.
    NoCandidate,
}

impl fmt::Display for NoFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the series is empty"),
            Self::TooShort { have: 1, need } => write!(f, "one value, the model needs {need}"),
            Self::TooShort { have, need } => write!(f, "{have} values, the model needs {need}"),
            Self::NotFinite(i) => write!(f, "value {} is not a number", i + 1),
            Self::TooLarge(i) => write!(f, "value {} is too large", i + 1),
            Self::NotPositive(i) => write!(f, "value {} is not above zero, and the model multiplies", i + 1),
            Self::Period(p) => write!(f, "a period of {p} is not between 1 and {MAX_PERIOD}"),
            Self::NoSeason => write!(f, "the model has a season and the series has none"),
            Self::NoParameters => write!(f, "no parameters gave a finite likelihood"),
            Self::NoCandidate => write!(f, "none of the models could be fitted"),
        }
    }
}

impl std::error::Error for NoFit {}

/// Squares of larger values, summed, could overflow.
const LARGEST: f64 = 1e100;

impl<'a> Series<'a> {
    /// Checks the values and the period.
    ///
    /// # Errors
    /// The series is empty, holds something that is not a finite number or is beyond 1e100, or the period is not from 1 to
    /// [`MAX_PERIOD`].
    pub fn new(values: &'a [f64], period: usize) -> Result<Self, NoFit> {
        if period == 0 || period > MAX_PERIOD {
            return Err(NoFit::Period(period));
        }
        if values.is_empty() {
            return Err(NoFit::Empty);
        }
        if let Some(i) = values.iter().position(|v| !v.is_finite()) {
            return Err(NoFit::NotFinite(i));
        }
        if let Some(i) = values.iter().position(|v| v.abs() > LARGEST) {
            return Err(NoFit::TooLarge(i));
        }
        Ok(Self { values, period })
    }

    /// Checks as [`Series::new`] does, and that there are at least `need` values.
    ///
    /// # Errors
    /// As [`Series::new`], and [`NoFit::TooShort`].
    pub fn at_least(values: &'a [f64], period: usize, need: usize) -> Result<Self, NoFit> {
        let series = Self::new(values, period)?;
        if series.len() < need { Err(NoFit::TooShort { have: series.len(), need }) } else { Ok(series) }
    }

    /// The values in the order of time.
    #[must_use]
    pub const fn values(&self) -> &'a [f64] {
        self.values
    }

    /// Steps after which a season comes round; 1 when there is none.
    #[must_use]
    pub const fn period(&self) -> usize {
        self.period
    }

    /// How many values there are; never 0.
    #[expect(clippy::len_without_is_empty, reason = "a checked series is never empty")]
    #[must_use]
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// The first value that is zero or negative: models that multiply must refuse it.
    #[must_use]
    pub fn not_positive(&self) -> Option<usize> {
        self.values.iter().position(|v| *v <= 0.0)
    }

    /// All values are the same.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.values.iter().all(|v| *v == self.values[0])
    }

    /// The place of a value that is ten times as large as any other, or more, among six or more values that are not all zero: a
    /// slip of the pen, or something that will not come again.
    #[must_use]
    pub fn lone(&self) -> Option<usize> {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by(|a, b| self.values[*b].abs().total_cmp(&self.values[*a].abs()));
        let [first, second, _, _, _, _, ..] = order[..] else { return None };
        let (first_size, next) = (self.values[first].abs(), self.values[second].abs());
        (next > 0.0 && first_size >= 10.0 * next).then_some(first)
    }

    /// Mean of the absolute values: what a unit is on this series. 1 for a series of zeros.
    #[must_use]
    pub fn unit(&self) -> f64 {
        let mean = self.values.iter().map(|v| v.abs()).sum::<f64>() / self.len() as f64;
        if mean > 0.0 { mean } else { 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_series_is_refused_by_its_first_fault() {
        assert_eq!(Series::new(&[], 12), Err(NoFit::Empty));
        assert_eq!(Series::new(&[1.0, f64::NAN, f64::INFINITY], 12), Err(NoFit::NotFinite(1)));
        assert_eq!(Series::new(&[1.0, f64::NEG_INFINITY], 1), Err(NoFit::NotFinite(1)));
        assert_eq!(Series::new(&[1e101], 1), Err(NoFit::TooLarge(0)));
        assert_eq!(Series::new(&[1.0], 0), Err(NoFit::Period(0)));
        assert_eq!(Series::new(&[1.0], 52), Err(NoFit::Period(52)));
        assert_eq!(Series::at_least(&[1.0, 2.0], 12, 3), Err(NoFit::TooShort { have: 2, need: 3 }));
        assert_eq!(NoFit::NotFinite(1).to_string(), "value 2 is not a number");
    }

    #[test]
    fn facts_of_a_series() {
        let series = Series::new(&[3.0, -1.0, 0.0], 4).unwrap();
        assert_eq!(series.not_positive(), Some(1));
        assert!(!series.is_constant());
        // (3 + 1 + 0) / 3
        assert!((series.unit() - 4.0 / 3.0).abs() < 1e-15);
        let zeros = Series::new(&[0.0, 0.0], 1).unwrap();
        assert!(zeros.is_constant());
        assert_eq!(zeros.unit(), 1.0);
    }

    #[test]
    fn a_value_of_ten_times_any_other_is_alone() {
        let of = |values: &[f64]| Series::new(values, 1).unwrap().lone();
        assert_eq!(of(&[3.0, 2.0, -40.0, 4.0, 1.0, 0.0]), Some(2));
        // Two of them; a little less than ten times; five values; nothing else but zeros.
        assert_eq!(of(&[3.0, 2.0, 40.0, 40.0, 1.0, 0.0]), None);
        assert_eq!(of(&[3.0, 2.0, 39.9, 4.0, 1.0, 0.0]), None);
        assert_eq!(of(&[3.0, 2.0, 40.0, 4.0, 1.0]), None);
        assert_eq!(of(&[0.0, 0.0, 0.0, 0.0, 0.0, 7.0]), None);
    }
}
