//! `allowable import`: public releases and payer files into tables beside the project file. Says what was read, what was
//! refused and why; writes everything or nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde_json::json;

use crate::domain::{Date, State, parse_iso_date};
use crate::finding::{Error, Finding, FindingCode, Place, Result, Severity};
use crate::import::{self, Change, FOLDER, FeeOptions, MedicareOptions, Merged, Release, Renewal};
use crate::project::{FILE_NAME, Project, schedule_lines};
use crate::reference::Reference;

use super::check::{grouped, write_beside};
use super::inputs::read_if_any;
use super::print_out;

/// Arguments of `allowable import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// CMS releases as downloaded: PPRRVU and GPCI (or the RVU archive), ZIP5, ASP, practitioner PTP and MUE
    Medicare(MedicareArgs),
    /// A state's Medicaid fee schedule (CSV, XLSX)
    Medicaid(MedicaidArgs),
    /// A payer's fees (CSV, XLSX)
    Fees(FeesArgs),
}

/// Where the project is, and how to answer.
#[derive(Debug, Args)]
struct Common {
    /// Project file; the tables are written beside it [default: ./allowable.toml, or the current folder]
    #[arg(long, value_name = "FILE")]
    project: Option<PathBuf>,
    /// How to write the answer
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
}

#[derive(Debug, Args)]
struct MedicareArgs {
    /// Files as downloaded: ZIP archives, CSV, XLSX, text
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The year the files must be for; files of another year are refused
    #[arg(long)]
    year: Option<i32>,
    /// The first day for which the release holds, where the files do not tell it (2024-03-09)
    #[arg(long, value_name = "DAY", value_parser = parse_iso_date)]
    from: Option<Date>,
    /// Keep every NCCI pair, not only those that name a code of the 96372 family
    #[arg(long)]
    all_pairs: bool,
    /// Import the tables and rows that can be read, even when others are refused; of rows that cannot be read the earlier
    /// figures stay
    #[arg(long)]
    partial: bool,
    /// Take tables that have far fewer rows than those they replace
    #[arg(long)]
    replace: bool,
    /// Folder of the imported tables [default: reference, beside the project file, where all commands look for it]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

/// What a fee table is, for both kinds.
#[derive(Debug, Args)]
struct TableArgs {
    /// The fee table: CSV or XLSX
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The header of a field: --map code="Proc Cd" --map rate="Max Fee"; once for each field
    #[arg(long, value_name = "FIELD=HEADER")]
    map: Vec<String>,
    /// First day of rows that tell none (2024-07-01)
    #[arg(long, value_name = "DAY", value_parser = parse_iso_date)]
    from: Option<Date>,
    /// Last day of rows that tell none
    #[arg(long, value_name = "DAY", value_parser = parse_iso_date)]
    to: Option<Date>,
    /// The name of the schedule, to which terms refer
    #[arg(long)]
    name: Option<String>,
    /// Where to write the schedule [default: reference/schedules/NAME.csv, beside the project file]
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Import the rates that can be read, even when rows are in error; earlier rates of the same day stay for the others
    #[arg(long)]
    partial: bool,
    /// Overwrite an earlier schedule of the name, with its rates of other days
    #[arg(long)]
    replace: bool,
    /// Add the schedule to the project file
    #[arg(long)]
    save: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct MedicaidArgs {
    /// The state (OH)
    #[arg(long, value_parser = |text: &str| text.parse::<State>())]
    state: State,
    #[command(flatten)]
    table: TableArgs,
}

#[derive(Debug, Args)]
struct FeesArgs {
    /// The payer's id, name or alias in the project
    #[arg(long)]
    payer: String,
    #[command(flatten)]
    table: TableArgs,
}

/// Runs the command.
///
/// # Errors
/// When nothing can be imported, or the tables cannot be written; what was there before is then as it was.
pub(crate) fn run(args: &ImportArgs) -> Result<ExitCode> {
    match &args.what {
        What::Medicare(args) => medicare(args),
        What::Medicaid(args) => {
            let name = format!("medicaid-{}", args.state.as_str().to_lowercase());
            fees(&args.table, &name, "medicaid", Some(args.state))
        }
        What::Fees(args) => {
            let project = Project::open(project_file(&args.table.common).as_deref())?;
            let payer = project.payer(&args.payer).map(|payer| payer.id.clone()).ok_or_else(|| {
                let error = Error::usage(format!("no payer \"{}\" in the project", args.payer));
                match project.payer_like(&args.payer) {
                    Some(like) => error.help(format!("did you mean {like}?")),
                    None => error.help("add the payer to allowable.toml first"),
                }
            })?;
            fees(&args.table, &payer.to_lowercase(), "contract", None)
        }
    }
}

/// The project file that is there: the one given, or that of the current folder.
fn project_file(common: &Common) -> Option<PathBuf> {
    common.project.clone().or_else(|| Some(PathBuf::from(FILE_NAME)).filter(|path| path.exists()))
}

/// The folder of the project.
fn folder(common: &Common) -> PathBuf {
    project_file(common).and_then(|path| path.parent().map(Path::to_path_buf)).unwrap_or_default()
}

fn open(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path)
        .map_err(|e| Error::input("the file cannot be read").at(Place::file(path.display().to_string())).because(e))
}

/// Repeats, of which nothing is lost. All other errors refuse an import, unless a part of it is wanted.
const HARMLESS: [FindingCode; 2] = [FindingCode::DuplicateRow, FindingCode::DuplicateFile];

/// Whether something of the files was not taken.
fn incomplete(findings: &[Finding]) -> bool {
    findings.iter().any(|f| f.severity == Severity::Error && !HARMLESS.contains(&f.code))
}

fn medicare(args: &MedicareArgs) -> Result<ExitCode> {
    let mut files = Vec::new();
    for path in &args.files {
        // The name, not the path: the same release gives the same tables wherever it lies.
        let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        files.push((name, open(path)?));
    }
    let shipped = Reference::embedded()?;
    let family: Vec<_> =
        shipped.medicare.codes().into_iter().filter(|code| shipped.is_in_family(*code) && !code.is_drug()).collect();
    let options = MedicareOptions {
        year: args.year,
        from: args.from,
        pairs_of: (!args.all_pairs).then_some(family.as_slice()),
        known: &shipped.medicare,
    };
    let (releases, mut findings) = import::medicare(&files, &options);
    let out = args.out.clone().unwrap_or_else(|| folder(&args.common).join(FOLDER));
    let mut merged = import::merge(&releases, &|path| read_if_any(&out.join(path)), args.replace)?;
    findings.append(&mut merged.findings);
    let write = !merged.changes.is_empty() && (args.partial || !incomplete(&findings));
    if write {
        // What was written must be readable as what it is, together with what was there.
        let mut check = shipped.clone();
        import::lay_over(&mut check, FOLDER, &|path| match merged.files.get(path) {
            Some(bytes) => Ok(Some(bytes.clone())),
            None => read_if_any(&out.join(path)),
        })?;
        write_all(&out, &merged.files)?;
    } else {
        merged = Merged::default();
    }
    let taken = |change: &Change| {
        releases
            .iter()
            .find(|release| release.kind == change.kind && release.key == change.key)
            .map(|r| (r, change.clone()))
    };
    let taken: Vec<(&Release, Change)> = merged.changes.iter().filter_map(taken).collect();
    match args.common.format {
        Format::Json => {
            let list: Vec<_> = taken.iter().map(|(release, change)| release_json(release, change)).collect();
            let written: Vec<&String> = merged.files.keys().collect();
            print_out(&super::json(&json!({ "imported": list, "written": written, "findings": findings }))?)?;
        }
        Format::Table => {
            say_all(&findings);
            if write {
                print_out(&summary(&taken, &out))?;
                if args.out.is_none() && project_file(&args.common).is_none() {
                    super::say(
                        "note: there is no project file here; without one only `allowable rates` uses these tables (write one with `allowable init`)",
                    );
                }
            }
        }
    }
    if write {
        return Ok(ExitCode::SUCCESS);
    }
    Err(if releases.is_empty() {
        Error::input("nothing could be imported; no table was changed")
            .help("the findings above say what is wrong with the files")
    } else {
        Error::input("a table was refused; no table was changed").help(
            "the findings above say why; --partial imports what can be read and keeps the earlier figures of the rest",
        )
    })
}

/// Writes all tables beside their places, then moves them there: a failure on the way leaves the old ones. The manifest last.
fn write_all(folder: &Path, tables: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let mut parts = Vec::new();
    for (path, bytes) in tables {
        let path = folder.join(path);
        let failed = |e: std::io::Error| {
            Error::output("the table cannot be written").at(Place::file(path.display().to_string())).because(e)
        };
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).map_err(failed)?;
        let mut part = tempfile::NamedTempFile::new_in(parent).map_err(failed)?;
        std::io::Write::write_all(&mut part, bytes).map_err(failed)?;
        parts.push((path.ends_with(import::MANIFEST), path, part));
    }
    parts.sort_by_key(|(manifest, ..)| *manifest);
    for (_, path, part) in parts {
        part.persist(&path).map_err(|e| {
            Error::output("the table cannot be written").at(Place::file(path.display().to_string())).because(e.error)
        })?;
    }
    Ok(())
}

fn release_json(release: &Release, change: &Change) -> serde_json::Value {
    json!({
        "table": release.kind.path(),
        "release": release.release,
        "from": release.from,
        "rows": change.after,
        "rows_before": change.before,
        "rows_kept": change.kept,
        "rows_left_out": release.left_out,
        "released": Some(&release.released).filter(|day| !day.is_empty()),
        "source": release.source,
        "source_sha256": release.source_sha256,
    })
}

/// So many faulty rows are listed on a screen; JSON has them all.
const LISTED: usize = 100;

fn say_all(findings: &[Finding]) {
    let of_row = |finding: &&Finding| {
        matches!(finding.code, FindingCode::ImportRowBad | FindingCode::ImportDuplicate | FindingCode::ScheduleRowBad)
    };
    let rows = findings.iter().filter(of_row).count();
    let mut listed = 0_usize;
    for finding in findings {
        listed += usize::from(of_row(&finding));
        if !of_row(&finding) || listed <= LISTED {
            super::say(&finding.to_string());
        }
    }
    if rows > LISTED {
        super::say(&format!("note: {} more rows are in error; --format json lists all", rows - LISTED));
    }
}

/// `1 row`, `2 rows`.
fn counted(count: usize, what: &str) -> String {
    format!("{} {what}{}", grouped(count as u64), if count == 1 { "" } else { "s" })
}

fn summary(taken: &[(&Release, Change)], out: &Path) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["table", "release", "from", "rows before", "rows", "source"]);
    for (release, change) in taken {
        table.add_row([
            release.kind.path().to_owned(),
            release.release.clone(),
            release.from.to_string(),
            grouped(change.before as u64),
            grouped(change.after as u64),
            release.source.clone(),
        ]);
    }
    for rows in [3, 4] {
        if let Some(rows) = table.column_mut(rows) {
            rows.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text: String = table.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    for (release, change) in taken.iter().filter(|(release, change)| release.left_out + change.kept > 0) {
        let path = release.kind.path();
        if release.left_out > 0 {
            let _ = writeln!(text, "{path}: {} of the file left out", counted(release.left_out, "row"));
        }
        let kept = counted(change.kept, "earlier row");
        let _ =
            writeln!(text, "{path}: {kept} kept, for rows that could not be read or for other parts of the edition");
    }
    let _ = writeln!(text, "written to {}", out.display());
    text
}

fn fees(args: &TableArgs, default_name: &str, kind: &str, state: Option<State>) -> Result<ExitCode> {
    let name = args.name.clone().unwrap_or_else(|| default_name.to_owned());
    let bytes = open(&args.file)?;
    let file =
        args.file.file_name().map_or_else(|| args.file.display().to_string(), |n| n.to_string_lossy().into_owned());
    let fields = import::fee_fields();
    let mut map = Vec::new();
    for pair in &args.map {
        let (field, header) = pair.split_once('=').ok_or_else(|| {
            Error::usage(format!("--map \"{pair}\": expected FIELD=HEADER")).help("such as --map code=\"Proc Cd\"")
        })?;
        if !fields.contains(&field.trim()) {
            return Err(Error::usage(format!("--map \"{pair}\": there is no field \"{}\"", field.trim()))
                .help(format!("the fields are {}", fields.join(", "))));
        }
        if map.iter().any(|(other, _)| other == field.trim()) {
            return Err(Error::usage(format!("--map \"{pair}\": the field \"{}\" is mapped twice", field.trim()))
                .help("give each field one header"));
        }
        map.push((field.trim().to_owned(), header.trim().to_owned()));
    }
    let options = FeeOptions { map, state, from: args.from, to: args.to, name: file.clone() };
    let (mut fees, mut findings) = import::fees(&file, &bytes, &options);
    let safe: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    let relative = format!("{FOLDER}/schedules/{safe}.csv");
    let folder = folder(&args.common);
    let path = args.out.clone().unwrap_or_else(|| folder.join(&relative));
    let in_project = args
        .out
        .as_deref()
        .map_or(relative, |out| out.strip_prefix(&folder).unwrap_or(out).to_string_lossy().into_owned());
    let lines = schedule_lines(&name, &in_project, kind);
    let refused = incomplete(&findings) && !args.partial;
    let mut renewal = None;
    if refused {
        fees.csv = None;
    } else if let Some(csv) = &fees.csv
        && !args.replace
        && let Some(earlier) = read_if_any(&path)?
    {
        let renewed = import::renewed(&path.display().to_string(), &earlier, csv, args.partial && fees.left_out > 0)?;
        fees.csv = Some(renewed.csv.clone());
        renewal = Some(renewed);
    }
    if let Some(csv) = &fees.csv {
        // Overlapping and contradicting days are found by whoever reads schedules.
        findings.extend(Reference::embedded()?.add_schedule(&name, &in_project, csv));
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            let failed =
                |e| Error::output("the folder cannot be made").at(Place::file(parent.display().to_string())).because(e);
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        let saved = args.save.then(|| with_schedule(&args.common, &name, &lines)).transpose()?;
        write_beside(&path, csv)?;
        if let Some(Some((project, text))) = saved {
            write_beside(&project, text.as_bytes())?;
        }
    }
    match args.common.format {
        Format::Json => print_out(&super::json(&json!({
            "schedule": name,
            "path": in_project,
            "rates": fees.rates,
            "rows_without_rate": fees.without_rate,
            "rates_left_out": fees.left_out,
            "earlier_rates": renewal.as_ref().map(|earlier| json!({
                "kept": earlier.kept,
                "ended": earlier.ended,
                "replaced": earlier.replaced,
                "codes_without_successor": earlier.without_successor,
            })),
            "written": fees.csv.is_some(),
            "source": file,
            "source_sha256": fees.source_sha256,
            "findings": findings,
        }))?)?,
        Format::Table => {
            say_all(&findings);
            if fees.csv.is_some() {
                let mut text = format!("{} of {file} written to {}\n", counted(fees.rates, "rate"), path.display());
                if fees.left_out > 0 {
                    let _ = writeln!(text, "{} in error left out", counted(fees.left_out, "rate"));
                }
                text.push_str(&of_earlier(renewal.as_ref()));
                if fees.without_rate > 0 {
                    let _ = writeln!(
                        text,
                        "{} no amount (by report, blank): their codes stay without a rate",
                        counted(fees.without_rate, "row") + if fees.without_rate == 1 { " sets" } else { " set" }
                    );
                }
                if args.save {
                    let _ = writeln!(
                        text,
                        "the project file knows the schedule \"{name}\"; name it in the terms of its payer"
                    );
                } else {
                    let _ = write!(
                        text,
                        "add to the project file, and name the schedule in the terms of its payer:\n\n{lines}"
                    );
                }
                print_out(&text)?;
            }
        }
    }
    if fees.csv.is_some() {
        Ok(ExitCode::SUCCESS)
    } else if refused && fees.rates > 0 {
        Err(Error::input("rows are in error; nothing was written")
            .help("the findings above say which; --partial imports the others and keeps earlier rates of these"))
    } else {
        Err(Error::input("no rate could be imported; nothing was written").help("the findings above say what is wrong"))
    }
}

/// What became of the rates of an earlier import.
fn of_earlier(renewal: Option<&Renewal>) -> String {
    let mut text = String::new();
    let Some(earlier) = renewal else { return text };
    if earlier.replaced > 0 {
        let _ = writeln!(text, "{} from the same days replaced", counted(earlier.replaced, "earlier rate"));
    }
    if earlier.kept > 0 {
        let kept = counted(earlier.kept, "earlier rate");
        let _ = writeln!(text, "{kept} of other days kept; {} of them now end where the new ones begin", earlier.ended);
    }
    if !earlier.without_successor.is_empty() {
        let list = earlier.without_successor.join(", ");
        let _ = writeln!(text, "no longer listed, so without a rate from then on: {list}");
    }
    text
}

/// The project file with the schedule; nothing to do when it has one of this name.
fn with_schedule(common: &Common, name: &str, lines: &str) -> Result<Option<(PathBuf, String)>> {
    let path = project_file(common).ok_or_else(|| {
        Error::usage("there is no project file to save to").help("write one with `allowable init`, or leave --save out")
    })?;
    let place = path.display().to_string();
    let mut text = std::fs::read_to_string(&path)
        .map_err(|e| Error::config("the project file cannot be read").at(Place::file(&place)).because(e))?;
    if Project::parse(&text, &place)?.schedules.iter().any(|schedule| &*schedule.name == name) {
        return Ok(None);
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.push('\n');
    text.push_str(lines);
    // What is written must be read back: never leave a broken project file behind.
    Project::parse(&text, &place)?;
    Ok(Some((path, text)))
}
