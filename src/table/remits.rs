//! `remit_lines` and `adjustments` as they stand in a remittance file, built row by row and written as Parquet part by part,
//! so that memory does not grow with the file. Amounts are decimal dollars: these tables are for other programs.

use std::io::Write;

use polars::io::parquet::write::BatchedWriter;
use polars::prelude::{
    ChunkTake, Column, DataFrame, DataType, IdxCa, Int32Chunked, Int128Chunked, IntoColumn, NewChunkedArray,
    ParquetCompression, ParquetWriter, PlSmallStr, PolarsError, PolarsResult, Scalar, StringChunked,
    StringChunkedBuilder, UInt32Chunked,
};

use rustc_hash::FxHashMap;

use crate::domain::{Carc, Code, Date, Group, Modifiers, Money, Rarc, Units};
use crate::finding::{Error, Result};

/// Rows of a Parquet row group, at least.
const ROW_GROUP: usize = 48 * 1024;
/// Rows for which room is made beforehand.
const ROOM: usize = 56 * 1024;

/// One row of `remit_lines`. A row without a code answers the claim as a whole.
#[derive(Debug, Clone, Copy)]
pub struct RemitRow<'r> {
    /// The practice's number of the claim.
    pub claim_id: &'r str,
    /// The payer.
    pub payer_id: &'r str,
    /// 1, 2 or 3; nothing where the file does not tell.
    pub payer_rank: Option<u8>,
    /// The payer's number of the claim.
    pub payer_claim_control_number: &'r str,
    /// CLP02.
    pub claim_status: u8,
    /// Day of the payment.
    pub remit_date: Option<Date>,
    /// The code adjudicated, as written.
    pub code: &'r str,
    /// Its modifiers.
    pub modifiers: Modifiers,
    /// The code as submitted, when the payer changed it.
    pub submitted_code: Option<Code>,
    /// Units paid.
    pub units: Option<Units>,
    /// Charge repeated by the payer.
    pub charge: Money,
    /// Paid.
    pub paid: Money,
    /// Allowed, as stated.
    pub allowed: Option<Money>,
    /// Patient responsibility: the sum of the PR adjustments.
    pub patient_responsibility: Option<Money>,
    /// Check or EFT number.
    pub trace_number: &'r str,
    /// Segment of the file.
    pub source_line: u32,
    /// First day of the service.
    pub service_date: Option<Date>,
    /// The practice's number of the line (REF*6R).
    pub line_control_number: &'r str,
    /// Place of service.
    pub pos: &'r str,
    /// NPI of the person who served.
    pub rendering_npi: &'r str,
}

/// Columns of `remit_lines` with a text of its own in nearly every row, and those with texts that rows share.
const TEXTS: [&str; 3] = ["claim_id", "payer_claim_control_number", "line_control_number"];
const WORDS: [&str; 7] = ["payer_id", "trace_number", "pos", "code", "modifiers", "submitted_code", "rendering_npi"];

/// A column of texts, of which the empty ones are null. Cheaper to fill than Polars' own builder, which takes over on the
/// thread that writes.
#[derive(Debug)]
struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl Texts {
    fn with_room(rows: usize) -> Self {
        Self { text: String::with_capacity(rows * 12), ends: Vec::with_capacity(rows) }
    }

    fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    fn built(&self, name: &str) -> StringChunked {
        let mut column = StringChunkedBuilder::new(name.into(), self.ends.len());
        let mut start = 0;
        for end in &self.ends {
            let end = *end as usize;
            match self.text.get(start..end).unwrap_or_default() {
                "" => column.append_null(),
                cell => column.append_value(cell),
            }
            start = end;
        }
        column.finish()
    }

    fn column(&self, name: &str) -> Column {
        self.built(name).into_column()
    }
}

/// A column of texts of which many rows share one: every text is kept once.
#[derive(Debug)]
struct Words {
    distinct: Texts,
    known: FxHashMap<Box<str>, u32>,
    rows: Vec<u32>,
    last: (String, u32),
}

impl Words {
    fn with_room(rows: usize) -> Self {
        let mut distinct = Texts::with_room(64);
        distinct.push("");
        let known = std::iter::once((Box::from(""), 0)).collect();
        Self { distinct, known, rows: Vec::with_capacity(rows), last: (String::new(), 0) }
    }

    fn push(&mut self, cell: &str) {
        if cell.is_empty() {
            self.rows.push(0);
            return;
        }
        if self.last.0 != cell {
            let number = match self.known.get(cell) {
                Some(number) => *number,
                None => {
                    let number = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
                    self.known.insert(cell.into(), number);
                    self.distinct.push(cell);
                    number
                }
            };
            self.last.0.clear();
            self.last.0.push_str(cell);
            self.last.1 = number;
        }
        self.rows.push(self.last.1);
    }

    /// The same text as in the row before.
    fn repeat(&mut self) {
        self.rows.push(self.rows.last().copied().unwrap_or(0));
    }

    fn column(self, name: &str) -> PolarsResult<Column> {
        let rows = IdxCa::from_vec("".into(), self.rows);
        Ok(self.distinct.built(name).take(&rows)?.into_column())
    }
}

/// Rows being collected.
#[derive(Debug)]
pub struct RemitColumns {
    file: String,
    texts: [Texts; TEXTS.len()],
    words: [Words; WORDS.len()],
    rank: Vec<Option<u32>>,
    status: Vec<u32>,
    days: [Vec<Option<i32>>; 2],
    units: Vec<Option<i64>>,
    charge: Vec<i64>,
    paid: Vec<i64>,
    money: [Vec<Option<i64>>; 2],
    line: Vec<u32>,
    remit_row: Vec<u32>,
    group: Words,
    carc: Words,
    /// Group and reason of the last adjustment: most rows have them of the one two before, or of their neighbour.
    reasons: [Option<(Group, Carc, u32, u32)>; 2],
    rarc: Words,
    amount: Vec<i64>,
    quantity: Vec<Option<i64>>,
    scratch: String,
}

impl RemitColumns {
    /// No rows yet, of the file of this name.
    #[must_use]
    pub fn new(file: &str) -> Self {
        Self::with_room(file, ROOM)
    }

    fn with_room(file: &str, room: usize) -> Self {
        let some = || Vec::with_capacity(room);
        Self {
            file: file.to_owned(),
            texts: TEXTS.map(|_| Texts::with_room(room)),
            words: WORDS.map(|_| Words::with_room(room)),
            rank: Vec::with_capacity(room),
            status: Vec::with_capacity(room),
            days: [Vec::with_capacity(room), Vec::with_capacity(room)],
            units: some(),
            charge: Vec::with_capacity(room),
            paid: Vec::with_capacity(room),
            money: [some(), some()],
            line: Vec::with_capacity(room),
            remit_row: Vec::with_capacity(room * 2),
            group: Words::with_room(room * 2),
            carc: Words::with_room(room * 2),
            reasons: [None; 2],
            rarc: Words::with_room(room * 2),
            amount: Vec::with_capacity(room * 2),
            quantity: Vec::with_capacity(room * 2),
            scratch: String::new(),
        }
    }
}

/// Days since 1970.
fn days(day: Date) -> i32 {
    use chrono::Datelike;
    day.num_days_from_ce() - 719_163
}

impl RemitColumns {
    /// Rows of `remit_lines` so far.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.line.len()
    }

    /// Rows of `adjustments` so far.
    #[must_use]
    pub fn adjustments(&self) -> usize {
        self.amount.len()
    }

    /// Adds a row; adjustments that follow belong to it. `same_claim`: payer, trace number and place are those of the row
    /// before.
    pub fn push(&mut self, row: &RemitRow<'_>, same_claim: bool) {
        self.scratch.clear();
        for modifier in row.modifiers.iter() {
            if !self.scratch.is_empty() {
                self.scratch.push(',');
            }
            self.scratch.push_str(modifier.as_str());
        }
        let texts = [row.claim_id, row.payer_claim_control_number, row.line_control_number];
        for (column, cell) in self.texts.iter_mut().zip(texts) {
            column.push(cell);
        }
        let submitted = row.submitted_code.as_ref().map_or("", Code::as_str);
        let [payer, trace, pos, code, modifiers, submitted_code, npi] = &mut self.words;
        for (column, cell) in [(payer, row.payer_id), (trace, row.trace_number), (pos, row.pos)] {
            if same_claim { column.repeat() } else { column.push(cell) }
        }
        code.push(row.code);
        modifiers.push(&self.scratch);
        submitted_code.push(submitted);
        npi.push(row.rendering_npi);
        self.rank.push(row.payer_rank.map(u32::from));
        self.status.push(u32::from(row.claim_status));
        self.days[0].push(row.remit_date.map(days));
        self.days[1].push(row.service_date.map(days));
        self.units.push(row.units.map(Units::thousandths));
        self.charge.push(row.charge.cents());
        self.paid.push(row.paid.cents());
        let money = [row.allowed, row.patient_responsibility];
        for (column, amount) in self.money.iter_mut().zip(money) {
            column.push(amount.map(Money::cents));
        }
        self.line.push(row.source_line);
    }

    /// Adds an adjustment of the last row.
    pub fn adjust(&mut self, group: Group, carc: Carc, remarks: &[&[Rarc]], amount: Money, quantity: Option<Units>) {
        self.remit_row.push(u32::try_from(self.line.len().saturating_sub(1)).unwrap_or(u32::MAX));
        match self.reasons.iter().flatten().find(|(g, c, ..)| *g == group && *c == carc) {
            Some((.., group, carc)) => {
                self.group.rows.push(*group);
                self.carc.rows.push(*carc);
            }
            None => {
                self.group.push(group.as_str());
                self.carc.push(carc.as_str());
                let number = |words: &Words| words.rows.last().copied().unwrap_or(0);
                self.reasons = [Some((group, carc, number(&self.group), number(&self.carc))), self.reasons[0]];
            }
        }
        self.scratch.clear();
        for remark in remarks.iter().flat_map(|r| r.iter()) {
            if !self.scratch.is_empty() {
                self.scratch.push(',');
            }
            self.scratch.push_str(remark.as_str());
        }
        self.rarc.push(&self.scratch);
        self.amount.push(amount.cents());
        self.quantity.push(quantity.map(Units::thousandths));
    }

    /// The rows as frames.
    ///
    /// # Errors
    /// When Polars refuses a column.
    pub fn finish(self) -> Result<RemitFrames> {
        self.frames().map_err(|e| Error::output("a table of remittances cannot be built").because(e))
    }

    fn frames(self) -> PolarsResult<RemitFrames> {
        let Self { texts, words, rank, status, days: [remit, service], units, money, line, .. } = self;
        let [claim, control, line_control] = std::array::from_fn(|i| texts[i].column(TEXTS[i]));
        let words = words.into_iter().zip(WORDS).map(|(words, name)| words.column(name));
        let [payer, trace, pos, code, modifiers, submitted, npi] =
            words.collect::<PolarsResult<Vec<Column>>>()?.try_into().unwrap_or_default();
        let [allowed, patient] = money;
        let day = |name: &str, days: Vec<Option<i32>>| {
            Int32Chunked::from_iter_options(name.into(), days.into_iter()).into_column().cast(&DataType::Date)
        };
        let whole = |name: &str, values: Vec<u32>| UInt32Chunked::from_vec(name.into(), values).into_column();
        let dollars = |name: &str, cents: Vec<Option<i64>>| decimal(name, cents, 2);
        let rows = line.len();
        let of_file =
            |name: &str| Column::new_scalar(name.into(), Scalar::from(PlSmallStr::from_str(&self.file)), rows);
        let nowhere = |name: &str| Column::full_null(name.into(), rows, &DataType::UInt32);
        let lines = vec![
            claim,
            // An 835 does not repeat the number of the line: `line_control_number` names it where the payer returns it.
            nowhere("line_number"),
            payer,
            UInt32Chunked::from_iter_options("payer_rank".into(), rank.into_iter()).into_column(),
            control,
            whole("claim_status", status),
            day("remit_date", remit)?,
            code,
            modifiers,
            submitted,
            decimal("units", units, 3)?,
            whole_decimal("charge", &self.charge, 2)?,
            whole_decimal("paid", &self.paid, 2)?,
            dollars("allowed", allowed)?,
            dollars("patient_responsibility", patient)?,
            trace,
            of_file("source_file"),
            whole("source_line", line),
            day("service_date", service)?,
            line_control,
            pos,
            npi,
        ];
        let adjustments = vec![
            whole("remit_row", self.remit_row),
            self.group.column("group_code")?,
            self.carc.column("carc")?,
            self.rarc.column("rarc")?,
            whole_decimal("amount", &self.amount, 2)?,
            decimal("quantity", self.quantity, 3)?,
        ];
        Ok(RemitFrames {
            lines: DataFrame::new_infer_height(lines)?,
            adjustments: DataFrame::new_infer_height(adjustments)?,
        })
    }
}

/// A column in which no row is blank.
fn whole_decimal(name: &str, values: &[i64], scale: usize) -> PolarsResult<Column> {
    let wide = Int128Chunked::from_vec(name.into(), values.iter().map(|v| i128::from(*v)).collect());
    Ok(wide.into_decimal(18, scale)?.into_column())
}

fn decimal(name: &str, values: Vec<Option<i64>>, scale: usize) -> PolarsResult<Column> {
    let wide = Int128Chunked::from_iter_options(name.into(), values.into_iter().map(|v| v.map(i128::from)));
    Ok(wide.into_decimal(18, scale)?.into_column())
}

/// Some rows of both tables; `remit_row` counts from the first row of `lines`.
#[derive(Debug, Clone)]
pub struct RemitFrames {
    /// Rows of `remit_lines`.
    pub lines: DataFrame,
    /// Their adjustments.
    pub adjustments: DataFrame,
}

/// Writes both tables part by part.
pub struct RemitWriter<W: Write> {
    lines: BatchedWriter<W>,
    adjustments: BatchedWriter<W>,
    waiting: Option<RemitFrames>,
    written: u32,
}

impl<W: Write + Send> RemitWriter<W> {
    /// A writer of `remit_lines` and `adjustments` to these places.
    ///
    /// # Errors
    /// When the head of a file cannot be written.
    pub fn new(lines: W, adjustments: W) -> Result<Self> {
        let empty = RemitColumns::with_room("", 0).finish()?;
        let open = |to: W, frame: &DataFrame| {
            ParquetWriter::new(to)
                .with_compression(ParquetCompression::Snappy)
                .batched(frame.schema())
                .map_err(cannot_write)
        };
        let (lines, adjustments) = (open(lines, &empty.lines)?, open(adjustments, &empty.adjustments)?);
        Ok(Self { lines, adjustments, waiting: None, written: 0 })
    }

    /// Takes some rows; they are written when there are enough of them for a row group.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn put(&mut self, mut frames: RemitFrames) -> Result<()> {
        let rows = u32::try_from(frames.lines.height()).unwrap_or(u32::MAX);
        self.shift(&mut frames.adjustments).map_err(cannot_write)?;
        self.written = self.written.checked_add(rows).ok_or_else(|| {
            Error::output("more than four billion remittance lines").help("write the files in several runs")
        })?;
        match &mut self.waiting {
            // Nearly always a part is a row group by itself and needs no copy.
            None if frames.lines.height() >= ROW_GROUP => return self.write(&frames),
            None => self.waiting = Some(frames),
            Some(waiting) => {
                waiting.lines.vstack_mut(&frames.lines).map_err(cannot_write)?;
                waiting.adjustments.vstack_mut(&frames.adjustments).map_err(cannot_write)?;
            }
        }
        if self.waiting.as_ref().is_some_and(|w| w.lines.height() >= ROW_GROUP) { self.flush() } else { Ok(()) }
    }

    /// Writes what is left and the ends of the files.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn finish(mut self) -> Result<()> {
        self.flush()?;
        self.lines.finish().map_err(cannot_write)?;
        self.adjustments.finish().map_err(cannot_write)?;
        Ok(())
    }

    /// Rows of adjustments count from the first row of the whole table.
    fn shift(&self, adjustments: &mut DataFrame) -> PolarsResult<()> {
        let moved = adjustments.column("remit_row")?.u32()? + self.written;
        adjustments.with_column(moved.into_column())?;
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let Some(mut frames) = self.waiting.take() else { return Ok(()) };
        frames.lines.rechunk_mut();
        frames.adjustments.rechunk_mut();
        self.write(&frames)
    }

    fn write(&mut self, frames: &RemitFrames) -> Result<()> {
        self.lines.write_batch(&frames.lines).map_err(cannot_write)?;
        self.adjustments.write_batch(&frames.adjustments).map_err(cannot_write)
    }
}

fn cannot_write(error: PolarsError) -> Error {
    Error::output("the table of remittances cannot be written").because(error)
}
