//! What will come: monthly series and what comes after them. Models, intervals, backtests, run-out, sparse counts, calendars.
//!
//! ```text
//!  values ─Model::fit→ Fitted ─mean, interval, simulate→ the steps after
//!  panel  ─backtest→  Backtest: errors per horizon beside seasonal naive, calibrated Intervals
//! ```
//!
//! The stage knows neither money nor frames nor files: its series are plain numbers (by [`Month`] where the calendar matters).
//! A model is fitted and only what was fitted predicts. Everything here is an estimate, so it is in floats; chance comes from a
//! seed alone, so the same series give the same bits. The unit of the values is the caller's and changes nothing.

mod accuracy;
mod ar;
mod auto_ets;
pub mod beta_binomial;
pub mod calendar;
mod combine;
mod decompose;
mod dotm;
mod draws;
mod ets;
pub mod events;
mod innovations;
mod linear;
mod model;
mod month;
mod naive;
mod optimise;
mod panel;
pub mod paths;
pub mod reconcile;
pub mod runout;
mod series;
pub mod sparse;
mod theta;

pub use accuracy::{bias, coverage, mae, mase, msis, rmsse, seasonal_scale, seasonal_square, smape, wape};
pub use ar::AutoAr;
pub use auto_ets::{AutoEts, AveragedEts};
pub use combine::{Combination, Join, USUAL, USUAL_WEIGHTS};
pub use decompose::{Drawn, Joined, Seasonal, is_seasonal};
pub use dotm::{Dotm, DotmParams};
pub use draws::Draws;
pub use ets::{ErrorForm, Ets, EtsFit, Form, Params, Season, State, Trend};
pub use innovations::Innovations;
pub use model::{Fitted, Model, Predict, quantile};
pub use month::Month;
pub use naive::{Naive, SeasonalNaive};
pub use panel::{
    Backtest, Blend, Calibration, IntervalScore, Intervals, LEVELS, Plan, Score, Tested, Weights, backtest, blend,
    error_unit,
};
pub use series::{MAX_PERIOD, NoFit, Series};
pub use theta::Theta;
