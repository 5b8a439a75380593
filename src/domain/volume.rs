//! Aggregate volumes: many services of one code, payer and place in a period. Priced like a line, at a coarser grain.

use std::sync::Arc;

use super::{Code, Locality, Modifiers, Money, Period, Pos, Source, State, Units};

/// Services counted over a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// The days counted.
    pub period: Period,
    /// The payer.
    pub payer: Arc<str>,
    /// State of service.
    pub state: Option<State>,
    /// Medicare locality.
    pub locality: Option<Locality>,
    /// Place of service.
    pub pos: Option<Pos>,
    /// What was done.
    pub code: Code,
    /// Its modifiers.
    pub modifiers: Modifiers,
    /// Units of service.
    pub units: Units,
    /// Charges, when told.
    pub charge: Option<Money>,
    /// Allowed amounts, when told.
    pub allowed: Option<Money>,
    /// Paid amounts, when told.
    pub paid: Option<Money>,
    /// Where the row came from.
    pub source: Source,
}
