//! A batch of lines as typed columns: what both readers yield and what is priced. And the rows that could not be read.

use rustc_hash::FxHashMap;

use super::cells::Day;
use super::claims::Claims;
use super::layout::Field;
use crate::finding::{Finding, FindingCode, Place};

/// One line, checked. Words are numbers of [`super::names::Names`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) day: Day,
    pub(super) payer: u32,
    pub(super) state: u32,
    pub(super) locality: u32,
    /// 0 when blank.
    pub(super) pos: u8,
    pub(super) code: u32,
    pub(super) modifiers: u32,
    pub(super) carc: u32,
    /// Thousandths.
    pub(super) units: i64,
    /// Cents.
    pub(super) billed: i64,
    /// Cents.
    pub(super) allowed: i64,
    /// Cents.
    pub(super) paid: i64,
}

/// Cells that are only passed on.
#[derive(Debug, Default)]
pub(super) struct Texts {
    bytes: String,
    ends: Vec<usize>,
}

impl Texts {
    pub(super) fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
    }

    pub(super) fn get(&self, row: usize) -> &str {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.bytes[start..self.ends[row]]
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}

/// Lines that are read and priced together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) rows: Vec<Row>,
    /// Cells that are passed on, by field; empty unless lines are written.
    pub(super) carried: Vec<(Field, Texts)>,
    /// Which rows are of one claim, when that is asked for.
    pub(super) claims: Option<Claims>,
}

impl Batch {
    pub(super) fn new(carried: &[Field], by_claim: bool) -> Self {
        let carried = carried.iter().map(|field| (*field, Texts::default())).collect();
        Self { rows: Vec::new(), carried, claims: by_claim.then(Claims::default) }
    }

    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.carried.iter_mut().for_each(|(_, texts)| texts.clear());
        self.claims.iter_mut().for_each(Claims::clear);
    }
}

/// Why a row could not be read: where, what, and its charge if that could be.
#[derive(Debug, Clone)]
pub(super) struct Reject {
    pub(super) field: Option<Field>,
    pub(super) code: FindingCode,
    /// The cell, never the whole record.
    pub(super) found: String,
    /// Cents, when the charge could be read.
    pub(super) billed: Option<i64>,
}

impl Reject {
    /// A cell that could not be read. Long cells are cut.
    pub(super) fn cell(field: Field, code: FindingCode, cell: &[u8]) -> Self {
        let text = String::from_utf8_lossy(cell);
        let found = if cell.is_empty() { "blank".to_owned() } else { format!("\"{}\"", excerpt(&text)) };
        Self { field: Some(field), code, found, billed: None }
    }
}

/// The first characters of a cell, without control characters.
fn excerpt(text: &str) -> String {
    let mut short: String = text.chars().take(24).map(|c| if c.is_control() { '·' } else { c }).collect();
    if text.chars().nth(24).is_some() {
        short.push('…');
    }
    short
}

/// The rows one worker could not read, folded by kind and column, and the rows to be written out.
#[derive(Debug, Default)]
pub(super) struct Rejects {
    pub(super) rows: u64,
    /// Cents of charge of those rows whose charge could be read.
    pub(super) billed: i64,
    folded: FxHashMap<(FindingCode, Option<Field>), (u64, u64, String)>,
    /// Lines of the quarantine file, of the present block.
    pub(super) written: Option<Vec<u8>>,
}

impl Rejects {
    pub(super) fn push(&mut self, line: u64, reject: &Reject) {
        self.rows += 1;
        self.billed = self.billed.saturating_add(reject.billed.unwrap_or(0));
        let (count, first, found) =
            self.folded.entry((reject.code, reject.field)).or_insert_with(|| (0, line, reject.found.clone()));
        *count += 1;
        if line < *first {
            *first = line;
            found.clone_from(&reject.found);
        }
        if let Some(out) = &mut self.written {
            let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(&mut *out);
            let column = reject.field.map_or("", Field::name);
            // Writing to memory does not fail.
            let _ = writer.write_record([&line.to_string(), column, reject.code.as_str(), reject.found.as_str()]);
        }
    }

    /// One finding per kind and column, at its first line.
    pub(super) fn findings(&self, file: &str) -> Vec<Finding> {
        let finding = |(&(code, field), (count, line, found)): (&(FindingCode, Option<Field>), &(u64, u64, String))| {
            let mut place = Place::line(file, u32::try_from(*line).unwrap_or(u32::MAX));
            if let Some(field) = field {
                place = place.column(field.name());
            }
            Finding::new(code, place, found.as_str()).times(*count)
        };
        self.folded.iter().map(finding).collect()
    }
}
