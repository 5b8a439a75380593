//! One line: expected against what its answers allowed, split into amounts that balance.

use crate::domain::{Expected, Money};
use crate::finding::{Error, Result};

use super::answers::Adjudication;

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Something is allowed, as expected (within the payer's tolerance) or without a known expectation.
    Paid,
    /// Something is allowed, less than expected.
    Underpaid,
    /// More is allowed than expected.
    Overpaid,
    /// Nothing is allowed and a denial explains it.
    Denied,
    /// Nothing is allowed and nothing explains it.
    PaidNothing,
    /// No answer yet, or all answers were taken back.
    Pending,
}

impl Standing {
    /// The kebab-case word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Underpaid => "underpaid",
            Self::Overpaid => "overpaid",
            Self::Denied => "denied",
            Self::PaidNothing => "paid-nothing",
            Self::Pending => "pending",
        }
    }
}

/// Amounts of one line or of a group of lines. `expected` is theirs only when it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gaps {
    /// What should have been allowed.
    pub expected: Money,
    /// Paid by payers.
    pub paid: Money,
    /// The patient's share.
    pub patient: Money,
    /// Known reductions of the payment.
    pub reductions: Money,
    /// Expected of denied lines.
    pub denied: Money,
    /// Expected less allowed, where firm and positive. Never netted with `overpaid`.
    pub underpaid: Money,
    /// Allowed less expected, where firm and positive.
    pub overpaid: Money,
    /// Expected of lines without an answer.
    pub pending: Money,
    /// Expected less allowed, where the expectation is only observed or estimated: a band, never leakage.
    pub below_benchmark: Money,
    /// Allowed less expected, where the expectation is only observed or estimated.
    pub above_benchmark: Money,
}

impl Gaps {
    /// What the identity leaves over: zero, or the books do not balance.
    #[must_use]
    pub fn residue(&self) -> Money {
        self.expected
            - (self.paid + self.patient + self.reductions + self.denied + self.underpaid + self.pending - self.overpaid
                + self.below_benchmark
                - self.above_benchmark)
    }

    /// Refuses amounts that do not balance.
    ///
    /// # Errors
    /// An imbalance (exit code 4) that names the group and what is left over.
    pub fn check(&self, group: &str) -> Result<()> {
        if self.residue().is_zero() {
            return Ok(());
        }
        Err(Error::imbalance(format!(
            "{group}: expected {} is not paid {} + patient {} + reductions {} + denied {} + underpaid {} + pending {} − overpaid {} \
             + below benchmark {} − above benchmark {}; {} is left over",
            self.expected,
            self.paid,
            self.patient,
            self.reductions,
            self.denied,
            self.underpaid,
            self.pending,
            self.overpaid,
            self.below_benchmark,
            self.above_benchmark,
            self.residue()
        ))
        .help("this is an error of the program: nothing was written; please report it with the version"))
    }
}

/// A line with its expectation, its answers and what is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciled {
    /// What should have been allowed.
    pub expected: Expected,
    /// What its answers say.
    pub answers: Adjudication,
    /// Where it stands.
    pub standing: Standing,
    /// The amounts. Of a line whose expectation is unknown only `paid`, `patient` and `reductions` are set.
    pub gaps: Gaps,
}

impl Reconciled {
    /// Whether a shortfall of this line may be called leakage: its expectation is published or contracted.
    #[must_use]
    pub fn is_firm(&self) -> bool {
        matches!(self.expected, Expected::Payable(_, basis) if basis.evidence().is_firm())
    }
}

/// Splits one line. A difference of up to `tolerance_cents` keeps its amount but not the name of an underpayment.
#[must_use]
pub fn reconcile(expected: Expected, answers: Adjudication, tolerance_cents: i64) -> Reconciled {
    let allowed = answers.allowed();
    let mut gaps =
        Gaps { paid: answers.paid, patient: answers.patient, reductions: answers.reductions, ..Gaps::default() };
    let answered = answers.answers > 0 && !answers.reversed;
    let mut standing = match (answered, allowed.is_zero(), answers.denial.is_some()) {
        (false, ..) => Standing::Pending,
        (true, true, true) => Standing::Denied,
        (true, true, false) => Standing::PaidNothing,
        (true, false, _) => Standing::Paid,
    };
    let firm = matches!(expected, Expected::Payable(_, basis) if basis.evidence().is_firm());
    if let Some(amount) = expected.amount() {
        gaps.expected = amount;
        let short = amount - allowed;
        match standing {
            Standing::Pending => gaps.pending = short,
            Standing::Denied => gaps.denied = amount,
            _ if firm || matches!(expected, Expected::NotPayable(_)) => {
                gaps.underpaid = short.or_zero();
                gaps.overpaid = (-short).or_zero();
                if short.cents() > tolerance_cents && standing == Standing::Paid {
                    standing = Standing::Underpaid;
                } else if -short.cents() > tolerance_cents {
                    standing = Standing::Overpaid;
                }
            }
            _ => {
                gaps.below_benchmark = short.or_zero();
                gaps.above_benchmark = (-short).or_zero();
            }
        }
    }
    Reconciled { expected, answers, standing, gaps }
}
