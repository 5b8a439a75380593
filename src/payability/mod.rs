//! Whether a line can be paid at all, before any rate is asked for: the rules over a claim day.
//!
//! ```text
//!  lines ─days→ claim days ─Judge→ hits ─→ Verdicts: the rule that lets a line fall, and remarks
//!                 reference::Rules ─┘
//! ```
//!
//! The rules are rows of `datasets/payability/rules.csv` and of the user's own tables; here stands the engine alone.

// Money is never a float here.
#![deny(clippy::float_arithmetic)]

mod day;
mod judge;
mod lines;
mod sieve;

pub use day::days;
pub use judge::{DayLine, Hit, Judge, Told, ruled_alone};
pub use lines::{Ruled, Tells, Verdicts, judge_lines};
pub use sieve::{PayerRules, Sieve};
