//! `allowable price`: bulk pricing of canonical lines, for pipelines and benchmarks.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::report::{Deny, Format as Summary};
use crate::domain::Pos;
use crate::finding::{Error, Finding, Result};
use crate::price::bulk::{
    self, DayRules, Dimension, Facilities, Format, Job, Judged, Outcome, Outturn, RateBook, Target,
};
use crate::project::Project;
use crate::reference::{Places, Reference, Rules};

/// Arguments of `allowable price`.
#[derive(Debug, Args)]
pub(crate) struct PriceArgs {
    /// Claim lines, X12 (837 and 835: a folder, an archive or a pattern of them), CSV (also .gz) or Parquet: claim_id, line_number, service_date, payer_id, state, locality, pos, code,
    /// modifiers, units, billed_amount, allowed_amount, paid_amount, patient_amount, group_code, carc
    pub(super) input: PathBuf,

    /// Fee schedule, CSV or Parquet: payer_id, area, code, modifier, facility, effective_from, effective_to, rate
    ///
    /// An empty `facility` holds in both settings, an empty `effective_to` is open. Schedules that `allowable import fees` and
    /// `import medicaid` write have another layout: name them in the terms of their payers and give `--project` instead.
    ///
    /// Without it, the terms and contracts of `--project` price the lines: every line is written as CSV with its expected
    /// amount, basis and rule, and all lines are held in memory.
    #[arg(long, value_name = "SCHEDULE", required_unless_present = "project")]
    fees: Option<PathBuf>,

    /// Add up by these instead of writing every line: payer_id, quarter, month, year, pos, state, locality, code, carc
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(super) group: Vec<Dimension>,

    /// Where the result goes: *.parquet or CSV; standard output when absent
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,

    /// Where the rows go that could not be read: line, column, code, found
    #[arg(long, value_name = "FILE")]
    pub(super) quarantine: Option<PathBuf>,

    /// Ask the rules of payability of each claim day: a line that falls is `notpayable`, expected 0, with its rule in the
    /// column `rule`
    ///
    /// A claim day is the rows of one claim_id that follow one another and share service_date and payer_id; a claim whose rows
    /// stand in several places of the file is judged in parts, which the summary says. Rows without a claim_id and rows that
    /// cannot be read do not take part. NDCs and diagnoses stand in no column here, so rules about them are not asked; nor
    /// are those of facility and status, because the schedule prices places itself.
    #[arg(long)]
    pub(super) rules: bool,

    /// Project file, for the kinds and names of payers and for rules of your own; without one only the rules for all payers
    /// are asked. Without `--fees`: the terms and contracts to price by
    #[arg(long, value_name = "FILE")]
    pub(super) project: Option<PathBuf>,

    /// How the summary is printed
    #[arg(long, value_enum, default_value_t = Summary::Text)]
    pub(super) format: Summary,

    /// Exit with 3 when something at least this bad was found
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(super) deny: Option<Deny>,

    /// Workers [default: one per processor]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

/// Runs `allowable price`.
pub(crate) fn run(args: &PriceArgs) -> Result<ExitCode> {
    let Some(fees) = &args.fees else { return super::price_terms::run(args) };
    if args.project.is_some() && !args.rules {
        return Err(Error::usage("beside --fees, --project only serves --rules")
            .help("add --rules, or leave --fees out to price by the project's terms and contracts"));
    }
    let (book, mut findings) = RateBook::read(fees)?;
    let from_x12 = super::canonical::of_x12(&args.input, args.project.as_deref())?;
    let claims = from_x12.as_ref().map_or(args.input.as_path(), |(file, _)| file.path());
    findings.extend(from_x12.iter().flat_map(|(_, found)| found.iter().cloned()));
    let facilities = facilities()?;
    let project = args.project.as_deref().map(|path| Project::open(Some(path))).transpose()?;
    let mut reference = args.rules.then(Reference::embedded).transpose()?;
    if let (Some(project), Some(reference)) = (&project, &mut reference) {
        findings.extend(super::inputs::lay_over(&project.folder, reference)?);
        findings.extend(super::inputs::add_rules(project, reference)?);
    }
    let payer_of = |name: &str| project.as_ref().and_then(|project| project.payer(name).cloned());
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
        rules: reference.as_ref().map(|reference| DayRules { reference, payer_of: &payer_of }),
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
    let judged = outturn.rules.as_ref().zip(reference.as_ref().map(|reference| &*reference.rules));
    let summary = match args.format {
        Summary::Text => table(&outturn, judged),
        Summary::Json => json_summary(&outturn, judged, &findings)?,
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
fn table(outturn: &Outturn, judged: Option<(&Judged, &Rules)>) -> String {
    let total = &outturn.total;
    let mut out = String::new();
    let mut line = |name: &str, rows: u64, money: String| out.push_str(&format!("{name:<12}{rows:>14}  {money}\n"));
    line("rows read", outturn.rows_read, String::new());
    for outcome in outcomes(outturn) {
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
    if let Some((judged, rules)) = judged {
        out.push_str(&of_rules(judged, rules));
    }
    out
}

/// The outcomes that lines can have in this run.
fn outcomes(outturn: &Outturn) -> impl Iterator<Item = Outcome> {
    let asked = outturn.rules.is_some();
    Outcome::ALL.into_iter().filter(move |outcome| asked || *outcome != Outcome::NotPayable)
}

/// Rules and payers that are named one by one; the others are counted.
const NAMED: usize = 10;

/// The rules that let most lines fall, and what limits the judgement.
fn of_rules(judged: &Judged, rules: &Rules) -> String {
    let mut out = String::new();
    if !judged.fallen.is_empty() {
        out.push_str("not payable, by the first rule that applies:\n");
    }
    for fallen in judged.fallen.iter().take(NAMED) {
        let title = rules.get(fallen.rule).map_or("", |rule| &*rule.title);
        let (lines, billed) = (fallen.lines, fallen.billed.pretty());
        out.push_str(&format!("  {:<31}{lines:>12}  {billed} billed; {title}\n", fallen.rule));
    }
    if let Some(rest) = judged.fallen.get(NAMED..).filter(|rest| !rest.is_empty()) {
        let lines: u64 = rest.iter().map(|fallen| fallen.lines).sum();
        out.push_str(&format!("  {:<31}{lines:>12}\n", format!("{} other rules", rest.len())));
    }
    if !judged.strangers.is_empty() {
        let mut named = judged.strangers.iter().take(NAMED).map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
        if judged.strangers.len() > NAMED {
            named.push_str(&format!(" and {} more", judged.strangers.len() - NAMED));
        }
        out.push_str(&format!(
            "note: nothing is known of payers {named}: only the rules for all payers were asked (--project tells kinds)\n"
        ));
    }
    if judged.claims_apart > 0 {
        let about = if judged.claims_apart_counted { "" } else { "about " };
        let claims = if judged.claims_apart == 1 { "claim stands" } else { "claims stand" };
        out.push_str(&format!(
            "note: {about}{} {claims} in several places of the file; each part was judged by itself\n",
            judged.claims_apart
        ));
    }
    out
}

fn json_of_rules(judged: &Judged, rules: &Rules) -> Value {
    let fallen = judged.fallen.iter().map(|fallen| {
        json!({
            "rule": fallen.rule.as_str(),
            "title": rules.get(fallen.rule).map(|rule| &*rule.title),
            "lines": fallen.lines,
            "billed_amount": fallen.billed,
            "allowed_amount": fallen.allowed,
        })
    });
    json!({
        "fallen": fallen.collect::<Vec<_>>(),
        "payers_not_known": judged.strangers,
        "claims_apart": judged.claims_apart,
        "claims_apart_counted": judged.claims_apart_counted,
    })
}

fn json_summary(outturn: &Outturn, judged: Option<(&Judged, &Rules)>, findings: &[Finding]) -> Result<String> {
    let total = &outturn.total;
    let outcomes: serde_json::Map<_, _> = outcomes(outturn)
        .map(|o| (o.as_str().to_owned(), json!({ "lines": total.count(o), "variance": total.variance(o) })))
        .collect();
    let mut summary = json!({
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
    if let Some((judged, rules)) = judged {
        summary["rules"] = json_of_rules(judged, rules);
    }
    let text = serde_json::to_string_pretty(&summary);
    text.map(|t| t + "\n").map_err(|e| Error::output("the summary cannot be written").because(e))
}
