//! Bulk pricing: canonical lines in, priced lines or grouped totals out, for pipelines and millions of lines.
//!
//! ```text
//!  CSV ─blocks─┐                          ┌─ sums ─ partial totals, merged ─→ grouped CSV / Parquet
//!              ├─→ batch of typed rows ─price
//!  Parquet ────┘   (words are numbers)    └─ lines ─ in order ─────────────→ priced CSV / Parquet
//! ```
//!
//! A line is priced by a rate of an effective-dated schedule: payer, area (as the payer's schedule names areas: locality or
//! state), code, modifier, setting by place of service, day of service. Rate × units is rounded once to cents. Nothing but
//! the schedule is consulted here: contracts and Medicare's own rules are the main pricer's. On request the rules of
//! payability are asked of each claim day: a line that falls is expected to bring nothing.
//!
//! Each worker reads, prices and adds up blocks of its own; only the cutting of the file and the writing are shared. The
//! number of workers and the size of blocks change nothing in the output; with rules the file is cut between claims only.

mod batch;
mod blocks;
mod cells;
mod claims;
mod cuts;
mod days;
mod frames;
mod layout;
mod names;
mod open;
mod output;
mod rates;
mod schedule;
mod sums;
mod text;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

pub use days::{DayRules, Fallen, Judged};
pub use open::Progress;
pub use output::{Format, Target, write_groups};
pub use rates::RateBook;
pub use sums::{Dimension, Facilities, GroupKey, Outcome, Sums};

use batch::{Batch, Rejects};
use cells::Calendar;
use claims::Apart;
use days::Days;
use layout::{Field, Layout};
use names::Names;
use output::{Lines, Ordered};
use sums::{Partial, Priced};

use crate::domain::Money;
use crate::finding::{Error, Finding, Findings, Result};

/// What is priced with what.
pub struct Job<'a> {
    /// Claim lines in the canonical layout, CSV (also gzip) or Parquet.
    pub claims: &'a Path,
    /// The schedule.
    pub book: &'a RateBook,
    /// Which places of service are facilities.
    pub facilities: &'a Facilities,
    /// Workers, at least 1.
    pub threads: usize,
    /// Bytes of CSV read at once; rows of Parquet are a hundredth of that. No influence on the result.
    pub block: usize,
    /// Told the bytes that were read.
    pub progress: Progress<'a>,
    /// The rules of payability to be asked, if any. Rows then need a claim number: those of one claim that follow one another
    /// and share payer and day of service are judged together.
    pub rules: Option<DayRules<'a>>,
    /// Where the rows go that could not be read: `line,column,code,found`.
    pub quarantine: Option<&'a mut (dyn Write + Send)>,
}

/// Bytes of CSV that one worker reads at once by default: a batch then fits in a core's cache.
pub const DEFAULT_BLOCK: usize = 1 << 18;

/// What a run came to. `rows_read` = the lines of `total` + `rows_quarantined`.
#[derive(Debug, Default)]
pub struct Outturn {
    /// Rows of the file.
    pub rows_read: u64,
    /// Rows that could not be read.
    pub rows_quarantined: u64,
    /// Charges of those of them whose charge could be read.
    pub quarantined_billed: Money,
    /// All priced lines.
    pub total: Sums,
    /// The groups; empty when lines were written.
    pub groups: BTreeMap<GroupKey, Sums>,
    /// What the rules came to, if any were asked.
    pub rules: Option<Judged>,
    /// What is wrong with the rows.
    pub findings: Vec<Finding>,
}

/// Prices all lines and adds them up by group.
///
/// # Errors
/// When the file cannot be read, lacks a column, or its amounts do not fit.
pub fn group<'a>(job: Job<'a>, by: &'a [Dimension]) -> Result<Outturn> {
    run(job, by, None)
}

/// Prices all lines and writes each, in the order of the file.
///
/// # Errors
/// As [`group`], and when the output cannot be written.
pub fn lines<'a>(job: Job<'a>, out: Box<dyn Write + Send + 'a>, format: Format) -> Result<Outturn> {
    run(job, &[], Some((out, format)))
}

type LineOutput<'a> = Option<(Box<dyn Write + Send + 'a>, Format)>;

/// A part of the file that one worker handles at once.
enum Part {
    Block(blocks::Block),
    Frame(frames::Frame),
}

/// The file, cut into parts.
enum Source<'a> {
    Blocks(blocks::Blocks<'a>),
    Frames(frames::Frames<'a>),
}

impl Source<'_> {
    fn next(&mut self, buffer: Vec<u8>) -> Result<Option<Part>> {
        Ok(match self {
            Self::Blocks(blocks) => blocks.next(buffer)?.map(Part::Block),
            Self::Frames(frames) => frames.next()?.map(Part::Frame),
        })
    }
}

/// What all workers know.
struct Shared<'a> {
    layout: Layout,
    carried: Vec<Field>,
    lines: Option<Format>,
    quarantine: bool,
    stop: AtomicBool,
    file: String,
    book: &'a RateBook,
    facilities: &'a Facilities,
    calendar: Calendar,
    by: &'a [Dimension],
    rules: Option<DayRules<'a>>,
}

fn run<'a>(job: Job<'a>, by: &'a [Dimension], out: LineOutput<'a>) -> Result<Outturn> {
    let file = job.claims.display().to_string();
    let wanted: Vec<Field> =
        if out.is_some() { Field::ALL.into_iter().filter(|f| f.is_carried()).collect() } else { Vec::new() };
    let (source, layout) = if open::is_parquet(job.claims)? {
        let rows = (job.block / 100).max(1);
        let by_claim = job.rules.is_some();
        let (frames, layout) = frames::Frames::open(job.claims, job.book, by, &wanted, by_claim, rows, job.progress)?;
        (Source::Frames(frames), layout)
    } else {
        let mut blocks = blocks::Blocks::new(open::text(job.claims, job.progress)?, &file, job.block);
        let header =
            blocks.header()?.ok_or_else(|| Error::input("the file is empty").at(crate::finding::Place::file(&file)))?;
        let headers: Vec<_> = header.iter().map(String::from_utf8_lossy).collect();
        let layout = Layout::new(headers.iter().map(AsRef::as_ref), &file, job.book, by, job.rules.is_some())?;
        if let (Some(column), true) = (layout.column(Field::ClaimId), job.rules.is_some()) {
            blocks.keep_claims(column);
        }
        (Source::Blocks(blocks), layout)
    };
    let carried: Vec<Field> = wanted.into_iter().filter(|f| layout.column(*f).is_some()).collect();
    let lines = out.as_ref().map(|(_, format)| *format);
    let quarantine = job.quarantine.is_some();
    let source = Mutex::new(source);
    let output = Mutex::new(Ordered::new(out, &carried, job.rules.map(|r| &*r.reference.rules), job.quarantine)?);
    let shared = Shared {
        layout,
        carried,
        lines,
        quarantine,
        stop: AtomicBool::new(false),
        file,
        book: job.book,
        facilities: job.facilities,
        calendar: Calendar::new(),
        by,
        rules: job.rules,
    };
    let ended: Vec<Result<Worker<'_>>> = std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..job.threads.max(1)).map(|_| scope.spawn(|| work(&shared, &source, &output))).collect();
        let join = |w: std::thread::ScopedJoinHandle<'_, _>| w.join().unwrap_or_else(|p| std::panic::resume_unwind(p));
        workers.into_iter().map(join).collect()
    });
    let mut outturn = Outturn::default();
    let mut findings = Findings::default();
    let (mut days, mut apart) = (Vec::new(), Apart::default());
    for worker in ended {
        let worker = worker?;
        outturn.total.merge(&worker.total)?;
        worker.partial.merge_into(&worker.names, &mut outturn.groups)?;
        outturn.rows_quarantined += worker.rejects.rows;
        outturn.quarantined_billed += Money::from_cents(worker.rejects.billed);
        findings.extend(worker.rejects.findings(&shared.file));
        days.extend(worker.days);
        apart.merge(&worker.apart);
    }
    if shared.rules.is_some() {
        let (judged, not_asked) = Days::total(&days, &apart, &shared.file)?;
        outturn.rules = Some(judged);
        findings.extend(not_asked);
    }
    if by.is_empty() {
        outturn.groups.clear();
    }
    outturn.rows_read = outturn.total.lines + outturn.rows_quarantined;
    outturn.findings = findings.into_sorted();
    output.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).finish()?;
    Ok(outturn)
}

/// What one worker has read and added up.
struct Worker<'a> {
    names: Names<'a>,
    partial: Partial<'a>,
    total: Sums,
    rejects: Rejects,
    days: Option<Days<'a>>,
    apart: Apart,
}

fn work<'a>(shared: &'a Shared<'_>, source: &Mutex<Source<'_>>, output: &Mutex<Ordered<'_>>) -> Result<Worker<'a>> {
    let result = work_through(shared, source, output);
    if result.is_err() {
        shared.stop.store(true, Ordering::Relaxed);
    }
    result
}

fn work_through<'a>(
    shared: &'a Shared<'_>,
    source: &Mutex<Source<'_>>,
    output: &Mutex<Ordered<'_>>,
) -> Result<Worker<'a>> {
    let mut worker = Worker {
        names: Names::new(shared.book),
        partial: Partial::new(shared.by, &shared.calendar),
        total: Sums::default(),
        rejects: Rejects::default(),
        days: shared.rules.map(|rules| Days::new(rules, shared.layout.column(Field::Modifiers).is_some())),
        apart: Apart::default(),
    };
    let mut batch = Batch::new(&shared.carried, shared.rules.is_some());
    let mut priced: Vec<Priced> = Vec::new();
    let mut buffer = Vec::new();
    let rules = shared.rules.map(|rules| &*rules.reference.rules);
    while !shared.stop.load(Ordering::Relaxed) {
        let part = lock(source).next(std::mem::take(&mut buffer))?;
        let Some(part) = part else { break };
        batch.clear();
        worker.rejects.written = shared.quarantine.then(Vec::new);
        let Worker { names, rejects, .. } = &mut worker;
        let index = match &part {
            Part::Block(block) => {
                text::read(block, &shared.layout, names, &mut batch, rejects);
                block.index
            }
            Part::Frame(frame) => {
                frames::read(frame, &shared.file, names, &mut batch, rejects)?;
                frame.index
            }
        };
        sums::price(&batch, &worker.names, shared.book, shared.facilities, &mut priced)?;
        if let Some(days) = &mut worker.days {
            days.judge(&batch, &worker.names, &mut priced)?;
        }
        worker.partial.add(&batch, &priced)?;
        if shared.lines.is_some() || shared.quarantine {
            let lines = match shared.lines {
                Some(format) => Some(Lines::new(format, &batch, &priced, &worker.names, rules)?),
                None => None,
            };
            lock(output).put(index, lines, worker.rejects.written.take().unwrap_or_default())?;
        }
        if let Part::Block(block) = part {
            buffer = block.bytes;
        }
    }
    worker.total = worker.partial.total()?;
    worker.apart = batch.claims.map(|claims| claims.apart).unwrap_or_default();
    Ok(worker)
}

/// A worker that panics takes the run down with it; the others need not care.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
