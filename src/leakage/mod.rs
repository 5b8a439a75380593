//! Why money is missing: each shortfall gets exactly one cause, and the causes add up to the total.
//!
//! [`judge`] names the cause of one line; [`Ledger`] holds all lines as a frame and sums them by any grouping, checking the
//! identity of every group it gives out. [`Overturns`] learns from reworked shortfalls how often rework is won.

// Money is never a float here.
#![deny(clippy::float_arithmetic)]

mod audit;
mod cause;
mod diagnose;
mod export;
mod judge;
mod ledger;
mod missed;
mod maturity;
mod overturn;
mod rates;
mod shrink;

pub use audit::{Audit, Flag, Measure, Provider, ProviderRate, Side, audit};
pub use cause::{Cause, UnderpaymentCause};
pub use diagnose::diagnose;
pub use judge::{Cohort, DEFAULT_APPEAL_DAYS, DenialState, JudgedLine, judge};
pub use ledger::{Group, Ledger};
pub use maturity::mark_mature;
pub use missed::{
    Direction, Missed, MissedCharges, MissedKind, MissedSum, PassedOver, Worth, missed_charges, tells_of_missed_charges,
};
pub use overturn::{Decided, Overturns, decided};
pub use rates::{DenialFilter, DenialRates, DenialRow, DenialsBy, SMALL_PROVIDER};
pub use shrink::{Chance, Pool, Prior};
