//! Bytes of files → typed rows and findings. Never prices, never judges an answer, never prints.
//!
//! ```text
//!  bytes ─gzip, encoding→ text ─sniff→ header ─mapping→ rows ─cells→ lines, remits, volumes ─gather→ Intake
//!        └─ Parquet ──────────────────────────────────┘
//! ```
//! What always holds: every row that is read ends in one place of the [`Account`]; a row that cannot be read is
//! quarantined with its line, column and reason; patient names and days of birth are dropped at read and patient numbers
//! are kept as salted hashes only; no bytes make it panic; the order of rows and files does not matter.

// Money is never a float here.
#![deny(clippy::float_arithmetic)]

mod account;
mod answers;
mod bytes;
mod cells;
mod checks;
mod fields;
mod gather;
mod link;
mod mapping;
mod out;
mod parquet;
mod read;
mod reasons;
mod records;
mod row;
mod sniff;
mod tables;

pub use account::Account;
pub use fields::Field;
pub use mapping::TableKind;
pub use out::QuarantinedRow;
pub(crate) use parquet::{guarded, plausible};
pub use read::FileReport;

use std::borrow::Cow;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::domain::{Remit, ServiceLine, Volume};
use crate::finding::{Error, Finding, FindingCode, Findings, Place, Result};
use crate::project::Project;

/// One input.
#[derive(Debug, Clone)]
pub enum Input {
    /// A file on disk.
    File(PathBuf),
    /// Bytes at hand (the embedded demo, tests).
    Bytes {
        /// The name to say in findings.
        name: String,
        /// The content.
        bytes: Cow<'static, [u8]>,
    },
}

impl Input {
    fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
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
pub fn read(inputs: &[Input], project: &Project, progress: &dyn Fn(u64)) -> Result<Intake> {
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
///
/// # Errors
/// Only when there are more than 65,535 inputs.
pub fn examine(inputs: &[Input], project: &Project, progress: &dyn Fn(u64)) -> Result<Intake> {
    let salt = Sha256::new().chain_update("allowable patient key\0").chain_update(project.title.as_bytes()).finalize();
    let mut shared = read::Shared { project, names: row::Names::default(), salt: salt.into(), progress };
    let mut files: Vec<FileReport> = Vec::with_capacity(inputs.len());
    let mut outputs = Vec::with_capacity(inputs.len());
    for (number, input) in inputs.iter().enumerate() {
        let number = u16::try_from(number).map_err(|_| Error::input("more than 65,535 input files"))?;
        let name = input.name();
        let (report, output) = match load(input) {
            Err(finding) => {
                (FileReport { name, unreadable: vec![*finding], ..FileReport::default() }, out::FileOutput::default())
            }
            Ok(bytes) => {
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
        files.push(report);
        outputs.push(output);
    }
    Ok(gather::gather(files, outputs))
}

/// The bytes of an input.
fn load(input: &Input) -> std::result::Result<Cow<'_, [u8]>, Box<Finding>> {
    match input {
        Input::Bytes { bytes, .. } => Ok(Cow::Borrowed(bytes)),
        Input::File(path) => std::fs::read(path).map(Cow::Owned).map_err(|error| {
            let name = path.display().to_string();
            Box::new(Finding::new(FindingCode::UnopenedFile, Place::file(name), error.to_string()))
        }),
    }
}
