//! What a file of remittances holds, in exact sums, and how much of it balances.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ingest::x12::Total;

/// How many of something balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Balance {
    /// Those that balance to the last ten-thousandth.
    pub balanced: u64,
    /// All of them.
    pub total: u64,
}

/// The three balances of DOMAIN §5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Balances {
    /// ΣCLP04 − ΣPLB = BPR02.
    pub transactions: Balance,
    /// CLP03 − ΣCAS of claim and lines = CLP04.
    pub claims: Balance,
    /// SVC02 − ΣCAS of the line = SVC03.
    pub lines: Balance,
}

/// Sums over one file. Amounts are exact and written as decimal dollars. What could not be read stands in no sum and is
/// counted as unreadable.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// Remittance transactions.
    pub transactions: u64,
    /// Those of them that begin with `ST*835`.
    pub st835: u64,
    /// Claims (CLP).
    pub claims: u64,
    /// Service lines (SVC) that could be read.
    pub service_lines: u64,
    /// Charges of the claims.
    pub sum_clp03: Total,
    /// Payments of the claims.
    pub sum_clp04: Total,
    /// Patient shares of the claims.
    pub sum_clp05: Total,
    /// Charges of the lines.
    pub sum_svc02: Total,
    /// Payments of the lines.
    pub sum_svc03: Total,
    /// Payments of the transactions.
    pub bpr02_total: Total,
    /// Provider-level adjustments; positive ones lower the payment.
    pub plb_total: Total,
    /// The same by reason: `WO`, `L6`.
    pub plb_by_reason: BTreeMap<String, Total>,
    /// Adjustments of claims and lines by group.
    pub cas_by_group: BTreeMap<String, Total>,
    /// Adjustments of claims and lines by group and reason: `CO-45`.
    pub cas_by_group_carc: BTreeMap<String, Total>,
    /// Claims by status (CLP02).
    pub claim_status: BTreeMap<String, u64>,
    /// Lines of which nothing was paid.
    pub zero_paid_lines: u64,
    /// Lines of 96372, adjudicated or submitted.
    pub lines_96372: u64,
    /// Their charges.
    pub charge_96372: Total,
    /// Their payments.
    pub paid_96372: Total,
    /// Allowed amounts as stated (AMT*B6).
    pub allowed_b6: Total,
    /// Interest paid with claims (AMT*I); part of no balance.
    pub interest: Total,
    /// Claims whose patient or member the payer corrected.
    pub patients_corrected: u64,
    /// Claims and lines left out because an amount or a reason could not be read.
    pub unreadable: u64,
    /// Segments read.
    pub segments_read: u64,
    /// Segments from which something was taken.
    pub segments_used: u64,
    /// Segments from which nothing was taken, by id.
    pub segments_unused: BTreeMap<String, u64>,
    /// Share of segments used, in percent with one decimal.
    pub percent_used: String,
    /// The three balances.
    pub balance: Balances,
}

impl Tally {
    /// Adds the sums of another file or transaction.
    pub fn add(&mut self, other: &Self) {
        self.merge(other, |count, more| *count += more, |sum, more| *sum += more);
    }

    /// Takes off sums that were added before.
    pub fn take_off(&mut self, other: &Self) {
        self.merge(other, |count, less| *count -= less, |sum, less| *sum = *sum - less);
        self.claim_status.retain(|_, n| *n > 0);
        self.segments_unused.retain(|_, n| *n > 0);
    }

    fn merge(&mut self, other: &Self, counts: impl Fn(&mut u64, u64), sums: impl Fn(&mut Total, Total)) {
        for (count, more) in [
            (&mut self.transactions, other.transactions),
            (&mut self.st835, other.st835),
            (&mut self.claims, other.claims),
            (&mut self.service_lines, other.service_lines),
            (&mut self.zero_paid_lines, other.zero_paid_lines),
            (&mut self.lines_96372, other.lines_96372),
            (&mut self.patients_corrected, other.patients_corrected),
            (&mut self.unreadable, other.unreadable),
            (&mut self.segments_read, other.segments_read),
            (&mut self.segments_used, other.segments_used),
            (&mut self.balance.transactions.balanced, other.balance.transactions.balanced),
            (&mut self.balance.transactions.total, other.balance.transactions.total),
            (&mut self.balance.claims.balanced, other.balance.claims.balanced),
            (&mut self.balance.claims.total, other.balance.claims.total),
            (&mut self.balance.lines.balanced, other.balance.lines.balanced),
            (&mut self.balance.lines.total, other.balance.lines.total),
        ] {
            counts(count, more);
        }
        for (sum, more) in [
            (&mut self.sum_clp03, other.sum_clp03),
            (&mut self.sum_clp04, other.sum_clp04),
            (&mut self.sum_clp05, other.sum_clp05),
            (&mut self.sum_svc02, other.sum_svc02),
            (&mut self.sum_svc03, other.sum_svc03),
            (&mut self.bpr02_total, other.bpr02_total),
            (&mut self.plb_total, other.plb_total),
            (&mut self.charge_96372, other.charge_96372),
            (&mut self.paid_96372, other.paid_96372),
            (&mut self.allowed_b6, other.allowed_b6),
            (&mut self.interest, other.interest),
        ] {
            sums(sum, more);
        }
        for (of_key, more) in [
            (&mut self.plb_by_reason, &other.plb_by_reason),
            (&mut self.cas_by_group, &other.cas_by_group),
            (&mut self.cas_by_group_carc, &other.cas_by_group_carc),
        ] {
            for (key, amount) in more {
                match of_key.get_mut(key) {
                    Some(sum) => sums(sum, *amount),
                    None => sums(of_key.entry(key.clone()).or_default(), *amount),
                }
            }
        }
        for (of_key, more) in
            [(&mut self.claim_status, &other.claim_status), (&mut self.segments_unused, &other.segments_unused)]
        {
            for (key, n) in more {
                match of_key.get_mut(key) {
                    Some(count) => counts(count, *n),
                    None => counts(of_key.entry(key.clone()).or_default(), *n),
                }
            }
        }
        let tenths = (self.segments_used * 1000 + self.segments_read / 2).checked_div(self.segments_read).unwrap_or(0);
        self.percent_used = format!("{}.{}", tenths / 10, tenths % 10);
    }
}
