//! What if: other rates, volumes, denials and conversion factors on the practice's own lines, against what they came to.
//!
//! ```text
//!  lines, prices, judged ─base→ cells and bundles ─reprice→ at other rates ─outcome→ with other volumes and denials
//!  scenario.toml ─file→ levers ─────────────────────┴──────────────────────────┘          └─decompose→ rate, mix, volume
//! ```
//! Volumes of the past are exact: every line is priced again and rounded once, every total is the sum of its cells, and what a
//! change is made of adds up to it to the cent. [`ahead`] asks the same of the months to come, with ranges.

// Money is never a float here; `ahead` holds estimates.
#![deny(clippy::float_arithmetic)]

mod ahead;
mod base;
mod decompose;
mod file;
mod lever;
mod outcome;
mod reprice;
mod run;
mod search;

pub use ahead::{Ahead, AheadRow, Horizon, ahead};
pub use base::{Base, BaseCell, CellKey, Given, Sums, Unpriced};
pub use decompose::{Cell, Effects, Parts, decompose};
pub use lever::{
    BreakEven, DenialLever, DenialTo, FactorLever, Grid, Lines, Plan, RateAxis, RateLever, RateTo, Role, Scenario,
    Target, Tornado, TornadoBy, VolumeLever,
};
pub use outcome::{Amounts, Lost, LostOfFirst, NetEffects, Outcome, apply};
pub use reprice::{Kept, Repriced, reprice, units_under};
pub use run::{Modelled, Played, kept_note, model};
pub use search::{
    Answer, BreakEvenResult, GridResult, Moved, TornadoBar, break_even, grid, grid_denial, grid_lever, tornado,
};

use crate::finding::Error;

/// An amount that does not fit in 64 bits of cents.
fn too_large() -> Error {
    Error::input("an amount of the model does not fit")
        .help("look for charges, units or percentages that are far too large")
}
