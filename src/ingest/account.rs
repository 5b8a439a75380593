//! The account of rows and charge dollars: everything that was read ends in exactly one place.

use serde::Serialize;

use crate::domain::Money;

/// Where a row of an input file ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is a line, a remittance or a volume of the intake.
    Kept,
    /// It adds another answer to a line that an earlier row carries.
    Answer,
    /// It could not be read.
    Quarantined,
    /// Its code is outside the project's scope.
    OutOfScope,
    /// It is a row of totals.
    Total,
    /// It repeats another row.
    Duplicate,
    /// It sends a service once more: again, corrected, to a further payer, or to take it back.
    Resent,
}

/// Rows and charge dollars of the inputs, by where they ended. Blank rows and lines above the header are no rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Account {
    /// Rows read.
    pub rows_read: u64,
    /// Rows that became a line, a remittance or a volume.
    pub rows_kept: u64,
    /// Rows of practice exports that add another answer to a line already counted.
    pub answer_rows: u64,
    /// Rows left out because a cell could not be read.
    pub rows_quarantined: u64,
    /// Rows whose code is outside the project's scope.
    pub rows_out_of_scope: u64,
    /// Rows of totals.
    pub total_rows: u64,
    /// Rows that repeat another row, or another row's claim and line.
    pub duplicate_rows: u64,
    /// Lines of claims that were sent more than once: every submission but the one that counts.
    pub resent_rows: u64,
    /// Charges of all rows read, as far as they could be read.
    pub charge_read: Money,
    /// Charges of the rows kept.
    pub charge_kept: Money,
    /// Charges repeated on answer rows.
    pub charge_answer_rows: Money,
    /// Charges of quarantined rows, as far as they could be read.
    pub charge_quarantined: Money,
    /// Charges of rows outside the scope.
    pub charge_out_of_scope: Money,
    /// Charges on rows of totals.
    pub charge_total_rows: Money,
    /// Charges of duplicate rows.
    pub charge_duplicate_rows: Money,
    /// Charges of lines sent more than once.
    pub charge_resent: Money,
    /// Rows left out (quarantined, or totals) whose charge is not known.
    pub rows_charge_unknown: u64,
}

impl Account {
    /// Whether rows and dollars add up to what was read.
    #[must_use]
    pub fn balances(&self) -> bool {
        let rows = self.rows_kept
            + self.answer_rows
            + self.rows_quarantined
            + self.rows_out_of_scope
            + self.total_rows
            + self.duplicate_rows
            + self.resent_rows;
        let charge = self.charge_kept
            + self.charge_answer_rows
            + self.charge_quarantined
            + self.charge_out_of_scope
            + self.charge_total_rows
            + self.charge_duplicate_rows
            + self.charge_resent;
        rows == self.rows_read && charge == self.charge_read
    }

    /// Adds another account.
    pub fn add(&mut self, other: &Self) {
        self.rows_read += other.rows_read;
        self.rows_kept += other.rows_kept;
        self.answer_rows += other.answer_rows;
        self.rows_quarantined += other.rows_quarantined;
        self.rows_out_of_scope += other.rows_out_of_scope;
        self.total_rows += other.total_rows;
        self.duplicate_rows += other.duplicate_rows;
        self.resent_rows += other.resent_rows;
        self.charge_read += other.charge_read;
        self.charge_kept += other.charge_kept;
        self.charge_answer_rows += other.charge_answer_rows;
        self.charge_quarantined += other.charge_quarantined;
        self.charge_out_of_scope += other.charge_out_of_scope;
        self.charge_total_rows += other.charge_total_rows;
        self.charge_duplicate_rows += other.charge_duplicate_rows;
        self.charge_resent += other.charge_resent;
        self.rows_charge_unknown += other.rows_charge_unknown;
    }

    /// Books a row that was just read.
    pub(super) fn book(&mut self, fate: Fate, charge: Option<Money>) {
        let amount = charge.unwrap_or_default();
        self.rows_read += 1;
        self.charge_read += amount;
        let (rows, dollars) = self.side(fate);
        *rows += 1;
        *dollars += amount;
        if charge.is_none() && matches!(fate, Fate::Quarantined | Fate::Total) {
            self.rows_charge_unknown += 1;
        }
    }

    /// Moves a row that was booked as kept.
    pub(super) fn rebook(&mut self, fate: Fate, charge: Money) {
        self.rows_kept -= 1;
        self.charge_kept -= charge;
        let (rows, dollars) = self.side(fate);
        *rows += 1;
        *dollars += charge;
    }

    const fn side(&mut self, fate: Fate) -> (&mut u64, &mut Money) {
        match fate {
            Fate::Kept => (&mut self.rows_kept, &mut self.charge_kept),
            Fate::Answer => (&mut self.answer_rows, &mut self.charge_answer_rows),
            Fate::Quarantined => (&mut self.rows_quarantined, &mut self.charge_quarantined),
            Fate::OutOfScope => (&mut self.rows_out_of_scope, &mut self.charge_out_of_scope),
            Fate::Total => (&mut self.total_rows, &mut self.charge_total_rows),
            Fate::Duplicate => (&mut self.duplicate_rows, &mut self.charge_duplicate_rows),
            Fate::Resent => (&mut self.resent_rows, &mut self.charge_resent),
        }
    }
}
