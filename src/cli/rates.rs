//! `allowable rates`: the resolved rates of codes by locality and period. Lists; never prices a claim.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde::Serialize;

use crate::domain::{Code, Date, Locality, Period, Pos, State, Unreadable, Zip, parse_iso_date};
use crate::finding::{Error, FindingCode, Result};
use crate::reference::{RateFilter, RateRow, Reference};

use super::print_out;

/// The payers whose rates can be listed.
const PAYERS: [&str; 1] = ["medicare"];

/// Arguments of `allowable rates`.
#[derive(Debug, Args)]
pub(crate) struct RatesArgs {
    /// Whose rates
    #[arg(long, default_value = "medicare", value_name = "PAYER")]
    payer: String,
    /// Procedure or drug codes, separated by commas
    #[arg(long, value_delimiter = ',', default_value = "96372", value_name = "CODE", value_parser = read::<Code>)]
    code: Vec<Code>,
    /// Only rates in force on or after this day (2024-03-09)
    #[arg(long, value_name = "DAY", value_parser = parse_iso_date)]
    from: Option<Date>,
    /// Only rates in force on or before this day
    #[arg(long, value_name = "DAY", value_parser = parse_iso_date)]
    to: Option<Date>,
    /// Only this Medicare locality (15202-00)
    #[arg(long, value_parser = read::<Locality>, conflicts_with_all = ["state", "zip"])]
    locality: Option<Locality>,
    /// Only the localities of this state (OH)
    #[arg(long, value_parser = read::<State>, conflicts_with = "zip")]
    state: Option<State>,
    /// Only the locality of this ZIP code (43215)
    #[arg(long, value_parser = read::<Zip>)]
    zip: Option<Zip>,
    /// Only the setting of this place of service (11)
    #[arg(long, value_parser = read::<Pos>)]
    pos: Option<Pos>,
    /// The conversion factor of qualifying participants in an advanced payment model (from 2026)
    #[arg(long)]
    apm: bool,
    /// How to write the rates
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
}

/// How to write the rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading
    Table,
    /// For spreadsheets
    Csv,
    /// For programs
    Json,
}

/// Reads a value of the domain from the command line.
fn read<T: std::str::FromStr<Err = Unreadable>>(text: &str) -> std::result::Result<T, Unreadable> {
    text.parse()
}

/// One rate as it is written; the names of the fields are the columns.
#[derive(Debug, Serialize)]
struct Line {
    payer: &'static str,
    code: String,
    modifier: &'static str,
    mac: Option<String>,
    locality: Option<String>,
    state: Option<String>,
    setting: Option<&'static str>,
    payable: bool,
    rate: Option<String>,
    effective_from: String,
    effective_to: String,
    basis: &'static str,
    source: String,
}

const COLUMNS: [&str; 13] = [
    "payer",
    "code",
    "modifier",
    "mac",
    "locality",
    "state",
    "setting",
    "payable",
    "rate",
    "effective_from",
    "effective_to",
    "basis",
    "source",
];

impl Line {
    fn new(row: &RateRow) -> Self {
        let sources: Vec<String> = row.sources.iter().map(ToString::to_string).collect();
        Self {
            payer: "medicare",
            code: row.code.to_string(),
            modifier: "",
            mac: row.area.map(|(locality, _)| locality.mac().to_owned()),
            locality: row.area.map(|(locality, _)| locality.number().to_owned()),
            state: row.area.map(|(_, state)| state.to_string()),
            setting: row.facility.map(|facility| if facility { "facility" } else { "nonfacility" }),
            payable: row.rate.is_some(),
            rate: row.rate.map(|rate| rate.to_string()),
            effective_from: row.period.from().to_string(),
            effective_to: row.period.last().to_string(),
            basis: row.basis,
            source: sources.join("; "),
        }
    }

    /// The cells in the order of [`COLUMNS`]; what does not apply is empty.
    fn cells(&self) -> [&str; 13] {
        [
            self.payer,
            &self.code,
            self.modifier,
            self.mac.as_deref().unwrap_or_default(),
            self.locality.as_deref().unwrap_or_default(),
            self.state.as_deref().unwrap_or_default(),
            self.setting.unwrap_or_default(),
            if self.payable { "true" } else { "false" },
            self.rate.as_deref().unwrap_or_default(),
            &self.effective_from,
            &self.effective_to,
            self.basis,
            &self.source,
        ]
    }
}

/// Lists the rates.
///
/// # Errors
/// For a payer, code, place or span of days that the reference does not know, and when the file cannot be written.
pub(crate) fn run(args: &RatesArgs) -> Result<ExitCode> {
    let reference = Reference::embedded()?;
    let payer = args.payer.trim().to_ascii_lowercase();
    if !PAYERS.contains(&payer.as_str()) {
        return Err(unknown("payer", &args.payer, &PAYERS.map(str::to_owned)));
    }
    let filter = filter(args, &reference)?;
    let known = reference.medicare.codes();
    let mut lines = Vec::new();
    for code in &args.code {
        if !known.contains(code) {
            let known: Vec<String> = known.iter().map(ToString::to_string).collect();
            return Err(unknown("code", code.as_str(), &known));
        }
        let rows = reference.medicare.rates(*code, &filter);
        if rows.is_empty() {
            super::say(&format!("note: {code} has no Medicare rate there in these days"));
        }
        lines.extend(rows.iter().map(Line::new));
    }
    let text = match args.format {
        Format::Table => table(&lines),
        Format::Csv => csv(&lines)?,
        Format::Json => {
            let json = serde_json::to_string_pretty(&lines);
            json.map_err(|e| Error::output("the rates could not be written as JSON").because(e))? + "\n"
        }
    };
    match &args.out {
        Some(path) => write(path, text.as_bytes())?,
        None => print_out(&text)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The filter the arguments describe.
fn filter(args: &RatesArgs, reference: &Reference) -> Result<RateFilter> {
    let medicare = &reference.medicare;
    let last = args.to.unwrap_or(Date::MAX.pred_opt().unwrap_or(Date::MAX));
    let days = Period::inclusive(args.from.unwrap_or(Date::MIN), last);
    let days = days.ok_or_else(|| Error::usage("--to lies before --from"))?;
    let mut filter = RateFilter {
        days: Some(days),
        locality: args.locality,
        state: args.state,
        facility: None,
        qualifying_apm: args.apm,
    };
    if let Some(zip) = args.zip {
        let Some(found) = medicare.zip(zip) else {
            return Err(Error::usage(format!("the ZIP code {zip} is in no Medicare locality file"))
                .help("give the locality or the state instead"));
        };
        if found.needs_plus4 {
            super::say(&format!("warning[{}]: {}", FindingCode::ZipNeedsPlus4, FindingCode::ZipNeedsPlus4.meaning()));
        }
        filter.locality = Some(found.locality);
    }
    let mut places: Vec<(Locality, State)> = Vec::new();
    for release in medicare.releases() {
        places.extend(medicare.localities(release.from()).map(|(locality, gpci)| (locality, gpci.state)));
    }
    places.sort_unstable();
    places.dedup();
    if let Some(locality) = filter.locality.filter(|wanted| places.iter().all(|(locality, _)| locality != wanted)) {
        let known: Vec<String> = places.iter().map(|(locality, _)| locality.to_string()).collect();
        return Err(unknown("locality", &locality.to_string(), &known));
    }
    if let Some(state) = filter.state.filter(|wanted| places.iter().all(|(_, state)| state != wanted)) {
        let mut known: Vec<String> = places.iter().map(|(_, state)| state.to_string()).collect();
        known.sort_unstable();
        known.dedup();
        return Err(unknown("state", state.as_str(), &known));
    }
    if let Some(pos) = args.pos {
        let facility = reference.places.is_facility(pos);
        filter.facility = Some(facility.ok_or_else(|| {
            Error::usage(format!("the place of service {pos} is not assigned"))
                .help("11 is the office, 22 the outpatient hospital, 23 the emergency room")
        })?);
    }
    Ok(filter)
}

/// The error that names what there is, the nearest first.
fn unknown(what: &str, given: &str, known: &[String]) -> Error {
    let error = Error::usage(format!("there is no {what} \"{given}\" in the reference data"));
    let distance = |name: &str| strsim::damerau_levenshtein(&given.to_ascii_lowercase(), &name.to_ascii_lowercase());
    // Of equally near names, those that begin alike: the localities of the same contractor.
    let differ_at = |name: &str| name.bytes().zip(given.bytes()).position(|(a, b)| a != b).unwrap_or(name.len());
    let mut nearest: Vec<(usize, &String)> = known.iter().map(|name| (distance(name), name)).collect();
    nearest.sort_by_key(|(distance, name)| (*distance, std::cmp::Reverse(differ_at(name)), *name));
    let names = |list: &[(usize, &String)]| list.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ");
    let best = nearest.first().map_or(usize::MAX, |(distance, _)| *distance);
    let close = nearest.iter().take_while(|(distance, _)| *distance == best).count().min(4);
    // A long list would bury the suggestion.
    let list = if known.len() > 60 { String::new() } else { format!("there is {}", known.join(", ")) };
    match best {
        0..=2 if list.is_empty() => error.help(format!("did you mean {}?", names(&nearest[..close]))),
        0..=2 => error.help(format!("did you mean {}? {list}", names(&nearest[..close]))),
        _ if list.is_empty() => error.help(format!("the nearest are {}", names(&nearest[..close]))),
        _ => error.help(list),
    }
}

/// The rates for reading, without the source rows (they are in CSV and JSON).
fn table(lines: &[Line]) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["code", "locality", "state", "setting", "rate", "from", "to", "basis"]);
    for line in lines {
        let locality = match (&line.mac, &line.locality) {
            (Some(mac), Some(number)) => format!("{mac}-{number}"),
            _ => "national".to_owned(),
        };
        table.add_row([
            line.code.as_str(),
            &locality,
            line.state.as_deref().unwrap_or_default(),
            line.setting.unwrap_or_default(),
            line.rate.as_deref().unwrap_or("not payable"),
            &line.effective_from,
            &line.effective_to,
            line.basis,
        ]);
    }
    if let Some(rate) = table.column_mut(4) {
        rate.set_cell_alignment(CellAlignment::Right);
    }
    let text: String = table.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    text
}

/// The rates with all columns.
fn csv(lines: &[Line]) -> Result<String> {
    let bad = |e: csv::Error| Error::output("the rates could not be written as CSV").because(e);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(bad)?;
    for line in lines {
        writer.write_record(line.cells()).map_err(bad)?;
    }
    let bytes =
        writer.into_inner().map_err(|e| Error::output("the rates could not be written").because(e.into_error()))?;
    String::from_utf8(bytes).map_err(|e| Error::output("the rates are not text").because(e))
}

/// Writes beside the file, then renames: a failed run leaves the earlier file as it was.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |e: std::io::Error| Error::output(format!("{} could not be written", path.display())).because(e);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.persist(path).map_err(|e| failed(e.error))?;
    Ok(())
}
