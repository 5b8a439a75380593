//! The thirty forms of exponential smoothing: how the error, the trend and the season join.

use std::fmt;

/// How one-step errors act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ErrorForm {
    /// Value = expectation + error.
    Additive,
    /// Value = expectation × (1 + error): errors grow with the level. Needs values above zero.
    Multiplicative,
}

/// How the level grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Trend {
    /// Not at all.
    None,
    /// By an amount per step.
    Additive,
    /// By an amount that dies away.
    Damped,
    /// By a factor per step.
    Multiplicative,
    /// By a factor that dies away towards 1.
    MultiplicativeDamped,
}

/// How the season joins the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Season {
    /// There is none.
    None,
    /// Added.
    Additive,
    /// Multiplied.
    Multiplicative,
}

/// One of the thirty forms, written as `ETS(M,Ad,M)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Form {
    /// How errors act.
    pub error: ErrorForm,
    /// How the level grows.
    pub trend: Trend,
    /// How the season joins.
    pub season: Season,
}

impl Form {
    /// Simple exponential smoothing, `ETS(A,N,N)`.
    pub const SIMPLE: Self = Self { error: ErrorForm::Additive, trend: Trend::None, season: Season::None };

    /// All thirty.
    pub fn all() -> impl Iterator<Item = Self> {
        use {ErrorForm as E, Season as S, Trend as T};
        [E::Additive, E::Multiplicative].into_iter().flat_map(|error| {
            [T::None, T::Additive, T::Damped, T::Multiplicative, T::MultiplicativeDamped].into_iter().flat_map(
                move |trend| {
                    [S::None, S::Additive, S::Multiplicative].into_iter().map(move |season| Self {
                        error,
                        trend,
                        season,
                    })
                },
            )
        })
    }

    /// Whether the automatic choice may take the form: not additive errors on what multiplies (the variance of the forecast
    /// can be infinite), not a multiplied trend with an added season, and no multiplied trend at all (its forecasts explode).
    /// The same fifteen that R's `ets` tries by default.
    #[must_use]
    pub fn is_candidate(self) -> bool {
        let growing = matches!(self.trend, Trend::Multiplicative | Trend::MultiplicativeDamped);
        let unbounded = self.error == ErrorForm::Additive && self.season == Season::Multiplicative;
        !(growing || unbounded)
    }

    /// Whether the form divides by levels or seasons, and so needs values above zero.
    #[must_use]
    pub fn multiplies(self) -> bool {
        self.error == ErrorForm::Multiplicative
            || self.season == Season::Multiplicative
            || matches!(self.trend, Trend::Multiplicative | Trend::MultiplicativeDamped)
    }

    /// There is a trend.
    #[must_use]
    pub fn has_trend(self) -> bool {
        self.trend != Trend::None
    }

    /// The trend dies away.
    #[must_use]
    pub fn is_damped(self) -> bool {
        matches!(self.trend, Trend::Damped | Trend::MultiplicativeDamped)
    }

    /// There is a season.
    #[must_use]
    pub fn has_season(self) -> bool {
        self.season != Season::None
    }

    /// Smoothing parameters: alpha, and beta, gamma and phi where there is something to smooth or damp.
    #[must_use]
    pub fn smoothing(self) -> usize {
        1 + usize::from(self.has_trend()) + usize::from(self.has_season()) + usize::from(self.is_damped())
    }

    /// Everything that is estimated but the variance: smoothing parameters and initial states, of which one season is the
    /// rest of the others.
    #[must_use]
    pub fn parameters(self, period: usize) -> usize {
        let seasons = if self.has_season() { period.saturating_sub(1) } else { 0 };
        self.smoothing() + 1 + usize::from(self.has_trend()) + seasons
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = if self.error == ErrorForm::Additive { "A" } else { "M" };
        let trend = match self.trend {
            Trend::None => "N",
            Trend::Additive => "A",
            Trend::Damped => "Ad",
            Trend::Multiplicative => "M",
            Trend::MultiplicativeDamped => "Md",
        };
        let season = match self.season {
            Season::None => "N",
            Season::Additive => "A",
            Season::Multiplicative => "M",
        };
        write!(f, "ETS({error},{trend},{season})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_forms_fifteen_candidates() {
        let all: Vec<Form> = Form::all().collect();
        assert_eq!(all.len(), 30);
        assert_eq!(all.iter().filter(|f| f.is_candidate()).count(), 15);
        // What is left without values above zero: additive errors, trends and seasons.
        assert_eq!(all.iter().filter(|f| f.is_candidate() && !f.multiplies()).count(), 6);
    }

    #[test]
    fn parameters_are_counted_as_r_counts_them() {
        // R's AirPassengers fits: ETS(A,N,N) has 2 parameters, ETS(M,Ad,M) 17 (alpha, beta, gamma, phi, l, b, 11 seasons).
        assert_eq!(Form::SIMPLE.parameters(12), 2);
        let full = Form { error: ErrorForm::Multiplicative, trend: Trend::Damped, season: Season::Multiplicative };
        assert_eq!(full.parameters(12), 17);
        assert_eq!(full.to_string(), "ETS(M,Ad,M)");
    }
}
