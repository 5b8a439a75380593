//! The covariance of forecast errors, shrunk towards independence: Schäfer and Strimmer (Statistical Applications in
//! Genetics and Molecular Biology 4 (2005) 32), with the errors taken as centred on zero, as MinT does.

/// The covariance matrix of these errors, given as one row per series over the same months, with its correlations
/// shrunk; and by how much, from 0 (not at all) to 1 (to none).
pub(super) fn shrunk_covariance(errors: &[Vec<f64>]) -> (Vec<Vec<f64>>, f64) {
    let months = errors.first().map_or(0, Vec::len) as f64;
    let covariance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / months;
    let spread: Vec<f64> = errors.iter().map(|e| covariance(e, e).sqrt()).collect();
    let (mut doubt, mut squares) = (0.0, 0.0);
    for (i, a) in errors.iter().enumerate() {
        for (j, b) in errors.iter().enumerate().take(i) {
            let scale = spread[i] * spread[j];
            // A series without any error is correlated with nothing.
            if scale == 0.0 {
                continue;
            }
            let products: Vec<f64> = a.iter().zip(b).map(|(a, b)| a * b / scale).collect();
            let correlation = products.iter().sum::<f64>() / months;
            squares += correlation * correlation;
            doubt += products.iter().map(|p| (p - correlation).powi(2)).sum::<f64>() / (months * (months - 1.0));
        }
    }
    // Without correlations there is nothing to shrink.
    let shrink = if squares > 0.0 && doubt.is_finite() { (doubt / squares).min(1.0) } else { 1.0 };
    let entry = |i: usize, j: usize| {
        let own = covariance(&errors[i], &errors[j]);
        if i == j { own } else { (1.0 - shrink) * own }
    };
    let all = 0..errors.len();
    (all.clone().map(|i| all.clone().map(|j| entry(i, j)).collect()).collect(), shrink)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_series_by_hand() {
        // Errors 1 −1 1 −1 and 2 −2 2 2: variances 1 and 4, covariance (2 + 2 + 2 − 2)/4 = 1, correlation ½.
        // Products of the standardised errors 1 1 1 −1: about ½ they scatter by 3·¼ + 2¼ = 3, doubt 3/(4·3) = ¼.
        // Shrunk by ¼ ÷ ¼ = 1: nothing is left of the correlation.
        let (all, shrink) = shrunk_covariance(&[vec![1.0, -1.0, 1.0, -1.0], vec![2.0, -2.0, 2.0, 2.0]]);
        assert_eq!((all, shrink), (vec![vec![1.0, 0.0], vec![0.0, 4.0]], 1.0));
        // The same twice over: the doubt is 6/(8·7), a share of 3/7 is taken off.
        let twice = |row: [f64; 4]| row.iter().chain(&row).copied().collect::<Vec<f64>>();
        let (all, shrink) = shrunk_covariance(&[twice([1.0, -1.0, 1.0, -1.0]), twice([2.0, -2.0, 2.0, 2.0])]);
        assert!((shrink - 3.0 / 7.0).abs() < 1e-12 && (all[0][1] - 4.0 / 7.0).abs() < 1e-12);
        assert_eq!((all[0][0], all[1][1]), (1.0, 4.0));
    }

    #[test]
    fn nothing_to_shrink() {
        // A series without errors, a single month, and no series at all.
        assert_eq!(shrunk_covariance(&[vec![0.0, 0.0], vec![1.0, 1.0]]).1, 1.0);
        assert_eq!(shrunk_covariance(&[vec![1.0], vec![2.0]]), (vec![vec![1.0, 0.0], vec![0.0, 4.0]], 1.0));
        assert!(shrunk_covariance(&[]).0.is_empty());
    }
}
