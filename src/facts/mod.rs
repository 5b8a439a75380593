//! Statements on 96372 that billing guides make, beside what the tables say; the four injection codes by payer type; what the
//! patient owes.
//!
//! Every verdict is worked out from the reference tables (and the project's own contracts) each time; none is stored. Where no
//! table can tell, the statement says by which convention it is judged, or that it cannot be compared. Nothing is ever priced
//! by a statement.

// Money is never a float here.
#![deny(clippy::float_arithmetic)]

mod check;
mod claims;
mod compare;
mod grounds;
mod patient;
mod topics;
mod verdict;
mod words;

pub use check::check;
pub use claims::{Check, Claim, PlaceWord, claims, parse_claims};
pub use compare::{Compared, YearRates, compare, medicare_by_year};
pub use grounds::Grounds;
pub use patient::{Question, Service, Share, Split, Terms, shares, split};
pub use topics::{Topic, Where, topics};
pub use verdict::{Answer, Ground, Verdict, tally};
pub use words::place;

/// The four injection codes that guides set side by side.
pub const INJECTIONS: [&str; 4] = ["96372", "96373", "96374", "96375"];
