//! A run's results as data: headline, sections, tables, series, notes. No drawing, no files.
//!
//! [`run`] takes what was read through pricing, reconciling and leakage to a [`Report`]; it refuses to give one out when a sum
//! does not balance.

mod facts;
mod headline;
mod model;
mod run;
mod section;
mod states;
mod words;

pub use facts::{comparison_section, fact_sections, patient_section, statements_section};
pub use model::{
    Bar, BarChart, Cell, Chart, Column, ColumnKind, DataKind, Definition, DotChart, DotRow, HeatMap, LineChart, Pareto,
    Report, Section, Series, Stat, Step, Table, Tile, TileGrid, Waterfall,
};
pub use run::{Run, run};
