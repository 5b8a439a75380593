//! Contracts at work: the tests inside their files, the schedule that follows from them, and what a new one would change.

#![deny(clippy::float_arithmetic)]

mod check;
mod diff;
mod draft;
mod show;

pub use check::{Checked, check};
pub use diff::{Cell, CellParts, Diff, DiffRow, DiffStep, Months, Unpriced, as_if_in_force, diff, split};
pub use draft::{Allowed, Head, from_paid, from_schedule};
pub use show::{Shown, ShownRow, show};

use crate::domain::Rate;
use crate::price::{Limits, Per, UnitPrice};

/// The factor of a price that is a share of the charge.
fn of_charge(unit: &UnitPrice) -> Option<Rate> {
    match unit {
        UnitPrice::OfCharge { factor, .. } => Some(*factor),
        UnitPrice::Limited(Limits { per: Per::Charge, rate, .. }) => Some(*rate),
        _ => None,
    }
}
