//! `allowable check`: the data doctor. Says what files hold, how their columns were understood, whether rows and dollars add
//! up, what is wrong, where, and what to do. Prices nothing.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::domain::Money;
use crate::finding::{Error, Finding, FindingCode, Place, Result, Severity};
use crate::ingest::{Account, FileReport, Intake, examine};
use crate::project::{FILE_NAME, Project, with_columns};

use super::print_out;

/// Lines of findings on one screen.
const FINDING_LINES: usize = 24;
/// Columns of one screen.
const WIDTH: usize = 110;

/// Arguments of `allowable check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Files to look at: CSV (any delimiter, gzip, UTF-8, UTF-16, Windows-1252), Parquet, X12 835 and 837, ZIP archives and folders of them; without any, the project's inputs
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The project file [default: allowable.toml, when there is one]
    #[arg(long, value_name = "PATH")]
    project: Option<PathBuf>,
    /// How to write the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Save the column mapping that was found in the project file
    #[arg(long)]
    save: bool,
    /// Write the rows that could not be read, with place and reason, to this CSV file
    #[arg(long, value_name = "PATH")]
    quarantine: Option<PathBuf>,
    /// End with exit code 3 when a finding of this level or more was made
    #[arg(long, value_enum, value_name = "LEVEL")]
    deny: Option<Level>,
}

/// How to write the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
}

/// A level of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Level {
    Error,
    Warning,
    Note,
}

impl Level {
    const fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Note => Severity::Note,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When the project file is wrong, no file is given, or an output cannot be written. Exit code 1 when a file could not be
/// read at all, 3 when findings reached `--deny`.
pub(crate) fn run(args: &CheckArgs) -> Result<ExitCode> {
    let project = Project::open(args.project.as_deref())?;
    let files: Vec<PathBuf> = if args.files.is_empty() {
        project.inputs.iter().map(|input| project.folder.join(input)).collect()
    } else {
        args.files.clone()
    };
    if files.is_empty() {
        return Err(Error::usage("no file to check").help("give one: allowable check claims.csv"));
    }
    let inputs = super::inputs::expand(&files)?;
    let intake = examine(&inputs, &project, &|_| ())?;
    if let Some(path) = &args.quarantine {
        let mut csv = Vec::new();
        intake.write_quarantine(&mut csv)?;
        write_beside(path, &csv)?;
    }
    if args.save {
        save(args.project.as_deref().unwrap_or(Path::new(FILE_NAME)), &intake.files)?;
    }
    let found = intake.findings.clone().into_sorted();
    print_out(&match args.format {
        Format::Table => screen(&intake, &found),
        Format::Json => json(&intake, &found),
    })?;
    let denied = args.deny.map(Level::severity).or(project.deny);
    let reached = denied.is_some_and(|level| found.iter().any(|f| f.severity >= level));
    Ok(ExitCode::from(match (intake.files.iter().any(|f| !f.unreadable.is_empty()), reached) {
        (true, _) => 1,
        (false, true) => 3,
        (false, false) => 0,
    }))
}

/// Adds the mappings of all files that were understood to the project file, which is made when there is none.
pub(super) fn save(path: &Path, files: &[FileReport]) -> Result<()> {
    let mut text = if path.exists() {
        let place = || Place::file(path.display().to_string());
        fs::read_to_string(path).map_err(|e| Error::config("the project file cannot be read").at(place()).because(e))?
    } else {
        Project::template().to_owned()
    };
    for file in files.iter().filter(|f| f.unreadable.is_empty() && !f.mapping.is_empty()) {
        let name = Path::new(&file.name).file_name().map_or_else(|| file.name.clone().into(), |n| n.to_string_lossy());
        let mapping: Vec<(String, String)> =
            file.mapping.iter().map(|(field, header)| ((*field).to_owned(), header.clone())).collect();
        text = with_columns(&text, &name, &mapping);
    }
    // What was written must be read back: never leave a broken project file behind.
    Project::parse(&text, &path.display().to_string())?;
    write_beside(path, text.as_bytes())
}

/// Writes a file beside its place and moves it there, so that a failure leaves the old one.
pub(super) fn write_beside(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |e: std::io::Error| {
        Error::output("the file cannot be written").at(Place::file(path.display().to_string())).because(e)
    };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // A temporary file is its owner's alone; what is left of it is an output like any other.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut part = builder.tempfile_in(folder).map_err(failed)?;
    std::io::Write::write_all(&mut part, bytes).map_err(failed)?;
    part.persist(path).map_err(|e| failed(e.error))?;
    Ok(())
}

fn json(intake: &Intake, found: &[Finding]) -> String {
    let value = serde_json::json!({
        "files": intake.files,
        "account": intake.account,
        "remit_account": intake.remit_account,
        "lines": intake.lines.len(),
        "remits": intake.remits.len(),
        "volumes": intake.volumes.len(),
        "findings": found,
        "quarantined": intake.quarantined,
    });
    format!("{value:#}\n")
}

/// One screen: a block per file, then the findings, errors first.
fn screen(intake: &Intake, found: &[Finding]) -> String {
    let mut out = String::new();
    for file in &intake.files {
        block(&mut out, file);
    }
    // Columns that are not used or dropped stand in the blocks already.
    let shown: Vec<&Finding> = found
        .iter()
        .filter(|f| !matches!(f.code, FindingCode::UnmappedColumn | FindingCode::PatientColumnDropped))
        .collect();
    let count = |severity| shown.iter().filter(|f| f.severity == severity).count() as u64;
    let parts = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")];
    let counts: Vec<String> = parts.iter().map(|(s, word)| plural(count(*s), word)).collect();
    let _ = writeln!(out, "\n{}", if shown.is_empty() { "nothing wrong found".to_owned() } else { counts.join(", ") });
    let mut lines = 0;
    for (i, finding) in shown.iter().enumerate() {
        let text = finding.to_string();
        lines += text.lines().count();
        if lines > FINDING_LINES && i > 0 {
            let rest = plural((shown.len() - i) as u64, "more finding");
            let _ = writeln!(out, "… {rest}: see all with --format json");
            break;
        }
        let _ = writeln!(out, "{text}");
    }
    out
}

fn block(out: &mut String, file: &FileReport) {
    if !out.is_empty() {
        out.push('\n');
    }
    let Some(kind) = file.kind else {
        let _ = writeln!(out, "{}: not read", file.name);
        return;
    };
    let delimiter = match file.delimiter {
        Some(',') => ", comma",
        Some('\t') => ", tab",
        Some(';') => ", semicolon",
        Some('|') => ", bar",
        _ => "",
    };
    let encoding = if file.encoding.is_empty() { String::new() } else { format!(", {}", file.encoding) };
    let header = if file.header_line > 0 { format!(", header on line {}", file.header_line) } else { String::new() };
    let _ = writeln!(out, "{}: {kind}, {}", file.name, plural(file.rows, "row"));
    let _ = writeln!(out, "  format    {}{encoding}{delimiter}{header}", file.format);
    let pairs: Vec<String> = file.mapping.iter().map(pair).collect();
    wrapped(out, "columns", &pairs);
    let unused: Vec<String> = file.unused.iter().chain(&file.unmapped).map(|h| format!("\"{h}\"")).collect();
    wrapped(out, "not used", &unused);
    let dropped: Vec<String> = file.dropped_patient_columns.iter().map(|h| format!("\"{h}\"")).collect();
    wrapped(out, "dropped", &dropped);
    if !file.unreadable.is_empty() {
        return;
    }
    let days = file.days.map_or_else(String::new, |(from, to)| format!(", {from} to {to}"));
    let told = |field: &str| file.mapping.iter().any(|(name, _)| *name == field);
    let paid = if told("paid") { format!(", paid {}", file.paid.pretty()) } else { String::new() };
    let _ = writeln!(out, "  totals    charge {}{paid}{days}", file.charge.pretty());
    account(out, &file.account);
    if let Some(tally) = &file.remittances {
        let b = tally.balance;
        let balance = [("payments", b.transactions), ("claims", b.claims), ("lines", b.lines)]
            .map(|(what, b)| format!("{} of {} {what}", grouped(b.balanced), grouped(b.total)));
        let _ = writeln!(out, "  balanced  {}", balance.join(", "));
        let _ = writeln!(out, "  segments  {} read, {} % used", grouped(tally.segments_read), tally.percent_used);
    }
}

/// `charge = "Billed $"`; the field alone when the column has its name.
fn pair((field, header): &(&'static str, String)) -> String {
    if field == header { (*field).to_owned() } else { format!("{field} = \"{header}\"") }
}

/// `  rows      120 = 117 kept + 2 quarantined + 1 of totals` and the same in dollars.
fn account(out: &mut String, a: &Account) {
    let parts: [(u64, Money, &str); 7] = [
        (a.rows_kept, a.charge_kept, "kept"),
        (a.answer_rows, a.charge_answer_rows, "further answers"),
        (a.rows_quarantined, a.charge_quarantined, "quarantined"),
        (a.rows_out_of_scope, a.charge_out_of_scope, "out of scope"),
        (a.total_rows, a.charge_total_rows, "in total rows"),
        (a.duplicate_rows, a.charge_duplicate_rows, "duplicates"),
        (a.resent_rows, a.charge_resent, "sent again"),
    ];
    let used = || parts.iter().enumerate().filter(|(i, (rows, ..))| *i == 0 || *rows > 0).map(|(_, part)| part);
    let rows: Vec<String> = used().map(|(rows, _, what)| format!("{} {what}", grouped(*rows))).collect();
    let charges: Vec<String> = used().map(|(_, charge, what)| format!("{} {what}", charge.pretty())).collect();
    let _ = writeln!(out, "  rows      {} = {}", grouped(a.rows_read), rows.join(" + "));
    if !a.charge_read.is_zero() {
        let _ = writeln!(out, "  charges   {} = {}", a.charge_read.pretty(), charges.join(" + "));
    }
    if a.rows_charge_unknown > 0 {
        let rows = plural(a.rows_charge_unknown, "row");
        let _ = writeln!(out, "            {rows} left out: charge not known");
    }
}

/// A labelled list, broken between items; nothing when it is empty.
fn wrapped(out: &mut String, label: &str, items: &[String]) {
    let mut line = format!("  {label:<9}");
    let mut fresh = true;
    for (i, item) in items.iter().enumerate() {
        if !fresh && line.chars().count() + item.chars().count() > WIDTH {
            let _ = writeln!(out, "{}", line.trim_end());
            line = " ".repeat(11);
        }
        line.push(' ');
        line.push_str(item);
        if i + 1 < items.len() {
            line.push(',');
        }
        fresh = false;
    }
    if !items.is_empty() {
        let _ = writeln!(out, "{line}");
    }
}

/// `1 row`, `1,204 rows`.
fn plural(n: u64, word: &str) -> String {
    format!("{} {word}{}", grouped(n), if n == 1 { "" } else { "s" })
}

/// `1,204`.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}
