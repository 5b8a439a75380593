//! What reworking a refused line costs and how often it is won, as public reports have it: the defaults of the worklist while
//! the practice's own remittances and settings say nothing.

use rust_decimal::Decimal;

use super::sheet::{Record, Row, Sheet};
use crate::domain::{Money, round_cents};
use crate::finding::{Error, Result};

/// A figure of `datasets/denials/benchmarks.csv` with what must be said beside it.
#[derive(Debug, Clone)]
pub struct Benchmark<T> {
    /// The figure.
    pub value: T,
    /// Of whom, when, and who says so: `marketplace, 2023, KFF brief (primary source)`.
    pub said: String,
    /// Where it stands.
    pub row: Row,
}

/// The defaults of rework.
#[derive(Debug, Clone)]
pub struct Rework {
    /// Simple rework of one claim in a practice.
    pub cost: Benchmark<Money>,
    /// Percent of internal appeals that are won.
    pub overturned: Benchmark<Decimal>,
}

impl Rework {
    /// Reads the embedded table.
    pub(super) fn load() -> Result<Self> {
        const FILE: &str = "datasets/denials/benchmarks.csv";
        let sheet = Sheet::embedded(FILE)?;
        // The two rows are named, not searched for by size: populations differ from row to row.
        let find = |metric: &str, population: &str, period: &str| {
            let fits = |r: &Record<'_>| {
                let is = |column, text: &str| r.text(column).is_ok_and(|cell| cell == text);
                is("metric", metric) && is("population", population) && is("period", period)
            };
            sheet.records().find(fits).ok_or_else(|| Error::input(format!("{FILE} has no {metric} of {population}")))
        };
        let cost = find("rework_cost", "physician practices", "undated")?;
        let dollars = round_cents(cost.decimal("value")?).ok_or_else(|| cost.bad("value", "an amount"))?;
        let overturned = find("overturn_rate", "marketplace", "2023")?;
        Ok(Self { cost: benchmark(cost, dollars)?, overturned: benchmark(overturned, overturned.decimal("value")?)? })
    }
}

fn benchmark<T>(record: Record<'_>, value: T) -> Result<Benchmark<T>> {
    let text = |column| record.text(column);
    let said = format!(
        "{}, {}, {} ({} source)",
        text("population")?,
        text("period")?,
        text("source_name")?,
        text("directness")?
    );
    Ok(Benchmark { value, said, row: record.row() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_rows_of_the_table() {
        let rework = Rework::load().unwrap();
        assert_eq!(rework.cost.value, Money::from_cents(2500));
        assert_eq!(rework.cost.said, "physician practices, undated, attributed to MGMA (tertiary source)");
        // KFF 2023: 56 % of internal appeals upheld, 44 % overturned.
        assert_eq!(rework.overturned.value, Decimal::from(44));
        assert_eq!(rework.overturned.said, "marketplace, 2023, KFF brief (primary source)");
    }
}
