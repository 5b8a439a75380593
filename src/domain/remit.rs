//! What a payer answered for one service line, once. A line may have many answers: reversals, corrections, other payers.

use std::sync::Arc;

use super::{Adjustment, Code, Date, Modifiers, Money, Source, Units};

/// The claim status of a remittance (CLP02): how the claim was processed, not whether it was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClaimStatus {
    /// 1: processed as primary.
    Primary,
    /// 2: processed as secondary.
    Secondary,
    /// 3: processed as tertiary.
    Tertiary,
    /// 4: denied.
    Denied,
    /// 19, 20, 21: processed and forwarded to another payer.
    Forwarded,
    /// 22: reversal of an earlier payment.
    Reversal,
    /// 25: predetermination, no payment.
    Predetermination,
    /// Any other number.
    Other(u8),
}

impl ClaimStatus {
    /// The status from its number in the 835.
    #[must_use]
    pub const fn from_number(number: u8) -> Self {
        match number {
            1 => Self::Primary,
            2 => Self::Secondary,
            3 => Self::Tertiary,
            4 => Self::Denied,
            19..=21 => Self::Forwarded,
            22 => Self::Reversal,
            25 => Self::Predetermination,
            other => Self::Other(other),
        }
    }

    /// The number in the 835 (forwarded claims: 19).
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Primary => 1,
            Self::Secondary => 2,
            Self::Tertiary => 3,
            Self::Denied => 4,
            Self::Forwarded => 19,
            Self::Reversal => 22,
            Self::Predetermination => 25,
            Self::Other(other) => other,
        }
    }
}

/// How an answer was joined to its line: the firmest sign that fitted, from first to last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Link {
    /// By claim and line number, as the file tells them.
    #[default]
    LineNumber,
    /// By the practice's own number of the line (REF*6R).
    ControlNumber,
    /// By claim, code, modifiers, date and charge.
    CodeAndCharge,
    /// By claim, date and code alone.
    Code,
    /// By claim, date and charge alone: the payer answered another code.
    Charge,
    /// The payer answered one billed line with several: their charges add up to it.
    Unbundled,
    /// The payer answered several billed lines with one: it was split over them by charge.
    Bundled,
    /// The payer answered the claim as a whole: the answer was split over its lines by charge.
    WholeClaim,
    /// The billed line itself was taken from the remittance: there is no file of claims.
    Supplied,
    /// No billed line fits.
    None,
}

impl Link {
    /// All ways, firmest first.
    pub const ALL: &'static [Self] = &[
        Self::LineNumber,
        Self::ControlNumber,
        Self::CodeAndCharge,
        Self::Code,
        Self::Charge,
        Self::Unbundled,
        Self::Bundled,
        Self::WholeClaim,
        Self::Supplied,
        Self::None,
    ];

    /// The kebab-case word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LineNumber => "line-number",
            Self::ControlNumber => "control-number",
            Self::CodeAndCharge => "code-and-charge",
            Self::Code => "code",
            Self::Charge => "charge",
            Self::Unbundled => "unbundled",
            Self::Bundled => "bundled",
            Self::WholeClaim => "whole-claim",
            Self::Supplied => "supplied",
            Self::None => "none",
        }
    }

    /// The words for readers, behind "by".
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::LineNumber => "claim and line number",
            Self::ControlNumber => "the line's own number (REF*6R)",
            Self::CodeAndCharge => "code, modifiers, date and charge",
            Self::Code => "code alone",
            Self::Charge => "charge alone",
            Self::Unbundled => "several answers to one line",
            Self::Bundled => "one answer split over several lines",
            Self::WholeClaim => "an answer to the whole claim, split over its lines",
            Self::Supplied => "the remittance's own line (no claims file)",
            Self::None => "nothing",
        }
    }
}

/// One answer of one payer to one service line. Reversals carry negated amounts; rows are never overwritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remit {
    /// The practice's claim number, as on [`super::ServiceLine::claim_id`].
    pub claim_id: Arc<str>,
    /// The line of the claim, counted from 1.
    pub line_number: u32,
    /// The answering payer.
    pub payer: Arc<str>,
    /// 1 primary, 2 secondary, 3 tertiary.
    pub payer_rank: u8,
    /// The payer's own claim number.
    pub payer_claim_control_number: Option<Arc<str>>,
    /// How the claim was processed.
    pub claim_status: ClaimStatus,
    /// Date of the payment or of the notice.
    pub remit_date: Date,
    /// Date on which the practice posted it.
    pub posted_date: Option<Date>,
    /// The code that was adjudicated; `None` for an answer to a claim as a whole, or to a line without a procedure code.
    pub code: Option<Code>,
    /// Its modifiers.
    pub modifiers: Modifiers,
    /// The code as it was submitted, when the payer changed it.
    pub submitted_code: Option<Code>,
    /// Units paid.
    pub units: Units,
    /// Charge repeated by the payer.
    pub charge: Money,
    /// Paid by this payer.
    pub paid: Money,
    /// Allowed amount as stated by the file (a cross-check; the source is paid + patient share + sequestration).
    pub allowed: Option<Money>,
    /// Patient responsibility as stated by the file.
    pub patient_responsibility: Option<Money>,
    /// Why the payment differs from the charge.
    pub adjustments: Vec<Adjustment>,
    /// Check or EFT number.
    pub trace_number: Option<Arc<str>>,
    /// First day of the service, when the answer tells it.
    pub service_date: Option<Date>,
    /// The practice's own number of the line, when the payer repeats it (REF*6R of X12).
    pub line_control_number: Option<Arc<str>>,
    /// How the answer was joined to its line.
    pub link: Link,
    /// Where the row came from.
    pub source: Source,
}
