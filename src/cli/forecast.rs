//! `allowable forecast`: what will come in, with ranges; or any table of series, forecast.

use std::fmt::Write;
use std::io::{IsTerminal, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::inputs::{Loaded, ProjectArgs};
use crate::domain::{Date, parse_iso_date};
use crate::finding::{Error, Findings, Place, Result};
use crate::ingest::Intake;
use crate::outlook::{
    Adjust, Backtest, Book, Bridges, Coherence, Dim, Levels, Measure, MoneyTest, Outlook, PastPlan, Plan, Rates,
    RestsOn, Yearly, Years, backtest_volumes, cash, cut, forecast_series, last_usual_day, lone_dates, of_years,
    outlook, read_series, read_years, rests_on, series_csv, test_money, yearly,
};
use crate::render;
use crate::report::{DataKind, ForecastPage, Report, yearly_report};

use super::check::write_beside;
use super::report::width;

/// What is printed on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// Every group, month and measure on a row of its own, for spreadsheets
    Csv,
    /// Everything, for programs
    Json,
}

/// Shown below the options.
const EXAMPLES: &str = "\
Examples:
  allowable forecast                                    the next 12 months, by payer
  allowable forecast --by payer,pos --level 95 --out forecast/
                                                        page, charts, workbook, CSV and JSON
  allowable forecast --no-backtest --paths 200          a quick look
  allowable forecast --as-of 2025-06-30 --save june.json
  allowable forecast --against june.json                what came of it, and why this one differs
  allowable forecast --scenario \"payer=COM2 rate=+5%\" --scenario \"volume=-10%\"
                                                        both changes together, under the same luck
  allowable forecast --series volumes.csv --format csv  any table of series";

/// Arguments of `allowable forecast`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ForecastArgs {
    /// Claim and remittance files; without any, those of the project, or the embedded demo practice
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    project: ProjectArgs,
    /// Months (steps of a series) to forecast
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=36))]
    horizon: u32,
    /// Groups, by payer, state, pos, family or several of them: payer,pos; none for the total alone
    #[arg(long, value_name = "LIST", default_value = "payer")]
    by: String,
    /// Forecast as of the end of this day: what happened or was posted later is not known [default: the last day any input mentions]
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Level of the printed ranges: 50, 80 or 95 percent
    #[arg(long, default_value_t = 80)]
    level: u8,
    /// Change assumptions and show the difference under the same luck: "payer=COM2 rate=+5% volume=-10% denial=-20%"; without
    /// payer, for all; given several times, all together
    #[arg(long, value_name = "CHANGES")]
    scenario: Vec<String>,
    /// Keep this forecast for a later --against
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Bridge from an earlier forecast (--save) to what came and to this one: volume, mix, rate, denial, timing
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Leave out the tests of past forecasts: faster, and ranges are those of the models alone
    #[arg(long)]
    no_backtest: bool,
    /// Test forecasts from at most so many past months; each month's books are made anew as they were known then
    #[arg(long, value_name = "MONTHS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=60),
        conflicts_with = "no_backtest")]
    origins: u32,
    /// Forecast the series of a long table (columns series, t, y; optional start, frequency) instead; - for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["inputs", "as_of", "scenario", "save", "against"])]
    series: Option<PathBuf>,
    /// Forecast all payers together as well, and make them and each payer agree by their past errors (minimum trace)
    #[arg(long)]
    reconcile: bool,
    /// Drawn futures
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(20..=100_000))]
    paths: u32,
    /// Where chance begins: the same seed gives the same numbers
    #[arg(long, default_value_t = 96372)]
    seed: u64,
    /// Write the forecast: FILE.xlsx, FILE.json, FILE.csv, FILE.html, or a folder with all of them and the charts
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(crate) fn run(args: &ForecastArgs) -> Result<ExitCode> {
    if ![50, 80, 95].contains(&args.level) {
        return Err(Error::usage(format!("--level {}: expected 50, 80 or 95", args.level)));
    }
    match &args.series {
        Some(path) => series(args, path),
        None => {
            // Before anything is read: a forecast takes a while.
            args.out.as_deref().map(writable).transpose()?;
            practice(args)
        }
    }
}

/// A bar on standard error, only on a terminal.
fn bar(steps: u64, message: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(steps);
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(message);
    bar
}

/// `--series FILE`.
fn series(args: &ForecastArgs, path: &Path) -> Result<ExitCode> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    let read = if name == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(path).map(|read| bytes = read)
    };
    read.map_err(|e| Error::input("the series cannot be read").at(Place::file(&name)).because(e))?;
    if let Some(found) = read_years(&bytes, &name)? {
        return years_page(args, &name, DataKind::Own, of_years(found, args.horizon.min(5), level(args)), None);
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
        super::json(&serde_json::json!({
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
            super::print_out(&String::from_utf8_lossy(&csv()?))?;
            super::say(&forecasts.note);
        }
        Format::Json => super::print_out(&json()?)?,
        Format::Text => {
            let mut text = String::new();
            for forecast in &forecasts.list {
                let _ = writeln!(text, "{} ({})", forecast.name, forecast.model);
                for (i, s) in forecast.steps.iter().enumerate() {
                    let (low, high) = s.i80;
                    let range = if low.is_nan() { "not known".into() } else { format!("{low:.2} to {high:.2}") };
                    let _ = writeln!(text, "  {:>3}  {:>14.2}  80%: {range}", i + 1, s.mean);
                }
                for note in &forecast.notes {
                    let _ = writeln!(text, "  note: {note}");
                }
            }
            let _ = writeln!(text, "{}", forecasts.note);
            super::print_out(&text)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A forecast and everything shown beside it.
struct Made {
    book: Book,
    rates: Rates,
    cash: Vec<crate::outlook::PayerCash>,
    rests_on: RestsOn,
    outlook: Outlook,
    tests: Option<(Backtest, MoneyTest)>,
    scenario: Option<(Outlook, String)>,
    bridges: Option<Bridges>,
}

/// At most so many months ahead are tested.
const TESTED: usize = 12;

fn practice(args: &ForecastArgs) -> Result<ExitCode> {
    let by = dims(&args.by)?;
    if let Some((name, found)) = years_of(args)? {
        return years_page(args, &name, DataKind::Own, of_years(found, args.horizon.min(5), level(args)), None);
    }
    let loaded = Loaded::with_inputs(&args.project, &args.inputs)?;
    let adjust: Vec<Adjust> = args.scenario.iter().map(|text| scenario(&loaded, text)).collect::<Result<_>>()?;
    let against = args.against.as_deref().map(kept).transpose()?;
    let mut intake = loaded.read()?;
    let as_of = match &args.as_of {
        Some(text) => parse_iso_date(text).map_err(|e| Error::usage(format!("--as-of \"{text}\": {e}")))?,
        None => last_usual_day(&intake).unwrap_or(Date::MIN),
    };
    let kind = if loaded.project.synthetic { DataKind::Synthetic } else { DataKind::Own };
    if intake.lines.is_empty() && !intake.volumes.is_empty() {
        return years(args, &loaded, &intake, kind);
    }
    // Findings speak of whole files: of an earlier day they would tell of later ones. `allowable check` shows them.
    let whole = last_usual_day(&intake).is_none_or(|last| as_of >= last);
    let mut findings = std::mem::take(&mut intake.findings);
    if args.as_of.is_none() {
        findings.extend(lone_dates(&intake, as_of));
    }
    let mut findings = if whole { findings } else { Findings::default() };
    let made = make(args, &loaded, &intake, as_of, by, adjust, against.as_ref())?;
    findings.extend(made.book.findings.iter().cloned());
    let findings = findings.into_sorted();
    if (args.save.is_some() || args.against.is_some()) && !made.outlook.knows(Measure::Cash) {
        return Err(Error::input("no payment is in the files: cash is not known, and cannot be kept or compared")
            .help("add the remittances, or leave out --save and --against"));
    }
    let page = ForecastPage {
        project: &loaded.project,
        reference: &loaded.reference,
        kind,
        findings,
        book: &made.book,
        rates: &made.rates,
        cash: &made.cash,
        rests_on: &made.rests_on,
        outlook: &made.outlook,
        level: args.level,
        tests: made.tests.as_ref().map(|(lines, money)| (lines, money)),
        scenario: made.scenario.as_ref().map(|(outlook, words)| (outlook, words.as_str())),
        bridges: made.bridges.as_ref(),
    };
    let report = page.report();
    let csv = || long_csv(&made);
    let mut wrote = Vec::new();
    if let Some(out) = &args.out {
        wrote.push(write(&report, out, csv)?);
    }
    // Last: a forecast is kept when all else is written.
    if let Some(path) = &args.save {
        write_beside(path, &Levels::of(&made.outlook).to_json()?)?;
        wrote.push(format!("forecast kept in {}", path.display()));
    }
    let (screen, tables) = page.screen();
    let shown = Shown { report: &report, screen: &screen, tables, notes: page.screen_notes() };
    print(args, &shown, csv, &wrote, loaded.is_demo)
}

fn make(
    args: &ForecastArgs,
    loaded: &Loaded,
    intake: &Intake,
    as_of: Date,
    by: Vec<Dim>,
    adjust: Vec<Adjust>,
    against: Option<&Levels>,
) -> Result<Made> {
    let (project, reference) = (&loaded.project, &loaded.reference);
    let number = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let (horizon, origins) = (number(args.horizon), number(args.origins));
    let book = Book::new(intake, project, reference, as_of)?;
    if let Some(last) = against.filter(|last| last.as_of > book.as_of) {
        return Err(Error::usage(format!(
            "--against: the kept forecast is of {}, later than this one of {}",
            last.as_of, book.as_of
        ))
        .help("a bridge leads from an earlier forecast to a later one: give one kept before, or a later --as-of"));
    }
    let steps =
        u64::from(args.origins.min(u32::try_from(book.months().count()).unwrap_or(u32::MAX).saturating_sub(13)));
    let lines = (!args.no_backtest).then(|| {
        let bar = bar(steps, "testing past forecasts of lines");
        let tested = backtest_volumes(&book, horizon.min(TESTED), origins, args.seed, &|| bar.inc(1));
        bar.finish_and_clear();
        tested
    });
    let mut plan = Plan {
        horizon,
        coherence: if args.reconcile { Coherence::MinT } else { Coherence::BottomUp },
        paths: number(args.paths),
        seed: args.seed,
        by,
        stretch: lines.as_ref().map_or_else(Vec::new, |b| b.stretch.clone()),
        adjust: Vec::new(),
    };
    let tests = lines.map(|lines| {
        let bar = bar(steps, "testing past forecasts of money");
        let past = Plan { horizon: horizon.min(TESTED), paths: plan.paths.min(120), ..plan.clone() };
        // What is posted later than the day is known to nobody.
        let known = cut(intake, as_of);
        let with = PastPlan { known: &known, project, reference, full: &book, volumes: &lines, origins, plan: &past };
        let money = test_money(&with, &|| bar.inc(1));
        bar.finish_and_clear();
        (lines, money)
    });
    let bar = bar(if adjust.is_empty() { 1 } else { 2 }, "drawing futures");
    let rates = Rates::known(&book, project, reference, horizon);
    let cash = cash(&book);
    let made = outlook(&book, &rates, &cash, &plan);
    bar.inc(1);
    let scenario = (!adjust.is_empty()).then(|| {
        plan.adjust = adjust;
        let words = plan.adjust.iter().map(|a| changes(a, &book)).collect::<Vec<_>>().join("; ");
        (outlook(&book, &rates, &cash, &plan), words)
    });
    bar.finish_and_clear();
    let bridges = against.map(|last| Bridges::new(last, &Levels::actual(&book), &Levels::of(&made)));
    let rests_on = rests_on(&book);
    Ok(Made { book, rates, cash, rests_on, outlook: made, tests, scenario, bridges })
}

/// A project without claims, whose volumes are counted by year.
fn years(args: &ForecastArgs, loaded: &Loaded, intake: &Intake, kind: DataKind) -> Result<ExitCode> {
    let found = yearly(&intake.volumes, args.horizon.min(5), level(args));
    let as_of = intake.volumes.iter().map(|v| v.period.last()).max();
    years_page(args, &loaded.project.title, kind, found, as_of)
}

/// The level of ranges as a share.
fn level(args: &ForecastArgs) -> f64 {
    f64::from(args.level) / 100.0
}

fn years_page(
    args: &ForecastArgs,
    title: &str,
    kind: DataKind,
    found: Option<Yearly>,
    as_of: Option<Date>,
) -> Result<ExitCode> {
    let Some(found) = found else {
        return Err(Error::input("there are no claim lines, and no volumes of three whole years in a row")
            .help("give claims with remittances, yearly volumes, or a table of series with --series"));
    };
    let end_of_last = found.years.last().and_then(|y| Date::from_ymd_opt(y.0, 12, 31));
    let report = yearly_report(title, kind, &found, as_of.or(end_of_last).unwrap_or(Date::MIN));
    let csv = || render::table_csv(&report.sections[0].table, kind);
    let mut wrote = Vec::new();
    if let Some(out) = &args.out {
        wrote.push(write(&report, out, csv)?);
    }
    let shown = Shown { report: &report, screen: &report, tables: 2, notes: Vec::new() };
    print(args, &shown, csv, &wrote, false)
}

/// A single file of volumes by year, where claims are expected: a table that says nothing else.
fn years_of(args: &ForecastArgs) -> Result<Option<(String, Years)>> {
    const LARGEST: u64 = 1 << 20;
    let [file] = args.inputs.as_slice() else { return Ok(None) };
    if !std::fs::metadata(file).is_ok_and(|m| m.is_file() && m.len() <= LARGEST) {
        return Ok(None);
    }
    let name = file.display().to_string();
    let Ok(bytes) = std::fs::read(file) else { return Ok(None) };
    Ok(read_years(&bytes, &name)?.map(|found| (name, found)))
}

/// What is printed: all of it for programs; for people a few tables, and what they must know to read them.
struct Shown<'a> {
    report: &'a Report,
    screen: &'a Report,
    tables: usize,
    notes: Vec<String>,
}

/// At most so many notes; the others are on the page.
const NOTES: usize = 7;

fn print(
    args: &ForecastArgs,
    shown: &Shown<'_>,
    csv: impl Fn() -> Result<Vec<u8>>,
    wrote: &[String],
    is_demo: bool,
) -> Result<ExitCode> {
    match args.format {
        Format::Json => super::print_out(&String::from_utf8_lossy(&render::json(shown.report)?))?,
        Format::Csv => super::print_out(&String::from_utf8_lossy(&csv()?))?,
        Format::Text => {
            let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            let width = width();
            let mut text = render::terminal_of(shown.screen, shown.tables, colour, width);
            notes(&mut text, &shown.notes, usize::from(width.clamp(40, 120)));
            for line in wrote {
                let _ = writeln!(text, "{line}");
            }
            if is_demo {
                let _ = writeln!(text, "This was the embedded demo practice (synthetic).");
            }
            super::print_out(&text)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The notes under the figures, in lines of the terminal's width.
fn notes(text: &mut String, notes: &[String], width: usize) {
    if notes.is_empty() {
        return;
    }
    text.push('\n');
    for note in notes.iter().take(NOTES) {
        let mut column = 0;
        for word in note.split_whitespace() {
            let long = word.chars().count();
            if column == 0 {
                text.push_str("  · ");
                column = 4;
            } else if column + 1 + long > width {
                text.push_str("\n    ");
                column = 4;
            } else {
                text.push(' ');
                column += 1;
            }
            // A name in a note could hold signs that steer the terminal.
            text.extend(word.chars().map(|c| if c.is_control() { ' ' } else { c }));
            column += long;
        }
        text.push('\n');
    }
    if notes.len() > NOTES {
        let _ = writeln!(text, "  · {} more notes are on the page (--out).", notes.len() - NOTES);
    }
}

/// Whether something can be written there: a known ending, or a folder that may be one of ours.
///
/// # Errors
/// When it has another ending, is in no folder, or is a folder with files of somebody else.
fn writable(out: &Path) -> Result<()> {
    let ending = out.extension().map(|e| e.to_string_lossy().to_lowercase());
    let is_file = match ending.as_deref() {
        Some("xlsx" | "json" | "html" | "csv") => true,
        Some(other) if !out.is_dir() => return Err(no_format(out, other)),
        _ => false,
    };
    if !is_file {
        render::may_replace(out)?;
    } else if out.is_dir() {
        return Err(Error::output(format!("{} is a folder", out.display())).help("name a file"));
    }
    // The nearest that exists: the rest is made.
    let above = out.ancestors().skip(1).map(|p| if p.as_os_str().is_empty() { Path::new(".") } else { p });
    match above.into_iter().find(|p| p.exists()) {
        Some(folder) if !folder.is_dir() => {
            Err(Error::output(format!("{} is a file: nothing can be written in it", folder.display())))
        }
        _ => Ok(()),
    }
}

fn no_format(out: &Path, ending: &str) -> Error {
    Error::usage(format!("--out {}: \"{ending}\" is no format of the forecast", out.display()))
        .help("name a file that ends in .xlsx, .json, .html or .csv, or a folder")
}

/// Writes what the path's ending asks for and says so.
fn write(report: &Report, out: &Path, csv: impl Fn() -> Result<Vec<u8>>) -> Result<String> {
    let ending = out.extension().map(|e| e.to_string_lossy().to_lowercase());
    let bytes = match ending.as_deref() {
        Some("xlsx") => render::workbook_of(report, &render::Files::FORECAST)?,
        Some("json") => render::json(report)?,
        Some("html") => render::html_of(report, &render::Files::FORECAST)?.into_bytes(),
        Some("csv") => csv()?,
        Some(other) if !out.is_dir() => return Err(no_format(out, other)),
        _ => {
            let files = render::write_files(report, &render::Files::FORECAST, out, |folder| {
                let path = folder.join("forecast.csv");
                let failed = |e| Error::output(format!("{} could not be written", path.display())).because(e);
                std::fs::write(&path, csv()?).map_err(failed)
            })?;
            return Ok(format!("{} files in {}", files.len(), out.display()));
        }
    };
    write_beside(out, &bytes)?;
    Ok(format!("forecast in {}", out.display()))
}

/// Every group, month and measure on a row: mean, median and ranges in dollars (lines as they are), empty where not known; `all` is the total. Payers
/// by their ids, and in the last column by their names.
fn long_csv(made: &Made) -> Result<Vec<u8>> {
    let outlook = &made.outlook;
    let payer = outlook.by.iter().position(|d| *d == Dim::Payer);
    let failed = |e: csv::Error| Error::output("the forecast could not be written as CSV").because(e);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header: Vec<&str> = outlook.by.iter().map(|d| d.as_str()).collect();
    header.extend(["month", "measure", "mean", "median", "lo50", "hi50", "lo80", "hi80", "lo95", "hi95"]);
    header.extend(payer.map(|_| "payer_name"));
    writer.write_record(&header).map_err(failed)?;
    let all = |_: &Dim| "all".to_owned();
    let total = (outlook.by.iter().map(all).collect::<Vec<_>>(), &outlook.total);
    let groups = outlook.groups.iter().map(|g| (g.label.iter().map(|l| render::csv_text(l)).collect(), g));
    for (label, group) in groups.chain(std::iter::once(total)) {
        let id = payer.map(|at| group.label.get(at).map_or("all", String::as_str));
        let name = id.map(|id| made.book.payers.iter().find(|p| *p.id == *id).map_or(id, |p| p.name.as_str()));
        for (at, month) in outlook.months.iter().enumerate() {
            for measure in Measure::ALL {
                let b = group.month(at, measure);
                let numbers = [b.mean, b.median, b.i50.0, b.i50.1, b.i80.0, b.i80.1, b.i95.0, b.i95.1];
                let mut row: Vec<String> = label.clone();
                row.extend([month.to_string(), measure.as_str().to_owned()]);
                let known = outlook.knows(measure);
                row.extend(
                    numbers.map(|n| if known { rust_decimal::Decimal::new(n, 2).to_string() } else { String::new() }),
                );
                row.extend(name.map(render::csv_text));
                writer.write_record(&row).map_err(failed)?;
            }
        }
    }
    writer.into_inner().map_err(|e| Error::output("the forecast could not be written as CSV").because(e.into_error()))
}

/// The dimensions of `--by`; none of them is said by `none`.
fn dims(text: &str) -> Result<Vec<Dim>> {
    let mut dims = Vec::new();
    if text.trim().eq_ignore_ascii_case("none") {
        return Ok(dims);
    }
    for word in text.split(',').map(str::trim) {
        let Some(dim) = Dim::ALL.into_iter().find(|d| d.as_str().eq_ignore_ascii_case(word)) else {
            let error = Error::usage(format!(
                "--by \"{text}\": expected payer, state, pos or family, several of them, or none"
            ));
            return Err(match nearest(word) {
                Some(name) => error.help(format!("did you mean {name}?")),
                None => error,
            });
        };
        if dims.contains(&dim) {
            return Err(Error::usage(format!("--by \"{text}\": {} stands there twice", dim.as_str())));
        }
        dims.push(dim);
    }
    Ok(dims)
}

/// The dimension that a word comes nearest to, also by another name of it.
fn nearest(word: &str) -> Option<&'static str> {
    const NAMES: [(&str, &str); 12] = [
        ("payer", "payer"),
        ("insurer", "payer"),
        ("plan", "payer"),
        ("state", "state"),
        ("pos", "pos"),
        ("place", "pos"),
        ("place-of-service", "pos"),
        ("site", "pos"),
        ("family", "family"),
        ("code", "family"),
        ("codes", "family"),
        ("procedure", "family"),
    ];
    let word = word.to_lowercase().replace([' ', '_'], "-");
    let distance = |name: &str| strsim::damerau_levenshtein(&word, name);
    let found = NAMES.iter().min_by_key(|(name, _)| distance(name))?;
    (distance(found.0) <= 2).then_some(found.1)
}

fn kept(path: &Path) -> Result<Levels> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|e| Error::input("the kept forecast cannot be read").at(Place::file(&name)).because(e))?;
    Levels::from_json(&bytes, &name)
}

/// A change of assumptions in words: `Great Lakes Mutual: rate +5%, volume −10%`.
fn changes(adjust: &Adjust, book: &Book) -> String {
    let percent = |factor: f64| {
        // As it was typed: a percent of few decimals.
        let percent = ((factor - 1.0) * 1e6).round() / 1e4;
        format!("{}{}%", if percent < 0.0 { "−" } else { "+" }, percent.abs())
    };
    let named = [("volume", adjust.volume), ("rate", adjust.rate), ("denial", adjust.denial)];
    let named: Vec<_> = named.into_iter().filter(|(_, factor)| *factor != 1.0).collect();
    let words = match named.as_slice() {
        [] => "no change".to_owned(),
        named => {
            named.iter().map(|(name, factor)| format!("{name} {}", percent(*factor))).collect::<Vec<_>>().join(", ")
        }
    };
    match &adjust.payer {
        Some(id) => {
            let name = book.payers.iter().find(|p| p.id == *id).map_or_else(|| id.to_string(), |p| p.name.clone());
            format!("{name}: {words}")
        }
        None => words,
    }
}

/// `payer=COM2 rate=+5%`: factors by name; a payer's name may hold spaces when it is quoted by commas: `payer=Great Lakes, rate=+5%`.
fn scenario(loaded: &Loaded, text: &str) -> Result<Adjust> {
    let wrong = |what: String| {
        Error::usage(format!("--scenario \"{text}\": {what}"))
            .help("write changes such as \"payer=COM2 rate=+5%\"; what can change is volume, rate and denial")
    };
    let mut adjust = Adjust { payer: None, volume: 1.0, rate: 1.0, denial: 1.0 };
    let parts: Vec<&str> =
        if text.contains(',') { text.split(',').collect() } else { text.split_whitespace().collect() };
    let mut changed = false;
    for part in parts.into_iter().map(str::trim).filter(|p| !p.is_empty()) {
        let Some((name, value)) = part.split_once('=') else { return Err(wrong(format!("\"{part}\" has no ="))) };
        let place = match name.trim() {
            "payer" => {
                adjust.payer = Some(super::explain::payer_id(loaded, value.trim())?);
                continue;
            }
            "volume" => &mut adjust.volume,
            "rate" => &mut adjust.rate,
            "denial" => &mut adjust.denial,
            other => return Err(wrong(format!("\"{other}\" is none of payer, volume, rate and denial"))),
        };
        let percent = value.trim().strip_suffix('%').and_then(|v| v.trim().parse::<f64>().ok());
        let sound = percent.filter(|p| p.is_finite() && (-100.0..=1000.0).contains(p));
        *place = 1.0 + sound.ok_or_else(|| wrong(format!("\"{value}\" is no change in percent, such as +5%")))? / 100.0;
        changed = true;
    }
    if changed { Ok(adjust) } else { Err(wrong("nothing is changed".to_owned())) }
}
