//! Expected against allowed and paid, per line, over all its remittances: amounts that balance to the cent.
//!
//! The identity of DOMAIN §5 holds for every line with a known expected amount and so for every sum of lines:
//! expected = paid + patient + known reductions + denied + underpaid + pending − overpaid (+ below − above benchmark).
//! It says *how much* is missing; `leakage` says *why*.

// Money is never a float here.
#![deny(clippy::float_arithmetic)]

mod answers;
mod balance;
mod line;
mod open;

pub use answers::{Adjudication, Denial, adjudicate};
pub use balance::{check_remits, link, without_line};
pub use line::{Gaps, Reconciled, Standing, reconcile};
