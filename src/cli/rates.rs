//! `allowable rates`: the resolved rates of codes by locality and period. Lists; never prices a claim.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde::Serialize;

use crate::domain::{Code, Date, Locality, Period, Pos, State, Unreadable, Zip, parse_iso_date};
use crate::finding::{Error, FindingCode, Result, Severity};
use crate::reference::{RateFilter, RateRow, Reference};

use super::inputs::lay_over;
use super::print_out;

/// The payers whose rates can be listed.
const PAYERS: [&str; 1] = ["medicare"];

/// Arguments of `allowable rates`.
#[derive(Debug, Args)]
pub(crate) struct RatesArgs {
    /// Whose rates: only Medicare's are listed; for other payers see `allowable explain` and `allowable contract`
    #[arg(long, default_value = "medicare", value_name = "PAYER")]
    payer: String,
    /// Procedure or drug codes, separated by commas; ALL lists every code of the tables
    #[arg(long, value_delimiter = ',', default_value = "96372", value_name = "CODE", value_parser = read::<Wanted>)]
    code: Vec<Wanted>,
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
    /// Project file, beside which imported tables lie; without one, those of the current folder
    #[arg(long, value_name = "FILE")]
    project: Option<PathBuf>,
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

/// One code, or all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    All,
    One(Code),
}

impl std::str::FromStr for Wanted {
    type Err = Unreadable;

    fn from_str(text: &str) -> std::result::Result<Self, Unreadable> {
        if text.trim().eq_ignore_ascii_case("all") { Ok(Self::All) } else { text.parse().map(Self::One) }
    }
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
    modifier: String,
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
            modifier: row.modifier.map_or_else(String::new, |modifier| modifier.to_string()),
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
            &self.modifier,
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
    let mut reference = Reference::embedded()?;
    let folder = args.project.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    for finding in lay_over(folder, &mut reference)?.iter().filter(|f| f.severity > Severity::Note) {
        super::say(&finding.to_string());
    }
    let payer = args.payer.trim().to_ascii_lowercase();
    if !PAYERS.contains(&payer.as_str()) {
        return Err(Error::usage(format!("only Medicare's rates are listed, not those of \"{}\"", args.payer.trim()))
            .help("did you mean medicare? For a payer of the project: `allowable explain --payer ID --code CODE`"));
    }
    let filter = filter(args, &reference)?;
    let known = reference.medicare.codes();
    let all = args.code.contains(&Wanted::All);
    let mut codes = Vec::new();
    for wanted in &args.code {
        match wanted {
            Wanted::All => {}
            Wanted::One(code) if known.binary_search(code).is_ok() => codes.push(*code),
            Wanted::One(code) => {
                let known: Vec<String> = known.iter().map(ToString::to_string).collect();
                return Err(unknown("code", code.as_str(), &known));
            }
        }
    }
    if all {
        codes = known;
    }
    let mut without: Vec<String> = Vec::new();
    // One code at a time: the rates of all codes in all localities are millions.
    let mut each = |take: &mut dyn FnMut(Line) -> Result<()>| -> Result<()> {
        for code in &codes {
            let rows = reference.medicare.rates(*code, &filter);
            if rows.is_empty() {
                without.push(code.to_string());
                if !all {
                    super::say(&format!("note: {code} has no Medicare rate there in these days"));
                }
            }
            rows.iter().map(Line::new).try_for_each(&mut *take)?;
        }
        Ok(())
    };
    if args.format == Format::Csv {
        match &args.out {
            Some(path) => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
                let failed =
                    |e: std::io::Error| Error::output(format!("{} could not be written", path.display())).because(e);
                let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
                csv(std::io::BufWriter::new(&mut file), &mut each)?;
                file.persist(path).map_err(|e| failed(e.error))?;
            }
            None => csv(std::io::BufWriter::new(std::io::stdout().lock()), &mut each)?,
        }
    } else {
        let mut lines = Vec::new();
        each(&mut |line| {
            lines.push(line);
            Ok(())
        })?;
        let text = if args.format == Format::Table { table(&lines) } else { super::json(&lines)? };
        match &args.out {
            Some(path) => write(path, text.as_bytes())?,
            None => print_out(&text)?,
        }
    }
    if all && !without.is_empty() {
        let of = codes.len();
        let list = without.join(", ");
        super::say(&format!("note: {} of {of} codes have no Medicare rate there in these days: {list}", without.len()));
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

/// What hands every rate on, one after the other.
type Each<'a> = dyn FnMut(&mut dyn FnMut(Line) -> Result<()>) -> Result<()> + 'a;

/// The rates with all columns, as they come; a reader that has gone away (`| head`) is no error.
fn csv(to: impl Write, each: &mut Each<'_>) -> Result<()> {
    let bad = |e: csv::Error| Error::output("the rates could not be written as CSV").because(e);
    let gone =
        |e: &csv::Error| matches!(e.kind(), csv::ErrorKind::Io(io) if io.kind() == std::io::ErrorKind::BrokenPipe);
    let mut writer = csv::Writer::from_writer(to);
    let mut left = false;
    let mut put = |writer: &mut csv::Writer<_>, cells: [&str; 13]| match writer.write_record(cells) {
        Err(error) if gone(&error) => {
            left = true;
            Ok(())
        }
        done => done.map_err(bad),
    };
    put(&mut writer, COLUMNS)?;
    each(&mut |line| put(&mut writer, line.cells()))?;
    match writer.flush() {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(bad(error.into())),
        _ => Ok(()),
    }
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
