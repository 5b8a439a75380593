//! The field's own values: exact money, rates, codes, places, dates, lines and remittances.
//!
//! No I/O, no frames, no floating point near money. Everything here is a plain value.

// Money is never a float here.
#![deny(clippy::float_arithmetic)]

mod adjustment;
mod area;
mod code;
pub mod contract;
mod estimate;
mod expected;
mod figure;
mod line;
mod money;
mod ndc;
mod payer;
mod period;
mod remit;
mod rule;
mod units;
mod volume;

pub use adjustment::{Adjustment, Carc, Group, Rarc};
pub use area::{Area, Locality, State, Zip};
pub use code::{Code, Modifier, Modifiers, Pos};
pub use estimate::Estimate;
pub use expected::{Basis, Evidence, Expected, Unknown};
pub use figure::grouped_decimal;
pub use line::{ServiceLine, Source};
pub use money::{Money, Rate, round_cents};
pub use ndc::{NdcQuantity, NdcUnit};
pub use payer::{AssumedWindows, LocalityRule, Payer, PayerKind, Terms, UnlistedRule, YearRule};
pub use period::{Date, DateSpan, Period, parse_iso_date};
pub use remit::{ClaimStatus, Link, Remit};
pub use rule::RuleId;
pub use units::Units;
pub use volume::Volume;

/// A value that could not be read from text: what was found and what was expected, without the surrounding record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// What a well-formed value looks like.
    pub expected: &'static str,
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "expected {}", self.expected)
    }
}

impl std::error::Error for Unreadable {}
