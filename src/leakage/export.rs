//! The judged lines as a Parquet file for other programs: decimal dollars, dates, and the rule behind every price.

use std::path::Path;

use polars::prelude::{
    ChunkedArray, Column, DataFrame, Expr, Int128Type, IntoColumn, IntoLazy, IntoSeries, JoinArgs, JoinType, NULL,
    NamedFrom, NewChunkedArray, ParquetCompression, ParquetWriter, PolarsError, PolarsResult, Series, col, lit, when,
};

use crate::domain::{Area, ServiceLine};
use crate::finding::{Error, Result};
use crate::price::{Per, PricedKey, PricedLines, UnitPrice};

use super::judge::Cohort;
use super::ledger::Ledger;

impl Ledger {
    /// Writes one row per line, in the order of the lines, with the price table joined on its key.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_parquet(&self, lines: &[ServiceLine], priced: &PricedLines, path: &Path) -> Result<()> {
        let write = || -> PolarsResult<()> {
            let mut frame = self.export(lines, priced)?;
            let file = std::fs::File::create(path)?;
            ParquetWriter::new(file).with_compression(ParquetCompression::Zstd(None)).finish(&mut frame)?;
            Ok(())
        };
        write().map_err(|e| Error::output(format!("{} could not be written", path.display())).because(e))
    }

    fn export(&self, lines: &[ServiceLine], priced: &PricedLines) -> PolarsResult<DataFrame> {
        let mut frame = self.frame().clone();
        let keys = Series::new("price_key".into(), priced.price_of.as_slice());
        frame.with_column(keys.into_column())?;
        let rows = Series::new("row".into(), (0..u32::try_from(lines.len()).unwrap_or(u32::MAX)).collect::<Vec<_>>());
        frame.with_column(rows.into_column())?;
        let joined = frame
            .lazy()
            .join(
                price_table(&priced.prices)?.lazy(),
                [col("price_key")],
                [col("price_key")],
                JoinArgs::new(JoinType::Left),
            )
            .with_columns(not_known_is_null())
            .sort(["row"], polars::prelude::SortMultipleOptions::default())
            .collect()?;
        let internal = [
            "row",
            "price_key",
            "month",
            "answered",
            "is_allowed",
            "allowed_with_medicare_cents",
            "expected_with_medicare_cents",
            "recovered_cents",
            "denial_category",
            "denial_decided",
            "denial_won",
            "underpayment_decided",
            "underpayment_won",
        ];
        let columns: PolarsResult<Vec<Column>> = joined
            .columns()
            .iter()
            .filter(|c| !internal.contains(&c.name().as_str()))
            .map(for_other_programs)
            .collect();
        DataFrame::new(joined.height(), columns?)
    }
}

/// The ledger adds up zeros where nothing is known; a reader of single lines must not take them for amounts.
fn not_known_is_null() -> Vec<Expr> {
    let blank = |name: &str, unknown: Expr| when(unknown).then(lit(NULL)).otherwise(col(name)).alias(name);
    let by_expectation = [
        "expected_cents",
        "denied_cents",
        "underpaid_cents",
        "overpaid_cents",
        "pending_cents",
        "below_benchmark_cents",
        "above_benchmark_cents",
        "initially_denied_expected_cents",
        "denied_lost_cents",
    ];
    let without_expectation = || col("cohort").eq(lit(Cohort::Unknown.as_str()));
    let without_band = || col("cohort").neq(lit(Cohort::Benchmark.as_str()));
    let mut columns: Vec<Expr> = by_expectation.iter().map(|name| blank(name, without_expectation())).collect();
    columns.extend(["band_low_cents", "band_high_cents"].map(|name| blank(name, without_band())));
    columns.push(blank("medicare_cents", col("medicare_cents").eq(lit(0i64))));
    columns.push(blank("otherwise_cents", col("otherwise_cents").eq(lit(0i64))));
    columns
}

/// Cents become decimal dollars and thousandths decimal units; everything else stays.
fn for_other_programs(column: &Column) -> PolarsResult<Column> {
    let name = column.name().as_str();
    let (name, scale) = match (name.strip_suffix("_cents"), name.strip_suffix("_thousandths")) {
        (Some(name), _) => (name, 2),
        (_, Some(name)) => (name, 3),
        _ => return Ok(column.clone()),
    };
    let whole = column.i64()?.iter().map(|v| v.map(i128::from));
    let decimal = ChunkedArray::<Int128Type>::from_iter_options(name.into(), whole).into_decimal(18, scale)?;
    Ok(decimal.into_series().into())
}

/// The distinct prices with the rule behind each.
fn price_table(prices: &[PricedKey]) -> std::result::Result<DataFrame, PolarsError> {
    let text = |name: &str, value: &dyn Fn(&PricedKey) -> String| -> Column {
        Series::new(name.into(), prices.iter().map(value).collect::<Vec<_>>()).into()
    };
    let keys: Vec<u32> = (0..u32::try_from(prices.len()).unwrap_or(u32::MAX)).collect();
    let columns = vec![
        Series::new("price_key".into(), keys).into(),
        text("area", &|p| match p.key.area {
            Area::Nowhere => String::new(),
            area => area.to_string(),
        }),
        text("rate", &|p| match p.priced.unit {
            UnitPrice::PerUnit { rate, .. } | UnitPrice::PerLine { rate, .. } => rate.normalize().to_string(),
            UnitPrice::OfCharge { factor, .. } => format!("{} of charge", factor.normalize()),
            UnitPrice::Limited(limits) => match limits.per {
                Per::Charge => format!("{} of charge", limits.rate.normalize()),
                Per::Unit | Per::Line => limits.rate.normalize().to_string(),
            },
            UnitPrice::NotPayable(_) | UnitPrice::Unknown(_) => String::new(),
        }),
        text("rule", &|p| p.priced.rule.clone()),
    ];
    DataFrame::new(prices.len(), columns)
}
