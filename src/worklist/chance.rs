//! The chance that a shortfall is won, as a decimal of four places, with where it comes from.
//!
//! The practice's own decided rework comes first; without any, what the user says; without that, a published figure of other
//! people's claims, and the sheet says so.

use rust_decimal::Decimal;

use crate::leakage::{Cause, Overturns};
use crate::project::WorklistSettings;
use crate::reference::Rework;

/// Where a chance comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OddsBasis {
    /// Own rework of the same payer and cause, drawn towards all own rework.
    Own {
        /// Of these cases so many were won.
        won: u32,
        /// Reworked cases with an answer.
        decided: u32,
    },
    /// The project file's own figure.
    Setting,
    /// A published figure.
    Published,
}

/// The chance that a shortfall is won.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Odds {
    /// From 0 to 1, four places.
    pub mean: Decimal,
    /// The interval of 80 %; `None` when nothing is known of it.
    pub interval: Option<(Decimal, Decimal)>,
    /// Where it comes from.
    pub basis: OddsBasis,
}

/// What chances are read from.
#[derive(Debug, Clone, Copy)]
pub struct Chances<'a> {
    /// The practice's own history.
    pub overturns: &'a Overturns,
    /// What the user says.
    pub settings: &'a WorklistSettings,
    /// What is published.
    pub rework: &'a Rework,
}

impl Chances<'_> {
    /// The chance of one payer and cause.
    #[must_use]
    pub fn of(&self, payer: &str, cause: Cause) -> Odds {
        let is_denial = matches!(cause, Cause::Denied(_));
        if self.overturns.overall(is_denial).decided > 0 {
            let chance = self.overturns.of(payer, &cause.key());
            if let (Some(mean), Some(low), Some(high)) =
                (four_places(chance.mean), four_places(chance.low), four_places(chance.high))
            {
                let basis = OddsBasis::Own { won: chance.won, decided: chance.decided };
                return Odds { mean, interval: Some((low, high)), basis };
            }
        }
        let said = if is_denial { self.settings.overturn_denied } else { self.settings.overturn_underpaid };
        let (percent, basis) = match said {
            Some(percent) => (percent, OddsBasis::Setting),
            None => (self.rework.overturned.value, OddsBasis::Published),
        };
        Odds { mean: (percent / Decimal::ONE_HUNDRED).min(Decimal::ONE), interval: None, basis }
    }
}

/// An estimate of a probability as a decimal; the one place where it leaves floating point.
fn four_places(estimate: f64) -> Option<Decimal> {
    let text = format!("{estimate:.4}");
    let share = Decimal::from_str_exact(&text).ok()?;
    (Decimal::ZERO..=Decimal::ONE).contains(&share).then_some(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probability_has_four_places_and_lies_between_nothing_and_all() {
        assert_eq!(four_places(0.440_04), Some(Decimal::new(44, 2)));
        assert_eq!(four_places(2.0 / 3.0), Some(Decimal::new(6667, 4)));
        for bad in [f64::NAN, f64::INFINITY, -0.2, 1.2] {
            assert_eq!(four_places(bad), None, "{bad}");
        }
    }
}
