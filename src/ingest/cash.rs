//! From what payers say they paid on claims to what they sent: the bridge that a bank statement is compared with.

use std::collections::BTreeMap;

use serde::Serialize;

use super::remit835::Tally;
use super::x12::Total;

/// The payments of 835 files, each counted once. The amounts are those of the files: of all claims, in scope or not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Cash {
    /// Payments and notices.
    pub payments: u64,
    /// Paid on claims (CLP04).
    pub on_claims: Total,
    /// Provider adjustments (PLB) by reason. Positive ones lower the payment; none of them belongs to a line.
    pub provider: BTreeMap<String, Total>,
    /// Sent (BPR02).
    pub sent: Total,
    /// Payments that do not balance: claims less provider adjustments is not what was sent.
    pub unbalanced: u64,
}

impl Cash {
    pub(super) fn of<'t>(tallies: impl Iterator<Item = &'t Tally>) -> Self {
        let mut cash = Self::default();
        for tally in tallies {
            cash.payments += tally.transactions;
            cash.on_claims += tally.sum_clp04;
            for (reason, amount) in &tally.plb_by_reason {
                *cash.provider.entry(reason.clone()).or_default() += *amount;
            }
            cash.sent += tally.bpr02_total;
            cash.unbalanced += tally.balance.transactions.total - tally.balance.transactions.balanced;
        }
        cash
    }
}
