//! `allowable forecast`: what will come in, with ranges; or any table of series, forecast.
//!
//! ```text
//!  practice   the practice's forecast: read, test the past, draw futures, show
//!  words      --by and --scenario: what is asked
//!  output     what is printed and written
//!  years      volumes counted by year
//!  series     --series: any long table
//! ```

mod output;
mod practice;
mod series;
mod words;
mod years;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::inputs::ProjectArgs;
use crate::finding::{Error, Result};

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
    #[arg(long, value_name = "FILE", conflicts_with_all = ["inputs", "project", "as_of", "scenario", "save", "against", "by",
        "reconcile", "no_backtest", "origins", "paths", "seed"])]
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
        Some(path) => series::run(args, path),
        None => {
            // Before anything is read: a forecast takes a while.
            args.out.as_deref().map(output::writable).transpose()?;
            practice::run(args)
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

/// The level of ranges as a share.
fn level(args: &ForecastArgs) -> f64 {
    f64::from(args.level) / 100.0
}
