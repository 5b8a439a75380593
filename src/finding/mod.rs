//! What is wrong with the data, and what stops a run.
//!
//! A [`Finding`] describes one thing in the data with its place and remedy; findings never stop a run, they are collected.
//! An [`Error`] stops the run: a file that cannot be read at all, a bad project file, totals that do not reconcile.
//! Neither ever carries the content of a whole record: records hold patient data.

mod codes;
mod error;
mod lines;

pub use codes::FindingCode;
pub use error::{Error, ErrorKind, Result};
pub(crate) use lines::LineCounter;

use std::fmt;

use serde::Serialize;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing was lost.
    Note,
    /// A result rests on an assumption or a fallback.
    Warning,
    /// Data was left out, or contradicts itself.
    Error,
}

impl Severity {
    /// The lower-case word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Where something is: a file, and in it a line (1-based) and a column by its header.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub struct Place {
    /// File name as the user gave it.
    pub file: String,
    /// Line of the file, from 1.
    pub line: Option<u32>,
    /// The header of the column.
    pub column: Option<String>,
}

impl Place {
    /// A whole file.
    pub fn file(file: impl Into<String>) -> Self {
        Self { file: file.into(), line: None, column: None }
    }

    /// A line of a file.
    pub fn line(file: impl Into<String>, line: u32) -> Self {
        Self { file: file.into(), line: Some(line), column: None }
    }

    /// The same place, in this column.
    #[must_use]
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }
}

/// `claims.csv:418, column "DOS"`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column \"{column}\"")?;
        }
        Ok(())
    }
}

/// One thing that is wrong with, or worth knowing of, the data. Findings of one code about one file and column are folded
/// into the first of them with a count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// What kind of thing.
    pub code: FindingCode,
    /// How much it matters.
    pub severity: Severity,
    /// Where (the first time).
    pub place: Place,
    /// What was found. Never a patient's name, date of birth or number.
    pub found: String,
    /// What was expected instead; empty when the finding says it all.
    pub expected: String,
    /// What to do.
    pub help: String,
    /// How often the same thing was found.
    pub count: u64,
}

impl Finding {
    /// A finding with the code's own severity and remedy.
    pub fn new(code: FindingCode, place: Place, found: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            place,
            found: found.into(),
            expected: String::new(),
            help: code.help().to_owned(),
            count: 1,
        }
    }

    /// The same finding with what was expected.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = expected.into();
        self
    }

    /// The same finding with a remedy of its own.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// The same finding seen this often.
    #[must_use]
    pub fn times(mut self, count: u64) -> Self {
        self.count = count;
        self
    }
}

/// `claims.csv:418, column "DOS": error[bad-date]: found "13/45/2024", expected a date (7 times)` and the remedy below.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}[{}]: {}", self.place, self.severity, self.code, self.found)?;
        if !self.expected.is_empty() {
            write!(f, ", expected {}", self.expected)?;
        }
        if self.count > 1 {
            write!(f, " ({} times)", self.count)?;
        }
        if !self.help.is_empty() {
            write!(f, "\n  help: {}", self.help)?;
        }
        Ok(())
    }
}

/// Collects findings; the same code at the same file and column is kept once, with its first place and a count.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    order: Vec<Finding>,
    seen: rustc_hash::FxHashMap<(FindingCode, String, Option<String>), usize>,
}

impl Findings {
    /// Adds a finding, or raises the count of the one that says the same of the same file and column.
    pub fn push(&mut self, finding: Finding) {
        let key = (finding.code, finding.place.file.clone(), finding.place.column.clone());
        match self.seen.get(&key) {
            Some(&i) => {
                let first = &mut self.order[i];
                let count = first.count + finding.count;
                if finding.place.line < first.place.line && finding.place.line.is_some() {
                    *first = finding;
                }
                self.order[i].count = count;
            }
            None => {
                self.seen.insert(key, self.order.len());
                self.order.push(finding);
            }
        }
    }

    /// Adds a finding that is never counted to another: where each place has to be told.
    pub fn push_apart(&mut self, finding: Finding) {
        self.order.push(finding);
    }

    /// Adds all of these.
    pub fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            self.push(finding);
        }
    }

    /// All findings: errors first, then by place.
    #[must_use]
    pub fn into_sorted(mut self) -> Vec<Finding> {
        self.order.sort_by(|a, b| {
            b.severity.cmp(&a.severity).then_with(|| a.place.cmp(&b.place)).then_with(|| a.code.cmp(&b.code))
        });
        self.order
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The findings in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.order.iter()
    }
}
