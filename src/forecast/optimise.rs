//! Minimising without derivatives given: the simplex of Nelder and Mead for a few parameters, a quasi-Newton method (BFGS)
//! with differences for many. Both take the same steps on every run. A value that is not finite is a wall.

/// Where the search ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Minimum {
    /// The point.
    pub(super) at: Vec<f64>,
    /// The value there; infinite where no finite value was met.
    pub(super) value: f64,
}

/// The simplex of Nelder and Mead (1965) with its usual coefficients. `steps`: the first simplex is `start` and, for each
/// parameter, `start` with that step added. Ends when the values of the simplex agree to the relative `tolerance`, or after
/// `most` evaluations.
pub(super) fn nelder_mead(
    mut f: impl FnMut(&[f64]) -> f64,
    start: &[f64],
    steps: &[f64],
    tolerance: f64,
    most: usize,
) -> Minimum {
    let n = start.len();
    let mut value = |x: &[f64]| {
        let v = f(x);
        if v.is_finite() { v } else { f64::INFINITY }
    };
    let mut simplex: Vec<(f64, Vec<f64>)> = Vec::with_capacity(n + 1);
    simplex.push((value(start), start.to_vec()));
    for i in 0..n {
        let mut x = start.to_vec();
        x[i] += steps[i];
        simplex.push((value(&x), x));
    }
    let mut evaluations = n + 1;
    let (mut centre, mut trial, mut further) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    loop {
        // Stable: equal values keep their order, so the path is the same on every run.
        simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (best, worst) = (simplex[0].0, simplex[n].0);
        let close = worst - best <= tolerance * (best.abs() + tolerance);
        if n == 0 || evaluations >= most || close || best.is_infinite() {
            break;
        }
        for (j, c) in centre.iter_mut().enumerate() {
            *c = simplex[..n].iter().map(|s| s.1[j]).sum::<f64>() / n as f64;
        }
        let along = |out: &mut [f64], from: &[f64], by: f64| {
            for ((o, c), w) in out.iter_mut().zip(&centre).zip(from) {
                *o = c + by * (w - c);
            }
        };
        along(&mut trial, &simplex[n].1, -1.0);
        let reflected = value(&trial);
        evaluations += 1;
        if reflected < best {
            along(&mut further, &simplex[n].1, -2.0);
            let expanded = value(&further);
            evaluations += 1;
            let (v, x) = if expanded < reflected { (expanded, &further) } else { (reflected, &trial) };
            simplex[n].0 = v;
            simplex[n].1.copy_from_slice(x);
        } else if reflected < simplex[n - 1].0 {
            simplex[n].0 = reflected;
            simplex[n].1.copy_from_slice(&trial);
        } else {
            // Outside when the reflected point is better than the worst, inside otherwise.
            along(&mut further, &simplex[n].1, if reflected < worst { -0.5 } else { 0.5 });
            let contracted = value(&further);
            evaluations += 1;
            if contracted < worst.min(reflected) {
                simplex[n].0 = contracted;
                simplex[n].1.copy_from_slice(&further);
            } else {
                let (first, rest) = simplex.split_at_mut(1);
                for (v, x) in rest {
                    for (a, b) in x.iter_mut().zip(&first[0].1) {
                        *a = b + 0.5 * (*a - b);
                    }
                    *v = value(x);
                }
                evaluations += n;
            }
        }
    }
    let (value, at) = simplex.swap_remove(0);
    Minimum { at, value }
}

/// The difference by which slopes are taken. Parameters are scaled to about 1, values of the function to about n.
const DIFFERENCE: f64 = 1e-6;

/// No step is longer than this in any parameter.
const LONGEST: f64 = 1.0;

/// BFGS with forward differences and a backtracking line search. Parameters should be scaled so that a change of 1 is large.
/// Ends when two iterations in a row gain less than `tolerance`, or after `most` iterations.
pub(super) fn bfgs(mut f: impl FnMut(&[f64]) -> f64, start: &[f64], tolerance: f64, most: usize) -> Minimum {
    let n = start.len();
    let mut x = start.to_vec();
    let mut value = f(&x);
    if !value.is_finite() || n == 0 {
        return Minimum { at: x, value: if value.is_finite() { value } else { f64::INFINITY } };
    }
    let mut inverse = vec![0.0; n * n];
    let mut slope = vec![0.0; n];
    slopes(&mut f, &mut x, value, &mut slope);
    let (mut direction, mut next, mut next_slope, mut by_change) =
        (vec![0.0; n], vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let (mut fresh, mut idle) = (true, 0);
    for _ in 0..most {
        if fresh {
            reset(&mut inverse, n, 1.0 / norm(&slope).max(1.0));
        }
        for (i, d) in direction.iter_mut().enumerate() {
            *d = -dot(&inverse[i * n..(i + 1) * n], &slope);
        }
        let mut descent = dot(&direction, &slope);
        if descent >= 0.0 {
            reset(&mut inverse, n, 1.0 / norm(&slope).max(1.0));
            for (d, s) in direction.iter_mut().zip(&slope) {
                *d = -s / norm(&slope).max(1.0);
            }
            descent = dot(&direction, &slope);
        }
        let longest = direction.iter().fold(0.0_f64, |m, d| m.max(d.abs()));
        if longest > LONGEST {
            direction.iter_mut().for_each(|d| *d *= LONGEST / longest);
            descent *= LONGEST / longest;
        }
        let Some(gained) = line_search(&mut f, &x, value, &direction, descent, &mut next) else {
            // A wall, or the curvature is stale: once more straight down, then give up.
            if fresh {
                break;
            }
            fresh = true;
            continue;
        };
        slopes(&mut f, &mut next, gained, &mut next_slope);
        let was_fresh = std::mem::replace(&mut fresh, false);
        update(&mut inverse, was_fresh, &x, &next, &slope, &next_slope, &mut by_change);
        idle = if value - gained < tolerance { idle + 1 } else { 0 };
        value = gained;
        x.copy_from_slice(&next);
        slope.copy_from_slice(&next_slope);
        if idle >= 2 {
            break;
        }
    }
    Minimum { at: x, value }
}

/// Forward differences; backward where the wall stands ahead; zero between two walls.
fn slopes(f: &mut impl FnMut(&[f64]) -> f64, x: &mut [f64], value: f64, out: &mut [f64]) {
    for i in 0..x.len() {
        let here = x[i];
        x[i] = here + DIFFERENCE;
        let ahead = f(x);
        out[i] = if ahead.is_finite() {
            (ahead - value) / DIFFERENCE
        } else {
            x[i] = here - DIFFERENCE;
            let behind = f(x);
            if behind.is_finite() { (value - behind) / DIFFERENCE } else { 0.0 }
        };
        x[i] = here;
    }
}

/// Shortens the step until it gains enough (Armijo); the point is left in `next`.
fn line_search(
    f: &mut impl FnMut(&[f64]) -> f64,
    x: &[f64],
    value: f64,
    direction: &[f64],
    descent: f64,
    next: &mut [f64],
) -> Option<f64> {
    let mut step = 1.0;
    for _ in 0..40 {
        for ((n, x), d) in next.iter_mut().zip(x).zip(direction) {
            *n = x + step * d;
        }
        let there = f(next);
        if there.is_finite() && there <= value + 1e-4 * step * descent {
            return Some(there);
        }
        // The minimum of the parabola through both values and the slope, within a tenth and a half of the step.
        let parabola = -descent * step * step / (2.0 * (there - value - descent * step));
        step = if parabola.is_finite() { parabola.clamp(0.1 * step, 0.5 * step) } else { 0.2 * step };
        if step < 1e-12 {
            break;
        }
    }
    None
}

/// The BFGS update of the inverse Hessian; skipped where the curvature seen is not positive.
fn update(
    inverse: &mut [f64],
    fresh: bool,
    x: &[f64],
    next: &[f64],
    slope: &[f64],
    next_slope: &[f64],
    by_change: &mut [f64],
) {
    let n = x.len();
    let step = |i: usize| next[i] - x[i];
    let change = |i: usize| next_slope[i] - slope[i];
    let curvature: f64 = (0..n).map(|i| step(i) * change(i)).sum();
    let squares: f64 = (0..n).map(|i| change(i) * change(i)).sum();
    if curvature.is_nan() || curvature <= 1e-12 {
        return;
    }
    if fresh {
        reset(inverse, n, curvature / squares);
    }
    for (i, b) in by_change.iter_mut().enumerate() {
        *b = (0..n).map(|j| inverse[i * n + j] * change(j)).sum();
    }
    let quadratic: f64 = (0..n).map(|i| change(i) * by_change[i]).sum();
    let factor = (1.0 + quadratic / curvature) / curvature;
    for i in 0..n {
        for j in 0..n {
            inverse[i * n + j] +=
                factor * step(i) * step(j) - (by_change[i] * step(j) + step(i) * by_change[j]) / curvature;
        }
    }
}

fn reset(inverse: &mut [f64], n: usize, diagonal: f64) {
    inverse.fill(0.0);
    for i in 0..n {
        inverse[i * n + i] = diagonal;
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosenbrock's valley: 0 at (1, 1), reached only around a bend.
    fn valley(x: &[f64]) -> f64 {
        100.0 * (x[1] - x[0] * x[0]).powi(2) + (1.0 - x[0]).powi(2)
    }

    #[test]
    fn both_methods_find_the_end_of_the_valley() {
        let simplex = nelder_mead(valley, &[-1.2, 1.0], &[0.5, 0.5], 1e-14, 2000);
        assert!(simplex.value < 1e-10, "{simplex:?}");
        let newton = bfgs(valley, &[-1.2, 1.0], 1e-14, 500);
        // Forward differences of 1e-6 stop it within some 1e-4 of (1, 1).
        assert!(newton.value < 1e-6, "{newton:?}");
    }

    #[test]
    fn a_wall_is_not_crossed() {
        // The lowest point beyond the wall at 0.5 is not allowed; the best inside is 0.5.
        let walled = |x: &[f64]| if x[0] > 0.5 { f64::INFINITY } else { (x[0] - 1.0).powi(2) };
        for found in [nelder_mead(walled, &[0.0], &[0.1], 1e-14, 500), bfgs(walled, &[0.0], 1e-14, 100)] {
            assert!(found.at[0] <= 0.5 && found.at[0] > 0.49, "{found:?}");
        }
    }

    #[test]
    fn nowhere_to_go_is_said_by_infinity() {
        let nowhere = |_: &[f64]| f64::NAN;
        assert!(nelder_mead(nowhere, &[0.0], &[1.0], 1e-9, 100).value.is_infinite());
        assert!(bfgs(nowhere, &[0.0], 1e-9, 100).value.is_infinite());
        assert_eq!(nelder_mead(|_| 3.0, &[], &[], 1e-9, 100).value, 3.0);
        assert_eq!(bfgs(|_| 3.0, &[], 1e-9, 100).value, 3.0);
    }
}
