//! Lines with gaps, their colours, and names at their ends that never stand on each other. Knows no axes.

use plotters::style::RGBColor;

use crate::render::scene::{ACCENT, DEEP, INK, PALE, PLAIN, Scene, luminance, mix};

/// The unbroken stretches of a line with gaps.
pub(super) fn runs<T>(points: impl Iterator<Item = Option<T>>) -> Vec<Vec<T>> {
    let mut out = Vec::new();
    let mut run = Vec::new();
    for point in points {
        match point {
            Some(point) => run.push(point),
            None if !run.is_empty() => out.push(std::mem::take(&mut run)),
            None => {}
        }
    }
    if !run.is_empty() {
        out.push(run);
    }
    out
}

/// Draws a line with gaps.
pub(super) fn trace(scene: &mut Scene, points: impl Iterator<Item = Option<(f64, f64)>>, color: RGBColor, width: u32) {
    for run in runs(points) {
        match run.as_slice() {
            // One point between two gaps is a dot, or it would be invisible.
            [only] => scene.dot(only.0, only.1, 5.0, color),
            _ => scene.line(run, color, width),
        }
    }
}

/// The accent for what matters, greys and blues of clearly different darkness for the rest.
pub(super) fn colors(accents: impl Iterator<Item = bool>) -> Vec<RGBColor> {
    let rest = [DEEP, PLAIN, mix(DEEP, PLAIN, 0.5), PALE];
    let mut next = 0;
    accents
        .map(|accent| {
            if accent {
                ACCENT
            } else {
                next += 1;
                rest[(next - 1) % rest.len()]
            }
        })
        .collect()
}

/// A pale line's colour is too pale for its name.
pub(super) fn darker(color: RGBColor) -> RGBColor {
    if luminance(color) > 0.22 { mix(color, INK, 0.45) } else { color }
}

/// Places near the wanted ones (ascending), at least `gap` apart, within the bounds as far as they fit.
pub(super) fn spread(wanted: &[f64], gap: f64, (low, high): (f64, f64)) -> Vec<f64> {
    let mut places = wanted.to_vec();
    for i in 0..places.len() {
        let floor = if i == 0 { low } else { places[i - 1] + gap };
        places[i] = places[i].max(floor);
    }
    let mut ceiling = high;
    for place in places.iter_mut().rev() {
        *place = place.min(ceiling);
        ceiling = *place - gap;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stand_apart_and_inside() {
        assert_eq!(spread(&[10.0, 12.0, 300.0], 50.0, (20.0, 400.0)), [20.0, 70.0, 300.0]);
        assert_eq!(spread(&[390.0, 395.0], 50.0, (20.0, 400.0)), [350.0, 400.0]);
    }

    #[test]
    fn a_gap_breaks_a_line() {
        let points = [None, Some(1), Some(2), None, None, Some(3)];
        assert_eq!(runs(points.into_iter()), [vec![1, 2], vec![3]]);
        assert!(runs([None::<i32>; 3].into_iter()).is_empty());
    }
}
