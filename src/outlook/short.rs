//! Short histories: what is taken for them where their own months cannot tell.
//!
//! A model that saw three months has seen no error to speak of, and would promise the narrowest of ranges. The figures here are
//! those of the demo practice (synthetic, 120,000 lines over 36 months), whose histories are long:
//! volumes per working day of all payers, forecast by the mean of the last one, three or six months, came out 11 to 15 % (standard
//! error) beside the forecast one month ahead, and 17 to 23 % from half a year ahead on; of what payers paid in the end, so much had
//! come by each month after the service as [`PAID_BY`] says.

#![expect(clippy::float_arithmetic, reason = "errors and shares are estimates")]

use super::book::Book;
use super::chance::normal;
use super::volume::Volumes;
use crate::forecast::Draws;

/// Shorter histories are widened.
pub(super) const SHORT: usize = 12;

/// The standard error one month ahead, as a share.
const ONE_STEP: f64 = 0.13;

/// The standard error of far months, as a share.
const FAR: f64 = 0.20;

/// What has come by the end of each month after the service, of what comes in the end; then everything has.
pub(super) const PAID_BY: [f64; 6] = [0.028, 0.535, 0.885, 0.953, 0.991, 0.999];

/// The relative standard error that a forecast of a short history has at least, `step` months ahead, from 1 on: that of one month,
/// growing with the root of the months up to that of far ones.
fn least_error(step: f64) -> f64 {
    (ONE_STEP * step.sqrt()).min(FAR)
}

/// Draws the paths of stems with short histories as wide as a short history must be taken to err; says so. A few months tell little of
/// their scatter: the less of a year there is, the less counts what they show beside [`least_error`]. All such stems are high or low
/// together: what a season does to one it does to all. Missing months ([`Book::missing`]) are no history.
pub(super) fn widen(book: &Book, volumes: &mut Volumes, seed: u64) {
    let horizon = volumes.horizon.max(1);
    for (stem, paths) in volumes.stems.iter_mut().zip(&mut volumes.paths) {
        let begun = stem.lines.iter().position(|lines| *lines > 0.0).unwrap_or(stem.lines.len());
        let months = book.months().skip(begun).filter(|month| !book.missing.contains(month)).count();
        if months == 0 || months >= SHORT {
            continue;
        }
        widen_paths(paths, horizon, seed, months);
        stem.notes.push(format!(
            "{months} {} of history show no error of their own: ranges are about as wide as forecasts of the demo practice (synthetic) erred, {:.0} % one month ahead and {:.0} % far ahead (standard errors), or wider",
            if months == 1 { "month" } else { "months" },
            ONE_STEP * 100.0,
            FAR * 100.0
        ));
    }
}

/// The relative variance that a month of a forecast is given, `own` by its paths, from so many months of history: that of
/// [`least_error`], and as far as a year is full, the larger of both.
fn variance(own: f64, step: f64, months: usize) -> f64 {
    let least = least_error(step).powi(2);
    (1.0 - full(months)) * least + full(months) * own.max(least)
}

/// So many months as a part of a year; 1 at most.
fn full(months: usize) -> f64 {
    (0..months.min(SHORT)).map(|_| 1.0).sum::<f64>() / (0..SHORT).map(|_| 1.0).sum::<f64>()
}

/// Gives each month of the paths its [`variance`]. The part of it that is [`least_error`]'s multiplies each path by a lognormal number
/// with mean 1, the same in all stems; the paths themselves keep no more than the rest, for which they are moved towards their mean.
fn widen_paths(paths: &mut [f64], horizon: usize, seed: u64, months: usize) {
    let count = paths.chunks(horizon).map(|_| 1.0).sum::<f64>();
    // By month: the mean, the factor towards it, and the variance of the logarithm of what multiplies.
    let (mut of, mut ahead) = (Vec::with_capacity(horizon), 0.0);
    for step in 0..horizon {
        ahead += 1.0;
        let values = || paths.iter().skip(step).step_by(horizon);
        let mean = values().sum::<f64>() / count;
        let spread = values().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
        let own = if mean > 0.0 { spread / (mean * mean) } else { 0.0 };
        let wanted = variance(own, ahead, months);
        let kept = own.min(wanted - (1.0 - full(months)) * least_error(ahead).powi(2)).max(0.0);
        let towards = if own > kept { (kept / own).sqrt() } else { 1.0 };
        // Variances of factors with mean 1 multiply: (1 + kept) × (1 + more) = 1 + wanted.
        of.push((mean, towards, ((1.0 + wanted) / (1.0 + kept)).ln().max(0.0)));
    }
    for (path, values) in (0u64..).zip(paths.chunks_mut(horizon)) {
        let z = normal(&mut Draws::stream(seed ^ 0x5407, path));
        for (value, (mean, towards, more)) in values.iter_mut().zip(&of) {
            *value = (mean + (*value - mean) * towards) * (more.sqrt() * z - more / 2.0).exp();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_without_any_width_get_the_least_one_and_wide_ones_nearly_stay() {
        // One month ahead 13 %, four months ahead 20 % (0.13 × 2 is more than that).
        assert!((least_error(1.0) - 0.13).abs() < 1e-12 && (least_error(4.0) - 0.20).abs() < 1e-12);
        let count = 4000;
        // Months 1 and 2 are certain, month 3 is 50 or 150: 50 %.
        let mut paths: Vec<f64> =
            (0..count).flat_map(|p| [100.0, 100.0, if p % 2 == 0 { 50.0 } else { 150.0 }]).collect();
        widen_paths(&mut paths, 3, 1, 11);
        let relative = |step: usize| {
            let values: Vec<f64> = paths.iter().skip(step).step_by(3).copied().collect();
            let mean = values.iter().sum::<f64>() / f64::from(count);
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / f64::from(count);
            (mean, variance.sqrt() / mean)
        };
        // Of the third, one part of twelve is 0.13 × √3 = 0.2252, cut to 0.2, and eleven are its own.
        let third = (0.04 / 12.0 + 0.25 * 11.0 / 12.0f64).sqrt();
        for (step, expected) in [(0, 0.13), (1, 0.13 * 2f64.sqrt()), (2, third)] {
            let (mean, width) = relative(step);
            // 4,000 draws show a mean to σ / 63 and a width to about 1.2 % of it.
            assert!((mean - 100.0).abs() < 1.0 && (width / expected - 1.0).abs() < 0.05, "{step}: {mean} {width}");
        }
    }

    #[test]
    fn the_scatter_of_two_months_counts_a_sixth() {
        // Half the paths 50, half 150: 25 % squared. Two months of twelve: 10/12 of 0.13² and 2/12 of 0.25.
        let wanted = (0.0169 * 10.0 + 0.25 * 2.0) / 12.0;
        assert!((variance(0.25, 1.0, 2) - wanted).abs() < 1e-12);
        let mut paths: Vec<f64> = (0..4000).map(|p| if p % 2 == 0 { 50.0 } else { 150.0 }).collect();
        widen_paths(&mut paths, 1, 1, 2);
        let mean = paths.iter().sum::<f64>() / 4000.0;
        let variance = paths.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 4000.0;
        // 10/12 of 0.13² are drawn: 4,000 draws show them to about 2 % of all.
        assert!((mean - 100.0).abs() < 1.0 && (variance / 10_000.0 / wanted - 1.0).abs() < 0.07, "{mean} {variance}");
    }
}
