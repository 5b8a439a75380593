//! Reads our own CSV tables: columns by name, exact values, and the line of every row.
//!
//! Never guesses: a cell that is not in the one form our tables use is an error with file, line and column. (Other people's
//! files are read in `ingest`.)

use std::fmt;
use std::io::Read;
use std::str::FromStr;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use crate::domain::{Date, Unreadable, parse_iso_date};
use crate::finding::{Error, LineCounter, Place, Result};

use super::embedded;

/// The row of a reference file from which a figure was read; `line` counts from 1, the header included.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    /// Path of the file: inside the repository for our own tables, as the user gave it for loaded schedules.
    pub file: Arc<str>,
    /// Line of the file (of the unpacked text when the file is compressed).
    pub line: u32,
}

/// `datasets/medicare/gpci.csv:118`.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A CSV table in memory.
pub(crate) struct Sheet {
    file: Arc<str>,
    header: csv::StringRecord,
    rows: Vec<(u32, csv::StringRecord)>,
}

impl Sheet {
    /// An embedded table by its path (`datasets/…`); `.gz` is unpacked.
    ///
    /// # Errors
    /// When there is no such table, or it is not well-formed CSV.
    pub(crate) fn embedded(path: &'static str) -> Result<Self> {
        let bytes = embedded::bytes(path).ok_or_else(|| Error::input(format!("{path} is not embedded")))?;
        if path.ends_with(".gz") {
            let mut text = Vec::new();
            flate2::read::GzDecoder::new(bytes)
                .read_to_end(&mut text)
                .map_err(|e| Error::input("not a gzip file").at(Place::file(path)).because(e))?;
            Self::parse(path, &text)
        } else {
            Self::parse(path, bytes)
        }
    }

    /// A table from its bytes.
    ///
    /// # Errors
    /// When it is not well-formed CSV in UTF-8.
    pub(crate) fn parse(file: &str, bytes: &[u8]) -> Result<Self> {
        let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
        let bad = |e: csv::Error| {
            let place = match LineCounter::new(bytes).line(e.position()) {
                0 => Place::file(file),
                line => Place::line(file, line),
            };
            Error::input("not a well-formed table").at(place).because(e)
        };
        let header = reader.headers().map_err(bad)?.clone();
        let mut rows = Vec::new();
        let mut lines = LineCounter::new(bytes);
        for record in reader.records() {
            let record = record.map_err(bad)?;
            let line = lines.line(record.position());
            rows.push((line, record));
        }
        Ok(Self { file: Arc::from(file), header, rows })
    }

    /// The rows in the order of the file.
    pub(crate) fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.rows.iter().map(|(line, cells)| Record { sheet: self, line: *line, cells })
    }
}

/// The rows of a shipped table with the cells of these columns; a column that it does not have is empty.
///
/// # Errors
/// When there is no such table.
pub(crate) fn shipped_rows(path: &'static str, columns: &[&str]) -> Result<Vec<Vec<String>>> {
    let sheet = Sheet::embedded(path)?;
    let row = |record: Record<'_>| columns.iter().map(|column| record.text_if_any(column).to_owned()).collect();
    Ok(sheet.records().map(row).collect())
}

/// One row of a [`Sheet`].
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    sheet: &'a Sheet,
    line: u32,
    cells: &'a csv::StringRecord,
}

impl<'a> Record<'a> {
    /// Where the row stands.
    pub(crate) fn row(&self) -> Row {
        Row { file: Arc::clone(&self.sheet.file), line: self.line }
    }

    /// The line of the row.
    pub(crate) const fn line(&self) -> u32 {
        self.line
    }

    /// The text of a cell, without surrounding blanks.
    pub(crate) fn text(&self, column: &str) -> Result<&'a str> {
        let index = self.sheet.header.iter().position(|name| name == column);
        match index.and_then(|i| self.cells.get(i)) {
            Some(cell) => Ok(cell.trim()),
            None => Err(self.bad(column, "a column of this name")),
        }
    }

    /// The text of a cell of a column that not every edition of the table has; empty without it.
    pub(crate) fn text_if_any(&self, column: &str) -> &'a str {
        let index = self.sheet.header.iter().position(|name| name == column);
        index.and_then(|i| self.cells.get(i)).map_or("", str::trim)
    }

    /// A value of the domain.
    pub(crate) fn value<T: FromStr<Err = Unreadable>>(&self, column: &str) -> Result<T> {
        self.text(column)?.parse().map_err(|e: Unreadable| self.bad(column, e.expected))
    }

    /// A value of the domain, or nothing when the cell is empty.
    pub(crate) fn optional<T: FromStr<Err = Unreadable>>(&self, column: &str) -> Result<Option<T>> {
        if self.text(column)?.is_empty() { Ok(None) } else { self.value(column).map(Some) }
    }

    /// A whole number.
    pub(crate) fn number<T: FromStr>(&self, column: &str) -> Result<T> {
        self.text(column)?.parse().map_err(|_| self.bad(column, "a whole number"))
    }

    /// An exact decimal number.
    pub(crate) fn decimal(&self, column: &str) -> Result<Decimal> {
        Decimal::from_str_exact(self.text(column)?).map_err(|_| self.bad(column, "a decimal number"))
    }

    /// An exact decimal number, or nothing when the cell is empty.
    pub(crate) fn optional_decimal(&self, column: &str) -> Result<Option<Decimal>> {
        if self.text(column)?.is_empty() { Ok(None) } else { self.decimal(column).map(Some) }
    }

    /// A day written `2024-03-09`.
    pub(crate) fn date(&self, column: &str) -> Result<Date> {
        parse_iso_date(self.text(column)?).map_err(|e| self.bad(column, e.expected))
    }

    /// A day, or nothing when the cell is empty.
    pub(crate) fn optional_date(&self, column: &str) -> Result<Option<Date>> {
        if self.text(column)?.is_empty() { Ok(None) } else { self.date(column).map(Some) }
    }

    /// The error that this cell is not what it should be.
    pub(crate) fn bad(&self, column: &str, expected: &str) -> Error {
        Error::input(format!("expected {expected}")).at(Place::line(&*self.sheet.file, self.line).column(column))
    }
}
