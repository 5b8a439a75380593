//! Which parameters are allowed: within the usual bounds, and such that the model forgets its start (admissible).

use super::super::series::MAX_PERIOD;
use super::form::Form;
use super::state::Gains;

/// Smallest and largest alpha, beta and gamma.
pub(super) const SMOOTHING: (f64, f64) = (1e-4, 0.9999);

/// Smallest and largest phi: more would hardly damp, less would hardly trend.
pub(super) const DAMPING: (f64, f64) = (0.8, 0.98);

/// A share of one is read from any number: the number goes round, and the share between its ends.
fn share(x: f64) -> f64 {
    0.5 + 0.5 * x.sin()
}

/// The number that [`share`] reads as this share.
fn unshare(share: f64) -> f64 {
    (2.0 * share.clamp(0.0, 1.0) - 1.0).asin()
}

/// Smoothing parameters from unbounded numbers: alpha in its bounds, beta up to alpha, gamma up to 1 − alpha.
pub(super) fn unpack(form: Form, x: &[f64]) -> Gains {
    let mut next = x.iter().copied();
    let mut within = |low: f64, high: f64| low + (high - low).max(0.0) * share(next.next().unwrap_or(0.0));
    let alpha = within(SMOOTHING.0, SMOOTHING.1);
    let beta = if form.has_trend() { within(SMOOTHING.0, alpha) } else { 0.0 };
    let gamma = if form.has_season() { within(SMOOTHING.0, 1.0 - alpha) } else { 0.0 };
    let phi = if form.is_damped() { within(DAMPING.0, DAMPING.1) } else { 1.0 };
    Gains { alpha, beta, gamma, phi }
}

/// The unbounded numbers of smoothing parameters; what is out of bounds is moved to them.
pub(super) fn pack(form: Form, gains: Gains, out: &mut Vec<f64>) {
    let number = |value: f64, low: f64, high: f64| unshare(if high > low { (value - low) / (high - low) } else { 0.0 });
    out.push(number(gains.alpha, SMOOTHING.0, SMOOTHING.1));
    if form.has_trend() {
        out.push(number(gains.beta, SMOOTHING.0, gains.alpha));
    }
    if form.has_season() {
        out.push(number(gains.gamma, SMOOTHING.0, 1.0 - gains.alpha));
    }
    if form.is_damped() {
        out.push(number(gains.phi, DAMPING.0, DAMPING.1));
    }
}

/// Whether the errors of a model with a season forget the initial states: all roots of its characteristic polynomial lie
/// within the unit circle (Hyndman, Akram and Archibald 2008). Without a season the usual bounds suffice.
pub(super) fn admissible(form: Form, gains: Gains, period: usize) -> bool {
    if !form.has_season() || period < 2 {
        return true;
    }
    let Gains { alpha, beta, gamma, phi } = gains;
    let mut poly = [0.0; MAX_PERIOD + 2];
    if !form.has_trend() {
        // Highest power first: z^m + α (z^(m−1) + … + z) + α + γ − 1; the root at 1 of the level is taken out.
        let poly = &mut poly[..=period];
        poly.fill(alpha);
        poly[0] = 1.0;
        poly[period] = alpha + gamma - 1.0;
        return within_unit_circle(poly);
    }
    // z^(m+1) + (α + β − φ) z^m + (α + β − αφ)(z^(m−1) + … + z²) + (α + β − αφ + γ − 1) z + φ (1 − α − γ)
    let poly = &mut poly[..period + 2];
    poly.fill(alpha + beta - alpha * phi);
    poly[0] = 1.0;
    poly[1] = alpha + beta - phi;
    poly[period] = alpha + beta - alpha * phi + gamma - 1.0;
    poly[period + 1] = phi * (1.0 - alpha - gamma);
    within_unit_circle(poly)
}

/// The test of Schur and Cohn by stepping the degree down; a root on the circle passes.
fn within_unit_circle(poly: &mut [f64]) -> bool {
    let mut degree = poly.len() - 1;
    while degree > 0 {
        let reflection = poly[degree] / poly[0];
        if reflection.abs() > 1.0 + 1e-9 {
            return false;
        }
        let rest = 1.0 - reflection * reflection;
        if rest < 1e-9 {
            // All roots that are left lie on the circle or mirror each other across it; the caller's bounds keep them in.
            return true;
        }
        for i in 0..degree.div_ceil(2) {
            let (a, b) = (poly[i], poly[degree - i]);
            poly[i] = a - reflection * b;
            poly[degree - i] = b - reflection * a;
        }
        if degree.is_multiple_of(2) {
            poly[degree / 2] *= 1.0 - reflection;
        }
        degree -= 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::form::{ErrorForm, Season, Trend};
    use super::*;

    #[test]
    fn roots_inside_and_outside_are_told_apart() {
        // (z − 0.5)(z + 0.5)(z − 0.9) = z³ − 0.9 z² − 0.25 z + 0.225
        assert!(within_unit_circle(&mut [1.0, -0.9, -0.25, 0.225]));
        // (z − 0.5)(z − 1.1) = z² − 1.6 z + 0.55
        assert!(!within_unit_circle(&mut [1.0, -1.6, 0.55]));
        // (z² + 0.64)(z − 0.5): a complex pair of size 0.8; and of size 1.2.
        assert!(within_unit_circle(&mut [1.0, -0.5, 0.64, -0.32]));
        assert!(!within_unit_circle(&mut [1.0, -0.5, 1.44, -0.72]));
    }

    #[test]
    fn packing_and_unpacking_keep_parameters_and_bounds() {
        let form = Form { error: ErrorForm::Additive, trend: Trend::Damped, season: Season::Additive };
        let gains = Gains { alpha: 0.3, beta: 0.1, gamma: 0.2, phi: 0.9 };
        let mut x = Vec::new();
        pack(form, gains, &mut x);
        let back = unpack(form, &x);
        assert!((back.alpha - 0.3).abs() < 1e-12 && (back.beta - 0.1).abs() < 1e-12);
        assert!((back.gamma - 0.2).abs() < 1e-12 && (back.phi - 0.9).abs() < 1e-12);
        for i in -20..20 {
            let far = [f64::from(i), f64::from(3 * i), f64::from(7 * i), f64::from(-i)];
            let g = unpack(form, &far);
            assert!(
                g.alpha > 0.0 && g.alpha < 1.0 && g.beta <= g.alpha.max(1e-4) && g.gamma <= (1.0 - g.alpha).max(1e-4)
            );
            assert!((0.8..=0.98).contains(&g.phi));
        }
    }

    #[test]
    fn the_parameters_r_chose_are_admissible() {
        let form = Form { error: ErrorForm::Multiplicative, trend: Trend::Damped, season: Season::Multiplicative };
        let of_r = Gains { alpha: 0.7096, beta: 0.0204, gamma: 0.0001, phi: 0.98 };
        assert!(admissible(form, of_r, 12));
        // A season that overshoots: gamma far above 1 − alpha.
        assert!(!admissible(form, Gains { gamma: 2.5, ..of_r }, 12));
    }
}
