//! Croston's method: the size of demand and the interval between demands are smoothed apart (Croston, Operational
//! Research Quarterly 23 (1972) 289–303), with or without the correction of Syntetos and Boylan (International Journal
//! of Forecasting 21 (2005) 303–314). Both are updated only when there is demand: an ending series is noticed late; see
//! [`super::Tsb`].

use super::demand::{NotDemand, best, check, grid, mean_squared_error};

/// Whether the upward bias of a ratio of two averages is corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bias {
    /// Croston's own size ÷ interval.
    Left,
    /// Syntetos and Boylan's approximation (SBA): times 1 − α/2.
    Corrected,
}

/// A fitted Croston model.
#[derive(Debug, Clone, PartialEq)]
pub struct Croston {
    /// Whether the bias is corrected.
    pub bias: Bias,
    /// The smoothing parameter of size and interval.
    pub alpha: f64,
    /// The smoothed size of a demand.
    pub size: f64,
    /// The smoothed number of periods from one demand to the next.
    pub interval: f64,
    one_step: Vec<Option<f64>>,
}

impl Croston {
    /// Smooths with this parameter. Size and interval begin with the first demand and the periods up to it.
    ///
    /// # Errors
    /// When the values are no demand, or there is none in them.
    pub fn with_alpha(values: &[f64], bias: Bias, alpha: f64) -> Result<Self, NotDemand> {
        check(values)?;
        let mut state: Option<(f64, f64)> = None;
        let mut since = 0.0;
        let mut one_step = Vec::with_capacity(values.len());
        for value in values {
            one_step.push(state.map(|(size, interval)| rate(bias, alpha, size, interval)));
            since += 1.0;
            if *value > 0.0 {
                state = Some(match state {
                    None => (*value, since),
                    Some((size, interval)) => (size + alpha * (value - size), interval + alpha * (since - interval)),
                });
                since = 0.0;
            }
        }
        let Some((size, interval)) = state else { return Err(NotDemand::Nothing) };
        Ok(Self { bias, alpha, size, interval, one_step })
    }

    /// Smooths with the parameter of the grid 0.01 … 0.50 whose one-step forecasts had the smallest mean squared error.
    ///
    /// # Errors
    /// As [`Self::with_alpha`].
    pub fn fit(values: &[f64], bias: Bias) -> Result<Self, NotDemand> {
        let error = |alpha| {
            let model = Self::with_alpha(values, bias, alpha).ok()?;
            Some((mean_squared_error(values, &model.one_step), alpha))
        };
        Self::with_alpha(values, bias, best(grid().filter_map(error)).unwrap_or(0.1))
    }

    /// The expected demand of every period to come.
    #[must_use]
    pub fn mean(&self) -> f64 {
        rate(self.bias, self.alpha, self.size, self.interval)
    }

    /// What was expected of each period just before it; `None` up to the first demand.
    #[must_use]
    pub fn one_step(&self) -> &[Option<f64>] {
        &self.one_step
    }
}

fn rate(bias: Bias, alpha: f64, size: f64, interval: f64) -> f64 {
    let correction = match bias {
        Bias::Left => 1.0,
        Bias::Corrected => 1.0 - alpha / 2.0,
    };
    correction * size / interval
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} is not {b}");
    }

    #[test]
    fn six_months_by_hand() {
        // Demand 2 after 2 months, 6 after 3 more, nothing in the last. α = ¼: size 2 + ¼·(6 − 2) = 3;
        // interval 2 + ¼·(3 − 2) = 2.25. The last month changes nothing.
        let values = [0.0, 2.0, 0.0, 0.0, 6.0, 0.0];
        let croston = Croston::with_alpha(&values, Bias::Left, 0.25).unwrap();
        near(croston.size, 3.0);
        near(croston.interval, 2.25);
        near(croston.mean(), 4.0 / 3.0);
        let one = Some(1.0);
        assert_eq!(croston.one_step(), [None, None, one, one, one, Some(3.0 / 2.25)]);
        // SBA: × 7/8.
        near(Croston::with_alpha(&values, Bias::Corrected, 0.25).unwrap().mean(), 7.0 / 6.0);
    }

    #[test]
    fn the_first_demand_may_be_the_last() {
        let once = Croston::fit(&[0.0, 0.0, 0.0, 8.0], Bias::Left).unwrap();
        near(once.mean(), 2.0);
        // All errors are infinite: the slowest smoothing.
        near(once.alpha, 0.01);
    }

    #[test]
    fn the_parameter_with_the_smallest_error_is_taken() {
        // Demand in every month at a new level from the third on: the faster the better. A constant: the slowest.
        near(Croston::fit(&[2.0, 2.0, 8.0, 8.0, 8.0, 8.0], Bias::Left).unwrap().alpha, 0.5);
        near(Croston::fit(&[3.0; 6], Bias::Left).unwrap().alpha, 0.01);
    }

    #[test]
    fn what_is_no_demand_is_refused() {
        assert_eq!(Croston::fit(&[0.0, 0.0], Bias::Left), Err(NotDemand::Nothing));
        assert_eq!(Croston::fit(&[1.0, -2.0], Bias::Left), Err(NotDemand::Value(1)));
        assert_eq!(Croston::fit(&[], Bias::Left), Err(NotDemand::Empty));
    }
}
