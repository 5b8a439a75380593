//! `allowable contract`: run the tests inside contract files, print the schedule that follows from them, compare two, draft one.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::explain::sum;
use super::inputs::{Loaded, ProjectArgs};
use super::report::Format;
use crate::contract::{
    Allowed, Checked, Diff, DiffStep, Head, Months, Shown, as_if_in_force, check, diff, from_paid, from_schedule, show,
};
use crate::domain::contract::Contract;
use crate::domain::{Area, Code, Date, Money, Payer, Period, parse_iso_date};
use crate::finding::{Error, Place, Result};
use crate::payability::{Tells, judge_lines};
use crate::price::Pricer;
use crate::project::{PracticePlace, Project};
use crate::reconcile::{adjudicate, link};

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
    /// What a new contract would change: the last months priced by both, split exactly into volume, mix and rate
    Diff(DiffArgs),
    /// Draft a contract file from a fee schedule, or from what was allowed
    Init(InitArgs),
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

#[derive(Debug, Args)]
struct InitArgs {
    /// The payer (id, name or alias); without one, a commented example that shows every key
    #[arg(long)]
    payer: Option<String>,
    /// A fee schedule as CSV, in the columns of a loaded schedule; without it, what was allowed in the last 12 months
    #[arg(long, value_name = "FILE", requires = "payer")]
    fees: Option<PathBuf>,
    /// Where the draft goes; standard output when absent. A file that is there already is left alone
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Claim and remittance files; without any, those of the project
    files: Vec<PathBuf>,
    #[command(flatten)]
    project: ProjectArgs,
}

#[derive(Debug, Args)]
struct DiffArgs {
    /// The contract as it is: a file, or a payer of the project with a contract
    old: String,
    /// The other one: a file
    new: String,
    /// Claim files; without any, those of the project
    files: Vec<PathBuf>,
    /// Months to price by both, the last of them the month of the last service
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=120))]
    months: u32,
    /// Last month, such as 2024-12; default: the month of the last service
    #[arg(long, value_name = "MONTH")]
    until: Option<String>,
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
        ContractCommand::Diff(args) => diffed(args),
        ContractCommand::Init(args) => init(args),
    }
}

/// Contracts with their payers: these files by themselves, or those of the project.
fn load(project: &ProjectArgs, files: &[PathBuf]) -> Result<(Loaded, Vec<(Payer, Contract)>)> {
    let mut loaded = Loaded::open(project)?;
    let contracts = if files.is_empty() {
        let with_payer =
            |contract: &Contract| Some((loaded.project.payer_of_id(&contract.payer)?.clone(), contract.clone()));
        loaded.project.contracts.iter().filter_map(with_payer).collect()
    } else {
        files.iter().map(|file| loaded.contract(file)).collect::<Result<_>>()?
    };
    Ok((loaded, contracts))
}

/// The contract that a file or a payer's name stands for.
fn named(loaded: &mut Loaded, name: &str) -> Result<(Payer, Contract)> {
    let path = PathBuf::from(name);
    if path.is_file() {
        return loaded.contract(&path);
    }
    let payer = super::explain::payer_id(loaded, name).map_err(|e| {
        let file = name.ends_with(".toml") || name.contains('/');
        if file { Error::usage(format!("there is no contract file {name}")) } else { e }
    })?;
    let contract = loaded.project.contracts.iter().find(|contract| contract.payer == payer).cloned();
    match (loaded.project.payer_of_id(&payer).cloned(), contract) {
        (Some(payer), Some(contract)) => Ok((payer, contract)),
        _ => Err(Error::usage(format!("{name} has no contract file")).help(
            "write one with `allowable contract init`; terms in allowable.toml are shown by `allowable explain`",
        )),
    }
}

fn test(args: &TestArgs) -> Result<ExitCode> {
    let (loaded, contracts) = load(&args.project, &args.files)?;
    if contracts.is_empty() {
        return Err(Error::usage("no contract files")
            .help("name one, or keep contracts in the folder `contracts` beside allowable.toml"));
    }
    let checked: Vec<(&Contract, Vec<Checked<'_>>)> = contracts
        .iter()
        .map(|(payer, contract)| {
            let pricer = Pricer::new(&loaded.reference, std::slice::from_ref(payer));
            (contract, check(&pricer, contract))
        })
        .collect();
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
    let mut loaded = Loaded::open(&args.project)?;
    let (payer, contract) = named(&mut loaded, &args.contract)?;
    let contract = &contract;
    let codes: Vec<Code> = if args.code.is_empty() {
        loaded.project.scope.clone().unwrap_or_else(|| {
            ["96372", "96373", "96374", "96375"].iter().filter_map(|code| code.parse().ok()).collect()
        })
    } else {
        let read = |text: &String| text.parse().map_err(|e| Error::usage(format!("--code \"{text}\": {e}")));
        args.code.iter().map(read).collect::<Result<_>>()?
    };
    let pricer = Pricer::new(&loaded.reference, std::slice::from_ref(&payer));
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

fn diffed(args: &DiffArgs) -> Result<ExitCode> {
    let mut loaded = Loaded::with_inputs(&args.project, &args.files)?;
    let (old_payer, old) = named(&mut loaded, &args.old)?;
    let (new_payer, new) = named(&mut loaded, &args.new)?;
    if old_payer.id != new_payer.id {
        let (old, new) = (&old_payer.id, &new_payer.id);
        return Err(Error::usage(format!("{} is a contract of {old}, {} of {new}", args.old, args.new))
            .help("compare two contracts of one payer: their [contract] tables name the same `payer`"));
    }
    let intake = loaded.read()?;
    let lines = &intake.lines;
    let of_payer = lines.iter().filter(|line| line.payer == old_payer.id).map(|line| line.service_date);
    let Some(last) = of_payer.max() else {
        return Err(Error::usage(format!("no claim line of {} in the files", old_payer.name)));
    };
    let last = match args.until.as_deref() {
        None => last,
        Some(text) => parse_iso_date(&format!("{text}-01"))
            .map_err(|_| Error::usage(format!("--until \"{text}\": expected a month, such as 2024-12")))?,
    };
    let months = months(last, args.months).ok_or_else(|| Error::usage("the months lie outside the calendar"))?;
    let tells = Tells::of_files(&intake.files, lines);
    let falls = judge_lines(&loaded.reference, |id| loaded.project.payer_of_id(id).cloned(), lines, &tells).falls;
    let payers = (&as_if_in_force(&old_payer, &old), &as_if_in_force(&new_payer, &new));
    let diff = diff(&loaded.reference, payers, lines, &falls, months)?;
    let out = match args.format {
        Table::Json => super::json(&diff)?,
        Table::Csv => diff_csv(&diff)?,
        Table::Text => diff_text(&diff, &old, &new),
    };
    super::print_out(&out)?;
    Ok(ExitCode::SUCCESS)
}

/// So many calendar months that end with the month of a day, and as many before.
fn months(last: Date, count: u32) -> Option<Months> {
    use chrono::Datelike;
    let first_of_last = last.with_day(1)?;
    let until = first_of_last.checked_add_months(chrono::Months::new(1))?;
    let from = until.checked_sub_months(chrono::Months::new(count))?;
    let before = from.checked_sub_months(chrono::Months::new(count))?;
    Some(Months { now: Period::new(from, until)?, before: Period::new(before, from)? })
}

fn diff_csv(diff: &Diff) -> Result<String> {
    let failed = |e: &dyn std::fmt::Display| Error::output(format!("the table cannot be written: {e}"));
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["code", "pos", "month", "lines", "old", "new", "effect"]).map_err(|e| failed(&e))?;
    for row in &diff.rows {
        let money = |amount: Money| amount.to_string();
        let lines = row.lines.to_string();
        let cells = [&row.code, &row.pos, &row.month, &lines, &money(row.old), &money(row.new), &money(row.effect)]
            .map(String::clone);
        out.write_record(cells).map_err(|e| failed(&e))?;
    }
    let bytes = out.into_inner().map_err(|e| failed(&e))?;
    String::from_utf8(bytes).map_err(|e| failed(&e))
}

fn diff_text(diff: &Diff, old: &Contract, new: &Contract) -> String {
    let mut out = String::new();
    let (from, to) = diff.now;
    let _ = writeln!(out, "{}: {} against {}", diff.payer, new.file, old.file);
    let priced: Money = diff.rows.iter().map(|row| row.old).sum();
    let lines: u64 = diff.rows.iter().map(|row| row.lines).sum();
    if lines == 0 {
        let _ = writeln!(out, "no line of {from} to {to} is priced by both contracts: there is nothing to compare");
    }
    let new_sum: Money = diff.rows.iter().map(|row| row.new).sum();
    let _ = writeln!(
        out,
        "{lines} lines of {from} to {to}, priced as if each contract had been in force: {} under the old, {} under the new, {}",
        priced.pretty(),
        new_sum.pretty(),
        signed(new_sum - priced)
    );
    let _ = writeln!(out, "\nby month      lines            old            new         effect");
    let mut months: std::collections::BTreeMap<&str, (u64, Money, Money)> = std::collections::BTreeMap::new();
    for row in &diff.rows {
        let month = months.entry(&row.month).or_default();
        *month = (month.0 + row.lines, month.1 + row.old, month.2 + row.new);
    }
    for (month, (lines, old, new)) in &months {
        let (effect, old, new) = (signed(*new - *old), old.pretty(), new.pretty());
        let _ = writeln!(out, "{month:<10}{lines:>9}{old:>15}{new:>15}{effect:>15}");
    }
    let (before, to) = diff.before;
    let _ = writeln!(out, "\nfrom {before} to {to} under the old contract to the months above under the new one");
    let _ = writeln!(out, "code   pos          before         volume            mix           rate            now");
    for step in diff.steps.iter().chain([&diff.total]) {
        let DiffStep { code, pos, before, volume, mix, rate, now } = step;
        let code = if code.is_empty() { "all" } else { code };
        let _ = writeln!(
            out,
            "{code:<7}{pos:<5}{:>14}{:>15}{:>15}{:>15}{:>15}",
            before.pretty(),
            signed(*volume),
            signed(*mix),
            signed(*rate),
            now.pretty()
        );
    }
    let unpriced = &diff.unpriced;
    for (lines, what) in [
        (unpriced.only_old, format!("priced by the old contract alone ({})", unpriced.only_old_dollars.pretty())),
        (unpriced.only_new, format!("priced by the new contract alone ({})", unpriced.only_new_dollars.pretty())),
        (unpriced.neither, "priced by neither".to_owned()),
        (unpriced.before, "of the months before not priced by both".to_owned()),
    ] {
        if lines > 0 {
            let _ = writeln!(out, "in no sum: {lines} lines {what}");
        }
    }
    if unpriced.without_before > 0 {
        let _ = writeln!(
            out,
            "not in the way from before: {} lines of codes and places of which no line before is priced by both",
            unpriced.without_before
        );
    }
    out
}

fn signed(amount: Money) -> String {
    if amount > Money::ZERO { format!("+{}", amount.pretty()) } else { amount.pretty() }
}

fn init(args: &InitArgs) -> Result<ExitCode> {
    let text = match &args.payer {
        None => Project::contract_template().to_owned(),
        Some(name) => {
            let mut loaded = Loaded::with_inputs(&args.project, &args.files)?;
            let id = super::explain::payer_id(&loaded, name)?;
            let payer = loaded.project.payer_of_id(&id).cloned().unwrap_or_else(|| Payer::stranger(id.clone()));
            match &args.fees {
                Some(path) => of_fees(&mut loaded, &payer, path)?,
                None => of_paid(&loaded, &payer)?,
            }
        }
    };
    match &args.out {
        None => super::print_out(&text)?,
        Some(path) => {
            let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(|e| {
                Error::output(format!("cannot create {}", path.display())).because(e).help("choose a name that is free")
            })?;
            std::io::Write::write_all(&mut file, text.as_bytes())
                .map_err(|e| Error::output(format!("cannot write {}", path.display())).because(e))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A draft with the rows of a fee schedule.
fn of_fees(loaded: &mut Loaded, payer: &Payer, path: &std::path::Path) -> Result<String> {
    let place = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|e| Error::input("the fee schedule cannot be read").at(Place::file(&place)).because(e))?;
    for finding in loaded.reference.add_schedule("draft", &place, &bytes) {
        super::say(&finding.to_string());
    }
    // Rows of several payers are kept under the payer's name.
    let own = [format!("draft:{}", payer.id), "draft".to_owned()];
    let rows = own.iter().map(|name| loaded.reference.schedules.listed(name)).find(|rows| !rows.is_empty());
    let Some(rows) = rows else {
        return Err(Error::input("the fee schedule has no rate that can be used")
            .at(Place::file(place))
            .help("it needs the columns code, rate and effective_from; see `allowable price --help`"));
    };
    let head = Head {
        payer,
        source: format!("Draft from {place}: {} {}.", rows.len(), if rows.len() == 1 { "rate" } else { "rates" }),
    };
    Ok(from_schedule(&head, &rows))
}

/// A draft that gives what was allowed in the twelve months before the last service.
fn of_paid(loaded: &Loaded, payer: &Payer) -> Result<String> {
    let intake = loaded.read()?;
    let (linked, _) = link(&intake.lines, &intake.remits);
    let last = intake.lines.iter().filter(|line| line.payer == payer.id).map(|line| line.service_date).max();
    let first = last.and_then(|day| day.checked_sub_months(chrono::Months::new(12)));
    let mut lines = Vec::new();
    for (line, answers) in intake.lines.iter().zip(&linked) {
        if line.payer != payer.id || first.is_some_and(|first| line.service_date <= first) {
            continue;
        }
        let answers: Vec<_> = answers.iter().map(|i| &intake.remits[*i as usize]).collect();
        let found = adjudicate(&loaded.reference.denials, &answers, payer.sequestration);
        if found.answers > 0 && found.denial.is_none() && found.allowed() > Money::ZERO {
            lines.push(Allowed { line, amount: found.allowed() });
        }
    }
    let source = format!("Draft worked out from {} lines that {} allowed.", lines.len(), payer.name);
    from_paid(&Head { payer, source }, &loaded.reference, &lines).ok_or_else(|| {
        Error::usage(format!("no line of {} was allowed anything in these files", payer.name))
            .help("give its fee schedule with --fees, or files with its remittances")
    })
}
