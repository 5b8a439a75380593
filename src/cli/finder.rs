//! `allowable finder`: the rates that payers really apply, and the days on which allowed amounts moved.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::inputs::{Loaded, ProjectArgs};
use crate::domain::{Area, Code, Date, Money, Period, parse_iso_date};
use crate::finder::{Alarm, AlarmKind, Candidate, Found, Pattern, Settings, find};
use crate::finding::{Error, Result};
use crate::price::Pricer;
use crate::render::csv_text;
use crate::report;

/// Arguments of `allowable finder`.
#[derive(Debug, Args)]
pub(crate) struct FinderArgs {
    /// Claim and remittance files, as for `report`; without any, those of the project, or the embedded demo practice
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    project: ProjectArgs,
    /// Only this payer: id, name or alias
    #[arg(long)]
    payer: Option<String>,
    /// Only this code
    #[arg(long)]
    code: Option<String>,
    /// Only services from this day on
    #[arg(long, value_name = "DATE", value_parser = day)]
    from: Option<Date>,
    /// Only services up to this day
    #[arg(long, value_name = "DATE", value_parser = day)]
    to: Option<Date>,
    /// Lines that must match to the cent before a rate is named
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    min_lines: u32,
    /// Least share of the lines of its stretch of days that a rate must have, in percent
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=99))]
    min_share: u32,
    /// How to write the result; CSV holds one of the lists, JSON both
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Which list CSV holds
    #[arg(long, value_enum, default_value_t = List::Rates)]
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
    /// Rates applied in place of the agreed ones
    Rates,
    /// Days on which amounts moved
    Alarms,
}

fn day(text: &str) -> std::result::Result<Date, String> {
    parse_iso_date(text).map_err(|e| e.to_string())
}

/// Runs the command.
///
/// # Errors
/// When the files cannot be read, nothing balances, or the result cannot be written.
pub(crate) fn run(args: &FinderArgs) -> Result<ExitCode> {
    let loaded = Loaded::with_inputs(&args.project, &args.inputs)?;
    let settings = settings(args, &loaded)?;
    let run = report::run(loaded.read()?, &loaded.project, &loaded.reference)?;
    let pricer = Pricer::new(&loaded.reference, &loaded.project.payers).with_npp_npis(loaded.project.npp_npis.clone());
    let found = find(&pricer, &run.lines, &run.judged, &run.priced, &settings);
    if found.looked_at == 0 {
        return Err(Error::input("no answered line with a firm rate is left to look at: nothing was checked")
            .help("look at another --payer or --code, or at other days with --from and --to"));
    }
    let name = |id: &str| pricer.payer(id).map_or_else(|| id.to_owned(), |payer| payer.name.to_string());
    let text = match (args.format, args.list) {
        (Format::Text, _) => screen(&found, &settings, &name),
        (Format::Csv, List::Rates) => csv(&RATES, found.patterns.iter().map(rate))?,
        (Format::Csv, List::Alarms) => csv(&ALARMS, found.alarms.iter().map(alarm))?,
        (Format::Json, _) => super::json(&everything(&found))?,
    };
    match &args.out {
        Some(path) => super::rates::write(path, text.as_bytes())?,
        None => super::print_out(&text)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn settings(args: &FinderArgs, loaded: &Loaded) -> Result<Settings> {
    let code = args
        .code
        .as_deref()
        .map(|text| text.parse::<Code>().map_err(|e| Error::usage(format!("--code \"{text}\": {e}"))));
    let payer = args.payer.as_deref().map(|text| super::explain::payer_id(loaded, text));
    let last = args.to.unwrap_or(Date::MAX.pred_opt().unwrap_or(Date::MAX));
    let days = Period::inclusive(args.from.unwrap_or(Date::MIN), last);
    Ok(Settings {
        min_lines: args.min_lines,
        min_share: args.min_share,
        payer: payer.transpose()?,
        code: code.transpose()?,
        days: Some(days.ok_or_else(|| Error::usage("--to lies before --from"))?),
        ..Settings::default()
    })
}

const RATES: [&str; 26] = [
    "payer_id",
    "cause",
    "applied",
    "codes",
    "settings",
    "first_day",
    "last_day",
    "lines",
    "lines_it_would_show",
    "lines_as_agreed",
    "short",
    "over",
    "confidence_percent",
    "strength",
    "different_amounts",
    "candidates_tried",
    "mixture",
    "other_explanations",
    "example_claim_id",
    "example_line_number",
    "example_day",
    "example_code",
    "example_expected",
    "example_allowed",
    "example_agreed_rate",
    "example_applied_rate",
];

/// A pattern in the columns of [`RATES`].
fn rate(pattern: &Pattern) -> [String; 26] {
    let example = |f: &dyn Fn(&crate::finder::Example) -> String| pattern.example.as_ref().map(f).unwrap_or_default();
    [
        pattern.payer.to_string(),
        pattern.applied.as_str().to_owned(),
        pattern.applied.words(),
        codes(pattern, " "),
        settings_of(pattern).join(" "),
        pattern.first.to_string(),
        pattern.last.to_string(),
        pattern.lines.to_string(),
        pattern.would_show.to_string(),
        pattern.as_agreed.to_string(),
        pattern.short.to_string(),
        pattern.over.to_string(),
        pattern.confidence.to_string(),
        pattern.strength().to_owned(),
        pattern.distinct.to_string(),
        pattern.tried.to_string(),
        pattern.is_mixture(&Settings::default()).to_string(),
        pattern.ties.iter().map(Candidate::words).collect::<Vec<_>>().join("; "),
        example(&|e| e.claim.to_string()),
        example(&|e| e.line_number.to_string()),
        example(&|e| e.day.to_string()),
        example(&|e| e.code.to_string()),
        example(&|e| e.expected.to_string()),
        example(&|e| e.allowed.to_string()),
        example(&|e| e.agreed_rate.map(|r| r.to_string()).unwrap_or_default()),
        example(&|e| e.applied_rate.map(|r| r.to_string()).unwrap_or_default()),
    ]
}

const ALARMS: [&str; 15] = [
    "payer_id",
    "code",
    "setting",
    "place",
    "places",
    "what",
    "day",
    "allowed_before",
    "allowed_after",
    "agreed_before",
    "agreed_after",
    "lines",
    "last_day",
    "still_so",
    "dollars_a_year",
];

/// An alarm in the columns of [`ALARMS`].
fn alarm(alarm: &Alarm) -> [String; 15] {
    [
        alarm.payer.to_string(),
        alarm.code.to_string(),
        setting(alarm.facility).to_owned(),
        place(alarm.area),
        alarm.places.to_string(),
        alarm.kind.as_str().to_owned(),
        alarm.day.to_string(),
        alarm.allowed.0.to_string(),
        alarm.allowed.1.to_string(),
        alarm.agreed.0.to_string(),
        alarm.agreed.1.to_string(),
        alarm.lines.to_string(),
        alarm.until.to_string(),
        alarm.lasts.to_string(),
        alarm.a_year.map_or_else(String::new, |money| money.to_string()),
    ]
}

const fn setting(facility: Option<bool>) -> &'static str {
    match facility {
        Some(true) => "facility",
        Some(false) => "office",
        None => "unknown",
    }
}

fn settings_of(pattern: &Pattern) -> Vec<&'static str> {
    pattern.facility.iter().map(|facility| setting(*facility)).collect()
}

fn codes(pattern: &Pattern, between: &str) -> String {
    pattern.codes.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}

fn place(area: Area) -> String {
    match area {
        Area::Nowhere => String::new(),
        area => area.to_string(),
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
fn everything(found: &Found) -> Value {
    let object = |names: &[&str], cells: &[String]| -> Map<String, Value> {
        let value = |cell: &String| if cell.is_empty() { Value::Null } else { json!(cell) };
        names.iter().zip(cells).map(|(name, cell)| ((*name).to_owned(), value(cell))).collect()
    };
    let rates = found.patterns.iter().map(|pattern| {
        let mut one = object(&RATES, &rate(pattern));
        one.insert("mixed_with".to_owned(), json!(pattern.mixed_with));
        one.insert("agreed_rule".to_owned(), json!(pattern.example.as_ref().map(|example| &example.rule)));
        one
    });
    json!({
        "lines_looked_at": found.looked_at,
        "lines_not_as_agreed": found.odd,
        "lines_explained": found.explained,
        "short": found.short,
        "short_explained": found.short_explained,
        "rates": rates.collect::<Vec<_>>(),
        "alarms": found.alarms.iter().map(|one| object(&ALARMS, &alarm(one))).collect::<Vec<_>>(),
    })
}

/// Both lists for reading.
fn screen(found: &Found, settings: &Settings, name: &dyn Fn(&str) -> String) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}; {} allowed something else than agreed, {} short",
        count(found.looked_at, "answered line with a firm rate", "answered lines with a firm rate"),
        count(found.odd, "is", "are"),
        found.short.pretty()
    );
    if found.patterns.is_empty() {
        let _ = writeln!(
            text,
            "No other rate was found to be applied: none gives {} lines of one payer to the cent over a stretch of days.",
            settings.min_lines
        );
    } else {
        let _ = writeln!(
            text,
            "{} {} of these lines and {} of the money",
            how_many(found.patterns.len()),
            digits(found.explained),
            found.short_explained.pretty()
        );
    }
    for (i, pattern) in found.patterns.iter().enumerate() {
        block(&mut text, i, pattern, settings, name);
    }
    text.push('\n');
    if found.alarms.is_empty() {
        let said = if found.patterns.is_empty() {
            "No usual amount moved without the agreed rate."
        } else {
            "No day can be told on which these rates began: in no single place are there enough lines before and after it."
        };
        let _ = writeln!(text, "{said}");
        return text;
    }
    let _ = writeln!(text, "Days on which the usual allowed amount and the agreed rate parted or met:");
    for one in &found.alarms {
        moved(&mut text, one, name);
    }
    text
}

/// `3,002`.
fn digits(n: u64) -> String {
    let dollars = i64::try_from(n).unwrap_or(i64::MAX).saturating_mul(100);
    Money::from_cents(dollars).pretty_dollars().replace('$', "")
}

/// `1 line`, `3,002 lines`.
fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", digits(n), if n == 1 { one } else { many })
}

fn how_many(rates: usize) -> String {
    if rates == 1 {
        "1 rate in place of the agreed one explains".to_owned()
    } else {
        format!("{rates} rates in place of the agreed ones explain")
    }
}

/// One pattern.
fn block(text: &mut String, index: usize, pattern: &Pattern, settings: &Settings, name: &dyn Fn(&str) -> String) {
    let _ = writeln!(text, "\n{}. {} applies {}", index + 1, name(&pattern.payer), pattern.applied.words());
    let over = if pattern.over.is_zero() { String::new() } else { format!(", {} over", pattern.over.pretty()) };
    let _ = writeln!(
        text,
        "   {} to {}: {} to the cent, {} short{over}",
        pattern.first,
        pattern.last,
        count(pattern.lines, "line", "lines"),
        pattern.short.pretty()
    );
    let _ = writeln!(text, "   codes {}; {}", codes(pattern, ", "), settings_of(pattern).join(" and "));
    let _ = writeln!(
        text,
        "   of {} on which it would show, {} paid as agreed",
        count(pattern.would_show, "line", "lines"),
        count(pattern.as_agreed, "is", "are")
    );
    if pattern.is_mixture(settings) {
        let others: Vec<String> = pattern.mixed_with.iter().map(|i| format!("no. {}", i + 1)).collect();
        let with = if others.is_empty() { "the agreed rate".to_owned() } else { others.join(", ") };
        let _ = writeln!(text, "   a mixture: in these days the payer also applies {with}");
    }
    let _ = writeln!(
        text,
        "   confidence {} % ({}): {} different {}, {} candidates tried",
        pattern.confidence,
        pattern.strength(),
        pattern.distinct,
        if pattern.distinct == 1 { "amount" } else { "amounts" },
        pattern.tried
    );
    if !pattern.ties.is_empty() {
        let _ = writeln!(text, "   the same lines are explained as well by:");
        for tie in &pattern.ties {
            let _ = writeln!(text, "     {}", tie.words());
        }
    }
    if let Some(example) = &pattern.example {
        let at = |rate: Option<rust_decimal::Decimal>, amount: Money| match rate {
            Some(rate) => format!("{} × {rate} = {}", example.units, amount.pretty()),
            None => amount.pretty(),
        };
        let _ = writeln!(
            text,
            "   {}:{} of {}, {}: agreed {}, allowed {}",
            example.claim,
            example.line_number,
            example.day,
            example.code,
            at(example.agreed_rate, example.expected),
            at(example.applied_rate, example.allowed)
        );
        let _ = writeln!(text, "   agreed: {}", example.rule);
    }
}

/// One alarm.
fn moved(text: &mut String, alarm: &Alarm, name: &dyn Fn(&str) -> String) {
    let places = if alarm.places > 1 { format!(" and {} more", alarm.places - 1) } else { String::new() };
    let year = match (alarm.kind, alarm.a_year) {
        (AlarmKind::Returned, _) | (_, None) => String::new(),
        (_, Some(money)) if alarm.lasts => format!("; {} a year", money.pretty()),
        (_, Some(money)) => format!("; over since, it was {} a year at the volume of the last one", money.pretty()),
    };
    let _ = writeln!(
        text,
        "  {}  {} {} {} ({}{places}): {}",
        alarm.day,
        name(&alarm.payer),
        alarm.code,
        setting(alarm.facility),
        place(alarm.area),
        alarm.kind.label(),
    );
    let step = |(before, after): (rust_decimal::Decimal, rust_decimal::Decimal)| {
        if before == after { format!("stays {after}") } else { format!("{before} → {after}") }
    };
    let _ = writeln!(
        text,
        "              allowed {}, agreed {}; {} up to {}{year}",
        step(alarm.allowed),
        step(alarm.agreed),
        count(alarm.lines, "line", "lines"),
        alarm.until
    );
}
