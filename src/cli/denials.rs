//! `allowable denials`: denials by payer, code, place, provider, month, reason or billing step, with rates and intervals.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::inputs::{Loaded, ProjectArgs};
use super::{print_out, rates::write};
use crate::domain::{Date, Payer, parse_iso_date};
use crate::finding::{Error, Result};
use crate::leakage::{Chance, DenialFilter, DenialRates, DenialRow, DenialsBy};
use crate::reference::Reference;
use crate::report::{self, DataKind, denial_advice, denial_row_name, denial_table};

/// Arguments of `allowable denials`.
#[derive(Debug, Args)]
pub(crate) struct DenialsArgs {
    /// Claim and remittance files; without any, those of the project, or the embedded demo practice
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    project: ProjectArgs,
    /// What to count denials by, separated by commas
    #[arg(long, value_enum, value_delimiter = ',', default_value = "category", value_name = "WHAT")]
    by: Vec<By>,
    /// Only this payer, by its id or name
    #[arg(long, value_name = "PAYER")]
    payer: Option<String>,
    /// Only services on or after this day (2024-03-09)
    #[arg(long, value_name = "DAY", value_parser = parse_iso_date)]
    from: Option<Date>,
    /// Only services on or before this day
    #[arg(long, value_name = "DAY", value_parser = parse_iso_date)]
    to: Option<Date>,
    /// How to write the counts
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What to count by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// Category of the reason
    Category,
    /// Payer
    Payer,
    /// Procedure or drug code
    Code,
    /// Place of service
    Pos,
    /// Rendering provider (else billing), those with few lines together
    Provider,
    /// Month of the service
    Month,
    /// Group, reason and remark code, with what to do about each
    Carc,
    /// The billing step that could have stopped it
    Step,
}

impl From<By> for DenialsBy {
    fn from(by: By) -> Self {
        match by {
            By::Category => Self::Category,
            By::Payer => Self::Payer,
            By::Code => Self::Code,
            By::Pos => Self::Pos,
            By::Provider => Self::Provider,
            By::Month => Self::Month,
            By::Carc => Self::Carc,
            By::Step => Self::Step,
        }
    }
}

/// How to write the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading
    Text,
    /// For spreadsheets
    Csv,
    /// For programs
    Json,
}

pub(crate) fn run(args: &DenialsArgs) -> Result<ExitCode> {
    let loaded = Loaded::with_inputs(&args.project, &args.inputs)?;
    let payer = args.payer.as_deref().map(|given| payer_id(given, &loaded.project.payers)).transpose()?;
    let run = report::run(loaded.read()?, &loaded.project, &loaded.reference)?;
    let filter = DenialFilter { payer, from: args.from, to: args.to };
    let mut counted: Vec<DenialRates> = Vec::new();
    for by in args.by.iter().copied().map(DenialsBy::from) {
        // Named twice is counted once.
        if counted.iter().all(|c| c.by != by) {
            counted.push(DenialRates::of(&run.ledger, by, &filter)?);
        }
    }
    let text = match args.format {
        Format::Text => screen(&counted, &loaded.reference, &run.report.period, loaded.is_demo),
        Format::Csv => {
            let bytes = crate::render::table_csv(&denial_table(&counted, &loaded.reference), run.report.kind)?;
            String::from_utf8(bytes).map_err(|e| Error::output("the counts are not text").because(e))?
        }
        Format::Json => super::json(&objects(&counted, &loaded.reference, run.report.kind))?,
    };
    match &args.out {
        Some(path) => write(path, text.as_bytes())?,
        None => print_out(&text)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The id of the payer that is called so.
fn payer_id(given: &str, payers: &[Payer]) -> Result<String> {
    let is_it = |p: &&Payer| p.id.eq_ignore_ascii_case(given) || p.name.eq_ignore_ascii_case(given);
    let known = || payers.iter().map(|p| format!("{} ({})", p.id, p.name)).collect::<Vec<_>>().join(", ");
    payers.iter().find(is_it).map(|p| p.id.to_string()).ok_or_else(|| {
        Error::usage(format!("there is no payer \"{given}\" in the project")).help(format!("there is {}", known()))
    })
}

/// The rows of the table as objects with the names of its columns.
fn objects(counted: &[DenialRates], reference: &Reference, kind: DataKind) -> serde_json::Value {
    let table = denial_table(counted, reference);
    let row = |cells: &Vec<report::Cell>| {
        let named =
            table.columns.iter().zip(cells).map(|(column, cell)| (column.name.clone(), serde_json::json!(cell)));
        serde_json::Value::Object(named.collect())
    };
    let rows: Vec<serde_json::Value> = table.rows.iter().map(row).collect();
    serde_json::json!({ "data_kind": kind, "rows": rows, "notes": all_notes(counted) })
}

/// A block per count: what it comes to, the groups, and what to do about reasons.
fn screen(counted: &[DenialRates], reference: &Reference, period: &str, is_demo: bool) -> String {
    let mut text = String::new();
    for rates in counted {
        let all = &rates.total;
        let _ = writeln!(text, "Denials by {}, services {period}", title(rates.by));
        let _ = writeln!(
            text,
            "{} of {} answered lines denied at first ({}), {} in the end; {} recovered, {} allowed on them",
            all.group.initially_denied,
            all.answered,
            share(all.initial.raw_percent()),
            all.group.denied_lines,
            all.group.recovered_lines,
            all.group.recovered.pretty()
        );
        text.push_str(&table(rates, reference));
        for row in &rates.rows {
            advice(&mut text, rates.by, row, reference);
        }
        text.push('\n');
    }
    for note in all_notes(counted) {
        let _ = writeln!(text, "{note}");
    }
    if is_demo {
        text.push_str("This was the embedded demo practice (synthetic).\n");
    }
    text
}

const fn title(by: DenialsBy) -> &'static str {
    match by {
        DenialsBy::Category => "category of their reason",
        DenialsBy::Payer => "payer",
        DenialsBy::Code => "code",
        DenialsBy::Pos => "place of service",
        DenialsBy::Provider => "provider",
        DenialsBy::Month => "month of service",
        DenialsBy::Carc => "reason code",
        DenialsBy::Step => "billing step that could have stopped them",
    }
}

fn share(percent: Option<rust_decimal::Decimal>) -> String {
    percent.map_or_else(|| "–".to_owned(), |p| format!("{p:.1}%"))
}

/// `12.3% (10.1–14.8)`.
fn interval(chance: &Chance) -> String {
    let [mean, low, high] = chance.percents();
    format!("{mean:.1}% ({low:.1}–{high:.1})")
}

fn table(rates: &DenialRates, reference: &Reference) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    // All reasons have the same whole, which stands in the line above.
    let whole = !rates.by.is_reason();
    let mut header =
        vec!["", "answered", "at first", "rate (80%)", "in the end", "recovered", "won", "overturned (80%)"];
    header.extend(["open", "lost"]);
    header.retain(|name| whole || *name != "answered");
    let columns = header.len();
    table.set_header(header);
    let mut add = |name: &str, row: &DenialRow| {
        let group = &row.group;
        let mut cells = vec![shorten(name)];
        if whole {
            cells.push(row.answered.to_string());
        }
        cells.extend([
            group.initially_denied.to_string(),
            interval(&row.initial),
            group.denied_lines.to_string(),
            group.recovered_lines.to_string(),
            format!("{} of {}", group.denials_won, group.denials_decided),
            interval(&row.overturn),
            (group.gaps.denied - group.denied_lost).pretty_dollars(),
            group.denied_lost.pretty_dollars(),
        ]);
        table.add_row(cells);
    };
    for row in &rates.rows {
        add(&denial_row_name(rates.by, row, reference), row);
    }
    add("All lines", &rates.total);
    for column in 1..columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// A name that leaves room for the figures, without signs that could steer the terminal.
fn shorten(name: &str) -> String {
    const ROOM: usize = 32;
    let name: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if name.chars().count() <= ROOM {
        return name;
    }
    name.chars().take(ROOM - 1).chain(['…']).collect()
}

/// What to do about a reason, below the table.
fn advice(text: &mut String, by: DenialsBy, row: &DenialRow, reference: &Reference) {
    let Some(advice) = denial_advice(by, row, reference) else { return };
    let name = denial_row_name(by, row, reference);
    let what = if advice.meaning.is_empty() { String::new() } else { format!(": {}", advice.meaning) };
    let _ = writeln!(text, "{name}{what}");
    if by == DenialsBy::Carc {
        let _ = writeln!(text, "  category      {}", advice.category.label());
    }
    let _ = writeln!(text, "  preventable   {}; appealable {}", advice.preventable, advice.appealable);
    let _ = writeln!(text, "  first action  {}", advice.first_action);
    let _ = writeln!(text, "  fix           {}", advice.fix);
    let _ = writeln!(text, "  attach        {}", advice.evidence.join("; "));
    let _ = writeln!(text, "  billing step  {}", advice.step());
}

/// The notes of all counts, each once.
fn all_notes(counted: &[DenialRates]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for note in counted.iter().flat_map(notes) {
        if !all.contains(&note) {
            all.push(note);
        }
    }
    all
}

fn notes(rates: &DenialRates) -> Vec<String> {
    let mut notes = vec![
        "Rates are drawn towards the whole, the more the fewer lines a group has; the interval holds the true rate in 8 of 10 cases.".to_owned(),
        "Decided are denials that the payer looked at again; a denial nobody worked is neither won nor lost.".to_owned(),
    ];
    if rates.by.is_reason() {
        notes.push(
            "A line stands under the reason of its first denial; rates of reasons are of all answered lines."
                .to_owned(),
        );
    }
    if rates.denied_without_price > 0 {
        notes.push(format!(
            "{} denied lines have no price: they count in lines, not in dollars.",
            rates.denied_without_price
        ));
    }
    if rates.not_payable > 0 {
        notes.push(format!("{} lines that are never payable are left out: their denial is right.", rates.not_payable));
    }
    if rates.left_out > 0 {
        notes.push(format!("{} providers with too few lines even together stand in the total only.", rates.left_out));
    }
    notes
}
