//! `allowable report`: the main job, from claims to a leakage report that reconciles.

use std::fmt::Write;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::inputs::{Loaded, ProjectArgs};
use crate::finding::{Error, Result, Severity};
use crate::{render, report};

/// How a command prints its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// From which severity on findings make the exit code 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deny {
    /// Errors only
    Error,
    /// Warnings and errors
    Warning,
    /// Everything
    Note,
}

impl From<Deny> for Severity {
    fn from(deny: Deny) -> Self {
        match deny {
            Deny::Error => Self::Error,
            Deny::Warning => Self::Warning,
            Deny::Note => Self::Note,
        }
    }
}

/// Arguments of `allowable report`.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// Claim, remittance and volume files (CSV, Parquet, X12 837 and 835, ZIP archives, folders, patterns, - for standard input); without any, those of the project, or the embedded demo practice
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    project: ProjectArgs,
    /// Folder of the reports; each report gets a folder of its period in it
    #[arg(long, default_value = "reports")]
    out: PathBuf,
    /// Exit with 3 when a finding is as severe as this
    #[arg(long, value_enum)]
    deny: Option<Deny>,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(crate) fn run(args: &ReportArgs) -> Result<ExitCode> {
    // A folder that cannot be made fails before the work, not after it.
    std::fs::create_dir_all(&args.out)
        .map_err(|e| Error::output(format!("the folder {} cannot be made", args.out.display())).because(e))?;
    let loaded = Loaded::with_inputs(&args.project, &args.inputs)?;
    let bar = progress(loaded.bytes());
    let intake = loaded.read_with(&|bytes| bar.inc(bytes))?;
    bar.set_message("pricing and reconciling");
    let run = report::run(intake, &loaded.project, &loaded.reference)?;
    bar.set_message("drawing");
    let folder = args.out.join(&run.report.period_slug);
    let files = render::write_with(&run.report, &folder, |dir| {
        run.ledger.write_parquet(&run.lines, &run.priced, &dir.join("priced_lines.parquet"))?;
        let path = dir.join("quarantine.csv");
        let file = std::fs::File::create(&path)
            .map_err(|e| Error::output(format!("{} could not be written", path.display())).because(e))?;
        run.intake.write_quarantine(file)
    })?;
    bar.finish_and_clear();
    match args.format {
        Format::Json => super::print_out(&String::from_utf8_lossy(&render::json(&run.report)?))?,
        Format::Text => {
            let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            let mut text = render::terminal(&run.report, colour, width());
            let _ = writeln!(
                text,
                "\n{} files in {}; open {}",
                files.len(),
                folder.display(),
                folder.join("report.html").display()
            );
            if loaded.is_demo {
                let _ = writeln!(
                    text,
                    "This was the embedded demo practice (synthetic). For your own files: `allowable init`, then `allowable check FILE…`."
                );
            }
            super::print_out(&text)?;
        }
    }
    let limit = args.deny.map(Severity::from).or(loaded.project.deny);
    let reached = limit.is_some_and(|limit| run.report.findings.iter().any(|f| f.severity >= limit));
    Ok(if reached { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

/// A bar over the bytes read, on standard error and only on a terminal.
fn progress(bytes: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(bytes);
    let style = ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message("reading");
    bar
}

/// Columns of the terminal, 100 when unknown.
pub(super) fn width() -> u16 {
    std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()).unwrap_or(100)
}
