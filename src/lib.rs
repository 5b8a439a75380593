//! `allowable` answers, for CPT 96372 and the codes billed around it: what should we have been allowed, what were we paid,
//! and where did the rest go?
//!
//! ```text
//!  files ─ingest→ lines, remits ─┐        (CSV, Parquet, X12 835 and 837P)
//!                                ├─price→ expected ─reconcile→ gaps ─leakage→ causes ─report→ Report ─render→ html svg png xlsx csv json
//!  datasets ─reference→ rates ───┘                                               └─worklist→ xlsx csv json, letters
//!                                 └─facts→ statements in circulation, codes by payer type, the patient's share ─report→
//! ```
//!
//! The modules stand in the order of the flow; each uses only what stands above it (`tests/architecture.rs` holds that).
//!
//! What always holds:
//! 1. Every input row ends as priced, unknown, out of scope or quarantined; counts and charge dollars of the four add up.
//! 2. expected = paid + patient share + known reductions + denied + underpaid + pending − overpaid, to the cent, on every
//!    grouping that is printed; otherwise nothing is printed.
//! 3. The order of rows and the number of threads change nothing; the same inputs give byte-identical outputs.
//! 4. The steps of `explain`, recomputed, give the price in the table.
//! 5. No bytes make a reader panic; a failed run leaves the previous outputs untouched.
//! 6. No patient name, date of birth or number reaches a report, a log or an error.

pub mod domain;
pub mod finding;
pub mod project;
pub mod table;
pub mod ingest;
pub mod reference;
pub mod payability;
pub mod price;
pub mod facts;
pub mod reconcile;
pub mod leakage;
pub mod worklist;
pub mod forecast;
pub mod demo;
pub mod outlook;
pub mod contract;
pub mod scenario;
pub mod finder;
pub mod report;
pub mod render;
pub mod cli;
