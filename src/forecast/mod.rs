//! What will come: monthly series and how they go on, run-out, sparse counts, calendars, events.
//!
//! The stage knows neither money nor frames nor files: its series are plain numbers by [`Month`], and everything that
//! it says is an estimate. The same inputs give the same numbers: what is drawn is drawn with a seed.

pub mod beta_binomial;
pub mod calendar;
mod draws;
pub mod events;
mod linear;
mod month;
pub mod paths;
pub mod reconcile;
pub mod runout;
pub mod sparse;

pub use month::Month;
