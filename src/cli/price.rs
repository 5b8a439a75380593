//! `allowable price`: bulk pricing of canonical lines, for pipelines and benchmarks.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::report::{Deny, Format as Summary};
use crate::domain::Pos;
use crate::finding::{Error, Finding, Result};
use crate::price::bulk::{self, Dimension, Facilities, Format, Job, Outcome, Outturn, RateBook, Target};
use crate::reference::Places;

/// Arguments of `allowable price`.
#[derive(Debug, Args)]
pub(crate) struct PriceArgs {
    /// Claim lines, X12 (837 and 835: a folder, an archive or a pattern of them), CSV (also .gz) or Parquet: claim_id, line_number, service_date, payer_id, state, locality, pos, code,
    /// modifiers, units, billed_amount, allowed_amount, paid_amount, patient_amount, group_code, carc
    input: PathBuf,

    /// Fee schedule, CSV or Parquet: payer_id, area, code, modifier, facility, effective_from, effective_to, rate
    #[arg(long, value_name = "SCHEDULE")]
    fees: PathBuf,

    /// Add up by these instead of writing every line: payer_id, quarter, month, year, pos, state, locality, code, carc
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    group: Vec<Dimension>,

    /// Where the result goes: *.parquet or CSV; standard output when absent
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Where the rows go that could not be read: line, column, code, found
    #[arg(long, value_name = "FILE")]
    quarantine: Option<PathBuf>,

    /// How the summary is printed
    #[arg(long, value_enum, default_value_t = Summary::Text)]
    format: Summary,

    /// Exit with 3 when something at least this bad was found
    #[arg(long, value_enum, value_name = "LEVEL")]
    deny: Option<Deny>,

    /// Workers [default: one per processor]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

/// Runs `allowable price`.
pub(crate) fn run(args: &PriceArgs) -> Result<ExitCode> {
    let (book, mut findings) = RateBook::read(&args.fees)?;
    let from_x12 = super::canonical::of_x12(&args.input)?;
    let claims = from_x12.as_ref().map_or(args.input.as_path(), |(file, _)| file.path());
    findings.extend(from_x12.iter().flat_map(|(_, found)| found.iter().cloned()));
    let facilities = facilities()?;
    let bar = progress_bar(claims);
    let progress = |bytes: u64| bar.inc(bytes);
    let mut quarantine = args.quarantine.as_deref().map(Target::create).transpose()?;
    let mut target = args.out.as_deref().map(Target::create).transpose()?;
    let format = args.out.as_deref().map_or(Format::Csv, Format::of);
    let job = Job {
        claims,
        book: &book,
        facilities: &facilities,
        threads: args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, Into::into)),
        block: bulk::DEFAULT_BLOCK,
        progress: &progress,
        quarantine: quarantine.as_mut().map(|out| out as _),
    };
    let outturn = if args.group.is_empty() {
        let out: Box<dyn Write + Send> = match &mut target {
            Some(target) => Box::new(target),
            None => Box::new(std::io::BufWriter::new(std::io::stdout())),
        };
        bulk::lines(job, out, format)?
    } else {
        let outturn = bulk::group(job, &args.group)?;
        match &mut target {
            Some(target) => bulk::write_groups(&outturn, &args.group, target, format)?,
            None => bulk::write_groups(&outturn, &args.group, std::io::stdout(), format)?,
        }
        outturn
    };
    bar.finish_and_clear();
    for file in [target, quarantine].into_iter().flatten() {
        file.finish()?;
    }
    findings.extend(outturn.findings.iter().cloned());
    for finding in &findings {
        super::say(&finding.to_string());
    }
    let summary = match args.format {
        Summary::Text => table(&outturn),
        Summary::Json => json_summary(&outturn, &findings)?,
    };
    // Standard output is for the data when no file is named.
    if args.out.is_some() {
        super::print_out(&summary)?;
    } else {
        super::say(summary.trim_end());
    }
    let denied = args.deny.is_some_and(|level| findings.iter().any(|f| f.severity >= level.into()));
    Ok(ExitCode::from(if denied { 3 } else { 0 }))
}

/// Which places of service are facilities, by Medicare's map; a place it does not assign has no rate.
fn facilities() -> Result<Facilities> {
    let places = Places::load()?;
    Ok(std::array::from_fn(|number| {
        u8::try_from(number).ok().and_then(Pos::new).and_then(|pos| places.is_facility(pos))
    }))
}

/// Bytes of the input, on standard error, only where a person looks at it.
fn progress_bar(input: &std::path::Path) -> ProgressBar {
    let size = std::fs::metadata(input).map_or(0, |m| m.len());
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {percent:>3}%  {decimal_bytes_per_sec}  {eta} left");
    ProgressBar::new(size).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// The rows add up from top to bottom.
fn table(outturn: &Outturn) -> String {
    let total = &outturn.total;
    let mut out = String::new();
    let mut line = |name: &str, rows: u64, money: String| out.push_str(&format!("{name:<12}{rows:>14}  {money}\n"));
    line("rows read", outturn.rows_read, String::new());
    for outcome in Outcome::ALL {
        let variance = total.variance(outcome);
        let money = if variance.is_zero() { String::new() } else { format!("{} from expected", variance.pretty()) };
        line(outcome.as_str(), total.count(outcome), money);
    }
    line("quarantined", outturn.rows_quarantined, format!("{} billed", outturn.quarantined_billed.pretty()));
    out.push_str(&format!(
        "billed {}  expected {}  allowed {}  paid {}\n",
        total.billed().pretty(),
        total.expected().pretty(),
        total.allowed().pretty(),
        total.paid().pretty()
    ));
    out
}

fn json_summary(outturn: &Outturn, findings: &[Finding]) -> Result<String> {
    let total = &outturn.total;
    let outcomes: serde_json::Map<_, _> = Outcome::ALL
        .into_iter()
        .map(|o| (o.as_str().to_owned(), json!({ "lines": total.count(o), "variance": total.variance(o) })))
        .collect();
    let summary = json!({
        "rows_read": outturn.rows_read,
        "rows_priced": total.lines,
        "rows_quarantined": outturn.rows_quarantined,
        "units": total.units().to_string(),
        "billed_amount": total.billed(),
        "quarantined_billed_amount": outturn.quarantined_billed,
        "allowed_amount": total.allowed(),
        "paid_amount": total.paid(),
        "expected": total.expected(),
        "outcomes": outcomes,
        "groups": outturn.groups.len(),
        "findings": findings,
    });
    let text = serde_json::to_string_pretty(&summary);
    text.map(|t| t + "\n").map_err(|e| Error::output("the summary cannot be written").because(e))
}
