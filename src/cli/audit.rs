//! `allowable audit`: missed charges by claim day, and providers beside each other, in both directions.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde_json::{Value, json};

use super::inputs::{Loaded, ProjectArgs};
use crate::finding::{Error, Result};
use crate::leakage::{Direction, Missed, Provider, ProviderRate, Side};
use crate::render::csv_text;
use crate::report::{self, Run};

/// Arguments of `allowable audit`.
#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// Claim and remittance files, as for `report`; without any, those of the project, or the embedded demo practice
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    project: ProjectArgs,
    /// How to write the result; CSV holds one of the lists, JSON both
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Which list CSV holds
    #[arg(long, value_enum, default_value_t = List::Charges)]
    list: List,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading
    Text,
    /// For spreadsheets
    Csv,
    /// For programs
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum List {
    /// Missed charges, one row per finding
    Charges,
    /// Rates of providers
    Providers,
}

/// Runs the command.
///
/// # Errors
/// When the files cannot be read, nothing balances, or the result cannot be written.
pub(crate) fn run(args: &AuditArgs) -> Result<ExitCode> {
    let loaded = Loaded::with_inputs(&args.project, &args.inputs)?;
    let run = report::run(loaded.read()?, &loaded.project, &loaded.reference)?;
    let text = match (args.format, args.list) {
        (Format::Text, _) => screen(&run),
        (Format::Csv, List::Charges) => csv(&CHARGES, run.missed.found.iter().map(charge))?,
        (Format::Csv, List::Providers) => csv(&RATES, run.audit.rates.iter().map(rate))?,
        (Format::Json, _) => super::json(&everything(&run))?,
    };
    match &args.out {
        Some(path) => write(path, text.as_bytes())?,
        None => super::print_out(&text)?,
    }
    Ok(ExitCode::SUCCESS)
}

const CHARGES: [&str; 15] = [
    "kind",
    "direction",
    "claim_id",
    "line_numbers",
    "service_date",
    "payer_id",
    "rendering_npi",
    "billed",
    "instead",
    "units_billed",
    "units_that_fit",
    "sureness",
    "money",
    "whole_day_seen",
    "action",
];

/// A finding in the columns of [`CHARGES`].
fn charge(missed: &Missed) -> [String; 15] {
    let numbers = missed.line_numbers.iter().map(ToString::to_string);
    let join = |codes: &[crate::domain::Code]| codes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let units = missed.units.map_or_else(Default::default, |(a, b)| [a.to_string(), b.to_string()]);
    let [billed, right] = units;
    [
        missed.kind.as_str().to_owned(),
        missed.direction.as_str().to_owned(),
        missed.claim.to_string(),
        numbers.collect::<Vec<_>>().join(" "),
        missed.day.to_string(),
        missed.payer.to_string(),
        missed.provider.as_deref().unwrap_or_default().to_owned(),
        join(&missed.billed),
        join(&missed.instead),
        billed,
        right,
        missed.worth.as_str().to_owned(),
        missed.worth.amount().map_or_else(String::new, |money| money.to_string()),
        missed.whole_day.to_string(),
        missed.kind.action().to_owned(),
    ]
}

const RATES: [&str; 14] = [
    "measure",
    "provider",
    "providers",
    "part",
    "whole",
    "rate_percent",
    "low_percent",
    "high_percent",
    "others_part",
    "others_whole",
    "units_per_case",
    "stands",
    "direction",
    "money",
];

/// A rate in the columns of [`RATES`].
fn rate(rate: &ProviderRate) -> [String; 14] {
    let (provider, providers) = match &rate.provider {
        Provider::Npi(npi) => (npi.to_string(), 1),
        Provider::FewerThanEleven(n) => ("fewer than 11".to_owned(), *n),
        Provider::NotTold => ("not told".to_owned(), 0),
    };
    let text = |value: Option<String>| value.unwrap_or_default();
    [
        rate.measure.as_str().to_owned(),
        provider,
        providers.to_string(),
        rate.part.to_string(),
        rate.whole.to_string(),
        rate.percent().to_string(),
        text(rate.interval.map(|(low, _)| low.to_string())),
        text(rate.interval.map(|(_, high)| high.to_string())),
        text(rate.peers.map(|(part, _)| part.to_string())),
        text(rate.peers.map(|(_, whole)| whole.to_string())),
        text(rate.ratio.map(|ratio| ratio.to_string())),
        text(rate.flag.map(|flag| stands(rate, flag.side).to_owned())),
        text(rate.flag.map(|flag| flag.direction.as_str().to_owned())),
        text(rate.flag.and_then(|flag| flag.money).map(|money| money.to_string())),
    ]
}

const fn stands(rate: &ProviderRate, side: Side) -> &'static str {
    match side {
        _ if rate.measure.is_always_wrong() => "always wrong",
        Side::High => "above",
        Side::Low => "below",
    }
}

/// Rows as CSV; no cell becomes a formula.
fn csv<const N: usize>(header: &[&str; N], rows: impl Iterator<Item = [String; N]>) -> Result<String> {
    let bad = |e: csv::Error| Error::output("the list could not be written as CSV").because(e);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).map_err(bad)?;
    for row in rows {
        writer.write_record(row.map(|cell| csv_text(&cell))).map_err(bad)?;
    }
    let bytes =
        writer.into_inner().map_err(|e| Error::output("the list could not be written").because(e.into_error()))?;
    String::from_utf8(bytes).map_err(|e| Error::output("the list is not text").because(e))
}

/// Both lists with their sums.
fn everything(run: &Run) -> Value {
    let object = |names: &[&str], cells: &[String]| -> Value {
        names
            .iter()
            .zip(cells)
            .map(|(name, cell)| ((*name).to_owned(), if cell.is_empty() { Value::Null } else { json!(cell) }))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let sums: Vec<Value> = run
        .missed
        .sums()
        .iter()
        .map(|s| {
            json!({
                "kind": s.kind, "direction": s.direction, "findings": s.findings, "lines": s.lines, "money": s.money,
                "benchmark": s.benchmark, "up_to": s.up_to, "without_an_amount": s.unknown,
            })
        })
        .collect();
    let passed: serde_json::Map<String, Value> =
        run.missed.passed_over.iter().map(|(why, n)| (why.as_str().to_owned(), json!(n))).collect();
    json!({
        "missed_charges": {
            "sums": sums,
            "passed_over": passed,
            "findings": run.missed.found.iter().map(|m| object(&CHARGES, &charge(m))).collect::<Vec<_>>(),
        },
        "providers": {
            "compared": run.audit.compared,
            "rates": run.audit.rates.iter().map(|r| object(&RATES, &rate(r))).collect::<Vec<_>>(),
        },
    })
}

/// Both for reading: the kinds of missed charges, and the rates that stand apart.
fn screen(run: &Run) -> String {
    let mut text = String::new();
    let sums = run.missed.sums();
    if sums.is_empty() {
        text.push_str("No missed charge was found.\n");
    } else {
        let mut table = plain(["missed charges", "direction", "findings", "lines", "money", "up to", "no amount"]);
        for s in &sums {
            table.add_row([
                s.kind.label().to_owned(),
                s.direction.label().to_owned(),
                s.findings.to_string(),
                s.lines.to_string(),
                s.money.pretty(),
                s.up_to.pretty(),
                s.unknown.to_string(),
            ]);
        }
        print(&mut text, &mut table, 2);
        let of = |direction: Direction| run.missed.money(direction).pretty();
        let _ = writeln!(text, "under-billed {}, over-billed {}", of(Direction::Under), of(Direction::Over));
        for kind in crate::leakage::MissedKind::ALL.iter().filter(|kind| sums.iter().any(|s| s.kind == **kind)) {
            let _ = writeln!(text, "  {}: {}", kind.label(), kind.action());
        }
    }
    let passed: Vec<String> = run.missed.passed_over.iter().map(|(why, n)| format!("{n} {}", why.label())).collect();
    if !passed.is_empty() {
        let _ = writeln!(text, "passed over: {}", passed.join(", "));
    }
    text.push('\n');
    let flagged = run.audit.flagged();
    if flagged.is_empty() {
        let _ = writeln!(text, "No provider stands apart ({} rates compared).", run.audit.compared);
        return text;
    }
    let mut table = plain(["rate", "provider", "cases", "own", "others", "stands", "direction", "at stake"]);
    for r in &flagged {
        let Some(flag) = r.flag else { continue };
        let provider = match &r.provider {
            Provider::Npi(npi) => npi.to_string(),
            Provider::FewerThanEleven(_) | Provider::NotTold => String::new(),
        };
        table.add_row([
            r.measure.label().to_owned(),
            provider,
            format!("{} of {}", r.part, r.whole),
            format!("{}%", r.percent()),
            r.peers_percent().map_or_else(String::new, |p| format!("{p}%")),
            stands(r, flag.side).to_owned(),
            flag.direction.label().to_owned(),
            flag.money.map_or_else(|| "unknown".to_owned(), |money| money.pretty()),
        ]);
    }
    print(&mut text, &mut table, 2);
    let _ = writeln!(
        text,
        "{} rates compared; one in twenty stands apart by chance. One line may be in question under several rates.",
        run.audit.compared
    );
    text
}

fn plain<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).set_header(header);
    table
}

/// Appends a table, its columns after the first ones to the right.
fn print(text: &mut String, table: &mut Table, left: usize) {
    for column in table.column_iter_mut().skip(left) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for line in table.lines() {
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

/// Writes beside the file, then renames: a failed run leaves the earlier file as it was.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |e: std::io::Error| Error::output(format!("{} could not be written", path.display())).because(e);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.persist(path).map_err(|e| failed(e.error))?;
    Ok(())
}
