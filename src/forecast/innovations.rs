//! Where the chance in a drawn future comes from: the errors the model made while it was fitted.

use statrs::function::erf::erf_inv;

use super::draws::Draws;

/// Fewer errors than this do not show their distribution: the normal one stands in.
const ENOUGH: usize = 20;

/// Points of the normal distribution that stand in for errors.
const NORMAL_POINTS: usize = 199;

/// Errors to draw from: those of the fit, centred, and stretched to the model's variance, which allows for the parameters.
#[derive(Debug, Clone)]
pub struct Innovations(Vec<f64>);

impl Innovations {
    /// Innovations from the errors of a fit (NaN where a step had none) and the variance the model ascribes to them.
    #[must_use]
    pub fn new(errors: &[f64], variance: f64) -> Self {
        let known = errors.iter().filter(|e| e.is_finite()).count();
        let pool = if known < ENOUGH { normal_points() } else { errors.to_vec() };
        Self(stretched(pool, variance))
    }

    /// One innovation. Every draw takes exactly one number from the stream: models fitted to the same series that draw from
    /// equal streams meet the same moments of its past.
    pub fn draw(&self, draws: &mut Draws) -> f64 {
        let at = (draws.unit() * self.0.len() as f64) as usize;
        self.0[at.min(self.0.len() - 1)]
    }
}

/// Centred on zero and with this variance; steps without an error become zero, so that positions stay those of the series.
fn stretched(mut pool: Vec<f64>, variance: f64) -> Vec<f64> {
    let known = pool.iter().filter(|e| e.is_finite()).count().max(1) as f64;
    let mean = pool.iter().filter(|e| e.is_finite()).sum::<f64>() / known;
    for e in &mut pool {
        *e = if e.is_finite() { *e - mean } else { 0.0 };
    }
    let spread = pool.iter().map(|e| e * e).sum::<f64>() / pool.len() as f64;
    let factor = if spread > 0.0 && variance > 0.0 { (variance / spread).sqrt() } else { 0.0 };
    for e in &mut pool {
        *e *= factor;
    }
    pool
}

fn normal_points() -> Vec<f64> {
    let at = |i: usize| (i as f64 + 0.5) / NORMAL_POINTS as f64;
    (0..NORMAL_POINTS).map(|i| std::f64::consts::SQRT_2 * erf_inv(2.0 * at(i) - 1.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(pool: &[f64]) -> (f64, f64) {
        let n = pool.len() as f64;
        let mean = pool.iter().sum::<f64>() / n;
        (mean, pool.iter().map(|e| (e - mean) * (e - mean)).sum::<f64>() / n)
    }

    #[test]
    fn innovations_are_centred_and_have_the_variance_of_the_model() {
        let errors: Vec<f64> = (0..30).map(f64::from).collect();
        let (mean, variance) = moments(&Innovations::new(&errors, 9.0).0);
        assert!(mean.abs() < 1e-12 && (variance - 9.0).abs() < 1e-12);
        // Too few: the normal distribution.
        let few = Innovations::new(&[1.0, -1.0], 4.0);
        assert_eq!(few.0.len(), NORMAL_POINTS);
        let (mean, variance) = moments(&few.0);
        assert!(mean.abs() < 1e-12 && (variance - 4.0).abs() < 1e-12);
        // No spread, no chance.
        assert!(Innovations::new(&[0.0; 30], 0.0).0.iter().all(|e| *e == 0.0));
    }

    #[test]
    fn steps_without_an_error_keep_their_place() {
        let mut errors = vec![f64::NAN; 30];
        errors[1..].fill(2.0);
        errors[29] = -54.0;
        let pool = Innovations::new(&errors, 1.0).0;
        assert_eq!(pool.len(), 30);
        assert_eq!(pool[0], 0.0);
        assert!(pool[29] < pool[1]);
    }
}
