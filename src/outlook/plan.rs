//! How to forecast: months, futures, groups, and changes of assumptions.

use std::sync::Arc;

use super::measure::Dim;
use super::together::Coherence;
use crate::forecast::Month;

/// A change of assumptions, for a scenario: factors on what one payer (or all) does.
#[derive(Debug, Clone, PartialEq)]
pub struct Adjust {
    /// The payer's id; `None` for all.
    pub payer: Option<Arc<str>>,
    /// On lines.
    pub volume: f64,
    /// On expected amounts.
    pub rate: f64,
    /// On the share that is denied in the end.
    pub denial: f64,
}

/// A change of assumptions for services from a month on, beside those of [`Plan::adjust`].
#[derive(Debug, Clone, PartialEq)]
pub struct Later {
    /// The first month of services for which it holds.
    pub from: Month,
    /// The change.
    pub adjust: Adjust,
}

/// How to forecast.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Months to come.
    pub horizon: usize,
    /// Drawn futures.
    pub paths: usize,
    /// Where chance begins.
    pub seed: u64,
    /// What the groups are made by.
    pub by: Vec<Dim>,
    /// Factors on the width of the paths of volumes by month after the last of services, from the errors of earlier forecasts; beyond its end its
    /// last factor holds.
    pub stretch: Vec<f64>,
    /// How the volumes of all payers are made from those of each.
    pub coherence: Coherence,
    /// Changes of assumptions.
    pub adjust: Vec<Adjust>,
}
