//! A transaction and a claim of an 835 as the payer wrote them. Both are reused from one to the next: texts stand in one
//! arena, adjustments and lines in flat lists.

use crate::domain::{Carc, Code, Date, Group, Modifiers, Rarc, Units};
use crate::finding::FindingCode;
use crate::ingest::x12::Amount;

/// A text in the arena of its claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    from: u32,
    len: u32,
}

/// A range of the claim's list of adjustments or remarks.
pub type Slots = std::ops::Range<u32>;

/// One adjustment as written. Group and reason are codes of the standard, or the line is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adjusted {
    /// Who bears it.
    pub group: Group,
    /// Why.
    pub carc: Carc,
    /// Taken off the charge.
    pub amount: Amount,
    /// Units taken off, when told.
    pub quantity: Option<Units>,
}

/// Why a line or a claim cannot be used as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// The segment at fault.
    pub segment: u32,
    /// Its element: `SVC03`.
    pub element: &'static str,
    /// What kind of finding it is.
    pub code: FindingCode,
    /// What was expected there.
    pub expected: &'static str,
}

/// The payment (or notice) that a transaction tells of.
#[derive(Debug, Clone, Default)]
pub struct Transaction {
    /// Which transaction of the file, from 0.
    pub index: u32,
    /// The segment with which it begins.
    pub segment: u32,
    /// The segment that tells the payment (BPR), else the first one.
    pub payment_segment: u32,
    /// Name of the payer (N1*PR).
    pub payer_name: String,
    /// Numbers of the payer: N104, REF*2U, TRN03, in this order.
    pub payer_ids: Vec<String>,
    /// NPI of the payee (N1*PE).
    pub payee_npi: String,
    /// State of the payee's address, when told.
    pub payee_state: String,
    /// ZIP code of the payee's address, when told.
    pub payee_zip: String,
    /// Check or EFT number (TRN02).
    pub trace: String,
    /// Amount paid (BPR02); `None` when it is missing or cannot be read.
    pub amount: Option<Amount>,
    /// Day of the payment (BPR16), else of the production (DTM*405), else of the interchange.
    pub paid_on: Option<Date>,
    pub(super) produced_on: Option<Date>,
}

impl Transaction {
    pub(super) fn clear(&mut self) {
        let Self { payer_name, payer_ids, payee_npi, payee_state, payee_zip, trace, .. } = self;
        for text in [payer_name, payee_npi, payee_state, payee_zip, trace] {
            text.clear();
        }
        payer_ids.clear();
        (self.amount, self.paid_on, self.produced_on) = (None, None, None);
    }

    /// The day of the answers: the payment's, else the production's.
    #[must_use]
    pub fn date(&self) -> Option<Date> {
        self.paid_on.or(self.produced_on)
    }
}

/// Numbers of those who served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Provider {
    /// NPI of the person who served.
    pub rendering: Span,
}

/// One claim (CLP) of a transaction.
#[derive(Debug, Clone, Default)]
pub struct Claim {
    pub(super) arena: String,
    /// Adjustments of the claim and its lines.
    pub(super) adjusted: Vec<Adjusted>,
    pub(super) remarks: Vec<Rarc>,
    /// The lines (SVC), in order.
    pub lines: Vec<Line>,
    /// The segment of the CLP.
    pub segment: u32,
    /// CLP01: the practice's number of the claim.
    pub id: Span,
    /// CLP02: how it was processed.
    pub status: u8,
    /// CLP03.
    pub charge: Amount,
    /// CLP04.
    pub paid: Amount,
    /// CLP05, when told.
    pub patient: Option<Amount>,
    /// CLP06: what kind of payer (`MB`, `12`).
    pub filing: Span,
    /// CLP07: the payer's number of the claim.
    pub control: Span,
    /// CLP08: place of service.
    pub pos: Span,
    /// CLP09: 1 original, 7 replacement, 8 void.
    pub frequency: u8,
    /// First and last day of the claim's services, when told.
    pub days: (Option<Date>, Option<Date>),
    /// Day on which the payer got the claim.
    pub received: Option<Date>,
    /// Who served, when told for the whole claim.
    pub provider: Provider,
    /// Adjustments of the claim as a whole: a range of [`Self::adjustments`].
    pub level: Slots,
    /// Remarks of the claim as a whole (MOA, MIA).
    pub level_remarks: Slots,
    /// Interest paid with the claim (AMT*I), not part of any balance.
    pub interest: Option<Amount>,
    /// Supplemental coverage amount (AMT*AU), when told.
    pub covered: Option<Amount>,
    /// The payer corrected the patient's or member's name or number (NM1*74). The correction itself is not read.
    pub patient_corrected: bool,
    /// The claim was forwarded to another payer by name (NM1*TT).
    pub forwarded: bool,
    /// Why an amount or an adjustment of the claim as a whole cannot be used. Its lines speak for themselves.
    pub broken: Option<Broken>,
}

/// One service line (SVC) of a claim.
#[derive(Debug, Clone)]
pub struct Line {
    /// The segment of the SVC.
    pub segment: u32,
    /// The code that was adjudicated, as written: `96372`.
    pub raw_code: Span,
    /// The same as a procedure code; revenue codes and drug numbers are none.
    pub code: Option<Code>,
    /// Its modifiers.
    pub modifiers: Modifiers,
    /// The code as submitted (SVC06), when the payer changed it.
    pub submitted: Option<Code>,
    /// Modifiers of the code as submitted.
    pub submitted_modifiers: Modifiers,
    /// SVC02.
    pub charge: Amount,
    /// SVC03.
    pub paid: Amount,
    /// SVC05: units paid; 1 where blank.
    pub units: Units,
    /// SVC07: units as submitted, when they differ.
    pub submitted_units: Option<Units>,
    /// First day of the service, when told for the line.
    pub date: Option<Date>,
    /// REF*6R: the practice's number of the line.
    pub control: Span,
    /// Who served, when told for the line.
    pub provider: Provider,
    /// Allowed amount as stated (AMT*B6).
    pub allowed: Option<Amount>,
    /// A range of [`Claim::adjustments`].
    pub adjusted: Slots,
    /// A range of [`Claim::remarks`].
    pub remarks: Slots,
    /// Why the line cannot be used.
    pub broken: Option<Broken>,
}

impl Claim {
    /// A text of the claim.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        self.arena.get(span.from as usize..(span.from + span.len) as usize).unwrap_or_default()
    }

    /// Some of its adjustments.
    #[must_use]
    pub fn adjustments(&self, slots: &Slots) -> &[Adjusted] {
        self.adjusted.get(slots.start as usize..slots.end as usize).unwrap_or_default()
    }

    /// Some of its remarks.
    #[must_use]
    pub fn remarks(&self, slots: &Slots) -> &[Rarc] {
        self.remarks.get(slots.start as usize..slots.end as usize).unwrap_or_default()
    }

    /// The first day of a line: its own, else the claim's.
    #[must_use]
    pub fn day_of(&self, line: &Line) -> Option<Date> {
        line.date.or(self.days.0).or(self.days.1)
    }

    /// Whether the payer takes back an earlier answer.
    #[must_use]
    pub const fn is_reversal(&self) -> bool {
        self.status == 22
    }

    pub(super) fn clear(&mut self) {
        self.arena.clear();
        self.adjusted.clear();
        self.remarks.clear();
        self.lines.clear();
        let kept = std::mem::take(self);
        *self = Self {
            arena: kept.arena,
            adjusted: kept.adjusted,
            remarks: kept.remarks,
            lines: kept.lines,
            ..Self::default()
        };
    }

    /// Keeps a text. Bytes that are not UTF-8 are read as Latin-1.
    pub(super) fn keep(&mut self, bytes: &[u8]) -> Span {
        let bytes = bytes.trim_ascii();
        let from = u32::try_from(self.arena.len()).unwrap_or(u32::MAX);
        match std::str::from_utf8(bytes) {
            Ok(text) => self.arena.push_str(text),
            Err(_) => self.arena.extend(bytes.iter().map(|b| char::from(*b))),
        }
        Span { from, len: u32::try_from(self.arena.len()).unwrap_or(u32::MAX) - from }
    }
}

impl Line {
    pub(super) fn new(segment: u32, adjusted: u32, remarks: u32) -> Self {
        Self {
            segment,
            raw_code: Span::default(),
            code: None,
            modifiers: Modifiers::NONE,
            submitted: None,
            submitted_modifiers: Modifiers::NONE,
            charge: Amount::ZERO,
            paid: Amount::ZERO,
            units: Units::ONE,
            submitted_units: None,
            date: None,
            control: Span::default(),
            provider: Provider::default(),
            allowed: None,
            adjusted: adjusted..adjusted,
            remarks: remarks..remarks,
            broken: None,
        }
    }
}
