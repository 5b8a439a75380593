//! A billed service line, as the practice sent it.

use std::sync::Arc;

use super::{Code, Date, Locality, Modifiers, Money, NdcQuantity, Pos, State, Units, Zip};

/// Where a row came from: an index into the run's list of files, and the line of the file (1-based).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Source {
    /// Index into the run's list of input files.
    pub file: u16,
    /// Line of the file, counted from 1, the header included.
    pub line: u32,
}

/// One line of a claim. Patient names and dates of birth never get this far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLine {
    /// The practice's claim number, kept as text.
    pub claim_id: Arc<str>,
    /// The line of the claim, counted from 1.
    pub line_number: u32,
    /// The (first) day of the service.
    pub service_date: Date,
    /// The payer, after aliases: the `id` of a payer of the project.
    pub payer: Arc<str>,
    /// The payer's plan or product, when the file tells it.
    pub plan: Option<Arc<str>>,
    /// State of the *service*, not of the patient's home.
    pub state: Option<State>,
    /// ZIP code of the place of service.
    pub zip: Option<Zip>,
    /// Medicare locality, when the file tells it.
    pub locality: Option<Locality>,
    /// Place of service; `None` when the file does not tell it.
    pub pos: Option<Pos>,
    /// What was done.
    pub code: Code,
    /// Its modifiers, in order.
    pub modifiers: Modifiers,
    /// Units billed.
    pub units: Units,
    /// The charge for the whole line (not per unit).
    pub charge: Money,
    /// Diagnosis codes, as written.
    pub diagnosis: Option<Arc<str>>,
    /// National drug code: 11 digits, or as written where they cannot be had.
    pub ndc: Option<Arc<str>>,
    /// How much of the drug was used, as its national drug code counts it.
    pub ndc_quantity: Option<NdcQuantity>,
    /// NPI of the person who served.
    pub rendering_npi: Option<Arc<str>>,
    /// NPI of the billing practice.
    pub billing_npi: Option<Arc<str>>,
    /// Salted hash that tells patients apart without naming them.
    pub patient_key: Option<u64>,
    /// The practice's own number of the line, which a payer may repeat (REF*6R of X12).
    pub control_number: Option<Arc<str>>,
    /// Where the row came from.
    pub source: Source,
}
