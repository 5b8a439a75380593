//! 835 remittances: segments → transactions, claims and lines as the payer wrote them, with three balances.
//!
//! [`Interpreter`] takes segments and hands every finished claim to a [`Sink`]; nothing is kept beyond the claim at hand, so
//! memory does not grow with the file. Amounts stay exact (ten-thousandths of a dollar); a line with an amount that cannot be
//! read is kept apart with its reason, never read as 0. Patients' names and numbers are not read at all.
//! Rules: DOMAIN §5; the 835 implementation guides 004010X091A1 and 005010X221A1.

mod answers;
mod claim;
mod close;
mod elements;
pub(in crate::ingest) mod fields;
mod read;
mod relay;
mod rows;
mod tally;

pub(in crate::ingest) use answers::{AnsweredClaim, AnsweredLine, Answers, Payment, patient_share};
pub use claim::{Adjusted, Broken, Claim, Line, Provider, Slots, Span, Transaction};
pub use read::{Interpreter, Sink, TransactionEnd};
pub(in crate::ingest) use relay::relay;
pub(in crate::ingest) use rows::{RowPart, Rows, Stretch, key, rank};
pub use tally::{Balance, Balances, Tally};
