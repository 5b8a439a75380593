//! Sparse series: months with nothing in them are the rule, and models for regular series give nonsense.
//!
//! [`Profile`] tells regular from sparse and says why; [`Croston`], [`Tsb`] and [`Imapa`] forecast the mean of sparse
//! demand; [`CountDistribution`] is what a month of it looks like; [`forecast`] chooses. Demand is a count or an amount
//! per period, in order of time, and never negative.

mod choose;
mod classify;
mod counts;
mod croston;
mod demand;
mod imapa;
mod smoothing;
mod tsb;

pub use choose::{SparseForecast, SparseModel, forecast};
pub use classify::{Nature, Profile};
pub use counts::CountDistribution;
pub use croston::{Bias, Croston};
pub use demand::NotDemand;
pub use imapa::Imapa;
pub use tsb::Tsb;
