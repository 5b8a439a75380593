//! `allowable contract`: run the tests inside contract files, print the schedule that follows from them, compare two, draft one.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::explain::sum;
use super::inputs::{Loaded, ProjectArgs};
use super::report::Format;
use crate::contract::{Checked, Shown, check, show};
use crate::domain::contract::Contract;
use crate::domain::{Area, Code, Date, Period, parse_iso_date};
use crate::finding::{Error, Result};
use crate::price::Pricer;
use crate::project::PracticePlace;

/// Arguments of `allowable contract`.
#[derive(Debug, Args)]
pub(crate) struct ContractArgs {
    #[command(subcommand)]
    command: ContractCommand,
}

#[derive(Debug, Subcommand)]
enum ContractCommand {
    /// Run the [[expect]] tables of contract files; exit code 3 when one fails
    Test(TestArgs),
    /// Print the schedule that follows from a contract
    Show(ShowArgs),
}

#[derive(Debug, Args)]
struct TestArgs {
    /// Contract files; without one, those of the project
    files: Vec<PathBuf>,
    /// Show the whole sum of every test, not only of those that fail
    #[arg(long)]
    verbose: bool,
    #[command(flatten)]
    project: ProjectArgs,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// A payer with a contract (id, name or alias), or a contract file
    contract: String,
    /// Codes to list, beside those that the contract names one by one; default: the codes of the project's scope
    #[arg(long, value_delimiter = ',')]
    code: Vec<String>,
    /// Where: state, locality or ZIP code; default: the practice's place
    #[arg(long)]
    area: Option<String>,
    /// First day
    #[arg(long, value_parser = day)]
    from: Option<Date>,
    /// Last day
    #[arg(long, value_parser = day)]
    to: Option<Date>,
    #[command(flatten)]
    project: ProjectArgs,
    /// Output format
    #[arg(long, value_enum, default_value_t = Table::Text)]
    format: Table,
}

/// How a table is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Table {
    /// For people
    Text,
    /// For spreadsheets
    Csv,
    /// For programs
    Json,
}

fn day(text: &str) -> std::result::Result<Date, String> {
    parse_iso_date(text).map_err(|e| e.to_string())
}

pub(crate) fn run(args: &ContractArgs) -> Result<ExitCode> {
    match &args.command {
        ContractCommand::Test(args) => test(args),
        ContractCommand::Show(args) => shown(args),
    }
}

/// The project with these contract files beside (or instead of) its own.
fn load(project: &ProjectArgs, files: &[PathBuf]) -> Result<(Loaded, Vec<Contract>)> {
    let mut loaded = Loaded::open(project)?;
    if files.is_empty() {
        let own = loaded.project.contracts.clone();
        return Ok((loaded, own));
    }
    let mut contracts = Vec::new();
    for file in files {
        let same = |contract: &&Contract| {
            std::fs::canonicalize(&*contract.file).ok().is_some_and(|a| std::fs::canonicalize(file).ok() == Some(a))
        };
        if let Some(known) = loaded.project.contracts.iter().find(same) {
            contracts.push(known.clone());
            continue;
        }
        contracts.push(loaded.add_contract(file)?);
    }
    Ok((loaded, contracts))
}

fn test(args: &TestArgs) -> Result<ExitCode> {
    let (loaded, contracts) = load(&args.project, &args.files)?;
    if contracts.is_empty() {
        return Err(Error::usage("no contract files")
            .help("name one, or keep contracts in the folder `contracts` beside allowable.toml"));
    }
    let pricer = Pricer::new(&loaded.reference, &loaded.project.payers);
    let checked: Vec<(&Contract, Vec<Checked<'_>>)> =
        contracts.iter().map(|contract| (contract, check(&pricer, contract))).collect();
    let failed = checked.iter().flat_map(|(_, all)| all).filter(|checked| !checked.passed).count();
    let out = match args.format {
        Format::Json => super::json(&json!({
            "failed": failed,
            "contracts": checked.iter().map(|(contract, all)| json!({
                "file": &*contract.file,
                "payer": &*contract.payer,
                "tests": all.iter().map(|one| json!({
                    "at": one.expect.spot.to_string(),
                    "name": one.expect.name.as_deref(),
                    "passed": one.passed,
                    "wanted": one.wanted(),
                    "got": one.got(),
                    "explanation": &one.explanation,
                })).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
        }))?,
        Format::Text => test_text(&checked, args.verbose),
    };
    super::print_out(&out)?;
    Ok(ExitCode::from(if failed > 0 { 3 } else { 0 }))
}

fn test_text(checked: &[(&Contract, Vec<Checked<'_>>)], verbose: bool) -> String {
    let mut out = String::new();
    let (mut passed, mut failed) = (0, 0);
    for (contract, all) in checked {
        let _ = writeln!(out, "{} ({})", contract.file, contract.payer);
        if all.is_empty() {
            let _ = writeln!(out, "  no tests; add [[expect]] with code, date and amount");
        }
        for one in all {
            let e = &one.explanation;
            let modifiers = if e.modifiers.is_empty() { String::new() } else { format!("-{}", e.modifiers) };
            let name = one.expect.name.as_deref().map_or_else(String::new, |name| format!("  {name}"));
            let what = format!("{}{modifiers} × {} on {}", e.code, e.units, e.service_date);
            if one.passed {
                passed += 1;
                let _ = writeln!(out, "  ok    {what}: {}{name}", one.got());
            } else {
                failed += 1;
                let off = one.off().map_or_else(String::new, |off| format!(", {} off", off.pretty()));
                let _ = writeln!(out, "  FAIL  {what}: wanted {}, got {}{off}{name}", one.wanted(), one.got());
                let _ = writeln!(out, "        {}", one.expect.spot);
            }
            if verbose || !one.passed {
                let _ = writeln!(out, "          {}", e.rule);
                for step in &e.steps {
                    let _ = writeln!(out, "            {}: {}", step.what, sum(step));
                }
                for passed in &e.passed_over {
                    let _ = writeln!(out, "          passed over: {passed}");
                }
                for assumed in &e.assumptions {
                    let _ = writeln!(out, "          assumed: {assumed}");
                }
            }
        }
    }
    let _ = writeln!(out, "{passed} passed, {failed} failed");
    out
}

fn shown(args: &ShowArgs) -> Result<ExitCode> {
    let path = PathBuf::from(&args.contract);
    let files = if path.is_file() { vec![path] } else { Vec::new() };
    let (loaded, mut contracts) = load(&args.project, &files)?;
    if files.is_empty() {
        let payer = super::explain::payer_id(&loaded, &args.contract)?;
        contracts.retain(|contract| contract.payer == payer);
    }
    let Some(contract) = contracts.first() else {
        return Err(Error::usage(format!("{} has no contract file", args.contract))
            .help("write one with `allowable contract init`, or see `allowable explain` for terms in allowable.toml"));
    };
    let codes: Vec<Code> = if args.code.is_empty() {
        loaded.project.scope.clone().unwrap_or_else(|| {
            ["96372", "96373", "96374", "96375"].iter().filter_map(|code| code.parse().ok()).collect()
        })
    } else {
        let read = |text: &String| text.parse().map_err(|e| Error::usage(format!("--code \"{text}\": {e}")));
        args.code.iter().map(read).collect::<Result<_>>()?
    };
    let pricer = Pricer::new(&loaded.reference, &loaded.project.payers);
    let from = args.from.unwrap_or_else(|| contract.versions.first().map_or(Date::MIN, |v| v.period.from()));
    let last = args.to.unwrap_or_else(|| contract.versions.last().map_or(Date::MAX, |v| v.period.last()));
    let within = Period::inclusive(from, last).ok_or_else(|| Error::usage("--to lies before --from"))?;
    let area = area(&loaded, &pricer, args.area.as_deref(), within.from())?;
    let shown = show(&pricer, contract, area, &codes, within);
    let out = match args.format {
        Table::Json => super::json(&shown)?,
        Table::Csv => csv(&shown)?,
        Table::Text => text(contract, &shown),
    };
    super::print_out(&out)?;
    Ok(ExitCode::SUCCESS)
}

/// The area that is asked for, or the practice's.
fn area(loaded: &Loaded, pricer: &Pricer<'_>, text: Option<&str>, day: Date) -> Result<Area> {
    let place = match text {
        None => loaded.project.place,
        Some(text) => Some(PracticePlace::read(text).ok_or_else(|| {
            Error::usage(format!("--area \"{text}\": expected a ZIP code, a locality or a state: 43215, 15202-00, OH"))
        })?),
    };
    let (locality, zip, state) = match place {
        None => return Ok(Area::Nowhere),
        Some(PracticePlace::Zip(zip)) => (None, Some(zip), None),
        Some(PracticePlace::Locality(locality)) => (Some(locality), None, None),
        Some(PracticePlace::State(state)) => (None, None, Some(state)),
    };
    Ok(pricer.area(day, locality, zip, state).0)
}

fn csv(shown: &Shown) -> Result<String> {
    let failed = |e: &dyn std::fmt::Display| Error::output(format!("the table cannot be written: {e}"));
    let mut out = csv::Writer::from_writer(Vec::new());
    let header = ["version", "from", "to", "area", "code", "setting", "pays", "amount", "percent_of_medicare", "rule"];
    out.write_record(header).map_err(|e| failed(&e))?;
    for row in &shown.rows {
        let amount = row.amount.map_or_else(String::new, |amount| amount.to_string());
        let cells = [
            row.version.clone(),
            row.from.to_string(),
            row.to.to_string(),
            row.area.clone(),
            row.code.clone(),
            row.setting.to_owned(),
            row.pays.clone(),
            amount,
            row.of_medicare.clone().unwrap_or_default(),
            row.rule.clone(),
        ];
        out.write_record(cells.map(|cell| crate::render::csv_text(&cell))).map_err(|e| failed(&e))?;
    }
    let bytes = out.into_inner().map_err(|e| failed(&e))?;
    String::from_utf8(bytes).map_err(|e| failed(&e))
}

fn text(contract: &Contract, shown: &Shown) -> String {
    let mut out = String::new();
    let product = contract.product.as_deref().map_or_else(String::new, |product| format!(", {product}"));
    let document = contract.document.as_deref().map_or_else(String::new, |document| format!(" ({document})"));
    let _ = writeln!(out, "{}{product}{document}", contract.payer);
    if contract.inferred {
        let _ = writeln!(out, "worked out from what was paid, not signed: nothing in it may be called owed");
    }
    for version in &contract.versions {
        let notice = version.notice.map_or_else(String::new, |day| format!(", notice by {day}"));
        let renewal = version.renewal.as_deref().map_or_else(String::new, |words| format!(", {words}"));
        let _ = writeln!(out, "  version \"{}\" {}{notice}{renewal}", version.name, version.period);
        for (stretch, list) in &version.stretches {
            if let Some(last) = list.escalations.last() {
                let _ = writeln!(out, "    from {}: {}", stretch.from(), last.words);
            }
        }
    }
    let _ = writeln!(
        out,
        "{:<5}  {:<8}  {:<10}  {:<10}  {:>20}  {:>8}  rule",
        "code", "setting", "from", "to", "one unit pays", "% of MCR"
    );
    for row in &shown.rows {
        let _ = writeln!(
            out,
            "{:<5}  {:<8}  {}  {}  {:>20}  {:>8}  {}",
            row.code,
            row.setting,
            row.from,
            row.to,
            row.pays,
            row.of_medicare.as_deref().unwrap_or("-"),
            row.rule
        );
    }
    if !shown.left_out.is_empty() {
        let _ = writeln!(out, "not listed here: codes of {}; name them with --code", shown.left_out.join(", "));
    }
    out
}
