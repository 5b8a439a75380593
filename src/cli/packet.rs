//! `allowable packet`: everything for a negotiation with one payer, as a page that prints, a workbook and charts.

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::Datelike;
use clap::Args;
use rust_decimal::Decimal;

use super::inputs::{Loaded, ProjectArgs};
use super::report::{Format, width};
use crate::domain::contract::Codes;
use crate::domain::{Date, Payer, Period, parse_iso_date};
use crate::finding::{Error, Result};
use crate::outlook::{Book, Coherence, Dim, Measure, Plan, Rates, cash, outlook};
use crate::render::{self, Files};
use crate::report::{self, Asks, PacketInput, Spread, packet};

/// Arguments of `allowable packet`.
#[derive(Debug, Args)]
pub(crate) struct PacketArgs {
    /// The payer (id, name or alias)
    #[arg(long)]
    payer: String,
    /// Claim and remittance files; without any, those of the project, or the embedded demo practice
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    project: ProjectArgs,
    /// What to ask for, in percent of Medicare of the day; default: 10 points above today, to the next five, and nothing of payers
    /// whose rate is set by law (Medicare Part B, Medicaid fee for service)
    #[arg(long, value_name = "PERCENT")]
    ask: Option<Decimal>,
    /// What would do; default: halfway from today to the ask, up to the next five
    #[arg(long, value_name = "PERCENT")]
    fallback: Option<Decimal>,
    /// Below it the contract is not worth having
    #[arg(long, value_name = "PERCENT")]
    walk_away: Option<Decimal>,
    /// Codes that the ask is for: codes, ranges or families, separated by commas; default: all that Medicare prices
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    codes: Vec<String>,
    /// First month, such as 2025-01; default: twelve months back from the last, or where the files begin; sums are scaled to a year
    #[arg(long, value_name = "MONTH")]
    from: Option<String>,
    /// Last month; default: that of the payer's last service
    #[arg(long, value_name = "MONTH")]
    to: Option<String>,
    /// Name the other payers; they are payer A, B, C otherwise
    #[arg(long, conflicts_with = "hand_over")]
    name_others: bool,
    /// The edition for the payer: without fallback, walk-away, what they are weighed with, and the payer's share in the practice
    #[arg(long)]
    hand_over: bool,
    /// Leave the forecast of services out: faster, and next year has no range
    #[arg(long)]
    no_forecast: bool,
    /// Write the packet: a folder, FILE.html, FILE.xlsx or FILE.json
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(crate) fn run(args: &PacketArgs) -> Result<ExitCode> {
    let loaded = Loaded::with_inputs(&args.project, &args.inputs)?;
    let id = super::explain::payer_id(&loaded, &args.payer)?;
    let payer = loaded.project.payer_of_id(&id).cloned().unwrap_or_else(|| Payer::stranger(id.clone()));
    let codes = Codes::list(&args.codes).map_err(|e| Error::usage(format!("--codes: {e}")))?;
    let intake = loaded.read()?;
    let last = intake.lines.iter().filter(|line| line.payer == id).map(|line| line.service_date).max();
    let Some(last) = last else {
        return Err(Error::usage(format!("no claim line of {} in the files", payer.name)));
    };
    let begun = intake.lines.iter().map(|line| line.service_date).min().unwrap_or(last);
    let months = months(args, begun, last)?;
    let by_law = report::is_set_by_law(&payer);
    if let (true, None, Some(_)) = (by_law, args.ask, args.fallback.or(args.walk_away)) {
        return Err(Error::usage(format!(
            "the rate of {} is set by law: there is no fallback without an ask",
            payer.name
        ))
        .help("--ask works one out all the same"));
    }
    let no_ask = by_law && args.ask.is_none();
    let spread = if args.no_forecast || args.hand_over || no_ask {
        Err("it was left out".to_owned())
    } else {
        spread(&loaded, &intake, &payer, months)
    };
    let run = report::run(intake, &loaded.project, &loaded.reference)?;
    report::check_packet(&run, &payer, months)?;
    let asks = if no_ask { None } else { Some(asks(args, &run, &payer, months, codes)?) };
    let input = PacketInput {
        project: &loaded.project,
        reference: &loaded.reference,
        run: &run,
        payer: &payer,
        months,
        asks,
        spread,
        name_others: args.name_others,
        hand_over: args.hand_over,
    };
    let report = packet(&input)?;
    let wrote = args.out.as_deref().map(|out| write(&report, out)).transpose()?;
    match args.format {
        Format::Json => super::print_out(&String::from_utf8_lossy(&render::json(&report)?))?,
        Format::Text => {
            let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            let mut text = render::terminal(&report, colour, width());
            if let Some(wrote) = wrote {
                let _ = writeln!(text, "{wrote}");
            }
            if loaded.is_demo {
                let _ = writeln!(text, "This was the embedded demo practice (synthetic).");
            }
            super::print_out(&text)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The months of `--from` and `--to`; otherwise the twelve that end with the payer's last service, or those since the files begin.
fn months(args: &PacketArgs, begun: Date, last: Date) -> Result<Period> {
    let read = |name: &str, text: &str| {
        parse_iso_date(&format!("{text}-01"))
            .map_err(|_| Error::usage(format!("--{name} \"{text}\": expected a month, such as 2025-01")))
    };
    let month = |day: Date| day.with_day(1).unwrap_or(day);
    let (begun, last) = (month(begun), month(last));
    let to = match args.to.as_deref() {
        Some(text) => read("to", text)?,
        None => last,
    };
    let until = to.checked_add_months(chrono::Months::new(1));
    let from = match args.from.as_deref() {
        Some(text) => Some(read("from", text)?),
        // Months before the files begin are not months without services.
        None => until.and_then(|until| until.checked_sub_months(chrono::Months::new(12))).map(|from| from.max(begun)),
    };
    if let (Some(from), Some(_)) = (from, args.from.as_deref())
        && from < begun
    {
        return Err(Error::usage(format!(
            "--from {}: the files begin in {}",
            from.format("%Y-%m"),
            begun.format("%Y-%m")
        ))
        .help("a year is scaled from months that the files hold"));
    }
    if args.to.is_some() && (to > last || to < begun) {
        return Err(Error::usage(format!(
            "--to {}: the files have services of the payer up to {}, and begin in {}",
            to.format("%Y-%m"),
            last.format("%Y-%m"),
            begun.format("%Y-%m")
        )));
    }
    from.zip(until).and_then(|(from, until)| Period::new(from, until)).ok_or_else(|| {
        if args.to.is_none() {
            Error::usage(format!("--from lies after {}, the month of the payer's last service", last.format("%Y-%m")))
        } else {
            Error::usage("--to lies before --from")
        }
    })
}

/// Every entry of `--codes` must hold some line: an ask for a code that is misspelt is worth nothing.
fn check_codes(run: &report::Run, payer: &Payer, months: Period, codes: &[Codes]) -> Result<()> {
    let of_payer = |line: &&crate::domain::ServiceLine| line.payer == payer.id && months.contains(line.service_date);
    let billed: std::collections::BTreeSet<_> = run.lines.iter().filter(of_payer).map(|line| line.code).collect();
    match codes.iter().find(|codes| !billed.iter().any(|code| codes.holds(*code))) {
        None => Ok(()),
        Some(codes) => {
            let billed: Vec<String> = billed.iter().take(20).map(ToString::to_string).collect();
            Err(Error::usage(format!("--codes {codes}: {} has no line for it in {months}", payer.name))
                .help(format!("the codes billed are {}", billed.join(", "))))
        }
    }
}

/// What is asked for; what is not said follows from today's percentage of Medicare.
fn asks(args: &PacketArgs, run: &report::Run, payer: &Payer, months: Period, codes: Vec<Codes>) -> Result<Asks> {
    let sound = |name: &str, percent: Option<Decimal>| -> Result<Option<Decimal>> {
        match percent {
            Some(p) if p <= Decimal::ZERO || p > Decimal::ONE_THOUSAND => {
                Err(Error::usage(format!("--{name} {p}: expected a percentage of Medicare, such as 140")))
            }
            percent => Ok(percent),
        }
    };
    let (ask, fallback) = (sound("ask", args.ask)?, sound("fallback", args.fallback)?);
    let walk_away = sound("walk-away", args.walk_away)?;
    let five = Decimal::from(5);
    let up = |percent: Decimal| (percent / five).ceil() * five;
    check_codes(run, payer, months, &codes)?;
    let today = || {
        report::percent_of_medicare(run, payer, months).ok_or_else(|| {
            Error::usage(format!(
                "Medicare prices none of the lines of {} whose rate is published or contracted, so no ask follows from today's rates",
                payer.name
            ))
            .help("name the ask and the fallback: --ask 140 --fallback 125")
        })
    };
    let ask = match ask {
        Some(ask) => ask,
        None => up(today()? + Decimal::TEN),
    };
    let fallback = match fallback {
        Some(fallback) => fallback,
        None => today().map_or(ask, |today| up((today + ask) / Decimal::TWO)),
    };
    if fallback > ask || walk_away.is_some_and(|walk_away| walk_away > fallback) {
        return Err(Error::usage(format!(
            "walk-away {}, fallback {fallback}, ask {ask}: each must not be more than the next",
            walk_away.map_or_else(|| "-".to_owned(), |p| p.to_string())
        )));
    }
    Ok(Asks { ask, fallback, walk_away, codes })
}

/// How the payer's services of the next twelve months may differ from those of the packet's months.
fn spread(
    loaded: &Loaded,
    intake: &crate::ingest::Intake,
    payer: &Payer,
    months: Period,
) -> std::result::Result<Spread, String> {
    let as_of = crate::outlook::last_usual_day(intake).unwrap_or(Date::MIN);
    let book = Book::new(intake, &loaded.project, &loaded.reference, as_of).map_err(|e| e.to_string())?;
    let history = book.months().count();
    if history < 24 {
        return Err(format!("{history} whole months of history, and 24 are needed"));
    }
    let plan = Plan {
        horizon: 12,
        paths: 500,
        seed: 96372,
        by: vec![Dim::Payer],
        stretch: Vec::new(),
        adjust: Vec::new(),
        coherence: Coherence::BottomUp,
    };
    let rates = Rates::known(&book, &loaded.project, &loaded.reference, plan.horizon);
    let outlook = outlook(&book, &rates, &cash(&book), &plan);
    let group = outlook.groups.iter().find(|group| group.label.first().is_some_and(|label| *label == *payer.id));
    let Some(group) = group else { return Err("the payer has no services to forecast from".to_owned()) };
    let band = group.sum(Measure::Lines);
    // Lines served in the packet's months at a year's pace, in hundredths as the forecast counts them.
    let served = intake.lines.iter().filter(|line| line.payer == payer.id && months.contains(line.service_date));
    let served = i64::try_from(served.count()).unwrap_or(i64::MAX).saturating_mul(100);
    let count = |day: Date| i64::from(day.year()) * 12 + i64::from(day.month0());
    let year = Decimal::from(served) * Decimal::from(12)
        / Decimal::from((count(months.until()) - count(months.from())).max(1));
    let factor = |lines: i64| Decimal::from(lines).checked_div(year);
    match (factor(band.i80.0), factor(band.mean), factor(band.i80.1)) {
        (Some(low), Some(mean), Some(high)) => Ok(Spread { low, mean, high }),
        _ => Err("the payer has no services in these months".to_owned()),
    }
}

/// Writes what the path's ending asks for and says so.
fn write(report: &report::Report, out: &Path) -> Result<String> {
    let ending = out.extension().map(|e| e.to_string_lossy().to_lowercase());
    let bytes = match ending.as_deref() {
        Some("xlsx") => render::workbook_of(report, &Files::PACKET)?,
        Some("json") => render::json(report)?,
        Some("html") => render::html_of(report, &Files::PACKET)?.into_bytes(),
        Some(other) if !out.is_dir() => {
            return Err(Error::usage(format!("--out {}: \"{other}\" is no format of the packet", out.display()))
                .help("name a file that ends in .html, .xlsx or .json, or a folder"));
        }
        _ => {
            let files = render::write_files(report, &Files::PACKET, out, |_| Ok(()))?;
            return Ok(format!("{} files in {}", files.len(), out.display()));
        }
    };
    super::check::write_beside(out, &bytes)?;
    Ok(format!("packet in {}", out.display()))
}
