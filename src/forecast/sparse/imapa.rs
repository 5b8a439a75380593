//! IMAPA, the intermittent multiple aggregation prediction algorithm (Petropoulos and Kourentzes, Journal of the
//! Operational Research Society 66 (2015) 914–924): the series is summed over blocks of 1, 2, 3 … periods, each level
//! is forecast by the method that fits its kind, and the forecasts per period are averaged.

use super::classify::{Nature, Profile};
use super::croston::{Bias, Croston};
use super::demand::{NotDemand, check};
use super::smoothing;

/// A level needs this many blocks to be worth a forecast.
const FEWEST_BLOCKS: usize = 4;

/// A fitted IMAPA model.
#[derive(Debug, Clone, PartialEq)]
pub struct Imapa {
    /// The forecast per period of each level, from blocks of one period on.
    pub levels: Vec<f64>,
}

impl Imapa {
    /// Forecasts with parameters chosen at each level, over blocks of up to as many periods as lie between demands on
    /// average (rounded), as long as there are four blocks.
    ///
    /// # Errors
    /// When the values are no demand, or there is none in them.
    pub fn fit(values: &[f64]) -> Result<Self, NotDemand> {
        let profile = Profile::of(values)?;
        let between = profile.interval.ok_or(NotDemand::Nothing)?.round();
        let enough = (1..=values.len() / FEWEST_BLOCKS).take_while(|level| *level as f64 <= between).count();
        Self::over(values, enough.max(1), None)
    }

    /// Forecasts over blocks of up to `levels` periods with this parameter at every level.
    ///
    /// # Errors
    /// As [`Self::fit`].
    pub fn with_alpha(values: &[f64], levels: usize, alpha: f64) -> Result<Self, NotDemand> {
        Self::over(values, levels.clamp(1, values.len().max(1)), Some(alpha))
    }

    fn over(values: &[f64], levels: usize, alpha: Option<f64>) -> Result<Self, NotDemand> {
        check(values)?;
        if values.iter().all(|v| *v == 0.0) {
            return Err(NotDemand::Nothing);
        }
        let level = |size: usize| Ok(forecast(&blocks(values, size), alpha)? / size as f64);
        Ok(Self { levels: (1..=levels).map(level).collect::<Result<_, _>>()? })
    }

    /// The expected demand of every period to come.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.levels.iter().sum::<f64>() / self.levels.len() as f64
    }
}

/// Sums over blocks of `size` periods; the oldest periods that fill no block are left out.
fn blocks(values: &[f64], size: usize) -> Vec<f64> {
    values[values.len() % size..].chunks(size).map(|block| block.iter().sum()).collect()
}

/// The forecast of one level by the kind of its demand: smoothing where every block has some, Croston's method where
/// they are nearly all alike and regular, the corrected one otherwise.
fn forecast(blocks: &[f64], alpha: Option<f64>) -> Result<f64, NotDemand> {
    let profile = Profile::of(blocks)?;
    let bias = match profile.nature {
        // The demand lies in the oldest periods, which filled no block.
        Nature::Nothing => return Ok(0.0),
        _ if profile.demands == profile.periods => {
            return Ok(alpha.map_or_else(|| smoothing::fit(blocks), |alpha| smoothing::with_alpha(blocks, alpha).0));
        }
        Nature::Smooth => Bias::Left,
        _ => Bias::Corrected,
    };
    let model = match alpha {
        Some(alpha) => Croston::with_alpha(blocks, bias, alpha)?,
        None => Croston::fit(blocks, bias)?,
    };
    Ok(model.mean())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} is not {b}");
    }

    #[test]
    fn two_levels_by_hand() {
        // α = ½. Months 0 2 0 4: size 2, then 3; interval 2; SBA ¾ · 3/2 = 1.125.
        // Blocks of two, 2 4: level 2, then 3; per month 1.5. Mean 1.3125.
        let imapa = Imapa::with_alpha(&[0.0, 2.0, 0.0, 4.0], 2, 0.5).unwrap();
        assert_eq!(imapa.levels, [1.125, 1.5]);
        near(imapa.mean(), 1.3125);
    }

    #[test]
    fn blocks_end_with_the_last_month() {
        assert_eq!(blocks(&[9.0, 1.0, 2.0, 3.0, 4.0], 2), [3.0, 7.0]);
        assert_eq!(blocks(&[9.0, 1.0], 3), [] as [f64; 0]);
    }

    #[test]
    fn blocks_are_as_long_as_the_mean_interval_while_there_are_four() {
        // Demand of 6 in every third month of twelve: an interval of 3; twelve months give four blocks of three, each
        // with 6.
        let values: Vec<f64> = (1..=12).map(|m| if m % 3 == 0 { 6.0 } else { 0.0 }).collect();
        let imapa = Imapa::fit(&values).unwrap();
        assert_eq!(imapa.levels.len(), 3);
        near(imapa.levels[2], 2.0);
        assert!((imapa.mean() - 2.0).abs() < 0.5);
        // Eleven months make only two blocks of four and two levels with four blocks.
        assert_eq!(Imapa::fit(&values[1..]).unwrap().levels.len(), 2);
    }

    #[test]
    fn what_cannot_be_forecast_is_refused_and_what_is_short_is_not() {
        assert_eq!(Imapa::fit(&[0.0; 5]), Err(NotDemand::Nothing));
        assert_eq!(Imapa::fit(&[]), Err(NotDemand::Empty));
        assert_eq!(Imapa::fit(&[-1.0]), Err(NotDemand::Value(0)));
        near(Imapa::fit(&[3.0]).unwrap().mean(), 3.0);
        // The only demand fell out of the blocks of two.
        assert_eq!(Imapa::with_alpha(&[5.0, 0.0, 0.0], 2, 0.1).unwrap().levels[1], 0.0);
    }
}
