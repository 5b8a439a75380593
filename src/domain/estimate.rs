//! An amount that is a guess with a name: forecasts, probabilities. It cannot be added to [`Money`](super::Money).

use std::fmt;

/// An estimated amount of dollars. Deliberately without arithmetic with `Money`: an estimate never enters a ledger.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Estimate(f64);

impl Estimate {
    /// An estimate from dollars.
    #[must_use]
    pub const fn from_dollars(dollars: f64) -> Self {
        Self(dollars)
    }

    /// The estimate in dollars.
    #[must_use]
    pub const fn dollars(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "≈${:.2}", self.0)
    }
}
