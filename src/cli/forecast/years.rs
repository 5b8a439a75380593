//! Volumes counted by year: of a project, or in a file of their own.

use std::process::ExitCode;

use super::output::{Shown, print, write};
use super::{ForecastArgs, Format, level};
use crate::cli;
use crate::cli::inputs::Loaded;
use crate::domain::Date;
use crate::finding::{Error, Place, Result};
use crate::ingest::Intake;
use crate::outlook::{NoYears, YearTable, Yearly, of_years, read_years, yearly};
use crate::render;
use crate::report::{DataKind, yearly_report, yearly_table};

/// At most so many years ahead: farther, so few points say nothing.
const AHEAD: u32 = 5;

/// A project without claims, whose volumes are counted by year.
pub(super) fn of_project(args: &ForecastArgs, loaded: &Loaded, intake: &Intake, kind: DataKind) -> Result<ExitCode> {
    let as_of = intake.volumes.iter().map(|v| v.period.last()).max();
    let found = yearly(&intake.volumes, args.horizon.min(AHEAD), level(args)).map_err(|why| {
        no_years(&why).help("give claims with remittances, yearly volumes, or a table of series with --series")
    })?;
    page(args, &loaded.project.title, kind, found, as_of)
}

/// A table of years.
pub(super) fn of_table(args: &ForecastArgs, name: &str, table: YearTable) -> Result<ExitCode> {
    let mut found = of_years(table.years, args.horizon.min(AHEAD), level(args)).map_err(|why| {
        let help = match why {
            NoYears::Gap(_) => "add a row for each, or begin the table after the last that is missing",
            NoYears::TooFew(_) => "add earlier years, or give a monthly table with --series (columns series, t, y)",
        };
        no_years(&why).at(Place::file(name)).help(help)
    })?;
    found.notes.extend(table.notes);
    page(args, name, DataKind::Own, found, None)
}

fn no_years(why: &NoYears) -> Error {
    Error::input(format!("yearly volumes cannot be forecast: {why}"))
}

/// Shows it.
fn page(args: &ForecastArgs, title: &str, kind: DataKind, mut found: Yearly, as_of: Option<Date>) -> Result<ExitCode> {
    // Twelve is what nobody asked for.
    if args.horizon > AHEAD && args.horizon != 12 && !found.bands.is_empty() {
        found.notes.push(format!("years are forecast {AHEAD} ahead at most, not {}", args.horizon));
    }
    let end_of_last = found.years.last().and_then(|y| Date::from_ymd_opt(y.0, 12, 31));
    let report = yearly_report(title, kind, &found, as_of.or(end_of_last).unwrap_or(Date::MIN));
    let csv = || render::table_csv(&yearly_table(&found), kind);
    let mut wrote = Vec::new();
    if let Some(out) = &args.out {
        wrote.push(write(&report, out, csv)?);
    }
    if args.format == Format::Csv {
        // The table has no room for words.
        found.notes.iter().for_each(|note| cli::say(note));
    }
    let shown = Shown { report: &report, screen: &report, tables: 2, notes: found.notes.clone() };
    print(args, &shown, csv, &wrote, false)
}

/// A single file of volumes by year, where claims are expected: a table that says nothing else.
pub(super) fn of(args: &ForecastArgs) -> Result<Option<(String, YearTable)>> {
    const LARGEST: u64 = 1 << 20;
    let [file] = args.inputs.as_slice() else { return Ok(None) };
    if !std::fs::metadata(file).is_ok_and(|m| m.is_file() && m.len() <= LARGEST) {
        return Ok(None);
    }
    let name = file.display().to_string();
    let Ok(bytes) = std::fs::read(file) else { return Ok(None) };
    Ok(read_years(&bytes, &name)?.map(|found| (name, found)))
}
