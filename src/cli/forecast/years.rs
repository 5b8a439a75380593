//! Volumes counted by year: of a project, or in a file of their own.

use std::process::ExitCode;

use super::output::{Shown, print, write};
use super::{ForecastArgs, level};
use crate::cli::inputs::Loaded;
use crate::domain::Date;
use crate::finding::{Error, Result};
use crate::ingest::Intake;
use crate::outlook::{Yearly, Years, read_years, yearly};
use crate::render;
use crate::report::{DataKind, yearly_report};

/// A project without claims, whose volumes are counted by year.
pub(super) fn of_project(args: &ForecastArgs, loaded: &Loaded, intake: &Intake, kind: DataKind) -> Result<ExitCode> {
    let found = yearly(&intake.volumes, args.horizon.min(5), level(args));
    let as_of = intake.volumes.iter().map(|v| v.period.last()).max();
    page(args, &loaded.project.title, kind, found, as_of)
}

/// Shows it.
pub(super) fn page(
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
pub(super) fn of(args: &ForecastArgs) -> Result<Option<(String, Years)>> {
    const LARGEST: u64 = 1 << 20;
    let [file] = args.inputs.as_slice() else { return Ok(None) };
    if !std::fs::metadata(file).is_ok_and(|m| m.is_file() && m.len() <= LARGEST) {
        return Ok(None);
    }
    let name = file.display().to_string();
    let Ok(bytes) = std::fs::read(file) else { return Ok(None) };
    Ok(read_years(&bytes, &name)?.map(|found| (name, found)))
}
