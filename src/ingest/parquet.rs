//! Parquet files through Polars: batches of rows as text cells, so that every value is read by the same exact parsers.

use std::borrow::Cow;
use std::io::Cursor;

use polars::prelude::*;

use super::mapping::map;
use super::out::FileOutput;
use super::read::{FileReport, Shared, describe, reader, twice};
use super::row::Row;
use crate::finding::{Finding, FindingCode, Place};

/// Rows per batch.
const BATCH: usize = 250_000;

/// One row of a batch whose columns are text.
struct BatchRow<'b> {
    columns: &'b [Option<&'b StringChunked>],
    row: usize,
}

impl Row for BatchRow<'_> {
    fn cell(&self, column: usize) -> &str {
        self.columns.get(column).copied().flatten().and_then(|c| c.get(self.row)).unwrap_or_default()
    }

    fn width(&self) -> usize {
        self.columns.len()
    }
}

/// Reads a Parquet file. Lines are rows, counted from 1.
pub(super) fn file(
    shared: &mut Shared<'_>,
    file: u16,
    report: &mut FileReport,
    bytes: &[u8],
) -> Result<FileOutput, Vec<Finding>> {
    let name = report.name.clone();
    let broken = |error: PolarsError| {
        let found = format!("the Parquet file cannot be read: {error}");
        vec![Finding::new(FindingCode::BinaryFile, Place::file(&name), found).help("write it again, or give it as CSV")]
    };
    let open = || ParquetReader::new(Cursor::new(Cow::Borrowed(bytes).into_owned()));
    let mut parquet = open();
    let schema = Schema::from_arrow_schema(parquet.schema().map_err(broken)?.as_ref());
    let rows = parquet.num_rows().map_err(broken)?;
    let headers: Vec<String> = schema.iter_names().map(ToString::to_string).collect();
    let float: Vec<bool> = schema.iter_values().map(DataType::is_float).collect();
    let wanted = shared.project.columns_for(&name);
    let head = batch(open(), 0, 100.min(rows)).map_err(broken)?;
    let samples: Vec<Option<&StringChunked>> = head.columns().iter().map(|c| c.str().ok()).collect();
    let mapping = map(&name, 1, headers, &wanted, |column| {
        samples.get(column).copied().flatten().into_iter().flat_map(|c| c.iter().flatten()).collect()
    });
    describe(report, &mapping)?;
    twice(&name, &mapping, float, |options| {
        let progress = shared.progress;
        let mut reader = reader(shared, file, &name, &mapping, options);
        let mut index = 0_u32;
        for start in (0..rows).step_by(BATCH) {
            let frame = batch(open(), start, BATCH.min(rows - start)).map_err(broken)?;
            let columns: Vec<Option<&StringChunked>> = frame.columns().iter().map(|c| c.str().ok()).collect();
            for row in 0..frame.height() {
                reader.row(&BatchRow { columns: &columns, row }, index.saturating_add(1), index);
                index = index.saturating_add(1);
            }
            progress((bytes.len() as u64).saturating_mul(frame.height() as u64) / (rows.max(1) as u64));
        }
        Ok((reader.stats, reader.out))
    })
}

/// Some rows with every column as text; columns that have no text form (lists, structures) become empty.
fn batch<R: polars::io::mmap::MmapBytesReader>(
    reader: ParquetReader<R>,
    start: usize,
    rows: usize,
) -> PolarsResult<DataFrame> {
    let frame = reader.with_slice(Some((start, rows))).finish()?;
    let height = frame.height();
    let columns = frame.columns().iter().map(|column| {
        let text = column.cast(&DataType::String);
        text.unwrap_or_else(|_| Column::full_null(column.name().clone(), height, &DataType::String))
    });
    DataFrame::new(height, columns.collect())
}
