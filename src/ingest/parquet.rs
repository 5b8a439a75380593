//! Parquet files through Polars: batches of rows as text cells, so that every value is read by the same exact parsers.

use std::io::Cursor;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

use polars::io::parquet::read::FileMetadata;
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
    let open = || ParquetReader::new(Cursor::new(bytes));
    let (schema, rows) = guarded(|| {
        let mut parquet = open();
        plausible(parquet.get_metadata()?, bytes.len())?;
        Ok((Schema::from_arrow_schema(parquet.schema()?.as_ref()), parquet.num_rows()?))
    })
    .map_err(broken)?;
    let headers: Vec<String> = schema.iter_names().map(ToString::to_string).collect();
    let float: Vec<bool> = schema.iter_values().map(DataType::is_float).collect();
    let wanted = shared.project.columns_for(&name);
    let head = guarded(|| batch(open(), 0, 100.min(rows))).map_err(broken)?;
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
            let frame = guarded(|| batch(open(), start, BATCH.min(rows - start))).map_err(broken)?;
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

/// Refuses a file whose counts cannot be true for its size: a damaged count would make Polars ask for more memory than there
/// is, which ends the process. Sixty-four rows to a byte is far above what a table with claim numbers can be packed to.
pub(crate) fn plausible(metadata: &FileMetadata, bytes: usize) -> PolarsResult<()> {
    let limit = bytes.saturating_mul(64);
    let groups = &metadata.row_groups;
    let fits = |values: i64| usize::try_from(values).is_ok_and(|values| values <= limit);
    let rows = groups.iter().try_fold(0_usize, |sum, group| sum.checked_add(group.num_rows()));
    let sound = rows == Some(metadata.num_rows)
        && metadata.num_rows <= limit
        && groups.iter().flat_map(|group| group.parquet_columns()).all(|column| fits(column.num_values()));
    if sound { Ok(()) } else { Err(PolarsError::ComputeError("its row counts cannot be true".into())) }
}

/// How many guarded reads are going on; panics are not printed meanwhile.
static QUIET: AtomicUsize = AtomicUsize::new(0);

/// Runs a read of Polars. Damaged files make it panic (seen in 0.55.2: "range end index out of range"); that is no more than
/// an unreadable file here, so it becomes an error like any other. What this cannot catch: about one damaged file in
/// thousands makes Polars ask for 2^61 bytes (a run length inside a page), and that ends the process.
pub(crate) fn guarded<T>(read: impl FnOnce() -> PolarsResult<T>) -> PolarsResult<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if QUIET.load(Ordering::Relaxed) == 0 {
                usual(info);
            }
        }));
    });
    QUIET.fetch_add(1, Ordering::Relaxed);
    let done = panic::catch_unwind(AssertUnwindSafe(read));
    QUIET.fetch_sub(1, Ordering::Relaxed);
    done.unwrap_or_else(|_| Err(PolarsError::ComputeError("its pages are damaged".into())))
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
