//! X12 as payers and clearing houses really send it: bytes → segments, with the place of each. Knows nothing of claims.
//!
//! ```text
//!  file, gz, zip, stdin ─source→ bytes ─reader→ segments ─envelope→ transaction sets (835, 837, others)
//!                                       └ delimiters, read anew at every ISA
//! ```
//! What always holds: memory is bounded by a chunk, never by the file; no bytes make it panic; a segment that breaks off is
//! never handed on as whole; where the chunks of the source end changes nothing.

mod amount;
mod delimiters;
mod envelope;
mod reader;
mod segment;
mod source;

pub use amount::{Amount, Total};
pub use delimiters::Delimiters;
pub(crate) use envelope::finding_of;
pub use envelope::{Envelope, Event, SetKind};
pub use reader::{Reader, Trouble};
pub use segment::Segment;
pub(crate) use source::{Opened, Part, ZIP, each_part};
