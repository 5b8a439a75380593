//! The forecast of a sparse series: the model that was nearer in its latest months, and the distribution of a month.

use super::classify::Profile;
use super::counts::CountDistribution;
use super::demand::{NotDemand, mean_squared_error};
use super::imapa::Imapa;
use super::tsb::Tsb;

/// Which model forecasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SparseModel {
    /// Teunter, Syntetos and Babai.
    Tsb,
    /// Multiple temporal aggregation.
    Imapa,
    /// There was no demand: nothing but the number of months tells anything.
    Nothing,
}

impl SparseModel {
    /// Its name in print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tsb => "TSB",
            Self::Imapa => "IMAPA",
            Self::Nothing => "no demand",
        }
    }
}

/// The forecast of a sparse series: the same for every month to come.
#[derive(Debug, Clone, PartialEq)]
pub struct SparseForecast {
    /// The model.
    pub model: SparseModel,
    /// The expected demand of a month.
    pub mean: f64,
    /// A month of counts, given that mean. How sure the mean is, is not in it: sums over many months scatter more.
    pub distribution: CountDistribution,
    /// Why the series is sparse.
    pub profile: Profile,
    /// Why this model.
    pub why: String,
}

/// Fewer months are not split into those that teach and those that test.
const FEWEST: usize = 12;

/// Forecasts a sparse series of monthly counts. TSB and IMAPA are both fitted to what was known before each of the last
/// third of the months; the one with the smaller mean squared error forecasts. Below twelve months TSB does.
///
/// # Errors
/// When the values are no demand. A series without any demand is forecast.
pub fn forecast(values: &[f64]) -> Result<SparseForecast, NotDemand> {
    let profile = Profile::of(values)?;
    let months = values.len();
    if profile.demands == 0 {
        let distribution = CountDistribution::after_nothing(months);
        let why = format!("no demand in {months} months: half of one in all of them is taken as the rate");
        return Ok(SparseForecast {
            model: SparseModel::Nothing,
            mean: distribution.mean(),
            distribution,
            profile,
            why,
        });
    }
    let (model, why) = choose(values);
    let tsb = Tsb::fit(values)?;
    let (mean, variance, zeros) = match model {
        SparseModel::Imapa => {
            let mean = Imapa::fit(values)?.mean();
            let spread = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / months as f64;
            (mean, spread, 1.0 - profile.demands as f64 / months as f64)
        }
        _ => (tsb.mean(), mean_squared_error(values, tsb.one_step()), 1.0 - tsb.probability),
    };
    let distribution = CountDistribution::by_moments(mean, variance, zeros);
    Ok(SparseForecast { model, mean, distribution, profile, why })
}

fn choose(values: &[f64]) -> (SparseModel, String) {
    let months = values.len();
    if months < FEWEST {
        return (
            SparseModel::Tsb,
            format!("TSB: {months} months are too few to compare models, at least {FEWEST} are needed"),
        );
    }
    let tested = months / 3;
    let (mut tsb, mut imapa, mut n) = (0.0, 0.0, 0usize);
    for at in months - tested..months {
        // Before the first demand neither model knows anything.
        if let (Ok(one), Ok(other)) = (Tsb::fit(&values[..at]), Imapa::fit(&values[..at])) {
            tsb += (values[at] - one.mean()).powi(2);
            imapa += (values[at] - other.mean()).powi(2);
            n += 1;
        }
    }
    if n == 0 {
        return (SparseModel::Tsb, "TSB: no demand before the latest months, nothing to compare models on".to_owned());
    }
    let root = |sum: f64| (sum / n as f64).sqrt();
    let (tsb, imapa) = (root(tsb), root(imapa));
    let (model, best, other, its) = if imapa < tsb {
        (SparseModel::Imapa, imapa, SparseModel::Tsb, tsb)
    } else {
        (SparseModel::Tsb, tsb, SparseModel::Imapa, imapa)
    };
    let why = format!(
        "{}: typical one-month error {best:.2} against {its:.2} of {} over the last {n} months",
        model.as_str(),
        other.as_str()
    );
    (model, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dying_series_is_forecast_by_the_model_that_notices() {
        let values: Vec<f64> = [3.0, 0.0].repeat(9).into_iter().chain([0.0; 12]).collect();
        let made = forecast(&values).unwrap();
        assert_eq!(made.model, SparseModel::Tsb);
        assert!(made.mean < 0.3 && made.why.starts_with("TSB: typical one-month error "), "{made:?}");
        assert!(made.profile.is_sparse() && made.distribution.at_most(0) > 0.8);
    }

    #[test]
    fn the_distribution_has_the_mean_of_the_forecast() {
        // Two every third month for three years.
        let values: Vec<f64> = (0..36).map(|m| if m % 3 == 1 { 2.0 } else { 0.0 }).collect();
        let made = forecast(&values).unwrap();
        assert!((made.distribution.mean() - made.mean).abs() < 1e-9);
        assert!((made.mean - 2.0 / 3.0).abs() < 0.25, "{made:?}");
        // Two thirds of the months have none, so the median is none; a third has two, so the ninetieth percentile has.
        assert_eq!(made.distribution.quantile(0.5), 0);
        assert!(made.distribution.quantile(0.9) >= 2);
    }

    #[test]
    fn short_and_empty_series_say_so() {
        let short = forecast(&[0.0, 1.0, 0.0, 0.0]).unwrap();
        assert_eq!(short.why, "TSB: 4 months are too few to compare models, at least 12 are needed");
        let nothing = forecast(&[0.0; 24]).unwrap();
        assert_eq!((nothing.model, nothing.mean), (SparseModel::Nothing, 0.5 / 24.0));
        let late: Vec<f64> = [0.0; 23].into_iter().chain([4.0]).collect();
        assert_eq!(
            forecast(&late).unwrap().why,
            "TSB: no demand before the latest months, nothing to compare models on"
        );
        assert_eq!(forecast(&[]), Err(NotDemand::Empty));
        assert_eq!(forecast(&[1.0, -1.0]), Err(NotDemand::Value(1)));
    }
}
