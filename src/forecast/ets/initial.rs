//! Where the search for initial states begins: a decomposition for the seasons, a straight line through the first two years
//! for level and trend (Hyndman, Koehler, Snyder and Grose 2002).

use super::super::decompose::{Joined, Seasonal};
use super::super::series::Series;
use super::form::{Form, Season, Trend};
use super::state::Params;

/// Seasons smaller than this start here: a season of zero or less would never come back.
const SMALLEST_SEASON: f64 = 1e-2;

/// A first guess at the initial states (smoothing parameters are 0). `None`: the series is too short for the form's season.
pub(super) fn initial(series: Series<'_>, form: Form) -> Option<Params> {
    let (mut adjusted, m) = (series.values().to_vec(), series.period());
    let mut seasons = Vec::new();
    if form.has_season() {
        let joined = if form.season == Season::Additive { Joined::Additive } else { Joined::Multiplicative };
        let mut found = Seasonal::of(series, joined)?;
        if joined == Joined::Multiplicative {
            let raised = found.figures.iter().map(|f| f.max(SMALLEST_SEASON)).collect::<Vec<_>>();
            let mean = raised.iter().sum::<f64>() / m as f64;
            found.figures = raised.into_iter().map(|f| f / mean).collect();
        }
        for (t, value) in adjusted.iter_mut().enumerate() {
            *value = found.without(t, *value);
        }
        // The first value has the last of them.
        seasons = found.figures.iter().rev().copied().collect();
    }
    let first = &adjusted[..adjusted.len().min((2 * m).max(10))];
    let (level, trend) = level_and_trend(first, form.trend);
    Some(Params { alpha: 0.0, beta: 0.0, gamma: 0.0, phi: 1.0, level, trend, seasons })
}

/// Level before the first value and trend, from values without a season.
fn level_and_trend(y: &[f64], trend: Trend) -> (f64, f64) {
    let n = y.len() as f64;
    let mean = y.iter().sum::<f64>() / n;
    let middle = (n + 1.0) / 2.0;
    let (mut across, mut along) = (0.0, 0.0);
    for (t, value) in y.iter().enumerate() {
        let from = (t + 1) as f64 - middle;
        across += from * (value - mean);
        along += from * from;
    }
    let slope = if along > 0.0 { across / along } else { 0.0 };
    let intercept = mean - slope * middle;
    match trend {
        Trend::None => (mean, 0.0),
        Trend::Additive | Trend::Damped => (intercept, slope),
        Trend::Multiplicative | Trend::MultiplicativeDamped => {
            let (one, two) = (intercept + slope, intercept + 2.0 * slope);
            if one > 1e-8 && two > 1e-8 { (one * one / two, two / one) } else { (mean.max(1e-3), 1.0) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::form::ErrorForm;
    use super::*;

    #[test]
    fn the_line_starts_before_the_first_value() {
        let y: Vec<f64> = (1..=30).map(|t| 5.0 + 2.0 * f64::from(t)).collect();
        let (level, trend) = level_and_trend(&y[..10], Trend::Additive);
        assert!((level - 5.0).abs() < 1e-12 && (trend - 2.0).abs() < 1e-12);
        // First two points of the line 7 and 9: a factor of 9/7, and one step back from 7.
        let (level, factor) = level_and_trend(&y[..10], Trend::Multiplicative);
        assert!((factor - 9.0 / 7.0).abs() < 1e-12 && (level - 49.0 / 9.0).abs() < 1e-12);
        assert_eq!(level_and_trend(&[-3.0, -3.0], Trend::Multiplicative), (1e-3, 1.0));
    }

    #[test]
    fn seasons_stand_the_most_recent_first() {
        let y: Vec<f64> = (0..16).map(|t| 10.0 + [1.0, 2.0, -1.0, -2.0][t % 4]).collect();
        let form = Form { error: ErrorForm::Additive, trend: Trend::None, season: Season::Additive };
        let params = initial(Series::new(&y, 4).unwrap(), form).unwrap();
        for (season, expected) in params.seasons.iter().zip([-2.0, -1.0, 2.0, 1.0]) {
            assert!((season - expected).abs() < 1e-12);
        }
        assert!(initial(Series::new(&y[..7], 4).unwrap(), form).is_none());
    }
}
