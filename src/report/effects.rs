//! Charts of changes as plain data: rates × denials, and what moving each lever alone does.

use serde::Serialize;

use crate::domain::Money;

/// Changes of money over two scales: rows and columns in their own order, never turned or added up.
#[derive(Debug, Clone, Serialize)]
pub struct GridChart {
    /// The finding.
    pub title: String,
    /// What the picture shows, for readers who cannot see it.
    pub alt: String,
    /// What the cells hold, with unit; what is gained and what is lost are shaded apart.
    pub value_name: String,
    /// What the rows are (`Percent of Medicare`).
    pub row_axis: String,
    /// What the columns are (`Denied in the end`).
    pub column_axis: String,
    /// Names of the rows, from the top.
    pub rows: Vec<String>,
    /// Names of the columns, from the left.
    pub columns: Vec<String>,
    /// `values[row][column]`; `None` where nothing is known.
    pub values: Vec<Vec<Option<Money>>>,
}

/// Each lever moved alone, the one with the largest effect on top.
#[derive(Debug, Clone, Serialize)]
pub struct TornadoChart {
    /// The finding.
    pub title: String,
    /// Alternative text.
    pub alt: String,
    /// Title of the value axis, with unit.
    pub value_axis: String,
    /// The levers from the top.
    pub bars: Vec<TornadoRow>,
}

/// One lever.
#[derive(Debug, Clone, Serialize)]
pub struct TornadoRow {
    /// What is moved.
    pub label: String,
    /// By how much (`±10%`).
    pub by: String,
    /// The change when it is moved down; `None` where it moves only one way.
    pub down: Option<Money>,
    /// The change when it is moved up.
    pub up: Money,
    /// Drawn in the accent colour.
    pub accent: bool,
}
