//! The method of Teunter, Syntetos and Babai (European Journal of Operational Research 214 (2011) 606–615): the
//! probability of demand is smoothed in every period, its size in those with demand, so that an ending series ends.

use super::demand::{NotDemand, best, check, grid, mean_squared_error};

/// A fitted TSB model.
#[derive(Debug, Clone, PartialEq)]
pub struct Tsb {
    /// The smoothing parameter of the size.
    pub alpha: f64,
    /// The smoothing parameter of the probability.
    pub beta: f64,
    /// The smoothed size of a demand.
    pub size: f64,
    /// The smoothed probability that a period has demand.
    pub probability: f64,
    one_step: Vec<Option<f64>>,
}

impl Tsb {
    /// Smooths with these parameters. Size and probability begin with their means over all values.
    ///
    /// # Errors
    /// When the values are no demand, or there is none in them.
    pub fn with_parameters(values: &[f64], alpha: f64, beta: f64) -> Result<Self, NotDemand> {
        check(values)?;
        let (mut demands, mut sum) = (0.0, 0.0);
        for value in values.iter().filter(|v| **v > 0.0) {
            demands += 1.0;
            sum += value;
        }
        if demands == 0.0 {
            return Err(NotDemand::Nothing);
        }
        let (mut size, mut probability) = (sum / demands, demands / values.len() as f64);
        let mut one_step = Vec::with_capacity(values.len());
        for value in values {
            one_step.push(Some(probability * size));
            let happened = if *value > 0.0 { 1.0 } else { 0.0 };
            size += happened * alpha * (value - size);
            probability += beta * (happened - probability);
        }
        Ok(Self { alpha, beta, size, probability, one_step })
    }

    /// Smooths with the parameters of the grid 0.01 … 0.50 whose one-step forecasts had the smallest mean squared
    /// error.
    ///
    /// # Errors
    /// As [`Self::with_parameters`].
    pub fn fit(values: &[f64]) -> Result<Self, NotDemand> {
        let error = |(alpha, beta)| {
            let model = Self::with_parameters(values, alpha, beta).ok()?;
            Some((mean_squared_error(values, &model.one_step), (alpha, beta)))
        };
        let pairs = grid().flat_map(|alpha| grid().map(move |beta| (alpha, beta)));
        let (alpha, beta) = best(pairs.filter_map(error)).unwrap_or((0.1, 0.1));
        Self::with_parameters(values, alpha, beta)
    }

    /// The expected demand of every period to come.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.probability * self.size
    }

    /// What was expected of each period just before it.
    #[must_use]
    pub fn one_step(&self) -> &[Option<f64>] {
        &self.one_step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} is not {b}");
    }

    #[test]
    fn four_months_by_hand() {
        // Demand 2 and 6 in two of four months: size 4, probability ½. α = ½, β = ½:
        //   0: forecast 2;     probability ¼,     size 4
        //   2: forecast 1;     probability 5/8,   size 3
        //   6: forecast 15/8;  probability 13/16, size 4.5
        //   0: forecast 117/32; probability 13/32, size 4.5; then 117/64.
        let tsb = Tsb::with_parameters(&[0.0, 2.0, 6.0, 0.0], 0.5, 0.5).unwrap();
        near(tsb.probability, 13.0 / 32.0);
        near(tsb.size, 4.5);
        near(tsb.mean(), 117.0 / 64.0);
        assert_eq!(tsb.one_step(), [2.0, 1.0, 15.0 / 8.0, 117.0 / 32.0].map(Some));
    }

    #[test]
    fn an_ending_series_ends() {
        // Twelve months of demand and twelve without any: the fastest smoothing of the probability is best.
        let values: Vec<f64> = [5.0; 12].into_iter().chain([0.0; 12]).collect();
        let tsb = Tsb::fit(&values).unwrap();
        near(tsb.beta, 0.5);
        // The probability was below 1 and halved twelve times.
        assert!(tsb.mean() < 5.0 / 4096.0);
    }

    #[test]
    fn what_is_no_demand_is_refused() {
        assert_eq!(Tsb::fit(&[0.0, 0.0]), Err(NotDemand::Nothing));
        assert_eq!(Tsb::fit(&[f64::INFINITY]), Err(NotDemand::Value(0)));
        assert_eq!(Tsb::fit(&[]), Err(NotDemand::Empty));
    }
}
