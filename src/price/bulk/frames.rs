//! Reads Parquet through Polars, one row group at a time, into batches.
//!
//! Columns may be typed (dates, decimals, integers) or text as in CSV. Floating-point columns are refused: a binary
//! fraction cannot hold 14.86.

use std::cmp::Ordering;
use std::fs::File;
use std::path::Path;

use polars::io::parquet::metadata::FileMetadataRef;
use polars::io::parquet::read::ParallelStrategy;
use polars::prelude::{DataFrame, DataType, IdxCa, IdxSize, ParquetReader, PolarsError, SerReader, StringChunked};

use super::batch::{Batch, Reject, Rejects, Row};
use super::cells;
use super::claims::{Claims, LONGEST_CLAIM, too_long};
use super::layout::{Field, Layout};
use super::names::{self, Names};
use super::open::{self, Progress};
use super::text;
use super::{Dimension, RateBook};
use crate::finding::{Error, FindingCode, Place, Result};
use crate::ingest::{guarded, plausible};

/// A frame and where it stands in the file.
pub(super) struct Frame {
    pub(super) frame: DataFrame,
    pub(super) index: usize,
    /// Row of the file of the first line, from 1.
    first_row: u64,
}

/// The frames of one file, in order: one row group is decoded at a time and handed out in slices that fit in a cache.
///
/// The streaming engine took about the same time here and six times the memory: it decodes many row groups ahead.
pub(super) struct Frames<'a> {
    file: File,
    name: String,
    metadata: FileMetadataRef,
    columns: Vec<usize>,
    names: Vec<&'static str>,
    rows_at_once: usize,
    /// The present row group, of which the rows before `at` have been handed out or are held back.
    group: DataFrame,
    at: usize,
    /// When no claim may lie in two frames: the claim numbers of the group, and the rows of its last claim, which may go on
    /// in the next group.
    claims: Option<StringChunked>,
    held: Option<(Vec<u8>, DataFrame)>,
    next_group: usize,
    index: usize,
    /// Rows decoded, and rows handed out.
    decoded: usize,
    row: usize,
    bytes: u64,
    progress: Progress<'a>,
}

fn unreadable(name: &str) -> impl Fn(PolarsError) -> Error + use<> {
    let message = format!("cannot read {name}");
    move |e| Error::input(message.clone()).because(e)
}

impl<'a> Frames<'a> {
    /// Opens the file and finds its columns.
    pub(super) fn open(
        path: &Path,
        book: &RateBook,
        by: &[Dimension],
        carried: &[Field],
        by_claim: bool,
        rows_at_once: usize,
        progress: Progress<'a>,
    ) -> Result<(Self, Layout)> {
        let name = path.display().to_string();
        let cannot_open = |e| Error::input(format!("cannot open {name}")).because(e);
        let file = File::open(path).map_err(cannot_open)?;
        let mut reader = ParquetReader::new(file.try_clone().map_err(cannot_open)?);
        let bytes = open::size(path)?;
        let (schema, metadata) = guarded(|| {
            let metadata = reader.get_metadata()?.clone();
            plausible(&metadata, usize::try_from(bytes).unwrap_or(usize::MAX))?;
            Ok((reader.schema()?, metadata))
        })
        .map_err(unreadable(&name))?;
        let layout = Layout::new(schema.iter_names().map(AsRef::as_ref), &name, book, by, by_claim)?;
        let is_wanted = |f: &Field| !f.is_carried() || carried.contains(f) || (by_claim && *f == Field::ClaimId);
        let wanted = Field::ALL.into_iter().filter(is_wanted);
        // Polars hands columns out in the order of the file.
        let mut fields: Vec<_> = wanted.filter_map(|f| Some((layout.column(f)?, f.name()))).collect();
        fields.sort_unstable();
        let (columns, names) = fields.into_iter().unzip();
        let frames = Self {
            file,
            name,
            metadata,
            columns,
            names,
            rows_at_once,
            group: DataFrame::empty(),
            at: 0,
            claims: by_claim.then(StringChunked::default),
            held: None,
            next_group: 0,
            index: 0,
            decoded: 0,
            row: 0,
            bytes,
            progress,
        };
        Ok((frames, layout))
    }

    /// The next frame.
    pub(super) fn next(&mut self) -> Result<Option<Frame>> {
        loop {
            if self.at < self.group.height() {
                let end = self.end();
                if end > self.at {
                    let frame = self.group.slice(self.at as i64, end - self.at);
                    self.at = end;
                    return Ok(Some(self.frame(frame)));
                }
                self.hold(self.group.height())?;
            }
            if self.next_group == self.metadata.row_groups.len() {
                return Ok(self.held.take().map(|(_, frame)| self.frame(frame)));
            }
            self.advance()?;
            // The claim that was held back goes on as long as its number does.
            let goes_on = match (&self.held, &self.claims) {
                (Some((claim, _)), Some(claims)) => (0..claims.len()).take_while(|i| of(claims, *i) == claim).count(),
                _ => 0,
            };
            self.hold(goes_on)?;
            if self.at < self.group.height() && self.held.is_some() {
                return Ok(self.held.take().map(|(_, frame)| self.frame(frame)));
            }
        }
    }

    fn frame(&mut self, frame: DataFrame) -> Frame {
        let next = Frame { index: self.index, first_row: self.row as u64 + 1, frame };
        self.index += 1;
        self.row += next.frame.height();
        next
    }

    /// Where the next frame ends; where it begins when the rest of the group is one claim.
    fn end(&self) -> usize {
        let height = self.group.height();
        let wanted = self.at.saturating_add(self.rows_at_once);
        let Some(claims) = &self.claims else { return wanted.min(height) };
        let ends = |i: &usize| of(claims, *i - 1) != of(claims, *i);
        let before = (self.at + 1..=wanted.min(height - 1)).rev().find(ends);
        before.or_else(|| (wanted + 1..height).find(ends)).unwrap_or(self.at)
    }

    /// Holds back the rows of the group up to `end`, which are of one claim.
    fn hold(&mut self, end: usize) -> Result<()> {
        if end == self.at {
            return Ok(());
        }
        // A copy: a slice would keep the whole group in memory while the next one is decoded.
        let places: Vec<IdxSize> = (self.at as IdxSize..end as IdxSize).collect();
        let rows = self.group.take(&IdxCa::from_vec("".into(), places)).map_err(unreadable(&self.name))?;
        let claim = self.claims.as_ref().map_or(&[][..], |claims| of(claims, self.at)).to_vec();
        self.at = end;
        match &mut self.held {
            Some((_, held)) => {
                held.vstack_mut(&rows).map_err(unreadable(&self.name))?;
                if held.height() > LONGEST_CLAIM { Err(too_long()) } else { Ok(()) }
            }
            None => {
                self.held = Some((claim, rows));
                Ok(())
            }
        }
    }

    /// Decodes the next row group.
    fn advance(&mut self) -> Result<()> {
        // The old group goes before the new one comes.
        self.group = DataFrame::empty();
        self.claims = self.claims.take().map(|_| StringChunked::default());
        let rows = self.metadata.row_groups.get(self.next_group).map_or(0, |group| group.num_rows());
        self.group = guarded(|| self.decode(rows)).map_err(unreadable(&self.name))?;
        self.at = 0;
        if self.group.height() != rows {
            return Err(
                Error::input(format!("row group {} is cut off", self.next_group + 1)).at(Place::file(&self.name))
            );
        }
        if self.claims.is_some() {
            let claims = self.group.column(Field::ClaimId.name()).and_then(|c| c.cast(&DataType::String));
            let claims = claims.and_then(|c| Ok(c.str()?.rechunk().into_owned()));
            self.claims = Some(claims.map_err(unreadable(&self.name))?);
        }
        self.next_group += 1;
        let share = |row: usize| (u128::from(self.bytes) * row as u128 / self.metadata.num_rows.max(1) as u128) as u64;
        (self.progress)(share(self.decoded + rows) - share(self.decoded));
        self.decoded += rows;
        Ok(())
    }

    /// Decodes the rows that come next; the columns in parallel.
    fn decode(&self, rows: usize) -> std::result::Result<DataFrame, PolarsError> {
        let mut reader = ParquetReader::new(self.file.try_clone()?)
            .with_projection(Some(self.columns.clone()))
            .with_slice(Some((self.decoded, rows)))
            .read_parallel(ParallelStrategy::Columns);
        reader.set_metadata(self.metadata.clone());
        let mut frame = reader.finish()?;
        frame.set_column_names(&self.names)?;
        Ok(frame)
    }
}

/// The claim number of a row, without blanks around it.
fn of(claims: &StringChunked, row: usize) -> &[u8] {
    cells::trim(claims.get(row).unwrap_or_default().as_bytes())
}

/// Reads the frame's rows.
///
/// # Errors
/// When a column has a type that cannot hold its field exactly.
pub(super) fn read(
    frame: &Frame,
    file: &str,
    names: &mut Names<'_>,
    batch: &mut Batch,
    rejects: &mut Rejects,
) -> Result<()> {
    let mut columns = Columns { frame: &frame.frame, file, bad: vec![None; frame.frame.height()] };
    let claims = if batch.claims.is_some() { columns.strings(Field::ClaimId)? } else { None };
    let days = columns.days()?;
    let payers = columns.words(Field::PayerId, |cell| names.payer(cell))?;
    let states = columns.words(Field::State, |cell| names.state(cell))?;
    let localities = columns.words(Field::Locality, |cell| names.locality(cell))?;
    let places = columns.words(Field::Pos, |cell| names::pos(cells::trim(cell)).map(u32::from))?;
    let codes = columns.words(Field::Code, |cell| names.code(cell))?;
    let modifiers = columns.words(Field::Modifiers, |cell| names.modifiers(cell))?;
    let carcs = columns.words(Field::Carc, |cell| names.carc(cell))?;
    let units = columns.decimals(Field::Units, 3, text::units, text::checked_units)?;
    let [billed, allowed, paid] = [Field::Billed, Field::Allowed, Field::Paid].map(|field| {
        columns.decimals(field, 2, |cell| text::money(field, cell), |cents| text::checked_money(field, cents))
    });
    let (billed, allowed, paid) = (billed?, allowed?, paid?);
    let mut carried = Vec::new();
    for (field, _) in &batch.carried {
        carried.push(columns.texts(*field)?);
    }
    for (i, bad) in columns.bad.into_iter().enumerate() {
        let mut bad = bad;
        if let (Some(numbers), Some(claims)) = (&mut batch.claims, &claims) {
            let claim = of(claims, i);
            numbers.record(claim);
            if claim.is_empty() {
                bad = Some(text::no_claim());
            }
        }
        if let Some(mut reject) = bad {
            reject.billed = billed.get(i).copied().filter(|cents| *cents > 0);
            rejects.push(frame.first_row + i as u64, &reject);
            continue;
        }
        batch.rows.push(Row {
            day: days[i],
            payer: payers[i],
            state: states[i],
            locality: localities[i],
            pos: places[i] as u8,
            code: codes[i],
            modifiers: modifiers[i],
            carc: carcs[i],
            units: units[i],
            billed: billed[i],
            allowed: allowed[i],
            paid: paid[i],
        });
        batch.claims.iter_mut().for_each(Claims::row);
        for ((_, texts), column) in batch.carried.iter_mut().zip(&carried) {
            texts.push(column.get(i).map_or("", String::as_str));
        }
    }
    Ok(())
}

/// The columns of a frame with, for each row, the first thing that is wrong with it.
struct Columns<'f> {
    frame: &'f DataFrame,
    file: &'f str,
    bad: Vec<Option<Reject>>,
}

impl Columns<'_> {
    fn refuse(&self, field: Field, dtype: &DataType, help: &str) -> Error {
        Error::input(format!("the column holds {dtype}"))
            .at(Place::file(self.file).column(field.name()))
            .help(help.to_owned())
    }

    fn reject(&mut self, row: usize, reject: Reject) {
        self.bad[row].get_or_insert(reject);
    }

    /// Numbers of words; all blank when the file lacks the column.
    fn words(
        &mut self,
        field: Field,
        mut id: impl FnMut(&[u8]) -> std::result::Result<u32, FindingCode>,
    ) -> Result<Vec<u32>> {
        let Ok(column) = self.frame.column(field.name()) else { return Ok(vec![0; self.frame.height()]) };
        let column = match column.dtype() {
            DataType::String => column.clone(),
            dtype @ (DataType::Float32 | DataType::Float64) => {
                return Err(self.refuse(field, dtype, "write it as text"));
            }
            _ => column.cast(&DataType::String).map_err(unreadable(self.file))?,
        };
        let texts = column.str().map_err(unreadable(self.file))?;
        let mut out = Vec::with_capacity(texts.len());
        for (row, cell) in texts.iter().enumerate() {
            let cell = cell.unwrap_or_default().as_bytes();
            out.push(match id(cell) {
                Ok(id) => id,
                Err(code) => {
                    self.reject(row, Reject::cell(field, code, cell));
                    0
                }
            });
        }
        Ok(out)
    }

    fn days(&mut self) -> Result<Vec<cells::Day>> {
        const FIELD: Field = Field::ServiceDate;
        let column = self.frame.column(FIELD.name()).map_err(unreadable(self.file))?;
        let mut out = Vec::with_capacity(column.len());
        match column.dtype() {
            DataType::Date => {
                let days = column.to_physical_repr();
                for (row, day) in days.i32().map_err(unreadable(self.file))?.iter().enumerate() {
                    if day.is_none_or(|day| !cells::is_plausible(day)) {
                        let code = if day.is_none() { FindingCode::MissingValue } else { FindingCode::ImplausibleDate };
                        self.reject(
                            row,
                            Reject::cell(FIELD, code, day.map_or(String::new(), super::rates::iso).as_bytes()),
                        );
                    }
                    out.push(day.unwrap_or(0));
                }
            }
            DataType::String => {
                for (row, cell) in column.str().map_err(unreadable(self.file))?.iter().enumerate() {
                    let day = text::day(cells::trim(cell.unwrap_or_default().as_bytes()));
                    out.push(self.keep(row, day));
                }
            }
            dtype => return Err(self.refuse(FIELD, dtype, "write it as dates or as text such as 2024-03-09")),
        }
        Ok(out)
    }

    fn keep<T: Default>(&mut self, row: usize, value: std::result::Result<T, Reject>) -> T {
        value.unwrap_or_else(|reject| {
            self.reject(row, reject);
            T::default()
        })
    }

    /// Whole numbers of `10^-places`, from decimals, integers or text.
    fn decimals(
        &mut self,
        field: Field,
        places: u32,
        parse: impl Fn(&[u8]) -> std::result::Result<i64, Reject>,
        check: impl Fn(i64) -> std::result::Result<i64, Reject>,
    ) -> Result<Vec<i64>> {
        let column = self.frame.column(field.name()).map_err(unreadable(self.file))?;
        let fail = unreadable(self.file);
        let mut out = Vec::with_capacity(column.len());
        let mut exact = |columns: &mut Self, row: usize, value: Option<i128>, scale: u32| {
            let value = match value.map(|v| rescale(v, scale, places)) {
                Some(Some(value)) => check(value),
                Some(None) => Err(parse(b"?").err().unwrap_or_else(|| Reject::cell(field, FindingCode::BadRow, b""))),
                None => Err(Reject::cell(field, FindingCode::MissingValue, b"")),
            };
            let value = columns.keep(row, value);
            out.push(value);
        };
        match column.dtype() {
            DataType::Decimal(_, scale) => {
                let scale = u32::try_from(*scale).unwrap_or(u32::MAX);
                let physical = column.to_physical_repr();
                for (row, value) in physical.i128().map_err(fail)?.iter().enumerate() {
                    exact(self, row, value, scale);
                }
            }
            dtype if dtype.is_integer() => {
                let wide = column.cast(&DataType::Int64).map_err(&fail)?;
                for (row, value) in wide.i64().map_err(fail)?.iter().enumerate() {
                    exact(self, row, value.map(i128::from), 0);
                }
            }
            DataType::String => {
                for (row, cell) in column.str().map_err(fail)?.iter().enumerate() {
                    let value = parse(cells::trim(cell.unwrap_or_default().as_bytes()));
                    out.push(self.keep(row, value));
                }
            }
            dtype => return Err(self.refuse(field, dtype, "write it as decimals with a fixed scale, or as text")),
        }
        Ok(out)
    }

    /// Cells that are only passed on, checked as in CSV. Empty when the file lacks the column.
    fn texts(&mut self, field: Field) -> Result<Vec<String>> {
        let Some(texts) = self.strings(field)? else { return Ok(Vec::new()) };
        let mut out = Vec::with_capacity(texts.len());
        for (row, cell) in texts.iter().enumerate() {
            let cell = cell.unwrap_or_default().trim();
            if let Err(reject) = text::carried(field, cell.as_bytes()) {
                self.reject(row, reject);
            }
            out.push(cell.to_owned());
        }
        Ok(out)
    }

    /// The column as text; `None` when the file lacks it.
    fn strings(&self, field: Field) -> Result<Option<StringChunked>> {
        let Ok(column) = self.frame.column(field.name()) else { return Ok(None) };
        if let dtype @ (DataType::Float32 | DataType::Float64) = column.dtype() {
            return Err(self.refuse(field, dtype, "write it as decimals with a fixed scale, or as text"));
        }
        let texts = column.cast(&DataType::String).map_err(unreadable(self.file))?;
        Ok(Some(texts.str().map_err(unreadable(self.file))?.rechunk().into_owned()))
    }
}

/// A decimal of one scale at another; `None` when that would lose digits or does not fit.
fn rescale(value: i128, from: u32, to: u32) -> Option<i64> {
    // Ten million amounts pass here: the usual case is one comparison, and no power is computed anew.
    match from.cmp(&to) {
        Ordering::Equal => i64::try_from(value).ok(),
        Ordering::Less => i64::try_from(value).ok()?.checked_mul(power_of_ten(to - from)?),
        Ordering::Greater => {
            let divisor = i128::from(power_of_ten(from - to)?);
            if value % divisor == 0 { i64::try_from(value / divisor).ok() } else { None }
        }
    }
}

/// Ten to the `n`; `None` where it does not fit.
fn power_of_ten(n: u32) -> Option<i64> {
    const POWERS: [i64; 19] = {
        let mut powers = [1; 19];
        let mut n = 1;
        while n < powers.len() {
            powers[n] = powers[n - 1] * 10;
            n += 1;
        }
        powers
    };
    POWERS.get(n as usize).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_changes_without_losing_digits_or_not_at_all() {
        assert_eq!(rescale(1234, 2, 2), Some(1234));
        assert_eq!(rescale(12, 0, 2), Some(1200));
        assert_eq!(rescale(123_400, 4, 2), Some(1234));
        assert_eq!(rescale(123_450, 4, 2), None);
        assert_eq!(rescale(i128::MAX, 0, 2), None);
        assert_eq!(rescale(-1_234, 2, 3), Some(-12_340));
        assert_eq!(rescale(1, 38, 2), None);
    }
}
