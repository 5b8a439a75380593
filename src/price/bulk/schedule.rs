//! Reads a fee schedule, CSV or Parquet: `payer_id,area,code,modifier,facility,effective_from,effective_to,rate`.
//!
//! Both days of a row are included; an empty `effective_to` is open, an empty `facility` holds in both settings. A row that cannot be read becomes a finding; the lines that need it have no rate.

use std::path::Path;

use polars::prelude::{DataType, IntoColumn, ParquetReader, SerReader};

use super::blocks::Blocks;
use super::cells::{self, Day};
use super::open;
use super::rates::{RATE_PLACES, RateBook, Row, iso};
use crate::domain::{Code, Modifier};
use crate::finding::{Error, Finding, FindingCode, Place, Result};
use crate::ingest::{guarded, plausible};

/// The columns, each of which a schedule has.
const COLUMNS: [&str; 8] =
    ["payer_id", "area", "code", "modifier", "facility", "effective_from", "effective_to", "rate"];

impl RateBook {
    /// Reads a schedule. The findings name rows that could not be read and rows that claim the same days.
    ///
    /// # Errors
    /// When the file cannot be read at all, or lacks a column.
    pub fn read(path: &Path) -> Result<(Self, Vec<Finding>)> {
        let name = path.display().to_string();
        let mut rows = Rows { file: &name, rows: Vec::new(), findings: Vec::new() };
        if open::is_parquet(path)? {
            from_parquet(path, &mut rows)?;
        } else {
            from_csv(path, &mut rows)?;
        }
        let Rows { rows, mut findings, .. } = rows;
        if let Some(first) = findings.first().filter(|_| rows.is_empty()) {
            return Err(Error::input(format!("no row of the schedule can be read: {}", first.found))
                .at(first.place.clone())
                .help(format!("expected {}", first.expected)));
        }
        let (book, overlaps) = Self::new(rows, &name)?;
        findings.extend(overlaps);
        Ok((book, findings))
    }
}

struct Rows<'a> {
    file: &'a str,
    rows: Vec<Row>,
    findings: Vec<Finding>,
}

impl Rows<'_> {
    /// Adds the row of these cells, in the order of [`COLUMNS`], or a finding.
    fn push(&mut self, line: u32, cells: [&str; 8]) {
        match parse(cells, line) {
            Ok((row, both)) => {
                // A rate that names no setting holds in both.
                self.rows.extend(both.then(|| Row { facility: !row.facility, ..row.clone() }));
                self.rows.push(row);
            }
            Err((column, expected)) => {
                let place = Place::line(self.file, line).column(COLUMNS[column]);
                let found = format!("\"{}\"", cells[column]);
                self.findings.push(Finding::new(FindingCode::ScheduleRowBad, place, found).expected(expected));
            }
        }
    }

    /// Where each of [`COLUMNS`] stands among the headers.
    fn columns(&self, headers: &[String]) -> Result<[usize; 8]> {
        let mut at = [0; 8];
        for (slot, column) in at.iter_mut().zip(COLUMNS) {
            let found = headers.iter().position(|h| h.trim().eq_ignore_ascii_case(column));
            *slot = found.ok_or_else(|| {
                let ours = |name: &str| headers.iter().any(|h| h.trim().eq_ignore_ascii_case(name));
                if ours("payer") && ours("setting") && ours("unit_basis") {
                    return Error::input("this is a schedule as `allowable import fees` writes it")
                        .at(Place::file(self.file))
                        .help("name it in the terms of its payer in allowable.toml, and price with --project instead of --fees");
                }
                Error::input(format!("no column {column}"))
                    .at(Place::file(self.file))
                    .help(format!("a schedule has the columns {}", COLUMNS.join(",")))
            })?;
        }
        Ok(at)
    }
}

/// The row and whether it holds in both settings, or the column that is wrong and what was expected there.
fn parse(cells: [&str; 8], line: u32) -> std::result::Result<(Row, bool), (usize, &'static str)> {
    let cells = cells.map(str::trim);
    let day = |column: usize| -> std::result::Result<Day, (usize, &'static str)> {
        cells::day(cells[column].as_bytes()).ok_or((column, "a date as 2024-03-09"))
    };
    if cells[0].is_empty() {
        return Err((0, "a payer"));
    }
    let area = cells::area(cells[1]).ok_or((1, "a locality of seven digits or a state of two letters"))?;
    let code: Code = cells[2].parse().map_err(|_| (2, "a procedure code"))?;
    let modifier: Option<Modifier> = match cells[3] {
        "" => None,
        text => Some(text.parse().map_err(|_| (3, "one modifier or nothing"))?),
    };
    let facility = match cells[4].to_ascii_lowercase().as_str() {
        "true" | "t" | "1" => true,
        "false" | "f" | "0" | "" => false,
        _ => return Err((4, "true, false, or nothing for both")),
    };
    // An open end is the last day that can be written.
    let (from, to) = (day(5)?, if cells[6].is_empty() { cells::day(b"9999-12-31").unwrap_or(0) } else { day(6)? });
    if to < from {
        return Err((6, "a day on or after effective_from"));
    }
    let rate = cells::decimal(cells[7].as_bytes(), RATE_PLACES)
        .filter(|rate| *rate >= 0)
        .ok_or((7, "a rate in dollars, such as 14.86, with at most six decimals"))?;
    Ok((Row { payer: cells[0].to_owned(), area, code, modifier, facility, from, to, rate, line }, cells[4].is_empty()))
}

fn from_csv(path: &Path, rows: &mut Rows<'_>) -> Result<()> {
    let mut blocks = Blocks::new(open::text(path, &|_| {})?, rows.file, super::DEFAULT_BLOCK);
    let header = blocks.header()?.unwrap_or_default();
    let headers: Vec<String> = header.iter().map(|h| String::from_utf8_lossy(h).into_owned()).collect();
    let at = rows.columns(&headers)?;
    let mut buffer = Vec::new();
    while let Some(block) = blocks.next(std::mem::take(&mut buffer))? {
        let mut lines = block.lines();
        block.records(|record, begun| {
            let cells = at.map(|i| String::from_utf8_lossy(record.get(i).unwrap_or_default()));
            rows.push(u32::try_from(lines.at(begun)).unwrap_or(u32::MAX), cells.each_ref().map(AsRef::as_ref));
        });
        buffer = block.bytes;
    }
    Ok(())
}

/// A schedule is small: it is read whole, and its cells become the text that CSV would hold.
fn from_parquet(path: &Path, rows: &mut Rows<'_>) -> Result<()> {
    let fail = |e: polars::prelude::PolarsError| Error::input(format!("cannot read {}", path.display())).because(e);
    let file = std::fs::File::open(path).map_err(|e| Error::input(path.display().to_string()).because(e))?;
    let bytes = usize::try_from(open::size(path)?).unwrap_or(usize::MAX);
    let frame = guarded(|| {
        let mut reader = ParquetReader::new(file);
        plausible(reader.get_metadata()?, bytes)?;
        reader.finish()
    });
    let frame = frame.map_err(fail)?;
    let headers: Vec<String> = frame.get_column_names().iter().map(ToString::to_string).collect();
    let at = rows.columns(&headers)?;
    let mut texts = Vec::new();
    for (i, name) in at.iter().zip(COLUMNS) {
        let column = &frame.columns()[*i];
        let text = match column.dtype() {
            DataType::Float32 | DataType::Float64 => {
                return Err(Error::input(format!("column {name} holds floating-point numbers"))
                    .at(Place::file(rows.file))
                    .help("write rates as decimals; a binary fraction cannot hold 14.86"));
            }
            DataType::Date => {
                let days = column.to_physical_repr();
                let days = days.i32().map_err(fail)?;
                days.iter().map(|d| d.map(iso)).collect::<polars::prelude::StringChunked>().into_column()
            }
            _ => column.cast(&DataType::String).map_err(fail)?,
        };
        texts.push(text);
    }
    let texts = texts.iter().map(|c| c.str().map_err(fail)).collect::<Result<Vec<_>>>()?;
    for row in 0..frame.height() {
        let line = u32::try_from(row + 1).unwrap_or(u32::MAX);
        let mut cells = [""; 8];
        for (cell, text) in cells.iter_mut().zip(&texts) {
            *cell = text.get(row).unwrap_or_default();
        }
        rows.push(line, cells);
    }
    Ok(())
}
