//! Any monthly (or quarterly, or yearly) table of series, forecast: `series,t,y` in, quantiles by step out.
//!
//! The table is long: a row per series and time. `t` is a whole number, a month (`2024-03`) or a day (`2024-03-09`, which
//! stands for its month); times of a series follow each other without gap. Optional columns: `frequency` (steps after which a
//! season comes round; 12 when absent) and `start` (not used: an order is enough). Rows may stand in any order.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::domain::parse_iso_date;
use crate::finding::{Error, Place, Result};
use crate::forecast::{Combination, Intervals, MAX_PERIOD, Model, Month, Plan, Weights, blend};

/// One series of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct LongSeries {
    /// Its name, as written.
    pub name: String,
    /// Its values in the order of time.
    pub values: Vec<f64>,
    /// Steps after which a season comes round.
    pub frequency: usize,
    /// The first line of the file that names it.
    pub line: u32,
}

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

/// A time as a number that rises by one from step to step.
fn time(text: &str) -> Option<(i64, bool)> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i32>() {
        return Some((i64::from(number), false));
    }
    let day = if text.len() == 7 { parse_iso_date(&format!("{text}-01")) } else { parse_iso_date(text) };
    day.ok().map(|day| (i64::from(Month::of(day).since(Month::of(crate::domain::Date::MIN))), true))
}

/// The columns of the file.
struct Columns {
    series: usize,
    t: usize,
    y: usize,
    frequency: Option<usize>,
}

impl Columns {
    fn of(header: &csv::StringRecord, place: &str) -> Result<Self> {
        let find = |name: &str| header.iter().position(|h| h.trim().trim_start_matches('\u{feff}') == name);
        let need = |name: &str| {
            find(name).ok_or_else(|| {
                Error::input(format!("the file has no column \"{name}\""))
                    .at(Place::line(place, 1))
                    .help("a long table has the columns series, t and y, and may have start and frequency")
            })
        };
        Ok(Self { series: need("series")?, t: need("t")?, y: need("y")?, frequency: find("frequency") })
    }
}

struct Rows {
    line: u32,
    frequency: usize,
    dated: bool,
    values: BTreeMap<i64, (f64, u32)>,
}

/// Comma, semicolon or tab, whichever the first line has most of.
fn separator(bytes: &[u8]) -> u8 {
    let first = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let count = |separator: u8| first.iter().filter(|b| **b == separator).count();
    // The last of equals: a comma.
    [b';', b'\t', b','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

/// Reads a long table, separated by commas, semicolons or tabs; `place` is its name in errors.
///
/// # Errors
/// The first cell that makes no sense, by line and column: a column is missing, `t` or `y` cannot be read, a time stands twice
/// or is missing, two frequencies of one series, no row at all.
pub fn read_series(bytes: &[u8], place: &str) -> Result<Vec<LongSeries>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).delimiter(separator(bytes)).from_reader(bytes);
    let broken = |e: csv::Error| Error::input("the file is no CSV").at(Place::file(place)).because(e);
    let columns = Columns::of(&reader.headers().map_err(broken)?.clone(), place)?;
    let mut order: Vec<String> = Vec::new();
    let mut all: BTreeMap<String, Rows> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let line = record.position().map_or(0, |p| u32::try_from(p.line()).unwrap_or(u32::MAX));
        let wrong = |column: &str, found: &str, expected: &str| {
            Error::input(format!("found \"{}\", expected {expected}", crate::outlook::excerpt(found)))
                .at(Place::line(place, line).column(column))
        };
        let cell = |at: usize| record.get(at).unwrap_or_default().trim();
        let name = cell(columns.series);
        if name.is_empty() {
            return Err(wrong("series", "", "the name of a series"));
        }
        let (t, dated) = time(cell(columns.t))
            .ok_or_else(|| wrong("t", cell(columns.t), "a whole number, a month (2024-03) or a day (2024-03-09)"))?;
        let y = cell(columns.y).parse::<f64>().ok().filter(|y| y.is_finite());
        let y =
            y.ok_or_else(|| wrong("y", cell(columns.y), "a number; a value that is not known cannot be left blank"))?;
        let told = columns.frequency.map(cell).filter(|c| !c.is_empty());
        let frequency = match told {
            None => 12,
            Some(text) => text.parse::<usize>().ok().filter(|f| (1..=MAX_PERIOD).contains(f)).ok_or_else(|| {
                wrong("frequency", text, "steps per season: 12 for months, 4 for quarters, 1 for none, 24 at most")
            })?,
        };
        if !all.contains_key(name) {
            order.push(name.to_owned());
        }
        let rows =
            all.entry(name.to_owned()).or_insert_with(|| Rows { line, frequency, dated, values: BTreeMap::new() });
        if rows.frequency != frequency {
            return Err(wrong(
                "frequency",
                &frequency.to_string(),
                &format!("{}, as above for this series", rows.frequency),
            ));
        }
        if rows.dated != dated {
            return Err(wrong("t", cell(columns.t), "times of one series written in one way"));
        }
        if let Some((_, first)) = rows.values.insert(t, (y, line)) {
            let once = format!("each time once; it stands on line {first}, too");
            let once = if dated { format!("{once} (times are months: sum days and weeks to months)") } else { once };
            return Err(wrong("t", cell(columns.t), &once));
        }
    }
    if order.is_empty() {
        return Err(Error::input("the file has no row").at(Place::file(place)));
    }
    let series = |name: String| {
        let rows = all.remove(&name)?;
        Some((name, rows))
    };
    order
        .into_iter()
        .filter_map(series)
        .map(|(name, rows)| {
            let times: Vec<(i64, u32)> = rows.values.iter().map(|(t, (_, line))| (*t, *line)).collect();
            if let Some(gap) = times.windows(2).find(|w| w[1].0 - w[0].0 != 1) {
                let missing = gap[1].0 - gap[0].0 - 1;
                return Err(Error::input(format!(
                    "{missing} times are missing before this row in series \"{}\"",
                    crate::outlook::excerpt(&name)
                ))
                .at(Place::line(place, gap[1].1).column("t"))
                .help(match (rows.dated, missing) {
                    (true, 2) => "quarters? Number them 1, 2, 3 … in t and give a column frequency with 4",
                    _ => "write a row with 0 where nothing happened; what is not known cannot be left out",
                }));
            }
            let values = rows.values.into_values().map(|(y, _)| y).collect();
            Ok(LongSeries { name, values, frequency: rows.frequency, line: rows.line })
        })
        .collect()
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
            Error::input(format!("series \"{}\" cannot be forecast: {why}", crate::outlook::excerpt(&series.name)))
                .at(Place::line(place, series.line))
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
        progress();
        Ok(SeriesForecast {
            name: series.name.clone(),
            model: fitted.name().to_owned(),
            notes: fitted.notes().to_vec(),
            steps: steps.collect(),
        })
    };
    let list = series.par_iter().enumerate().map(one).collect::<Result<Vec<_>>>()?;
    let notes: Vec<String> =
        pasts.iter().map(|(frequency, past)| format!("frequency {frequency}: {}", past.note)).collect();
    Ok(SeriesForecasts { list, note: notes.join("; ") })
}

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

/// The forecasts as CSV: `series,step,mean,lo50,hi50,lo80,hi80,lo95,hi95`; a range that is not known is blank. Names that a spreadsheet would run are not.
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
            row.extend(numbers.map(|n| if n.is_nan() { String::new() } else { n.to_string() }));
            writer.write_record(&row).map_err(failed)?;
        }
    }
    writer.into_inner().map_err(|e| Error::output("the forecasts could not be written as CSV").because(e.into_error()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<LongSeries>> {
        read_series(text.as_bytes(), "s.csv")
    }

    #[test]
    fn rows_in_any_order_become_series_in_the_order_of_their_names_first_line() {
        let found = read("series,t,y\nb,2,4\na,2024-02,1.5\nb,1,3\na,2024-01-31,-1\n").unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].name.as_str(), found[0].values.as_slice(), found[0].line),
            ("b", [3.0, 4.0].as_slice(), 2)
        );
        assert_eq!((found[1].name.as_str(), found[1].values.as_slice()), ("a", [-1.0, 1.5].as_slice()));
        assert_eq!(found[0].frequency, 12);
        let quarters = read("y,frequency,series,start,t\n1,4,q,2020-01,1\n").unwrap();
        assert_eq!(quarters[0].frequency, 4);
    }

    #[test]
    fn semicolons_and_tabs_separate_as_well() {
        for text in ["series;t;y\na;1;4\na;2;5.5\n", "series\tt\ty\na\t1\t4\na\t2\t5.5\n"] {
            assert_eq!(read(text).unwrap()[0].values, [4.0, 5.5]);
        }
    }

    #[test]
    fn quarters_given_as_months_and_days_are_told_what_to_do() {
        let said = |text: &str| read(text).unwrap_err().to_string();
        assert!(said("series,t,y\na,2024-01,1\na,2024-04,1\n").contains("2 times are missing"));
        assert!(said("series,t,y\na,2024-01-01,1\na,2024-01-02,1\n").contains("sum days and weeks to months"));
    }

    #[test]
    fn a_range_that_is_not_known_is_blank() {
        let series = read("series,t,y\na,1,5\n").unwrap();
        let forecasts = forecast_series(&series, 1, "s.csv", &|| ()).unwrap();
        let csv = series_csv(&forecasts.list, str::to_owned).unwrap();
        assert_eq!(String::from_utf8(csv).unwrap().lines().nth(1), Some("a,1,5,,,,,,"));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_column() {
        for (text, line, column) in [
            ("series,t\na,1\n", 1, None),
            ("series,t,y\na,1,1\na,2,x\n", 3, Some("y")),
            ("series,t,y\na,1,\n", 2, Some("y")),
            ("series,t,y\na,1,inf\n", 2, Some("y")),
            ("series,t,y\na,1.5,1\n", 2, Some("t")),
            ("series,t,y\na,1,1\na,1,2\n", 3, Some("t")),
            ("series,t,y\na,1,1\na,3,2\n", 3, Some("t")),
            ("series,t,y\na,1,1\na,2024-01,2\n", 3, Some("t")),
            ("series,t,y\n,1,1\n", 2, Some("series")),
            ("series,t,y,frequency\na,1,1,0\n", 2, Some("frequency")),
            ("series,t,y,frequency\na,1,1,12\na,2,1,4\n", 3, Some("frequency")),
        ] {
            let error = read(text).unwrap_err().to_string();
            let place = match column {
                Some(column) => format!("s.csv:{line}, column \"{column}\""),
                None => format!("s.csv:{line}"),
            };
            assert!(error.contains(&place), "{text}: {error}");
        }
        assert!(read("series,t,y\n").is_err());
        assert!(read_series(&[0xff, 0xfe, 0x00, b'\n', b'"'], "s.csv").is_err());
    }

    #[test]
    fn intervals_lie_within_each_other_and_do_not_go_below_zero() {
        let values: Vec<f64> = (0..48).map(|t| 3.0 + f64::from(t % 12) + f64::from((t * 7) % 5)).collect();
        let series = LongSeries { name: "a".into(), values, frequency: 12, line: 2 };
        let forecast = forecast_series(std::slice::from_ref(&series), 12, "s.csv", &|| ()).unwrap();
        assert_eq!(forecast, forecast_series(&[series], 12, "s.csv", &|| ()).unwrap());
        for step in &forecast.list[0].steps {
            let ends = [step.i95.0, step.i80.0, step.i50.0, step.i50.1, step.i80.1, step.i95.1];
            if ends.iter().all(|v| v.is_nan()) {
                // One value alone: its error is not known.
                continue;
            }
            assert!(ends.is_sorted() && ends[0] >= 0.0, "{ends:?}");
        }
    }

    /// Counts that hang together without any chance: a level, a season and a scatter by division.
    fn counts(k: usize, months: usize, level: f64) -> LongSeries {
        let value = |t: usize| level + (t % 12) as f64 + ((t * 7 + k * 5) % 11) as f64;
        let values = (0..months).map(value).collect();
        LongSeries { name: format!("s{k}"), values, frequency: 12, line: 2 }
    }

    fn assert_sound(forecasts: &SeriesForecasts) {
        for step in forecasts.list.iter().flat_map(|f| &f.steps) {
            // The mean of a count that is nearly always zero may lie above the middle half.
            let ends = [step.i95.0, step.i80.0, step.i50.0, step.i50.1, step.i80.1, step.i95.1];
            if ends.iter().all(|v| v.is_nan()) {
                // One value alone: its error is not known.
                continue;
            }
            assert!(ends.iter().chain([&step.mean]).all(|v| v.is_finite() && *v >= 0.0), "{step:?}");
            assert!(ends.windows(2).all(|w| w[0] <= w[1]), "{step:?}");
        }
    }

    #[test]
    fn a_panel_is_weighed_and_calibrated_on_its_own_past_and_says_so() {
        let panel: Vec<LongSeries> = (0..14).map(|k| counts(k, 84, 50.0)).collect();
        let forecasts = forecast_series(&panel, 12, "s.csv", &|| ()).unwrap();
        assert_sound(&forecasts);
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
        assert_sound(&forecasts);
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
}
