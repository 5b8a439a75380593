//! `remits`: what 835 files hold, file by file, and their rows as tables; in memory that does not grow with the files.
//!
//! Files are read in parallel and handed on in their order, so that the outputs do not depend on the number of threads. A
//! payment that was given before (same payer, trace number, amount, day and content) is counted in its file but makes no rows.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use polars::prelude::PolarsResult;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

use super::Input;
use super::edi;
use super::remit835::{Claim, RowPart, Rows, Sink, Stretch, Tally, Transaction, TransactionEnd, relay};
use super::x12::{self, Opened};
use crate::finding::{Error, Finding, FindingCode, Findings, Place, Result};
use crate::project::Project;
use crate::table::remits::RemitFrames;

/// Parts of one file that may wait for their turn.
const WAITING: usize = 3;

/// Payments handed on at a time where no rows are wanted.
const ENDS: usize = 256;

/// What one file holds.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RemitFile {
    /// Name of the file; members of archives as `era.zip/monday.835`.
    pub name: String,
    /// `X12 835 5010, gzip`.
    pub format: String,
    /// Bytes of the (unpacked, decoded) file.
    pub bytes: u64,
    /// The sums.
    #[serde(flatten)]
    pub tally: Tally,
    /// Transactions that were given before; they make no rows.
    pub duplicate_transactions: u64,
    /// The sums of those: part of the file's sums, and of no total.
    #[serde(skip)]
    pub repeated: Tally,
    /// What is wrong with the file.
    pub findings: Vec<Finding>,
    /// Whether the file could not be read at all.
    #[serde(rename = "not_read")]
    pub unreadable: bool,
}

/// Where the rows of all files go.
pub type HandOn<'a> = &'a mut dyn FnMut(RemitFrames) -> Result<()>;

enum Message {
    Rows(Box<RowPart>),
    /// Payments of which no rows are wanted.
    Ends(Vec<Stretch>),
    File(Box<RemitFile>),
    Failed(Error),
}

/// Reads all files with so many workers. Rows are handed on when somebody wants them.
///
/// # Errors
/// When rows cannot be handed on. A file that cannot be read is no error here: its [`RemitFile`] says so.
pub fn remits(
    inputs: &[Input],
    project: &Project,
    workers: usize,
    progress: &(dyn Fn(u64) + Sync),
    mut rows: Option<HandOn<'_>>,
) -> Result<Vec<RemitFile>> {
    let (senders, receivers): (Vec<_>, Vec<_>) = inputs.iter().map(|_| sync_channel(WAITING)).unzip();
    let next = AtomicUsize::new(0);
    let with_rows = rows.is_some();
    let senders: Vec<std::sync::Mutex<Option<SyncSender<Message>>>> =
        senders.into_iter().map(|s| std::sync::Mutex::new(Some(s))).collect();
    std::thread::scope(|scope| {
        for _ in 0..workers.clamp(1, inputs.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(input) = inputs.get(at) else { return };
                    let sender = senders[at].lock().ok().and_then(|mut s| s.take());
                    if let Some(sender) = sender {
                        read_input(input, project, with_rows, progress, &sender);
                    }
                }
            });
        }
        let mut seen = Seen::default();
        let mut files = Vec::new();
        for receiver in receivers {
            take(&receiver, &mut seen, &mut rows, &mut files)?;
        }
        Ok(files)
    })
}

/// Reads the streams of one input. When nobody listens any more it stops.
fn read_input(
    input: &Input,
    project: &Project,
    with_rows: bool,
    progress: &(dyn Fn(u64) + Sync),
    sender: &SyncSender<Message>,
) {
    let name = input.name();
    let opened = match input {
        Input::File(path) | Input::Found(path) => Opened::Path(path),
        Input::Stdin => Opened::Stdin,
        Input::Bytes { bytes, .. } => Opened::Bytes(bytes),
    };
    let gone = || std::io::Error::new(std::io::ErrorKind::BrokenPipe, "nobody takes the rows");
    let done = x12::each_part(&name, &opened, progress, &mut |part| {
        let name = part.name.clone();
        if !part.is_x12 {
            let found = "no X12 interchange and no 835 begins in it";
            let finding = Finding::new(FindingCode::BinaryFile, Place::file(&name), found)
                .help("give 835 files; other tables are read by `allowable check` and `allowable report`");
            let file = unread(name, finding, input);
            return sender.send(Message::File(Box::new(file))).map_err(|_| gone());
        }
        let mut findings = Findings::default();
        let (packed, encoding) = (part.packed, part.encoding);
        let (tally, version, bytes, failed) = if with_rows {
            let hand_on = |part: RowPart| {
                sender.send(Message::Rows(Box::new(part))).map_err(|_| Error::output("nobody takes the rows"))
            };
            let ((tally, version, bytes), (more, failed)) = relay(Rows::new(&name, project, hand_on), |sink| {
                let ended = edi::read(&name, part.bytes, sink, None, &mut findings);
                (ended.tally, ended.version, ended.bytes)
            });
            findings.extend(more.iter().cloned());
            (tally, version, bytes, failed)
        } else {
            let ended = edi::read(&name, part.bytes, Ends { sender, ends: Vec::new() }, None, &mut findings);
            ended.sink.hand_on();
            (ended.tally, ended.version, ended.bytes, Ok(()))
        };
        let format = [edi::format("835", &version, packed), encoding.to_owned()];
        let format: Vec<String> = format.into_iter().filter(|f| !f.is_empty()).collect();
        let message = match failed {
            Ok(()) => Message::File(Box::new(RemitFile {
                name,
                format: format.join(", "),
                bytes,
                tally,
                findings: findings.into_sorted(),
                ..RemitFile::default()
            })),
            Err(error) => Message::Failed(error),
        };
        sender.send(message).map_err(|_| gone())
    });
    if let Err(error) = done {
        let finding = Finding::new(FindingCode::UnopenedFile, Place::file(&name), error.to_string());
        let file = unread(name.clone(), finding, input);
        // Whoever has gone needs no answer.
        let _ = sender.send(Message::File(Box::new(file)));
    }
}

/// A file without a remittance: an error where the user named it, a note where it was found in a folder.
fn unread(name: String, finding: Finding, input: &Input) -> RemitFile {
    let found = matches!(input, Input::Found(_));
    let finding = if found { super::passed_over(&finding) } else { finding };
    RemitFile { name, findings: vec![finding], unreadable: !found, ..RemitFile::default() }
}

/// Takes the messages of one input.
fn take(
    receiver: &Receiver<Message>,
    seen: &mut Seen,
    rows: &mut Option<HandOn<'_>>,
    files: &mut Vec<RemitFile>,
) -> Result<()> {
    for message in receiver {
        match message {
            Message::Rows(part) => {
                if let Some(hand_on) = rows {
                    let frames = part.columns.finish()?;
                    for frames in seen.take(frames, part.stretches).map_err(cannot_cut)? {
                        hand_on(frames)?;
                    }
                }
            }
            Message::Ends(ends) => ends.into_iter().for_each(|end| {
                seen.settle(end);
            }),
            Message::File(mut file) => {
                let repeats = seen.end_file(&file.name);
                file.duplicate_transactions = repeats.len() as u64;
                for (segment, tally, first) in repeats {
                    file.repeated.add(&tally);
                    let place = Place::line(&file.name, segment).column("TRN02");
                    let found = format!("the same remittance as in {first}; it makes no rows");
                    file.findings.push(Finding::new(FindingCode::DuplicatePayment, place, found));
                }
                files.push(*file);
            }
            Message::Failed(error) => return Err(error),
        }
    }
    Ok(())
}

fn cannot_cut(error: polars::prelude::PolarsError) -> Error {
    Error::output("rows of a remittance cannot be put together").because(error)
}

/// The payments given so far.
#[derive(Default)]
struct Seen {
    /// Key and content → the file in which they came first.
    payments: FxHashMap<(u64, u64), usize>,
    keys: FxHashSet<u64>,
    names: Vec<String>,
    /// Rows of a payment whose key was seen before and whose end has not come: they may be a repeat.
    held: Vec<RemitFrames>,
    /// Repeats of the file at hand: segment, sums, and the file in which they came first.
    repeats: Vec<(u32, Box<Tally>, usize)>,
}

impl Seen {
    /// The rows of the part that are no repeats.
    fn take(&mut self, frames: RemitFrames, stretches: Vec<Stretch>) -> PolarsResult<Vec<RemitFrames>> {
        // Nearly always no payment of the part was seen before, nor twice within it.
        let mut keys: FxHashSet<u64> = FxHashSet::default();
        let fresh = |s: &Stretch| !self.keys.contains(&s.key) && keys.insert(s.key);
        if self.held.is_empty() && stretches.iter().all(fresh) {
            stretches.into_iter().for_each(|stretch| {
                self.settle(stretch);
            });
            return Ok(vec![frames]);
        }
        let mut out = Vec::new();
        let whole = (frames.lines.height(), frames.adjustments.height());
        let ends: Vec<(usize, usize)> = stretches.iter().skip(1).map(|s| s.from).chain([whole]).collect();
        for (stretch, end) in stretches.into_iter().zip(ends) {
            self.held.push(cut(&frames, stretch.from, end)?);
            // It goes on in the next part; rows of a fresh one need not wait.
            if stretch.end.is_none() && self.keys.contains(&stretch.key) {
                continue;
            }
            if self.settle(stretch) {
                self.held.clear();
            } else {
                out.append(&mut self.held);
            }
        }
        Ok(out)
    }

    /// Whether the payment was given before; if not, it is from now on. One without claims repeats nothing.
    fn settle(&mut self, stretch: Stretch) -> bool {
        let Some(end) = stretch.end else { return false };
        let first = self.payments.get(&(stretch.key, end.content)).copied().filter(|_| end.tally.claims > 0);
        match first {
            Some(first) => self.repeats.push((stretch.segment, end.tally, first)),
            None => {
                self.payments.insert((stretch.key, end.content), self.names.len());
                self.keys.insert(stretch.key);
            }
        }
        first.is_some()
    }

    /// Ends a file: its repeats, each with its sums and the name of the file in which it came first.
    fn end_file(&mut self, name: &str) -> Vec<(u32, Box<Tally>, String)> {
        self.names.push(name.to_owned());
        let name_of = |file: usize| self.names.get(file).cloned().unwrap_or_default();
        let repeats = std::mem::take(&mut self.repeats);
        repeats.into_iter().map(|(segment, tally, first)| (segment, tally, name_of(first))).collect()
    }
}

/// Rows from and up to these positions, their adjustments counted from the first of them.
fn cut(frames: &RemitFrames, from: (usize, usize), to: (usize, usize)) -> PolarsResult<RemitFrames> {
    let start = i64::try_from(from.0).unwrap_or(i64::MAX);
    let lines = frames.lines.slice(start, to.0 - from.0);
    let mut adjustments = frames.adjustments.slice(i64::try_from(from.1).unwrap_or(i64::MAX), to.1 - from.1);
    let moved = adjustments.column("remit_row")?.u32()? - u32::try_from(from.0).unwrap_or(u32::MAX);
    adjustments.with_column(polars::prelude::IntoColumn::into_column(moved))?;
    Ok(RemitFrames { lines, adjustments })
}

/// Keeps what tells repeats: only the sums are wanted.
struct Ends<'s> {
    sender: &'s SyncSender<Message>,
    ends: Vec<Stretch>,
}

impl Ends<'_> {
    fn hand_on(self) {
        // When nobody listens any more the reader finds out with its file.
        let _ = self.sender.send(Message::Ends(self.ends));
    }
}

impl Sink for Ends<'_> {
    fn claim(&mut self, _: &Transaction, _: &mut Claim) {}

    fn end(&mut self, transaction: &Transaction, end: TransactionEnd) {
        self.ends.push(Stretch { end: Some(end), ..Stretch::new(transaction, (0, 0)) });
        if self.ends.len() == ENDS {
            let _ = self.sender.send(Message::Ends(std::mem::take(&mut self.ends)));
        }
    }
}
