//! The series of a table, forecast: quantiles by step, as CSV.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::excerpt;
use super::series_file::LongSeries;
use crate::finding::{Error, Place, Result};
use crate::forecast::{Combination, Intervals, Model, Plan, Series, Weights, blend, sparse};

/// What comes after a series, step by step. Steps are counted from 1.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesForecast {
    /// The name of the series.
    pub name: String,
    /// What was fitted.
    pub model: String,
    /// What the reader must know of the fit.
    pub notes: Vec<String>,
    /// The steps.
    pub steps: Vec<StepForecast>,
}

/// One step: the expected value and central intervals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepForecast {
    /// The expected value.
    pub mean: f64,
    /// Half of what may come lies within.
    pub i50: (f64, f64),
    /// Four fifths.
    pub i80: (f64, f64),
    /// Nineteen twentieths.
    pub i95: (f64, f64),
}

/// Forecasts of all series, and where their intervals come from.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesForecasts {
    /// By series, in the order of the file.
    pub list: Vec<SeriesForecast>,
    /// How the intervals came about.
    pub note: String,
}

/// So many past forecasts are made to weigh members and calibrate intervals on, about: more origins of few series, fewer of many.
const PAST_FORECASTS: usize = 600;

/// Steps ahead that past forecasts are tested on, however many are asked for: the first months of a forecast do not depend on how many
/// follow. Beyond, intervals go on growing.
const TESTED: usize = 12;

/// Origins per series: those of fewer all fall in one season or one mood of the times; more cost time and reach far back.
const ORIGINS: (usize, usize) = (4, 12);

/// Forecasts every series on its own, in parallel; `progress` is told of each that is done. The series of a frequency are
/// forecast from their own past together first: from 4 to 12 origins half a year apart. Those errors decide the weights of the
/// combination's members, for each series its own, and how far intervals reach. With fewer than 12 series the usual weights are taken, and with too few
/// errors the model's own intervals, widened; both is said. A series that never falls below zero is not forecast below zero.
///
/// # Errors
/// When a series cannot be forecast at all (too large to be squared).
pub fn forecast_series(
    series: &[LongSeries],
    horizon: usize,
    place: &str,
    progress: &(dyn Fn() + Sync),
) -> Result<SeriesForecasts> {
    let mut pasts: BTreeMap<usize, Past> = BTreeMap::new();
    for frequency in series.iter().map(|s| s.frequency) {
        pasts.entry(frequency).or_insert_with(|| Past::new(series, frequency));
    }
    let one = |(at, series): (usize, &LongSeries)| {
        let cannot = |why: String| {
            Error::input(format!("series \"{}\" cannot be forecast: {why}", excerpt(&series.name)))
                .at(Place::line(place, series.line))
                .help("correct its values, or leave the series out")
        };
        let past = pasts.get(&series.frequency).ok_or_else(|| cannot("its frequency is unknown".to_owned()))?;
        let (model, intervals) = (past.model(at), &past.intervals);
        let fitted = model.fit(&series.values, series.frequency).map_err(|why| cannot(why.to_string()))?;
        let least = if series.values.iter().all(|y| *y >= 0.0) { 0.0 } else { f64::NEG_INFINITY };
        let ranges = intervals.of(&fitted, &series.values, series.frequency, horizon);
        // What is not known stays unknown: the larger of it and zero would be zero.
        let floor = |bound: f64| if bound.is_nan() { bound } else { bound.max(least) };
        let floored = |(low, high): (f64, f64)| (floor(low), floor(high));
        let steps = fitted.mean(horizon).into_iter().enumerate().map(|(i, mean)| StepForecast {
            mean: mean.max(least),
            i50: floored(ranges[0][i]),
            i80: floored(ranges[1][i]),
            i95: floored(ranges[2][i]),
        });
        let lone = Series::new(&series.values, series.frequency).ok().and_then(|known| known.lone());
        let lone = lone.map(|at| {
            format!(
                "value {} ({}) is ten times as large as any other, or more: check it",
                at + 1,
                significant(series.values[at])
            )
        });
        progress();
        Ok(SeriesForecast {
            name: series.name.clone(),
            model: fitted.name().to_owned(),
            notes: fitted.notes().iter().cloned().chain(lone).chain(sparse(&series.values)).collect(),
            steps: steps.collect(),
        })
    };
    // The first that fails, in the order of the file, whichever thread came to it first.
    let list: Vec<Result<SeriesForecast>> = series.par_iter().enumerate().map(one).collect();
    let list = list.into_iter().collect::<Result<Vec<_>>>()?;
    let notes: Vec<String> =
        pasts.iter().map(|(frequency, past)| format!("frequency {frequency}: {}", past.note)).collect();
    Ok(SeriesForecasts { list, note: notes.join("; ") })
}

/// What the count models say of a sparse series, beside the forecast: which of them its own past prefers, its mean, and the counts
/// within which 95 of 100 steps lie. Of a series that is regular, or no count, nothing.
fn sparse(values: &[f64]) -> Option<String> {
    if values.iter().any(|y| y.fract() != 0.0) {
        return None;
    }
    let found = sparse::forecast(values).ok().filter(|found| found.profile.is_sparse() && found.profile.demands > 0)?;
    let (low, high) = found.distribution.interval(LEVEL);
    Some(format!(
        "sparse ({} of {} steps have anything): a model of counts expects {:.2} in each step, and {low} to {high} in 95 of 100 ({})",
        found.profile.demands,
        values.len(),
        found.mean,
        found.why
    ))
}

/// The widest range, of counts.
const LEVEL: f64 = 0.95;

/// What the past of the series of a frequency teaches.
struct Past {
    /// Weights of the members by the series' position in the file.
    weights: BTreeMap<usize, Weights>,
    intervals: Intervals,
    /// Both, to be said.
    note: String,
}

impl Past {
    fn new(series: &[LongSeries], frequency: usize) -> Self {
        let of_it = || series.iter().enumerate().filter(|(_, s)| s.frequency == frequency);
        let panel: Vec<Vec<f64>> = of_it().map(|(_, s)| s.values.clone()).collect();
        let origins = (PAST_FORECASTS / panel.len().max(1)).clamp(ORIGINS.0, ORIGINS.1);
        let every = (frequency / 2).max(1);
        let plan =
            Plan { period: frequency, horizon: TESTED, origins, every, shortest: (2 * frequency).max(9), own: false };
        let blend = blend(&panel, plan);
        let members = blend.note();
        let weights = of_it().map(|(at, _)| at).zip(blend.own).collect();
        let own = blend.backtest.models.into_iter().nth(1).map(|tested| tested.intervals);
        let intervals = own.unwrap_or_else(|| Intervals::OfModel("no series".to_owned()));
        let note = format!("{members}; {}", intervals.note());
        Self { weights, intervals, note }
    }

    /// The model of a series of the file.
    fn model(&self, at: usize) -> Combination {
        self.weights.get(&at).map_or_else(Combination::usual, Combination::usual_by)
    }
}

/// The value with 12 significant digits: the further ones are those of the arithmetic, not of a forecast.
#[must_use]
pub fn significant(value: f64) -> f64 {
    // Nothing is expected to be −0.
    if value == 0.0 { 0.0 } else { format!("{value:.11e}").parse().unwrap_or(value) }
}

/// A number for a cell, with its power of ten where it is very large or small; blank when it is not known.
fn written(value: f64) -> String {
    let value = significant(value);
    let size = value.abs();
    if value.is_nan() {
        String::new()
    } else if size == 0.0 || (1e-6..1e16).contains(&size) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}

/// The forecasts as CSV: `series,step,mean,lo50,hi50,lo80,hi80,lo95,hi95`, with 12 significant digits; a range that is not known is
/// blank. `text` makes names safe for spreadsheets.
///
/// # Errors
/// When the CSV writer fails.
pub fn series_csv(forecasts: &[SeriesForecast], text: impl Fn(&str) -> String) -> Result<Vec<u8>> {
    let failed = |e: csv::Error| Error::output("the forecasts could not be written as CSV").because(e);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["series", "step", "mean", "lo50", "hi50", "lo80", "hi80", "lo95", "hi95"]).map_err(failed)?;
    for forecast in forecasts {
        for (i, step) in forecast.steps.iter().enumerate() {
            let numbers = [step.mean, step.i50.0, step.i50.1, step.i80.0, step.i80.1, step.i95.0, step.i95.1];
            let mut row = vec![text(&forecast.name), (i + 1).to_string()];
            row.extend(numbers.map(written));
            writer.write_record(&row).map_err(failed)?;
        }
    }
    writer.into_inner().map_err(|e| Error::output("the forecasts could not be written as CSV").because(e.into_error()))
}

#[cfg(test)]
mod tests {
    use super::super::series_file::read_series;
    use super::*;

    fn read(text: &str) -> Result<Vec<LongSeries>> {
        Ok(read_series(text.as_bytes(), "s.csv")?.series)
    }

    #[test]
    fn a_range_that_is_not_known_is_blank() {
        let series = read("series,t,y\na,1,5\n").unwrap();
        let forecasts = forecast_series(&series, 1, "s.csv", &|| ()).unwrap();
        let csv = series_csv(&forecasts.list, str::to_owned).unwrap();
        assert_eq!(String::from_utf8(csv).unwrap().lines().nth(1), Some("a,1,5,,,,,,"));
    }

    #[test]
    fn numbers_have_twelve_digits_whatever_their_size() {
        let said = [7.000_000_000_000_001, -0.0, 0.1 + 0.2, 1.0 / 3e7, 2e200, f64::NAN, 123_456_789.125].map(written);
        assert_eq!(said, ["7", "0", "0.3", "3.33333333333e-8", "2e200", "", "123456789.125"]);
    }

    #[test]
    fn intervals_lie_within_each_other_and_do_not_go_below_zero() {
        let values: Vec<f64> = (0..48).map(|t| 3.0 + f64::from(t % 12) + f64::from((t * 7) % 5)).collect();
        let series = LongSeries { name: "a".into(), values, frequency: 12, line: 2 };
        let forecast = forecast_series(std::slice::from_ref(&series), 12, "s.csv", &|| ()).unwrap();
        assert_eq!(forecast, forecast_series(&[series], 12, "s.csv", &|| ()).unwrap());
        assert_sound(&forecast, &[48]);
    }

    /// Counts that hang together without any chance: a level, a season and a scatter by division.
    fn counts(k: usize, months: usize, level: f64) -> LongSeries {
        let value = |t: usize| level + (t % 12) as f64 + ((t * 7 + k * 5) % 11) as f64;
        let values = (0..months).map(value).collect();
        LongSeries { name: format!("s{k}"), values, frequency: 12, line: 2 }
    }

    /// Every range is known and lies within the next; only of a single value no error is known.
    fn assert_sound(forecasts: &SeriesForecasts, lengths: &[usize]) {
        assert_eq!(forecasts.list.len(), lengths.len());
        for (forecast, length) in forecasts.list.iter().zip(lengths) {
            for step in &forecast.steps {
                // The mean of a count that is nearly always zero may lie above the middle half.
                let ends = [step.i95.0, step.i80.0, step.i50.0, step.i50.1, step.i80.1, step.i95.1];
                assert!(step.mean.is_finite() && step.mean >= 0.0, "{step:?}");
                if *length == 1 {
                    assert!(ends.iter().all(|v| v.is_nan()), "{}: {step:?}", forecast.name);
                    continue;
                }
                assert!(ends.iter().all(|v| v.is_finite() && *v >= 0.0), "{}: {step:?}", forecast.name);
                assert!(ends.is_sorted(), "{}: {step:?}", forecast.name);
            }
        }
    }

    #[test]
    fn a_panel_is_weighed_and_calibrated_on_its_own_past_and_says_so() {
        let panel: Vec<LongSeries> = (0..14).map(|k| counts(k, 84, 50.0)).collect();
        let forecasts = forecast_series(&panel, 12, "s.csv", &|| ()).unwrap();
        assert_sound(&forecasts, &panel.iter().map(|s| s.values.len()).collect::<Vec<_>>());
        // 84 − 12 = 72 months at the last origin, then 66, 60 … 24: nine origins of fourteen series.
        assert!(forecasts.note.contains("by the past errors of these series"), "{}", forecasts.note);
        assert!(forecasts.note.contains("calibrated on 126 past errors of 14 series"), "{}", forecasts.note);
    }

    #[test]
    fn short_constant_and_empty_series_are_forecast_beside_others() {
        let constant =
            |name: &str, value| LongSeries { name: name.to_owned(), values: vec![value; 60], frequency: 12, line: 2 };
        let mut panel: Vec<LongSeries> = [36, 48, 60, 13, 5, 1].iter().map(|n| counts(*n, *n, 0.0)).collect();
        panel.push(constant("zeros", 0.0));
        panel.push(constant("sevens", 7.0));
        let mut rare = constant("rare", 0.0);
        rare.values[20] = 3.0;
        rare.values[50] = 1.0;
        panel.push(rare);
        let forecasts = forecast_series(&panel, 12, "s.csv", &|| ()).unwrap();
        assert_sound(&forecasts, &panel.iter().map(|s| s.values.len()).collect::<Vec<_>>());
        assert!(forecasts.note.contains("the usual weights"), "{}", forecasts.note);
        assert!(forecasts.note.contains("the model's own intervals"), "{}", forecasts.note);
        // What never changed is not expected to.
        for (name, value) in [("zeros", 0.0), ("sevens", 7.0)] {
            let found = forecasts.list.iter().find(|f| f.name == name).unwrap();
            assert!(found.steps.iter().all(|s| (s.mean - value).abs() < 1e-6 && (s.i95.1 - value).abs() < 1e-3));
        }
    }

    #[test]
    fn the_first_steps_do_not_depend_on_how_many_are_asked_for() {
        // Thirteen series of six years, each with its own season, trend and scatter.
        let value = |k: u32, t: u32| {
            let scatter = f64::from((t * 7 + k * 13) % 11) - 5.0;
            f64::from(100 + k) + f64::from(t) * 0.1 * f64::from(k % 3) + 10.0 * f64::from(t % 12 / 6) + scatter
        };
        let series: Vec<LongSeries> = (0..13)
            .map(|k| LongSeries {
                name: k.to_string(),
                values: (0..72).map(|t| value(k, t)).collect(),
                frequency: 12,
                line: 1,
            })
            .collect();
        let of = |horizon: usize| forecast_series(&series, horizon, "s.csv", &|| ()).unwrap();
        let (one, year, long) = (of(1), of(12), of(30));
        assert!(one.note.contains("by the past errors of these series"), "{}", one.note);
        for ((a, b), c) in one.list.iter().zip(&year.list).zip(&long.list) {
            assert_eq!((a.steps[0], &b.steps[..]), (b.steps[0], &c.steps[..12]));
            assert_eq!((a.steps.len(), c.steps.len()), (1, 30));
        }
    }

    #[test]
    fn a_sparse_series_of_counts_is_named_with_what_counts_say() {
        // Two every third step for three years: twelve steps of 36 have anything.
        let rare: Vec<f64> = (0..36).map(|t| if t % 3 == 1 { 2.0 } else { 0.0 }).collect();
        let said = sparse(&rare).unwrap();
        assert!(said.starts_with("sparse (12 of 36 steps have anything): a model of counts expects 0."), "{said}");
        assert!(said.contains("and 0 to ") && said.contains("typical one-month error"), "{said}");
        let halves: Vec<f64> = rare.iter().map(|y| y / 4.0).collect();
        assert_eq!((sparse(&[5.0, 4.0, 6.0].repeat(12)), sparse(&halves), sparse(&[0.0; 24])), (None, None, None));
    }

    #[test]
    fn a_slip_of_the_pen_is_named_and_ranges_stay_finite() {
        // Three kinds of months for eight years, and one value of a million times as much.
        let mut one = LongSeries { name: "a".into(), values: Vec::new(), frequency: 12, line: 2 };
        one.values = (0..96).map(|t| f64::from(10 + t % 3)).collect();
        one.values[40] *= 1e6;
        let forecasts = forecast_series(&[one], 12, "s.csv", &|| ()).unwrap();
        let found = &forecasts.list[0];
        assert!(found.notes.iter().any(|n| n.starts_with("value 41 (11000000) is ten times")), "{:?}", found.notes);
        // No drawn value is more than ten times the largest seen; widened by 35 % about the mean at most.
        assert!(found.steps.iter().all(|s| s.i95.1 < 1.5e8), "{:?}", found.steps.last());
    }
}
