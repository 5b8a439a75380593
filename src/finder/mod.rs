//! What payers really apply: which other rate gives the amounts that were allowed, to the cent, and on which day that began.
//!
//! ```text
//!  answered lines ─observe→ groups ─segment→ odd stretches ─candidate→ amounts by other rates ─pattern→ findings
//!                                 └─drift→ days on which the usual amount moved
//! ```
//!
//! A single underpayment is diagnosed in `leakage`. Here a rate must be *applied*: to a good part of a payer's lines over a
//! stretch of days. Where several rates give all the same amounts, all of them are named.

// Money is never a float here.
#![deny(clippy::float_arithmetic)]

mod candidate;
mod chance;
mod drift;
mod observe;
mod pattern;
mod segment;
mod select;

pub use candidate::Candidate;
pub use drift::{Alarm, AlarmKind};
pub use pattern::{Example, Pattern};

use std::sync::Arc;

use crate::domain::{Code, Money, Period};
use crate::leakage::JudgedLine;
use crate::price::{PricedLines, Pricer};

/// How much it takes to call something a pattern, and which lines to look at.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Lines that must match to the cent.
    pub min_lines: u32,
    /// The least share of lines, in percent, that a rate must have of those on which it would show, over its stretch of days.
    pub min_share: u32,
    /// When the plain candidates explain less of the odd lines than this, in percent, the far-fetched ones are tried, too.
    pub explained: u32,
    /// Only this payer.
    pub payer: Option<Arc<str>>,
    /// Only this code.
    pub code: Option<Code>,
    /// Only services of these days.
    pub days: Option<Period>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { min_lines: 5, min_share: 20, explained: 80, payer: None, code: None, days: None }
    }
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Rates applied in place of the agreed ones, by the money at stake, most first.
    pub patterns: Vec<Pattern>,
    /// Days on which the usual amount moved and the agreed one did not (or the other way round), by payer, code and day.
    pub alarms: Vec<Alarm>,
    /// Lines with a firm rate and an allowed amount: what was looked at.
    pub looked_at: u64,
    /// Of these, lines allowed something else than agreed, beyond the payer's tolerance.
    pub odd: u64,
    /// Of these, lines that a pattern explains.
    pub explained: u64,
    /// What the odd lines are short, overpayments left aside.
    pub short: Money,
    /// Of this, what patterns explain.
    pub short_explained: Money,
}

/// Looks for other rates and for days on which amounts moved. `lines`, `judged` and `priced` run in parallel.
#[must_use]
pub fn find(
    pricer: &Pricer<'_>,
    lines: &[crate::domain::ServiceLine],
    judged: &[JudgedLine],
    priced: &PricedLines,
    settings: &Settings,
) -> Found {
    let groups = observe::groups(pricer, lines, judged, priced, settings);
    let view = observe::View { pricer, lines, priced };
    let patterns = pattern::patterns(&view, &groups, settings);
    let odd = || groups.iter().flat_map(|group| &group.seen).filter(|seen| seen.odd);
    Found {
        alarms: drift::alarms(&view, &groups, settings),
        looked_at: groups.iter().map(|group| group.seen.len() as u64).sum(),
        odd: odd().count() as u64,
        explained: patterns.iter().map(|pattern| pattern.lines).sum(),
        short: odd().map(|seen| (seen.expected - seen.allowed).or_zero()).sum(),
        short_explained: patterns.iter().map(|pattern| pattern.short).sum(),
        patterns,
    }
}
