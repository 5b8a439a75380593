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

/// 95 % quantile of the normal distribution: 90 % between both tails.
const Z90: f64 = 1.644_853_626_951_472_2;

impl Seasonal {
    /// The figures of a series with two full periods or more; `None` where it is shorter, has no season, or a multiplied
    /// season is asked of values whose moving average is not above zero.
    #[must_use]
    pub fn of(series: Series<'_>, joined: Joined) -> Option<Self> {
        let (y, m) = (series.values(), series.period());
        if m < 2 || y.len() < 2 * m {
            return None;
        }
        let (mut sums, mut counts) = (vec![0.0; m], vec![0_usize; m]);
        let half = m / 2;
        for t in half..y.len() - half {
            let trend = moving_average(y, t, m);
            let left = match joined {
                Joined::Additive => y[t] - trend,
                Joined::Multiplicative if trend > 0.0 => y[t] / trend,
                Joined::Multiplicative => return None,
            };
            sums[t % m] += left;
            counts[t % m] += 1;
        }
        let mut figures: Vec<f64> = sums.iter().zip(&counts).map(|(sum, n)| sum / *n as f64).collect();
        let mean = figures.iter().sum::<f64>() / m as f64;
        for figure in &mut figures {
            match joined {
                Joined::Additive => *figure -= mean,
                Joined::Multiplicative => *figure /= mean,
            }
        }
        figures.iter().all(|f| f.is_finite()).then_some(Self { joined, figures })
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
