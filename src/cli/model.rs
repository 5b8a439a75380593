//! `allowable model`: what other rates, volumes and denials would come to.

use std::fmt::Write;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::check::write_beside;
use super::inputs::{Loaded, ProjectArgs};
use super::report::width;
use crate::finding::{Error, Place, Result};
use crate::outlook::last_usual_day;
use crate::render::{self, Files};
use crate::report::{self, DataKind, Report, ScenarioPage, Section};
use crate::scenario::{Given, Horizon, Plan, ahead, model};

/// What is printed on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// Every scenario, payer and code that changes, for spreadsheets
    Csv,
    /// Everything, for programs
    Json,
}

/// Arguments of `allowable model`.
#[derive(Debug, Args)]
pub(crate) struct ModelArgs {
    /// The scenario file; --example prints one
    #[arg(required_unless_present = "example")]
    scenario: Option<PathBuf>,
    /// Claim and remittance files; without any, those of the project, or the embedded demo practice
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    project: ProjectArgs,
    /// Print a commented scenario file that runs on the demo practice
    #[arg(long, conflicts_with_all = ["scenario", "inputs", "out"])]
    example: bool,
    /// Play the scenarios on a forecast of so many months, too, with ranges
    #[arg(long, value_name = "MONTHS", value_parser = clap::value_parser!(u32).range(1..=36))]
    horizon: Option<u32>,
    /// Drawn futures of the forecast
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(20..=100_000))]
    paths: u32,
    /// Where chance begins: the same seed gives the same numbers
    #[arg(long, default_value_t = 96372)]
    seed: u64,
    /// Write the model: FILE.xlsx, FILE.json, FILE.csv, FILE.html, or a folder with all of them and the charts
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(crate) fn run(args: &ModelArgs) -> Result<ExitCode> {
    if args.example {
        super::print_out(Plan::example())?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(path) = &args.scenario else { return Err(Error::usage("no scenario file")) };
    let place = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|e| {
        Error::config("the scenario file cannot be read")
            .at(Place::file(&place))
            .because(e)
            .help("`allowable model --example` prints one")
    })?;
    for input in &args.inputs {
        std::fs::metadata(input).map_err(|e| {
            Error::usage("the claim file cannot be read").at(Place::file(input.display().to_string())).because(e)
        })?;
    }
    let loaded = Loaded::with_inputs(&args.project, &args.inputs)?;
    // What is wrong with the scenarios is said before the files are read.
    let plan = Plan::parse(&text, &place, &loaded.project)?;
    let intake = loaded.read()?;
    let horizon = args
        .horizon
        .map(|months| {
            let count = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
            let day = last_usual_day(&intake).unwrap_or_default();
            let chance = (count(months), count(args.paths), args.seed);
            Horizon::new(&intake, &loaded.project, &loaded.reference, day, chance)
        })
        .transpose()?;
    let run = report::run(intake, &loaded.project, &loaded.reference)?;
    let given = Given {
        project: &loaded.project,
        reference: &loaded.reference,
        lines: &run.lines,
        judged: &run.judged,
        priced: &run.priced,
        as_of: run.report.as_of,
    };
    let modelled = model(&plan, &given)?;
    let ahead = horizon.as_ref().map(|horizon| ahead(horizon, &modelled));
    let title = match &plan.title {
        Some(title) => format!("{title}, {}", loaded.project.title),
        None => loaded.project.title.clone(),
    };
    let kind = if loaded.project.synthetic { DataKind::Synthetic } else { DataKind::Own };
    let page =
        ScenarioPage { title: &title, kind, as_of: run.report.as_of, modelled: &modelled, ahead: ahead.as_ref() };
    let mut report = page.report();
    report.sources = run.report.sources.clone();
    let wrote = args.out.as_ref().map(|out| write(&report, out)).transpose()?;
    match args.format {
        Format::Json => super::print_out(&String::from_utf8_lossy(&render::json(&report)?))?,
        Format::Csv => super::print_out(&String::from_utf8_lossy(&csv(&report)?))?,
        Format::Text => {
            let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            let (shown, rest) = on_screen(&report);
            let mut text = render::terminal_of(&shown, shown.sections.len(), colour, width());
            if !rest.is_empty() {
                let _ = writeln!(text, "\nAlso worked out; --out PATH writes all of it:");
                for title in rest {
                    let _ = writeln!(text, "  {title}");
                }
            }
            for note in
                report.sections.iter().filter(|s| s.id == "scenarios").flat_map(|s| &s.notes).chain(&report.notes)
            {
                let _ = writeln!(text, "note: {note}");
            }
            if let Some(wrote) = wrote {
                let _ = writeln!(text, "{wrote}");
            }
            if loaded.is_demo {
                let _ = writeln!(text, "This was the embedded demo practice (synthetic).");
            }
            super::print_out(&text)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What a screen shows of a model, and the titles of what it leaves to the files.
fn on_screen(report: &Report) -> (Report, Vec<String>) {
    const SHOWN: [&str; 4] = ["scenarios", "amounts", "months-to-come", "break-even"];
    let is_shown = |section: &&Section| SHOWN.contains(&section.id.as_str());
    let mut shown = report.clone();
    // Without any of them what comes first is shown.
    if report.sections.iter().any(|section| is_shown(&section)) {
        shown.sections.retain(|section| is_shown(&section));
    } else {
        shown.sections.truncate(2);
    }
    let rest = report.sections.iter().filter(|section| !shown.sections.iter().any(|s| s.id == section.id));
    (shown.clone(), rest.map(|section| section.title.clone()).collect())
}

/// The table by payer and code; the baseline's where no scenario is played.
fn csv(report: &Report) -> Result<Vec<u8>> {
    let found = ["by-payer-and-code", "baseline"].iter().find_map(|id| report.sections.iter().find(|s| s.id == *id));
    let section = found.ok_or_else(|| Error::output("there is no table to print"))?;
    render::table_csv(&section.table, section.kind)
}

/// Writes what the path's ending asks for and says so.
fn write(report: &Report, out: &Path) -> Result<String> {
    let ending = out.extension().map(|e| e.to_string_lossy().to_lowercase());
    let bytes = match ending.as_deref() {
        Some("xlsx") => render::workbook_of(report, &Files::MODEL)?,
        Some("json") => render::json(report)?,
        Some("html") => render::html_of(report, &Files::MODEL)?.into_bytes(),
        Some("csv") => csv(report)?,
        Some(other) if !out.is_dir() => {
            return Err(Error::usage(format!("--out {}: \"{other}\" is no format of a model", out.display()))
                .help("name a file that ends in .xlsx, .json, .html or .csv, or a folder"));
        }
        _ => {
            let files = render::write_files(report, &Files::MODEL, out, |_| Ok(()))?;
            return Ok(format!(
                "{} files in {}; open {}",
                files.len(),
                out.display(),
                out.join(Files::MODEL.page).display()
            ));
        }
    };
    write_beside(out, &bytes)?;
    Ok(format!("model in {}", out.display()))
}
