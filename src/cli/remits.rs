//! `allowable remits`: what 835 files hold, whether they balance, and their rows as tables. Judges no payment.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::check::grouped;
use super::inputs::{bytes, expand};
use super::report::{Deny, Format};
use crate::finding::{Error, Finding, Place, Result, Severity};
use crate::ingest::remit835::{Balance, Tally};
use crate::ingest::x12::Total;
use crate::ingest::{RemitFile, remits};
use crate::project::Project;
use crate::table::remits::RemitWriter;

/// Findings shown of one file.
const FINDINGS: usize = 12;

/// Arguments of `allowable remits`.
#[derive(Debug, Args)]
pub(crate) struct RemitsArgs {
    /// 835 files, also .gz and .zip, folders of them, patterns such as 'era/*.835', or - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Write remit_lines.parquet and adjustments.parquet into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Project file whose payers are recognised; without one, ./allowable.toml when there is one
    #[arg(long, value_name = "FILE")]
    project: Option<PathBuf>,

    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Exit with 3 when a finding is as severe as this
    #[arg(long, value_enum, value_name = "LEVEL")]
    deny: Option<Deny>,

    /// Files read at a time [default: one per processor]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

/// What `--format json` prints.
#[derive(Serialize)]
struct Result835<'f> {
    files: &'f [RemitFile],
    total: &'f Tally,
}

/// Runs the command.
///
/// # Errors
/// When the tables cannot be written, or the project file is wrong.
pub(crate) fn run(args: &RemitsArgs) -> Result<ExitCode> {
    let project = Project::open(args.project.as_deref())?;
    let inputs = expand(&args.files)?;
    let workers = args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, Into::into));
    let bar = progress_bar(bytes(&inputs));
    let progress = |n: u64| bar.inc(n);
    let files = match &args.out {
        None => remits(&inputs, &project, workers, &progress, None)?,
        Some(folder) => {
            let mut tables = Tables::create(folder)?;
            let files = remits(&inputs, &project, workers, &progress, Some(&mut |rows| tables.writer.put(rows)))?;
            // Tables of files of which one cannot be read would look whole.
            if files.iter().any(|f| f.unreadable) {
                drop(tables)
            } else {
                tables.keep(folder)?
            }
            files
        }
    };
    bar.finish_and_clear();
    let mut total = Tally::default();
    files.iter().for_each(|file| total.add(&file.tally));
    // A payment that is given twice was paid once.
    files.iter().for_each(|file| total.take_off(&file.repeated));
    super::print_out(&match args.format {
        Format::Json => super::json(&Result835 { files: &files, total: &total })?,
        Format::Text => screen(&files, &total, args.out.as_deref()),
    })?;
    let deny = args.deny.map(Severity::from).or(project.deny);
    let reached = deny.is_some_and(|level| files.iter().flat_map(|f| &f.findings).any(|f| f.severity >= level));
    Ok(ExitCode::from(match (files.iter().any(|f| f.unreadable), reached) {
        (true, _) => 1,
        (false, true) => 3,
        (false, false) => 0,
    }))
}

const NAMES: [&str; 2] = ["remit_lines.parquet", "adjustments.parquet"];

/// The two tables, written beside their places until they are whole.
struct Tables {
    /// A folder within the folder of the tables; it goes with this value.
    beside: tempfile::TempDir,
    writer: RemitWriter<BufWriter<File>>,
}

impl Tables {
    fn create(folder: &Path) -> Result<Self> {
        let failed = |e: std::io::Error| {
            Error::output("the tables cannot be written").at(Place::file(folder.display().to_string())).because(e)
        };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let beside = tempfile::Builder::new().prefix(".remits-").tempdir_in(folder).map_err(failed)?;
        let open = |name: &str| File::create(beside.path().join(name)).map(BufWriter::new).map_err(failed);
        let writer = RemitWriter::new(open(NAMES[0])?, open(NAMES[1])?)?;
        Ok(Self { beside, writer })
    }

    /// Finishes the tables and moves them to their places.
    fn keep(self, folder: &Path) -> Result<()> {
        self.writer.finish()?;
        for name in NAMES {
            let path = folder.join(name);
            std::fs::rename(self.beside.path().join(name), &path).map_err(|e| {
                Error::output("the table cannot be written").at(Place::file(path.display().to_string())).because(e)
            })?;
        }
        Ok(())
    }
}

/// Bytes read, on standard error, only where a person looks at it.
fn progress_bar(size: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {percent:>3}%  {decimal_bytes_per_sec}  {eta} left");
    ProgressBar::new(size).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// A block per file, and one for all of them.
fn screen(files: &[RemitFile], total: &Tally, out: Option<&Path>) -> String {
    let mut text = String::new();
    for file in files {
        let _ = writeln!(text, "{}: {}", file.name, what_it_is(file));
        if file.tally.segments_read > 0 {
            sums(&mut text, &file.tally);
        }
        if file.duplicate_transactions > 0 {
            let _ = writeln!(text, "  repeats      {} given before; they make no rows", file.duplicate_transactions);
        }
        findings(&mut text, &file.findings);
        text.push('\n');
    }
    if files.iter().filter(|f| f.tally.segments_read > 0).count() > 1 {
        let repeats = if files.iter().any(|f| f.duplicate_transactions > 0) { ", each payment once" } else { "" };
        let _ = writeln!(text, "all {} files{repeats}", files.len());
        sums(&mut text, total);
        text.push('\n');
    }
    match out {
        Some(_) if files.iter().any(|f| f.unreadable) => {
            text.push_str("no table was written: a file could not be read\n");
        }
        Some(folder) => {
            let _ = writeln!(text, "wrote {} and {}", folder.join(NAMES[0]).display(), folder.join(NAMES[1]).display());
        }
        None => {}
    }
    text
}

fn what_it_is(file: &RemitFile) -> &str {
    match file.format.as_str() {
        _ if file.unreadable => "not read",
        "" => "passed over",
        format => format,
    }
}

fn sums(text: &mut String, tally: &Tally) {
    let mut line = |label: &str, what: String| {
        let _ = writeln!(text, "  {label:<12} {what}");
    };
    let balance = |b: Balance| match b.total - b.balanced {
        0 => format!("all {}", grouped(b.total)),
        _ => format!("{} of {}", grouped(b.balanced), grouped(b.total)),
    };
    let (payments, claims, lines) = (tally.transactions, tally.claims, tally.service_lines);
    line(
        "holds",
        format!("{} payments, {} claims, {} service lines", grouped(payments), grouped(claims), grouped(lines)),
    );
    if tally.unreadable > 0 {
        let unreadable = grouped(tally.unreadable);
        line("unreadable", format!("{unreadable} claims or lines; they stand in no sum of lines"));
    }
    let of_claims = [tally.sum_clp03, tally.sum_clp04, tally.sum_clp05].map(dollars);
    line("claims", format!("charged {}, paid {}, patients' share {}", of_claims[0], of_claims[1], of_claims[2]));
    let of_lines = [tally.sum_svc02, tally.sum_svc03].map(dollars);
    let nothing = grouped(tally.zero_paid_lines);
    line("lines", format!("charged {}, paid {}; {nothing} paid nothing", of_lines[0], of_lines[1]));
    let of_injections = [tally.charge_96372, tally.paid_96372].map(dollars);
    let injections = grouped(tally.lines_96372);
    line("96372", format!("{injections} lines, charged {}, paid {}", of_injections[0], of_injections[1]));
    let (sent, provider) = (dollars(tally.bpr02_total), dollars(tally.plb_total));
    line("payments", format!("{sent}, provider adjustments {provider}"));
    let groups: Vec<String> =
        tally.cas_by_group.iter().map(|(group, sum)| format!("{group} {}", dollars(*sum))).collect();
    if !groups.is_empty() {
        line("adjusted", groups.join(", "));
    }
    let b = tally.balance;
    line(
        "balanced",
        format!("{} payments, {} claims, {} lines", balance(b.transactions), balance(b.claims), balance(b.lines)),
    );
    line("segments", format!("{} read, {} % of them used", grouped(tally.segments_read), tally.percent_used));
}

/// `$1,234.50`; an amount with parts of a cent as it is.
fn dollars(total: Total) -> String {
    let exact = total.to_string();
    match total.money().filter(|money| money.to_string() == exact) {
        Some(money) => money.pretty(),
        None => format!("${exact}"),
    }
}

fn findings(text: &mut String, findings: &[Finding]) {
    for finding in findings.iter().take(FINDINGS) {
        let _ = writeln!(text, "  {}", finding.to_string().replace('\n', "\n  "));
    }
    if findings.len() > FINDINGS {
        let _ = writeln!(text, "  … {} more findings: see all with --format json", findings.len() - FINDINGS);
    }
}
