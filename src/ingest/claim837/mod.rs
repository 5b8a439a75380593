//! 837P claims: segments → billed lines as the practice sent them, claim by claim.
//!
//! ```text
//!  segments ─read→ BilledClaim (one submission) ─settle→ lines that were billed once each
//! ```
//! A claim may be sent several times: to the next payer, again, corrected (frequency 7), or taken back (8). [`settle`] keeps
//! each service once and books every other submission. Patients' names, addresses and days of birth are not kept; their
//! numbers become salted keys. Rules: the 837P implementation guides 004010X098A1 and 005010X222A1.

mod read;
mod settle;

pub(super) use read::{BilledClaim, Interpreter};
pub(super) use settle::{Reused, settle};
