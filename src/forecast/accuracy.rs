//! How far forecasts were off, in measures that can be compared between series.

/// The mean absolute difference between values one period apart: what the seasonal naive forecast is off by within the
/// series. `None` where the series is no longer than a period or never changes: such a series has no scale.
#[must_use]
pub fn seasonal_scale(history: &[f64], period: usize) -> Option<f64> {
    lagged(history, period, f64::abs)
}

/// The mean of squared differences between values one period apart, or `None` as in [`seasonal_scale`].
#[must_use]
pub fn seasonal_square(history: &[f64], period: usize) -> Option<f64> {
    lagged(history, period, |d| d * d)
}

fn lagged(history: &[f64], period: usize, of: impl Fn(f64) -> f64) -> Option<f64> {
    let known = history.len().checked_sub(period.max(1)).filter(|n| *n > 0)?;
    let sum: f64 = history[period.max(1)..].iter().zip(history).map(|(a, b)| of(a - b)).sum();
    let mean = sum / known as f64;
    (mean > 0.0 && mean.is_finite()).then_some(mean)
}

fn pairs<'a>(actual: &'a [f64], forecast: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + 'a {
    actual.iter().copied().zip(forecast.iter().copied())
}

/// Number of steps that have both, as a divisor; `None` without any.
fn count(actual: &[f64], forecast: &[f64]) -> Option<f64> {
    let n = actual.len().min(forecast.len());
    (n > 0).then_some(n as f64)
}

/// Mean absolute error; `None` without a step.
#[must_use]
pub fn mae(actual: &[f64], forecast: &[f64]) -> Option<f64> {
    let n = count(actual, forecast)?;
    Some(pairs(actual, forecast).map(|(a, f)| (a - f).abs()).sum::<f64>() / n)
}

/// Mean absolute scaled error (Hyndman and Koehler 2006): 1 is as far off as the seasonal naive forecast within `history`.
#[must_use]
pub fn mase(history: &[f64], period: usize, actual: &[f64], forecast: &[f64]) -> Option<f64> {
    Some(mae(actual, forecast)? / seasonal_scale(history, period)?)
}

/// Root mean squared scaled error (Makridakis and others 2022), scaled by the seasonal naive forecast within `history`.
#[must_use]
pub fn rmsse(history: &[f64], period: usize, actual: &[f64], forecast: &[f64]) -> Option<f64> {
    let n = count(actual, forecast)?;
    let squares: f64 = pairs(actual, forecast).map(|(a, f)| (a - f) * (a - f)).sum();
    Some((squares / n / seasonal_square(history, period)?).sqrt())
}

/// Sum of absolute errors over the sum of absolute actual values: errors as a share of the volume. `None` where there was no
/// volume.
#[must_use]
pub fn wape(actual: &[f64], forecast: &[f64]) -> Option<f64> {
    let volume: f64 = pairs(actual, forecast).map(|(a, _)| a.abs()).sum();
    (volume > 0.0).then(|| pairs(actual, forecast).map(|(a, f)| (a - f).abs()).sum::<f64>() / volume)
}

/// Sum of (forecast − actual) over the sum of absolute actual values: above zero, too much was forecast.
#[must_use]
pub fn bias(actual: &[f64], forecast: &[f64]) -> Option<f64> {
    let volume: f64 = pairs(actual, forecast).map(|(a, _)| a.abs()).sum();
    (volume > 0.0).then(|| pairs(actual, forecast).map(|(a, f)| f - a).sum::<f64>() / volume)
}

/// Symmetric mean absolute percentage error, from 0 to 2 (0 % to 200 %). A step where both are zero counts as exact.
#[must_use]
pub fn smape(actual: &[f64], forecast: &[f64]) -> Option<f64> {
    let n = count(actual, forecast)?;
    let off = |(a, f): (f64, f64)| {
        let size = a.abs() + f.abs();
        if size > 0.0 { 2.0 * (a - f).abs() / size } else { 0.0 }
    };
    Some(pairs(actual, forecast).map(off).sum::<f64>() / n)
}

/// Share of actual values within their intervals, ends included.
#[must_use]
pub fn coverage(actual: &[f64], intervals: &[(f64, f64)]) -> Option<f64> {
    let n = actual.len().min(intervals.len());
    let inside = actual.iter().zip(intervals).filter(|(a, (low, high))| low <= a && *a <= high).count();
    (n > 0).then(|| inside as f64 / n as f64)
}

/// Mean scaled interval score (Gneiting and Raftery 2007): the width of the intervals, and 2 / (1 − `level`) times what
/// lies outside, scaled as [`mase`] is. Small is good: neither wide nor wrong.
#[must_use]
pub fn msis(history: &[f64], period: usize, actual: &[f64], intervals: &[(f64, f64)], level: f64) -> Option<f64> {
    let n = actual.len().min(intervals.len());
    if n == 0 || level >= 1.0 {
        return None;
    }
    let penalty = 2.0 / (1.0 - level);
    let score =
        |(a, (low, high)): (&f64, &(f64, f64))| high - low + penalty * ((low - a).max(0.0) + (a - high).max(0.0));
    Some(actual.iter().zip(intervals).map(score).sum::<f64>() / n as f64 / seasonal_scale(history, period)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HISTORY: [f64; 5] = [10.0, 20.0, 12.0, 24.0, 13.0];

    fn close(a: Option<f64>, b: f64) {
        assert!((a.unwrap() - b).abs() < 1e-12, "{a:?} {b}");
    }

    #[test]
    fn measures_by_hand() {
        let (actual, forecast) = ([10.0, 20.0], [13.0, 19.0]);
        // Two apart: 2, 4, 1: mean 7/3; squares 4, 16, 1: mean 7.
        close(seasonal_scale(&HISTORY, 2), 7.0 / 3.0);
        close(mae(&actual, &forecast), 2.0);
        close(mase(&HISTORY, 2, &actual, &forecast), 6.0 / 7.0);
        // (9 + 1) / 2 / 7
        close(rmsse(&HISTORY, 2, &actual, &forecast), (5.0_f64 / 7.0).sqrt());
        close(wape(&actual, &forecast), 4.0 / 30.0);
        close(bias(&actual, &forecast), 2.0 / 30.0);
        // 2·3/23 and 2·1/39, halved.
        close(smape(&actual, &forecast), 3.0 / 23.0 + 1.0 / 39.0);
        let intervals = [(9.0, 12.0), (21.0, 22.0)];
        close(coverage(&actual, &intervals), 0.5);
        // Widths 3 and 1; 20 lies 1 below 21: 2 / 0.2 = 10. (3 + 11) / 2 / (7/3)
        close(msis(&HISTORY, 2, &actual, &intervals, 0.8), 3.0);
    }

    #[test]
    fn what_has_no_scale_has_no_scaled_error() {
        assert_eq!(seasonal_scale(&[5.0; 30], 12), None);
        assert_eq!(seasonal_scale(&HISTORY, 5), None);
        assert_eq!(mase(&[], 12, &[1.0], &[1.0]), None);
        assert_eq!(mae(&[], &[]), None);
        assert_eq!(wape(&[0.0], &[1.0]), None);
        assert_eq!(smape(&[0.0], &[0.0]), Some(0.0));
        assert_eq!(coverage(&[], &[]), None);
        assert_eq!(msis(&HISTORY, 1, &[1.0], &[(0.0, 2.0)], 1.0), None);
    }
}
