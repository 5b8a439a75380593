//! Public releases and payer files as they are downloaded → tables in the program's own layout, and what is wrong with them.
//!
//! Columns are recognised by their headers (which CMS spreads over several rows), never by position; what cannot be recognised
//! is a finding and is not imported, because a wrong figure is worse than none. Reads bytes and gives tables; opens and writes
//! no file (that is `cli`), and prices nothing.

#![deny(clippy::float_arithmetic)]

mod fees;
mod grid;
mod header;
mod installed;
mod medicare;
mod renewal;
mod source;
mod tables;

pub use fees::{FeeOptions, Fees, fee_fields, fees};
pub use installed::{FOLDER, lay_over};
pub use medicare::{MedicareOptions, medicare};
pub use renewal::{Renewal, renewed};
pub use tables::{Change, Kind, MANIFEST, Merged, Release, merge};

use sha2::{Digest, Sha256};

/// SHA-256 of bytes, hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
