//! Small dense linear algebra: symmetric positive definite systems by Cholesky's decomposition, and straight lines.

/// A matrix that cannot be inverted: one of its rows says nothing that those before it do not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Singular {
    /// The first such row.
    pub(super) row: usize,
}

/// The lower half of a symmetric positive definite matrix's decomposition L·Lᵀ.
#[derive(Debug, Clone)]
pub(super) struct Cholesky {
    lower: Vec<Vec<f64>>,
}

impl Cholesky {
    /// Decomposes a square symmetric matrix, of which the lower half is read.
    pub(super) fn of(matrix: &[Vec<f64>]) -> Result<Self, Singular> {
        /// What is left of a diagonal below this share of it is rounding.
        const ROUNDING: f64 = 1e-12;
        let mut lower: Vec<Vec<f64>> = Vec::with_capacity(matrix.len());
        for (row, entries) in matrix.iter().enumerate() {
            let mut found = Vec::with_capacity(row + 1);
            for (entry, above) in entries.iter().zip(&lower) {
                found.push((entry - dot(&found, above)) / above[found.len()]);
            }
            let diagonal = entries.get(row).copied().unwrap_or(0.0);
            let left = diagonal - dot(&found, &found);
            if !(left > diagonal.abs() * ROUNDING && left.is_finite()) {
                return Err(Singular { row });
            }
            found.push(left.sqrt());
            lower.push(found);
        }
        Ok(Self { lower })
    }

    /// The `x` with matrix · x = `right`.
    pub(super) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = Vec::with_capacity(right.len());
        for (row, value) in self.lower.iter().zip(right) {
            x.push((value - dot(row, &x)) / row[x.len()]);
        }
        for i in (0..x.len()).rev() {
            let later: f64 = (i + 1..x.len()).map(|k| self.lower[k][i] * x[k]).sum();
            x[i] = (x[i] - later) / self.lower[i][i];
        }
        x
    }
}

/// Σ a·b over the shorter of the two.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The least-squares straight line through the points: value at 0 and slope; `None` when they do not make one.
pub(super) fn line_through(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let n: f64 = points.iter().map(|_| 1.0).sum();
    let (x, y) = points.iter().fold((0.0, 0.0), |sum, p| (sum.0 + p.0 / n, sum.1 + p.1 / n));
    let spread: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
    let slope = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>() / spread;
    (spread > 0.0 && slope.is_finite()).then_some((y - slope * x, slope))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_by_hand() {
        // [4 2; 2 5] = L·Lᵀ with L = [2 0; 1 2]. 4x + 2y = 8 and 2x + 5y = 12 give x = 1, y = 2.
        let cholesky = Cholesky::of(&[vec![4.0, 2.0], vec![2.0, 5.0]]).unwrap();
        assert_eq!(cholesky.lower, [vec![2.0], vec![1.0, 2.0]]);
        assert_eq!(cholesky.solve(&[8.0, 12.0]), [1.0, 2.0]);
        assert!(Cholesky::of(&[]).unwrap().solve(&[]).is_empty());
    }

    #[test]
    fn what_has_no_inverse_is_named() {
        let dependent = [vec![1.0, 2.0, 0.0], vec![2.0, 4.0, 0.0], vec![0.0, 0.0, 1.0]];
        assert_eq!(Cholesky::of(&dependent).unwrap_err(), Singular { row: 1 });
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Cholesky::of(&[vec![bad]]).unwrap_err(), Singular { row: 0 }, "{bad}");
        }
        assert_eq!(Cholesky::of(&[vec![]]).unwrap_err(), Singular { row: 0 });
    }

    #[test]
    fn a_line_through_three_points() {
        // (0, 1), (1, 2), (2, 6): slope (−1·−2 + 1·3)/2 = 2.5 around (1, 3).
        assert_eq!(line_through(&[(0.0, 1.0), (1.0, 2.0), (2.0, 6.0)]), Some((0.5, 2.5)));
        assert_eq!(line_through(&[(3.0, 1.0), (3.0, 2.0)]), None);
        assert_eq!(line_through(&[(3.0, 1.0)]), None);
        assert_eq!(line_through(&[]), None);
    }
}
