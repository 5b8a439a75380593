//! One line's open shortfall, with everything that is needed to work it.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::domain::{Code, Date, Modifiers, Money, Pos, Units};
use crate::leakage::Cause;

use super::chance::Odds;
use super::deadline::Deadline;
use super::state::Status;

/// Where a shortfall stands. Every item is at exactly one stage, and the stages add up to the report's totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Its window is open and nobody has sent anything yet.
    ToWork,
    /// It was appealed or corrected, and the payer answered again: still short, and its new window is open.
    AnsweredAgain,
    /// Appealed or corrected: the payer's answer is awaited.
    Waiting,
    /// Its window has closed.
    Closed,
    /// Given up by the practice.
    WrittenOff,
    /// The state file says recovered; the remittances do not show it yet.
    SaidRecovered,
    /// Within the payer's tolerance: not worked, but part of the total.
    Rounding,
}

impl Stage {
    /// All stages, in the order in which they are shown.
    pub const ALL: &'static [Self] = &[
        Self::ToWork,
        Self::AnsweredAgain,
        Self::Waiting,
        Self::Closed,
        Self::WrittenOff,
        Self::SaidRecovered,
        Self::Rounding,
    ];

    /// The word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ToWork => "to work",
            Self::AnsweredAgain => "answered again, still short",
            Self::Waiting => "waiting for an answer",
            Self::Closed => "window closed",
            Self::WrittenOff => "written off",
            Self::SaidRecovered => "said to be recovered",
            Self::Rounding => "rounding",
        }
    }

    /// Whether working it now has a point.
    #[must_use]
    pub const fn is_workable(self) -> bool {
        matches!(self, Self::ToWork | Self::AnsweredAgain)
    }
}

impl Serialize for Stage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Whether and how to work a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It covers a contact of its own.
    Alone,
    /// Alone it loses money; its batch covers the contact.
    Together,
    /// Its batch is too small; so many lines like these would cover the contact.
    TooFew(u64),
    /// It does not even bring the cost of one more line.
    Never,
}

impl Verdict {
    /// The words for readers; as few of them as possible, so that a spreadsheet can filter by them.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alone => "pays alone",
            Self::Together => "pays in its batch only",
            Self::TooFew(_) => "batch too small",
            Self::Never => "never pays",
        }
    }
}

/// One denied or underpaid line.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its rank among all lines by what it brings when worked alone, from 1.
    pub rank: u32,
    /// The practice's claim number.
    pub claim_id: Arc<str>,
    /// The line of the claim.
    pub line_number: u32,
    /// The payer's id.
    pub payer: Arc<str>,
    /// The payer's name.
    pub payer_name: Arc<str>,
    /// The day of the service.
    pub service_date: Date,
    /// What was done.
    pub code: Code,
    /// Its modifiers.
    pub modifiers: Modifiers,
    /// Where.
    pub pos: Option<Pos>,
    /// How often.
    pub units: Units,
    /// National drug code of the line, when the claim tells it.
    pub ndc: Option<Arc<str>>,
    /// What was charged.
    pub charge: Money,
    /// What should have been allowed.
    pub expected: Money,
    /// What was allowed.
    pub allowed: Money,
    /// What is missing: expected less allowed.
    pub amount: Money,
    /// Why.
    pub cause: Cause,
    /// Group and reason of the denial, `CO-16`; nothing of underpayments.
    pub reason: Option<String>,
    /// The remark of the denial.
    pub remark: Option<String>,
    /// The first thing to do, in a word or two: `corrected claim`.
    pub action: Arc<str>,
    /// What to do.
    pub fix: Arc<str>,
    /// The contract or rule by which the line should have been allowed.
    pub rule: Arc<str>,
    /// The row of the schedule or contract, when there is one.
    pub source: Option<Arc<str>>,
    /// The day of the payer's last answer.
    pub answered: Date,
    /// Until when.
    pub deadline: Deadline,
    /// The chance that it is won.
    pub odds: Odds,
    /// Amount × chance.
    pub recovery: Money,
    /// The same at either end of the chance's interval, when there is one.
    pub recovery_interval: Option<(Money, Money)>,
    /// Recovery less the cost of a contact of its own.
    pub net_alone: Money,
    /// Where it stands.
    pub stage: Stage,
    /// What to do about it, of a workable line.
    pub verdict: Option<Verdict>,
    /// The number of its batch.
    pub batch: u32,
    /// What was done so far.
    pub status: Status,
    /// When.
    pub worked_on: Option<Date>,
    /// The user's note.
    pub note: String,
    /// What later answers have brought of it so far.
    pub recovered: Option<Money>,
}

impl Item {
    /// Whether it is a denial (and not an underpayment).
    #[must_use]
    pub const fn is_denial(&self) -> bool {
        matches!(self.cause, Cause::Denied(_))
    }
}
