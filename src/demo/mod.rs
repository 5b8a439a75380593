//! The demo practice: a seeded generator of claims, remittances and their truth, all of it synthetic.
//!
//! ```text
//! practice (facts) + dice ─visits→ lines ─claims→ remits + truth ─write→ files
//! ```
//!
//! The same number of lines and the same seed give the same files on every machine: whole numbers decide, never floats or
//! the order of a hash map. The amounts are the price kernel's own; what is wrong with the payments is known exactly, and
//! [`Truth`] says it. Nothing here reads what the pipeline finds.

mod adjudicate;
mod calendar;
mod claims;
mod decide;
mod denials;
mod dice;
mod fees;
mod files;
mod plants;
mod practice;
mod truth;
mod visits;

pub use denials::{DENIALS, Denial, NOT_PAYABLE_DENIALS};
pub use files::{Written, embedded, load, project, write};
pub use truth::{
    Cause, Cohort, Ending, Fallen, Firm, LineTruth, MissedTally, MissedTruth, NotFirm, NotPayableLines, PayerTruth,
    Planted, Received, Tally, Truth,
};

use crate::domain::{Date, Remit, ServiceLine};
use crate::finding::Result;
use crate::project::Project;
use crate::reference::Reference;

/// The number of lines of the committed demo.
pub const LINES: u32 = 25_000;

/// The seed of the committed demo.
pub const SEED: u64 = 96_372;

/// A generated practice.
#[derive(Debug, Clone)]
pub struct Demo {
    /// The billed lines, by day of service.
    pub lines: Vec<ServiceLine>,
    /// The payers' answers, by day of the answer.
    pub remits: Vec<Remit>,
    /// What was put in.
    pub truth: Truth,
}

/// The last day of which answers are known: claims without an answer on it are pending.
#[must_use]
pub fn as_of() -> Date {
    calendar::as_of()
}

/// Makes a practice of exactly this many lines. `reference` must hold the schedules of `project`, as [`load`] gives them.
///
/// # Errors
/// When the generator's own tables hold a bad code: never with the shipped ones.
pub fn generate(lines: u32, seed: u64, reference: &Reference, project: &Project) -> Result<Demo> {
    let mut dice = dice::Dice::new(seed);
    let plan = visits::plan(lines, &mut dice);
    let mut desk = visits::Desk::new();
    let fees = fees::Fees::new(reference, &project.payers, project.scope.as_deref());
    let mut ledger = claims::Ledger::new(fees, Truth::new(lines, seed));
    let mut billed = Vec::with_capacity(lines as usize);
    for (number, visit) in (1..).zip(&plan) {
        let claim = desk.bill(visit, number, &mut dice)?;
        billed.extend(ledger.live(claim, visit.payer, number, &mut dice)?);
    }
    let mut remits = ledger.remits;
    // A stable sort: the answers of one day keep the order of the claims, and a reversal stands before its correction.
    remits.sort_by_key(|remit| remit.remit_date);
    Ok(Demo { lines: billed, remits, truth: ledger.truth })
}
