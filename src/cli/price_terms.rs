//! `allowable price --project FILE` without `--fees`: every line by the project's own terms and contracts.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use serde_json::json;

use super::inputs::{Loaded, ProjectArgs};
use super::price::PriceArgs;
use super::report::Format as Summary;
use crate::domain::{Area, Expected, Money, ServiceLine};
use crate::finding::{Error, Findings, Result};
use crate::payability::{Ruled, Tells, judge_lines};
use crate::price::bulk::Target;
use crate::price::{PricedKey, PricedLines, Pricer, price_lines};
use crate::render::csv_text;

const HEADER: [&str; 16] = [
    "claim_id",
    "line_number",
    "service_date",
    "payer_id",
    "state",
    "locality",
    "pos",
    "code",
    "modifiers",
    "units",
    "billed_amount",
    "expected",
    "outcome",
    "basis",
    "rule",
    "assumed",
];

/// Lines and dollars by outcome.
#[derive(Debug, Default, serde::Serialize)]
struct Total {
    payable: u64,
    not_payable: u64,
    unknown: u64,
    billed: Money,
    expected: Money,
}

pub(super) fn run(args: &PriceArgs) -> Result<ExitCode> {
    if !args.group.is_empty() || args.quarantine.is_some() || args.out.as_deref().is_some_and(is_parquet) {
        return Err(Error::usage("--group, --quarantine and Parquet outputs go with --fees")
            .help("without --fees the lines are written as CSV, each with its expected amount and rule"));
    }
    let project = ProjectArgs { project: args.project.clone() };
    let loaded = Loaded::with_inputs(&project, std::slice::from_ref(&args.input))?;
    let intake = loaded.read()?;
    let pricer = Pricer::new(&loaded.reference, &loaded.project.payers).with_npp_npis(loaded.project.npp_npis.clone());
    let falls: Vec<Option<Ruled>> = if args.rules {
        let tells = Tells::of_files(&intake.files, &intake.lines);
        judge_lines(&loaded.reference, |id| loaded.project.payer_of_id(id).cloned(), &intake.lines, &tells).falls
    } else {
        vec![None; intake.lines.len()]
    };
    let mut findings = Findings::default();
    let name = |file: u16| intake.files.get(usize::from(file)).map_or_else(String::new, |f| f.name.clone());
    let priced = price_lines(&pricer, &intake.lines, &falls, name, &mut findings)?;
    let (rows, total) = rows(&intake.lines, &priced)?;
    match &args.out {
        Some(path) => {
            let mut target = Target::create(path)?;
            target.write_all(&rows).map_err(|e| Error::output("cannot write the output").because(e))?;
            target.finish()?;
        }
        None => super::print_out(&String::from_utf8_lossy(&rows))?,
    }
    let findings: Vec<_> = intake.findings.into_sorted().into_iter().chain(findings.into_sorted()).collect();
    for finding in &findings {
        super::say(&finding.to_string());
    }
    let summary = match args.format {
        Summary::Text => text(&total),
        Summary::Json => super::json(&json!({ "lines": intake.lines.len(), "total": total, "findings": findings }))?,
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

fn is_parquet(path: &std::path::Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet"))
}

/// One CSV row per line, in the order of the files.
fn rows(lines: &[ServiceLine], priced: &PricedLines) -> Result<(Vec<u8>, Total)> {
    let failed = |e: csv::Error| Error::output("the priced lines cannot be written").because(e);
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(HEADER).map_err(failed)?;
    let mut total = Total::default();
    for (i, line) in lines.iter().enumerate() {
        let PricedKey { key, priced: unit, .. } = priced.of(i);
        let expected = priced.expected[i];
        total.billed += line.charge;
        match expected {
            Expected::Payable(amount, _) => {
                total.payable += 1;
                total.expected += amount;
            }
            Expected::NotPayable(_) => total.not_payable += 1,
            Expected::Unknown(_) => total.unknown += 1,
        }
        let locality = match key.area {
            Area::Locality(locality, _) => locality.to_string(),
            Area::State(_) | Area::Nowhere => String::new(),
        };
        let assumed: Vec<&str> = unit.fallbacks.iter().map(|code| code.as_str()).collect();
        let cells = [
            line.claim_id.to_string(),
            line.line_number.to_string(),
            line.service_date.to_string(),
            line.payer.to_string(),
            key.area.state().map_or_else(String::new, |state| state.to_string()),
            locality,
            line.pos.map_or_else(String::new, |pos| pos.to_string()),
            line.code.to_string(),
            line.modifiers.to_string(),
            line.units.to_string(),
            line.charge.to_string(),
            match expected {
                Expected::Unknown(_) => String::new(),
                known => known.amount().map_or_else(String::new, |amount| amount.to_string()),
            },
            expected.outcome().to_owned(),
            expected.why().to_owned(),
            unit.rule.clone(),
            assumed.join(" "),
        ];
        out.write_record(cells.map(|cell| csv_text(&cell))).map_err(failed)?;
    }
    let bytes =
        out.into_inner().map_err(|e| Error::output("the priced lines cannot be written").because(e.into_error()))?;
    Ok((bytes, total))
}

fn text(total: &Total) -> String {
    let mut out = String::new();
    for (name, lines) in [("payable", total.payable), ("not payable", total.not_payable), ("unknown", total.unknown)] {
        let _ = writeln!(out, "{name:<12}{lines:>14}");
    }
    let _ = writeln!(out, "billed {}  expected {}", total.billed.pretty(), total.expected.pretty());
    out
}
