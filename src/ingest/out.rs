//! What one file gives before the files are gathered.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::account::Account;
use crate::domain::{Adjustment, Date, Money, Remit, ServiceLine, Volume};
use crate::finding::{FindingCode, Findings};

/// A row that was left out: where and why, without its content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct QuarantinedRow {
    /// File name as the user gave it.
    pub file: String,
    /// Line of the file, from 1 (Parquet: row, from 1).
    pub line: u32,
    /// Header of the column at fault; empty when it is the row as a whole.
    pub column: String,
    /// What kind of trouble.
    pub code: FindingCode,
    /// What was found and what was expected; never a patient's name, date of birth or number.
    pub reason: String,
}

/// A service line with the answer that stood in the same row.
#[derive(Debug, Clone)]
pub(super) struct LineRow {
    pub(super) line: ServiceLine,
    pub(super) answer: Option<Box<Remit>>,
}

/// One row of a table of adjustments, not yet joined to its remittance.
#[derive(Debug, Clone)]
pub(super) struct LooseAdjustment {
    /// Index of the remittance row, from 0, when the table tells it.
    pub(super) remit_row: Option<u32>,
    pub(super) claim_id: Arc<str>,
    pub(super) line_number: u32,
    pub(super) payer: Option<Arc<str>>,
    pub(super) remit_date: Option<Date>,
    pub(super) adjustment: Adjustment,
    pub(super) line: u32,
}

/// A row of totals: its line, whether it calls itself the grand total, and its charge and payment.
#[derive(Debug, Clone)]
pub(super) struct TotalRow {
    pub(super) line: u32,
    pub(super) grand: bool,
    pub(super) charge: Option<Money>,
    pub(super) paid: Option<Money>,
}

/// What one file gives.
#[derive(Debug, Clone, Default)]
pub(super) struct FileOutput {
    pub(super) lines: Vec<LineRow>,
    /// Remittances with the index of their row, from 0.
    pub(super) remits: Vec<(u32, Remit)>,
    pub(super) adjustments: Vec<LooseAdjustment>,
    pub(super) volumes: Vec<Volume>,
    /// Claims of X12 files, one per submission.
    pub(super) claims: Vec<super::claim837::BilledClaim>,
    /// Payments of X12 files with the claims they answer.
    pub(super) payments: Vec<super::remit835::Payment>,
    pub(super) findings: Findings,
    pub(super) account: Account,
    pub(super) quarantined: Vec<QuarantinedRow>,
    pub(super) unknown_payers: BTreeMap<Arc<str>, (u64, u32)>,
    pub(super) totals: Vec<TotalRow>,
    /// Sums over all rows that are no totals, as far as they could be read.
    pub(super) charge: Money,
    pub(super) paid: Money,
    /// First and last day of service (remittances: of the answer).
    pub(super) days: Option<(Date, Date)>,
}

impl FileOutput {
    /// Gives all rows of an X12 file their file's number.
    pub(super) fn number(&mut self, file: u16) {
        let lines = self.claims.iter_mut().flat_map(|claim| &mut claim.lines);
        lines.for_each(|line| line.source.file = file);
        for payment in &mut self.payments {
            payment.source.file = file;
            for claim in &mut payment.claims {
                claim.source.file = file;
                claim.lines.iter_mut().for_each(|line| line.source.file = file);
            }
        }
    }

    /// Takes a day into the range.
    pub(super) fn saw(&mut self, day: Date) {
        self.days = Some(self.days.map_or((day, day), |(from, to)| (from.min(day), to.max(day))));
    }
}
