//! Writes priced lines in the order of the file, and groups. Dollars have two decimals; nothing appears under its final
//! name before it is complete.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use polars::io::parquet::write::BatchedWriter;
use polars::prelude::{
    Column, DataFrame, Int32Chunked, Int64Chunked, IntoColumn, IntoSeries, NewChunkedArray, ParquetWriter, PolarsError,
    StringChunked,
};

use super::batch::Batch;
use super::layout::Field;
use super::names::{BLANK, Names, Words};
use super::rates::{RATE_PLACES, RateBook, UNIT_PLACES, iso};
use super::sums::{Dimension, Outcome, Priced, Sums};
use super::{Outturn, cells};
use crate::domain::{Money, Pos, Units};
use crate::finding::{Error, Result};
use crate::reference::Rules;

/// How an output is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated text.
    Csv,
    /// Parquet: dollars as decimals, days as dates.
    Parquet,
}

impl Format {
    /// Parquet for `*.parquet`, CSV for all others.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet")) { Self::Parquet } else { Self::Csv }
    }
}

fn cannot_write(e: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::output("cannot write the output").because(e)
}

/// An output file that is written beside its place (`NAME.part`) and takes it when it is complete.
#[derive(Debug)]
pub struct Target {
    file: BufWriter<File>,
    part: PathBuf,
    path: PathBuf,
    complete: bool,
}

impl Target {
    /// Begins the file.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn create(path: &Path) -> Result<Self> {
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file =
            File::create(&part).map_err(|e| Error::output(format!("cannot create {}", part.display())).because(e))?;
        Ok(Self { file: BufWriter::with_capacity(1 << 16, file), part, path: path.to_owned(), complete: false })
    }

    /// Puts the complete file in its place.
    ///
    /// # Errors
    /// When the rest cannot be written or the file cannot be renamed.
    pub fn finish(mut self) -> Result<()> {
        self.file.flush().map_err(cannot_write)?;
        std::fs::rename(&self.part, &self.path)
            .map_err(|e| Error::output(format!("cannot write {}", self.path.display())).because(e))?;
        self.complete = true;
        Ok(())
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if !self.complete {
            // A half-written file helps nobody; that it cannot be removed changes nothing for the run.
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

/// The priced lines of one part of the file, encoded by the worker.
pub(super) enum Lines {
    Csv(Vec<u8>),
    Frame(DataFrame),
}

/// What a column of priced lines is made of, besides the carried cells.
const OUTCOME_COLUMNS: [&str; 4] = ["rate", "expected", "variance", "outcome"];

/// The column of the rule that lets a line fall, where rules are asked.
const RULE_COLUMN: &str = "rule";

impl Lines {
    /// `rules` are those that were asked, if any.
    pub(super) fn new(
        format: Format,
        batch: &Batch,
        priced: &[Priced],
        names: &Names<'_>,
        rules: Option<&Rules>,
    ) -> Result<Self> {
        match format {
            Format::Csv => Ok(Self::Csv(csv_lines(batch, priced, names, rules))),
            Format::Parquet => frame(batch, priced, names, rules).map(Self::Frame).map_err(cannot_write),
        }
    }
}

/// The name of the rule that lets a line fall.
fn rule<'r>(priced: &Priced, rules: &'r Rules) -> Option<&'r str> {
    rules.all().get(usize::from(priced.rule?)).map(|rule| rule.id.as_str())
}

/// The carried column of a field, if the file has it.
fn carried(batch: &Batch, field: Field) -> Option<&super::batch::Texts> {
    batch.carried.iter().find(|(f, _)| *f == field).map(|(_, texts)| texts)
}

/// The fields of priced lines, in order.
fn fields(has: impl Fn(Field) -> bool) -> impl Iterator<Item = Field> {
    Field::ALL.into_iter().filter(move |f| !f.is_carried() || has(*f))
}

fn csv_header(has: impl Fn(Field) -> bool, rules: bool) -> Vec<u8> {
    let rule = rules.then_some(RULE_COLUMN);
    let names: Vec<&str> = fields(has).map(Field::name).chain(OUTCOME_COLUMNS).chain(rule).collect();
    format!("{}\n", names.join(",")).into_bytes()
}

fn csv_lines(batch: &Batch, priced: &[Priced], names: &Names<'_>, rules: Option<&Rules>) -> Vec<u8> {
    let mut out = Vec::with_capacity(batch.rows.len() * 128);
    let order: Vec<_> = fields(|f| carried(batch, f).is_some()).map(|f| (f, carried(batch, f))).collect();
    let mut dates: rustc_hash::FxHashMap<cells::Day, String> = rustc_hash::FxHashMap::default();
    for (i, (row, priced)) in batch.rows.iter().zip(priced).enumerate() {
        for (field, texts) in &order {
            match (field, texts) {
                (Field::Patient, Some(texts)) => {
                    if let Some(cents) = cells::decimal(texts.get(i).as_bytes(), 2) {
                        decimal(&mut out, cents, 2, 2);
                    }
                }
                (_, Some(texts)) => quoted(&mut out, texts.get(i)),
                (Field::ServiceDate, _) => {
                    let date = dates.entry(row.day).or_insert_with(|| iso(row.day));
                    out.extend_from_slice(date.as_bytes());
                }
                (Field::Pos, _) if row.pos > 0 => out.extend_from_slice(&[b'0' + row.pos / 10, b'0' + row.pos % 10]),
                (Field::Units, _) => decimal(&mut out, row.units, UNIT_PLACES, 0),
                (Field::Billed, _) => decimal(&mut out, row.billed, 2, 2),
                (Field::Allowed, _) => decimal(&mut out, row.allowed, 2, 2),
                (Field::Paid, _) => decimal(&mut out, row.paid, 2, 2),
                (field, _) => {
                    if let Some((words, id)) = word(*field, row, names) {
                        quoted(&mut out, words.text(id));
                    }
                }
            }
            out.push(b',');
        }
        if let Some(rate) = priced.rate {
            decimal(&mut out, rate, RATE_PLACES, 2);
        }
        out.push(b',');
        if let Some(expected) = priced.expected {
            decimal(&mut out, expected, 2, 2);
            out.push(b',');
            decimal(&mut out, expected - row.allowed, 2, 2);
        } else {
            out.push(b',');
        }
        out.push(b',');
        out.extend_from_slice(priced.outcome.as_str().as_bytes());
        if let Some(rules) = rules {
            out.push(b',');
            out.extend_from_slice(rule(priced, rules).unwrap_or_default().as_bytes());
        }
        out.push(b'\n');
    }
    out
}

/// The word that a field of the row holds.
fn word<'n>(field: Field, row: &super::batch::Row, names: &'n Names<'_>) -> Option<(&'n Words, u32)> {
    match field {
        Field::PayerId => Some((&names.payers, row.payer)),
        Field::State => Some((&names.states, row.state)),
        Field::Locality => Some((&names.localities, row.locality)),
        Field::Code => Some((&names.codes, row.code)),
        Field::Modifiers => Some((&names.modifiers, row.modifiers)),
        Field::Carc => Some((&names.carcs, row.carc)),
        _ => None,
    }
}

/// Writes `value` / 10^`places` with at least `least` decimals and no further zeros.
fn decimal(out: &mut Vec<u8>, value: i64, places: u32, least: u32) {
    if value < 0 {
        out.push(b'-');
    }
    let scale = 10_u64.pow(places);
    let (whole, mut part) = (value.unsigned_abs() / scale, value.unsigned_abs() % scale);
    let mut shown = places;
    while shown > least && part % 10 == 0 {
        part /= 10;
        shown -= 1;
    }
    digits(out, whole, 1);
    if shown > 0 {
        out.push(b'.');
        digits(out, part, shown as usize);
    }
}

/// Writes a whole number with at least `width` digits.
fn digits(out: &mut Vec<u8>, mut number: u64, width: usize) {
    let mut buffer = [b'0'; 20];
    let mut at = buffer.len();
    while number > 0 || buffer.len() - at < width {
        at -= 1;
        buffer[at] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    out.extend_from_slice(&buffer[at..]);
}

/// Writes a cell, quoted when it must be.
fn quoted(out: &mut Vec<u8>, text: &str) {
    if !text.bytes().any(|b| matches!(b, b',' | b'"' | b'\n' | b'\r')) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

fn frame(
    batch: &Batch,
    priced: &[Priced],
    names: &Names<'_>,
    rules: Option<&Rules>,
) -> std::result::Result<DataFrame, PolarsError> {
    let rows = &batch.rows;
    let mut columns = Vec::new();
    for field in fields(|f| carried(batch, f).is_some()) {
        let name = field.name();
        let texts = |f: Field| carried(batch, f).into_iter().flat_map(|t| (0..rows.len()).map(|i| t.get(i)));
        columns.push(match field {
            Field::ServiceDate => {
                Int32Chunked::from_iter_values(name.into(), rows.iter().map(|r| r.day)).into_date().into_column()
            }
            Field::LineNumber => {
                let numbers = texts(field).map(|t| t.parse().ok());
                Int64Chunked::from_iter_options(name.into(), numbers).into_column()
            }
            Field::Patient => {
                let cents: Vec<_> = texts(field).map(|t| cells::decimal(t.as_bytes(), 2)).collect();
                decimals(name, cents.into_iter(), 2)?
            }
            Field::ClaimId | Field::GroupCode => strings(name, texts(field).map(|t| (!t.is_empty()).then_some(t))),
            Field::Units => decimals(name, rows.iter().map(|r| Some(r.units)), UNIT_PLACES)?,
            Field::Billed => decimals(name, rows.iter().map(|r| Some(r.billed)), 2)?,
            Field::Allowed => decimals(name, rows.iter().map(|r| Some(r.allowed)), 2)?,
            Field::Paid => decimals(name, rows.iter().map(|r| Some(r.paid)), 2)?,
            Field::Pos => {
                let all: Vec<Option<String>> = rows.iter().map(|r| Pos::new(r.pos).map(|p| p.to_string())).collect();
                strings(name, all.iter().map(Option::as_deref))
            }
            _ => strings(
                name,
                rows.iter()
                    .map(|r| word(field, r, names).filter(|(_, id)| *id != BLANK).map(|(words, id)| words.text(id))),
            ),
        });
    }
    let variances = rows.iter().zip(priced).map(|(row, p)| p.expected.map(|e| e - row.allowed));
    columns.push(decimals(OUTCOME_COLUMNS[0], priced.iter().map(|p| p.rate), RATE_PLACES)?);
    columns.push(decimals(OUTCOME_COLUMNS[1], priced.iter().map(|p| p.expected), 2)?);
    columns.push(decimals(OUTCOME_COLUMNS[2], variances, 2)?);
    columns.push(strings(OUTCOME_COLUMNS[3], priced.iter().map(|p| Some(p.outcome.as_str()))));
    if let Some(rules) = rules {
        columns.push(strings(RULE_COLUMN, priced.iter().map(|p| rule(p, rules))));
    }
    DataFrame::new(rows.len(), columns)
}

fn strings<'t>(name: &str, texts: impl Iterator<Item = Option<&'t str>>) -> Column {
    let mut column: StringChunked = texts.collect();
    column.rename(name.into());
    column.into_column()
}

fn decimals(
    name: &str,
    values: impl Iterator<Item = Option<i64>>,
    scale: u32,
) -> std::result::Result<Column, PolarsError> {
    let values = Int64Chunked::from_iter_options(name.into(), values).into_series();
    let wide = values.cast(&polars::prelude::DataType::Int128)?;
    Ok(wide.i128()?.clone().into_decimal(18, scale as usize)?.into_column())
}

type ParquetOut<'a> = BatchedWriter<Box<dyn Write + Send + 'a>>;

enum Sink<'a> {
    Csv(Box<dyn Write + Send + 'a>),
    /// Frames are collected until they make a row group worth having.
    Parquet(Box<ParquetOut<'a>>, DataFrame),
}

/// Rows of a Parquet row group.
const ROW_GROUP: usize = 256 * 1024;

/// Brings the parts of the workers back into the order of the file.
pub(super) struct Ordered<'a> {
    sink: Option<Sink<'a>>,
    quarantine: Option<&'a mut (dyn Write + Send)>,
    waiting: BTreeMap<usize, (Option<Lines>, Vec<u8>)>,
    next: usize,
}

impl<'a> Ordered<'a> {
    pub(super) fn new(
        out: Option<(Box<dyn Write + Send + 'a>, Format)>,
        carried: &[Field],
        rules: Option<&Rules>,
        mut quarantine: Option<&'a mut (dyn Write + Send)>,
    ) -> Result<Self> {
        let sink = match out {
            None => None,
            Some((mut out, Format::Csv)) => {
                out.write_all(&csv_header(|f| carried.contains(&f), rules.is_some())).map_err(cannot_write)?;
                Some(Sink::Csv(out))
            }
            Some((out, Format::Parquet)) => {
                let book = RateBook::default();
                let empty = frame(&Batch::new(carried, false), &[], &Names::new(&book), rules).map_err(cannot_write)?;
                let writer = ParquetWriter::new(out).batched(empty.schema()).map_err(cannot_write)?;
                Some(Sink::Parquet(Box::new(writer), empty))
            }
        };
        if let Some(out) = &mut quarantine {
            out.write_all(b"line,column,code,found\n").map_err(cannot_write)?;
        }
        Ok(Self { sink, quarantine, waiting: BTreeMap::new(), next: 0 })
    }

    /// Takes one part and writes all parts whose turn it is.
    pub(super) fn put(&mut self, index: usize, lines: Option<Lines>, rejects: Vec<u8>) -> Result<()> {
        self.waiting.insert(index, (lines, rejects));
        while let Some((lines, rejects)) = self.waiting.remove(&self.next) {
            self.next += 1;
            if let Some(out) = &mut self.quarantine {
                out.write_all(&rejects).map_err(cannot_write)?;
            }
            match (&mut self.sink, lines) {
                (Some(Sink::Csv(out)), Some(Lines::Csv(bytes))) => out.write_all(&bytes).map_err(cannot_write)?,
                (Some(Sink::Parquet(writer, pending)), Some(Lines::Frame(frame))) => {
                    pending.vstack_mut(&frame).map_err(cannot_write)?;
                    while pending.height() >= ROW_GROUP {
                        let mut group = pending.slice(0, ROW_GROUP);
                        *pending = pending.slice(ROW_GROUP as i64, usize::MAX);
                        writer.write_batch(group.rechunk_mut_par()).map_err(cannot_write)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Writes what is left.
    pub(super) fn finish(self) -> Result<()> {
        if let Some(out) = self.quarantine {
            out.flush().map_err(cannot_write)?;
        }
        match self.sink {
            Some(Sink::Csv(mut out)) => out.flush().map_err(cannot_write),
            Some(Sink::Parquet(mut writer, mut pending)) => {
                if pending.height() > 0 {
                    writer.write_batch(pending.rechunk_mut_par()).map_err(cannot_write)?;
                }
                writer.finish().map(|_| ()).map_err(cannot_write)
            }
            None => Ok(()),
        }
    }
}

/// One column of the grouped output after those of the group.
enum Measure {
    Count(fn(&Sums) -> u64),
    /// Thousandths.
    Units(fn(&Sums) -> Units),
    Dollars(fn(&Sums) -> Money),
}

/// The measures of a group, in order; the names are those of the comparison in `benches/`.
const MEASURES: [(&str, Measure); 14] = [
    ("n", Measure::Count(|s| s.lines)),
    ("units", Measure::Units(Sums::units)),
    ("billed_amount", Measure::Dollars(Sums::billed)),
    ("allowed_amount", Measure::Dollars(Sums::allowed)),
    ("paid_amount", Measure::Dollars(Sums::paid)),
    ("expected", Measure::Dollars(Sums::expected)),
    ("n_denied", Measure::Count(|s| s.count(Outcome::Denied))),
    ("n_under", Measure::Count(|s| s.count(Outcome::Under))),
    ("n_over", Measure::Count(|s| s.count(Outcome::Over))),
    ("n_ok", Measure::Count(|s| s.count(Outcome::Ok))),
    ("n_norate", Measure::Count(|s| s.count(Outcome::NoRate))),
    ("v_denied", Measure::Dollars(|s| s.variance(Outcome::Denied))),
    ("v_under", Measure::Dollars(|s| s.variance(Outcome::Under))),
    ("v_over", Measure::Dollars(|s| s.variance(Outcome::Over))),
];

/// What stands after those where rules were asked.
const MEASURES_OF_RULES: [(&str, Measure); 2] = [
    ("n_notpayable", Measure::Count(|s| s.count(Outcome::NotPayable))),
    ("v_notpayable", Measure::Dollars(|s| s.variance(Outcome::NotPayable))),
];

fn measures(outturn: &Outturn) -> impl Iterator<Item = &'static (&'static str, Measure)> {
    let of_rules: &[_] = if outturn.rules.is_some() { &MEASURES_OF_RULES } else { &[] };
    MEASURES.iter().chain(of_rules)
}

/// Writes the groups: their dimensions, then lines, units, dollars, counts and variances by outcome; those of lines that are
/// not payable last, if rules were asked. Sorted by the dimensions in their order, lines without a value first.
///
/// # Errors
/// When the output cannot be written.
pub fn write_groups(outturn: &Outturn, by: &[Dimension], mut out: impl Write + Send, format: Format) -> Result<()> {
    if format == Format::Parquet {
        let mut frame = group_frame(outturn, by).map_err(cannot_write)?;
        return ParquetWriter::new(out).finish(&mut frame).map(|_| ()).map_err(cannot_write);
    }
    let names = by.iter().map(|d| d.name()).chain(measures(outturn).map(|m| m.0));
    let mut bytes = names.collect::<Vec<_>>().join(",").into_bytes();
    bytes.push(b'\n');
    for (key, sums) in &outturn.groups {
        for (i, value) in key.iter().enumerate() {
            if i > 0 {
                bytes.push(b',');
            }
            quoted(&mut bytes, value.as_deref().unwrap_or_default());
        }
        for (_, measure) in measures(outturn) {
            bytes.push(b',');
            match measure {
                Measure::Count(n) => digits(&mut bytes, n(sums), 1),
                Measure::Units(u) => decimal(&mut bytes, u(sums).thousandths(), UNIT_PLACES, 0),
                Measure::Dollars(m) => decimal(&mut bytes, m(sums).cents(), 2, 2),
            }
        }
        bytes.push(b'\n');
    }
    out.write_all(&bytes).and_then(|()| out.flush()).map_err(cannot_write)
}

fn group_frame(outturn: &Outturn, by: &[Dimension]) -> std::result::Result<DataFrame, PolarsError> {
    let sums = || outturn.groups.values();
    let mut columns = Vec::new();
    for (i, dimension) in by.iter().enumerate() {
        columns.push(strings(dimension.name(), outturn.groups.keys().map(|key| key[i].as_deref())));
    }
    for (name, measure) in measures(outturn) {
        columns.push(match measure {
            Measure::Count(n) => {
                let counts = sums().map(|s| i64::try_from(n(s)).unwrap_or(i64::MAX));
                Int64Chunked::from_iter_values((*name).into(), counts).into_column()
            }
            Measure::Units(u) => decimals(name, sums().map(|s| Some(u(s).thousandths())), UNIT_PLACES)?,
            Measure::Dollars(m) => decimals(name, sums().map(|s| Some(m(s).cents())), 2)?,
        });
    }
    DataFrame::new(outturn.groups.len(), columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_written_as_people_write_them() {
        let text = |value, places, least| {
            let mut out = Vec::new();
            decimal(&mut out, value, places, least);
            String::from_utf8(out).unwrap()
        };
        assert_eq!([text(0, 2, 2), text(7, 2, 2), text(-4505, 2, 2)], ["0.00", "0.07", "-45.05"]);
        assert_eq!([text(12_000, 3, 0), text(1500, 3, 0), text(0, 3, 0)], ["12", "1.5", "0"]);
        assert_eq!([text(14_860_000, 6, 2), text(274_900, 6, 2), text(123_456, 6, 2)], ["14.86", "0.2749", "0.123456"]);
        assert_eq!(text(i64::MIN, 2, 2), "-92233720368547758.08");
    }

    proptest::proptest! {
        #[test]
        fn a_written_amount_is_the_amount_of_money(cents: i64) {
            let mut out = Vec::new();
            decimal(&mut out, cents, 2, 2);
            proptest::prop_assert_eq!(String::from_utf8(out).unwrap(), Money::from_cents(cents).to_string());
        }
    }
}
