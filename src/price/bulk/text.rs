//! Reads a block of CSV into a batch. Bad rows are rejected with their line; nothing is repaired and nothing stops.

use memchr::{memchr, memchr2_iter};

use super::batch::{Batch, Reject, Rejects, Row};
use super::blocks::Block;
use super::cells;
use super::claims::Claims;
use super::layout::{Field, Layout};
use super::names::{self, Names};
use crate::finding::FindingCode;

/// A record's cells.
trait Cells {
    fn cell(&self, column: usize) -> &[u8];
    fn width(&self) -> usize;
}

impl Cells for csv::ByteRecord {
    fn cell(&self, column: usize) -> &[u8] {
        &self[column]
    }

    fn width(&self) -> usize {
        self.len()
    }
}

/// A record of a block without quotes: its cells lie in the block as they are.
struct Plain<'b> {
    bytes: &'b [u8],
    /// Where each cell ends; the next begins one byte later.
    ends: &'b [usize],
    start: usize,
}

impl Cells for Plain<'_> {
    fn cell(&self, column: usize) -> &[u8] {
        let start = if column == 0 { self.start } else { self.ends[column - 1] + 1 };
        &self.bytes[start..self.ends[column]]
    }

    fn width(&self) -> usize {
        self.ends.len()
    }
}

/// Reads all records of the block.
pub(super) fn read(block: &Block, layout: &Layout, names: &mut Names<'_>, batch: &mut Batch, rejects: &mut Rejects) {
    if block.plain {
        read_plain(block, layout, names, batch, rejects);
    } else {
        let mut lines = block.lines();
        block.records(|cells, begun| record(cells, || lines.at(begun), layout, names, batch, rejects));
    }
}

/// Most files hold no quotes: then commas and line feeds are all there is to find.
fn read_plain(block: &Block, layout: &Layout, names: &mut Names<'_>, batch: &mut Batch, rejects: &mut Rejects) {
    let bytes = block.bytes.as_slice();
    let mut ends = Vec::with_capacity(layout.width);
    let (mut start, mut line) = (0, block.first_line);
    let mut finish = |start: usize, end: usize, line: u64, ends: &mut Vec<usize>| {
        // A blank line is no record.
        if end > start {
            ends.push(end);
            record(&Plain { bytes, ends, start }, || line, layout, names, batch, rejects);
        }
        ends.clear();
    };
    for i in memchr2_iter(b',', b'\n', bytes) {
        if bytes[i] == b',' {
            ends.push(i);
        } else {
            finish(start, i, line, &mut ends);
            start = i + 1;
            line += 1;
        }
    }
    finish(start, bytes.len(), line, &mut ends);
}

fn record<R: Cells>(
    cells: &R,
    line: impl FnOnce() -> u64,
    layout: &Layout,
    names: &mut Names<'_>,
    batch: &mut Batch,
    rejects: &mut Rejects,
) {
    let width = cells.width();
    if let Some(claims) = &mut batch.claims {
        let column = layout.column(Field::ClaimId).filter(|column| *column < width);
        claims.record(column.map_or(&[][..], |column| cells::trim(cells.cell(column))));
    }
    if width != layout.width {
        let code = if width < layout.width { FindingCode::RowTooShort } else { FindingCode::RowTooLong };
        let found = format!("{width} cells where the header has {}", layout.width);
        return rejects.push(line(), &Reject { field: None, code, found, billed: None });
    }
    match row(cells, layout, names, batch) {
        Ok(row) => {
            batch.rows.push(row);
            batch.claims.iter_mut().for_each(Claims::row);
            for (field, texts) in &mut batch.carried {
                let cell = layout.column(*field).map_or(&[][..], |column| cells::trim(cells.cell(column)));
                texts.push(&String::from_utf8_lossy(cell));
            }
        }
        Err(mut reject) => {
            let charge = layout.column(Field::Billed).map(|column| cells::trim(cells.cell(column)));
            reject.billed = charge.and_then(|cell| cells::decimal(cell, 2));
            rejects.push(line(), &reject);
        }
    }
}

fn row<R: Cells>(cells: &R, layout: &Layout, names: &mut Names<'_>, batch: &Batch) -> Result<Row, Reject> {
    let cell = |field: Field| layout.column(field).map_or(&[][..], |column| cells::trim(cells.cell(column)));
    let word =
        |field: Field, result: Result<u32, FindingCode>| result.map_err(|code| Reject::cell(field, code, cell(field)));
    if batch.claims.is_some() && cell(Field::ClaimId).is_empty() {
        return Err(no_claim());
    }
    let day = day(cell(Field::ServiceDate))?;
    let row = Row {
        day,
        payer: word(Field::PayerId, names.payer(cell(Field::PayerId)))?,
        state: word(Field::State, names.state(cell(Field::State)))?,
        locality: word(Field::Locality, names.locality(cell(Field::Locality)))?,
        pos: names::pos(cell(Field::Pos)).map_err(|code| Reject::cell(Field::Pos, code, cell(Field::Pos)))?,
        code: word(Field::Code, names.code(cell(Field::Code)))?,
        modifiers: word(Field::Modifiers, names.modifiers(cell(Field::Modifiers)))?,
        carc: word(Field::Carc, names.carc(cell(Field::Carc)))?,
        units: units(cell(Field::Units))?,
        billed: money(Field::Billed, cell(Field::Billed))?,
        allowed: money(Field::Allowed, cell(Field::Allowed))?,
        paid: money(Field::Paid, cell(Field::Paid))?,
    };
    for (field, _) in &batch.carried {
        carried(*field, cell(*field))?;
    }
    Ok(row)
}

/// A row that cannot be judged, because nothing tells which lines it belongs to.
pub(super) fn no_claim() -> Reject {
    Reject::cell(Field::ClaimId, FindingCode::MissingValue, b"")
}

/// A day of service within the years that claims can come from.
pub(super) fn day(cell: &[u8]) -> Result<cells::Day, Reject> {
    let bad = |code| Reject::cell(Field::ServiceDate, code, cell);
    match cells::day(cell) {
        Some(day) if cells::is_plausible(day) => Ok(day),
        Some(_) => Err(bad(FindingCode::ImplausibleDate)),
        None if cell.is_empty() => Err(bad(FindingCode::MissingValue)),
        None => Err(bad(FindingCode::BadDate)),
    }
}

/// An amount in cents; a charge is never negative.
pub(super) fn money(field: Field, cell: &[u8]) -> Result<i64, Reject> {
    match cells::decimal(cell, 2) {
        Some(cents) => checked_money(field, cents),
        None if cell.is_empty() => Err(Reject::cell(field, FindingCode::MissingValue, cell)),
        None => Err(Reject::cell(field, FindingCode::BadMoney, cell)),
    }
}

/// A charge is never negative; other amounts may be.
pub(super) fn checked_money(field: Field, cents: i64) -> Result<i64, Reject> {
    if field == Field::Billed && cents < 0 {
        let found = crate::domain::Money::from_cents(cents).to_string();
        return Err(Reject::cell(field, FindingCode::NegativeCharge, found.as_bytes()));
    }
    Ok(cents)
}

/// Units in thousandths, more than zero.
pub(super) fn units(cell: &[u8]) -> Result<i64, Reject> {
    match cells::decimal(cell, 3) {
        Some(units) => checked_units(units),
        None if cell.is_empty() => Err(Reject::cell(Field::Units, FindingCode::MissingValue, cell)),
        None => Err(Reject::cell(Field::Units, FindingCode::BadUnits, cell)),
    }
}

/// Units are more than zero.
pub(super) fn checked_units(units: i64) -> Result<i64, Reject> {
    if units > 0 {
        return Ok(units);
    }
    let found = crate::domain::Units::from_thousandths(units).to_string();
    Err(Reject::cell(Field::Units, FindingCode::NonPositiveUnits, found.as_bytes()))
}

/// Checks a cell that is passed on, as far as its output column has a type.
pub(super) fn carried(field: Field, cell: &[u8]) -> Result<(), Reject> {
    let fits = match field {
        Field::Patient => cell.is_empty() || cells::decimal(cell, 2).is_some(),
        Field::LineNumber => cell.is_empty() || (cells::decimal(cell, 0).is_some() && memchr(b'.', cell).is_none()),
        _ => return Ok(()),
    };
    let code = if field == Field::Patient { FindingCode::BadMoney } else { FindingCode::BadRow };
    if fits { Ok(()) } else { Err(Reject::cell(field, code, cell)) }
}
