//! A run's results as data: headline, sections, tables, series, notes. No drawing, no files.
//!
//! [`run`] takes what was read through pricing, reconciling and leakage to a [`Report`]; it refuses to give one out when a sum
//! does not balance.

mod denial_table;
mod effects;
mod estimates;
mod facts;
mod forecast;
mod headline;
mod model;
mod packet;
mod run;
mod scenario;
mod section;
mod states;
mod words;

pub use denial_table::{Advice, denial_advice, denial_row_name, denial_table};
pub use effects::{GridChart, TornadoChart, TornadoRow};
pub use estimates::{FanBand, FanChart, HorizonChart, HorizonLine, LineWeight, ValueUnit};
pub use facts::{comparison_section, fact_sections, patient_section, statements_section};
pub use forecast::{ForecastPage, yearly_report, yearly_table};
pub use model::{
    Bar, BarChart, Cell, Chart, Column, ColumnKind, DataKind, Definition, DotChart, DotRow, HeatMap, LineChart, Pareto,
    RateChart, RateRow, Report, Section, Series, Stat, Step, Table, Tile, TileGrid, Waterfall,
};
pub use packet::{Asks, LEAST_MONTHS, PacketInput, Spread, check_packet, is_set_by_law, packet, percent_of_medicare};
pub use run::{Run, run};
pub use scenario::ScenarioPage;
