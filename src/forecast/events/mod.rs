//! Events: dated breaks in a series, taken out before it is forecast and put back after; breaks that were not told; and
//! how little a short series supports.

mod detect;
mod effect;
mod support;

pub use detect::{Shift, largest_shift, shifts};
pub use effect::{Baseline, CannotAdjust, Effect, Event, Scale, Shape, Size, WithoutEvents};
pub use support::{Band, FEW_CHANGES, Scatter, Unsupported, band, band_at_least, highest_claim};
