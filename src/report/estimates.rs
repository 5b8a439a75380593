//! Charts of estimates as plain data: what a model expects by month, and how right it was before.

use rust_decimal::Decimal;
use serde::Serialize;

use crate::domain::Date;

/// What the values of a chart are; decides how they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueUnit {
    /// Dollars: `$12,345`.
    Dollars,
    /// Things counted: `1,234`.
    Count,
    /// Percent: `12.5%`.
    Percent,
    /// A plain ratio or measure: `0.87`.
    Number,
}

/// Months recorded and months expected, with the ranges of the estimate.
///
/// All lists of values are as long as `months`; `None` leaves a gap and is never 0.
#[derive(Debug, Clone, Serialize)]
pub struct FanChart {
    /// The finding.
    pub title: String,
    /// What the picture shows, for readers who cannot see it.
    pub alt: String,
    /// Title of the value axis, with unit.
    pub value_axis: String,
    /// First day of each month, without a gap: those recorded, then those to come.
    pub months: Vec<Date>,
    /// What is recorded so far.
    pub history: Vec<Option<Decimal>>,
    /// Recent months completed for what is still to come of them, beside what is recorded.
    pub completed: Vec<Option<Decimal>>,
    /// The forecast.
    pub middle: Vec<Option<Decimal>>,
    /// Its ranges, in any order.
    pub bands: Vec<FanBand>,
    /// What was recorded later, over a forecast made earlier (a backtest).
    pub actual: Vec<Option<Decimal>>,
    /// Known rate steps and other dated events, drawn as thin vertical lines with a label.
    pub events: Vec<(Date, String)>,
    /// The first day that the forecast speaks of.
    pub forecast_from: Date,
    /// What the values are.
    pub unit: ValueUnit,
}

/// The range that holds the value with a stated chance.
#[derive(Debug, Clone, Serialize)]
pub struct FanBand {
    /// The chance in percent: 50, 80, 95.
    pub level: u8,
    /// Lower ends, as long as the months of the chart.
    pub low: Vec<Option<Decimal>>,
    /// Upper ends.
    pub high: Vec<Option<Decimal>>,
}

/// Measures by how far ahead was forecast: coverage of ranges against what they promise, or the errors of several methods.
#[derive(Debug, Clone, Serialize)]
pub struct HorizonChart {
    /// The finding.
    pub title: String,
    /// What the picture shows, for readers who cannot see it.
    pub alt: String,
    /// Title of the value axis, with unit.
    pub value_axis: String,
    /// Title of the x axis: `Months ahead`.
    pub step_axis: String,
    /// The steps ahead, ascending.
    pub steps: Vec<u32>,
    /// The lines, each as long as `steps`.
    pub lines: Vec<HorizonLine>,
    /// Values to compare with, drawn as thin lines named at the left (`nominal 80%`, `as naive`).
    pub references: Vec<(Decimal, String)>,
    /// What the values are.
    pub unit: ValueUnit,
}

/// One line of a [`HorizonChart`].
#[derive(Debug, Clone, Serialize)]
pub struct HorizonLine {
    /// Its name, written at its end.
    pub name: String,
    /// Values; `None` leaves a gap.
    pub values: Vec<Option<Decimal>>,
    /// How it is drawn.
    pub weight: LineWeight,
}

/// How much a line stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LineWeight {
    /// The one that the finding is about, in the accent colour.
    Accent,
    /// One of the others.
    Plain,
    /// What all are measured against, in grey.
    Muted,
}
