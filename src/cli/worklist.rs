//! `allowable worklist`: what is denied and underpaid as work, ranked by what it brings after its cost.

use std::fmt::Write;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::cli::inputs::{Loaded, ProjectArgs};
use crate::domain::{Date, Money, parse_iso_date, round_cents};
use crate::finding::{Error, Finding, Findings, Place, Result};
use crate::render;
use crate::report;
use crate::worklist::{self, Given, State, Worklist, packet};

use super::check::write_beside;
use super::report::width;

/// What is printed on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One list, for spreadsheets
    Csv,
    /// Everything, for programs
    Json,
}

/// What a row of a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// Payer × cause × fix
    Batch,
    /// A claim
    Claim,
    /// A claim line
    Line,
}

impl From<By> for worklist::By {
    fn from(by: By) -> Self {
        match by {
            By::Batch => Self::Batch,
            By::Claim => Self::Claim,
            By::Line => Self::Line,
        }
    }
}

/// Arguments of `allowable worklist`.
#[derive(Debug, Args)]
pub(crate) struct WorklistArgs {
    /// Claim and remittance files; without any, those of the project, or the embedded demo practice
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    project: ProjectArgs,
    /// Write the worklist: FILE.xlsx, FILE.csv (one list, see --by), FILE.json, or a folder with all of them
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// What a row of the printed list and of a CSV file is
    #[arg(long, value_enum, default_value_t = By::Batch)]
    by: By,
    /// Cost of one contact with a payer (an appeal, a corrected claim) with its first line, such as 25
    #[arg(long, value_name = "DOLLARS")]
    cost_per_appeal: Option<String>,
    /// Cost of each further line in the same contact, such as 2
    #[arg(long, value_name = "DOLLARS")]
    cost_per_line: Option<String>,
    /// State of earlier work (CSV): read, brought up to date, and written back; made when it is not there
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Statuses, days and notes from the sheet Lines of an earlier workbook, saved as CSV
    #[arg(long, value_name = "FILE")]
    worked: Option<PathBuf>,
    /// Only this payer (id, name or alias)
    #[arg(long)]
    payer: Option<String>,
    /// Write a letter per batch that pays, as Markdown and HTML, into this folder
    #[arg(long, value_name = "FOLDER")]
    packets: Option<PathBuf>,
    /// Judge windows as of this day, such as 2026-01-31 [default: the last day any input mentions]
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
}

pub(crate) fn run(args: &WorklistArgs) -> Result<ExitCode> {
    let mut loaded = Loaded::with_inputs(&args.project, &args.inputs)?;
    let settings = &mut loaded.project.worklist;
    settings.cost_per_appeal = cost("cost-per-appeal", args.cost_per_appeal.as_deref())?.or(settings.cost_per_appeal);
    settings.cost_per_line = cost("cost-per-line", args.cost_per_line.as_deref())?.or(settings.cost_per_line);
    let as_of = args.as_of.as_deref().map(day).transpose()?;
    let payer = args.payer.as_deref().map(|name| super::explain::payer_id(&loaded, name)).transpose()?;
    let mut findings = Findings::default();
    // The file of the project is only read; the one of the command line is brought up to date.
    let read =
        args.state.clone().or_else(|| loaded.project.worklist.state.as_ref().map(|s| loaded.project.folder.join(s)));
    let mut state = read.as_deref().map_or_else(|| Ok(State::default()), |path| open(path, &mut findings))?;
    if let Some(path) = &args.worked {
        let name = path.display().to_string();
        let bytes = std::fs::read(path)
            .map_err(|e| Error::input("the sheet cannot be read").at(Place::file(&name)).because(e))?;
        state.take_over(&name, &bytes, &mut findings)?;
    }
    let intake = loaded.read()?;
    let run = report::run(intake, &loaded.project, &loaded.reference)?;
    let given = Given {
        project: &loaded.project,
        reference: &loaded.reference,
        lines: &run.lines,
        judged: &run.judged,
        priced: &run.priced,
        ledger: &run.ledger,
        as_of: as_of.unwrap_or(run.report.as_of),
        payer: payer.as_deref(),
    };
    let list = worklist::build(&given, &mut state, &mut findings)?;
    let findings = findings.into_sorted();
    let mut wrote = Vec::new();
    if let Some(out) = &args.out {
        wrote.push(write(&list, &findings, args.by.into(), out)?);
    }
    if let Some(dir) = &args.packets {
        let packets = packet::packets(&list);
        render::write_packets(&packets, dir)?;
        let letters = if packets.len() == 1 { "letter" } else { "letters" };
        wrote.push(format!("{} {letters} (Markdown and HTML) in {}", packets.len(), dir.display()));
    }
    // Last: what was done is only marked as seen when all else is written.
    if let Some(path) = &args.state {
        write_beside(path, &render::state_csv(&state)?)?;
        wrote.push(format!("state of {} lines in {}", state.len(), path.display()));
    }
    print(args, &list, &findings, &wrote)?;
    Ok(ExitCode::SUCCESS)
}

fn print(args: &WorklistArgs, list: &Worklist, findings: &[Finding], wrote: &[String]) -> Result<()> {
    let by = args.by.into();
    match args.format {
        Format::Json => return super::print_out(&String::from_utf8_lossy(&render::worklist_json(list, findings)?)),
        Format::Csv => {
            super::print_out(&String::from_utf8_lossy(&render::worklist_csv(list, by)?))?;
            findings.iter().for_each(|f| super::say(&f.to_string()));
            return Ok(());
        }
        Format::Text => {}
    }
    let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let mut text = render::worklist_text(list, by, colour, width());
    if !list.recovered.is_empty() {
        let new = list.recovered.iter().filter(|r| r.is_new);
        let amount: Money = list.recovered.iter().filter_map(|r| r.amount).sum();
        let _ = writeln!(
            text,
            "Recovered so far: {} on {} lines, {} of them found now.",
            amount.pretty(),
            list.recovered.len(),
            new.count()
        );
    }
    for finding in findings {
        let _ = writeln!(text, "{finding}");
    }
    for line in wrote {
        let _ = writeln!(text, "{line}");
    }
    super::print_out(&text)
}

/// Writes what the path's ending asks for and says so.
fn write(list: &Worklist, findings: &[Finding], by: worklist::By, out: &Path) -> Result<String> {
    let ending = out.extension().map(|e| e.to_string_lossy().to_lowercase());
    let bytes = match ending.as_deref() {
        Some("xlsx") => render::worklist_xlsx(list)?,
        Some("csv") => render::worklist_csv(list, by)?,
        Some("json") => render::worklist_json(list, findings)?,
        Some(other) if !out.is_dir() => {
            return Err(Error::usage(format!("--out {}: \"{other}\" is no format of the worklist", out.display()))
                .help("name a file that ends in .xlsx, .csv or .json, or a folder"));
        }
        _ => {
            let files = render::write_worklist(list, findings, out)?;
            return Ok(format!("{} files in {}", files.len(), out.display()));
        }
    };
    write_beside(out, &bytes)?;
    Ok(format!("worklist in {}", out.display()))
}

/// The state of earlier work; a file that is not there yet is empty.
fn open(path: &Path, findings: &mut Findings) -> Result<State> {
    match std::fs::read(path) {
        Ok(bytes) => State::read(&path.display().to_string(), &bytes, findings),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(State::default()),
        Err(error) => {
            let place = Place::file(path.display().to_string());
            Err(Error::input("the state file cannot be read").at(place).because(error))
        }
    }
}

/// Dollars and whole cents, from nothing to a million.
fn cost(name: &str, text: Option<&str>) -> Result<Option<Money>> {
    let Some(text) = text else { return Ok(None) };
    let dollars = rust_decimal::Decimal::from_str_exact(text.trim().trim_start_matches('$')).ok();
    let sound = dollars.filter(|d| !d.is_sign_negative() && *d <= rust_decimal::Decimal::from(1_000_000));
    let cents = sound.and_then(|d| round_cents(d).filter(|m| m.dollars() == d));
    cents
        .map(Some)
        .ok_or_else(|| Error::usage(format!("--{name} \"{text}\": expected dollars and cents, such as 25.00")))
}

fn day(text: &str) -> Result<Date> {
    parse_iso_date(text).map_err(|e| Error::usage(format!("--as-of \"{text}\": {e}")))
}
