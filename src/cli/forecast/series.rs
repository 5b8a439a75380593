//! `--series FILE`: any long table, forecast.

use std::fmt::Write;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use super::{ForecastArgs, Format, bar, level, years};
use crate::cli;
use crate::cli::check::write_beside;
use crate::finding::{Error, Place, Result};
use crate::outlook::{forecast_series, of_years, read_series, read_years, series_csv};
use crate::render;
use crate::report::DataKind;

pub(super) fn run(args: &ForecastArgs, path: &Path) -> Result<ExitCode> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    let read = if name == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(path).map(|read| bytes = read)
    };
    read.map_err(|e| Error::input("the series cannot be read").at(Place::file(&name)).because(e))?;
    if let Some(found) = read_years(&bytes, &name)? {
        return years::page(args, &name, DataKind::Own, of_years(found, args.horizon.min(5), level(args)), None);
    }
    let series = read_series(&bytes, &name)?;
    let bar = bar(u64::try_from(series.len()).unwrap_or(0), "forecasting");
    let horizon = usize::try_from(args.horizon).unwrap_or(usize::MAX);
    let forecasts = forecast_series(&series, horizon, &name, &|| bar.inc(1))?;
    bar.finish_and_clear();
    let csv = || series_csv(&forecasts.list, render::csv_text);
    let json = || {
        let one = |f: &crate::outlook::SeriesForecast| {
            let step = |(i, s): (usize, &crate::outlook::StepForecast)| {
                serde_json::json!({
                    "step": i + 1, "mean": s.mean, "lo50": s.i50.0, "hi50": s.i50.1,
                    "lo80": s.i80.0, "hi80": s.i80.1, "lo95": s.i95.0, "hi95": s.i95.1,
                })
            };
            let steps: Vec<_> = f.steps.iter().enumerate().map(step).collect();
            serde_json::json!({ "series": f.name, "model": f.model, "notes": f.notes, "steps": steps })
        };
        cli::json(&serde_json::json!({
            "version": env!("CARGO_PKG_VERSION"), "intervals": forecasts.note, "series": forecasts.list.iter().map(one).collect::<Vec<_>>(),
        }))
    };
    if let Some(out) = &args.out {
        let bytes = match out.extension().and_then(|e| e.to_str()) {
            Some("csv") => csv()?,
            Some("json") => json()?.into_bytes(),
            _ => return Err(Error::usage("--out: forecasts of series are written as FILE.csv or FILE.json")),
        };
        write_beside(out, &bytes)?;
    }
    match args.format {
        Format::Csv => {
            cli::print_out(&String::from_utf8_lossy(&csv()?))?;
            cli::say(&forecasts.note);
        }
        Format::Json => cli::print_out(&json()?)?,
        Format::Text => {
            let mut text = String::new();
            for forecast in &forecasts.list {
                let _ = writeln!(text, "{} ({})", forecast.name, forecast.model);
                for (i, s) in forecast.steps.iter().enumerate() {
                    let (low, high) = match args.level {
                        50 => s.i50,
                        95 => s.i95,
                        _ => s.i80,
                    };
                    let range = if low.is_nan() { "not known".into() } else { format!("{low:.2} to {high:.2}") };
                    let _ = writeln!(text, "  {:>3}  {:>14.2}  {}%: {range}", i + 1, s.mean, args.level);
                }
                for note in &forecast.notes {
                    let _ = writeln!(text, "  note: {note}");
                }
            }
            let _ = writeln!(text, "{}", forecasts.note);
            cli::print_out(&text)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
