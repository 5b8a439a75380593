//! Bytes of files → typed rows and findings. Never prices, never judges an answer, never prints.
//!
//! ```text
//!  bytes ─gzip, encoding→ text ─sniff→ header ─mapping→ rows ─cells→ lines, remits, volumes ─┐
//!        ├─ Parquet ──────────────────────────────────┘                                      ├─gather, link→ Intake
//!        └─x12→ segments ─edi┬─remit835→ payments: answered claims ──────────────────────────┤
//!                            └─claim837→ billed claims ─settle→ lines ───────────────────────┘
//! ```
//! What always holds: every row that is read ends in one place of the [`Account`]; a row that cannot be read is
//! quarantined with its line, column and reason; patient names and days of birth are dropped at read and patient numbers
//! are kept as salted hashes only; no bytes make it panic; the order of rows and files does not matter.

// Money is never a float here.
#![deny(clippy::float_arithmetic)]

mod account;
mod answers;
mod bytes;
mod cash;
mod cells;
mod checks;
mod claim837;
mod drug;
mod edi;
mod fields;
mod gather;
mod link;
mod mapping;
mod out;
mod parquet;
mod payers;
mod read;
mod reasons;
mod records;
pub mod remit835;
mod remits;
mod row;
mod sniff;
mod tables;
pub mod x12;

pub use account::Account;
pub(crate) use bytes::{Content, content};
pub use cash::Cash;
pub(crate) use cells::{month_name, us_day};
pub use fields::Field;
pub use mapping::TableKind;
pub use out::QuarantinedRow;
pub(crate) use parquet::{guarded, plausible};
pub use read::FileReport;
pub use remits::{HandOn, RemitFile, remits};

use std::borrow::Cow;
use std::io::Read;
use std::path::PathBuf;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::domain::{Remit, ServiceLine, Volume};
use crate::finding::{Error, Finding, FindingCode, Findings, Place, Result};
use crate::project::{PracticePlace, Project};

/// One input.
#[derive(Debug, Clone)]
pub enum Input {
    /// A file on disk that the user named.
    File(PathBuf),
    /// A file found in a folder that the user named: when it is nothing known it is passed over with a note.
    Found(PathBuf),
    /// Standard input.
    Stdin,
    /// Bytes at hand (the embedded demo, tests).
    Bytes {
        /// The name to say in findings.
        name: String,
        /// The content.
        bytes: Cow<'static, [u8]>,
    },
}

impl Input {
    /// Whether the input (or a member of the archive that it is) begins like X12. Standard input is not looked at.
    #[must_use]
    pub fn is_x12(&self) -> bool {
        let opened = match self {
            Self::File(path) | Self::Found(path) => x12::Opened::Path(path),
            Self::Bytes { bytes, .. } => x12::Opened::Bytes(bytes),
            Self::Stdin => return false,
        };
        let mut found = false;
        let looked = x12::each_part(&self.name(), &opened, &|_| (), &mut |part| {
            found |= part.is_x12;
            Ok(())
        });
        looked.is_ok() && found
    }

    fn name(&self) -> String {
        match self {
            Self::File(path) | Self::Found(path) => path.display().to_string(),
            Self::Stdin => "standard input".to_owned(),
            Self::Bytes { name, .. } => name.clone(),
        }
    }
}

/// Everything the inputs hold.
#[derive(Debug, Clone, Default)]
pub struct Intake {
    /// What each input turned out to be; [`crate::domain::Source::file`] is an index into this list.
    pub files: Vec<FileReport>,
    /// Billed lines by claim and line number: one per claim and line.
    pub lines: Vec<ServiceLine>,
    /// Answers, by claim and line number. `line_number` is 0 where the file does not tell it and the claim does not settle
    /// it.
    pub remits: Vec<Remit>,
    /// Aggregate volumes.
    pub volumes: Vec<Volume>,
    /// The payments of X12 remittances.
    pub cash: Cash,
    /// What is wrong with the inputs.
    pub findings: Findings,
    /// Rows and charges of the files that carry services (claim lines, practice exports, volumes).
    pub account: Account,
    /// Rows and repeated charges of the files that carry answers.
    pub remit_account: Account,
    /// The rows left out, by place.
    pub quarantined: Vec<QuarantinedRow>,
}

impl Intake {
    /// The quarantined rows as CSV: place and reason, no content.
    ///
    /// # Errors
    /// When writing fails.
    pub fn write_quarantine(&self, to: impl std::io::Write) -> Result<()> {
        let mut writer = csv::Writer::from_writer(to);
        let failed = |e: csv::Error| Error::output("quarantine.csv cannot be written").because(e);
        writer.write_record(["file", "line", "column", "code", "reason", "help"]).map_err(failed)?;
        for row in &self.quarantined {
            let line = row.line.to_string();
            let cells = [&*row.file, &line, &row.column, row.code.as_str(), &row.reason, row.code.help()];
            writer.write_record(cells).map_err(failed)?;
        }
        writer.flush().map_err(|e| Error::output("quarantine.csv cannot be written").because(e))
    }
}

/// Reads all inputs. `progress` is told how many bytes were read since the last time.
///
/// # Errors
/// When an input cannot be read at all: names the first such input, what is wrong and what to do.
pub fn read(inputs: &[Input], project: &Project, progress: &(dyn Fn(u64) + Sync)) -> Result<Intake> {
    let intake = examine(inputs, project, progress)?;
    let mut unreadable = intake.files.iter().flat_map(|file| &file.unreadable);
    match unreadable.next() {
        None => Ok(intake),
        Some(finding) => {
            let more = unreadable.count();
            let expected =
                if finding.expected.is_empty() { String::new() } else { format!(", expected {}", finding.expected) };
            let more =
                if more > 0 { format!(" (and {more} more; `allowable check` lists all)") } else { String::new() };
            let message = format!("error[{}]: {}{expected}{more}", finding.code, finding.found);
            Err(Error::input(message).at(finding.place.clone()).help(finding.help.clone()))
        }
    }
}

/// Reads what can be read: a file that cannot is reported in its [`FileReport::unreadable`], and the others are read.
/// X12 files are read in parallel.
///
/// # Errors
/// Only when there are more than 65,535 files.
pub fn examine(inputs: &[Input], project: &Project, progress: &(dyn Fn(u64) + Sync)) -> Result<Intake> {
    let salt = Sha256::new().chain_update("allowable patient key\0").chain_update(project.title.as_bytes()).finalize();
    let salt: [u8; 32] = salt.into();
    let found: Vec<Found<'_>> = inputs.par_iter().map(|input| look(input, project, salt, progress)).collect();
    let mut shared = read::Shared { project, names: row::Names::default(), salt, progress };
    let mut files: Vec<FileReport> = Vec::with_capacity(inputs.len());
    let mut outputs = Vec::with_capacity(inputs.len());
    for (input, found) in inputs.iter().zip(found) {
        for stream in found {
            let number = u16::try_from(files.len()).map_err(|_| Error::input("more than 65,535 input files"))?;
            let (mut report, mut output) = match stream {
                Stream::Read(report, mut output) => {
                    output.number(number);
                    (*report, *output)
                }
                Stream::Broken(finding) => {
                    let name = finding.place.file.clone();
                    (
                        FileReport { name, unreadable: vec![*finding], ..FileReport::default() },
                        out::FileOutput::default(),
                    )
                }
                Stream::Table(name, bytes) => {
                    let sha256 = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect::<String>();
                    if let Some(first) = files.iter().find(|f| f.sha256 == sha256) {
                        let mut output = out::FileOutput::default();
                        let found = format!("the same bytes as {}", first.name);
                        output.findings.push(Finding::new(FindingCode::DuplicateFile, Place::file(&name), found));
                        (FileReport { name, ..FileReport::default() }, output)
                    } else {
                        let (mut report, output) = read::file(&mut shared, number, &name, &bytes);
                        report.sha256 = sha256;
                        (report, output)
                    }
                }
            };
            if matches!(input, Input::Found(_)) {
                output.findings.extend(std::mem::take(&mut report.unreadable).iter().map(passed_over));
            }
            files.push(report);
            outputs.push(output);
        }
    }
    let mut intake = gather::gather(files, outputs);
    if let Some(place) = project.place {
        locate(&mut intake, place);
    }
    Ok(intake)
}

/// Gives lines that tell no place the practice's own.
fn locate(intake: &mut Intake, place: PracticePlace) {
    let nowhere = |line: &&mut ServiceLine| line.zip.is_none() && line.state.is_none() && line.locality.is_none();
    for line in intake.lines.iter_mut().filter(nowhere) {
        match place {
            PracticePlace::Zip(zip) => line.zip = Some(zip),
            PracticePlace::Locality(locality) => line.locality = Some(locality),
            PracticePlace::State(state) => line.state = Some(state),
        }
        let file = intake.files.get(usize::from(line.source.file)).map(|f| f.name.clone()).unwrap_or_default();
        let found = "no place of service; the practice's own was taken";
        intake.findings.push(Finding::new(FindingCode::PracticePlaceUsed, Place::line(file, line.source.line), found));
    }
}

/// A file of a folder that cannot be read is passed over.
fn passed_over(why: &Finding) -> Finding {
    Finding::new(FindingCode::FilePassedOver, why.place.clone(), why.found.clone())
}

/// The streams of an input.
type Found<'i> = Vec<Stream<'i>>;

/// One stream of an input: a file, or a member of an archive.
enum Stream<'i> {
    /// X12, read.
    Read(Box<FileReport>, Box<out::FileOutput>),
    /// Something that may be a table, with its name.
    Table(String, Cow<'i, [u8]>),
    /// It cannot be opened.
    Broken(Box<Finding>),
}

/// Opens an input: X12 is read at once, chunk by chunk; tables are loaded, to be read in the order of the inputs.
fn look<'i>(input: &'i Input, project: &Project, salt: [u8; 32], progress: &(dyn Fn(u64) + Sync)) -> Found<'i> {
    let name = input.name();
    let broken = |error: &std::io::Error| {
        let place = Place::file(&name);
        Stream::Broken(Box::new(Finding::new(FindingCode::UnopenedFile, place, error.to_string())))
    };
    let bytes = match input {
        Input::Bytes { bytes, .. } => Some(Cow::Borrowed(&bytes[..])),
        Input::Stdin => {
            let mut bytes = Vec::new();
            if let Err(error) = std::io::stdin().lock().read_to_end(&mut bytes) {
                return vec![broken(&error)];
            }
            Some(Cow::Owned(bytes))
        }
        Input::File(_) | Input::Found(_) => None,
    };
    let mut streams = Vec::new();
    let mut is_table = false;
    let opened = match (input, &bytes) {
        (Input::File(path) | Input::Found(path), _) => x12::Opened::Path(path),
        (_, bytes) => x12::Opened::Bytes(bytes.as_deref().unwrap_or_default()),
    };
    let done = x12::each_part(&name, &opened, progress, &mut |part| {
        if part.is_x12 {
            let read = edi::file(part, project, salt).into_iter();
            streams.extend(read.map(|(report, output)| Stream::Read(Box::new(report), Box::new(output))));
        } else if part.packed == x12::ZIP {
            let mut bytes = Vec::new();
            part.bytes.take(bytes::LIMIT).read_to_end(&mut bytes)?;
            streams.push(Stream::Table(part.name, Cow::Owned(bytes)));
        } else {
            is_table = true;
        }
        Ok(())
    });
    if let Err(error) = done {
        streams.push(broken(&error));
    }
    // A table is loaded as it stands: its reader unpacks and decodes it with findings of its own.
    match (is_table, bytes, input) {
        (false, ..) => {}
        (true, Some(bytes), _) => streams.push(Stream::Table(name, bytes)),
        (true, None, Input::File(path) | Input::Found(path)) => match std::fs::read(path) {
            Ok(bytes) => streams.push(Stream::Table(name, Cow::Owned(bytes))),
            Err(error) => streams.push(broken(&error)),
        },
        (true, None, _) => {}
    }
    streams
}
