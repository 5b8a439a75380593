//! The report as plain data: what every renderer (HTML, SVG, PNG, XLSX, CSV, JSON, terminal) is given.

use rust_decimal::Decimal;
use serde::Serialize;

use super::effects::{GridChart, TornadoChart};
use super::estimates::{FanChart, HorizonChart};
use crate::domain::{Date, Money};
use crate::finding::Finding;

/// Where the figures of a section come from; said on every chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DataKind {
    /// Published by a government or a payer.
    Published,
    /// Observed payments.
    Observed,
    /// A model.
    Estimated,
    /// Made up for the demonstration.
    Synthetic,
    /// The user's own claims.
    Own,
}

impl DataKind {
    /// A few words for a chart's corner.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Published => "published figures",
            Self::Observed => "observed payments",
            Self::Estimated => "estimates",
            Self::Synthetic => "synthetic demo data",
            Self::Own => "your claims",
        }
    }
}

/// Everything that one run has to say.
///
/// A page of fewer parts (a forecast) leaves the rest empty; see [`Report::of`].
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The practice or data set.
    pub title: String,
    /// `2023-01-01_2025-12-31`: names the folder of the outputs.
    pub period_slug: String,
    /// `1 January 2023 to 31 December 2025`.
    pub period: String,
    /// The day as of which the state of claims is judged (the last day any input mentions).
    pub as_of: Date,
    /// Where the figures come from.
    pub kind: DataKind,
    /// One sentence that says the finding.
    pub finding: String,
    /// The few numbers on top.
    pub headline: Vec<Stat>,
    /// The body, in order.
    pub sections: Vec<Section>,
    /// The words used, for people who have not met them.
    pub definitions: Vec<Definition>,
    /// Reference files used: path, release, kind, sha256.
    pub sources: Table,
    /// What is wrong with the data.
    pub findings: Vec<Finding>,
    /// Caveats of the whole report.
    pub notes: Vec<String>,
    /// Version of the program.
    pub version: String,
}

impl Report {
    /// A report of sections alone, to which a caller adds what else it has.
    #[must_use]
    pub fn of(title: &str, period: &str, as_of: Date, kind: DataKind, sections: Vec<Section>) -> Self {
        Self {
            title: title.to_owned(),
            period_slug: String::new(),
            period: period.to_owned(),
            as_of,
            kind,
            finding: title.to_owned(),
            headline: Vec::new(),
            sections,
            definitions: Vec::new(),
            sources: Table::default(),
            findings: Vec::new(),
            notes: Vec::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// One number of the headline with what it is made of.
#[derive(Debug, Clone, Serialize)]
pub struct Stat {
    /// `Leakage`.
    pub label: String,
    /// `$12,345`.
    pub value: String,
    /// `of $98,765 expected on 21,000 priced lines, service dates 2023–2025`: numerator, denominator, date basis.
    pub basis: String,
    /// Whether this is the number the reader should act on (drawn in the accent colour).
    pub accent: bool,
}

/// One finding: title, chart, the same numbers in a table, notes.
#[derive(Debug, Clone, Serialize)]
pub struct Section {
    /// Names the files: `waterfall`, `denials`, `by-payer` (kebab-case, unique in the report).
    pub id: String,
    /// The finding, as a sentence.
    pub title: String,
    /// One or two sentences under the title.
    pub lead: String,
    /// Where the figures come from.
    pub kind: DataKind,
    /// The picture, if any.
    pub chart: Option<Chart>,
    /// The same numbers.
    pub table: Table,
    /// What the reader must know to read it right.
    pub notes: Vec<String>,
}

/// What a column holds; decides its format in every output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnKind {
    /// Words.
    Text,
    /// Dollars and cents.
    Money,
    /// A whole number.
    Count,
    /// Percent, one decimal.
    Percent,
    /// Dollars per unit, as many decimals as it has.
    Rate,
    /// A plain number, as many decimals as it has.
    Number,
    /// Dollars that a model gives: [`Cell::Number`], rounded to cents once by whoever makes the table, so that sums tie.
    Estimate,
    /// Things counted that a model gives: [`Cell::Number`], shown with one decimal.
    EstimatedCount,
    /// A day.
    Date,
}

/// A column of a table.
#[derive(Debug, Clone, Serialize)]
pub struct Column {
    /// Machine name for CSV and JSON (`expected`, `denied`), snake_case.
    pub name: String,
    /// Header for people.
    pub header: String,
    /// What it holds.
    pub kind: ColumnKind,
}

impl Column {
    /// A column.
    pub fn new(name: &str, header: &str, kind: ColumnKind) -> Self {
        Self { name: name.to_owned(), header: header.to_owned(), kind }
    }
}

/// One cell. `Empty` is "not known" or "does not apply"; it is never 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// Words. Renderers must never let a spreadsheet read them as a formula.
    Text(String),
    /// Dollars and cents.
    Money(Money),
    /// A whole number.
    Count(i64),
    /// Percent, rate or estimate.
    Number(#[serde(with = "rust_decimal::serde::str")] Decimal),
    /// A day.
    Date(Date),
    /// Not known, or does not apply.
    Empty,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Money> for Cell {
    fn from(money: Money) -> Self {
        Self::Money(money)
    }
}

impl From<Option<Money>> for Cell {
    fn from(money: Option<Money>) -> Self {
        money.map_or(Self::Empty, Self::Money)
    }
}

impl From<i64> for Cell {
    fn from(count: i64) -> Self {
        Self::Count(count)
    }
}

impl From<Option<Decimal>> for Cell {
    fn from(number: Option<Decimal>) -> Self {
        number.map_or(Self::Empty, Self::Number)
    }
}

/// A table with an optional last row of totals.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, each as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
    /// Totals, as long as `columns`; `Empty` where a sum has no meaning.
    pub total: Option<Vec<Cell>>,
}

/// A word used and what it means here.
#[derive(Debug, Clone, Serialize)]
pub struct Definition {
    /// The word.
    pub term: String,
    /// What it means.
    pub meaning: String,
}

/// A chart as data. Every chart has a title that says the finding, axis titles with units, and alternative text.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Chart {
    /// Expected down to paid, step by step.
    Waterfall(Waterfall),
    /// From one level to another by small steps (last forecast to actual): the axis may be cut, and says so.
    Bridge(Waterfall),
    /// Bars from the largest down with the cumulative share.
    Pareto(Pareto),
    /// Rows × columns, dollars as shade.
    HeatMap(HeatMap),
    /// Months on the x axis.
    Lines(LineChart),
    /// Groups side by side.
    Bars(BarChart),
    /// One dot (and a reference line) per row.
    Dots(DotChart),
    /// One rate with its interval per row.
    Rates(RateChart),
    /// States on a tile grid.
    Tiles(TileGrid),
    /// A forecast with its ranges after what is recorded.
    Fan(FanChart),
    /// Measures of a forecast by how far ahead it was made.
    Horizons(HorizonChart),
    /// Changes over two scales: rates × denial rates.
    Grid(GridChart),
    /// Levers moved alone, the largest effect on top.
    Tornado(TornadoChart),
}

/// Expected → paid in steps.
#[derive(Debug, Clone, Serialize)]
pub struct Waterfall {
    /// The finding.
    pub title: String,
    /// What the picture shows, for readers who cannot see it.
    pub alt: String,
    /// Title of the value axis, with unit.
    pub value_axis: String,
    /// The steps from left to right. The first and the last are levels; the others add or take away.
    pub steps: Vec<Step>,
}

/// One step of a waterfall.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// `Denied`.
    pub label: String,
    /// Level when `is_level`, otherwise the signed change.
    pub amount: Money,
    /// A bar from zero (expected, paid) rather than a floating change.
    pub is_level: bool,
    /// Part of the leakage (drawn in the accent colour).
    pub accent: bool,
}

/// Bars with a cumulative line.
#[derive(Debug, Clone, Serialize)]
pub struct Pareto {
    /// The finding.
    pub title: String,
    /// Alternative text.
    pub alt: String,
    /// Title of the value axis, with unit.
    pub value_axis: String,
    /// From the largest down; "other" last.
    pub bars: Vec<Bar>,
}

/// One bar.
#[derive(Debug, Clone, Serialize)]
pub struct Bar {
    /// Its name.
    pub label: String,
    /// Its value.
    pub amount: Money,
    /// Lines behind it.
    pub lines: i64,
}

/// Rows × columns.
#[derive(Debug, Clone, Serialize)]
pub struct HeatMap {
    /// The finding.
    pub title: String,
    /// Alternative text.
    pub alt: String,
    /// What the shade means, with unit.
    pub value_name: String,
    /// Row names (payers).
    pub rows: Vec<String>,
    /// Column names (causes).
    pub columns: Vec<String>,
    /// `values[row][column]`; `None` where nothing applies.
    pub values: Vec<Vec<Option<Money>>>,
}

/// Lines over months.
#[derive(Debug, Clone, Serialize)]
pub struct LineChart {
    /// The finding.
    pub title: String,
    /// Alternative text.
    pub alt: String,
    /// Title of the value axis, with unit.
    pub value_axis: String,
    /// First day of each month.
    pub months: Vec<Date>,
    /// The lines, each as long as `months`.
    pub series: Vec<Series>,
    /// Dated events drawn as thin vertical lines with a label (`new schedule`).
    pub events: Vec<(Date, String)>,
    /// Months from this one on are incomplete (answers still pending): drawn shaded, said so.
    pub incomplete_from: Option<Date>,
}

/// One line of a line chart.
#[derive(Debug, Clone, Serialize)]
pub struct Series {
    /// Its name, written at its end.
    pub name: String,
    /// Values; `None` leaves a gap.
    pub values: Vec<Option<Money>>,
    /// Drawn in the accent colour.
    pub accent: bool,
}

/// Groups side by side, each with one bar per measure.
#[derive(Debug, Clone, Serialize)]
pub struct BarChart {
    /// The finding.
    pub title: String,
    /// Alternative text.
    pub alt: String,
    /// Title of the value axis, with unit.
    pub value_axis: String,
    /// Groups (places of service).
    pub groups: Vec<String>,
    /// Measures; values as long as `groups`.
    pub series: Vec<Series>,
}

/// One dot per row against a reference.
#[derive(Debug, Clone, Serialize)]
pub struct DotChart {
    /// The finding.
    pub title: String,
    /// Alternative text.
    pub alt: String,
    /// Title of the value axis, with unit.
    pub value_axis: String,
    /// Rows from top to bottom.
    pub rows: Vec<DotRow>,
    /// Value of the reference line, with its label (100%, "Medicare").
    pub reference: Option<(Decimal, String)>,
}

/// One row of a dot chart.
#[derive(Debug, Clone, Serialize)]
pub struct DotRow {
    /// The payer.
    pub label: String,
    /// What was actually allowed, in percent of Medicare.
    pub value: Option<Decimal>,
    /// What the contract promises, drawn as a hollow mark.
    pub target: Option<Decimal>,
    /// Drawn in the accent colour.
    pub accent: bool,
}

/// One rate with its interval per row, against the rate of all.
#[derive(Debug, Clone, Serialize)]
pub struct RateChart {
    /// The finding.
    pub title: String,
    /// Alternative text.
    pub alt: String,
    /// Title of the value axis, with unit and the width of the intervals.
    pub value_axis: String,
    /// Rows from top to bottom.
    pub rows: Vec<RateRow>,
    /// The rate of all rows together, with its label.
    pub reference: Option<(Decimal, String)>,
}

/// One rate, in percent.
#[derive(Debug, Clone, Serialize)]
pub struct RateRow {
    /// Whose.
    pub label: String,
    /// The rate.
    pub value: Decimal,
    /// Lower end of its interval.
    pub low: Decimal,
    /// Upper end.
    pub high: Decimal,
    /// Drawn in the accent colour.
    pub accent: bool,
}

/// States on a grid of tiles.
#[derive(Debug, Clone, Serialize)]
pub struct TileGrid {
    /// The finding.
    pub title: String,
    /// Alternative text.
    pub alt: String,
    /// What the shade means, with unit (`payment as % of modelled allowed`).
    pub value_name: String,
    /// The tiles that have a value; states without one are drawn empty.
    pub tiles: Vec<Tile>,
}

/// One state.
#[derive(Debug, Clone, Serialize)]
pub struct Tile {
    /// Two letters.
    pub state: String,
    /// The value shown and shaded, with its own number of decimals.
    pub value: Decimal,
}
