//! A run's results as data: headline, sections, tables, series, notes. No drawing, no files.

mod model;

pub use model::{
    Bar, BarChart, Cell, Chart, Column, ColumnKind, DataKind, Definition, DotChart, DotRow, HeatMap, LineChart, Pareto,
    Report, Section, Series, Stat, Step, Table, Tile, TileGrid, Waterfall,
};
