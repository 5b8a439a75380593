//! Breaks that nobody told of: the largest level shift of a series, with a t value that a break itself does not spoil.

use super::effect::Scale;
use crate::forecast::draws::student_beyond;

/// A sudden change of level that stayed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// The first value on the new level, from 0.
    pub at: usize,
    /// How far the level moved beyond the usual change: an amount, or the logarithm of a factor.
    pub size: f64,
    /// The size in units of what chance alone does.
    pub t: f64,
    /// The probability that chance alone makes a shift as large anywhere in the series (Student's distribution, times
    /// the number of places where it could be).
    pub p: f64,
}

/// From this many values on, levels are compared over six values on either side; below, value by value.
const LONG: usize = 24;

/// Values compared on either side in long series.
const SIDE: usize = 6;

/// No series has more breaks that are worth telling.
const MOST: usize = 5;

/// The largest level shift, if the series has four values or more and all can be put on the scale. Season and trend
/// should be taken out of long series first: what is not explained counts as chance. Level after less level before,
/// over one value on either side in short series and the median of six in long ones, less the usual change over as many
/// values, in units of the spread of the changes (median absolute deviation). In short series a jump that the next
/// value half undoes is no shift.
#[must_use]
pub fn largest_shift(values: &[f64], scale: Scale) -> Option<Shift> {
    let values = scaled(values, scale)?;
    largest(&values, chance_change(&values))
}

/// All shifts that chance makes with a probability of at most `p`, each found after those before it were taken out, by
/// size of t; at most five.
#[must_use]
pub fn shifts(values: &[f64], scale: Scale, p: f64) -> Vec<Shift> {
    let Some(mut values) = scaled(values, scale) else { return Vec::new() };
    // Judged once: with every shift that is taken out one more change would look as if it had no chance in it.
    let spread = chance_change(&values);
    let mut found = Vec::new();
    while found.len() < MOST {
        match largest(&values, spread) {
            Some(shift) if shift.p <= p => {
                values[shift.at..].iter_mut().for_each(|v| *v -= shift.size);
                found.push(shift);
            }
            _ => break,
        }
    }
    found
}

fn scaled(values: &[f64], scale: Scale) -> Option<Vec<f64>> {
    let one = |v: &f64| match scale {
        Scale::Level => *v,
        Scale::Log => v.ln(),
    };
    Some(values.iter().map(one).collect::<Vec<f64>>()).filter(|v| v.iter().all(|v| v.is_finite()))
}

/// Values so many steps later less values.
fn changes(values: &[f64], steps: usize) -> Vec<f64> {
    values.iter().skip(steps).zip(values).map(|(later, v)| later - v).collect()
}

/// The standard deviation of a change by chance, as if normal: from the median absolute deviation, which a few breaks
/// do not move.
fn chance_change(values: &[f64]) -> f64 {
    let changes = changes(values, 1);
    let middle = median(&changes);
    1.4826 * median(&changes.iter().map(|c| (c - middle).abs()).collect::<Vec<_>>())
}

fn largest(values: &[f64], spread: f64) -> Option<Shift> {
    let n = values.len();
    if n < 4 {
        return None;
    }
    let side = if n < LONG { 1 } else { SIDE };
    let usual = median(&changes(values, side));
    let width = side as f64;
    // A change has the variance of two values. A median of six has π/2 of the variance of their mean.
    let efficiency = if side == 1 { 1.0 } else { std::f64::consts::FRAC_PI_2.sqrt() };
    let chance = efficiency * spread / width.sqrt();
    let size = |at: usize| median(&values[at..at + side]) - median(&values[at - side..at]) - usual;
    let places = side..=n - side;
    let tried = places.clone().count() as f64;
    let is_candidate = |at: &usize| side > 1 || !is_pulse(&changes(values, 1), *at, usual);
    let at = places.filter(is_candidate).max_by(|a, b| size(*a).abs().total_cmp(&size(*b).abs()).then(b.cmp(a)))?;
    let at = if side > 1 { sharpest(values, at, side) } else { at };
    let size = size(at);
    let t = if size == 0.0 { 0.0 } else { size / chance };
    let p = (tried * student_beyond(t.abs(), (n - 2) as f64)).min(1.0);
    Some(Shift { at, size, t, p })
}

/// Whether the change before this value is half undone by the next one, or half undoes the one before.
fn is_pulse(changes: &[f64], at: usize, usual: f64) -> bool {
    let jump = |i: usize| changes.get(i).map_or(0.0, |c| c - usual);
    let here = jump(at - 1);
    let against = |other: f64| other * here < 0.0 && other.abs() >= here.abs() / 2.0;
    against(jump(at)) || at >= 2 && against(jump(at - 2))
}

/// Where near a place the values fall apart most sharply: the sum of distances from the medians of both sides is
/// smallest.
fn sharpest(values: &[f64], at: usize, side: usize) -> usize {
    let (from, until) = (at - side, at + side);
    let apart = |split: usize| {
        let distances = |part: &[f64]| {
            let middle = median(part);
            part.iter().map(|v| (v - middle).abs()).sum::<f64>()
        };
        distances(&values[from..split]) + distances(&values[split..until])
    };
    let places = (from + 1..until).filter(|place| *place >= side && place + side <= values.len());
    places.min_by(|a, b| apart(*a).total_cmp(&apart(*b))).unwrap_or(at)
}

/// The middle value; 0 without any.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match (sorted.get(half), sorted.len().is_multiple_of(2)) {
        (None, _) => 0.0,
        (Some(upper), false) => *upper,
        (Some(upper), true) => f64::midpoint(sorted[half - 1], *upper),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    #[test]
    fn a_short_series_by_hand() {
        // 10 12 13 12 30 31 33: changes 2 1 −1 18 1 2, usual 1.5; distances ½ ½ 2½ 16½ ½ ½, median ½.
        // The fifth value: 18 − 1.5 = 16.5, in units of 1.4826 · ½.
        let shift = largest_shift(&[10.0, 12.0, 13.0, 12.0, 30.0, 31.0, 33.0], Scale::Level).unwrap();
        assert_eq!(shift.at, 4);
        near(shift.size, 16.5);
        near(shift.t, 16.5 / 0.7413);
        assert!(shift.p < 1e-4);
    }

    #[test]
    fn a_pulse_is_no_shift() {
        // One month of 90 among tens: up 80 and down 80. What is left is the noise.
        let values = [10.0, 12.0, 11.0, 90.0, 10.0, 11.0, 13.0, 12.0];
        let shift = largest_shift(&values, Scale::Level).unwrap();
        assert!(shift.at != 3 && shift.at != 4 && shift.p > 0.5, "{shift:?}");
    }

    #[test]
    fn a_long_series_finds_the_month() {
        // Forty months with noise of ±1, +5 from the 23rd value on.
        let noise = [0.4, -0.9, 0.7, -0.2, 1.0, -0.6, 0.1, -1.0, 0.8, -0.3];
        let values: Vec<f64> = (0..40).map(|i| 50.0 + noise[i % 10] + if i >= 23 { 5.0 } else { 0.0 }).collect();
        let shift = largest_shift(&values, Scale::Level).unwrap();
        assert_eq!(shift.at, 23);
        assert!((shift.size - 5.0).abs() < 1.0 && shift.p < 0.01, "{shift:?}");
        assert_eq!(shifts(&values, Scale::Level, 0.01).len(), 1);
        // Without the shift there is none.
        let calm: Vec<f64> = (0..40).map(|i| 50.0 + noise[i % 10]).collect();
        assert!(shifts(&calm, Scale::Level, 0.01).is_empty());
    }

    #[test]
    fn what_has_no_shift_or_no_logarithm() {
        assert_eq!(largest_shift(&[1.0, 2.0, 9.0], Scale::Level), None);
        assert_eq!(largest_shift(&[1.0, 2.0, 0.0, 4.0], Scale::Log), None);
        assert_eq!(largest_shift(&[1.0, f64::NAN, 0.0, 4.0], Scale::Level), None);
        let flat = largest_shift(&[3.0; 6], Scale::Level).unwrap();
        assert_eq!((flat.size, flat.t, flat.p), (0.0, 0.0, 1.0));
        // A clean step in a constant series has no chance at all to compare with.
        let step = largest_shift(&[3.0, 3.0, 3.0, 8.0, 8.0, 8.0], Scale::Level).unwrap();
        assert_eq!((step.at, step.size, step.t, step.p), (3, 5.0, f64::INFINITY, 0.0));
        assert_eq!(shifts(&[3.0, 3.0, 3.0, 8.0, 8.0, 8.0], Scale::Level, 0.05).len(), 1);
    }
}
