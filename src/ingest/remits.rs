//! `remits`: what 835 files hold, file by file, and their rows as tables; in memory that does not grow with the files.
//!
//! Files are read in parallel and handed on in their order, so that the outputs do not depend on the number of threads. A
//! payment that was given before (same payer, trace number, amount, day and content) is counted in its file but makes no rows.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use polars::prelude::PolarsResult;
use rustc_hash::FxHashMap;
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
    /// What is wrong with the file.
    pub findings: Vec<Finding>,
    /// Whether the file could not be read at all.
    pub unreadable: bool,
}

/// Where the rows of all files go.
pub type HandOn<'a> = &'a mut dyn FnMut(RemitFrames) -> Result<()>;

enum Message {
    Rows(Box<RowPart>),
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
            let hand_on =
                |part: RowPart| sender.send(Message::Rows(Box::new(part))).map_err(|_| Error::output("nobody takes the rows"));
            let ((tally, version, bytes), (more, failed)) = relay(Rows::new(&name, project, hand_on), |sink| {
                let ended = edi::read(&name, part.bytes, sink, None, &mut findings);
                (ended.tally, ended.version, ended.bytes)
            });
            findings.extend(more.iter().cloned());
            (tally, version, bytes, failed)
        } else {
            let ended = edi::read(&name, part.bytes, Nobody, None, &mut findings);
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
            Message::File(mut file) => {
                let repeats = seen.end_file(&file.name);
                file.duplicate_transactions = repeats.len() as u64;
                for (segment, first) in repeats {
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
    payments: FxHashMap<(String, u64), usize>,
    keys: BTreeSet<String>,
    names: Vec<String>,
    /// Rows of a payment whose key was seen before and whose end has not come: they may be a repeat.
    held: Vec<RemitFrames>,
    repeats: Vec<(u32, usize)>,
}

impl Seen {
    /// The rows of the part that are no repeats.
    fn take(&mut self, frames: RemitFrames, stretches: Vec<Stretch>) -> PolarsResult<Vec<RemitFrames>> {
        // Nearly always no payment of the part was seen before.
        let fresh = |s: &Stretch| !self.keys.contains(&s.key);
        if self.held.is_empty() && stretches.iter().all(fresh) {
            for stretch in stretches {
                self.know(stretch);
            }
            return Ok(vec![frames]);
        }
        let mut out = Vec::new();
        let ends: Vec<(usize, usize)> = stretches
            .iter()
            .skip(1)
            .map(|s| s.from)
            .chain([(frames.lines.height(), frames.adjustments.height())])
            .collect();
        for (stretch, end) in stretches.into_iter().zip(ends) {
            let piece = cut(&frames, stretch.from, end)?;
            let suspect = self.keys.contains(&stretch.key);
            self.held.push(piece);
            let repeat = match stretch.content {
                // It goes on in the next part: rows of a fresh one need not wait.
                None if suspect => continue,
                None => None,
                Some(content) => {
                    self.payments.get(&(stretch.key.clone(), content)).copied().filter(|_| stretch.claims > 0)
                }
            };
            match repeat {
                Some(first) => {
                    self.repeats.push((stretch.segment, first));
                    self.held.clear();
                }
                None => {
                    out.append(&mut self.held);
                    self.know(stretch);
                }
            }
        }
        Ok(out)
    }

    fn know(&mut self, stretch: Stretch) {
        if let Some(content) = stretch.content {
            self.payments.entry((stretch.key.clone(), content)).or_insert(self.names.len());
            self.keys.insert(stretch.key);
        }
    }

    /// Ends a file: its repeats, each with the name of the file in which it came first.
    fn end_file(&mut self, name: &str) -> Vec<(u32, String)> {
        self.names.push(name.to_owned());
        let name_of = |file: usize| self.names.get(file).cloned().unwrap_or_default();
        let repeats = std::mem::take(&mut self.repeats);
        repeats.into_iter().map(|(segment, first)| (segment, name_of(first))).collect()
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

/// Takes nothing: only the sums are wanted.
struct Nobody;

impl Sink for Nobody {
    fn claim(&mut self, _: &Transaction, _: &mut Claim) {}
    fn end(&mut self, _: &Transaction, _: &TransactionEnd) {}
}
