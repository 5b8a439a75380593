//! Reads one file: bytes → layout → mapping → rows, and a second time where the first showed that dates are day-first.

use serde::Serialize;

use super::account::Account;
use super::bytes::{self, Content, Text};
use super::fields::{FIELDS, Field};
use super::mapping::{Mapping, TableKind, map};
use super::out::FileOutput;
use super::records::{Records, Step};
use super::remit835::Tally;
use super::row::{FileReader, MONEY, Names, Options, Reject, Stats};
use super::{checks, parquet, sniff};
use crate::domain::{Date, Money};
use crate::finding::{Finding, FindingCode, Place};
use crate::project::Project;

/// What a file turned out to be and how it was read.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FileReport {
    /// File name as the user gave it.
    pub name: String,
    /// What it holds; nothing when that could not be told.
    pub kind: Option<TableKind>,
    /// `CSV`, `CSV, gzip`, `Parquet`.
    pub format: String,
    /// Character encoding of the text.
    pub encoding: String,
    /// What separates the cells of the text.
    pub delimiter: Option<char>,
    /// Line of the header, from 1; 0 for Parquet.
    pub header_line: u32,
    /// Data rows read.
    pub rows: u64,
    /// Field and header of every column that is used, in the order of the columns.
    pub mapping: Vec<(&'static str, String)>,
    /// Headers that mean nothing to the program.
    pub unmapped: Vec<String>,
    /// Headers of known fields that are not needed here.
    pub unused: Vec<String>,
    /// Headers of columns dropped because they hold patient data.
    pub dropped_patient_columns: Vec<String>,
    /// Where the rows ended.
    pub account: Account,
    /// Sum of the charges of all rows but totals, as far as they could be read.
    pub charge: Money,
    /// Sum of the payments, likewise.
    pub paid: Money,
    /// First and last day of service (remittances: of the answers).
    pub days: Option<(Date, Date)>,
    /// SHA-256 of the bytes, hexadecimal.
    pub sha256: String,
    /// What the remittances of an X12 file hold, and how much of it balances.
    pub remittances: Option<Box<Tally>>,
    /// Why the file could not be read at all; empty when it was read.
    pub unreadable: Vec<Finding>,
}

/// Everything that files of one run share.
pub(super) struct Shared<'p> {
    pub(super) project: &'p Project,
    pub(super) names: Names,
    pub(super) salt: [u8; 32],
    pub(super) progress: &'p (dyn Fn(u64) + Sync),
}

/// Reads the bytes of file number `file`.
pub(super) fn file(shared: &mut Shared<'_>, file: u16, name: &str, bytes: &[u8]) -> (FileReport, FileOutput) {
    let mut report = FileReport { name: name.to_owned(), ..FileReport::default() };
    let content = match bytes::content(name, bytes) {
        Ok(content) => content,
        Err(finding) => {
            report.unreadable.push(*finding);
            return (report, FileOutput::default());
        }
    };
    let output = match content {
        Content::Text(text) => csv_file(shared, file, &mut report, &text, bytes.len()),
        Content::Parquet(bytes) => {
            "Parquet".clone_into(&mut report.format);
            parquet::file(shared, file, &mut report, &bytes)
        }
    };
    let mut output = match output {
        Ok(output) => output,
        Err(findings) => {
            report.unreadable = findings;
            return (report, FileOutput::default());
        }
    };
    checks::after_reading(shared.project, &report, &mut output);
    report.rows = output.account.rows_read;
    report.charge = output.charge;
    report.paid = output.paid;
    report.days = output.days;
    if report.rows == 0 {
        let line = report.header_line.max(1);
        let found = "a header and no rows";
        output.findings.push(Finding::new(FindingCode::EmptyFile, Place::line(name, line), found));
    }
    (report, output)
}

/// Fills the report from a mapping; the findings are why the file cannot be read, when there are any.
pub(super) fn describe(report: &mut FileReport, mapping: &Mapping) -> Result<(), Vec<Finding>> {
    report.kind = Some(mapping.kind);
    report.mapping = mapping.pairs();
    report.unmapped.clone_from(&mapping.unmapped);
    report.unused.clone_from(&mapping.unused);
    report.dropped_patient_columns.clone_from(&mapping.dropped);
    if mapping.problems.is_empty() { Ok(()) } else { Err(mapping.problems.clone()) }
}

/// A reader for the rows of one file.
pub(super) fn reader<'a>(
    shared: &'a mut Shared<'_>,
    file: u16,
    name: &'a str,
    mapping: &'a Mapping,
    options: Options,
) -> FileReader<'a> {
    FileReader {
        file,
        name,
        mapping,
        project: shared.project,
        names: &mut shared.names,
        options,
        stats: Stats { order: [[0; 3]; FIELDS], first_either: [u32::MAX; FIELDS], sign: [[0; 2]; FIELDS] },
        out: FileOutput::default(),
        salt: shared.salt,
        unknown_payer: None,
    }
}

/// Reads the rows; when they show that dates are day-first or a column is negated, reads them again so.
pub(super) fn twice(
    name: &str,
    mapping: &Mapping,
    float: Vec<bool>,
    mut read: impl FnMut(Options) -> Result<(Stats, FileOutput), Vec<Finding>>,
) -> Result<FileOutput, Vec<Finding>> {
    let mut options = Options { day_first: [false; FIELDS], negated: [false; FIELDS], float };
    let (stats, mut output) = read(options.clone())?;
    let again = decide(mapping, &stats, &options);
    if again != options {
        options = again;
        output = read(options.clone())?.1;
    }
    let header = |field: Field| mapping.header(field).unwrap_or_else(|| field.name()).to_owned();
    for field in Field::ALL {
        let [month_first, _, either] = stats.order[field.index()];
        let line = stats.first_either[field.index()];
        if options.day_first[field.index()] {
            let place = Place::file(name).column(header(*field));
            let found = "days stand before months, as 25/03/2024";
            output.findings.push(Finding::new(FindingCode::DayFirstDates, place, found));
        } else if either > 0 && month_first == 0 {
            let place = Place::line(name, line).column(header(*field));
            let found = "every date can be read month-first and day-first";
            output.findings.push(Finding::new(FindingCode::AmbiguousDate, place, found));
        }
        if options.negated[field.index()] {
            let place = Place::file(name).column(header(*field));
            let found = format!("all {} amounts are negative", stats.sign[field.index()][0]);
            output.findings.push(Finding::new(FindingCode::NegatedColumn, place, found));
        }
    }
    Ok(output)
}

/// What the first reading showed. A column whose dates can only be day-first is day-first; one that says nothing itself
/// follows the other date columns of the file, when they agree.
fn decide(mapping: &Mapping, stats: &Stats, options: &Options) -> Options {
    let mut decided = options.clone();
    let seen = |at: usize| Field::ALL.iter().map(|f| stats.order[f.index()][at]).sum::<u64>();
    let file_day_first = seen(1) > 0 && seen(0) == 0;
    for field in Field::ALL {
        let [month_first, day_first, either] = stats.order[field.index()];
        decided.day_first[field.index()] =
            day_first > 0 && month_first == 0 || file_day_first && either > 0 && month_first == 0;
    }
    if mapping.kind == TableKind::Practice {
        for field in MONEY.into_iter().filter(|f| !matches!(f, Field::Charge | Field::UnitCharge)) {
            let [below, above] = stats.sign[field.index()];
            // One negative amount may be a take-back; a column of them is a way of writing.
            decided.negated[field.index()] = below >= 3 && above == 0;
        }
    }
    decided
}

fn csv_file(
    shared: &mut Shared<'_>,
    file: u16,
    report: &mut FileReport,
    text: &Text<'_>,
    bytes: usize,
) -> Result<FileOutput, Vec<Finding>> {
    let name = report.name.clone();
    report.format = if text.gzip { "CSV, gzip".to_owned() } else { "CSV".to_owned() };
    text.encoding.clone_into(&mut report.encoding);
    let wanted = shared.project.columns_for(&name);
    let Some(layout) = sniff::layout(&text.text, &wanted) else {
        let found = "none of the first rows names three known columns";
        return Err(vec![Finding::new(FindingCode::NoHeader, Place::file(&name), found)]);
    };
    report.delimiter = Some(char::from(layout.delimiter));
    report.header_line = layout.header_line;
    let sample = |column: usize| sample(&text.text, layout.delimiter, layout.above + 1, column);
    let samples: Vec<Vec<String>> =
        (0..layout.headers.len()).map(|column| sample_if_needed(&layout.headers, column, &sample)).collect();
    let mapping = map(&name, layout.header_line, layout.headers, &wanted, |column| {
        samples.get(column).into_iter().flatten().map(String::as_str).collect()
    });
    describe(report, &mapping)?;
    let mut output = twice(&name, &mapping, Vec::new(), |options| {
        let progress = shared.progress;
        let mut reader = reader(shared, file, &name, &mapping, options);
        rows(&mut reader, text, layout.delimiter, layout.header_line, &|read| {
            // Progress counts bytes of the file, not of the unpacked text.
            progress((read as u64).saturating_mul(bytes as u64) / (text.text.len().max(1) as u64));
        });
        Ok((reader.stats, reader.out))
    })?;
    output.findings.extend(text.findings.iter().cloned());
    if layout.above > 0 {
        let found = format!("{} lines stand above the header on line {}", layout.above, layout.header_line);
        output.findings.push(Finding::new(FindingCode::PreambleSkipped, Place::line(&name, 1), found));
    }
    Ok(output)
}

/// Cells are looked at only where the header alone does not tell what the column is.
fn sample_if_needed(headers: &[String], column: usize, sample: &impl Fn(usize) -> Vec<String>) -> Vec<String> {
    let field = headers.get(column).and_then(|h| Field::of_header(h));
    let unclear = matches!(field, Some(Field::AdjOther | Field::PayerRank));
    if unclear { sample(column) } else { Vec::new() }
}

/// The first filled cells of a column.
fn sample(text: &str, delimiter: u8, skip: usize, column: usize) -> Vec<String> {
    let mut records = Records::new(text, delimiter, 0);
    let mut cells = Vec::new();
    for row in 0..2000 {
        let Step::Record(_) = records.next() else { break };
        let cell = records.cells.get(column).unwrap_or_default().trim();
        if row >= skip && !cell.is_empty() {
            cells.push(cell.to_owned());
            if cells.len() == 20 {
                break;
            }
        }
    }
    cells
}

/// Reads all rows below the header.
fn rows(reader: &mut FileReader<'_>, text: &Text<'_>, delimiter: u8, header_line: u32, progress: &dyn Fn(usize)) {
    let mut records = Records::new(&text.text, delimiter, reader.mapping.headers.len());
    let (mut index, mut told) = (0, 0);
    loop {
        let step = records.next();
        let line = match step {
            Step::End => break,
            Step::Record(line) | Step::Unclosed(line) => line,
        };
        if line <= header_line {
            continue;
        }
        let damaged = |found: &str, expected| Reject {
            field: None,
            code: FindingCode::BadRow,
            found: found.to_owned(),
            expected,
        };
        if matches!(step, Step::Unclosed(_)) {
            reader.quarantine(line, damaged("a quote is opened and never closed", "a closing quote, or none"), None);
        } else if text.cut_off && records.position() >= text.text.len() {
            reader.quarantine(line, damaged("the file breaks off in this row", "a whole row"), None);
        } else if records.cells.iter().any(|cell| cell.contains('\u{fffd}')) {
            reader.quarantine(line, damaged("bytes that are not UTF-8", "text in the encoding of the file"), None);
        } else {
            let cells = std::mem::take(&mut records.cells);
            reader.row(&cells, line, index);
            records.cells = cells;
        }
        index += 1;
        if index % 4096 == 0 {
            progress(records.position() - told);
            told = records.position();
        }
    }
    progress(records.position().saturating_sub(told));
}
