//! Why money is missing: each shortfall gets exactly one cause, and the causes add up to the total.
//!
//! [`judge`] names the cause of one line; [`Ledger`] holds all lines as a frame and sums them by any grouping, checking the
//! identity of every group it gives out. [`Overturns`] learns from reworked shortfalls how often rework is won.

// Money is never a float here.
#![deny(clippy::float_arithmetic)]

mod cause;
mod diagnose;
mod export;
mod judge;
mod ledger;
mod overturn;
mod shrink;

pub use cause::{Cause, UnderpaymentCause};
pub use diagnose::diagnose;
pub use judge::{Cohort, DEFAULT_APPEAL_DAYS, DenialState, JudgedLine, judge};
pub use ledger::{Group, Ledger};
pub use overturn::{Decided, Overturns, decided};
pub use shrink::{Chance, Pool, Prior};
