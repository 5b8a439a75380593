//! `--series FILE`: any long table, forecast.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use super::output::writable;
use super::{ForecastArgs, Format, bar, years};
use crate::cli;
use crate::cli::check::write_beside;
use crate::finding::{Error, Place, Result};
use crate::outlook::{
    SeriesForecast, SeriesForecasts, StepForecast, forecast_series, read_series, read_years, series_csv, significant,
};
use crate::render;

/// So many names stand for those that are alike.
const NAMES: usize = 3;

/// So many different notes are said on standard error.
const NOTES: usize = 8;

pub(super) fn run(args: &ForecastArgs, path: &Path) -> Result<ExitCode> {
    // Before anything is read: a forecast takes a while.
    args.out.as_deref().map(writable).transpose()?;
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    let read = if name == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(path).map(|read| bytes = read)
    };
    read.map_err(|e| Error::input("the series cannot be read").at(Place::file(&name)).because(e))?;
    if let Some(found) = read_years(&bytes, &name)? {
        return years::of_table(args, &name, found);
    }
    let out = args.out.as_deref().map(|out| Ok((out, ending(out)?))).transpose()?;
    let table = read_series(&bytes, &name)?;
    let bar = bar(u64::try_from(table.series.len()).unwrap_or(0), "forecasting");
    let horizon = usize::try_from(args.horizon).unwrap_or(usize::MAX);
    let forecasts = forecast_series(&table.series, horizon, &name, &|| bar.inc(1))?;
    bar.finish_and_clear();
    let csv = || series_csv(&forecasts.list, render::csv_name);
    if let Some((out, ending)) = out {
        let bytes = match ending {
            Ending::Csv => csv()?,
            Ending::Json => json(&forecasts, &table.notes)?.into_bytes(),
        };
        write_beside(out, &bytes)?;
    }
    match args.format {
        Format::Csv => {
            cli::print_out(&String::from_utf8_lossy(&csv()?))?;
            // The table has no room for words.
            let notes = table.notes.iter().map(String::as_str).chain([forecasts.note.as_str()]);
            notes.for_each(|note| cli::say(&render::terminal_text(note)));
            noted(&forecasts.list).iter().for_each(|line| cli::say(line));
        }
        Format::Json => cli::print_out(&json(&forecasts, &table.notes)?)?,
        Format::Text => cli::print_out(&text(&forecasts, &table.notes, args.level))?,
    }
    if args.format == Format::Csv || matches!(out, Some((_, Ending::Csv))) {
        guarded(&forecasts.list).iter().for_each(|line| cli::say(line));
    }
    Ok(ExitCode::SUCCESS)
}

/// What forecasts of series are written as.
#[derive(Debug, Clone, Copy)]
enum Ending {
    Csv,
    Json,
}

fn ending(out: &Path) -> Result<Ending> {
    match out.extension().map(|e| e.to_string_lossy().to_lowercase()).as_deref() {
        Some("csv") => Ok(Ending::Csv),
        Some("json") => Ok(Ending::Json),
        _ => Err(Error::usage(format!(
            "--out {}: forecasts of series are written as FILE.csv or FILE.json",
            out.display()
        ))),
    }
}

/// For people: each series with its steps, as many decimals as its size asks for.
fn text(forecasts: &SeriesForecasts, notes: &[String], level: u8) -> String {
    let clean = render::terminal_text;
    let mut text = String::new();
    for forecast in &forecasts.list {
        let digits = Digits::of(forecast);
        let _ = writeln!(text, "{} ({})", clean(&forecast.name), clean(&forecast.model));
        for (i, s) in forecast.steps.iter().enumerate() {
            let (low, high) = match level {
                50 => s.i50,
                95 => s.i95,
                _ => s.i80,
            };
            let range = if low.is_nan() {
                "not known".to_owned()
            } else {
                format!("{} to {}", digits.shown(low), digits.shown(high))
            };
            let _ = writeln!(text, "  {:>3}  {:>14}  {level}%: {range}", i + 1, digits.shown(s.mean));
        }
        for note in &forecast.notes {
            let _ = writeln!(text, "  note: {}", clean(note));
        }
    }
    for note in notes.iter().chain([&forecasts.note]) {
        let _ = writeln!(text, "{}", clean(note));
    }
    text
}

/// How the figures of a series are written: with four significant digits at least, and two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Digits {
    Decimals(usize),
    /// Very large or small: `1.235e-9`.
    Power,
}

impl Digits {
    fn of(forecast: &SeriesForecast) -> Self {
        let largest = |values: &mut dyn Iterator<Item = f64>| {
            values.filter(|v| v.is_finite()).fold(0.0, |a: f64, b| a.max(b.abs()))
        };
        let means = largest(&mut forecast.steps.iter().map(|s| s.mean));
        let ends = largest(&mut forecast.steps.iter().flat_map(|s| [s.i95.0, s.i95.1]));
        let size = if means > 0.0 { means } else { ends };
        let power = format!("{size:e}").split_once('e').and_then(|(_, power)| power.parse::<i32>().ok()).unwrap_or(0);
        match usize::try_from((3 - power).max(2)) {
            Ok(decimals) if decimals <= 11 && means.max(ends) < 1e15 => Self::Decimals(decimals),
            _ => Self::Power,
        }
    }

    fn shown(self, value: f64) -> String {
        let value = significant(value);
        match self {
            Self::Decimals(decimals) => format!("{value:.decimals$}"),
            Self::Power => format!("{value:.3e}"),
        }
    }
}

fn json(forecasts: &SeriesForecasts, notes: &[String]) -> Result<String> {
    let step = |(i, s): (usize, &StepForecast)| {
        let pair = |(low, high): (f64, f64)| (significant(low), significant(high));
        let (i50, i80, i95) = (pair(s.i50), pair(s.i80), pair(s.i95));
        serde_json::json!({
            "step": i + 1, "mean": significant(s.mean), "lo50": i50.0, "hi50": i50.1,
            "lo80": i80.0, "hi80": i80.1, "lo95": i95.0, "hi95": i95.1,
        })
    };
    let one = |f: &SeriesForecast| {
        let steps: Vec<_> = f.steps.iter().enumerate().map(step).collect();
        serde_json::json!({ "series": f.name, "model": f.model, "notes": f.notes, "steps": steps })
    };
    cli::json(&serde_json::json!({
        "version": env!("CARGO_PKG_VERSION"), "intervals": forecasts.note, "notes": notes,
        "series": forecasts.list.iter().map(one).collect::<Vec<_>>(),
    }))
}

/// The notes of all series by their words: how many have each, and the first of them.
fn noted(list: &[SeriesForecast]) -> Vec<String> {
    let mut by_note: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for forecast in list {
        for note in &forecast.notes {
            by_note.entry(note).or_default().push(&forecast.name);
        }
    }
    let with = list.iter().filter(|f| !f.notes.is_empty()).count();
    if with == 0 {
        return Vec::new();
    }
    let mut kinds: Vec<(&str, Vec<&str>)> = by_note.into_iter().collect();
    // The most frequent first; of equals in the order of their words.
    kinds.sort_by_key(|(_, names)| std::cmp::Reverse(names.len()));
    let mut lines = vec![format!("{with} of {} series carry notes (--format json has them by series):", list.len())];
    let clean = render::terminal_text;
    lines.extend(kinds.iter().take(NOTES).map(|(note, names)| format!("  {}: {}", named(names), clean(note))));
    if kinds.len() > NOTES {
        lines.push(format!("  and {} other notes", kinds.len() - NOTES));
    }
    lines
}

/// `5 series ("a", "b", "c", …)`.
fn named(names: &[&str]) -> String {
    let short = |name: &&str| {
        let name = render::terminal_text(name);
        let cut: String = name.chars().take(40).collect();
        if cut.len() < name.len() { format!("\"{cut}…\"") } else { format!("\"{cut}\"") }
    };
    let first: Vec<String> = names.iter().take(NAMES).map(short).collect();
    let more = if names.len() > NAMES { ", …" } else { "" };
    format!("{} series ({}{more})", names.len(), first.join(", "))
}

/// Which names the CSV does not hold as they are.
fn guarded(list: &[SeriesForecast]) -> Option<String> {
    let names: Vec<&str> =
        list.iter().map(|f| f.name.as_str()).filter(|name| render::csv_name(name) != *name).collect();
    let whose = if names.len() == 1 { "the name of" } else { "the names of" };
    (!names.is_empty()).then(|| {
        format!(
            "{whose} {} would be run by a spreadsheet: in the CSV an apostrophe stands before; take off one to have it as it was",
            named(&names)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forecast(name: &str, mean: f64, notes: &[&str]) -> SeriesForecast {
        let range = (mean, mean);
        let steps = vec![StepForecast { mean, i50: range, i80: range, i95: range }];
        SeriesForecast {
            name: name.into(),
            model: "m".into(),
            notes: notes.iter().map(|n| (*n).to_owned()).collect(),
            steps,
        }
    }

    #[test]
    fn figures_have_four_digits_whatever_their_size() {
        let shown = |mean: f64| Digits::of(&forecast("a", mean, &[])).shown(mean);
        let said = [0.0, 0.001_234_56, 7.0, 123.456, 123_456.0, 1.234_56e-12, -2e200].map(shown);
        assert_eq!(said, ["0.000", "0.001235", "7.000", "123.46", "123456.00", "1.235e-12", "-2.000e200"]);
    }

    #[test]
    fn notes_are_told_by_their_words_and_are_few() {
        let list =
            [forecast("a", 1.0, &["short"]), forecast("b\u{1b}", 1.0, &["short", "odd"]), forecast("c", 1.0, &[])];
        assert_eq!(
            noted(&list),
            [
                "2 of 3 series carry notes (--format json has them by series):",
                "  2 series (\"a\", \"b \"): short",
                "  1 series (\"b \"): odd"
            ]
        );
        assert!(noted(&list[2..]).is_empty());
        let texts: Vec<String> = (10..30).map(|i| format!("note {i}")).collect();
        let many: Vec<SeriesForecast> = texts.iter().map(|t| forecast("x", 1.0, &[t.as_str()])).collect();
        assert_eq!((noted(&many).len(), noted(&many).last().unwrap().as_str()), (10, "  and 12 other notes"));
    }
}
