//! Classical decomposition by moving averages, and the test whether a series has a season at all.
//!
//! The seasonal figures are the means, by season, of what a centred moving average over one period leaves (Kendall and
//! Stuart 1983, as R's `decompose`). The test is that of Assimakopoulos and Nikolopoulos (2000): the autocorrelation at one
//! period against its standard error by Bartlett's formula, 90 % two-sided.

use super::series::Series;

/// How a season joins the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// Added: the figures sum to 0.
    Additive,
    /// Multiplied: the mean of the figures is 1.
    Multiplicative,
}

/// One figure per season, the first for the season of the first value.
#[derive(Debug, Clone, PartialEq)]
pub struct Seasonal {
    /// How the figures join the level.
    pub joined: Joined,
    /// The figures, as many as the period is long.
    pub figures: Vec<f64>,
}

/// A season drawn towards none.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// What is left of it.
    pub seasonal: Seasonal,
    /// How much of each figure's distance from 1 that is.
    pub kept: f64,
}

/// 95 % quantile of the normal distribution: 90 % between both tails.
const Z90: f64 = 1.644_853_626_951_472_2;

impl Seasonal {
    /// The figures of a series with two full periods or more; `None` where it is shorter, has no season, or a multiplied
    /// season is asked of values whose moving average is not above zero.
    #[must_use]
    pub fn of(series: Series<'_>, joined: Joined) -> Option<Self> {
        let m = series.period();
        let left = left(series, joined)?;
        let mut figures: Vec<f64> = left.iter().map(|left| left.iter().sum::<f64>() / left.len() as f64).collect();
        let mean = figures.iter().sum::<f64>() / m as f64;
        for figure in &mut figures {
            match joined {
                Joined::Additive => *figure -= mean,
                Joined::Multiplicative => *figure /= mean,
            }
        }
        figures.iter().all(|f| f.is_finite()).then_some(Self { joined, figures })
    }

    /// Multiplied figures, drawn towards no season as far as their scatter from year to year asks: the estimator of James and Stein
    /// as Miller and Williams (2003, *Shrinkage estimators of time series seasonal factors and their effect on forecasting accuracy*)
    /// use it. Figures of a few years are in part chance, and a forecast with all of it in is worse than one with less. `None` as
    /// for [`Self::of`], and below three periods, which do not show the scatter.
    #[must_use]
    pub fn drawn_in(series: Series<'_>) -> Option<Drawn> {
        let m = series.period();
        let mut seasonal = Self::of(series, Joined::Multiplicative)?;
        let left = left(series, Joined::Multiplicative)?;
        let count: usize = left.iter().map(Vec::len).sum();
        if m < 4 || count <= m {
            return None;
        }
        let about = |left: &Vec<f64>| {
            let mean = left.iter().sum::<f64>() / left.len() as f64;
            left.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>()
        };
        let scatter = left.iter().map(about).sum::<f64>() / (count - m) as f64;
        let chance = scatter * left.iter().map(|left| 1.0 / left.len() as f64).sum::<f64>() / m as f64;
        let seen = seasonal.figures.iter().map(|f| (f - 1.0) * (f - 1.0)).sum::<f64>() / (m - 1) as f64;
        let share = if seen > 0.0 { (chance / seen).min(1.0) } else { 1.0 };
        let kept = 1.0 - (m - 3) as f64 / (m - 1) as f64 * share;
        for figure in &mut seasonal.figures {
            *figure = 1.0 + kept * (*figure - 1.0);
        }
        Some(Drawn { seasonal, kept })
    }

    /// The figure of step `t`, counted from 0 at the first value of the series.
    #[must_use]
    pub fn at(&self, t: usize) -> f64 {
        self.figures[t % self.figures.len()]
    }

    /// The value of step `t` without its season.
    #[must_use]
    pub fn without(&self, t: usize, value: f64) -> f64 {
        match self.joined {
            Joined::Additive => value - self.at(t),
            Joined::Multiplicative => value / self.at(t),
        }
    }

    /// The value of step `t` with its season.
    #[must_use]
    pub fn with(&self, t: usize, value: f64) -> f64 {
        match self.joined {
            Joined::Additive => value + self.at(t),
            Joined::Multiplicative => value * self.at(t),
        }
    }

    /// By how much the season stretches an error at step `t`.
    #[must_use]
    pub fn stretch(&self, t: usize) -> f64 {
        match self.joined {
            Joined::Additive => 1.0,
            Joined::Multiplicative => self.at(t),
        }
    }

    /// The season that a theta model takes out: multiplied where that is safe, else added. `None` where the series is too
    /// short or passes as having no season.
    #[must_use]
    pub fn for_theta(series: Series<'_>) -> Option<Self> {
        if !is_seasonal(series) {
            return None;
        }
        let multiplied =
            || Self::of(series, Joined::Multiplicative).filter(|s| s.figures.iter().all(|f| *f > SMALLEST));
        let multiplied = if series.not_positive().is_none() { multiplied() } else { None };
        multiplied.or_else(|| Self::of(series, Joined::Additive))
    }
}

/// Dividing by a smaller figure would blow one value up into the whole series.
const SMALLEST: f64 = 0.01;

/// What a centred moving average leaves, by season from the first value on; `None` below two periods, or where values are to be
/// divided by an average that is not above zero.
fn left(series: Series<'_>, joined: Joined) -> Option<Vec<Vec<f64>>> {
    let (y, m) = (series.values(), series.period());
    if m < 2 || y.len() < 2 * m {
        return None;
    }
    let mut left = vec![Vec::new(); m];
    let half = m / 2;
    for t in half..y.len() - half {
        let trend = moving_average(y, t, m);
        left[t % m].push(match joined {
            Joined::Additive => y[t] - trend,
            Joined::Multiplicative if trend > 0.0 => y[t] / trend,
            Joined::Multiplicative => return None,
        });
    }
    Some(left)
}

/// The centred average over one period at `t`; for an even period the two outer values count half.
fn moving_average(y: &[f64], t: usize, m: usize) -> f64 {
    let half = m / 2;
    let window = &y[t - half..=t + half];
    let sum: f64 = window.iter().sum();
    let outer = if m.is_multiple_of(2) { (window[0] + window[window.len() - 1]) / 2.0 } else { 0.0 };
    (sum - outer) / m as f64
}

/// Whether the autocorrelation at one period is beyond chance. False for fewer than two periods and for constants.
#[must_use]
pub fn is_seasonal(series: Series<'_>) -> bool {
    let (y, m, n) = (series.values(), series.period(), series.len());
    if m < 2 || n < 2 * m || series.is_constant() {
        return false;
    }
    let mean = y.iter().sum::<f64>() / n as f64;
    let lagged = |k: usize| y[k..].iter().zip(y).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>();
    let total = lagged(0);
    let earlier: f64 = (1..m).map(|k| (lagged(k) / total).powi(2)).sum();
    let error = ((1.0 + 2.0 * earlier) / n as f64).sqrt();
    (lagged(m) / total).abs() > Z90 * error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_season_is_drawn_in_as_far_as_it_scatters() {
        // Period 4, no trend. Every year the same: nothing is chance, all is kept.
        let year = [0.8, 1.2, 0.9, 1.1];
        let same: Vec<f64> = year.iter().copied().cycle().take(20).collect();
        let drawn = Seasonal::drawn_in(Series::new(&same, 4).unwrap()).unwrap();
        assert!((drawn.kept - 1.0).abs() < 1e-9 && (drawn.seasonal.figures[0] - 0.8).abs() < 1e-9);
        // Two periods show no scatter.
        assert_eq!(Seasonal::drawn_in(Series::new(&same[..8], 4).unwrap()), None);
        // A level of 1 with 1.2 and 0.8 by turns in every fourth step: chance alone. The averages are 1.05, 0.95 and 1, so what they leave in
        // that step is 1.142857 and 0.842105, in its neighbours 0.952381 and 1.052632. From year to year it scatters by
        // 4 · (0.150376² + 2 · 0.050125²) / 12 = 0.0092, a quarter of which is far more than what the figures show (0.00002): as much goes
        // as can, (4 − 3) / (4 − 1).
        let bump = |t: u32| match t % 8 {
            3 => 1.2,
            7 => 0.8,
            _ => 1.0,
        };
        let bumps: Vec<f64> = (0..20).map(bump).collect();
        let drawn = Seasonal::drawn_in(Series::new(&bumps, 4).unwrap()).unwrap();
        assert!((drawn.kept - 2.0 / 3.0).abs() < 1e-12, "{}", drawn.kept);
    }

    #[test]
    fn a_pure_season_comes_back_whole() {
        // An average over a whole period sees only the trend.
        let y: Vec<f64> = (0..12).map(|t| 10.0 + f64::from(t) + [3.0, -1.0, -2.0][t as usize % 3]).collect();
        let series = Series::new(&y, 3).unwrap();
        let season = Seasonal::of(series, Joined::Additive).unwrap();
        for (figure, expected) in season.figures.iter().zip([3.0, -1.0, -2.0]) {
            assert!((figure - expected).abs() < 1e-12);
        }
        assert!((season.without(4, y[4]) - 14.0).abs() < 1e-12);
        assert!((season.with(5, 15.0) - 13.0).abs() < 1e-12);
        assert_eq!(season.stretch(5), 1.0);
    }

    #[test]
    fn a_multiplied_season_has_mean_one_and_stretches_errors() {
        let y: Vec<f64> = (0..16).map(|t| 100.0 * [0.5, 1.5][t % 2]).collect();
        let season = Seasonal::of(Series::new(&y, 2).unwrap(), Joined::Multiplicative).unwrap();
        assert!((season.figures[0] - 0.5).abs() < 1e-12 && (season.figures[1] - 1.5).abs() < 1e-12);
        assert!((season.stretch(1) - 1.5).abs() < 1e-12);
    }

    #[test]
    fn what_has_no_season_has_no_figures() {
        assert!(Seasonal::of(Series::new(&[1.0; 30], 1).unwrap(), Joined::Additive).is_none());
        assert!(Seasonal::of(Series::new(&[1.0; 23], 12).unwrap(), Joined::Additive).is_none());
        let negative = [-1.0; 24];
        assert!(Seasonal::of(Series::new(&negative, 12).unwrap(), Joined::Multiplicative).is_none());
        assert!(!is_seasonal(Series::new(&[5.0; 40], 12).unwrap()));
        let shape: Vec<f64> = (0..40).map(|t| [3.0, -1.0, -2.0, 7.0][t % 4]).collect();
        assert!(is_seasonal(Series::new(&shape, 4).unwrap()));
        assert!(!is_seasonal(Series::new(&shape[..7], 4).unwrap()));
        let trend: Vec<f64> = (0..40).map(f64::from).collect();
        assert!(!is_seasonal(Series::new(&trend, 12).unwrap()));
    }

    #[test]
    fn theta_adds_the_season_where_multiplying_is_not_safe() {
        let joined = |y: &[f64]| Seasonal::for_theta(Series::new(y, 4).unwrap()).map(|s| s.joined);
        let shape = [1.0, 3.0, 2.0, 6.0];
        let positive: Vec<f64> = (0..40).map(|t| shape[t % 4]).collect();
        assert_eq!(joined(&positive), Some(Joined::Multiplicative));
        let with_zero: Vec<f64> = (0..40).map(|t| shape[t % 4] - 1.0).collect();
        assert_eq!(joined(&with_zero), Some(Joined::Additive));
        assert_eq!(joined(&[2.0; 40]), None);
    }
}
